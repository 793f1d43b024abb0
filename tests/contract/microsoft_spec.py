"""The metadata of Microsoft Graph as a judge of what our client sends and what the fake server answers."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.contract.schema_check import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.faulty import Answer
    from tests.servers.microsoft import MicrosoftApi

SPEC = Path(__file__).parent / "specs" / "microsoft.json"


@cache
def spec() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPEC.read_text())
    return found


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = spec()["schemas"][name]
    return found


def wrong(api: MicrosoftApi) -> list[str]:
    """What is wrong with the requests that came and with their answers, tokens and faults of the wire left out."""
    return [
        f"{method} {urlsplit(target).path}: {problem}"
        for method, target, body, answer in api.exchanges
        if not answer.drop and answer.later is None and "/oauth2/" not in target
        for problem in _wrong(method, target, body, answer)
    ]


def judged(value: object, name: str) -> list[str]:
    return list(problems(_plain(value), {"$ref": name}, resolve=schema))


def _wrong(method: str, target: str, body: bytes, answer: Answer) -> Iterator[str]:
    url = urlsplit(target)
    operation = _operation(method, url.path.removeprefix("/v1.0"))
    if operation is None:
        yield "no such operation"
        return
    yield from (
        f"{key} is no parameter" for key, _ in parse_qsl(url.query) if key not in operation["query"] + ["$skip"]
    )
    if body or "request" in operation:
        sent = _plain(json.loads(body)) if body else None
        yield from problems(sent, operation.get("request", {"type": "null"}), resolve=schema, at="request")
    if answer.status >= 400:
        yield from problems(_plain(json.loads(answer.body)), spec()["error"], resolve=schema, at="error")
    elif answer.status != operation["status"]:
        yield f"status {answer.status}"
    elif "response" in operation:
        yield from problems(_plain(json.loads(answer.body)), operation["response"], resolve=schema, at="answer")
    elif answer.body:
        yield "an answer that should have no body"


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation of a path; /users/{id} stands for /me, and one calendar of several for the default one."""
    own = re.sub(r"^/users/[^/]+/", "/me/", path)
    own = re.sub(r"^/me/calendars/[^/]+/", "/me/calendar/", own)
    for template, methods in spec()["paths"].items():
        if re.fullmatch(re.sub(r"\{[\w-]+\}", "[^/]+", template), unquote(own)):
            found: dict[str, Any] | None = methods.get(method.lower())
            return found
    return None


def _plain(value: object) -> object:
    """Without annotations, which every object may carry, and without null, which every property may be."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if not k.startswith("@") and v is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value
