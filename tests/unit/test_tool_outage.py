"""What a caller hears when not even the configuration of the business can be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from slotline.domain.calls import Tool
from slotline.domain.errors import StoreUnavailableError
from slotline.runtime.tool_endpoint import ToolEndpoint
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


class Context:
    """As much of a Lambda context as an endpoint uses."""

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


def heard(tool: Tool) -> dict[str, Any]:
    event = {
        "rawPath": f"/v1/harbor/front/{tool}",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": f"/v1/harbor/front/{tool}"}},
        "pathParameters": {"business": "harbor", "agent": "front"},
        "body": "{}",
        "isBase64Encoded": False,
    }
    answer = ToolEndpoint(lambda: cast("Collaborators", Cold()), ())(event, Context())
    assert answer["statusCode"] == 200
    reply: dict[str, Any] = json.loads(answer["body"])
    return reply


@pytest.mark.parametrize("tool", sorted(READS))
def test_a_look_up_was_not_done(tool: Tool) -> None:
    assert heard(tool)["status"] == "not_done"


@pytest.mark.parametrize("tool", sorted(set(Tool) - READS))
def test_nobody_denies_what_an_earlier_delivery_may_have_done(tool: Tool) -> None:
    reply = heard(tool)

    assert reply["status"] == "pending"
    assert "don't know" in reply["message"]
    assert "nothing" not in reply["message"]
