"""One request of a voice platform: prove who asks, read the tool calls, run them in time, answer in its dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slotline.domain.business import Agent, Business
from slotline.domain.calls import Answer, BadCall, HttpRequest, HttpResponse, Status, ToolCall, ToolReply
from slotline.domain.errors import AccessError, ConfigError, SlotlineError, StoreError
from slotline.domain.hops import recording
from slotline.ports import Clock, ConfigStore, Dialect, Ledger, SecretStore
from slotline.runtime.http_event import Event, http_event_reply, http_request
from slotline.runtime.observability import count, note, note_crash
from slotline.runtime.tools import READS, ToolRoom

LARGEST_BODY = 1_048_576
"""Voice envelopes carry the whole transcript."""

TOOL_BUDGET_SECONDS = 8.0
LAMBDA_MARGIN_SECONDS = 1.0
OUTAGE_WORDS = "I can't reach our booking system right now, so I can't look anything up."
UNSURE_WORDS = (
    "I can't reach our booking system right now, so I don't know yet whether that worked. Please ask me again in a"
    " moment."
)

_PERSONAL = re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d)(?:\d[\s.()-]*){7,}|\S*@\S*")

# What a ledger record may hold of the arguments: nothing that says who somebody is.
_IMPERSONAL = ("service", "when", "part_of_day", "after", "more", "slot_id", "date", "time", "appointment", "confirm")


class Collaborators(Protocol):
    """What bootstrap hands to an endpoint."""

    @property
    def config(self) -> ConfigStore: ...

    @property
    def secrets(self) -> SecretStore: ...

    @property
    def clock(self) -> Clock: ...

    def dialect(self, platform: str) -> Dialect: ...

    def desk(self, business: Business, agent: Agent, *, process_ends: float) -> Any: ...

    def ledger(self, business: str) -> Ledger: ...


@dataclass(frozen=True, slots=True)
class ToolEndpoint:
    """The handler of a tool function. `collaborators` is called late, so that importing opens nothing."""

    collaborators: Callable[[], Collaborators]
    rooms: Sequence[ToolRoom]

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        here = self.collaborators()
        received = here.clock.now()
        process_ends = received + context.get_remaining_time_in_millis() / 1000
        dialect: Dialect | None = None
        try:
            request = http_request(event)
            business = here.config.business(request.parameters["business"])
            agent = business.agent(request.parameters["agent"])
            dialect = here.dialect(agent.platform)
            _prove(here, dialect, request, business, agent)
            visit = _Visit(here, self.rooms, business, agent, received, process_ends)
            answers = [visit.answer(call) for call in dialect.read(request, path_tool=_tool_of(request))]
            response = dialect.write(answers)
        except AccessError as error:
            note("request_refused", code=error.code, status=error.status)
            response = dialect.refuse(error) if dialect else _refusal(error)
        except StoreError as error:
            note_crash("table_unreachable", error)
            response = _outage(event)
        except ConfigError as error:
            note_crash("misconfigured", error)
            count("SetupErrors", 1)
            wrong = AccessError(500, "misconfigured", "this agent's configuration is incomplete; see the log")
            response = dialect.refuse(wrong) if dialect else _refusal(wrong)
        return http_event_reply(response)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request on its way through the tools."""

    here: Collaborators
    rooms: Sequence[ToolRoom]
    business: Business
    agent: Agent
    received: float
    process_ends: float

    def answer(self, call: ToolCall | BadCall) -> Answer:
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
        platform = self.here.dialect(self.agent.platform).default_deadline_seconds
        seconds = self.agent.deadline_seconds or min(platform, TOOL_BUDGET_SECONDS)
        end = min(self.received + seconds, self.process_ends - LAMBDA_MARGIN_SECONDS)
        return end - min(1.0, 0.25 * (end - self.received))

    def _record(self, call: ToolCall, reply: ToolReply, hops: list[tuple[str, float]], spent: float) -> None:
        entry = {
            "tool": call.tool,
            "agent": self.agent.key,
            "platform": call.context.platform,
            "call": call.context.call_id,
            "delivery": call.id,
            "args": {name: _impersonal(str(call.args[name])) for name in _IMPERSONAL if name in call.args},
            "status": reply.status.value,
            "start": reply.fields.get("start"),
            "replay": reply.fields.get("replay"),
            "ms": round(spent * 1000, 1),
            "hops": [{"name": name, "ms": milliseconds} for name, milliseconds in hops],
        }
        note("tool_called", tool=call.tool, status=reply.status.value, ms=round(spent * 1000, 1))
        try:
            self.here.ledger(self.business.key).record(entry)
        except StoreError as error:  # the answer is true without its record, and the caller is waiting
            note_crash("ledger_failed", error, tool=call.tool)


def _prove(here: Collaborators, dialect: Dialect, request: HttpRequest, business: Business, agent: Agent) -> None:
    """Check size and credential; after a refusal once more with fresh secrets, for it may just have been rotated."""
    if len(request.body) > LARGEST_BODY:
        raise AccessError(413, "too_large", f"the body is larger than {LARGEST_BODY} bytes")
    name = f"agents.{agent.key}.auth"
    try:
        dialect.proved(request, agent.auth, [here.secrets.value(business.key, name)], here.clock.now())
    except AccessError:
        here.secrets.refresh(business.key)
        dialect.proved(request, agent.auth, [here.secrets.value(business.key, name)], here.clock.now())


def _impersonal(text: str) -> str:
    """A few words without what could be a number or an address that somebody put into the wrong argument."""
    return _PERSONAL.sub("#", text[:80])


def _tool_of(request: HttpRequest) -> str:
    return request.path.rstrip("/").rpartition("/")[2]


def _outage(event: Event) -> HttpResponse:
    """Not even the configuration can be read: this delivery did nothing, but an earlier one of it may have."""
    if str(event.get("rawPath", "")).rstrip("/").rpartition("/")[2] in READS:
        return _flat(200, {"status": Status.NOT_DONE.value, "message": OUTAGE_WORDS})
    return _flat(200, {"status": Status.PENDING.value, "message": UNSURE_WORDS})


def _refusal(error: AccessError) -> HttpResponse:
    return _flat(error.status, {"error": error.code, "message": str(error)})


def _flat(status: int, body: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, ensure_ascii=False))
