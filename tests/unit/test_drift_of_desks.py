"""What the nightly scan makes of real records: every history that can come about, and what it finds without a lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError
from slotline.domain.proofs import resource_id
from slotline.domain.time import Interval
from slotline.ports import Transition
from slotline.use_cases.drift import DriftScan
from slotline.use_cases.lawful_history import is_lawful
from tests.simulation.checker import ALLOWED
from tests.unit.busy_desk import EARLY, HOUR, LATE, BusyDesk, booked, delete
from tests.unit.front_desk import TABLE, Caller, answer_lost, failing

LOST = InDoubtError("no answer")
UNREADABLE = failing(NotExecutedError("nobody home"))
NOT_PERMITTED = failing(RefusedError(Refusal.NOT_PERMITTED))
A_DAY = 86_400


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


class Meanwhile:
    """The store of a desk; once, right after the locks were read, something else happens."""

    def __init__(self, front: BusyDesk, happens: Callable[[], object]) -> None:
        self._store, self._happens = front.store, [happens]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def days(self, *args: Any, **kwargs: Any) -> Any:
        found = self._store.days(*args, **kwargs)
        if self._happens:
            self._happens.pop()()
        return found


def found_meanwhile(front: BusyDesk, happens: Callable[[], object]) -> list[tuple[str, str | None]]:
    """What a scan finds of which the first calendar's locks are as old as that."""
    store: Any = Meanwhile(front, happens)
    scan: DriftScan = replace(front.scan(), store=store)
    return [(finding.drift.value, finding.booking) for finding in scan.run()]


def unlock(front: BusyDesk, *calendars: str) -> None:
    """Every lock goes, or those on these calendars."""
    for pk, sk in front.rows():
        if sk.startswith("D#") and any(f"#R#{resource}" in pk for resource in _resources(front, *calendars)):
            front.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})


def _resources(front: BusyDesk, *calendars: str) -> list[str]:
    return [resource_id(front.business.key, name) for name in calendars or front.business.calendars]


# --- histories -------------------------------------------------------------------------------------------------------


def test_the_scan_allows_the_steps_that_the_protocol_has_and_no_others() -> None:
    ways: dict[State | None, list[State]] = {
        None: [],
        State.HELD: [State.HELD],
        State.BOOKING: [State.BOOKING],
        State.BOOKED: [State.BOOKED],
        State.RESCHEDULING: [State.BOOKED, State.RESCHEDULING],
        State.CANCELLING: [State.BOOKED, State.CANCELLING],
        State.CANCELLED: [State.BOOKED, State.CANCELLED],
        State.EXPIRED: [State.HELD, State.EXPIRED],
        State.REJECTED: [State.BOOKING, State.REJECTED],
    }

    def is_allowed(way: list[State], then: State) -> bool:
        steps = pairwise([None, *way, then])
        return is_lawful(
            tuple(Transition(rv, before, after) for rv, (before, after) in enumerate(steps, 1) if after is not None)
        )

    assert {(first, then) for first, way in ways.items() for then in State if is_allowed(way, then)} == {
        (State(first) if first else None, State(then)) for first, following in ALLOWED.items() for then in following
    }


def test_a_booking_whose_event_was_found_after_it_was_cancelled_has_a_sound_history(
    front: BusyDesk, ada: Caller
) -> None:
    front.calendar.plan("create", failing(LOST))
    front.calendar.plan("find", *[UNREADABLE] * 3)
    ada.book(EARLY)
    assert ada.cancel().status is Status.CANCEL_PENDING
    front.calendar._make(front.driver(caller_waits=False).context.wish(front.only()))  # executed late
    front.calendar.clear_plan()
    front.calendar.plan("cancel", *[NOT_PERMITTED] * 3)

    front.after(300)

    assert _steps(front) >= {(State.BOOKING, State.CANCELLING), (State.CANCELLING, State.BOOKED)}
    assert front.only().state is State.BOOKED
    assert front.found() == []


def test_a_booking_whose_move_was_found_after_it_was_cancelled_has_a_sound_history(
    front: BusyDesk, ada: Caller
) -> None:
    booked(front, ada)
    front.calendar.plan("move", answer_lost(LOST))
    front.calendar.plan("read", *[UNREADABLE] * 3)
    ada.move(LATE)
    assert ada.cancel().status is Status.CANCEL_PENDING
    front.calendar.clear_plan()
    front.calendar.plan("cancel", *[NOT_PERMITTED] * 3)

    front.after(300)

    assert _steps(front) >= {(State.RESCHEDULING, State.CANCELLING), (State.CANCELLING, State.BOOKED)}
    assert front.only().state is State.BOOKED
    assert front.found() == []


def _steps(front: BusyDesk) -> set[tuple[State | None, State]]:
    return {(step.before, step.after) for step in front.store.history(front.only().id)}


# --- what changes while the scan runs --------------------------------------------------------------------------------


def test_a_booking_that_is_cancelled_while_the_scan_runs_is_not_out_of_step(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)

    assert found_meanwhile(front, ada.cancel) == []
    assert front.only().state is State.CANCELLED
    assert front.counted == []


def test_a_booking_that_is_moved_while_the_scan_runs_is_not_out_of_step(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)

    assert found_meanwhile(front, lambda: ada.move(LATE)) == []
    assert front.only().times.span.start == LATE


def test_a_booking_that_is_made_while_the_scan_runs_is_not_out_of_step(front: BusyDesk, ada: Caller) -> None:
    assert found_meanwhile(front, lambda: ada.book(EARLY)) == []
    assert front.only().state is State.BOOKED


def test_a_seat_that_is_booked_while_the_scan_runs_is_no_strangers(front: BusyDesk, ada: Caller) -> None:
    """In a class of two there is room for one of ours beside a stranger, and the scan has not seen its lock."""
    booked(front, ada, service="yoga")
    front.busy["hall"].stranger(EARLY, EARLY + HOUR)
    bea = Caller(front, number="+14155550188", call="c2")

    scan = front.scan()
    hall = scan.business.calendar("hall")
    store: Any = Meanwhile(front, lambda: bea.book(EARLY, service="yoga"))
    found = list(replace(scan, store=store)._scan(hall))

    assert [finding.drift.value for finding in found] == []


def test_a_booking_that_is_being_moved_again_and_again_is_left_to_the_next_night(front: BusyDesk, ada: Caller) -> None:
    """Its locks and its record cannot be seen at one moment."""
    booking = booked(front, ada)
    unlock(front, "main")
    real = front.store.view
    restless: Any = Meanwhile(front, lambda: None)

    def view(**wanted: Any) -> Any:
        seen = real(**wanted)
        front.store.postpone(front.only(), due=None, now=front.clock.now())
        return seen

    restless.view = view

    assert list(replace(front.scan(), store=restless).run()) == []
    assert front.found() == [("booking_without_lock", booking.id)]


# --- found without a lock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["visit", "talk"])
def test_a_booking_whose_whole_lock_is_gone_is_found_by_its_event(front: BusyDesk, ada: Caller, service: str) -> None:
    booking = booked(front, ada, service=service)
    unlock(front)

    assert front.found() == [("booking_without_lock", booking.id)]
    assert front.counted == ["DriftFound"]


def test_a_lock_that_is_gone_on_one_calendar_of_several_is_found(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada, service="trio")
    assert front.found() == []
    unlock(front, "ben")

    assert front.found() == [("booking_without_lock", booking.id)]


def test_an_event_that_stands_though_its_booking_has_ended_is_found(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    ada.cancel()
    assert front.found() == []
    event = front.calendar.kept[booking.provider_id or ""]
    front.calendar.kept[event.id] = replace(event, status="accepted")

    assert front.found() == [("ended_event", booking.id)]
    assert front.counted == ["DriftFound"]


def test_an_event_of_an_ended_booking_is_in_the_way_of_another_like_any_stranger(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    ada.cancel()
    other = booked(front, Caller(front, number="+14155550188", call="c2"))
    event = front.calendar.kept[booking.provider_id or ""]
    front.calendar.kept[event.id] = replace(event, status="accepted")

    assert front.found() == [("ended_event", booking.id), ("foreign_overlap", other.id)]


def test_a_list_that_is_older_than_a_cancellation_accuses_nobody(front: BusyDesk, ada: Caller) -> None:
    """Neither of an event that stands, nor of one that lies over somebody's who has the time now."""
    booking = booked(front, ada)
    listed = tuple(front.calendar.kept.values())
    ada.cancel()
    booked(front, Caller(front, number="+14155550188", call="c2"))
    front.calendar.plan("events", lambda send: (*listed, *send()))

    assert front.found() == []
    assert front.calendar.kept[booking.provider_id or ""].status == "cancelled"


def test_a_second_event_of_a_booking_that_was_never_in_doubt_is_found(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    twin(front, booking)
    front.clock.sleep(A_DAY / 2)

    assert booking.audits == ()
    assert front.found() == [("second_event", booking.id)]
    assert front.counted == ["DriftFound"]


def test_a_second_event_that_is_gone_by_now_is_not_found(front: BusyDesk, ada: Caller) -> None:
    twin(front, booked(front, ada))
    listed = tuple(front.calendar.kept.values())
    delete(front.calendar, "twin")
    front.calendar.plan("events", lambda _send: listed)

    assert front.found() == []


def test_what_the_next_audit_removes_is_left_to_it(front: BusyDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST))
    front.calendar.plan("find", UNREADABLE)
    ada.book(EARLY)
    front.after(200)
    twin(front, front.only())

    assert front.only().audits
    assert front.found() == []

    front.after(A_DAY)
    assert (front.only().audits, front.calendar.live(), front.found()) == ((), [EARLY], [])


def test_an_event_of_an_ended_booking_is_left_to_its_next_audit(front: BusyDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST))
    front.calendar.plan("find", UNREADABLE)
    ada.book(EARLY)
    front.after(200)
    ada.cancel()
    twin(front, front.only())

    assert (front.only().state, bool(front.only().audits)) == (State.CANCELLED, True)
    assert front.found() == []

    front.after(A_DAY)
    assert (front.only().audits, front.calendar.live(), front.found()) == ((), [], [])


def test_an_event_that_replaced_the_one_on_record_is_no_second_one(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    delete(front.calendar, booking.provider_id or "")
    twin(front, booking)

    assert front.found() == [("missing", booking.id)]


def test_copies_for_further_staff_are_no_second_events(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada, service="trio")
    front.copy_desk().carry_out(booking.id, rv=booking.rv, kind="staff_copies")
    assert front.busy["ben"].live() == [EARLY]

    assert front.found() == []


def test_an_event_with_a_tag_that_somebody_else_wrote_is_a_strangers(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada, service="talk")
    front.room.stranger(EARLY, EARLY + HOUR, tag="of another program")

    assert front.found() == [("foreign_overlap", booking.id)]


def twin(front: BusyDesk, booking: Booking) -> None:
    event = front.calendar.kept[booking.provider_id or ""]
    front.calendar.kept["twin"] = replace(event, id="twin", status="accepted", span=Interval(EARLY, EARLY + HOUR))
