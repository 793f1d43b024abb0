"""A `FaultyApi` on a free loopback port, with everything that only a real socket can do badly."""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from http.client import HTTPException
from typing import TYPE_CHECKING, override

from tests.servers.calling import call
from tests.servers.listening import Listening, QuietHandler

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.servers.faulty import Answer, Answering

MOST_TRIES = 7


class LoopbackServer[Api: Answering](Listening):
    """The API on a socket, as a context manager. With `auto_deliver`, webhooks go out after every answer."""

    media_type = "application/json"  # of an answer that names none

    def __init__(
        self, api: Api, *, port: int = 0, retried: frozenset[int] = frozenset(), auto_deliver: bool = False
    ) -> None:
        super().__init__(_handler(self), port=port)
        self.api = api
        self.retried = retried  # statuses of a receiver after which a webhook is sent again
        self.auto_deliver = auto_deliver
        self.connections = 0
        self.live: set[socket.socket] = set()

    @property
    def base_url(self) -> str:
        return self.url

    @override
    def stop(self) -> None:
        super().stop()
        for connection in list(self.live):
            with contextlib.suppress(OSError):  # it may have ended by itself
                connection.shutdown(socket.SHUT_RDWR)

    def deliver(self, *, duplicates: bool = False, reverse: bool = False, losing: Collection[int] = ()) -> int:
        """Send the webhooks that are due; gives how many got an answer of 2xx.

        `losing` are the places, from 0, of those that nobody ever hears of.
        """
        due = deque((1, *hook) for place, hook in enumerate(self.api.deliveries()) if place not in losing)
        if duplicates:
            due.extend(list(due))
        if reverse:
            due.reverse()
        taken = 0
        while due:
            tries, url, headers, body = due.popleft()
            try:
                status = call("POST", url, body, headers).status
            except (OSError, HTTPException):
                continue
            taken += status < 300
            if status in self.retried and tries < MOST_TRIES:
                due.append((tries + 1, url, headers, body))
        return taken


def _handler[Api: Answering](server: LoopbackServer[Api]) -> type[QuietHandler]:
    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.connections += 1
            server.live.add(self.connection)

        def finish(self) -> None:
            server.live.discard(self.connection)
            super().finish()

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # the client has gone, or the server is stopping
                self.close_connection = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = server.api.answer(self.command, self.path, dict(self.headers.items()), body)
            if answer.delay:
                server.stopping.wait(answer.delay)
            if answer.later is not None:
                server.api.settle()
                answer = answer.later()
            if answer.drop:
                self.close_connection = True
                return
            self._write(answer)
            if server.auto_deliver:
                server.deliver()

        def _write(self, answer: Answer) -> None:
            self.send_response(answer.status)
            kind = {"Content-Type": server.media_type} if server.media_type else {}
            for key, value in {**kind, "Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(key, value)
            if not answer.drip:
                self._headers_buffer: list[bytes]
                self._headers_buffer.append(b"\r\n" + answer.body)
                self.flush_headers()
                return
            self.end_headers()
            for byte in answer.body:
                if server.stopping.wait(answer.drip):
                    return
                self.wfile.write(bytes((byte,)))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve
        do_PROPFIND = do_REPORT = do_MKCALENDAR = _serve  # of WebDAV and CalDAV

    return Handler
