"""Subscriptions and notifications of the fake Graph: handshake, limits, lifecycle. No HTTP but what `call` does."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from tests.servers.calling import call
from tests.servers.faulty import ApiError, Json
from tests.servers.microsoft_shapes import only

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.microsoft_mailbox import Store

LONGEST_MINUTES = 10_080
TOKEN = "Validation: Testing client application reachability for subscription Request-Id: a+b/c%2B="


@dataclass
class Stored:
    id: str
    mailbox: str
    body: Json
    expires: datetime


class Hooks:
    """`call` posts to a receiver and gives status, content type and body."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.subscriptions: dict[str, Stored] = {}
        self.longest_minutes = LONGEST_MINUTES
        self.refuses_twins = False
        self.call: Callable[[str, dict[str, str], bytes], tuple[int, str, str]] = posted
        self._lifecycle: list[tuple[str, Stored]] = []
        self._made = 0

    def create(self, mailbox: str, body: Json) -> Stored:
        only(body, {
            "changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime",
            "clientState", "latestSupportedTlsVersion",
        })  # fmt: skip
        if len(body.get("clientState", "")) > 128:
            raise ApiError(400, "clientState is too long", code="InvalidRequest")
        ends = self._end(body)
        for url in (body["notificationUrl"], body.get("lifecycleNotificationUrl")):
            if url is not None:
                self._shake(url)
        same = [s for s in self.subscriptions.values() if s.body["notificationUrl"] == body["notificationUrl"]]
        if same and self.refuses_twins:
            raise ApiError(409, "Subscription already exists", code="InvalidRequest")
        self._made += 1
        stored = Stored(f"00000000-0000-4000-8000-{self._made:012d}", mailbox, body, ends)
        self.subscriptions[stored.id] = stored
        return stored

    def find(self, number: str) -> Stored:
        found = self.subscriptions.get(number)
        if found is None or found.expires <= self.store.now:
            raise ApiError(404, "The object was not found.", code="ResourceNotFound")
        return found

    def renew(self, number: str, body: Json) -> Stored:
        only(body, {"expirationDateTime"})
        found = self.find(number)
        found.expires = self._end(body)
        return found

    def remove(self, number: str) -> None:
        del self.subscriptions[self.find(number).id]

    def lose(self, number: str, *, how: str) -> None:
        """Send a lifecycle notification: reauthorizationRequired, subscriptionRemoved or missed."""
        stored = self.subscriptions[number]
        if how == "subscriptionRemoved":
            del self.subscriptions[number]
        self._lifecycle.append((how, stored))

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        """One POST to each subscriber with everything that happened since the last call."""
        happened, self.store.happened = self.store.happened, []
        due: dict[str, list[Json]] = {}
        for stored in self.subscriptions.values():
            for number, (change, item) in enumerate(happened):
                if item.mailbox != stored.mailbox or change not in stored.body["changeType"]:
                    continue
                path = f"Users/u-1/Events/{item.id}"
                data = {"@odata.type": "#Microsoft.Graph.Event", "@odata.id": path, "id": item.id}
                notification = self._item(stored, number) | {"changeType": change, "resource": path}
                due.setdefault(stored.body["notificationUrl"], []).append(notification | {"resourceData": data})
        for number, (how, stored) in enumerate(self._lifecycle):
            url = stored.body["lifecycleNotificationUrl"]
            due.setdefault(url, []).append(self._item(stored, number) | {"lifecycleEvent": how})
        self._lifecycle = []
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return [(url, kind, json.dumps({"value": items}).encode()) for url, items in due.items()]

    def shown(self, stored: Stored, *, with_secret: bool = False) -> Json:
        shown = {k: v for k, v in stored.body.items() if k != "clientState"}
        ends = f"{stored.expires:%Y-%m-%dT%H:%M:%S}Z"
        secret = stored.body.get("clientState") if with_secret else None
        return shown | {"id": stored.id, "expirationDateTime": ends, "clientState": secret, "applicationId": "app-1"}

    def _item(self, stored: Stored, number: int) -> Json:
        return {
            "id": f"{stored.id}-{self.store.clock():.0f}-{number}",
            "subscriptionId": stored.id,
            "subscriptionExpirationDateTime": f"{stored.expires:%Y-%m-%dT%H:%M:%S}Z",
            "clientState": stored.body.get("clientState"),
            "tenantId": "00000000-0000-4000-8000-000000000001",
        }

    def _end(self, body: Json) -> datetime:
        ends = datetime.fromisoformat(body["expirationDateTime"])
        if ends.tzinfo is None:
            ends = ends.replace(tzinfo=UTC)
        if ends > self.store.now + timedelta(minutes=self.longest_minutes):
            raise ApiError(400, "Subscription expiration can only be so far in the future.", code="InvalidRequest")
        return max(ends, self.store.now + timedelta(minutes=45))

    def _shake(self, url: str) -> None:
        """The endpoint must give the token back as plain text, within ten seconds."""
        begun = time.monotonic()
        asked = f"{url}{'&' if '?' in url else '?'}validationToken={quote_plus(TOKEN)}"
        status, kind, body = self.call(asked, {"Content-Type": "text/plain; charset=utf-8"}, b"")
        is_good = status == 200 and kind.partition(";")[0] == "text/plain" and body == TOKEN
        if not is_good or time.monotonic() - begun > 10:
            raise ApiError(400, "Subscription validation request failed.", code="ValidationError")


def posted(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str]:
    try:
        reply = call("POST", url, body, headers, timeout=10)
    except OSError:
        return 0, "", ""
    return reply.status, reply.headers.get("content-type", ""), reply.body.decode()
