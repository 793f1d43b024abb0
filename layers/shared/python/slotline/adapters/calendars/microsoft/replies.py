"""What Microsoft Graph answers about events and calendars: https://learn.microsoft.com/graph/api/resources/event.

Read leniently: unknown fields are ignored, and of an event only id, start and end must be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.microsoft.requests import TAG_PROPERTY, tag_in
from slotline.adapters.calendars.microsoft.zones import zone_named
from slotline.domain.time import MINUTES_A_DAY, Interval, local_day_start
from slotline.ports import EventType, ProviderEvent

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_NOT_BLOCKING = frozenset({"free", "workingelsewhere"})
"""Values of showAs that leave a time bookable. The rest blocks: tentative, busy, oof, unknown, and any to come."""


@dataclass(frozen=True, slots=True)
class GraphEvent:
    """An event as Graph shows it; of an all-day one, `span` is still the midnights of UTC that stand for its days."""

    id: str
    ical: str | None
    tag: str | None
    span: Interval | None  # None: it takes no time
    is_all_day: bool
    is_cancelled: bool
    is_free: bool  # shown as free, or declined by the owner of the calendar
    zone_name: str | None
    link: str | None
    email: str | None
    etag: str | None
    created: float  # epoch seconds; 0 when unknown
    touched: float  # epoch seconds of the last change

    def is_same(self, other: GraphEvent) -> bool:
        return self.id == other.id or (self.ical is not None and self.ical == other.ical)

    def shown(self, span: Interval, *, status: Literal["accepted", "cancelled"] = "accepted") -> ProviderEvent:
        return ProviderEvent(
            id=self.id, tag=self.tag, span=span, status=status, link=self.link, etag=self.etag, email=self.email
        )


def event_of(entry: object, *, name: str, writes: bool) -> GraphEvent:
    number = _text(member(entry, "id"))
    start, end = instant(member(entry, "start")), instant(member(entry, "end"))
    if number is None or start is None or end is None or end < start:
        raise lost(name, "an event without an id or times we can read", writes=writes)
    response = _text(member(entry, "responseStatus", "response")) or ""
    shown_as = (_text(member(entry, "showAs")) or "busy").lower()
    created = _seconds(member(entry, "createdDateTime"))
    return GraphEvent(
        id=number,
        ical=_text(member(entry, "iCalUId")),
        tag=_tag_of(entry),
        span=rounded(start, end),
        is_all_day=member(entry, "isAllDay") is True,
        is_cancelled=member(entry, "isCancelled") is True,
        is_free=shown_as in _NOT_BLOCKING or response.lower() == "declined",
        zone_name=_text(member(entry, "originalStartTimeZone")),
        link=_link_of(entry),
        email=_email_of(entry),
        etag=_text(member(entry, "@odata.etag")),
        created=created,
        touched=max(created, _seconds(member(entry, "lastModifiedDateTime"))),
    )


def local_span(span: Interval, zone: ZoneInfo) -> Interval:
    """The local days that midnights of UTC stand for; Outlook writes the days of all-day events so."""
    first, last = (datetime.fromtimestamp(minute * 60, UTC).date() for minute in (span.start, span.end))
    return Interval(local_day_start(first, zone), local_day_start(last, zone))


def busy_of(schedule: object, *, name: str) -> list[Interval]:
    """The busy times of one schedule of a getSchedule answer; the caller has seen to its error.

    Whether an all-day item is given as instants or as midnights of UTC is not documented: such an item blocks both.
    """
    entries = member(schedule, "scheduleItems")
    if not isinstance(entries, list):
        raise lost(name, "a schedule without its items", writes=False)
    found = []
    for entry in entries:
        if (_text(member(entry, "status")) or "busy").lower() in _NOT_BLOCKING:
            continue
        start, end = instant(member(entry, "start")), instant(member(entry, "end"))
        if start is None or end is None:
            raise lost(name, "a busy time without its times", writes=False)
        span = rounded(start, end)
        if span is None:
            continue
        found.append(span)
        if span.start % MINUTES_A_DAY == span.end % MINUTES_A_DAY == 0:
            zone = zone_named(_text(member(schedule, "workingHours", "timeZone", "name")))
            found += [local_span(span, zone)] if zone is not None else []
    return found


def merged(intervals: list[Interval]) -> tuple[Interval, ...]:
    """The same times without overlaps, sorted; what touches becomes one."""
    found: list[Interval] = []
    for interval in sorted(intervals):
        if found and interval.start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, interval.end))
        else:
            found.append(interval)
    return tuple(found)


def calendar_of(entry: object, *, name: str) -> EventType | None:
    """A calendar that can be booked into; None for one we may not write to."""
    number = _text(member(entry, "id"))
    if number is None:
        raise lost(name, "a calendar without an id", writes=False)
    if member(entry, "canEdit") is False:
        return None
    return EventType(id=number, name=_text(member(entry, "name")) or number)


def rounded(start: datetime, end: datetime) -> Interval | None:
    """Whole minutes that cover the time; None for a moment without length."""
    first, last = int(start.timestamp() // 60), int(-(-end.timestamp() // 60))
    return Interval(first, last) if last > first and end > start else None


def instant(value: object) -> datetime | None:
    """The moment of a dateTimeTimeZone: a local time, up to seven fractional digits, and the name of a zone."""
    text = _text(member(value, "dateTime"))
    zone = zone_named(_text(member(value, "timeZone")))
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or zone is None:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def member(value: object, *path: str) -> object:
    """The value at the end of a path of keys; None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def mailbox_zone(settings: object) -> ZoneInfo | None:
    """The zone of the mailbox; None when it is not said or is none we know."""
    name = _text(member(settings, "timeZone"))
    return zone_named(name) if name else None


def schedules_by_id(answer: object, *, name: str) -> dict[str, object]:
    """The schedules of a getSchedule answer by their address in lower case."""
    entries = member(answer, "value")
    if not isinstance(entries, list):
        raise lost(name, "schedules that are no list", writes=False)
    return {(_text(member(entry, "scheduleId")) or "").lower(): entry for entry in entries}


def schedule_error(schedule: object) -> str | None:
    """The code of the error in one schedule of an answer that is a success; None when there is no error."""
    error = member(schedule, "error")
    return None if error is None else _text(member(error, "responseCode")) or "unknown"


def _tag_of(entry: object) -> str | None:
    """From our property, which only an expanded read shows, else from the transactionId."""
    properties = member(entry, "singleValueExtendedProperties")
    for item in properties if isinstance(properties, list) else []:
        if member(item, "id") == TAG_PROPERTY and (value := _text(member(item, "value"))) is not None:
            return value
    return tag_in(_text(member(entry, "transactionId")))


def _link_of(entry: object) -> str | None:
    found = (_text(member(entry, "onlineMeeting", "joinUrl")), _text(member(entry, "location", "displayName")))
    return next((link for link in found if link and link.startswith(("https://", "http://"))), None)


def _email_of(entry: object) -> str | None:
    attendees = member(entry, "attendees")
    people = attendees if isinstance(attendees, list) else []
    return next((found for person in people if (found := _text(member(person, "emailAddress", "address")))), None)


def _seconds(value: object) -> float:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() if moment is not None else 0.0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
