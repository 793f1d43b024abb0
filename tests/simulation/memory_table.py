"""One table of the in-memory DynamoDB: its rows in key order, its due index, and the log of its changes.

The schema is the deployed one (infra/storage.py): keys pk and sk, and the index `due` over g1pk and g1sk, keys only.
"""

from __future__ import annotations

import base64
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tests.simulation.attribute_values import InvalidChangeError, InvalidRequestError, Item, copied, decimal, item_size

Key = tuple[str, str]
"""Partition key and sort key."""
Due = tuple[str, Decimal]
"""Shard and due time: an item's place in the index."""

KEY_NAMES = ("pk", "sk")
INDEX = "due"
INDEX_NAMES = ("g1pk", "g1sk")
TTL = "ttl"
LONGEST_KEYS = {"pk": 2048, "sk": 1024, "g1pk": 2048}


class Row:
    """A stored item; never changed, only replaced."""

    __slots__ = ("due", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.due: Due | None = None
        if "g1pk" in item or "g1sk" in item:
            self.due = _due(item)

    @property
    def size(self) -> int:
        return item_size(self.item)


class Change(NamedTuple):
    """One committed change of one item."""

    number: int  # over all tables of the client, rising in commit order
    time: float  # epoch seconds
    table: str
    key: Key
    before: Item | None
    after: Item | None
    by_ttl: bool = False

    def record(self) -> dict[str, Any]:
        """The change as a Lambda function gets it from a stream with NEW_IMAGE (binary values as base64 text)."""
        name = "INSERT" if self.before is None else "REMOVE" if self.after is None else "MODIFY"
        change: dict[str, Any] = {
            "ApproximateCreationDateTime": int(self.time),
            "Keys": {attribute: {"S": value} for attribute, value in zip(KEY_NAMES, self.key, strict=True)},
            "SequenceNumber": f"{self.number:021d}",
            "SizeBytes": item_size(self.after or {}) + sum(2 + len(part.encode()) for part in self.key),
            "StreamViewType": "NEW_IMAGE",
        }
        if self.after is not None:
            change["NewImage"] = _without_bytes(copied(self.after))
        record: dict[str, Any] = {
            "eventID": f"{self.number:032x}",
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": change,
            "eventSourceARN": f"arn:aws:dynamodb:us-east-1:000000000000:table/{self.table}/stream/0",
        }
        if self.by_ttl:
            record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
        return record


class MemoryTable:
    """Rows by key, partitions in order of their sort keys, and the index, which may lag behind."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[Key, Row] = {}
        self._sort_keys: dict[str, list[str]] = {}
        self._index: dict[str, list[tuple[Decimal, str, str]]] = {}
        self._unindexed: deque[tuple[float, Key, Due | None, Due | None]] = deque()

    def replace(self, key: Key, row: Row | None, *, now: float) -> None:
        """Put the row in the place of what is there; None removes it."""
        old = self.rows.get(key)
        if row is None:
            if old is None:
                return
            del self.rows[key]
            partition = self._sort_keys[key[0]]
            del partition[bisect_left(partition, key[1])]
        else:
            self.rows[key] = row
            if old is None:
                insort(self._sort_keys.setdefault(key[0], []), key[1])
        was, is_now = old.due if old else None, row.due if row else None
        if was != is_now:
            self._unindexed.append((now, key, was, is_now))

    def partition(self, pk: str) -> list[str]:
        """Its sort keys, in order."""
        return self._sort_keys.get(pk, [])

    def shard(self, g1pk: str, *, until: float) -> list[tuple[Decimal, str, str]]:
        """The index entries of a shard in order, as an index that has seen the changes up to `until` knows them."""
        self._catch_up(until)
        return self._index.get(g1pk, [])

    def _catch_up(self, until: float) -> None:
        while self._unindexed and self._unindexed[0][0] <= until:
            _, key, was, is_now = self._unindexed.popleft()
            if was is not None:
                entries = self._index[was[0]]
                del entries[bisect_left(entries, (was[1], *key))]
            if is_now is not None:
                insort(self._index.setdefault(is_now[0], []), (is_now[1], *key))

    def first_due(self, *, until: float) -> float | None:
        """The earliest due time over all shards, as an index that has seen the changes up to `until` knows it."""
        self._catch_up(until)
        return min((float(entries[0][0]) for entries in self._index.values() if entries), default=None)

    def lapsed(self, *, until: float) -> list[Key]:
        """Keys of the items whose ttl lies at or before `until`."""
        found = []
        for key, row in self.rows.items():
            ttl = row.item.get(TTL, {}).get("N")
            if ttl is not None and decimal(ttl) <= Decimal(until):
                found.append(key)
        return found


@dataclass(frozen=True, slots=True)
class Range:
    """Which sort keys of a partition or shard a query wants."""

    sign: str  # a comparator, "between", "begins_with" or "all"
    low: Any = None
    high: Any = None

    def bounds(self, entries: list[Any], key: Callable[[Any], Any] | None) -> tuple[int, int]:
        """First and last + 1 position among sorted entries; `key` gives an entry's sort key."""

        def left(value: Any) -> int:
            return bisect_left(entries, value, key=key)

        def right(value: Any) -> int:
            return bisect_right(entries, value, key=key)

        match self.sign:
            case "=":
                return left(self.low), right(self.low)
            case "<":
                return 0, left(self.low)
            case "<=":
                return 0, right(self.low)
            case ">":
                return right(self.low), len(entries)
            case ">=":
                return left(self.low), len(entries)
            case "between":
                return left(self.low), right(self.high)
            case "begins_with":
                return left(self.low), bisect_right(entries, self.low, key=lambda entry: entry[: len(self.low)])
        return 0, len(entries)

    def positions(self, entries: list[Any], *, key: Any, after: Any, forward: bool) -> Iterator[int]:
        """Positions of the wanted entries in order; `after` is the last entry of the page before, if any."""
        first, end = self.bounds(entries, key)
        if after is not None and forward:
            first = max(first, bisect_right(entries, after))
        elif after is not None:
            end = min(end, bisect_left(entries, after))
        return iter(range(first, end) if forward else range(end - 1, first - 1, -1))


def _due(item: Item) -> Due | None:
    for name, kind in zip(INDEX_NAMES, "SN", strict=True):
        if name in item and kind not in item[name]:
            raise InvalidChangeError(f"Type mismatch for Index Key {name}")
    if not (shard := item.get("g1pk", {"S": None})["S"]) and shard is not None:
        raise InvalidRequestError("The AttributeValue for an index key cannot be an empty string")
    if shard is not None and len(shard.encode()) > LONGEST_KEYS["g1pk"]:
        raise InvalidRequestError("Size of an index key has exceeded 2048 bytes")
    if "g1pk" not in item or "g1sk" not in item:
        return None
    return shard, decimal(item["g1sk"]["N"])


def _without_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _without_bytes(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_bytes(each) for each in value]
    return value
