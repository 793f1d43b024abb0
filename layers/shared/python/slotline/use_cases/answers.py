"""What a booking's present state sounds like. The only place where a state becomes "you're booked"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.bookings import State
from slotline.domain.business import Where
from slotline.domain.calls import Status, ToolReply
from slotline.domain.errors import ProviderError
from slotline.domain.time import iso
from slotline.use_cases.slot_choice import Choice, around

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking
    from slotline.ports import CallRecord
    from slotline.use_cases.desk import Desk


def told(desk: Desk, booking: Booking, *, call: CallRecord | None, deadline: float, replay: bool) -> ToolReply:
    """The truth about a booking somebody wants or wanted, as a reply to hold or book."""
    time = desk.moment_of(booking)
    fields = fields_of(desk, booking, call=call, replay=replay)
    if booking.cancel_wanted and booking.state.is_unfinished:
        return desk.reply(Status.CANCEL_PENDING, desk.with_text("cancel_pending", booking), fields, time=time)
    match booking.state:
        case State.HELD:
            return desk.reply(Status.HELD, "already_held" if replay else "held", fields, time=time)
        case State.BOOKED if booking.needs_approval:
            return desk.reply(
                Status.REQUESTED,
                "requested_already" if replay else desk.with_text("requested", booking),
                fields,
                time=time,
                business=desk.business.name,
            )
        case State.BOOKED:
            return desk.reply(
                Status.CONFIRMED, "booked_already" if replay else desk.with_text("booked", booking), fields, time=time
            )
        case State.RESCHEDULING if booking.moving_to is not None:
            new = desk.moment(booking.moving_to.span.start)
            return desk.reply(Status.PENDING, desk.with_text("pending_move", booking), fields, time=new, old=time)
        case State.BOOKING | State.RESCHEDULING:
            return desk.reply(
                Status.PENDING, desk.with_text("pending_again" if replay else "pending", booking), fields, time=time
            )
        case State.CANCELLING:
            return desk.reply(Status.CANCEL_PENDING, desk.with_text("cancel_pending", booking), fields, time=time)
        case State.CANCELLED:
            return desk.reply(Status.NOT_DONE, "cancelled_already", fields, time=time)
        case State.EXPIRED:
            return unavailable(desk, _choice(desk, booking), deadline=deadline, phrase="expired_hold")
        case State.REJECTED:
            return _rejected(desk, booking, deadline=deadline)


def unavailable(
    desk: Desk, choice: Choice, *, deadline: float, phrase: str = "taken", moving: Booking | None = None
) -> ToolReply:
    """Refused kindly, with the nearest times that are free now."""
    try:
        starts = around(desk, choice, deadline=deadline, moving=moving)
    except ProviderError:
        starts = ()
    old = {"old": desk.moment(moving.times.span.start)} if moving else {}
    if not starts:
        return desk.reply(Status.UNAVAILABLE, phrase, {"slots": []}, **old)
    fields = {"slots": desk.slots(choice.service, starts, member=choice.member)}
    return desk.reply(Status.UNAVAILABLE, f"{phrase}_offers", fields, offers=desk.offers(starts), **old)


def fields_of(desk: Desk, booking: Booking, *, call: CallRecord | None, replay: bool) -> dict[str, object]:
    """What a booking reply carries beside its sentence."""
    zone, service = desk.business.zone, desk.business.services.get(booking.service)
    where = service.where if service else Where()
    optional = {
        "staff": desk.staff_name(booking),
        "where": where.detail or (None if where.kind == "unspecified" else where.kind),
        "appointment": call.handle_of(booking.id) if call else None,
    }
    return {
        "start": iso(booking.times.span.start, zone),
        "end": iso(booking.times.span.end, zone),
        "time_zone": desk.business.time_zone,
        "service": desk.service_name(booking),
        "replay": replay,
        **{name: value for name, value in optional.items() if value is not None},
    }


def _rejected(desk: Desk, booking: Booking, *, deadline: float) -> ToolReply:
    reason = booking.reason or ""
    if reason.startswith("needs_"):
        field = reason.removeprefix("needs_")
        known = field in {"email", "phone", "name"}
        values = {} if known else {"field": field}
        return desk.reply(Status.NEEDS, f"needs_{field}" if known else "needs_field", {"field": field}, **values)
    if reason in {"setup", "not_permitted", "gave_up"}:
        return desk.reply_transfer(Status.NOT_DONE, "not_done")
    return unavailable(desk, _choice(desk, booking), deadline=deadline)


def _choice(desk: Desk, booking: Booking) -> Choice:
    return Choice(desk.business.service(booking.service), booking.times.span.start, offered=True)
