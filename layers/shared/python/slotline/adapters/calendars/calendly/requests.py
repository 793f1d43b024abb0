"""What we send to Calendly for a wish: invitee, place and answers. Follows https://developer.calendly.com/api-docs.

A person sees name, e-mail and reminder number beside the appointment; phone and notes besides as the answers to the
event type's own questions. There is no other place for them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import b32encode
from typing import TYPE_CHECKING

from slotline.adapters.calendars.calendly.account import uri
from slotline.domain.errors import Refusal, RefusedError, SetupError
from slotline.domain.time import utc_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.adapters.calendars.calendly.replies import Offer, Place, Question
    from slotline.domain.business import Service
    from slotline.ports import EventWish

TRACKING = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "salesforce_uuid")
"""All six are sent, null or not, as the documented example does."""

TAG_FIELD = "utm_content"

PLACES: Mapping[str, tuple[str, ...]] = {
    "in_person": ("physical", "custom", "ask_invitee"),
    "link": ("custom",),
    "zoom": ("zoom_conference",),
    "meet": ("google_conference",),
    "google_meet": ("google_conference",),
    "teams": ("microsoft_teams_conference",),
    "microsoft_teams": ("microsoft_teams_conference",),
    "webex": ("webex_conference",),
    "gotomeeting": ("gotomeeting_conference", "gotomeeting"),
}
"""`Where.kind` and Calendly's kinds for it, the best first. `phone` depends on who calls whom; see `_kinds`."""

FREE_TEXT = ("text", "string")
LONGEST_ANSWER = 10_000
_CODE_LETTERS = 6


def tag_field(options: Mapping[str, str], *, name: str) -> str:
    """The tracking field that carries our tag."""
    chosen = options.get("tag_field", TAG_FIELD)
    if chosen not in TRACKING:
        raise SetupError(f"calendars.{name}.tag_field: must be one of {', '.join(TRACKING)}")
    return chosen


def booking_body(wish: EventWish, offer: Offer, *, tag_in: str, reminds: bool) -> dict[str, object]:
    """The body of POST /invitees. `reminds`: hand the phone number over for Calendly's own text reminders."""
    contact, address = wish.contact, address_of(wish)
    if address is None:
        raise RefusedError(Refusal.NEEDS_FIELD, "Calendly books nobody without an e-mail address", field="email")
    if not contact.name.strip():
        raise RefusedError(Refusal.NEEDS_FIELD, "Calendly books nobody without a name", field="name")
    invitee = {"name": contact.name, "email": address, "timezone": wish.zone.key}
    if contact.phone is not None and reminds:
        invitee["text_reminder_number"] = contact.phone
    source = "utm_source" if tag_in != "utm_source" else "utm_medium"
    body: dict[str, object] = {
        "event_type": uri("event_types", offer.key),
        "start_time": utc_iso(wish.times.span.start),
        "invitee": invitee,
        "tracking": dict.fromkeys(TRACKING) | {source: "slotline", tag_in: wish.tag},
    }
    place = _location(wish, offer)
    if place is not None:
        body["location"] = place
    answers = _answers(wish, offer)
    if answers:
        body["questions_and_answers"] = answers
    return body


def address_of(wish: EventWish) -> str | None:
    """The invitee's e-mail address: their own, or the service's fallback made theirs alone."""
    if wish.contact.email:
        return wish.contact.email.strip().lower()
    if not wish.service.email_fallback:
        return None
    # One address for all would make all callers one invitee: nobody's bookings could be told from another's.
    name = " ".join(unicodedata.normalize("NFKC", wish.contact.name).casefold().split())
    digest = hashlib.sha256((wish.contact.phone or name or wish.tag).encode()).digest()
    code = b32encode(digest).decode().lower()[:_CODE_LETTERS]
    local, _, domain = wish.service.email_fallback.strip().lower().rpartition("@")
    return f"{local}{'-' if '+' in local else '+'}{code}@{domain}"


# --- place -----------------------------------------------------------------------------------------------------------


def _location(wish: EventWish, offer: Offer) -> dict[str, str] | None:
    """The event type's location that the service means; None when there is nothing to choose and nothing to add."""
    where, service = wish.service.where, wish.service
    kinds = _kinds(service)
    if offer.places is None:  # an account that does not tell: the service's word for it, if it has one
        return _filled(kinds[0], None, wish) if kinds else None
    if not kinds:
        first = next(iter(offer.places), None)
        needs_nothing = first is None or (len(offer.places) == 1 and first.kind not in {"ask_invitee", "outbound_call"})
        return None if first is None or needs_nothing else _filled(first.kind, first, wish)
    for kind in kinds:
        found = [place for place in offer.places if place.kind == kind]
        if found:
            return _filled(kind, next((p for p in found if p.detail == where.detail), found[0]), wish)
    shown = ", ".join(sorted({place.kind for place in offer.places})) or "none"
    raise SetupError(f"services.{service.key}.where.kind: the event type offers {shown}; take one of these places")


def _kinds(service: Service) -> tuple[str, ...]:
    """Calendly's kinds of location for the service's place; none when it names none."""
    where = service.where
    if where.kind == "unspecified":
        return ()
    if where.kind == "phone":
        return ("inbound_call",) if where.detail else ("outbound_call",)
    if where.kind not in PLACES:
        raise SetupError(f"services.{service.key}.where.kind: Calendly has no such place")
    return PLACES[where.kind]


def _filled(kind: str, place: Place | None, wish: EventWish) -> dict[str, str]:
    if kind == "outbound_call":
        if wish.contact.phone is None:
            raise RefusedError(Refusal.NEEDS_FIELD, "the appointment is a call to the invitee", field="phone")
        return {"kind": kind, "location": wish.contact.phone}
    detail = (place.detail if place else None) or wish.service.where.detail
    if kind == "ask_invitee":
        detail = wish.service.where.detail
        if not detail:
            raise SetupError(f"services.{wish.service.key}.where.detail: the event type asks for a place; name it")
    return {"kind": kind, "location": detail} if detail else {"kind": kind}


# --- answers ---------------------------------------------------------------------------------------------------------


def _answers(wish: EventWish, offer: Offer) -> list[dict[str, object]]:
    """Phone and notes as answers to the event type's own questions; SetupError when it insists on others."""
    contact, found = wish.contact, []
    phone_is_told = False
    for question in offer.questions:
        if question.kind == "phone_number":
            if contact.phone is not None:
                found.append(_answer(question, contact.phone))
                phone_is_told = True
            elif question.required:
                raise RefusedError(Refusal.NEEDS_FIELD, "the event type asks for a phone number", field="phone")
    texts = [q for q in offer.questions if q.kind in FREE_TEXT]
    # The question that must be answered, else the roomiest.
    chosen = min(texts, key=lambda q: (not q.required, FREE_TEXT.index(q.kind), q.position), default=None)
    if chosen is not None:
        lines = [contact.notes or "", "" if phone_is_told or not contact.phone else f"Phone: {contact.phone}"]
        if chosen.required and not contact.notes:
            raise RefusedError(Refusal.NEEDS_FIELD, "the event type asks a question", field="notes")
        said = "\n".join(line for line in lines if line)[:LONGEST_ANSWER]
        if said:
            found.append(_answer(chosen, said))
    for question in offer.questions:
        if question.required and question is not chosen and question.kind != "phone_number":
            raise SetupError(
                f"services.{wish.service.key}.event_type: its question {question.name!r} must be answered, and no"
                " caller is asked it; make it optional"
            )
    return sorted(found, key=lambda answer: str(answer["position"]).zfill(4))


def _answer(question: Question, said: str) -> dict[str, object]:
    return {"question": question.name, "answer": said, "position": question.position}
