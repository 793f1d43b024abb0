"""Hints: told twice, late, early, of what is not ours, or of nothing in particular. Only a look counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, SlotlineError
from slotline.domain.hints import Hint
from slotline.domain.proofs import resource_id
from slotline.domain.time import Interval
from slotline.ports import ProviderEvent
from tests.unit.busy_desk import EARLY, HOUR, LATE, BusyDesk, booked, delete, shift
from tests.unit.front_desk import BUSINESS, Caller, answer_lost, failing


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def in_doubt(front: BusyDesk, caller: Caller) -> Booking:
    """The event stands; its answer was lost, and nobody could look."""
    front.calendar.plan("create", answer_lost(InDoubtError("no answer")))
    front.calendar.plan("find", failing(NotExecutedError("no connection")))
    assert caller.book(EARLY).status is Status.PENDING
    return front.bookings()[-1]


def mark(front: BusyDesk, calendar: str) -> float:
    resource = resource_id(BUSINESS, calendar)
    return front.store.days([resource], window=Interval(EARLY, LATE))[resource].changed


# --- whose -----------------------------------------------------------------------------------------------------------


def test_a_hint_before_our_own_write_settles_the_doubt(front: BusyDesk, ada: Caller) -> None:
    in_doubt(front, ada)

    front.hint("main", event="event-1", tag=front.only().id)

    assert (front.only().state, front.only().provider_id) == (State.BOOKED, "event-1")
    assert front.effects(front.only().id) == ["sms_booked"]


def test_whoever_is_at_work_on_a_booking_is_not_disturbed_by_a_hint(front: BusyDesk, ada: Caller) -> None:
    def told(send: Callable[[], ProviderEvent]) -> ProviderEvent:
        event = send()
        front.hint("main", event=event.id, tag=event.tag)
        assert front.only().state is State.BOOKING
        return event

    front.calendar.plan("create", told)

    assert ada.book(EARLY).status is Status.CONFIRMED
    assert front.calendar.count("find") == 0


def test_a_hint_of_an_unknown_event_asks_nothing_but_is_remembered(front: BusyDesk, ada: Caller) -> None:
    booking, asked = booked(front, ada), len(front.calendar.requests)

    front.hint("main", event="somebody-elses")

    assert len(front.calendar.requests) == asked
    assert (front.only().rv, front.scanned) == (booking.rv, [])
    assert mark(front, "main") == front.clock.now()


@pytest.mark.parametrize("tag", ["unknown0000000000000", "", "x" * 3000, "a#b"])
def test_a_tag_that_is_none_of_ours_is_no_error(front: BusyDesk, ada: Caller, tag: str) -> None:
    booking = booked(front, ada)

    front.hint("main", event="event-9", tag=tag)

    assert front.only().rv == booking.rv


def test_the_recorded_event_counts_more_than_a_tag(front: BusyDesk, ada: Caller) -> None:
    mine = booked(front, ada)
    other = booked(front, Caller(front, number="+14155550188", call="c2"), LATE)
    shift(front.calendar, "event-2", to=LATE + HOUR)

    front.hint("main", event="event-2", tag=mine.id)

    assert front.store.read(other.id).times.span.start == LATE + HOUR
    assert front.store.read(mine.id).rv == mine.rv


def test_a_calendar_cannot_speak_for_another(front: BusyDesk, ada: Caller) -> None:
    """Its event may carry any tag; the booking's own calendar holds the event of record."""
    booking = booked(front, ada, service="talk")
    shift(front.room, booking.provider_id or "", to=LATE)

    for calendar in ("hall", "main"):
        front.hint(calendar, event="forged", tag=booking.id)

    assert front.only().rv == booking.rv
    assert mark(front, "room") == 0


def test_an_event_of_the_same_id_in_another_calendar_is_another_event(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)

    front.hint("room", event="event-1")

    assert front.only().rv == booking.rv


def test_a_tag_of_another_business_touches_nothing(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)
    other = DynamoBookingStore(front.table, business="neighbour", sealer=Sealer(bytes(32)), ids=front.ids)
    rows = front.rows()

    desk = replace(front.hint_desk(), business="neighbour", store=other)
    desk.heed("main", Hint("h1", event="event-1", tag=booking.id), received=front.clock.now())

    changed = {key for key, row in front.rows().items() if rows.get(key) != row}
    assert front.store.read(booking.id).rv == booking.rv
    assert all(not pk.startswith("T#harbor#B#") for pk, _ in changed)
    assert mark(front, "main") == 0


# --- how often and when ----------------------------------------------------------------------------------------------


def test_a_hint_told_twice_is_worked_off_once(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.hint("main", event="event-1", delivery="h1")
    asked = len(front.calendar.requests)

    front.hint("main", event="event-1", delivery="h1")

    assert len(front.calendar.requests) == asked


def test_the_same_id_from_another_calendar_is_another_hint(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)
    front.hint("room", delivery="h1")

    front.hint("main", event="event-1", delivery="h1")

    assert front.store.read(booking.id).times.span.start == LATE


def test_a_hint_that_could_not_be_worked_off_comes_again(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)
    front.calendar.plan("read", failing(NotExecutedError("no connection")))
    with pytest.raises(SlotlineError):
        front.hint("main", event="event-1", delivery="h1")

    front.hint("main", event="event-1", delivery="h1")

    assert front.only().times.span.start == LATE


def test_a_late_hint_of_an_old_state_changes_nothing(front: BusyDesk, ada: Caller) -> None:
    """Moved to and fro: whichever hint comes last, the event stands where it stands."""
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)
    shift(front.calendar, "event-1", to=EARLY)

    front.hint("main", event="event-1")
    front.hint("main", event="event-1")

    assert front.only().rv == booking.rv
    assert front.effects(booking.id) == ["sms_booked"]


def test_a_calendar_that_lost_messages_is_subscribed_anew_and_scanned(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)

    front.hint("main", resubscribe=True)

    assert front.resubscribed == ["main"]
    assert front.store.read(booking.id).times.span.start == LATE


def test_other_hints_subscribe_nothing(front: BusyDesk) -> None:
    front.hint("main")

    assert front.resubscribed == []


# --- hints about nothing in particular -------------------------------------------------------------------------------


def test_a_flock_of_hints_is_answered_by_one_scan(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=LATE)
    received = front.clock.now()
    front.clock.sleep(15)
    for number in range(20):
        front.hint_desk().heed("main", Hint(f"h{number}"), received=received)

    assert front.scanned == ["main"]
    assert front.store.read(booking.id).times.span.start == LATE


def test_a_hint_that_came_after_the_scan_wants_another(front: BusyDesk) -> None:
    front.hint("main")
    front.clock.sleep(1)

    front.hint("main")

    assert front.scanned == ["main", "main"]


def test_what_happened_while_a_scan_ran_is_scanned_for(front: BusyDesk) -> None:
    """Whether the scan saw it, nobody knows."""
    desk = front.hint_desk()

    def slow(calendar: str) -> None:
        front.scanned.append(calendar)
        front.clock.sleep(5)

    desk = replace(desk, scan=slow)
    desk.heed("main", Hint("h1"), received=front.clock.now())
    desk.heed("main", Hint("h2"), received=front.clock.now() - 3)

    assert front.scanned == ["main", "main"]


def test_a_scan_that_failed_is_no_scan(front: BusyDesk) -> None:
    received = front.clock.now()
    front.clock.sleep(15)
    front.calendar.plan("events", failing(NotExecutedError("no connection")))
    with pytest.raises(NotExecutedError):
        front.hint_desk().heed("main", Hint("h1"), received=received)
    front.clock.sleep(15)

    front.hint_desk().heed("main", Hint("h1"), received=received)

    assert front.scanned == ["main", "main"]


def test_each_calendar_is_scanned_for_its_own_hints(front: BusyDesk) -> None:
    front.hint("main")
    front.hint("room")

    assert front.scanned == ["main", "room"]


def test_a_tag_without_an_event_needs_no_scan(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    delete(front.calendar, "event-1")

    front.hint("main", tag=booking.id)

    assert front.scanned == []
    assert front.only().state is State.CANCELLED


# --- what has ended --------------------------------------------------------------------------------------------------


def cancelled(front: BusyDesk, ada: Caller) -> Booking:
    booking = booked(front, ada)
    assert ada.cancel().status is Status.CANCELLED
    return front.store.read(booking.id)


def test_what_was_cancelled_is_not_revived_but_reported(front: BusyDesk, ada: Caller) -> None:
    booking = cancelled(front, ada)
    front.calendar.kept["event-1"] = replace(front.calendar.kept["event-1"], status="accepted")
    cancels = front.calendar.count("cancel")

    front.hint("main", event="event-1")

    assert front.store.read(booking.id).rv == booking.rv
    assert (front.notes, front.counted) == (["ended_event_stands"], ["EndedEventsStanding"])
    assert front.calendar.count("cancel") == cancels
    assert front.locks() == {}


def test_a_rejected_booking_whose_event_turns_up_is_reported(front: BusyDesk, ada: Caller) -> None:
    front.calendar.plan("create", *[failing(NotExecutedError("429", retry_after=3600))] * 20)
    ada.book(EARLY)
    front.after(900)
    booking = front.only()
    assert (booking.state, booking.provider_id) == (State.REJECTED, None)
    front.calendar.clear_plan()
    front.calendar.create(front.driver(caller_waits=False).context.wish(booking), deadline=0)
    reads = front.calendar.count("read")

    front.hint("main", event="event-1", tag=booking.id)

    assert front.only().state is State.REJECTED
    assert "ended_event_stands" in front.notes
    assert front.calendar.count("read") == reads  # it never had an id to read


def test_the_hint_of_our_own_cancellation_is_no_report(front: BusyDesk, ada: Caller) -> None:
    booking = cancelled(front, ada)

    front.hint("main", event="event-1", tag=booking.id)

    assert (front.notes, front.counted) == ([], [])


def test_a_hint_about_a_mere_hold_changes_nothing(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY)

    front.hint("main", tag=front.only().id)

    assert front.only().state is State.HELD
