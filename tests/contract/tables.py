"""Two tables to hold the store against, and a client on which things go wrong when a test says so."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

from ops.local import resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Send = Callable[[], Any]
Fault = Callable[[Send], Any]
"""What happens instead of a request; it may send the request all the same."""

ONE_AT_A_TIME = threading.RLock()


@contextmanager
def moto_in_order() -> Iterator[None]:
    """Moto's DynamoDB with one request at a time.

    By itself it writes a transaction item by item and rolls back by restoring copies of whole tables, so that
    requests of two threads see and undo each other's halves.
    """
    unguarded: Callable[[Any], Any] = DynamoHandler.call_action

    def guarded(self: DynamoHandler) -> Any:
        with ONE_AT_A_TIME:
            return unguarded(self)

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(DynamoHandler, "call_action", guarded)
        yield


def moto_client() -> DynamoDBClient:
    """A client that moto answers, while it is switched on."""
    return boto3.client(
        "dynamodb",
        region_name=resources.REGION,
        aws_access_key_id=resources.KEY_ID,
        aws_secret_access_key=resources.SECRET_KEY,
    )


class UnreliableClient:
    """A client whose next requests of a kind meet the planned faults, one each; what was sent is kept."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._plan: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.remembers_tokens = True

    def plan(self, operation: str, *faults: Fault) -> None:
        self._plan[operation].extend(faults)

    def unused_faults(self) -> int:
        return sum(len(faults) for faults in self._plan.values())

    def sent(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.requests if name == operation]

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)

        def call(**request: Any) -> Any:
            self.requests.append((operation, request))
            if "ClientRequestToken" in request and not self.remembers_tokens:
                request = request | {"ClientRequestToken": str(uuid4())}
            faults = self._plan[operation]
            return faults.popleft()(lambda: method(**request)) if faults else method(**request)

        return call


# --- faults ----------------------------------------------------------------------------------------------------------


def answer_lost(send: Send) -> Any:
    """The table did it and the connection broke before it could say so."""
    send()
    raise ConnectionClosedError(endpoint_url="https://table")


def request_lost(send: Send) -> Any:
    """The connection broke before the request arrived."""
    raise ConnectionClosedError(endpoint_url="https://table")


def unreachable(send: Send) -> Any:
    """No connection could be made."""
    raise EndpointConnectionError(endpoint_url="https://table")


def sent_as_it_is(send: Send) -> Any:
    """No fault at all, where only a later request shall meet one."""
    return send()


def conflict(send: Send) -> Any:
    """Another transaction is at work on one of the items."""
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    raise _refusal("TransactionCanceledException", CancellationReasons=reasons)


def throttled(send: Send) -> Any:
    """Too many requests."""
    raise _refusal("ThrottlingException")


def refused(code: str, **more: object) -> Fault:
    """Any refusal the service knows."""

    def fault(send: Send) -> Any:
        raise _refusal(code, **more)

    return fault


def meanwhile(happens: Callable[[], object]) -> Fault:
    """Somebody else gets in between: it happens first, then the request is sent."""

    def fault(send: Send) -> Any:
        happens()
        return send()

    return fault


def _refusal(code: str, **more: object) -> ClientError:
    reply: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(reply, "Request")
