"""The one table: transactions that survive conflicts and lost answers, and plain reads."""

from __future__ import annotations

import hashlib
import marshal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from slotline.adapters.dynamodb.attributes import Attributes, decode_item, encode, encode_item
from slotline.adapters.dynamodb.keys import DUE_INDEX, Key
from slotline.domain.errors import StaleError, StoreUnavailableError
from slotline.domain.hops import note_hop

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.ports import Clock, Ids

MAX_TRIES = 9
MOST_SILENT_TRIES = 2
"""The client itself asks three times before it calls the table silent."""

FIRST_PAUSE_SECONDS = 0.015
LONGEST_PAUSE_SECONDS = 0.25
_PASSING = frozenset({
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
})  # fmt: skip
_UNCERTAIN = frozenset({"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"})
"""Of these, the ones that do not say whether the request was carried out."""

_PASSING_REASONS = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})
_TOKEN_LETTERS = 36  # as many as a token may have
_SPELLED_IN_FULL = 2  # marshal's last version in which equal values are always equal bytes

Action = dict[str, Any]
"""One action of a transaction, as the low-level client takes it."""


class ConditionFailedError(StaleError):
    """A transaction was refused; `items` are the old items of the refused actions, by action number."""

    def __init__(self, items: Mapping[int, dict[str, Any]]) -> None:
        super().__init__(f"refused by the condition of action {sorted(items)}")
        self.items = items


class Table:
    """Low-level access: typed values in and out, conflicts retried with jitter, our errors only."""

    def __init__(self, client: DynamoDBClient, name: str, *, clock: Clock, ids: Ids) -> None:
        self._client = client
        self._name = name
        self._clock = clock
        self._ids = ids

    # --- actions -----------------------------------------------------------------------------------------------------

    def put(self, item: Mapping[str, object], *, condition: str | None = None, **values: object) -> Action:
        """Put the whole item, under a condition whose :names are given as keywords."""
        action: Action = {
            "TableName": self._name,
            "Item": encode_item({k: v for k, v in item.items() if v is not None}),
        }
        return {"Put": action | _conditional(condition, values)}

    def change(
        self, key: Key, before: Mapping[str, object], after: Mapping[str, object], *, condition: str, **values: object
    ) -> Action:
        """Set what differs between two versions of an item, and remove what is gone."""
        changed = sorted(name for name, value in after.items() if before.get(name) != value)
        gone = sorted(before.keys() - after.keys())
        names = [*changed, *gone]
        parts = []
        if changed:
            parts.append("SET " + ", ".join([f"#a{n} = :a{n}" for n in range(len(changed))]))
        if gone:
            parts.append("REMOVE " + ", ".join([f"#a{n}" for n in range(len(changed), len(names))]))
        conditional = _conditional(condition, values)
        conditional["ExpressionAttributeValues"] = conditional.get("ExpressionAttributeValues", {}) | {
            f":a{n}": encode(after[name]) for n, name in enumerate(changed)
        }
        conditional["ExpressionAttributeNames"] = {f"#a{n}": name for n, name in enumerate(names)}
        update: Action = {"TableName": self._name, "Key": _key(key), "UpdateExpression": " ".join(parts)}
        return {"Update": update | conditional}

    def delete(self, key: Key) -> Action:
        return {"Delete": {"TableName": self._name, "Key": _key(key)}}

    # --- writing -----------------------------------------------------------------------------------------------------

    def transact(self, actions: Sequence[Action]) -> None:
        """All of it or nothing. ConditionFailedError with the old items when a condition said no.

        The token makes a repeat after a lost answer the same transaction for ten minutes; after that the version
        conditions still refuse it.
        """
        payload: list[Any] = list(actions)
        spelled_out = marshal.dumps(payload, _SPELLED_IN_FULL)
        token = hashlib.sha256(spelled_out).hexdigest()[:_TOKEN_LETTERS]

        def send() -> None:
            self._client.transact_write_items(TransactItems=payload, ClientRequestToken=token)

        self._patiently(send)

    def put_now(self, item: Mapping[str, object]) -> None:
        """One put outside any transaction, whatever stood there."""
        request = self.put(item)["Put"]
        self._patiently(lambda: self._client.put_item(**request))

    def change_now(
        self, key: Key, before: Mapping[str, object], after: Mapping[str, object], *, condition: str, **values: object
    ) -> None:
        """One conditional update outside any transaction; ConditionFailedError when its condition said no.

        There is no token that would make a repeat after a lost answer the same update: a nonce tells it apart.
        """
        nonce = self._ids.nonce()
        request = self.change(key, before, {**after, "w": nonce}, condition=condition, **values)["Update"]
        try:
            self._patiently(lambda: self._client.update_item(**request))
        except ConditionFailedError as refused:
            if refused.items[0].get("w") != nonce:
                raise

    # --- reading -----------------------------------------------------------------------------------------------------

    def get(self, key: Key) -> dict[str, Any] | None:
        """One item, strongly consistent; None when there is none."""
        reply = self._patiently(lambda: self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True))
        return decode_item(reply["Item"]) if "Item" in reply else None

    def get_all(self, wanted: Iterable[Key]) -> dict[Key, dict[str, Any]]:
        """Many items in one round trip, strongly consistent; missing ones are missing."""
        pending: list[dict[str, Attributes]] = [_key(key) for key in dict.fromkeys(wanted)]
        found: dict[Key, dict[str, Any]] = {}
        fruitless = 0
        while pending:
            now, later = pending[:100], pending[100:]
            reply = self._patiently(
                partial(self._client.batch_get_item, RequestItems={self._name: {"Keys": now, "ConsistentRead": True}})
            )
            for raw in reply["Responses"].get(self._name, []):
                item = decode_item(raw)
                found[item["pk"], item["sk"]] = item
            unread: list[Any] = [*reply["UnprocessedKeys"].get(self._name, {"Keys": []})["Keys"]]
            if len(unread) == len(now):
                fruitless += 1
                if fruitless == MAX_TRIES:
                    raise StoreUnavailableError(f"the table gave nothing in {MAX_TRIES} tries")
                self.pause(fruitless)
            pending = [*unread, *later]
        return found

    def query(self, pk: str, *, first: str, last: str, consistent: bool) -> list[dict[str, Any]]:
        """Items of one partition with first <= sk <= last, in key order."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :p AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {":p": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
            "ConsistentRead": consistent,
        }
        return self._pages(request)

    def query_due(self, shard: str, *, until: float, limit: int) -> list[dict[str, Any]]:
        """Keys of items whose due time (epoch seconds) has come, oldest first."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "g1pk = :p AND g1sk <= :until",
            "ExpressionAttributeValues": {":p": {"S": shard}, ":until": {"N": repr(until)}},
        }
        return self._pages(request, limit)

    def _pages(self, request: dict[str, Any], limit: int | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            if limit is not None:
                request["Limit"] = limit - len(found)
            reply = self._patiently(lambda: self._client.query(**request))
            found += [decode_item(item) for item in reply["Items"]]
            if "LastEvaluatedKey" not in reply or (limit is not None and len(found) >= limit):
                return found
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    # --- patience ----------------------------------------------------------------------------------------------------

    def _patiently[T](self, send: Callable[[], T]) -> T:
        """Send, and send the same again while the reason to fail is passing; then StoreUnavailableError."""
        started, silent, in_doubt = time.perf_counter(), 0, False
        for attempt in range(1, MAX_TRIES + 1):
            try:
                answer = send()
            except ClientError as error:
                failure: Exception = error
                refused = _refused(error)
                if refused is not None:
                    raise ConditionFailedError(refused) from error
                if not _is_passing(error):
                    raise
                in_doubt |= _code(error) in _UNCERTAIN
            except (HTTPClientError, NoConnectionError) as error:
                # No connection now, no answer in time: the client may have sent it, and the same again is harmless.
                failure, silent, in_doubt = error, silent + 1, True
            else:
                note_hop("table", seconds=time.perf_counter() - started)
                return answer
            if attempt == MAX_TRIES or silent == MOST_SILENT_TRIES:
                raise StoreUnavailableError(f"{attempt} tries were not enough", in_doubt=in_doubt) from failure
            self.pause(attempt)
        raise AssertionError("unreachable")

    def pause(self, attempt: int) -> None:
        """Wait before the next try: longer each time, and never as long as somebody else."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        self._clock.sleep(longest * (0.2 + 0.8 * self._ids.jitter()))


def _conditional(condition: str | None, values: Mapping[str, object]) -> Action:
    if condition is None:
        return {}
    action: Action = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if values:
        action["ExpressionAttributeValues"] = {f":{name}": encode(value) for name, value in values.items()}
    return action


def _key(key: Key) -> dict[str, Attributes]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _refused(error: ClientError) -> dict[int, dict[str, Any]] | None:
    """The old items of the actions whose condition failed; None when the error is something else."""
    reply: Any = error.response
    code = _code(error)
    if code == "ConditionalCheckFailedException":
        return {0: decode_item(reply.get("Item", {}))}
    if code != "TransactionCanceledException":
        return None
    reasons = reply.get("CancellationReasons", [])
    failed = {
        number: decode_item(reason.get("Item", {}))
        for number, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    return failed or None


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _is_passing(error: ClientError) -> bool:
    reply: Any = error.response
    if _code(error) in _PASSING:
        return True
    return any(reason.get("Code") in _PASSING_REASONS for reason in reply.get("CancellationReasons", []))
