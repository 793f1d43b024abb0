"""The ledger: one record per tool call, without personal data, by business and UTC day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys

if TYPE_CHECKING:
    from slotline.adapters.dynamodb.table import Table
    from slotline.ports import Clock, Ids

KEPT_SECONDS = 400 * 86_400


class DynamoLedger:
    """ports.Ledger on the one table."""

    def __init__(self, table: Table, *, business: str, clock: Clock, ids: Ids) -> None:
        self._table = table
        self._business = business
        self._clock = clock
        self._ids = ids

    def record(self, entry: Mapping[str, object]) -> None:
        now = self._clock.now()
        moment = datetime.fromtimestamp(now, UTC)
        pk, sk = keys.ledger(
            self._business, moment.date().isoformat(), moment.time().isoformat("milliseconds"), self._ids.nonce()
        )
        self._table.put_now({"pk": pk, "sk": sk, "at": now, "ttl": int(now) + KEPT_SECONDS, **entry})
