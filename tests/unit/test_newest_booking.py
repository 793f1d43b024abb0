""" "No, make it four": what was booked last in this call is moved, whatever else the caller has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotline.domain.bookings import State
from slotline.domain.business import IdentityLevel
from slotline.domain.calls import Status
from slotline.ports import MOST_MADE, CallRecord
from tests.unit.front_desk import HARBOR, TOMORROW, Caller, FrontDesk

FIRST, SECOND, FOUR, FIVE = TOMORROW, TOMORROW + 120, TOMORROW + 240, TOMORROW + 300
STRICT = replace(HARBOR, look_up=IdentityLevel.SMS_CODE, change=IdentityLevel.SMS_CODE)


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


def starts(front: FrontDesk) -> list[int]:
    return sorted(b.times.span.start for b in front.bookings() if b.state is State.BOOKED)


def test_of_several_appointments_the_one_booked_in_this_call_moves(front: FrontDesk) -> None:
    assert Caller(front, call="earlier").book(FIRST).status is Status.CONFIRMED
    ada = Caller(front, call="now")
    assert ada.book(SECOND).status is Status.CONFIRMED

    assert ada.move(FOUR).status is Status.CONFIRMED
    assert starts(front) == [FIRST, FOUR]


def test_the_last_of_two_booked_in_this_call_moves(front: FrontDesk) -> None:
    ada = Caller(front)
    ada.book(FIRST)
    ada.book(SECOND)

    assert ada.move(FOUR).status is Status.CONFIRMED
    assert starts(front) == [FIRST, FOUR]


def test_when_nothing_was_booked_in_this_call_it_is_asked_which_one(front: FrontDesk) -> None:
    for start in (FIRST, SECOND):
        Caller(front, call="earlier").book(start)

    reply = Caller(front, call="now").move(FOUR)
    assert reply.status is Status.UNAVAILABLE
    assert reply.message.startswith("Which appointment")
    assert starts(front) == [FIRST, SECOND]


def test_what_an_earlier_call_booked_is_not_of_this_call_when_it_is_wished_again(front: FrontDesk) -> None:
    for start in (FIRST, SECOND):
        Caller(front, call="earlier").book(start)
    ada = Caller(front, call="now")
    assert ada.book(FIRST).fields["replay"] is True

    assert ada.move(FOUR).message.startswith("Which appointment")


def test_a_handle_that_is_said_counts_more(front: FrontDesk) -> None:
    ada = Caller(front)
    ada.book(FIRST)
    ada.book(SECOND)

    assert ada.move(FOUR, appointment="appt_1").status is Status.CONFIRMED
    assert starts(front) == [SECOND, FOUR]


def test_what_was_cancelled_in_this_call_is_not_moved(front: FrontDesk) -> None:
    Caller(front, call="earlier").book(FIRST)
    ada = Caller(front, call="now")
    ada.book(SECOND)
    assert ada.cancel("appt_1").status is Status.CANCELLED

    assert ada.move(FOUR).status is Status.CONFIRMED  # the only one there is
    assert starts(front) == [FOUR]


def test_a_caller_of_whom_only_the_call_is_known_moves_what_they_booked(front: FrontDesk) -> None:
    web = Caller(front, number=None, call="web-1")
    web.book(FIRST)
    web.book(SECOND)

    assert web.move(FOUR).status is Status.CONFIRMED
    assert Caller(front, number=None, call="web-2").move(FIVE).status is Status.NEEDS_VERIFICATION
    assert starts(front) == [FIRST, FOUR]


@pytest.mark.parametrize("number", ["+14155550155", None])
def test_no_code_is_asked_for_what_was_booked_in_this_call(number: str | None) -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front, number=number)
    ada.book(FIRST)

    assert ada.move(FOUR).status is Status.CONFIRMED
    assert ada.move(FIVE, appointment="appt_1").status is Status.CONFIRMED
    assert ada.cancel("appt_1").status is Status.CANCELLED
    assert not any(sk == "CODE" for _, sk in front.rows())


@pytest.mark.parametrize("number", ["+14155550155", None])
def test_no_code_is_asked_for_any_of_several_booked_in_this_call(number: str | None) -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front, number=number)
    handles = [ada.book(start).fields["appointment"] for start in (FIRST, SECOND, FOUR)]
    assert handles == ["appt_1", "appt_2", "appt_3"]

    assert ada.move(FIVE, appointment="appt_1").status is Status.CONFIRMED
    assert ada.cancel("appt_2").status is Status.CANCELLED
    assert ada.move(SECOND).status is Status.CONFIRMED  # without a handle the newest
    assert starts(front) == [SECOND, FIVE]


def test_what_an_earlier_call_booked_takes_a_code_beside_what_this_one_did() -> None:
    front = FrontDesk(STRICT)
    Caller(front, call="earlier").book(FIRST)
    ada = Caller(front, call="now")
    ada.book(SECOND)
    ada.book(FIRST)  # wished again, and so shown under a handle

    assert ada.move(FOUR, appointment="appt_2").status is Status.NEEDS_VERIFICATION
    assert ada.move(FOUR, appointment="appt_1").status is Status.CONFIRMED


def test_of_very_many_bookings_the_newest_are_remembered() -> None:
    record = CallRecord("s", booked="b19", earlier=tuple(f"b{n}" for n in range(20)))

    assert record.made == tuple(f"b{n}" for n in range(20 - MOST_MADE, 20))


def test_a_repeat_moves_nothing_twice(front: FrontDesk) -> None:
    ada = Caller(front)
    ada.book(FIRST)
    ada.book(SECOND)
    moving = replace(ada, delivery="m1")
    assert moving.move(FOUR).status is Status.CONFIRMED
    ada.book(FIVE)

    again = moving.move(FOUR)
    assert (again.status, again.fields["replay"]) == (Status.CONFIRMED, True)
    assert starts(front) == [FIRST, FOUR, FIVE]


def test_a_repeat_of_a_change_is_not_asked_for_a_code_afterwards() -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front)
    ada.book(FIRST)
    ada.ask_to_cancel("appt_1")
    last = replace(ada, delivery="d1")

    replies = [last.confirm("appt_1"), last.confirm("appt_1"), ada.confirm("appt_1"), ada.ask_to_cancel("appt_1")]
    assert [reply.status for reply in replies] == [Status.CANCELLED] * 4
    assert not any(sk == "CODE" for _, sk in front.rows())


def test_a_repeat_of_a_cancellation_hears_of_it_though_more_was_booked_since() -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front)
    ada.book(FIRST)
    ada.ask_to_cancel("appt_1")
    last = replace(ada, delivery="d1")
    assert last.confirm("appt_1").status is Status.CANCELLED
    ada.book(SECOND)

    assert last.confirm("appt_1").status is Status.CANCELLED
    assert starts(front) == [SECOND]


def test_a_repeat_of_a_move_hears_of_it_though_it_was_cancelled_since() -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front)
    ada.book(FIRST)
    moving = replace(ada, delivery="m1")
    assert moving.move(FOUR).status is Status.CONFIRMED
    ada.cancel("appt_1")

    assert moving.move(FOUR).status is Status.CANCELLED
    assert not any(sk == "CODE" for _, sk in front.rows())


def test_the_delivery_of_another_caller_opens_nothing() -> None:
    front = FrontDesk(STRICT)
    ada = Caller(front, delivery="m1")
    replace(ada, delivery=None).book(FIRST)
    assert ada.move(FOUR).status is Status.CONFIRMED

    other = replace(ada, number="+14155550199").move(FOUR)
    assert (other.status, other.fields) == (Status.NEEDS_VERIFICATION, {"field": "code"})
