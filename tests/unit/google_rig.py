"""Google's adapter on the fake server, in one process and on one clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.google.calendar import GoogleCalendar
from slotline.adapters.calendars.google.requests import event_id
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval, iso
from slotline.ports import EventWish
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.google_accounts import TOKEN
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER, FakeCalendar
from tests.unit.rigs import CalendarRig

if TYPE_CHECKING:
    from slotline.ports import ProviderEvent
    from tests.servers.faulty import Json, Request

ROME = ZoneInfo("Europe/Rome")
BASE_URL = "https://calendar.test/calendar/v3"


@dataclass
class Rig(CalendarRig[GoogleApi, GoogleCalendar]):
    zone, language = ROME, "it"
    tokens: list[str] = field(default_factory=lambda: [TOKEN])

    def move(self, number: str, wish: EventWish) -> ProviderEvent:
        return self.calendar.move(number, wish, deadline=self.deadline)

    def look(self, start: int, end: int, *, moving: str | None = None) -> list[tuple[int, int]]:
        window = Interval(start, end)
        seen = self.calendar.look(self.service, window=window, moving=moving, deadline=self.deadline)
        return [(i.start, i.end) for i in seen.intervals]

    def events(self, start: int, end: int) -> tuple[ProviderEvent, ...]:
        return self.calendar.events(window=Interval(start, end), deadline=self.deadline)

    def sent(self, method: str) -> list[Request]:
        return [request for request in self.api.seen if request.method == method]

    def stored(self, number: str | None = None) -> Json:
        """What stands in the calendar under the id, or as the only event."""
        events = self.api.desk.calendars[OWNER].events
        return events[number].body if number else next(iter(events.values())).body


def rig(*calendars: FakeCalendar, token: str = TOKEN, service_account: bool = False, **options: str) -> Rig:
    clock = FakeClock()
    api = GoogleApi(*calendars, clock=clock.now)
    tokens = [token]
    http = ProviderHttp(
        httpx.Client(transport=transport(api, clock=clock), base_url=BASE_URL), name="main", clock=clock
    )
    connection = Calendar(name="main", provider="google", options=options)
    calendar = GoogleCalendar(
        http,
        connection,
        business="desk",
        token=lambda: tokens[-1],
        clock=clock,
        service_account=service_account,
    )
    return Rig(api, clock, calendar, Service(key="cleaning", name="Cleaning", minutes=30), tokens)


def answering(status: int, body: bytes, **headers: str) -> Rig:
    """The adapter on a server that always says the same."""
    whole = rig()
    wire = httpx.MockTransport(lambda _: httpx.Response(status, content=body, headers=headers))
    http = ProviderHttp(httpx.Client(transport=wire, base_url=BASE_URL), name="main", clock=whole.clock)
    connection = Calendar(name="main", provider="google")
    whole.calendar = GoogleCalendar(http, connection, business="desk", token=lambda: TOKEN, clock=whole.clock)
    return whole


def number_of(tag: str = "tag-1", generation: int = 0) -> str:
    return event_id("desk", tag, generation)


def moment(minute: int, zone: ZoneInfo = ROME) -> dict[str, Any]:
    return {"dateTime": iso(minute, zone), "timeZone": zone.key}
