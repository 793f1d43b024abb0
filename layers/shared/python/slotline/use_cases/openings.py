"""Free starts of a service over its whole booking window: looked up once, remembered for seconds, asked for often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from slotline.domain.bookings import DayDocument, Times
from slotline.domain.business import Business, Calendar, Service
from slotline.domain.errors import ConfigError
from slotline.domain.proofs import resource_id
from slotline.domain.seating import Seating, seatings
from slotline.domain.slots import crowded, free_starts, intersection_of, open_windows, union_of, without
from slotline.domain.time import MINUTES_A_DAY, Interval, local, local_day
from slotline.ports import BookingStore, BusyTimes, Calendars, Clock, FreeStarts, ProviderEvent

REMEMBERED_SECONDS = 15.0
"""How old a calendar's answer may be when times are offered. Booking never trusts it."""


class Overlap(Protocol):
    """Runs two waits side by side and returns both answers."""

    def __call__[A, B](self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]: ...


type Availability = FreeStarts | BusyTimes


@dataclass(frozen=True, slots=True)
class Opening:
    """Every free start (epoch minutes, sorted) inside the booking window."""

    starts: tuple[int, ...]
    window: Interval


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
            provider, seats = calendars.of(name), business.calendar(name).capacity
            answer = provider.look(service, window=window, moving=moving, deadline=deadline)
            if not (provider.traits.keeps_events and (seats > 1 or own)) or isinstance(answer, FreeStarts):
                return answer
            # A busy time does not say whose it is: what our own events alone make busy is not in the way.
            events = sorted(provider.events(window=window, deadline=deadline), key=lambda e: e.span.start)
            in_the_way = [e.span for e in events if e.id != moving and _is_in_the_way(e, seats=seats, own=own)]
            passable = [e.span for e in events if e.span not in in_the_way]
            return BusyTimes((*without(answer.intervals, passable), *in_the_way))

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
            lambda: store.days(resources.values(), window=reach), lambda: {name: ask(name) for name in names}
        )
        if not (moving or own):
            for name in names:  # what was remembered may be older than what the calendar told of since
                changed = days[resources[name]].changed
                if self._memory(business.key, service.key, name).asked < changed:
                    answers[name] = ask(name, newer_than=changed)
        board = _Board(business, service, window, now, own, {r: d.documents for r, d in days.items()}, answers)
        starts = union_of([board.starts(way) for way in ways])
        return Opening(tuple(start for start in starts if window.start <= start < window.end), window)

    def forget(self, business: str) -> None:
        """A booking of this business changed in this process: what its calendars answered is old."""
        with self._guard:
            for question in [q for q in self._memories if q[0] == business]:
                del self._memories[question]

    def _memory(self, business: str, service: str, calendar: str) -> _Memory:
        with self._guard:
            return self._memories.setdefault((business, service, calendar), _Memory())


@dataclass(frozen=True, slots=True)
class _Board:
    """Everything that was read for one question, put together."""

    business: Business
    service: Service
    window: Interval
    at: float
    own: str | None
    documents: Mapping[str, Sequence[DayDocument]]
    answers: Mapping[str, Availability]

    def starts(self, way: Seating) -> Iterator[int]:
        """When everybody in the seating is free."""
        elsewhere = [interval for calendar in way.watched for interval in self._busy(calendar)]
        return intersection_of([
            self._free(calendar, self.documents[resource], elsewhere)
            for calendar, resource in zip(way.calendars, way.resources, strict=True)
        ])  # fmt: skip

    def _busy(self, calendar: Calendar) -> tuple[Interval, ...]:
        answer = self.answers[calendar.name]
        if isinstance(answer, FreeStarts):
            raise ConfigError(f"staff.also_busy: {calendar.name} does not tell when it is busy; name another calendar")
        return answer.intervals

    def _free(
        self, calendar: Calendar, documents: Sequence[DayDocument], elsewhere: Sequence[Interval]
    ) -> Iterable[int]:
        service, window, answer = self.service, self.window, self.answers[calendar.name]
        locked = crowded(self._locked(documents), calendar.capacity)
        if isinstance(answer, FreeStarts):
            return _not_locked(answer.starts, locked, service)
        if calendar.hours is None:
            raise ConfigError(f"calendars.{calendar.name}.hours: a calendar of the busy kind needs opening hours")
        zone = self.business.zone
        first, last = local(window.start, zone).date(), local(window.end, zone).date()
        return free_starts(
            open_windows(calendar.hours, zone=zone, first=first, last=last),
            [*answer.intervals, *elsewhere, *locked],
            minutes=service.minutes,
            before=service.before_minutes,
            after=service.after_minutes,
            step=service.offer.step_minutes,
            earliest=window.start,
            latest=window.end - 1,
        )

    def _locked(self, documents: Sequence[DayDocument]) -> list[Interval]:
        # An entry that crosses midnight stands in both days: count it once.
        own = {self.own, f"{self.own}+"}
        entries = {
            (entry.owner, entry.interval)
            for document in documents
            for entry in document.entries
            if entry.is_live(self.at) and entry.owner not in own
        }
        return sorted(interval for _, interval in entries)


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


def _is_in_the_way(event: ProviderEvent, *, seats: int, own: str | None) -> bool:
    """Whether an event blocks the whole calendar: one of ours takes a seat, which our own locks count already."""
    if event.tag is None:
        return True
    return seats == 1 and event.tag != own


def _not_locked(starts: Iterable[int], locked: Sequence[Interval], service: Service) -> Iterator[int]:
    """Starts a provider offers, less what our own locks already promise to somebody."""
    before, after = service.before_minutes, service.minutes + service.after_minutes
    for start in starts:
        if not any(interval.start < start + after and start - before < interval.end for interval in locked):
            yield start
