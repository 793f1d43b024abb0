"""A Calendly account in the simulated world."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.calendly_api import CLIENT, TOKEN, CalendlyApi
from tests.servers.calendly_desk import ORGANIZATION, EventType, Host
from tests.simulation.accounts.account import OPEN_DAY, Account, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

    from slotline.domain.time import Interval
    from tests.servers.calendly_desk import Event

TAG = "utm_content"
ROOMY = ((60.0, 500),)
READS = {
    "me": "me", "event_types": "event_types", "event_type_available_times": "slots", "scheduled_events": "list",
    "invitees": "invitees",
}  # fmt: skip


class CalendlyAccount(Account):
    """One organisation. It has no move: another event is booked and the old one cancelled."""

    kind = "calendly"
    api_key = TOKEN
    client_secret = CLIENT[1]

    api: CalendlyApi

    def opened(self) -> CalendlyApi:
        self._by_oauth = self.random.random() < 0.5
        self._is_roomy = self.random.random() < 0.8
        seats = self.seats()
        hosts = tuple(Host(f"USER{n + 1}", f"Host {n + 1}") for n in range(seats))
        event_types = tuple(
            EventType(
                key=service.event_type or "",
                name=service.name,
                minutes=service.minutes,
                hosts=hosts,
                step=15,
                week=(OPEN_DAY,) * 7,
                pooling="round_robin" if seats > 1 else None,
            )
            for service in self.services()
        )
        api, random = CalendlyApi(clock=self.now, event_types=event_types), self.random
        if self._is_roomy:
            api.quota.bookings = ROOMY
        api.desk.lag = random.choice((0.0, 0.0, 1.5))
        api.desk.same_email_again = random.choice(("refused", "duplicated"))
        api.desk.taken_status, api.desk.taken_code = random.choice(((400, True), (400, False), (409, False)))
        api.desk.keeps_tracking = random.random() < 0.7
        api.envelope = random.choice(("resource", "invitee"))
        api.longest_days = random.choice((31, 7))
        if self._by_oauth:
            api.tokens.clear()
        api.refresh_tokens = {self.seed}
        return api

    def options(self) -> Mapping[str, str]:
        options = {"auth": "oauth" if self._by_oauth else "api_key", "client_id": CLIENT[0]}
        if self._is_roomy:
            options["plan"] = "enterprise"
        return options | ({"organization": ORGANIZATION} if self.seats() > 1 else {})

    def standing(self) -> Iterable[Seen]:
        for event in self.api.desk.events.values():
            if event.status == "active":
                yield self._seen(event)
        for number, (_, start, end) in enumerate(self.api.desk.busy):
            yield Seen(f"busy-{number}", _minute(start), _minute(end))

    def _seen(self, event: Event) -> Seen:
        invitee = event.invitees[0]
        service = self.service_named(event.event_type.name)
        origin = invitee
        while origin.old is not None and not origin.tracking.get(TAG):
            origin = origin.old  # whose appointment it is does not change when the tracking is lost on the way
        tag = origin.tracking.get(TAG)
        return Seen(event.key, _minute(event.start), _minute(event.end), tag=tag, phone=invitee.phone, service=service)

    def operation(self, request: httpx.Request) -> str:
        method, path = request.method, request.url.path
        parts = path.strip("/").split("/")
        if parts[-1] == "token":
            return "token"
        if method == "POST":
            return "cancel" if parts[-1] == "cancellation" else "create"
        one = {"event_types": "event_type", "invitees": "invitee"}
        return READS.get(parts[-1]) or one.get(parts[-2], "read")

    def tag_in(self, request: httpx.Request) -> str | None:
        tag: str = json.loads(request.content)["tracking"][TAG]
        return tag

    def event_in(self, path: str) -> str:
        return path.strip("/").split("/")[1]

    def expire_access(self) -> None:
        if self._by_oauth:
            self.api.tokens.clear()

    def admit(self, seed: str) -> None:
        self.api.refresh_tokens.add(seed)

    def add(self, span: Interval) -> None:
        hosts = next(iter(self.api.desk.event_types.values())).hosts
        self.api.desk.busy.append((self.random.choice(hosts).key, _moment(span.start), _moment(span.end)))
        self.file(by="human")

    def people_cancel(self, event_id: str) -> None:
        if event_id in self.api.desk.events and event_id in self.events:
            self.api.desk.host_cancels(event_id)
            self.file(by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        """Calendly's own page offers free times only."""
        event = self.api.desk.events.get(event_id)
        if event is not None and event_id in self.events:
            if self.api.desk.free_hosts(event.event_type, _moment(span.start)):
                self.api.desk.invitee_reschedules(event_id, _moment(span.start))
            self.file(by="human")


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
