"""The oldest doubt is measured every minute, whatever keeps it from being resolved; and what an audit misses counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotline.adapters.dynamodb.agenda import DynamoAgenda
from slotline.domain.bookings import State
from slotline.domain.errors import ConfigError, InDoubtError, NotExecutedError, Refusal, RefusedError
from slotline.use_cases.reconcile import BUDGET_PER_BOOKING_SECONDS, Reconciler, Workplace
from tests.unit.front_desk import QUIESCENCE, TOMORROW, Caller, FrontDesk, answer_lost, failing

LOST = InDoubtError("no answer")
UNREADABLE = failing(NotExecutedError("nobody home"))
MINUTE, WHOLE_RUN = 60.0, 60.0
PAUSE_SECONDS = 590.0


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def unknown(business: str) -> Workplace:
    """The business was taken out of the configuration."""
    raise ConfigError(business)


def measured(front: FrontDesk, *, lasts: float = WHOLE_RUN, nobody_knows: bool = False) -> tuple[int, float]:
    """How many things one run looked at, and the age of the oldest doubt that it counted."""
    counted: list[tuple[str, float]] = []
    looked_at = Reconciler(
        agenda=DynamoAgenda(front.table),
        workplace=unknown if nobody_knows else front._workplace,
        clock=front.clock,
        count=lambda name, value: counted.append((name, value)),
        note=lambda *_, **__: None,
    ).run(ends=front.clock.now() + lasts)
    ((name, seconds),) = counted
    assert name == "OldestPendingSeconds"
    return looked_at, seconds


def minutes(front: FrontDesk, number: int, *, nobody_knows: bool = False) -> list[float]:
    """What each of the next minutes' runs measures."""
    ages = []
    for _ in range(number):
        front.clock.sleep(MINUTE)
        ages.append(measured(front, nobody_knows=nobody_knows)[1])
    return ages


def test_where_nothing_is_in_doubt_the_measure_is_nought(front: FrontDesk, ada: Caller) -> None:
    assert measured(front)[1] == 0
    ada.book(TOMORROW)
    Caller(front, number="+14155550188", call="c2").hold(TOMORROW + 120)

    assert minutes(front, 1) == [0]


def test_a_booking_whose_calendar_wants_a_long_pause_ages_all_the_same(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", failing(NotExecutedError("too many requests", retry_after=PAUSE_SECONDS)))
    ada.book(TOMORROW)

    assert minutes(front, 9) == [n * MINUTE for n in range(1, 10)]


def test_measuring_asks_the_calendar_no_earlier_than_it_wished(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", failing(NotExecutedError("too many requests", retry_after=PAUSE_SECONDS)))
    ada.book(TOMORROW)
    asked = len(front.calendar.requests)

    front.clock.sleep(PAUSE_SECONDS - 1)
    assert measured(front)[0] == 0
    assert len(front.calendar.requests) == asked

    front.clock.sleep(1)
    assert measured(front)[0] == 1
    assert len(front.calendar.requests) > asked


def test_a_booking_that_cannot_be_driven_ages(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST))
    front.calendar.plan("find", UNREADABLE)
    ada.book(TOMORROW)

    assert minutes(front, 11, nobody_knows=True) == [n * MINUTE for n in range(1, 12)]


def test_what_a_run_has_no_time_for_ages_too(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", failing(LOST))
    front.calendar.plan("find", UNREADABLE)
    ada.book(TOMORROW)
    front.clock.sleep(4 * MINUTE)

    assert measured(front, lasts=BUDGET_PER_BOOKING_SECONDS - 1) == (0, 4 * MINUTE)


def test_the_oldest_of_several_counts_and_what_is_resolved_does_not(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST), failing(LOST))
    front.calendar.plan("find", *[UNREADABLE] * 2)
    ada.book(TOMORROW)
    front.clock.sleep(MINUTE)
    Caller(front, number="+14155550188", call="c2").book(TOMORROW + 120)
    front.calendar.plan("find", *[UNREADABLE] * 2)

    front.clock.sleep(MINUTE)
    assert measured(front)[1] == 2 * MINUTE

    front.clock.sleep(35)  # now the first is found, and the second is not there yet
    assert measured(front)[1] == MINUTE + 35
    assert sorted(b.state for b in front.bookings()) == [State.BOOKED, State.BOOKING]


def test_what_came_due_first_is_worked_off_first(front: FrontDesk) -> None:
    """Whatever part of the index it lies in: a run that is cut short leaves what can wait."""
    for number in range(6):
        Caller(front, number=f"+1415555010{number}", call=f"c{number}").hold(TOMORROW + 120 * number)
        front.clock.sleep(1)
    front.clock.sleep(5 * MINUTE)
    tried: list[object] = []

    Reconciler(
        agenda=DynamoAgenda(front.table),
        workplace=unknown,
        clock=front.clock,
        count=lambda *_: None,
        note=lambda _event, **fields: tried.append(fields["booking"]),
    ).run(ends=front.clock.now() + WHOLE_RUN)

    assert tried == [booking.id for booking in front.bookings()]


# --- audits ----------------------------------------------------------------------------------------------------------


def in_doubt_once(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST))
    front.calendar.plan("find", UNREADABLE)
    ada.book(TOMORROW)
    front.after(QUIESCENCE + MINUTE)
    front.counted.clear()


def test_an_audit_that_finds_no_event_counts_it(front: FrontDesk, ada: Caller) -> None:
    in_doubt_once(front, ada)
    for event_id, event in front.calendar.kept.items():
        front.calendar.kept[event_id] = replace(event, status="cancelled")

    front.after(20 * MINUTE)

    (booking,) = front.bookings()
    assert (booking.state, booking.reason) == (State.CANCELLED, "calendar")
    assert front.counted == ["RecordedEventsMissing"]


def test_an_audit_that_finds_the_event_counts_nothing(front: FrontDesk, ada: Caller) -> None:
    in_doubt_once(front, ada)

    front.after(20 * MINUTE)

    assert front.bookings()[0].state is State.BOOKED
    assert front.counted == []


def test_an_audit_of_what_was_cancelled_in_peace_counts_nothing(front: FrontDesk, ada: Caller) -> None:
    in_doubt_once(front, ada)
    ada.cancel()

    front.after(20 * MINUTE)

    assert front.bookings()[0].state is State.CANCELLED
    assert front.counted == []


def test_an_audit_that_may_not_read_counts_nothing(front: FrontDesk, ada: Caller) -> None:
    in_doubt_once(front, ada)
    front.calendar.plan("read", *[failing(RefusedError(Refusal.NOT_PERMITTED))] * 99)

    front.after(20 * MINUTE)

    assert front.bookings()[0].state is State.BOOKED
    assert front.counted == []
