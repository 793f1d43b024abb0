"""Accounts that speak CalDAV: on the fake server, and on real ones with a relay before them that can misbehave."""

from __future__ import annotations

import http.client
from base64 import b64encode
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import icalendar

from slotline.adapters.calendars.caldav.replies import xml_of
from tests.functional.calendar_accounts import HOURS, WALK_IN, Account, Seen
from tests.servers.caldav import PASSWORD, USER, CaldavApi, CaldavServer
from tests.servers.dav_child import Dav, shared
from tests.servers.faulty import Answer, ApiError, FaultyApi, Request
from tests.servers.radicale import radicale
from tests.servers.xandikos import xandikos

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

SECOND_PASSWORD = "a-second-password"
_LINES = "SUMMARY:{words}\nDTSTART:{start:%Y%m%dT%H%M%SZ}\nDTEND:{end:%Y%m%dT%H%M%SZ}"
_WHOLE = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Person//EN\nBEGIN:VEVENT\nUID:walk-in\nDTSTAMP:20200101T000000Z\n"
    "{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
)
_EVERYTHING = (
    b'<?xml version="1.0"?><c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>'
    b'<c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"/>'
    b"</c:comp-filter></c:filter></c:calendar-query>"
)


class Caldav(Account):
    """The fake server; the calendar is found by discovery."""

    user, password = USER, PASSWORD
    has_fixed_key = True

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.api = CaldavApi(clock=clock)
        self.server = CaldavServer(self.api)
        self.environ = {"PASSWORD": self.password}

    @property
    def section(self) -> str:
        access = f'username: "{self.user}", password: "${{PASSWORD}}"'
        return f'provider: caldav, {access}, base_url: "{self.server.base_url}", {HOURS}'

    def standing(self) -> list[Seen]:
        return [_event(shown["text"]) for shown in self.api.bookings()]

    def person_adds(self, start: datetime) -> None:
        self.api.desk.person_adds(_lines(start))

    def end_access(self) -> None:
        self.api.passwords = {SECOND_PASSWORD}

    def revoke(self) -> None:
        self.end_access()

    def connect_again(self) -> Mapping[str, str]:
        return {"PASSWORD": SECOND_PASSWORD}


class RealDav(Caldav):
    """A real server; only the way to it can fail, and only the relay before it takes another password."""

    starts: ClassVar[Callable[[], AbstractContextManager[Dav]]]

    def __init__(self, clock: Callable[[], float]) -> None:
        Account.__init__(self, clock)
        self.dav = shared(type(self).starts)
        self.user, self.password = self.dav.user, self.dav.password
        self._stack = ExitStack()
        self.path = self._stack.enter_context(self.dav.calendar())
        self.api = Relay(self.dav, clock)
        self.server = CaldavServer(self.api)
        self.environ = {"PASSWORD": self.password}

    @property
    def section(self) -> str:
        return f'{super().section}, calendar: "{self.path}"'

    def standing(self) -> list[Seen]:
        self.api.settle()
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        listed = self.api.forward(Request("REPORT", self.path, {}, headers, {"raw": _EVERYTHING}))
        hrefs = [h.text or "" for h in xml_of(listed.body).iter("{DAV:}href")]
        read = [self.api.forward(Request("GET", href, {}, {}, {"raw": b""})) for href in hrefs]  # a list may lag behind
        return [_event(answer.body.decode()) for answer in read if answer.status == 200]

    def person_adds(self, start: datetime) -> None:
        self.dav.put(f"{self.path}walk-in.ics", _WHOLE.format(lines=_lines(start)))

    def stop(self) -> None:
        super().stop()
        self._stack.close()


class Radicale(RealDav):
    starts = radicale


class Xandikos(RealDav):
    starts = xandikos


class Relay(FaultyApi):
    """Passes requests on to a real server, with the faults of the fakes on the way. `passwords` is what it lets in."""

    def __init__(self, dav: Dav, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.dav = dav
        self.passwords = {dav.password}

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        known = {key.lower(): value for key, value in headers.items()}
        request = Request(method, target, {}, known, {"raw": body})
        self.settle()
        self.seen.append(request)
        try:
            return self._with_faults(request)
        except ApiError as error:
            return self.failed(error)

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        if request.headers.get("authorization") not in {_basic(self.dav.user, p) for p in self.passwords}:
            raise ApiError(401, "")
        change = "create" if request.headers.get("if-none-match") == "*" else "move"
        return {"PUT": change, "DELETE": "cancel", "GET": "read"}.get(request.method, "look"), self.forward

    def failed(self, error: ApiError) -> Answer:
        return Answer(error.status, b"", dict(error.headers))

    def forward(self, request: Request) -> Answer:
        """The real server's answer; whoever was let in here is let in there."""
        there = http.client.HTTPConnection(urlsplit(self.dav.base_url).netloc, timeout=10)
        dropped = {"host", "connection", "content-length", "accept-encoding"}
        headers = {key: value for key, value in request.headers.items() if key not in dropped}
        headers["authorization"] = _basic(self.dav.user, self.dav.password)
        try:
            there.request(request.method, request.path, body=request.body["raw"] or None, headers=headers)
            reply = there.getresponse()
            shown = {k: v for k, v in reply.getheaders() if k.lower() in {"etag", "content-type", "location"}}
            return Answer(reply.status, reply.read(), shown)
        finally:
            there.close()


def _basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _lines(start: datetime) -> str:
    return _LINES.format(words=WALK_IN, start=start, end=start + timedelta(minutes=30))


def _event(text: str) -> Seen:
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    begin, until = (event.decoded(name).astimezone(UTC) for name in ("DTSTART", "DTEND"))
    return Seen(begin, until, text.replace("\r\n ", "").replace("\n ", ""))
