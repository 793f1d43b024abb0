"""An account at a provider in the simulated world: the product's real connection, over a fake without a socket.

The connection is put together by `bootstrap.connections` as in production: adapter, access tokens on the versioned
record in the table, and the second try with a newer key. Every HTTP exchange is a point where others get their turn and
a fault can strike. What really stands in the account is read off the fake after every write, and filed in the history
in the same words as for the small providers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, ClassVar, Literal

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.token_store import DynamoTokenStore
from slotline.bootstrap.connections import BUILDERS, Wires
from slotline.domain.time import Interval
from tests.simulation.providers import FASTEST, SLOWEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from slotline.adapters.dynamodb.table import Table
    from slotline.domain.business import Business, Service
    from slotline.ports import CalendarProvider
    from tests.servers.faulty import Answer, FaultyApi
    from tests.simulation.faults import Fault
    from tests.simulation.process import Process, Universe

EVENT_WRITES = frozenset({"create", "move", "cancel"})
OTHER_WRITES = frozenset({"token", "contact"})
SHARED, IN_THE_WAY = 0.3, 0.2
"""How many calendars somebody else writes into all the time, and at how many of our creates they are as fast as we."""

RECONNECTS_WITHIN = 60.0
"""Seconds until the owner, told that access was revoked, has connected again."""

UNAUTHORIZED, TOO_MANY, CLIENT_ERRORS, SERVER_ERRORS = 401, 429, 400, 500
OPEN_DAY = (("00:00", "24:00"),)


@dataclass(frozen=True, slots=True)
class Seen:
    """A live event as it stands in the account. `service` is its key, or "human" for an event that a person made."""

    id: str
    start: int
    end: int
    status: Literal["accepted", "requested"] = "accepted"
    tag: str | None = None
    phone: str | None = None
    service: str = "human"


class Account(ABC):
    """One account. `reach` gives a process its way to the table, `changed` is told the tag of every event that changed.

    Both are set by whoever puts it into a world.
    """

    kind: ClassVar[str]
    is_b: ClassVar[bool] = False  # takes our ids and accepts every overlap
    base_url: ClassVar[str | None] = None
    client_secret: ClassVar[str] = ""
    api_key: ClassVar[str] = ""

    api: FaultyApi

    def __init__(self, universe: Universe, business: Business, name: str, *, approval: bool = False) -> None:
        self.universe = universe
        self.business = business
        self.name = name  # of the calendar
        self.approval = approval
        chance = universe.random.getrandbits(64)
        self.random = Random(chance)
        self._neighbours = Random(chance + 1)
        self._is_shared = self.is_b and self._neighbours.random() < SHARED
        self.events: dict[str, Seen] = {}
        self.seed = "seed-0"
        self.reach: Callable[[Process, str], Table] | None = None
        self.changed: Callable[[str, str, str], None] = lambda business, calendar, tag: None
        self._reconnects = 0
        self.api = self.opened()

    # --- what each provider adds ------------------------------------------------------------------------------------

    @abstractmethod
    def opened(self) -> FaultyApi:
        """The fake, with this run's quirks."""

    @abstractmethod
    def options(self) -> Mapping[str, str]:
        """The options of the connection."""

    @abstractmethod
    def standing(self) -> Iterable[Seen]:
        """Everything that is live in the account."""

    @abstractmethod
    def operation(self, request: httpx.Request) -> str:
        """The name of a request: create, move, cancel, token, contact, or any other word for a read."""

    @abstractmethod
    def tag_in(self, request: httpx.Request) -> str | None:
        """The tag that a create carries."""

    @abstractmethod
    def event_in(self, path: str) -> str:
        """The id of the event that a move or a cancel is about."""

    @abstractmethod
    def expire_access(self) -> None:
        """No access token lives any longer; those who hold one will learn it."""

    @abstractmethod
    def admit(self, seed: str) -> None:
        """The owner has connected again: this refresh token is good."""

    @abstractmethod
    def add(self, span: Interval) -> None:
        """A person blocks a time in the provider's own pages."""

    @abstractmethod
    def people_cancel(self, event_id: str) -> None:
        """A person removes an event."""

    @abstractmethod
    def people_move(self, event_id: str, span: Interval) -> None:
        """A person drags an event to another time."""

    def requested(self) -> list[str]:
        return [event.id for event in self.events.values() if event.status == "requested"]

    def decide(self, event_id: str, *, accepted: bool) -> None:
        """The host approves or declines a request."""
        raise AssertionError("nothing here waits for a host")

    # --- what all have in common ------------------------------------------------------------------------------------

    @property
    def full_name(self) -> str:
        return f"{self.business.key}/{self.name}"

    def now(self) -> float:
        return self.universe.now

    def services(self) -> list[Service]:
        """What is booked on this calendar itself."""
        return [s for s in self.business.services.values() if self.name in _calendars_of(self.business, s)]

    def seats(self) -> int:
        return self.business.calendar(self.name).capacity

    def service_named(self, title: str) -> str:
        """The key of the service with whose name the title begins."""
        return _keys_by_name(self.business).get(title.partition(" - ")[0].partition(": ")[0], "human")

    def connect(self, process: Process, business: Business) -> CalendarProvider:
        """The connection as bootstrap makes it, in this process."""
        if self.reach is None:
            raise AssertionError("an account outside any world")
        own = business.calendar(self.name)
        store = DynamoTokenStore(self.reach(process, business.key), business=business.key, sealer=OpenSealer(b""))
        wires = WiresInside(
            business=business,
            calendar=replace(own, provider=self.kind, base_url=self.base_url, options=self.options()),
            clock=process,
            secret=self._secret,
            forget_secrets=lambda: None,
            token_store=store,
            allows=None,
            alarm=self._alarm,
            keep=lambda client: client,
            wire=Wire(self, process),
        )
        return BUILDERS[self.kind](wires).calendar

    def crossed(self, tag: str) -> None:
        """Our event was just made. Where people write into the same calendar, one of them took that very time."""
        made = next((event for event in self.events.values() if event.tag == tag), None)
        if made is not None and self._is_shared and self._neighbours.random() < IN_THE_WAY:
            self.add(Interval(made.start, made.start + 15))

    def file(self, *, by: str) -> None:
        """Tell the history what changed in the account."""
        before, self.events = self.events, {event.id: event for event in self.standing()}
        for event_id in [*before, *(new for new in self.events if new not in before)]:
            old, new = before.get(event_id), self.events.get(event_id)
            if new is None and old is not None:
                self._tell(old, "cancelled", by=by)
            elif new is not None and new != old:
                self._tell(new, new.status, by=by)

    def _tell(self, event: Seen, status: str, *, by: str) -> None:
        service = self.business.services.get(event.service)
        # Further staff's calendars hold copies of the event of record: no event of their own.
        is_copy = service is not None and self.name not in _calendars_of(self.business, service)
        self.universe.tell(
            "copy" if is_copy else "event", self.full_name, event.id, status, event.start, event.end, event.tag,
            event.phone, event.service, by,
        )  # fmt: skip
        if event.tag:
            self.changed(self.business.key, self.name, event.tag)

    def _secret(self, field: str) -> str:
        return {"refresh_token": self.seed, "client_secret": self.client_secret, "api_key": self.api_key}.get(field, "")

    def _alarm(self, event: str, connection: str) -> None:
        self.universe.tell("alarm", event, connection)
        if event == "credentials_revoked":
            self._reconnects += 1
            number = self._reconnects
            wait = 5.0 + (RECONNECTS_WITHIN - 5.0) * self.random.random()
            self.universe.scheduler.call_at(self.universe.now + wait, lambda: self._reconnected(number))

    def _reconnected(self, number: int) -> None:
        self.seed = f"seed-{number}"
        self.admit(self.seed)


def _calendars_of(business: Business, service: Service) -> list[str]:
    """The calendars on which the event of record of this service may stand."""
    if service.staff is None:
        return [service.calendar or ""]
    return [business.staff[member].calendar for member in service.staff.pool]


def _keys_by_name(business: Business) -> dict[str, str]:
    return {service.name: service.key for service in business.services.values()}


@dataclass(frozen=True, slots=True)
class WiresInside(Wires):
    """The wires of a connection, without a socket."""

    wire: Wire

    def _http(self, url: str) -> ProviderHttp:
        client = self.wire.client(url)
        return ProviderHttp(client, name=self.calendar.name, clock=self.clock, timeout=self.calendar.timeout_seconds)


class OpenSealer(Sealer):
    """Text instead of a cipher, whose nonces would make two runs of one seed differ."""

    def seal_text(self, text: str, *, belongs_to: str) -> bytes:
        return f"{belongs_to}\n{text}".encode()

    def open_text(self, sealed: bytes, *, belongs_to: str) -> str:
        owner, _, text = bytes(sealed).decode().partition("\n")
        if owner != belongs_to:
            raise ValueError("sealed for another connection")
        return text


class Wire(httpx.BaseTransport):
    """The way of one process to one account and back."""

    def __init__(self, account: Account, process: Process) -> None:
        self._account = account
        self._process = process

    def client(self, url: str) -> httpx.Client:
        return httpx.Client(transport=self, base_url=url, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        account, process, universe = self._account, self._process, self._process.universe
        name = account.operation(request)
        patience = float(request.extensions["timeout"]["read"])
        share = universe.random.random()
        latency = min(FASTEST + share * share * (SLOWEST - FASTEST), 0.9 * patience)
        is_write = name in EVENT_WRITES
        sort = "calendar.write" if is_write or name in OTHER_WRITES else "calendar.read"
        fault = process.arrive(sort, f"{account.kind}.{name}", after=latency)
        number = universe.points
        if is_write:
            exclusive = name == "create" and not account.is_b
            universe.tell("request", account.full_name, name, self._tag(request, name), number, exclusive)
        if fault is not None and fault.kind == "late":
            moment = universe.now + fault.seconds
            universe.scheduler.call_at(moment, lambda: self._executed(request, name, number))
            process.pass_time(patience)
            raise httpx.ReadTimeout("no answer", request=request)
        if fault is None or fault.kind in {"reply_lost", "error_after", "kill_after"}:
            response = self._executed(request, name, number)
        elif is_write:
            universe.tell("executed", number)  # never will be
        if fault is None:
            return response
        return self._failed(fault, request, patience=patience)

    def _failed(self, fault: Fault, request: httpx.Request, *, patience: float) -> httpx.Response:
        kind = fault.kind
        if kind == "kill_after":
            self._process.die()
        if kind == "no_connection":
            raise httpx.ConnectError("refused", request=request)
        if kind in {"reply_lost", "no_answer"}:
            self._process.pass_time(patience)
            raise httpx.ReadTimeout("no answer", request=request)
        if kind == "unauthorized":
            self._account.expire_access()
        status = {"too_many": TOO_MANY, "unauthorized": UNAUTHORIZED}.get(kind, SERVER_ERRORS)
        return httpx.Response(status, headers={"retry-after": "5"}, json={"error": "as the fault says"})

    def _executed(self, request: httpx.Request, name: str, number: int) -> httpx.Response:
        """What the fake makes of it, filed at once."""
        account, universe = self._account, self._process.universe
        target = request.url.raw_path.decode()
        tag = self._tag(request, name) if name == "create" else ""
        answer: Answer = account.api.answer(request.method, target, dict(request.headers.items()), request.content)
        if answer.status == TOO_MANY:
            universe.tell("fault", number, f"{account.kind}.{name}", "quota")
        if name in EVENT_WRITES:
            account.file(by=self._process.name)
            refuses = CLIENT_ERRORS <= answer.status < SERVER_ERRORS
            if name == "create" and refuses and answer.status not in {UNAUTHORIZED, TOO_MANY} and not account.is_b:
                universe.tell("refused", account.full_name, tag)
            universe.tell("executed", number)
            if name == "create" and answer.status < CLIENT_ERRORS:
                account.crossed(tag)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

    def _tag(self, request: httpx.Request, name: str) -> str:
        """The booking it is about."""
        if name == "create":
            return self._account.tag_in(request) or ""
        event = self._account.events.get(self._account.event_in(request.url.path))
        return (event.tag if event else None) or ""
