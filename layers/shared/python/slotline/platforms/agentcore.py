"""Amazon Bedrock AgentCore Gateway with a Lambda target: the event is the bare arguments, JSON goes back.

https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html. The gateway names the tool
in the client context, as `<target>___<tool>`. It says nothing about a call or a caller, and the id it gives a message
begins anew in every session: nothing here can name a delivery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from slotline.domain.calls import Answer, BadCall, CallContext, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms import wire
from slotline.platforms.arguments import arguments, tool_named
from slotline.ports import DirectDialect

_TOOL_NAME = "bedrockAgentCoreToolName"
_SEPARATOR = re.compile(r"_{2,}")  # the guide shows three; an older page of it two


class AgentCore:
    platform = "agentcore"
    default_deadline_seconds = 20.0

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall:
        name = _SEPARATOR.split(str(client.get(_TOOL_NAME)))[-1]
        tool = tool_named(name)
        if tool is None:
            return BadCall(None, wire.one_line(name)[:64], "unknown_tool", "There is no tool of that name.")
        try:
            return ToolCall(tool, arguments(event), CallContext(self.platform))
        except AccessError as error:
            return BadCall(None, tool, error.code, str(error))

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        del event
        _, reply = answer
        return reply.as_object()


DIALECT: DirectDialect = AgentCore()
