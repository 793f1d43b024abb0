"""A desk whose calendars take whatever is written, and a person who writes into them too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from slotline.adapters.dynamodb.inbox import DynamoInbox
from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.domain.bookings import Booking
from slotline.domain.business import Business, Calendar, OfferShape, Service, StaffMember, StaffRule
from slotline.domain.calls import Status
from slotline.domain.errors import Refusal, RefusedError
from slotline.domain.hints import Hint
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, CalendarProvider, EventWish, OutboxKind, ProviderEvent, ProviderTraits
from slotline.use_cases.calendar_hints import HintDesk
from slotline.use_cases.drift import DriftScan, Finding
from slotline.use_cases.effects import Effects
from slotline.use_cases.reconcile import Workplace
from slotline.use_cases.staff_copies import CopyDesk
from tests.unit.front_desk import (
    ALWAYS_OPEN,
    BUSINESS,
    HARBOR,
    QUIESCENCE,
    TOMORROW,
    Caller,
    FrontDesk,
    PlannedCalendar,
)

PEOPLE = ("ana", "ben", "cleo")
EARLY, LATE = TOMORROW, TOMORROW + 180
HOUR = 60
SETTLED = QUIESCENCE + 30.0
"""Long enough after a booking for silence to be proof."""

_NOW_ON = OfferShape(min_notice_minutes=0)

BUSY = replace(
    HARBOR,
    calendars={
        "main": Calendar("main", "planned"),
        "room": Calendar("room", "busy", hours=ALWAYS_OPEN),
        "hall": Calendar("hall", "busy", hours=ALWAYS_OPEN, capacity=2),
        "home": Calendar("home", "busy", hours=ALWAYS_OPEN),
        **{name: Calendar(name, "busy", hours=ALWAYS_OPEN) for name in PEOPLE},
    },
    staff={name: StaffMember(name, name.title(), name) for name in PEOPLE},
    services={
        "visit": Service("visit", "Visit", 60, calendar="main", event_type="1", offer=_NOW_ON),
        "talk": Service("talk", "Talk", 60, calendar="room", offer=_NOW_ON),
        "yoga": Service("yoga", "Yoga", 60, calendar="hall", offer=_NOW_ON),
        "trio": Service("trio", "Trio", 60, staff=StaffRule(pool=("ana",), fixed=("ben", "cleo")), offer=_NOW_ON),
        "solo": Service("solo", "Solo", 60, staff=StaffRule(pool=PEOPLE), offer=_NOW_ON),
    },
    agents={"front": replace(HARBOR.agents["front"], services=("visit", "talk", "yoga", "trio", "solo"))},
)


@dataclass
class BusyCalendar(PlannedCalendar):
    """A calendar of the busy kind: the same create again makes nothing new, and overlaps are accepted."""

    traits: ProviderTraits = field(default_factory=lambda: ProviderTraits(repeats_safely=True, moves="in_place"))
    name: str = "room"
    elsewhere: tuple[Interval, ...] = ()  # busy times of further calendars of the account

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> BusyTimes:
        def work() -> BusyTimes:
            live = (e for e in self.kept.values() if e.status in {"accepted", "requested"} and e.id != moving)
            return BusyTimes((*(e.span for e in live), *self.elsewhere))

        return self._serve("look", "", work)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        def work() -> ProviderEvent:
            event = self._known(event_id)
            if event.status == "cancelled":
                raise RefusedError(Refusal.GONE)
            self.kept[event_id] = replace(event, span=wish.times.span)
            return self.kept[event_id]

        return self._serve("move", event_id, work)

    def stranger(self, start: int, end: int, *, event_id: str = "stranger", tag: str | None = None) -> None:
        """A person writes an event of their own."""
        self.kept[event_id] = ProviderEvent(event_id, tag, Interval(start, end), "accepted")

    def _make(self, wish: EventWish) -> ProviderEvent:
        event_id = f"{self.name}-{wish.tag}"
        there = self.kept.get(event_id)
        if there is not None and there.status == "cancelled":
            raise RefusedError(Refusal.GONE)
        self.kept[event_id] = there or ProviderEvent(event_id, wish.tag, wish.times.span, self.status)
        return self.kept[event_id]


def shift(calendar: PlannedCalendar, event_id: str, *, to: int, minutes: int = HOUR) -> None:
    """A person drags an event to another time."""
    calendar.kept[event_id] = replace(calendar.kept[event_id], span=Interval(to, to + minutes))


def delete(calendar: PlannedCalendar, event_id: str) -> None:
    calendar.kept[event_id] = replace(calendar.kept[event_id], status="cancelled")


def book_anew(calendar: PlannedCalendar, event_id: str, *, to: int) -> str:
    """The invitee reschedules in the provider's pages: a new event follows the old one. Its id."""
    old, new_id = calendar.kept[event_id], f"{event_id}-again"
    calendar.kept[new_id] = replace(old, id=new_id, span=Interval(to, to + HOUR))
    calendar.kept[event_id] = replace(old, status="cancelled", moved_to=new_id)
    return new_id


class _Unsent:
    """Messages have tests of their own."""

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> None:
        pass


@dataclass
class BusyDesk(FrontDesk):
    """A front desk with one calendar for everybody, and with everything that heeds what calendars tell."""

    business: Business = BUSY

    def __post_init__(self) -> None:
        super().__post_init__()
        busy = [name for name, calendar in self.business.calendars.items() if calendar.provider == "busy"]
        self.busy = {name: BusyCalendar(name=name) for name in busy}
        self.room = self.busy["room"]
        self.inbox = DynamoInbox(self.table, business=BUSINESS)
        self.scanned: list[str] = []
        self.resubscribed: list[str] = []

    def of(self, name: str) -> CalendarProvider:
        return self.busy[name] if name in self.busy else super().of(name)

    def planned(self, name: str) -> PlannedCalendar:
        """The calendar, where it is one whose requests can be planned."""
        calendar = self.of(name)
        assert isinstance(calendar, PlannedCalendar)
        return calendar

    def only(self) -> Booking:
        (booking,) = self.bookings()
        return booking

    # --- what calendars tell ------------------------------------------------------------------------------------------

    def hint_desk(self) -> HintDesk:
        driver = self.driver(caller_waits=False)

        def scan(calendar: str) -> None:
            self.scanned.append(calendar)
            self.scan(heeding=True).follow(calendar)

        return HintDesk(
            business=BUSINESS,
            store=driver.context.store,
            inbox=self.inbox,
            driver=driver,
            clock=self.clock,
            scan=scan,
            resubscribe=self.resubscribed.append,
            note=self.note,
        )

    def hint(
        self,
        calendar: str,
        *,
        event: str | None = None,
        tag: str | None = None,
        delivery: str = "",
        resubscribe: bool = False,
    ) -> None:
        hint = Hint(delivery or self.ids.nonce(), event=event, tag=tag, resubscribe=resubscribe)
        self.hint_desk().heed(calendar, hint, received=self.clock.now())

    def scan(self, *, heeding: bool = False) -> DriftScan:
        return DriftScan(
            business=self.business,
            store=self.store,
            calendars=self,
            clock=self.clock,
            count=lambda name, value: self.counted.append(name) if value else None,
            note=self.note,
            heed=self.driver(caller_waits=False).heed if heeding else None,
        )

    def found(self) -> list[tuple[str, str | None]]:
        """What the nightly scan finds, by kind and booking."""

        def line(finding: Finding) -> tuple[str, str | None]:
            return finding.drift.value, finding.booking

        return [line(finding) for finding in self.scan().run()]

    def note(self, event: str, **_fields: object) -> None:
        self.notes.append(event)

    # --- effects ------------------------------------------------------------------------------------------------------

    def outbox(self) -> DynamoOutbox:
        return DynamoOutbox(self.table, business=BUSINESS, hashed=self.keys.caller)

    def copy_desk(self) -> CopyDesk:
        return CopyDesk(context=self.driver(caller_waits=False).context, outbox=self.outbox(), notify=self.note)

    def _workplace(self, business: str) -> Workplace:
        effects = Effects(messages=_Unsent(), copies=self.copy_desk(), codes=_Unsent())
        return Workplace(self.store, self.driver(caller_waits=False), effects)


def booked(front: BusyDesk, caller: Caller, start: int = EARLY, *, service: str = "visit") -> Booking:
    """A booking of some time ago."""
    assert caller.book(start, service=service).status is Status.CONFIRMED
    front.clock.sleep(SETTLED)
    return front.bookings()[-1]
