"""Which of many free starts to say: few, far enough apart, and spread so that one of them will probably suit.

Starts are epoch minutes in ascending order; a day is a local day in the given zone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, dropwhile
from zoneinfo import ZoneInfo

from slotline.domain.business import OfferShape
from slotline.domain.time import MINUTES_A_DAY, Interval, local, local_day, local_day_start

SAID_AT_ONCE = 3
"""More than three times in one breath and the caller has forgotten the first."""

NEAR_DAYS = 7
"""Offers are spread over days this close to the first one with space; later days only fill up."""


def choose(
    starts: Iterable[int], *, shape: OfferShape, zone: ZoneInfo, limit: int = SAID_AT_ONCE, more: bool = False
) -> tuple[int, ...]:
    """At most `limit` starts to offer, in order of time; the same question always gets the same answer.

    From the shape come the earliest date, the most per day, and the hours between two of one day. When the starts reach
    over several days the offers go to the first days with space, one each while there are enough: the soonest there is,
    then around the middle of the second day, then late on the third. On a single day they go from its first start to
    its last. Of two starts that read the same on the wall clock (the night DST ends) only the first is ever offered.

    `more` widens after that first answer did not suit: it leaves out what that answer said, knows no most per day and
    no hours between, and takes what lies farthest from everything said. When nothing else is left it repeats itself.

    Starts are consumed a day at a time and no further than the offers need.
    """
    if shape.earliest_date is not None:
        not_before = local_day_start(shape.earliest_date, zone)
        starts = dropwhile(lambda start: start < not_before, starts)
    gap = max(round(shape.hours_between * 60), 1)
    days = _days(starts, zone)
    near: list[list[int]] = []
    room: list[int] = []
    for day in days:
        if sum(room) >= limit and day[0] >= near[0][0] + NEAR_DAYS * MINUTES_A_DAY:
            days = chain([day], days)
            break
        near.append(day)
        room.append(min(_most(day, gap), shape.slots_per_day))
        if sum(room) >= limit and len(near) >= limit:
            break
    said = _spread(near, _shared_out(room, limit), gap=gap, limit=limit)
    if not more:
        return said
    while sum(map(len, near)) < len(said) + limit and (day := next(days, [])):
        near.append(day)
    return _farthest([start for day in near for start in day], said, limit) or said


def narrow(
    starts: Iterable[int],
    *,
    zone: ZoneInfo,
    first: date,
    last: date | None = None,
    earliest_minute: int = 0,
    latest_minute: int = MINUTES_A_DAY,
    after: int | None = None,
) -> Iterator[int]:
    """The starts on local days first..last (None: no end), both included, strictly later than `after`.

    Their wall time, in minutes of the day, lies in [earliest_minute, latest_minute): noon itself is afternoon.
    """
    begins = local_day_start(first, zone)
    ends = local_day_start(last + timedelta(days=1), zone) if last is not None else None
    whole_day = earliest_minute <= 0 and latest_minute >= MINUTES_A_DAY
    for start in starts:
        if ends is not None and start >= ends:
            return
        if start < begins or (after is not None and start <= after):
            continue
        if whole_day or earliest_minute <= _minute_of_day(start, zone) < latest_minute:
            yield start


def nearest(starts: Iterable[int], wish: int, *, limit: int = SAID_AT_ONCE) -> tuple[int, ...]:
    """Alternatives to a start that is not to be had: the closest, in order of time, the wish itself left out.

    With a limit of two or more, both directions are heard wherever there are both; of two equally far the earlier wins.
    """
    sooner: deque[int] = deque(maxlen=limit)
    later: list[int] = []
    for start in starts:
        if start < wish:
            sooner.append(start)
        elif start > wish:
            later.append(start)
            if len(later) == limit:
                break

    def distance(start: int) -> tuple[int, int]:
        return abs(start - wish), start

    closest = sorted([*list(sooner)[-1:], *later[:1]], key=distance)
    others = sorted([*list(sooner)[:-1], *later[1:]], key=distance)
    return tuple(sorted([*closest, *others][:limit]))


def _days(starts: Iterable[int], zone: ZoneInfo) -> Iterator[list[int]]:
    """The starts of each local day that has any, told apart by the wall clock."""
    day: list[int] = []
    today = Interval(0, 1)
    for start in starts:
        if not today.start <= start < today.end:
            if day:
                yield _told_apart(day, today, zone)
            today = local_day(local(start, zone).date(), zone)
            day = []
        day.append(start)
    if day:
        yield _told_apart(day, today, zone)


def _told_apart(day: list[int], today: Interval, zone: ZoneInfo) -> list[int]:
    if today.minutes <= MINUTES_A_DAY:
        return day
    seen: dict[int, int] = {}
    for start in day:
        seen.setdefault(_minute_of_day(start, zone), start)
    return list(seen.values())


def _minute_of_day(start: int, zone: ZoneInfo) -> int:
    shown = local(start, zone)
    return shown.hour * 60 + shown.minute


def _most(day: Sequence[int], gap: int) -> int:
    """How many starts of a day can be said when they must be `gap` minutes apart."""
    count, free_from = 0, day[0]
    for start in day:
        if start >= free_from:
            count, free_from = count + 1, start + gap
    return count


def _shared_out(room: Sequence[int], limit: int) -> list[int]:
    """How many offers each day gives: one each in turn, earlier days first, until the limit is reached."""
    shares = [0] * len(room)
    left = min(limit, sum(room))
    while left:
        for index, most in enumerate(room):
            if left and shares[index] < most:
                shares[index] += 1
                left -= 1
    return shares


def _spread(days: Sequence[Sequence[int]], shares: Sequence[int], *, gap: int, limit: int) -> tuple[int, ...]:
    chosen: list[int] = []
    for index, (day, share) in enumerate(zip(days, shares, strict=True)):
        alone = index / max(limit - 1, 1)  # how late in its day a single offer lies: later on each further day
        places = [alone] if share == 1 else [place / (share - 1) for place in range(share)]
        chosen += _placed(day, places, gap)
    return tuple(chosen)


def _placed(day: Sequence[int], places: Sequence[float], gap: int) -> list[int]:
    """One start for each place (0 the day's first, 1 its last), as close to it as the gap between them allows."""
    limits: list[int] = []  # for each place the latest start that still leaves room for those behind it
    bound = day[-1]
    for _ in places:
        limits.append(day[bisect_right(day, bound) - 1])
        bound = limits[-1] - gap
    chosen: list[int] = []
    free_from = day[0]
    for place, latest in zip(places, reversed(limits), strict=True):
        wanted = day[0] + place * (day[-1] - day[0])
        start = min((s for s in day if free_from <= s <= latest), key=lambda s: abs(s - wanted))
        chosen.append(start)
        free_from = start + gap
    return chosen


def _farthest(starts: Iterable[int], said: Iterable[int], limit: int) -> tuple[int, ...]:
    """Starts not yet said, each in turn the one farthest from all that were said or chosen before."""
    known = set(said)
    left = [start for start in starts if start not in known]
    chosen: list[int] = []
    while left and len(chosen) < limit:
        start = max(left, key=lambda s: min((abs(s - k) for k in known), default=0))
        left.remove(start)
        known.add(start)
        chosen.append(start)
    return tuple(sorted(chosen))
