"""hold_slot and book_appointment: what the model said, checked and understood."""

from __future__ import annotations

from slotline.domain.bookings import Contact
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import MissingFieldError, UnclearError
from slotline.domain.guest import check_email, check_name, check_notes
from slotline.use_cases.desk import Desk
from slotline.use_cases.own_country import is_near
from slotline.use_cases.slot_choice import chosen
from slotline.use_cases.slot_wish import SlotWish


def hold_slot(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    service: str | None = None,
    slot_id: str | None = None,
    date: str | None = None,
    time: str | None = None,
) -> ToolReply:
    """Keep a slot for two minutes while the caller decides."""
    try:
        choice = chosen(desk, service=service, slot_id=slot_id, date=date, time=time)
    except UnclearError as unclear:
        return desk.unclear(unclear)
    return SlotWish(desk, call, choice, Contact(), desk.caller(call), deadline).hold()


def book_appointment(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    service: str | None = None,
    slot_id: str | None = None,
    date: str | None = None,
    time: str | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    notes: str | None = None,
) -> ToolReply:
    """Book a slot: confirmed, requested or pending, or a kind and certain no."""
    try:
        contact = _contact(desk, call, name=name, email=email, phone=phone, notes=notes)
    except MissingFieldError as missing:
        return desk.reply(Status.NEEDS, f"needs_{missing.field}", {"field": missing.field})
    except UnclearError as unclear:
        field = unclear.phrase.removeprefix("bad_")
        return desk.unclear(unclear, status=Status.NEEDS, fields={"field": field})
    try:
        choice = chosen(desk, service=service, slot_id=slot_id, date=date, time=time)
    except UnclearError as unclear:
        return desk.unclear(unclear, status=Status.UNAVAILABLE, fields={"slots": []})
    caller = desk.caller(call, claim=contact.phone or contact.email or contact.name)
    return SlotWish(desk, call, choice, contact, caller, deadline).book()


def _contact(
    desk: Desk, call: ToolCall, *, name: str | None, email: str | None, phone: str | None, notes: str | None
) -> Contact:
    if name is None:
        raise MissingFieldError("name")
    number = call.context.caller
    if phone is not None:
        number = desk.phones.parse(phone, region=desk.region())
        if number is None or not is_near(desk, number, caller=call.context.caller):
            raise UnclearError("bad_phone")
    return Contact(
        name=check_name(name),
        phone=number,
        email=None if email is None else check_email(email),
        notes=None if notes is None else check_notes(notes),
    )
