"""The product put together for the simulation: its own use cases, store and driver; only the edges are ours.

What differs from `bootstrap.House` is what cannot be simulated: the clock, ids, the network, and sealing (a real
cipher would spend most of the time). Nothing of the protocol is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from random import Random
from typing import TYPE_CHECKING, Any, cast

from slotline.adapters.calendars.builtin import BuiltinCalendar
from slotline.adapters.dynamodb.agenda import DynamoAgenda
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.call_log import DynamoCallLog
from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.table import Table
from slotline.domain.bookings import Contact
from slotline.domain.proofs import DeskKeys, OfferedSlot
from slotline.domain.time import utc_iso
from slotline.use_cases.call_end import CallEnd
from slotline.use_cases.desk import Desk
from slotline.use_cases.drive import Driver
from slotline.use_cases.drive_context import Context
from slotline.use_cases.effects import Effects
from slotline.use_cases.messages import MessageDesk
from slotline.use_cases.openings import Openings
from slotline.use_cases.reconcile import Reconciler, Workplace
from slotline.use_cases.staff_copies import CopyDesk
from tests.simulation.memory_dynamodb import MemoryDynamoDB
from tests.simulation.messages import SimSender, SmsServer
from tests.simulation.process import Universe
from tests.simulation.providers import CalendarServer, SimCalendar
from tests.simulation.table_client import TableClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.domain.business import Business
    from slotline.ports import CalendarProvider
    from slotline.use_cases.effects import Desk as EffectsDesk
    from tests.simulation.accounts.account import Account
    from tests.simulation.calcom_account import CalcomAccount
    from tests.simulation.process import Process

TABLE = "slotline"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class SeededIds:
    """ports.Ids out of the run's seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def booking_id(self) -> str:
        return "".join(self._random.choices(LETTERS, k=20))

    def nonce(self) -> str:
        return f"{self._random.getrandbits(64):016x}"

    def jitter(self) -> float:
        return self._random.random()


class PlainTimes:
    """ports.SpokenTimes that a checker can read back: an ISO moment in UTC."""

    def moment(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return _utc_iso(minute)

    def day(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return _utc_iso(minute)[:10]

    def clock(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return _utc_iso(minute)[11:16]


_utc_iso = lru_cache(maxsize=1 << 12)(utc_iso)


class PlainPhones:
    """ports.PhoneNumbers for numbers that are E.164 already."""

    def parse(self, text: str, *, region: str) -> str | None:
        return text if text.startswith("+") else None

    def region(self, *, locale: str, known: str | None) -> str:
        return "US"

    def same_country(self, number: str, other: str) -> bool:
        return number[:2] == other[:2]

    def country(self, number: str) -> str | None:
        return "US" if number.startswith("+1") else None


class MirrorSealer(Sealer):
    """The bytes the other way round instead of a cipher, still bound to the booking: no name can be read by mistake."""

    def seal(self, contact: Contact, *, booking_id: str) -> bytes:
        return json.dumps([booking_id, asdict(contact)]).encode()[::-1]

    def open(self, sealed: bytes, *, booking_id: str) -> Contact:
        owner, contact = _opened(sealed)
        if owner != booking_id:
            raise ValueError("sealed for another booking")
        return contact

    def seal_text(self, text: str, *, belongs_to: str) -> bytes:
        return json.dumps([belongs_to, text]).encode()[::-1]

    def open_text(self, sealed: bytes, *, belongs_to: str) -> str:
        owner, text = json.loads(sealed[::-1])
        if owner != belongs_to:
            raise ValueError("sealed for another item")
        return str(text)


@lru_cache(maxsize=256)
def _opened(sealed: bytes) -> tuple[str, Contact]:
    owner, contact = json.loads(sealed[::-1])
    return owner, Contact(**contact)


class RememberedKeys(DeskKeys):
    """A business's keys. The same few people and slots come up in every run: each is hashed once per process."""

    __slots__ = ()

    @lru_cache(maxsize=1 << 10)  # noqa: B019 - there is one of these for each business of the simulation, for ever
    def caller(self, identity: str) -> str:
        return super().caller(identity)

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - see above
    def slot_id(self, *, service: str, start: int, staff: str | None = None, seats: tuple[str, ...] = ()) -> str:
        return super().slot_id(service=service, start=start, staff=staff, seats=seats)

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - see above
    def offered(self, slot_id: str, *, service: str, seats: tuple[str, ...] = ()) -> OfferedSlot | None:
        return super().offered(slot_id, service=service, seats=seats)


@cache
def _keys_of(business: str) -> DeskKeys:
    return RememberedKeys(business.encode() * 4)


class OwnCalendars:
    """ports.Calendars of one process."""

    def __init__(self, world: World, process: Process, business: Business) -> None:
        self._world, self._process, self._business = world, process, business
        self._open: dict[str, CalendarProvider] = {}

    def of(self, name: str) -> CalendarProvider:
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._world.connect(self._process, self._business, name)
        return found


def one_after_the_other[A, B](first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """In the simulation two waits are never side by side; which order they come in is no matter of the protocol."""
    return first(), second()


@dataclass(slots=True)
class World:
    """Everything there is in one run."""

    universe: Universe
    businesses: Mapping[str, Business]
    servers: Mapping[str, CalendarServer]  # by business/calendar
    on_effect: Callable[[str, str, int, str], None] | None = None  # business, booking, rv, kind of a new outbox item
    noted: list[str] = field(default_factory=list)
    accounts: dict[str, CalcomAccount | Account] = field(default_factory=dict)  # by business/calendar
    table: MemoryDynamoDB = field(init=False)
    sms: SmsServer = field(init=False)
    ids: SeededIds = field(init=False)
    _keys: dict[str, DeskKeys] = field(init=False)

    def __post_init__(self) -> None:
        self.table = MemoryDynamoDB(_TrueTime(self.universe), tables=(TABLE,))
        self.table.after = self._committed
        self.table.lends = True  # the store makes values of its own of all it reads
        self.sms = SmsServer()
        self.ids = SeededIds(self.universe.random)
        self._keys = {key: _keys_of(key) for key in self.businesses}

    # --- what bootstrap does -----------------------------------------------------------------------------------------

    def keys(self, business: str) -> DeskKeys:
        return self._keys[business]

    def reach(self, process: Process, *, fence: str | None) -> Table:
        client = TableClient(process, self.table, fence=fence)
        return Table(cast("DynamoDBClient", client), TABLE, clock=process, ids=self.ids)

    def store(self, process: Process, business: str) -> DynamoBookingStore:
        table = self.reach(process, fence=business)
        return DynamoBookingStore(table, business=business, sealer=MirrorSealer(b""), ids=self.ids)

    def connect(self, process: Process, business: Business, name: str) -> CalendarProvider:
        full_name = f"{business.key}/{name}"
        if business.calendar(name).provider == "builtin":
            return BuiltinCalendar()
        if full_name in self.accounts:
            return self.accounts[full_name].connect(process, business)
        return SimCalendar(process, self.servers[full_name])

    def driver(self, process: Process, business: Business, *, caller_waits: bool) -> Driver:
        return Driver(
            Context(
                business=business,
                store=self.store(process, business.key),
                calendars=OwnCalendars(self, process, business),
                clock=process,
                ids=self.ids,
                openings=Openings(clock=process, overlap=one_after_the_other),
                process_ends=process.deadline,
                caller_waits=caller_waits,
                count=self._count,
            )
        )

    def desk(self, process: Process, business: Business, *, agent: str) -> Desk:
        driver = self.driver(process, business, caller_waits=True)
        return Desk(
            business=business,
            agent=business.agent(agent),
            store=driver.context.store,
            calendars=driver.context.calendars,
            openings=driver.context.openings,
            driver=driver,
            clock=process,
            ids=self.ids,
            keys=self.keys(business.key),
            times=PlainTimes(),
            phones=PlainPhones(),
        )

    def message_desk(self, process: Process, business: str) -> MessageDesk:
        table = self.reach(process, fence=business)
        return MessageDesk(
            store=self.store(process, business),
            outbox=DynamoOutbox(table, business=business, hashed=self.keys(business).caller),
            sender=SimSender(process, self.sms),
            business=self.businesses[business],
            times=PlainTimes(),
            clock=process,
            notify=self._notify,
        )

    def effects(self, process: Process, business: str) -> EffectsDesk:
        """Whoever carries effects out. The small providers keep no copies for further staff."""
        messages = self.message_desk(process, business)
        if not self.accounts:
            return messages
        context = self.driver(process, self.businesses[business], caller_waits=False).context
        outbox = DynamoOutbox(self.reach(process, fence=business), business=business, hashed=self.keys(business).caller)
        return Effects(
            messages=messages, copies=CopyDesk(context=context, outbox=outbox, notify=self._notify), codes=messages
        )

    def call_end(self, process: Process, business: str) -> CallEnd:
        return CallEnd(
            store=self.store(process, business),
            log=DynamoCallLog(self.reach(process, fence=business), business=business),
            clock=process,
            hashed=self.keys(business).caller,
            notify=self._notify,
            count=self._count,
        )

    def reconciler(self, process: Process) -> Reconciler:
        def workplace(key: str) -> Workplace:
            driver = self.driver(process, self.businesses[key], caller_waits=False)
            return Workplace(driver.context.store, driver, self.effects(process, key))

        agenda = DynamoAgenda(self.reach(process, fence=None))
        return Reconciler(agenda=agenda, workplace=workplace, clock=process, count=self._count, note=self._note)

    # --- what is seen of it ------------------------------------------------------------------------------------------

    def expire(self, share: float) -> None:
        """DynamoDB deletes items whose time is over: not before it, in no order, and perhaps not all of them yet."""
        universe = self.universe
        universe.writer = "ttl"
        self.table.expire_ttl(universe.now, 0.0, which=lambda key: share >= 1.0 or universe.random.random() < share)
        self._committed("expire", {}, {})

    def _committed(self, operation: str, request: Mapping[str, Any], reply: Mapping[str, Any]) -> None:
        """File every change of the table in the history, in the order in which it was committed."""
        log = self.table._log
        while log:
            change = log.popleft()
            pk, sk = change.key
            self.universe.tell("item", self.universe.writer, pk, sk, change.after)
            if change.before is None and sk.startswith("X#") and self.on_effect is not None:
                _, business, _, booking = pk.split("#", 3)
                _, rv, kind = sk.split("#", 2)
                self.on_effect(business, booking, int(rv), kind)

    def _count(self, name: str, value: float) -> None:
        if name == "DuplicatesFound":
            self.universe.tell("duplicate_found", value)

    def _note(self, event: str, **fields: object) -> None:
        self.noted.append(f"{event} {fields}")

    def _notify(self, event: str, /, **fields: str | int) -> None:
        self.noted.append(f"{event} {fields}")


@dataclass(frozen=True, slots=True)
class _TrueTime:
    """The table's own clock."""

    universe: Universe

    def now(self) -> float:
        return self.universe.now

    def sleep(self, seconds: float) -> None:
        self.universe.scheduler.wait(seconds)
