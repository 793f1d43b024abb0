"""The board: everything that was read to answer when a service is free, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from slotline.domain.bookings import DayDocument, seats_taken
from slotline.domain.business import Business, Calendar, Service
from slotline.domain.errors import ConfigError
from slotline.domain.seating import Seating
from slotline.domain.slots import crowded, free_starts, intersection_of, open_windows
from slotline.domain.time import Interval, local
from slotline.ports import BusyTimes, FreeStarts

type Availability = FreeStarts | BusyTimes


@dataclass(frozen=True, slots=True)
class Board:
    """The calendars' answers and our own locks, for one service and window."""

    business: Business
    service: Service
    window: Interval
    at: float
    own: str | None
    documents: Mapping[str, Sequence[DayDocument]]
    answers: Mapping[str, Availability]

    def is_free(self, way: Seating, start: int) -> bool:
        """Whether everybody in the seating is free at this one start."""
        return start in replace(self, window=Interval(start, start + 1)).starts(way)

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
        # Open time may have begun the night before, and go on past midnight.
        first = local(window.start, zone).date() - timedelta(days=1)
        last = local(window.end + service.minutes, zone).date()
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
        own = {self.own, f"{self.own}+"}
        entries = [entry for document in documents for entry in document.entries if entry.owner not in own]
        return seats_taken(entry for entry in entries if entry.is_live(self.at))


def _not_locked(starts: Iterable[int], locked: Sequence[Interval], service: Service) -> Iterator[int]:
    """Starts a provider offers, less what our own locks already promise to somebody."""
    before, after = service.before_minutes, service.minutes + service.after_minutes
    for start in starts:
        if not any(interval.start < start + after and start - before < interval.end for interval in locked):
            yield start
