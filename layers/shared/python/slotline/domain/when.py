"""The caller's `when`: words, dates and times become local days and a window of the day, or a question to ask.

All times are local to the business. Nothing here knows a zone: `today` and the minute of the day arrive as arguments.
Ways to fail are questions (UnclearError): clarify_when, clarify_when_two (`first`, `second`: ISO dates), clarify_past,
clarify_year (`time`: the ISO date that was probably meant) and clarify_time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from slotline.domain.errors import UnclearError
from slotline.domain.time import MINUTES_A_DAY, minute_of
from slotline.domain.vocabulary import own_phrases
from slotline.domain.when_atoms import NOON_HOUR, atoms_of, clean, language_of
from slotline.domain.when_days import days_meant
from slotline.domain.when_facts import ClockFact, Facts, gathered
from slotline.domain.when_words import EVENING, LUNCH, MORNING, Atom, Kind, fold

_HALF_DAY = NOON_HOUR * 60
_EARLIEST_BARE = 7 * 60  # "at 3" is the afternoon; from seven on, the clock is read as said
_LONGEST_SAID = 60
_WHOLE_DAY = (0, MINUTES_A_DAY)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Local days first..last (None: open end), each from minute `earliest` up to `latest`, half-open.

    `said`: the caller's words when they can be spoken back in their language. `at`: the exact minute asked for, if any.
    """

    first: date
    last: date | None
    earliest: int = 0
    latest: int = MINUTES_A_DAY
    said: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class After:
    """A lower bound: an absolute minute, or a local day, a minute of the day, or both."""

    minute_utc: int | None = None
    local_date: date | None = None
    minute_of_day: int | None = None


def understand(
    when: str | None, *, today: date, now_minute_of_day: int, locale: str, part_of_day: str | None = None
) -> DaySpan:
    """The days and the window meant; nothing said means from today on with an open end."""
    atoms = atoms_of(when or "", locale)
    if not atoms and clean(when or ""):
        raise UnclearError("clarify_when")
    facts = gathered(atoms)
    if atoms and facts.empty:
        raise UnclearError("clarify_when")
    earliest, latest, at = _window(facts, _part_argument(part_of_day, locale))
    over = latest <= now_minute_of_day or (at is not None and at < now_minute_of_day)
    now = MINUTES_A_DAY if over else now_minute_of_day
    first, last = days_meant(facts, today=today, now=now, english=language_of(locale) not in {"es", "de", "fr"})
    if over and last == today:
        raise UnclearError("clarify_past")
    return DaySpan(
        first,
        last,
        earliest,
        latest,
        said=_said(atoms, locale) if facts.names_a_day and not facts.bound else None,
        at=at,
    )


def understand_after(text: str, *, today: date, now_minute_of_day: int, locale: str) -> After:
    """What `after` bounds: an offer's start with its offset, a local date or time, or words for one of these."""
    moment = _absolute(text)
    if moment is not None:
        return After(minute_utc=minute_of(moment))
    facts = gathered(atoms_of(text, locale))
    if len(facts.clocks) > 1 or (facts.part and not facts.clocks) or not (facts.clocks or facts.names_a_day):
        raise UnclearError("clarify_when")
    facts.bound = None
    minute = _settled(facts.clocks[0], facts.part) if facts.clocks else None
    if minute == MINUTES_A_DAY:  # midnight: the start of that day, or its end?
        raise UnclearError("clarify_time")
    if not facts.names_a_day:
        return After(minute_of_day=minute)
    first, last = days_meant(facts, today=today, now=now_minute_of_day, english=True)
    if first != last:
        raise UnclearError("clarify_when")
    return After(local_date=first, minute_of_day=minute)


def parse_date(text: str, *, today: date, locale: str) -> date:
    """One local day, not in the past, from YYYY-MM-DD or from words."""
    span = understand(text, today=today, now_minute_of_day=0, locale=locale)
    if span.last is None or span.first != span.last:
        raise UnclearError("clarify_when")
    return span.first


def parse_time(text: str, *, locale: str) -> time:
    """One local time from HH:MM or from words; a bare hour below seven has two readings and is asked about."""
    try:
        facts = gathered((Atom(Kind.AT), *atoms_of(text, locale)))
    except UnclearError:
        raise UnclearError("clarify_time") from None
    if len(facts.clocks) != 1 or facts.names_a_day:
        raise UnclearError("clarify_time")
    clock = facts.clocks[0]
    if not clock.sure and facts.part is None and clock.minute < _EARLIEST_BARE:
        raise UnclearError("clarify_time")
    minute = _settled(clock, facts.part)
    if minute >= MINUTES_A_DAY:
        raise UnclearError("clarify_time")
    return time(minute // 60, minute % 60)


def _absolute(text: str) -> datetime | None:
    """An ISO date-time that carries its offset, else None."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\[[\w/]{1,40}\]$", "", clean(text)))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _part_argument(text: str | None, locale: str) -> tuple[int, int]:
    """The window of the `part_of_day` argument: any, or one part in English or the caller's language."""
    atoms = [atom for atom in atoms_of(text or "", locale) if atom.kind not in {Kind.FILLER, Kind.ARTICLE, Kind.ANY}]
    if not atoms:
        return _WHOLE_DAY
    if len(atoms) == 1 and atoms[0].kind in _PARTS:
        return _PARTS[atoms[0].kind]
    if len(atoms) == 1 and atoms[0].kind is Kind.PART:
        return atoms[0].value, atoms[0].end
    raise UnclearError("clarify_when")


_PARTS = {Kind.MORROW: MORNING, Kind.NOON: LUNCH, Kind.MIDNIGHT: EVENING}


def _window(facts: Facts, argument: tuple[int, int]) -> tuple[int, int, int | None]:
    """Earliest and latest minute of the day, and the exact minute asked for."""
    part = facts.part or (argument if argument != _WHOLE_DAY else None)
    earliest, latest = _clock_window(facts.clocks, part)
    exact = [clock for clock in facts.clocks if clock.relation is Kind.AT]
    at = _settled(exact[0], part) if len(exact) == 1 else None
    for start, end in (facts.part or _WHOLE_DAY, argument):
        # Said beside an exact time, a part of the day only tells which half of the clock was meant.
        inside = max(earliest, start) < min(latest, end)
        if inside and at is None:
            earliest, latest = max(earliest, start), min(latest, end)
        elif not facts.clocks:
            raise UnclearError("clarify_when")
    if earliest >= latest:
        raise UnclearError("clarify_time")
    return earliest, latest, at


def _clock_window(clocks: Sequence[ClockFact], part: tuple[int, int] | None) -> tuple[int, int]:
    lower = [clock for clock in clocks if clock.relation not in {Kind.BEFORE, Kind.BY}]
    upper = [_settled(clock, part) for clock in clocks if clock.relation in {Kind.BEFORE, Kind.BY}]
    exact = [_settled(clock, part) for clock in clocks if clock.relation is Kind.AT]
    if len(exact) == 2 and len(clocks) == 2:  # noqa: PLR2004 - "2pm - 4pm": two times are a range
        return exact[0], exact[1]
    if len(lower) > 1 or len(upper) > 1:
        raise UnclearError("clarify_time")
    latest = upper[0] if upper else MINUTES_A_DAY
    earliest = _settled(lower[0], part) if lower else 0
    later = earliest + _HALF_DAY
    if lower and upper and not lower[0].sure and _HALF_DAY <= later < latest:  # "between 7 and 8 pm"
        earliest = later
    return earliest, latest


def _settled(clock: ClockFact, part: tuple[int, int] | None) -> int:
    """The minute of the day, with the half of the clock that the part of the day or business hours suggest."""
    if clock.sure or clock.minute >= _HALF_DAY:
        return clock.minute
    if part is not None and part != _WHOLE_DAY:
        return clock.minute + _HALF_DAY if part[0] >= LUNCH[0] else clock.minute
    return clock.minute + _HALF_DAY if clock.minute < _EARLIEST_BARE else clock.minute


def _said(atoms: Sequence[Atom], locale: str) -> str | None:
    """The caller's words without the fillers around them; None when they hold digits or another language."""
    idle = {Kind.FILLER, Kind.ARTICLE, Kind.AND}
    telling = [place for place, atom in enumerate(atoms) if atom.kind not in idle]
    if not telling:
        return None
    words = [atom.raw for atom in atoms[telling[0] : telling[-1] + 1] if atom.raw]
    own = own_phrases(language_of(locale))
    said = " ".join(words)
    known = all(tuple(re.findall(r"[^\W\d_]+", fold(word))) in own for word in words)
    return said if known and len(said) <= _LONGEST_SAID and not any(map(str.isdigit, said)) else None
