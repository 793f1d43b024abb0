"""One phone call on every platform: the same truth in each of their ways to send and to hear."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from ops.demo.wires import WIRES, Turn
from tests.fakes import FakeClock
from tests.functional import desks
from tests.functional.book import bookings_in, check_book
from tests.functional.caller import check_sentence
from tests.functional.dialects import ENVELOPES, PLATFORMS, Platform, agents
from tests.functional.in_process import InProcess, in_process
from tests.functional.served import RETELL_KEY, morning_zone, serving
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType, Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.caller import Heard, Reply
    from tests.functional.served import Served

pytestmark = pytest.mark.engine

ALWAYS_OPEN = EventType(1, hosts=(Host(1, "Ada Host", week=((("00:00", "24:00"),),) * 7),))
CALCOM_DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
transfer_to: "+14155550100"
calendars:
  main: {provider: calcom, api_key: "${CAL_KEY}", base_url: "URL"}
services:
  visit: {name: Visit, calendar: main, event_type: 1, minutes: 30, email: {fallback: desk@harbor.example}}
agents:
  front: {platform: generic, services: [visit], auth: {bearer: "${DESK_KEY}"}}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    closed = datetime.now(ZoneInfo(zone)).date() + timedelta(days=3)
    desk = desks.BUILTIN.format(zone=zone, closed=closed)
    with serving(desk, tmp_path_factory.mktemp("dialects"), business=desks.BUSINESS, zone=zone) as running:
        yield running
        check_book(running.items())


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest, served: Served) -> Platform[Served]:
    return Platform(served, request.param)


def ask(platform: Platform[Served], tool: str, **arguments: object) -> Reply:
    heard = platform.ask(tool, arguments)
    assert heard.status == 200, heard
    reply = platform.reply(heard)
    check_sentence(reply)
    return reply


def offers(platform: Platform[Served]) -> list[Reply]:
    reply = ask(platform, "check_availability", service="consult", when=platform.served.fresh_day().isoformat())
    assert reply["status"] == "available", reply
    found: list[Reply] = reply["slots"]
    return found


def wish(offer: Reply) -> dict[str, object]:
    return {"service": "consult", "slot_id": offer["slot_id"], "name": "Ada Low"}


def test_a_whole_call(platform: Platform[Served]) -> None:
    first, second, _ = offers(platform)

    assert ask(platform, "hold_slot", service="consult", slot_id=first["slot_id"])["status"] == "held"
    assert ask(platform, "book_appointment", **wish(first))["status"] == "confirmed"
    (found,) = ask(platform, "find_appointments")["appointments"]
    handle = found["appointment"]
    moved = ask(platform, "reschedule_appointment", appointment=handle, slot_id=second["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", second["start"])
    assert ask(platform, "send_confirmation", appointment=handle)["status"] == "sent"
    assert ask(platform, "cancel_appointment", appointment=handle)["status"] == "needs_confirmation"
    assert ask(platform, "cancel_appointment", appointment=handle, confirm=True)["status"] == "cancelled"
    assert ask(platform, "find_appointments")["status"] == "none_found"


def test_the_same_wish_again_under_a_new_id_is_the_same_booking(platform: Platform[Served]) -> None:
    """Barge-in: the model asks once more for what it did not hear the end of."""
    offer = offers(platform)[0]
    turns = [
        Turn("book_appointment", wish(offer), platform.call, platform.number, f"{platform.call}-{n}") for n in range(3)
    ]

    replies = [platform.reply(send(platform, turn)) for turn in turns]
    assert [(r["status"], r["start"], r["replay"]) for r in replies] == [
        ("confirmed", offer["start"], False), ("confirmed", offer["start"], True),
        ("confirmed", offer["start"], True),
    ]  # fmt: skip
    assert [b["state"] for b in platform.served.bookings(start=offer["start"])] == ["booked"]


def send(platform: Platform[Served], turn: Turn) -> Heard:
    body = platform.wire.body(turn)
    key = RETELL_KEY if platform.name in ("retell", "telnyx") else platform.served.key
    return platform.served.post(platform.path(turn.tool), body, platform.wire.headers(turn, body, key=key))


def test_one_delivery_three_times_at_once_is_one_booking_and_all_hear_it(platform: Platform[Served]) -> None:
    offer = offers(platform)[0]
    turn = Turn("book_appointment", wish(offer), platform.call, platform.number, f"{platform.call}-once")

    with ThreadPoolExecutor(3) as pool:
        replies = [platform.reply(heard) for heard in pool.map(lambda t: send(platform, t), [turn] * 3)]

    assert [(r["status"], r["start"]) for r in replies] == [("confirmed", offer["start"])] * 3, replies
    assert sorted(r["replay"] for r in replies) == [False, True, True]
    records = platform.served.bookings(start=offer["start"])
    assert [record["state"] for record in records] == ["booked"]
    assert len(platform.served.sent("sms_booked", *records)) == 1


def test_a_platform_that_hangs_up_before_the_answer_hears_it_when_it_asks_again(platform: Platform[Served]) -> None:
    offer = offers(platform)[0]
    turn = Turn("book_appointment", wish(offer), platform.call, platform.number, f"{platform.call}-lost")
    body = platform.wire.body(turn)
    key = RETELL_KEY if platform.name in ("retell", "telnyx") else platform.served.key
    headers = platform.wire.headers(turn, body, key=key)
    url = urlsplit(platform.served.url)
    line = HTTPConnection(str(url.hostname), url.port)
    line.request("POST", platform.path(turn.tool), body, headers)
    line.close()

    again = platform.reply(send(platform, turn))
    later = platform.reply(send(platform, replace(turn, delivery=f"{platform.call}-later")))

    assert [(r["status"], r["start"]) for r in (again, later)] == [("confirmed", offer["start"])] * 2
    assert later["replay"]
    records = platform.served.bookings(start=offer["start"])
    assert [record["state"] for record in records] == ["booked"]
    assert len(platform.served.sent("sms_booked", *records)) == 1


def test_another_wish_in_one_call_is_another_booking(platform: Platform[Served]) -> None:
    first, second, _ = offers(platform)

    replies = [ask(platform, "book_appointment", **wish(offer)) for offer in (first, second)]

    assert [(r["status"], r["start"], r["replay"]) for r in replies] == [
        ("confirmed", offer["start"], False) for offer in (first, second)
    ]


def test_two_callers_of_one_platform_are_two(platform: Platform[Served]) -> None:
    offer = offers(platform)[0]
    assert ask(platform, "book_appointment", **wish(offer))["status"] == "confirmed"

    other = Platform(platform.served, platform.name)
    assert ask(other, "find_appointments")["status"] == "none_found"
    assert ask(other, "book_appointment", **wish(offer))["status"] == "unavailable"


@pytest.mark.parametrize("name", [name for name in PLATFORMS if name not in (*ENVELOPES, "synthflow")])
def test_a_body_cannot_say_who_calls(served: Served, name: str) -> None:
    victim, thief = Platform(served, name), Platform(served, name)
    offer = offers(victim)[0]
    assert ask(victim, "book_appointment", **wish(offer))["status"] == "confirmed"

    claims = {"caller_number": victim.number, "call_id": victim.call, "conversation_id": victim.call}
    assert ask(thief, "find_appointments", **claims)["status"] == "none_found"
    nobody = served.post(
        thief.path("find_appointments"),
        json.dumps(claims).encode(),
        {k: v for k, v in thief.headers(json.dumps(claims).encode()).items() if not k.startswith(("x-call", "x-tel"))},
    )
    assert nobody.body["status"] == "needs_verification"


def test_synthflow_may_test_its_actions(served: Served) -> None:
    """What `initialise` sends: example values and unfilled placeholders."""
    synthflow = Platform(served, "synthflow")
    before = served.book()
    for values in ({"call_id": "<call_id>"}, {}, {"call_id": "{call_id}", "name": "Ana Diaz"}):
        day = (served.today() + timedelta(days=5)).isoformat()
        said = {"service": "consult", "date": day, "time": "10:00", "name": "Ana Diaz", "phone": "+14155550123"}
        for tool in ("hold_slot", "book_appointment", "cancel_appointment", "send_confirmation"):
            heard = synthflow.raw(tool, json.dumps(said | values).encode())
            assert (heard.status, heard.body["status"]) == (200, "not_done")
            assert "The connection works" in heard.body["message"]
        heard = synthflow.raw("check_availability", json.dumps({"service": "consult", "when": day} | values).encode())
        assert (heard.status, heard.body["status"]) == (200, "available")
    assert served.book() == before


# --- late results ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_becomes_known_late_is_heard_when_asked_again(name: str, table: EngineTable, tmp_path: Path) -> None:
    clock = FakeClock()
    api = CalcomApi(clock=clock.now, event_types=(ALWAYS_OPEN,))
    with ExitStack() as stack:
        server = stack.enter_context(CalcomServer(api))
        desk = stack.enter_context(
            in_process(
                table,
                CALCOM_DESK.replace("URL", server.base_url) + agents("visit"),
                tmp_path,
                business="harbor",
                clock=clock,
                environ={"CAL_KEY": API_KEY},
            )
        )
        platform: Platform[InProcess] = Platform(desk, name)

        def say(tool: str, delivery: str, **arguments: object) -> Reply:
            turn = Turn(tool, arguments, platform.call, platform.number, delivery)
            body = platform.wire.body(turn)
            key = RETELL_KEY if name in ("retell", "telnyx") else desk.key
            headers = platform.wire.headers(turn, body, key=key, now=clock.now())
            heard = desk.post(platform.path(tool), body, headers)
            assert heard.status == 200, heard
            reply: Reply = platform.reply(heard)
            check_sentence(reply)
            return reply

        offer = say("check_availability", "1", service="visit", when="tomorrow morning")["slots"][-1]
        booking = {"service": "visit", "slot_id": offer["slot_id"], "name": "Ada Low"}
        port = int(server.base_url.rpartition(":")[2].removesuffix("/v2"))
        server.vanish()
        first = say("book_appointment", "2", **booking)
        again = say("book_appointment", "3", **booking)
        assert [(r["status"], r["start"]) for r in (first, again)] == [("pending", offer["start"])] * 2
        assert "booked" not in first["message"].lower()

        with CalcomServer(api, port=port):
            clock.sleep(60)
            desk.reconcile()
            later = [say("book_appointment", delivery, **booking) for delivery in ("2", "4")]
            assert [(r["status"], r["start"], r["replay"]) for r in later] == [("confirmed", offer["start"], True)] * 2
        assert [b["status"] for b in api.bookings()] == ["accepted"]
        assert [b.state.value for b in bookings_in(desk.items())] == ["booked"]


def test_every_platform_that_a_desk_file_knows_has_a_wire_of_its_own() -> None:
    assert set(WIRES) == set(PLATFORMS)
    assert {wire.platform for wire in WIRES.values()} == set(PLATFORMS)
