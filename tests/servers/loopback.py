"""A `FaultyApi` on a free loopback port, with everything that only a real socket can do badly."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.error
import urllib.request
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from tests.servers.faulty import Answer, Answering

MOST_TRIES = 7


class LoopbackServer[Api: Answering]:
    """The API on a socket, as a context manager. With `auto_deliver`, webhooks go out after every answer."""

    def __init__(
        self, api: Api, *, port: int = 0, retried: frozenset[int] = frozenset(), auto_deliver: bool = False
    ) -> None:
        self.api = api
        self.retried = retried  # statuses of a receiver after which a webhook is sent again
        self.auto_deliver = auto_deliver
        self.stopping = threading.Event()
        self.connections = 0
        self.live: set[socket.socket] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.live):
            with contextlib.suppress(OSError):  # it may have ended by itself
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

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
            call = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310  (loopback URLs given by the test itself)
            try:
                with urllib.request.urlopen(call, timeout=5) as answer:  # noqa: S310  (as above)
                    taken += answer.status < 300
            except urllib.error.HTTPError as refused:
                if refused.code in self.retried and tries < MOST_TRIES:
                    due.append((tries + 1, url, headers, body))
            except OSError:
                continue
        return taken


def _handler[Api: Answering](server: LoopbackServer[Api]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
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

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is http.server's)
            pass

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
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.body)))
            for key, value in answer.headers.items():
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

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  (the names are http.server's)

    return Handler
