"""One way to talk to a calendar provider over HTTP: every call ends by its deadline and raises only our own errors.

httpx is imported when the first request is made, never when this module is: an import costs more than a whole request.
"""

from __future__ import annotations

import json as json_text
from contextvars import ContextVar
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING

from slotline.domain.errors import CredentialError, InDoubtError, NotExecutedError, ProviderError, SetupError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    import httpx

    from slotline.ports import Clock

CONNECT_SECONDS = 1.0
BODY_LIMIT = 2 * 1024 * 1024
DEFAULT_RETRY_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 3600.0
FIRST_UNIX_TIME = 1e9  # a reset header above this is a moment, below it a number of seconds to wait

UNAUTHORIZED = 401
TOO_MANY_REQUESTS = 429
FIRST_SERVER_ERROR = 500

time_left: ContextVar[Callable[[], float] | None] = ContextVar("time_left", default=None)
"""Seconds that the request of this thread may still take; `open_client` obeys it at every read and write."""


def open_client(
    base_url: str,
    *,
    tls: ssl.SSLContext | None = None,
    allows: Callable[[str], bool] | None = None,
) -> httpx.Client:
    """A client to keep for the life of the process: idle connections stay open for 300 s.

    It follows no redirect and reads no proxy settings from the environment. `allows` is asked about every IP address
    before it is connected to, so that a name cannot be pointed at a forbidden network after its URL was checked.
    """
    from slotline.adapters.calendars import _connections

    return _connections.open_client(base_url, tls=tls, allows=allows)


def lost(name: str, what: str, *, writes: bool) -> ProviderError:
    """The error for an answer that never came or cannot be read: doubt after a write, nothing at all after a read."""
    return InDoubtError(f"{name}: {what}") if writes else NotExecutedError(f"{name}: {what}")


def decoded(response: httpx.Response, *, name: str, writes: bool) -> object:
    """The JSON of an answer; one that is not JSON counts as lost."""
    try:
        answer: object = json_text.loads(response.content)
    except (ValueError, RecursionError) as exc:
        raise lost(name, f"HTTP {response.status_code} with an unreadable body", writes=writes) from exc
    return answer


class ProviderHttp:
    """Requests to one provider account.

    `client` is a ready client or a factory that is called on the first request. `timeout` is the longest silence, in
    seconds, that is borne while reading.
    """

    def __init__(
        self, client: httpx.Client | Callable[[], httpx.Client], *, name: str, clock: Clock, timeout: float = 5.0
    ) -> None:
        self.name = name
        self._clock = clock
        self._timeout = timeout
        self._factory = client if callable(client) else None
        self._ready = None if callable(client) else client
        self._lock = Lock()

    def request(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        writes: bool,
        json: object = None,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send once and read the whole answer before `deadline` (epoch seconds); `writes` says it can have an effect.

        Returns 2xx, 3xx and the 4xx that only the provider's own adapter can read. 429 and everything that fails before
        the request was sent is NotExecutedError, 401 CredentialError; a lost answer and 5xx are `lost`. A write is
        never repeated; a read is, once, when its connection was dropped before an answer.
        """
        import httpx

        client = self._client()
        for is_last in (True,) if writes else (False, True):
            request = client.build_request(
                method,
                path,
                json=json,
                content=content,
                params=params,
                headers=headers,
                timeout=self._patience(deadline),
            )
            token = time_left.set(lambda: deadline - self._clock.now())
            try:
                return self._exchange(client, request, deadline=deadline, writes=writes)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
                raise NotExecutedError(f"{self.name}: no connection ({type(exc).__name__})") from exc
            except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.ProxyError) as exc:
                raise SetupError(f"{self.name}: the request cannot be sent ({type(exc).__name__})") from exc
            except (httpx.RemoteProtocolError, httpx.ReadError) as exc:
                if is_last:
                    raise lost(self.name, f"connection dropped ({type(exc).__name__})", writes=writes) from exc
            except httpx.InvalidURL as exc:  # httpx reads where a redirect leads, even one that it does not follow
                if writes:
                    raise lost(self.name, "a redirect to no address", writes=True) from exc
                raise SetupError(f"calendars.{self.name}.base_url: the server redirects to no address") from exc
            except (httpx.TransportError, httpx.DecodingError) as exc:
                raise lost(self.name, f"no answer ({type(exc).__name__})", writes=writes) from exc
            finally:
                time_left.reset(token)
        raise lost(self.name, "connection dropped", writes=writes)

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._ready is None and self._factory is not None:
                self._ready = self._factory()
            if self._ready is None:
                raise SetupError(f"{self.name}: no HTTP client")
            return self._ready

    def _patience(self, deadline: float) -> httpx.Timeout:
        import httpx

        left = deadline - self._clock.now()
        if left <= 0:
            raise NotExecutedError(f"{self.name}: no time left to ask", retry_after=1.0)
        silence = min(self._timeout, left)
        connect = min(CONNECT_SECONDS, left)
        return httpx.Timeout(connect=connect, read=silence, write=silence, pool=connect)

    def _exchange(
        self, client: httpx.Client, request: httpx.Request, *, deadline: float, writes: bool
    ) -> httpx.Response:
        import httpx

        response = client.send(request, stream=True)
        try:
            self._judge(response, writes=writes)
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise lost(self.name, f"HTTP {response.status_code} with an endless body", writes=writes)
                if self._clock.now() >= deadline:
                    raise lost(self.name, f"HTTP {response.status_code} too slow", writes=writes)
        finally:
            response.close()
        # The body is decoded already: what described its form on the wire no longer holds.
        shown = [(k, v) for k, v in response.headers.multi_items() if k not in _WIRE_HEADERS]
        return httpx.Response(response.status_code, headers=shown, content=bytes(body), request=request)

    def _judge(self, response: httpx.Response, *, writes: bool) -> None:
        """Raise for the statuses that mean the same at every provider."""
        status = response.status_code
        if status == TOO_MANY_REQUESTS:
            raise NotExecutedError(
                f"{self.name}: HTTP 429", retry_after=retry_after(response.headers, now=self._clock.now())
            )
        if status == UNAUTHORIZED:
            raise CredentialError(f"{self.name}: HTTP 401, the credential was not accepted")
        if status >= FIRST_SERVER_ERROR:
            raise lost(self.name, f"HTTP {status}", writes=writes)


_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def retry_after(headers: Mapping[str, str], *, now: float) -> float:
    """Seconds to wait after a 429, from 1 to 3600: by Retry-After, else by the exhausted X-RateLimit-Reset-*."""
    given = headers.get("retry-after")
    wait = _wait_of(given, now=now) if given is not None else None
    if wait is None:
        waits = [_wait_of(value, now=now) for value in _exhausted_resets(headers)]
        wait = max((w for w in waits if w is not None), default=DEFAULT_RETRY_SECONDS)
    return min(max(wait, 1.0), LONGEST_RETRY_SECONDS)


def _exhausted_resets(headers: Mapping[str, str]) -> list[str]:
    """The reset headers of those limits that are not known to have requests left."""
    prefix = "x-ratelimit-reset"
    return [
        value
        for key, value in headers.items()
        if key.lower().startswith(prefix)
        and headers.get("x-ratelimit-remaining" + key.lower().removeprefix(prefix), "0") == "0"
    ]


def _wait_of(value: str, *, now: float) -> float | None:
    """Seconds from a number of seconds, a Unix time or an HTTP date; None when it is none of them."""
    try:
        number = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    return number - now if number > FIRST_UNIX_TIME else number
