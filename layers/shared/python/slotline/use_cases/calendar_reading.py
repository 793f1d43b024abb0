"""What one calendar answers about a window, less what only our own events make busy."""

from __future__ import annotations

from collections.abc import Iterable

from slotline.domain.business import Service
from slotline.domain.slots import without
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, CalendarProvider, FreeStarts, ProviderEvent
from slotline.use_cases.openings_board import Availability

MOST_LOOKS = 4
"""How often a calendar is read whose answers go on contradicting each other."""


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
    have come, or gone, between two answers. It may also have come and gone: so both are read anew, until every busy
    time is explained or the same ones stay without an event.
    """
    whose = provider.traits.keeps_events and (seats > 1 or own)
    events = [*provider.events(window=window, deadline=deadline)] if whose else []
    strange, looks = list[Interval](), 0
    while True:
        answer = provider.look(service, window=window, moving=moving, deadline=deadline)
        if not whose or isinstance(answer, FreeStarts):
            return answer
        if not _unexplained(answer, events, window):
            break
        events += provider.events(window=window, deadline=deadline)
        left, looks = _unexplained(answer, events, window), looks + 1
        if not left or left == strange or looks == MOST_LOOKS:
            break
        strange = left
    events.sort(key=lambda e: e.span.start)
    in_the_way = [e.span for e in events if e.id != moving and is_in_the_way(e, seats=seats, own=own)]
    passable = [e.span for e in events if e.span not in in_the_way]
    return BusyTimes((*without(answer.intervals, passable), *in_the_way))


def _unexplained(answer: BusyTimes, events: Iterable[ProviderEvent], window: Interval) -> list[Interval]:
    """The busy times of the window in which no known event lies. What is outside was not asked for."""
    left = without(answer.intervals, sorted(event.span for event in events))
    return [busy for busy in left if busy.overlaps(window)]


def is_in_the_way(event: ProviderEvent, *, seats: int, own: str | None) -> bool:
    """Whether an event blocks the whole calendar: one of ours takes a seat, which our own locks count already."""
    if event.tag is None:
        return True
    return seats == 1 and event.tag != own
