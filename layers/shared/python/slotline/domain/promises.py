"""What a caller was told about a booking, and whether it is so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import READS, Status

PROMISES = frozenset({
    Status.CONFIRMED,
    Status.REQUESTED,
    Status.PENDING,
    Status.CANCELLED,
    Status.CANCEL_PENDING,
})  # fmt: skip
"""Answers on which a caller relies when the call is over."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer of one tool, as the ledger has it."""

    tool: str
    status: str
    at: float  # epoch seconds
    handle: str | None = None  # of the appointment it was about, in that call
    start: int | None = None  # epoch minutes
    wish: str | None = None  # what was asked for, the same text for the same wish; None when that is not known


def last_promises(lines: Iterable[Told]) -> tuple[Told, ...]:
    """The last promise about each appointment. `lines` are in the order in which they were said.

    A promise about no known appointment ("I don't know yet whether that worked") ends with the next answer to the same
    wish. Tools that only read promise nothing.
    """
    last: dict[str, Told] = {}
    for number, line in enumerate(lines):
        if line.tool in READS:
            continue
        nameless = f"?{number}" if line.wish is None else f"?{line.tool} {line.wish}"
        last.pop(nameless, None)
        if line.status in PROMISES:
            last[line.handle or nameless] = line
    return tuple(last.values())


def is_kept(told: Told, booking: Booking) -> bool:
    """Whether the booking is what the caller was told, or is still on its way there."""
    match told.status:
        case Status.PENDING:
            return booking.state.is_unfinished or booking.state is State.BOOKED
        case Status.CONFIRMED | Status.REQUESTED:
            stands = booking.state in {State.BOOKED, State.RESCHEDULING}  # until a move is certain, the old time stands
            return stands and told.start in {None, booking.times.span.start}
        case Status.CANCELLED:
            return booking.state.is_terminal
        case Status.CANCEL_PENDING:
            return booking.cancel_wanted or booking.state.is_terminal
    return True
