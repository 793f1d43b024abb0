"""find_appointments, and for the tools that change one: whose it is and which is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.bookings import Booking, State
from slotline.domain.business import IdentityLevel
from slotline.domain.calls import READS, Status, ToolCall, ToolReply
from slotline.domain.errors import NotAllowedError, StaleError, StoreUnavailableError, UnclearError
from slotline.domain.speech import described, listed
from slotline.domain.time import iso
from slotline.ports import CallRecord, Delivery
from slotline.use_cases.answers import fields_of, told
from slotline.use_cases.desk import Caller, Desk
from slotline.use_cases.patience import settled

SAID_AT_ONCE = 3
TRIES = 8


def find_appointments(desk: Desk, call: ToolCall, *, deadline: float, code: str | None = None) -> ToolReply:
    """The caller's own coming appointments, with handles that are worth something in this call only."""
    change = Change(desk, call, desk.caller(call), deadline)
    return change.settled(lambda: _found(change, code))


def _found(change: Change, code: str | None) -> ToolReply:
    desk = change.desk
    refused = change.unproved_for(desk.business.look_up, code=code)
    if refused is not None:
        return refused
    bookings, record = change.upcoming()
    if not bookings and change.caller.number is None:  # a call proves only what was booked in it
        return desk.reply_transfer(Status.NEEDS_VERIFICATION, "needs_verification")
    if not bookings:
        return desk.reply(Status.NONE_FOUND, "none_found", {"appointments": []})
    fields = {"appointments": [_line(desk, booking, record) for booking in bookings]}
    said = [_spoken(desk, booking) for booking in bookings]
    if len(said) == 1:
        return desk.reply(Status.FOUND, "found_one", fields, appointment=said[0])
    return desk.reply(Status.FOUND, "found_many", fields, appointments=listed(desk.business.locale, said, joiner="and"))


@dataclass(frozen=True, slots=True)
class Change:
    """One caller's wish to see or change what is theirs."""

    desk: Desk
    call: ToolCall
    caller: Caller
    deadline: float

    def settled(self, once: Callable[[], ToolReply]) -> ToolReply:
        """Read anew whenever somebody else moved first. "Not yours" and "not there" are the same words."""
        desk = self.desk
        try:
            for _ in range(TRIES):
                try:
                    return once()
                except StaleError:
                    desk.clock.sleep(0.02 * (1 + desk.ids.jitter()))
                except NotAllowedError:
                    if self.caller.number is not None and self.is_known():
                        return desk.reply(Status.NEEDS_VERIFICATION, "none_found")  # we know who calls
                    return desk.reply_transfer(Status.NEEDS_VERIFICATION, "needs_verification")
        except StoreUnavailableError as error:
            if error.in_doubt and self.call.tool not in READS:
                return desk.reply_transfer(Status.PENDING, "unsure")
        return desk.reply_transfer(Status.NOT_DONE, "not_done")

    def upcoming(self) -> tuple[list[Booking], CallRecord | None]:
        """The caller's next live appointments, filed under handles of this call.

        What this call began and the calendar has not answered yet is on no list of the caller's, only in the call.
        """
        desk, scope = self.desk, self.caller.scope
        record = (desk.store.view(scope=scope).call or CallRecord(scope)) if scope else None
        live = self.coming(record)
        if not live or record is None:
            return live, None
        shown = record.showing(*(booking.id for booking in live))
        if shown == record:
            return live, record
        desk.store.show(shown, now=desk.clock.now())
        return live, replace(shown, version=shown.version + 1)

    def coming(self, record: CallRecord | None = None) -> list[Booking]:
        """The same without handles, and so without a write; `record` adds what this call alone knows of."""
        desk = self.desk
        lines = desk.store.of_caller(self.caller.key, not_before=int(desk.clock.now() // 60))
        ids = [*(line.booking for line in lines[: 2 * SAID_AT_ONCE]), *(record.shown[-SAID_AT_ONCE:] if record else ())]
        known = [b for b in map(self._remembered, dict.fromkeys(ids)) if b is not None]
        return sorted((b for b in known if self._is_coming(b)), key=lambda b: b.times.span.start)[:SAID_AT_ONCE]

    def spoken(self, bookings: list[Booking]) -> str:
        """These appointments as alternatives, to ask which one is meant."""
        return listed(self.desk.business.locale, [_spoken(self.desk, booking) for booking in bookings], joiner="or")

    def _remembered(self, booking_id: str) -> Booking | None:
        """The booking; None when it is long over and the table remembers only the call that showed it."""
        try:
            return self.desk.store.read(booking_id)
        except StaleError:
            return None

    def _is_coming(self, booking: Booking) -> bool:
        """Whether it is this caller's, ahead, and neither a mere hold nor over."""
        dead = booking.state.is_terminal or booking.state in {State.HELD, State.CANCELLING}
        ahead = booking.times.span.start * 60 >= self.desk.clock.now()
        return not dead and ahead and booking.caller == self.caller.key

    def unproved(self, handle: str | None, *, code: str | None, newest: bool = False) -> ToolReply | None:
        """What to say first to a caller who has not proved enough to change this; see `verification.unproved`.

        For what was booked in this very call nothing more is asked: whoever is on the line booked it. Nor is it of a
        delivery that had its effect before, on something of this caller's: it only hears what became of it.
        """
        level = self.desk.business.to_change
        if level is not IdentityLevel.CALLER_ID and self.caller.scope is not None:
            operation = self.desk.operation(self.call, self.caller)
            view = self.desk.store.view(operation=operation, scope=self.caller.scope)
            if view.operation is not None and self._is_own(view.operation.booking):
                return None
            if view.call is not None and self._made_here(view.call, handle, newest=newest) is not None:
                return None
        return self.unproved_for(level, code=code)

    def _is_own(self, booking_id: str) -> bool:
        booking = self._remembered(booking_id)
        return booking is not None and booking.caller == self.caller.key

    def unproved_for(self, level: IdentityLevel, *, code: str | None) -> ToolReply | None:
        """The same for anything that takes this level."""
        desk, caller = self.desk, self.caller
        if level is IdentityLevel.CALLER_ID:
            known = desk.may(caller, level)
            return None if known else desk.reply_transfer(Status.NEEDS_VERIFICATION, "needs_verification")
        from slotline.use_cases.verification import unproved  # few businesses ask for codes

        return unproved(desk, self.call, caller, code=code)

    def is_known(self, record: CallRecord | None = None) -> bool:
        """Whether the caller has proved enough for any change; `record` is that of the call, where it was read."""
        desk, caller, level = self.desk, self.caller, self.desk.business.to_change
        if level is IdentityLevel.CALLER_ID:
            return desk.may(caller, level)
        from slotline.use_cases.verification import is_known

        record = record or (desk.store.view(scope=caller.scope).call if caller.scope else None)
        return is_known(caller, record)

    def _made_here(self, record: CallRecord, handle: str | None, *, newest: bool) -> Booking | None:
        """What was booked in this very call, if it is what is meant: by its handle, or as the newest, if to come."""
        wanted = record.booking_behind(handle) if handle else record.booked if newest else None
        if self.call.context.call_id is None or wanted is None or wanted not in record.made:
            return None
        booking = self._remembered(wanted)
        if booking is None or booking.caller != self.caller.key:
            return None
        return booking if handle or self._is_coming(booking) else None

    def meant(self, handle: str | None, *, newest: bool = False) -> tuple[Booking, CallRecord | None, ToolReply | None]:
        """The appointment behind a handle of this call; without one, the only coming appointment the caller has.

        With `newest`, without a handle, what was booked last in this call comes before all others. The reply is there
        when this very delivery has been here before. Raises NotAllowedError, UnclearError.
        """
        desk, caller = self.desk, self.caller
        if not caller.proved or caller.scope is None:
            raise NotAllowedError("the caller is not proved")
        operation = desk.operation(self.call, caller)
        view = desk.store.view(operation=operation, scope=caller.scope, phone=caller.key if caller.number else None)
        if view.opted_out:
            desk.no_texts_to(caller.number)
        record = view.call
        if view.operation is not None and operation is not None:
            booking = self._named(view.operation.booking)
            if booking.caller != caller.key:
                raise NotAllowedError("somebody else's")
            if view.operation.fingerprint != operation.fingerprint:
                return booking, record, desk.reply(Status.NOT_DONE, "clarify_request")
            return booking, record, self.truth(booking, record)
        if record is not None and (made := self._made_here(record, handle, newest=newest)) is not None:
            return made, record, None
        if not self.is_known(record):
            raise NotAllowedError("the caller is not proved well enough")
        booking_id = record.booking_behind(handle) if record and handle else None
        if booking_id is not None:
            booking = self._named(booking_id)
        else:
            if handle and record and record.shown:
                raise NotAllowedError("no such handle in this call")
            booking, record = self._only_one()
        if booking.caller != caller.key:
            raise NotAllowedError("somebody else's")
        return booking, record, None

    def _named(self, booking_id: str) -> Booking:
        booking = self._remembered(booking_id)
        if booking is None:
            raise NotAllowedError("over and forgotten")
        return booking

    def _only_one(self) -> tuple[Booking, CallRecord | None]:
        bookings, record = self.upcoming()
        if not bookings:
            raise NotAllowedError("nothing to change")
        if len(bookings) > 1:
            raise UnclearError("clarify_appointment", appointments=self.spoken(bookings))
        return bookings[0], record

    def truth(self, booking: Booking, record: CallRecord | None) -> ToolReply:
        """What became of an earlier wish, advanced as far as it goes now."""
        desk = self.desk
        booking = self.advanced(booking)
        if booking.state is State.CANCELLED:
            return desk.reply(Status.CANCELLED, "cancelled_already", fields_of(desk, booking, call=record, replay=True))
        return told(desk, booking, call=record, deadline=self.deadline, replay=True)

    def advanced(self, booking: Booking) -> Booking:
        """A repeat carries on what another delivery began."""
        return settled(self.desk, booking, deadline=self.deadline)

    def delivery(self, record: CallRecord | None = None) -> Delivery:
        """This delivery, to be filed with its effect; `record` is what the call's record becomes with it."""
        return Delivery(self.desk.operation(self.call, self.caller), record)


def _line(desk: Desk, booking: Booking, record: CallRecord | None) -> dict[str, object]:
    staff = desk.staff_name(booking)
    line: dict[str, object] = {
        "appointment": record.handle_of(booking.id) if record else None,
        "start": iso(booking.times.span.start, desk.business.zone),
        "say": desk.moment(booking.times.span.start),
        "service": desk.service_name(booking),
        "state": "requested" if booking.state is State.BOOKED and booking.needs_approval else booking.state.value,
    }
    return line | ({"staff": staff} if staff else {})


def _spoken(desk: Desk, booking: Booking) -> str:
    return described(
        desk.business.locale,
        service=desk.service_name(booking),
        time=desk.moment(booking.times.span.start),
        staff=desk.staff_name(booking),
        settled=not (booking.needs_approval or booking.state.is_unfinished),
    )
