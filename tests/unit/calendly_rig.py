"""Calendly's adapter on the fake server, in one process and on one clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calendly.calendar import CalendlyCalendar
from slotline.domain.bookings import Contact
from slotline.domain.business import Calendar, Service
from slotline.ports import ProviderEvent
from tests.fakes import FakeClock
from tests.servers.calendly import TOKEN, CalendlyApi
from tests.servers.calendly_desk import EventType
from tests.servers.faulty import transport
from tests.unit.rigs import TEN, CalendarRig

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.domain.time import Interval

ADA = Contact(name="Ada Byron", phone="+14155550111", email="Ada@Example.com ")
BEN = Contact(name="Ben Stone", phone="+14155550122", email="ben@example.com")


@dataclass
class Rig(CalendarRig[CalendlyApi, CalendlyCalendar]):
    zone, language, guest = ZoneInfo("Europe/Rome"), "it", ADA

    def move(self, event_id: str, start: int = TEN + 300) -> ProviderEvent:
        return self.calendar.move(event_id, self.wish(start=start), deadline=self.deadline)

    def look(self, window: Interval, *, moving: str | None = None) -> tuple[int, ...]:
        return self.calendar.look(self.service, window=window, moving=moving, deadline=self.deadline).starts

    def live(self) -> list[int]:
        """Starts of all live events, in epoch minutes."""
        return sorted(minute_of(e.start) for e in self.api.desk.events.values() if e.status == "active")

    def asked(self, method: str, word: str) -> list[dict[str, Any]]:
        """Bodies (or queries) of the requests of one kind."""
        seen = [r for r in self.api.seen if r.method == method and r.path.rstrip("/").split("/")[-1] == word]
        return [dict(r.body) if method == "POST" else dict(r.query) for r in seen]


def rig(*event_types: EventType, options: dict[str, str] | None = None, **service: Any) -> Rig:
    clock = FakeClock()
    kinds = event_types or (EventType(),)
    api = CalendlyApi(clock=clock.now, event_types=kinds)
    offered = Service(key="cleaning", name="Cleaning", minutes=kinds[0].minutes, event_type=kinds[0].key)
    for key, value in service.items():
        object.__setattr__(offered, key, value)
    return Rig(api, clock, adapter(transport(api, clock=clock), clock, options=options), offered)


def adapter(
    handler: httpx.MockTransport,
    clock: FakeClock,
    *,
    options: dict[str, str] | None = None,
    token: Callable[[], str] = lambda: TOKEN,
) -> CalendlyCalendar:
    http = ProviderHttp(
        httpx.Client(transport=handler, base_url="https://api.calendly.com", trust_env=False), name="main", clock=clock
    )
    calendar = Calendar(name="main", provider="calendly", options=options or {})
    return CalendlyCalendar(http, calendar, token=token, clock=clock)


def refusing(status: int, body: object, *, on: str = "/invitees", times_offered: bool = False) -> Rig:
    """The fake, but one path always answers like this; `times_offered` keeps every start on offer."""
    whole = rig()
    inner = transport(whole.api, clock=whole.clock)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(on) and (on != "/invitees" or request.method == "POST"):
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return httpx.Response(status, content=content)
        if not times_offered and request.url.path == "/event_type_available_times":
            return httpx.Response(200, json={"collection": []})
        return inner.handle_request(request)

    whole.calendar = adapter(httpx.MockTransport(handle), whole.clock)
    return whole


def problem(title: str, message: str, *details: dict[str, str]) -> dict[str, object]:
    return {"title": title, "message": message, "details": list(details)}


def moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def minute_of(at: datetime) -> int:
    return int(at.timestamp() // 60)
