"""Whether what is on record of a booking can have happened."""

from __future__ import annotations

from collections.abc import Mapping

from slotline.domain.bookings import State
from slotline.ports import Transition

_MAY_FOLLOW: Mapping[State | None, frozenset[State]] = {
    None: frozenset({State.HELD, State.BOOKING, State.BOOKED}),
    State.HELD: frozenset({State.HELD, State.BOOKING, State.BOOKED, State.EXPIRED}),  # HELD again: by another call
    # CANCELLING: its event was found after its caller had cancelled.
    State.BOOKING: frozenset({State.BOOKING, State.BOOKED, State.REJECTED, State.CANCELLING, State.CANCELLED}),
    State.BOOKED: frozenset({State.BOOKED, State.RESCHEDULING, State.CANCELLING, State.CANCELLED}),
    State.RESCHEDULING: frozenset({State.RESCHEDULING, State.BOOKED, State.CANCELLING, State.CANCELLED}),
    State.CANCELLING: frozenset({State.CANCELLING, State.CANCELLED, State.BOOKED}),
    State.EXPIRED: frozenset({State.EXPIRED}),
    State.REJECTED: frozenset({State.REJECTED}),
    State.CANCELLED: frozenset({State.CANCELLED}),
}
"""A state follows itself when only a look or an audit was recorded."""


def is_lawful(history: tuple[Transition, ...]) -> bool:
    """Whether every version is there once, each follows from the one before, and each step is one that may happen."""
    state: State | None = None
    for expected, step in enumerate(history, start=1):
        if step.rv != expected or step.before is not state or step.after not in _MAY_FOLLOW[state]:
            return False
        state = step.after
    return True
