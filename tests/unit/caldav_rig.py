"""The CalDAV adapter on the fake server, in one process and on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.caldav.calendar import CaldavCalendar
from slotline.adapters.calendars.caldav.changes import CaldavChanges
from slotline.domain.bookings import Contact
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval
from slotline.ports import EventWish, ProviderEvent
from tests.fakes import FakeClock
from tests.servers.caldav import PASSWORD, USER, CaldavApi, Desk, Quirks, Shelf
from tests.servers.caldav_desk import RADICALE
from tests.servers.faulty import transport
from tests.unit.rigs import DAY, TUESDAY, CalendarRig

if TYPE_CHECKING:
    from collections.abc import Callable

ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@guest.example", notes="Second floor, please")
TUESDAY_TEXT = "20260106"
HOST = "https://dav.example"
CLEANING = Service(key="cleaning", name="Cleaning", minutes=30)


@dataclass
class Rig(CalendarRig[CaldavApi, CaldavCalendar]):
    zone, language, guest = ZoneInfo("America/New_York"), "en", ADA
    changes: CaldavChanges

    @property
    def shelf(self) -> Shelf:
        return self.api.desk.shelves["main"]

    def move(self, event_id: str, wish: EventWish) -> ProviderEvent:
        return self.calendar.move(event_id, wish, deadline=self.deadline)

    def events(self, window: Interval | None = None) -> tuple[ProviderEvent, ...]:
        return self.calendar.events(window=window or Interval(TUESDAY, TUESDAY + DAY), deadline=self.deadline)

    def busy(self, window: Interval | None = None, *, moving: str | None = None) -> list[tuple[int, int]]:
        """Busy minutes, counted from Tuesday's midnight UTC."""
        seen = self.calendar.look(
            self.service, window=window or Interval(TUESDAY, TUESDAY + DAY), moving=moving, deadline=self.deadline
        )
        return [(i.start - TUESDAY, i.end - TUESDAY) for i in seen.intervals]

    def text(self) -> str:
        """The one object of the main calendar, with folded lines joined."""
        (resource,) = self.shelf.resources.values()
        return resource.text.replace("\r\n ", "")

    def methods(self) -> list[str]:
        return [request.method for request in self.api.seen]


def rig(
    *shelves: Shelf,
    quirks: Quirks = RADICALE,
    password: Callable[[], str] = lambda: PASSWORD,
    host: str | None = None,
    zone: str = "America/New_York",
    **options: str,
) -> Rig:
    clock = FakeClock()
    api = CaldavApi(Desk(*shelves), quirks=quirks, clock=clock.now)
    base_url = host or ("https://caldav.icloud.com" if quirks.partition else HOST)
    client = httpx.Client(transport=transport(api, clock=clock), base_url=base_url)
    return over(client, api, clock, password=password, zone=zone, **options)


def over(
    client: httpx.Client,
    api: CaldavApi,
    clock: FakeClock,
    *,
    password: Callable[[], str] = lambda: PASSWORD,
    zone: str = "America/New_York",
    **options: str,
) -> Rig:
    """The same over any client."""
    http = ProviderHttp(client, name="main", clock=clock)
    named = {"username": USER} | options
    connection = Calendar("main", "caldav", base_url=str(client.base_url), options=named)
    calendar = CaldavCalendar(http, connection, password=password, business="desk", zone=ZoneInfo(zone), clock=clock)
    return Rig(api, clock, calendar, CLEANING, CaldavChanges(http, connection, password=password))
