"""Requests as Vapi, Retell and plain HTTPS clients send them, and the tool's reply out of each answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.functional.served import RETELL_KEY, fresh_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.functional.caller import Heard, Reply
    from tests.functional.served import Served

PLATFORMS = ("generic", "vapi", "retell")
AGENTS = {"generic": "front", "vapi": "vapi", "retell": "retell"}
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


@dataclass(slots=True)
class Platform:
    """One phone call on one platform."""

    served: Served
    name: str
    number: str = field(default_factory=fresh_number)

    @property
    def call(self) -> str:
        return f"{self.name}-call-of-{self.number}"

    def path(self, tool: str) -> str:
        return f"/v1/{self.served.business}/{AGENTS[self.name]}/{tool}"

    def wrapped(self, tool: str, arguments: object) -> bytes:
        """The body in which this platform sends the arguments."""
        if self.name == "vapi":
            key = f"vapi-{next(_numbers)}"
            return json.dumps(vapi_body([(key, tool, arguments)], call=self.call, number=self.number)).encode()
        if self.name == "retell":
            return json.dumps(retell_body(tool, arguments, call=self.call, number=self.number)).encode()
        return json.dumps(arguments).encode()

    def headers(self, body: bytes) -> dict[str, str]:
        proof = (
            {"x-retell-signature": retell_signature(body)}
            if self.name == "retell"
            else {"authorization": f"Bearer {self.served.key}"}
        )
        own = {"x-call-id": self.call, "x-caller-number": self.number} if self.name == "generic" else {}
        return {"content-type": "application/json"} | proof | own

    def raw(self, tool: str, body: bytes, **headers: str) -> Heard:
        """Any bytes, proved as they should be unless a header (`_` for `-`) says otherwise."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.served.post(self.path(tool), body, self.headers(body) | changed)

    def ask(self, tool: str, arguments: object) -> Heard:
        return self.raw(tool, self.wrapped(tool, arguments))

    def reply(self, heard: Heard) -> Reply:
        """The tool's reply; that of a call which could not be run has the status `error`."""
        body: Reply = heard.body
        if self.name != "vapi":
            return body
        (entry,) = body["results"]
        reply: Reply = (
            json.loads(entry["result"]) if "result" in entry else {"status": "error", "message": entry["error"]}
        )
        return reply
