"""Which days the facts mean, reckoned from today."""

from __future__ import annotations

from datetime import date, timedelta

from slotline.domain.errors import UnclearError
from slotline.domain.when_atoms import MONTHS
from slotline.domain.when_facts import Facts
from slotline.domain.when_words import Kind

Days = tuple[date, date | None]
"""First and last day, both included; no last day means an open end."""

WEEK = 7
_SATURDAY = 5
_DAY_OVER = 20 * 60  # a weekday named this late in its own day means next week's
_JUST_PASSED = 92  # days in which "October 5" said later is a slip rather than next year's
_SOON = 183  # days ahead that a wrong year may be repaired to
_LEAP_CYCLE = 9  # years within which every month and day comes round, 2096 to 2104 included


def days_meant(facts: Facts, *, today: date, now: int, english: bool) -> Days:
    """The days; `now` is today's local minute beyond which a window is over (see `when`)."""
    days = _spread(facts, today) or _named(facts, today) or _weekdays(facts, today, now=now, english=english)
    first, last = days or (today, None)
    if last is not None and last < today:
        raise UnclearError("clarify_past")
    return _bounded(facts, first, last, today) if days else (first, last)


def _bounded(facts: Facts, first: date, last: date | None, today: date) -> Days:
    if facts.bound is Kind.AFTER and last is not None:
        return last + timedelta(days=1), None
    if facts.bound is Kind.FROM and first == last:
        return first, None
    if facts.bound is Kind.BEFORE and first == last:
        if first <= today:
            raise UnclearError("clarify_past")
        return today, first - timedelta(days=1)
    if facts.bound is Kind.BY and first == last:
        return today, last
    return first, last


def _spread(facts: Facts, today: date) -> Days | None:
    """Whole weeks, weekends and months, and a weekday within such a week."""
    numbers = facts.numbers
    kinds = numbers.keys() & {Kind.WEEKS, Kind.WEEKEND, Kind.MONTHS}
    if not kinds:
        return None
    if len(kinds) > 1 or facts.dates or numbers.keys() - kinds:
        raise UnclearError("clarify_when")
    if Kind.MONTHS in numbers:
        return _month(today.year, today.month + numbers[Kind.MONTHS], today)
    ahead = numbers.get(Kind.WEEKS, numbers.get(Kind.WEEKEND, 0))
    monday = today + timedelta(days=WEEK * ahead - today.weekday())
    if Kind.WEEKEND in numbers:
        inside = [day for day in facts.weekdays if day >= _SATURDAY]
        first, last = (inside[0], inside[-1]) if inside else (_SATURDAY, _SATURDAY + 1)
    else:
        first, last = (min(facts.weekdays), max(facts.weekdays)) if facts.weekdays else (0, WEEK - 1)
    start, end = monday + timedelta(days=first), monday + timedelta(days=last)
    _refuse_apart(start, end, whole=not facts.weekdays or facts.bound is not None)
    return max(today, start), end


def _month(year: int, month: int, today: date) -> Days:
    """The month, counted on past December; what is left of it when it is this one."""
    first = date(year + (month - 1) // MONTHS, (month - 1) % MONTHS + 1, 1)
    return max(first, today), date(year + month // MONTHS, month % MONTHS + 1, 1) - timedelta(days=1)


def _named(facts: Facts, today: date) -> Days | None:
    """A date, a month and day, a day of the month or a number of days ahead; a weekday beside it must agree."""
    named = [_not_past(date.fromordinal(ordinal), today) for ordinal in facts.dates]
    named += [day for day in (_offset(facts, today), _month_day(facts, today)) if day is not None]
    if not named:
        month = facts.numbers.get(Kind.MONTH)
        if month is None:
            return None
        year = facts.numbers.get(Kind.YEAR, today.year + (month < today.month))
        return _month(year, month, today)
    first, last = min(named), max(named)
    if facts.weekdays and (first != last or facts.weekdays != [first.weekday()]):
        other = _upcoming(facts.weekdays[0], first - timedelta(days=3), today)
        _ask(min(other, first), max(other, first))
    if first != last and len(facts.dates) != len(named):
        raise UnclearError("clarify_when")
    _refuse_apart(first, last, whole=not facts.either)
    return first, last


def _upcoming(weekday: int, start: date, today: date) -> date:
    start = max(start, today)
    return start + timedelta(days=(weekday - start.weekday()) % WEEK)


def _offset(facts: Facts, today: date) -> date | None:
    offset = facts.numbers.get(Kind.OFFSET)
    return None if offset is None else today + timedelta(days=offset)


def _not_past(day: date, today: date) -> date:
    """A date whose year is the model's slip is asked about; any other past date is refused."""
    if day >= today:
        return day
    if day.year < today.year:
        repaired = _next_month_day(day.month, day.day, today)
        if (repaired - today).days <= _SOON:
            raise UnclearError("clarify_year", time=repaired.isoformat())
    raise UnclearError("clarify_past")


def _month_day(facts: Facts, today: date) -> date | None:
    day = facts.numbers.get(Kind.ORDINAL)
    if day is None:
        return None
    month = facts.numbers.get(Kind.MONTH)
    if month is None:
        return _next_day_of_month(day, today)
    if Kind.YEAR in facts.numbers:
        return _not_past(_checked(facts.numbers[Kind.YEAR], month, day), today)
    found = _next_month_day(month, day, today)
    passed = _month_day_in(today.year, month, day)
    if passed is not None and 0 < (today - passed).days <= _JUST_PASSED:
        raise UnclearError("clarify_year", time=found.isoformat())
    return found


def _checked(year: int, month: int, day: int) -> date:
    found = _month_day_in(year, month, day)
    if found is None:
        raise UnclearError("clarify_when")
    return found


def _month_day_in(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_month_day(month: int, day: int, today: date) -> date:
    """The next such day from today on; UnclearError for February 30."""
    for year in range(today.year, today.year + _LEAP_CYCLE):
        found = _month_day_in(year, month, day)
        if found is not None and found >= today:
            return found
    raise UnclearError("clarify_when")


def _next_day_of_month(day: int, today: date) -> date:
    """The next month that has such a day from today on."""
    for months in range(MONTHS):
        year, month = divmod(today.year * MONTHS + today.month - 1 + months, MONTHS)
        found = _month_day_in(year, month + 1, day)
        if found is not None and found >= today:
            return found
    raise UnclearError("clarify_when")


def _weekdays(facts: Facts, today: date, *, now: int, english: bool) -> Days | None:
    if not facts.weekdays:
        return None
    if facts.numbers:
        raise UnclearError("clarify_when")
    if facts.bound is not None and len(facts.weekdays) > 1:  # "monday through friday"
        first = _weekday(facts, facts.weekdays[0], today, now=now, english=english)
        return first, first + timedelta(days=(facts.weekdays[-1] - first.weekday()) % WEEK)
    found = [_weekday(facts, weekday, today, now=now, english=english) for weekday in facts.weekdays]
    _refuse_apart(min(found), max(found), whole=False)
    return min(found), max(found)


def _weekday(facts: Facts, weekday: int, today: date, *, now: int, english: bool) -> date:
    coming = today + timedelta(days=(weekday - today.weekday()) % WEEK)
    week_later = coming + timedelta(days=WEEK)
    if facts.modifier is Kind.PLUS_WEEK:
        return week_later
    if facts.modifier is Kind.NEXT:
        next_week = today - timedelta(days=today.weekday()) + timedelta(days=WEEK + weekday)
        # "próximo", "nächsten" and "prochain" mean the coming one to some and next week's to others.
        if not english and coming not in {next_week, today}:
            _ask(coming, next_week)
        return next_week
    if coming != today or facts.modifier is Kind.THIS:
        return coming
    if facts.modifier is None and now < _DAY_OVER:
        _ask(today, week_later)
    return week_later


def _refuse_apart(first: date, last: date, *, whole: bool) -> None:
    """Ask which of two distant days is meant; neighbouring days, and days said as a range, are one span."""
    if not whole and (last - first).days > 1:
        _ask(first, last)


def _ask(first: date, second: date) -> None:
    raise UnclearError("clarify_when_two", first=first.isoformat(), second=second.isoformat())
