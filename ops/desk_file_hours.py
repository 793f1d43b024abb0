"""Opening hours as people write them: `mon-fri: ["09:00-12:00", "13:00-17:00"]`; and times blocked out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from ops.desk_file_yaml import Path
from slotline.domain.business import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_DATE, _CLOCK = r"(\d{4}-\d{2}-\d{2})", r"(\d{1,2}:\d{2})"
_BLOCKED = re.compile(rf"{_DATE}(?:[ T]{_CLOCK})?\s*[-–]\s*(?:{_DATE})?(?:[ T]?{_CLOCK})?")
_MINUTES_AN_HOUR, _MIDNIGHT = 60, 1440

Week = tuple[tuple[Window, ...], ...]
Blocked = tuple[tuple[datetime, datetime], ...]


def parse_hours(hours: Mapping[str, Sequence[str]]) -> tuple[Week, list[tuple[Path, str]]]:
    """The week, Monday first, and what is wrong with it by place below `hours`."""
    week: list[list[Window]] = [[] for _ in DAYS]
    wrong: list[tuple[Path, str]] = []
    for days, texts in hours.items():
        try:
            indexes = list(_days(days))
        except ValueError as exc:
            wrong.append(((days,), str(exc)))
            continue
        for place, text in enumerate(texts):
            try:
                window = _window(text)
                for day in indexes:
                    _add(week[day], window, day=DAYS[day])
            except ValueError as exc:
                wrong.append(((days, str(place)), str(exc)))
    if not wrong and not any(week):
        wrong.append(((), 'opens on no day: give at least one window such as mon-fri: ["09:00-17:00"]'))
    return tuple(tuple(sorted(windows)) for windows in week), wrong


def parse_blocked(texts: Sequence[str]) -> tuple[Blocked, list[tuple[Path, str]]]:
    """Blocked times, local and without a zone, and what is wrong with them by place below `blocked`.

    `2026-12-24 12:00-18:00`, `2026-12-24 12:00 - 2026-12-27 09:00`, or whole days: `2026-12-24 - 2027-01-02`, both
    included.
    """
    found: list[tuple[datetime, datetime]] = []
    wrong: list[tuple[Path, str]] = []
    for place, text in enumerate(texts):
        try:
            found.append(_blocked(text))
        except ValueError as exc:
            wrong.append(((str(place),), str(exc)))
    return tuple(sorted(found)), wrong


def _blocked(text: str) -> tuple[datetime, datetime]:
    parts = _BLOCKED.fullmatch(text.strip())
    if not parts or (parts[2] is None) != (parts[4] is None) or not (parts[3] or parts[4]):
        raise ValueError(f"{text!r} is no blocked time: write 2026-12-24 12:00-18:00, or 2026-12-24 - 2026-12-31")
    first, last = date.fromisoformat(parts[1]), date.fromisoformat(parts[3] or parts[1])
    if parts[2] is None:
        start, end = _at(first, 0), _at(last, _MIDNIGHT)
    else:
        start, end = (_at(day, _minute(*clock.split(":"))) for day, clock in ((first, parts[2]), (last, parts[4])))
    if end <= start:
        raise ValueError(f"{text!r} ends before it starts")
    return start, end


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _days(text: str) -> Iterator[int]:
    """The days of `sat`, `mon-fri`, `sat-mon` (over the week's end) or `mon, wed`."""
    for part in text.split(","):
        first, dash, last = (name.strip().lower() for name in part.partition("-"))
        start = _day(first)
        length = (_day(last) - start) % 7 if dash else 0
        yield from ((start + step) % 7 for step in range(length + 1))


def _day(name: str) -> int:
    for names in (DAYS, _LONG):
        if name in names:
            return names.index(name)
    raise ValueError(f"{name!r} is no day: use {' '.join(DAYS)}, or a range such as mon-fri")


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no window: write it as 09:00-17:00")
    start, end = (_minute(*found.group(place, place + 1)) for place in (1, 3))
    if end <= start:
        raise ValueError(f"{text!r} ends before it starts: hours past midnight go to the next day, as 00:00-…")
    return start, end


def _minute(hour: str, minute: str) -> int:
    total = int(hour) * _MINUTES_AN_HOUR + int(minute)
    if int(minute) >= _MINUTES_AN_HOUR or total > _MIDNIGHT:
        raise ValueError(f"{hour}:{minute} is no time of day (00:00 to 24:00)")
    return total


def _add(windows: list[Window], window: Window, *, day: str) -> None:
    if any(window[0] < end and start < window[1] for start, end in windows):
        raise ValueError(f"overlaps another window on {day}: join them")
    windows.append(window)
