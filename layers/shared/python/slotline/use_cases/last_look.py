"""The last look before a slot is taken: an offer may be minutes old, and some calendars take whatever is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.errors import ProviderError, StoreUnavailableError
from slotline.domain.seating import seatings
from slotline.use_cases.slot_choice import ways_to_serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slotline.domain.bookings import Booking
    from slotline.domain.seating import Seating
    from slotline.ports import WishView
    from slotline.use_cases.desk import Desk
    from slotline.use_cases.slot_choice import Choice


def free_ways(desk: Desk, choice: Choice, *, view: WishView, seed: str, deadline: float) -> Iterator[Seating]:
    """Who can serve the slot, in the order of the service's rule, each looked at only when their turn comes.

    A time that was never offered must be one that could be: for it, all are looked at over the whole booking window.
    Whose calendar cannot be read now comes last. Raises StoreUnavailableError.
    """
    ways = ways_to_serve(desk, choice, view=view, seed=seed)
    if not choice.offered:
        try:
            opening = desk.opening(choice.service, crew=choice.crew, deadline=deadline, fresh=True)
        except ProviderError as error:
            raise StoreUnavailableError("the calendar cannot be read") from error
        yield from (way for way in ways if choice.start in opening.starts and opening.is_free(way, choice.start))
        return
    unread = []
    for way in ways:
        try:
            if desk.still_free(choice.service, way, choice.times, deadline=deadline, only_way=len(ways) == 1):
                yield way
        except ProviderError:
            unread.append(way)
    yield from unread


def stands_free(desk: Desk, booking: Booking, choice: Choice, *, deadline: float, moving: bool = False) -> bool:
    """Whether whoever serves a booking is free at the chosen time, or cannot be asked: then the write will tell."""
    ways = seatings(desk.business, choice.service, crew=booking.staff)
    way = next((way for way in ways if way.resources == booking.resources), None)
    if way is None:  # the service is served otherwise since: the lock alone decides
        return True
    try:
        return desk.still_free(choice.service, way, choice.times, deadline=deadline, moving=booking if moving else None)
    except ProviderError:
        return True
