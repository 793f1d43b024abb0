"""What Cal.com tells, from the order to the booking that follows: once, twice, out of order, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from slotline.bootstrap import House
from slotline.bootstrap.calendar_work import CalendarWork
from slotline.domain.bookings import State
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError
from slotline.runtime.hint_queue import work_off_hints
from slotline.runtime.settings import Settings
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.in_process import in_process
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from slotline.domain.bookings import Booking
    from tests.engine import EngineTable
    from tests.functional.in_process import InProcess
    from tests.servers.calcom_hooks import Delivery

pytestmark = pytest.mark.engine

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
calendars:
  main: {{provider: calcom, api_key: "${{CAL}}", base_url: "{url}"}}
services:
  visit: {{name: Visit, calendar: main, event_type: 1, minutes: 30, email: {{fallback: desk@harbor.example}}}}
agents:
  front: {{platform: generic, services: [visit], auth: {{bearer: "${{DESK_KEY}}"}}}}
"""
HOUR = timedelta(hours=1)


@dataclass
class Queue:
    """As much of SQS as hints use."""

    waiting: list[str] = field(default_factory=list)

    def send_message(self, *, MessageBody: str, **_: object) -> None:
        self.waiting.append(MessageBody)


@dataclass
class Line:
    """A desk on a Cal.com account, and one booking."""

    desk: InProcess
    api: CalcomApi
    queue: Queue
    uid: str

    def work(self) -> CalendarWork:
        return CalendarWork(self.desk.house, ends=self.desk.clock.now() + 60)

    def receive(self, due: Delivery) -> int:
        """The HTTP status that Cal.com gets."""
        url, headers, body = due
        assert url.endswith("/v1/webhooks/harbor/main")
        names = {name.lower(): value for name, value in headers.items()}
        request = HttpRequest("POST", url, names, body, parameters={"business": "harbor", "calendar": "main"})
        return self.work().receive(request).response.status

    def heed(self) -> None:
        """The reconciler works off what is queued."""
        self.desk.clock.sleep(5)
        records = [{"messageId": str(place), "body": body} for place, body in enumerate(self.queue.waiting)]
        self.queue.waiting.clear()
        assert work_off_hints({"Records": records}, desk=self.work().hint_desk) == {"batchItemFailures": []}

    def booking(self) -> Booking:
        (booking,) = bookings_in(self.desk.items())
        return booking


@pytest.fixture
def line(table: EngineTable, tmp_path: Path) -> Iterator[Line]:
    clock = FakeClock()
    api = CalcomApi(clock=clock.now, event_types=(EventType(1),))
    with (
        CalcomServer(api) as server,
        in_process(
            table,
            DESK.format(url=server.base_url),
            tmp_path,
            business="harbor",
            clock=clock,
            environ={"CAL": API_KEY},
        ) as desk,
    ):
        settings = replace(Settings.read(desk.target.environment()), hints_queue="hints")
        desk.house, queue = House(settings, clock=clock), Queue()
        desk.house.queue = queue
        assert CalendarWork(desk.house, ends=clock.now() + 60).keep_up("harbor") == 0
        caller = desk.caller()
        first, *_ = caller.offers("visit", when="tomorrow")
        caller.ask("book_appointment", service="visit", slot_id=first["slot_id"], name="Ada Low")
        (made,) = api.desk.bookings
        opened = Line(desk, api, queue, made)
        for due in api.deliveries():
            assert opened.receive(due) == 202
        opened.heed()
        clock.sleep(600)  # what was just written need not be visible everywhere: an absence counts for little as yet
        yield opened
        check_book(desk.items())


def move(line: Line) -> datetime:
    """The host moves the appointment twice; its last start."""
    start = line.api.desk.booking(line.uid).start
    first = line.api.desk.host_moves(line.uid, start + HOUR)
    return line.api.desk.host_moves(first.uid, start + 3 * HOUR).start


def test_our_own_booking_told_back_changes_nothing(line: Line) -> None:
    assert line.booking().state is State.BOOKED
    assert line.booking().provider_id == line.uid


WAYS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "once": list,
    "twice": lambda due: [*due, *due],
    "out of order": lambda due: due[::-1],
    "the last one only": lambda due: due[-1:],
    "the first one only": lambda due: due[:1],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_move_by_the_host_is_followed_however_it_is_told(line: Line, way: str) -> None:
    last = move(line)

    for due in WAYS[way](line.api.deliveries()):
        assert line.receive(due) == 202
    line.heed()

    booking = line.booking()
    assert (booking.state, booking.times.span.start * 60) == (State.BOOKED, last.timestamp())


def test_a_cancellation_by_the_host_is_followed(line: Line) -> None:
    line.api.desk.host_cancels(line.uid)

    (due,) = line.api.deliveries()
    line.receive(due)
    line.heed()

    assert line.booking().state is State.CANCELLED


def test_what_is_never_told_is_found_by_the_nightly_scan(line: Line) -> None:
    last = move(line)
    assert len(line.api.deliveries()) == 2

    line.work().scan("harbor")

    assert line.booking().times.span.start * 60 == last.timestamp()


def test_a_forged_cancellation_is_refused_and_changes_nothing(line: Line) -> None:
    url, headers, body = a_delivery(line)
    forged = json.dumps(json.loads(body) | {"triggerEvent": "BOOKING_CANCELLED"}).encode()

    with pytest.raises(AccessError) as refused:
        line.receive((url, headers, forged))

    assert refused.value.status == 401
    assert line.queue.waiting == []


def test_a_true_cancellation_told_too_late_is_not_believed(line: Line) -> None:
    """A hint is proved, but only the calendar itself says what is true."""
    url, headers, _ = a_delivery(line)
    (hook,) = line.api.hooks.values()
    told = {"triggerEvent": "BOOKING_CANCELLED", "payload": {"uid": line.booking().provider_id}}
    body = json.dumps(told).encode()
    headers["X-Cal-Signature-256"] = signature(body, str(hook["secret"]))

    assert line.receive((url, headers, body)) == 202
    line.heed()

    assert line.booking().state is State.BOOKED


def a_delivery(line: Line) -> Delivery:
    move(line)
    first, *_ = line.api.deliveries()
    line.receive(first)
    line.heed()
    return first


def signature(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
