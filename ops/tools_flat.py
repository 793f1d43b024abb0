"""Tools for the platforms that send bare arguments: the definition says who calls, in headers no model can write."""

from __future__ import annotations

import hashlib
import json

from ops.tools_wiring import (
    CALL_ID,
    CALLED,
    CALLER,
    STILL_WAITING,
    STILL_WAITING_AFTER_MILLISECONDS,
    Definition,
    Printed,
    ToolOrder,
    Wiring,
)

_EXAMPLE = "example"  # a value that our Synthflow dialect takes for a test, whatever the tool


def elevenlabs(wiring: Wiring) -> Printed:
    """Webhook tools: https://elevenlabs.io/docs, schema WebhookToolConfig."""
    notes = []
    if wiring.auth_header:
        notes = [
            f"{wiring.stand_in} stands for the id of a workspace secret: --install makes it. It holds the whole header."
        ]
    return Printed(tuple(_elevenlabs(order, wiring) for order in wiring.orders), (*notes, *_headers_do(wiring)))


_ELEVENLABS_CALL = {
    CALL_ID: "system__conversation_id",
    CALLER: "system__caller_id",
    CALLED: "system__called_number",
}


def _elevenlabs(order: ToolOrder, wiring: Wiring) -> Definition:
    headers: Definition = {name: {"variable_name": variable} for name, variable in _ELEVENLABS_CALL.items()}
    if wiring.auth_header:
        headers = {wiring.auth_header[0]: {"secret_id": wiring.stand_in}, **headers}
    schema: Definition = {
        "url": order.url,
        "method": "POST",
        "content_type": "application/json",
        "request_headers": headers,
    }
    if order.properties:
        schema["request_body_schema"] = order.parameters
    return {
        "type": "webhook",
        "name": order.name,
        "description": order.description,
        "response_timeout_secs": wiring.timeout_seconds(15, most=120),
        "pre_tool_speech": "auto" if order.reads_only else "force",
        "interruption_mode": "allow" if order.reads_only else "disable_during_tool",
        "tool_error_handling_mode": "passthrough",
        "execution_mode": "immediate",
        "api_schema": schema,
    }


def bland(wiring: Wiring) -> Printed:
    """Custom tools, v1: https://docs.bland.ai/api-v1/post/tools. Headers and body are templates."""
    notes = (
        "POST each to https://api.bland.ai/v1/tools, API key as `authorization`, and give the agent the `tool_id`.",
        _stand_in_is(wiring),
        *_headers_do(wiring),
    )
    return Printed(tuple(_bland(order, wiring) for order in wiring.orders), notes)


def _bland(order: ToolOrder, wiring: Wiring) -> Definition:
    proof = dict([wiring.auth_header]) if wiring.auth_header else {}
    return {
        "name": order.name,
        "description": order.description,
        **({"speech": order.filler} if order.filler else {}),
        "url": order.url,
        "method": "POST",
        "headers": {**proof, CALL_ID: "{{call_id}}", CALLER: "{{phone_number}}"},
        "body": {name: f"{{{{input.{name}}}}}" for name in order.properties},
        "input_schema": {**order.parameters, "example": dict.fromkeys(order.properties, _EXAMPLE)},
        "response": {"status": "$.status", "say": "$.message", "all": "$"},
        "timeout": wiring.timeout_seconds(12, most=60) * 1000,
    }


def synthflow(wiring: Wiring) -> Printed:
    """Custom actions: https://docs.synthflow.ai. The call can stand in the body only, after the arguments."""
    notes = (
        "POST each to https://api.synthflow.ai/v2/actions, then attach the actions to the assistant.",
        _stand_in_is(wiring),
        "Initialising an action sends a request with the examples: it is answered with 200, and does nothing.",
        "Never declare call_id or caller_number among variables_during_the_call: a model would fill them in.",
    )
    return Printed(tuple(_synthflow(order, wiring) for order in wiring.orders), notes)


def _synthflow(order: ToolOrder, wiring: Wiring) -> Definition:
    call = {"call_id": "<call_id>", "caller_number": "<user_phone_number>"}
    kinds = {"boolean": "bool"}
    header = wiring.auth_header
    return {
        "CUSTOM_ACTION": {
            "http_mode": "POST",
            "url": order.url,
            "name": order.name,
            "description": order.description,
            "run_action_before_call_start": False,
            **({"speech_while_using_the_tool": order.filler} if order.filler else {}),
            "failure_timeout": wiring.timeout_seconds(15, most=30),
            "headers": [{"key": key, "value": value} for key, value in ((header,) if header else ())],
            "query_parameters": [],
            "variables_before_the_call": [],
            "variables_during_the_call": [
                {
                    "name": name,
                    "description": about["description"],
                    "example": _EXAMPLE,
                    "type": kinds.get(about["type"], about["type"]),
                }
                for name, about in order.properties.items()
            ],
            "json_body_stringified": json.dumps({**{name: f"<{name}>" for name in order.properties}, **call}),
        }
    }


def ultravox(wiring: Wiring) -> Printed:
    """HTTP tools: https://docs.ultravox.ai, schemas Tool and ultravox.v1.BaseToolDefinition."""
    definitions = tuple(_ultravox(order, wiring) for order in wiring.orders)
    tokens = {"authTokens": {_PROOF: wiring.stand_in}} if wiring.auth_header else {}
    selected = [
        {"toolName": each["name"], **tokens, "parameterOverrides": {CALLER: "{{ultravox.sip.caller_id}}"}}
        for each in definitions
    ]
    notes = [
        _stand_in_is(wiring),
        "Enter `selectedTools` in the agent's call template: Ultravox takes the credential there, not in the tool.",
        f"{CALLER} must be overridden, so that no model can fill it in. The template shown is that of incoming SIP "
        'calls; where your own code makes the call, give the number itself, and "unknown" when there is none.',
    ]
    if wiring.agent.deadline_seconds is None:
        notes.append(
            "Answers keep to Ultravox's usual 2.5 seconds until the agent has `deadline_seconds: 9` in the desk file."
        )
    return Printed(definitions, (*notes, *_headers_do(wiring)), {"selectedTools": selected})


_PROOF = "slotline"


def _ultravox(order: ToolOrder, wiring: Wiring) -> Definition:
    parameters = [
        {"name": name, "location": "PARAMETER_LOCATION_BODY", "schema": dict(about)}
        for name, about in order.properties.items()
    ]
    caller = {
        "name": CALLER,
        "location": "PARAMETER_LOCATION_HEADER",
        "schema": {"type": "string", "description": "Set by the call, never by the model"},
        "required": True,
    }
    requirements: Definition = {"requiredParameterOverrides": [CALLER]}
    if wiring.auth_header:
        name = wiring.auth_header[0]
        scheme = wiring.auth_header[1].partition(" ")[0]
        way = (
            {"headerApiKey": {"name": name}} if wiring.agent.auth.kind == "header" else {"httpAuth": {"scheme": scheme}}
        )
        requirements["httpSecurityOptions"] = {"options": [{"requirements": {_PROOF: way}}]}
    call_id = {"name": CALL_ID, "location": "PARAMETER_LOCATION_HEADER", "knownValue": "KNOWN_PARAM_CALL_ID"}
    return {
        # Names of tools are one per account, and at most 40 characters long: two stages, or agents, get two.
        "name": f"{order.name}_{hashlib.sha256(order.url.encode()).hexdigest()[:8]}",
        "definition": {
            "modelToolName": order.name,
            "description": order.description,
            "timeout": f"{wiring.timeout_seconds(10, most=40)}s",
            "precomputable": order.name == "check_availability",
            "dynamicParameters": [*parameters, caller],
            "automaticParameters": [call_id],
            "http": {"baseUrlPattern": order.url, "httpMethod": "POST"},
            "requirements": requirements,
        },
    }


def telnyx(wiring: Wiring) -> Printed:
    """Webhook tools: https://developers.telnyx.com, AI assistants; `timeout_ms` counts beside `type` only."""
    notes = ["Add the ids of the tools to `tool_ids` of the assistant."]
    if wiring.agent.auth.kind == "signature":
        notes.append("Telnyx signs every request: the public key of the account belongs into the desk file.")
    if wiring.agent.deadline_seconds is None:
        notes.append(
            "Answers come within five seconds until the agent has `deadline_seconds` (say, 9) in the desk file."
        )
    return Printed(tuple(_telnyx(order, wiring) for order in wiring.orders), tuple(notes))


_TELNYX_CALL = {
    CALL_ID: "{{call_control_id}}",
    CALLER: "{{telnyx_end_user_target}}",
    CALLED: "{{telnyx_agent_target}}",
}
_TELNYX_PROOF = {"X-Caller-Attestation": "{{telnyx_shaken_stir_attestation}}"}
"""For the tools that a code opens: the carrier's word may do instead."""


def _telnyx(order: ToolOrder, wiring: Wiring) -> Definition:
    headers = _TELNYX_CALL | (_TELNYX_PROOF if "code" in order.properties else {})
    if wiring.auth_header:
        name, value = wiring.auth_header
        kept = f"{{{{#integration_secret}}}}{wiring.secret_name}{{{{/integration_secret}}}}"
        headers = {name: value.replace(wiring.stand_in, kept), **headers}
    late = {"type": "request_response_delayed", "timing_ms": STILL_WAITING_AFTER_MILLISECONDS}
    messages = [{"type": "request_start", "content": order.filler}, {**late, "content": STILL_WAITING}]
    return {
        "type": "webhook",
        "display_name": f"{wiring.business.key}/{wiring.agent.key}/{order.name}",
        "timeout_ms": wiring.timeout_seconds(12, most=30) * 1000,
        "webhook": {
            "name": order.name,
            "description": order.description,
            "url": order.url,
            "method": "POST",
            "async": False,
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "body_parameters": order.parameters,
            **({"messages": messages} if order.filler else {}),
        },
    }


def _stand_in_is(wiring: Wiring) -> str:
    form = ", which is user:password in base64" if wiring.agent.auth.kind == "basic" else ""
    return f"{wiring.stand_in} stands for the agent's credential{form}."


def _headers_do(wiring: Wiring) -> tuple[str, ...]:
    """An owner who has `payload: full` for nothing trusts bodies for nothing."""
    needless = (
        "These definitions say who calls in headers: remove `payload: full` from the agent, and bodies are not trusted."
    )
    return (needless,) if wiring.pins_the_call else ()
