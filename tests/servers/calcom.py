"""A stand-in for Cal.com's API v2, good enough to hurt: `python -m tests.servers.calcom --port 8900`.

`CalcomApi` answers requests without any network, `CalcomServer` puts it on a loopback port. Tests switch faults on with
`api.fault(...)` or `POST /_faults {"kind", "on", "seconds", "times"}` (`DELETE /_faults` ends them), look behind the
curtain with `GET /_bookings`, and act as the host through `api.desk` or `POST /_host {"action", "uid", ...}`.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import threading
import urllib.request
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from tests.servers.calcom_api import API_KEY, FAULTS, Answer, CalcomApi
from tests.servers.calcom_desk import EventType, Host

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

__all__ = ["API_KEY", "FAULTS", "CalcomApi", "CalcomServer"]


class CalcomServer:
    """The API on a free loopback port, as a context manager; `base_url` ends in /v2."""

    def __init__(self, api: CalcomApi | None = None, *, port: int = 0, auto_deliver: bool = False) -> None:
        self.api = api or CalcomApi()
        self.stopping = threading.Event()
        self.connections = 0
        self.live: set[socket.socket] = set()
        self.auto_deliver = auto_deliver
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v2"

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
        """Send the webhooks that are due, once each and without a retry; gives how many got an answer of 2xx.

        `losing` are the places, from 0, of those that nobody ever hears of.
        """
        due = deque(each for place, each in enumerate(self.api.deliveries()) if place not in losing)
        if duplicates:
            due.extend(list(due))
        if reverse:
            due.reverse()
        taken = 0
        for url, headers, body in due:
            call = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310  (loopback URLs given by the test itself)
            try:
                with urllib.request.urlopen(call, timeout=5) as answer:  # noqa: S310  (as above)
                    taken += answer.status < 300
            except OSError:
                continue
        return taken


def _handler(server: CalcomServer) -> type[BaseHTTPRequestHandler]:
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

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815  (the names are http.server's)

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8900)
    arguments = parser.parse_args()
    everyday = EventType(1, hosts=(Host(1, "Ada Host"),))
    approval = EventType(2, "Approval", "approval", requires_confirmation=True)
    pooled = EventType(
        3, "Pooled", "pooled", hosts=(Host(1, "Ada Host"), Host(2, "Ben Host")), scheduling="roundRobin", team=1
    )
    phone = EventType(4, "By phone", "by-phone", email_required=False, phone_required=True)
    api = CalcomApi(event_types=(everyday, approval, pooled, phone))
    server = CalcomServer(api, port=arguments.port, auto_deliver=True).start()
    print(f"ready {server.base_url} (key {API_KEY})", flush=True)  # noqa: T201  (a program of its own)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
