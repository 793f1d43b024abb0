"""What a voice platform's request is, once its dialect is taken off, and what we answer."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Tool(StrEnum):
    """The seven tools; the values are their names on the wire and in the URL."""

    CHECK_AVAILABILITY = "check_availability"
    HOLD_SLOT = "hold_slot"
    BOOK_APPOINTMENT = "book_appointment"
    FIND_APPOINTMENTS = "find_appointments"
    RESCHEDULE_APPOINTMENT = "reschedule_appointment"
    CANCEL_APPOINTMENT = "cancel_appointment"
    SEND_CONFIRMATION = "send_confirmation"


READS = frozenset({Tool.CHECK_AVAILABILITY, Tool.FIND_APPOINTMENTS})
"""Tools after whose failure it is certain that nothing was done."""


@dataclass(frozen=True, slots=True)
class ToolContract:
    """A tool as a model is told of it."""

    tool: Tool
    description: str
    parameters: Mapping[str, object]  # a JSON Schema: one flat object of scalars, all optional


@dataclass(frozen=True, slots=True)
class CallContext:
    """Who is on the line, as far as the platform vouches for it. Nothing here comes from the model."""

    platform: str
    call_id: str | None = None
    caller: str | None = None  # E.164
    called: str | None = None  # E.164
    attested: bool = False  # the carrier vouches that the number may be shown by whoever calls (STIR/SHAKEN "A")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One wish of the model. `args` are the model's; reserved context keys are already lifted out of them."""

    tool: str
    args: Mapping[str, object]
    context: CallContext
    id: str | None = None  # the platform's id of this tool call: the transport key
    turn: str | None = None  # what the model said in one breath, where the platform tells: nobody spoke in between

    def fingerprint(self) -> str:
        """SHA-256 over the tool and its canonical arguments (nulls dropped, NFC, trimmed, keys sorted)."""
        text = _CANONICAL.encode([self.tool, _canonical(self.args)])
        return hashlib.sha256(text.encode()).hexdigest()


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _canonical(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value


class Status(StrEnum):
    """Every machine word a reply can carry."""

    AVAILABLE = "available"
    NONE_AVAILABLE = "none_available"
    CLARIFY = "clarify"
    HELD = "held"
    UNAVAILABLE = "unavailable"
    CONFIRMED = "confirmed"
    REQUESTED = "requested"
    PENDING = "pending"
    NEEDS = "needs"
    NOT_DONE = "not_done"
    FOUND = "found"
    NONE_FOUND = "none_found"
    NEEDS_VERIFICATION = "needs_verification"
    NEEDS_CONFIRMATION = "needs_confirmation"
    CANCELLED = "cancelled"
    CANCEL_PENDING = "cancel_pending"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ToolReply:
    """One flat answer: a machine word, one or two sentences to speak, and a few fields."""

    status: Status
    message: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def as_object(self) -> dict[str, object]:
        return {"status": self.status.value, "message": self.message, **self.fields}


@dataclass(frozen=True, slots=True)
class BadCall:
    """A call that could be read but not run; it gets an error entry of its own and spoils no other call.

    `code` is unknown_tool, bad_arguments, bad_id, wrong_url or test_request; `message` tells the model what to do, in
    one line.
    """

    id: str | None
    name: str
    code: str
    message: str

    def reply(self) -> ToolReply:
        """Say so to the model; bad calls travel through `Dialect.write` beside good ones."""
        return ToolReply(Status.NOT_DONE, self.message)


Answer = tuple[ToolCall | BadCall, ToolReply]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request as API Gateway delivered it: raw bytes, header names in lower case, path parameters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    raw_query: str = ""  # the query as it stood in the URL, without its question mark
    public_url: str | None = None  # scheme and host under which others know us, where the owner has named them


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes back over the wire."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
