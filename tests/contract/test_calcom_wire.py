"""What only a real connection can show: time-outs, dripping, drops and connections that stay open."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import time

import pytest

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.domain.errors import InDoubtError, NotExecutedError
from tests.contract.calendars import Bench, calcom_server
from tests.contract.sockets import WallClock, book_eight_at_once, raw_server, seconds_of
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calling import ask

DRIPS = {
    "status": b"HTTP/1.1 201 Created and much more to come",
    "headers": b"HTTP/1.1 201 Created\r\nX-Long: " + b"x" * 200,
    "chunk size": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 200,
    "body": b"HTTP/1.1 201 Created\r\nContent-Length: 200\r\n\r\n" + b"x" * 200,
}


@pytest.mark.parametrize("part", sorted(DRIPS))
def test_a_server_that_drips_is_left_at_the_deadline(part: str) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        for byte in DRIPS[part]:
            connection.send(bytes((byte,)))
            time.sleep(0.02)

    clock = WallClock()
    with raw_server(serve) as url, open_client(url) as client:
        http = ProviderHttp(client, name="acme", clock=clock)

        def ask() -> object:
            return http.request("POST", "/x", deadline=clock.now() + 0.3, writes=True, json={})

        assert 0.25 < seconds_of(ask, InDoubtError) < 0.6


def test_a_silent_server_is_left_after_the_calendars_own_patience() -> None:
    with calcom_server(timeout=0.2) as (bench, server):
        server.api.fault("stall", seconds=2)

        assert seconds_of(lambda: bench.calendar.create(bench.wish(), deadline=bench.deadline), InDoubtError) < 0.6
        assert [b["metadata"]["idempotency_key"] for b in server.api.bookings()] == ["tag-1"]
        assert [e.tag for e in bench.calendar.find(bench.wish(), deadline=bench.deadline)] == ["tag-1"]


def test_a_dropped_write_is_sent_once_and_a_dropped_read_twice() -> None:
    with calcom_server() as (bench, server):
        server.api.fault("drop_after")
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="list")

        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        assert found.tag == "tag-1"
        assert [q.method for q in server.api.seen] == ["POST", "GET", "GET"]


def test_nobody_listening_means_that_nothing_was_executed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    clock = WallClock()
    with open_client(f"http://127.0.0.1:{port}") as client:
        http = ProviderHttp(client, name="acme", clock=clock)

        with pytest.raises(NotExecutedError):
            http.request("POST", "/x", deadline=clock.now() + 1, writes=True)


def test_a_forbidden_address_is_never_connected_to() -> None:
    asked: list[str] = []

    def allows(address: str) -> bool:
        asked.append(address)
        return False

    clock = WallClock()
    with CalcomServer() as server, open_client(server.base_url, allows=allows) as client:
        http = ProviderHttp(client, name="acme", clock=clock)

        with pytest.raises(NotExecutedError):
            http.request("GET", "/me", deadline=clock.now() + 1, writes=False)
        assert server.connections == 0
    assert asked == ["127.0.0.1"]


def test_one_connection_serves_a_whole_phone_call() -> None:
    with calcom_server() as (bench, server):
        phone_call(bench)

        assert server.connections == 1


def phone_call(bench: Bench) -> None:
    window = bench.window(bench.at(), hours=4)
    bench.calendar.look(bench.service, window=window, moving=None, deadline=bench.deadline)
    made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
    moved = bench.calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)
    bench.calendar.cancel(moved.id, reason="x", deadline=bench.deadline)


def test_redirects_and_proxies_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    elsewhere = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(elsewhere)

    clock = WallClock()
    with raw_server(serve) as url, open_client(url) as client:
        http = ProviderHttp(client, name="acme", clock=clock)

        assert http.request("POST", "/x", deadline=clock.now() + 2, writes=True).status_code == 307


def test_addresses_of_callers_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with calcom_server() as (bench, _):
        bench.calendar.create(bench.wish(), deadline=bench.deadline)
        bench.calendar.find(bench.wish(), deadline=bench.deadline)

    assert "ada" not in caplog.text
    assert "bookings" not in caplog.text


def test_many_callers_at_once_share_the_client() -> None:
    with calcom_server() as (bench, server):
        book_eight_at_once(bench, deadline=bench.deadline)

        assert len(server.api.bookings()) == 8


# --- the fake server's own switches, which others rely on ------------------------------------------------------------


def test_faults_and_hosts_can_be_played_over_http() -> None:
    with calcom_server(timeout=1.0) as (bench, server):
        ask(server.base_url, "POST", "/_faults", {"kind": "error_after"})
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        ask(server.base_url, "POST", "/_host", {"action": "cancel", "uid": found.id})

        shown = ask(server.base_url, "GET", "/_bookings")
        assert isinstance(shown, list)
        assert [(b["uid"], b["status"]) for b in shown] == [(found.id, "cancelled")]


def test_a_late_create_commits_although_nobody_waits() -> None:
    api = CalcomApi()
    with CalcomServer(api) as server, open_client(server.base_url) as client:
        clock = WallClock()
        api.fault("late", seconds=0.3)
        http = ProviderHttp(client, name="acme", clock=clock)
        start = time.strftime("%Y-%m-%dT10:00:00Z", time.gmtime(_next_weekday(clock.now())))
        attendee = {"name": "Ada", "email": "ada@example.com", "timeZone": "UTC"}
        headers = {"cal-api-version": "2024-08-13", "Authorization": f"Bearer {API_KEY}"}
        with pytest.raises(InDoubtError):
            http.request(
                "POST",
                "/bookings",
                deadline=clock.now() + 0.1,
                writes=True,
                json={"start": start, "eventTypeId": 1, "attendee": attendee},
                headers=headers,
            )
        assert api.bookings() == []

        time.sleep(0.35)
        assert len(api.bookings()) == 1


def _next_weekday(now: float) -> float:
    day = now + 86_400
    while time.gmtime(day).tm_wday > 4:
        day += 86_400
    return day


def test_webhooks_are_signed_over_the_raw_body_and_can_come_twice() -> None:
    got: list[tuple[str, bytes]] = []

    def serve(connection: socket.socket) -> None:
        with connection.makefile("rwb") as wire:
            headers: dict[str, str] = {}
            while line := wire.readline().strip():
                name, _, value = line.decode().partition(": ")
                headers[name.lower()] = value
            body = wire.read(int(headers["content-length"]))
            got.append((headers["x-cal-signature-256"], body))
            wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with raw_server(serve) as url, calcom_server() as (bench, server):
        hook = {"active": True, "subscriberUrl": url, "triggers": ["BOOKING_CREATED"], "secret": "test-secret"}
        server.api.hooks["hook1"] = hook
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)

        assert server.deliver(duplicates=True) == 2
        assert server.deliver() == 0

    assert got[0] == got[1]
    signature, body = got[0]
    assert signature == hmac.new(b"test-secret", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["payload"]["uid"] == made.id
    assert json.loads(body)["payload"]["metadata"]["idempotency_key"] == "tag-1"
