"""MCP over Streamable HTTP: all tools on one URL, stateless, JSON only, for clients of both eras.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports (with a handshake; 2025-03-26 and 2025-06-18
differ in details) and https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http (each
request says for itself what it is). A request that names its version in `params._meta` is of the new era.
Who calls stands in headers, which the owner sets in the client, out of the model's reach: `X-Call-Id` and the like.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from slotline.domain.calls import (
    Answer,
    BadCall,
    CallContext,
    HttpRequest,
    HttpResponse,
    ToolCall,
    ToolContract,
    ToolReply,
)
from slotline.domain.errors import AccessError
from slotline.platforms import mcp_messages as messages
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.platforms.context import identifier, phone_number
from slotline.platforms.mcp_messages import Answered, Asked, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slotline.domain.business import Auth

METADATA = "/.well-known/oauth-protected-resource"
_MOST_IN_A_BATCH = 16
_LONGEST_NAME = 64


class Mcp:
    """One request: `read` remembers what `write` must answer."""

    platform = "mcp"
    default_deadline_seconds = 5.0  # LiveKit's client; others wait longer

    def __init__(self, contracts: Sequence[ToolContract], *, public_url: str | None) -> None:
        self._contracts = {contract.tool: contract for contract in contracts}
        self._public_url = public_url
        self._resource = ""
        self._waiting: list[Answered | Asked] = []  # in the order of the messages; Asked waits for its tool
        self._is_batch = False
        self._turn: str | None = None  # of the messages in one batch

    def settled(self, request: HttpRequest) -> HttpResponse | None:
        """Tell where the credential comes from, and turn away streams, sessions and web pages."""
        base = self._base(request)
        if request.path.startswith(METADATA):
            return _json(200, _metadata(base + quote(request.path.removeprefix(METADATA))))
        self._resource = base + METADATA + quote(request.path)
        if request.method != "POST":
            return HttpResponse(405, "", {"allow": "POST"})
        origin = wire.header(request, "origin")
        if origin is not None and origin != base:  # a page in somebody's browser: never a voice platform
            return _json(403, messages.failure(None, RpcError(messages.INVALID_REQUEST, "Origin is not allowed")))
        return None

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        """Check the agent's own credential. No MCP client can sign as a voice platform does."""
        if auth.kind == "signature":
            raise AccessError(401, "no_bearer", "this agent proves itself by signatures: give MCP an agent of its own")
        proof.prove(request, auth, secrets=secrets, now=now)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        """Return the calls of tools among the messages; whatever else they ask is answered by `write` alone."""
        del path_tool  # the message names the tool
        self._waiting = []
        body = wire.json_value(request)
        self._is_batch = isinstance(body, list)
        self._turn = "sha256:" + hashlib.sha256(request.body).hexdigest() if self._is_batch else None
        if isinstance(body, list):
            _check_batch(request, body)
            return tuple(call for place, item in enumerate(body) for call in self._calls(request, item, place=place))
        return tuple(self._calls(request, body))

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        """Answer every request among the messages, in their order; notifications alone are accepted without a word."""
        replies = iter(answers)
        written = [self._response(entry, replies) for entry in self._waiting]
        if not written:
            return HttpResponse(202, "", {})
        if self._is_batch:
            return _json(200, [body for _, body in written])
        ((status, body),) = written
        return _json(status, body)

    def refuse(self, error: AccessError) -> HttpResponse:
        """Refuse the whole request: before the messages are read in plain JSON, afterwards as JSON-RPC does."""
        if error.status == messages.BAD_REQUEST:
            code = messages.PARSE_ERROR if error.code == "bad_json" else messages.INVALID_REQUEST
            return _json(error.status, messages.failure(None, RpcError(code, str(error))))
        plain = wire.refusal(error)
        if error.status != messages.UNAUTHORIZED:
            return plain
        challenge = f'Bearer resource_metadata="{self._resource}"'
        return HttpResponse(plain.status, plain.body, {**plain.headers, "www-authenticate": challenge})

    def _base(self, request: HttpRequest) -> str:
        """Scheme and host under which clients know us."""
        url = urlsplit(self._public_url or proof.public_urls(request)[0])
        return f"{url.scheme}://{url.netloc}"

    def _calls(
        self, request: HttpRequest, message: object, *, place: int | None = None
    ) -> Iterator[ToolCall | BadCall]:
        """Read one message; `place` is its number in a batch."""
        asked = messages.asked(request, message, in_batch=place is not None)
        if asked is None:  # a notification, or a client's answer to what nobody asked
            return
        if isinstance(asked, Answered):
            self._waiting.append(asked)
            return
        if asked.method != "tools/call":
            self._waiting.append(Answered(asked, messages.answer(asked, self._contracts.values())))
            return
        name = asked.params.get("name")
        tool = tool_named(name)
        if tool is None or tool not in self._contracts:
            said = wire.one_line(str(name))[:_LONGEST_NAME]
            self._waiting.append(Answered(asked, RpcError(messages.INVALID_PARAMS, f"Unknown tool: {said}")))
            return
        self._waiting.append(asked)
        key = _delivery(request, place)
        try:
            turn = None if place is None else self._turn
            yield ToolCall(tool, arguments(asked.params.get("arguments")), self._context(request), key, turn)
        except AccessError as error:
            yield BadCall(key, tool, error.code, str(error))

    def _context(self, request: HttpRequest) -> CallContext:
        return CallContext(
            platform=self.platform,
            call_id=identifier(wire.header(request, "x-call-id")),
            caller=phone_number(wire.header(request, "x-caller-number")),
            called=phone_number(wire.header(request, "x-called-number")),
        )

    def _response(self, entry: Answered | Asked, replies: Iterator[Answer]) -> tuple[int, dict[str, object]]:
        if isinstance(entry, Asked):
            call, reply = next(replies)
            return messages.response(entry, _result(reply, is_error=isinstance(call, BadCall)))
        return messages.response(entry.asked, entry.result)


def _check_batch(request: HttpRequest, body: Sequence[object]) -> None:
    """Only the oldest version knows batches; it is also the one of clients that name none."""
    if messages.version_named(request) not in {None, messages.BATCHING}:
        raise AccessError(400, "no_batches", f"batches ended with protocol version {messages.BATCHING}")
    if not 0 < len(body) <= _MOST_IN_A_BATCH:
        raise AccessError(400, "bad_batch", f"a batch holds one to {_MOST_IN_A_BATCH} messages")


def _delivery(request: HttpRequest, place: int | None) -> str | None:
    """Name this delivery as the client's own code does. JSON-RPC ids start anew in every session and cannot."""
    key = identifier(wire.header(request, "idempotency-key")) or identifier(wire.header(request, "x-tool-call-id"))
    return key if key is None or place is None else identifier(f"{key}#{place}")


def _result(reply: ToolReply, *, is_error: bool) -> dict[str, object]:
    """Give the whole reply twice: many clients show the model the text only, and it needs the slot ids."""
    whole = reply.as_object()
    text = {"type": "text", "text": wire.one_line_json(whole)}
    return {"content": [text], "structuredContent": whole, "isError": is_error}


def _metadata(resource: str) -> dict[str, object]:
    """RFC 9728 without an authorization server: the owner of the desk hands out the token."""
    return {"resource": resource, "bearer_methods_supported": ["header"], "resource_name": "Slotline"}


def _json(status: int, body: object) -> HttpResponse:
    return HttpResponse(status, wire.one_line_json(body))
