"""`slotline tools --install` and `--diff`: made once, compared, put right, and silent about secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ops.tools import ACCOUNTS
from ops.tools_api import PlatformError
from slotline.domain.calls import Tool
from slotline.domain.errors import ConfigError
from tests.servers import voice_tools
from tests.servers.faulty import ApiError
from tests.unit.tools_owner import SECRET, Owner, business

AGENT_IDS = {"vapi": "assistant-1", "retell": "llm-1", "elevenlabs": "agent-1"}


@pytest.fixture(params=sorted(ACCOUNTS))
def owner(request: pytest.FixtureRequest) -> Owner:
    return Owner(request.param)


# --- installing ------------------------------------------------------------------------------------------------------


def test_the_first_installation_makes_every_tool(owner: Owner) -> None:
    out = owner.install()

    assert [line.partition(",")[0] for line in out.splitlines() if ": made," in line] == [
        f"{tool}: made" for tool in Tool
    ]
    assert len(owner.definitions()) == len(Tool)
    assert SECRET not in out
    assert voice_tools.KEY not in out
    assert "For the agent's prompt" in out


def test_a_second_installation_writes_nothing(owner: Owner) -> None:
    owner.install()
    before = list(owner.account.written)

    out = owner.install()

    assert owner.account.written == before
    assert out.count(": unchanged, ") == len(Tool)
    assert owner.run(diff=True) == (0, "installed as they should be\n")


def test_what_somebody_changed_is_shown_and_put_right(owner: Owner) -> None:
    owner.install()
    changed = json.loads(json.dumps(owner.definitions()[1]).replace("Keep a slot", "Sell a slot"))
    _replace(owner, changed)

    code, out = owner.run(diff=True)

    assert code == 1
    assert out.startswith("hold_slot: ")
    assert "Sell a slot" in out
    assert owner.install().count("brought up to date") == 1
    assert owner.run(diff=True)[0] == 0


def test_before_the_first_installation_everything_is_missing(owner: Owner) -> None:
    code, out = owner.run(diff=True)

    assert code == 1
    assert out.splitlines() == [f"{tool}: not installed" for tool in Tool]
    assert owner.account.written == []


def test_another_stage_gets_tools_of_its_own_and_leaves_these_alone() -> None:
    for platform in ("vapi", "elevenlabs", "ultravox", "telnyx"):
        owner = Owner(platform)
        owner.install()
        before = json.dumps(owner.definitions())

        assert owner.install(url="https://prod.example.com", prune=True).count("made, ") == len(Tool)

        assert json.dumps(owner.definitions()[: len(Tool)]) == before
        assert len(owner.definitions()) == 2 * len(Tool)


def test_a_tool_that_is_none_of_ours_any_more_is_named_and_removed_when_told_so() -> None:
    owner = Owner("vapi")
    owner.install()
    old = json.loads(json.dumps(owner.definitions()[0]).replace("check_availability", "look_up"))
    owner.account.tools["old"] = {**old, "id": "old"}
    owner.account.tools["twin"] = {**owner.definitions()[1], "id": "twin"}

    assert "look_up: installed, and not one of the tools" in owner.run(diff=True)[1]
    assert "look_up: old is stale: --prune removes it" in owner.install()
    assert {"old", "twin"} <= owner.account.tools.keys()
    owner.install(prune=True)
    assert len(owner.account.tools) == len(Tool)


def test_the_agent_named_gets_the_tools_beside_those_it_has() -> None:
    held: dict[str, Callable[[Any], list[str]]] = {
        "vapi": lambda agent: agent["model"]["toolIds"],
        "elevenlabs": lambda agent: agent["conversation_config"]["agent"]["prompt"]["tool_ids"],
    }
    for platform, tools in held.items():
        owner = Owner(platform)
        owner.install(to=AGENT_IDS[platform])
        owner.install(to=AGENT_IDS[platform])

        assert tools(owner.account.agents[AGENT_IDS[platform]]) == ["theirs", *owner.account.tools]
    assert owner.account.agents["agent-1"]["conversation_config"]["agent"]["prompt"]["prompt"] == "Be kind."


def test_retell_keeps_the_tools_of_others_and_refuses_a_name_that_is_taken() -> None:
    owner = Owner("retell")
    owner.install()
    assert owner.account.agents["llm-1"]["general_tools"][0] == {"type": "end_call", "name": "end_call"}
    assert owner.account.agents["llm-1"]["general_prompt"] == "Be kind."

    with pytest.raises(PlatformError, match="has another tool named check_availability"):
        owner.run(install=True, url="https://prod.example.com")


@pytest.mark.parametrize("platform", ["retell", "vapi"])
def test_what_an_installation_needs_is_asked_for(platform: str) -> None:
    owner = Owner(platform)
    owner.environ = {}
    with pytest.raises(ConfigError, match=f"set {platform.upper()}_API_KEY"):
        owner.run(install=True)


def test_telnyx_shows_a_definition_in_one_of_two_ways() -> None:
    account = voice_tools.Telnyx()
    account.inner = False
    owner = Owner("telnyx", account=account)
    owner.install()

    assert owner.run(diff=True)[0] == 0


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_elevenlabs_keeps_the_header_as_a_secret_of_the_workspace() -> None:
    owner = Owner("elevenlabs")
    owner.install()

    ((name, kept),) = owner.account.secrets.items()
    assert kept == {"name": "slotline-bright-smile-front-desk", "value": f"Bearer {SECRET}"}
    for tool in owner.definitions():
        assert tool["tool_config"]["api_schema"]["request_headers"]["Authorization"] == {"secret_id": name}

    owner.secret = "another-key-0123456789"
    assert "kept; --new-secret" in owner.install()
    owner.install(new_secret=True)
    assert owner.account.secrets == {name: {**kept, "value": "Bearer another-key-0123456789"}}


def test_telnyx_keeps_the_credential_as_an_integration_secret() -> None:
    owner = Owner("telnyx")
    owner.install()

    assert [each["token"] for each in owner.account.secrets.values()] == [SECRET]
    headers = owner.definitions()[0]["webhook"]["headers"]
    named = "Bearer {{#integration_secret}}slotline-bright-smile-front-desk{{/integration_secret}}"
    assert headers[0] == {"name": "Authorization", "value": named}

    owner.secret = "another-key-0123456789"
    owner.install(new_secret=True)
    assert [each["token"] for each in owner.account.secrets.values()] == ["another-key-0123456789"]


def test_retell_is_sent_the_credential_and_a_comparison_does_not_show_it() -> None:
    owner = Owner("retell")
    owner.install()
    assert {tool["headers"]["Authorization"] for tool in owner.definitions()} == {f"Bearer {SECRET}"}

    owner.secret = "another-key-0123456789"
    code, out = owner.run(diff=True)

    assert (code, out.splitlines()[0]) == (1, "check_availability: headers.Authorization: differs")
    assert "key-0123456789" not in out


def test_where_the_platform_signs_no_credential_is_sent() -> None:
    for platform in ("retell", "telnyx"):
        owner = Owner(platform)
        owner.desk = business(platform, "signature")
        owner.install()
        assert SECRET not in json.dumps([request.body for request in owner.account.seen])


def test_what_a_platform_complains_of_is_told_without_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner("retell")
    owner.desk = business("retell", "header")

    def complain(_: str, value: object) -> None:
        raise ApiError(422, f"bad header {json.dumps(value)}")

    monkeypatch.setattr(owner.account, "check", complain)

    with pytest.raises(PlatformError, match="answered 422") as told:
        owner.run(install=True)

    assert SECRET not in str(told.value)
    assert "••••" in str(told.value)


# --- when the platform does not ---------------------------------------------------------------------------------------


def test_a_key_that_is_not_accepted_is_named_and_not_shown(owner: Owner) -> None:
    name = ACCOUNTS[owner.platform].key_name
    owner.environ = {name: "wrong-key-0123456789"}

    with pytest.raises(PlatformError, match=f"did not accept {name}") as told:
        owner.run(install=True)

    assert "wrong-key" not in str(told.value)


def test_too_many_requests_are_waited_for(owner: Owner) -> None:
    operation = "update" if owner.platform == "retell" else "create"
    owner.account.fault("too_many", on=operation, seconds=7, times=2)

    owner.install()

    assert owner.slept == [7.0, 7.0]
    assert len(owner.definitions()) == len(Tool)


def test_patience_ends(owner: Owner) -> None:
    owner.account.fault("too_many", on="list", times=99)

    with pytest.raises(PlatformError, match="answered 429"):
        owner.run(install=True)

    assert owner.slept == [1.0, 2.0, 4.0, 8.0]


def test_a_creation_without_an_answer_is_found_by_the_next_run() -> None:
    for platform in ("vapi", "elevenlabs", "ultravox", "telnyx"):
        owner = Owner(platform)
        owner.install()
        owner.account.tools.popitem()
        owner.account.fault("drop_after", on="create")
        with pytest.raises(PlatformError, match="cannot be reached"):
            owner.run(install=True)

        assert owner.install().count("unchanged") == len(Tool)
        assert len(owner.account.tools) == len(Tool)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_another_platform_than_the_agents_is_refused() -> None:
    owner = Owner("vapi")
    with pytest.raises(ConfigError, match="is set to vapi and would not understand retell"):
        owner.run(platform="retell")
    assert "/v1/bright-smile/front-desk/mcp" in owner.run(platform="mcp")[1]


def test_a_platform_without_such_an_api_shows_what_to_enter() -> None:
    owner = Owner("vapi")
    owner.desk = business("bland")

    code, out = owner.run(install=True)

    assert code == 2
    assert "https://api.bland.ai/v1/tools" in out
    assert owner.account.seen == []


def test_shown_as_json_it_is_one_document() -> None:
    code, out = Owner("elevenlabs").run(as_json=True)

    assert code == 0
    assert json.loads(out).keys() == {"platform", "tools", "further", "notes", "prompt"}


# --- helping hands ---------------------------------------------------------------------------------------------------


def _replace(owner: Owner, changed: dict[str, Any]) -> None:
    if owner.platform == "retell":
        tools = owner.account.agents["llm-1"]["general_tools"]
        tools[:] = [changed if tool["name"] == changed["name"] else tool for tool in tools]
    else:
        name = list(owner.account.tools)[1]
        owner.account.tools[name] = changed
