"""Connections that obey the deadline of the request they serve. Imports httpx: only `_http.open_client` imports this.

httpx bounds each wait, not their sum: a server that sends one byte now and then, or a name with several dead addresses,
could outlast any deadline. Here every connect, read and write may take no longer than the time the request has left.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from slotline.adapters.calendars._http import CONNECT_SECONDS, time_left

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

KEEPALIVE_SECONDS = 300  # tool calls of one phone call are 10 to 30 s apart, httpx's own 5 s would reconnect each time
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=20, keepalive_expiry=KEEPALIVE_SECONDS)


def open_client(base_url: str, *, tls: ssl.SSLContext | None, allows: Callable[[str], bool] | None) -> httpx.Client:
    """See `_http.open_client`."""
    for chatty in ("httpx", "httpcore"):  # their INFO lines hold whole URLs, and queries hold e-mail addresses
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return httpx.Client(
        base_url=base_url,
        transport=_Transport(tls=tls, allows=allows),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "slotline", "Accept": "application/json"},
    )


class _Transport(httpx.HTTPTransport):
    def __init__(self, *, tls: ssl.SSLContext | None, allows: Callable[[str], bool] | None) -> None:
        context = tls or httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, limits=LIMITS, retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=LIMITS.max_connections,
            max_keepalive_connections=LIMITS.max_keepalive_connections,
            keepalive_expiry=LIMITS.keepalive_expiry,
            retries=0,
            network_backend=_Backend(allows),
        )


class _Backend(httpcore.SyncBackend):
    def __init__(self, allows: Callable[[str], bool] | None) -> None:
        self._allows = allows

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the name's addresses in turn, all of them together within the time-out."""
        end = time.monotonic() + _bounded(CONNECT_SECONDS if timeout is None else timeout, httpcore.ConnectTimeout)
        failure: Exception = httpcore.ConnectError("no address may be connected to")
        for address in _addresses(host, port):
            if self._allows is not None and not self._allows(address):
                continue
            left = end - time.monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout("the time-out passed before the last address was tried")
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
            else:
                return _Stream(stream)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _bounded(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _bounded(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of a name. The resolver's own time-outs are not ours to bound."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise httpcore.ConnectError("the host name has no address") from exc
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


def _bounded(timeout: float | None, error: type[Exception]) -> float:
    """The time-out, cut to what the request has left; a socket takes 0 for "do not wait", so that is an error."""
    measure = time_left.get()
    waits = [w for w in (timeout, measure() if measure else None) if w is not None]
    bound = min(waits, default=CONNECT_SECONDS)
    if bound <= 0:
        raise error("no time left")
    return bound
