"""Cal.com's adapter on the fake server, in one process and on one clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calcom.calendar import CalcomCalendar
from slotline.domain.bookings import Contact
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval, utc_iso
from tests.fakes import FakeClock
from tests.servers.calcom import API_KEY, CalcomApi
from tests.servers.calcom_desk import EventType
from tests.servers.faulty import transport
from tests.unit.rigs import TUESDAY, CalendarRig

ADA = Contact(name="Ada Byron", phone="+14155550111", email="Ada@Example.com ")


@dataclass
class Rig(CalendarRig[CalcomApi, CalcomCalendar]):
    """The adapter on the fake server, in one process and on one clock."""

    zone, language, guest = ZoneInfo("Europe/Rome"), "it", ADA

    def look(self, window: Interval, *, moving: str | None = None) -> tuple[int, ...]:
        return self.calendar.look(self.service, window=window, moving=moving, deadline=self.deadline).starts

    def live(self) -> list[dict[str, Any]]:
        return [b for b in self.api.bookings() if b["status"] in {"accepted", "pending"}]


def rig(*event_types: EventType, **service: Any) -> Rig:
    clock = FakeClock()
    kinds = event_types or (EventType(1),)
    api = CalcomApi(clock=clock.now, event_types=kinds)
    offered = Service(key="cleaning", name="Cleaning", minutes=kinds[0].minutes, event_type=str(kinds[0].id), **service)
    return Rig(api, clock, adapter(transport(api, clock=clock), clock), offered)


def adapter(handler: httpx.MockTransport, clock: FakeClock, *, key: str = API_KEY) -> CalcomCalendar:
    http = ProviderHttp(httpx.Client(transport=handler, base_url="https://api.cal.test/v2"), name="main", clock=clock)
    return CalcomCalendar(http, Calendar(name="main", provider="calcom"), api_key=lambda: key, clock=clock)


def answering(status: int, body: object) -> Rig:
    """The adapter on a server that always says the same."""
    whole = rig()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    whole.calendar = adapter(httpx.MockTransport(lambda _: httpx.Response(status, content=content)), whole.clock)
    return whole


def enveloped(status: int, message: str, code: str) -> dict[str, object]:
    details = {"message": message, "error": "as told", "statusCode": status}
    error = {"code": code, "message": message, "details": details}
    return {"status": "error", "timestamp": utc_iso(TUESDAY), "path": "/v2/bookings", "error": error}
