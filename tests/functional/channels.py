"""Every way in which a tool call reaches the desk: the voice platforms, MCP, and the AWS services that invoke us.

One kind of call for all of them, so that a rule can be proved in each by name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from ops.demo.wires import WAYS, Turn
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.platforms.table import DIRECT
from slotline.runtime.direct_endpoint import DirectEndpoint, DirectOffice
from tests.functional.caller import check_sentence
from tests.functional.dialects import AGENTS, PLATFORMS, agents
from tests.functional.served import RETELL_KEY, ROOT, fresh_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.calls import Answer, BadCall, ToolCall
    from slotline.ports import DirectDialect
    from tests.functional.caller import Reply
    from tests.functional.in_process import InProcess

CHANNELS = (*PLATFORMS, "mcp", *DIRECT)
KNOWING = tuple(name for name in CHANNELS if name != "agentcore")
"""Those that tell who calls; AgentCore does not, so that there only a booking can be made."""

LAMBDA_MILLISECONDS = 12_000


def all_agents(services: str) -> str:
    """Desk-file lines of one agent per channel except `generic`, which MCP shares, for the end of a file."""
    lines = [f"  {name}: {{platform: {name}, services: [{services}], auth: {{invocation: iam}}}}\n" for name in DIRECT]
    return agents(services) + "".join(lines)


@dataclass(slots=True)
class Channel:
    """One phone call of one person."""

    desk: InProcess
    name: str
    number: str = field(default_factory=fresh_number)

    @property
    def call(self) -> str:
        return f"{self.name}-call-of-{self.number}"

    def say(self, tool: str, delivery: str, /, **arguments: object) -> Reply:
        """One tool call and its reply; `delivery` is the platform's id of it, where the platform has such ids."""
        if self.name == "agentcore" and tool == "book_appointment":
            arguments |= {"phone": self.number}
        reply = self._invoked(tool, arguments) if self.name in DIRECT else self._posted(tool, delivery, arguments)
        check_sentence(reply)
        return reply

    def _posted(self, tool: str, delivery: str, arguments: Mapping[str, object]) -> Reply:
        wire = WAYS[self.name]
        turn = Turn(tool, dict(arguments), self.call, self.number, f"{self.call}-{delivery}")
        body = wire.body(turn)
        key = RETELL_KEY if self.name in ("retell", "telnyx") else self.desk.key
        headers = wire.headers(turn, body, key=key, now=self.desk.clock.now())
        agent = AGENTS[wire.platform]
        heard = self.desk.post(f"/v1/{self.desk.business}/{agent}/{wire.route or tool}", body, headers)
        assert heard.status == 200, heard
        return cast("Reply", wire.unwrap(heard.body))

    def _invoked(self, tool: str, arguments: Mapping[str, object]) -> Reply:
        filled = {name: "true" if value is True else str(value) for name, value in arguments.items()}
        match self.name:
            case "connect":
                return _unflattened(self._invoke(self._contact(tool, filled))[0])
            case "bedrock":
                answer, _ = self._invoke(self._function(tool, filled))
                return cast("Reply", json.loads(answer["response"]["functionResponse"]["responseBody"]["TEXT"]["body"]))
            case "agentcore":
                return cast("Reply", self._invoke(filled, {"bedrockAgentCoreToolName": f"booking___{tool}"})[0])
        answer, reply = self._invoke(self._intent(tool, filled))
        assert answer["messages"] == [{"contentType": "PlainText", "content": reply["message"]}]
        return reply

    def _invoke(self, event: Mapping[str, Any], custom: Mapping[str, str] | None = None) -> tuple[Any, Reply]:
        """The answer, and the reply that was put into it: Lex hears nothing but the sentence."""
        office = _Office(self.desk)
        context = SimpleNamespace(
            invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:direct:{self.desk.business}_{self.name}",
            client_context=SimpleNamespace(custom=custom) if custom else None,
            get_remaining_time_in_millis=lambda: LAMBDA_MILLISECONDS,
        )
        sent = json.loads(json.dumps(event))
        answer = DirectEndpoint(lambda: cast("DirectOffice", office), ROOMS)(sent, context)
        return json.loads(json.dumps(answer)), office.reply

    def _contact(self, tool: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        event = _sample("connect_find_appointments")
        contact = event["Details"]["ContactData"] | {"ContactId": self.call}
        contact["CustomerEndpoint"] = {"Address": self.number, "Type": "TELEPHONE_NUMBER"}
        return event | {"Details": {"ContactData": contact, "Parameters": {"tool": tool, **parameters}}}

    def _function(self, tool: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        listed = [{"name": name, "type": "string", "value": value} for name, value in parameters.items()]
        session = {"sessionId": self.call, "sessionAttributes": {"caller_number": self.number}}
        return _sample("bedrock_function_book_appointment") | {"function": tool, "parameters": listed} | session

    def _intent(self, tool: str, slots: Mapping[str, str]) -> dict[str, Any]:
        event = _sample("lex_book_appointment") | {"sessionId": self.call}
        confirmation = "Confirmed" if "confirm" in slots else "None"
        filled = {_camel(n): {"shape": "Scalar", "value": {"interpretedValue": v}} for n, v in slots.items()}
        intent = {"name": _camel(tool), "slots": filled, "confirmationState": confirmation}
        event["sessionState"] |= {"intent": intent, "sessionAttributes": {"caller_number": self.number}}
        return event


class _Office:
    """The house, with an ear at the dialect."""

    def __init__(self, desk: InProcess) -> None:
        self._house = desk.house
        self.reply: Reply = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._house, name)

    def direct_dialect(self, platform: str) -> DirectDialect:
        return _Overheard(self._house.direct_dialect(platform), self)


class _Overheard:
    """A dialect that lets us hear what it is given to say."""

    def __init__(self, dialect: DirectDialect, office: _Office) -> None:
        self._dialect, self._office = dialect, office
        self.platform, self.default_deadline_seconds = dialect.platform, dialect.default_deadline_seconds

    def read(self, event: Mapping[str, object], client: Mapping[str, object]) -> ToolCall | BadCall | dict[str, object]:
        return self._dialect.read(event, client)

    def write(self, event: Mapping[str, object], answer: Answer) -> dict[str, object]:
        self._office.reply = answer[1].as_object()
        return self._dialect.write(event, answer)


def _sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events/direct" / f"{name}.json").read_text())["event"]
    return event


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


_NUMBERED = re.compile(r"(slot|appointment)_(\d)_?(\w*)")


def _unflattened(flat: Mapping[str, str]) -> Reply:
    """Connect's level of strings as the reply it was."""
    reply: Reply = {}
    for name, value in flat.items():
        if found := _NUMBERED.fullmatch(name):
            items = reply.setdefault(f"{found[1]}s", [])
            items.extend({} for _ in range(int(found[2]) - len(items)))
            inner = {"id": "slot_id", "": found[1]}.get(found[3], found[3])
            items[int(found[2]) - 1][inner] = value
        else:
            reply[name] = {"true": True, "false": False}.get(value, value)
    return reply
