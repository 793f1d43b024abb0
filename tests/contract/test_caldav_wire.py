"""CalDAV over real connections, and what only real CalDAV servers can show."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.caldav.calendar import CaldavCalendar
from slotline.adapters.calendars.caldav.changes import CaldavChanges
from slotline.adapters.calendars.caldav.requests import resource_of, uid_of
from slotline.domain.addresses import is_public_text
from slotline.domain.business import Calendar, Service
from slotline.domain.errors import CredentialError, InDoubtError, NotExecutedError, RefusedError, SetupError
from slotline.domain.time import Interval, utc_iso
from tests.contract.calendars import Bench, caldav_server
from tests.fakes import FakeClock
from tests.servers.caldav import CaldavServer
from tests.servers.calling import ask
from tests.servers.dav_child import Dav, shared
from tests.servers.radicale import radicale
from tests.servers.xandikos import xandikos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVICE = Service(key="cleaning", name="Cleaning", minutes=30)
NAME = resource_of(uid_of("desk", "tag-1", 0))


def seconds_of(work: Callable[[], object], error: type[Exception]) -> float:
    begun = time.monotonic()
    with pytest.raises(error):
        work()
    return time.monotonic() - begun


# --- the wire --------------------------------------------------------------------------------------------------------


def test_a_silent_server_is_left_after_the_calendars_own_patience() -> None:
    with caldav_server(timeout=0.3) as (bench, server):
        bench.calendar.event_types(deadline=bench.deadline)
        server.api.fault("stall", seconds=3)

        assert seconds_of(lambda: bench.calendar.create(bench.wish(), deadline=bench.deadline), InDoubtError) < 1.5
        assert [b["name"] for b in server.api.bookings()] == [NAME]
        assert bench.calendar.create(bench.wish(), deadline=bench.deadline).tag == "tag-1"


def test_a_dropped_write_is_sent_once_and_a_dropped_read_twice() -> None:
    with caldav_server() as (bench, server):
        bench.calendar.event_types(deadline=bench.deadline)
        server.api.seen.clear()
        server.api.fault("drop_after")
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="read")

        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        assert found.tag == "tag-1"
        assert [q.method for q in server.api.seen] == ["GET", "PUT", "GET", "GET"]


def test_a_report_that_drips_is_no_free_calendar() -> None:
    with caldav_server(timeout=0.3) as (bench, server):
        bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drip", on="busy", seconds=0.4)
        window = bench.window(bench.at(), hours=2)

        def look() -> object:
            return bench.calendar.look(bench.service, window=window, moving=None, deadline=bench.deadline)

        assert seconds_of(look, NotExecutedError) < 2.0


def test_a_late_create_makes_nothing_twice() -> None:
    with caldav_server(timeout=0.3) as (bench, server):
        bench.calendar.event_types(deadline=bench.deadline)
        server.api.fault("late", seconds=0.6)
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        bench.calendar.create(bench.wish(), deadline=bench.deadline)
        bench.clock.sleep(5)

        assert len(server.api.bookings()) == 1


def test_one_connection_serves_a_whole_phone_call() -> None:
    with caldav_server() as (bench, server):
        bench.calendar.look(
            bench.service, window=bench.window(bench.at(), hours=4), moving=None, deadline=bench.deadline
        )
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        bench.calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)
        bench.calendar.cancel(made.id, reason="x", deadline=bench.deadline)

        assert server.connections == 1


def test_faults_and_people_can_be_played_over_http() -> None:
    with caldav_server() as (bench, server):
        ask(server.base_url, "POST", "/_faults", {"kind": "error_after"})
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        moved = {"action": "move", "name": NAME, "start": "2026-01-07T09:00:00Z", "minutes": 30}
        ask(server.base_url, "POST", "/_host", moved)
        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)
        assert utc_iso(found.span.start) == "2026-01-07T09:00:00Z"

        ask(server.base_url, "POST", "/_host", {"action": "delete", "name": NAME})
        assert ask(server.base_url, "GET", "/_bookings") == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "100.64.0.1", "::ffff:127.0.0.1"]
)
def test_a_name_that_leads_to_a_private_address_is_never_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolved(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    clock = FakeClock()
    with CaldavServer() as server:
        port = server.base_url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        base_url = f"http://calendar.example:{port}"
        with open_client(base_url, allows=is_public_text) as client:
            connection = Calendar("main", "caldav", base_url=base_url, options={"username": "ada"})
            calendar = CaldavCalendar(
                ProviderHttp(client, name="main", clock=clock),
                connection,
                password=lambda: "x",
                business="desk",
                zone=ZoneInfo("UTC"),
                clock=clock,
            )
            with pytest.raises(NotExecutedError):
                calendar.event_types(deadline=clock.now() + 5)
        assert server.connections == 0


# --- real servers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Real:
    """A new calendar on a real server, and how to reach it."""

    server: Dav
    path: str
    bench: Bench
    changes: CaldavChanges


@contextmanager
def connected(server: Dav, path: str, **options: str) -> Iterator[Real]:
    clock = FakeClock()
    named = {"username": server.user, "calendar": path} | options
    connection = Calendar("main", "caldav", base_url=server.base_url, options=named)
    with open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock)
        calendar = CaldavCalendar(
            http, connection, password=lambda: server.password, business="desk", zone=ZoneInfo("UTC"), clock=clock
        )
        changes = CaldavChanges(http, connection, password=lambda: server.password)
        yield Real(server, path, Bench(calendar, SERVICE, clock), changes)


@pytest.fixture(params=[radicale, xandikos], ids=["radicale", "xandikos"])
def real(request: pytest.FixtureRequest) -> Iterator[Real]:
    server = shared(request.param)
    with server.calendar() as path, connected(server, path, create="direct") as opened:
        yield opened


SERIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Person//EN
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:series
DTSTAMP:20260101T000000Z
DTSTART;TZID=America/New_York:20261029T110000
DTEND;TZID=America/New_York:20261029T120000
RRULE:FREQ=DAILY;COUNT=7
SUMMARY:Daily
END:VEVENT
BEGIN:VEVENT
UID:series
RECURRENCE-ID;TZID=America/New_York:20261102T110000
DTSTAMP:20260101T000000Z
DTSTART;TZID=America/New_York:20261102T170000
DTEND;TZID=America/New_York:20261102T180000
SUMMARY:Moved
END:VEVENT
END:VCALENDAR
"""


def minute(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() // 60)


def test_recurrences_are_right_where_the_servers_own_expansion_is_not(real: Real) -> None:
    real.server.put(f"{real.path}series.ics", SERIES)
    bench = real.bench
    window = Interval(minute("2026-10-31"), minute("2026-11-04"))

    seen = bench.calendar.events(window=window, deadline=bench.deadline)

    assert sorted(utc_iso(e.span.start) for e in seen) == [
        "2026-10-31T15:00:00Z",
        "2026-11-01T16:00:00Z",
        "2026-11-02T22:00:00Z",
        "2026-11-03T16:00:00Z",
    ]
    november = Interval(minute("2026-11-02"), minute("2026-11-02T20:00"))
    assert bench.calendar.events(window=november, deadline=bench.deadline) == ()


def test_a_second_create_is_met_by_the_first_and_a_renamed_event_by_its_uid(real: Real) -> None:
    bench = real.bench
    made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
    assert bench.calendar.create(bench.wish(), deadline=bench.deadline) == made

    moved = real.server.send(
        "MOVE", f"{real.path}{NAME}", Destination=f"{real.server.base_url}{real.path}renamed.ics", Overwrite="F"
    )
    if moved in {201, 204}:  # Xandikos has no MOVE
        again = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        assert again.id == f"{real.path}renamed.ics"
        assert (again.tag, again.span) == (made.tag, made.span)


def test_what_people_write_survives_a_move(real: Real) -> None:
    bench = real.bench
    made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
    text = SERIES[: SERIES.index("BEGIN:VTIMEZONE")] + (
        f"BEGIN:VEVENT\nUID:{uid_of('desk', 'tag-1', 0)}\nDTSTAMP:20260101T000000Z\nX-BOOKING-ID:tag-1\n"
        "DTSTART:20260106T100000Z\nDTEND:20260106T103000Z\nSUMMARY:Paid\nX-ROOM:7\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    real.server.put(f"{real.path}{NAME}", text)

    moved = bench.calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)

    assert moved.etag not in {None, made.etag}
    assert bench.calendar.read(made.id, deadline=bench.deadline) == moved
    with open_client(real.server.base_url) as client:
        login = (real.server.user, real.server.password)
        shown = client.get(f"{real.path}{NAME}", auth=login, headers={"Accept": "text/calendar"}).text
    assert "SUMMARY:Paid" in shown
    assert "X-ROOM:7" in shown


def test_every_change_is_noticed_once(real: Real) -> None:
    bench = real.bench
    ends = bench.deadline
    _, cursor = real.changes.changed(None, deadline=ends)
    unchanged, cursor = real.changes.changed(cursor, deadline=ends)
    assert not unchanged

    made = bench.calendar.create(bench.wish(), deadline=ends)
    created, cursor = real.changes.changed(cursor, deadline=ends)
    quiet, cursor = real.changes.changed(cursor, deadline=ends)
    bench.calendar.cancel(made.id, reason="x", deadline=ends)
    deleted, _ = real.changes.changed(cursor, deadline=ends)

    assert (created, quiet, deleted) == (True, False, True)


def test_a_token_that_the_server_does_not_know_means_that_all_may_have_changed(real: Real) -> None:
    _, cursor = real.changes.changed(None, deadline=real.bench.deadline)
    url, mark = next(iter(json.loads(cursor).items()))

    changed, fresh = real.changes.changed(json.dumps({url: f"{mark}00"}), deadline=real.bench.deadline)

    assert changed
    assert not real.changes.changed(fresh, deadline=real.bench.deadline)[0]


def test_a_calendar_that_is_not_there_is_a_mistake_in_the_set_up(real: Real) -> None:
    with connected(real.server, f"{real.server.home}nowhere/") as lost:
        window = lost.bench.window(lost.bench.at(), hours=2)
        with pytest.raises((SetupError, RefusedError)):
            lost.bench.calendar.create(lost.bench.wish(), deadline=lost.bench.deadline)
        with pytest.raises(SetupError, match=r"calendars\.main\.calendar"):
            lost.bench.calendar.look(SERVICE, window=window, moving=None, deadline=lost.bench.deadline)


def test_an_unusual_caller_is_stored_and_read_back(real: Real) -> None:
    bench = real.bench
    contact = bench.wish().contact
    strange = type(contact)(
        name='Zoë "Z"\x00\x0b; O\'Neil, <b>&amp;', phone=contact.phone, notes="]]>\r\n\\n;,:\U0001f600" * 40
    )
    wish = bench.wish(contact=strange)

    made = bench.calendar.create(wish, deadline=bench.deadline)

    (event,) = bench.calendar.events(window=made.span, deadline=bench.deadline)
    assert (event.id, event.tag, event.span) == (made.id, made.tag, made.span)


def test_a_wrong_password_is_a_credential_error() -> None:
    server = shared(radicale)
    stranger = Dav(server.base_url, server.user, "wrong", server.home)
    with server.calendar() as path, connected(stranger, path) as bad, pytest.raises(CredentialError):
        bad.bench.calendar.create(bad.bench.wish(), deadline=bad.bench.deadline)
