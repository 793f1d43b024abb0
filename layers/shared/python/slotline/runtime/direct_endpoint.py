"""A tool call that an AWS service makes by invoking the function itself: no HTTP, and no credential in the event.

Who may invoke is settled by IAM before we run: each agent has an alias of the function, `<business>_<agent>`, and a
permission on that alias names the one flow, bot, agent or gateway that may use it. The alias in the invoked ARN is
therefore both the address and the proof, and nothing in the event could say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slotline.domain.business import INVOCATION
from slotline.domain.calls import BadCall
from slotline.domain.errors import ConfigError, StoreError
from slotline.ports import DirectDialect
from slotline.runtime.observability import note, note_crash
from slotline.runtime.tools import ToolRoom
from slotline.runtime.visit import Office, Visit, outage

_PARTS_WITH_ALIAS = 8  # arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS


class DirectOffice(Office, Protocol):
    """What bootstrap hands to a direct endpoint."""

    def direct_dialect(self, platform: str) -> DirectDialect: ...


@dataclass(frozen=True, slots=True)
class DirectEndpoint:
    """The handler of the direct function. `collaborators` is called late, so that importing opens nothing.

    Errors of ours that a caller could do nothing about rise: the service then takes the way it was given for failures.
    """

    collaborators: Callable[[], DirectOffice]
    rooms: Sequence[ToolRoom]

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, object]:
        here = self.collaborators()
        received = here.clock.now()
        process_ends = received + context.get_remaining_time_in_millis() / 1000
        business_key, agent_key = _addressed(context.invoked_function_arn)
        business = here.config.business(business_key)
        agent = business.agent(agent_key)
        if agent.auth.kind != INVOCATION:
            raise ConfigError(f"agents.{agent.key}.auth: an agent that AWS services bring needs {{invocation: iam}}")
        dialect = here.direct_dialect(agent.platform)
        call = dialect.read(event, _client(context))
        if isinstance(call, dict):
            return call
        if isinstance(call, BadCall):
            note("call_refused", code=call.code)
            return dialect.write(event, (call, call.reply()))
        visit = Visit(here, self.rooms, business, agent, dialect.default_deadline_seconds, received, process_ends)
        try:
            answer = visit.answer(call)
        except StoreError as error:
            note_crash("table_unreachable", error)
            answer = call, outage(call.tool)
        return dialect.write(event, answer)


def _addressed(arn: str) -> tuple[str, str]:
    """Find business and agent in the alias; without one the invocation is nobody's."""
    parts = arn.split(":")
    alias = parts[-1] if len(parts) == _PARTS_WITH_ALIAS else ""
    business, separator, agent = alias.partition("_")
    if not (business and separator and agent):
        raise ConfigError("direct: invoke an agent's own alias, <business>_<agent>, not the function itself")
    return business, agent


def _client(context: Any) -> Mapping[str, object]:
    """What the service says beside the event."""
    custom = getattr(context.client_context, "custom", None)
    return custom if isinstance(custom, Mapping) else {}
