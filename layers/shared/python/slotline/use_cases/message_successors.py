"""Whether a text about a booking's end would still be true for its caller: they may have booked the same again.

Texts are put in order for each booking. A wish (one caller, one service, one start) may have several bookings, one
after the other, and a text about the end of an earlier one that was lost can be repeated long after the next one was
confirmed. Whoever reads "cancelled" last does not come. A wish has one living booking at a time, so whatever lives
began after the end that the text is about.
"""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import StaleError
from slotline.domain.messages import Silence, Wording
from slotline.ports import BookingStore

ENDS = frozenset({Wording.CANCELLED, Wording.FAILED})
"""What tells the caller that there is no appointment."""


def silenced_by_successor(ended: Booking, *, store: BookingStore) -> Silence | None:
    """Why the end is not told now: the same wish is booked again, or may be in a moment; None when it must be told.

    Only what stands supersedes it, for its own text tells the truth. What is unfinished may yet end without a text,
    and then this one is still owed. A hold tells nobody anything.
    """
    successor = store.view(intents=[ended.intent]).intents.get(ended.intent)
    if successor is None:
        return None
    try:
        booking = store.read(successor)
    except StaleError:
        return None
    if booking.state is State.HELD or booking.state.is_terminal:
        return None
    if booking.state is State.BOOKED and booking.times.span.start != ended.times.span.start:
        return None  # it moved away since
    stands = booking.state is State.BOOKED and not booking.cancel_wanted
    return Silence.SUPERSEDED if stands else Silence.WAIT
