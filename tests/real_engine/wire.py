"""A loopback HTTP server that hands each request to a function and can also stay silent or hang up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.listening import Listening, QuietHandler

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


class Wire(Listening):
    """The server, as a context manager."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__(_handler(self, answer))


def _handler(wire: Wire, respond: Callable[[Request], Answer]) -> type[QuietHandler]:
    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # whoever asked was killed, or has lost patience
                self.close_connection = True

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

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

    return Handler
