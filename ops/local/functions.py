"""The local stand-in for Lambda: functions in processes of their own, more of them when calls come at once."""

from __future__ import annotations

import json
import math
import multiprocessing
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from ops.local import sandbox
from ops.local.sandbox import Invocation, Outcome
from slotline.domain.errors import SlotlineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from types import TracebackType

MOST_PROCESSES = 16  # per function; further calls wait, where Lambda would start more
START_SECONDS = 30.0
# Imported once, before the processes are forked: libraries only. What the functions' own modules do on import
# (open clients, start threads) must happen in each process, as it does in Lambda.
PRELOADED = ("boto3", "httpx", "pydantic", "aws_lambda_powertools", "aws_lambda_powertools.metrics")


class FunctionError(SlotlineError):
    """The function raised, broke off, or could not be imported; the text is its traceback."""


class FunctionBusyError(FunctionError):
    """The caller's patience ran out before there was an answer."""


class Invoker(Protocol):
    """Whatever can run a function by name."""

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        """Return the function's answer; FunctionError, or FunctionBusyError after `patience` seconds."""


@dataclass(frozen=True, slots=True)
class LocalFunction:
    """A function as the stack declares it: the handler as `package.module.function`, the timeout in seconds."""

    handler: str
    timeout: float = 12.0


SLOTLINE_FUNCTIONS: Mapping[str, LocalFunction] = {
    "availability": LocalFunction("functions.availability.handler.lambda_handler"),
    "booking": LocalFunction("functions.booking.handler.lambda_handler"),
    "sms_confirm": LocalFunction("functions.sms_confirm.handler.lambda_handler"),
    "mcp": LocalFunction("functions.mcp.handler.lambda_handler"),
    "webhook": LocalFunction("functions.webhook.handler.lambda_handler"),
    "reconcile": LocalFunction("functions.reconcile.handler.lambda_handler", timeout=60.0),
}


class Functions:
    """All functions of the stack. The processes see the environment as it was when the first one started."""

    def __init__(self, functions: Mapping[str, LocalFunction]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(PRELOADED))
        self._pools = {name: _Pool(name, function, context) for name, function in functions.items()}

    def warm_up(self) -> None:
        """Start one process per function; FunctionError when a handler cannot be imported."""
        for pool in self._pools.values():
            pool.give_back(pool.take())

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        """Run one event and return the answer as it comes out of JSON; see Invoker."""
        return self._pools[name].invoke(event, patience=patience)

    def stop(self) -> None:
        """End every process, busy or not."""
        for pool in self._pools.values():
            pool.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Sandbox:
    """One process and our end of its pipe."""

    def __init__(self, process: ForkServerProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection

    def receive(self, *, timeout: float, late: FunctionError) -> Outcome:
        """Wait for the next outcome; raises `late` after the timeout, FunctionError when the process died."""
        try:
            if not self.connection.poll(max(0.0, timeout)):
                raise late
            outcome = self.connection.recv()
        except (EOFError, OSError) as exc:
            raise FunctionError("the function's process ended without an answer") from exc
        if not isinstance(outcome, Outcome):
            raise FunctionError("the function's process spoke out of turn")
        return outcome

    def stop(self) -> None:
        self.process.kill()  # as Lambda does: a handler must bear being cut off anywhere
        self.process.join()
        self.connection.close()


class _Pool:
    """The processes of one function: idle ones are used again, latest first."""

    def __init__(self, name: str, function: LocalFunction, context: multiprocessing.context.ForkServerContext) -> None:
        self._name = name
        self._function = function
        self._context = context
        self._vacancies = threading.BoundedSemaphore(MOST_PROCESSES)
        self._lock = threading.Lock()
        self._idle: deque[_Sandbox] = deque()
        self._all: set[_Sandbox] = set()
        self._stopped = False

    def invoke(self, event: Mapping[str, Any], *, patience: float | None) -> object:
        asked = time.monotonic()
        box = self.take(patience=patience)
        left = math.inf if patience is None else patience - (time.monotonic() - asked)
        try:
            outcome = self._run(box, event, left=left)
        except FunctionError:
            self._discard(box)
            raise
        self.give_back(box)
        if outcome.kind == "error":
            raise FunctionError(outcome.text)
        answer: object = json.loads(outcome.text)
        return answer

    def _run(self, box: _Sandbox, event: Mapping[str, Any], *, left: float) -> Outcome:
        timeout = self._function.timeout
        try:
            box.connection.send(Invocation(json.dumps(event), str(uuid.uuid4()), time.time() + timeout))
        except OSError as exc:
            raise FunctionError("the function's process is gone") from exc
        if left < timeout:
            return box.receive(timeout=left, late=FunctionBusyError(f"no answer after {left:.0f} s"))
        return box.receive(timeout=timeout, late=FunctionError(f"Task timed out after {timeout:.2f} seconds"))

    def take(self, *, patience: float | None = None) -> _Sandbox:
        """Use an idle process or start one; waits while all are busy."""
        if not self._vacancies.acquire(timeout=patience):
            raise FunctionBusyError("all processes are busy")
        try:
            return self._idle_one() or self._start()
        except BaseException:
            self._vacancies.release()
            raise

    def give_back(self, box: _Sandbox) -> None:
        with self._lock:
            self._idle.append(box)
        self._vacancies.release()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            boxes, self._all = self._all, set()
            self._idle.clear()
        for box in boxes:
            box.stop()

    def _idle_one(self) -> _Sandbox | None:
        with self._lock:
            if self._stopped:
                raise FunctionError("the local stack is stopping")
            return self._idle.pop() if self._idle else None

    def _start(self) -> _Sandbox:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=sandbox.serve, args=(theirs, self._name, self._function.handler), daemon=True
        )
        box = _Sandbox(process, ours)
        with self._lock:  # so that stop() finds every process there is
            if self._stopped:
                raise FunctionError("the local stack is stopping")
            process.start()
            self._all.add(box)
        theirs.close()
        try:
            outcome = box.receive(timeout=START_SECONDS, late=FunctionError(f"{self._name}: not started in time"))
            if outcome.kind == "ready":
                return box
        except FunctionError:
            self._end(box)
            raise
        self._end(box)
        raise FunctionError(outcome.text)

    def _discard(self, box: _Sandbox) -> None:
        self._end(box)
        self._vacancies.release()

    def _end(self, box: _Sandbox) -> None:
        with self._lock:
            self._all.discard(box)
        box.stop()
