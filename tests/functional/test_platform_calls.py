"""What Vapi and Retell do beyond one tool call per request, and what they hear."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.functional import desks
from tests.functional.book import check_book
from tests.functional.caller import check_sentence
from tests.functional.dialects import Platform, retell_signature, vapi_body
from tests.functional.served import ROOT, morning_zone, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.caller import Heard, Reply
    from tests.functional.dialects import Call
    from tests.functional.served import Served

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    closed = datetime.now(ZoneInfo(zone)).date() + timedelta(days=3)
    desk = desks.BUILTIN.format(zone=zone, closed=closed)
    with serving(desk, tmp_path_factory.mktemp("platforms"), business=desks.BUSINESS, zone=zone) as running:
        yield running
        check_book(running.items())


@pytest.fixture
def vapi(served: Served) -> Platform[Served]:
    return Platform(served, "vapi")


@pytest.fixture
def retell(served: Served) -> Platform[Served]:
    return Platform(served, "retell")


def offers(platform: Platform[Served]) -> list[Reply]:
    day = platform.served.fresh_day().isoformat()
    reply = platform.reply(platform.ask("check_availability", {"service": "consult", "when": day}))
    assert reply["status"] == "available", reply
    found: list[Reply] = reply["slots"]
    return found


def booking_of(offer: Reply, **more: object) -> dict[str, object]:
    return {"service": "consult", "slot_id": offer["slot_id"], "name": "Ada Low", **more}


def entries(heard: Heard) -> list[dict[str, Any]]:
    """The results of a Vapi answer; each is one line of text and names its call."""
    assert heard.status == 200
    found: list[dict[str, Any]] = heard.body["results"]
    for entry in found:
        assert set(entry) in ({"name", "toolCallId", "result"}, {"name", "toolCallId", "error"}), entry
        assert "\n" not in entry.get("result", "") + entry.get("error", "")
        if "result" in entry:
            check_sentence(json.loads(entry["result"]))
    return found


# --- Vapi ------------------------------------------------------------------------------------------------------------


def several(vapi: Platform[Served], tool: str, calls: list[Call]) -> list[dict[str, Any]]:
    return entries(vapi.raw(tool, json.dumps(vapi_body(calls, call=vapi.call, number=vapi.number)).encode()))


def test_several_calls_in_one_request_are_answered_in_order(vapi: Platform[Served]) -> None:
    first, second, _ = offers(vapi)
    calls: list[Call] = [
        ("call-a", "book_appointment", booking_of(first)),
        ("call-b", "book_appointment", json.dumps(booking_of(second))),  # arguments as JSON text
        ("call-c", "find_appointments", {}),
        ("call-d", "no_such_tool", {}),
        ("call-e", "book_appointment", "{broken"),
        ("call-a", "book_appointment", booking_of(first)),
    ]

    found = several(vapi, "book_appointment", calls)
    assert [entry["toolCallId"] for entry in found] == ["call-a", "call-b", "call-c", "call-d", "call-e"]
    replies = [json.loads(entry["result"]) for entry in found[:3]]
    assert [reply["status"] for reply in replies] == ["confirmed", "confirmed", "found"]
    assert [a["start"] for a in replies[2]["appointments"]] == [first["start"], second["start"]]
    assert ["error" in entry for entry in found] == [False, False, False, True, True]
    assert [b["state"] for o in (first, second) for b in vapi.served.bookings(start=o["start"])] == ["booked"] * 2


def test_the_same_vapi_call_again_is_the_same_booking(vapi: Platform[Served]) -> None:
    offer = offers(vapi)[0]
    calls: list[Call] = [("book-1", "book_appointment", booking_of(offer))]

    heard = [json.loads(several(vapi, "book_appointment", calls)[0]["result"]) for _ in range(3)]
    assert [(r["status"], r["replay"]) for r in heard] == [
        ("confirmed", False),
        ("confirmed", True),
        ("confirmed", True),
    ]
    assert len(vapi.served.bookings(start=offer["start"])) == 1


def test_an_error_in_one_call_spoils_no_other(vapi: Platform[Served]) -> None:
    offer = offers(vapi)[0]
    calls: list[Call] = [
        ("bad", "book_appointment", [1, 2, 3]),
        ("elsewhere", "check_availability", {"service": "consult"}),
        ("good", "book_appointment", booking_of(offer)),
    ]

    bad, elsewhere, good = several(vapi, "book_appointment", calls)
    assert "error" in bad
    assert "check_availability" in elsewhere["error"]
    assert json.loads(good["result"])["status"] == "confirmed"


@pytest.mark.parametrize("kind", ["status-update", "end-of-call-report", "conversation-update", "hang"])
def test_a_message_that_asks_for_nothing_is_acknowledged(vapi: Platform[Served], kind: str) -> None:
    message = json.loads((ROOT / "events/availability/vapi_status_update.json").read_text())
    message["message"]["type"] = kind
    before = vapi.served.book()

    heard = vapi.raw("check_availability", json.dumps(message).encode())
    assert (heard.status, heard.body) == (200, {})
    assert vapi.served.book() == before


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'{"message": 5}', b'{"message": {"type": "tool-calls"}}'])
def test_a_broken_vapi_body_is_200_without_results(vapi: Platform[Served], body: bytes) -> None:
    heard = vapi.raw("book_appointment", body)

    assert (heard.status, heard.body["results"]) == (200, [])
    assert heard.body["error"]


def test_a_vapi_web_caller_is_not_who_their_browser_says(vapi: Platform[Served]) -> None:
    offer = offers(vapi)[0]
    phone = vapi.ask("book_appointment", booking_of(offer))
    assert vapi.reply(phone)["status"] == "confirmed"

    body = vapi_body([("web-1", "find_appointments", {})], call="a web call", number=vapi.number)
    body["message"]["call"]["type"] = "webCall"
    (entry,) = entries(vapi.raw("find_appointments", json.dumps(body).encode()))
    assert json.loads(entry["result"])["status"] == "needs_verification"


def test_an_agent_sells_only_its_own_services(vapi: Platform[Served]) -> None:
    reply = vapi.reply(vapi.ask("check_availability", {"service": "fitting", "when": "tomorrow"}))

    assert reply["status"] == "clarify"
    assert "Fitting" not in reply["message"]


# --- Retell ----------------------------------------------------------------------------------------------------------


def test_three_overlapping_deliveries_are_one_booking_and_all_hear_it(retell: Platform[Served]) -> None:
    for _ in range(3):
        offer = offers(retell)[0]
        body = retell.wrapped("book_appointment", booking_of(offer))
        with ThreadPoolExecutor(3) as pool:
            replies = [h.body for h in pool.map(lambda b: retell.raw("book_appointment", b), [body] * 3)]

        assert [(r["status"], r["start"]) for r in replies] == [("confirmed", offer["start"])] * 3
        assert sorted(r["replay"] for r in replies) == [False, True, True]
        records = retell.served.bookings(start=offer["start"])
        assert [record["state"] for record in records] == ["booked"]
        assert len(retell.served.sent("sms_booked", *records)) == 1
        assert len(retell.served.messages(*records)) == 1


def test_a_whole_retell_call(retell: Platform[Served]) -> None:
    first, second, _ = offers(retell)

    def ask(tool: str, **arguments: object) -> Reply:
        reply = retell.reply(retell.ask(tool, arguments))
        check_sentence(reply)
        return reply

    assert ask("hold_slot", slot_id=first["slot_id"])["status"] == "held"
    assert ask("book_appointment", slot_id=first["slot_id"], name="Ada Low")["status"] == "confirmed"
    (found,) = ask("find_appointments")["appointments"]
    assert (
        ask("reschedule_appointment", appointment=found["appointment"], slot_id=second["slot_id"])["status"]
        == "confirmed"
    )
    assert ask("send_confirmation", appointment=found["appointment"])["status"] == "sent"
    assert ask("cancel_appointment", appointment=found["appointment"])["status"] == "needs_confirmation"
    assert ask("cancel_appointment", appointment=found["appointment"], confirm=True)["status"] == "cancelled"


def test_arguments_alone_are_a_call_by_nobody(retell: Platform[Served]) -> None:
    """The `args only` payload: the URL names the tool, and who calls is not known."""
    offer = offers(retell)[0]

    def ask(tool: str, **arguments: object) -> Reply:
        body = json.dumps(arguments).encode()
        heard = retell.raw(tool, body)
        assert heard.status == 200
        check_sentence(heard.body)
        reply: Reply = heard.body
        return reply

    assert ask("hold_slot", **{k: v for k, v in booking_of(offer).items() if k != "name"})["status"] == "held"
    first = ask("book_appointment", **booking_of(offer, phone="(415) 555-2699"))
    again = ask("book_appointment", **booking_of(offer, phone="(415) 555-2699"))
    assert [(r["status"], r["replay"]) for r in (first, again)] == [("confirmed", False), ("confirmed", True)]
    assert len(retell.served.bookings(start=offer["start"])) == 1
    assert ask("find_appointments")["status"] == "needs_verification"
    assert retell.reply(retell.ask("find_appointments", {}))["status"] == "none_found"


def test_an_outbound_call_is_about_the_one_who_is_called(retell: Platform[Served]) -> None:
    offer = offers(retell)[0]
    assert retell.reply(retell.ask("book_appointment", booking_of(offer)))["status"] == "confirmed"

    body = json.loads(retell.wrapped("find_appointments", {}))
    body["call"] |= {
        "direction": "outbound",
        "from_number": "+14155550111",
        "to_number": retell.number,
        "call_id": "out",
    }
    raw = json.dumps(body).encode()
    assert retell.raw("find_appointments", raw).body["status"] == "found"
    body["call"]["direction"] = "inbound"
    raw = json.dumps(body).encode()
    heard = retell.raw("find_appointments", raw, x_retell_signature=retell_signature(raw))
    assert heard.body["status"] == "none_found"
