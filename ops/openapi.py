"""The published contract, from the schemas the functions themselves use: `python -m ops.openapi` writes it anew."""

from __future__ import annotations

import json
import sys
from typing import Any

from functions.availability.schemas import CheckAvailability
from functions.booking import schemas as booking
from functions.sms_confirm.schemas import SendConfirmation
from ops.local.engine import ROOT
from slotline.domain.calls import Status, Tool
from slotline.runtime.tools import Arguments

PUBLISHED = ROOT / "functions" / "availability" / "openapi.json"

_SCHEMAS: dict[Tool, type[Arguments]] = {
    Tool.CHECK_AVAILABILITY: CheckAvailability,
    Tool.HOLD_SLOT: booking.HoldSlot,
    Tool.BOOK_APPOINTMENT: booking.BookAppointment,
    Tool.FIND_APPOINTMENTS: booking.FindAppointments,
    Tool.RESCHEDULE_APPOINTMENT: booking.RescheduleAppointment,
    Tool.CANCEL_APPOINTMENT: booking.CancelAppointment,
    Tool.SEND_CONFIRMATION: SendConfirmation,
}


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
        "paths": {f"/v1/{{business}}/{{agent}}/{tool.value}": {"post": _operation(tool)} for tool in Tool},
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


def _operation(tool: Tool) -> dict[str, Any]:
    schema = _SCHEMAS[tool]
    names = ("business", "agent", "Idempotency-Key", "X-Call-Id", "X-Caller-Number", "X-Called-Number")
    return {
        "operationId": tool.value,
        "summary": schema.__doc__,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "requestBody": {"content": {"application/json": {"schema": _arguments(schema)}}},
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


def _arguments(schema: type[Arguments]) -> dict[str, Any]:
    """One flat object of scalars, as every voice platform can take it."""
    properties = {}
    for name, field in schema.model_fields.items():
        kind = "boolean" if field.annotation == bool | None else "string"
        properties[name] = {"type": kind, "description": field.description}
    return {"type": "object", "properties": properties}


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
