"""Driving bookings through what calendars do: doubts, refusals, approvals, people who edit, settings that change."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError
from slotline.ports import ProviderTraits
from tests.unit.front_desk import QUIESCENCE, TOMORROW, Caller, FrontDesk, answer_lost, failing, meanwhile

EARLY, LATE = TOMORROW, TOMORROW + 180
LOST = InDoubtError("no answer")
NO = RefusedError(Refusal.NOT_PERMITTED)


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def only(front: FrontDesk) -> Booking:
    (booking,) = front.bookings()
    return booking


def nobody_home(front: FrontDesk, *requests: str, times: int = 1) -> None:
    for request in requests:
        front.calendar.plan(request, *[failing(NotExecutedError("no connection"))] * times)


# --- cancelling what is in doubt -------------------------------------------------------------------------------------


def in_doubt(front: FrontDesk, ada: Caller) -> Booking:
    """The event exists; nobody has heard of it."""
    front.calendar.plan("create", answer_lost(LOST))
    nobody_home(front, "find")
    assert ada.book(EARLY).status is Status.PENDING
    return only(front)


def moving_in_doubt(front: FrontDesk, ada: Caller) -> Booking:
    """The event stays where it is, as far as the calendar has done anything yet."""
    ada.book(EARLY)
    front.calendar.plan("move", failing(LOST))
    assert ada.move(LATE).status is Status.PENDING
    return only(front)


def test_an_event_that_may_not_be_cancelled_stays_a_whole_booking(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    front.calendar.plan("cancel", failing(NO))

    reply = ada.cancel("appt_1")

    booking = only(front)
    assert (booking.state, booking.cancel_wanted, booking.provider_id) == (State.BOOKED, False, "event-1")
    assert reply.status is Status.NOT_DONE
    assert front.effects(booking.id) == ["human_task", "sms_failed"]
    assert len(front.store.of_caller(booking.caller, not_before=0)) == 1


def test_a_move_that_may_not_be_cancelled_keeps_one_time_only(front: FrontDesk, ada: Caller) -> None:
    moving_in_doubt(front, ada)
    front.calendar.plan("cancel", *[failing(NO)] * 9)

    ada.cancel("appt_1")
    front.after(2 * QUIESCENCE)

    booking = only(front)
    assert (booking.state, booking.moving_to) == (State.BOOKED, None)
    assert front.locks() == {booking.id: (EARLY, EARLY + 60)}


def test_a_calendar_that_does_not_let_us_look_has_not_kept_the_booking(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    front.calendar.plan("find", failing(NO))

    assert ada.cancel("appt_1").status is Status.CANCEL_PENDING

    assert only(front).state is State.BOOKING
    front.after(60)
    assert only(front).state is State.CANCELLED
    assert front.calendar.live() == []


def test_both_times_stay_locked_while_the_move_may_still_be_executed(front: FrontDesk, ada: Caller) -> None:
    booking = moving_in_doubt(front, ada)

    assert ada.cancel("appt_1").status is Status.CANCEL_PENDING
    assert len(front.locks()) == 2
    with suppress(RefusedError):  # executed late
        front.calendar.move("event-1", front.driver(caller_waits=False).context.wish(booking), deadline=0)
    front.after(2 * QUIESCENCE)

    assert only(front).state is State.CANCELLED
    assert front.calendar.live() == []
    assert front.locks() == {}
    assert front.effects(booking.id)[-1:] == ["sms_cancelled"]


def test_who_asks_again_about_a_cancellation_hears_of_a_cancellation(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    ada.delivery = "cancel-1"
    nobody_home(front, "find", times=2)

    first, again = ada.cancel("appt_1"), ada.cancel("appt_1")

    assert (first.status, again.status) == (Status.CANCEL_PENDING, Status.CANCEL_PENDING)


def test_a_cancellation_is_tried_again_within_minutes_however_long_the_calendar_was_gone(
    front: FrontDesk, ada: Caller
) -> None:
    ada.book(EARLY)
    front.calendar.plan("cancel", *[failing(LOST)] * 40)
    ada.cancel("appt_1")
    front.after(5400)
    front.calendar.clear_plan()

    front.after(300)

    assert only(front).state is State.CANCELLED


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_refused_repeat_proves_nothing_about_the_first_try(front: FrontDesk, ada: Caller) -> None:
    front.calendar.traits = ProviderTraits(repeats_safely=True)
    front.calendar.plan("create", failing(LOST), failing(RefusedError(Refusal.TAKEN)))
    ada.book(EARLY)
    front.after(20)

    assert front.calendar.count("create") == 2
    assert only(front).state is State.BOOKING


def test_a_move_is_not_repeated_while_the_first_may_still_be_executed(front: FrontDesk, ada: Caller) -> None:
    """However harmless the same move twice: executed after the next one, the first would drag the event back."""
    front.calendar.traits = ProviderTraits(repeats_safely=True)
    booking = moving_in_doubt(front, ada)
    front.after(QUIESCENCE - 30)

    assert front.calendar.count("move") == 1
    assert front.locks().keys() == {booking.id, f"{booking.id}+"}
    assert ada.move(TOMORROW + 300).status is Status.PENDING

    front.after(60)

    assert front.calendar.count("move") == 2
    assert only(front).state is State.BOOKED


def test_a_refusal_after_a_doubt_is_kept_in_doubt_while_nobody_can_look(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", failing(LOST), failing(RefusedError(Refusal.TAKEN)))
    nobody_home(front, "find")
    ada.book(EARLY)
    front.clock.sleep(QUIESCENCE + 20)
    front.calendar.plan("find", lambda send: send(), failing(NotExecutedError("no connection")))

    front.reconcile()

    assert front.notes == []
    assert only(front).attempt is None


def test_an_event_that_is_gone_is_texted_too(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    front.calendar.kept.clear()

    assert ada.move(LATE).status is Status.UNAVAILABLE
    assert front.effects(only(front).id)[-1:] == ["sms_cancelled"]


def test_giving_up_comes_before_a_calendar_that_wants_an_hour_of_peace(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("create", *[failing(NotExecutedError("429", retry_after=3600))] * 20)
    assert ada.book(EARLY).status is Status.PENDING

    front.after(660)

    booking = only(front)
    assert booking.state is State.REJECTED
    assert "sms_failed" in front.effects(booking.id)


# --- what was settled is looked at again -----------------------------------------------------------------------------


def test_an_audit_leaves_an_event_alone_that_a_person_has_moved(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    front.after(60)
    assert only(front).state is State.BOOKED
    event = front.calendar.kept["event-1"]
    front.calendar.kept["event-2"] = replace(event, id="event-2", span=replace(event.span, end=event.span.end + 30))
    front.calendar.kept["event-1"] = replace(event, status="cancelled", moved_to="event-2")

    front.after(90_000)

    assert front.calendar.kept["event-2"].status == "accepted"
    assert "RecordedEventsMissing" in front.counted
    assert only(front).due is None


def test_an_audit_ends_even_when_a_duplicate_may_not_be_cancelled(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    front.after(60)
    front.calendar.kept["event-2"] = replace(front.calendar.kept["event-1"], id="event-2")
    front.calendar.plan("cancel", *[failing(NO)] * 2000)

    front.after(90_000)

    assert "DuplicatesFound" in front.counted
    assert only(front).due is None


@pytest.mark.parametrize("refused", ["cancel", "move"])
def test_a_request_is_still_followed_after_a_refused_change(front: FrontDesk, ada: Caller, refused: str) -> None:
    front.calendar.status = "requested"
    assert ada.book(EARLY).status is Status.REQUESTED
    front.calendar.plan(refused, failing(NO))
    ada.cancel("appt_1") if refused == "cancel" else ada.move(LATE)
    front.calendar.kept["event-1"] = replace(front.calendar.kept["event-1"], status="accepted")

    front.after(360)

    booking = only(front)
    assert (booking.state, booking.needs_approval) == (State.BOOKED, False)
    assert "sms_booked" in front.effects(booking.id)


def test_a_request_for_the_time_it_has_is_still_a_request(front: FrontDesk, ada: Caller) -> None:
    front.calendar.status = "requested"
    ada.book(EARLY)

    assert ada.move(EARLY).status is Status.REQUESTED


def test_a_request_that_cannot_be_read_is_not_taken_for_declined(front: FrontDesk, ada: Caller) -> None:
    front.calendar.status = "requested"
    ada.book(EARLY)
    front.calendar.plan("read", *[failing(NO)] * 3)

    front.after(360)

    assert only(front).state is State.BOOKED


def test_a_request_nobody_answers_is_given_peace_when_its_time_is_over(front: FrontDesk, ada: Caller) -> None:
    front.calendar.status = "requested"
    ada.book(EARLY)

    front.after(26 * 3600)

    assert only(front).due is None


# --- the configuration changes under live bookings -------------------------------------------------------------------


def test_one_booking_whose_service_is_gone_keeps_no_other_waiting(front: FrontDesk, ada: Caller) -> None:
    nobody_home(front, "create", times=3)
    ada.book(EARLY)
    Caller(front, number="+14155550188", call="c2").book(EARLY + 60)
    Caller(front, number="+14155550199", call="c3").book(LATE, service="class")
    business = front.business
    front.business = replace(business, services={k: s for k, s in business.services.items() if k != "class"})

    front.after(120)

    states = {booking.service: booking.state for booking in front.bookings()}
    assert states == {"visit": State.BOOKED, "class": State.BOOKING}


def test_work_of_a_business_that_is_gone_keeps_no_other_waiting(front: FrontDesk, ada: Caller) -> None:
    nobody_home(front, "create")
    ada.book(EARLY)
    item = next(row for (_, sk), row in front.rows().items() if sk == "B")
    shards = [{"pk": f"T#gone#B#b{n}", "sk": "B", "g1pk": f"W#{n}", "g1sk": 1.0, "v": 1} for n in range(16)]
    for row in shards:
        front.table.put_now(row)
    assert item["st"] == "booking"

    front.after(60)

    assert only_of(front, "harbor").state is State.BOOKED


def only_of(front: FrontDesk, business: str) -> Booking:
    ids = [pk.split("#", 3)[3] for pk, sk in front.rows() if sk == "B" and pk.startswith(f"T#{business}#")]
    assert len(ids) == 1
    return front.store.read(ids[0])


def test_a_booking_of_a_service_that_is_gone_can_be_found_and_cancelled(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    business = front.business
    front.business = replace(
        business,
        services={k: s for k, s in business.services.items() if k != "visit"},
        agents={"front": replace(business.agents["front"], services=("class", "massage"))},
    )

    assert ada.cancel().status is Status.CANCELLED


# --- moving onto one's own -------------------------------------------------------------------------------------------


def test_a_move_comes_to_its_end_although_the_caller_has_the_same_wish_elsewhere(front: FrontDesk, ada: Caller) -> None:
    """Two seats: while one booking moves, the caller books the other seat at the time it is moving to."""
    ada.book(EARLY, service="class")
    second = Caller(front, call="c2")
    front.calendar.plan("move", meanwhile(lambda: second.book(LATE, service="class")))

    ada.move(LATE, service="class", appointment="appt_1")
    front.after(300)

    assert {booking.state for booking in front.bookings()} == {State.BOOKED}
    assert all(booking.moving_to is None for booking in front.bookings())


def test_a_setup_error_while_looking_is_counted_and_tried_again(front: FrontDesk, ada: Caller) -> None:
    in_doubt(front, ada)
    front.calendar.plan("find", failing(SetupError("401")))

    front.after(20)
    assert "SetupErrors" in front.counted
    front.after(120)

    assert only(front).state is State.BOOKED


# --- a move that came through, and is cancelled ----------------------------------------------------------------------


def test_the_time_an_event_moved_to_is_not_had_twice_while_its_cancellation_is_under_way(
    front: FrontDesk, ada: Caller
) -> None:
    ada.book(EARLY)
    front.calendar.plan("move", answer_lost(LOST))
    nobody_home(front, "read")
    assert ada.move(LATE).status is Status.PENDING
    nobody_home(front, "cancel", times=2)

    reply = ada.cancel("appt_1")
    again = ada.book(LATE)

    assert (reply.status, again.status) == (Status.CANCEL_PENDING, Status.CANCEL_PENDING)
    assert datetime.fromisoformat(str(reply.fields["start"])).timestamp() == EARLY * 60  # as the sentence says
    assert front.calendar.live() == [LATE]
    front.after(QUIESCENCE + 120)
    assert front.calendar.live() == []
