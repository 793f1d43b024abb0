"""Bookings to hold the store against, and a bench that shows what stands in the table after each step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.agenda import DynamoAgenda
from slotline.adapters.dynamodb.attributes import decode_item
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.items import day_document
from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.table import Table
from slotline.domain.bookings import HOLD_SECONDS, Attempt, Booking, Contact, DayDocument, Entry, State, Times
from slotline.domain.proofs import intent_key
from slotline.domain.time import utc_day
from slotline.ports import CallRecord, Delivery, Guest, Operation, ProviderEvent
from tests.contract.tables import UnreliableClient
from tests.fakes import A_MONDAY_NOON_UTC, CountingIds, FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.adapters.dynamodb.keys import Key
    from slotline.ports import DayView, OutboxKind, Seats

BUSINESS = "bright-smile"
SERVICE = "cleaning"
CALENDAR = "main"
CHAIR, ROOM = "chair", "room"
NOW = A_MONDAY_NOON_UTC
NOON = int(NOW // 60)
MIDNIGHT = (NOON // 1440 + 1) * 1440
ATTEMPT_SECONDS = 14
UNFILED = Delivery()

Rows = dict["Key", dict[str, Any]]


def at(hours: float) -> int:
    """The epoch minute so many hours after the noon at which every test begins."""
    return NOON + round(hours * 60)


def times(hours: float, *, minutes: int = 30, before: int = 0, after: int = 0) -> Times:
    return Times.of(at(hours), minutes=minutes, before=before, after=after)


def new_booking(name: str = "ada", hours: float = 4, *, minutes: int = 30, **changes: Any) -> Booking:
    """A wish nobody has written yet: caller, intent and id all follow from the name and the time."""
    start = at(hours)
    booking = Booking(
        id=f"{name}{start}",
        rv=0,
        state=State.HELD,
        service=SERVICE,
        calendar=CALENDAR,
        resources=(CHAIR,),
        times=times(hours, minutes=minutes),
        caller=f"caller-{name}",
        intent=intent_key(f"caller-{name}", service=SERVICE, start=start),
        agent="front-desk",
        held_until=NOW + HOLD_SECONDS,
    )
    return replace(booking, **changes)


def guest_of(booking: Booking, **changes: Any) -> Guest:
    contact = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com", notes="left knee")
    return replace(Guest(booking.caller, booking.intent, contact), **changes)


def delivery(key: str = "call-1", *, fingerprint: str = "f1", call: CallRecord | None = None) -> Delivery:
    return Delivery(Operation("vapi#c1", key, fingerprint), call)


def event_of(booking: Booking, *, event_id: str | None = None, **changes: Any) -> ProviderEvent:
    """The provider's answer to the booking as it wants to be."""
    wanted = booking.moving_to or booking.times
    event = ProviderEvent(
        id=event_id or booking.provider_id or f"event-{booking.id}",
        tag=booking.id,
        span=wanted.span,
        status="accepted",
        host="Ben",
        link="https://meet.example/1",
        etag="e1",
    )
    return replace(event, **changes)


@dataclass
class StoreBench:
    """The store with its neighbours on one table; time stands still and ids count."""

    dynamodb: DynamoDBClient
    name: str
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.client = UnreliableClient(self.dynamodb)
        self.ids = CountingIds()
        self.table = Table(cast("DynamoDBClient", self.client), self.name, clock=self.clock, ids=self.ids)
        self.store = self.store_of(BUSINESS)
        self.outbox = DynamoOutbox(self.table, business=BUSINESS, hashed=lambda phone: f"hash-of-{phone[-4:]}")
        self.agenda = DynamoAgenda(self.table)

    def store_of(self, business: str) -> DynamoBookingStore:
        return DynamoBookingStore(self.table, business=business, sealer=Sealer(bytes(32)), ids=self.ids)

    @property
    def now(self) -> float:
        return self.clock.now()

    # --- what stands in the table ------------------------------------------------------------------------------------

    def rows(self) -> Rows:
        """Everything, past the store and past all faults."""
        items = self.dynamodb.scan(TableName=self.name, ConsistentRead=True)["Items"]
        decoded = [decode_item(item) for item in items]
        return {(item["pk"], item["sk"]): item for item in decoded}

    def row(self, key: Key) -> dict[str, Any] | None:
        return self.rows().get(key)

    def day(self, resource: str = CHAIR, minute: int = NOON) -> DayDocument:
        day = utc_day(minute)
        item = self.row(keys.day(BUSINESS, resource, day))
        return day_document(item, resource=resource, day=day) if item else DayDocument(resource, day)

    def entries(self, resource: str = CHAIR, minute: int = NOON) -> dict[str, Entry]:
        return {entry.owner: entry for entry in self.day(resource, minute).entries}

    def intent(self, key: str) -> tuple[str, str] | None:
        """Owner and state of a wish."""
        item = self.row(keys.intent(BUSINESS, key))
        return (item["bid"], item["st"]) if item else None

    def history(self, booking_id: str) -> list[tuple[int, str | None, str]]:
        """Version, state before and state after of every transition."""
        pk, _ = keys.booking(BUSINESS, booking_id)
        items = {key[1]: item for key, item in sorted(self.rows().items()) if key[0] == pk and key[1].startswith("H#")}
        return [(int(sk[2:]), item.get("from"), item["to"]) for sk, item in items.items()]

    def effects(self, booking_id: str) -> list[tuple[int, str]]:
        """Version and kind of everything in the outbox."""
        pk, _ = keys.booking(BUSINESS, booking_id)
        found = [key[1].split("#") for key in self.rows() if key[0] == pk and key[1].startswith("X#")]
        return sorted((int(rv), kind) for _, rv, kind in found)

    def lines(self, caller: str) -> list[tuple[str, int]]:
        """What the caller index says."""
        return [(line.booking, line.start) for line in self.store.of_caller(caller, not_before=0)]

    def due(self, after: float = 0) -> list[tuple[str, tuple[int, OutboxKind] | None]]:
        """What is due so many seconds from now."""
        return [(work.booking, work.effect) for work in self.agenda.due(self.now + after, limit=100)]

    def view(self, booking: Booking, *, to: Times | None = None) -> DayView:
        """The day documents of a booking and of where it wants to go, as they are now."""
        intervals = [*booking.intervals, *([to.blocked] if to else [])]
        places = {(resource, day) for resource in booking.resources for i in intervals for day in i.utc_days()}
        return self.store.view(days=places).days

    # --- steps -------------------------------------------------------------------------------------------------------

    def attempt(self, number: int = 1) -> Attempt:
        return Attempt(number, f"attempt-{number}", self.now + ATTEMPT_SECONDS)

    def hold(
        self,
        booking: Booking,
        *,
        days: DayView | None = None,
        delivery: Delivery = UNFILED,
        seats: Seats | None = None,
    ) -> Booking:
        days = self.view(booking) if days is None else days
        return self.store.hold(booking, days=days, delivery=delivery, seats=seats or {}, now=self.now)

    def pin(
        self,
        booking: Booking,
        *,
        guest: Guest | None = None,
        days: DayView | None = None,
        delivery: Delivery = UNFILED,
        seats: Seats | None = None,
    ) -> Booking:
        return self.store.pin(
            booking,
            guest=guest or guest_of(booking),
            attempt=self.attempt(),
            days=self.view(booking) if days is None else days,
            delivery=delivery,
            seats=seats or {},
            now=self.now,
        )

    def book_own(
        self,
        booking: Booking,
        *,
        guest: Guest | None = None,
        days: DayView | None = None,
        delivery: Delivery = UNFILED,
    ) -> Booking:
        return self.store.book_own(
            booking,
            guest=guest or guest_of(booking),
            days=self.view(booking) if days is None else days,
            delivery=delivery,
            seats={},
            now=self.now,
        )

    def commit(self, booking: Booking, *, effects: tuple[OutboxKind, ...] = ("sms_booked",), **event: Any) -> Booking:
        return self.store.commit(booking, event=event_of(booking, **event), effects=effects, now=self.now)

    def book(self, name: str = "ada", hours: float = 4, **changes: Any) -> Booking:
        """A booking at its usual resting place: pinned, sent, confirmed."""
        return self.commit(self.pin(new_booking(name, hours, **changes)))

    def release(
        self, booking: Booking, to: State = State.CANCELLED, *, effects: tuple[OutboxKind, ...] = ()
    ) -> Booking:
        return self.store.release(booking, to=to, reason="caller", effects=effects, now=self.now)

    def want_move(
        self,
        booking: Booking,
        to: Times,
        *,
        caller: str | None = None,
        days: DayView | None = None,
        delivery: Delivery = UNFILED,
        seats: Seats | None = None,
    ) -> Booking:
        return self.store.want_move(
            booking,
            to=to,
            caller=caller or booking.caller,
            attempt=self.attempt(),
            days=self.view(booking, to=to) if days is None else days,
            delivery=delivery,
            seats=seats or {},
            now=self.now,
        )

    def moved(self, booking: Booking, *, effects: tuple[OutboxKind, ...] = ("sms_moved",), **event: Any) -> Booking:
        arrived = event_of(booking, **event)
        intent = intent_key(booking.caller, service=booking.service, start=arrived.span.start)
        return self.store.moved(booking, event=arrived, intent=intent, effects=effects, now=self.now)

    def move_own(
        self,
        booking: Booking,
        to: Times,
        *,
        caller: str | None = None,
        days: DayView | None = None,
        delivery: Delivery = UNFILED,
        effects: tuple[OutboxKind, ...] = ("sms_moved",),
    ) -> Booking:
        return self.store.move_own(
            booking,
            to=to,
            caller=caller or booking.caller,
            intent=intent_key(booking.caller, service=booking.service, start=to.span.start),
            days=self.view(booking, to=to) if days is None else days,
            delivery=delivery,
            seats={},
            effects=effects,
            now=self.now,
        )

    def want_cancel(
        self,
        booking: Booking,
        *,
        caller: str | None = None,
        attempt: Attempt | None = None,
        delivery: Delivery = UNFILED,
    ) -> Booking:
        return self.store.want_cancel(
            booking, caller=caller or booking.caller, attempt=attempt, delivery=delivery, now=self.now
        )

    def cancel_own(
        self,
        booking: Booking,
        *,
        caller: str | None = None,
        delivery: Delivery = UNFILED,
    ) -> Booking:
        return self.store.cancel_own(
            booking, caller=caller or booking.caller, delivery=delivery, effects=["sms_cancelled"], now=self.now
        )
