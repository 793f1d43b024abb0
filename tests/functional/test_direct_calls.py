"""Phone calls through Connect, Lex, Bedrock agents and AgentCore: the function invoked as each of them invokes it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from slotline.bootstrap.tool_rooms import ROOMS
from slotline.runtime.direct_endpoint import DirectEndpoint
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.caller import check_sentence
from tests.functional.in_process import InProcess, in_process
from tests.functional.served import ROOT, fresh_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.caller import Reply

pytestmark = pytest.mark.engine

BUSINESS = "harbor"
MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""A Monday, chosen at will."""

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: UTC
calendars:
  room: {provider: builtin, hours: {mon-sun: ["09:00-17:00"]}}
services:
  consult: {name: Consultation, calendar: room, minutes: 30, offer: {days_ahead: 90, step_minutes: 30}}
agents:
  connect: {platform: connect, services: [consult], auth: {invocation: iam}}
  lex: {platform: lex, services: [consult], auth: {invocation: iam}}
  bedrock: {platform: bedrock, services: [consult], auth: {invocation: iam}}
  agentcore: {platform: agentcore, services: [consult], auth: {invocation: iam}}
"""

_calls = count(1)


@pytest.fixture
def desk(table: EngineTable, tmp_path: Path) -> Iterator[InProcess]:
    with in_process(table, DESK, tmp_path, business=BUSINESS, clock=FakeClock(MORNING.timestamp())) as running:
        yield running
        check_book(running.items())


@dataclass(slots=True)
class Line:
    """One call of one person through one AWS service, from its samples in `events/direct`."""

    desk: InProcess
    service: str
    number: str | None = field(default_factory=fresh_number)
    call: str = field(default_factory=lambda: f"call-{next(_calls)}")

    def invoke(self, event: dict[str, Any], custom: dict[str, str] | None = None) -> Any:
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:direct:{BUSINESS}_{self.service}"
        context = SimpleNamespace(
            invoked_function_arn=arn,
            client_context=SimpleNamespace(custom=custom) if custom else None,
            get_remaining_time_in_millis=lambda: 12_000,
        )
        sent = json.loads(json.dumps(event))
        answer = DirectEndpoint(lambda: self.desk.house, ROOMS)(sent, context)
        return json.loads(json.dumps(answer))

    def sample(self, name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((ROOT / "events/direct" / f"{name}.json").read_text())["event"]
        return event

    def contact(self, tool: str, **parameters: str) -> Reply:
        event = self.sample("connect_find_appointments")
        contact = event["Details"]["ContactData"] | {"ContactId": self.call}
        contact["CustomerEndpoint"] = {"Address": self.number, "Type": "TELEPHONE_NUMBER"} if self.number else None
        event["Details"] = {"ContactData": contact, "Parameters": {"tool": tool, **parameters}}
        reply: Reply = self.invoke(event)
        assert all(isinstance(value, str) for value in reply.values())
        check_sentence(reply)
        return reply

    def function(self, tool: str, **parameters: str) -> Reply:
        event = self.sample("bedrock_function_book_appointment")
        event |= {"function": tool, "parameters": _properties(parameters)} | self._session()
        return _said(self.invoke(event)["response"]["functionResponse"]["responseBody"]["TEXT"]["body"])

    def operation(self, tool: str, **parameters: str) -> Reply:
        event = self.sample("bedrock_openapi_book_appointment")
        content = {"application/json": {"properties": _properties(parameters)}}
        event |= {"apiPath": f"/{tool}", "requestBody": {"content": content}} | self._session()
        return _said(self.invoke(event)["response"]["responseBody"]["application/json"]["body"])

    def target(self, tool: str, **arguments: object) -> Reply:
        reply: Reply = self.invoke(arguments, {"bedrockAgentCoreToolName": f"booking___{tool}"})
        check_sentence(reply)
        return reply

    def intent(self, name: str, confirmation: str = "None", **slots: str) -> dict[str, Any]:
        event = self.sample("lex_book_appointment") | {"sessionId": self.call}
        filled = {slot: {"shape": "Scalar", "value": {"interpretedValue": value}} for slot, value in slots.items()}
        intent = {"name": name, "slots": filled, "confirmationState": confirmation, "state": "ReadyForFulfillment"}
        event["sessionState"] |= {"intent": intent, "sessionAttributes": {"caller_number": self.number or ""}}
        turn: dict[str, Any] = self.invoke(event)
        return turn

    def _session(self) -> dict[str, object]:
        return {"sessionId": self.call, "sessionAttributes": {"caller_number": self.number} if self.number else {}}


def _properties(parameters: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": "string", "value": value} for name, value in parameters.items()]


def _said(body: str) -> Reply:
    reply: Reply = json.loads(body)
    check_sentence(reply)
    return reply


def day(number: int = 2) -> date:
    return (MORNING + timedelta(days=number)).date()


def states(desk: InProcess) -> list[str]:
    return sorted(booking.state for booking in bookings_in(desk.items()))


def test_a_whole_call_through_a_connect_flow(desk: InProcess) -> None:
    line = Line(desk, "connect")

    offered = line.contact("check_availability", when=day().isoformat())
    assert offered["status"] == "available"
    slot = offered["slot_1_id"]
    assert line.contact("hold_slot", slot_id=slot)["status"] == "held"
    booked = line.contact("book_appointment", slot_id=slot, name="Ada Low")
    assert (booked["status"], booked["start"], booked["replay"]) == ("confirmed", offered["slot_1_start"], "false")
    found = line.contact("find_appointments")
    assert found["appointment_1_start"] == booked["start"]
    handle = found["appointment_1"]
    moved = line.contact("reschedule_appointment", appointment=handle, slot_id=offered["slot_2_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", offered["slot_2_start"])
    assert line.contact("cancel_appointment", appointment=handle)["status"] == "needs_confirmation"
    assert line.contact("cancel_appointment", appointment=handle, confirm="true")["status"] == "cancelled"
    assert states(desk) == ["cancelled"]


def test_connect_tries_again_and_there_is_one_booking(desk: InProcess) -> None:
    line = Line(desk, "connect")
    slot = line.contact("check_availability", when=day().isoformat())["slot_1_id"]

    def book(_: int) -> Reply:
        return line.contact("book_appointment", slot_id=slot, name="Ada Low")

    with ThreadPoolExecutor(3) as pool:
        at_once = list(pool.map(book, range(3)))
    later = book(4)

    assert {reply["status"] for reply in (*at_once, later)} == {"confirmed"}
    assert sorted(reply["replay"] for reply in at_once) == ["false", "true", "true"]
    assert later["replay"] == "true"
    assert states(desk) == ["booked"]


def test_after_a_cancellation_the_same_request_books_anew(desk: InProcess) -> None:
    line = Line(desk, "connect")
    slot = line.contact("check_availability", when=day().isoformat())["slot_1_id"]
    wish = {"slot_id": slot, "name": "Ada Low"}
    handle = line.contact("book_appointment", **wish)["appointment"]
    assert line.contact("cancel_appointment", appointment=handle)["status"] == "needs_confirmation"
    assert line.contact("cancel_appointment", appointment=handle, confirm="yes")["status"] == "cancelled"

    again = line.contact("book_appointment", **wish)

    assert (again["status"], again["replay"]) == ("confirmed", "false")
    assert states(desk) == ["booked", "cancelled"]


def test_a_contact_sees_its_own_appointments_only(desk: InProcess) -> None:
    owner, other, hidden = Line(desk, "connect"), Line(desk, "connect"), Line(desk, "connect", number=None)
    slot = owner.contact("check_availability", when=day().isoformat())["slot_1_id"]
    assert owner.contact("book_appointment", slot_id=slot, name="Ada Low")["status"] == "confirmed"

    assert Line(desk, "connect", number=owner.number).contact("find_appointments")["status"] == "found"
    claim = str(owner.number)
    assert other.contact("find_appointments", caller_number=claim)["status"] == "none_found"
    assert hidden.contact("find_appointments", caller_number=claim)["status"] == "needs_verification"


def test_a_bedrock_agent_books_by_either_kind_of_action_group(desk: InProcess) -> None:
    line = Line(desk, "bedrock")
    first, second, _ = line.function("check_availability", when=day().isoformat())["slots"]

    booked = [line.function("book_appointment", slot_id=first["slot_id"], name="Ada Low") for _ in range(2)]
    assert [(b["status"], b["replay"]) for b in booked] == [("confirmed", False), ("confirmed", True)]
    (found,) = line.operation("find_appointments")["appointments"]
    moved = line.operation("reschedule_appointment", appointment=found["appointment"], slot_id=second["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", second["start"])
    assert line.operation("cancel_appointment", appointment=found["appointment"])["status"] == "needs_confirmation"
    assert (
        line.function("cancel_appointment", appointment=found["appointment"], confirm="true")["status"] == "cancelled"
    )
    assert states(desk) == ["cancelled"]


def test_a_gateway_tells_nothing_of_the_caller_so_it_can_book_and_no_more(desk: InProcess) -> None:
    line = Line(desk, "agentcore")
    slot = line.target("check_availability", when=day().isoformat())["slots"][0]["slot_id"]
    wish = {"slot_id": slot, "name": "Ada Low", "phone": "+14155552671"}

    booked = [line.target("book_appointment", **wish) for _ in range(2)]

    assert [(b["status"], b["replay"]) for b in booked] == [("confirmed", False), ("confirmed", True)]
    assert line.target("find_appointments", caller_number="+14155552671")["status"] == "needs_verification"
    assert states(desk) == ["booked"]


def test_a_lex_bot_books_asks_and_cancels(desk: InProcess) -> None:
    line = Line(desk, "lex")
    time = {"Date": day().isoformat(), "Time": "10:00"}

    unnamed = line.intent("BookAppointment", **time, Name="")["sessionState"]
    assert unnamed["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "Name"}
    booked = line.intent("BookAppointment", **time, Name="Ada Low")
    assert (booked["sessionState"]["dialogAction"], booked["sessionState"]["intent"]["state"]) == (
        {"type": "Close"},
        "Fulfilled",
    )
    assert booked["messages"][0]["content"]
    taken = Line(desk, "lex").intent("BookAppointment", **time, Name="Bo Late")["sessionState"]
    assert taken["dialogAction"] == {"type": "ElicitIntent"}
    asked = line.intent("CancelAppointment")["sessionState"]
    assert asked["dialogAction"] == {"type": "ConfirmIntent"}
    done = line.intent("CancelAppointment", confirmation="Confirmed")["sessionState"]
    assert done["intent"]["state"] == "Fulfilled"
    assert states(desk) == ["cancelled"]


@pytest.mark.parametrize("tool", ["book_appointment", "check_availability"])
def test_an_agent_of_aws_has_no_door_to_the_web(desk: InProcess, tool: str) -> None:
    for credential in ({}, {"authorization": "Bearer null"}, {"authorization": "Bearer "}):
        heard = desk.post(f"/v1/{BUSINESS}/connect/{tool}", b"{}", {"content-type": "application/json"} | credential)

        assert (heard.status, heard.body["error"]) == (403, "not_over_http")
