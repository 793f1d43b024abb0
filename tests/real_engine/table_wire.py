"""The wire between the product and the engine: hands every request on, files every change, loses answers on demand.

All requests pass one at a time, as they do inside the engine itself: what is filed here is the order in which it was
committed. The engine never answers conflicts, throttling or 500 by itself, so those answers are made here.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.real_engine.wire import PROCESS_HEADER, Answer, Reply, Request, Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.real_engine.faults import Faults
    from tests.real_engine.history import History

TARGET = "x-amz-target"
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
LONGER_THAN_PATIENCE = 1.2  # the client's read time-out is one second
SLOW_SECONDS = 0.5
OK, BAD_REQUEST, SERVER_FAULT = 200, 400, 500
_NAMESPACE = "com.amazonaws.dynamodb.v20120810#"
_NOT_FORWARDED = frozenset({"connection", "content-length", "expect", "host", PROCESS_HEADER})

type Key = tuple[str, str]


class TableWire:
    """Answers for the engine at `endpoint`. `on_new` hears of every new item."""

    def __init__(self, endpoint: str, *, table: str, history: History, faults: Faults) -> None:
        self._engine = urlsplit(endpoint).netloc
        self._table = table
        self._history = history
        self._faults = faults
        self.on_new: Callable[[Key], object] = lambda _: None
        self._turn = threading.Lock()
        self._upstream: http.client.HTTPConnection | None = None
        self.items: dict[Key, dict[str, Any]] = {}
        """The table as it stands, in wire form: what was there before the first request is not in it."""

    def answer(self, request: Request) -> Answer:
        service, _, operation = request.headers.get(TARGET, "").partition(".")
        is_table = service.startswith("DynamoDB_")
        writes = operation in WRITES
        sort = ("table.write" if writes else "table.read") if is_table else "secrets.read"
        fault = self._faults.strike(request.process, sort, operation)
        if fault in {"kill_before", "dropped", "cut"}:
            return Silence()
        if fault == "no_answer":
            return Silence(LONGER_THAN_PATIENCE)
        if fault in {"throttled", "conflict", "error_before"}:
            return _refusal(fault, operation, request.body)
        began = time.monotonic()
        with self._turn:
            reply = self._forward(request)
            new = self._file(request, operation) if writes and reply.status == OK else []
        if time.monotonic() - began > SLOW_SECONDS:
            self._faults.note(operation, "slow")  # this machine itself was the fault
        if fault == "kill_after":
            self._faults.kill(request.process)
        for key in new:
            self.on_new(key)
        if fault in {"kill_after", "reply_dropped"}:
            return Silence()
        if fault == "reply_lost":
            return Silence(LONGER_THAN_PATIENCE)
        return _refusal("error_before", operation, b"{}") if fault == "error_after" else reply

    def close(self) -> None:
        """Let the connection to the engine go."""
        if self._upstream is not None:
            self._upstream.close()

    def forget(self) -> list[Key]:
        """Name every item filed so far, and begin anew."""
        with self._turn:
            keys = list(self.items)
            self.items.clear()
            return keys

    def _forward(self, request: Request, **instead: str) -> Reply:
        headers = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
        body = instead.pop("body", None)
        for _ in range(2):
            if self._upstream is None:
                self._upstream = http.client.HTTPConnection(self._engine, timeout=10)
            try:
                sent = request.body if body is None else body.encode()
                self._upstream.request(request.method, request.target, body=sent, headers={**headers, **instead})
                answer = self._upstream.getresponse()
                kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_HEADERS}
                return Reply(answer.status, answer.read(), kept)
            except (http.client.HTTPException, OSError):  # an idle connection was closed: once more on a new one
                self._upstream.close()
                self._upstream = None
        raise ConnectionError("the engine is gone")

    def _file(self, request: Request, operation: str) -> list[Key]:
        """File how every item looks that the request touched; gives the keys of those that are new."""
        keys = _touched(operation, json.loads(request.body))
        wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
        body = json.dumps({"RequestItems": {self._table: {"Keys": wanted, "ConsistentRead": True}}})
        target = request.headers[TARGET].replace(operation, "BatchGetItem")
        found = json.loads(self._forward(request, body=body, **{TARGET: target}).body)["Responses"]
        images = {(i["pk"]["S"], i["sk"]["S"]): i for i in found.get(self._table, [])}
        changed = [key for key in keys if images.get(key) != self.items.get(key)]
        new = [key for key in changed if key in images and key not in self.items]
        self._history.tell_all(("item", request.process, *key, images.get(key)) for key in changed)
        for key in changed:
            if key in images:
                self.items[key] = images[key]
            else:
                self.items.pop(key, None)
        return new


_HOP_HEADERS = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})


def _touched(operation: str, body: Mapping[str, Any]) -> list[Key]:
    actions = [body]
    if operation == "TransactWriteItems":
        actions = [next(iter(action.values())) for action in body["TransactItems"]]
    keys = [action.get("Key") or action["Item"] for action in actions]
    return list(dict.fromkeys((key["pk"]["S"], key["sk"]["S"]) for key in keys))


def _refusal(kind: str, operation: str, body: bytes) -> Reply:
    """As DynamoDB refuses: "Error handling with DynamoDB" and the TransactWriteItems reference."""
    if kind == "error_before":
        return _error(SERVER_FAULT, "InternalServerError")
    if kind == "throttled":
        single = operation in {"GetItem", "PutItem", "UpdateItem"}
        return _error(BAD_REQUEST, "ProvisionedThroughputExceededException" if single else "ThrottlingException")
    if operation != "TransactWriteItems":
        return _error(BAD_REQUEST, "TransactionConflictException")
    actions = len(json.loads(body)["TransactItems"])
    busy = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    reasons = [{"Code": "None"}, *[busy] * (actions - 1)] if actions > 1 else [busy]
    return _error(BAD_REQUEST, "TransactionCanceledException", CancellationReasons=reasons)


def _error(status: int, code: str, **members: Any) -> Reply:
    body = json.dumps({"__type": _NAMESPACE + code, "message": "made by the tests", **members})
    return Reply(status, body.encode(), {"Content-Type": "application/x-amz-json-1.0"})
