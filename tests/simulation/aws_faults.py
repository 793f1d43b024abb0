"""The errors that DynamoDB and the connection to it give, as boto3 raises them.

Facts: "Error handling with DynamoDB" and the TransactWriteItems reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

ENDPOINT = "https://dynamodb.us-east-1.amazonaws.com"
Reason = Mapping[str, Any]
"""One entry of CancellationReasons."""

_SERVER_FAULTS = frozenset({"InternalServerError", "ServiceUnavailable"})


def refusal(code: str, operation: str, message: str = "", **members: Any) -> ClientError:
    """An error reply; `members` are the modelled fields beside the error, such as Item."""
    status = 500 if code in _SERVER_FAULTS else 400
    reply = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        "message": message,
        **members,
    }
    return ClientError(reply, operation)  # type: ignore[arg-type]  # the stub knows no modelled error members


def cancelled(reasons: Sequence[Reason]) -> ClientError:
    """A cancelled transaction: one reason for each of its actions, in their order."""
    codes = ", ".join(str(reason["Code"]) for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    error = refusal("TransactionCanceledException", "TransactWriteItems", message)
    reply: dict[str, Any] = {**error.response, "Message": message, "CancellationReasons": list(reasons)}
    del reply["message"]
    return ClientError(reply, "TransactWriteItems")  # type: ignore[arg-type]  # see above


def transaction_conflict(actions: int, *, at: Iterable[int] | None = None) -> ClientError:
    """Another transaction is at work on the items of these actions; by default on all but the first, if there are more.

    Nothing of the transaction was done.
    """
    busy = set(range(min(1, actions - 1), actions) if at is None else at)
    conflict = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    return cancelled([conflict if number in busy else {"Code": "None"} for number in range(actions)])


def conflict(operation: str = "PutItem") -> ClientError:
    """A single write met a transaction at work on its item."""
    return refusal("TransactionConflictException", operation, "Transaction is ongoing for the item")


def throttled(operation: str = "TransactWriteItems", *, code: str = "ThrottlingException") -> ClientError:
    """Too much at once: nothing was done."""
    return refusal(code, operation, "Throughput exceeds the current capacity of your table or index")


def server_fault(operation: str = "TransactWriteItems") -> ClientError:
    """HTTP 500: it may have been done."""
    return refusal("InternalServerError", operation, "Internal server error")


def no_answer() -> ReadTimeoutError:
    """The reply did not come in time: it may have been done."""
    return ReadTimeoutError(endpoint_url=ENDPOINT)


def connection_closed() -> ConnectionClosedError:
    """The connection went away before a reply came: it may have been done."""
    return ConnectionClosedError(endpoint_url=ENDPOINT)
