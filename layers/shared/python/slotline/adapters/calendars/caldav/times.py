"""iCalendar objects as they stand in somebody's calendar, and the times they occupy.

Recurrences are expanded here and not by the server: servers were seen to give wrong hours after a DST change and to
keep the old time of a moved instance. What cannot be understood raises UnreadableError, so that it never reads as free.
icalendar and recurring_ical_events are imported when first needed: they cost more than a request.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from threading import Lock
from typing import TYPE_CHECKING, Any

from slotline.domain.time import MINUTES_A_DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from icalendar import Component

LONGEST_INTERVAL = 1000  # of a recurrence rule; more is a typing error
MOST_TIMES_A_DAY = 24  # of a recurrence rule: once an hour
MOST_STEPS = 60_000
"""How many periods of a recurrence rule may pass before the window: a daily rule of 160 years."""
MOST_INSTANCES = 5_000

_STEP_DAYS = {"HOURLY": 1 / 24, "DAILY": 1.0, "WEEKLY": 7.0, "MONTHLY": 28.0, "YEARLY": 365.0}
_TIMING = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_LIBRARY_ERRORS = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, AssertionError, OSError,
)  # fmt: skip
"""What the two libraries raise for text that is no calendar object; a test mutates objects to keep this list true."""

_TZID = re.compile(r"TZID[=:]\"?([^\";:\r\n]{1,200})")
_one_at_a_time = Lock()


class UnreadableError(ValueError):
    """A calendar object whose times cannot be told."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an object occupies. `is_first`: the master's own, not a repetition."""

    span: Interval
    is_first: bool
    component: Component


def parsed(text: str) -> Component:
    """The calendar object. Zones: an IANA name, else a Windows name, else the object's own VTIMEZONE."""
    from icalendar import Calendar
    from icalendar.timezone import tzp

    # icalendar keeps the zones that objects define themselves by name, for the life of the process: without a fresh
    # start the "Customized Time Zone" of one business would be read with the rules of another one's.
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tzp.use_default()
            for tzid in dict.fromkeys(_TZID.findall(text)):
                tzp.timezone(tzid)
            calendar = Calendar.from_ical(text)
            if any(_lacks_zone(event) for event in calendar.walk("VEVENT")):
                calendar = Calendar.from_ical(text)  # the zones may stand behind the events that use them
        except _LIBRARY_ERRORS as exc:
            raise UnreadableError(type(exc).__name__) from exc
    return calendar


def master_of(calendar: Component) -> Component:
    """The event itself, and not one of its changed instances; UnreadableError when there is none."""
    events = calendar.walk("VEVENT")
    masters = [event for event in events if "RECURRENCE-ID" not in event] or events
    if not masters:
        raise UnreadableError("no event")
    return masters[0]


def span_of(event: Component, zone: tzinfo, *, shortest: int = 0) -> Interval | None:
    """The minutes an event takes, begun ones included, but at least `shortest`; None for one without length."""
    _check(event)
    try:
        return _span(event, zone, shortest=shortest)
    except _LIBRARY_ERRORS as exc:
        raise UnreadableError(type(exc).__name__) from exc


def occurrences(calendar: Component, *, window: Interval, zone: Callable[[], tzinfo]) -> Iterator[Occurrence]:
    """Every instance that overlaps the window. `zone` is asked for only where times have none of their own."""
    from recurring_ical_events import of  # type: ignore[import-untyped]  # it ships no types

    events = calendar.walk("VEVENT")
    for event in events:
        _check(event)
        _check_rules(event, until=window.end)
    try:
        own_zone = zone() if any(_is_floating(event) for event in events) else UTC
        first = _start(master_of(calendar), own_zone)
        wider = [
            datetime.fromtimestamp(m * 60, UTC)
            for m in (window.start - MINUTES_A_DAY, window.end + MINUTES_A_DAY)  # for floating times
        ]
        found = of(calendar, components=["VEVENT"]).between(*wider)
        for event in found[:MOST_INSTANCES]:
            span = _span(event, own_zone)
            if span is not None and span.overlaps(window):
                yield Occurrence(span, _start(event, own_zone) == first, event)
    except _LIBRARY_ERRORS as exc:
        raise UnreadableError(type(exc).__name__) from exc
    if len(found) > MOST_INSTANCES:
        raise UnreadableError("too many instances")


def occupies(event: Component, *, owners: frozenset[str]) -> bool:
    """Whether the owner is busy then. Tentative counts as busy; declined only where we know who the owner is."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return False
    attendees: Any = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        who = str(attendee).lower().removeprefix("mailto:")
        answer = getattr(attendee, "params", {}).get("PARTSTAT", "")
        if who in owners and str(answer).upper() == "DECLINED":
            return False
    return True


def zone_of(text: str) -> tzinfo | None:
    """The zone of a `calendar-timezone` property (a whole iCalendar object) or of a bare IANA name."""
    from icalendar.timezone import tzp

    try:
        if "BEGIN:VCALENDAR" in text:
            defined: Any = parsed(text).walk("VTIMEZONE")
            return defined[0].to_tz() if defined else None
        with _one_at_a_time:
            return tzp.timezone(text)
    except _LIBRARY_ERRORS:
        return None  # the business's own zone is used instead


def _check(event: Component) -> None:
    """The parser drops lines it cannot read; one that tells a time must not vanish silently."""
    for name, message in event.errors:
        if name in _TIMING or (name is None and any(word in message.upper() for word in _TIMING)):
            raise UnreadableError(f"broken {name or 'line'}")
    _time(event, "DTSTART")
    if _lacks_zone(event):
        raise UnreadableError("unknown TZID")


def _lacks_zone(event: Component) -> bool:
    """Whether a time names a zone that nobody knows."""
    times: list[Any] = [event.get(name) for name in ("DTSTART", "DTEND", "RECURRENCE-ID")]
    for name in ("RDATE", "EXDATE"):
        lists: Any = event.get(name, [])
        times += [t for entry in (lists if isinstance(lists, list) else [lists]) for t in getattr(entry, "dts", ())]
    return any("TZID" in getattr(t, "params", {}) and _naive(getattr(t, "dt", None)) for t in times)


def _naive(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None


def _is_floating(event: Component) -> bool:
    start = _time(event, "DTSTART")
    return not isinstance(start, datetime) or start.tzinfo is None


def _check_rules(event: Component, *, until: int) -> None:
    """Refuse rules that would keep the expansion busy for seconds: invitations come from strangers."""
    rules: Any = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        frequency = str(next(iter(rule.get("FREQ", [])), "")).upper()
        interval = next(iter(rule.get("INTERVAL", [1])), 1)
        parts = {str(key).upper() for key in rule}
        a_day = 1
        for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            a_day *= max(len(rule.get(part, [])), 1)
        is_fine = frequency in {"HOURLY", "DAILY", "WEEKLY"}
        is_endless = (
            frequency not in _STEP_DAYS
            or not isinstance(interval, int)
            or not 1 <= interval <= LONGEST_INTERVAL
            or a_day > MOST_TIMES_A_DAY
            or (is_fine and bool(parts & {"BYSETPOS", "BYYEARDAY", "BYWEEKNO"}))
            or (is_fine and {"BYMONTH", "BYMONTHDAY"} <= parts)
            or (frequency == "HOURLY" and any(p.startswith("BY") for p in parts))
            or (frequency == "DAILY" and interval % 7 == 0 and "BYDAY" in parts)
        )
        if is_endless:
            raise UnreadableError("a recurrence rule that may never end")
        begun = _time(event, "DTSTART")
        days = until / MINUTES_A_DAY - (date(begun.year, begun.month, begun.day) - date(1970, 1, 1)).days
        if days / _STEP_DAYS[frequency] / interval * a_day > MOST_STEPS:
            raise UnreadableError("a recurrence rule with too many steps")


def _start(event: Component, zone: tzinfo) -> float:
    return _seconds(_time(event, "DTSTART"), zone)


def _span(event: Component, zone: tzinfo, *, shortest: int = 0) -> Interval | None:
    begun = _time(event, "DTSTART")
    length = getattr(event.get("DURATION"), "dt", None)
    if "DTEND" in event:
        ended = _time(event, "DTEND")
    elif isinstance(length, timedelta):
        ended = begun + length
    else:
        ended = begun if isinstance(begun, datetime) else begun + timedelta(days=1)
    start, end = _seconds(begun, zone), _seconds(ended, zone)
    first, last = int(start // 60), int(-(-end // 60))
    if end == start:
        last = first + shortest
    return Interval(first, last) if first < last else None


def _time(event: Component, name: str) -> date:
    value = getattr(event.get(name), "dt", None)
    if not isinstance(value, date):
        raise UnreadableError(f"no {name}")
    return value


def _seconds(moment: date, zone: tzinfo) -> float:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.timestamp()
