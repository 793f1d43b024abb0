"""What a caller hears when deliveries overlap or the table falters: never "taken" or "not done" by guess."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slotline.domain.bookings import HOLD_SECONDS, SKEW_SECONDS, State
from slotline.domain.business import IdentityLevel
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError
from slotline.domain.time import Interval, iso
from tests.simulation.aws_faults import throttled
from tests.unit.busy_desk import BusyDesk, shift
from tests.unit.front_desk import (
    BUDGET_SECONDS,
    HARBOR,
    TOMORROW,
    Caller,
    FrontDesk,
    answer_lost,
    failing,
    meanwhile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EARLY, LATE = TOMORROW, TOMORROW + 180


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def failing_table(
    operation: str, *, when: Callable[[], bool] = lambda: True
) -> Callable[[str, Mapping[str, Any]], None]:
    """The table refuses this operation for being asked too often."""

    def before(name: str, _request: Mapping[str, Any]) -> None:
        if name == operation and when():
            raise throttled()

    return before


# --- deliveries that overlap -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["book_at", "hold_at"])
def test_a_second_delivery_during_the_look_is_not_told_that_the_time_is_gone(
    front: FrontDesk, ada: Caller, way: str
) -> None:
    other = Caller(front, delivery="second")
    front.calendar.plan("look", meanwhile(lambda: getattr(other, way)(EARLY)))

    reply = getattr(ada, way)(EARLY)

    assert reply.status in {Status.CONFIRMED, Status.HELD}, reply.message
    assert reply.fields["replay"] is True
    assert len(front.bookings()) == 1


@pytest.mark.parametrize("way", ["book", "hold"])
def test_a_second_delivery_during_the_read_is_not_told_that_the_slot_is_taken(
    front: FrontDesk, ada: Caller, way: str
) -> None:
    """A batch read is no snapshot: the wish may be read before another delivery writes, and the day after it."""
    other = Caller(front, delivery="second")
    seen: list[int] = []

    def before(name: str, request: Mapping[str, Any]) -> None:
        if name == "batch_get_item" and not seen:
            seen.append(1)
            getattr(other, way)(EARLY)
            (asked,) = request["RequestItems"].values()
            asked["Keys"] = [key for key in asked["Keys"] if not key["pk"]["S"].startswith("T#harbor#I#")]

    front.dynamodb.before = before

    reply = getattr(ada, way)(EARLY)

    assert reply.status in {Status.CONFIRMED, Status.HELD}, reply.message
    assert len(front.locks()) == 1


def test_a_booking_beside_its_own_hold_takes_the_hold(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("look", meanwhile(lambda: Caller(front, delivery="second").hold(EARLY)))

    assert ada.book_at(EARLY).status is Status.CONFIRMED
    assert [booking.state for booking in front.bookings()] == [State.BOOKED]


def test_a_late_delivery_hears_of_the_later_success(front: FrontDesk, ada: Caller) -> None:
    ada.delivery = "first"
    front.calendar.plan("create", failing(SetupError("401")))
    assert ada.book(EARLY).status is Status.NOT_DONE
    assert Caller(front, delivery="second").book(EARLY).status is Status.CONFIRMED

    assert ada.book(EARLY).status is Status.CONFIRMED


def test_a_late_delivery_is_asked_again_while_the_slot_is_kept(front: FrontDesk, ada: Caller) -> None:
    ada.delivery = "first"
    front.calendar.plan("create", failing(RefusedError(Refusal.NEEDS_FIELD, field="email")))

    assert [ada.book(EARLY).status for _ in range(2)] == [Status.NEEDS, Status.NEEDS]


def test_the_same_wish_after_a_cancellation_is_a_new_booking(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    front.calendar.plan("cancel", failing(InDoubtError("no answer")))
    assert ada.cancel("appt_1").status is Status.CANCEL_PENDING

    assert ada.book(EARLY).status is Status.CONFIRMED
    assert front.calendar.live() == [EARLY]


def test_a_slot_of_somebody_else_is_taken(front: FrontDesk, ada: Caller) -> None:
    Caller(front, number="+14155550199", call="c2").book(EARLY)

    assert ada.book(EARLY).status is Status.UNAVAILABLE
    assert ada.hold_at(EARLY).status is Status.UNAVAILABLE


# --- a table that falters --------------------------------------------------------------------------------------------


def test_a_booking_is_a_booking_though_nobody_could_note_who_had_it_last(front: FrontDesk, ada: Caller) -> None:
    front.dynamodb.before = failing_table("put_item")

    assert ada.book(EARLY, service="massage").status is Status.CONFIRMED


def test_what_is_known_to_be_under_way_is_pending(front: FrontDesk, ada: Caller) -> None:
    waiter = Caller(front, delivery="second")
    replies = []

    def while_it_is_sent() -> None:
        sent = front.clock.now()
        front.dynamodb.before = failing_table("get_item", when=lambda: front.clock.now() > sent)
        replies.append(waiter.book(EARLY))
        front.dynamodb.before = None

    front.calendar.plan("create", meanwhile(while_it_is_sent))
    ada.book(EARLY)

    assert [reply.status for reply in replies] == [Status.PENDING]


def test_a_wish_that_is_there_and_cannot_be_read_is_not_undone(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    front.dynamodb.before = failing_table("get_item")

    reply = ada.book(EARLY)

    assert reply.status is Status.PENDING


@pytest.mark.parametrize("way", ["book", "move"])
def test_nothing_is_undone_because_somebody_else_began_to_drive(front: FrontDesk, ada: Caller, way: str) -> None:
    """The provider was too busy, and the cancellation that came in between cannot be read for a while."""
    if way == "move":
        ada.book(LATE)
    request = "create" if way == "book" else "move"

    def cancelled_in_between(_send: Callable[[], object]) -> None:
        ada_again = Caller(front, delivery="second")
        ada_again.cancel("appt_1")
        front.dynamodb.before = failing_table("batch_get_item")
        raise NotExecutedError("429")

    front.calendar.plan("find", *[failing(NotExecutedError("429"))] * 2)
    front.calendar.plan(request, cancelled_in_between)

    reply = getattr(ada, way)(EARLY)

    assert reply.status in {Status.PENDING, Status.CANCEL_PENDING}


# --- words about a text ----------------------------------------------------------------------------------------------


def test_a_text_is_promised_only_when_it_is_queued(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    late = Caller(front, call="c2")
    seen: list[int] = []

    def before(name: str, request: Mapping[str, Any]) -> None:
        if name == "transact_write_items" and not seen:
            seen.append(1)
            Caller(front, call="c2").hold(LATE)  # another tool of the same call files its own record of it

    front.dynamodb.before = before

    assert late.ask_for_text().status is Status.SENT
    assert "sms_asked" in front.effects(front.bookings()[0].id)


def test_a_delivery_that_contradicts_itself_promises_no_text(front: FrontDesk, ada: Caller) -> None:
    ada.delivery = "d1"
    ada.book(EARLY)

    assert ada.ask_for_text("appt_1").status is Status.NOT_DONE
    assert front.effects(front.bookings()[0].id) == ["sms_booked"]


# --- what the first caller was owed ----------------------------------------------------------------------------------


def test_a_refusal_is_also_texted_when_somebody_was_told_to_wait(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan(
        "create", failing(NotExecutedError("429")), failing(RefusedError(Refusal.TAKEN)), failing(InDoubtError("never"))
    )
    assert ada.book(EARLY).status is Status.PENDING
    assert ada.book(EARLY).status is Status.UNAVAILABLE

    (booking,) = front.bookings()
    assert front.effects(booking.id) == ["sms_failed"]


def test_who_books_the_time_of_a_move_just_refused_hears_about_that_time(front: FrontDesk, ada: Caller) -> None:
    assert ada.book(EARLY).status is Status.CONFIRMED
    front.calendar.plan("move", failing(NotExecutedError("no connection")), failing(RefusedError(Refusal.TAKEN)))
    front.calendar.plan("create", failing(RefusedError(Refusal.TAKEN)))
    assert Caller(front, delivery="second").move(LATE, appointment="appt_1").status is Status.PENDING

    reply = Caller(front, delivery="third").book(LATE)

    assert reply.status is Status.UNAVAILABLE, reply.message
    assert front.calendar.live() == [EARLY]


def test_a_repeated_move_waits_for_the_one_that_is_being_sent(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    replies = []

    def slow_refusal(_send: Callable[[], object]) -> None:
        front.clock.sleep(0.3)
        replies.append(Caller(front, delivery="second").move(LATE, appointment="appt_1"))
        raise RefusedError(Refusal.TAKEN)

    front.calendar.plan("move", slow_refusal)
    assert ada.move(LATE).status is Status.UNAVAILABLE

    assert [reply.status for reply in replies] == [Status.PENDING]
    (booking,) = front.bookings()
    assert front.effects(booking.id)[-1:] == ["sms_failed"]


def test_a_repeat_that_stopped_waiting_just_before_the_refusal_gets_its_text(front: FrontDesk, ada: Caller) -> None:
    replies = []

    def slow_refusal(_send: Callable[[], object]) -> None:
        front.clock.sleep(0.3)
        replies.append(Caller(front, delivery="second").book(EARLY))
        raise RefusedError(Refusal.TAKEN)

    front.calendar.plan("create", slow_refusal)
    ada.book(EARLY)

    assert front.clock.now() > BUDGET_SECONDS
    assert [reply.status for reply in replies] == [Status.PENDING]
    (booking,) = front.bookings()
    assert front.effects(booking.id) == ["sms_failed"]


def test_a_hold_that_somebody_with_a_faster_clock_saw_lapse_is_told_as_taken(front: FrontDesk, ada: Caller) -> None:
    ada.hold(EARLY)
    front.clock.sleep(HOLD_SECONDS + 1)
    front.clock.time += 2  # so far ahead is the next process
    assert Caller(front, number="+14155550188", call="c2").book(EARLY).status is Status.CONFIRMED
    front.clock.time -= 2

    reply = ada.book(EARLY)

    assert reply.status is Status.UNAVAILABLE
    assert reply.fields["slots"]


# --- somebody else's delivery ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["book", "hold"])
def test_a_delivery_repeated_by_another_caller_tells_them_nothing(front: FrontDesk, tool: str) -> None:
    """Two numbers under one call id and one delivery id: whoever forges them learns nothing of the other one."""
    getattr(Caller(front, delivery="d1"), tool)(EARLY)

    reply = getattr(Caller(front, number="+14155550199", delivery="d1"), tool)(EARLY)

    assert (reply.status, dict(reply.fields)) == (Status.NOT_DONE, {})
    assert len(front.bookings()) == 1


def test_nor_of_a_change(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    Caller(front, delivery="d2").cancel()

    assert Caller(front, number="+14155550199", delivery="d2").cancel().status is Status.NEEDS_VERIFICATION


# --- put elsewhere before anybody had heard of it --------------------------------------------------------------------


def dragged(front: FrontDesk, ada: Caller) -> None:
    """The answer was lost, and a person moved the event, before we found it."""
    front.calendar.plan("create", answer_lost(InDoubtError("no answer")))
    front.calendar.plan("find", failing(NotExecutedError("no connection")))
    assert ada.book(EARLY).status is Status.PENDING
    (event,) = front.calendar.kept.values()
    front.calendar.kept[event.id] = replace(event, span=Interval(LATE, LATE + 60))


def put_elsewhere(front: FrontDesk, ada: Caller) -> None:
    """And now it is found there."""
    dragged(front, ada)
    front.after(300)
    (booking,) = front.bookings()
    assert (booking.state, booking.times.span.start) == (State.BOOKED, LATE)


@pytest.mark.parametrize("way", ["book", "book_at", "hold", "hold_at"])
def test_whoever_wants_the_time_where_theirs_was_put_hears_that_it_is_theirs(
    front: FrontDesk, ada: Caller, way: str
) -> None:
    put_elsewhere(front, ada)

    reply = getattr(replace(ada, call="another"), way)(LATE)

    assert (reply.status, reply.fields["replay"]) == (Status.CONFIRMED, True)
    assert [b.state for b in front.bookings()] == [State.BOOKED]


def test_the_wish_it_came_from_finds_it_too(front: FrontDesk, ada: Caller) -> None:
    put_elsewhere(front, ada)

    assert ada.book(EARLY).fields["start"] == iso(LATE, HARBOR.zone)
    assert len(front.bookings()) == 1


@pytest.mark.parametrize("way", ["book", "hold_at"])
def test_for_anybody_else_it_is_taken(front: FrontDesk, ada: Caller, way: str) -> None:
    put_elsewhere(front, ada)

    assert getattr(Caller(front, number="+14155550199", call="c9"), way)(LATE).status is Status.UNAVAILABLE


def test_so_it_is_for_a_number_without_the_code_that_a_look_up_takes(front: FrontDesk, ada: Caller) -> None:
    put_elsewhere(front, ada)
    front.business = replace(front.business, look_up=IdentityLevel.SMS_CODE)

    assert replace(ada, call="another").book(LATE).status is Status.UNAVAILABLE


def test_so_does_who_held_that_time_in_vain(front: FrontDesk, ada: Caller) -> None:
    again = replace(ada, call="another")
    again.hold(LATE)
    dragged(front, ada)
    front.clock.sleep(HOLD_SECONDS + SKEW_SECONDS)
    assert ada.book(EARLY).fields["start"] == iso(LATE, HARBOR.zone)  # its time takes the place of the lapsed hold

    reply = again.book(LATE)

    assert (reply.status, reply.fields["replay"]) == (Status.CONFIRMED, True)


@pytest.mark.parametrize("way", ["book", "book_at", "hold", "hold_at"])
@pytest.mark.parametrize(("service", "calendar"), [("yoga", "hall"), ("solo", "ana")])
def test_who_was_put_where_a_seat_is_left_gets_no_second_one(way: str, service: str, calendar: str) -> None:
    front = BusyDesk()
    ada, place = Caller(front), front.planned(calendar)
    place.plan("create", answer_lost(InDoubtError("no answer")))
    place.plan("find", failing(NotExecutedError("no connection")))
    assert ada.book(EARLY, service=service).status is Status.PENDING
    (event,) = place.kept.values()
    shift(place, event.id, to=LATE)
    front.after(300)

    reply = getattr(replace(ada, call="another"), way)(LATE, service=service)

    assert (reply.status, reply.fields["replay"]) == (Status.CONFIRMED, True)
    assert len(front.bookings()) == 1
    other = Caller(front, number="+14155550199", call="c9")
    assert not getattr(other, way)(LATE, service=service).fields.get("replay")


@pytest.mark.parametrize("number", [None, "+14155550199"])
def test_a_namesake_does_not_hear_of_it(front: FrontDesk, number: str | None) -> None:
    put_elsewhere(front, Caller(front, number=None, call=None))

    assert Caller(front, number=number, call=None).book(LATE).status is Status.UNAVAILABLE


def test_nothing_is_said_of_a_time_while_the_callers_own_cannot_be_read(front: FrontDesk, ada: Caller) -> None:
    put_elsewhere(front, ada)

    def no_queries(operation: str, _request: object) -> None:
        if operation == "query":
            raise throttled()

    front.dynamodb.before = no_queries

    assert replace(ada, call="another").book(LATE).status is Status.PENDING  # "I don't know yet": asking again tells
    assert len(front.bookings()) == 1
