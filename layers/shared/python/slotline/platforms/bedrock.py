"""Agents for Amazon Bedrock: an action group of function details, or one with an OpenAPI schema.

https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html. Both say the arguments as text with a type's
name. The session, and its attributes `caller_number` and `called_number`, come from the application that invokes the
agent; the model fills in parameters, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from slotline.domain.calls import Answer, BadCall, CallContext, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.platforms.context import identifier, phone_number
from slotline.ports import DirectDialect

_OK, _BAD_REQUEST = 200, 400
_JSON = "application/json"


class Bedrock:
    platform = "bedrock"
    default_deadline_seconds = 20.0

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall:
        """Read one invocation; it has no id, so a repeat is known by the session and what it asks."""
        del client
        name = event.get("function") if "function" in event else str(event.get("apiPath")).rpartition("/")[2]
        tool = tool_named(name)
        if tool is None:
            return BadCall(None, wire.one_line(str(name))[:64], "unknown_tool", "There is no tool of that name.")
        attributes = wire.as_object(event.get("sessionAttributes"))
        context = CallContext(
            platform=self.platform,
            call_id=identifier(event.get("sessionId")),
            caller=phone_number(attributes.get("caller_number")),
            called=phone_number(attributes.get("called_number")),
        )
        try:
            return ToolCall(tool, arguments(_filled(event)), context)
        except AccessError as error:
            return BadCall(None, tool, error.code, str(error))

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        """Give the whole reply as one line of JSON: the model needs the slot ids as well as the sentence."""
        call, reply = answer
        body = wire.one_line_json(reply.as_object())
        write = _function_response if "function" in event else _api_response
        kept = {name: event[name] for name in ("sessionAttributes", "promptSessionAttributes") if name in event}
        return {
            "messageVersion": "1.0",
            "response": {"actionGroup": event.get("actionGroup"), **write(event, body, bad=isinstance(call, BadCall))},
            **kept,
        }


DIALECT: DirectDialect = Bedrock()


def _filled(event: Mapping[str, object]) -> dict[str, object]:
    """Gather what the model filled in, from the two places it may stand in."""
    content = wire.as_object(wire.as_object(event.get("requestBody")).get("content"))
    listed = wire.as_list(wire.as_object(content.get(_JSON)).get("properties"))
    entries = [wire.as_object(entry) for entry in (*wire.as_list(event.get("parameters")), *listed)]
    return {str(entry["name"]): entry.get("value") for entry in entries if "name" in entry}


def _function_response(event: Mapping[str, object], body: str, *, bad: bool) -> dict[str, object]:
    """REPROMPT lets the model try again; FAILURE would end the conversation with an error, and is never used."""
    state = {"responseState": "REPROMPT"} if bad else {}
    return {"function": event["function"], "functionResponse": {**state, "responseBody": {"TEXT": {"body": body}}}}


def _api_response(event: Mapping[str, object], body: str, *, bad: bool) -> dict[str, object]:
    return {
        "apiPath": event.get("apiPath"),
        "httpMethod": event.get("httpMethod"),
        "httpStatusCode": _BAD_REQUEST if bad else _OK,
        "responseBody": {_JSON: {"body": body}},
    }
