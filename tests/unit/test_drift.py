"""The nightly scan finds each kind of drift, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from slotline.domain.bookings import Booking, DayDocument, Entry, EntryKind, State, Times
from slotline.domain.business import Business, Calendar
from slotline.domain.errors import NotExecutedError, Refusal, RefusedError, StaleError
from slotline.domain.proofs import resource_id
from slotline.domain.time import Interval
from slotline.ports import Calendars, ProviderEvent, ProviderTraits, ResourceDays, Transition, WishView
from slotline.use_cases.drift import Drift, DriftScan
from slotline.use_cases.lawful_history import is_lawful
from tests.fakes import FakeClock

CLOCK = FakeClock()
NOW = int(CLOCK.now() // 60)
RESOURCE = resource_id("desk", "main")
TIMES = Times.of(NOW + 600, minutes=30)
BOOKED = Booking(
    id="b1", rv=2, state=State.BOOKED, service="cut", calendar="main", resources=(RESOURCE,), times=TIMES,
    caller="c", intent="i", agent="a", provider_id="e1",
)  # fmt: skip
EVENT = ProviderEvent("e1", "b1", TIMES.span, "accepted")
LAWFUL = (Transition(1, None, State.BOOKING), Transition(2, State.BOOKING, State.BOOKED))
BUSINESS = Business(
    key="desk", name="Desk", time_zone="UTC", locale="en", calendars={"main": Calendar("main", "calcom")},
    services={}, agents={},
)  # fmt: skip


@dataclass
class Records:
    """As much of the store as the scan reads."""

    bookings: dict[str, Booking] = field(default_factory=lambda: {"b1": BOOKED})
    entries: tuple[Entry, ...] = (Entry("b1", TIMES.blocked, EntryKind.PIN),)
    steps: tuple[Transition, ...] = LAWFUL

    def days(self, resources: Iterable[str], *, window: Interval) -> Mapping[str, ResourceDays]:
        return {resource: ResourceDays((DayDocument(resource, "any", 1, self.entries),)) for resource in resources}

    def view(self, *, days: Iterable[tuple[str, str]]) -> WishView:
        documents = {}
        for resource, day in days:
            entries = tuple(entry for entry in self.entries if day in entry.interval.utc_days())
            documents[resource, day] = DayDocument(resource, day, 1, entries)
        return WishView(operation=None, intents={}, days=documents, call=None)

    def read(self, booking_id: str) -> Booking:
        if booking_id not in self.bookings:
            raise StaleError("none")
        return self.bookings[booking_id]

    def history(self, booking_id: str) -> tuple[Transition, ...]:
        return self.steps


@dataclass
class Provider:
    """A calendar that only lists and reads."""

    listed: tuple[ProviderEvent, ...] = (EVENT,)
    others: dict[str, ProviderEvent] = field(default_factory=dict)
    traits: ProviderTraits = field(default_factory=ProviderTraits)
    silent: bool = False

    def of(self, name: str) -> Provider:
        return self

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        if self.silent:
            raise NotExecutedError("nobody home")
        return self.listed

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        if event_id not in self.others:
            raise RefusedError(Refusal.GONE)
        return self.others[event_id]


def found(records: Records, provider: Provider) -> tuple[list[tuple[str, str | None]], dict[str, float]]:
    counted: dict[str, float] = {}
    scan = DriftScan(
        business=BUSINESS,
        store=cast("Any", records),
        calendars=cast("Calendars", provider),
        clock=CLOCK,
        count=counted.__setitem__,
        note=lambda *_, **__: None,
    )
    return [(finding.drift.value, finding.booking) for finding in scan.run()], counted


def test_a_booking_that_its_calendar_holds_is_not_reported() -> None:
    assert found(Records(), Provider()) == ([], {"LocksWithoutBooking": 0, "DriftFound": 0})


MOVED = replace(EVENT, span=Interval(TIMES.span.start + 60, TIMES.span.end + 60))
REPLACED = replace(EVENT, status="cancelled", moved_to="e2")
FOREIGN = ProviderEvent("x", None, Interval(TIMES.span.start + 15, TIMES.span.end + 15), "accepted")


@pytest.mark.parametrize(
    ("provider", "drift"),
    [
        (Provider(listed=()), Drift.MISSING),
        (Provider(listed=(), others={"e1": replace(EVENT, status="cancelled")}), Drift.MISSING),
        (Provider(listed=(MOVED,)), Drift.MOVED),
        (Provider(listed=(), others={"e1": REPLACED, "e2": replace(MOVED, id="e2")}), Drift.MOVED),
        (Provider(listed=(EVENT, FOREIGN)), Drift.FOREIGN_OVERLAP),
    ],
)
def test_what_a_person_did_in_the_calendar_is_reported(provider: Provider, drift: Drift) -> None:
    findings, counted = found(Records(), provider)

    assert findings == [(drift.value, "b1")]
    assert counted["DriftFound"] == 1


def test_an_event_beside_ours_is_none_of_our_business() -> None:
    beside = replace(FOREIGN, span=Interval(TIMES.span.end, TIMES.span.end + 30))

    assert found(Records(), Provider(listed=(EVENT, beside)))[0] == []


@pytest.mark.parametrize("state", [State.CANCELLED, State.EXPIRED, State.REJECTED])
def test_a_lock_whose_booking_has_ended_is_reported(state: State) -> None:
    records = Records(bookings={"b1": replace(BOOKED, state=state)})

    findings, counted = found(records, Provider(listed=()))

    assert findings == [(Drift.LOCK_WITHOUT_BOOKING.value, "b1")]
    assert counted == {"LocksWithoutBooking": 1, "DriftFound": 0}


def test_a_lock_of_a_booking_that_never_was_is_reported() -> None:
    assert found(Records(bookings={}), Provider(listed=()))[0] == [(Drift.LOCK_WITHOUT_BOOKING.value, "b1")]


def test_a_booking_whose_own_time_is_not_locked_is_reported() -> None:
    elsewhere = (Entry("b1", Interval(TIMES.blocked.start + 5, TIMES.blocked.end), EntryKind.PIN),)

    assert found(Records(entries=elsewhere), Provider())[0] == [(Drift.BOOKING_WITHOUT_LOCK.value, "b1")]


def test_a_hold_is_nobodys_drift() -> None:
    hold = (Entry("b9", TIMES.blocked, EntryKind.HOLD, CLOCK.now() + 60),)

    assert found(Records(entries=hold), Provider(listed=()))[0] == []


@pytest.mark.parametrize(
    "steps",
    [
        (LAWFUL[0], replace(LAWFUL[1], rv=3)),
        (replace(LAWFUL[0], before=State.HELD), LAWFUL[1]),
        (*LAWFUL, Transition(3, State.BOOKED, State.EXPIRED)),
        (Transition(1, None, State.CANCELLED),),
    ],
)
def test_a_history_with_a_gap_or_an_impossible_step_is_reported(steps: tuple[Transition, ...]) -> None:
    assert not is_lawful(steps)
    assert found(Records(steps=steps), Provider())[0] == [(Drift.BROKEN_HISTORY.value, "b1")]


def test_a_silent_calendar_is_not_taken_for_an_empty_one() -> None:
    assert found(Records(), Provider(silent=True))[0] == []


def test_our_own_event_whose_tag_a_person_deleted_is_no_stranger() -> None:
    assert found(Records(), Provider(listed=(replace(EVENT, tag=None),)))[0] == []


def test_an_event_that_was_replaced_at_its_own_time_is_followed() -> None:
    """The record names an event that is no more."""
    following = replace(EVENT, id="e2")
    heeded: list[str] = []

    def heed(booking: Booking, *, deadline: float) -> None:
        heeded.append(booking.id)

    provider = Provider(
        listed=(following,), others={"e1": replace(EVENT, status="cancelled", moved_to="e2"), "e2": following}
    )
    scan = DriftScan(
        business=BUSINESS,
        store=cast("Any", Records()),
        calendars=cast("Calendars", provider),
        clock=CLOCK,
        count=lambda *_: None,
        note=lambda *_, **__: None,
        heed=heed,
    )

    assert [finding.drift for finding in scan.run()] == [Drift.MOVED]
    assert heeded == ["b1"]
