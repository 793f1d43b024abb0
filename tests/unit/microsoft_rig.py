"""Microsoft's adapter on the fake server, in one process and on one clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.microsoft.calendar import MicrosoftCalendar
from slotline.domain.bookings import Contact
from slotline.domain.business import Calendar, Service
from slotline.domain.time import Interval
from slotline.ports import ProviderEvent
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.microsoft import OWNER, TOKEN, Mailbox, MicrosoftApi
from tests.unit.rigs import DAY, TUESDAY, CalendarRig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.microsoft_mailbox import Item

BASE = "https://graph.test/v1.0"
ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com", notes="Rings <twice> & waits")


def at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


@dataclass
class Rig(CalendarRig[MicrosoftApi, MicrosoftCalendar]):
    zone, language, guest = ZoneInfo("Europe/Rome"), "en", ADA

    @property
    def items(self) -> list[Item]:
        return list(self.api.store.items.values())

    def move(self, event_id: str, *, start: int, tag: str = "tag-1") -> ProviderEvent:
        return self.calendar.move(event_id, self.wish(tag, start=start), deadline=self.deadline)

    def look(self, start: int = TUESDAY, *, days: float = 1, moving: str | None = None) -> tuple[tuple[int, int], ...]:
        """Busy times in minutes after the start of the window."""
        window = Interval(start, start + int(days * DAY))
        seen = self.calendar.look(self.service, window=window, moving=moving, deadline=self.deadline)
        return tuple((i.start - start, i.end - start) for i in seen.intervals)

    def events(self, start: int = TUESDAY, *, days: int = 1) -> tuple[ProviderEvent, ...]:
        return self.calendar.events(window=Interval(start, start + days * DAY), deadline=self.deadline)

    def people_add(self, minute: int = 0, *, minutes: int = 60, day: int = TUESDAY, **fields: Any) -> Item:
        start = at(day + minute)
        return self.api.store.people_add(start, start + timedelta(minutes=minutes), **fields)

    def sent(self, method: str) -> list[str]:
        return [request.path.removeprefix("/v1.0") for request in self.api.seen if request.method == method]


def rig(*mailboxes: Mailbox, options: Mapping[str, str] | None = None, token: str = TOKEN, **service: Any) -> Rig:
    clock = FakeClock()
    api = MicrosoftApi(clock=clock.now, mailboxes=mailboxes or (Mailbox(OWNER),))
    offered = Service(key="cleaning", name="Cleaning", minutes=30, **service)
    return Rig(api, clock, adapter(transport(api, clock=clock), clock, options=options, token=token), offered)


def adapter(
    handler: httpx.MockTransport, clock: FakeClock, *, options: Mapping[str, str] | None = None, token: str = TOKEN
) -> MicrosoftCalendar:
    connection = Calendar(name="main", provider="microsoft", options=options or {})
    return MicrosoftCalendar(http(handler, clock), connection, token=lambda: token, clock=clock)


def http(handler: httpx.MockTransport, clock: FakeClock, *, base: str = BASE) -> ProviderHttp:
    return ProviderHttp(httpx.Client(transport=handler, base_url=base), name="main", clock=clock)


def answering(status: int, body: object, **headers: str) -> Rig:
    """The adapter on a server that always says the same."""
    whole = rig()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {k.replace("_", "-"): v for k, v in headers.items()}
    handler = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=told))
    whole.calendar = adapter(handler, whole.clock)
    return whole


def error(code: str, *, inner: str | None = None) -> dict[str, dict[str, object]]:
    return {"error": {"code": code, "message": "as told", "innerError": {"code": inner} if inner else {}}}
