"""HighLevel's adapter over a real connection: stalls, drips, drops, and the fake server's own switches."""

from __future__ import annotations

from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.gohighlevel.calendar import GohighlevelCalendar
from slotline.adapters.calendars.gohighlevel.webhooks import GohighlevelWebhooks
from slotline.domain.business import Calendar
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, Refusal, RefusedError
from tests.contract.calendars import BEN, gohighlevel_server
from tests.contract.sockets import WallClock, seconds_of, together
from tests.fakes import A_MONDAY_NOON_UTC as NOON
from tests.servers.calling import ask
from tests.servers.gohighlevel import LOCATION, TOKEN, GohighlevelServer
from tests.servers.gohighlevel_shapes import Signer
from tests.servers.listening import receiving

NEWER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NEWER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_silent_server_is_left_after_the_calendars_own_patience_and_the_appointment_found() -> None:
    with gohighlevel_server(timeout=0.2) as (bench, server):
        server.api.fault("stall", seconds=2)

        assert seconds_of(lambda: bench.calendar.create(bench.wish(), deadline=bench.deadline), InDoubtError) < 0.8
        assert [e.tag for e in bench.calendar.find(bench.wish(), deadline=bench.deadline)] == ["tag-1"]


def test_a_silent_server_before_the_create_means_that_nothing_was_booked() -> None:
    with gohighlevel_server(timeout=0.2) as (bench, server):
        server.api.fault("stall", on="upsert", seconds=2)

        assert seconds_of(lambda: bench.calendar.create(bench.wish(), deadline=bench.deadline), NotExecutedError) < 0.8
        assert server.api.bookings() == []


def test_a_dripping_server_is_left_at_the_deadline() -> None:
    clock = WallClock()
    with gohighlevel_server() as (bench, server), open_client(server.base_url) as client:
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        connection = Calendar("main", "gohighlevel", options={"location_id": LOCATION})
        http = ProviderHttp(client, name="main", clock=clock)
        calendar = GohighlevelCalendar(http, connection, token=lambda: TOKEN, clock=clock, zone=bench.wish().zone)
        server.api.fault("drip", on="edit", seconds=0.05)

        def cancel() -> None:
            calendar.cancel(made.id, reason="x", deadline=clock.now() + 0.4)

        assert seconds_of(cancel, InDoubtError) < 0.9
    assert server.api.bookings()[0]["appointmentStatus"] == "cancelled"


def test_a_dropped_write_is_sent_once_and_a_dropped_read_twice() -> None:
    with gohighlevel_server() as (bench, server):
        server.api.fault("drop_after")
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        server.api.fault("drop_before", on="list")
        before = len(server.api.seen)

        assert [e.tag for e in bench.calendar.find(bench.wish(), deadline=bench.deadline)] == ["tag-1"]
        assert [q.method for q in server.api.seen].count("POST") == 2  # the contact and the appointment
        assert len(server.api.seen) - before == 2


def test_a_late_create_commits_although_nobody_waits() -> None:
    with gohighlevel_server(timeout=0.2) as (bench, server):
        server.api.fault("late", seconds=20)
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        assert server.api.bookings() == []

        bench.clock.sleep(20)
        assert len(server.api.bookings()) == 1


def test_one_connection_serves_a_whole_phone_call() -> None:
    with gohighlevel_server() as (bench, server):
        window = bench.window(bench.at(), hours=4)
        bench.calendar.look(bench.service, window=window, moving=None, deadline=bench.deadline)
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)
        bench.calendar.move(made.id, bench.wish(start=bench.at(hour=15)), deadline=bench.deadline)
        bench.calendar.cancel(made.id, reason="x", deadline=bench.deadline)

        assert server.connections == 1


def test_of_many_callers_for_one_slot_one_wins() -> None:
    with gohighlevel_server() as (bench, server):
        outcomes: list[str] = []

        def book(number: int) -> None:
            try:
                bench.calendar.create(bench.wish(f"tag-{number}", contact=BEN), deadline=bench.deadline)
                outcomes.append("won")
            except RefusedError as refused:
                outcomes.append(refused.reason)
            except ProviderError as failure:
                outcomes.append(type(failure).__name__)

        together(partial(book, number) for number in range(4))

        assert sorted(outcomes) == [Refusal.TAKEN, Refusal.TAKEN, Refusal.TAKEN, "won"]
        assert len(server.api.bookings()) == 1


# --- the fake server's own switches, which others rely on ------------------------------------------------------------


def test_faults_and_people_can_be_played_over_http() -> None:
    with gohighlevel_server(timeout=1.0) as (bench, server):
        ask(server.base_url, "POST", "/_faults", {"kind": "error_after"})
        with pytest.raises(InDoubtError):
            bench.calendar.create(bench.wish(), deadline=bench.deadline)
        (found,) = bench.calendar.find(bench.wish(), deadline=bench.deadline)

        ask(server.base_url, "POST", "/_host", {"action": "move", "id": found.id, "start": "2026-01-06T15:00:00Z"})
        ask(server.base_url, "POST", "/_host", {"action": "cancelled", "id": found.id})

        shown = ask(server.base_url, "GET", "/_bookings")
        assert isinstance(shown, list)
        assert [(b["id"], b["appointmentStatus"], b["startTime"]) for b in shown] == [
            (found.id, "cancelled", "2026-01-06T15:00:00+00:00")
        ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Version": "2021-07-28"}, 400),
        ({"Version": "2021-04-15"}, 401),
        ({"Version": "2021-04-15", "Authorization": "Bearer other"}, 401),
        ({"Version": "2021-04-15", "Authorization": f"Bearer {TOKEN}"}, 403),
    ],
)
def test_the_fake_insists_on_version_token_and_location(headers: dict[str, str], status: int) -> None:
    with GohighlevelServer() as server:
        answer = server.api.answer("GET", "/calendars/?locationId=loc2", headers, b"")

        assert answer.status == status


def test_webhooks_are_sent_again_after_a_429_only_and_are_proved_by_the_receiver() -> None:
    got: list[str] = []
    statuses = iter([429, 200, 500, 200])

    def prove(request: HttpRequest) -> int:
        received = GohighlevelWebhooks().receive(request, secrets=[KEY], now=NOON)
        got.extend(f"{hint.id}:{hint.tag}" for hint in received.hints)
        return next(statuses)

    with receiving(prove) as url, gohighlevel_server() as (bench, server):
        server.highlevel.hooks = [url]
        server.highlevel.signer = Signer(server.highlevel.desk, newer=NEWER, older=None)
        made = bench.calendar.create(bench.wish(), deadline=bench.deadline)

        assert server.deliver() == 1
        bench.calendar.cancel(made.id, reason="x", deadline=bench.deadline)
        assert server.deliver() == 0
        assert server.deliver() == 0

    assert got == ["hook-1:tag-1", "hook-1:tag-1", "hook-2:tag-1"]
