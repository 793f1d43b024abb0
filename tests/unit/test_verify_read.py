"""Calendars that take whatever is written: what a stranger writes in the same moment is looked for, never hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError
from slotline.domain.time import Interval, minute_of
from slotline.ports import ProviderEvent
from tests.unit.busy_desk import BUSY, EARLY, HOUR, LATE, BusyDesk, delete, shift
from tests.unit.front_desk import QUIESCENCE, Caller, answer_lost, failing, meanwhile

LOST = InDoubtError("no answer")


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def stranger_comes(front: BusyDesk, request: str = "create", *, start: int = EARLY, name: str = "room") -> None:
    """A person writes while our own request is on its way."""
    calendar = front.busy[name]
    calendar.plan(request, meanwhile(lambda: calendar.stranger(start, start + HOUR)))


def our_events(front: BusyDesk, booking: Booking, name: str = "room") -> list[Interval]:
    events = front.busy[name].kept.values()
    return [e.span for e in events if e.tag == booking.id and e.status == "accepted"]


# --- booking ---------------------------------------------------------------------------------------------------------


def test_while_the_caller_waits_our_event_gives_way(front: BusyDesk, ada: Caller) -> None:
    stranger_comes(front)

    reply = ada.book(EARLY, service="talk")

    booking = front.only()
    assert reply.status is Status.UNAVAILABLE
    assert (booking.state, booking.reason) == (State.REJECTED, "taken")
    assert our_events(front, booking) == []
    assert front.locks() == {}
    assert front.effects(booking.id) == []
    assert front.counted == ["Conflicts"]


def test_other_times_are_offered_and_not_that_one(front: BusyDesk, ada: Caller) -> None:
    stranger_comes(front)

    slots = ada.book(EARLY, service="talk").fields["slots"]

    assert isinstance(slots, list)
    offered = [minute_of(datetime.fromisoformat(slot["start"])) for slot in slots]
    assert offered
    assert all(start <= EARLY - HOUR or start >= EARLY + HOUR for start in offered)


@pytest.mark.parametrize("problem", [NotExecutedError("429"), SetupError("403"), RefusedError(Refusal.NOT_PERMITTED)])
def test_an_event_that_cannot_be_removed_is_booked_and_a_person_must_choose(
    front: BusyDesk, ada: Caller, problem: Exception
) -> None:
    stranger_comes(front)
    front.room.plan("cancel", failing(problem))

    reply = ada.book(EARLY, service="talk")

    booking = front.only()
    assert reply.status is Status.CONFIRMED
    assert front.effects(booking.id) == ["conflict", "sms_booked"]
    assert our_events(front, booking) == [booking.times.span]
    assert front.locks() == {booking.id: (EARLY, EARLY + HOUR)}


@pytest.mark.parametrize("removed", [True, False])
def test_a_removal_in_doubt_ends_in_the_truth(front: BusyDesk, ada: Caller, removed: bool) -> None:
    stranger_comes(front)
    front.room.plan("cancel", answer_lost(LOST) if removed else failing(LOST))

    assert ada.book(EARLY, service="talk").status is Status.PENDING
    front.after(QUIESCENCE + 120)

    booking = front.only()
    assert booking.state is (State.REJECTED if removed else State.BOOKED)
    assert our_events(front, booking) == ([] if removed else [booking.times.span])
    assert front.effects(booking.id) == (["sms_failed"] if removed else ["conflict", "sms_booked"])
    assert len(front.locks()) == (0 if removed else 1)


def test_an_event_that_may_yet_be_removed_is_no_booking_for_whoever_asks_again(front: BusyDesk, ada: Caller) -> None:
    stranger_comes(front)
    front.room.plan("cancel", failing(LOST))  # executed later than the caller asks again
    assert ada.book(EARLY, service="talk").status is Status.PENDING
    front.clock.sleep(20)

    assert ada.book(EARLY, service="talk").status is Status.PENDING
    booking = front.only()
    front.room.cancel(next(iter(e.id for e in front.room.kept.values() if e.tag == booking.id)), reason="", deadline=0)
    front.after(QUIESCENCE + 120)

    assert front.only().state is State.REJECTED
    assert front.effects(booking.id) == ["sms_failed"]


@pytest.mark.parametrize("is_heard", [True, False])
def test_what_the_reconciler_finds_is_a_conflict_for_the_caller_was_told_it_is_reserved(
    front: BusyDesk, ada: Caller, is_heard: bool
) -> None:
    front.room.plan("create", answer_lost(LOST) if is_heard else failing(LOST))
    front.room.plan("find", failing(NotExecutedError("no connection")))
    assert ada.book(EARLY, service="talk").status is Status.PENDING
    front.room.stranger(EARLY, EARLY + HOUR)

    front.after(300)

    booking = front.only()
    assert booking.state is State.BOOKED
    assert front.effects(booking.id) == ["conflict", "sms_booked"]
    assert front.room.count("cancel") == 0


def test_a_repeat_of_what_was_called_reserved_does_not_take_it_back(front: BusyDesk, ada: Caller) -> None:
    front.room.plan("create", answer_lost(LOST))
    front.room.plan("find", failing(NotExecutedError("no connection")))
    assert ada.book(EARLY, service="talk").status is Status.PENDING
    front.room.stranger(EARLY, EARLY + HOUR)

    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED
    assert "conflict" in front.effects(front.only().id)


def test_a_lost_answer_is_no_reason_not_to_look(front: BusyDesk, ada: Caller) -> None:
    def lost(send: Callable[[], ProviderEvent]) -> ProviderEvent:
        send()
        front.room.stranger(EARLY, EARLY + HOUR)
        raise LOST

    front.room.plan("create", lost)

    assert ada.book(EARLY, service="talk").status is Status.UNAVAILABLE
    assert our_events(front, front.only()) == []


def test_an_event_beside_ours_is_in_nobodys_way(front: BusyDesk, ada: Caller) -> None:
    stranger_comes(front, start=EARLY + HOUR)

    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED
    assert front.counted == []


def test_a_buffer_is_looked_at_too() -> None:
    front = BusyDesk(
        replace(BUSY, services={**BUSY.services, "talk": replace(BUSY.services["talk"], after_minutes=15)})
    )
    stranger_comes(front, start=EARLY + HOUR)

    assert Caller(front).book(EARLY, service="talk").status is Status.UNAVAILABLE


def test_an_event_that_began_long_ago_and_lasts_is_in_the_way(front: BusyDesk, ada: Caller) -> None:
    front.room.plan("create", meanwhile(lambda: front.room.stranger(EARLY - 3 * 1440, EARLY + 1440)))

    assert ada.book(EARLY, service="talk").status is Status.UNAVAILABLE


def test_a_look_that_fails_does_not_undo_a_booking(front: BusyDesk, ada: Caller) -> None:
    stranger_comes(front)
    front.room.plan("events", failing(NotExecutedError("429")))

    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED
    assert front.found() == [("foreign_overlap", front.only().id)]


def test_another_booking_whose_tag_a_person_deleted_is_no_stranger(front: BusyDesk, ada: Caller) -> None:
    """Two seats, so our own events overlap as they should."""
    hall = front.busy["hall"]
    ada.book(EARLY, service="yoga")
    (event,) = hall.kept.values()
    hall.plan("create", meanwhile(lambda: hall.kept.update({event.id: replace(event, tag=None)})))

    assert Caller(front, number="+14155550188", call="c2").book(EARLY, service="yoga").status is Status.CONFIRMED


def test_calendars_that_refuse_overlaps_are_not_asked(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY)
    ada.move(LATE)

    assert front.calendar.count("events") == 0


# --- moving ----------------------------------------------------------------------------------------------------------


def test_a_move_onto_a_stranger_stands_and_a_person_must_choose(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    stranger_comes(front, "move", start=LATE)

    assert ada.move(LATE, service="talk").status is Status.CONFIRMED

    booking = front.only()
    assert front.effects(booking.id) == ["sms_booked", "conflict", "sms_moved"]
    assert front.locks() == {booking.id: (LATE, LATE + HOUR)}


def test_a_move_in_doubt_is_looked_at_when_it_is_found(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    front.room.plan("move", answer_lost(LOST))
    front.room.plan("read", failing(NotExecutedError("no connection")))
    assert ada.move(LATE, service="talk").status is Status.PENDING
    front.room.stranger(LATE, LATE + HOUR)

    front.after(60)

    assert front.only().times.span.start == LATE
    assert "conflict" in front.effects(front.only().id)


def test_a_conflict_is_not_lost_when_the_caller_has_another_wish_for_that_time(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="yoga")

    def others_come() -> None:
        Caller(front, call="c2").book(LATE, service="yoga")
        front.busy["hall"].stranger(LATE, LATE + HOUR)

    front.busy["hall"].plan("move", meanwhile(others_come))

    ada.move(LATE, service="yoga", appointment="appt_1")

    assert "conflict" in front.effects(front.bookings()[0].id)


@pytest.mark.parametrize("by_words", [True, False])
@pytest.mark.parametrize("minutes", [15, 30, 45])
def test_an_appointment_can_be_moved_by_less_than_its_length(
    front: BusyDesk, ada: Caller, minutes: int, by_words: bool
) -> None:
    ada.book(EARLY, service="talk")

    reply = ada.move_at(EARLY + minutes) if by_words else ada.move(EARLY + minutes, service="talk")

    assert reply.status is Status.CONFIRMED
    assert front.locks() == {front.only().id: (EARLY + minutes, EARLY + minutes + HOUR)}
    assert our_events(front, front.only()) == [front.only().times.span]


def test_even_when_a_person_deleted_our_tag(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    event = front.only().provider_id or ""
    front.room.kept[event] = replace(front.room.kept[event], tag=None)

    assert ada.move_at(EARLY + 30).status is Status.CONFIRMED
    assert front.effects(front.only().id) == ["sms_booked", "sms_moved"]


def test_own_copies_do_not_stand_in_the_way_of_a_group(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="trio")
    front.after(60)
    assert all(len(front.busy[name].live()) == 1 for name in ("ana", "ben", "cleo"))

    assert ada.move_at(EARLY + 30).status is Status.CONFIRMED
    front.after(60)

    assert [front.busy[name].live() for name in ("ana", "ben", "cleo")] == [[EARLY + 30]] * 3


def test_somebody_elses_event_does(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="trio")
    front.after(60)
    front.busy["ben"].stranger(EARLY + HOUR, EARLY + 2 * HOUR)

    assert ada.move_at(EARLY + 30).status is Status.UNAVAILABLE
    assert front.only().times.span.start == EARLY


# --- the nightly look ------------------------------------------------------------------------------------------------


def test_nothing_is_out_of_step_after_an_ordinary_day(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    Caller(front, number="+14155550188", call="c2").book(EARLY, service="trio")
    front.after(60)
    ada.move(LATE, service="talk", appointment="appt_1")

    assert front.found() == []


def test_our_own_event_without_its_tag_is_no_stranger(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    event = front.only().provider_id or ""
    front.room.kept[event] = replace(front.room.kept[event], tag=None)

    assert front.found() == []


def test_a_tag_of_another_business_makes_a_stranger(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    front.room.stranger(EARLY + 30, LATE, tag="another-business")

    assert front.found() == [("foreign_overlap", front.only().id)]


def test_an_overlap_is_looked_for_where_the_event_stands(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    booking = front.only()
    front.room.stranger(EARLY, EARLY + HOUR)
    shift(front.room, booking.provider_id or "", to=LATE)
    assert front.found() == [("moved", booking.id)]

    front.room.stranger(LATE, LATE + HOUR)
    assert front.found() == [("moved", booking.id), ("foreign_overlap", booking.id)]


def test_one_booking_whose_service_is_gone_keeps_no_other_from_following(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    Caller(front, number="+14155550188", call="c2").book(LATE, service="solo", staff="ana")
    front.clock.sleep(QUIESCENCE + 30)
    talk, solo = front.bookings()
    other = Caller(front, number="+14155550199", call="c3")
    front.business = replace(
        BUSY, services={**BUSY.services, "chat": replace(BUSY.services["talk"], key="chat", name="Chat")}
    )
    front.business = replace(front.business, agents={"front": replace(BUSY.agents["front"], services=("chat", "solo"))})
    other.book(LATE, service="chat")
    front.clock.sleep(QUIESCENCE + 30)
    chat = front.bookings()[-1]
    front.business = replace(front.business, services={k: s for k, s in front.business.services.items() if k != "talk"})
    delete(front.room, talk.provider_id or "")
    shift(front.room, chat.provider_id or "", to=LATE + HOUR)

    front.scan(heeding=True).run()

    assert front.store.read(chat.id).times.span.start == LATE + HOUR
    assert front.store.read(talk.id).state is State.BOOKED
    assert "drift_not_followed" in front.notes
    assert solo.state is State.BOOKED
