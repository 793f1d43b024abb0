"""What is due, over all businesses: a sparse index in sixteen parts, so that no minute is one hot partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from slotline.adapters.dynamodb import keys
from slotline.domain.bookings import State
from slotline.ports import DueWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slotline.adapters.dynamodb.table import Table
    from slotline.ports import OutboxKind


class DynamoAgenda:
    """ports.Agenda on the due index."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def due(self, now: float, *, limit: int) -> tuple[DueWork, ...]:
        found: list[DueWork] = []
        for number in range(keys.SHARDS):
            items = self._table.query_due(f"W#{number}", until=now, limit=limit)
            found += [_work(item["pk"], item["sk"], due=item["g1sk"]) for item in items]
        return tuple(found)

    def in_doubt_since(self, works: Iterable[DueWork]) -> float | None:
        # Straight off the records: also of a business whose configuration cannot be read any more.
        items = self._table.get_all(keys.booking(work.business, work.booking) for work in works if work.effect is None)
        return min((i["sent1"] for i in items.values() if "sent1" in i and State(i["st"]).is_unfinished), default=None)


def _work(pk: str, sk: str, *, due: float) -> DueWork:
    business, booking = keys.split_booking_key(pk)
    if not sk.startswith("X#"):
        return DueWork(business, booking, due=due)
    rv, kind = keys.split_outbox_sort_key(sk)
    return DueWork(business, booking, (rv, cast("OutboxKind", kind)), due=due)
