"""Requests as every voice platform sends them, and the tool's reply out of each answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from ops.demo.wires import WIRES, Turn, Wire
from slotline.platforms import table
from tests.functional.served import RETELL_KEY, fresh_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.functional.caller import Heard, Reply

PLATFORMS = tuple(table.PLATFORMS)
AGENTS = {name: "front" if name == "generic" else name for name in PLATFORMS}
ENVELOPES = ("vapi", "retell", "signalwire")
"""Platforms that put something around the arguments; of the others the arguments are the body."""

SHAPES = (*ENVELOPES, "synthflow", "generic")
"""One of each way to send arguments; the others send them as `generic` does, through the same code."""

BEARERS = tuple(name for name in PLATFORMS if "bearer" in WIRES[name].auth)
_numbers = count(1)

Call = tuple[str, str, object]
"""Id, tool and arguments of one tool call."""


def vapi_body(calls: Sequence[Call], *, call: str, number: str) -> dict[str, Any]:
    """One message for several calls; docs.vapi.ai/tools/custom-tools."""
    listed = [
        {"id": key, "type": "function", "function": {"name": tool, "arguments": arguments}}
        for key, tool, arguments in calls
    ]
    about = {"id": call, "type": "inboundPhoneCall", "customer": {"number": number}}
    return {"message": {"type": "tool-calls", "call": about, "toolCallList": listed}}


def retell_body(tool: str, arguments: object, *, call: str, number: str) -> dict[str, Any]:
    """The full payload; docs.retellai.com/build/conversation-flow/custom-function."""
    about = {"call_id": call, "call_type": "phone_call", "direction": "inbound", "from_number": number}
    return {"name": tool, "args": arguments, "call": about | {"to_number": "+14155550111"}}


def retell_signature(body: bytes, *, at: float | None = None, key: str = RETELL_KEY) -> str:
    """HMAC-SHA256 over the raw body and the milliseconds of `at` (epoch seconds, now by default)."""
    stamp = str(round((time.time() if at is None else at) * 1000))
    return f"v={stamp},d={hmac.digest(key.encode(), body + stamp.encode(), hashlib.sha256).hex()}"


def agents(services: str) -> str:
    """Desk-file lines of one agent per platform except `generic`, for the end of a file."""
    keys = {"retell": "RETELL_KEY", "telnyx": "TELNYX_KEY"}
    lines = []
    for name in PLATFORMS:
        if name != "generic":
            auth = json.dumps(dict(WIRES[name].auth)).replace("${KEY}", f"${{{keys.get(name, 'DESK_KEY')}}}")
            lines.append(f"  {name}: {{platform: {name}, services: [{services}], auth: {auth}}}\n")
    return "".join(lines)


class Answering(Protocol):
    """A running product, in this process or another."""

    @property
    def business(self) -> str: ...

    @property
    def key(self) -> str: ...

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Heard: ...


@dataclass(slots=True)
class Platform[P: Answering]:
    """One phone call on one platform."""

    served: P
    name: str
    number: str = field(default_factory=fresh_number)

    @property
    def wire(self) -> Wire:
        return WIRES[self.name]

    @property
    def call(self) -> str:
        return f"{self.name}-call-of-{self.number}"

    def path(self, tool: str) -> str:
        return f"/v1/{self.served.business}/{AGENTS[self.name]}/{tool}"

    def wrapped(self, tool: str, arguments: object) -> bytes:
        """The body in which this platform sends the arguments; of Vapi, under a new id."""
        if self.name == "vapi":
            key = f"vapi-{next(_numbers)}"
            return json.dumps(vapi_body([(key, tool, arguments)], call=self.call, number=self.number)).encode()
        if self.name == "retell":
            return json.dumps(retell_body(tool, arguments, call=self.call, number=self.number)).encode()
        return self.wire.body(Turn(tool, arguments, self.call, self.number))

    def headers(self, body: bytes) -> dict[str, str]:
        key = RETELL_KEY if self.name in ("retell", "telnyx") else self.served.key
        return self.wire.headers(Turn("", None, self.call, self.number), body, key=key)

    def raw(self, tool: str, body: bytes, **headers: str) -> Heard:
        """Any bytes, proved as they should be unless a header (`_` for `-`) says otherwise."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.served.post(self.path(tool), body, self.headers(body) | changed)

    def ask(self, tool: str, arguments: object) -> Heard:
        return self.raw(tool, self.wrapped(tool, arguments))

    def reply(self, heard: Heard) -> Reply:
        """The tool's reply; that of a call which could not be run has the status `error`."""
        reply: Reply = self.wire.unwrap(heard.body)
        return reply
