"""Who acts in the simulated world: voice platforms that deliver tool calls, the schedule, the stream, and people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slotline.domain.call_events import CallRef
from slotline.domain.calls import CallContext, Tool, ToolCall, ToolReply
from slotline.domain.errors import SlotlineError
from slotline.runtime import contracts
from slotline.runtime.tools import ToolRoom
from slotline.use_cases.appointments import find_appointments
from slotline.use_cases.booking import book_appointment, hold_slot
from slotline.use_cases.cancel import cancel_appointment
from slotline.use_cases.confirmation import send_confirmation
from slotline.use_cases.reschedule import reschedule_appointment
from tests.simulation.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import World

LAMBDA_SECONDS = 12.0
ANSWER_SECONDS = 7.0  # what is left of the tool budget after the margin for the way back
RECONCILE_SECONDS = 60.0
WORKER_SECONDS = 12.0
MINUTE = 60.0
MAX_RECEIVES = 5
VISIBILITY_SECONDS = 72.0

ROOMS = {
    room.tool.value: room
    for room in (
        ToolRoom(Tool.HOLD_SLOT, contracts.HoldSlot, hold_slot),
        ToolRoom(Tool.BOOK_APPOINTMENT, contracts.BookAppointment, book_appointment),
        ToolRoom(Tool.FIND_APPOINTMENTS, contracts.FindAppointments, find_appointments),
        ToolRoom(Tool.RESCHEDULE_APPOINTMENT, contracts.RescheduleAppointment, reschedule_appointment),
        ToolRoom(Tool.CANCEL_APPOINTMENT, contracts.CancelAppointment, cancel_appointment),
        ToolRoom(Tool.SEND_CONFIRMATION, contracts.SendConfirmation, send_confirmation),
    )
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the checker is told about an asked call: what it was about, in plain words."""

    service: str | None = None
    start: int | None = None  # epoch minute


@dataclass(slots=True)
class Street:
    """All actors around one world. `skew` gives each new process the error of its clock."""

    world: World
    skew: Callable[[], float] = lambda: 0.0
    asked: int = 0
    ticking_until: float = 0.0
    crashes: list[str] = field(default_factory=list)

    # --- tool calls -------------------------------------------------------------------------------------------------

    def deliver(self, business: str, call: ToolCall, wish: Wish, *, patience: float | None = None) -> ToolReply | None:
        """One delivery of a tool call; None when no answer came. With `patience` the platform waits only that long."""
        universe = self.world.universe
        fault = universe.strike("delivery", "delivery")
        kind = fault.kind if fault else ""
        if fault is not None and kind == "twice":
            universe.scheduler.start(lambda: self._run_tool(business, call, wish), after=fault.seconds)
        if patience is None:
            reply = self._run_tool(business, call, wish)
        else:
            heard: list[ToolReply | None] = []
            universe.scheduler.start(lambda: heard.append(self._run_tool(business, call, wish)))
            universe.scheduler.wait(patience)
            reply = heard[0] if heard else None
        return None if kind == "reply_dropped" else reply

    def _run_tool(self, business: str, call: ToolCall, wish: Wish) -> ToolReply | None:
        world, universe = self.world, self.world.universe
        process = Process(universe, "tool", seconds=LAMBDA_SECONDS, skew=self.skew())
        self.asked += 1
        number, context = self.asked, call.context
        universe.tell(
            "ask", number, process.name, business, context.caller, call.tool, wish.service, wish.start,
            context.call_id, call.id, call.args.get("confirm") is True,
        )  # fmt: skip
        answers: list[ToolReply] = []

        def work() -> None:
            desk = world.desk(process, world.businesses[business], agent="desk")
            room = ROOMS[call.tool]
            try:
                reply = room(desk, call, deadline=process.now() + ANSWER_SECONDS)
            except SlotlineError as error:
                world.noted.append(f"tool_failed {type(error).__name__} {error}")
                reply = room.unsure(desk)
            answers.append(reply)
            fields = reply.fields
            shown: Any = fields.get("appointments", ())
            universe.tell(
                "tell", number, reply.status.value, fields.get("start"), fields.get("replay"), reply.message,
                [(line["start"], line["state"], line["service"]) for line in shown],
                fields.get("service"), fields.get("end"), fields.get("staff"), fields.get("appointment"),
            )  # fmt: skip

        process.run(work)
        return answers[0] if answers else None

    def end_call(self, business: str, call: str) -> None:
        """The platform says that a call is over, and the worker lets go of what it holds."""
        world, universe = self.world, self.world.universe
        process = Process(universe, "ended", seconds=WORKER_SECONDS, skew=self.skew())
        universe.tell("ended", process.name, business, call)
        over = CallRef("generic", call, "desk")
        process.run(lambda: world.call_end(process, business).release(over))

    # --- the stream and the queue -----------------------------------------------------------------------------------

    def effect_written(self, business: str, booking: str, rv: int, kind: str) -> None:
        """A new outbox item: the stream wakes a worker, soon, late, twice or never."""
        universe = self.world.universe
        fault = universe.strike("stream", "stream")
        what = fault.kind if fault else ""
        if what == "lost":
            return
        delay = 0.2 + universe.random.random() * 2.0 + (fault.seconds if fault and what == "late" else 0.0)
        self._queue(business, booking, rv, kind, delay=delay)
        if what == "twice":
            self._queue(business, booking, rv, kind, delay=delay * universe.random.random() * 2.0)

    def _queue(self, business: str, booking: str, rv: int, kind: str, *, delay: float, received: int = 1) -> None:
        self.world.universe.scheduler.start(
            lambda: self._carry_out(business, booking, rv, kind, received=received), after=delay
        )

    def _carry_out(self, business: str, booking: str, rv: int, kind: Any, *, received: int) -> None:
        world = self.world
        process = Process(world.universe, "worker", seconds=WORKER_SECONDS, skew=self.skew())
        done: list[bool] = []

        def work() -> None:
            try:
                world.effects(process, business).carry_out(booking, rv=rv, kind=kind)
            except SlotlineError as error:
                world.noted.append(f"effect_failed {type(error).__name__} {error}")
            else:
                done.append(True)

        process.run(work)
        if not done and received < MAX_RECEIVES:  # the queue shows the message again
            self._queue(business, booking, rv, kind, delay=VISIBILITY_SECONDS, received=received + 1)

    # --- the schedule -----------------------------------------------------------------------------------------------

    def tick_until(self, moment: float) -> None:
        """The schedule runs at every full minute until then, and does nothing in a minute in which nothing is due."""
        idle = self.ticking_until <= self.world.universe.now
        self.ticking_until = moment
        if idle:
            self._next_tick()

    def _next_tick(self) -> None:
        universe = self.world.universe
        moment = (universe.now // MINUTE + 1) * MINUTE
        if moment <= self.ticking_until:
            universe.scheduler.call_at(moment, self._tick)

    def _tick(self) -> None:
        due = self.next_due()
        if due is not None and due <= self.world.universe.now:
            self.world.universe.scheduler.start(self._reconcile)
        self._next_tick()

    def next_due(self) -> float | None:
        """When the earliest work of the due index comes, as only the simulation can know it."""
        return self.world.table._tables["slotline"].first_due(until=self.world.universe.now)

    def _reconcile(self) -> None:
        process = Process(self.world.universe, "reconcile", seconds=RECONCILE_SECONDS, skew=self.skew())
        process.run(lambda: self.world.reconciler(process).run(ends=process.deadline))


def tool_call(tool: str, *, phone: str, call: str, id_: str | None, **args: object) -> ToolCall:
    """A tool call as the dialects hand it on."""
    return ToolCall(tool, args, CallContext("generic", call, phone, "+15550000000"), id_)
