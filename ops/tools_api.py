"""A voice platform's own API, as far as tools need it: patient with 429, plain about refusals, silent about secrets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from slotline.domain.errors import SlotlineError

_TRIES = 5
_LONGEST_PAUSE_SECONDS = 30.0
_PATIENCE = httpx.Timeout(20.0, connect=5.0)
_SHOWN_CHARACTERS = 300
_HIDDEN = "••••"


class PlatformError(SlotlineError):
    """The platform did not do it; the message says why, and holds no secret."""


class PlatformApi:
    """One account's API. `secrets` never appear in what is raised."""

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        headers: Mapping[str, str],
        key_name: str,
        secrets: Sequence[str] = (),
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name = name
        self._key_name = key_name
        self._secrets = [secret for secret in (*secrets, *headers.values()) if secret]
        self._sleep = sleep
        self._client = httpx.Client(base_url=base_url, headers=dict(headers), timeout=_PATIENCE, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PUT", path, body=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PATCH", path, body=body)

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def _call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        answer = self._sent(method, path, body, query or {})
        if answer.is_success:
            return self._read(answer, method, path)
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise PlatformError(f"{self.name} did not accept {self._key_name}: {self._told(answer)}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PlatformError(f"{self.name} knows no {path}: {self._told(answer)}")
        raise PlatformError(f"{self.name} answered {answer.status_code} to {method} {path}: {self._told(answer)}")

    def _sent(self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, Any]) -> httpx.Response:
        """Send once, and again only after 429, which says that nothing was done."""
        for attempt in range(_TRIES):
            try:
                answer = self._client.request(method, path, json=body, params=query)
            except httpx.HTTPError as exc:
                raise PlatformError(
                    f"{self.name} cannot be reached ({type(exc).__name__}). Run it again: what was made is found, "
                    "and not made twice"
                ) from exc
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or attempt == _TRIES - 1:
                return answer
            self._sleep(_pause(answer.headers.get("retry-after"), attempt))
        raise AssertionError("the last attempt returns")

    def _read(self, answer: httpx.Response, method: str, path: str) -> Any:
        if not answer.content:
            return {}
        try:
            return answer.json()
        except ValueError as exc:
            raise PlatformError(f"{self.name} answered {method} {path} with something else than JSON") from exc

    def _told(self, answer: httpx.Response) -> str:
        """What the platform says about it: without secrets, which a complaint about a field likes to repeat."""
        text = answer.text
        for secret in self._secrets:
            for form in (secret, json.dumps(secret)[1:-1], secret.removeprefix("Bearer ")):
                text = text.replace(form, _HIDDEN)
        return " ".join(text.split())[:_SHOWN_CHARACTERS] or "no reason given"


def _pause(asked: str | None, attempt: int) -> float:
    try:
        seconds = float(asked or "")
    except ValueError:
        seconds = 2.0**attempt
    return min(max(seconds, 0.0), _LONGEST_PAUSE_SECONDS)
