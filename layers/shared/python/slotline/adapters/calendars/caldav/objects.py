"""Calendar objects as the events of our port: whose they are, when, and what an unreadable one blocks.

An event is ours when its UID is the hash of the booking it names: clients copy unknown properties along with an event,
and a copy that a person made is not our event.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slotline.adapters.calendars.caldav.requests import GENERATION, TAG, UID_HOST, resource_of, uid_of
from slotline.adapters.calendars.caldav.times import (
    UnreadableError,
    master_of,
    occupies,
    occurrences,
    parsed,
    span_of,
)
from slotline.domain.time import Interval
from slotline.ports import ProviderEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from icalendar import Component

LONGEST_GENERATION = 9  # digits; anybody may write into an event, and int() takes long for very long numbers
FARTHEST_OFFSET = 15 * 60  # minutes; no zone is farther from UTC

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CaldavObject:
    """One resource of a calendar. `text` is None where the server named it, but did not show it."""

    path: str
    etag: str | None
    text: str | None

    @property
    def strong_etag(self) -> str | None:
        """What may stand in If-Match: weak marks never match there."""
        return self.etag if self.etag and not self.etag.startswith("W/") else None

    def parsed(self) -> tuple[Component, Component]:
        """The calendar and the event itself; UnreadableError."""
        if self.text is None:
            raise UnreadableError("not shown")
        calendar = parsed(self.text)
        return calendar, master_of(calendar)


def is_own_name(uid: str, path: str) -> bool:
    """Whether UID and resource name are a pair of ours."""
    return uid.endswith(f"@{UID_HOST}") and path.rpartition("/")[2] == resource_of(uid)


def is_cancelled(event: Component) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def tag_of(event: Component, *, business: str) -> str | None:
    """The booking the event was made for; None for events of others and for copies."""
    tag, generation = str(event.get(TAG, "")), str(event.get(GENERATION, "0"))
    is_number = generation.isascii() and generation.isdigit() and len(generation) <= LONGEST_GENERATION
    if not tag or not is_number:
        return None
    return tag if str(event.get("UID", "")) == uid_of(business, tag, int(generation)) else None


def shown(entry: CaldavObject, event: Component, *, tag: str | None, zone: Callable[[], tzinfo]) -> ProviderEvent:
    """One event of ours, at its own time; UnreadableError when that cannot be told."""
    has_zone = getattr(getattr(event.get("DTSTART"), "dt", None), "tzinfo", None) is not None
    span = span_of(event, UTC if has_zone else zone(), shortest=1)
    if span is None:
        raise UnreadableError("it ends before it starts")
    return _event(entry.path, event, entry.etag, span=span, tag=tag)


def live_events(
    entries: Iterable[CaldavObject],
    *,
    window: Interval,
    business: str,
    zone: Callable[[], tzinfo],
    owners: frozenset[str],
) -> Iterator[ProviderEvent]:
    """Every time in the window at which the owner is busy, and every event of ours that is not cancelled.

    An object that cannot be read blocks all the time it might mean, and is reported in the log by a hash of its path.
    """
    for entry in entries:
        try:
            yield from _live(entry, window=window, business=business, zone=zone, owners=owners)
        except UnreadableError as exc:
            digest = hashlib.sha256(entry.path.encode()).hexdigest()[:12]
            _logger.warning("calendar_object_unreadable object=%s reason=%s", digest, exc)
            span = _guessed(entry.text, window=window) if entry.text else window
            if span.overlaps(window):
                yield ProviderEvent(entry.path, None, span, "accepted", etag=entry.etag)


def _guessed(text: str, *, window: Interval) -> Interval:
    """What an unreadable object blocks: its bare clock times in any zone, else the whole window."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    starts = re.findall(r"(?im)^DTSTART(?:;[^:\r\n]*)?:(\d{8})(?:T(\d{6}))?Z?\s*$", unfolded)
    ends = re.findall(r"(?im)^DTEND(?:;[^:\r\n]*)?:(\d{8})(?:T(\d{6}))?Z?\s*$", unfolded)
    recurs = re.search(r"(?im)^(RRULE|RDATE|RECURRENCE-ID)", unfolded)
    if recurs or unfolded.upper().count("BEGIN:VEVENT") != 1 or len(starts) != 1 or len(ends) != 1:
        return window
    try:
        first, last = (
            int(datetime.strptime(day + (clock or "000000"), "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp() // 60)
            for day, clock in (*starts, *ends)
        )
        return Interval(first - FARTHEST_OFFSET, max(first, last) + 1 + FARTHEST_OFFSET)
    except ValueError:
        return window


def _live(
    entry: CaldavObject, *, window: Interval, business: str, zone: Callable[[], tzinfo], owners: frozenset[str]
) -> list[ProviderEvent]:
    calendar, master = entry.parsed()
    tag = tag_of(master, business=business)
    found = []
    for one in occurrences(calendar, window=window, zone=zone):
        is_ours = tag is not None and one.is_first
        if is_cancelled(one.component) or not (is_ours or occupies(one.component, owners=owners)):
            continue
        # What a person made of our event by letting it recur is not ours: only its first time stands for the booking.
        path = entry.path if one.is_first else f"{entry.path}#{one.span.start}"
        found.append(_event(path, one.component, entry.etag, span=one.span, tag=tag if is_ours else None))
    return found


def _event(path: str, event: Component, etag: str | None, *, span: Interval, tag: str | None) -> ProviderEvent:
    guests: Any = event.get("ATTENDEE", [])
    guest = str(next(iter(guests), "") if isinstance(guests, list) else guests)
    links = (str(event.get(name, "")) for name in ("CONFERENCE", "URL", "LOCATION"))
    return ProviderEvent(
        id=path,
        tag=tag,
        span=span,
        status="cancelled" if is_cancelled(event) else "accepted",
        link=next((link for link in links if link.startswith(("https://", "http://"))), None),
        etag=etag,
        email=guest[7:] if guest.lower().startswith("mailto:") else None,
    )
