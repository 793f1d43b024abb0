"""What people do in the provider's own pages: bookings follow their events, and nothing is ever left unlocked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError
from slotline.domain.proofs import intent_key
from slotline.domain.time import Interval
from slotline.ports import EventWish, ProviderEvent
from tests.unit.busy_desk import BUSY, EARLY, HOUR, LATE, BusyDesk, book_anew, booked, delete, shift
from tests.unit.front_desk import QUIESCENCE, Caller, answer_lost, failing, meanwhile

LOST = InDoubtError("no answer")


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def heeded(front: BusyDesk, booking: Booking) -> Booking:
    """After somebody said that something about it changed."""
    front.hint(booking.calendar, event=booking.provider_id, tag=booking.id)
    return front.store.read(booking.id)


def starts_of(front: BusyDesk, booking: Booking) -> list[tuple[str, int]]:
    return [(line.booking, line.start) for line in front.store.of_caller(booking.caller, not_before=0)]


# --- moved -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["visit", "talk"])
def test_everything_follows_an_event_that_a_person_moved(front: BusyDesk, ada: Caller, service: str) -> None:
    booking = booked(front, ada, service=service)
    shift(front.planned(booking.calendar), booking.provider_id or "", to=LATE)

    moved = heeded(front, booking)

    assert (moved.state, moved.times.span) == (State.BOOKED, Interval(LATE, LATE + HOUR))
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}
    assert starts_of(front, booking) == [(booking.id, LATE)]
    assert front.effects(booking.id) == ["sms_booked", "sms_moved"]
    old, new = (intent_key(booking.caller, service=service, start=start) for start in (EARLY, LATE))
    assert front.store.view(intents=[old, new]).intents == {new: booking.id}
    assert front.counted == []


def test_an_event_that_only_became_longer_is_locked_whole_and_not_texted(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    shift(front.calendar, "event-1", to=EARLY, minutes=90)

    heeded(front, booking)

    assert front.locks() == {booking.id: (EARLY, EARLY + 90)}
    assert front.effects(booking.id) == ["sms_booked"]


def test_buffers_move_along(ada: Caller) -> None:
    service = replace(BUSY.services["talk"], before_minutes=10, after_minutes=20)
    front = BusyDesk(replace(BUSY, services={**BUSY.services, "talk": service}))
    booking = booked(front, Caller(front), service="talk")
    shift(front.room, booking.provider_id or "", to=LATE)

    heeded(front, booking)

    assert front.locks() == {booking.id: (LATE - 10, LATE + HOUR + 20)}


def test_nothing_is_written_when_nothing_changed(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)

    assert heeded(front, booking).rv == booking.rv


def test_an_event_moved_onto_another_booking_is_adopted_and_a_person_must_choose(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    other = booked(front, Caller(front, number="+14155550188", call="c2"), LATE)
    shift(front.calendar, "event-1", to=LATE + 30)

    moved = heeded(front, booking)

    assert moved.times.span.start == LATE + 30
    assert front.locks() == {booking.id: (LATE + 30, LATE + 90), other.id: (LATE, LATE + 60)}
    assert front.effects(booking.id) == ["sms_booked", "conflict", "sms_moved"]
    assert front.counted == ["Conflicts"]
    assert front.effects(other.id) == ["sms_booked"]


def test_a_conflict_is_told_once(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    booked(front, Caller(front, number="+14155550188", call="c2"), LATE)
    shift(front.calendar, "event-1", to=LATE + 30)
    once = heeded(front, booking)

    assert heeded(front, once).rv == once.rv
    assert front.effects(booking.id).count("conflict") == 1


def test_a_buffer_over_another_booking_is_a_conflict_too() -> None:
    service = replace(BUSY.services["talk"], after_minutes=20)
    front = BusyDesk(replace(BUSY, services={**BUSY.services, "talk": service}))
    booking = booked(front, Caller(front), service="talk")
    booked(front, Caller(front, number="+14155550188", call="c2"), LATE, service="talk")
    shift(front.room, booking.provider_id or "", to=LATE - HOUR - 10)

    heeded(front, booking)

    assert "conflict" in front.effects(booking.id)


def test_a_second_seat_is_no_conflict(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada, service="yoga")
    second = booked(front, Caller(front, number="+14155550188", call="c2"), LATE, service="yoga")
    shift(front.busy["hall"], booking.provider_id or "", to=LATE)

    heeded(front, booking)

    assert front.locks().keys() == {booking.id, second.id}
    assert "conflict" not in front.effects(booking.id)


def test_who_takes_the_place_in_the_same_moment_makes_it_a_conflict(
    front: BusyDesk, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look at the locks and the write are one: nobody slips in between."""
    booking = booked(front, ada)
    bob = Caller(front, number="+14155550188", call="c2")
    shift(front.calendar, "event-1", to=LATE)
    real = front.table.transact

    def transact(actions: list[dict[str, object]]) -> None:
        monkeypatch.undo()  # only the first write is kept waiting
        bob.hold(LATE)
        real(actions)

    monkeypatch.setattr(front.table, "transact", transact)
    heeded(front, booking)

    assert "conflict" in front.effects(booking.id)


def test_a_rescheduling_by_the_invitee_is_followed_from_event_to_event(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, book_anew(front.calendar, "event-1", to=LATE + 60), to=LATE)

    moved = heeded(front, booking)

    assert (moved.provider_id, moved.times.span.start) == (last, LATE)
    assert front.store.of_event("main", last) == booking.id
    assert front.effects(booking.id)[-1:] == ["sms_moved"]


def test_the_way_from_event_to_event_is_found_without_a_tag(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE)
    front.calendar.kept[last] = replace(front.calendar.kept[last], tag=None)

    assert heeded(front, booking).provider_id == last


def test_an_event_replaced_at_its_own_time_is_the_one_we_know_from_now_on(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=EARLY)

    assert heeded(front, booking).provider_id == last
    assert front.effects(booking.id) == ["sms_booked"]
    assert ada.cancel().status is Status.CANCELLED
    assert front.calendar.live() == []


def test_events_that_follow_one_another_in_a_circle_come_to_an_end(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE)
    front.calendar.kept[last] = replace(front.calendar.kept[last], status="cancelled", moved_to="event-1")

    assert heeded(front, booking).state is State.CANCELLED


def test_who_has_that_time_already_keeps_both_wishes(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada, service="yoga")
    second = booked(front, ada, LATE, service="yoga")
    shift(front.busy["hall"], booking.provider_id or "", to=LATE)

    moved = heeded(front, booking)

    assert moved.times.span.start == LATE
    intents = [b.intent for b in front.bookings()]
    assert front.store.view(intents=intents).intents == {booking.intent: booking.id, second.intent: second.id}


# --- deleted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_an_event_that_a_person_deleted_ends_its_booking(front: BusyDesk, ada: Caller, is_known: bool) -> None:
    booking = booked(front, ada)
    if is_known:
        delete(front.calendar, "event-1")
    else:
        front.calendar.kept.clear()

    ended = heeded(front, booking)

    assert (ended.state, ended.reason) == (State.CANCELLED, "calendar")
    assert front.locks() == {}
    assert starts_of(front, booking) == []
    assert front.effects(booking.id) == ["sms_booked", "sms_cancelled"]


def test_what_was_just_written_is_not_taken_for_deleted_but_looked_at_again(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY)
    front.calendar.plan("read", failing(RefusedError(Refusal.GONE)))
    front.calendar.plan("find", lambda _send: ())
    front.hint("main", event="event-1")
    assert front.only().state is State.BOOKED

    front.after(QUIESCENCE + 60)

    assert front.only().state is State.BOOKED
    assert front.effects(front.only().id) == ["sms_booked"]
    assert front.only().due is None


def test_a_deletion_soon_after_the_booking_is_found_when_silence_is_proof(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY)
    delete(front.calendar, "event-1")
    front.hint("main", event="event-1")
    waiting = front.only()
    front.hint("main", event="event-1")  # another one, as calendars do
    assert (front.only().state, front.only().rv) == (State.BOOKED, waiting.rv)

    front.after(QUIESCENCE + 60)

    assert front.only().state is State.CANCELLED
    assert front.effects(front.only().id) == ["sms_booked", "sms_cancelled"]


def test_an_event_with_our_tag_elsewhere_is_the_booking(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    old = front.calendar.kept.pop("event-1")
    front.calendar.kept["copy"] = replace(old, id="copy", span=Interval(LATE, LATE + HOUR))

    moved = heeded(front, booking)

    assert (moved.state, moved.provider_id, moved.times.span.start) == (State.BOOKED, "copy", LATE)


def test_a_calendar_that_may_not_be_read_has_not_deleted_anything(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.calendar.plan("read", failing(RefusedError(Refusal.NOT_PERMITTED)))

    with pytest.raises(Exception, match="does not let us read"):
        heeded(front, booking)

    assert front.only().state is State.BOOKED


def test_an_audit_follows_what_people_did(front: BusyDesk, ada: Caller) -> None:
    front.calendar.plan("create", answer_lost(LOST))
    front.calendar.plan("find", failing(NotExecutedError("no connection")))
    ada.book(EARLY)
    front.after(60)
    assert front.only().state is State.BOOKED
    delete(front.calendar, "event-1")

    front.after(700)

    assert front.only().state is State.CANCELLED


# --- requests --------------------------------------------------------------------------------------------------------


def requested(front: BusyDesk, caller: Caller) -> Booking:
    front.calendar.status = "requested"
    assert caller.book(EARLY).status is Status.REQUESTED
    return front.only()


def answered(front: BusyDesk, **changes: Any) -> None:
    front.calendar.kept["event-1"] = replace(front.calendar.kept["event-1"], **changes)


def test_an_approved_request_is_confirmed(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    answered(front, status="accepted")

    approved = heeded(front, booking)

    assert (approved.state, approved.needs_approval, approved.due) == (State.BOOKED, False, None)
    assert front.effects(booking.id) == ["sms_requested", "sms_booked"]


@pytest.mark.parametrize("status", ["rejected", "cancelled"])
def test_a_declined_request_ends_at_once(front: BusyDesk, ada: Caller, status: str) -> None:
    booking = requested(front, ada)
    answered(front, status=status)

    declined = heeded(front, booking)

    assert (declined.state, declined.reason) == (State.CANCELLED, "declined")
    assert front.locks() == {}
    assert front.effects(booking.id) == ["sms_requested", "sms_failed"]


def test_a_request_that_does_not_show_yet_is_not_declined(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    front.calendar.plan("read", failing(RefusedError(Refusal.GONE)), failing(RefusedError(Refusal.GONE)))
    front.calendar.plan("find", lambda _send: ())
    heeded(front, booking)
    assert front.only().state is State.BOOKED

    answered(front, status="accepted")
    front.after(360)

    assert (front.only().state, front.only().needs_approval) == (State.BOOKED, False)


def test_a_request_the_host_deleted_is_declined_in_the_end(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    front.calendar.kept.clear()
    heeded(front, booking)

    front.after(QUIESCENCE + 90)

    assert (front.only().state, front.only().reason) == (State.CANCELLED, "declined")


def test_a_request_accepted_at_another_time_is_locked_there(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    answered(front, status="accepted", span=Interval(LATE, LATE + HOUR))

    approved = heeded(front, booking)

    assert (approved.times.span.start, approved.needs_approval) == (LATE, False)
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}
    assert front.effects(booking.id) == ["sms_requested", "sms_moved"]


def test_a_request_that_was_rescheduled_is_followed_and_still_awaited(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE)

    moved = heeded(front, booking)

    assert (moved.provider_id, moved.needs_approval, moved.times.span.start) == (last, True, LATE)
    front.calendar.kept[last] = replace(front.calendar.kept[last], status="accepted")
    front.after(360)
    assert front.only().needs_approval is False
    assert front.effects(booking.id)[-1:] == ["sms_booked"]


def test_a_booking_rescheduled_into_a_request_is_awaited(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE)
    front.calendar.kept[last] = replace(front.calendar.kept[last], status="requested")
    heeded(front, booking)
    assert front.only().needs_approval

    front.calendar.kept[last] = replace(front.calendar.kept[last], status="accepted")
    front.after(360)

    assert front.only().needs_approval is False


def test_a_request_replaced_at_its_own_time_is_texted_when_accepted(front: BusyDesk, ada: Caller) -> None:
    booking = requested(front, ada)
    last = book_anew(front.calendar, "event-1", to=EARLY)
    front.calendar.kept[last] = replace(front.calendar.kept[last], status="accepted")

    heeded(front, booking)

    assert front.effects(booking.id) == ["sms_requested", "sms_booked"]


# --- the provider itself does something else than it was asked --------------------------------------------------------


def elsewhere(front: BusyDesk, *, start: int, minutes: int = HOUR) -> None:
    """The calendar takes the next create, and puts the event somewhere else."""

    def fault(send: Callable[[], ProviderEvent]) -> ProviderEvent:
        event = send()
        front.calendar.kept[event.id] = replace(event, span=Interval(start, start + minutes))
        return front.calendar.kept[event.id]

    front.calendar.plan("create", fault)
    front.calendar.plan("move", fault)


def test_an_event_made_longer_than_asked_is_locked_whole(front: BusyDesk, ada: Caller) -> None:
    elsewhere(front, start=EARLY, minutes=90)
    ada.book(EARLY)

    assert front.locks() == {front.only().id: (EARLY, EARLY + 90)}
    assert Caller(front, number="+14155550188", call="c2").book(EARLY + 60).status is Status.UNAVAILABLE
    assert front.counted == []


def test_an_event_made_over_somebody_elses_booking_is_a_conflict(front: BusyDesk, ada: Caller) -> None:
    other = booked(front, Caller(front, number="+14155550188", call="c2"), LATE)
    elsewhere(front, start=LATE)
    ada.book(EARLY)

    booking = front.bookings()[-1]
    assert front.locks() == {other.id: (LATE, LATE + HOUR), booking.id: (LATE, LATE + HOUR)}
    assert front.effects(booking.id) == ["conflict", "sms_booked"]
    assert starts_of(front, booking) == [(booking.id, LATE)]


def test_an_event_moved_farther_than_asked_is_locked_there(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    elsewhere(front, start=LATE + 600)
    ada.move(LATE)

    assert front.locks() == {front.only().id: (LATE + 600, LATE + 660)}
    assert front.only().moving_to is None


def test_an_event_moved_over_somebody_elses_booking_is_a_conflict(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    booked(front, Caller(front, number="+14155550188", call="c2"), LATE + 60)
    elsewhere(front, start=LATE + 30)
    ada.move(LATE)

    assert front.locks()[booking.id] == (LATE + 30, LATE + 90)
    assert "conflict" in front.effects(booking.id)


# --- a move that leads to a new event --------------------------------------------------------------------------------


def half_moved(front: BusyDesk, *, old_stands: bool) -> None:
    """The calendar made the new event, said nothing of it in the old one, and answers no move ever again."""

    def fault(_send: object) -> ProviderEvent:
        old = front.calendar.kept["event-1"]
        front.calendar.kept["event-2"] = replace(old, id="event-2", span=Interval(LATE, LATE + HOUR))
        if not old_stands:
            front.calendar.kept["event-1"] = replace(old, status="cancelled")
        raise LOST

    front.calendar.plan("move", fault, *[failing(LOST)] * 40)


@pytest.mark.parametrize("looks_far", [True, False])
@pytest.mark.parametrize("old_stands", [True, False])
def test_giving_up_a_move_adopts_the_event_that_it_made(
    front: BusyDesk, ada: Caller, old_stands: bool, looks_far: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def near(wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        return tuple(e for e in everywhere(wish, deadline=deadline) if e.span == wish.times.span)

    everywhere = front.calendar.find
    if not looks_far:  # as a search that is limited to the wish's own time
        monkeypatch.setattr(front.calendar, "find", near)
    booking = booked(front, ada)
    half_moved(front, old_stands=old_stands)
    assert ada.move(LATE).status is Status.PENDING

    front.after(1800)

    moved = front.only()
    assert (moved.state, moved.provider_id, moved.moving_to) == (State.BOOKED, "event-2", None)
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}
    assert front.calendar.live() == [LATE]
    assert front.effects(booking.id)[-1:] == ["sms_moved"]


@pytest.mark.parametrize("problem", [LOST, RefusedError(Refusal.NOT_PERMITTED), NotExecutedError("429")])
def test_both_times_stay_locked_while_both_events_stand(front: BusyDesk, ada: Caller, problem: Exception) -> None:
    booked(front, ada)
    half_moved(front, old_stands=True)
    ada.move(LATE)
    front.calendar.plan("cancel", *[failing(problem)] * 500)
    front.after(1800)

    assert sorted(front.locks().values()) == [(EARLY, EARLY + HOUR), (LATE, LATE + HOUR)]

    front.calendar.clear_plan()
    front.after(300)
    assert sorted(front.locks().values()) == [(at, at + HOUR) for at in front.calendar.live()]


def test_a_refused_repeat_of_a_move_adopts_what_the_first_one_made(front: BusyDesk, ada: Caller) -> None:
    """As a calendar does whose first move was executed unheard: the old event cannot be moved again."""
    booking = booked(front, ada)
    half_moved(front, old_stands=False)
    ada.move(LATE)
    front.calendar.clear_plan()

    front.after(QUIESCENCE + 120)

    assert (front.only().state, front.only().provider_id) == (State.BOOKED, "event-2")
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}


def test_a_repeat_refused_because_of_our_own_event_finds_it(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    half_moved(front, old_stands=True)
    ada.move(LATE)
    front.calendar.clear_plan()
    front.calendar.plan("move", *[failing(RefusedError(Refusal.TAKEN))] * 9)

    front.after(QUIESCENCE + 120)

    assert (front.only().state, front.only().provider_id) == (State.BOOKED, "event-2")
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}
    assert front.calendar.live() == [LATE]


def test_gone_is_only_said_after_a_look(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE + 120)
    front.calendar.plan("read", failing(NotExecutedError("no connection")))
    assert ada.move(LATE).status is Status.PENDING
    assert len(front.locks()) == 2

    front.after(QUIESCENCE + 120)

    assert (front.only().state, front.only().provider_id) == (State.BOOKED, last)
    assert front.locks() == {booking.id: (LATE + 120, LATE + 180)}


def test_giving_up_a_move_that_made_nothing_keeps_the_old_time(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.calendar.plan("move", *[failing(LOST)] * 40)
    ada.move(LATE)

    front.after(1800)

    assert (front.only().state, front.only().provider_id) == (State.BOOKED, "event-1")
    assert front.locks() == {booking.id: (EARLY, EARLY + HOUR)}
    assert "sms_failed" in front.effects(booking.id)


def test_what_a_person_rescheduled_before_the_caller_did_is_followed_and_not_called_gone(
    front: BusyDesk, ada: Caller
) -> None:
    booking = booked(front, ada)
    last = book_anew(front.calendar, "event-1", to=LATE + 120)

    reply = ada.move(LATE)

    assert reply.status is Status.UNAVAILABLE
    assert (front.only().state, front.only().provider_id) == (State.BOOKED, last)
    assert front.locks() == {booking.id: (LATE + 120, LATE + 180)}


def test_a_person_who_moves_it_while_we_do_is_not_overlooked(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada, service="talk")
    event = front.only().provider_id or ""
    front.room.plan("move", meanwhile(lambda: delete(front.room, event)))

    assert ada.move(LATE, service="talk").status is Status.UNAVAILABLE
    assert front.only().state is State.CANCELLED
    assert front.locks() == {}
