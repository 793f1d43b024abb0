"""One agent's tools before any platform's spelling: where they are, what they take, how they are proved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.business import Agent, Business
from slotline.domain.calls import READS, Tool, ToolContract
from slotline.domain.errors import ConfigError
from slotline.platforms.table import DIRECT, FULL, PLATFORMS

Definition = dict[str, Any]

LONGEST_ANSWER_SECONDS = 8.0
"""An answer comes within this time, unless the agent has `deadline_seconds`."""
_WAY_SECONDS = 3.0  # connecting, and the way there and back
_LONGEST_REQUEST_SECONDS = 30.0  # the HTTP API ends a request then

_FILLERS = {
    Tool.CHECK_AVAILABILITY: "Let me look at the calendar.",
    Tool.FIND_APPOINTMENTS: "Let me look that up.",
}
_FILLER = "One moment, please."  # whatever comes of it, this was true
STILL_WAITING = "Still working on it."
STILL_WAITING_AFTER_MILLISECONDS = 4000


@dataclass(frozen=True, slots=True)
class ToolOrder:
    """One tool to be defined."""

    name: str
    description: str
    parameters: Mapping[str, Any]  # a JSON Schema: one flat object of scalars
    url: str
    reads_only: bool
    filler: str | None  # what to say meanwhile; None: the platform's own words

    @property
    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.parameters["properties"]
        return found


@dataclass(frozen=True, slots=True)
class Wiring:
    """An agent of a business, and the public address of the stage that answers it."""

    business: Business
    agent: Agent
    api_url: str
    credential_id: str | None = None  # the platform's own id of a stored credential, where the owner makes it by hand

    @property
    def orders(self) -> tuple[ToolOrder, ...]:
        return tuple(self._order(room.contract) for room in ROOMS)

    @property
    def base(self) -> str:
        return f"{self.api_url.rstrip('/')}/v1/{self.business.key}/{self.agent.key}"

    @property
    def pins_the_call(self) -> bool:
        """Whether the agent trusts what the definition of a tool writes into the body."""
        return (self.agent.payload or PLATFORMS.get(self.agent.platform, ("",))[0]) == FULL

    @property
    def secret_name(self) -> str:
        """Name of the agent's credential in a platform's own store of secrets."""
        return f"slotline-{self.business.key}-{self.agent.key}"

    @property
    def stand_in(self) -> str:
        """What is shown in place of the credential."""
        return "${" + re.sub(r"\W", "_", self.agent.key).upper() + "_KEY}"

    @property
    def auth_header(self) -> tuple[str, str] | None:
        """The header that proves the agent, with the stand-in for its value; None where the platform signs."""
        auth = self.agent.auth
        if auth.kind == "bearer":
            return "Authorization", f"Bearer {self.stand_in}"
        if auth.kind == "basic":
            return "Authorization", f"Basic {self.stand_in}"
        return (auth.options["header"], self.stand_in) if auth.kind == "header" else None

    def timeout_seconds(self, usual: int, *, most: int) -> int:
        """How long the platform should wait: the usual, longer for an agent with a later deadline."""
        deadline = self.agent.deadline_seconds or 0.0
        return int(min(max(usual, deadline + _WAY_SECONDS), most, _LONGEST_REQUEST_SECONDS))

    def _order(self, contract: ToolContract) -> ToolOrder:
        english = self.business.locale.startswith("en")
        return ToolOrder(
            name=contract.tool.value,
            description=contract.description,
            parameters=dict(contract.parameters),
            url=f"{self.base}/{contract.tool.value}",
            reads_only=contract.tool in READS,
            filler=_FILLERS.get(contract.tool, _FILLER) if english else None,
        )


@dataclass(frozen=True, slots=True)
class Printed:
    """What a platform is to be given: definitions as its API takes them, and what to do besides."""

    definitions: tuple[Definition, ...]
    notes: tuple[str, ...] = ()
    further: Mapping[str, Any] = field(default_factory=dict)  # other pieces to be entered, by what they are


Spelling = Callable[[Wiring], Printed]


def wiring_of(
    business: Business, agent: str, *, platform: str | None, api_url: str, credential_id: str | None
) -> Wiring:
    """The agent's wiring; ConfigError when there is no such agent, or it speaks to another platform."""
    if agent not in business.agents:
        known = ", ".join(sorted(business.agents)) or "none"
        raise ConfigError(f"{business.key} has no agent {agent!r}; known: {known}")
    found = business.agents[agent]
    if platform not in {None, found.platform, "mcp"}:
        raise ConfigError(
            f"agent {agent} is set to {found.platform} and would not understand {platform}: "
            f"change `platform` of the agent in the desk file, or add an agent of that platform, then `slotline apply`"
        )
    if platform == "mcp" and found.auth.kind not in {"bearer", "header", "basic"}:
        raise ConfigError(
            f"agent {agent} proves itself by {found.auth.kind}, which MCP clients cannot: add a second agent"
        )
    if found.platform not in DIRECT and not api_url:
        raise ConfigError("this stage has no public address: name one with --url")
    return Wiring(business, found, api_url, credential_id)


CALL_ID, CALLER, CALLED = "X-Call-Id", "X-Caller-Number", "X-Called-Number"
"""Headers that say who calls, out of the model's reach."""
