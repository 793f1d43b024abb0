"""MCP's messages: JSON-RPC 2.0, the versions of the protocol, and every answer that needs no tool.

The schemas: https://github.com/modelcontextprotocol/modelcontextprotocol, folder `schema`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from slotline.domain.calls import HttpRequest, Tool, ToolContract
from slotline.platforms import wire

BATCHING = "2025-03-26"
_WITH_HANDSHAKE = (BATCHING, "2025-06-18", "2025-11-25")
_STATELESS = ("2026-07-28",)
VERSIONS = tuple(reversed((*_WITH_HANDSHAKE, *_STATELESS)))

OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND = 200, 400, 401, 404
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
_HEADER_MISMATCH, _UNSUPPORTED_VERSION = -32020, -32022

_SERVER = {"name": "slotline", "version": "1"}
_INSTRUCTIONS = (
    "Books appointments. Offer only times that check_availability returned, and say each answer's message as it is."
    " Say that something is booked only when the status is confirmed. Never read out a slot_id. Pass the caller's own"
    " words for a day. To cancel, call cancel_appointment, ask, and after a yes call it again with confirm set to true."
)
_CAPABILITIES = {"tools": {"listChanged": False}}
_PREFIX = "io.modelcontextprotocol/"
_VERSION, _CLIENT, _SERVER_INFO = _PREFIX + "protocolVersion", _PREFIX + "clientCapabilities", _PREFIX + "serverInfo"
_FRESH = {"ttlMs": 300_000, "cacheScope": "private"}  # how long a client may keep the list of tools, and for whom

_HINTS: Mapping[Tool, tuple[bool, bool, bool]] = {  # read only, destructive, idempotent
    Tool.CHECK_AVAILABILITY: (True, False, True),
    Tool.HOLD_SLOT: (False, False, True),
    Tool.BOOK_APPOINTMENT: (False, False, True),
    Tool.FIND_APPOINTMENTS: (True, False, True),
    Tool.RESCHEDULE_APPOINTMENT: (False, False, True),
    Tool.CANCEL_APPOINTMENT: (False, True, True),
    Tool.SEND_CONFIRMATION: (False, False, False),
}


@dataclass(frozen=True, slots=True)
class RpcError:
    """A JSON-RPC error."""

    code: int
    message: str
    data: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that wants an answer. `id` is None where the message had none that could be repeated."""

    id: str | int | None
    method: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    stateless: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A request whose answer needs no tool."""

    asked: Asked
    result: Mapping[str, object] | RpcError


def version_named(request: HttpRequest) -> str | None:
    """Look up the protocol version that the request's header names."""
    return wire.header(request, "mcp-protocol-version")


def asked(request: HttpRequest, message: object, *, in_batch: bool) -> Asked | Answered | None:
    """Read one message: a request, one that is refused as it stands, or None for what wants no answer."""
    body = wire.as_object(message)
    key = _id(body.get("id"))
    method = body.get("method")
    if body.get("jsonrpc") != "2.0" or not (isinstance(method, str) or body.keys() & {"result", "error"}):
        return Answered(Asked(key), RpcError(INVALID_REQUEST, "Not a JSON-RPC 2.0 message"))
    if not isinstance(method, str) or "id" not in body:
        return None
    if key is None:
        return Answered(Asked(key), RpcError(INVALID_REQUEST, "id must be a string or an integer"))
    found = Asked(key, method, wire.as_object(body.get("params")), _is_stateless(request, body))
    if not isinstance(body.get("params", {}), dict):
        return Answered(found, RpcError(INVALID_PARAMS, "params must be an object"))
    wrong = (_wrong_without_handshake if found.stateless else _wrong_with_handshake)(request, found, in_batch=in_batch)
    return Answered(found, wrong) if wrong else found


def answer(asked: Asked, contracts: Iterable[ToolContract]) -> Mapping[str, object] | RpcError:
    """Answer everything but the call of a tool."""
    match asked.method, asked.stateless:
        case "tools/list", stateless:
            tools = {"tools": [_listed(contract) for contract in contracts]}
            return {**tools, **_FRESH} if stateless else tools
        case "server/discover", True:
            about = {"supportedVersions": list(VERSIONS), "capabilities": _CAPABILITIES, "instructions": _INSTRUCTIONS}
            return {**about, **_FRESH}
        case "initialize", False:
            wanted = asked.params.get("protocolVersion")
            version = wanted if wanted in _WITH_HANDSHAKE else _WITH_HANDSHAKE[-1]
            about = {"protocolVersion": version, "capabilities": _CAPABILITIES, "serverInfo": _SERVER}
            return {**about, "instructions": _INSTRUCTIONS}
        case "ping", False:
            return {}
    return RpcError(METHOD_NOT_FOUND, "Method not found")


def response(asked: Asked, result: Mapping[str, object] | RpcError) -> tuple[int, dict[str, object]]:
    """Write one answer, with the HTTP status that it has when it stands alone."""
    if isinstance(result, RpcError):
        return _status(asked, result), failure(asked.id, result)
    if asked.stateless:
        result = {**result, "resultType": "complete", "_meta": {_SERVER_INFO: _SERVER}}
    return OK, {"jsonrpc": "2.0", "id": asked.id, "result": result}


def failure(key: str | int | None, error: RpcError) -> dict[str, object]:
    """Write an error; its id is null where that of the request could not be read."""
    said: dict[str, object] = {"code": error.code, "message": error.message}
    return {"jsonrpc": "2.0", "id": key, "error": said if error.data is None else said | {"data": error.data}}


def _status(asked: Asked, error: RpcError) -> int:
    """Tell by the status only what the era of the request tells so."""
    if asked.stateless:
        return NOT_FOUND if error.code == METHOD_NOT_FOUND else BAD_REQUEST
    return BAD_REQUEST if error.code == INVALID_REQUEST else OK


def _id(value: object) -> str | int | None:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _is_stateless(request: HttpRequest, body: Mapping[str, object]) -> bool:
    """Tell the era. A request that only its header dates is of that header's era, and lacks the rest."""
    method = body.get("method")
    if method == "initialize":
        return False
    meta = wire.as_object(wire.as_object(body.get("params")).get("_meta"))
    return _VERSION in meta or method == "server/discover" or version_named(request) in _STATELESS


def _wrong_with_handshake(request: HttpRequest, asked: Asked, *, in_batch: bool) -> RpcError | None:
    if asked.method == "initialize":
        return RpcError(INVALID_REQUEST, "initialize cannot be part of a batch") if in_batch else None
    if version_named(request) not in {None, *_WITH_HANDSHAKE}:
        return RpcError(INVALID_REQUEST, "Unsupported MCP-Protocol-Version")
    return None


def _wrong_without_handshake(request: HttpRequest, asked: Asked, *, in_batch: bool) -> RpcError | None:
    """Hold headers against body: somebody on the way may have decided by the ones, we act by the other."""
    meta = wire.as_object(asked.params.get("_meta"))
    version = meta.get(_VERSION)
    if in_batch:
        return RpcError(INVALID_REQUEST, "this version knows no batches")
    for name, kind in ((_VERSION, str), (_CLIENT, dict)):
        if not isinstance(meta.get(name), kind):
            return RpcError(INVALID_PARAMS, f"Missing _meta {name}")
    mirrored = {"MCP-Protocol-Version": version, "Mcp-Method": asked.method}
    if asked.method == "tools/call":
        mirrored["Mcp-Name"] = asked.params.get("name")
    for name, value in mirrored.items():
        sent = wire.header(request, name)
        if sent is None or (_decoded(sent) if name == "Mcp-Name" else sent) != value:
            return RpcError(_HEADER_MISMATCH, f"Header mismatch: {name}")
    if version not in _STATELESS:
        data = {"supported": list(VERSIONS), "requested": version}
        return RpcError(_UNSUPPORTED_VERSION, "Unsupported protocol version", data)
    return None


def _decoded(sent: str) -> str | None:
    """Undo the wrapping of names that are no plain ASCII: `=?base64?…?=`; None when it holds no text."""
    if not (sent.startswith("=?base64?") and sent.endswith("?=")):
        return sent
    try:
        return base64.b64decode(sent.removeprefix("=?base64?").removesuffix("?="), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _listed(contract: ToolContract) -> dict[str, object]:
    """Describe a tool. Its title stands where every version of the protocol knows it."""
    read_only, destructive, idempotent = _HINTS[contract.tool]
    return {
        "name": contract.tool.value,
        "description": contract.description,
        "inputSchema": contract.parameters,
        "annotations": {
            "title": contract.tool.value.replace("_", " ").capitalize(),
            "readOnlyHint": read_only,
            "destructiveHint": destructive,
            "idempotentHint": idempotent,
            "openWorldHint": False,
        },
    }
