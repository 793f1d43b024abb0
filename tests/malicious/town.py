"""Two businesses on one table, served by the product's own endpoints, and everything that leaves them.

A request takes the whole way: the gateway's routes, the platform's dialect, its credential, the schemas, the use cases,
the store. Only the far ends are fakes: the table and Cal.com in memory, a sender that keeps its texts, a queue that is
a list. What is logged or counted is kept as text. Nothing here judges.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest import mock

import httpx
from aws_lambda_powertools import Logger

from functions.availability.handler import ROOMS as AVAILABILITY
from functions.booking.handler import ROOMS as BOOKING
from functions.mcp.handler import CONTRACTS
from functions.sms_confirm.handler import ROOMS as SMS_CONFIRM
from functions.sms_confirm.schemas import Effect
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calcom.calendar import BASE_URL, CalcomCalendar
from slotline.adapters.dynamodb.attributes import encode_item
from slotline.adapters.dynamodb.config_document import dump_business
from slotline.adapters.dynamodb.config_store import config_key
from slotline.adapters.dynamodb.table import Table
from slotline.bootstrap import House, connections
from slotline.bootstrap.tool_rooms import ROOMS as EVERY
from slotline.domain.business import Business, Calendar
from slotline.platforms.mcp import Mcp
from slotline.ports import Message, MessageReceipt, SmsSender
from slotline.runtime import observability
from slotline.runtime.outbox_relay import relay, work_off
from slotline.runtime.settings import Settings
from slotline.runtime.tool_endpoint import ToolEndpoint
from slotline.use_cases.openings import Openings
from tests.fakes import FakeClock
from tests.malicious.offices import OFFICES, Office, business
from tests.servers.calcom_api import API_KEY, CalcomApi
from tests.servers.calcom_desk import EventType, Host
from tests.servers.faulty import transport
from tests.simulation.memory_dynamodb import MemoryDynamoDB
from tests.simulation.memory_table import Change

TABLE = "slotline"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SETTINGS = Settings(table=TABLE, stage="local", secrets_prefix="slotline/", messages_queue="https://queue.example/1")


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


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One request that reached the account at Cal.com of this business."""

    business: str
    method: str
    path: str
    body: bytes


@dataclass(slots=True)
class Aftermath:
    """Everything one request led to, until nobody had anything more to do."""

    status: int
    body: str
    changes: list[Change] = field(default_factory=list)
    texts: list[Message] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    asked: list[ProviderRequest] = field(default_factory=list)
    said: str = ""  # logs and metrics


@dataclass(slots=True)
class _Sender:
    """ports.SmsSender; every text goes out."""

    sent: list[Message]

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        self.sent.append(message)
        return MessageReceipt(f"SM{len(self.sent)}", "sent")

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        return None


@dataclass(slots=True)
class _Secrets:
    """As much of Secrets Manager as a process uses."""

    values: Mapping[str, Mapping[str, str]]

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:
        return {"SecretString": json.dumps(self.values[SecretId.rpartition("/")[2]])}


@dataclass(slots=True)
class _Queue:
    """As much of SQS as the relay uses."""

    bodies: list[str] = field(default_factory=list)

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:
        self.bodies.append(MessageBody)


class _House(House):
    """The collaborators of a process, its wires ending in the town."""

    def __init__(self, town: Town) -> None:
        self._town = town
        super().__init__(SETTINGS, clock=town.clock, builders={**connections.BUILDERS, "calcom": self._calcom})
        self.ids = SeededIds(Random(town.seed))  # the same in every run
        self.table = Table(town.table.client, TABLE, clock=self.clock, ids=self.ids)
        self.openings = Openings(clock=self.clock, overlap=_one_after_the_other)

    def sender(self, business: Business) -> SmsSender:
        return _Sender(self._town.texts)

    def _client(self, service: str) -> Any:
        ends: Mapping[str, object] = {
            "dynamodb": self._town.table,
            "secretsmanager": _Secrets({key: office.secrets for key, office in OFFICES.items()}),
            "sqs": self._town.queue,
        }
        return ends[service]

    def _calcom(self, wires: connections.Wires) -> connections.Connected:
        calendar: Calendar = wires.calendar
        client = self._keep(self._town.client_of(wires.business.key))
        http = ProviderHttp(client, name=calendar.name, clock=self.clock, timeout=calendar.timeout_seconds)
        return connections.Connected(CalcomCalendar(http, calendar, api_key=lambda: API_KEY, clock=self.clock))


class Town:
    """Both businesses, their callers' requests, and what became of each."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.clock = FakeClock()
        self.table = MemoryDynamoDB(self.clock, tables=(TABLE,))
        self.texts: list[Message] = []
        self.queue = _Queue()
        self.asked: list[ProviderRequest] = []
        self.accounts = {key: _account(office, self.clock) for key, office in OFFICES.items()}
        for key, office in OFFICES.items():
            pk, sk = config_key(key)
            self.table.put_item(
                TableName=TABLE, Item=encode_item({"pk": pk, "sk": sk, "doc": dump_business(business(office)), "v": 1})
            )
        self.table._log.clear()
        self.house = _House(self)
        rooms = {"availability": AVAILABILITY, "booking": BOOKING, "sms_confirm": SMS_CONFIRM}
        self._endpoints = {name: ToolEndpoint(lambda: self.house, those) for name, those in rooms.items()}
        self._endpoints["mcp"] = ToolEndpoint(lambda: self.house, EVERY, own=lambda: Mcp(CONTRACTS, public_url=None))
        self._gateway = Gateway(self, now=self.clock.now)
        self._spoken = io.StringIO()

    @contextlib.contextmanager
    def open(self) -> Iterator[Town]:
        """The logger and the metrics of a process, writing where they can be read."""
        handler = logging.StreamHandler(self._spoken)
        logger = Logger(service=f"town-{id(self)}", level="INFO", logger_handler=handler)
        logger._logger.propagate = False  # pytest would keep every line
        others = logging.getLogger()  # as in Lambda, whatever any library warns of is logged too
        others.addHandler(handler)
        observability._metrics.cache_clear()
        environment = {"POWERTOOLS_METRICS_NAMESPACE": "slotline", "POWERTOOLS_SERVICE_NAME": "town"}
        try:
            with (
                mock.patch.dict("os.environ", environment),
                mock.patch.object(observability, "_logger", return_value=logger),
                contextlib.redirect_stdout(self._spoken),
            ):
                yield self
        finally:
            others.removeHandler(handler)
            observability._metrics.cache_clear()
            self.house.close()

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        """ops.local.functions.Invoker."""
        return self._endpoints[name](event, _CONTEXT)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Aftermath:
        """One request, and all that follows from it."""
        answer = self._gateway.answer(HttpRequest("POST", path, tuple(headers.items()), body))
        heard = answer.body.decode() + " ".join(value for name, value in answer.headers if name != "content-type")
        after = Aftermath(answer.status, heard)
        self._settle(after)
        return after

    def reconcile(self) -> Aftermath:
        """What the schedule does every minute."""
        after = Aftermath(200, "")
        ends = self.clock.now() + 60
        self.house.reconciler(process_ends=ends).run(ends=ends)
        self._settle(after)
        return after

    def client_of(self, key: str) -> httpx.Client:
        """To the account at Cal.com of this business."""
        answers = transport(self.accounts[key], clock=self.clock)

        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append(ProviderRequest(key, request.method, request.url.path, request.content))
            return answers.handle_request(request)

        return httpx.Client(transport=httpx.MockTransport(handle), base_url=BASE_URL)

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every item of the table as it stands, in DynamoDB's own notation."""
        return {key: row.item for key, row in self.table._tables[TABLE].rows.items()}

    def _settle(self, after: Aftermath) -> None:
        """The stream, the queue and its worker, until they rest."""
        while fresh := self._changes():
            after.changes += fresh
            effects = [change for change in fresh if change.before is None and change.key[1].startswith("X#")]
            if not effects:
                continue
            event = {"Records": [change.record() for change in effects]}
            relay(event, queue=self.queue, queue_url=SETTINGS.messages_queue)
            bodies, self.queue.bodies = self.queue.bodies, []
            after.queued += bodies
            records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
            work_off({"Records": records}, read=Effect.model_validate_json, desk=self.house.effects)
        after.texts += self.texts
        after.asked += self.asked
        self.texts.clear()
        self.asked.clear()
        after.said = self._spoken.getvalue()
        self._spoken.seek(0)
        self._spoken.truncate()

    def _changes(self) -> list[Change]:
        log = self.table._log
        return [log.popleft() for _ in range(len(log))]


@dataclass(frozen=True, slots=True)
class _Context:
    """As much of a Lambda context as the functions use."""

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


_CONTEXT = _Context()


def _one_after_the_other[A, B](first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    return first(), second()


def _account(office: Office, clock: FakeClock) -> CalcomApi:
    opens, closes = office.hours["main"]
    week = (((f"{opens // 60:02}:{opens % 60:02}", f"{closes // 60:02}:{closes % 60:02}"),),) * 7
    host = Host(1, "Ada Host", zone=office.zone, week=week)
    event_type = EventType(1, minutes=30, hosts=(host,), slot_interval=30, email_required=False)
    return CalcomApi(clock=clock.now, event_types=(event_type,))
