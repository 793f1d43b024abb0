"""What one calendar answers about a window, less what only our own events make busy."""

from __future__ import annotations

from collections.abc import Iterable

from slotline.domain.business import Service
from slotline.domain.slots import without
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, CalendarProvider, FreeStarts, ProviderEvent
from slotline.use_cases.openings_board import Availability


def seen(
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
    have come, or gone, between two answers; and the busy times once more, where it has come and gone.
    """
    whose = provider.traits.keeps_events and (seats > 1 or own)
    events = [*provider.events(window=window, deadline=deadline)] if whose else []
    answer = provider.look(service, window=window, moving=moving, deadline=deadline)
    if not whose or isinstance(answer, FreeStarts):
        return answer
    if _unexplained(answer, events):
        events += provider.events(window=window, deadline=deadline)
        if _unexplained(answer, events):
            answer = provider.look(service, window=window, moving=moving, deadline=deadline)
            if isinstance(answer, FreeStarts):
                return answer
    events.sort(key=lambda e: e.span.start)
    in_the_way = [e.span for e in events if e.id != moving and is_in_the_way(e, seats=seats, own=own)]
    passable = [e.span for e in events if e.span not in in_the_way]
    return BusyTimes((*without(answer.intervals, passable), *in_the_way))


def _unexplained(answer: BusyTimes, events: Iterable[ProviderEvent]) -> bool:
    """Whether some time is busy in which no known event lies."""
    return any(without(answer.intervals, sorted(event.span for event in events)))


def is_in_the_way(event: ProviderEvent, *, seats: int, own: str | None) -> bool:
    """Whether an event blocks the whole calendar: one of ours takes a seat, which our own locks count already."""
    if event.tag is None:
        return True
    return seats == 1 and event.tag != own
