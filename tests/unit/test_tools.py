"""`slotline tools`: definitions that platforms accept, a prompt that names them, and a contract that does not break."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ops import tools_contract
from ops.desk_file_known import PLATFORMS, PROOFS
from ops.tools import SPELLINGS
from ops.tools_document import PUBLISHED, document
from ops.tools_prompt import prompt
from ops.tools_wiring import Wiring
from slotline.domain.calls import Status, Tool
from tests.servers.voice_tools import wrong
from tests.unit.tools_owner import API, SECRET, business, wiring

SPECIFIED = {
    "vapi": "CreateFunctionToolDTO",
    "retell": "CustomTool",
    "elevenlabs": "WebhookToolConfig-Input",
    "ultravox": "Tool",
    "telnyx": "SharedTool",
}


# --- definitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", sorted(SPECIFIED))
@pytest.mark.parametrize("kind", ["bearer", "header", "signature"])
def test_definitions_are_what_the_platforms_own_schema_says(platform: str, kind: str) -> None:
    for definition in SPELLINGS[platform](wiring(platform, kind)).definitions:
        assert wrong(platform, SPECIFIED[platform], definition) == []


def test_the_schemas_refuse_a_misspelt_field() -> None:
    for platform, schema in SPECIFIED.items():
        (definition, *_) = SPELLINGS[platform](wiring(platform)).definitions
        assert wrong(platform, schema, {**definition, "tiemout": 3})


def test_the_selection_that_ultravox_is_given_is_one() -> None:
    printed = SPELLINGS["ultravox"](wiring("ultravox", "header"))

    for selected in printed.further["selectedTools"]:
        assert wrong("ultravox", "ultravox.v1.SelectedTool", selected) == []


@pytest.mark.parametrize("platform", [*PLATFORMS, "mcp"])
def test_every_platform_has_its_definitions_and_no_secret_in_them(platform: str) -> None:
    printed = SPELLINGS[platform](wiring(platform, PROOFS.get(platform, ("bearer",))[0]))

    text = json.dumps([printed.definitions, printed.further])

    assert SECRET not in text
    if platform != "mcp":
        names = ["CheckAvailability", "CancelAppointment"] if platform == "lex" else [tool.value for tool in Tool]
        assert all(f'"{name}"' in text or f"/{name}" in text for name in names)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_definitions_of_a_platform_are_small(platform: str) -> None:
    """Ultravox says the place of every argument, which no model is shown."""
    definitions = SPELLINGS[platform](wiring(platform, PROOFS[platform][0])).definitions

    size = len(json.dumps(definitions, separators=(",", ":"), ensure_ascii=False).encode())

    assert size < (10_000 if platform == "ultravox" else 8_000)


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ("elevenlabs", '"X-Caller-Number": {"variable_name": "system__caller_id"}'),
        ("bland", '"X-Caller-Number": "{{phone_number}}"'),
        ("telnyx", '{"name": "X-Caller-Number", "value": "{{telnyx_end_user_target}}"}'),
        ("ultravox", '"requiredParameterOverrides": ["X-Caller-Number"]'),
        ("synthflow", '\\"call_id\\": \\"<call_id>\\", \\"caller_number\\": \\"<user_phone_number>\\"}'),
    ],
)
def test_flat_platforms_say_who_calls_where_no_model_can_write(platform: str, said: str) -> None:
    for definition in SPELLINGS[platform](wiring(platform)).definitions:
        assert said in json.dumps(definition)


def test_no_model_is_asked_who_calls() -> None:
    for platform in PLATFORMS:
        for order in wiring(platform).orders:
            assert not {"call_id", "caller_number", "called_number", "conversation_id"} & order.properties.keys()


TIMEOUTS: dict[str, Callable[[Any], float]] = {
    "vapi": lambda each: each["server"]["timeoutSeconds"],
    "retell": lambda each: each["timeout_ms"] / 1000,
    "elevenlabs": lambda each: each["response_timeout_secs"],
    "ultravox": lambda each: float(each["definition"]["timeout"].removesuffix("s")),
    "telnyx": lambda each: each["timeout_ms"] / 1000,
}


@pytest.mark.parametrize("platform", sorted(TIMEOUTS))
def test_a_platform_waits_longer_than_the_agent_takes(platform: str) -> None:
    def timeouts(deadline: float | None) -> set[float]:
        definitions = SPELLINGS[platform](wiring(platform, deadline_seconds=deadline)).definitions
        return {TIMEOUTS[platform](each) for each in definitions}

    assert timeouts(None) <= {10, 12, 15}
    assert timeouts(20.0) == {23}
    assert timeouts(60.0) == {30}


def test_filler_words_are_spoken_in_english_desks_only() -> None:
    desk = business("vapi")
    german = replace(desk, locale="de-DE")

    assert all(order.filler for order in Wiring(desk, desk.agents["front-desk"], API).orders)
    assert not any(order.filler for order in Wiring(german, desk.agents["front-desk"], API).orders)


def test_telnyx_heeds_the_timeout_beside_the_type_only() -> None:
    for definition in SPELLINGS["telnyx"](wiring("telnyx")).definitions:
        assert definition["timeout_ms"] >= 10_000
        assert "timeout_ms" not in definition["webhook"]


# --- the prompt ------------------------------------------------------------------------------------------------------


def test_the_prompt_names_every_tool_and_every_status_exactly() -> None:
    text = prompt(wiring("vapi"))

    assert [tool for tool in Tool if tool.value not in text] == []
    assert [status for status in Status if f"`{status.value}`" not in text] == []
    assert "Teeth cleaning (30 minutes), Whitening (60 minutes)" in text
    assert "+14155550100" in text


# --- what agents rely on ---------------------------------------------------------------------------------------------


def test_nothing_that_agents_rely_on_is_gone() -> None:
    broken = list(tools_contract.breaking(tools_contract.read(), tools_contract.contract()))

    assert not broken, f"{broken}. {tools_contract.WHAT_TO_DO}"
    assert tools_contract.read() == tools_contract.contract(), "additions: run python -m ops.tools_contract"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda now: now["tools"].pop("hold_slot"), "tool hold_slot is gone"),
        (lambda now: now["tools"]["hold_slot"].pop("date"), "hold_slot.date is gone"),
        (lambda now: now["statuses"].remove("pending"), "status pending is gone"),
        (lambda now: now["reply"].remove("message"), "a reply no longer always has message"),
        (
            lambda now: now["tools"]["hold_slot"]["date"].update(type="boolean"),
            "hold_slot.date is boolean instead of string",
        ),
        (lambda now: now["tools"]["hold_slot"]["date"].update(required=True), "hold_slot.date is now required"),
        (lambda now: now["tools"]["hold_slot"]["date"].update(enum=["a"]), "hold_slot.date has a narrower enum"),
        (
            lambda now: now["tools"]["hold_slot"].update(pin={"type": "string", "required": True}),
            "hold_slot.pin is new, and required",
        ),
    ],
)
def test_every_change_for_the_worse_is_told(change: Any, told: str) -> None:
    now = tools_contract.contract()
    change(now)

    assert list(tools_contract.breaking(tools_contract.contract(), now)) == [told]


def test_additions_break_nothing() -> None:
    now = tools_contract.contract()
    now["statuses"].append("new")
    now["tools"]["hold_slot"]["note"] = {"type": "string", "required": False}
    now["tools"]["new"] = {}

    assert list(tools_contract.breaking(tools_contract.contract(), now)) == []


def test_the_page_on_the_tools_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == document(), "run python -m ops.tools_document"
