"""The caller's `when`: words, dates and times become local days and a window of the day, or a question to ask.

All times are local to the business. Nothing here knows a zone: `today` and the minute of the day arrive as arguments.
Ways to fail are questions (UnclearError): clarify_when, clarify_when_two (`first`, `second`: ISO dates), clarify_past,
clarify_year (`time`: the ISO date that was probably meant), clarify_time, and clarify_time_two (its two are HH:MM).

What models write most, an ISO date or time, is read here; `when_reading`, which knows words, is loaded for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from slotline.domain.time import MINUTES_A_DAY, minute_of

WeekHours = Sequence[Sequence[tuple[int, int]]]
"""Opening hours for each weekday, Monday first: windows in minutes after local midnight."""

HoursOf = Callable[[], WeekHours | None]
"""Finds them when a bare hour makes them matter; None where they are not known."""

ALL_WEEK = frozenset(range(7))
_ISO_DATE = re.compile(r"2\d{3}-\d{2}-\d{2}", re.ASCII)  # nobody means another millennium, and calendars end
_ISO_MOMENT = re.compile(r"(2\d{3}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::00)?", re.ASCII)
_WHOLE_DAY = (0, MINUTES_A_DAY)
_PARTS = {None: _WHOLE_DAY, "": _WHOLE_DAY, "any": _WHOLE_DAY}
_PARTS |= {"morning": (0, 720), "afternoon": (720, 1020), "evening": (1020, MINUTES_A_DAY)}


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Local days first..last (None: open end), each from minute `earliest` up to `latest`, half-open.

    `said`: the caller's words when they can be spoken back in their language. `at`: the exact minute asked for, if any.
    Not every day of the span need count: see `holds`. `after`, `before`: local moments, both excluded.
    """

    first: date
    last: date | None
    earliest: int = 0
    latest: int = MINUTES_A_DAY
    said: str | None = None
    at: int | None = None
    weekdays: frozenset[int] = ALL_WEEK
    only: frozenset[date] | None = None
    without: frozenset[date] = frozenset()
    after: datetime | None = None
    before: datetime | None = None

    def holds(self, day: date) -> bool:
        """Whether a day between first and last is one of those meant: "any day but Friday", "Tuesday or Thursday"."""
        listed = self.only is None or day in self.only
        return listed and day.weekday() in self.weekdays and day not in self.without

    @property
    def has_gaps(self) -> bool:
        return self.only is not None or bool(self.without) or self.weekdays != ALL_WEEK


@dataclass(frozen=True, slots=True)
class After:
    """A lower bound: an absolute minute, or a local day, a minute of the day, or both."""

    minute_utc: int | None = None
    local_date: date | None = None
    minute_of_day: int | None = None


def understand(
    when: str | None,
    *,
    today: date,
    now_minute_of_day: int,
    locale: str,
    part_of_day: str | None = None,
    hours: HoursOf | None = None,
    appointment: Callable[[], datetime] | None = None,
) -> DaySpan:
    """The days and the window meant; nothing said means from today on with an open end.

    `hours` decide between morning and evening where neither was said. `appointment` finds the local start of the
    caller's own, and is asked only when they mention it; it may raise UnclearError.
    """
    part = _PARTS.get(part_of_day)
    if part is not None:
        if not when:
            return DaySpan(today, None, *part)
        written = _written(when, today=today, now=now_minute_of_day)
        if written is not None and written[1] is None and (written[0] > today or part[1] > now_minute_of_day):
            return DaySpan(written[0], written[0], *part)
        if written is not None and written[1] is not None and part == _WHOLE_DAY:
            return DaySpan(written[0], written[0], earliest=written[1], at=written[1])
    from slotline.domain import when_reading

    return when_reading.understand(
        when or "",
        today=today,
        now_minute_of_day=now_minute_of_day,
        locale=locale,
        part_of_day=part_of_day,
        hours=hours,
        appointment=appointment,
    )


def understand_after(
    text: str,
    *,
    today: date,
    now_minute_of_day: int,
    locale: str,
    hours: HoursOf | None = None,
    appointment: Callable[[], datetime] | None = None,
) -> After:
    """What `after` bounds: an offer's start with its offset, a local date or time, or words for one of these."""
    moment = _absolute(text)
    if moment is not None:
        return After(minute_utc=minute_of(moment))
    written = _written(text, today=today, now=now_minute_of_day)
    if written is not None:
        return After(local_date=written[0], minute_of_day=written[1])
    from slotline.domain import when_reading

    return when_reading.understand_after(
        text, today=today, now_minute_of_day=now_minute_of_day, locale=locale, hours=hours, appointment=appointment
    )


def parse_date(text: str, *, today: date, locale: str) -> date:
    """One local day, not in the past, from YYYY-MM-DD or from words."""
    written = _written(text, today=today, now=0)
    if written is not None and written[1] is None:
        return written[0]
    from slotline.domain import when_reading

    return when_reading.parse_date(text, today=today, locale=locale)


def parse_time(text: str, *, locale: str, hours: HoursOf | None = None, day: date | None = None) -> time:
    """One local time from HH:MM or from words.

    A bare hour that the hours of that day leave open is asked about, and so is an early one in mere digits.
    """
    if re.fullmatch(r"(?:0\d|1[3-9]|2[0-3]):[0-5]\d", text, re.ASCII):
        return time.fromisoformat(text)
    from slotline.domain import when_reading

    return when_reading.parse_time(text, locale=locale, hours=hours, day=day)


def _written(text: str, *, today: date, now: int) -> tuple[date, int | None] | None:
    """A day that is not over, with its minute when one is written; None for all that needs another look."""
    said = text.strip()
    found = _ISO_MOMENT.fullmatch(said)
    try:
        if found is None:
            day = date.fromisoformat(said) if _ISO_DATE.fullmatch(said) else None
            return (day, None) if day is not None and today <= day else None
        day, clock = date.fromisoformat(found[1]), time.fromisoformat(found[2])
    except ValueError:
        return None
    minute = clock.hour * 60 + clock.minute
    return (day, minute) if (today, now) <= (day, minute) and clock.hour >= 1 else None


def _absolute(text: str) -> datetime | None:
    """An ISO date-time that carries its offset, else None."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\[[\w/]{1,40}\]$", "", text.strip()))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
