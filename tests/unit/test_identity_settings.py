"""What an owner is told about `identity`, and how platforms pass on what proves a caller."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.apply import identity_warnings
from slotline.domain.business import Business, IdentityLevel, Sms
from slotline.domain.calls import HttpRequest, Status, Tool, ToolCall, ToolReply
from slotline.platforms import lex, mcp, retell, table, telnyx, vapi
from tests.unit.front_desk import HARBOR

STRICT = replace(HARBOR, change=IdentityLevel.SMS_CODE, transfer_to="+14155550100")


@pytest.mark.parametrize(
    ("business", "is_local", "warned"),
    [
        (HARBOR, False, []),
        (STRICT, True, []),
        (STRICT, False, ["texts"]),
        (replace(STRICT, sms=Sms(provider="twilio", sender="+14155550111")), False, []),
        (replace(STRICT, sms=Sms(provider="twilio")), True, ["texts"]),
        (replace(STRICT, transfer_to=None), True, ["transfer_to"]),
    ],
)
def test_an_owner_is_warned_where_callers_would_get_no_further(
    business: Business, is_local: bool, warned: list[str]
) -> None:
    lines = list(identity_warnings(business, is_local=is_local))

    assert len(lines) == len(warned)
    assert all(word in line for word, line in zip(warned, lines, strict=True))


# --- what the carrier says -------------------------------------------------------------------------------------------


def read(dialect: Any, tool: str, body: object, **headers: str) -> ToolCall:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest("POST", f"/v1/b/a/{tool}", named, json.dumps(body).encode())
    (call,) = dialect.read(request, path_tool=tool)
    assert isinstance(call, ToolCall)
    return call


@pytest.mark.parametrize(
    ("sent", "attested"),
    [
        ("A", True),
        (" A ", True),
        ("B", False),
        ("a", False),
        ("", False),
        ("{{telnyx_shaken_stir_attestation}}", False),
    ],
)
def test_only_a_plain_a_is_the_carriers_word(sent: str, attested: bool) -> None:
    call = read(telnyx.DIALECTS["args_only"], "find_appointments", {}, x_caller_attestation=sent)

    assert call.context.attested is attested


@pytest.mark.parametrize("platform", sorted(set(table.PLATFORMS) - {"telnyx", "vapi", "retell", "signalwire"}))
def test_no_other_platform_is_known_to_pass_it(platform: str) -> None:
    dialect = table.by_name(platform)

    assert not read(dialect, "find_appointments", {"attested": True}, x_caller_attestation="A").context.attested


# --- what was said in one breath -------------------------------------------------------------------------------------


def vapi_calls(*ids: str | None) -> list[Any]:
    listed = [{"id": key, "function": {"name": "find_appointments", "arguments": {}}} for key in ids]
    body = {"message": {"type": "tool-calls", "call": {"id": "c"}, "toolCallList": listed}}
    request = HttpRequest("POST", "/", {}, json.dumps(body).encode())
    return list(vapi.DIALECTS["full"].read(request, path_tool=""))


def test_the_calls_of_one_message_of_vapi_are_one_turn() -> None:
    first, second = vapi_calls("t1", "t2")
    (alone,) = vapi_calls("t3")

    assert first.turn == second.turn == "t1"
    assert alone.turn is None


def test_the_calls_of_one_batch_of_mcp_are_one_turn() -> None:
    def calls(body: object) -> list[Any]:
        dialect = mcp.Mcp([_contract()], public_url=None)
        headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        return list(dialect.read(HttpRequest("POST", "/", headers, json.dumps(body).encode()), path_tool=""))

    def asked(number: int) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "find_appointments"}}

    first, second = calls([asked(1), asked(2)])
    (other, _) = calls([asked(3), asked(4)])
    (alone,) = calls(asked(5))

    assert first.turn == second.turn != other.turn
    assert alone.turn is None


def _contract() -> Any:
    from slotline.bootstrap.tool_rooms import ROOMS

    return next(room.contract for room in ROOMS if room.tool is Tool.FIND_APPOINTMENTS)


def test_on_retell_a_turn_begins_when_the_caller_has_spoken() -> None:
    def turn(*said: str) -> str | None:
        lines = [
            {"role": "user", "content": "yes"}
            if one == "user"
            else {"role": "tool_call_invocation", "tool_call_id": one, "name": "find_appointments", "arguments": "{}"}
            for one in said
        ]
        body = {"name": "find_appointments", "args": {}, "call": {"call_id": "c", "transcript_with_tool_calls": lines}}
        return read(retell.DIALECTS["full"], "find_appointments", body).turn

    assert turn("user", "k1") == turn("user", "k1", "k2") == turn("user")  # the running call need not be in it yet
    assert turn("user", "k1", "user", "k2") == turn("user", "k1", "user") != turn("user", "k1")
    assert turn() is None


# --- a code in a dialogue of slots -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slots", "fields", "action"),
    [
        ({"Code": None}, {"field": "code"}, "ElicitSlot"),
        ({"Code": None}, {}, "Close"),
        ({}, {"field": "code"}, "Close"),
    ],
)
def test_lex_asks_for_the_slot_of_the_code(slots: dict[str, Any], fields: dict[str, Any], action: str) -> None:
    event = {"sessionState": {"intent": {"name": "FindAppointments", "slots": slots}}}
    call = ToolCall("find_appointments", {}, read(telnyx.DIALECTS["args_only"], "find_appointments", {}).context)

    written: Any = lex.DIALECT.write(event, (call, ToolReply(Status.NEEDS_VERIFICATION, "Please.", fields)))

    assert written["sessionState"]["dialogAction"]["type"] == action
