"""Microsoft's adapter over a real connection, and both sides held against the published metadata."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.microsoft.calendar import MicrosoftCalendar
from slotline.adapters.calendars.microsoft.subscriptions import MicrosoftSubscriptions
from slotline.adapters.calendars.microsoft.tokens import MicrosoftTokens
from slotline.adapters.calendars.microsoft.webhooks import MicrosoftHints
from slotline.domain.business import Calendar, Service, Where
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import InDoubtError, RefusedError, SetupError
from tests.contract import microsoft_spec
from tests.contract.calendars import Bench, microsoft_server
from tests.contract.sockets import WallClock, book_eight_at_once, raw_server, seconds_of, together
from tests.servers.calling import ask, call
from tests.servers.microsoft import OWNER, Folder, Mailbox, MicrosoftApi, MicrosoftServer
from tests.servers.microsoft_login import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

SECRET = "s" * 43
BEN = "ben@contoso.example"


def phone_call(bench: Bench) -> None:
    """Everything the port can do, once."""
    calendar = bench.calendar
    calendar.look(bench.service, window=bench.window(bench.at(), hours=4), moving=None, deadline=bench.deadline)
    made = calendar.create(bench.wish(), deadline=bench.deadline)
    calendar.create(bench.wish(), deadline=bench.deadline)
    calendar.find(bench.wish(), deadline=bench.deadline)
    moved = calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)
    calendar.events(window=bench.window(bench.at(), hours=8), deadline=bench.deadline)
    calendar.event_types(deadline=bench.deadline)
    calendar.cancel(moved.id, reason="x", deadline=bench.deadline)
    calendar.cancel(moved.id, reason="x", deadline=bench.deadline)
    with pytest.raises(RefusedError):
        calendar.read(moved.id, deadline=bench.deadline)


@pytest.mark.parametrize("mailbox", [None, OWNER])
@pytest.mark.parametrize("invite", ["true", "false"])
@pytest.mark.parametrize("place", [Where("teams"), Where("in_person", "1 Main Street"), Where()])
def test_requests_and_answers_fit_the_metadata(mailbox: str | None, invite: str, place: Where) -> None:
    options = {"invite": invite, "also_check": BEN} | ({"mailbox": mailbox, "calendar_id": "AQ+2="} if mailbox else {})
    with microsoft_server(options=options) as (bench, server):
        store = server.api.store
        store.mailboxes[BEN] = Mailbox(BEN, zone="Pacific Standard Time")
        if mailbox:
            store.mailbox(OWNER).folders["AQ+2="] = Folder("AQ+2=", "Second", is_default=False)
        day = datetime.fromtimestamp(bench.at(hour=0) * 60, UTC)
        store.people_add(day, day + timedelta(days=1), is_all_day=True)
        store.people_add(day, day + timedelta(hours=12), mailbox=BEN)

        phone_call(replace(bench, service=replace(bench.service, where=place)))

        assert len(server.api.exchanges) > 12
        assert microsoft_spec.wrong(server.api) == []


def test_the_metadata_refuses_what_is_wrong() -> None:
    with microsoft_server() as (bench, server):
        phone_call(bench)
        method, target, body, answer = next(e for e in server.api.exchanges if e[0] == "POST")
        sent = json.loads(body)
        wrongs = [sent | {"summary": "x"}, sent | {"showAs": "occupied"}, sent | {"start": "today"}]
        server.api.exchanges = [(method, target, json.dumps(w).encode(), answer) for w in wrongs]
        server.api.exchanges += [("PUT", target, body, answer), (method, target + "?$search=x", body, answer)]

        assert len(microsoft_spec.wrong(server.api)) == 5


def test_a_silent_server_is_left_after_the_calendars_own_patience() -> None:
    with microsoft_server(timeout=0.2) as (bench, server):
        server.api.fault("stall", seconds=2)

        assert seconds_of(lambda: bench.calendar.create(bench.wish(), deadline=bench.deadline), InDoubtError) < 0.8
        assert [e.tag for e in bench.calendar.find(bench.wish(), deadline=bench.deadline)] == ["tag-1"]


@contextmanager
def wall_server(**switches: object) -> Iterator[tuple[MicrosoftServer, MicrosoftCalendar, Bench]]:
    """The adapter and the fake on the real clock."""
    clock = WallClock()
    api = MicrosoftApi(clock=clock.now)
    for name, value in switches.items():
        setattr(api, name, value)
    with MicrosoftServer(api) as server, open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=clock)
        calendar = MicrosoftCalendar(
            http, Calendar(name="main", provider="microsoft"), token=lambda: "graph-token", clock=clock
        )
        bench = Bench(calendar, Service("cleaning", "Cleaning", 30), clock)
        yield server, calendar, bench


def test_a_dripping_answer_is_left_at_the_deadline() -> None:
    with wall_server() as (server, calendar, bench):
        server.api.fault("drip", seconds=0.02)
        wish = bench.wish()

        assert 0.25 < seconds_of(lambda: calendar.create(wish, deadline=time.time() + 0.3), InDoubtError) < 0.9


def test_a_late_create_is_the_one_that_the_repeat_finds() -> None:
    with wall_server() as (server, calendar, bench):
        server.api.fault("late", seconds=0.4)
        wish = bench.wish()
        with pytest.raises(InDoubtError):
            calendar.create(wish, deadline=time.time() + 0.1)
        assert server.api.bookings() == []
        made = calendar.create(wish, deadline=time.time() + 5)
        time.sleep(0.45)

        assert [b["id"] for b in server.api.bookings()] == [made.id]


def test_a_dropped_write_is_sent_once_and_a_dropped_read_twice() -> None:
    with microsoft_server() as (bench, server):
        server.api.fault("drop_after")
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="view")

        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        assert found.tag == "tag-1"
        assert [q.method for q in server.api.seen] == ["POST", "GET", "GET", "GET"]


def test_eight_callers_at_once_never_meet_the_limit_of_four() -> None:
    with wall_server(measures=time.monotonic) as (server, _, bench):
        server.api.fault("stall", seconds=0.1, times=8)

        book_eight_at_once(bench, deadline=time.time() + 5)

        assert len(server.api.bookings()) == 8


def test_the_fake_refuses_a_fifth_request_at_once() -> None:
    with wall_server(measures=time.monotonic) as (server, _, _):
        server.api.fault("stall", on="calendars", seconds=0.5, times=9)
        statuses: list[int] = []

        def list_calendars() -> None:
            headers = {"Authorization": "Bearer graph-token"}
            statuses.append(call("GET", f"{server.base_url}/me/calendars", headers=headers).status)

        together([list_calendars] * 5)

        assert sorted(statuses) == [200, 200, 200, 200, 429]


def test_one_connection_serves_a_whole_phone_call() -> None:
    with microsoft_server() as (bench, server):
        phone_call(bench)

        assert server.connections == 1


def test_a_person_in_outlook_can_be_played_over_http() -> None:
    with microsoft_server() as (bench, server):
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        hour = datetime.fromtimestamp(bench.at(hour=16) * 60, UTC)
        person = partial(ask, server.login_url, "POST", "/_host")
        person({"action": "move", "id": made.id, "start": hour.isoformat()})
        person(
            {"action": "add", "start": hour.isoformat(), "end": (hour + timedelta(hours=1)).isoformat()},
        )

        assert bench.calendar.read(made.id, deadline=bench.deadline).span.start == bench.at(hour=16)
        person({"action": "delete", "id": made.id})
        seen = bench.calendar.events(window=bench.window(bench.at(), hours=24), deadline=bench.deadline)
        assert [event.tag for event in seen] == [None]


def test_notifications_travel_from_an_order_to_a_hint() -> None:
    """Token, subscription with its handshake, change, notification: all over sockets."""
    hints: list[str | None] = []

    def serve(connection: socket.socket) -> None:
        with connection.makefile("rwb") as wire:
            target = wire.readline().decode().split(" ")[1]
            headers: dict[str, str] = {}
            while line := wire.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            body = wire.read(int(headers.get("content-length", "0")))
            asked = HttpRequest("POST", "/", headers, body, raw_query=target.partition("?")[2])
            got = MicrosoftHints().receive(asked, secrets=[SECRET], now=time.time())
            hints.extend(hint.event for hint in got.hints)
            kind = got.response.headers.get("content-type", "application/json")
            head = f"HTTP/1.1 {got.response.status} OK\r\nContent-Type: {kind}\r\nConnection: close\r\n"
            wire.write(f"{head}Content-Length: {len(got.response.body)}\r\n\r\n{got.response.body}".encode())

    clock = WallClock()
    connection = Calendar(name="main", provider="microsoft")
    with (
        raw_server(serve) as url,
        MicrosoftServer() as server,
        open_client(server.base_url) as client,
        open_client(server.login_url) as login,
    ):
        tokens = MicrosoftTokens(ProviderHttp(login, name="main", clock=clock), clock=clock)
        deadline = clock.now() + 10
        grant = tokens.refresh(
            refresh_token=REFRESH_TOKEN, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, deadline=deadline
        )
        http = ProviderHttp(client, name="main", clock=clock)
        orders = MicrosoftSubscriptions(http, connection, token=lambda: grant.access_token, clock=clock)
        orders.ensure(None, callback_url=url, secret=SECRET, now=clock.now(), deadline=deadline)
        calendar = MicrosoftCalendar(http, connection, token=lambda: grant.access_token, clock=clock)
        bench = Bench(calendar, Service("cleaning", "Cleaning", 30), clock)
        made = calendar.create(bench.wish(), deadline=deadline)

        assert server.deliver(duplicates=True) == 2
        assert hints == [made.id, made.id]
        with MicrosoftServer() as stranger, pytest.raises(SetupError, match="ValidationError"):
            orders.ensure(None, callback_url=stranger.base_url, secret=SECRET, now=clock.now(), deadline=deadline)
