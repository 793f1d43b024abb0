"""All the days that were said, taken together: a span, what is left out of it, and moments that bound it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from slotline.domain.errors import UnclearError
from slotline.domain.when_days import Days, Reckoning, all_days_of, ask, days_of, following
from slotline.domain.when_facts import CONTEXT, DayFact, Facts
from slotline.domain.when_words import Kind

ALL_WEEK = frozenset(range(7))
_END = 2  # of a week or month: the last third
_LONGEST_LIST = 92  # days; alternatives that reach further apart are asked about
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Span:
    """Local days first..last (None: open end), narrowed as in `when.DaySpan`."""

    first: date
    last: date | None
    weekdays: frozenset[int] = ALL_WEEK
    only: frozenset[date] | None = None
    without: frozenset[date] = frozenset()
    after: datetime | None = None
    before: datetime | None = None

    def holds(self, day: date) -> bool:
        listed = self.only is None or day in self.only
        return listed and day.weekday() in self.weekdays and day not in self.without


@dataclass(slots=True)
class _Limits:
    """What "after", "from", "before" and "by" leave."""

    lower: date | None = None
    upper: date | None = None
    after: datetime | None = None
    before: datetime | None = None
    spans: list[Days] = field(default_factory=list)


def span_meant(facts: Facts, reckoning: Reckoning) -> Span:
    """The days meant, none of them past; nothing said means from today on with an open end."""
    wanted = facts.said_days
    _share_context(wanted)
    for day in facts.days:
        if day.relation is Kind.NOT and day.bare and len(wanted) == 1:
            day.borrow(wanted[0])  # "any day in July but the fourth"
    limits = _limits(wanted, reckoning)
    if len(limits.spans) > 1 and facts.partly_timed:
        ask(limits.spans[0][0], limits.spans[1][0])  # "Tuesday morning or Thursday": in the morning, too?
    if facts.partly_timed and any(clock.relation is Kind.AT for clock in facts.clocks):
        raise UnclearError("clarify_when")  # "between Monday at three and Wednesday at five"
    span = _united(limits, reckoning.today)
    span.after, span.before = limits.after, limits.before
    if facts.same_day:
        span.first = span.last = reckoning.their_appointment().date()
    span.weekdays = frozenset(facts.every or ALL_WEEK) - facts.never
    span.without = _unwanted(facts, reckoning)
    return _from_first_day(span)


def _share_context(days: Sequence[DayFact]) -> None:
    """What stands beside one of several alternatives holds for all: "Tuesday or Thursday next week"."""
    forth = list(pairwise(days))
    for near, far in [*forth, *((far, near) for near, far in reversed(forth))]:
        if not far.bare or not near.numbers.keys() & CONTEXT:
            later = near.modifier in {Kind.NEXT, Kind.COMING} and far.joined and far.bare and far.weekday is not None
            if later and near.weekday is not None:
                far.modifier = near.modifier
            continue
        if far.weekday is not None and not far.numbers:
            shared = near.numbers.keys() & {Kind.WEEKS, Kind.WEEKEND}
        else:
            shared = (
                near.numbers.keys() & {Kind.MONTH, Kind.MONTHS, Kind.YEAR} if Kind.ORDINAL in far.numbers else set()
            )
        far.numbers |= {kind: near.numbers[kind] for kind in shared}


def _limits(days: Sequence[DayFact], reckoning: Reckoning) -> _Limits:
    limits, place = _Limits(), 0
    while place < len(days):
        day, follower = days[place], days[place + 1] if place + 1 < len(days) else None
        if follower is not None and _is_range(day, follower):
            first = days_of(day, reckoning)[0]
            last = following(follower, first, reckoning)
            if last < first:
                raise UnclearError("clarify_when")
            limits.spans.append((first, last))
            place += 2
            continue
        place += 1
        if day.relation is None:
            limits.spans.extend(all_days_of(day, reckoning))
        else:
            _bound(limits, day, reckoning)
    return limits


def _is_range(day: DayFact, follower: DayFact) -> bool:
    if day.relation is Kind.BETWEEN:
        return follower.relation is None and follower.joined in {Kind.AND, Kind.TO}
    if day.relation not in {None, Kind.FROM}:
        return False
    return (follower.joined is Kind.TO and follower.relation is None) or follower.relation is Kind.BY


def _bound(limits: _Limits, day: DayFact, reckoning: Reckoning) -> None:
    if Kind.APPOINTMENT in day.numbers and not day.shift and day.relation in {Kind.AFTER, Kind.BEFORE}:
        days_of(day, reckoning)  # refuses what does not go with it
        moment = reckoning.their_appointment()
        if day.relation is Kind.AFTER:
            limits.after, limits.lower = moment, _later(limits.lower, moment.date())
        else:
            limits.before, limits.upper = moment, _sooner(limits.upper, moment.date())
        return
    first, last = days_of(day, reckoning)
    if day.open_ended and last < reckoning.today:
        raise UnclearError("clarify_past")
    match day.relation:
        case Kind.AFTER:
            limits.lower = _later(limits.lower, last + _DAY)
        case Kind.FROM:
            limits.lower = _later(limits.lower, first)
        case Kind.BEFORE:
            ending = day.numbers.get(Kind.STRETCH) == _END  # "before the end of the month" has all of it
            limits.upper = _sooner(limits.upper, last if ending else first - _DAY)
        case Kind.BY:
            limits.upper = _sooner(limits.upper, last)
        case _:
            raise UnclearError("clarify_when")


def _later(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)


def _sooner(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)


def _united(limits: _Limits, today: date) -> Span:
    """The spans and the bounds as one span; what is over is refused."""
    lower, upper, spans = limits.lower or today, limits.upper, limits.spans
    if spans and max(last for _, last in spans) < today:
        raise UnclearError("clarify_past")
    if upper is not None and upper < today:
        raise UnclearError("clarify_past")
    first = max(min((first for first, _ in spans), default=lower), lower, today)
    last = max((last for _, last in spans), default=None)
    if upper is not None:
        last = upper if last is None else min(last, upper)
    if last is not None and last < first:
        raise UnclearError("clarify_when")
    if len(spans) <= 1 or last is None:  # one span has no gap
        return Span(first, last)
    if (last - first).days > _LONGEST_LIST and any((b - a).days < 1 for a, b in spans):
        raise UnclearError("clarify_when")
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    listed = frozenset(day for day in every if any(a <= day <= b for a, b in spans))
    return Span(first, last, only=None if len(listed) > (last - first).days else listed)


def _unwanted(facts: Facts, reckoning: Reckoning) -> frozenset[date]:
    unwanted = set[date]()
    for day in facts.days:
        if day.relation is Kind.NOT:
            first, last = days_of(day, reckoning)
            first = max(first, reckoning.today)
            unwanted |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(unwanted)


def _from_first_day(span: Span) -> Span:
    """The span without what is left out at either end; UnclearError when nothing remains."""
    most = len(span.without) + len(ALL_WEEK)
    if span.last is not None:
        most = (span.last - span.first).days
    for ahead in range(most + 1):
        day = span.first + timedelta(days=ahead)
        if span.holds(day):
            span.first = day
            break
    else:
        raise UnclearError("clarify_when")
    while span.last is not None and not span.holds(span.last):
        span.last -= _DAY
    return span
