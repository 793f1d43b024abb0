from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp, decoded
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, SetupError
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Handler = "Callable[[httpx.Request], httpx.Response]"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def provider(handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock) -> ProviderHttp:
    client = httpx.Client(transport=httpx.MockTransport(handler), base_url="https://acme.test/v2")
    return ProviderHttp(client, name="acme", clock=clock, timeout=4.0)


def failing(error: type[httpx.TransportError], seen: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise error("as ordered", request=request)

    return handler


def send(http: ProviderHttp, clock: FakeClock, *, writes: bool, seconds: float = 5.0) -> httpx.Response:
    return http.request("POST" if writes else "GET", "/things", deadline=clock.now() + seconds, writes=writes)


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_without_a_connection_nothing_was_executed(
    error: type[httpx.TransportError], writes: bool, clock: FakeClock
) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(NotExecutedError):
        send(provider(failing(error, seen), clock), clock, writes=writes)
    assert len(seen) == 1


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError],
)
def test_a_write_whose_answer_is_lost_is_in_doubt_and_sent_once(
    error: type[httpx.TransportError], clock: FakeClock
) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(InDoubtError):
        send(provider(failing(error, seen), clock), clock, writes=True)
    assert len(seen) == 1


def test_a_read_that_times_out_did_nothing_and_is_not_repeated(clock: FakeClock) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(NotExecutedError):
        send(provider(failing(httpx.ReadTimeout, seen), clock), clock, writes=False)
    assert len(seen) == 1


@pytest.mark.parametrize("error", [httpx.RemoteProtocolError, httpx.ReadError])
def test_a_read_on_a_dropped_connection_is_repeated_once(error: type[httpx.TransportError], clock: FakeClock) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if not seen:
            failing(error, seen)(request)
        return httpx.Response(200, json={"ok": True})

    assert send(provider(handler, clock), clock, writes=False).json() == {"ok": True}

    always: list[httpx.Request] = []
    with pytest.raises(NotExecutedError):
        send(provider(failing(error, always), clock), clock, writes=False)
    assert len(always) == 2


def test_a_dropped_read_is_not_repeated_when_its_time_is_over(clock: FakeClock) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        clock.sleep(6)
        return failing(httpx.ReadError, seen)(request)

    with pytest.raises(NotExecutedError):
        send(provider(handler, clock), clock, writes=False)
    assert len(seen) == 1


@pytest.mark.parametrize(("writes", "error"), [(True, InDoubtError), (False, NotExecutedError)])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_is_doubt_after_a_write_only(
    status: int, writes: bool, error: type[ProviderError], clock: FakeClock
) -> None:
    with pytest.raises(error):
        send(provider(lambda _: httpx.Response(status), clock), clock, writes=writes)


def test_401_is_a_mistake_in_the_set_up(clock: FakeClock) -> None:
    with pytest.raises(SetupError):
        send(provider(lambda _: httpx.Response(401), clock), clock, writes=True)


@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 409, 422])
def test_the_rest_is_left_to_the_adapter(status: int, clock: FakeClock) -> None:
    answer = httpx.Response(status, json={"n": 1}, headers={"etag": "e1", "location": "/x"})

    response = send(provider(lambda _: answer, clock), clock, writes=True)

    assert (response.status_code, response.json(), response.headers["etag"]) == (status, {"n": 1}, "e1")


def retry_of(headers: dict[str, str], clock: FakeClock) -> float:
    with pytest.raises(NotExecutedError) as caught:
        send(provider(lambda _: httpx.Response(429, headers=headers), clock), clock, writes=True)
    return caught.value.retry_after


def test_429_was_not_executed_and_says_how_long_to_wait(clock: FakeClock) -> None:
    date = format_datetime(datetime.fromtimestamp(clock.now() + 90, UTC), usegmt=True)

    assert retry_of({}, clock) == 30
    assert retry_of({"Retry-After": "12"}, clock) == 12
    assert retry_of({"Retry-After": date}, clock) == 90
    assert retry_of({"X-RateLimit-Reset-Default": "17"}, clock) == 17
    assert retry_of({"X-RateLimit-Reset": str(clock.now() + 45)}, clock) == 45
    assert retry_of({"Retry-After": "5", "X-RateLimit-Reset": "50"}, clock) == 5
    assert retry_of({"Retry-After": "soon", "X-RateLimit-Reset": "50"}, clock) == 50
    assert retry_of({"Retry-After": "999999"}, clock) == 3600
    assert retry_of({"Retry-After": "-4"}, clock) == 1


def test_of_several_limits_only_the_exhausted_one_counts(clock: FakeClock) -> None:
    limits = {
        "X-RateLimit-Reset-Short": "9",
        "X-RateLimit-Remaining-Short": "0",
        "X-RateLimit-Reset-Long": "3000",
        "X-RateLimit-Remaining-Long": "70",
    }

    assert retry_of(limits, clock) == 9


def test_no_request_leaves_without_time(clock: FakeClock) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(NotExecutedError):
        send(provider(failing(httpx.ReadError, seen), clock), clock, writes=True, seconds=0)
    assert seen == []


def test_time_outs_come_from_what_is_left(clock: FakeClock) -> None:
    seen: list[dict[str, float]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200)

    http = provider(handler, clock)
    send(http, clock, writes=False, seconds=60)
    send(http, clock, writes=False, seconds=2)
    send(http, clock, writes=False, seconds=0.25)

    assert [(t["connect"], t["read"]) for t in seen] == [(1.0, 4.0), (1.0, 2.0), (0.25, 0.25)]


class Slow(httpx.SyncByteStream):
    """A body in pieces; each takes its seconds."""

    def __init__(self, clock: FakeClock, *, pieces: int, seconds: float, size: int = 1) -> None:
        self._clock, self._pieces, self._seconds, self._size = clock, pieces, seconds, size
        self.sent = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._pieces):
            self._clock.sleep(self._seconds)
            self.sent += 1
            yield b" " * self._size

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("writes", "error"), [(True, InDoubtError), (False, NotExecutedError)])
def test_a_dripping_body_ends_at_the_deadline(writes: bool, error: type[ProviderError], clock: FakeClock) -> None:
    body = Slow(clock, pieces=1000, seconds=1)

    with pytest.raises(error):
        send(provider(lambda _: httpx.Response(201, stream=body), clock), clock, writes=writes, seconds=5)
    assert body.sent == 5
    assert body.closed


def test_an_endless_body_is_cut(clock: FakeClock) -> None:
    body = Slow(clock, pieces=1000, seconds=0, size=100_000)

    with pytest.raises(InDoubtError):
        send(provider(lambda _: httpx.Response(201, stream=body), clock), clock, writes=True)
    assert body.sent == 21
    assert body.closed


def test_a_compressed_body_is_decoded_once(clock: FakeClock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"})

    assert send(provider(handler, clock), clock, writes=False).json() == {"a": 1}


def test_a_body_that_cannot_be_decompressed_is_lost(clock: FakeClock) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, stream=Slow(clock, pieces=3, seconds=0), headers={"content-encoding": "gzip"})

    with pytest.raises(InDoubtError):
        send(provider(handler, clock), clock, writes=True)


def test_a_body_that_is_no_json_is_lost(clock: FakeClock) -> None:
    response = httpx.Response(201, content=b"<html>")

    with pytest.raises(InDoubtError):
        decoded(response, name="acme", writes=True)
    with pytest.raises(NotExecutedError):
        decoded(response, name="acme", writes=False)


def test_a_header_that_cannot_be_sent_is_a_mistake_in_the_set_up(clock: FakeClock) -> None:
    with pytest.raises(SetupError):
        send(provider(failing(httpx.LocalProtocolError, []), clock), clock, writes=True)


def test_a_factory_is_asked_once_and_late(clock: FakeClock) -> None:
    made: list[httpx.Client] = []

    def factory() -> httpx.Client:
        made.append(
            httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)), base_url="https://a.test")
        )
        return made[-1]

    http = ProviderHttp(factory, name="acme", clock=clock)
    assert made == []

    send(http, clock, writes=False)
    send(http, clock, writes=False)

    assert len(made) == 1


def test_errors_name_neither_the_address_nor_the_body(clock: FakeClock) -> None:
    handler = failing(httpx.ReadTimeout, [])

    with pytest.raises(InDoubtError) as caught:
        provider(handler, clock).request(
            "POST", "/x?who=ada@example.com", deadline=clock.now() + 1, writes=True, json={"phone": "+15550100"}
        )
    assert "ada" not in str(caught.value)
    assert "555" not in str(caught.value)


def test_importing_the_adapters_imports_no_http_library() -> None:
    program = (
        "import json, sys\n"
        "import slotline.adapters.calendars.calcom.calendar, slotline.adapters.calendars.builtin\n"
        "print(json.dumps([m for m in ('httpx', 'httpcore', 'pydantic', 'ssl') if m in sys.modules]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p)},
    )

    assert json.loads(done.stdout) == []
