"""Who sends work to the processes: platforms that deliver tool calls, the stream and its queue, the schedule."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from ops.local.payload import HttpRequest
from slotline.domain.calls import Status, ToolReply
from tests.real_engine.offices import BUSINESS
from tests.real_engine.worker import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.real_engine.crew import Crew
    from tests.real_engine.faults import Faults
    from tests.real_engine.history import History
    from tests.real_engine.timeline import Timeline
    from tests.simulation.actors import Wish

LAMBDA_SECONDS = 12.0
RECONCILE_SECONDS = 60.0
MINUTE = 60.0
VISIBILITY_SECONDS = 72.0
MAX_RECEIVES = 5
LONGEST_STREAM_DELAY = 90.0
SLOW_SECONDS = 3.0
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A tool call as a platform delivers it. `planned`: the request of it that fails, and how."""

    tool: str
    args: Mapping[str, object]
    wish: Wish
    agent: str
    phone: str
    call: str
    id: str
    planned: tuple[int, str] | None = None


@dataclass(slots=True)
class Street:
    """Delivers, and files what was asked and heard."""

    timeline: Timeline
    history: History
    faults: Faults
    crew: Crew
    key: str
    due: Callable[[], float | None]
    """When the earliest work of the due index comes."""

    asked: int = 0
    struck: str = ""  # the last process for which a fault was planned
    unexpected: list[str] = field(default_factory=list)
    ticking_until: float = 0.0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # --- tool calls -------------------------------------------------------------------------------------------------

    def deliver(self, wanted: Delivery) -> ToolReply | None:
        """Deliver a tool call; None when nothing was heard."""
        fault = "" if wanted.planned else self.faults.strike("platform", "delivery", "delivery")
        if fault == "twice":
            self.timeline.start(lambda: self._run_tool(wanted), after=self.faults.random.random() * 3.0)
        return self._run_tool(wanted, answer_dropped=fault == "answer_dropped")

    def _run_tool(self, wanted: Delivery, *, answer_dropped: bool = False) -> ToolReply | None:
        with self._lock:
            self.asked += 1
            number = self.asked
        name = self._name("tool")
        if wanted.planned:
            self.struck = name
            self.faults.plan(name, *wanted.planned)
        tool, wish = wanted.tool, wanted.wish
        self.history.tell(
            "ask", number, name, BUSINESS, wanted.phone, tool, wish.service, wish.start, wanted.call, wanted.id,
            wanted.args.get("confirm") is True,
        )  # fmt: skip
        headers = {
            "authorization": f"Bearer {self.key}",
            "content-type": "application/json",
            "x-call-id": wanted.call,
            "x-caller-number": wanted.phone,
            "idempotency-key": wanted.id,
        }
        path, body = f"/v1/{BUSINESS}/{wanted.agent}/{tool}", json.dumps(wanted.args).encode()
        request = HttpRequest("POST", path, tuple(headers.items()), body)
        answer = self.crew.run(Task(name, LAMBDA_SECONDS, request))
        if self.timeline.now - self.history.began[name] > SLOW_SECONDS:
            self.faults.note(tool, "slow")
        if answer is None or answer_dropped:
            return None
        status, heard = answer
        if status != OK:
            self.unexpected.append(f"#{number} {tool}: HTTP {status} {heard}")
            return None
        shown = heard.get("appointments", ())
        self.history.tell(
            "tell", number, heard["status"], heard.get("start"), heard.get("replay"), heard["message"],
            [(line["start"], line["state"], line["service"]) for line in shown],
            heard.get("service"), heard.get("appointment"),
        )  # fmt: skip
        return ToolReply(Status(heard["status"]), heard["message"], heard)

    def _name(self, sort: str) -> str:
        with self._lock:
            name = f"{sort}-{next(self._numbers)}"
            self.history.began[name] = self.timeline.now
            return name

    # --- the stream and the queue -----------------------------------------------------------------------------------

    def item_written(self, key: tuple[str, str]) -> None:
        """A new item in the table: if it is an effect, the stream wakes a worker, soon, late, twice or never."""
        pk, sk = key
        if not sk.startswith("X#"):
            return
        _, business, _, booking = pk.split("#", 3)
        _, rv, kind = sk.split("#", 2)
        body = json.dumps({"business": business, "booking": booking, "rv": int(rv), "kind": kind})
        fault = self.faults.strike("stream", "stream", "stream")
        share = self.faults.random.random()
        if fault != "lost":
            self._queue(body, delay=0.2 + share + (share * LONGEST_STREAM_DELAY if fault == "late" else 0.0))
        if fault == "twice":
            self._queue(body, delay=0.2 + share * 2.0)

    def _queue(self, body: str, *, delay: float, received: int = 1) -> None:
        self.timeline.start(lambda: self._carry_out(body, received), after=delay)

    def _carry_out(self, body: str, received: int) -> None:
        record = {"eventSource": "aws:sqs", "messageId": "m", "body": body}
        task = Task(self._name("worker"), LAMBDA_SECONDS, function="sms_confirm", event={"Records": [record]})
        answer = self.crew.run(task)
        is_done = answer is not None and answer[0] == OK and not answer[1]["batchItemFailures"]
        if not is_done and received < MAX_RECEIVES:  # the queue shows the message again
            self._queue(body, delay=VISIBILITY_SECONDS, received=received + 1)

    # --- the schedule -----------------------------------------------------------------------------------------------

    def tick_until(self, moment: float) -> None:
        """The schedule runs at every full minute until then, and starts nothing in a minute in which nothing is due."""
        self.ticking_until = moment
        self._next_tick()

    def _next_tick(self) -> None:
        now = self.timeline.now
        seconds = MINUTE - now % MINUTE
        if now + seconds <= self.ticking_until:
            self.timeline.start(self._tick, after=seconds)

    def _tick(self) -> None:
        self._next_tick()
        due = self.due()
        if due is not None and due <= self.timeline.now:
            self.crew.run(Task(self._name("reconcile"), RECONCILE_SECONDS))
