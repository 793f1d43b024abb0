"""Waiting for what another delivery of the same wish has begun, as long as there is time to answer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from slotline.domain.errors import StoreUnavailableError
from slotline.use_cases.drive_context import LAST_WAIT_SECONDS

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking
    from slotline.use_cases.desk import Desk

POLL_SECONDS = 0.2


def settled(desk: Desk, booking: Booking, *, deadline: float) -> Booking:
    """The booking once whoever sends is done; carried on from here when nobody does any more."""
    with suppress(StoreUnavailableError):  # unfinished, as far as anybody knows
        while booking.state.is_unfinished:
            if not booking.attempt_is_alive(desk.clock.now()):
                return desk.driver.drive(booking, deadline=deadline)
            if desk.clock.now() + LAST_WAIT_SECONDS > deadline:
                break
            desk.clock.sleep(POLL_SECONDS)
            booking = desk.store.read(booking.id)
    return booking
