"""Access tokens on the one table: one versioned item per connection, its tokens sealed with a key of the business."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys
from slotline.ports import TokenRecord

if TYPE_CHECKING:
    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Table


class DynamoTokenStore:
    """ports.TokenStore. Lease and tokens are one item, so that one write both ends a refresh and keeps its fruit."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer) -> None:
        self._table = table
        self._business = business
        self._sealer = sealer

    def read(self, connection: str) -> TokenRecord:
        item = self._table.get(keys.access_token(self._business, connection))
        if item is None:
            return TokenRecord()
        tokens = json.loads(self._sealer.open_text(item["sealed"], belongs_to=connection))
        return TokenRecord(
            version=item["v"],
            seed=item["seed"],
            access_token=tokens.get("access"),
            expires=item["exp"],
            refresh_token=tokens.get("refresh"),
            busy_until=item["busy"],
            revoked=item["revoked"],
        )

    def write(self, connection: str, record: TokenRecord, *, over: int) -> TokenRecord:
        written = replace(record, version=over + 1)
        tokens = {"access": record.access_token, "refresh": record.refresh_token}
        after = {
            "v": written.version,
            "seed": record.seed,
            "exp": record.expires,
            "busy": record.busy_until,
            "revoked": record.revoked,
            "sealed": self._sealer.seal_text(json.dumps(tokens), belongs_to=connection),
        }
        key = keys.access_token(self._business, connection)
        if over:
            self._table.change_now(key, {}, after, condition="v = :v0", v0=over)
        else:
            self._table.change_now(key, {}, after, condition="attribute_not_exists(pk)")
        return written
