"""What is done about calls as a whole: before their first tool call, and after their last."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline.adapters.dynamodb.call_log import DynamoCallLog
from slotline.domain.call_events import CallRef
from slotline.domain.errors import ConfigError
from slotline.platforms import event_table
from slotline.runtime.call_events import call_event, end_message
from slotline.runtime.observability import count, note, notify
from slotline.use_cases.call_end import CallEnd
from slotline.use_cases.call_start import CallStart

if TYPE_CHECKING:
    from slotline.bootstrap import House
    from slotline.domain.business import Agent, Business
    from slotline.domain.call_events import CallEvent, Welcome
    from slotline.domain.calls import HttpRequest, HttpResponse
    from slotline.ports import EventDialect

SETTLE_SECONDS = 15
"""Until a tool that was at work when the caller hung up has answered: none has longer than 12 seconds."""


@dataclass(frozen=True, slots=True)
class CallWork:
    """All of it, for the businesses of one stage. `tell` and `counted` are for tests."""

    house: House
    tell: Callable[..., None] = notify
    counted: Callable[[str, float], None] = count

    def heard(self, request: HttpRequest) -> HttpResponse:
        """Answer one event."""
        return call_event(self.house, self, request)

    # --- runtime.call_events.CallDesk --------------------------------------------------------------------------------

    def events(self, platform: str) -> EventDialect:
        return event_table.by_name(platform)

    def neutral(self, business: Business, agent: Agent) -> Welcome:
        return self._start(business, agent).neutral()

    def welcome(self, business: Business, agent: Agent, event: CallEvent) -> Welcome:
        store, keys = self.house.store(business.key), self.house.keys(business.key)
        return self._start(business, agent).welcome(event.context, store=store, keys=keys)

    def wake(self, business: Business, agent: Agent) -> None:
        payload = json.dumps({"warm": {"business": business.key, "agent": agent.key}})
        for name in self.house.settings.woken:
            try:
                self.house.functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
            except (BotoCoreError, ClientError) as error:  # the first tool call of this call is as slow as without it
                code = error.response["Error"].get("Code") if isinstance(error, ClientError) else None
                note("wake_failed", error=type(error).__name__, code=code)

    def hand_over(self, business: Business, call: CallRef, *, reason: str | None) -> None:
        """Let its hold go now, and compare what was said when the last tool must have answered."""
        url = self.house.settings.hints_queue
        if url is None:
            raise ConfigError("SLOTLINE_HINTS_QUEUE: this environment variable is not set")
        for delay in (0, SETTLE_SECONDS):
            body = end_message(call, business=business.key, reason=reason, settled=delay > 0)
            self.house.queue.send_message(QueueUrl=url, MessageBody=json.dumps(body), DelaySeconds=delay)

    # --- the worker of the queue -------------------------------------------------------------------------------------

    def ended(self, body: Mapping[str, Any]) -> None:
        """Work off one message of `hand_over`. Raises StoreError."""
        end, calls = self._end(body["business"]), self._meant(body["business"], CallRef(**body["call"]))
        for call in calls:
            if body["settled"]:
                end.settle(call, reason=body["reason"], only_known=len(calls) > 1)
            else:
                end.release(call)

    def _meant(self, business: str, call: CallRef) -> list[CallRef]:
        """The call as each agent knows it who may be meant: to one URL may come what is about another agent's call."""
        agents = self.house.config.business(business).agents
        told_of = agents.get(call.agent)
        if told_of is None or not self.events(told_of.platform).of_every_agent:
            return [call]
        return [replace(call, agent=each.key) for each in agents.values() if each.platform == told_of.platform]

    def _start(self, business: Business, agent: Agent) -> CallStart:
        return CallStart(business=business, agent=agent, times=self.house.times, clock=self.house.clock)

    def _end(self, business: str) -> CallEnd:
        return CallEnd(
            store=self.house.store(business),
            log=DynamoCallLog(self.house.table, business=business),
            clock=self.house.clock,
            hashed=self.house.keys(business).caller,
            notify=self.tell,
            count=self.counted,
        )
