"""One HTTP request to a server on this machine, as a program that is not ours would send it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def call(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, timeout: float = 5
) -> Reply:
    """Whatever the status, and without following anything; raises OSError when nobody answers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=timeout)
    try:
        target = parts._replace(scheme="", netloc="", fragment="").geturl()
        connection.request(method, target or "/", body, {"Connection": "close", **(headers or {})})
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def ask(server: str, method: str, path: str, body: object = None, *, token: str = "") -> object:
    """JSON there and back. `path` counts from the server's root, whatever else its address holds."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    reply = call(method, urljoin(server, path), data, headers)
    if reply.status >= 300:
        raise AssertionError(f"{method} {path}: HTTP {reply.status}")
    found: object = json.loads(reply.body)
    return found
