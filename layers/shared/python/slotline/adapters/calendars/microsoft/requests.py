"""What we send to Microsoft Graph for a wish, and where: https://learn.microsoft.com/graph/api/resources/event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars.microsoft.graph import with_query
from slotline.domain.errors import SetupError
from slotline.domain.time import MINUTES_A_DAY, Interval, utc_iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slotline.domain.business import Calendar
    from slotline.ports import EventWish

TAG_PROPERTY = "String {4e2f0f5b-6d8c-4b0e-9a53-7c1d8e60b2a7} Name bookingId"
"""Our single-value extended property. The GUID is ours for good: events of earlier versions are found by it."""

TEAMS = "teamsForBusiness"
PLACES = frozenset({"unspecified", "in_person", "phone", "link", "teams"})

LONGEST_VIEW_DAYS = 1825
LONGEST_SCHEDULE_DAYS = 61  # less than 62
MOST_SCHEDULES = 20
PAGE = 100
LONGEST_SUBJECT = 255

_TIME_FIELDS = "id,iCalUId,start,end,showAs,isCancelled,isAllDay,responseStatus,originalStartTimeZone"
_FIELDS = f"{_TIME_FIELDS},transactionId,onlineMeeting,location,createdDateTime,lastModifiedDateTime"
"""Of events in lists: without attendees, of which there may be hundreds for each."""


@dataclass(frozen=True, slots=True)
class Target:
    """The mailbox and calendar of a connection, read from its options."""

    root: str  # /me or /users/{mailbox}
    calendar: str  # the calendar that is written to, below the root
    mailbox: str | None
    also_calendars: tuple[str, ...]  # further calendars of the same mailbox, as paths
    also_mailboxes: tuple[str, ...]
    invites: bool
    is_personal: bool

    @classmethod
    def of(cls, connection: Calendar) -> Target:
        options, name = connection.options, connection.name
        mailbox, calendar_id = options.get("mailbox") or None, options.get("calendar_id") or None
        auth = options.get("auth") or "delegated"
        if auth not in {"delegated", "client_credentials"}:
            raise SetupError(f"calendars.{name}.auth: must be delegated or client_credentials")
        if auth == "client_credentials" and mailbox is None:
            raise SetupError(f"calendars.{name}.mailbox: an app that acts for itself must name the mailbox")
        root = "/me" if mailbox is None else f"/users/{quote(mailbox, safe='@')}"
        lines = [line.strip() for line in (options.get("also_check") or "").splitlines()]
        own = {calendar_id} if calendar_id else {mailbox.lower() if mailbox else None}
        others = [line for line in dict.fromkeys(lines) if line and line not in own and line.lower() not in own]
        return cls(
            root=root,
            calendar=_calendar_path(root, calendar_id),
            mailbox=mailbox,
            also_calendars=tuple(_calendar_path(root, line) for line in others if "@" not in line),
            also_mailboxes=tuple(line for line in others if "@" in line),
            invites=options.get("invite") == "true",
            is_personal=options.get("tenant") == "consumers",
        )

    def event(self, event_id: str, *, action: str = "") -> str:
        return f"{self.root}/events/{quote(event_id, safe='')}{action}"

    def shown_event(self, event_id: str) -> str:
        return with_query(self.event(event_id), {"$select": f"{_FIELDS},attendees", "$expand": _EXPAND})


_EXPAND = f"singleValueExtendedProperties($filter=id eq '{TAG_PROPERTY}')"


def _calendar_path(root: str, calendar_id: str | None) -> str:
    return f"{root}/calendars/{quote(calendar_id, safe='')}" if calendar_id else f"{root}/calendar"


def default_calendar_of(mailbox: str) -> str:
    return f"/users/{quote(mailbox, safe='@')}/calendar"


def view(calendar: str, window: Interval, *, only_times: bool) -> Iterator[str]:
    """Paths of the requests for everything that touches the window, occurrences of series included."""
    shown = {"$select": _TIME_FIELDS} if only_times else {"$select": _FIELDS, "$expand": _EXPAND}
    for part in parts(window, days=LONGEST_VIEW_DAYS):
        edges = {"startDateTime": utc_iso(part.start), "endDateTime": utc_iso(part.end)}
        yield with_query(f"{calendar}/calendarView", edges | shown | {"$top": str(PAGE)})


def tagged(calendar: str, tag: str) -> str:
    """Path of the search for events that carry a tag."""
    literal = tag.replace("'", "''")
    wanted = f"singleValueExtendedProperties/Any(ep: ep/id eq '{TAG_PROPERTY}' and ep/value eq '{literal}')"
    query = {"$filter": wanted, "$select": _FIELDS, "$expand": _EXPAND, "$top": str(PAGE)}
    return with_query(f"{calendar}/events", query)


def parts(window: Interval, *, days: int) -> Iterator[Interval]:
    longest = days * MINUTES_A_DAY
    for start in range(window.start, window.end, longest):
        yield Interval(start, min(start + longest, window.end))


def schedule_body(mailboxes: tuple[str, ...], window: Interval) -> dict[str, object]:
    start, end = _moment(window.start), _moment(window.end)
    return {"schedules": list(mailboxes), "startTime": start, "endTime": end, "availabilityViewInterval": 30}


def times(span: Interval) -> dict[str, object]:
    return {"start": _moment(span.start), "end": _moment(span.end)}


def transaction_id(wish: EventWish) -> str:
    return f"{wish.tag}:{wish.generation}"


def tag_in(transaction: str | None) -> str | None:
    """The tag of a transactionId of ours; None for one of other software."""
    found = re.fullmatch(r"([0-9A-Za-z_-]{1,64}):[0-9]{1,6}", transaction or "")
    return found[1] if found else None


def event_body(wish: EventWish, *, name: str, invites: bool) -> dict[str, object]:
    """The body of a create. The same wish gives the same bytes: Graph takes a repeat for one only then."""
    body: dict[str, object] = {
        "transactionId": transaction_id(wish),
        "subject": " - ".join(part for part in (wish.service.name, wish.contact.name) if part)[:LONGEST_SUBJECT],
        "body": {"contentType": "text", "content": _description(wish)},
        **times(wish.times.span),
        "showAs": "busy",
        "singleValueExtendedProperties": [{"id": TAG_PROPERTY, "value": wish.tag}],
    }
    body |= _place(wish, name=name)
    email = (wish.contact.email or "").strip()
    if invites and email:
        person = {"address": email} | ({"name": wish.contact.name} if wish.contact.name else {})
        body |= {"attendees": [{"type": "required", "emailAddress": person}], "allowNewTimeProposals": False}
    return body


def _description(wish: EventWish) -> str:
    """What the person behind the desk needs to know, one thing a line."""
    contact = wish.contact
    lines: Mapping[str, str | None] = {
        "Name": contact.name,
        "Phone": contact.phone,
        "E-mail": contact.email,
        "With": wish.host,
        "Notes": contact.notes,
    }
    return "\n".join(f"{label}: {value}" for label, value in lines.items() if value)


def _place(wish: EventWish, *, name: str) -> dict[str, object]:
    where = wish.service.where
    if where.kind not in PLACES:
        raise SetupError(
            f"services.{wish.service.key}.where.kind: {where.kind} is not possible on calendars.{name}; "
            f"use one of {', '.join(sorted(PLACES))}"
        )
    if where.kind == "teams":
        return {"isOnlineMeeting": True, "onlineMeetingProvider": TEAMS}
    shown = where.detail
    if where.kind == "phone" and not shown:
        shown = f"Call {wish.contact.phone}" if wish.contact.phone else "By phone"
    return {"location": {"displayName": shown}} if shown else {}


def _moment(minute: int) -> dict[str, str]:
    return {"dateTime": utc_iso(minute).removesuffix("Z"), "timeZone": "UTC"}
