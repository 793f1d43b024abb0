"""Small handlers that stand in for the product's own where the local stack itself is tested."""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.local.sandbox import LambdaContext

JOURNAL_VARIABLE = "STUB_JOURNAL"
_calls = itertools.count(1)
_current: dict[str, Any] = {}


def echo(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give the event back, with what the context says."""
    return {
        "event": event,
        "function": context.function_name,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "process": os.getpid(),
        "call": next(_calls),
    }


def answer(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer in the full form of payload 2.0."""
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/octet-stream", "X-Number": 7},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "AAH/",
        "isBase64Encoded": True,
    }


def fail(event: dict[str, Any], context: LambdaContext) -> None:
    raise LookupError("secret of the house")


def exit_hard(event: dict[str, Any], context: LambdaContext) -> None:
    os._exit(3)


def sleep(event: dict[str, Any], context: LambdaContext) -> None:
    time.sleep(30)


def keep_current(event: dict[str, Any], context: LambdaContext) -> bool:
    """Tell whether a module global survives a wait: false if two events ever share a process at once."""
    _current["body"] = event["body"]
    time.sleep(0.05)
    return bool(_current["body"] == event["body"])


def note(event: dict[str, Any], context: LambdaContext) -> None:
    """Write down what came, one line per record, and say so aloud."""
    lines = []
    for record in event.get("Records", [event]):
        source = record.get("eventSource", record.get("source"))
        what = record.get("body") or record.get("dynamodb", {}).get("NewImage", {}).get("sk", {}).get("S", "")
        lines.append(f"{source} {what}\n")
    with Path(os.environ[JOURNAL_VARIABLE]).open("a") as journal:
        journal.writelines(lines)
    sys.stdout.write(f"stub text message {''.join(lines).replace(chr(10), ';')}\n")
