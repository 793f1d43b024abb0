"""What we send to Cal.com for a wish: attendee, place and host. Follows https://cal.com/docs/api-reference/v2/bookings."""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import b32encode
from typing import TYPE_CHECKING

from slotline.adapters.calendars.calcom.replies import TAG_KEY
from slotline.domain.errors import Refusal, RefusedError, SetupError
from slotline.domain.time import utc_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.business import Service
    from slotline.ports import EventWish

PLACES: Mapping[str, Mapping[str, str]] = {
    "unspecified": {},
    "in_person": {"type": "address"},
    "phone": {"type": "phone"},
    "link": {"type": "link"},
    "cal_video": {"type": "integration", "integration": "cal-video"},
    "zoom": {"type": "integration", "integration": "zoom"},
    "google_meet": {"type": "integration", "integration": "google-meet"},
    "meet": {"type": "integration", "integration": "google-meet"},
    "microsoft_teams": {"type": "integration", "integration": "office365-video"},
    "teams": {"type": "integration", "integration": "office365-video"},
    "webex": {"type": "integration", "integration": "webex-video"},
    "whatsapp": {"type": "integration", "integration": "whatsapp-video"},
}
"""`Where.kind` and Cal.com's location for it. A `phone` without a number means that the business calls the caller."""

LANGUAGES = frozenset({
    "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "es-419", "et", "eu", "fi", "fr", "he", "hr",
    "hu", "id", "it", "iw", "ja", "km", "ko", "lv", "nl", "no", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sr", "sv", "ta",
    "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
})  # fmt: skip
_CLOSEST_LANGUAGE = {"nb": "no", "nn": "no", "zh": "zh-CN"}

SYNTHETIC_DOMAIN = "sms.cal.com"
"""The server gives an attendee without e-mail the digits of the phone number at this domain."""

_CODE_LETTERS = 6


def key_headers(key: str, *, name: str) -> dict[str, str]:
    """The header that proves us; `name` is the connection's."""
    if not (key.isascii() and key.isprintable()):
        raise SetupError(f"calendars.{name}.api_key: no such characters stand in a key")
    return {"Authorization": f"Bearer {key}"}


def event_type_id(service: Service) -> int:
    number = service.event_type or ""
    if not (number.isascii() and number.isdigit()):
        raise SetupError(f"services.{service.key}.event_type: must be the number of a Cal.com event type")
    return int(number)


def booking_body(wish: EventWish) -> dict[str, object]:
    """The body of a create. Never a length: only event types with several lengths accept one."""
    body: dict[str, object] = {
        "start": utc_iso(wish.times.span.start),
        "eventTypeId": event_type_id(wish.service),
        "attendee": _attendee(wish),
        "metadata": {TAG_KEY: wish.tag, "source": "slotline"},
    }
    location = _location(wish)
    if location:
        body["location"] = location
    if wish.host is not None:
        body["routing"] = {"teamMemberIds": [_host_id(wish.host)]}
    if wish.contact.notes:
        body["bookingFieldsResponses"] = {"notes": wish.contact.notes}
    return body


def searched_address(wish: EventWish) -> str | None:
    """The attendee's address as the server keeps it: the one sent, or the one it makes for a phone-only attendee."""
    sent = _sent_address(wish)
    if sent is not None or wish.contact.phone is None:
        return sent
    return f"{''.join(filter(str.isdigit, wish.contact.phone))}@{SYNTHETIC_DOMAIN}"


def _sent_address(wish: EventWish) -> str | None:
    if wish.contact.email:
        return wish.contact.email.strip().lower()
    if wish.service.email_fallback:
        return _own_address(wish.service.email_fallback.strip().lower(), wish)
    return None


def _own_address(shared: str, wish: EventWish) -> str:
    """The fallback address with a part that is this caller's alone, and the same every time they book.

    With one address for all, Cal.com takes two callers for one attendee and may hand the second one the first one's
    booking as a success.
    """
    name = " ".join(unicodedata.normalize("NFKC", wish.contact.name).casefold().split())
    digest = hashlib.sha256((wish.contact.phone or name or wish.tag).encode()).digest()
    code = b32encode(digest).decode().lower()[:_CODE_LETTERS]
    local, _, domain = shared.rpartition("@")
    return f"{local}{'-' if '+' in local else '+'}{code}@{domain}"


def _attendee(wish: EventWish) -> dict[str, str]:
    attendee = {"name": wish.contact.name, "timeZone": wish.zone.key, "language": _language(wish.language)}
    address = _sent_address(wish)
    if address is None and wish.contact.phone is None:
        raise RefusedError(Refusal.NEEDS_FIELD, "an attendee needs an e-mail address or a phone number", field="email")
    if address is not None:
        attendee["email"] = address
    if wish.contact.phone is not None:
        attendee["phoneNumber"] = wish.contact.phone
    return attendee


def _language(language: str) -> str:
    language = _CLOSEST_LANGUAGE.get(language, language)
    return language if language in LANGUAGES else "en"


def _location(wish: EventWish) -> Mapping[str, str]:
    where = wish.service.where
    if where.kind not in PLACES:
        raise SetupError(f"services.{wish.service.key}.where.kind: Cal.com has no such place")
    if where.kind != "phone" or where.detail:
        return PLACES[where.kind]
    if wish.contact.phone is None:
        raise RefusedError(Refusal.NEEDS_FIELD, "the appointment is a call to the attendee", field="phone")
    return {"type": "attendeePhone", "phone": wish.contact.phone}


def _host_id(host: str) -> int:
    if not (host.isascii() and host.isdigit()):
        raise SetupError("a Cal.com host is chosen by the number of the user")
    return int(host)
