"""What is due, over all businesses: a sparse index in sixteen parts, so that no minute is one hot partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from slotline.adapters.dynamodb import keys
from slotline.ports import DueWork

if TYPE_CHECKING:
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
            found += [_work(item["pk"], item["sk"]) for item in items]
        return tuple(found)


def _work(pk: str, sk: str) -> DueWork:
    business, booking = keys.split_booking_key(pk)
    if not sk.startswith("X#"):
        return DueWork(business, booking)
    rv, kind = keys.split_outbox_sort_key(sk)
    return DueWork(business, booking, (rv, cast("OutboxKind", kind)))
