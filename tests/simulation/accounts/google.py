"""A Google account in the simulated world."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from slotline.domain.time import utc_iso
from tests.servers.google_accounts import CLIENT_ID, CLIENT_SECRET, TOKEN
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER, FakeCalendar
from tests.simulation.accounts.account import Account, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

    from slotline.domain.time import Interval

TAG = "bookingId"
PHONE = re.compile(r"Phone: (\+\d+)")
NAMES = {"POST": "create", "PATCH": "move", "DELETE": "cancel"}


class GoogleAccount(Account):
    """One calendar. Deleted events keep their ids, and reads may lag behind writes."""

    kind = "google"
    is_b = True
    client_secret = CLIENT_SECRET

    api: GoogleApi

    def opened(self) -> GoogleApi:
        api = GoogleApi(FakeCalendar(OWNER, primary=True, zone="UTC"), clock=self.now)
        api.desk.visible_after = self.random.choice((0.0, 0.0, 1.5))
        api.desk.bare_tombstones = self.random.random() < 0.3
        api.desk.forgets_tombstones = self.random.random() < 0.2
        api.empty_pages = self.random.random() < 0.2
        api.accounts.rotates = self.random.random() < 0.3
        del api.accounts.tokens[TOKEN]
        api.accounts.refresh_tokens = {self.seed}
        return api

    def options(self) -> Mapping[str, str]:
        return {"auth": "oauth", "client_id": CLIENT_ID}

    def standing(self) -> Iterable[Seen]:
        for event_id, stored in self.api.desk.calendars[OWNER].events.items():
            body = stored.body
            if body["status"] != "cancelled":
                yield self._seen(event_id, body)

    def _seen(self, event_id: str, body: dict[str, Any]) -> Seen:
        start, end = (_minute(body[edge]["dateTime"]) for edge in ("start", "end"))
        tag = body.get("extendedProperties", {}).get("private", {}).get(TAG)
        phone = PHONE.search(body.get("description", ""))
        service = self.service_named(body.get("summary", ""))
        return Seen(event_id, start, end, tag=tag, phone=phone[1] if phone else None, service=service)

    def operation(self, request: httpx.Request) -> str:
        method, path = request.method, request.url.path
        if path.endswith("/token"):
            return "token"
        if path.endswith("/freeBusy"):
            return "busy"
        if method == "GET":
            return "list" if path.endswith("/events") else "read" if "/events/" in path else "calendar"
        return NAMES[method]

    def tag_in(self, request: httpx.Request) -> str | None:
        tag: str = json.loads(request.content)["extendedProperties"]["private"][TAG]
        return tag

    def event_in(self, path: str) -> str:
        return unquote(path.rpartition("/")[2])

    def expire_access(self) -> None:
        self.api.accounts.tokens.clear()

    def admit(self, seed: str) -> None:
        self.api.accounts.refresh_tokens.add(seed)

    def add(self, span: Interval) -> None:
        self.api.desk.person_adds(*_edges(span))
        self.file(by="human")

    def people_cancel(self, event_id: str) -> None:
        if event_id in self.events:
            self.api.desk.person_deletes(event_id)
            self.file(by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        if event_id in self.events:
            start, end = _edges(span)
            self.api.desk.person_changes(event_id, start=start, end=end)
            self.file(by="human")


def _minute(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() // 60)


def _edges(span: Interval) -> tuple[dict[str, str], dict[str, str]]:
    return {"dateTime": utc_iso(span.start)}, {"dateTime": utc_iso(span.end)}
