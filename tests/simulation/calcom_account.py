"""A Cal.com account in the simulated world: the product's real adapter, over the fake server without a socket.

What really stands in the account is read off the server after every request and filed in the history, in the same words
as for the small providers, so that the checker treats both alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.calcom.calendar import CalcomCalendar
from tests.servers.calcom_api import API_KEY, CalcomApi
from tests.servers.calcom_desk import EventType, Host
from tests.simulation.providers import FASTEST, SLOWEST

if TYPE_CHECKING:
    from slotline.domain.business import Business
    from tests.servers.calcom_desk import Booking
    from tests.servers.faulty import Answer
    from tests.simulation.faults import Fault
    from tests.simulation.process import Process, Universe

OPEN_DAY = (("00:00", "24:00"),)
STATUS = {"accepted": "accepted", "pending": "requested", "cancelled": "cancelled", "rejected": "rejected"}
TAG = "idempotency_key"


@dataclass(slots=True)
class CalcomAccount:
    """One account: the server behind it, and how a process reaches it."""

    universe: Universe
    business: Business
    name: str  # of the calendar
    approval: bool = False
    api: CalcomApi = field(init=False)
    _services: dict[int, str] = field(init=False)
    _filed: dict[str, tuple[str, int, int]] = field(init=False)

    def __post_init__(self) -> None:
        capacity = self.business.calendar(self.name).capacity
        hosts = tuple(Host(n + 1, f"Host {n + 1}", week=(OPEN_DAY,) * 7) for n in range(capacity))
        offered = [s for s in self.business.services.values() if s.calendar == self.name]
        event_types = tuple(
            EventType(
                int(s.event_type or 0),
                minutes=s.minutes,
                hosts=hosts,
                scheduling="roundRobin" if capacity > 1 else "individual",
                slot_interval=15,
                before_minutes=s.before_minutes,
                after_minutes=s.after_minutes,
                requires_confirmation=self.approval,
                email_required=False,
            )
            for s in offered
        )
        self.api = CalcomApi(clock=lambda: self.universe.now, event_types=event_types)
        self._services = {int(s.event_type or 0): s.key for s in offered}
        self._filed = {}

    @property
    def full_name(self) -> str:
        return f"{self.business.key}/{self.name}"

    def connect(self, process: Process, business: Business) -> CalcomCalendar:
        """The adapter as bootstrap makes it, in this process."""
        calendar = business.calendar(self.name)
        wire = httpx.MockTransport(lambda request: _Exchange(self, process, request).run())
        client = httpx.Client(transport=wire, base_url="https://api.cal.example/v2")
        http = ProviderHttp(client, name=self.name, clock=process, timeout=calendar.timeout_seconds)
        return CalcomCalendar(http, calendar, api_key=lambda: API_KEY, clock=process)

    def decide(self, uid: str, *, accepted: bool) -> None:
        """The host approves or declines a request."""
        if accepted:
            self.api.desk.confirm(uid)
        else:
            self.api.desk.decline(uid)
        self.file(by="human")

    def requested(self) -> list[str]:
        return [uid for uid, booking in self.api.desk.bookings.items() if booking.status == "pending"]

    def file(self, *, by: str) -> None:
        """Tell the history what changed in the account."""
        for uid, booking in self.api.desk.bookings.items():
            start, end = int(booking.start.timestamp() // 60), int(booking.end.timestamp() // 60)
            seen = (STATUS[booking.status], start, end)
            if self._filed.get(uid) != seen:
                self._filed[uid] = seen
                self.universe.tell(
                    "event", self.full_name, uid, *seen, booking.metadata.get(TAG), _phone(booking),
                    self._services[booking.event_type.id], by,
                )  # fmt: skip


def _phone(booking: Booking) -> str | None:
    attendee = booking.attendees[0]
    digits = attendee["email"].partition("@")[0]
    phone: str | None = attendee.get("phoneNumber") or (f"+{digits}" if digits.isdigit() else None)
    return phone


@dataclass(slots=True)
class _Exchange:
    """One HTTP request of one process, on its way there and back."""

    account: CalcomAccount
    process: Process
    request: httpx.Request

    def run(self) -> httpx.Response:
        process, universe, name = self.process, self.process.universe, self._name()
        patience = float(self.request.extensions["timeout"]["read"])
        share = universe.random.random()
        latency = min(FASTEST + share * share * (SLOWEST - FASTEST), 0.9 * patience)
        writes = self.request.method == "POST"
        fault = process.arrive("calendar.write" if writes else "calendar.read", f"calcom.{name}", after=latency)
        number = universe.points
        if writes:
            universe.tell("request", self.account.full_name, name, self._tag(), number, name in {"create", "move"})
        if fault is not None and fault.kind == "late":
            universe.scheduler.call_at(universe.now + fault.seconds, lambda: self._executed(number))
            process.pass_time(patience)
            raise httpx.ReadTimeout("no answer", request=self.request)
        if fault is None or fault.kind in {"reply_lost", "error_after", "kill_after"}:
            response = self._executed(number)
        else:
            universe.tell("executed", number)  # never will be
        if fault is None:
            return response
        return self._failed(fault, patience=patience)

    def _failed(self, fault: Fault, *, patience: float) -> httpx.Response:
        kind = fault.kind
        if kind == "kill_after":
            self.process.die()
        if kind == "no_connection":
            raise httpx.ConnectError("refused", request=self.request)
        if kind in {"reply_lost", "no_answer"}:
            self.process.pass_time(patience)
            raise httpx.ReadTimeout("no answer", request=self.request)
        status = {"too_many": 429, "unauthorized": 401}.get(kind, 500)
        return httpx.Response(status, headers={"retry-after": "5"}, json={"status": "error"})

    def _executed(self, number: int) -> httpx.Response:
        """What the server makes of it, filed at once."""
        request, account = self.request, self.account
        target = request.url.raw_path.decode()
        answer: Answer = account.api.answer(request.method, target, dict(request.headers.items()), request.content)
        account.file(by=self.process.name)
        if self._name() == "create" and not self._is_ours(answer):
            self.process.universe.tell("refused", account.full_name, self._tag())
        self.process.universe.tell("executed", number)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    def _is_ours(self, answer: Answer) -> bool:
        if answer.status >= httpx.codes.BAD_REQUEST:
            return False
        return bool(json.loads(answer.body)["data"].get("metadata", {}).get(TAG) == self._tag())

    def _name(self) -> str:
        parts = self.request.url.path.removeprefix("/v2/").split("/")
        if self.request.method == "GET":
            return "slots" if parts[0] == "slots" else "read" if len(parts) > 1 else "find"
        if len(parts) == 1:
            return "create"
        return "move" if parts[-1] == "reschedule" else parts[-1]

    def _tag(self) -> str:
        """The booking it is about."""
        if self._name() == "create":
            return str(json.loads(self.request.content)["metadata"][TAG])
        booking = self.account.api.desk.bookings.get(self.request.url.path.split("/")[3])
        return str(booking.metadata.get(TAG)) if booking else ""
