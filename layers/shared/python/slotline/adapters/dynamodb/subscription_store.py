"""Standing orders for webhooks on the one table: one item per connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys
from slotline.domain.hints import Subscription

if TYPE_CHECKING:
    from slotline.adapters.dynamodb.table import Table


class DynamoSubscriptionStore:
    """ports.SubscriptionStore. The last writer wins: whoever comes next asks the provider, and mends it."""

    def __init__(self, table: Table, *, business: str) -> None:
        self._table = table
        self._business = business

    def read(self, connection: str) -> Subscription | None:
        item = self._table.get(keys.subscription(self._business, connection))
        if item is None or "id" not in item:
            return None
        return Subscription(item["id"], item.get("exp"), item["more"])

    def write(self, connection: str, subscription: Subscription | None) -> None:
        pk, sk = keys.subscription(self._business, connection)
        item: dict[str, object] = {"pk": pk, "sk": sk}
        if subscription is not None:
            item |= {"id": subscription.id, "exp": subscription.expires, "more": dict(subscription.details)}
        self._table.put_now(item)
