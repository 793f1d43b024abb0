"""Amazon Connect, the block "Invoke AWS Lambda function": one contact of a flow, and a flat map of strings back.

https://docs.aws.amazon.com/connect/latest/adminguide/invoke-lambda-function-block.html. The flow names the tool in the
parameter `tool`; every other parameter is an argument. Who calls is what Connect itself says about the contact; the
parameters are the flow's. The block waits for eight seconds at most, and on an error it invokes again: whatever can be
answered is answered. An answer holds 32 kB at most, in names and values that are strings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slotline.domain.calls import Answer, BadCall, CallContext, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.platforms.context import identifier, phone_number
from slotline.ports import DirectDialect

_LARGEST_ANSWER = 32_000  # bytes
_PUNCTUATION = 6  # around a name and a value


class Connect:
    platform = "connect"
    default_deadline_seconds = 8.0

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall:
        """Read one invocation. Connect names none, so a repeat is known by the contact and what it asks."""
        del client
        details = wire.as_object(event.get("Details"))
        parameters = dict(wire.as_object(details.get("Parameters")))
        name = parameters.pop("tool", None)
        tool = tool_named(name)
        if tool is None:
            return BadCall(None, wire.one_line(str(name))[:64], "unknown_tool", "The parameter `tool` names no tool.")
        try:
            return ToolCall(tool, arguments(parameters), _context(wire.as_object(details.get("ContactData"))))
        except AccessError as error:
            return BadCall(None, tool, error.code, str(error))

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        """Write one level of strings: lists become slot_1_id, slot_1_say, appointment_2_start and so on."""
        del event
        _, reply = answer
        written: dict[str, object] = {}
        room = _LARGEST_ANSWER
        for name, value in _flat(reply.as_object()):
            room -= len(name.encode()) + len(value.encode()) + _PUNCTUATION
            if room > 0:
                written[name] = value
        return written


DIALECT: DirectDialect = Connect()


def _context(contact: Mapping[str, object]) -> CallContext:
    return CallContext(
        platform=Connect.platform,
        call_id=identifier(contact.get("ContactId")),
        caller=_telephone(contact.get("CustomerEndpoint")),
        called=_telephone(contact.get("SystemEndpoint")),
    )


def _telephone(endpoint: object) -> str | None:
    """Take the address of a telephone; chats and tasks have none, and some contacts no endpoint at all."""
    about = wire.as_object(endpoint)
    return phone_number(about.get("Address")) if about.get("Type") == "TELEPHONE_NUMBER" else None


def _flat(reply: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in reply.items():
        if not isinstance(value, list):
            yield name, _text(value)
            continue
        item_name = name.removesuffix("s")
        for number, item in enumerate(value, start=1):
            for field, part in wire.as_object(item).items():
                short = field.removeprefix(f"{item_name}_")  # slot_1_id rather than slot_1_slot_id
                yield (f"{item_name}_{number}" if short == item_name else f"{item_name}_{number}_{short}"), _text(part)


def _text(value: object) -> str:
    return value if isinstance(value, str) else wire.one_line_json(value)
