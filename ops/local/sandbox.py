"""The process that runs one function, one event at a time, as Lambda's execution environments do.

Module globals are then shared between invocations of one process and never between two at once. Threads could not give
that: Powertools' resolvers, among others, keep the current event in a class attribute.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

MEMORY_MB = 1024
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What crosses the pipe towards the function: the event as JSON text, as in Lambda."""

    event: str
    request_id: str
    deadline: float  # epoch seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back: the answer as JSON text, or the traceback of what went wrong."""

    kind: Literal["ready", "answer", "error"]
    text: str = ""


class LambdaContext:
    """The second argument of a handler; the attributes Lambda documents for Python."""

    memory_limit_in_mb = MEMORY_MB
    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, name: str, *, request_id: str, deadline: float) -> None:
        self.function_name = name
        self.aws_request_id = request_id
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:000000000000:function:{name}"
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "local"
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this invocation is stopped."""
        return max(0, int((self._deadline - time.time()) * 1000))


def serve(connection: Connection, name: str, handler_path: str) -> None:
    """Import the handler, say so, then answer events until the other end of the pipe is gone."""
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = name
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(MEMORY_MB)
    print_whole_lines()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal group; our parent stops us
    try:
        handler = load(handler_path)
        connection.send(Outcome("ready"))
        while True:
            connection.send(_answer(handler, name, connection.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except BaseException:
        connection.send(Outcome("error", traceback.format_exc()))
        raise


def print_whole_lines() -> None:
    """Show what is printed line by line: at once, also through a pipe, and never mixed with another process's line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True, write_through=False)


def load(handler_path: str) -> Callable[[object, LambdaContext], object]:
    """Find `package.module.function`, as Lambda's handler setting names it."""
    module, _, function = handler_path.rpartition(".")
    handler: Callable[[object, LambdaContext], object] = getattr(importlib.import_module(module), function)
    return handler


def _answer(handler: Callable[[object, LambdaContext], object], name: str, invocation: Invocation) -> Outcome:
    context = LambdaContext(name, request_id=invocation.request_id, deadline=invocation.deadline)
    try:
        return Outcome("answer", json.dumps(handler(json.loads(invocation.event), context)))
    except Exception:  # noqa: BLE001 - Lambda, too, reports whatever a handler raises and lives on
        return Outcome("error", traceback.format_exc())
