"""The HTTP front over real sockets, before functions in real processes."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from ops.local.front import Front
from ops.local.functions import FunctionBusyError, FunctionError, Functions, LocalFunction
from ops.local.gateway import Gateway, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

STUBS = "tests.functional.stub_functions"
NAMES = ("echo", "answer", "fail", "exit_hard", "sleep", "keep_current")
ROUTES = [Route("POST", f"/{name}/{{id}}", name) for name in NAMES]


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    stubs = {name: LocalFunction(f"{STUBS}.{name}") for name in NAMES}
    stubs["sleep"] = LocalFunction(f"{STUBS}.sleep", timeout=0.3)
    with Functions(stubs) as running:
        yield running


@pytest.fixture(scope="module")
def front(functions: Functions) -> Iterator[Front]:
    with Front(Gateway(functions, routes=ROUTES)) as listening:
        yield listening


@pytest.fixture
def connection(front: Front) -> Iterator[http.client.HTTPConnection]:
    host, port = front.url.removeprefix("http://").split(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=20)) as opened:
        yield opened


def post(
    connection: http.client.HTTPConnection, path: str, body: bytes = b"{}", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    return response, response.read()


def echoed(connection: http.client.HTTPConnection, path: str = "/echo/1", body: bytes = b"{}") -> dict[str, Any]:
    response, text = post(connection, path, body)
    assert response.status == 200
    answer: dict[str, Any] = json.loads(text)
    return answer


def test_a_request_arrives_as_an_event_with_a_context(connection: http.client.HTTPConnection) -> None:
    answer = echoed(connection, "/echo/a%20b?x=1&x=2", b'{"when": "Tuesday"}')

    assert answer["event"]["body"] == '{"when": "Tuesday"}'
    assert answer["event"]["pathParameters"] == {"id": "a b"}
    assert answer["event"]["queryStringParameters"] == {"x": "1,2"}
    assert answer["event"]["headers"]["host"].startswith("127.0.0.1:")
    assert answer["function"] == "echo"
    assert answer["memory"] == 1024
    assert answer["arn"].endswith(":function:echo")
    assert answer["request_id"]
    assert 11_000 < answer["remaining"] <= 12_000


def test_a_function_runs_elsewhere_and_stays_warm(connection: http.client.HTTPConnection) -> None:
    first, second = echoed(connection), echoed(connection)

    assert first["process"] == second["process"] != os.getpid()
    assert second["call"] == first["call"] + 1
    assert first["request_id"] != second["request_id"]


def test_a_full_answer_reaches_the_client(connection: http.client.HTTPConnection) -> None:
    response, body = post(connection, "/answer/1")

    assert response.status == 201
    assert body == b"\x00\x01\xff"
    assert response.getheader("content-type") == "application/octet-stream"
    assert response.msg.get_all("set-cookie") == ["a=1; Path=/", "b=2"]


def test_twenty_requests_on_one_connection_do_not_wait_for_acknowledgements(
    connection: http.client.HTTPConnection,
) -> None:
    echoed(connection)
    own_socket = connection.sock
    times = []
    for _ in range(20):
        start = time.perf_counter()
        echoed(connection, body=b"x" * 2_000)
        times.append(time.perf_counter() - start)

    assert connection.sock is own_socket
    assert statistics.median(times) < 0.040


def test_an_unknown_route_is_answered_by_the_gateway(connection: http.client.HTTPConnection) -> None:
    response, body = post(connection, "/nowhere")

    assert (response.status, json.loads(body)) == (404, {"message": "Not Found"})


def test_a_body_over_ten_megabytes_is_refused(connection: http.client.HTTPConnection) -> None:
    response, body = post(connection, "/echo/1", b"x" * 10_000_001)

    assert (response.status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})


def test_a_body_of_one_megabyte_is_taken(connection: http.client.HTTPConnection) -> None:
    assert len(echoed(connection, body=b"x" * 1_000_000)["event"]["body"]) == 1_000_000


@pytest.mark.parametrize("name", ["fail", "exit_hard", "sleep"])
def test_a_function_that_fails_is_an_internal_error_and_the_next_call_is_served(
    connection: http.client.HTTPConnection, name: str
) -> None:
    for _ in range(2):
        response, body = post(connection, f"/{name}/1")

        assert (response.status, json.loads(body)) == (500, {"message": "Internal Server Error"})


def test_calls_at_once_never_share_a_process(front: Front, functions: Functions) -> None:
    def ask(number: int) -> object:
        return functions.invoke("keep_current", event={"body": number})

    with ThreadPoolExecutor(20) as pool:
        kept = list(pool.map(ask, range(20)))

    assert kept == [True] * 20


def test_impatience_is_told_apart_from_failure(functions: Functions) -> None:
    with pytest.raises(FunctionBusyError):
        functions.invoke("sleep", event={}, patience=0.05)
    with pytest.raises(FunctionError, match="secret of the house"):
        functions.invoke("fail", event={})


def test_a_handler_that_cannot_be_imported_is_named() -> None:
    with Functions({"lost": LocalFunction(f"{STUBS}.nowhere")}) as lost, pytest.raises(FunctionError, match="nowhere"):
        lost.warm_up()


def test_a_chunked_body_is_put_together(front: Front) -> None:
    request = (
        b"POST /echo/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: t\r\n\r\n"
    )

    assert b'"body": "hello world"' in raw(front, request)


@pytest.mark.parametrize(
    "framing", ["Content-Length: ten", "Content-Length: -1", "Transfer-Encoding: chunked\r\n\r\nzz"]
)
def test_a_body_of_unknowable_length_is_refused(front: Front, framing: str) -> None:
    answer = raw(front, f"POST /echo/1 HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_client_that_asks_first_is_told_to_go_on(front: Front) -> None:
    head = b"POST /echo/1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    with opened(front) as sock:
        sock.sendall(head)
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")


def test_a_taken_port_is_refused(front: Front, functions: Functions) -> None:
    port = int(front.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        Front(Gateway(functions), port=port)


def raw(front: Front, request: bytes) -> bytes:
    with opened(front) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def opened(front: Front) -> socket.socket:
    host, port = front.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)
