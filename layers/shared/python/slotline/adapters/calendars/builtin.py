"""The built-in calendar: our own lock is the calendar and the booking record is the event, so nothing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.errors import Refusal, RefusedError
from slotline.ports import BusyTimes, EventType, EventWish, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from slotline.domain.business import Service
    from slotline.domain.time import Interval


class BuiltinCalendar:
    """A calendar without a provider. No method waits, fails or has an effect."""

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(own=True, repeats_safely=True, moves="in_place")

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> BusyTimes:
        """Nothing is busy beyond what the day documents say."""
        return BusyTimes(())

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return _event(wish)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """The wish itself: what the record wants is what stands."""
        return (_event(wish),)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        """Always refused, for the event is the booking record; never GONE, which would cancel a booking."""
        raise RefusedError(Refusal.NOT_PERMITTED, "the built-in calendar is read in the booking record")

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return _event(wish)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        pass

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        return ()

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        return ()


def _event(wish: EventWish) -> ProviderEvent:
    return ProviderEvent(id=wish.tag, tag=wish.tag, span=wish.times.span, status="accepted", host=wish.host)
