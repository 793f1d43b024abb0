"""What each voice platform puts on the wire for one tool call of one caller, made from the sample events.

The other side of `slotline.platforms`: bodies, headers and credentials as a platform sends them, and the reply out of
what it hears.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EVENTS = Path(__file__).resolve().parent.parent.parent / "events"
USER = "desk"
FOLDERS = {"check_availability": "availability", "send_confirmation": "sms_confirm"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One tool call; `arguments` may be anything, for what a model writes may be anything."""

    tool: str
    arguments: object
    call: str | None
    caller: str | None  # E.164
    delivery: str | None = None


Auth = Mapping[str, str]
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wire:
    """How one platform sends. `auth` is what the desk file says; its `${KEY}` is `secret(key)`."""

    platform: str
    auth: Auth
    wrap: Callable[[Any, Turn], object]
    context: Callable[[Turn], Headers]
    prove: Callable[[bytes, str, float], Headers]
    unwrap: Callable[[Any], Any] = lambda heard: heard
    secret: Callable[[str], str] = lambda key: key
    route: str | None = None  # of all tools; None where each has its own

    def body(self, turn: Turn) -> bytes:
        """The sample event with this call in it."""
        folder = FOLDERS.get(turn.tool, "booking")
        sample = json.loads((EVENTS / folder / f"{self.platform}_{turn.tool}.json").read_text())
        return json.dumps(self.wrap(sample, turn), ensure_ascii=False).encode()

    def headers(self, turn: Turn, body: bytes, *, key: str, now: float | None = None) -> Headers:
        """What goes with the body; `now` is in epoch seconds."""
        proof = self.prove(body, key, time.time() if now is None else now)
        return {"content-type": "application/json"} | proof | self.context(turn)


# --- bodies ----------------------------------------------------------------------------------------------------------


def _arguments(_sample: Any, turn: Turn) -> object:
    return turn.arguments


def _vapi(sample: Any, turn: Turn) -> object:
    message = sample["message"]
    message["call"] |= {"id": turn.call, "customer": {"number": turn.caller}}
    message["toolCallList"][0] |= {"id": turn.delivery}
    message["toolCallList"][0]["function"]["arguments"] = turn.arguments
    return sample


def _retell(sample: Any, turn: Turn) -> object:
    running = sample["call"]["transcript_with_tool_calls"][0]
    running |= {"tool_call_id": turn.delivery, "arguments": json.dumps(turn.arguments)}
    sample["call"] |= {"call_id": turn.call, "from_number": turn.caller}
    return sample | {"args": turn.arguments}


def _synthflow(sample: Any, turn: Turn) -> object:
    if not isinstance(turn.arguments, dict):
        return turn.arguments
    return turn.arguments | {
        "call_id": turn.call,
        "caller_number": turn.caller,
        "called_number": sample["called_number"],
    }


def _signalwire(sample: Any, turn: Turn) -> object:
    sample["argument"] |= {"parsed": [turn.arguments], "raw": json.dumps(turn.arguments)}
    return sample | {"call_id": turn.call, "caller_id_num": turn.caller}


def _rpc(_sample: Any, turn: Turn) -> object:
    call = {"name": turn.tool, "arguments": turn.arguments}
    return {"jsonrpc": "2.0", "id": turn.delivery, "method": "tools/call", "params": call}


# --- headers about the call ------------------------------------------------------------------------------------------


def _none(_turn: Turn) -> Headers:
    return {}


def _call(turn: Turn, **more: str | None) -> Headers:
    told = {"x-call-id": turn.call, "x-caller-number": turn.caller} | {n.replace("_", "-"): v for n, v in more.items()}
    return {name: value for name, value in told.items() if value is not None}


def _keyed(turn: Turn) -> Headers:
    return _call(turn, idempotency_key=turn.delivery)


def _telnyx_call(turn: Turn) -> Headers:
    return _call(turn, x_telnyx_call_control_id=turn.call)


def _mcp_call(turn: Turn) -> Headers:
    return _keyed(turn) | {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


# --- credentials -----------------------------------------------------------------------------------------------------


def _bearer(_body: bytes, key: str, _now: float) -> Headers:
    return {"authorization": f"Bearer {key}"}


def _api_key(_body: bytes, key: str, _now: float) -> Headers:
    return {"x-api-key": key}


def _basic(_body: bytes, key: str, _now: float) -> Headers:
    return {"authorization": "Basic " + base64.b64encode(f"{USER}:{key}".encode()).decode()}


def _retell_signature(body: bytes, key: str, now: float) -> Headers:
    stamp = str(round(now * 1000))
    return {"x-retell-signature": f"v={stamp},d={hmac.digest(key.encode(), body + stamp.encode(), 'sha256').hex()}"}


def _telnyx_signature(body: bytes, key: str, now: float) -> Headers:
    stamp = str(int(now))
    signature = base64.b64encode(_ed25519(key).sign(stamp.encode() + b"|" + body)).decode()
    return {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": signature}


def _ed25519(key: str) -> Ed25519PrivateKey:
    """The key pair of a made-up Telnyx account."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(key.encode()).digest())


def _telnyx_public_key(key: str) -> str:
    return base64.b64encode(_ed25519(key).public_key().public_bytes_raw()).decode()


# --- answers ---------------------------------------------------------------------------------------------------------


def _vapi_reply(heard: Any) -> Any:
    """The reply out of the one result; that of a call which could not be run has the status `error`."""
    (entry,) = heard["results"]
    return json.loads(entry["result"]) if "result" in entry else {"status": "error", "message": entry["error"]}


def _signalwire_reply(heard: Any) -> Any:
    text = heard["response"]
    return json.loads(text) if text.startswith("{") else {"status": "error", "message": text}


def _rpc_reply(heard: Any) -> Any:
    return heard["result"]["structuredContent"]


KEY = "KEY"
_BEARER = {"bearer": "${KEY}"}
_HEADER = {"header": "X-Api-Key", "value": "${KEY}"}
_SIGNATURE = {"signature": "${KEY}"}

WIRES = {
    wire.platform: wire
    for wire in (
        Wire("vapi", _BEARER, _vapi, _none, _bearer, _vapi_reply),
        Wire("retell", _SIGNATURE, _retell, _none, _retell_signature),
        Wire("elevenlabs", _BEARER, _arguments, _call, _bearer),
        Wire("bland", _BEARER, _arguments, _call, _bearer),
        Wire("synthflow", _HEADER, _synthflow, _none, _api_key),
        Wire("ultravox", _HEADER, _arguments, _call, _api_key),
        Wire("telnyx", _SIGNATURE, _arguments, _telnyx_call, _telnyx_signature, secret=_telnyx_public_key),
        Wire("signalwire", {"basic": f"{USER}:${{KEY}}"}, _signalwire, _none, _basic, _signalwire_reply),
        Wire("openai", _BEARER, _arguments, _keyed, _bearer),
        Wire("generic", _BEARER, _arguments, _keyed, _bearer),
    )
}

MCP = Wire("generic", _BEARER, _rpc, _mcp_call, _bearer, _rpc_reply, route="mcp")
WAYS = WIRES | {"mcp": MCP}
"""Every platform, and MCP, which any agent with a bearer speaks beside its own."""
