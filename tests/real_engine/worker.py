"""A process of the product, as Lambda would run it: the functions' own handlers, one task at a time.

What differs from a deployed function: its clock runs with the tests' timeline, every request carries the name of the
task for which it is sent, and times are spoken in a way that the checker reads back.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx
from botocore.session import get_session

from functions.availability.handler import lambda_handler as availability
from functions.booking.handler import lambda_handler as booking
from functions.reconcile.handler import lambda_handler as reconcile
from functions.sms_confirm.handler import lambda_handler as sms_confirm
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from ops.local.sandbox import LambdaContext
from ops.local.source_events import scheduled_event
from slotline import bootstrap
from slotline.adapters.calendars import _connections
from slotline.adapters.sms import twilio
from tests.real_engine.timeline import Offset, SharedClock
from tests.real_engine.wire import PROCESS_HEADER
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import PlainTimes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection

    from botocore.session import Session

    from tests.real_engine.nursery import Birth

_HANDLERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "availability": availability,
    "booking": booking,
    "reconcile": reconcile,
    "sms_confirm": sms_confirm,
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a process shall do: answer a request, or handle an event. `name` is what it is called in the history."""

    name: str
    seconds: float
    request: HttpRequest | None = None
    function: str = "reconcile"
    event: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Now:
    """The task in hand; every request that leaves this process carries its name."""

    task: str = ""

    def sign(self, request: Any) -> None:
        request.headers[PROCESS_HEADER] = self.task


class _Handlers:
    """ops.local.functions.Invoker: the handlers run here."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def invoke(self, name: str, *, event: Any, patience: float | None = None) -> object:
        context = LambdaContext(name, request_id="real-engine", deadline=self._deadline)
        return json.loads(json.dumps(_HANDLERS[name](event, context)))


def serve(connection: Connection, birth: Birth) -> None:
    """Do tasks until the other end of the pipe is gone, or until somebody kills us."""
    os.environ.update(birth.environment)
    _log_to(birth.log)
    clock, now = SharedClock(Offset(birth.clock), skew=birth.skew), _Now()
    session = _signing_session(now)
    edges = mock.patch.multiple(
        bootstrap, SystemClock=lambda: clock, BabelSpokenTimes=PlainTimes, get_session=lambda: session
    )
    with edges, MUTANTS[birth.mutant].applied() if birth.mutant else contextlib.nullcontext():
        house = bootstrap.house()
        if birth.warm:
            house.secrets.value(house.config.business(birth.warm).key, "desk_key")
        connection.send("ready")
        with contextlib.suppress(EOFError, OSError):
            while True:
                task: Task = connection.recv()
                now.task = task.name
                connection.send(_done(task))


def _done(task: Task) -> tuple[int, Any]:
    handlers = _Handlers(time.time() + task.seconds)
    try:
        if task.request is None:
            return 200, handlers.invoke(task.function, event=task.event or scheduled_event(time.time()))
        answer = Gateway(handlers).answer(task.request)
        return answer.status, json.loads(answer.body)
    except Exception as error:  # noqa: BLE001 - Lambda, too, reports whatever a handler raises and lives on
        traceback.print_exc()
        return 500, type(error).__name__


def _log_to(path: str) -> None:
    """Everything that is printed or logged, also by libraries, goes to one file that the checker reads."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())


def _signing_session(now: _Now) -> Session:
    """Let every client of the adapters sign what it sends; gives what AWS clients are made by."""
    session = get_session()
    session.register("before-send", lambda **event: now.sign(event["request"]))

    def signing(open_client: Callable[..., httpx.Client]) -> Callable[..., httpx.Client]:
        def opened(*args: Any, **options: Any) -> httpx.Client:
            client = open_client(*args, **options)
            client.event_hooks = {"request": [now.sign]}
            return client

        return opened

    for module in (_connections, twilio):
        vars(module)["open_client"] = signing(vars(module)["open_client"])
    return session
