"""Vapi function tools: one envelope for several calls, always HTTP 200 once the credential is right.

https://docs.vapi.ai/tools/custom-tools, https://docs.vapi.ai/server-url/events and the ToolCall schemas of
https://api.vapi.ai/api-json disagree on where an item keeps its name and arguments; every published form is read.
https://docs.vapi.ai/tools/custom-tools-troubleshooting: any other status is ignored and the model hears nothing;
`result` and `error` must be strings on one line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.domain.calls import Answer, BadCall, CallContext, HttpRequest, HttpResponse, ToolCall, ToolReply
from slotline.domain.errors import AccessError
from slotline.platforms import proof, wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.platforms.context import identifier, phone_number
from slotline.platforms.flat import Flat
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slotline.domain.business import Auth

_PHONE_CALLS = (None, "inboundPhoneCall", "outboundPhoneCall")  # a web call's customer is what its browser says
_KEEP_STATUS = (401, 403, 404, 413)
_LONGEST_ID = 256
_LONGEST_NAME = 64


@dataclass(slots=True)
class _Item:
    """One call as far as its list tells; another list may know the rest."""

    id: str | None
    name: str | None
    arguments: object  # None when the item has none


class Vapi:
    platform = "vapi"
    default_deadline_seconds = 20.0

    def proved(self, request: HttpRequest, auth: Auth, secrets: Sequence[str], now: float) -> None:
        proof.prove(request, auth, secrets=secrets, now=now)

    def read(self, request: HttpRequest, *, path_tool: str) -> tuple[ToolCall | BadCall, ...]:
        del path_tool  # the envelope names the tool of each call
        message = wire.json_object(request).get("message")
        if not isinstance(message, dict):
            raise AccessError(400, "bad_body", "the body has no message object")
        if message.get("type", "tool-calls") != "tool-calls":
            return ()
        context, items = call_context(message), _items(message)
        # What comes in one message was asked for in one breath; whether two messages were, none of them tells for sure.
        turn = next((item.id for item in items if item.id), "batch") if len(items) > 1 else None
        calls = tuple(_call(item, context, turn) for item in items)
        if not calls:
            raise AccessError(400, "no_calls", "the message holds no tool call")
        return calls

    def write(self, answers: Sequence[Answer]) -> HttpResponse:
        """Write one entry per call; a message that asked for nothing gets an empty object."""
        entries = [_entry(call, reply) for call, reply in answers]
        return HttpResponse(200, wire.one_line_json({"results": entries} if entries else {}))

    def refuse(self, error: AccessError) -> HttpResponse:
        if error.status in _KEEP_STATUS:
            return wire.refusal(error)
        return HttpResponse(200, wire.one_line_json({"results": [], "error": str(error)}))


# An apiRequest tool sends the bare arguments, merged with static parameters, and takes any JSON for an answer:
# https://docs.vapi.ai/tools/api-request
DIALECTS: dict[str, Dialect] = {"full": Vapi(), "args_only": Flat("vapi", deadline_seconds=20.0)}


def _items(message: Mapping[str, object]) -> list[_Item]:
    """Return every item once, in order of first sight; those without an id count only in the first list with items."""
    items: list[_Item] = []
    by_id: dict[str, _Item] = {}
    for source in (_plain(message, "toolCallList"), _plain(message, "toolCalls"), _nested(message)):
        first_list = not items
        for item in source:
            known = by_id.setdefault(item.id, item) if item.id is not None else item
            if known is not item:
                known.name = known.name or item.name
                known.arguments = item.arguments if known.arguments is None else known.arguments
            elif item.id is not None or first_list:
                items.append(item)
    return items


def _plain(message: Mapping[str, object], key: str) -> Iterator[_Item]:
    for entry in wire.as_list(message.get(key)):
        if isinstance(entry, dict):
            yield _item(entry, named=None)


def _nested(message: Mapping[str, object]) -> Iterator[_Item]:
    """Read toolWithToolCallList: the tool's definition around the call; its name stands for a call that has none."""
    for entry in wire.as_list(message.get("toolWithToolCallList")):
        outer = wire.as_object(entry)
        if isinstance(call := outer.get("toolCall"), dict):
            yield _item(call, named=_name(outer))


def _item(entry: Mapping[str, object], *, named: str | None) -> _Item:
    function = wire.as_object(entry.get("function"))
    places = (function.get("arguments"), function.get("parameters"), entry.get("arguments"), entry.get("parameters"))
    filled = next((place for place in places if place is not None), None)
    return _Item(_id(entry.get("id")), _name(entry) or named, filled)


def _id(value: object) -> str | None:
    """Keep it as sent, for the answer must repeat it exactly."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)


def _name(entry: Mapping[str, object]) -> str | None:
    for value in (wire.as_object(entry.get("function")).get("name"), entry.get("name")):
        if isinstance(value, str) and value:
            return value
    return None


def _call(item: _Item, context: CallContext, turn: str | None) -> ToolCall | BadCall:
    name = wire.one_line(item.name or "")[:_LONGEST_NAME]
    if item.id is not None and len(item.id) > _LONGEST_ID:
        return BadCall(item.id, name, "bad_id", "The id of this tool call is too long.")
    tool = tool_named(item.name)
    if tool is None:
        return BadCall(item.id, name, "unknown_tool", "There is no tool of that name. Nothing was done.")
    try:
        return ToolCall(tool, arguments(item.arguments), context, item.id, turn)
    except AccessError as error:
        return BadCall(item.id, name, error.code, str(error))


def call_context(message: Mapping[str, object]) -> CallContext:
    """Take who calls from any server message."""
    call = wire.as_object(message.get("call"))
    call_id = identifier(call.get("id"))
    if call.get("type") not in _PHONE_CALLS:
        return CallContext(Vapi.platform, call_id)
    return CallContext(
        platform=Vapi.platform,
        call_id=call_id,
        caller=_number(call.get("customer")) or _number(message.get("customer")),
        called=_number(message.get("phoneNumber")) or _number(call.get("phoneNumber")),
    )


def _number(party: object) -> str | None:
    return phone_number(wire.as_object(party).get("number"))


def _entry(call: ToolCall | BadCall, reply: ToolReply) -> dict[str, str]:
    """Send the whole reply as one line of JSON text: the model needs the slot ids as well as the sentence."""
    if isinstance(call, BadCall):
        return {"name": call.name, "toolCallId": call.id or "", "error": call.message}
    return {"name": call.tool, "toolCallId": call.id or "", "result": wire.one_line_json(reply.as_object())}
