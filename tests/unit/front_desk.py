"""A desk on a table in memory, with a calendar that does what a test plans, and callers who use its tools."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from slotline.adapters.calendars.builtin import BuiltinCalendar
from slotline.adapters.dynamodb.agenda import DynamoAgenda
from slotline.adapters.dynamodb.attributes import decode_item
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.table import Table
from slotline.adapters.language.phone_numbers import LibPhoneNumbers
from slotline.adapters.language.spoken_times import BabelSpokenTimes
from slotline.domain.bookings import Booking
from slotline.domain.business import (
    Agent,
    Auth,
    Business,
    Calendar,
    OfferShape,
    OpeningHours,
    Service,
    StaffMember,
    StaffRule,
)
from slotline.domain.calls import CallContext, Status, ToolCall, ToolReply
from slotline.domain.errors import NotAllowedError, Refusal, RefusedError
from slotline.domain.proofs import DeskKeys
from slotline.domain.time import Interval, local
from slotline.ports import (
    BusyTimes,
    CalendarProvider,
    EventType,
    EventWish,
    FreeStarts,
    OutboxKind,
    ProviderEvent,
    ProviderTraits,
)
from slotline.use_cases.booking import book_appointment, hold_slot
from slotline.use_cases.cancel import cancel_appointment
from slotline.use_cases.confirmation import send_confirmation
from slotline.use_cases.desk import Desk
from slotline.use_cases.drive import Driver
from slotline.use_cases.drive_context import Context
from slotline.use_cases.openings import Openings
from slotline.use_cases.reconcile import Reconciler, Workplace
from slotline.use_cases.reschedule import reschedule_appointment
from tests.fakes import A_MONDAY_NOON_UTC, CountingIds, FakeClock
from tests.simulation.memory_dynamodb import MemoryDynamoDB

BUSINESS = "harbor"
NOW = A_MONDAY_NOON_UTC
NOON = int(NOW // 60)
TOMORROW = NOON + 24 * 60
BUDGET_SECONDS = 6.0
PROCESS_SECONDS = 12.0
QUIESCENCE = 120
TABLE = "slotline"
ALWAYS_OPEN = OpeningHours(week=tuple(((0, 1440),) for _ in range(7)))

HARBOR = Business(
    key=BUSINESS,
    name="Harbor Clinic",
    time_zone="Etc/UTC",
    locale="en-US",
    calendars={
        "main": Calendar("main", "planned"),
        "class": Calendar("class", "planned", capacity=2),
        "ana": Calendar("ana", "builtin", hours=ALWAYS_OPEN),
        "ben": Calendar("ben", "builtin", hours=ALWAYS_OPEN),
    },
    staff={"ana": StaffMember("ana", "Ana", "ana"), "ben": StaffMember("ben", "Ben", "ben")},
    services={
        "visit": Service("visit", "Visit", 60, calendar="main", event_type="1", offer=OfferShape(min_notice_minutes=0)),
        "class": Service("class", "Class", 60, calendar="class", event_type="2"),
        "massage": Service("massage", "Massage", 60, staff=StaffRule(pool=("ana", "ben"))),
    },
    agents={"front": Agent("front", "generic", ("visit", "class", "massage"), Auth("bearer"))},
)

type Fault = Callable[[Callable[[], Any]], Any]
"""What happens instead of a request to the calendar; it may carry it out all the same."""


def failing(error: Exception) -> Fault:
    """The request does not reach the calendar."""

    def fault(_send: Callable[[], Any]) -> Any:
        raise error

    return fault


def answer_lost(error: Exception) -> Fault:
    """The calendar did it, and the answer never came."""

    def fault(send: Callable[[], Any]) -> Any:
        send()
        raise error

    return fault


def meanwhile(happens: Callable[[], object]) -> Fault:
    """Something else happens first."""

    def fault(send: Callable[[], Any]) -> Any:
        happens()
        return send()

    return fault


@dataclass
class PlannedCalendar:
    """A calendar of the slots kind. Requests meet the planned faults, one each, by the name of the method."""

    traits: ProviderTraits = field(default_factory=lambda: ProviderTraits(moves="new_object"))
    kept: dict[str, ProviderEvent] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    status: Literal["accepted", "requested"] = "accepted"

    def __post_init__(self) -> None:
        self._plan: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def plan(self, request: str, *faults: Fault) -> None:
        self._plan[request].extend(faults)

    def clear_plan(self) -> None:
        """All is well again."""
        self._plan.clear()

    def live(self) -> list[int]:
        """When the events that stand begin (epoch minutes)."""
        return sorted(e.span.start for e in self.kept.values() if e.status in {"accepted", "requested"})

    def count(self, request: str) -> int:
        return sum(name == request for name, _ in self.requests)

    # --- ports.CalendarProvider --------------------------------------------------------------------------------------

    def look(
        self, service: Service, *, window: Interval, moving: str | None, deadline: float
    ) -> FreeStarts | BusyTimes:
        starts = tuple(range(TOMORROW, TOMORROW + 12 * 60, 30))
        return self._serve("look", "", lambda: FreeStarts(starts))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._serve("create", wish.tag, lambda: self._make(wish))

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        def work() -> tuple[ProviderEvent, ...]:
            return tuple(e for e in self.kept.values() if e.tag == wish.tag and e.status in {"accepted", "requested"})

        return self._serve("find", wish.tag, work)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        return self._serve("read", event_id, lambda: self._known(event_id))

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        def work() -> ProviderEvent:
            event = self._known(event_id)
            if event.status == "cancelled":
                raise RefusedError(Refusal.GONE)
            following = self._make(wish)
            self.kept[event_id] = replace(event, status="cancelled", moved_to=following.id)
            return following

        return self._serve("move", event_id, work)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        def work() -> None:
            self.kept[event_id] = replace(self._known(event_id), status="cancelled")

        self._serve("cancel", event_id, work)

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        return ()

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        def work() -> tuple[ProviderEvent, ...]:
            live = (e for e in self.kept.values() if e.status in {"accepted", "requested"})
            return tuple(e for e in live if e.span.overlaps(window))

        return self._serve("events", "", work)

    def _make(self, wish: EventWish) -> ProviderEvent:
        event = ProviderEvent(f"event-{len(self.kept) + 1}", wish.tag, wish.times.span, self.status)
        self.kept[event.id] = event
        return event

    def _known(self, event_id: str) -> ProviderEvent:
        if event_id not in self.kept:
            raise RefusedError(Refusal.GONE)
        return self.kept[event_id]

    def _serve[T](self, request: str, about: str, work: Callable[[], T]) -> T:
        self.requests.append((request, about))
        faults = self._plan[request]
        answer: T = faults.popleft()(work) if faults else work()
        return answer


@dataclass
class FrontDesk:
    """One business at work; every tool call and every sweep is a process of its own."""

    business: Business = HARBOR

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.ids = CountingIds()
        self.dynamodb = MemoryDynamoDB(self.clock, tables=(TABLE,))
        self.table = Table(self.dynamodb.client, TABLE, clock=self.clock, ids=self.ids)
        self.store = DynamoBookingStore(self.table, business=BUSINESS, sealer=Sealer(bytes(32)), ids=self.ids)
        self.calendar = PlannedCalendar()
        self.keys = DeskKeys(b"root of the desk's keys")
        self.counted: list[str] = []
        self.notes: list[str] = []
        self._times, self._phones = BabelSpokenTimes(), LibPhoneNumbers()

    def of(self, name: str) -> CalendarProvider:
        """ports.Calendars."""
        own = self.business.calendar(name).provider == "builtin"
        return BuiltinCalendar() if own else self.calendar

    def driver(self, *, caller_waits: bool) -> Driver:
        openings = Openings(clock=self.clock, overlap=_second_first)
        return Driver(
            Context(
                business=self.business,
                store=self.store,
                calendars=self,
                clock=self.clock,
                ids=self.ids,
                openings=openings,
                process_ends=self.clock.now() + PROCESS_SECONDS,
                caller_waits=caller_waits,
                count=lambda name, value: self.counted.append(name) if value else None,
            )
        )

    def desk(self) -> Desk:
        driver = self.driver(caller_waits=True)
        return Desk(
            business=self.business,
            agent=self.business.agents["front"],
            store=self.store,
            calendars=self,
            openings=driver.context.openings,
            driver=driver,
            clock=self.clock,
            ids=self.ids,
            keys=self.keys,
            times=self._times,
            phones=self._phones,
        )

    def slot(self, start: int, *, service: str = "visit", staff: str | None = None) -> str:
        """The id of a slot as check_availability offers it."""
        rule = self.business.services[service].staff
        return self.keys.slot_id(service=service, start=start, staff=staff, seats=rule.pool if rule else ())

    def reconcile(self) -> None:
        """What the schedule does every minute."""

        def note(event: str, **_fields: object) -> None:
            self.notes.append(event)

        Reconciler(
            agenda=DynamoAgenda(self.table),
            workplace=self._workplace,
            clock=self.clock,
            count=lambda _name, _value: None,
            note=note,
        ).run(ends=self.clock.now() + 60)

    def after(self, seconds: float) -> None:
        """Let time pass, with a sweep every minute and one at its end."""
        for _ in range(int(seconds // 60)):
            self.clock.sleep(60)
            self.reconcile()
        self.clock.sleep(seconds % 60)
        self.reconcile()

    def _workplace(self, business: str) -> Workplace:
        if business != self.business.key:
            raise NotAllowedError(business)
        return Workplace(self.store, self.driver(caller_waits=False), _NoEffects())

    # --- what stands in the table ------------------------------------------------------------------------------------

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        items = [decode_item(item) for item in self.dynamodb.scan(TableName=TABLE)["Items"]]
        return {(item["pk"], item["sk"]): item for item in items}

    def bookings(self) -> list[Booking]:
        """All of them, oldest first."""
        ids = [pk.split("#", 3)[3] for pk, sk in sorted(self.rows()) if sk == "B"]
        return [self.store.read(booking_id) for booking_id in ids]

    def locks(self) -> dict[str, tuple[int, int]]:
        """Every locked interval by its owner."""
        return {
            owner: (entry["s"], entry["e"])
            for (_, sk), item in self.rows().items()
            if sk.startswith("D#") and "iv" in item  # beside the days lies the mark of a change
            for owner, entry in item["iv"].items()
        }

    def effects(self, booking_id: str) -> list[OutboxKind]:
        """What is to be sent about a booking, in the order in which it was written."""
        found = [(sk, item["kind"]) for (pk, sk), item in self.rows().items() if sk[:2] == "X#" and booking_id in pk]
        return [kind for _, kind in sorted(found)]


def _second_first[A, B](first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Two waits side by side, in the order in which a calendar's answer is older than what our table says."""
    later = second()
    return first(), later


class _NoEffects:
    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> None:
        """Messages have tests of their own."""


@dataclass
class Caller:
    """Somebody on the line. `number` and `call` are what the platform vouches for."""

    front: FrontDesk
    number: str | None = "+14155550155"
    call: str | None = "c1"
    delivery: str | None = None  # the platform's id of the next tool calls

    def hold(self, start: int, *, service: str = "visit", staff: str | None = None) -> ToolReply:
        return self._use(hold_slot, service=service, slot_id=self.front.slot(start, service=service, staff=staff))

    def hold_at(self, start: int, *, service: str = "visit") -> ToolReply:
        """By date and time, without an offer."""
        return self._use(hold_slot, service=service, **_words(start))

    def book(self, start: int, *, service: str = "visit", staff: str | None = None) -> ToolReply:
        slot_id = self.front.slot(start, service=service, staff=staff)
        return self._use(book_appointment, service=service, slot_id=slot_id, name="Ada Byron")

    def book_at(self, start: int, *, service: str = "visit") -> ToolReply:
        return self._use(book_appointment, service=service, name="Ada Byron", **_words(start))

    def move(self, start: int, *, service: str = "visit", appointment: str | None = None) -> ToolReply:
        slot_id = self.front.slot(start, service=service)
        return self._use(reschedule_appointment, appointment=appointment, slot_id=slot_id)

    def move_at(self, start: int, *, appointment: str | None = None) -> ToolReply:
        return self._use(reschedule_appointment, appointment=appointment, **_words(start))

    def ask_to_cancel(self, appointment: str | None = None) -> ToolReply:
        """Without a yes: nothing is cancelled."""
        return self._use(cancel_appointment, appointment=appointment)

    def confirm(self, appointment: str | None = None) -> ToolReply:
        """The yes, whether or not there was a question."""
        return self._use(cancel_appointment, appointment=appointment, confirm=True)

    def cancel(self, appointment: str | None = None) -> ToolReply:
        """The question, and a yes to it."""
        asked = replace(self, delivery=self.delivery and f"{self.delivery}-asked").ask_to_cancel(appointment)
        return self.confirm(appointment) if asked.status is Status.NEEDS_CONFIRMATION else asked

    def ask_for_text(self, appointment: str | None = None) -> ToolReply:
        return self._use(send_confirmation, appointment=appointment)

    def _use(self, tool: Callable[..., ToolReply], **args: Any) -> ToolReply:
        context = CallContext("generic", call_id=self.call, caller=self.number)
        call = ToolCall(tool.__name__, args, context, id=self.delivery)
        given = {name: value for name, value in args.items() if value is not None}
        return tool(self.front.desk(), call, deadline=self.front.clock.now() + BUDGET_SECONDS, **given)


def _words(start: int) -> dict[str, str]:
    moment = local(start, HARBOR.zone)
    return {"date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M}"}
