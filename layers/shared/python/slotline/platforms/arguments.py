"""What the model filled in: the tool it named and the arguments it gave, made safe to work with."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from slotline.domain.calls import Tool
from slotline.domain.errors import AccessError
from slotline.platforms.context import absent
from slotline.platforms.wire import parsed

# Names that belong to the call, not to the model: inside arguments they are claims, and are dropped.
RESERVED = frozenset({
    "call_id", "conversation_id", "session_id", "caller_number", "called_number", "from_number", "to_number",
    "agent_id", "assistant_id", "tenant_id", "caller_time_zone", "tool_call_id",
})  # fmt: skip

_DEEPEST = 8  # tools take flat scalars; a little nesting is a model's mistake, much of it is an attack
_LARGEST = 10**18  # beyond this no number means anything here, and not every store can keep it
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")


def _folded(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).lower()


_TOOLS = {_folded(tool): tool for tool in Tool}


def tool_named(name: object) -> Tool | None:
    """Find the tool of that name, whatever its case, hyphens or underscores: BookAppointment is book_appointment."""
    return _TOOLS.get(_folded(name)) if isinstance(name, str) else None


def tool_at(path_tool: str) -> Tool:
    """Find the tool that the URL names; AccessError(404) when there is none of that name."""
    if tool := tool_named(path_tool):
        return tool
    raise AccessError(404, "unknown_tool", "there is no tool of that name")


def arguments(filled: object) -> dict[str, object]:
    """Read the model's arguments from an object, its JSON text, or nothing; AccessError(400, bad_arguments).

    Reserved names and values that mean "nothing" are left out.
    """
    if isinstance(filled, str):
        filled = _from_text(filled)
    if filled is None:
        return {}
    if not isinstance(filled, Mapping):
        raise _bad_arguments()
    cleaned = {_clean_text(key): _clean(value, _DEEPEST) for key, value in filled.items() if key not in RESERVED}
    return {key: value for key, value in cleaned.items() if not _is_nothing(value)}


def _from_text(text: str) -> object:
    if not text.strip():
        return None
    try:
        return parsed(text)
    except ValueError as exc:
        raise _bad_arguments() from exc


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and absent(value))


def _clean(value: object, depth: int) -> object:
    """Keep only what can be hashed, stored and written again: no NaN, no endless number, no half of a character."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if -_LARGEST < value < _LARGEST else str(value)
    if isinstance(value, list | dict) and not depth:
        raise _bad_arguments()
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_clean_text(key): _clean(item, depth - 1) for key, item in value.items()}
    return value


def _clean_text(text: str) -> str:
    return _HALF_PAIR.sub("\ufffd", text)


def _bad_arguments() -> AccessError:
    return AccessError(400, "bad_arguments", "The arguments did not arrive as a JSON object. Call the tool again.")
