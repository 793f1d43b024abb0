"""A HighLevel location in the simulated world."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.gohighlevel_api import GohighlevelApi
from tests.servers.gohighlevel_desk import LOCATION, Calendar
from tests.servers.gohighlevel_oauth import CLIENT_ID, CLIENT_SECRET, TOKEN
from tests.simulation.accounts.account import Account, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

    from slotline.domain.time import Interval
    from tests.servers.gohighlevel_desk import Appointment

REFERENCE = re.compile(r"Slotline ref: ?([A-Za-z0-9_-]+)")


class GohighlevelAccount(Account):
    """One location. It checks every create and every move against its own free slots."""

    kind = "gohighlevel"
    api_key = TOKEN
    client_secret = CLIENT_SECRET

    api: GohighlevelApi

    def opened(self) -> GohighlevelApi:
        self._by_oauth = self.random.random() < 0.5
        team = tuple(f"user{n + 1}" for n in range(self.seats()))
        calendars = tuple(
            Calendar(
                id=service.event_type or "",
                name=service.name,
                minutes=service.minutes,
                interval=15,
                team=team,
                hours=(0, 24),
                weekdays=frozenset(range(7)),
                auto_confirm=not self.approval,
            )
            for service in self.services()
        )
        api, random = GohighlevelApi(clock=self.now, calendars=calendars), self.random
        quirks = api.quirks
        quirks.small_answers = random.random() < 0.7
        quirks.wrap = random.choice(("event", "appointment", ""))
        quirks.created = random.choice((200, 201))
        quirks.taken = random.choice((400, 422))
        quirks.strict_spelling = random.random() < 0.3
        quirks.whole_days = random.random() < 0.3
        quirks.milliseconds = random.random() < 0.3
        quirks.lists_show_words = random.random() < 0.5
        quirks.lists_lag = random.choice((0.0, 0.0, 1.5))
        quirks.search = random.choice(("contact", "contacts", "empty", "404"))
        quirks.missing = random.choice((404, 400))
        quirks.cancels_twice = random.random() < 0.5
        api.desk.own_time_blocks_a_move = random.random() < 0.3
        if self._by_oauth:
            api.tokens.clear()
        api.oauth.refresh_token = self.seed
        return api

    def options(self) -> Mapping[str, str]:
        return {
            "auth": "oauth" if self._by_oauth else "pit",
            "client_id": CLIENT_ID,
            "location_id": LOCATION,
            "approval": "true" if self.approval else "false",
        }

    def standing(self) -> Iterable[Seen]:
        for number, appointment in self.api.desk.appointments.items():
            if appointment.occupies:
                yield self._seen(number, appointment)

    def _seen(self, number: str, appointment: Appointment) -> Seen:
        found = REFERENCE.search(appointment.description)
        return Seen(
            number,
            _minute(appointment.start),
            _minute(appointment.end),
            "requested" if appointment.status == "new" else "accepted",
            tag=found[1] if found else None,
            phone=appointment.contact.phone,
            service=self.service_named(appointment.calendar.name) if found else "human",
        )

    def operation(self, request: httpx.Request) -> str:
        method, path = request.method, request.url.path
        parts = path.strip("/").split("/")
        if parts[-1] == "token":
            return "token"
        if parts[-1] == "upsert":
            return "contact"
        if method == "POST":
            return "create"
        if method == "PUT":
            return "move" if "startTime" in json.loads(request.content) else "cancel"
        if parts[0] == "contacts":
            return "search" if parts[-1] == "duplicate" else "of_contact"
        return "slots" if parts[-1] == "free-slots" else "list" if parts[-1] == "events" else "read"

    def tag_in(self, request: httpx.Request) -> str | None:
        found = REFERENCE.search(json.loads(request.content)["description"])
        return found[1] if found else None

    def event_in(self, path: str) -> str:
        return path.rpartition("/")[2]

    def expire_access(self) -> None:
        if self._by_oauth:
            self.api.oauth._until.clear()

    def admit(self, seed: str) -> None:
        self.api.oauth.refresh_token = seed

    def add(self, span: Interval) -> None:
        self.api.desk.host_adds(_moment(span.start))
        self.file(by="human")

    def people_cancel(self, event_id: str) -> None:
        if event_id in self.events:
            if self.random.random() < 0.5:
                self.api.desk.host_deletes(event_id)
            else:
                self.api.desk.host_sets(event_id, "cancelled")
            self.file(by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        if event_id in self.events:
            self.api.desk.host_moves(event_id, _moment(span.start))
            self.file(by="human")

    def decide(self, event_id: str, *, accepted: bool) -> None:
        self.api.desk.host_sets(event_id, "confirmed" if accepted else "cancelled")
        self.file(by="human")


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
