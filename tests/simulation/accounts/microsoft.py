"""A Microsoft 365 mailbox in the simulated world."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.servers.microsoft_api import MicrosoftApi
from tests.servers.microsoft_login import CLIENT_ID, CLIENT_SECRET
from tests.servers.microsoft_mailbox import Mailbox
from tests.simulation.accounts.account import Account, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

    from slotline.domain.time import Interval
    from tests.servers.microsoft_mailbox import Item

PHONE = re.compile(r"Phone: (\+\d+)")
NAMES = {"POST": "create", "PATCH": "move", "DELETE": "cancel"}


class MicrosoftAccount(Account):
    """One mailbox. A repeated create is known by its transactionId, for some time; views may lag behind writes."""

    kind = "microsoft"
    is_b = True
    client_secret = CLIENT_SECRET

    api: MicrosoftApi

    def opened(self) -> MicrosoftApi:
        api, random = MicrosoftApi(clock=self.now, mailboxes=(Mailbox(),)), self.random
        api.store.lag = random.choice((0.0, 0.0, 1.5))
        api.store.keeps_deleted = random.random() < 0.3
        api.store.after_deletion = random.choice(("new", "duplicate", "old"))
        api.store.enforces_if_match = random.random() < 0.7
        api.names_existing = random.random() < 0.7
        api.duplicate_status = random.choice((400, 409))
        api.login.tokens.clear()
        api.login.refresh_tokens = {self.seed}
        return api

    def options(self) -> Mapping[str, str]:
        return {"client_id": CLIENT_ID}

    def standing(self) -> Iterable[Seen]:
        for item in self.api.store.items.values():
            if not item.is_deleted and not item.is_cancelled:
                yield self._seen(item)

    def _seen(self, item: Item) -> Seen:
        start, end = (int(edge.timestamp() // 60) for edge in (item.start, item.end))
        words = item.sent.get("body", {}).get("content", "")
        phone = PHONE.search(words)
        service = self.service_named(item.sent.get("subject", ""))
        tag = next(iter(item.properties.values()), None)
        return Seen(item.id, start, end, tag=tag, phone=phone[1] if phone else None, service=service)

    def operation(self, request: httpx.Request) -> str:
        method, path = request.method, request.url.path
        last = path.rpartition("/")[2]
        if last == "token":
            return "token"
        if last == "getSchedule":
            return "schedule"
        if method == "GET":
            return {"calendarView": "view", "events": "search", "mailboxSettings": "settings"}.get(last, "read")
        return "cancel" if last == "cancel" else NAMES[method]

    def tag_in(self, request: httpx.Request) -> str | None:
        tag: str = json.loads(request.content)["singleValueExtendedProperties"][0]["value"]
        return tag

    def event_in(self, path: str) -> str:
        return unquote(path.removesuffix("/cancel").rpartition("/")[2])

    def expire_access(self) -> None:
        self.api.login.tokens.clear()

    def admit(self, seed: str) -> None:
        self.api.login.refresh_tokens.add(seed)

    def add(self, span: Interval) -> None:
        self.api.store.people_add(*_edges(span))
        self.file(by="human")

    def people_cancel(self, event_id: str) -> None:
        if event_id in self.events:
            self.api.store.people_delete(event_id)
            self.file(by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        if event_id in self.events:
            self.api.store.people_move(event_id, _edges(span)[0])
            self.file(by="human")


def _edges(span: Interval) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(span.start * 60, UTC), datetime.fromtimestamp(span.end * 60, UTC)
