"""A loopback HTTP server that hands each request to a function and can also stay silent or hang up."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROCESS_HEADER = "x-tests-process"
"""Which process of ours sent a request: added by the workers, removed by the wires."""


@dataclass(frozen=True, slots=True)
class Request:
    """As it came; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def process(self) -> str:
        return self.headers.get(PROCESS_HEADER, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back after `delay` seconds."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Silence:
    """The connection is closed without an answer, after so many seconds."""

    delay: float = 0.0


type Answer = Reply | Silence


class Wire:
    """The server, as a context manager."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, answer))
        self._server.daemon_threads = True
        self._server.block_on_close = False  # a silent handler sleeps, and nobody waits for it
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(wire: Wire, respond: Callable[[Request], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # whoever asked was killed, or has lost patience
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is http.server's)
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = respond(Request(self.command, self.path, headers, body))
            if answer.delay:
                wire.stopping.wait(answer.delay)
            if isinstance(answer, Silence):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815  (the names are http.server's)

    return Handler
