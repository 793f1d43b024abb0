"""The calendars that the contract suite runs against, each with the means to play another caller on it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.builtin import BuiltinCalendar
from slotline.adapters.calendars.calcom.calendar import CalcomCalendar
from slotline.adapters.calendars.caldav.calendar import CaldavCalendar
from slotline.adapters.calendars.calendly.calendar import CalendlyCalendar
from slotline.adapters.calendars.gohighlevel.calendar import GohighlevelCalendar
from slotline.adapters.calendars.google.calendar import GoogleCalendar
from slotline.adapters.calendars.microsoft.calendar import MicrosoftCalendar
from slotline.domain.bookings import Contact, Times
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval
from slotline.ports import EventWish
from tests.fakes import FakeClock
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType
from tests.servers.caldav import PASSWORD as CALDAV_PASSWORD
from tests.servers.caldav import USER as CALDAV_USER
from tests.servers.caldav import CaldavApi, CaldavServer
from tests.servers.calendly import TOKEN as CALENDLY_TOKEN
from tests.servers.calendly import CalendlyApi, CalendlyServer
from tests.servers.calendly_desk import EventType as CalendlyEventType
from tests.servers.dav_child import shared
from tests.servers.gohighlevel import LOCATION as HIGHLEVEL_LOCATION
from tests.servers.gohighlevel import TOKEN as HIGHLEVEL_TOKEN
from tests.servers.gohighlevel import GohighlevelApi, GohighlevelServer
from tests.servers.gohighlevel_desk import Calendar as HighlevelCalendar
from tests.servers.google import GoogleServer
from tests.servers.google_accounts import TOKEN as GOOGLE_TOKEN
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER as GOOGLE_OWNER
from tests.servers.microsoft import TOKEN as MICROSOFT_TOKEN
from tests.servers.microsoft import MicrosoftApi, MicrosoftServer
from tests.servers.radicale import radicale
from tests.servers.xandikos import xandikos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from slotline.ports import CalendarProvider, Clock
    from tests.servers.dav_child import Dav

ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com")
BEN = Contact(name="Ben Stone", phone="+14155550122", email="ben@example.com")


@dataclass(frozen=True)
class Bench:
    """A calendar under test: open on weekdays from 9:00 to 17:00 UTC, seen on a Monday at noon."""

    calendar: CalendarProvider
    service: Service
    clock: Clock

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


@contextmanager
def google() -> Iterator[Bench]:
    with google_server() as (bench, _):
        yield bench


@contextmanager
def google_server(*, timeout: float = 5.0) -> Iterator[tuple[Bench, GoogleServer]]:
    """Google's adapter on the fake server. Its "event types" are the calendars that can be written to."""
    clock = FakeClock()
    with GoogleServer(GoogleApi(clock=clock.now)) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        connection = Calendar(name="main", provider="google", base_url=server.base_url)
        calendar = GoogleCalendar(http, connection, business="desk", token=lambda: GOOGLE_TOKEN, clock=clock)
        yield Bench(calendar, Service("cleaning", "Cleaning", 30, event_type=GOOGLE_OWNER), clock), server


@contextmanager
def gohighlevel() -> Iterator[Bench]:
    with gohighlevel_server() as (bench, _):
        yield bench


@contextmanager
def gohighlevel_server(
    *calendars: HighlevelCalendar, timeout: float = 5.0
) -> Iterator[tuple[Bench, GohighlevelServer]]:
    """HighLevel's adapter on the fake server; the first calendar is the service's."""
    clock = FakeClock()
    kinds = calendars or (HighlevelCalendar(),)
    api = GohighlevelApi(clock=clock.now, calendars=kinds)
    with GohighlevelServer(api) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        connection = Calendar(name="main", provider="gohighlevel", options={"location_id": HIGHLEVEL_LOCATION})
        calendar = GohighlevelCalendar(
            http, connection, token=lambda: HIGHLEVEL_TOKEN, clock=clock, zone=ZoneInfo("UTC")
        )
        service = Service(key="cleaning", name="Cleaning", minutes=kinds[0].minutes, event_type=kinds[0].id)
        yield Bench(calendar, service, clock), server


@contextmanager
def calendly(*event_types: CalendlyEventType) -> Iterator[Bench]:
    with calendly_server(*event_types) as (bench, _):
        yield bench


@contextmanager
def calendly_server(*event_types: CalendlyEventType, timeout: float = 5.0) -> Iterator[tuple[Bench, CalendlyServer]]:
    """Calendly's adapter on the fake server; the first event type is the service."""
    clock = FakeClock()
    kinds = event_types or (CalendlyEventType(),)
    api = CalendlyApi(clock=clock.now, event_types=kinds)
    with CalendlyServer(api) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        connection = Calendar(name="main", provider="calendly", base_url=server.base_url)
        calendar = CalendlyCalendar(http, connection, token=lambda: CALENDLY_TOKEN, clock=clock)
        service = Service(key="cleaning", name="Cleaning", minutes=kinds[0].minutes, event_type=kinds[0].key)
        yield Bench(calendar, service, clock), server


@contextmanager
def microsoft() -> Iterator[Bench]:
    with microsoft_server() as (bench, _):
        yield bench


@contextmanager
def microsoft_server(
    *, timeout: float = 5.0, options: Mapping[str, str] | None = None
) -> Iterator[tuple[Bench, MicrosoftServer]]:
    """Microsoft's adapter on the fake server. Its "event types" are the calendars that can be written to."""
    clock = FakeClock()
    with MicrosoftServer(MicrosoftApi(clock=clock.now)) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        connection = Calendar(name="main", provider="microsoft", base_url=server.base_url, options=options or {})
        calendar = MicrosoftCalendar(http, connection, token=lambda: MICROSOFT_TOKEN, clock=clock)
        default = next(iter(server.api.store.mailboxes.values())).default
        yield Bench(calendar, Service("cleaning", "Cleaning", 30, event_type=default.id), clock), server


@contextmanager
def caldav() -> Iterator[Bench]:
    with caldav_server() as (bench, _):
        yield bench


@contextmanager
def caldav_server(*, timeout: float = 5.0) -> Iterator[tuple[Bench, CaldavServer]]:
    """The CalDAV adapter on the fake server. Its "event types" are the calendars that can be written to."""
    clock = FakeClock()
    with CaldavServer(CaldavApi(clock=clock.now)) as server:
        options = {"username": CALDAV_USER}
        with _caldav(
            server.base_url, "/ada/cal/main/", options=options, password=CALDAV_PASSWORD, clock=clock, timeout=timeout
        ) as bench:
            yield bench, server


@contextmanager
def caldav_radicale() -> Iterator[Bench]:
    with _real_caldav(radicale) as bench:
        yield bench


@contextmanager
def caldav_xandikos() -> Iterator[Bench]:
    with _real_caldav(xandikos) as bench:
        yield bench


@contextmanager
def _real_caldav(start: Callable[[], AbstractContextManager[Dav]]) -> Iterator[Bench]:
    """The CalDAV adapter on a real server, in a new calendar."""
    server = shared(start)
    with server.calendar() as path:
        options = {"username": server.user}
        with _caldav(server.base_url, path, options=options, password=server.password, clock=FakeClock()) as bench:
            yield bench


@contextmanager
def _caldav(
    base_url: str, path: str, *, options: Mapping[str, str], password: str, clock: FakeClock, timeout: float = 5.0
) -> Iterator[Bench]:
    connection = Calendar(name="main", provider="caldav", base_url=base_url, options=options)
    with open_client(base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock, timeout=timeout)
        calendar = CaldavCalendar(
            http, connection, password=lambda: password, business="desk", zone=ZoneInfo("UTC"), clock=clock
        )
        yield Bench(calendar, Service("cleaning", "Cleaning", 30, event_type=base_url + path), clock)


ALL: dict[str, Callable[[], AbstractContextManager[Bench]]] = {
    "builtin": builtin,
    "calcom": calcom,
    "caldav": caldav,
    "caldav-radicale": caldav_radicale,
    "caldav-xandikos": caldav_xandikos,
    "calendly": calendly,
    "gohighlevel": gohighlevel,
    "google": google,
    "microsoft": microsoft,
}
KEEPING_EVENTS = {name: opened for name, opened in ALL.items() if name != "builtin"}
"""All but the built-in calendar, whose events are the booking records."""
