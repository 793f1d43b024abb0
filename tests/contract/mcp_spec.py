"""The schemas of the Model Context Protocol, for checking what we answer; see `specs/README.md`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.contract.schema_check import problems

_VERSIONS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "specs" / "mcp.json").read_text())

VERSIONS = tuple(_VERSIONS)
STATELESS = VERSIONS[-1]

SINCE = {"2025-03-26": {"CallToolResult": ("structuredContent",)}}
"""Fields that came later and are sent all the same: clients of that version ignore them."""


def wrong(version: str, kind: str, value: dict[str, Any]) -> list[str]:
    """What the schema of this kind of message has against the value."""
    kept = {name: item for name, item in value.items() if name not in SINCE.get(version, {}).get(kind, ())}
    defined = _VERSIONS[version]
    return list(problems(kept, defined[kind], resolve=lambda path: defined[path.rsplit("/", 1)[1]]))


def wrong_in_answer(version: str, kind: str, answer: dict[str, Any]) -> list[str]:
    """What the schemas have against a whole answer whose result is of this kind."""
    envelope = "JSONRPCResultResponse" if version >= "2025-11-25" else "JSONRPCResponse"
    return wrong(version, envelope, answer) + wrong(version, kind, answer["result"])


def wrong_in_error(version: str, answer: dict[str, Any], kind: str | None = None) -> list[str]:
    """What the schema has against an error whose request had an id."""
    envelope = "JSONRPCErrorResponse" if version >= "2025-11-25" else "JSONRPCError"
    return wrong(version, envelope, answer) + (wrong(version, kind, answer) if kind else [])
