"""How every transition is written: the record under its version, its history, its side items, its locks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.filing import lives_until
from slotline.adapters.dynamodb.items import booking_attributes
from slotline.adapters.dynamodb.table import MAX_TRIES, ConditionFailedError
from slotline.domain.bookings import Contact, Entry, EntryKind, State
from slotline.domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from slotline.adapters.dynamodb.day_locks import DayLocks
    from slotline.adapters.dynamodb.filing import Filing
    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.bookings import Booking, Times
    from slotline.ports import DayView, Ids, OutboxKind, Seats

type Locking = Callable[[DayView], list[Action]]
"""From the day documents as they are now to the actions that change them; SlotTakenError when there is no room."""


class Transitions:
    """Writes transitions of one business's bookings."""

    def __init__(
        self, table: Table, *, business: str, sealer: Sealer, ids: Ids, locks: DayLocks, filing: Filing
    ) -> None:
        self._table = table
        self._business = business
        self._sealer = sealer
        self._ids = ids
        self._locks = locks
        self._filing = filing

    def next(self, booking: Booking, **changes: Any) -> Booking:
        """The booking one version on, with a nonce of its own writer."""
        return replace(booking, rv=booking.rv + 1, nonce=self._ids.nonce(), **changes)

    def write(
        self,
        before: Booking | None,
        after: Booking,
        parts: list[Action],
        *,
        now: float,
        days: DayView | None = None,
        locking: Locking | None = None,
        condition: str = "",
        **values: object,
    ) -> Booking:
        """One transition: the booking under its version, its history, its side items, its day documents.

        When only day documents moved on, they are read again and the overlap rule is applied to what they say now.
        """
        record = self._record(before, after, condition, values)
        fixed = [record, self._filing.history(before, after, now=now), *parts]
        wanted: dict[tuple[str, str], None] = {}
        if locking is not None:
            wanted = dict.fromkeys([*self._locks.touched(after), *(self._locks.touched(before) if before else [])])
            if days is not None and not wanted.keys() <= days.keys():
                days = None  # what was read does not cover it, say after a change of the configuration
        for attempt in range(1, MAX_TRIES + 1):
            if locking is not None and days is None:
                days = self._locks.read(wanted)
            locks = locking(days) if locking is not None and days is not None else []
            try:
                self._table.transact([*fixed, *locks])
            except ConditionFailedError as refused:
                if refused.items.get(0, {}).get("w") == after.nonce:
                    return after  # our own write, told to us as a refusal after its answer was lost
                if any(number < len(fixed) for number in refused.items):
                    raise
                days = None
                self._table.pause(attempt)
            else:
                return after
        raise StoreUnavailableError("the calendar of record is too busy")

    # --- what becomes of the lock -------------------------------------------------------------------------------------

    def taking(self, booking: Booking, *, seats: Seats, now: float) -> Locking:
        """Its time is locked, if there is room."""
        kind = EntryKind.HOLD if booking.state is State.HELD else EntryKind.PIN
        entry = Entry(booking.id, booking.times.blocked, kind, booking.held_until)
        return lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)

    def settling(self, booking: Booking, entry: Entry | None, *, now: float) -> Locking:
        """Nothing of it is locked but the entry."""
        return lambda seen: self._locks.settling(booking, entry=entry, days=seen, now=now)

    def following(
        self, booking: Booking, times: Times, effects: Iterable[OutboxKind], *, seats: Seats | None, now: float
    ) -> Locking:
        """The lock follows the event; onto somebody else's only where a person is told to choose."""
        entry = Entry(booking.id, times.blocked, EntryKind.PIN)
        anyway = "conflict" in effects or booking.cancel_wanted or times.blocked == booking.times.blocked
        room = None if anyway else seats or {}
        return lambda seen: self._locks.settling(booking, entry=entry, days=seen, now=now, seats=room)

    # --- the record --------------------------------------------------------------------------------------------------

    def _record(self, before: Booking | None, after: Booking, condition: str, values: dict[str, object]) -> Action:
        pk, sk = keys.booking(self._business, after.id)
        attributes = booking_attributes(after) | {"ttl": lives_until(after)}
        if after.contact != (before.contact if before else Contact()):
            attributes["pii"] = self._sealer.seal(after.contact, booking_id=after.id)
        if before is None:
            return self._table.put({"pk": pk, "sk": sk, **attributes}, condition="attribute_not_exists(pk)")
        condition = " AND ".join(part for part in ("rv = :rv", condition) if part)
        old = booking_attributes(before) | {"ttl": lives_until(before)}
        return self._table.change((pk, sk), old, attributes, condition=condition, rv=before.rv, **values)
