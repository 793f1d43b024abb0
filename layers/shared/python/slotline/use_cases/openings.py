"""Free starts of a service over its whole booking window: looked up once, remembered for seconds, asked for often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from slotline.domain.bookings import Times
from slotline.domain.business import Business, Service
from slotline.domain.errors import NotExecutedError
from slotline.domain.proofs import resource_id
from slotline.domain.seating import Seating, seatings
from slotline.domain.slots import union_of
from slotline.domain.time import MINUTES_A_DAY, Interval, local, local_day
from slotline.ports import BookingStore, Calendars, Clock
from slotline.use_cases.calendar_reading import seen
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

    @contextmanager
    def mine(self, *, until: float, clock: Clock) -> Iterator[None]:
        """Alone with it; whoever was frozen with it in hand keeps nobody waiting beyond their deadline."""
        if not self.lock.acquire(timeout=max(0.0, until - clock.now())):
            raise NotExecutedError("another question to this calendar has not come back", retry_after=1.0)
        try:
            yield
        finally:
            self.lock.release()


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
        if not ways:  # whoever must serve does not serve this any more
            return Opening((), window)
        names = dict.fromkeys(c.name for way in ways for c in (*way.calendars, *way.watched))
        resources = {name: resource_id(business.key, name) for name in names}
        # Locks up to a day outside the window can still reach into it with their buffers.
        reach = window.widened(before=MINUTES_A_DAY, after=MINUTES_A_DAY)

        def look(name: str) -> Availability:
            seats = business.calendar(name).capacity
            return seen(
                calendars.of(name), service, seats=seats, window=window, moving=moving, own=own, deadline=deadline
            )

        def ask(name: str, *, newer_than: float = 0.0) -> Availability:
            if moving or own:
                return look(name)
            memory = self._memory(business.key, service.key, name)
            with memory.mine(until=deadline, clock=self._clock):
                too_old = now if fresh else max(self._clock.now() - REMEMBERED_SECONDS, newer_than)
                if memory.answer is None or memory.asked < too_old:
                    asked = self._clock.now()
                    memory.answer = look(name)
                    memory.asked = asked  # only now: an older answer is not renewed by a question nobody answered
                return memory.answer

        days, answers = self._overlap(
            lambda: store.days(resources.values(), window=reach), lambda: self.side_by_side([*names], ask)
        )
        if not (moving or own):
            for name in names:  # what was remembered may be older than what the calendar told of since
                changed = days[resources[name]].changed
                if self._memory(business.key, service.key, name).asked < changed:
                    answers[name] = ask(name, newer_than=changed)
        board = Board(business, service, window, now, own, {r: d.documents for r, d in days.items()}, answers)
        starts = union_of([board.starts(way) for way in ways])
        return Opening(tuple(start for start in starts if window.start <= start < window.end), window, board)

    def side_by_side(self, names: Sequence[str], ask: Callable[[str], Availability]) -> dict[str, Availability]:
        """The answer of every calendar, all asked at once."""
        name, *others = names
        if not others:
            return {name: ask(name)}
        answer, further = self._overlap(lambda: ask(name), lambda: self.side_by_side(others, ask))
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
