"""Retell custom functions: the call, the tool's name and its arguments in one body, signed with the API key.

https://docs.retellai.com/build/conversation-flow/custom-function (payload, retries, any 2xx is success) and
https://docs.retellai.com/features/secure-webhook (signature; recipe as in retell-sdk's `webhook_auth`). With
"Payload: args only" the body is the bare arguments: then nothing tells who is calling, and the URL names the tool. A
model could write an envelope into such arguments: an agent whose tools are set so needs `payload: args_only`, for
which the body is arguments whatever it looks like.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from slotline.domain.calls import Answer, BadCall, CallContext, HttpRequest, HttpResponse, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_at
from slotline.platforms.context import identifier, phone_number
from slotline.platforms.flat import Flat
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slotline.domain.business import Auth

_SIGNATURE = re.compile(r"v=([0-9]{1,16}),d=([0-9a-f]{64})")
_WINDOW_MS = 300_000


class Retell:
    platform = "retell"
    default_deadline_seconds = 120.0

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        proof.prove(request, auth, secrets=secrets, now=now, own=_signed)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        body = wire.json_object(request)
        name = body.get("name")
        if not isinstance(name, str) or not (isinstance(body.get("args"), dict) or isinstance(body.get("call"), dict)):
            return (ToolCall(tool_at(path_tool), arguments(body), CallContext(self.platform)),)
        tool = tool_at(name)
        call = wire.as_object(body.get("call"))
        try:
            args = arguments(body.get("args"))
        except AccessError as error:
            return (BadCall(None, tool, error.code, str(error)),)
        delivery = _tool_call_id(call, name, args)
        return (ToolCall(tool, args, call_context(call), delivery, _turn(call)),)

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        """Answer 200, always: any other status reads as a failure, and Retell then sends the same call again."""
        ((_, reply),) = answers
        return HttpResponse(200, wire.one_line_json(reply.as_object()))

    def refuse(self, error: AccessError) -> HttpResponse:
        return wire.refusal(error)


def _signed(request: HttpRequest, secrets: Sequence[str], now: float) -> bool:
    """Check `X-Retell-Signature: v=<ms>,d=<hex>`: HMAC-SHA256 of raw body and ms, five minutes either way."""
    match = _SIGNATURE.fullmatch(wire.header(request, "x-retell-signature") or "")
    if match is None or abs(round(now * 1000) - int(match[1])) > _WINDOW_MS:
        return False
    payload = request.body + match[1].encode()
    return proof.any_equal(match[2], [hmac.digest(secret.encode(), payload, "sha256").hex() for secret in secrets])


def call_context(call: Mapping[str, object]) -> CallContext:
    """Take the customer from an inbound call's `from` or an outbound call's `to`; a web call has no numbers."""
    call_id = identifier(call.get("call_id"))
    ends = phone_number(call.get("from_number")), phone_number(call.get("to_number"))
    if call.get("call_type", "phone_call") != "phone_call":
        return CallContext(Retell.platform, call_id)
    match call.get("direction"):
        case "inbound":
            caller, called = ends
        case "outbound":
            called, caller = ends
        case _:
            caller = called = None
    return CallContext(Retell.platform, call_id, caller, called)


def _tool_call_id(call: Mapping[str, object], name: str, args: Mapping[str, object]) -> str | None:
    """Find the running invocation: the last in the live transcript that is this call and has no result yet.

    Without the last condition an earlier, finished call with the same arguments would lend its id to this one.
    """
    transcript = [wire.as_object(line) for line in wire.as_list(call.get("transcript_with_tool_calls"))]
    answered = {identifier(line.get("tool_call_id")) for line in transcript if line.get("role") == "tool_call_result"}
    for line in reversed(transcript):
        if line.get("role") != "tool_call_invocation" or line.get("name") != name:
            continue
        delivery = identifier(line.get("tool_call_id"))
        if delivery not in answered and _same_arguments(line.get("arguments"), args):
            return delivery
    return None


def _turn(call: Mapping[str, object]) -> str | None:
    """How often the caller has spoken so far, by the transcript; None where it has no spoken word.

    Not what the model did since: the running invocation, and the one before it, may be missing from a transcript that
    lags behind, but what the caller said was there before the model answered it.
    """
    transcript = [wire.as_object(line) for line in wire.as_list(call.get("transcript_with_tool_calls"))]
    spoken = [line.get("role") for line in transcript if line.get("role") in {"user", "agent"}]
    return f"after {spoken.count('user')}" if spoken else None


def _same_arguments(stated: object, args: Mapping[str, object]) -> bool:
    try:
        return arguments(stated) == args
    except AccessError:
        return False  # not JSON, so not what is in front of us


DIALECTS: dict[str, Dialect] = {"full": Retell(), "args_only": Flat("retell", deadline_seconds=120.0, own=_signed)}
