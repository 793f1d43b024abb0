"""What we send to a CalDAV server: names, XML (RFC 4791, RFC 6578) and the iCalendar text of events (RFC 5545).

A create is exactly repeatable: the same wish gives the same name and the same bytes. Its DTSTAMP is therefore no clock
time; a move sets the real one.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from slotline.domain.errors import Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    from icalendar import Component

    from slotline.domain.time import Interval
    from slotline.ports import EventWish

XML_TYPE = "application/xml; charset=utf-8"
EVENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Slotline//Slotline 1.0//EN"
UID_HOST = "slotline"
TAG, GENERATION = "X-BOOKING-ID", "X-BOOKING-GENERATION"
FIRST_STAMP = datetime(2020, 1, 1, tzinfo=UTC)  # arbitrary; see above

PLACES = ("unspecified", "in_person", "phone", "link", "zoom", "meet", "teams", "cal_video")
"""`Where.kind`. CalDAV makes no video links: a meeting platform needs its link in `where.detail`."""

_NAMESPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
PRINCIPAL = ("current-user-principal",)
HOME = ("C:calendar-home-set", "C:calendar-user-address-set")
COLLECTION = (
    "resourcetype",
    "displayname",
    "C:supported-calendar-component-set",
    "C:calendar-timezone",
    "current-user-privilege-set",
)
ZONE = ("C:calendar-timezone", "C:calendar-timezone-id")
MARKS = ("sync-token", "CS:getctag")
ETAG = ("getetag",)

_NOT_FOR_TEXT = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What neither iCalendar text nor the XML that will carry it may contain."""


def uid_of(business: str, tag: str, generation: int) -> str:
    """The event's UID, the same for every try; its part before the @ names the resource, too."""
    digest = hashlib.sha256(f"{business}:{tag}:{generation}".encode()).hexdigest()[:40]
    return f"{digest}@{UID_HOST}"


def resource_of(uid: str) -> str:
    return f"{uid.partition('@')[0]}.ics"


# --- XML -------------------------------------------------------------------------------------------------------------


def propfind(properties: tuple[str, ...]) -> bytes:
    return _xml(f"<propfind {_NAMESPACES}>{_prop(properties)}</propfind>")


def time_query(window: Interval) -> bytes:
    """Every event that the server thinks overlaps the window, whole: recurrences are expanded here, for servers err."""
    start, end = (datetime.fromtimestamp(m * 60, UTC).strftime("%Y%m%dT%H%M%SZ") for m in (window.start, window.end))
    return _query(f'<C:time-range start="{start}" end="{end}"/>')


def uid_query(uid: str) -> bytes:
    match = f'<C:text-match collation="i;octet">{escape(uid)}</C:text-match>'
    return _query(f'<C:prop-filter name="UID">{match}</C:prop-filter>')


def sync_collection(token: str) -> bytes:
    """Without DAV:limit: some servers cut the answer and still hand out the newest token, so that changes are lost."""
    return _xml(
        f"<sync-collection {_NAMESPACES}><sync-token>{escape(token)}</sync-token><sync-level>1</sync-level>"
        f"{_prop(ETAG)}</sync-collection>"
    )


def _query(filters: str) -> bytes:
    inner = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{filters}</C:comp-filter></C:comp-filter>'
    data = _prop(("getetag", "C:calendar-data"))
    return _xml(f"<C:calendar-query {_NAMESPACES}>{data}<C:filter>{inner}</C:filter></C:calendar-query>")


def _prop(names: tuple[str, ...]) -> str:
    return f"<prop>{''.join(f'<{name}/>' for name in names)}</prop>"


def _xml(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode()


# --- iCalendar -------------------------------------------------------------------------------------------------------


def event_text(wish: EventWish, *, uid: str, organizer: str | None) -> bytes:
    """The calendar object of a wish. With an `organizer` address, a caller whose e-mail is known is invited."""
    from icalendar import Calendar, Event

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", FIRST_STAMP)
    event.add("dtstart", _moment(wish.times.span.start))
    event.add("dtend", _moment(wish.times.span.end))
    event.add("summary", _clean(": ".join(filter(None, (wish.service.name, wish.contact.name)))))
    event.add("description", _clean(_description(wish)))
    _add_place(event, wish)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("sequence", 0)
    event.add(TAG, wish.tag)
    event.add(GENERATION, str(wish.generation))
    if organizer is not None and wish.contact.email:
        _invite(event, wish, organizer=organizer)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=False))


def moved_text(calendar: Component, event: Component, wish: EventWish, *, now: float) -> bytes:
    """The same object at the wish's times; whatever else stands in it stays as it is."""
    stamp = datetime.fromtimestamp(int(now), UTC)
    for name in ("DTSTART", "DTEND", "DURATION", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE"):
        sequence = _number(event.get("SEQUENCE")) if name == "SEQUENCE" else 0
        event.pop(name, None)
    event.add("dtstart", _moment(wish.times.span.start))
    event.add("dtend", _moment(wish.times.span.end))
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", sequence + 1)
    return bytes(calendar.to_ical(sorted=False))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) else 0


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _description(wish: EventWish) -> str:
    """What the people of the business need at a glance: how to reach the caller, and what the caller said."""
    contact = wish.contact
    lines = (("Phone", contact.phone), ("E-mail", contact.email), ("With", wish.host), ("Notes", contact.notes))
    return "\n".join(f"{label}: {value}" for label, value in lines if value)


def _add_place(event: Component, wish: EventWish) -> None:
    where, field = wish.service.where, f"services.{wish.service.key}.where"
    detail = _clean(where.detail or "")
    if where.kind not in PLACES:
        raise SetupError(f"{field}.kind: CalDAV has no such place; use one of {', '.join(PLACES)}")
    if where.kind == "unspecified":
        return
    if where.kind in {"in_person", "phone"}:
        event.add("location", detail or _call_to(wish) if where.kind == "phone" else detail or "On site")
        return
    if not detail.startswith("https://"):
        raise SetupError(f"{field}.detail: CalDAV makes no meeting links; put the https link of the meeting here")
    event.add("location", detail)
    event.add("url", detail)


def _call_to(wish: EventWish) -> str:
    """A call without a number of the business: the business calls the caller."""
    if not wish.contact.phone:
        raise RefusedError(Refusal.NEEDS_FIELD, "the appointment is a call to the caller", field="phone")
    return wish.contact.phone


def _invite(event: Component, wish: EventWish, *, organizer: str) -> None:
    from icalendar import vCalAddress

    guest = vCalAddress(f"mailto:{_clean(wish.contact.email or '').strip()}")
    name = _clean(wish.contact.name).replace('"', "'").replace("\n", " ")
    guest.params.update({"CN": name, "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    event.add("attendee", guest)


def _clean(text: str) -> str:
    return _NOT_FOR_TEXT.sub("", text.replace("\r\n", "\n"))
