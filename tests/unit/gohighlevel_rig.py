"""HighLevel's adapter on the fake server, in one process and on one clock; every request is held to the spec."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.gohighlevel.calendar import GohighlevelCalendar
from slotline.domain.bookings import Contact
from slotline.domain.business import Calendar as Connection
from slotline.domain.business import Service
from slotline.domain.errors import (
    RefusedError,
)
from slotline.domain.time import Interval
from slotline.ports import ProviderEvent
from tests.contract.gohighlevel_spec import wrong_in_request
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.gohighlevel import LOCATION, TOKEN, GohighlevelApi
from tests.servers.gohighlevel_desk import Calendar
from tests.unit.rigs import CalendarRig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.servers.faulty import Request

ADA = Contact(name="Ada Byron", phone="+14155550111", email="Ada@Example.com ", notes="first visit")
BEN = Contact(name="Ben Stone", phone="+14155550122")
BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


@dataclass
class Rig(CalendarRig[GohighlevelApi, GohighlevelCalendar]):
    """The adapter on the fake server, in one process and on one clock; every request is held against the spec."""

    zone, language, guest = UTC_ZONE, "en", ADA

    def move(self, number: str, start: int) -> ProviderEvent:
        return self.calendar.move(number, self.wish(start=start), deadline=self.deadline)

    def look(self, window: Interval, *, moving: str | None = None) -> tuple[int, ...]:
        return self.calendar.look(self.service, window=window, moving=moving, deadline=self.deadline).starts

    def events(self, window: Interval) -> tuple[ProviderEvent, ...]:
        return self.calendar.events(window=window, deadline=self.deadline)

    def sent(self, method: str, path: str) -> list[Request]:
        return [r for r in self.api.seen if r.method == method and r.path.startswith(path)]

    def live(self) -> list[dict[str, Any]]:
        return [b for b in self.api.bookings() if b["appointmentStatus"] in {"confirmed", "new"}]


CREATE = "/calendars/events/appointments"


def rig(
    *calendars: Calendar,
    options: dict[str, str] | None = None,
    zone: ZoneInfo = UTC_ZONE,
    calendar_ids: Sequence[str] = (),
    **service: Any,
) -> Rig:
    clock = FakeClock()
    kinds = calendars or (Calendar(),)
    api = GohighlevelApi(clock=clock.now, calendars=kinds, zone=zone)
    inner = transport(api, clock=clock)

    def checked(request: httpx.Request) -> httpx.Response:
        assert wrong_in_request(request) == []
        return inner.handle_request(request)

    offered = Service("cleaning", "Cleaning", kinds[0].minutes, event_type=kinds[0].id, **service)
    calendar = adapter(checked, clock, options=options, zone=zone, calendar_ids=calendar_ids)
    return Rig(api, clock, calendar, offered)


def adapter(
    handler: Callable[[httpx.Request], httpx.Response],
    clock: FakeClock,
    *,
    options: dict[str, str] | None = None,
    zone: ZoneInfo = UTC_ZONE,
    calendar_ids: Sequence[str] = (),
    token: str = TOKEN,
) -> GohighlevelCalendar:
    client = httpx.Client(transport=httpx.MockTransport(handler), base_url="https://ghl.test")
    connection = Connection("main", "gohighlevel", options={"location_id": LOCATION} | (options or {}))
    http = ProviderHttp(client, name="main", clock=clock)
    return GohighlevelCalendar(http, connection, token=lambda: token, clock=clock, zone=zone, calendar_ids=calendar_ids)


def moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def refused_by(work: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        work()
    return refused.value
