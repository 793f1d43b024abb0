"""The lock: day documents written under their version. The overlap rule is plain code over one snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.items import day_document, day_item
from slotline.domain.bookings import Booking, DayDocument, Entry
from slotline.domain.errors import SlotTakenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.time import Interval
    from slotline.ports import DayView, Seats


class DayLocks:
    """Reads day documents and turns changes of a booking's intervals into the actions that write them."""

    def __init__(self, table: Table, *, business: str) -> None:
        self._table = table
        self._business = business

    def read(self, wanted: Iterable[tuple[str, str]]) -> DayView:
        """Strongly consistent; a day that was never written is version 0."""
        by_key = {keys.day(self._business, resource, day): (resource, day) for resource, day in wanted}
        items = self._table.get_all(by_key)
        return self.documents(by_key.values(), items)

    def documents(
        self, wanted: Iterable[tuple[str, str]], items: dict[keys.Key, dict[str, object]]
    ) -> dict[tuple[str, str], DayDocument]:
        """The wanted documents among items that were read."""
        found = {}
        for resource, day in wanted:
            item = items.get(keys.day(self._business, resource, day))
            empty = DayDocument(resource, day)
            found[resource, day] = empty if item is None else day_document(item, resource=resource, day=day)
        return found

    def days_of(self, resources: Sequence[str], intervals: Iterable[Interval]) -> list[tuple[str, str]]:
        """Every document that carries one of the intervals."""
        days = dict.fromkeys(day for interval in intervals for day in interval.utc_days())
        return [(resource, day) for resource in dict.fromkeys(resources) for day in days]

    def taking(
        self, resources: Sequence[str], entry: Entry, *, days: DayView, seats: Seats, now: float
    ) -> list[Action]:
        """Write the entry into every day it touches; SlotTakenError when there is no room.

        The booking's own entries never stand in its way; lapsed holds of others are removed, not only ignored.
        """
        actions = []
        for place in self.days_of(resources, [entry.interval]):
            document = days[place]
            self._check_room(document, entry, seats=seats, now=now)
            gone = {entry.owner} | {e.owner for e in document.lapsed(entry.interval, now=now)}
            actions.append(self._write(document, (*(e for e in document.entries if e.owner not in gone), entry)))
        return actions

    def settling(
        self, booking: Booking, *, entry: Entry | None, days: DayView, now: float, seats: Seats | None = None
    ) -> list[Action]:
        """Drop both entries of the booking wherever they are, and put `entry` where it belongs.

        With `seats` it must find room there: SlotTakenError when it does not.
        """
        actions = []
        belongs = self.days_of(booking.resources, [entry.interval] if entry else [])
        for place in dict.fromkeys([*self.touched(booking), *belongs]):
            document = days[place]
            if entry is not None and seats is not None and place in belongs:
                self._check_room(document, entry, seats=seats, now=now)
            gone = {booking.id, f"{booking.id}+"}
            placed: tuple[Entry, ...] = ()
            if entry is not None and place[1] in entry.interval.utc_days():
                gone |= {e.owner for e in document.lapsed(entry.interval, now=now)}
                placed = (entry,)
            kept = (*(e for e in document.entries if e.owner not in gone), *placed)
            if kept != document.entries:
                actions.append(self._write(document, kept))
        return actions

    def touched(self, booking: Booking) -> list[tuple[str, str]]:
        """Every document that may carry an entry of the booking."""
        return self.days_of(booking.resources, booking.intervals)

    def _check_room(self, document: DayDocument, entry: Entry, *, seats: Seats, now: float) -> None:
        capacity, own = seats.get(document.resource, 1), entry.owner.rstrip("+")
        if not document.has_room(entry.interval, capacity=capacity, now=now, ignoring=own):
            raise SlotTakenError(f"{document.resource} {document.day}")

    def _write(self, document: DayDocument, entries: tuple[Entry, ...]) -> Action:
        # Whoever read version v0 and found no overlap may write v0 + 1, nobody else. The version also fences a slow
        # writer: after anybody else's write this condition can never hold again.
        following = replace(document, version=document.version + 1, entries=entries)
        return self._table.put(
            day_item(self._business, following),
            **_unchanged(document),
        )


def _unchanged(document: DayDocument) -> dict[str, Any]:
    if document.version == 0:
        return {"condition": "attribute_not_exists(pk)"}
    return {"condition": "v = :v0", "v0": document.version}
