"""Every real adapter in random stories: `run adapters` plays thousands of callers and every single fault."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest

from slotline.adapters.calendars.caldav import calendar as caldav
from slotline.adapters.calendars.caldav import requests as caldav_requests
from slotline.adapters.calendars.caldav import writer as caldav_writer
from slotline.adapters.calendars.calendly.calendar import CalendlyCalendar
from slotline.adapters.calendars.gohighlevel.calendar import GohighlevelCalendar
from slotline.adapters.calendars.google import requests as google_requests
from slotline.adapters.calendars.microsoft import requests as microsoft_requests
from slotline.adapters.calendars.microsoft.calendar import MicrosoftCalendar
from slotline.ports import EventWish
from slotline.use_cases.drive_external import ExternalSteps
from slotline.use_cases.staff_copies import CopyDesk
from tests.simulation.accounts import ACCOUNTS, account, kinds_in
from tests.simulation.enumeration import adapter_flows, singles
from tests.simulation.record import read
from tests.simulation.run import play_stories
from tests.simulation.trial import Trial, digest, judge, play

STORIES = 30  # of five callers each
FIRST = 3_000_000
FLOWS = list(adapter_flows())
EVERY = 17  # of the single faults; `run adapters` plays them all
MOST_STORIES = 60
SEES_AT_ONCE = 1
"""A seed whose calendars show every change without a delay."""

REGRESSIONS = {
    ("google", 38): "a person drags one booking onto another: that is theirs to decide",
    ("calendly", 30): "the process that learned that access was revoked died before it told the owner",
    ("calendly", 219): "an invitee moves an event, and its tracking is lost on the way",
    ("calendly", 228): "an invitee moves an event to the time it has",
    ("calendly", 1678): "the model books the time of a move that is just being refused",
    ("calendly", 1127): "an invitee moves an event in the middle of our own move",
    ("calendly", 1338): "a refused move is asked for again before its answer is out",
    ("gohighlevel", 109): "a host drags one booking onto another",
    ("gohighlevel", 1017): "a move in doubt keeps two seats of a group",
}
"""Stories that once found something, by kind and seed."""


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_every_promise_holds_on_a_real_adapter(kind: str) -> None:
    chunk = play_stories(FIRST, STORIES, kind)

    assert chunk.failing == []
    assert chunk.callers > 4 * STORIES
    assert chunk.faults > STORIES


def test_every_promise_holds_where_a_business_mixes_providers() -> None:
    assert play_stories(FIRST, STORIES, ",".join(ACCOUNTS)).failing == []


@pytest.mark.parametrize(("kind", "seed"), REGRESSIONS)
def test_what_was_found_once_stays_mended(kind: str, seed: int) -> None:
    assert judge(Trial(seed=seed, kinds=kind)).findings == []


@pytest.mark.parametrize("base", FLOWS, ids=[f"{t.flow}/{t.kinds}" for t in FLOWS])
def test_single_faults_are_survived(base: Trial) -> None:
    verdict = judge(base, trace=True)
    reached = {place for _, _, place in verdict.reached}
    sample = islice(singles(base), FLOWS.index(base), None, EVERY)

    broken = {single.command(): found for single in sample if (found := judge(single).findings)}

    assert verdict.findings == []
    assert {f"{base.kinds}.create"} <= reached
    assert broken == {}


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_the_same_seed_gives_the_same_history_byte_for_byte(kind: str) -> None:
    assert digest(play(Trial(seed=7, kinds=kind))) == digest(play(Trial(seed=7, kinds=kind)))


@pytest.mark.parametrize("kind", [kind for kind, made in ACCOUNTS.items() if made.is_b])
def test_a_booking_gives_way_to_a_person_who_was_as_fast(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "SHARED", 1.0)
    monkeypatch.setattr(account, "IN_THE_WAY", 1.0)
    trial = Trial(seed=SEES_AT_ONCE, kinds=kind, flow="book", plan={})

    place = play(trial)

    told = [asked.status for asked in read(place.universe.history, place.offices).asked.values()]
    assert told == ["held", "unavailable"]
    assert [event.tag for event in place.world.accounts["north/c1"].events.values()] == [None]  # type: ignore[union-attr]  # no Cal.com here
    assert judge(trial).findings == []


def test_kinds_are_named_by_letters_or_in_full() -> None:
    assert kinds_in("gmdyh") == list(ACCOUNTS)
    assert kinds_in(",".join(ACCOUNTS)) == list(ACCOUNTS)
    assert kinds_in("oab") == ["own", "a", "b"]


# --- broken on purpose ------------------------------------------------------------------------------------------------


def _other_ids(real: Callable[[str, str, int], str]) -> Callable[[str, str, int], str]:
    """An id that is another one each time it is asked for."""
    numbers = count()
    return lambda business, tag, generation: real(business, f"{tag}{next(numbers)}", generation)


def _google_forgets_its_ids(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(google_requests, "event_id", _other_ids(google_requests.event_id))


def _microsoft_forgets_its_ids(patch: pytest.MonkeyPatch) -> None:
    """And does not look: either alone is enough."""
    numbers = count()
    patch.setattr(MicrosoftCalendar, "find", _finds_nothing)
    patch.setattr(microsoft_requests, "transaction_id", lambda wish: f"{wish.tag}:{next(numbers)}")


def _caldav_forgets_its_ids(patch: pytest.MonkeyPatch) -> None:
    for module in (caldav, caldav_writer):
        patch.setattr(module, "uid_of", _other_ids(caldav_requests.uid_of))


def _finds_nothing(self: object, wish: EventWish, *, deadline: float) -> tuple[()]:
    return ()


def _calendly_finds_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CalendlyCalendar, "find", _finds_nothing)


def _gohighlevel_finds_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GohighlevelCalendar, "find", _finds_nothing)


def _copies_are_not_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CopyDesk, "_in_step", lambda self, booking: None)


def _events_are_not_followed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ExternalSteps, "follow", lambda self, booking, *, deadline: booking)


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("google", _google_forgets_its_ids),
        ("microsoft", _microsoft_forgets_its_ids),
        ("caldav", _caldav_forgets_its_ids),
        ("calendly", _calendly_finds_nothing),
        ("gohighlevel", _gohighlevel_finds_nothing),
        ("google", _events_are_not_followed),
        ("microsoft", _copies_are_not_written),
    ],
)
def test_a_broken_adapter_is_found_out(
    kind: str, broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)

    assert any(judge(Trial(seed=seed, kinds=kind)).findings for seed in range(MOST_STORIES))
