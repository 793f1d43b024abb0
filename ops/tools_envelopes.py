"""Tools for the platforms that wrap a call in an envelope: Vapi, Retell, SignalWire. They say themselves who calls."""

from __future__ import annotations

from ops.tools_wiring import (
    STILL_WAITING,
    STILL_WAITING_AFTER_MILLISECONDS,
    Definition,
    Printed,
    ToolOrder,
    Wiring,
)
from slotline.domain.errors import ConfigError

_FAILED = (
    "The request came back without an answer. Do not say that it is done or not done. Call the tool again with the "
    "same arguments: a repeat is safe and tells the truth."
)


def vapi(wiring: Wiring) -> Printed:
    """Function tools: https://docs.vapi.ai/tools/custom-tools, schema CreateFunctionToolDTO."""
    if not wiring.pins_the_call:
        raise ConfigError(
            f"agent {wiring.agent.key} has `payload: args_only`, for apiRequest tools that were made by hand; function "
            "tools need none: remove the line, then `slotline apply`"
        )
    kinds = {
        "hmac": "HMAC, with the options of the agent",
        "header": "bearer token, with the agent's header, no prefix",
    }
    kind = kinds.get(wiring.agent.auth.kind, "bearer token")
    note = (
        f"Under custom credentials of Vapi's dashboard make one of the type {kind}, and of the value of "
        f"{wiring.stand_in}; then name its id with --credential."
    )
    return Printed(tuple(_vapi(order, wiring) for order in wiring.orders), () if wiring.credential_id else (note,))


def _vapi(order: ToolOrder, wiring: Wiring) -> Definition:
    messages: list[Definition] = [{"type": "request-failed", "role": "system", "content": _FAILED}]
    if order.filler:
        late = {"type": "request-response-delayed", "timingMilliseconds": STILL_WAITING_AFTER_MILLISECONDS}
        messages = [{"type": "request-start", "content": order.filler}, {**late, "content": STILL_WAITING}, *messages]
    return {
        "type": "function",
        "async": False,
        "function": {"name": order.name, "description": order.description, "parameters": order.parameters},
        "server": {
            "url": order.url,
            "timeoutSeconds": wiring.timeout_seconds(15, most=300),
            "credentialId": wiring.credential_id or "${VAPI_CREDENTIAL_ID}",
        },
        "messages": messages,
    }


def retell(wiring: Wiring) -> Printed:
    """Custom functions of a Retell LLM: https://docs.retellai.com, schema CustomTool."""
    notes = ["The tools live in a Retell LLM (or conversation flow): name the LLM's id with --to."]
    if wiring.agent.auth.kind == "signature":
        notes.append("Retell signs with the API key that bears the webhook badge: that one belongs into the desk file.")
    if not wiring.pins_the_call:
        notes.append("With `payload: args_only` nobody is known to call: appointments can be booked, and nothing else.")
    return Printed(tuple(_retell(order, wiring) for order in wiring.orders), tuple(notes))


def _retell(order: ToolOrder, wiring: Wiring) -> Definition:
    header = wiring.auth_header
    speech: Definition = {"speak_during_execution": True, "speak_after_execution": True}
    if order.filler:
        speech |= {"execution_message_type": "static_text", "execution_message_description": order.filler}
    return {
        "type": "custom",
        "name": order.name,
        "description": order.description,
        "url": order.url,
        "method": "POST",
        **({"headers": dict([header])} if header else {}),
        "parameters": order.parameters,
        **speech,
        "timeout_ms": wiring.timeout_seconds(15, most=600) * 1000,
        "args_at_root": not wiring.pins_the_call,
    }


def signalwire(wiring: Wiring) -> Printed:
    """SWAIG functions: https://developer.signalwire.com/swml/methods/ai/swaig."""
    proof = ""
    notes = ["Enter the functions under SWAIG.functions of the agent's SWML."]
    if wiring.agent.auth.kind == "basic":
        proof = f"{wiring.stand_in}@"
        notes.append(f"{wiring.stand_in} stands for user:password, percent-encoded, as it is in the desk file.")
    return Printed(tuple(_signalwire(order, proof) for order in wiring.orders), tuple(notes))


def _signalwire(order: ToolOrder, proof: str) -> Definition:
    return {
        "function": order.name,
        "description": order.description,
        "parameters": order.parameters,
        "web_hook_url": order.url.replace("://", f"://{proof}", 1),
        **({"fillers": {"en-US": [order.filler]}} if order.filler else {}),
    }
