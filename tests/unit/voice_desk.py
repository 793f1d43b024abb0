"""Every platform's requests into the endpoints of the tools, at a desk in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.business import INVOCATION, Agent, Auth, Business
from slotline.domain.calls import Status
from slotline.platforms.table import DIRECT, PLATFORMS, by_name, direct_by_name
from slotline.runtime.settings import Settings
from slotline.runtime.tool_endpoint import Collaborators, ToolEndpoint
from tests.unit.front_desk import HARBOR, TOMORROW, Caller, FrontDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.ports import Dialect, DirectDialect

KEY = "key-of-every-agent"
CALLER = "+14155550123"


@cache
def business() -> Business:
    agents = {name: Agent(name, name, ("cleaning",), Auth("bearer")) for name in PLATFORMS}
    agents |= {name: Agent(name, name, ("cleaning",), Auth(INVOCATION)) for name in DIRECT}
    service = replace(HARBOR.services["visit"], key="cleaning", name="Cleaning")
    return replace(
        HARBOR,
        services={"cleaning": service},
        agents={"front": replace(HARBOR.agents["front"], services=("cleaning",)), **agents},
    )


@dataclass
class Office:
    """What the endpoints need of bootstrap, around a desk in memory on which the caller has an appointment."""

    front: FrontDesk = field(default_factory=lambda: FrontDesk(business()))
    entries: list[dict[str, object]] = field(default_factory=list)
    public_url: str | None = None

    def __post_init__(self) -> None:
        self.clock = self.front.clock
        self.config = SimpleNamespace(business=lambda _key: self.front.business)
        self.settings = Settings("slotline", "local", "slotline/", public_url=self.public_url)
        self.secrets = SimpleNamespace(value=lambda _business, _name: KEY, refresh=lambda _business: None)

    def dialect(self, platform: str, payload: str | None = None) -> Dialect:
        return by_name(platform, payload)

    def direct_dialect(self, platform: str) -> DirectDialect:
        return direct_by_name(platform)

    def desk(self, _business: Business, agent: Agent, *, process_ends: float) -> Any:
        return replace(self.front.desk(), agent=agent)

    def ledger(self, _business: str) -> Any:
        return SimpleNamespace(record=self.entries.append)

    def book(self) -> None:
        reply = Caller(self.front, number=CALLER, call="earlier").book(TOMORROW + 60, service="cleaning")
        assert reply.status is Status.CONFIRMED

    def post(self, path: str, body: Any, headers: Mapping[str, str], endpoint: ToolEndpoint) -> dict[str, Any]:
        names = dict(zip(("business", "agent"), path.split("/")[2:4], strict=True))
        told = {"x-call-id": "call_7f3a", "x-caller-number": CALLER, "content-type": "application/json"}
        event = {
            "requestContext": {"http": {"method": "POST"}},
            "rawPath": path,
            "pathParameters": names,
            "headers": {"authorization": f"Bearer {KEY}", **told, **headers},
            "body": json.dumps(body, ensure_ascii=False),
        }
        return endpoint(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 12_000))


def on_the_web(office: Office) -> ToolEndpoint:
    return ToolEndpoint(lambda: cast("Collaborators", office), ROOMS)
