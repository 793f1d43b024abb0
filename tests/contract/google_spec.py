"""Google's discovery document as a judge of what our client sends and what the fake server answers."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract.schema_check import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.faulty import Answer, Request
    from tests.servers.google_api import GoogleApi

SPEC = Path(__file__).parent / "specs" / "google.json"
METHODS = {
    "create": "events.insert",
    "read": "events.get",
    "list": "events.list",
    "move": "events.patch",
    "cancel": "events.delete",
    "watch": "events.watch",
    "busy": "freebusy.query",
    "calendars": "calendarList.list",
    "stop": "channels.stop",
}


@cache
def spec() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SPEC.read_text())
    return found


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = spec()["schemas"][name]
    return found


def wrong(api: GoogleApi) -> list[str]:
    """What is wrong with the requests that were executed and with their answers."""
    return [
        f"{operation}: {problem}"
        for operation, request, answer in api.exchanges
        if operation in METHODS
        for problem in _wrong(METHODS[operation], request, answer)
    ]


def _wrong(name: str, request: Request, answer: Answer) -> Iterator[str]:
    method = spec()["methods"][name]
    path = "/" + spec()["servicePath"] + re.sub(r"\{\w+\}", "[^/]+", method["path"])
    if request.method != method["httpMethod"] or not re.fullmatch(path, request.path):
        yield f"{request.method} {request.path} is not {name}"
    known = {**spec()["parameters"], **method.get("parameters", {})}
    for key, value in request.query.items():
        if key not in known or known[key].get("location") != "query":
            yield f"the parameter {key} is unknown"
            continue
        parsed: object = value
        if known[key]["type"] == "integer":
            parsed = int(value)
        elif known[key]["type"] == "boolean":
            parsed = {"true": True, "false": False}.get(value, value)
        yield from problems(parsed, known[key], resolve=schema, at=f"?{key}")
    if "request" in method:
        sent = {key: _without_null(value) for key, value in request.body.items()}
        yield from problems(sent, method["request"], resolve=schema, at="request")
    if "response" in method:
        yield from problems(json.loads(answer.body), method["response"], resolve=schema, at="answer")
    if "fields" in request.query:
        yield from _unknown_fields(request.query["fields"], method["response"])


def _without_null(value: object) -> object:
    """In a patch, null takes a field away, whatever its type."""
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def _unknown_fields(mask: str, of: dict[str, Any]) -> Iterator[str]:
    """The names in a field mask that the answer cannot have, as in `items(id,start/date)`."""
    for name, deeper in _mask_parts(mask):
        found = of
        for step in name.split("/"):
            found = _resolved(found)
            found = _resolved(found.get("items", found)).get("properties", {}).get(step)
            if found is None:
                yield f"fields: {name} is unknown"
                break
        else:
            yield from _unknown_fields(deeper, found) if deeper else ()


def _resolved(found: dict[str, Any]) -> dict[str, Any]:
    return schema(found["$ref"]) if "$ref" in found else found


def _mask_parts(mask: str) -> Iterator[tuple[str, str]]:
    """Name and inner mask of every part of a field mask."""
    depth, begun = 0, 0
    for at, letter in enumerate(mask + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            name, _, inner = mask[begun:at].partition("(")
            yield name, inner.removesuffix(")")
            begun = at + 1
