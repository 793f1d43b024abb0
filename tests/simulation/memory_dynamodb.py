"""DynamoDB in memory, exact enough for the booking protocol: the low-level boto3 client's methods over plain dicts.

Transactions are serialisable, expressions are really evaluated, refusals are real botocore errors with DynamoDB's
codes. It knows no time but the clock it is given and no chance at all; tests/contract/test_dynamodb_conformance.py
holds it to a real engine. What DynamoDB may do but nobody can wait for is up to the test: `index_lag` delays the due
index, `expire_ttl` deletes lapsed items, `before` and `after` lose requests and replies.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from tests.simulation.attribute_values import (
    InvalidChangeError,
    InvalidRequestError,
    copied,
    fits,
    item_size,
    same,
    spelled_out,
)
from tests.simulation.aws_faults import cancelled, refusal
from tests.simulation.memory_reads import batch_get, get, query, scan
from tests.simulation.memory_table import Change, Key, MemoryTable, Row
from tests.simulation.projections import projected
from tests.simulation.write_actions import (
    LARGEST_ITEM,
    MEMBERS,
    Action,
    ConditionFailedError,
    read_action,
    require,
    too_few,
    unknown_parameter,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.ports import Clock

Request = Mapping[str, Any]
Reply = dict[str, Any]

MOST_ACTIONS = 100
LARGEST_TRANSACTION = 4 * 1024 * 1024
LONGEST_TOKEN = 36
TOKEN_SECONDS = 600
"""How long a ClientRequestToken is remembered after its transaction was done."""

_NOTHING: dict[str, str] = {"Code": "None"}
_TRANSACTION = frozenset({"TransactItems", "ClientRequestToken"})
_RETURNS = {
    "Put": ("NONE", "ALL_OLD"),
    "Delete": ("NONE", "ALL_OLD"),
    "Update": ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"),
}


class MemoryDynamoDB:
    """The client. Safe to share between threads; every call is one atomic step."""

    def __init__(self, clock: Clock, *, tables: Iterable[str] = ("slotline",), index_lag: float = 0.0) -> None:
        self._clock = clock
        self._tables = {name: MemoryTable(name) for name in tables}
        self._lock = threading.Lock()
        self._log: deque[Change] = deque()
        self._changes = 0
        self._done: dict[str, tuple[float, bytes]] = {}  # when and what, in the order in which they were done
        self.index_lag = index_lag
        """How many seconds the due index is behind the table."""
        self.lends = False
        """Whether reads give out the stored items themselves: quicker, for a client that never changes a reply."""
        self.before: Callable[[str, Request], None] | None = None
        """Called with the method's name and its arguments; what it raises, the caller gets, and nothing was done."""
        self.after: Callable[[str, Request, Reply], None] | None = None
        """Called with the reply too (a refusal is one); what it raises, the caller gets in its place."""

    @property
    def client(self) -> DynamoDBClient:
        """This, as the type that boto3 has for it."""
        return cast("DynamoDBClient", self)

    # --- the client's methods ----------------------------------------------------------------------------------------

    def get_item(self, **request: Any) -> Reply:
        return self._serve("get_item", request, lambda: get(request, self._tables, lends=self.lends))

    def batch_get_item(self, **request: Any) -> Reply:
        return self._serve("batch_get_item", request, lambda: batch_get(request, self._tables, lends=self.lends))

    def query(self, **request: Any) -> Reply:
        seen = self._clock.now() - self.index_lag
        lends = self.lends
        return self._serve("query", request, lambda: query(request, self._tables, index_until=seen, lends=lends))

    def scan(self, **request: Any) -> Reply:
        return self._serve("scan", request, lambda: scan(request, self._tables))

    def put_item(self, **request: Any) -> Reply:
        return self._serve("put_item", request, lambda: self._write("Put", "PutItem", request))

    def update_item(self, **request: Any) -> Reply:
        return self._serve("update_item", request, lambda: self._write("Update", "UpdateItem", request))

    def delete_item(self, **request: Any) -> Reply:
        return self._serve("delete_item", request, lambda: self._write("Delete", "DeleteItem", request))

    def transact_write_items(self, **request: Any) -> Reply:
        return self._serve("transact_write_items", request, lambda: self._transact(request))

    def get_paginator(self, operation: str) -> Paginator:
        return Paginator({"query": self.query, "scan": self.scan}[operation])

    def _serve(self, operation: str, request: Request, work: Callable[[], Reply]) -> Reply:
        if self.before is not None:
            self.before(operation, request)
        try:
            with self._lock:
                reply = work()
        except InvalidRequestError as error:
            invalid = refusal("ValidationException", operation, str(error))
            self._answered(operation, request, invalid.response)
            raise invalid from error
        except ClientError as error:
            self._answered(operation, request, error.response)
            raise
        reply["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0}
        self._answered(operation, request, reply)
        return reply

    def _answered(self, operation: str, request: Request, reply: Any) -> None:
        if self.after is not None:
            self.after(operation, request, reply)

    # --- what only a test can do -------------------------------------------------------------------------------------

    def stream_records(self, *, after: int = 0) -> list[dict[str, Any]]:
        """The changes after the first `after`, as a Lambda function gets them, in commit order."""
        with self._lock:
            return [change.record() for change in self._log if change.number > after]

    def trim_stream(self, through: int) -> None:
        """Forget the changes up to this number: a stream keeps its records for a day only."""
        with self._lock:
            while self._log and self._log[0].number <= through:
                self._log.popleft()

    @property
    def changes(self) -> int:
        """How many changes were committed so far; also the number of the last record of the stream."""
        return self._changes

    def expire_ttl(self, now: float, delay: float, *, which: Callable[[Key], bool] = lambda key: True) -> list[Key]:
        """Delete the items whose ttl passed `delay` seconds before `now` or earlier, and return their keys.

        `which` keeps those that DynamoDB has not got to yet.
        """
        expired = []
        with self._lock:
            for table in self._tables.values():
                for key in filter(which, table.lapsed(until=now - delay)):
                    expired.append(key)
                    self._commit(table, key, None, now=now, by_ttl=True)
        return expired

    # --- writing -----------------------------------------------------------------------------------------------------

    def _write(self, kind: str, operation: str, request: Request) -> Reply:
        """One write outside any transaction."""
        members = {name: value for name, value in request.items() if name != "ReturnValues"}
        wanted = request.get("ReturnValues", "NONE")
        if wanted not in _RETURNS[kind]:
            raise InvalidRequestError(f"ReturnValues of {operation} cannot be {wanted}")
        action = read_action(kind, members, self._tables)
        if action.row is not None and not fits(action.row.item, LARGEST_ITEM):
            raise InvalidRequestError("Item size has exceeded the maximum allowed size")
        old = action.table.rows.get(action.key)
        try:
            new = action.outcome(old)
        except ConditionFailedError as error:
            shown = {"Item": copied(old.item)} if old is not None and action.shows_old else {}
            raise refusal(
                "ConditionalCheckFailedException", operation, "The conditional request failed", **shown
            ) from error
        self._commit(action.table, action.key, new, now=self._clock.now())
        return _returned(wanted, action, old, new)

    def _transact(self, request: Request) -> Reply:
        if not request.keys() <= _TRANSACTION:
            raise unknown_parameter(request.keys() - _TRANSACTION)
        require(request, "TransactItems")
        entries, token = request["TransactItems"], request.get("ClientRequestToken")
        if not entries or token == "":
            raise too_few("ClientRequestToken" if entries else "TransactItems")
        if len(entries) > MOST_ACTIONS:
            raise InvalidRequestError(f"TransactItems has at most {MOST_ACTIONS} members")
        if token is not None and len(token) > LONGEST_TOKEN:
            raise InvalidRequestError(f"ClientRequestToken has at most {LONGEST_TOKEN} characters")
        actions = self._read_actions(entries)
        sent = spelled_out([action.asks() for action in actions])
        if len(sent) > LARGEST_ITEM:
            _check_sizes(actions)
        if token is not None and self._was_done(token, sent):
            return {}
        outcomes = self._outcomes(actions)
        now = self._clock.now()
        for action, new in zip(actions, outcomes, strict=True):
            if action.kind != "ConditionCheck":
                self._commit(action.table, action.key, new, now=now)
        if token is not None:
            self._done[token] = (now, sent)
        return {}

    def _read_actions(self, entries: Iterable[Mapping[str, Request]]) -> list[Action]:
        actions: list[Action] = []
        problem: tuple[int, InvalidChangeError] | None = None
        for number, entry in enumerate(entries):
            if len(entry) != 1:
                raise InvalidRequestError("TransactItems can only contain one of Check, Put, Update or Delete")
            ((kind, action),) = entry.items()
            if kind not in MEMBERS:
                raise unknown_parameter([kind])
            if kind == "Update":
                require(action, "UpdateExpression")
            try:
                actions.append(read_action(kind, action, self._tables))
            except InvalidChangeError as error:  # the first one is the one that is reported
                problem = problem or (number, error)
        if problem is not None:
            reasons = [_NOTHING] * len(list(entries))
            reasons[problem[0]] = {"Code": "ValidationError", "Message": str(problem[1])}
            raise cancelled(reasons) from problem[1]
        if len({(action.table.name, action.key) for action in actions}) < len(actions):
            raise InvalidRequestError("Transaction request cannot include multiple operations on one item")
        return actions

    def _was_done(self, token: str, sent: bytes) -> bool:
        oldest = self._clock.now() - TOKEN_SECONDS
        while self._done:
            first = next(iter(self._done))
            if self._done[first][0] > oldest:
                break
            del self._done[first]
        if token not in self._done:
            return False
        if not same(self._done[token][1], sent):
            raise refusal("IdempotentParameterMismatchException", "TransactWriteItems", "same token, other parameters")
        return True

    def _outcomes(self, actions: list[Action]) -> list[Row | None]:
        """What every action makes of its row; ClientError with all reasons when one of them may not be done."""
        outcomes: list[Row | None] = []
        reasons: dict[int, dict[str, Any]] = {}
        for number, action in enumerate(actions):
            row = action.table.rows.get(action.key)
            try:
                outcomes.append(action.outcome(row))
            except ConditionFailedError:
                shown = {"Item": copied(row.item)} if row is not None and action.shows_old else {}
                reasons[number] = {
                    "Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **shown,
                }  # fmt: skip
            except InvalidChangeError as error:
                reasons[number] = {"Code": "ValidationError", "Message": str(error)}
        if reasons:
            raise cancelled([reasons.get(number, _NOTHING) for number in range(len(actions))])
        return outcomes

    def _commit(self, table: MemoryTable, key: Key, row: Row | None, *, now: float, by_ttl: bool = False) -> None:
        old = table.rows.get(key)
        before, after = old.item if old else None, row.item if row else None
        if before == after:
            return  # nothing changed, so the stream says nothing
        table.replace(key, row, now=now)
        self._changes += 1
        self._log.append(Change(self._changes, now, table.name, key, before, after, by_ttl))


class Paginator:
    """boto3's paginator over a query or scan."""

    def __init__(self, page: Callable[..., Reply]) -> None:
        self._page = page

    def paginate(self, **request: Any) -> Iterator[Reply]:
        while True:
            reply = self._page(**request)
            yield reply
            if "LastEvaluatedKey" not in reply:
                return
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]


def _check_sizes(actions: list[Action]) -> None:
    """No item over 400 KB, no request over 4 MB: what counts is what is sent, not what is stored."""
    sizes = [item_size(action.values) + (0 if action.row is None else action.row.size) for action in actions]
    if sum(sizes) > LARGEST_TRANSACTION:
        raise InvalidRequestError("Transaction payload size cannot exceed the maximum allowed size")
    if any(action.row is not None and not fits(action.row.item, LARGEST_ITEM) for action in actions):
        raise InvalidRequestError("Item size has exceeded the maximum allowed size")


def _returned(wanted: str, action: Action, old: Row | None, new: Row | None) -> Reply:
    row = new if wanted.endswith("_NEW") else old
    if wanted == "NONE" or row is None:
        return {}
    item = row.item
    if wanted.startswith("UPDATED"):
        item = projected(item, action.shape.update.places(action.names)) if action.shape.update else {}
    return {"Attributes": copied(item)} if item else {}
