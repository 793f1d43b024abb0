"""What Google Calendar answers, in our words: events, busy times, calendars and the reasons behind its refusals.

Follows https://developers.google.com/workspace/calendar/api/v3/reference and the discovery document of the API. The
reasons are those of https://developers.google.com/workspace/calendar/api/guides/errors. Replies are read leniently:
unknown fields are ignored; an unknown status or an event without times is a named error, never a free time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from slotline.adapters.calendars._http import lost
from slotline.domain.errors import NotExecutedError, ProviderError, SetupError
from slotline.domain.time import Interval, local_day_start
from slotline.ports import EventWish, ProviderEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

TAG_KEY = "bookingId"
"""The private extended property that carries our tag; every read brings it back."""

_STATUSES: Mapping[object, Literal["accepted", "cancelled"]] = {
    None: "accepted",  # the default of the API is "confirmed"
    "confirmed": "accepted",
    "tentative": "accepted",
    "cancelled": "cancelled",
}


def member(value: object, *path: str) -> object:
    """The value at the end of a path of keys; None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def tag_of(event: object) -> str | None:
    return text(member(event, "extendedProperties", "private", TAG_KEY))


def is_all_day(event: object) -> bool:
    return any(member(event, edge, "date") is not None for edge in ("start", "end"))


def is_bare_tombstone(event: object) -> bool:
    """A deleted event of which only the id is left; the reference promises no more."""
    return _STATUSES.get(member(event, "status")) == "cancelled" and member(event, "start") is None


def event_of(event: object, *, zone: ZoneInfo | None, name: str, writes: bool) -> ProviderEvent:
    """One event. `zone` is the calendar's own: all-day events are its days."""
    status = _STATUSES.get(member(event, "status"))
    number = text(member(event, "id"))
    span = _span(event, zone)
    if status is None:
        raise lost(name, "unknown event status", writes=writes)
    if number is None or span is None:
        raise lost(name, "an event without id or times", writes=writes)
    guests = [g for g in items(member(event, "attendees")) if member(g, "self") is not True]
    return ProviderEvent(
        id=number,
        tag=tag_of(event),
        span=span,
        status=status,
        link=_link(event),
        etag=text(member(event, "etag")),
        email=text(member(guests[0], "email")) if guests else None,
    )


def claimed_by(wish: EventWish, event: ProviderEvent) -> ProviderEvent:
    """The event under the wish's own id: it is the wish's, too, when somebody's tool took our property off it."""
    return replace(event, tag=wish.tag) if event.tag is None else event


def blocks(event: object) -> bool:
    """Whether the event makes its owner busy: not free ("transparent"), not declined, not cancelled."""
    declined = any(
        member(guest, "self") is True and member(guest, "responseStatus") == "declined"
        for guest in items(member(event, "attendees"))
    )
    is_free = member(event, "transparency") == "transparent" or member(event, "status") == "cancelled"
    return not (is_free or declined)


def zone_of(calendar: object, *, name: str) -> ZoneInfo:
    """The zone of a list of events or of a calendar."""
    key = text(member(calendar, "timeZone")) or ""
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError) as exc:  # an unknown key, an empty one, one that is a folder
        raise lost(name, "a calendar without a known time zone", writes=False) from exc


def _span(event: object, zone: ZoneInfo | None) -> Interval | None:
    start, end = _seconds(member(event, "start"), zone), _seconds(member(event, "end"), zone)
    if start is None or end is None or end < start:
        return None
    first = int(start // 60)
    return Interval(first, max(-int(-end // 60), first + 1))  # an event without length still shows at its minute


def _seconds(edge: object, zone: ZoneInfo | None) -> float | None:
    """Epoch seconds of a start or an end, which is a moment or, for an all-day event, a day of the calendar's zone."""
    moment, day = text(member(edge, "dateTime")), text(member(edge, "date"))
    try:
        if moment is not None:
            return _aware(moment, text(member(edge, "timeZone")), zone)
        if day is not None and zone is not None:
            return local_day_start(date.fromisoformat(day), zone) * 60.0
    except (ValueError, KeyError, OSError):
        return None
    return None


def _aware(moment: str, own_zone: str | None, zone: ZoneInfo | None) -> float | None:
    """Google answers with an offset; should it ever leave it out, the event's own zone holds, then the calendar's."""
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        its_zone = ZoneInfo(own_zone) if own_zone is not None else zone
        if its_zone is None:
            return None
        found = found.replace(tzinfo=its_zone)
    return found.timestamp()


def _link(event: object) -> str | None:
    """The link of the meeting; a Meet link that is still being made is not there yet."""
    entries = items(member(event, "conferenceData", "entryPoints"))
    video = (member(entry, "uri") for entry in entries if member(entry, "entryPointType") == "video")
    links = (text(link) for link in (member(event, "hangoutLink"), *video, member(event, "location")))
    return next((link for link in links if link and link.startswith(("https://", "http://"))), None)


def busy_times(answer: object, *, calendars: Iterable[str], main: str, name: str) -> list[Interval]:
    """The busy times of all calendars that were asked for. One that did not answer is an error, never free."""
    shown = member(answer, "calendars")
    by_id: dict[str, object] = shown if isinstance(shown, dict) else {}
    wanted = list(calendars)
    spare = [key for key in by_id if key not in wanted]
    busy: list[Interval] = []
    for calendar in wanted:
        field = "calendar_id" if calendar == main else "also_check"
        entry = by_id.get(calendar)
        if entry is None and calendar == "primary" and len(spare) == 1:
            entry = by_id[spare[0]]  # the alias may come back as the address behind it
        if not isinstance(entry, dict):
            raise NotExecutedError(f"{name}: the busy times of calendars.{name}.{field} are missing in the answer")
        for problem in items(entry.get("errors")):
            raise _unseen(text(member(problem, "reason")) or "unknown", field=field, name=name)
        for period in items(entry.get("busy")):
            span = _span({edge: {"dateTime": member(period, edge)} for edge in ("start", "end")}, None)
            if span is None:
                raise lost(name, "a busy time that cannot be read", writes=False)
            busy.append(span)
    return busy


def merged(busy: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same minutes as few intervals: what overlaps or touches becomes one."""
    joined: list[Interval] = []
    for span in sorted(busy):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _unseen(reason: str, *, field: str, name: str) -> ProviderError:
    if reason == "notFound":
        return SetupError(f"calendars.{name}.{field}: Google knows no such calendar here; check the id and its sharing")
    if reason in {"tooManyCalendarsRequested", "groupTooBig"}:
        return SetupError(f"calendars.{name}.{field}: too many calendars behind one id ({reason})")
    return NotExecutedError(f"{name}: the busy times of calendars.{name}.{field} are not to be had")


@dataclass(frozen=True, slots=True)
class Problem:
    """The first error of an answer that is no success; `reason` decides, the message only where it must."""

    status: int
    reason: str
    message: str

    @property
    def shown(self) -> str:
        """Status and reason for an error message; the wording of Google's own may hold addresses."""
        return f"HTTP {self.status} {self.reason}".rstrip()


def problem_of(response: httpx.Response) -> Problem:
    try:
        body: object = json.loads(response.content)
    except ValueError:
        body = None
    first = next(iter(items(member(body, "error", "errors"))), None)
    reason = text(member(first, "reason")) or ""
    message = text(member(first, "message")) or text(member(body, "error", "message")) or ""
    return Problem(response.status_code, reason if re.fullmatch(r"[A-Za-z.]{1,60}", reason) else "", message)
