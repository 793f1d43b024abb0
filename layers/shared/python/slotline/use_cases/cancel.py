"""cancel_appointment: asked about first, done only after a yes to that question and when the calendar has agreed.

The question stands in the record of the call (of the caller, where the platform names no call), with the booking and
its version; the yes takes it away in the same transaction that cancels. So nothing is cancelled that was not asked
about, as it is now, by an earlier delivery, minutes ago at most, and no question is answered twice. A call in which it
was asked too often to remember by whom goes to a person.
"""

from __future__ import annotations

from dataclasses import replace

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import NotAllowedError, StoreUnavailableError, UnclearError
from slotline.domain.verification import NO_QUESTION, nameless
from slotline.ports import CallRecord
from slotline.use_cases.answers import fields_of
from slotline.use_cases.appointments import Change
from slotline.use_cases.desk import Desk


def cancel_appointment(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    appointment: str | None = None,
    confirm: bool = False,
    code: str | None = None,
) -> ToolReply:
    """Cancel one of the caller's appointments, after they confirmed which."""
    change = Change(desk, call, desk.caller(call), deadline)

    def once() -> ToolReply:
        refused = change.unproved(appointment, code=code)
        if refused is not None:
            return refused
        booking, record, done = change.meant(appointment)
        if done is not None:
            return done
        if booking.state is State.CANCELLED:
            return change.truth(booking, record)
        if booking.state is State.EXPIRED:
            fields = fields_of(desk, booking, call=record, replay=True)
            return desk.reply(Status.CANCELLED, "cancelled_already", fields)
        if booking.state.is_terminal:
            raise NotAllowedError("there is nothing to cancel")
        if record is None:
            raise NotAllowedError("nothing to file the question with")
        if not booking.cancel_wanted and not (confirm and _is_agreed(change, booking, record)):
            return _asked(change, booking, record)
        return _answer(change, booking, _cancelled(change, booking, record), record)

    try:
        return change.settled(once)
    except UnclearError as unclear:
        return desk.unclear(unclear, status=Status.NEEDS_CONFIRMATION)


def _is_agreed(change: Change, booking: Booking, record: CallRecord) -> bool:
    call, question = change.call, record.question
    return question is not None and question.is_answered_by(
        booking=booking.id, rv=booking.rv, delivery=_delivery(call), turn=call.turn, now=change.desk.clock.now()
    )


def _delivery(call: ToolCall) -> str:
    return call.id if call.id is not None else nameless(call.fingerprint())


def _asked(change: Change, booking: Booking, record: CallRecord) -> ToolReply:
    """Say what would be cancelled, and remember that it was said."""
    desk, call = change.desk, change.call
    now, delivery, before = desk.clock.now(), _delivery(call), record.question or NO_QUESTION
    if not before.may_be_asked_by(delivery, now=now):
        return desk.reply_transfer(Status.NOT_DONE, "not_changed")
    question = before.asked_again(booking=booking.id, rv=booking.rv, delivery=delivery, turn=call.turn, now=now)
    desk.store.show(replace(record, question=question), now=now)
    fields = fields_of(desk, booking, call=record, replay=False)
    return desk.reply(Status.NEEDS_CONFIRMATION, "cancel_confirm", fields, time=desk.moment(booking.times.span.start))


def _cancelled(change: Change, booking: Booking, record: CallRecord) -> Booking:
    """The booking after the wish is recorded and, as far as time allows, carried out."""
    desk, now, caller = change.desk, change.desk.clock.now(), change.caller.key
    if booking.state is State.HELD:  # nothing is booked: the slot that was kept is let go
        return desk.store.release(booking, to=State.EXPIRED, reason="caller", now=now)
    if booking.cancel_wanted:
        return change.advanced(booking)
    delivery = change.delivery(replace(record, question=(record.question or NO_QUESTION).answered()))
    if booking.state is State.BOOKED and desk.calendars.of(booking.calendar).traits.own:
        return desk.store.cancel_own(booking, caller=caller, delivery=delivery, effects=["sms_cancelled"], now=now)
    ours = booking.state is State.BOOKED  # otherwise another attempt may be alive: it is only told what is wanted now
    attempt = desk.driver.context.new_attempt() if ours else None
    wanted = desk.store.want_cancel(booking, caller=caller, attempt=attempt, delivery=delivery, now=now)
    try:
        return desk.driver.cancel.finish(wanted, deadline=change.deadline) if ours else change.advanced(wanted)
    except StoreUnavailableError:
        return wanted  # the wish is recorded: the reconciler carries it out


def _answer(change: Change, before: Booking, after: Booking, record: CallRecord | None) -> ToolReply:
    desk = change.desk
    desk.openings.forget(desk.business.key)
    meant = replace(after, times=before.times)  # the one the caller knows, even when a move of it came through since
    time, fields = desk.moment(before.times.span.start), fields_of(desk, meant, call=record, replay=False)
    if after.state in {State.CANCELLED, State.EXPIRED}:
        return desk.reply(Status.CANCELLED, "cancelled", fields, time=time)
    if after.state.is_unfinished:
        return desk.reply(Status.CANCEL_PENDING, desk.with_text("cancel_pending", after), fields, time=time)
    return desk.reply_transfer(Status.NOT_DONE, "not_changed")
