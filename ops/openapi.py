"""The published contract, from the schemas the functions themselves use: `python -m ops.openapi` writes it anew."""

from __future__ import annotations

import json
import sys
from typing import Any

from ops.local.engine import ROOT
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.calls import Status, ToolContract

PUBLISHED = ROOT / "functions" / "availability" / "openapi.json"


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of the tools as a `generic` agent calls them."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Slotline",
            "version": "1",
            "description": "Booking tools for AI voice agents. Every business outcome answers 200.",
        },
        "security": [{"agent": []}],
        "paths": {
            f"/v1/{{business}}/{{agent}}/{room.tool.value}": {"post": _operation(room.contract)} for room in ROOMS
        },
        "components": {
            "securitySchemes": {"agent": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Reply": _reply()},
            "parameters": {
                "business": _parameter("business", "path"),
                "agent": _parameter("agent", "path"),
                "Idempotency-Key": _parameter("Idempotency-Key", "header", "Id of this tool call: a repeat is safe"),
                "X-Call-Id": _parameter("X-Call-Id", "header", "The phone call this belongs to"),
                "X-Caller-Number": _parameter("X-Caller-Number", "header", "Who is calling, in E.164"),
                "X-Called-Number": _parameter("X-Called-Number", "header", "The number they called, in E.164"),
            },
        },
    }


def published() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(contract: ToolContract) -> dict[str, Any]:
    names = ("business", "agent", "Idempotency-Key", "X-Call-Id", "X-Caller-Number", "X-Called-Number")
    return {
        "operationId": contract.tool.value,
        "summary": contract.description,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "requestBody": {"content": {"application/json": {"schema": contract.parameters}}},
        "responses": {
            "200": {
                "description": "What to say, and the truth behind it",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reply"}}},
            },
            "400": {"description": "The body is not one JSON object"},
            "401": {"description": "The agent's credential is missing or wrong"},
            "404": {"description": "No such business, agent or tool"},
            "413": {"description": "The body is larger than 1 MB"},
        },
    }


def _reply() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["status", "message"],
        "properties": {
            "status": {"type": "string", "enum": [status.value for status in Status]},
            "message": {"type": "string", "description": "One or two sentences to speak", "maxLength": 299},
        },
        "additionalProperties": True,
    }


def _parameter(name: str, where: str, description: str | None = None) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": where, "required": where == "path", "schema": {"type": "string"}}
    return parameter | ({"description": description} if description else {})


if __name__ == "__main__":
    sys.exit(0 if PUBLISHED.write_text(published(), encoding="utf-8") else 1)
