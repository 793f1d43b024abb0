"""A calendar whose every call is timed, so that the ledger can say where the caller's time went."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slotline.domain.business import Service
from slotline.domain.hops import note_hop
from slotline.domain.time import Interval
from slotline.ports import (
    BusyTimes,
    CalendarProvider,
    EventType,
    EventWish,
    FreeStarts,
    ProviderEvent,
    ProviderTraits,
)


@dataclass(frozen=True, slots=True)
class TimedCalendar:
    """Another calendar, with a stopwatch."""

    name: str
    inner: CalendarProvider

    @property
    def traits(self) -> ProviderTraits:
        return self.inner.traits

    def look(
        self, service: Service, *, window: Interval, moving: str | None, deadline: float
    ) -> FreeStarts | BusyTimes:
        with self._timed("look"):
            return self.inner.look(service, window=window, moving=moving, deadline=deadline)

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        with self._timed("create"):
            return self.inner.create(wish, deadline=deadline)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        with self._timed("find"):
            return self.inner.find(wish, deadline=deadline)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        with self._timed("read"):
            return self.inner.read(event_id, deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        with self._timed("move"):
            return self.inner.move(event_id, wish, deadline=deadline)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        with self._timed("cancel"):
            self.inner.cancel(event_id, reason=reason, deadline=deadline)

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        with self._timed("event_types"):
            return self.inner.event_types(deadline=deadline)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        with self._timed("events"):
            return self.inner.events(window=window, deadline=deadline)

    @contextmanager
    def _timed(self, verb: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            if not self.inner.traits.own:  # the built-in calendar does not wait for anybody
                note_hop(f"{self.name}.{verb}", seconds=time.perf_counter() - started)
