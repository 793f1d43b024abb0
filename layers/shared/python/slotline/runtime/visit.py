"""One request on its way through the tools: each call is run in time, and remembered without personal data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slotline.domain.business import Agent, Business
from slotline.domain.calls import READS, Answer, BadCall, Status, ToolCall, ToolReply
from slotline.domain.errors import SlotlineError, StoreError
from slotline.domain.hops import recording
from slotline.ports import Clock, ConfigStore, Ledger
from slotline.runtime.impersonal import impersonal
from slotline.runtime.observability import count, note, note_crash
from slotline.runtime.tools import ToolRoom

TOOL_BUDGET_SECONDS = 8.0
LAMBDA_MARGIN_SECONDS = 1.0
OUTAGE_WORDS = "I can't reach our booking system right now, so I can't look anything up."
UNSURE_WORDS = (
    "I can't reach our booking system right now, so I don't know yet whether that worked. Please ask me again in a"
    " moment."
)


class Office(Protocol):
    """What a visit needs of bootstrap."""

    @property
    def config(self) -> ConfigStore: ...

    @property
    def clock(self) -> Clock: ...

    def desk(self, business: Business, agent: Agent, *, process_ends: float) -> Any: ...

    def ledger(self, business: str) -> Ledger: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """What one request asks of one agent's desk. `patience` is how long its platform waits, in seconds."""

    here: Office
    rooms: Sequence[ToolRoom]
    business: Business
    agent: Agent
    patience: float
    received: float  # epoch seconds
    process_ends: float  # epoch seconds

    def answer(self, call: ToolCall | BadCall) -> Answer:
        """Run one call; only StoreError rises, when the desk itself cannot be opened."""
        if isinstance(call, BadCall):
            return call, call.reply()
        room = next((room for room in self.rooms if room.tool == call.tool), None)
        if room is None:
            words = f"{call.tool} has a URL of its own: send it to /v1/{self.business.key}/{self.agent.key}/{call.tool}"
            return BadCall(call.id, call.tool, "wrong_url", words), ToolReply(Status.NOT_DONE, words)
        with recording() as hops:
            reply = self._run(room, call)
            spent = self.here.clock.now() - self.received
        self._record(call, reply, [(hop.name, hop.milliseconds) for hop in hops], spent)
        return call, reply

    def _run(self, room: ToolRoom, call: ToolCall) -> ToolReply:
        desk = self.here.desk(self.business, self.agent, process_ends=self.process_ends)
        try:
            return room(desk, call, deadline=self._deadline())
        except SlotlineError as error:
            # What a use case can explain it explains itself; this is the rest, and something may have been written.
            note_crash("tool_failed", error, tool=call.tool, business=self.business.key)
        except Exception as error:  # noqa: BLE001  the process boundary: one broken call must not silence the others
            note_crash("tool_crashed", error, tool=call.tool, business=self.business.key)
            count("ToolCrashes", 1)
        return room.unsure(desk)

    def _deadline(self) -> float:
        """When the work must be done so that the answer is in time (epoch seconds)."""
        seconds = self.agent.deadline_seconds or min(self.patience, TOOL_BUDGET_SECONDS)
        end = min(self.received + seconds, self.process_ends - LAMBDA_MARGIN_SECONDS)
        return end - min(1.0, 0.25 * (end - self.received))

    def _record(self, call: ToolCall, reply: ToolReply, hops: list[tuple[str, float]], spent: float) -> None:
        entry = {
            "tool": call.tool,
            "agent": self.agent.key,
            "platform": call.context.platform,
            "call": call.context.call_id,
            "delivery": call.id,
            "args": impersonal(call.args, names=self._names(), locale=self.business.locale),
            "status": reply.status.value,
            "start": reply.fields.get("start"),
            "appointment": reply.fields.get("appointment"),
            "replay": reply.fields.get("replay"),
            "ms": round(spent * 1000, 1),
            "hops": [{"name": name, "ms": milliseconds} for name, milliseconds in hops],
        }
        note("tool_called", tool=call.tool, status=reply.status.value, ms=round(spent * 1000, 1))
        try:
            self.here.ledger(self.business.key).record(entry)
        except StoreError as error:  # the answer is true without its record, and the caller is waiting
            note_crash("ledger_failed", error, tool=call.tool)

    def _names(self) -> Iterator[str]:
        """What this agent can book, by key and by name."""
        for key in self.agent.services:
            yield from (key, service.name) if (service := self.business.services.get(key)) else (key,)


def outage(tool: str) -> ToolReply:
    """Not even the desk can be opened: this delivery did nothing, but an earlier one of it may have."""
    if tool in READS:
        return ToolReply(Status.NOT_DONE, OUTAGE_WORDS)
    return ToolReply(Status.PENDING, UNSURE_WORDS)
