"""Configuration as `slotline apply` wrote it: one item per business, read once and kept for a minute."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline.adapters.dynamodb.attributes import decode_item, encode_item
from slotline.adapters.dynamodb.config_document import dump_business, load_business
from slotline.domain.business import Business
from slotline.domain.errors import AccessError, StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.adapters.dynamodb.keys import Key
    from slotline.ports import Clock

__all__ = ["DynamoConfigStore", "config_key", "dump_business", "listing_key", "load_business", "registry_key"]

BUSINESSES = "G#BUSINESSES"
"""Partition key of the list of all businesses on the stack."""


def config_key(business: str) -> Key:
    """The one item that holds a business's configuration: `doc` is the text, `v` rises with every apply."""
    return f"T#{business}#CONFIG", "CONFIG"


def listing_key(business: str) -> Key:
    """The line of this business in the list of all businesses."""
    return BUSINESSES, business


def registry_key(registration: str) -> Key:
    """Who owns a calendar account; two businesses on one account would lock past each other."""
    return f"G#CAL#{registration}", "O"


def registration(provider: str, *, base_url: str, account: str) -> str:
    """The name of one provider account in the registry. `account` may be a secret: only its digest is kept."""
    return hashlib.sha256("\x1f".join((provider, base_url, account)).encode()).hexdigest()


class DynamoConfigStore:
    """The ConfigStore port on the one table. Safe to share between threads."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock, ttl_seconds: float = 60) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._ttl = ttl_seconds
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Business]] = {}

    def business(self, key: str) -> Business:
        """The business; AccessError(404) when there is none, StoreUnavailableError when the table is silent."""
        if (business := self._fresh(key)) is not None:
            return business
        # Threads that ask at the same moment wait for one read instead of each making their own.
        with self._lock:
            if (business := self._fresh(key)) is not None:
                return business
            business = self._read(key)
            self._known[key] = (self._clock.now(), business)
            return business

    def businesses(self) -> tuple[str, ...]:
        """The keys of all businesses on this stack, sorted. Not cached: only sweeps ask."""
        try:
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ProjectionExpression="sk",
                ExpressionAttributeValues={":pk": {"S": BUSINESSES}},
            )
            return tuple(item["sk"]["S"] for page in pages for item in page["Items"])
        except (BotoCoreError, ClientError) as exc:
            raise StoreUnavailableError("the list of businesses cannot be read") from exc

    def _fresh(self, key: str) -> Business | None:
        read_at, business = self._known.get(key, (0.0, None))
        return business if self._clock.now() - read_at < self._ttl else None

    def _read(self, key: str) -> Business:
        item = read_item(self._client, table=self._table, key=config_key(key))
        if not item:
            raise AccessError(404, "unknown_business", "no such business")
        return load_business(item["doc"])


def read_item(client: DynamoDBClient, *, table: str, key: Key) -> dict[str, Any]:
    """One item as it is now, empty when there is none. A fresh `apply` must be seen at once, hence consistent."""
    try:
        reply = client.get_item(TableName=table, Key=encode_item({"pk": key[0], "sk": key[1]}), ConsistentRead=True)
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailableError("the configuration cannot be read") from exc
    return decode_item(reply.get("Item", {}))
