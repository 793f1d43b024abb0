"""Text messages: which truth each kind tells about a booking, and in what words."""

from __future__ import annotations

from enum import StrEnum

from slotline.domain.bookings import Booking, State
from slotline.domain.business import Business, Service
from slotline.domain.gsm import Segments, gsm_segments
from slotline.domain.message_templates import PLACEHOLDERS, check_template, cleaned, render
from slotline.domain.message_texts import CALL, PLACES, PLATFORMS, TEXTS, Wording, language_of
from slotline.domain.seating import who_serves

__all__ = [
    "PLACEHOLDERS",
    "Segments",
    "Silence",
    "Wording",
    "body",
    "check_template",
    "gsm_segments",
    "render",
    "wording",
]


class Silence(StrEnum):
    """Why a message says nothing now."""

    WAIT = "wait"  # the truth is being settled
    SUPERSEDED = "superseded"  # another message tells what became of it


def wording(kind: str, booking: Booking) -> Wording | Silence:
    """The truth that a message of this kind (`ports.OutboxKind`) has to tell about the booking as it is now."""
    asked = kind == "sms_asked"
    if booking.state is State.BOOKED and not booking.cancel_wanted:
        return _while_it_stands(kind, booking)
    if booking.state is State.CANCELLED and (asked or kind == "sms_cancelled"):
        return Wording.CANCELLED
    if booking.state in {State.REJECTED, State.EXPIRED} and kind == "sms_cancelled":
        return Wording.CANCELLED  # cancelled before it ever came to be
    if booking.state is State.REJECTED and (asked or kind == "sms_failed"):
        return Wording.FAILED
    if booking.state is State.CANCELLED and kind == "sms_failed" and not booking.cancel_wanted:
        return Wording.FAILED  # a request that was declined; nobody asked to cancel it
    if booking.state.is_terminal or booking.state is State.HELD:
        return Silence.SUPERSEDED
    if booking.cancel_wanted and kind not in {"sms_cancelled", "sms_failed"}:
        return Silence.SUPERSEDED  # sms_cancelled, or the refusal to cancel, follows
    return Silence.WAIT


def _while_it_stands(kind: str, booking: Booking) -> Wording | Silence:
    if kind == "sms_cancelled":
        return Silence.SUPERSEDED
    if kind == "sms_failed":
        return Wording.UNCHANGED
    if booking.needs_approval:
        return Wording.REQUESTED
    return Wording.MOVED if kind == "sms_moved" else Wording.BOOKED


def body(wording: Wording, booking: Booking, *, business: Business, date: str, time: str) -> str:
    """The whole text; `date` and `time` are already said in the business's zone and language.

    The owner's own confirmation is used where one is configured. The business is named in any case: who gets a first
    text must see who sends it.
    """
    language = language_of(business.locale)
    call_us, call_number = CALL[language]
    call = call_number.replace("{transfer}", business.transfer_to) if business.transfer_to else call_us
    template = TEXTS[language][wording].replace("{call}", call)
    own = business.sms.confirmation if wording is Wording.BOOKED else None
    values = _values(booking, business=business, language=language) | {"date": date, "time": time}
    text = (render(own, values) if own else "") or render(template, values)
    name = cleaned("business", business.name)
    return text if name.casefold() in text.casefold() else f"{name}: {text}"


def _values(booking: Booking, *, business: Business, language: str) -> dict[str, str]:
    service = business.services.get(booking.service)
    location = _location(service, language) if service else ""
    link = booking.link or ""
    return {
        "business": business.name,
        "service": service.name if service else booking.service.replace("-", " "),
        "staff": ", ".join(who_serves(business, booking)),
        "name": booking.contact.name,
        "duration": f"{booking.times.span.minutes} min",
        "location": "" if location == link else location,
        "link": link,
        "manage": "",
    }


def _location(service: Service, language: str) -> str:
    where = service.where
    kind = PLACES[language].get(where.kind) or PLATFORMS.get(where.kind)
    if kind and where.detail:
        return f"{kind}, {where.detail}"
    return kind or where.detail or ""
