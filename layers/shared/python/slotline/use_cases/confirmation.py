"""send_confirmation: the details by text, to the caller's own number or to one in the same country."""

from __future__ import annotations

from contextlib import suppress

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import NotAllowedError, StaleError, StoreUnavailableError, UnclearError
from slotline.use_cases.appointments import Change
from slotline.use_cases.desk import Desk
from slotline.use_cases.own_country import is_near

MOST_PER_BOOKING = 2
"""Texts a caller may ask for; those that tell the truth about a booking are not counted."""


def send_confirmation(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    appointment: str | None = None,
    phone: str | None = None,
) -> ToolReply:
    """Queue the text; a landline is found out by the sender and cannot undo the booking."""
    caller = desk.caller(call)
    change = Change(desk, call, caller, deadline)
    number = None
    if phone is not None:
        number = desk.phones.parse(phone, region=desk.region())
        if number is None:
            return _refused(desk, "bad_phone")
        if not is_near(desk, number, caller=caller.number):
            return _refused(desk, "foreign")

    def once() -> ToolReply:
        booking, _, done = change.meant(appointment, newest=True)
        if done is not None and done.status is Status.NOT_DONE:
            return done
        if done is None:
            refused = _reason_not_to(desk, booking, number)
            if refused is not None:
                return _refused(desk, refused)
            to = None if number == booking.contact.phone else number
            with suppress(StaleError):  # asked for twice in one minute: it is one text, and it is on its way
                desk.store.ask_message(
                    booking, kind="sms_asked", to=to, delivery=change.delivery(), now=desk.clock.now()
                )
        return desk.reply(Status.SENT, "sms_sent", phone=number or booking.contact.phone or "")

    def once_allowed() -> ToolReply:
        try:
            return once()
        except NotAllowedError:
            if not change.is_known():  # and so must not learn whether there is one
                raise
            return _refused(desk, "no_booking")
        except StoreUnavailableError:
            return _refused(desk, "not_configured")

    try:
        return change.settled(once_allowed)
    except UnclearError as unclear:
        return desk.unclear(unclear, status=Status.REFUSED, fields={"reason": "no_booking"})


def _reason_not_to(desk: Desk, booking: Booking, number: str | None) -> str | None:
    if booking.state is not State.BOOKED:
        return "no_booking"
    if (number or booking.contact.phone) is None:
        return "no_phone"
    if desk.store.opted_out(desk.keys.caller(number or booking.contact.phone or "")):
        return "opted_out"
    return "limit" if desk.store.messages_asked_for(booking.id) >= MOST_PER_BOOKING else None


def _refused(desk: Desk, reason: str) -> ToolReply:
    return desk.reply(Status.REFUSED, f"sms_refused_{reason}", {"reason": reason})
