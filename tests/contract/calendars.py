"""The calendars that the contract suite runs against, each with the means to play another caller on it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.builtin import BuiltinCalendar
from slotline.adapters.calendars.calcom import CalcomCalendar
from slotline.domain.bookings import Contact, Times
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval
from slotline.ports import EventWish
from tests.fakes import FakeClock
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from slotline.ports import CalendarProvider

ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com")
BEN = Contact(name="Ben Stone", phone="+14155550122", email="ben@example.com")


@dataclass(frozen=True)
class Bench:
    """A calendar under test: open on weekdays from 9:00 to 17:00 UTC, seen on a Monday at noon."""

    calendar: CalendarProvider
    service: Service
    clock: FakeClock

    @property
    def deadline(self) -> float:
        return self.clock.now() + 5

    def at(self, *, days: int = 1, hour: int = 10, minute: int = 0) -> int:
        """Epoch minute of a UTC time so many days after the Monday."""
        return int(self.clock.now() // 60) // 1440 * 1440 + days * 1440 + hour * 60 + minute

    def wish(self, tag: str = "tag-1", *, start: int | None = None, contact: Contact = ADA) -> EventWish:
        return EventWish(
            tag=tag,
            generation=0,
            service=self.service,
            times=Times.of(self.at() if start is None else start, minutes=self.service.minutes),
            contact=contact,
            zone=ZoneInfo("Europe/Rome"),
            language="en",
        )

    def window(self, start: int, *, hours: float) -> Interval:
        return Interval(start, start + int(hours * 60))


@contextmanager
def builtin() -> Iterator[Bench]:
    yield Bench(BuiltinCalendar(), Service(key="cleaning", name="Cleaning", minutes=30), FakeClock())


@contextmanager
def calcom(*event_types: EventType) -> Iterator[Bench]:
    with calcom_server(*event_types) as (bench, _):
        yield bench


@contextmanager
def calcom_server(*event_types: EventType, timeout: float = 5.0) -> Iterator[tuple[Bench, CalcomServer]]:
    """Cal.com's adapter on the fake server; the first event type is the service."""
    clock = FakeClock()
    kinds = event_types or (EventType(1),)
    with CalcomServer(CalcomApi(clock=clock.now, event_types=kinds)) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        connection = Calendar(name="main", provider="calcom", base_url=server.base_url)
        calendar = CalcomCalendar(http, connection, api_key=lambda: API_KEY, clock=clock)
        service = Service(key="cleaning", name="Cleaning", minutes=kinds[0].minutes, event_type=str(kinds[0].id))
        yield Bench(calendar, service, clock), server


ALL: dict[str, Callable[[], AbstractContextManager[Bench]]] = {"builtin": builtin, "calcom": calcom}
KEEPING_EVENTS = {name: opened for name, opened in ALL.items() if name != "builtin"}
"""All but the built-in calendar, whose events are the booking records."""
