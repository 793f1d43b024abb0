"""A caller's own holds: they never stand in that caller's own way, and a call keeps only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.bookings import State
from slotline.domain.errors import StaleError, StoreUnavailableError

if TYPE_CHECKING:
    from slotline.domain.bookings import Times
    from slotline.use_cases.desk import Desk


def give_way(desk: Desk, hold: str | None, *, to: Times) -> bool:
    """Let go of a hold that overlaps what its own caller wants now; True when it was, and all must be read anew."""
    if hold is None:
        return False
    try:
        booking = desk.store.read(hold)
    except StaleError:
        return False  # long over: the table remembers only the call it was held in
    if booking.state is not State.HELD or not booking.times.blocked.overlaps(to.blocked):
        return False
    desk.store.release(booking, to=State.EXPIRED, reason="replaced", now=desk.clock.now())
    desk.openings.forget(desk.business.key)
    return True


def let_go(desk: Desk, hold: str | None) -> None:
    """Free a slot that its caller no longer wants, if it is still a mere hold."""
    if hold is None:
        return
    try:
        booking = desk.store.read(hold)
        if booking.state is State.HELD:
            desk.store.release(booking, to=State.EXPIRED, reason="replaced", now=desk.clock.now())
    except (StaleError, StoreUnavailableError):
        return  # it lapses by itself within two minutes
