"""Which days one day that was said means, reckoned from today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn

from slotline.domain.errors import UnclearError
from slotline.domain.when_atoms import MONTHS
from slotline.domain.when_facts import DayFact
from slotline.domain.when_words import Kind

Days = tuple[date, date]
"""First and last day, both included."""

WEEK = 7
_SATURDAY = 5
_DAY_OVER = 20 * 60  # a weekday named this late in its own day means next week's
_JUST_PASSED = 92  # days in which "October 5" said later is a slip rather than next year's
_SOON = 183  # days ahead that a wrong year may be repaired to
_LEAP_CYCLE = 9  # years within which every month and day comes round, 2096 to 2104 included
_THIRDS_OF_WEEK = ((0, 1), (1, 3), (3, 4))  # early, middle and late, Monday is 0
_THIRD_OF_MONTH = 10
_MONTHLY = frozenset({Kind.MONTH, Kind.MONTHS, Kind.YEAR, Kind.ORDINAL, Kind.STRETCH})


@dataclass(frozen=True, slots=True)
class Reckoning:
    """From where days are reckoned. `now`: today's local minute beyond which a window is over.

    `english`: "next Tuesday" is next week's. `appointment`: the caller's, local; may raise UnclearError itself.
    """

    today: date
    now: int
    english: bool
    appointment: Callable[[], datetime] | None = None

    def their_appointment(self) -> datetime:
        if self.appointment is None:
            raise UnclearError("clarify_when")
        return self.appointment()


def days_of(day: DayFact, reckoning: Reckoning) -> Days:
    """The days meant; they may be over."""
    first, last = _found(day, reckoning)
    if day.shift:
        if first != last:
            raise UnclearError("clarify_when")
        first = last = first + timedelta(days=day.shift)
    if day.week_of:
        if first != last:
            raise UnclearError("clarify_when")
        first -= timedelta(days=first.weekday())
        return max(first, reckoning.today), first + timedelta(days=WEEK - 1)
    return first, last


def all_days_of(day: DayFact, reckoning: Reckoning) -> list[Days]:
    """The days meant, one by one where they are apart: "a Tuesday in October"."""
    month = day.numbers.keys() & {Kind.MONTH, Kind.MONTHS}
    if not month or day.weekday is None or day.numbers.keys() - {Kind.MONTH, Kind.MONTHS, Kind.YEAR} or day.modifier:
        return [days_of(day, reckoning)]
    first, last = _whole_month(day, reckoning.today)
    first = max(first, reckoning.today)
    first += timedelta(days=(day.weekday - first.weekday()) % WEEK)
    found = [first + timedelta(days=ahead) for ahead in range(0, (last - first).days + 1, WEEK)]
    if not found:
        raise UnclearError("clarify_when")
    return [(one, one) for one in found]


def following(day: DayFact, first: date, reckoning: Reckoning) -> date:
    """The last day of a range that begins on `first`: "Monday to Wednesday", "the 5th to the 9th"."""
    if day.bare and day.weekday is not None and not day.numbers:
        return first + timedelta(days=(day.weekday - first.weekday()) % WEEK)
    if day.bare and day.weekday is None:
        return _next_day_of_month(day.numbers[Kind.ORDINAL], first)
    return days_of(day, reckoning)[1]


def ask(first: date, second: date) -> NoReturn:
    """Both readings, to be said aloud."""
    raise UnclearError("clarify_when_two", first=first.isoformat(), second=second.isoformat())


def _found(day: DayFact, reckoning: Reckoning) -> Days:
    today, numbers = reckoning.today, day.numbers
    if day.spread is not None:
        return today + timedelta(days=day.spread[0]), today + timedelta(days=day.spread[1])
    if Kind.APPOINTMENT in numbers:
        return _alone(day, Kind.APPOINTMENT, reckoning.their_appointment().date())
    if Kind.FINAL in numbers or Kind.WEEK_UNIT in numbers:
        return _counted_in_month(day, today)
    if numbers.keys() & {Kind.WEEKS, Kind.WEEKEND, Kind.MONTHS}:
        return _period(day, today)
    return _named(day, today) or _weekday(day, reckoning)


def _alone(day: DayFact, kind: Kind, found: date) -> Days:
    if day.numbers.keys() != {kind} or day.weekday is not None:
        raise UnclearError("clarify_when")
    return found, found


def _whole_month(day: DayFact, today: date) -> Days:
    """The month named, by its name or counted from this one, from its first day on."""
    numbers = day.numbers
    if Kind.MONTHS in numbers:
        months = today.month + numbers[Kind.MONTHS]
        return _month(today.year, months)
    month = numbers[Kind.MONTH]
    return _month(numbers.get(Kind.YEAR, today.year + (month < today.month)), month)


def _month(year: int, month: int) -> Days:
    """The month, counted on past December."""
    first = date(year + (month - 1) // MONTHS, (month - 1) % MONTHS + 1, 1)
    return first, date(year + month // MONTHS, month % MONTHS + 1, 1) - timedelta(days=1)


def _counted_in_month(day: DayFact, today: date) -> Days:
    """A weekday or a week counted in its month: "the second Tuesday in October", "the last week of the month"."""
    if day.numbers.keys() - _MONTHLY - {Kind.FINAL, Kind.WEEK_UNIT}:
        raise UnclearError("clarify_when")
    if not day.numbers.keys() & {Kind.MONTH, Kind.MONTHS}:
        raise UnclearError("clarify_when")
    first, last = _whole_month(day, today)
    weeks = day.numbers.get(Kind.WEEK_UNIT)
    if weeks is not None:
        begins = last - timedelta(days=WEEK - 1) if weeks < 0 else first + timedelta(days=WEEK * (weeks - 1))
        ends = min(begins + timedelta(days=WEEK - 1), last)
    else:
        weekday, count = day.weekday or 0, day.numbers[Kind.FINAL]
        if count < 0:
            begins = last - timedelta(days=(last.weekday() - weekday) % WEEK)
        else:
            begins = first + timedelta(days=(weekday - first.weekday()) % WEEK + WEEK * (count - 1))
        ends = begins
    if begins > last:
        raise UnclearError("clarify_when")
    return begins, ends


def _period(day: DayFact, today: date) -> Days:
    """Whole weeks, weekends and months, and a weekday or a third within such a week or month."""
    numbers = day.numbers
    if Kind.MONTHS in numbers:
        return _in_month(day, today)
    kinds = numbers.keys() & {Kind.WEEKS, Kind.WEEKEND}
    if len(kinds) > 1 or numbers.keys() - kinds - {Kind.STRETCH}:
        raise UnclearError("clarify_when")
    monday = today + timedelta(days=WEEK * numbers.get(Kind.WEEKS, numbers.get(Kind.WEEKEND, 0)) - today.weekday())
    first, last = (0, WEEK - 1) if Kind.WEEKS in numbers else (_SATURDAY, _SATURDAY + 1)
    if day.weekday is not None and first <= day.weekday:
        first = last = day.weekday
    elif Kind.STRETCH in numbers:
        first, last = _THIRDS_OF_WEEK[numbers[Kind.STRETCH]]
    begins, ends = monday + timedelta(days=first), monday + timedelta(days=last)
    if Kind.WEEKEND in numbers and day.modifier is Kind.NEXT and today.weekday() < _SATURDAY:
        ask(begins - timedelta(days=WEEK), begins)
    return (max(begins, today) if begins < today <= ends else begins), ends


def _in_month(day: DayFact, today: date) -> Days:
    """A month, what is left of it when it is this one, a third of it, or one of its days."""
    numbers = day.numbers
    if numbers.keys() - _MONTHLY:
        raise UnclearError("clarify_when")
    first, last = _whole_month(day, today)
    if Kind.ORDINAL in numbers:
        found = _checked(first.year, first.month, numbers[Kind.ORDINAL])
        _must_agree(day, found, today)
        return found, found
    if day.weekday is not None:
        raise UnclearError("clarify_when")
    if Kind.STRETCH in numbers:
        third = numbers[Kind.STRETCH]
        begins = first + timedelta(days=_THIRD_OF_MONTH * third)
        last = last if third == len(_THIRDS_OF_WEEK) - 1 else begins + timedelta(days=_THIRD_OF_MONTH - 1)
        first = begins
    return (max(first, today), last) if last >= today else (first, last)


def _named(day: DayFact, today: date) -> Days | None:
    """A date, a month and day, a day of the month or a number of days ahead; a weekday beside it must agree."""
    numbers = day.numbers
    named = [_not_past(date.fromordinal(numbers[Kind.DATE]), today)] if Kind.DATE in numbers else []
    if Kind.OFFSET in numbers:
        named.append(today + timedelta(days=numbers[Kind.OFFSET]))
        if numbers.keys() & _MONTHLY and Kind.ORDINAL not in numbers:
            raise UnclearError("clarify_when")
    if Kind.ORDINAL in numbers:
        named.append(_month_day(day, today))
    if not named:
        return _in_month(day, today) if Kind.MONTH in numbers else None
    if len(named) > 1 and min(named) != max(named):
        ask(min(named), max(named))
    _must_agree(day, named[0], today)
    return named[0], named[0]


def _must_agree(day: DayFact, found: date, today: date) -> None:
    """A weekday said beside a date that is another one: ask which of the two was meant."""
    if day.weekday is not None and day.weekday != found.weekday():
        start = max(found - timedelta(days=3), today)
        other = start + timedelta(days=(day.weekday - start.weekday()) % WEEK)
        ask(min(other, found), max(other, found))


def _not_past(day: date, today: date) -> date:
    """A date whose year is the model's slip is asked about; any other past date is refused."""
    if day >= today:
        return day
    if day.year < today.year:
        repaired = _next_month_day(day.month, day.day, today)
        if (repaired - today).days <= _SOON:
            raise UnclearError("clarify_year", time=repaired.isoformat())
    raise UnclearError("clarify_past")


def _month_day(day: DayFact, today: date) -> date:
    numbers = day.numbers
    if Kind.MONTH not in numbers:
        return _next_day_of_month(numbers[Kind.ORDINAL], today)
    month, number = numbers[Kind.MONTH], numbers[Kind.ORDINAL]
    if Kind.YEAR in numbers:
        return _not_past(_checked(numbers[Kind.YEAR], month, number), today)
    found = _next_month_day(month, number, today)
    passed = _month_day_in(today.year, month, number)
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


def _next_day_of_month(day: int, start: date) -> date:
    """The next month that has such a day from `start` on."""
    for months in range(MONTHS):
        year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
        found = _month_day_in(year, month + 1, day)
        if found is not None and found >= start:
            return found
    raise UnclearError("clarify_when")


def _weekday(day: DayFact, reckoning: Reckoning) -> Days:
    if day.weekday is None or day.numbers:
        raise UnclearError("clarify_when")
    today = reckoning.today
    coming = today + timedelta(days=(day.weekday - today.weekday()) % WEEK)
    found = coming
    if day.modifier is Kind.NEXT:
        found = today - timedelta(days=today.weekday()) + timedelta(days=WEEK + day.weekday)
        # "próximo", "nächsten" and "prochain" mean the coming one to some and next week's to others.
        if not reckoning.english and coming not in {found, today}:
            ask(coming, found)
    elif coming == today and day.modifier is not Kind.THIS and not day.shift:
        found = today + timedelta(days=WEEK)
        if day.modifier is None and reckoning.now < _DAY_OVER:
            ask(today, found)
    return found, found
