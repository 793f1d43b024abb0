"""Calendly's specification, for checking what we send and what the fake answers; see `specs/README.md`.

The document is of 2024. `SINCE` and `BOOKING` add what https://developer.calendly.com/api-docs and the release notes
have added.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract.schema_check import problems

if TYPE_CHECKING:
    import httpx

_DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "specs" / "calendly.json").read_text())
_ANYTHING: dict[str, Any] = {}
_TEXT = {"type": "string"}

SINCE: dict[str, tuple[str, ...]] = {
    "EventType": ("locations",),
    "Invitee": ("scheduling_method", "invitee_scheduled_by"),
    "Cancellation": ("created_at",),
    "User": ("resource_type", "locale"),
}
"""Fields of answers that came later, by schema."""

BOOKING: dict[str, Any] = {
    "type": "object",
    "required": ["event_type", "start_time", "invitee"],
    "properties": {
        "event_type": {"type": "string", "pattern": "^https://api.calendly.com/event_types/"},
        "start_time": {"type": "string", "format": "date-time", "pattern": "Z$"},
        "invitee": {
            "type": "object",
            "required": ["email", "timezone", "name"],
            "properties": {
                "name": _TEXT,
                "email": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"},
                "timezone": {"type": "string", "pattern": "^[A-Z][A-Za-z_]+(/|$)"},
                "text_reminder_number": {"type": "string", "pattern": r"^\+\d{6,15}$"},
            },
        },
        "location": {"type": "object", "required": ["kind"], "properties": {"kind": _TEXT, "location": _TEXT}},
        "questions_and_answers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["question", "answer", "position"],
                "properties": {"question": _TEXT, "answer": _TEXT, "position": {"type": "integer"}},
            },
        },
        "tracking": {"$ref": "#/components/schemas/InviteeTracking"},
        "event_guests": {"type": "array", "items": _TEXT},
    },
}
_BOOKED = {
    "type": "object",
    "required": ["resource"],
    "properties": {"resource": {"$ref": "#/components/schemas/Invitee"}},
}
_PATHS: dict[str, dict[str, Any]] = _DOCUMENT["paths"] | {
    "/invitees": {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": BOOKING}}},
            "responses": {"201": {"content": {"application/json": {"schema": _BOOKED}}}},
        }
    }
}


def wrong_in_request(request: httpx.Request) -> list[str]:
    """What the specification has against a request."""
    operation, path = _operation(request)
    query = dict(request.url.params)
    documented = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"}
    found = [f"query {key}: is not documented" for key in query if key not in documented]
    found += [f"query {key}: is missing" for key, p in documented.items() if p.get("required") and key not in query]
    for key, given in query.items():
        schema = documented.get(key, {"schema": _ANYTHING})["schema"]
        value: object = json.loads(given) if schema.get("type") in {"number", "boolean"} else given
        found += _wrong(value, schema, at=key)
    for name, value in path.items():
        found += [] if re.fullmatch(r"[\w-]+", value) else [f"path {name}: is no id"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return found + (["a body where none is documented"] if request.content else [])
    return found + _wrong(json.loads(request.content), content["schema"])


def wrong_in_answer(request: httpx.Request, status: int, body: bytes) -> list[str]:
    """What the specification has against a success."""
    operation, _ = _operation(request)
    if str(status) not in operation["responses"]:
        return [f"{request.method} {request.url.path}: status {status} is not documented"]
    content = operation["responses"][str(status)].get("content", {}).get("application/json")
    return _wrong(json.loads(body), content["schema"]) if content else []


def wrong_in_payload(payload: dict[str, Any]) -> list[str]:
    """What the specification has against the payload of a webhook: an invitee with its event."""
    invitee = {key: value for key, value in payload.items() if key != "scheduled_event"}
    return _wrong(invitee, _schema("Invitee")) + _wrong(payload["scheduled_event"], _schema("Event"))


def _operation(request: httpx.Request) -> tuple[dict[str, Any], dict[str, str]]:
    for template in sorted(_PATHS, key=lambda path: path.count("{")):
        found = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", template), request.url.path)
        operation = _PATHS[template].get(request.method.lower())
        if found and operation is not None:
            return operation, dict(zip(re.findall(r"{(\w+)}", template), found.groups(), strict=True))
    raise AssertionError(f"{request.method} {request.url.path} is not documented")


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = _DOCUMENT["components"]["schemas"][name]
    later = dict.fromkeys(SINCE.get(name, ()), _ANYTHING)
    if name == "Event":
        members = schema["properties"]["event_memberships"]
        member = members["items"] | {"properties": {"user": _TEXT, "user_email": _TEXT, "user_name": _TEXT}}
        later = {"event_memberships": members | {"items": member}}
    return schema | {"properties": schema["properties"] | later} if later else schema


def _wrong(value: object, schema: dict[str, Any], *, at: str = "$") -> list[str]:
    return list(problems(value, schema, resolve=lambda reference: _schema(reference.rpartition("/")[2]), at=at))
