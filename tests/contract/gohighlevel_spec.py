"""HighLevel's own specification, for checking what we send and what the fake answers; see `specs/README.md`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.contract.schema_check import problems

if TYPE_CHECKING:
    import httpx

_DOCUMENTS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "specs" / "gohighlevel.json").read_text())

SEEN_BESIDE = frozenset({"traceId", "error"})
"""Fields of answers that are reported, but not documented."""


def wrong_in_request(request: httpx.Request) -> list[str]:
    """What the specification has against a request."""
    document, operation, path = _operation(request)
    named = {"header": dict(request.headers), "query": dict(request.url.params), "path": path}
    found = [f"query {key}: is not documented" for key in named["query"] if key not in _names(operation, "query")]
    for parameter in operation.get("parameters", ()):
        given = named[parameter["in"]]
        key = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
        if key not in given:
            found += [f"{parameter['in']} {key}: is missing"] if parameter.get("required") else []
            continue
        value: object = given[key]
        if parameter["schema"]["type"] == "number":
            value = float(given[key]) if str(given[key]).isdigit() else given[key]
        found += _wrong(value, parameter["schema"], document, at=key)
    contents = operation.get("requestBody", {}).get("content", {})
    for kind, content in contents.items():
        is_form = kind == "application/x-www-form-urlencoded"
        body = dict(parse_qsl(request.content.decode())) if is_form else json.loads(request.content)
        if not request.headers.get("content-type", "").startswith(kind):
            found.append(f"the body is no {kind}")
        found += _wrong(body, content["schema"], document)
    return found + (["a body where none is documented"] if request.content and not contents else [])


def wrong_in_answer(request: httpx.Request, status: int, body: bytes) -> list[str]:
    """What the specification has against a success; documented errors have no wording."""
    document, operation, _ = _operation(request)
    if str(status) not in operation["responses"]:
        return [f"{request.method} {request.url.path}: status {status} is not documented"]
    content = operation["responses"][str(status)].get("content", {}).get("application/json")
    shown = {key: value for key, value in json.loads(body).items() if key not in SEEN_BESIDE}
    return _wrong(shown, content["schema"], document) if content else []


def _operation(request: httpx.Request) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    for document in _DOCUMENTS.values():
        for template in sorted(document["paths"], key=lambda path: path.count("{")):
            names = re.findall(r"{(\w+)}", template)
            found = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", template), request.url.path)
            operation = document["paths"][template].get(request.method.lower())
            if found and operation is not None:
                return document, operation, dict(zip(names, found.groups(), strict=True))
    raise AssertionError(f"{request.method} {request.url.path} is not documented")


def _names(operation: dict[str, Any], where: str) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == where}


def _wrong(value: object, schema: dict[str, Any], document: dict[str, Any], *, at: str = "$") -> list[str]:
    def resolve(reference: str) -> dict[str, Any]:
        found: dict[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
        return found

    return list(problems(value, schema, resolve=resolve, at=at))
