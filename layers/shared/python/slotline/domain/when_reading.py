"""Reads words for `slotline.domain.when`, which says what the functions of the same names promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from slotline.domain.errors import UnclearError
from slotline.domain.time import MINUTES_A_DAY
from slotline.domain.vocabulary import LANGUAGES, own_phrases
from slotline.domain.when import After, DaySpan, HoursOf
from slotline.domain.when_atoms import atoms_of, clean, language_of
from slotline.domain.when_clocks import ClockFact
from slotline.domain.when_days import Reckoning, days_of
from slotline.domain.when_facts import Facts
from slotline.domain.when_gathering import gathered
from slotline.domain.when_hours import (
    EARLIEST_BARE,
    HALF_DAY,
    Opening,
    first_thing,
    last_thing,
    opening_on,
    settled,
    two_readings,
)
from slotline.domain.when_spans import ALL_WEEK, Span, span_meant
from slotline.domain.when_words import EVENING, LUNCH, MORNING, Atom, Denial, Kind, fold

_LONGEST_SAID = 60
_WHOLE_DAY = (0, MINUTES_A_DAY)
_PARTS = {Kind.MORROW: MORNING, Kind.NOON: LUNCH, Kind.MIDNIGHT: EVENING}
_UPPER = frozenset({Kind.BEFORE, Kind.BY})
_ASIDE = frozenset({Kind.CORRECTION, Kind.ALSO, Kind.UNKNOWN, Kind.COUNTED})  # not to be said back
_MOMENTS = frozenset({Kind.AFTER, Kind.BEFORE, Kind.BY, Kind.FROM})

Window = tuple[int, int, int | None]
"""Earliest and latest minute of the day, and the exact minute asked for."""


def understand(
    when: str,
    *,
    today: date,
    now_minute_of_day: int,
    locale: str,
    part_of_day: str | None,
    hours: HoursOf | None,
    appointment: Callable[[], datetime] | None,
) -> DaySpan:
    atoms = atoms_of(when, locale)
    facts = gathered(atoms)
    if facts.empty and (atoms or clean(when)):
        raise UnclearError("clarify_when")
    argument = _part_argument(part_of_day, locale)
    if facts.soon is not None:
        return _soon(facts, today, now_minute_of_day)
    week = hours() if hours is not None and (facts.clocks or facts.edge) else None
    guess = _window(facts, argument, opening_on(week, facts.every or ALL_WEEK), lenient=True)
    over = _is_over(guess, now_minute_of_day)
    span = span_meant(facts, _reckoning(today, MINUTES_A_DAY if over else now_minute_of_day, locale, appointment))
    # The hours of the days meant may read a bare hour otherwise than those of the whole week.
    window = _window(facts, argument, opening_on(week, _weekdays(span)), lenient=False)
    if over != _is_over(window, now_minute_of_day):
        over = not over
        span = span_meant(facts, _reckoning(today, MINUTES_A_DAY if over else now_minute_of_day, locale, appointment))
    if over and span.last == today:
        raise UnclearError("clarify_past")
    earliest, latest, at = window
    tellable = facts.names_a_day and all(day.relation is None for day in facts.days)
    return DaySpan(
        span.first,
        span.last,
        earliest,
        latest,
        said=_said(atoms, locale) if tellable else None,
        at=at,
        weekdays=span.weekdays,
        only=span.only,
        without=span.without,
        after=span.after,
        before=span.before,
    )


def understand_after(
    text: str,
    *,
    today: date,
    now_minute_of_day: int,
    locale: str,
    hours: HoursOf | None,
    appointment: Callable[[], datetime] | None,
) -> After:
    facts = gathered(atoms_of(text, locale))
    days = facts.days
    plain = (
        len(facts.clocks) <= 1 and len(days) <= 1 and not (facts.every or facts.never or facts.edge or facts.not_part)
    )
    if not plain or (facts.part and not facts.clocks) or not (facts.clocks or days) or facts.soon is not None:
        raise UnclearError("clarify_when")
    if days and days[0].relation in {Kind.NOT, Kind.BEFORE, Kind.BY}:
        raise UnclearError("clarify_when")
    reckoning = _reckoning(today, now_minute_of_day, locale, appointment)
    first = None
    if days:
        moment = _their_own(facts, reckoning)
        if moment is not None:
            return After(local_date=moment.date(), minute_of_day=moment.hour * 60 + moment.minute)
        days[0].relation = None
        span = span_meant(facts, reckoning)
        if span.first != span.last:
            raise UnclearError("clarify_when")
        first = span.first
    week = hours() if hours is not None and facts.clocks else None
    opening = opening_on(week, ALL_WEEK if first is None else {first.weekday()})
    minute = settled(facts.clocks[0], part=facts.part, opening=opening) if facts.clocks else None
    if minute == MINUTES_A_DAY:  # midnight: the start of that day, or its end?
        raise UnclearError("clarify_time")
    return After(local_date=first, minute_of_day=minute)


def parse_date(text: str, *, today: date, locale: str) -> date:
    span = understand(
        text, today=today, now_minute_of_day=0, locale=locale, part_of_day=None, hours=None, appointment=None
    )
    if span.last is None or span.first != span.last:
        raise UnclearError("clarify_when")
    return span.first


def parse_time(text: str, *, locale: str, hours: HoursOf | None, day: date | None) -> time:
    try:
        facts = gathered((Atom(Kind.AT), *atoms_of(text, locale)))
    except UnclearError:
        raise UnclearError("clarify_time") from None
    if len(facts.clocks) != 1 or facts.names_a_day or facts.soon is not None or facts.edge or facts.not_part:
        raise UnclearError("clarify_time")
    clock = facts.clocks[0]
    opening = opening_on(hours() if hours is not None else None, ALL_WEEK if day is None else {day.weekday()})
    # Mere digits that are not HH:MM are a model's slip; with a word they are what a caller said.
    slip = opening is None or not any(map(str.isalpha, text))
    if slip and not clock.sure and facts.part is None and clock.minute < EARLIEST_BARE:
        raise two_readings(clock.minute)
    minute = settled(clock, part=facts.part, opening=opening)
    if minute >= MINUTES_A_DAY:
        raise UnclearError("clarify_time")
    return time(minute // 60, minute % 60)


def _reckoning(today: date, now: int, locale: str, appointment: Callable[[], datetime] | None) -> Reckoning:
    return Reckoning(today, now, language_of(locale) not in LANGUAGES - {"en"}, appointment)


def _their_own(facts: Facts, reckoning: Reckoning) -> datetime | None:
    """The moment of the caller's own appointment, when it is that and nothing else that was named."""
    day = facts.days[0]
    if Kind.APPOINTMENT not in day.numbers or day.shift or facts.clocks:
        return None
    days_of(day, reckoning)  # refuses what does not go with it
    return reckoning.their_appointment()


def _soon(facts: Facts, today: date, now: int) -> DaySpan:
    """So many minutes from now: today from then on."""
    begins = now + (facts.soon or 0)
    if facts.days or facts.every or facts.never or facts.clocks or facts.part or facts.edge:
        raise UnclearError("clarify_when")
    if begins >= MINUTES_A_DAY:
        raise UnclearError("clarify_past")
    if facts.soon_at_most:
        return DaySpan(today, today, earliest=now, latest=begins)
    return DaySpan(today, today, earliest=begins)


def _is_over(window: Window, now: int) -> bool:
    """Whether today has nothing left of the window."""
    return window[1] <= now or (window[2] is not None and window[2] < now)


def _weekdays(span: Span) -> frozenset[int]:
    """The weekdays on which the span has a day."""
    if span.last is None or (span.last - span.first).days >= len(ALL_WEEK):
        return span.weekdays
    days = (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
    return frozenset(day.weekday() for day in days if span.holds(day))


def _part_argument(text: str | None, locale: str) -> tuple[int, int]:
    """The window of the `part_of_day` argument: any, or one part in English or the caller's language."""
    idle = {Kind.FILLER, Kind.ARTICLE, Kind.ANY, Kind.EACH, Kind.IN}
    atoms = [atom for atom in atoms_of(text or "", locale) if atom.kind not in idle]
    if not atoms:
        return _WHOLE_DAY
    if len(atoms) == 1 and atoms[0].kind in _PARTS:
        return _PARTS[atoms[0].kind]
    if len(atoms) == 1 and atoms[0].kind is Kind.PART:
        return atoms[0].value, atoms[0].end
    raise UnclearError("clarify_when")


def _window(facts: Facts, argument: tuple[int, int], opening: Opening | None, *, lenient: bool) -> Window:
    """The window of the day; `lenient`: a bare hour that may be either is not asked about yet."""
    part = facts.part or (argument if argument != _WHOLE_DAY else None)
    try:
        earliest, latest, at = _clock_window(facts, part, opening)
    except UnclearError as unclear:
        if not lenient or unclear.phrase != "clarify_time_two":
            raise
        earliest, latest, at = _clock_window(facts, part, None)
    spoken = [facts.part or _WHOLE_DAY, argument]
    if facts.not_part is not None:
        spoken.append(_all_but(facts.not_part))
    if facts.edge is not None:
        spoken.append(first_thing(opening) if facts.edge is Kind.OPENING else last_thing(opening))
    for start, end in spoken:
        # Said beside an exact time, a part of the day only tells which half of the clock was meant.
        inside = max(earliest, start) < min(latest, end)
        if inside and at is None:
            earliest, latest = max(earliest, start), min(latest, end)
        elif not facts.clocks:
            raise UnclearError("clarify_when")
    if earliest >= latest:
        raise UnclearError("clarify_time")
    return earliest, latest, at


def _all_but(part: tuple[int, int]) -> tuple[int, int]:
    """What is left of a day without one part; UnclearError when that is not one window."""
    if part[0] <= 0:
        return part[1], MINUTES_A_DAY
    if part[1] >= MINUTES_A_DAY:
        return 0, part[0]
    raise UnclearError("clarify_time")


def _clock_window(facts: Facts, part: tuple[int, int] | None, opening: Opening | None) -> Window:
    clocks: Sequence[ClockFact] = facts.clocks
    exact = [settled(clock, part=part, opening=opening) for clock in clocks if clock.relation is Kind.AT]
    if exact and any(day.relation in _MOMENTS for day in facts.days):  # "after Tuesday at three"
        raise UnclearError("clarify_when")
    if len(exact) > 1 and len(set(exact)) == 1 and len(clocks) == len(exact):  # "Tuesday at 3 or Thursday at 3"
        return exact[0], MINUTES_A_DAY, exact[0]
    match exact:
        case [one, other] if len(clocks) == len(exact) and facts.either_clock:  # "at two or three"
            return min(one, other), max(one, other) + facts.either_clock, None
    if len(exact) > 1:  # "around two, maybe two thirty"
        raise UnclearError("clarify_time" if len(facts.said_days) <= 1 else "clarify_when")
    lower = [clock for clock in clocks if clock.relation not in _UPPER]
    upper = [settled(clock, part=part, opening=opening) for clock in clocks if clock.relation in _UPPER]
    if len(lower) > 1 or len(upper) > 1:
        raise UnclearError("clarify_time")
    latest = upper[0] if upper else MINUTES_A_DAY
    earliest = settled(lower[0], part=part, opening=opening) if lower else 0
    later = earliest + HALF_DAY
    if lower and upper and not lower[0].sure and HALF_DAY <= later < latest and (earliest >= latest or opening is None):
        earliest = later  # "between 7 and 8 pm"
    return earliest, latest, exact[0] if exact else None


def _said(atoms: Sequence[Atom], locale: str) -> str | None:
    """The caller's words without the fillers around them; None when they hold digits or another language."""
    idle = {Kind.FILLER, Kind.ARTICLE, Kind.AND, Kind.IN}
    telling = [place for place, atom in enumerate(atoms) if atom.kind not in idle]
    if not telling:
        return None
    told = atoms[telling[0] : telling[-1] + 1]
    looks_back = {Denial.BEHIND, Denial.EITHER}
    if any(atom.kind in _ASIDE or (atom.kind is Kind.NOT and atom.value in looks_back) for atom in told):
        return None
    words = [atom.raw for atom in told if atom.raw]
    own = own_phrases(language_of(locale))
    said = " ".join(words)
    known = all(tuple(re.findall(r"[^\W\d_]+", fold(word))) in own for word in words)
    return said if known and len(said) <= _LONGEST_SAID and not any(map(str.isdigit, said)) else None
