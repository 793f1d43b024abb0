"""The locks as the nightly scan sees them: what is pinned, and, before anything is reported, what still is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slotline.domain.bookings import Booking, EntryKind
from slotline.domain.proofs import resource_id
from slotline.domain.time import Interval
from slotline.ports import BookingStore


@dataclass(frozen=True, slots=True)
class PinnedTimes:
    """The pinned entries in the day documents of one business; holds come and go by themselves."""

    store: BookingStore
    business: str

    def holds_still(self, calendar: str, owner: str, intervals: Iterable[Interval]) -> bool:
        """Once more, strongly consistent: lock and booking end in one transaction, perhaps since the locks were read.

        What has ended never lives again, so a lock that is seen after its end is out of step.
        """
        resource = resource_id(self.business, calendar)
        days = {(resource, day) for interval in intervals for day in interval.utc_days()}
        documents = self.store.view(days=days).days.values()
        return any(e.booking == owner and e.kind is EntryKind.PIN for each in documents for e in each.entries)

    def are_missing(self, booking: Booking) -> bool:
        """Whether anything that it blocks is not locked, strongly consistent; False while it is being changed."""
        wanted = {(r, day, each) for r in booking.resources for each in booking.intervals for day in each.utc_days()}
        documents = self.store.view(days={(resource, day) for resource, day, _ in wanted}).days
        locked = {
            (*place, entry.interval)
            for place, document in documents.items()
            for entry in document.entries
            if entry.booking == booking.id and entry.kind is EntryKind.PIN
        }
        return not wanted <= locked and self.store.read(booking.id).rv == booking.rv

    def pinned(self, calendar: str, window: Interval) -> dict[str, set[Interval]]:
        """Pinned intervals by booking. A booking that lies across midnight stands in both days."""
        resource = resource_id(self.business, calendar)
        found: dict[str, set[Interval]] = {}
        for document in self.store.days([resource], window=window)[resource].documents:
            for entry in document.entries:
                if entry.kind is EntryKind.PIN and entry.interval.overlaps(window):
                    found.setdefault(entry.owner.rstrip("+"), set()).add(entry.interval)
        return found
