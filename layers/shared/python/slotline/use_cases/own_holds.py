"""A caller's own holds: they never stand in that caller's own way, and a call keeps only one.

What a call's record names need not be its caller's: whoever learns the id of a call may file a hold of their own in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.domain.bookings import State
from slotline.domain.errors import StaleError, StoreUnavailableError

if TYPE_CHECKING:
    from slotline.domain.bookings import Times
    from slotline.use_cases.desk import Caller, Desk


def give_way(desk: Desk, hold: str | None, *, to: Times, caller: str | None = None) -> bool:
    """Let go of a hold that overlaps what its own caller wants now; True when it was, and all must be read anew.

    With `caller`, only if it is theirs; without, the wish itself has told that it is.
    """
    if hold is None:
        return False
    try:
        booking = desk.store.read(hold)
    except StaleError:
        return False  # long over: the table remembers only the call it was held in
    if booking.state is not State.HELD or not booking.times.blocked.overlaps(to.blocked):
        return False
    if caller not in {None, booking.caller}:
        return False
    desk.store.release(booking, to=State.EXPIRED, reason="replaced", now=desk.clock.now())
    desk.openings.forget(desk.business.key)
    return True


def let_go(desk: Desk, hold: str | None, *, caller: Caller) -> None:
    """Free a slot that its caller no longer wants in this call, if it is still a mere hold and still this call's."""
    if hold is None:
        return
    try:
        booking = desk.store.read(hold)
        if booking.state is State.HELD and (booking.caller, booking.held_by) == (caller.key, caller.scope):
            desk.store.release(booking, to=State.EXPIRED, reason="replaced", now=desk.clock.now())
    except (StaleError, StoreUnavailableError):
        return  # it lapses by itself within two minutes
