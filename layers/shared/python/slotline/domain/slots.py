"""The slot engine: opening hours minus what is busy, as the minutes at which an appointment may start.

Everything inside is whole epoch minutes. A zone is asked once per day, when the door opens, never per slot.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import chain
from operator import attrgetter
from typing import overload
from zoneinfo import ZoneInfo

from slotline.domain.business import OpeningHours, Window
from slotline.domain.time import MINUTES_A_DAY, Interval, local

FOREVER = 1 << 62
"""Later than every epoch minute there will be."""

_DAY_ZERO = date(1970, 1, 1).toordinal()
_MINUTE = timedelta(minutes=1)

_in_order_of_start = attrgetter("start")


def open_windows(hours: OpeningHours, *, zone: ZoneInfo, first: date, last: date) -> Sequence[Interval]:
    """When the door is open on the local days first..last, both included, in order and without overlap.

    An edge takes effect at the first moment when the wall clock shows it or something later. So an edge that a DST gap
    swallows moves to the first minute that exists, and one that happens twice means the first of the two, for opening
    and for closing alike. Order is kept that way: breaks stay where they are, and no window can overlap another.

    Days are worked out as far as somebody has looked; the result may be iterated as often as one likes.
    An appointment may run on into a window that touches (24:00 and 0:00 of the next day), if that one was asked for.
    """
    return _OpenWindows(hours, zone=zone, first=first, last=last)


def free_starts(
    windows: Iterable[Interval],
    busy: Iterable[Interval],
    *,
    minutes: int,
    step: int,
    earliest: int,
    latest: int,
    before: int = 0,
    after: int = 0,
    in_order: bool = False,
) -> Iterator[int]:
    """Every start in [earliest, latest], both included, at which the appointment fits; in order, as lazily as asked.

    The appointment itself lies in open time. Its buffers need not: nobody minds tidying up after closing. Appointment
    and buffers together must not overlap anything busy; touching is free. Starts lie on a grid of `step` minutes that
    begins anew at each opening, so that the same day gives the same grid whichever days were asked for.

    Busy intervals come in any order. `in_order` says that they come sorted by start: then they are read only as far as
    the starts are; ValueError when the promise turns out to be wrong.
    """
    events = iter(busy if in_order else sorted(busy, key=_in_order_of_start))
    openings = _fitting(windows, minutes=minutes)
    lead = minutes + after
    runs = _free_runs(openings, events, lead=lead, before=before, step=step, earliest=earliest, latest=latest)
    return chain.from_iterable(runs)


def union_of(starts: Iterable[Iterable[int]]) -> Iterator[int]:
    """Starts at which at least one of a pool is free: sorted inputs become one sorted stream without repeats.

    Works by stretches of time, because a set is much cheaper than a heap over single starts: an hour first, for those
    who want only a few, and up to a day later on.
    """
    reach = 60
    waiting = [(first, rest) for rest in map(iter, starts) if (first := next(rest, None)) is not None]
    while len(waiting) > 1:
        bound = min(first for first, _ in waiting) + reach
        reach = min(2 * reach, MINUTES_A_DAY)
        stretch: set[int] = set()
        later: list[tuple[int, Iterator[int]]] = []
        for first, rest in waiting:
            if first >= bound:
                later.append((first, rest))
                continue
            stretch.add(first)
            for start in rest:
                if start >= bound:
                    later.append((start, rest))
                    break
                stretch.add(start)
        yield from sorted(stretch)
        waiting = later
    for first, rest in waiting:
        yield first
        yield from rest


def intersection_of(starts: Iterable[Iterable[int]]) -> Iterator[int]:
    """Starts at which everybody is free, for fixed hosts; inputs sorted. Of nobody: nothing, rather than always."""
    hosts = [iter(host) for host in starts]
    return reduce(_both, hosts) if hosts else iter(())


def crowded(intervals: Iterable[Interval], capacity: int) -> list[Interval]:
    """Where at least `capacity` of the intervals overlap: what is busy for somebody who can serve so many at once."""
    if capacity < 1:
        raise ValueError(f"capacity must be at least 1: {capacity}")
    change: defaultdict[int, int] = defaultdict(int)
    for interval in intervals:
        change[interval.start] += 1
        change[interval.end] -= 1
    found: list[Interval] = []
    load = full_from = 0
    for minute in sorted(change):
        was_full = load >= capacity
        load += change[minute]
        if load >= capacity and not was_full:
            full_from = minute
        elif was_full and load < capacity:
            found.append(Interval(full_from, minute))
    return found


def _both(left: Iterator[int], right: Iterator[int]) -> Iterator[int]:
    other = next(right, FOREVER)
    for start in left:
        while other < start:
            other = next(right, FOREVER)
        if other == FOREVER:
            return
        if other == start:
            yield start


def _free_runs(
    openings: Iterable[tuple[int, int]],
    events: Iterator[Interval],
    *,
    lead: int,
    before: int,
    step: int,
    earliest: int,
    latest: int,
) -> Iterator[range]:
    """The sweep: openings and events are passed once. An event forbids the starts in (its start - lead, release)."""
    nothing = Interval(FOREVER, FOREVER + 1)
    event = next(events, nothing)
    bound = event.start - lead  # the last start that leaves the next event alone
    free_from = earliest
    for opening, last_fitting in openings:
        if opening > latest:
            return
        final = min(last_fitting, latest)
        start = opening if free_from <= opening else opening - (opening - free_from) // step * step
        while start <= final:
            if start <= bound:
                if bound >= final:
                    yield range(start, final + 1, step)
                    break
                yield range(start, bound + 1, step)
            release = event.end + before
            if release > start:
                free_from = release
                start = opening - (opening - release) // step * step  # up to the grid
            event = next(events, nothing)
            following = event.start - lead
            if following < bound:
                raise ValueError("busy intervals were promised in order of start, and are not")
            bound = following


def _fitting(windows: Iterable[Interval], *, minutes: int) -> Iterator[tuple[int, int]]:
    """Each window's opening and its last start that fits, counting windows that touch as one stretch of open time."""
    stretch: list[Interval] = []  # windows still waiting to hear how far open time goes on
    ends = -FOREVER
    for window in windows:
        if window.start > ends:
            for known in stretch:
                yield known.start, ends - minutes
            stretch = [window]
        else:
            stretch.append(window)
            while stretch and stretch[0].end - 1 + minutes <= window.end:
                known = stretch.pop(0)
                yield known.start, known.end - 1
        ends = window.end
    for known in stretch:
        yield known.start, ends - minutes


class _OpenWindows(Sequence[Interval]):
    """Opening hours laid over days, each day once and when first needed."""

    def __init__(self, hours: OpeningHours, *, zone: ZoneInfo, first: date, last: date) -> None:
        self._week = [_apart(windows) for windows in hours.week]
        self._closed = {day.toordinal() for day in hours.closed}
        self._zone = zone
        self._blocked = [
            Interval(_epoch_minute(start, zone), _epoch_minute(end, zone)) for start, end in sorted(hours.blocked)
        ]
        self._ordinals = range(first.toordinal(), last.toordinal() + 1)
        self._days: dict[int, tuple[Interval, ...]] = {}

    def __iter__(self) -> Iterator[Interval]:
        for ordinal in self._ordinals:
            day = self._days.get(ordinal)
            if day is None:
                day = self._lay(ordinal)
                if self._blocked:
                    day = tuple(without(day, self._blocked))
                self._days[ordinal] = day
            yield from day

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    @overload
    def __getitem__(self, index: int) -> Interval: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Interval]: ...
    def __getitem__(self, index: int | slice) -> Interval | Sequence[Interval]:
        return tuple(self)[index]

    def _lay(self, ordinal: int) -> tuple[Interval, ...]:
        windows = () if ordinal in self._closed else self._week[(ordinal - 1) % 7]  # ordinal 1 was a Monday
        if not windows:
            return ()
        shift = self._shift(ordinal)
        if self._shift(ordinal + 1) == shift:
            midnight = (ordinal - _DAY_ZERO) * MINUTES_A_DAY - shift // _MINUTE
            return tuple(Interval(midnight + opens, midnight + closes) for opens, closes in windows)
        edges = ((self._edge(ordinal, opens), self._edge(ordinal, closes)) for opens, closes in windows)
        return tuple(Interval(opens, closes) for opens, closes in edges if opens < closes)

    def _shift(self, ordinal: int) -> timedelta:
        """How far the zone is ahead of UTC when the day begins."""
        return self._zone.utcoffset(datetime.fromordinal(ordinal)) or timedelta()

    def _edge(self, ordinal: int, minute: int) -> int:
        """The first epoch minute at which the wall clock shows this minute of the day, or something later."""
        wanted = datetime.fromordinal(ordinal) + timedelta(minutes=minute)
        moment = self._wall(ordinal, minute)
        skipped = (self._shown(moment) - wanted) // _MINUTE
        around = range(moment - skipped, moment)
        return moment - skipped + bisect_left(around, wanted, key=self._shown)

    def _shown(self, minute: int) -> datetime:
        return local(minute, self._zone).replace(tzinfo=None, fold=0)

    def _wall(self, ordinal: int, minute: int) -> int:
        """The epoch minute of a wall time, the first of two; one that a gap swallows comes out after the gap."""
        moment = datetime.fromordinal(ordinal).replace(tzinfo=self._zone) + timedelta(minutes=minute)
        return int(moment.timestamp() // 60)


def _epoch_minute(wall: datetime, zone: ZoneInfo) -> int:
    return int(wall.replace(tzinfo=zone).timestamp() // 60)


def without(windows: Iterable[Interval], blocked: Sequence[Interval]) -> Iterator[Interval]:
    """What is left of the windows outside the blocked intervals, which come in order of start."""
    for window in windows:
        reached = window.start
        for gap in blocked:
            if gap.end > reached and gap.start < window.end:
                if gap.start > reached:
                    yield Interval(reached, gap.start)
                reached = gap.end
        if reached < window.end:
            yield Interval(reached, window.end)


@lru_cache(maxsize=256)
def _apart(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """A day's windows in order, with what two of them share given to the earlier one."""
    apart: list[Window] = []
    reached = 0
    for opens, closes in sorted(windows):
        if closes > max(opens, reached):
            apart.append((max(opens, reached), closes))
            reached = closes
    return tuple(apart)
