"""A calendar asked once more when its key was refused and a newer one is there: keys are rotated in mid-call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.business import Service
from slotline.domain.errors import CredentialError
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
class RekeyedCalendar:
    """Another calendar. `renewed` forgets the key in use and says whether the one now stored is another.

    A CredentialError means that certainly nothing happened, so even a write may be sent again.
    """

    inner: CalendarProvider
    renewed: Callable[[], bool]

    @property
    def traits(self) -> ProviderTraits:
        return self.inner.traits

    def look(
        self, service: Service, *, window: Interval, moving: str | None, deadline: float
    ) -> FreeStarts | BusyTimes:
        return self._once_more(lambda: self.inner.look(service, window=window, moving=moving, deadline=deadline))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._once_more(lambda: self.inner.create(wish, deadline=deadline))

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        return self._once_more(lambda: self.inner.find(wish, deadline=deadline))

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        return self._once_more(lambda: self.inner.read(event_id, deadline=deadline))

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._once_more(lambda: self.inner.move(event_id, wish, deadline=deadline))

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        self._once_more(lambda: self.inner.cancel(event_id, reason=reason, deadline=deadline))

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        return self._once_more(lambda: self.inner.event_types(deadline=deadline))

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        return self._once_more(lambda: self.inner.events(window=window, deadline=deadline))

    def _once_more[T](self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except CredentialError:
            if not self.renewed():
                raise
            return ask()
