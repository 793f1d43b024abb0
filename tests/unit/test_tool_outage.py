"""What a caller hears when not even the configuration of the business can be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.calls import Tool
from slotline.domain.errors import StoreUnavailableError
from slotline.platforms.mcp import Mcp
from slotline.runtime.settings import Settings
from slotline.runtime.tool_endpoint import LARGEST_BODY, ToolEndpoint
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from slotline.domain.business import Business
    from slotline.runtime.tool_endpoint import Collaborators

READS = {Tool.CHECK_AVAILABILITY, Tool.FIND_APPOINTMENTS}


class UnreachableConfig:
    """ports.ConfigStore on a table that does not answer."""

    def business(self, key: str) -> Business:
        raise StoreUnavailableError("no answer")


@dataclass(frozen=True, slots=True)
class Cold:
    """A process that has just started."""

    config: UnreachableConfig = field(default_factory=UnreachableConfig)
    clock: FakeClock = field(default_factory=FakeClock)
    settings: Settings = field(default_factory=lambda: Settings("slotline", "local", "slotline/"))


class Context:
    """As much of a Lambda context as an endpoint uses."""

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


def event(name: str, body: str = "{}") -> dict[str, Any]:
    return {
        "rawPath": f"/v1/harbor/front/{name}",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": f"/v1/harbor/front/{name}"}},
        "pathParameters": {"business": "harbor", "agent": "front"},
        "body": body,
        "isBase64Encoded": False,
    }


def heard(tool: Tool) -> dict[str, Any]:
    answer = ToolEndpoint(lambda: cast("Collaborators", Cold()), ())(event(tool), Context())
    assert answer["statusCode"] == 200
    reply: dict[str, Any] = json.loads(answer["body"])
    return reply


def heard_over_mcp(body: str) -> tuple[int, dict[str, Any]]:
    def own() -> Mcp:
        return Mcp([room.contract for room in ROOMS], public_url=None)

    answer = ToolEndpoint(lambda: cast("Collaborators", Cold()), ROOMS, own=own)(event("mcp", body), Context())
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize("tool", sorted(READS))
def test_a_look_up_was_not_done(tool: Tool) -> None:
    assert heard(tool)["status"] == "not_done"


@pytest.mark.parametrize("tool", sorted(set(Tool) - READS))
def test_nobody_denies_what_an_earlier_delivery_may_have_done(tool: Tool) -> None:
    reply = heard(tool)

    assert reply["status"] == "pending"
    assert "don't know" in reply["message"]
    assert "nothing" not in reply["message"]


@pytest.mark.parametrize("tool", sorted(Tool))
def test_mcp_says_the_same_in_its_own_shape(tool: Tool) -> None:
    call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool}}

    status, answer = heard_over_mcp(json.dumps(call))

    assert (status, answer["id"]) == (200, 7)
    assert answer["result"]["structuredContent"] == heard(tool)


@pytest.mark.parametrize(("body", "status"), [("{", 400), (f'"{"x" * LARGEST_BODY}"', 413)])
def test_mcp_refuses_in_an_outage_what_it_refuses_always(body: str, status: int) -> None:
    assert heard_over_mcp(body)[0] == status
