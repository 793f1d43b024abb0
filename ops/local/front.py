"""A small HTTP server in front of the gateway: loopback only, no TLS, standard library."""

from __future__ import annotations

import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, override

from ops.local.payload import HttpRequest, HttpResponse, message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket
    from types import TracebackType

    from ops.local.gateway import Gateway

HOST = "127.0.0.1"
MOST_BODY_BYTES = 10_000_000  # API Gateway's payload quota
IDLE_SECONDS = 75.0
_PIECE_BYTES = 65_536
_LINE_BYTES = 65_536
_OURS = frozenset({"connection", "content-length", "transfer-encoding"})  # framing is the server's business


class Front:
    """The listening server. Use it as a context manager; it answers from the moment it is entered."""

    def __init__(self, gateway: Gateway, *, port: int = 0) -> None:
        """Bind the port (0: any free one); OSError when somebody else has it."""
        self._server = _Server((HOST, port), gateway)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # the standard 5 turns callers away when fifty come at once
    daemon_threads = True
    block_on_close = False  # an idle kept-alive connection must not hold up the end

    def __init__(self, address: tuple[str, int], gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(address, _Handler)

    @override
    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """A caller who hangs up is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _RefusedError(Exception):
    """The request cannot be read; `response` says why."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write per answer: header and body apart would wait 40 ms for the peer's delayed ACK
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def _serve(self) -> None:
        try:
            response = self.server.gateway.answer(self._request())
        except _RefusedError as exc:
            self.close_connection = True  # the rest of the body is unread
            response = exc.response
        self.send_response_only(response.status)
        for name, value in response.headers:
            if name not in _OURS:
                self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def handle_expect_100(self) -> bool:
        """Send the interim answer at once: it would stay in the buffer, and the client waits for it."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: paths and queries may name people."""

    def _request(self) -> HttpRequest:
        return HttpRequest(
            method=self.command,
            target=self.path,
            headers=self.headers.items(),
            body=self._body(),
            protocol=self.request_version,
            source_ip=self.client_address[0],
        )

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal():
            raise _RefusedError(message(HTTPStatus.BAD_REQUEST, "Bad Request"))
        return self._read(int(declared), so_far=0)

    def _chunks(self) -> Sequence[bytes]:
        chunks: list[bytes] = []
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(_LINE_BYTES).partition(b";")[0], 16)
            except ValueError as exc:
                raise _RefusedError(message(HTTPStatus.BAD_REQUEST, "Bad Request")) from exc
            if size <= 0:
                break
            chunks.append(self._read(size, so_far=total))
            total += size
            self.rfile.readline(_LINE_BYTES)
        while self.rfile.readline(_LINE_BYTES).strip():  # trailers
            pass
        return chunks

    def _read(self, size: int, *, so_far: int) -> bytes:
        if so_far + size > MOST_BODY_BYTES:
            self._drain(size)
            raise _RefusedError(message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large"))
        body = self.rfile.read(size)
        if len(body) < size:
            raise _RefusedError(message(HTTPStatus.BAD_REQUEST, "Bad Request"))
        return body

    def _drain(self, size: int) -> None:
        """Read what we refuse: closing over unread bytes would reset the connection before our answer is read."""
        while size > 0 and (piece := self.rfile.read(min(size, _PIECE_BYTES))):
            size -= len(piece)
