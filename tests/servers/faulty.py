"""What every stand-in for a provider has in common: faults, late work and an admin interface.

`FaultyApi` answers requests without any network; whatever the wire must do (wait, drop, drip) is said in the answer.
`transport` plays that on a fake clock, `loopback.LoopbackServer` on a real socket. Each provider adds its routes.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from slotline.ports import Clock

Json = dict[str, Any]

FAULTS = {
    "stall": "commits, answers after the seconds",
    "error_after": "commits, answers 500",
    "drop_after": "commits, closes the connection without an answer",
    "unreadable": "commits, answers with a cut body",
    "drip": "commits, sends the body byte by byte, the seconds between two",
    "late": "works after the seconds only, even when nobody waits any more",
    "error_before": "answers 500 without an effect",
    "drop_before": "closes the connection without an effect",
    "too_many": "answers 429 with its headers, without an effect",
    "unauthorized": "answers 401",
}


class ApiError(Exception):
    """An answer that is no success; `message` may be a list, as some providers send."""

    def __init__(self, status: int, message: object, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.headers, self.more = status, message, dict(headers or {}), more


@dataclass
class Request:
    """`body` is the JSON object or the form that was sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Json


@dataclass
class Answer:
    """What goes over the wire, and how badly. `later` is work that begins only after `delay` seconds."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False
    drip: float = 0.0
    later: Callable[[], Answer] | None = None


@dataclass
class Fault:
    kind: str
    on: str
    seconds: float
    times: int


class Answering(Protocol):
    """What can be played on a clock or on a socket."""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer: ...
    def settle(self) -> None: ...
    def deliveries(self) -> Sequence[tuple[str, Mapping[str, str], bytes]]: ...


def answer_json(status: int, body: object, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


class FaultyApi:
    """Requests in, answers out."""

    kinds: Mapping[str, str] = FAULTS

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.seen: list[Request] = []
        self._faults: list[Fault] = []
        self._late: list[tuple[float, Callable[[], Answer]]] = []
        self._lock = threading.RLock()

    # --- what a provider says for itself -----------------------------------------------------------------------------

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        """The operation's name and its work; raises ApiError."""
        raise NotImplementedError

    def failed(self, error: ApiError) -> Answer:
        """An error in the provider's own shape."""
        raise NotImplementedError

    def act(self, body: Json) -> object:
        """What a person does in the provider's own pages, as told by `POST /_host`."""
        raise NotImplementedError

    def shown(self) -> list[Json]:
        """Everything that stands in the calendars, for `GET /_bookings`."""
        raise NotImplementedError

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        """URL, headers and body of every webhook due since the last call."""
        return []

    # --- what all have in common -------------------------------------------------------------------------------------

    def fault(self, kind: str, *, on: str = "create", seconds: float = 0.0, times: int = 1) -> None:
        """Let the next requests of this operation fail; `on` is an operation's name, or * for any."""
        if kind not in self.kinds:
            raise ValueError(f"unknown fault {kind}")
        with self._lock:
            self._faults.append(Fault(kind, on, seconds, times))

    def settle(self) -> None:
        """Do the late work whose time has come."""
        with self._lock:
            due = [work for at, work in self._late if at <= self.clock()]
            self._late = [(at, work) for at, work in self._late if at > self.clock()]
            for work in due:
                work()

    def bookings(self) -> list[Json]:
        with self._lock:
            self.settle()
            return self.shown()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        url = urlsplit(target)
        with self._lock:
            self.settle()
            try:
                known = {key.lower(): value for key, value in headers.items()}
                query = dict(parse_qsl(url.query, keep_blank_values=True))
                request = Request(method, unquote(url.path), query, known, _parsed(body, known))
                if request.path.startswith("/_"):
                    return self._behind_the_curtain(request)
                self.seen.append(request)
                return self._with_faults(request)
            except ApiError as error:
                return self.failed(error)
            except ValueError:
                return self.failed(ApiError(400, "Bad Request"))

    def _with_faults(self, request: Request) -> Answer:
        operation, work = self.route(request)
        fault = self._take(operation)
        if fault is None:
            return work(request)
        kind, seconds = fault.kind, fault.seconds
        if kind == "late":
            return self._postponed(work, request, seconds)
        if kind == "drop_before":
            return Answer(0, b"", drop=True)
        if kind == "error_before":
            raise ApiError(500, "Internal server error")
        if kind == "unauthorized":
            raise ApiError(401, "Invalid JWT")
        if kind == "too_many":
            raise ApiError(429, "Too Many Requests", headers={"Retry-After": str(int(seconds))} if seconds else {})
        done = work(request)
        done.delay, done.drip = (seconds if kind == wait else 0.0 for wait in ("stall", "drip"))
        if kind == "drop_after":
            return Answer(0, b"", drop=True)
        if kind == "error_after":
            raise ApiError(500, "Internal server error")
        if kind == "unreadable":
            done.body = done.body[: len(done.body) // 2]
        return done

    def _postponed(self, work: Callable[[Request], Answer], request: Request, seconds: float) -> Answer:
        result: list[Answer] = []

        def now() -> Answer:
            with self._lock:
                if not result:
                    try:
                        result.append(work(request))
                    except ApiError as error:
                        result.append(self.failed(error))
                return result[0]

        self._late.append((self.clock() + seconds, now))
        return Answer(0, b"", delay=seconds, later=now)

    def _take(self, operation: str) -> Fault | None:
        for fault in self._faults:
            if fault.on in {operation, "*"}:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def _behind_the_curtain(self, request: Request) -> Answer:
        body, asked = request.body, f"{request.method} {request.path}"
        if asked == "GET /_bookings":
            return answer_json(200, self.bookings())
        if asked == "POST /_faults":
            seconds, times = float(body.get("seconds", 0)), int(body.get("times", 1))
            self.fault(str(body["kind"]), on=str(body.get("on", "create")), seconds=seconds, times=times)
            return answer_json(200, {"faults": len(self._faults)})
        if asked == "DELETE /_faults":
            self._faults.clear()
            return answer_json(200, {"faults": 0})
        if asked == "POST /_host":
            return answer_json(200, self.act(body))
        raise ApiError(404, f"Cannot {asked}")


def _parsed(body: bytes, headers: Mapping[str, str]) -> Json:
    is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if is_form and not body.startswith(b"{"):  # some clients call JSON a form
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    given = json.loads(body) if body else {}
    return given if isinstance(given, dict) else {}


# --- without a socket -------------------------------------------------------------------------------------------------


def transport(api: Answering, *, clock: Clock) -> httpx.MockTransport:
    """Answers of the API; waiting moves the clock, and what outlasts the client's patience is a read time-out."""

    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        answer = api.answer(request.method, target, dict(request.headers.items()), request.content)
        patience: float = request.extensions["timeout"]["read"]
        if answer.delay >= patience:
            clock.sleep(patience)
            raise httpx.ReadTimeout("no answer", request=request)
        clock.sleep(answer.delay)
        if answer.later is not None:
            api.settle()
            answer = answer.later()
        if answer.drop:
            raise httpx.RemoteProtocolError("closed without an answer", request=request)
        if answer.drip:
            return httpx.Response(answer.status, headers=answer.headers, stream=_Drip(answer, clock))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    return httpx.MockTransport(handle)


class _Drip(httpx.SyncByteStream):
    def __init__(self, answer: Answer, clock: Clock) -> None:
        self._answer, self._clock = answer, clock

    def __iter__(self) -> Iterator[bytes]:
        for byte in self._answer.body:
            self._clock.sleep(self._answer.drip)
            yield bytes((byte,))
