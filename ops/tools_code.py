"""Tools for the owner's own code, MCP clients, and the AWS services that invoke our function themselves."""

from __future__ import annotations

import re

from ops.tools_wiring import CALL_ID, CALLED, CALLER, Definition, Printed, ToolOrder, Wiring

_KEY = "Idempotency-Key"


def functions(wiring: Wiring) -> Printed:
    """Function definitions as OpenAI spells them, which most models take, and where your code sends the calls."""
    headers = {
        **(dict([wiring.auth_header]) if wiring.auth_header else {}),
        _KEY: "the model's tool-call id",
        CALL_ID: "the phone call's id",
        CALLER: "who calls, as +14155550123",
        CALLED: "the number they called",
    }
    notes = [
        f"Send the arguments as the body of a POST to {wiring.base}/TOOL, from your own code, with these headers.",
        "Call id and number come from your session, never from the arguments.",
        "After a broken connection or a 5xx send the same again, with the same Idempotency-Key.",
    ]
    if wiring.agent.auth.kind == "hmac":
        notes.append("Sign each request with the HMAC options of the agent's section in the desk file.")
    return Printed(tuple(_function(order) for order in wiring.orders), tuple(notes), {"headers": headers})


def _function(order: ToolOrder) -> Definition:
    return {"type": "function", "name": order.name, "description": order.description, "parameters": order.parameters}


def mcp(wiring: Wiring) -> Printed:
    """One address; the client lists the tools itself."""
    proof = dict([wiring.auth_header]) if wiring.auth_header else {}
    server = {
        "url": f"{wiring.base}/mcp",
        "transport": "streamable HTTP",
        "headers": {**proof, CALL_ID: "the platform's variable for the call", CALLER: "… for the caller's number"},
    }
    notes = (
        "Set the headers from the platform's variables: without them appointments can be booked, and nothing else.",
        "Let the client wait at least 10 seconds, and let it call the tools without asking for approval.",
    )
    return Printed((), notes, {"server": server})


def bedrock(wiring: Wiring) -> Printed:
    """An action group with an OpenAPI schema: function details take fewer parameters than our tools have."""
    paths = {
        f"/{order.name}": {
            "post": {
                "operationId": order.name,
                "description": order.description,
                "requestBody": {"content": {"application/json": {"schema": order.parameters}}},
                "responses": {
                    "200": {"description": "The reply", "content": {"application/json": {"schema": {"type": "object"}}}}
                },
            }
        }
        for order in wiring.orders
    }
    schema = {"openapi": "3.0.0", "info": {"title": "Slotline", "version": "1"}, "paths": paths}
    notes = (
        _alias(wiring),
        "Enter the schema in the action group, and set the session attribute caller_number in your own backend.",
    )
    return Printed((schema,), notes)


def agentcore(wiring: Wiring) -> Printed:
    """Tool schema of a gateway target: https://docs.aws.amazon.com/bedrock-agentcore, Lambda targets."""
    definitions = tuple(
        {"name": order.name, "description": order.description, "inputSchema": order.parameters}
        for order in wiring.orders
    )
    return Printed(
        definitions, (_alias(wiring), "Enter the list as inline tool schema. The gateway says nobody calls: book only.")
    )


def connect(wiring: Wiring) -> Printed:
    """What to enter in the block "Invoke AWS Lambda function", for each tool."""
    definitions = tuple(
        {"Parameters": {"tool": order.name, **{name: about["description"] for name, about in order.properties.items()}}}
        for order in wiring.orders
    )
    notes = (
        _alias(wiring),
        "One block for each tool: timeout 8 seconds, response validation STRING_MAP; leave out what you do not know.",
    )
    return Printed(definitions, notes)


def lex(wiring: Wiring) -> Printed:
    """Intents and slots by the names our fulfilment hook understands."""
    definitions = tuple(
        {
            "intent": _camel(order.name),
            "description": order.description,
            "slots": {
                _camel(name): about["description"] for name, about in order.properties.items() if name != "confirm"
            },
        }
        for order in wiring.orders
    )
    notes = (
        _alias(wiring),
        "Make each intent with these slots, none required, and our function as its fulfilment hook.",
        "CancelAppointment needs a confirmation prompt in place of the argument `confirm`.",
    )
    return Printed(definitions, notes)


def _alias(wiring: Wiring) -> str:
    name = f"{wiring.business.key}_{wiring.agent.key}"
    return (
        f"Invoke the alias {name} of the function: its ARN is an output of the stack, after a deploy with -c direct=…"
    )


def _camel(name: str) -> str:
    return re.sub(r"(?:^|_)(\w)", lambda found: found[1].upper(), name)
