"""The table as one process reaches it: the in-memory DynamoDB behind a network that delays, loses and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.simulation.aws_faults import conflict, connection_closed, no_answer, throttled, transaction_conflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.faults import Fault
    from tests.simulation.memory_dynamodb import MemoryDynamoDB
    from tests.simulation.process import Process

CLIENT_PATIENCE = 1.0
"""How long the client waits for an answer, as bootstrap sets it."""

SHORTEST, LONGEST = 0.003, 0.025


class TableClient:
    """The methods of boto3's low-level client that the product uses. `fence` is the business it may touch, if one."""

    def __init__(self, process: Process, table: MemoryDynamoDB, *, fence: str | None) -> None:
        self._process = process
        self._table = table
        self._fence = None if fence is None else f"T#{fence}#"

    def get_item(self, **request: Any) -> dict[str, Any]:
        return self._serve("get", request, self._table.get_item, writes=False)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._serve("batch_get", request, self._table.batch_get_item, writes=False)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._serve("query", request, self._table.query, writes=False)

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._serve("put", request, self._table.put_item, writes=True)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._serve("update", request, self._table.update_item, writes=True)

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        return self._serve("transact", request, self._table.transact_write_items, writes=True)

    def _serve(
        self, name: str, request: dict[str, Any], send: Callable[..., dict[str, Any]], *, writes: bool
    ) -> dict[str, Any]:
        process = self._process
        universe = process.universe
        if self._fence is not None:
            self._stay_inside(request)
        after = SHORTEST + universe.random.random() * (LONGEST - SHORTEST)
        fault = process.arrive("table.write" if writes else "table.read", f"table.{name}", after=after)
        if universe.table_down_until > universe.now:
            process.pass_time(CLIENT_PATIENCE / 4)
            raise connection_closed()
        if fault is None:
            return self._sent(send, request)
        return self._faulty(fault, request, send, writes=writes)

    def _sent(self, send: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
        """The effect, and in the same instant the line in the history that says whose it was."""
        universe = self._process.universe
        universe.writer = self._process.name
        return send(**request)

    def _faulty(
        self, fault: Fault, request: dict[str, Any], send: Callable[..., dict[str, Any]], *, writes: bool
    ) -> dict[str, Any]:
        process, universe = self._process, self._process.universe
        kind = fault.kind
        if kind == "throttled":
            raise throttled()
        if kind == "conflict":
            raise transaction_conflict(len(request["TransactItems"])) if "TransactItems" in request else conflict()
        if kind == "no_answer":
            process.pass_time(CLIENT_PATIENCE)
            raise no_answer()
        if kind == "late":
            universe.scheduler.call_at(universe.now + fault.seconds, lambda: self._quietly(send, request))
            process.pass_time(min(CLIENT_PATIENCE, fault.seconds))
            raise no_answer()
        if kind == "table_down" and not writes:
            universe.table_down_until = universe.now + fault.seconds
            raise connection_closed()
        # What is left was done: only its answer is lost, or there is nobody left to hear it.
        try:
            reply = self._sent(send, request)
        except ClientError:
            reply = {}
        if kind == "kill_after":
            process.die()
        if kind == "table_down":
            universe.table_down_until = universe.now + fault.seconds
        del reply
        raise connection_closed()

    def _quietly(self, send: Callable[..., dict[str, Any]], request: dict[str, Any]) -> None:
        try:
            self._sent(send, request)
        except ClientError:
            return  # nobody waits for the answer any more

    def _stay_inside(self, request: dict[str, Any]) -> None:
        """No request of a process that serves one business may name a key of another."""
        for key in _partitions(request):
            if not key.startswith(self._fence or ""):
                self._process.universe.tell("crossed", self._process.name, key)


def _partitions(request: dict[str, Any]) -> list[str]:
    """The partition keys that a request names."""
    if "TransactItems" in request:
        actions = [action for entry in request["TransactItems"] for action in entry.values()]
    elif "RequestItems" in request:
        actions = [{"Key": key} for wanted in request["RequestItems"].values() for key in wanted["Keys"]]
    elif "KeyConditionExpression" in request:
        return [request["ExpressionAttributeValues"][":p"]["S"]]
    else:
        actions = [request]
    return [(action.get("Key") or action["Item"])["pk"]["S"] for action in actions]
