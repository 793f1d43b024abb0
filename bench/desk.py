"""The product in one process: its own endpoints, use cases, store and adapters, with fakes at the far ends."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from bench.wires import Latency, ProviderWire, SecretsWire, TableWire, Wires
from functions.availability import handler as availability
from functions.booking import handler as booking
from functions.sms_confirm import handler as sms_confirm
from ops.local.payload import HttpRequest, Match, to_event
from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.calcom.calendar import BASE_URL, CalcomCalendar
from slotline.adapters.dynamodb.attributes import encode_item
from slotline.adapters.dynamodb.config_document import dump_business
from slotline.adapters.dynamodb.config_store import config_key
from slotline.bootstrap import House, connections
from slotline.domain.business import Agent, Auth, Business, Calendar, OfferShape, OpeningHours, Service, Where
from slotline.runtime.settings import Settings
from slotline.runtime.tool_endpoint import ToolEndpoint
from tests.fakes import FakeClock
from tests.servers.calcom_api import API_KEY, CalcomApi
from tests.simulation.memory_dynamodb import MemoryDynamoDB

TABLE = "slotline"
NO_LATENCY = Latency(0.0, 0.0)
BEARER = "a-credential"  # of nobody
SECRETS = {
    "desk_key": base64.b64encode(bytes(range(32))).decode(),
    "agents.front.auth": BEARER,
    "calendars.main.api_key": API_KEY,
}
SETTINGS = Settings(table=TABLE, stage="local", secrets_prefix="slotline/local/")
ROOMS = [*availability.ROOMS, *booking.ROOMS, *sms_confirm.ROOMS]
OFFICE = ((9 * 60, 17 * 60),)
CALLER = "+14155550123"
GUEST = {"name": "Zoë Müller", "email": "zoe@example.com"}


def business(*, base_url: str | None = None) -> Business:
    """One service on the built-in calendar and one on Cal.com; both open on weekdays from 9 to 17 UTC."""
    offer, where = OfferShape(step_minutes=30), Where("in_person", "1 Main Street")
    hours = OpeningHours(week=(OFFICE,) * 5 + ((), ()))
    return Business(
        key="harbor",
        name="Harbor Clinic",
        time_zone="UTC",
        locale="en-US",
        transfer_to="+14155550100",
        calendars={
            "room": Calendar("room", "builtin", hours=hours),
            "main": Calendar("main", "calcom", base_url=base_url),
        },
        services={
            "builtin": Service("builtin", "Consultation", 30, calendar="room", offer=offer, where=where),
            "calcom": Service("calcom", "Cleaning", 30, calendar="main", event_type="1", offer=offer, where=where),
        },
        agents={"front": Agent("front", "generic", ("builtin", "calcom"), Auth("bearer"))},
    )


class BenchHouse(House):
    """The house of a process whose wires end in fakes: only clients and transports are chosen anew."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        super().__init__(SETTINGS, clock=desk.clock, builders={**connections.BUILDERS, "calcom": self._calcom})

    def _client(self, service: str) -> Any:
        wires = self._desk.wires
        return {"dynamodb": TableWire(self._desk.table, wires), "secretsmanager": SecretsWire(SECRETS, wires)}[service]

    def _calcom(self, wires: connections.Wires) -> connections.Connected:
        calendar = wires.calendar
        client = self._desk.provider_client(calendar.base_url)
        http = ProviderHttp(client, name=calendar.name, clock=self.clock, timeout=calendar.timeout_seconds)
        return connections.Connected(CalcomCalendar(http, calendar, api_key=lambda: API_KEY, clock=self.clock))


@dataclass(slots=True)
class Context:
    """What Lambda tells an invocation."""

    function_name: str = "bench"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


@dataclass(slots=True)
class Desk:
    """A table with one business in it, and a process that serves it. Its clock moves only when told to."""

    latency: Latency = NO_LATENCY
    base_url: str | None = None  # of a provider on a socket; otherwise it answers in process
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.wires = Wires(self.latency)
        self.api = CalcomApi(clock=self.clock.now)
        self.table = MemoryDynamoDB(self.clock, tables=(TABLE,))
        pk, sk = config_key("harbor")
        document = dump_business(business(base_url=self.base_url))
        self.table.put_item(TableName=TABLE, Item=encode_item({"pk": pk, "sk": sk, "doc": document, "v": 1}))
        self.house = BenchHouse(self)
        self.endpoint = ToolEndpoint(lambda: self.house, ROOMS)

    wires: Wires = field(init=False)
    api: CalcomApi = field(init=False)
    table: MemoryDynamoDB = field(init=False)
    house: BenchHouse = field(init=False)
    endpoint: ToolEndpoint = field(init=False)
    _clients: list[httpx.Client] = field(init=False, default_factory=list)

    def provider_client(self, base_url: str | None) -> httpx.Client:
        """To the provider's socket as the product opens it, or to the provider in this process."""
        if base_url is not None:
            client = open_client(base_url)
        else:
            client = httpx.Client(transport=ProviderWire(self.api, self.wires, clock=self.clock), base_url=BASE_URL)
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def ask(self, tool: str, arguments: Mapping[str, object], *, caller: str = CALLER) -> dict[str, Any]:
        """One tool call of one phone call, through the endpoint, and what it answers."""
        reply = self.endpoint(event(tool, arguments, caller=caller, now=self.clock.now()), Context())
        answer: dict[str, Any] = json.loads(reply["body"])
        if reply["statusCode"] != 200:
            raise WrongAnswerError(f"{tool}: HTTP {reply['statusCode']} {answer}")
        return answer


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def quiet() -> Iterator[None]:
    """Logs are written as ever, but to nobody: the scoreboard has the screen to itself."""
    with redirect_stdout(_Nowhere()):
        yield


class WrongAnswerError(Exception):
    """The product did not do what is being measured, so that a number would mean nothing."""


_deliveries = count(1)


def event(tool: str, arguments: Mapping[str, object], *, caller: str = CALLER, now: float) -> dict[str, Any]:
    """The request as API Gateway hands it on: the `generic` platform, one phone call per caller."""
    path = f"/v1/harbor/front/{tool}"
    headers = (
        ("host", "desk.example"),
        ("content-type", "application/json"),
        ("authorization", f"Bearer {BEARER}"),
        ("x-call-id", f"call-{caller.lstrip('+')}"),
        ("x-caller-number", caller),
        ("idempotency-key", f"delivery-{next(_deliveries)}"),
    )
    match = Match(f"POST /v1/{{business}}/{{agent}}/{tool}", tool, {"business": "harbor", "agent": "front"})
    return to_event(HttpRequest("POST", path, headers, json.dumps(arguments).encode()), match, now=now)
