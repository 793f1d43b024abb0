"""Calendly's adapter over a real connection: stalls, drips, drops, and the stand-in's own switches."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.calendly.tokens import CalendlyTokens
from slotline.adapters.calendars.calendly.webhooks import CalendlySubscriptions, CalendlyWebhooks
from slotline.domain.business import Calendar
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import InDoubtError, NotExecutedError
from tests.contract.calendars import calendly_server
from tests.servers.calendly import TOKEN, CalendlyServer
from tests.servers.calendly_api import CLIENT, REFRESH_TOKEN
from tests.servers.calling import ask


def test_a_silent_server_is_left_and_the_booking_found() -> None:
    with calendly_server(timeout=0.3) as (bench, server):
        server.api.fault("stall", seconds=3)
        begun = time.monotonic()
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)

        assert time.monotonic() - begun < 1.5
        assert [e.tag for e in bench.calendar.find(bench.wish(), deadline=bench.deadline)] == ["tag-1"]


def test_a_dropped_write_is_sent_once_and_a_dropped_read_twice() -> None:
    with calendly_server() as (bench, server):
        server.api.fault("drop_after")
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="list")

        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        asked = [f"{q.method} {q.path.split('/')[-1]}" for q in server.api.seen]
        assert found.tag == "tag-1"
        assert asked.count("POST invitees") == 1
        assert asked.count("GET scheduled_events") == 2


def test_a_slow_drip_is_left_at_the_deadline() -> None:
    with calendly_server(timeout=0.5) as (bench, server):
        bench.calendar.look(
            bench.service, window=bench.window(bench.at(), hours=1), moving=None, deadline=bench.deadline
        )
        server.api.fault("drip", on="slots", seconds=1, times=2)
        with pytest.raises(NotExecutedError):
            bench.calendar.look(
                bench.service, window=bench.window(bench.at(), hours=1), moving=None, deadline=bench.deadline
            )


def test_a_dropped_cancellation_in_a_move_is_finished_by_the_next() -> None:
    with calendly_server() as (bench, server):
        later = bench.wish(start=bench.at(hour=15))
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="cancel")
        with pytest.raises(InDoubtError):
            bench.calendar.move(made.id, later, deadline=bench.deadline)

        moved = bench.calendar.move(made.id, later, deadline=bench.deadline)

        shown = {b["uri"].rpartition("/")[2]: b["status"] for b in server.api.bookings()}
        assert shown == {made.id: "canceled", moved.id: "active"}


def test_one_connection_serves_a_whole_phone_call() -> None:
    with calendly_server() as (bench, server):
        window = bench.window(bench.at(), hours=4)
        bench.calendar.look(bench.service, window=window, moving=None, deadline=bench.deadline)
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        moved = bench.calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)
        bench.calendar.cancel(moved.id, reason="x", deadline=bench.deadline)

        assert server.connections == 1


def test_tokens_are_refreshed_over_the_wire() -> None:
    with calendly_server() as (bench, server), open_client(server.base_url) as client:
        tokens = CalendlyTokens(ProviderHttp(client, name="main", clock=bench.clock), clock=bench.clock)

        grant = tokens.refresh(
            refresh_token=REFRESH_TOKEN, client_id=CLIENT[0], client_secret=CLIENT[1], deadline=bench.deadline
        )

        assert grant.access_token in server.api.tokens


def test_webhooks_are_proved_by_what_went_over_the_wire() -> None:
    with calendly_server() as (bench, server), open_client(server.base_url) as client:
        http = ProviderHttp(client, name="main", clock=bench.clock)
        calendar = Calendar(name="main", provider="calendly")
        subscriptions = CalendlySubscriptions(http, calendar, token=lambda: TOKEN, clock=bench.clock)
        subscriptions.ensure(
            None,
            callback_url="http://127.0.0.1:9/hook",
            secret="key-1",
            now=bench.clock.now(),
            deadline=bench.deadline,
        )
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        ((_, headers, body),) = server.api.deliveries()
        asked = HttpRequest("POST", "/hook", {k.lower(): v for k, v in headers.items()}, body)

        (hint,) = CalendlyWebhooks().receive(asked, secrets=["key-1"], now=bench.clock.now()).hints

        assert (hint.event, hint.tag) == (made.id, "tag-1")


# --- the stand-in's own switches, which others rely on ---------------------------------------------------------------


def test_faults_and_people_can_be_played_over_http() -> None:
    with calendly_server(timeout=1.0) as (bench, server):
        ask(server.base_url, "POST", "/_faults", {"kind": "error_after"})
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)
        day = server.api.desk.events[found.id].start

        ask(server.base_url, "POST", "/_host", {"action": "move", "event": found.id, "start": f"{day:%Y-%m-%dT15:00Z}"})
        added = {
            "action": "add",
            "event_type": "TYPE1",
            "start": f"{day:%Y-%m-%dT16:00Z}",
            "name": "X",
            "email": "x@x.test",
        }
        ask(server.base_url, "POST", "/_host", added)
        blocked = {
            "action": "block",
            "host": "USER1",
            "start": f"{day:%Y-%m-%dT09:00Z}",
            "end": f"{day:%Y-%m-%dT12:00Z}",
        }
        ask(server.base_url, "POST", "/_host", blocked)

        shown = ask(server.base_url, "GET", "/_bookings")
        assert isinstance(shown, list)
        assert [b["status"] for b in shown] == ["canceled", "active", "active"]
        seen = bench.calendar.look(
            bench.service, window=bench.window(bench.at(hour=9), hours=4), moving=None, deadline=bench.deadline
        )
        assert getattr(seen, "starts", None) == (bench.at(hour=12), bench.at(hour=12, minute=30))


def test_a_late_booking_commits_although_nobody_waits() -> None:
    with calendly_server(timeout=0.2) as (bench, server):
        server.api.fault("late", seconds=0.5)
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        assert server.api.bookings() == []
        bench.clock.sleep(1)

        assert len(server.api.bookings()) == 1


def test_the_stand_in_is_a_program_of_its_own() -> None:
    command = [sys.executable, "-u", "-m", "tests.servers.calendly", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as program:
        assert program.stdout is not None
        ready = program.stdout.readline()
        try:
            assert TOKEN in ready
            assert ask(ready.split()[1], "GET", "/_bookings") == []
        finally:
            program.terminate()


def test_the_server_can_be_stopped_and_started_again() -> None:
    with CalendlyServer() as first, CalendlyServer() as second:
        assert first.base_url != second.base_url
