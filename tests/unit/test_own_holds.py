"""A caller's own hold never stands in the caller's own way."""

from __future__ import annotations

import pytest

from slotline.domain.bookings import State
from slotline.domain.calls import Status
from slotline.domain.time import iso
from tests.unit.front_desk import TOMORROW, Caller, FrontDesk

EARLY, LATE = TOMORROW, TOMORROW + 180


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def test_an_appointment_is_moved_to_the_slot_held_for_it(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    assert ada.hold(LATE).status is Status.HELD

    reply = ada.move(LATE)

    assert reply.status is Status.CONFIRMED, reply.message
    assert front.calendar.live() == [LATE]
    assert [booking.state for booking in front.bookings()] == [State.BOOKED, State.EXPIRED]


def test_a_held_slot_named_by_date_and_time_is_free_to_move_to(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    ada.hold_at(LATE)

    assert ada.move_at(LATE).status is Status.CONFIRMED


def test_a_hold_of_an_earlier_call_gives_way_to_the_same_callers_move(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    ada.hold(LATE)

    assert Caller(front, call="c2").move(LATE).status is Status.CONFIRMED


def test_a_hold_of_somebody_else_does_not_give_way(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    Caller(front, number="+14155550199", call="c2").hold(LATE)

    assert ada.move(LATE).status is Status.UNAVAILABLE
    assert front.calendar.live() == [EARLY]


@pytest.mark.parametrize("way", ["hold", "hold_at", "book", "book_at"])
def test_a_caller_changes_their_mind_by_half_an_hour(front: FrontDesk, ada: Caller, way: str) -> None:
    assert ada.hold(EARLY).status is Status.HELD

    reply = getattr(ada, way)(EARLY + 30)

    assert reply.status in {Status.HELD, Status.CONFIRMED}, reply.message
    assert [interval for _, interval in front.locks().items()] == [(EARLY + 30, EARLY + 90)]


@pytest.mark.parametrize("way", ["hold", "book"])
def test_somebody_else_at_the_same_time_is_another_wish_while_nothing_is_booked(
    front: FrontDesk, ada: Caller, way: str
) -> None:
    ada.hold(EARLY, service="massage", staff="ana")

    reply = getattr(ada, way)(EARLY, service="massage", staff="ben")

    assert reply.fields["staff"] == "Ben"
    assert len(front.locks()) == 1


def test_a_move_offers_only_times_of_whoever_serves(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY, service="massage", staff="ana")
    Caller(front, number="+14155550199", call="c2").book(LATE, service="massage", staff="ana")

    reply = ada.move(LATE, service="massage")

    assert reply.status is Status.UNAVAILABLE
    slots = reply.fields["slots"]
    assert isinstance(slots, list)
    assert {slot["staff"] for slot in slots} == {"Ana"}
    assert iso(LATE, front.business.zone) not in {slot["start"] for slot in slots}
