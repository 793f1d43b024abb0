"""The phrases in tests/unit/data/when_phrases*.jsonl: their notation, their halves, and how a reading is judged.

The sets with a letter were each written before anybody saw how the grammar did on them; `first_look` in their first
line is the share that was right, asked and wrong then, before expectations that were mistaken were corrected.

The first line states the setting once: the local now, the zone, the opening hours and the caller's next appointment.
Every other line is a phrase, its locale and what it means:

    09-22                      one local day (MM-DD of the setting's year, or YYYY-MM-DD)
    09-21..09-23   09-16..     a span, both ends included; one without an end
    09-17,09-22                these days only
    … on tue,thu  … not fri    only these weekdays; all but these weekdays or days
    … 12:00-17:00              starts at a wall time in [12:00, 17:00)
    … @14:30                   exactly then
    … >09-29T14:00  <09-29T14:00    strictly later, strictly earlier
    ?                          must be asked about; `?two a b` names both readings, `?year d` the repaired date
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "when_phrases.jsonl"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 800  # days in which two spans are compared
HELD_OUT, DEVELOPMENT = "held-out", "development"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of the corpus."""

    locale: str
    say: str
    means: str

    @property
    def half(self) -> str:
        """The last hexadecimal digit of the SHA-256 of "locale|phrase": even is development, odd is held out."""
        return (
            HELD_OUT
            if int(hashlib.sha256(f"{self.locale}|{self.say}".encode()).hexdigest()[-1], 16) % 2
            else DEVELOPMENT
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means, in a form in which equal meanings are equal: the days inside the horizon, one by one."""

    days: frozenset[date]
    open_end: bool
    earliest: int = 0
    latest: int = 1440
    at: int | None = None
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked: the kind, and the readings that must be said aloud."""

    kind: str
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every phrase."""

    now: datetime
    zone: str
    hours: dict[str, list[str]]
    appointment: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def minute(self) -> int:
        return self.now.hour * 60 + self.now.minute


LATER_SETS = sorted(DATA.parent.glob("when_phrases_*.jsonl"))


@cache
def corpus(data: Path = DATA) -> tuple[Setting, tuple[Phrase, ...]]:
    first, *lines = map(json.loads, data.read_text(encoding="utf-8").splitlines())
    setting = Setting(
        datetime.fromisoformat(first["now"]),
        first["zone"],
        first["hours"],
        datetime.fromisoformat(first["appointment"]),
    )
    return setting, tuple(Phrase(**line) for line in lines)


def meant(notation: str, today: date) -> Meaning | Question:
    """The notation above, read."""
    if notation.startswith("?"):
        kind, *readings = notation.split()
        said = tuple(sorted(text if ":" in text else _day(text, today).isoformat() for text in readings))
        return Question(kind[1:], said)
    span, *rest = notation.split()
    days, open_end = _days(span, today)
    found: dict[str, Any] = {}
    for place, word in enumerate(rest):
        if word in {"on", "not"}:
            days = _filtered(days, rest[place + 1].split(","), keep=word == "on", today=today)
        elif word[0] == "@":
            found["at"] = found["earliest"] = _minute(word[1:])
        elif word[0] in "<>":
            day, clock = word[1:].split("T")
            moment = datetime.fromisoformat(f"{_day(day, today)}T{clock}")
            found["after" if word[0] == ">" else "before"] = moment
        elif ":" in word:
            found["earliest"], found["latest"] = map(_minute, word.split("-"))
    return Meaning(days, open_end, **found)


def spread(first: date, last: date | None, today: date) -> tuple[frozenset[date], bool]:
    """The days from first to last, or to the horizon."""
    end = last or today + timedelta(days=HORIZON)
    return frozenset(first + timedelta(days=n) for n in range((end - first).days + 1)), last is None


def _days(span: str, today: date) -> tuple[frozenset[date], bool]:
    if ".." in span:
        first, last = span.split("..")
        return spread(_day(first, today), _day(last, today) if last else None, today)
    return frozenset(_day(text, today) for text in span.split(",")), False


def _filtered(days: frozenset[date], names: list[str], *, keep: bool, today: date) -> frozenset[date]:
    weekdays = {WEEKDAYS.index(name) for name in names if name in WEEKDAYS}
    dates = {_day(name, today) for name in names if name not in WEEKDAYS}
    return frozenset(day for day in days if (day.weekday() in weekdays or day in dates) == keep)


def _day(text: str, today: date) -> date:
    return date.fromisoformat(text if len(text) > len("09-22") else f"{today.year}-{text}")


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def judged(expected: Meaning | Question, found: Meaning | Question) -> str:
    """right, asked (asked again although it could be understood, or asked something else) or wrong."""
    if isinstance(found, Question):
        same = isinstance(expected, Question) and (not expected.kind or expected == found)
        return "right" if same else "asked"
    return "right" if found == expected else "wrong"
