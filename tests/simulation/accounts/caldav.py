"""A CalDAV account in the simulated world."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.servers.caldav_api import CaldavApi
from tests.servers.caldav_desk import PASSWORD, PRODUCTS, USER
from tests.simulation.accounts.account import Account, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

    from slotline.domain.time import Interval

HOSTS = {"icloud": "https://caldav.icloud.com"}
NAMES = {"PUT": "create", "DELETE": "cancel", "GET": "read", "PROPFIND": "discover", "REPORT": "report"}
MOMENT = "%Y%m%dT%H%M%SZ"


class CaldavAccount(Account):
    """One user with one calendar, on a server of any make."""

    kind = "caldav"
    is_b = True

    api: CaldavApi

    def opened(self) -> CaldavApi:
        self.make = self.random.choice(tuple(PRODUCTS))
        api = CaldavApi(quirks=PRODUCTS[self.make], clock=self.now)
        api.visible_after = self.random.choice((0.0, 0.0, 1.5))
        self._stored = PASSWORD
        self._is_named = self.random.random() < 0.6 and self.make not in HOSTS  # which saves the way through discovery
        return api

    @property
    def base_url(self) -> str:  # type: ignore[override]  # the only provider whose address the owner gives
        return HOSTS.get(self.make, "https://dav.example") + self.api.quirks.root

    def _secret(self, field: str) -> str:
        return self._stored

    def options(self) -> Mapping[str, str]:
        named = {"calendar": f"{self.api.quirks.root}/ada/cal/main/"} if self._is_named else {}
        return {"username": USER, **named}

    def standing(self) -> Iterable[Seen]:
        root = self.api.quirks.root
        for name, resource in self.api.desk.shelves["main"].resources.items():
            yield self._seen(f"{root}/ada/cal/main/{name}", resource.text.replace("\r\n ", ""))

    def _seen(self, path: str, text: str) -> Seen:
        start, end = (_minute(text, edge) for edge in ("DTSTART", "DTEND"))
        phone = re.search(r"Phone: (\+\d+)", text)
        tag = re.search(r"(?m)^X-BOOKING-ID:(.*?)\r?$", text)
        summary = re.search(r"(?m)^SUMMARY:(.*?)\r?$", text)
        service = self.service_named(summary[1]) if summary else "human"
        return Seen(path, start, end, tag=tag[1] if tag else None, phone=phone[1] if phone else None, service=service)

    def operation(self, request: httpx.Request) -> str:
        method, path = request.method, request.url.path
        if method == "PUT" and self.event_in(path) in self.events:
            return "move"
        return NAMES[method]

    def tag_in(self, request: httpx.Request) -> str | None:
        found = re.search(r"(?m)^X-BOOKING-ID:(.*?)\r?$", request.content.decode().replace("\r\n ", ""))
        return found[1] if found else None

    def event_in(self, path: str) -> str:
        return unquote(path)

    def expire_access(self) -> None:
        """The owner changes the password, and stores the new one within half a minute."""
        password = f"{PASSWORD}-{self.random.getrandbits(32)}"
        self.api.passwords = {password}
        wait = self.random.choice((0.0, 30.0 * self.random.random()))
        self.universe.scheduler.call_at(self.universe.now + wait, lambda: self.admit(password))

    def admit(self, seed: str) -> None:
        self._stored = seed if seed in self.api.passwords else self._stored

    def add(self, span: Interval) -> None:
        start, end = (moment.strftime(MOMENT) for moment in _edges(span))
        self.api.desk.person_adds(f"SUMMARY:Private\nDTSTART:{start}\nDTEND:{end}")
        self.file(by="human")

    def people_cancel(self, event_id: str) -> None:
        if event_id in self.events:
            self.api.desk.person_deletes(event_id.rpartition("/")[2])
            self.file(by="human")

    def people_move(self, event_id: str, span: Interval) -> None:
        if event_id in self.events:
            self.api.desk.person_moves(event_id.rpartition("/")[2], _edges(span)[0], minutes=span.minutes)
            self.file(by="human")


def _minute(text: str, edge: str) -> int:
    found = re.search(rf"(?m)^{edge}[^:\r\n]*:(\d{{8}}T\d{{6}}Z)", text)
    if found is None:
        raise AssertionError(f"no {edge} in UTC")
    return int(datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC).timestamp() // 60)


def _edges(span: Interval) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(span.start * 60, UTC), datetime.fromtimestamp(span.end * 60, UTC)
