"""An HTTP server on a free loopback port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self, override

from slotline.domain.calls import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that writes no log: the tests look at the server instead."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


class Listening:
    """The server, as a context manager; its handlers never hold up the end for longer than `stopping` tells them to."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], *, port: int = 0) -> None:
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._place: socket.socket | None = None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._place is not None:
            self._place.close()

    def vanish(self) -> None:
        """Stop and keep the port until `stop`: whoever connects is refused, and no stranger's server is found there."""
        port = self.port
        self.stop()
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that another one may come back to it
        self._place.bind(("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stay(self, *said: str) -> None:
        """Serve as a program of its own does: say what whoever calls has to know, and end with the keyboard."""
        for line in said:
            print(line, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.stop()


@contextmanager
def receiving(take: Callable[[HttpRequest], int]) -> Iterator[str]:
    """A receiver of webhooks that answers each with the status `take` gives; gives its address."""

    class Receiver(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            self.send_response(take(HttpRequest("POST", self.path, headers, body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

    with Listening(Receiver) as receiver:
        yield f"{receiver.url}/hook"
