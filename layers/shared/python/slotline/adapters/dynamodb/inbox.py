"""The inbox: which events from outside have been worked off, so that one told twice is believed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys

if TYPE_CHECKING:
    from slotline.adapters.dynamodb.table import Table

KEPT_SECONDS = 7 * 86_400
"""Longer than any sender repeats itself."""


class DynamoInbox:
    """ports.Inbox on the one table."""

    def __init__(self, table: Table, *, business: str) -> None:
        self._table = table
        self._business = business

    def done_at(self, event: str, *, source: str) -> float | None:
        item = self._table.get(keys.inbox(self._business, source, event))
        return None if item is None else item["at"]

    def mark_done(self, event: str, *, source: str, now: float) -> None:
        pk, sk = keys.inbox(self._business, source, event)
        self._table.put_now({"pk": pk, "sk": sk, "at": now, "ttl": int(now) + KEPT_SECONDS})
