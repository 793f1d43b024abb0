"""reschedule_appointment: the old time is the caller's until the new one is certain."""

from __future__ import annotations

from dataclasses import replace

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import (
    ProviderError,
    Refusal,
    SlotTakenError,
    StaleError,
    StoreUnavailableError,
    UnclearError,
)
from slotline.ports import CallRecord
from slotline.use_cases.answers import fields_of, told, unavailable
from slotline.use_cases.appointments import Change
from slotline.use_cases.desk import Desk
from slotline.use_cases.last_look import stands_free
from slotline.use_cases.own_holds import give_way
from slotline.use_cases.slot_choice import Choice, chosen, seats_of


def reschedule_appointment(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    appointment: str | None = None,
    slot_id: str | None = None,
    date: str | None = None,
    time: str | None = None,
    code: str | None = None,
) -> ToolReply:
    """Move one of the caller's appointments to another slot; without a handle, what was booked last in this call."""
    change = Change(desk, call, desk.caller(call), deadline)

    def once() -> ToolReply:
        refused = change.unproved(appointment, code=code, newest=True)
        if refused is not None:
            return refused
        booking, record, done = change.meant(appointment, newest=True)
        if done is not None:
            return done
        booking = change.advanced(booking)
        if booking.state is not State.BOOKED:
            return change.truth(booking, record)
        service = desk.business.service(booking.service)  # this agent need not offer what another one booked
        choice = _with_same_staff(chosen(desk, service=service, slot_id=slot_id, date=date, time=time), booking)
        if choice.start == booking.times.span.start:
            if booking.needs_approval:
                return told(desk, booking, call=record, deadline=deadline, replay=True)
            fields = fields_of(desk, booking, call=record, replay=True)
            return desk.reply(Status.CONFIRMED, "move_same", fields, time=desk.moment(choice.start))
        return _moved(change, booking, record, choice)

    try:
        return change.settled(once)
    except UnclearError as unclear:
        return desk.unclear(unclear, status=Status.UNAVAILABLE, fields={"slots": []})


def _with_same_staff(choice: Choice, booking: Booking) -> Choice:
    """A move keeps who serves: only their times can be offered instead."""
    return replace(choice, crew=booking.staff)


def _moved(change: Change, booking: Booking, record: CallRecord | None, choice: Choice) -> ToolReply:
    desk, deadline = change.desk, change.deadline
    old = desk.moment(booking.times.span.start)
    try:
        give_way(desk, record.held if record else None, to=choice.times, caller=change.caller.key)
        if not _is_free(change, booking, choice):
            return unavailable(desk, choice, deadline=deadline, phrase="move_taken", moving=booking)
        after = _sent(change, booking, choice)
    except SlotTakenError:
        return unavailable(desk, choice, deadline=deadline, phrase="move_taken", moving=booking)
    except ProviderError:  # only the look before: nothing was asked of the calendar
        return desk.reply_transfer(Status.NOT_DONE, "not_changed")
    desk.openings.forget(desk.business.key)
    if after.state is State.CANCELLED:
        return desk.reply(Status.UNAVAILABLE, "gone", {"slots": []})
    if after.state is not State.BOOKED:
        return told(desk, after, call=record, deadline=deadline, replay=False)
    if after.times.span.start != choice.start:
        if after.reason == Refusal.NOT_PERMITTED:
            return desk.reply_transfer(Status.NOT_DONE, "not_changed")
        return unavailable(desk, choice, deadline=deadline, phrase="move_taken", moving=after)
    if after.needs_approval:
        return told(desk, after, call=record, deadline=deadline, replay=False)
    fields = fields_of(desk, after, call=record, replay=False)
    return desk.reply(Status.CONFIRMED, desk.with_text("moved", after), fields, time=desk.moment_of(after), old=old)


def _sent(change: Change, booking: Booking, choice: Choice) -> Booking:
    """Pin the new time beside the old one, then ask the provider; where the lock is the calendar, both in one."""
    desk, now = change.desk, change.desk.clock.now()
    seats = seats_of(desk, booking.resources)
    places = [(r, d) for r in booking.resources for t in (choice.times, booking.times) for d in t.blocked.utc_days()]
    steps = desk.driver
    wish = steps.context.intent_at(booking, choice.start)
    view = desk.store.view(intents=[wish], days=dict.fromkeys(places))
    if give_way(desk, view.intents.get(wish), to=choice.times):
        raise StaleError("the caller held that slot in an earlier call")
    if view.intents.get(wish, booking.id) != booking.id:
        raise SlotTakenError("the caller has another appointment at that time")
    days = view.days
    if desk.calendars.of(booking.calendar).traits.own:
        return desk.store.move_own(
            booking,
            to=choice.times,
            caller=change.caller.key,
            intent=wish,
            days=days,
            delivery=change.delivery(),
            seats=seats,
            effects=["sms_moved"],
            now=now,
        )
    pinned = desk.store.want_move(
        booking,
        to=choice.times,
        caller=change.caller.key,
        attempt=steps.context.new_attempt(),
        days=days,
        delivery=change.delivery(),
        seats=seats,
        now=now,
    )
    try:
        try:
            return steps.move.send(pinned, before=booking, deadline=change.deadline)
        except StaleError:  # somebody else drives now
            return desk.store.read(pinned.id)
    except StoreUnavailableError as error:
        if error.in_doubt:
            raise  # the refusal may be on record already, and then nobody will text about it
        return pinned  # both times are pinned: the reconciler finishes it


def _is_free(change: Change, booking: Booking, choice: Choice) -> bool:
    desk = change.desk
    if choice.offered:
        return stands_free(desk, booking, choice, deadline=change.deadline, moving=True)
    opening = desk.opening(choice.service, crew=choice.crew, deadline=change.deadline, moving=booking)
    if choice.start in opening.starts:
        return True
    wish = desk.driver.context.intent_at(booking, choice.start)
    if give_way(desk, desk.store.view(intents=[wish]).intents.get(wish), to=choice.times):
        raise StaleError("the caller held that slot in an earlier call")
    return False
