"""SignalWire AI agents (SWAIG): function, arguments and call in one body, one text as the answer.

https://developer.signalwire.com/swml/methods/ai/swaig/defaults/web_hook_url (request and answer; user and password
stand in the URL, which makes them HTTP Basic). `response` is text for the model's context: the whole reply as one
line of JSON, for the model needs slot ids as well as the sentence. Who calls is `caller_id_num`; where `SWMLCall`
comes along, its direction says which end is the customer, and a call that is no phone call has no numbers. How long
SignalWire waits is not documented: five seconds is on the safe side.
Signatures: `X-SignalWire-Sha256-Signature`, or `X-SignalWire-Signature` (SHA-1) where the first is not sent, both hex
HMACs of URL and body (https://developer.signalwire.com/guides/webhook-security; signalwire-python,
`webhook_validator.py`). They hold no time, so that nothing tells a replay apart.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from slotline.domain.calls import Answer, BadCall, CallContext, HttpRequest, HttpResponse, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_at
from slotline.platforms.context import identifier, phone_number
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slotline.domain.business import Auth

_SIGNATURES = (("x-signalwire-sha256-signature", "sha256"), ("x-signalwire-signature", "sha1"))


class SignalWire:
    platform = "signalwire"
    default_deadline_seconds = 5.0

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        proof.prove(request, auth, secrets=secrets, now=now, own=_signed)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        del path_tool  # the body names it
        body = wire.json_object(request)
        name = body.get("function")
        if not isinstance(name, str):
            raise AccessError(400, "bad_body", "the body names no function")
        tool = tool_at(name)
        try:
            args = arguments(_filled(wire.as_object(body.get("argument"))))
        except AccessError as error:
            return (BadCall(None, tool, error.code, str(error)),)
        return (ToolCall(tool, args, _context(body)),)

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        ((call, reply),) = answers
        text = call.message if isinstance(call, BadCall) else wire.one_line_json(reply.as_object())
        return HttpResponse(200, wire.one_line_json({"response": text}))

    def refuse(self, error: AccessError) -> HttpResponse:
        return wire.refusal(error)


DIALECTS: dict[str, Dialect] = {"full": SignalWire()}


def _filled(argument: Mapping[str, object]) -> object:
    """Take the parsed arguments, an object or a list of one, else their text."""
    parsed = argument.get("parsed")
    found = next(iter(parsed), None) if isinstance(parsed, list) else parsed
    return argument.get("raw") if found is None else found


def _context(body: Mapping[str, object]) -> CallContext:
    call = wire.as_object(body.get("SWMLCall"))
    call_id = identifier(body.get("call_id"))
    if call.get("type", "phone") != "phone":
        return CallContext(SignalWire.platform, call_id)
    ends = [phone_number(call.get(end)) or phone_number(call.get(f"{end}_number")) for end in ("from", "to")]
    if call.get("direction") == "outbound":
        return CallContext(SignalWire.platform, call_id, caller=ends[1], called=ends[0])
    return CallContext(SignalWire.platform, call_id, phone_number(body.get("caller_id_num")) or ends[0], ends[1])


def _signed(request: HttpRequest, secrets: Sequence[str], _now: float) -> bool:
    """Check the strongest signature that is there; a weaker one never makes up for it."""
    query = f"?{request.raw_query}" if request.raw_query else ""
    urls = [(url + query).encode("utf-8", "surrogatepass") for url in proof.public_urls(request)]
    for header, algorithm in _SIGNATURES:
        if (given := wire.header(request, header)) is not None:
            signed = [hmac.digest(key.encode(), url + request.body, algorithm) for key in secrets for url in urls]
            return proof.any_equal(given, [digest.hex() for digest in signed])
    return False
