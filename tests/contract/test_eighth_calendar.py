"""docs/adding-a-calendar.md, followed in a hurry: a calendar kept in a dictionary, and the real desk on it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ops import desk_file_known
from slotline.bootstrap import House
from slotline.bootstrap.connections import BUILDERS, Connected
from slotline.domain.bookings import State
from slotline.domain.business import Service
from slotline.domain.errors import Refusal, RefusedError
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, EventType, ProviderEvent, ProviderTraits
from slotline.runtime.settings import Settings
from slotline.use_cases.openings import REMEMBERED_SECONDS
from tests.contract.calendars import Bench
from tests.contract.test_calendar_suite import CalendarSuite
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.in_process import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slotline.bootstrap.connections import Wires
    from slotline.ports import EventWish
    from tests.engine import EngineTable
    from tests.functional.in_process import InProcess


@dataclass
class DictionaryCalendar:
    """See `slotline.ports.CalendarProvider`: of the busy kind, class B, each event under an id of our own."""

    kept: dict[str, ProviderEvent] = field(default_factory=dict)

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(repeats_safely=True, moves="in_place")

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> BusyTimes:
        spans = [event.span for event in self.kept.values() if event.id != moving and event.span.overlaps(window)]
        return BusyTimes(tuple(sorted(spans, key=lambda span: span.start)))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        number = f"{wish.tag}.{wish.generation}"
        event = ProviderEvent(number, wish.tag, wish.times.span, "accepted", host=wish.host)
        return self.kept.setdefault(number, event)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        return tuple(event for event in self.kept.values() if event.tag == wish.tag)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        if event_id not in self.kept:
            raise RefusedError(Refusal.GONE)
        return self.kept[event_id]

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        self.kept[event_id] = replace(self.read(event_id, deadline=deadline), span=wish.times.span)
        return self.kept[event_id]

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        self.kept.pop(event_id, None)

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        return (EventType("dictionary", "The dictionary"),)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        return tuple(event for event in self.kept.values() if window.start <= event.span.start < window.end)


@contextmanager
def dictionary() -> Iterator[Bench]:
    yield Bench(DictionaryCalendar(), Service("cleaning", "Cleaning", 30, event_type="dictionary"), FakeClock())


class TestEighthCalendar(CalendarSuite):
    """The shared suite, on the newcomer alone."""

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        with dictionary() as opened:
            yield opened

    @pytest.fixture
    def keeping(self, bench: Bench) -> Bench:
        return bench


# --- the real desk ---------------------------------------------------------------------------------------------------

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
calendars:
  main: {provider: dictionary, hours: {mon-fri: ["09:00-17:00"]}}
services:
  visit: {name: Visit, calendar: main, minutes: 30, offer: {step_minutes: 30}}
agents:
  front: {platform: generic, services: [visit], auth: {bearer: "${DESK_KEY}"}}
"""


@pytest.fixture
def calendar() -> DictionaryCalendar:
    return DictionaryCalendar()


@pytest.fixture
def desk(
    table: EngineTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calendar: DictionaryCalendar
) -> Iterator[InProcess]:
    provider = desk_file_known.Provider(kind="busy", places=frozenset({"in_person", "phone"}))
    monkeypatch.setitem(desk_file_known.PROVIDERS, "dictionary", provider)

    def build(_: Wires) -> Connected:
        return Connected(calendar)

    clock = FakeClock()
    with in_process(table, DESK, tmp_path, business="harbor", clock=clock) as inside:
        settings = Settings.read(inside.target.environment())
        inside.house = House(settings, clock=clock, builders={**BUILDERS, "dictionary": build})
        yield inside


@pytest.mark.engine
def test_a_caller_books_moves_and_cancels_on_it(desk: InProcess, calendar: DictionaryCalendar) -> None:
    caller = desk.caller()
    first, second, *_ = caller.offers("visit", when="tomorrow")

    booked = caller.ask("book_appointment", service="visit", slot_id=first["slot_id"], name="Ada Low")
    assert (booked["status"], booked["start"]) == ("confirmed", first["start"])
    assert standing(calendar) == [first["start"]]

    again = caller.ask("book_appointment", service="visit", slot_id=first["slot_id"], name="Ada Low")
    assert again["replay"] is True
    assert standing(calendar) == [first["start"]]

    moved = caller.ask("reschedule_appointment", appointment=booked["appointment"], slot_id=second["slot_id"])
    assert moved["status"] == "confirmed"
    assert standing(calendar) == [second["start"]]

    cancelled = caller.cancel(appointment=booked["appointment"])
    assert cancelled["status"] == "cancelled"
    assert standing(calendar) == []
    assert [booking.state for booking in bookings_in(desk.items())] == [State.CANCELLED]
    check_book(desk.items())


@pytest.mark.engine
def test_what_a_person_wrote_into_it_is_never_offered(desk: InProcess, calendar: DictionaryCalendar) -> None:
    first, *_ = desk.caller().offers("visit", when="tomorrow")
    start = int(datetime.fromisoformat(first["start"]).timestamp() // 60)
    calendar.kept["theirs"] = ProviderEvent("theirs", None, Interval(start, start + 30), "accepted")
    desk.clock.sleep(REMEMBERED_SECONDS + 1)

    caller = desk.caller()
    offered = [slot["start"] for slot in caller.offers("visit", when="tomorrow")]
    refused = caller.ask("book_appointment", service="visit", slot_id=first["slot_id"], name="Ben Low")

    assert first["start"] not in offered
    assert refused["status"] == "unavailable"
    assert list(calendar.kept) == ["theirs"]


def standing(calendar: DictionaryCalendar) -> list[str]:
    """The starts of all events, as the desk offers them."""
    return [datetime.fromtimestamp(event.span.start * 60, UTC).isoformat() for event in calendar.kept.values()]
