"""Free starts of a service over its whole booking window: looked up once, remembered for seconds, asked for often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from slotline.domain.bookings import Times
from slotline.domain.business import Business, Service
from slotline.domain.proofs import resource_id
from slotline.domain.seating import Seating, seatings
from slotline.domain.slots import union_of, without
from slotline.domain.time import MINUTES_A_DAY, Interval, local, local_day
from slotline.ports import BookingStore, BusyTimes, CalendarProvider, Calendars, Clock, FreeStarts, ProviderEvent
from slotline.use_cases.openings_board import Availability, Board

REMEMBERED_SECONDS = 15.0
"""How old a calendar's answer may be when times are offered. Booking never trusts it."""


class Overlap(Protocol):
    """Runs two waits side by side and returns both answers."""

    def __call__[A, B](self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]: ...


@dataclass(frozen=True, slots=True)
class Opening:
    """Every free start (epoch minutes, sorted) inside the booking window."""

    starts: tuple[int, ...]
    window: Interval
    board: Board | None = None  # who of those who serve is free then; None when nothing may be booked at all

    def is_free(self, way: Seating, start: int) -> bool:
        """Whether these people can serve then."""
        return self.board is not None and self.board.is_free(way, start)


@dataclass(slots=True)
class _Memory:
    lock: threading.Lock = field(default_factory=threading.Lock)
    answer: Availability | None = None
    asked: float = 0.0


class Openings:
    """What calendars answered lately. Single flight: a hundred callers who ask the same at once cost one request.

    Our own locks are never remembered: somebody who just booked a time must not be offered it again.
    """

    def __init__(self, *, clock: Clock, overlap: Overlap) -> None:
        self._clock = clock
        self._overlap = overlap
        self._memories: dict[tuple[str, str, str], _Memory] = {}
        self._guard = threading.Lock()

    def find(
        self,
        business: Business,
        service: Service,
        *,
        crew: tuple[str, ...] = (),
        store: BookingStore,
        calendars: Calendars,
        deadline: float,
        fresh: bool = False,
        moving: str | None = None,
        own: str | None = None,
    ) -> Opening:
        """Free starts over the booking window; `fresh` asks the calendar now. Raises ProviderError, StoreError.

        `moving` (the provider's id) and `own` (our id) name a booking whose own time counts as free.
        """
        now = self._clock.now()
        window = booking_window(business, service, now=now)
        if window is None:
            minute = int(now // 60)
            return Opening((), Interval(minute, minute + 1))
        ways = seatings(business, service, crew=crew)
        names = dict.fromkeys(c.name for way in ways for c in (*way.calendars, *way.watched))
        resources = {name: resource_id(business.key, name) for name in names}
        # Locks up to a day outside the window can still reach into it with their buffers.
        reach = window.widened(before=MINUTES_A_DAY, after=MINUTES_A_DAY)

        def look(name: str) -> Availability:
            seats = business.calendar(name).capacity
            return _seen(
                calendars.of(name), service, seats=seats, window=window, moving=moving, own=own, deadline=deadline
            )

        def ask(name: str, *, newer_than: float = 0.0) -> Availability:
            if moving or own:
                return look(name)
            memory = self._memory(business.key, service.key, name)
            with memory.lock:
                too_old = now if fresh else max(self._clock.now() - REMEMBERED_SECONDS, newer_than)
                if memory.answer is None or memory.asked < too_old:
                    asked = self._clock.now()
                    memory.answer = look(name)
                    memory.asked = asked  # only now: an older answer is not renewed by a question nobody answered
                return memory.answer

        days, answers = self._overlap(
            lambda: store.days(resources.values(), window=reach), lambda: self._side_by_side([*names], ask)
        )
        if not (moving or own):
            for name in names:  # what was remembered may be older than what the calendar told of since
                changed = days[resources[name]].changed
                if self._memory(business.key, service.key, name).asked < changed:
                    answers[name] = ask(name, newer_than=changed)
        board = Board(business, service, window, now, own, {r: d.documents for r, d in days.items()}, answers)
        starts = union_of([board.starts(way) for way in ways])
        return Opening(tuple(start for start in starts if window.start <= start < window.end), window, board)

    def still_free(
        self,
        business: Business,
        service: Service,
        way: Seating,
        *,
        times: Times,
        only_way: bool,
        calendars: Calendars,
        deadline: float,
        moving: str | None = None,
        own: str | None = None,
    ) -> bool:
        """One start read anew, as far as the calendars can tell: our own locks speak when it is taken.

        A provider that would refuse a taken time is not asked before, unless somebody else could serve instead.
        Raises ProviderError.
        """
        now, start = self._clock.now(), times.span.start
        window = Interval(max(times.blocked.start, int(now // 60)), times.blocked.end)
        record = way.calendars[0]

        def look(name: str) -> Availability:
            provider = calendars.of(name)
            refuses = not (provider.traits.keeps_events or provider.traits.own)
            if refuses and only_way and name == record.name:
                return FreeStarts((start,))
            seats = business.calendar(name).capacity
            return _seen(provider, service, seats=seats, window=window, moving=moving, own=own, deadline=deadline)

        answers = self._side_by_side([c.name for c in (*way.calendars, *way.watched)], look)
        return Board(business, service, window, now, own, dict.fromkeys(way.resources, ()), answers).is_free(way, start)

    def _side_by_side(self, names: Sequence[str], ask: Callable[[str], Availability]) -> dict[str, Availability]:
        name, *others = names
        if not others:
            return {name: ask(name)}
        answer, further = self._overlap(lambda: ask(name), lambda: self._side_by_side(others, ask))
        return {name: answer, **further}

    def forget(self, business: str) -> None:
        """A booking of this business changed in this process: what its calendars answered is old."""
        with self._guard:
            for question in [q for q in self._memories if q[0] == business]:
                del self._memories[question]

    def _memory(self, business: str, service: str, calendar: str) -> _Memory:
        with self._guard:
            return self._memories.setdefault((business, service, calendar), _Memory())


def booking_window(business: Business, service: Service, *, now: float) -> Interval | None:
    """From the minimum notice to the end of the last day that may be booked; None when that is empty."""
    shape, zone = service.offer, business.zone
    minute = -int(-now // 60)  # the next whole minute
    start = minute + shape.min_notice_minutes
    today = local(minute, zone).date()
    if shape.earliest_date is not None:
        start = max(start, local_day(shape.earliest_date, zone).start)
    last = max(today, shape.earliest_date or today) + timedelta(days=shape.days_ahead)
    end = local_day(last, zone).end
    return Interval(start, end) if start < end else None


def times_of(service: Service, start: int) -> Times:
    return Times.of(start, minutes=service.minutes, before=service.before_minutes, after=service.after_minutes)


def _seen(
    provider: CalendarProvider,
    service: Service,
    *,
    seats: int,
    window: Interval,
    moving: str | None,
    own: str | None,
    deadline: float,
) -> Availability:
    """What a calendar answers, less what only our own events make busy: a busy time does not say whose it is.

    Events are read before the busy times, and once more after them where none explains what is busy: one of ours may
    have come, or gone, between two answers.
    """
    whose = provider.traits.keeps_events and (seats > 1 or own)
    events = [*provider.events(window=window, deadline=deadline)] if whose else []
    answer = provider.look(service, window=window, moving=moving, deadline=deadline)
    if not whose or isinstance(answer, FreeStarts):
        return answer
    if any(without(answer.intervals, sorted(e.span for e in events))):
        events += provider.events(window=window, deadline=deadline)
    events.sort(key=lambda e: e.span.start)
    in_the_way = [e.span for e in events if e.id != moving and _is_in_the_way(e, seats=seats, own=own)]
    passable = [e.span for e in events if e.span not in in_the_way]
    return BusyTimes((*without(answer.intervals, passable), *in_the_way))


def _is_in_the_way(event: ProviderEvent, *, seats: int, own: str | None) -> bool:
    """Whether an event blocks the whole calendar: one of ours takes a seat, which our own locks count already."""
    if event.tag is None:
        return True
    return seats == 1 and event.tag != own
