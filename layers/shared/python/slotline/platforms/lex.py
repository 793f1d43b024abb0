"""Amazon Lex V2: an intent is a tool, its slots are the arguments, and the answer says how the dialogue goes on.

https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html and lambda-response-format.html. `BookAppointment`
is book_appointment, its slot `SlotId` is slot_id. Slots hold what the caller said; the session and its attributes
`caller_number` and `called_number` come from whoever opened it, such as a Connect flow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from slotline.domain.calls import Answer, BadCall, CallContext, Status, Tool, ToolCall, ToolReply
from slotline.domain.errors import AccessError
from slotline.platforms import wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.platforms.context import identifier, phone_number
from slotline.ports import DirectDialect

_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Lex may speak its own words about a fulfilled intent, and others about a failed one. What is neither stays open.
_FULFILLED = frozenset({
    Status.AVAILABLE, Status.HELD, Status.CONFIRMED, Status.FOUND, Status.NONE_FOUND, Status.CANCELLED, Status.SENT,
})  # fmt: skip
_FAILED = frozenset({Status.NOT_DONE, Status.REFUSED, Status.NEEDS_VERIFICATION})


class Lex:
    platform = "lex"
    default_deadline_seconds = 20.0

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall | dict[str, object]:
        """Read a fulfilment; while Lex still asks for slots there is nothing to run, and it goes on by itself."""
        del client
        state = wire.as_object(event.get("sessionState"))
        intent = wire.as_object(state.get("intent"))
        if event.get("invocationSource") != "FulfillmentCodeHook":
            return _turn(state, {"type": "Delegate"}, intent)
        tool = tool_named(intent.get("name"))
        if tool is None:
            name = wire.one_line(str(intent.get("name")))[:64]
            return BadCall(None, name, "unknown_tool", "I can't help with that here.")
        attributes = wire.as_object(state.get("sessionAttributes"))
        context = CallContext(
            platform=self.platform,
            call_id=identifier(event.get("sessionId")),
            caller=phone_number(attributes.get("caller_number")),
            called=phone_number(attributes.get("called_number")),
        )
        try:
            return ToolCall(tool, arguments(_filled(intent, tool)), context)
        except AccessError as error:
            return BadCall(None, tool, error.code, str(error))

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        """Say the sentence, and close the intent, ask for one slot, or wait for what the caller says next."""
        state = wire.as_object(event.get("sessionState"))
        intent = wire.as_object(state.get("intent"))
        _, reply = answer
        action, outcome = _next(reply, intent)
        return _turn(state, action, {**intent, "state": outcome}) | {
            "messages": [{"contentType": "PlainText", "content": wire.one_line(reply.message)}]
        }


DIALECT: DirectDialect = Lex()


def _filled(intent: Mapping[str, object], tool: Tool) -> dict[str, object]:
    """Take the slots by our names for them. A confirmed intent is the caller's yes to a cancellation."""
    filled: dict[str, object] = {}
    for name, slot in wire.as_object(intent.get("slots")).items():
        value = wire.as_object(wire.as_object(slot).get("value"))
        filled[_argument(name)] = value.get("interpretedValue") or value.get("originalValue")
    if tool is Tool.CANCEL_APPOINTMENT and intent.get("confirmationState") == "Confirmed":
        filled["confirm"] = True
    return filled


def _argument(slot: str) -> str:
    return _NEW_WORD.sub("_", slot).lower()


def _next(reply: ToolReply, intent: Mapping[str, object]) -> tuple[dict[str, object], str]:
    """What Lex does next, and the state of the intent with it."""
    asked = next((s for s in wire.as_object(intent.get("slots")) if _argument(s) == reply.fields.get("field")), None)
    if reply.status in _FULFILLED:
        return {"type": "Close"}, "Fulfilled"
    if reply.status in _FAILED and not (asked and reply.status is Status.NEEDS_VERIFICATION):
        return {"type": "Close"}, "Failed"
    if reply.status is Status.NEEDS_CONFIRMATION:
        return {"type": "ConfirmIntent"}, "InProgress"
    if asked is not None:
        return {"type": "ElicitSlot", "slotToElicit": asked}, "InProgress"
    return {"type": "ElicitIntent"}, "InProgress"


def _turn(state: Mapping[str, object], action: Mapping[str, object], intent: Mapping[str, object]) -> dict[str, object]:
    session = {"sessionAttributes": wire.as_object(state.get("sessionAttributes"))}
    return {"sessionState": session | {"dialogAction": action, "intent": intent}}
