"""Which waiting messages would say the same, so that one text goes out for all of them.

Every text says the truth at the moment of sending, whatever was true when it was queued. So the confirmation of a
booking that was moved meanwhile already names the new time, and the text about the move has nothing to add. Which
messages can stand beside one another follows from `rv`, which rises with every write to the booking: later moves for a
confirmation (above its own rv, up to the booking's), earlier confirmations for a move. The message that is sent first
takes over those that nobody has begun by claiming them, and ends them as "coalesced". One that somebody has begun goes
out by itself, and the other after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from slotline.domain.bookings import Booking
from slotline.ports import OutboxItem, OutboxKind

REACH = 6  # versions of the booking over which messages are made one: a move takes two or three

_LATER: Mapping[OutboxKind, tuple[OutboxKind, ...]] = {
    "sms_booked": ("sms_moved",),
    "sms_requested": ("sms_booked", "sms_moved"),
    "sms_failed": ("sms_moved",),
    "sms_moved": ("sms_moved",),
}
_EARLIER: Mapping[OutboxKind, tuple[OutboxKind, ...]] = {"sms_moved": ("sms_booked", "sms_requested", "sms_moved")}


def neighbours(item: OutboxItem, booking: Booking) -> Iterator[tuple[int, OutboxKind]]:
    """Where messages may wait that say the same as this one; `rv` of a message asked for is no version."""
    for rv in range(item.rv + 1, min(booking.rv, item.rv + REACH) + 1):
        yield from ((rv, kind) for kind in _LATER.get(item.kind, ()))
    for rv in range(max(1, item.rv - REACH), item.rv):
        yield from ((rv, kind) for kind in _EARLIER.get(item.kind, ()))


def true_since(item: OutboxItem, others: Iterable[OutboxItem]) -> float:
    """When what a message has to tell came true (epoch seconds): it speaks for every later one that it took over.

    A text that went out before then told something else, or was about another booking.
    """
    later = _LATER.get(item.kind, ())
    return max([item.caused, *(other.caused for other in others if other.kind in later)])
