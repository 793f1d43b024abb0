"""Calendars of the simulated world: what really stands in them, and how a process reaches them.

`CalendarServer` is the ground truth. Class A picks the ids and knows no repeat; class B takes the id we choose, keeps
it for ever, and accepts every overlap. `SimCalendar` is the port to one of them, with everything that can go wrong on
the way; it stands for an adapter, so it raises what adapters raise.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, EventType, EventWish, FreeStarts, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.domain.business import Service
    from tests.simulation.faults import Fault
    from tests.simulation.process import Process, Universe

PATIENCE = 5.0
FASTEST, SLOWEST = 0.08, 1.1


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the provider keeps it."""

    id: str
    tag: str | None
    span: Interval
    status: Literal["accepted", "requested", "cancelled", "rejected"]
    phone: str | None
    service: str
    moved_to: str | None = None
    occupies: Interval | None = None  # with the buffers the provider itself keeps

    @property
    def is_live(self) -> bool:
        return self.status in {"accepted", "requested"}


class CalendarServer:
    """The truth behind one calendar connection."""

    def __init__(
        self,
        universe: Universe,
        name: str,
        *,
        kind: Literal["a", "b"],
        refuses_overlap: bool,
        capacity: int = 1,
        new_object: bool = False,
        approval: bool = False,
        hands_out_earlier: bool = False,
    ) -> None:
        self.universe = universe
        self.name = name
        self.kind = kind
        self.refuses_overlap = refuses_overlap
        self.capacity = capacity
        self.new_object = new_object
        self.approval = approval
        self.hands_out_earlier = hands_out_earlier
        self.events: dict[str, Event] = {}
        self._made = 0

    @property
    def traits(self) -> ProviderTraits:
        moves: Literal["in_place", "new_object"] = "new_object" if self.new_object else "in_place"
        return ProviderTraits(repeats_safely=self.kind == "b", moves=moves)

    # --- what a request does ----------------------------------------------------------------------------------------

    def create(self, wish: EventWish, *, by: str) -> Event:
        span, number = wish.times.span, f"{self.name}-{self._made + 1}"
        if self.kind == "b":
            number = hashlib.sha256(f"{self.name}:{wish.tag}:{wish.generation}".encode()).hexdigest()[:16]
            known = self.events.get(number)
            if known is not None and not known.is_live:
                raise RefusedError(Refusal.GONE)  # the id is burnt: whoever removed it meant it
            if known is not None:
                return known
        earlier = self._earlier(wish) if self.hands_out_earlier else None
        if earlier is not None:
            self.universe.tell("refused", self.name, wish.tag)
            return earlier
        if self.refuses_overlap and self._is_full(span, but=None):
            self.universe.tell("refused", self.name, wish.tag)
            raise RefusedError(Refusal.TAKEN)
        self._made += 1
        status: Literal["accepted", "requested"] = "requested" if self.approval else "accepted"
        event = Event(number, wish.tag, span, status, wish.contact.phone, wish.service.key)
        return self._put(event, by=by)

    def tagged(self, tag: str) -> list[Event]:
        return [event for event in self.events.values() if event.tag == tag]

    def read(self, event_id: str) -> Event:
        if event_id not in self.events:
            raise RefusedError(Refusal.GONE)
        return self.events[event_id]

    def move(self, event_id: str, span: Interval, *, by: str) -> Event:
        event = self.read(event_id)
        if not event.is_live:
            raise RefusedError(Refusal.GONE if event.moved_to is None else Refusal.NOT_PERMITTED)
        if self.refuses_overlap and self._is_full(span, but=event_id):
            raise RefusedError(Refusal.TAKEN)
        if not self.new_object:
            return self._put(replace(event, span=span), by=by)
        self._made += 1
        following = replace(event, id=f"{self.name}-{self._made}", span=span)
        self._put(replace(event, status="cancelled", moved_to=following.id), by=by)
        return self._put(following, by=by)

    def cancel(self, event_id: str, *, by: str) -> None:
        event = self.events.get(event_id)
        while event is not None and event.moved_to is not None:
            event = self.events.get(event.moved_to)
        if event is not None and event.is_live:
            self._put(replace(event, status="cancelled"), by=by)

    # --- what people do ---------------------------------------------------------------------------------------------

    def decide(self, event_id: str, *, accepted: bool) -> None:
        """The host approves or declines a request."""
        event = self.events[event_id]
        if event.status == "requested":
            self._put(replace(event, status="accepted" if accepted else "rejected"), by="human")

    def add(self, span: Interval) -> None:
        """A person blocks a time in the provider's own pages."""
        self._made += 1
        self._put(Event(f"{self.name}-h{self._made}", None, span, "accepted", None, "human"), by="human")

    def people_cancel(self, event_id: str) -> None:
        """A person removes one of our events."""
        self.cancel(event_id, by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        """A person drags one of our events to another time; nothing is checked."""
        event = self.events[event_id]
        if event.is_live:
            self._put(replace(event, span=span), by="human")

    def free(self, span: Interval) -> bool:
        return not self._is_full(span, but=None)

    def _earlier(self, wish: EventWish) -> Event | None:
        """Somebody's event for the same service and start, as where several callers share one e-mail address."""
        same = (
            e for e in self.events.values() if e.is_live and (e.service, e.span) == (wish.service.key, wish.times.span)
        )
        return next(same, None)

    def _is_full(self, span: Interval, *, but: str | None) -> bool:
        beside = [e.span for e in self.events.values() if e.is_live and e.id != but and e.span.overlaps(span)]
        begins = {max(other.start, span.start) for other in beside}
        fullest = max((sum(other.start <= minute < other.end for other in beside) for minute in begins), default=0)
        return fullest >= self.capacity

    def _put(self, event: Event, *, by: str) -> Event:
        self.events[event.id] = event
        self.universe.tell(
            "event", self.name, event.id, event.status, event.span.start, event.span.end, event.tag, event.phone,
            event.service, by,
        )  # fmt: skip
        return event


class SimCalendar:
    """ports.CalendarProvider for one process and one `CalendarServer`."""

    def __init__(self, process: Process, server: CalendarServer) -> None:
        self._process = process
        self._server = server

    @property
    def traits(self) -> ProviderTraits:
        return self._server.traits

    def look(
        self, service: Service, *, window: Interval, moving: str | None, deadline: float
    ) -> FreeStarts | BusyTimes:
        def work() -> FreeStarts | BusyTimes:
            live = [e.span for e in self._server.events.values() if e.is_live and e.id != moving]
            if self._server.kind == "b":
                return BusyTimes(tuple(sorted(live)))
            step, length = service.offer.step_minutes, service.minutes
            first = window.start + -window.start % step
            starts = range(first, min(window.end, first + 24 * 60), step)
            return FreeStarts(tuple(s for s in starts if self._server.free(Interval(s, s + length))))

        return self._ask("look", work, deadline=deadline)

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._change("create", lambda: self._server.create(wish, by=self._process.name), wish.tag, deadline)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        def work() -> tuple[ProviderEvent, ...]:
            return tuple(_shown(event) for event in self._server.tagged(wish.tag) if event.is_live)

        return self._ask("find", work, deadline=deadline)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        return self._ask("read", lambda: _shown(self._server.read(event_id)), deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        span, name = wish.times.span, self._process.name
        return self._change("move", lambda: self._server.move(event_id, span, by=name), wish.tag, deadline)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        def work() -> Event:
            self._server.cancel(event_id, by=self._process.name)
            return self._server.events[event_id]

        self._change("cancel", work, event_id, deadline)

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        return ()

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        def work() -> tuple[ProviderEvent, ...]:
            live = [event for event in self._server.events.values() if event.is_live]
            return tuple(_shown(event) for event in live if event.span.overlaps(window))

        return self._ask("events", work, deadline=deadline)

    # --- the way there and back -------------------------------------------------------------------------------------

    def _ask[T](self, name: str, work: Callable[[], T], *, deadline: float) -> T:
        fault = self._reach("calendar.read", name, deadline=deadline)
        if fault is None:
            return work()
        if fault.kind == "kill_after":
            self._process.die()
        if fault.kind == "no_answer":
            self._process.pass_time(max(0.0, min(PATIENCE, deadline - self._process.now())))
        raise NotExecutedError(fault.kind, retry_after=30.0)

    def _change(self, name: str, work: Callable[[], Event], about: str, deadline: float) -> ProviderEvent:
        process, universe = self._process, self._process.universe
        fault = self._reach("calendar.write", name, deadline=deadline)
        request = universe.points
        kind = fault.kind if fault else ""
        # A create, or a move that makes a new object, must never meet an older one that can still be executed.
        exclusive = name == "create" or (name == "move" and self._server.new_object)
        universe.tell("request", self._server.name, name, about, request, exclusive and self._server.kind == "a")
        if kind == "late" and fault is not None:
            universe.scheduler.call_at(universe.now + fault.seconds, lambda: self._executed_late(work, request))
            process.pass_time(self._patience(deadline))
            raise InDoubtError(kind)
        if kind in {"", "reply_lost", "error_after", "kill_after"}:
            try:
                event = work()
            except RefusedError:
                universe.tell("executed", request)
                if kind == "":
                    raise
            else:
                universe.tell("executed", request)
                if kind == "":
                    return _shown(event)
        else:
            universe.tell("executed", request)  # never will be: it is dead from the start
        self._fail(kind, deadline=deadline)
        raise AssertionError("unreachable")

    def _fail(self, kind: str, *, deadline: float) -> None:
        if kind == "kill_after":
            self._process.die()
        if kind == "reply_lost":
            self._process.pass_time(self._patience(deadline))
        if kind in {"reply_lost", "error_after", "error_before"}:
            raise InDoubtError(kind)
        if kind == "unauthorized":
            raise SetupError(kind)
        raise NotExecutedError(kind, retry_after=5.0 if kind == "too_many" else 30.0)

    def _executed_late(self, work: Callable[[], Event], request: int) -> None:
        with suppress(RefusedError):  # with nobody left to hear it
            work()
        self._process.universe.tell("executed", request)

    def _patience(self, deadline: float) -> float:
        return max(0.0, min(PATIENCE, deadline - self._process.now()))

    def _reach(self, sort: str, name: str, *, deadline: float) -> Fault | None:
        patience = self._patience(deadline)
        if patience <= 0:
            raise NotExecutedError("no time left to ask", retry_after=1.0)
        share = self._process.universe.random.random()
        latency = min(FASTEST + share * share * (SLOWEST - FASTEST), 0.9 * patience)
        return self._process.arrive(sort, f"{self._server.kind}.{name}", after=latency)


def _shown(event: Event) -> ProviderEvent:
    return ProviderEvent(
        id=event.id,
        tag=event.tag,
        span=event.span,
        status=event.status,
        etag=f"{event.span.start}",
        moved_to=event.moved_to,
    )
