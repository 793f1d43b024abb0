"""What we send to Google Calendar for a wish: the event, its id and the connection's options.

Follows https://developers.google.com/workspace/calendar/api/v3/reference/events.
"""

from __future__ import annotations

import hashlib
from base64 import b32hexencode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.adapters.calendars.google.replies import TAG_KEY
from slotline.domain.errors import Refusal, RefusedError, SetupError
from slotline.domain.time import Interval, iso, utc_iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slotline.domain.business import Calendar
    from slotline.ports import EventWish

PRIMARY = "primary"
_NO_TAGS = str.maketrans("<>", "‹›")
SEND_UPDATES = ("none", "all", "externalOnly")
MEET = frozenset({"meet", "google_meet"})
PLACES = frozenset({"unspecified", "in_person", "phone", "link"}) | MEET
"""`Where.kind` that a Google calendar can hold; other meeting platforms have no place in it, except as a `link`."""

EVENT_FIELDS = (
    "id,status,etag,start,end,transparency,attendees(self,email,responseStatus),extendedProperties/private,"
    "hangoutLink,conferenceData/entryPoints(entryPointType,uri),location"
)
LIST_FIELDS = f"timeZone,nextPageToken,items({EVENT_FIELDS})"
"""Names and descriptions of other people's events are not asked for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The connection's options, checked."""

    calendar_id: str
    also_check: tuple[str, ...]
    invites: bool
    send_updates: str
    plain_service_account: bool  # one that acts for nobody

    @classmethod
    def of(cls, calendar: Calendar, *, service_account: bool) -> Settings:
        """Read the options; SetupError names the field that is wrong."""
        options, field = calendar.options, f"calendars.{calendar.name}"
        calendar_id = options.get("calendar_id", "").strip() or PRIMARY
        plain = service_account and not options.get("subject", "").strip()
        if plain and calendar_id == PRIMARY:
            raise SetupError(
                f'{field}.calendar_id: "primary" is the service account\'s own empty calendar; '
                "give the id of the calendar that you shared with it"
            )
        invite = options.get("invite", "false")
        if invite not in {"true", "false"}:
            raise SetupError(f'{field}.invite: must be "true" or "false"')
        if plain and invite == "true":
            raise SetupError(f"{field}.invite: a service account cannot invite guests unless {field}.subject is set")
        send = options.get("send_updates") or ("all" if invite == "true" else "none")
        if send not in SEND_UPDATES:
            raise SetupError(f"{field}.send_updates: must be one of {', '.join(SEND_UPDATES)}")
        further = (line.strip() for line in options.get("also_check", "").splitlines())
        also = tuple(dict.fromkeys(line for line in further if line and line != calendar_id))
        return cls(calendar_id, also, invite == "true", send, plain)

    @property
    def writing(self) -> dict[str, str | int]:
        """The query of every write. Without the conference version Google ignores or drops the Meet link."""
        return {"sendUpdates": self.send_updates, "conferenceDataVersion": 1}


def event_id(business: str, tag: str, generation: int) -> str:
    """The id of a booking's event: lower-case base32hex, which is Google's alphabet for ids that clients choose."""
    digest = hashlib.sha256(f"{business}:{tag}:{generation}".encode()).digest()
    return b32hexencode(digest).decode().rstrip("=").lower()


def event_body(wish: EventWish, *, business: str, settings: Settings) -> dict[str, object]:
    """The body of an insert: the same for the same wish, whenever it is sent."""
    number = event_id(business, wish.tag, wish.generation)
    body: dict[str, object] = {
        "id": number,
        "summary": " - ".join(part for part in (wish.service.name, wish.contact.name) if part),
        "description": _description(wish),
        **times(wish),
        "status": "confirmed",
        "transparency": "opaque",
        "visibility": "private",  # who may only look at the calendar sees no caller's number
        "reminders": {"useDefault": True},
        "extendedProperties": {"private": {TAG_KEY: wish.tag}},
    }
    place = _place(wish)
    if place is not None:
        body["location"] = place
    if wish.service.where.kind in MEET:
        if settings.plain_service_account:
            raise SetupError(
                f"services.{wish.service.key}.where.kind: a service account can make Meet links only for a person; "
                "set the calendar's subject, or choose another place"
            )
        request = {"requestId": number, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        body["conferenceData"] = {"createRequest": request}
    if settings.invites and wish.contact.email:
        body["attendees"] = [{"email": wish.contact.email.strip(), "displayName": wish.contact.name}]
        body |= {"guestsCanInviteOthers": False, "guestsCanSeeOtherGuests": False}
    return body


def times(wish: EventWish) -> dict[str, object]:
    """Start and end with offset and zone, both reckoned by us from the instant, so that they cannot contradict."""
    span, zone = wish.times.span, wish.zone
    return {
        "start": {"dateTime": iso(span.start, zone), "timeZone": zone.key},
        "end": {"dateTime": iso(span.end, zone), "timeZone": zone.key},
    }


def moved_body(wish: EventWish, *, was_all_day: bool) -> dict[str, object]:
    """The body of a patch to the wish's times; of an event that a person made all-day, the days are taken away."""
    body = times(wish)
    if was_all_day:
        body = {edge: {**_mapping(value), "date": None} for edge, value in body.items()}
    return {**body, "extendedProperties": {"private": {TAG_KEY: wish.tag}}}


def busy_body(part: Interval, calendars: Sequence[str]) -> dict[str, object]:
    return {
        "timeMin": utc_iso(part.start),
        "timeMax": utc_iso(part.end),
        "timeZone": "UTC",
        "calendarExpansionMax": 50,
        "items": [{"id": calendar} for calendar in calendars],
    }


def list_query(window: Interval) -> dict[str, str | int]:
    """Single events that overlap the window: timeMin bounds their end and timeMax their start, both exclusive."""
    return {
        "singleEvents": "true",
        "orderBy": "startTime",
        "timeMin": utc_iso(window.start),
        "timeMax": utc_iso(window.end),
        "maxResults": 250,
        "fields": LIST_FIELDS,
    }


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _description(wish: EventWish) -> str:
    """All that a person needs to reach the caller. Google shows HTML here, so nobody's words may hold a tag."""
    contact = wish.contact
    lines = [
        f"{label}: {value}"
        for label, value in (("Name", contact.name), ("Phone", contact.phone), ("E-mail", contact.email))
        if value
    ]
    whole = "\n".join([*lines, *(["", contact.notes] if contact.notes else []), "", "Booked by phone."])
    return whole.translate(_NO_TAGS)


def _place(wish: EventWish) -> str | None:
    where = wish.service.where
    if where.kind not in PLACES:
        raise SetupError(
            f"services.{wish.service.key}.where.kind: a Google calendar makes no {where.kind} meeting; "
            "use meet, or link with the address of the room"
        )
    if where.kind != "phone" or where.detail:
        return where.detail
    if wish.contact.phone is None:
        raise RefusedError(Refusal.NEEDS_FIELD, "the appointment is a call to the caller", field="phone")
    return wish.contact.phone
