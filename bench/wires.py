"""Wires with a length: what the product asks of the table, the secrets and a provider, each request timed.

Behind them are the fakes that the tests hold to the real services. A wait lasts as long as it is told and not a moment
longer, whatever the fake needs to work out its answer, so that only the product's own time comes on top.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slotline.ports import Clock
    from tests.servers.calcom_api import CalcomApi


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that one request takes on the wire."""

    table: float
    provider: float


@dataclass(frozen=True, slots=True)
class Wait:
    """One request: whom it went to, what it was, and when it began and ended (seconds, monotonic)."""

    to: str  # table | ledger | secrets | provider
    what: str
    began: float
    ended: float


@dataclass(slots=True)
class Wires:
    """All requests of one process, in the order in which they ended."""

    latency: Latency
    waits: list[Wait] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def send[T](self, to: str, what: str, work: Callable[[], T]) -> T:
        """Do the work, and let it take as long as its wire is."""
        began = time.perf_counter()
        try:
            return work()
        finally:
            length = self.latency.provider if to == "provider" else self.latency.table
            time.sleep(max(0.0, began + length - time.perf_counter()))
            with self._guard:
                self.waits.append(Wait(to, what, began, time.perf_counter()))

    def taken(self) -> list[Wait]:
        """What was sent since the last time somebody took it."""
        with self._guard:
            waits, self.waits = self.waits, []
        return sorted(waits, key=lambda wait: wait.began)


def depth(waits: Iterable[Wait]) -> int:
    """How many requests stand behind one another: the most that can be picked so that no two overlap."""
    count, free_from = 0, float("-inf")
    for wait in sorted(waits, key=lambda wait: wait.ended):
        if wait.began >= free_from:
            count, free_from = count + 1, wait.ended
    return count


class TableWire:
    """A DynamoDB client at the end of a wire."""

    def __init__(self, client: object, wires: Wires) -> None:
        self._client = client
        self._wires = wires

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._client, operation)

        def call(**request: Any) -> Any:
            to = "ledger" if operation == "put_item" and "#L#" in request["Item"]["pk"]["S"] else "table"
            return self._wires.send(to, operation, lambda: method(**request))

        return call


class SecretsWire:
    """A Secrets Manager client at the end of a wire; every business has the same secrets."""

    def __init__(self, values: Mapping[str, str], wires: Wires) -> None:
        self._text = json.dumps(values)
        self._wires = wires

    def get_secret_value(self, **_request: str) -> dict[str, str]:
        return self._wires.send("secrets", "get_secret_value", lambda: {"SecretString": self._text})


class ProviderWire(httpx.BaseTransport):
    """The transport to a calendar provider that answers in process."""

    def __init__(self, api: CalcomApi, wires: Wires, *, clock: Clock) -> None:
        from tests.servers.faulty import transport

        self._answers = transport(api, clock=clock)
        self._wires = wires

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path.rpartition('/')[2]}"
        return self._wires.send("provider", what, lambda: self._answers.handle_request(request))
