"""What `slotline bookings --doubt` gives as the reason why a booking is not settled: what is wanted of the calendar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.records import _booking
from slotline.domain.bookings import State
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError
from slotline.domain.time import iso
from tests.unit.busy_desk import EARLY, LATE, BusyDesk, booked
from tests.unit.front_desk import QUIESCENCE, Caller, failing

LOST = InDoubtError("no answer")
UNREADABLE = [failing(NotExecutedError("nobody home"))] * 99


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def listed(front: BusyDesk) -> dict[str, str]:
    """The one booking as it is shown."""
    (item,) = (item for (_, sk), item in front.rows().items() if sk == "B")
    return _booking(item, front.only().id, zone=front.business.zone)


def why(front: BusyDesk) -> str:
    """The reason without the moment of the next look."""
    reason, semicolon, _ = listed(front)["why"].partition("; next look ")
    assert semicolon
    return reason


def test_what_is_settled_waits_for_nothing(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)

    assert "why" not in listed(front)


@pytest.mark.parametrize(
    ("failure", "said"), [(LOST, "asked 1 time, no answer came"), (NotExecutedError("429"), "not asked yet")]
)
def test_a_booking_waits_to_be_made(front: BusyDesk, ada: Caller, failure: ProviderError, said: str) -> None:
    front.calendar.plan("create", failing(failure))
    front.calendar.plan("find", *UNREADABLE)
    ada.book(EARLY)

    assert why(front) == f"waits for main to make it: {said}"


def test_a_booking_that_is_wanted_no_more_does_not_wait_to_be_made(front: BusyDesk, ada: Caller) -> None:
    front.calendar.plan("create", failing(LOST))
    front.calendar.plan("find", *UNREADABLE)
    ada.book(EARLY)
    ada.cancel()

    assert front.only().state is State.BOOKING
    assert why(front) == (
        "waits for main to show whether it made it, which is to be cancelled: asked 1 time, no answer came"
    )


@pytest.mark.parametrize(
    ("cancelled", "wanted"),
    [(False, "move it"), (True, "show whether it moved it, which is to be cancelled")],
)
def test_a_move_waits_to_be_made_or_to_be_seen(front: BusyDesk, ada: Caller, cancelled: bool, wanted: str) -> None:
    booked(front, ada)
    front.calendar.plan("move", failing(LOST))
    front.calendar.plan("read", *UNREADABLE)
    ada.move(LATE)
    if cancelled:
        ada.cancel()

    assert front.only().state is State.RESCHEDULING
    assert why(front) == f"waits for main to {wanted}: asked 1 time, no answer came"


def test_a_cancellation_without_an_answer_is_not_said_to_be_unasked(front: BusyDesk, ada: Caller) -> None:
    """How often it was asked for is not kept; since when it is wanted, is."""
    booked(front, ada)
    wanted = front.clock.now()
    front.calendar.plan("cancel", *[failing(LOST)] * 9)
    ada.cancel()
    front.after(120)

    assert front.calendar.count("cancel") > 1
    assert why(front) == f"waits for main to cancel it: wanted since {iso(int(wanted // 60), front.business.zone)}"


def test_an_event_that_gives_way_waits_to_be_removed(front: BusyDesk, ada: Caller) -> None:
    def somebody_else_writes(send: object) -> object:
        assert callable(send)
        front.room.stranger(EARLY, EARLY + 60)
        return send()

    front.room.plan("create", somebody_else_writes)
    front.room.plan("cancel", failing(LOST))
    ada.book(EARLY, service="talk")

    assert front.only().state is State.BOOKING
    assert why(front) == "waits for room to remove it again, for another event lies under it"


def test_why_a_booking_ended_is_told(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    assert "reason" not in listed(front)
    event = front.calendar.kept[booking.provider_id or ""]
    front.calendar.kept[event.id] = replace(event, status="cancelled")
    front.clock.sleep(QUIESCENCE)
    front.hint("main", event=event.id)

    shown = listed(front)
    assert (shown["state"], shown["reason"]) == ("cancelled", "calendar")
