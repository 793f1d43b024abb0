"""Who may hear of appointments and change them, on the product as it runs: codes by SMS, and cancellations in pairs."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.functional import desks
from tests.functional.caller import check_sentence
from tests.functional.dialects import retell_body, retell_signature, vapi_body
from tests.functional.served import fresh_number, morning_zone, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.functional.caller import Caller, Reply
    from tests.functional.served import Served

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    desk = desks.BUILTIN.format(zone=zone, closed="2000-01-01") + "identity: {look_up: sms_code, change: sms_code}\n"
    with serving(desk, tmp_path_factory.mktemp("identity"), business=desks.BUSINESS, zone=zone) as running:
        yield running


def booked(served: Served, caller: Caller) -> Reply:
    offer = caller.offers("consult", when=served.fresh_day().isoformat())[0]
    reply = caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"], name="Ada Low")
    assert reply["status"] == "confirmed", reply
    return reply


def later(served: Served, caller: Caller, call: str) -> Caller:
    return served.caller(number=caller.number, call=f"{call} of {caller.number}")


def code_for(served: Served, caller: Caller) -> str:
    """The last code that was printed for this number; numbers are printed masked, so one caller at a time."""

    def look() -> list[str]:
        ends = str(caller.number)[-2:]
        return [text for text in served.texts if f"{ends}: Harbor Clinic: your code is" in text]

    text = served.eventually(look)[-1]
    (code,) = re.findall(r"\b\d{6}\b", text)
    return str(code)


def test_a_code_comes_by_text_and_opens_this_call_only(served: Served) -> None:
    caller = served.caller(call="first call")
    appointment = booked(served, caller)
    now = served.caller(number=caller.number, call="next call")

    asked = now.ask("find_appointments")
    assert (asked["status"], asked["field"]) == ("needs_verification", "code")
    code = code_for(served, now)
    assert now.ask("find_appointments", code=f"{(int(code) + 1) % 10**6:06d}")["status"] == "needs_verification"
    found = now.ask("find_appointments", code=code)
    assert [a["start"] for a in found["appointments"]] == [appointment["start"]]

    other = served.caller(number=caller.number, call="third call")
    assert other.ask("find_appointments", code=code)["status"] == "needs_verification"
    assert now.ask("cancel_appointment")["status"] == "needs_confirmation"
    assert now.ask("cancel_appointment", confirm=True)["status"] == "cancelled"

    stored = [item for item in served.items() if item["sk"] != "CONFIG"]
    assert [item for item in stored if code in repr(item)] == []
    assert [item for item in stored if str(caller.number) in repr(item)] == []
    assert [line for line in served.printed if code in line and not line.startswith("SMS to ")] == []
    assert len([text for text in served.texts if code in text]) == 1


def test_of_many_wrong_codes_at_once_three_are_heard(served: Served) -> None:
    caller = served.caller()
    booked(served, caller)
    now = later(served, caller, "guessing")
    now.ask("find_appointments")
    code = code_for(served, now)

    def guess(by: int) -> Reply:
        return later(served, caller, "guessing").ask("find_appointments", code=f"{(int(code) + by) % 10**6:06d}")

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(guess, range(1, 13)))

    assert {reply["status"] for reply in replies} <= {"needs_verification", "not_done"}
    assert len([r for r in replies if r.get("field") == "code"]) == 2  # asked once more after the first and the second
    assert now.ask("find_appointments", code=code)["transfer_to"] == desks.TRANSFER


def test_the_same_is_said_whether_or_not_there_is_an_appointment(served: Served) -> None:
    with_one, without = served.caller(), served.caller()
    booked(served, with_one)

    for tool in ("find_appointments", "cancel_appointment", "reschedule_appointment"):
        assert later(served, with_one, "x").ask(tool) == later(served, without, "x").ask(tool)


def test_no_make_it_four_takes_no_code(served: Served) -> None:
    caller = served.caller()
    mine = booked(served, caller)
    other = caller.offers("consult", when=served.fresh_day().isoformat())[1]

    moved = caller.ask("reschedule_appointment", slot_id=other["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", other["start"])
    assert moved["start"] != mine["start"]


# --- in one breath ---------------------------------------------------------------------------------------------------


def vapi(served: Served, number: str, *calls: tuple[str, str, dict[str, Any]]) -> list[Reply]:
    """One message of Vapi with one or several tool calls."""
    body = json.dumps(vapi_body(calls, call=f"vapi of {number}", number=number)).encode()
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}
    heard = served.post(f"/v1/{served.business}/vapi/cancel_appointment", body, headers)
    replies = [json.loads(entry["result"]) for entry in heard.body["results"]]
    for reply in replies:
        check_sentence(reply)
    return replies


def test_question_and_yes_in_one_message_of_vapi_cancel_nothing(served: Served) -> None:
    number, day = fresh_number(), served.fresh_day().isoformat()
    wish = {"service": "consult", "date": day, "time": "10:00", "name": "Ada Low"}
    (made,) = vapi(served, number, ("t1", "book_appointment", wish))
    this = {"appointment": made["appointment"]}
    question, yes = ("t2", "cancel_appointment", this), ("t3", "cancel_appointment", this | {"confirm": True})

    for _ in range(2):  # a platform that repeats the message changes nothing
        replies = vapi(served, number, question, yes)
        assert [r["status"] for r in replies] == ["needs_confirmation", "needs_confirmation"]
    (record,) = served.bookings(start=made["start"])
    assert record["state"] == "booked"

    (done,) = vapi(served, number, ("t4", "cancel_appointment", this | {"confirm": True}))
    assert done["status"] == "cancelled"


def retell(served: Served, number: str, tool: str, arguments: dict[str, Any], said: Sequence[dict[str, Any]]) -> Reply:
    """One request of Retell, with the transcript so far."""
    message = retell_body(tool, arguments, call=f"retell of {number}", number=number)
    message["call"]["transcript_with_tool_calls"] = list(said)
    body = json.dumps(message).encode()
    headers = {"content-type": "application/json", "x-retell-signature": retell_signature(body)}
    reply: Reply = served.post(f"/v1/{served.business}/retell/{tool}", body, headers).body
    check_sentence(reply)
    return reply


def test_on_retell_the_caller_must_have_spoken_in_between(served: Served) -> None:
    number, day = fresh_number(), served.fresh_day().isoformat()
    wish = {"service": "consult", "date": day, "time": "10:00", "name": "Ada Low"}
    made = retell(served, number, "book_appointment", wish, ())
    this, yes = {"appointment": made["appointment"]}, {"appointment": made["appointment"], "confirm": True}

    def invoked(key: str, arguments: dict[str, Any]) -> dict[str, Any]:
        named = {"tool_call_id": key, "name": "cancel_appointment", "arguments": json.dumps(arguments)}
        return {"role": "tool_call_invocation", **named}

    def answered(key: str) -> dict[str, Any]:
        return {"role": "tool_call_result", "tool_call_id": key, "content": "{}"}

    caller = {"role": "user", "content": "Please cancel it."}
    said = [caller, invoked("k1", this)]
    assert retell(served, number, "cancel_appointment", this, said)["status"] == "needs_confirmation"
    said += [answered("k1"), invoked("k2", yes)]
    assert retell(served, number, "cancel_appointment", yes, said)["status"] == "needs_confirmation"
    said += [answered("k2"), {"role": "agent", "content": "Shall I?"}, {"role": "user", "content": "Yes."}]
    said.append(invoked("k3", yes))
    assert retell(served, number, "cancel_appointment", yes, said)["status"] == "cancelled"
