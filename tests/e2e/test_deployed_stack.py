"""The synthesised template, deployed: a call through HTTP API, Lambda, table, stream and queue."""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest

from ops import records
from ops.demo.phone_call import play
from ops.engine_deploy import deploy
from ops.local.resources import KEY_ID, REGION, SECRET_KEY
from tests.e2e.conftest import AGENT_KEY, STACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Deployed

pytestmark = pytest.mark.e2e

BUSINESS = "corner-barber"
PATIENCE_SECONDS = 30.0  # a function's first start on a busy machine takes seconds


@dataclass(frozen=True, slots=True)
class Phone:
    """A voice agent's side of one phone call."""

    api: str
    call_id: str
    caller: str = "+4915112345678"
    key: str = AGENT_KEY

    def ask(self, tool: str, *, delivery: str, **arguments: Any) -> dict[str, Any]:
        status, reply = self.post(tool, delivery=delivery, **arguments)
        assert status == 200, reply
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def post(self, tool: str, *, delivery: str, **arguments: Any) -> tuple[int, str]:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "X-Call-Id": self.call_id,
            "X-Caller-Number": self.caller,
            "Idempotency-Key": delivery,
        }
        return fetch(f"{self.api}/v1/{BUSINESS}/front-desk/{tool}", body=arguments, headers=headers)


def fetch(url: str, *, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    method = "GET" if body is None else "POST"
    reply = httpx.request(method, url, json=body, headers=headers, timeout=PATIENCE_SECONDS)
    return reply.status_code, reply.text


def eventually[T](look: Callable[[], T], *, until: Callable[[T], bool]) -> T:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return seen


class Clock:
    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def test_the_public_routes_answer(deployed: Deployed) -> None:
    assert fetch(f"{deployed.api}/v1/health") == (200, json.dumps({"status": "ok"}))

    status, text = fetch(f"{deployed.api}/v1/openapi.json")
    assert status == 200
    assert "/v1/{business}/{agent}/book_appointment" in json.loads(text)["paths"]


def test_a_route_that_was_not_deployed_is_unknown(deployed: Deployed) -> None:
    assert fetch(f"{deployed.api}/v1/{BUSINESS}/front-desk/erase_everything", body={})[0] == 404


@pytest.mark.parametrize("tool", ["check_availability", "book_appointment", "send_confirmation"])
def test_every_function_asks_for_the_credential(deployed: Deployed, tool: str) -> None:
    stranger = Phone(deployed.api, "call-stranger", key="somebody-elses-key-of-more-than-32-characters")

    status, reply = stranger.post(tool, delivery="d1", service="haircut")

    assert status in {401, 403}
    assert "slots" not in reply


def test_a_call_from_first_question_to_text_message_and_back(deployed: Deployed) -> None:
    phone = Phone(deployed.api, "call-1")

    offered = phone.ask("check_availability", delivery="1", service="haircut")
    assert offered["status"] == "available"
    slot = offered["slots"][0]

    held = phone.ask("hold_slot", delivery="2", service="haircut", slot_id=slot["slot_id"])
    assert held["status"] == "held"

    wish = {"service": "haircut", "slot_id": slot["slot_id"], "name": "Robin Meyer"}
    booked = phone.ask("book_appointment", delivery="3", **wish)
    assert (booked["status"], booked["start"], booked["replay"]) == ("confirmed", slot["start"], False)

    again = phone.ask("book_appointment", delivery="3", **wish)
    assert (again["status"], again["start"], again["replay"]) == ("confirmed", slot["start"], True)

    (message,) = eventually(
        lambda: _messages(deployed, "sms_booked"), until=lambda m: bool(m) and m[0]["state"] == "sent"
    )
    assert (message["state"], message["sends"]) == ("sent", 1)

    later = phone.ask("check_availability", delivery="4", service="haircut", after=slot["start"])["slots"][0]
    moved = phone.ask(
        "reschedule_appointment", delivery="5", appointment=booked["appointment"], slot_id=later["slot_id"]
    )
    assert (moved["status"], moved["start"]) == ("confirmed", later["start"])

    asked = phone.ask("cancel_appointment", delivery="6", appointment=booked["appointment"])
    assert asked["status"] == "needs_confirmation"
    cancelled = phone.ask("cancel_appointment", delivery="7", appointment=booked["appointment"], confirm=True)
    assert cancelled["status"] == "cancelled"

    (booking,) = records.bookings(deployed.target, clock=Clock(), business=BUSINESS)
    assert (booking["state"], booking["doubt"]) == ("cancelled", False)


def test_the_demo_call_is_right_here_too(deployed: Deployed) -> None:
    play(deployed.api, key=AGENT_KEY, target=deployed.target, texts=None, out=io.StringIO())


def test_a_call_over_mcp_with_the_rights_of_its_own_role(deployed: Deployed) -> None:
    phone = Phone(deployed.api, "call-mcp", caller="+4915100000001")
    headers = {"Authorization": f"Bearer {phone.key}", "X-Call-Id": phone.call_id, "X-Caller-Number": phone.caller}

    def ask(tool: str, **arguments: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        status, text = fetch(f"{deployed.api}/v1/{BUSINESS}/front-desk/mcp", body=body, headers=headers)
        assert status == 200, text
        reply: dict[str, Any] = json.loads(text)["result"]["structuredContent"]
        return reply

    slot = ask("check_availability", service="haircut")["slots"][0]
    assert ask("hold_slot", service="haircut", slot_id=slot["slot_id"])["status"] == "held"
    booked = ask("book_appointment", service="haircut", slot_id=slot["slot_id"], name="Robin Meyer")
    assert (booked["status"], booked["start"]) == ("confirmed", slot["start"])
    assert ask("send_confirmation", appointment=booked["appointment"])["status"] == "sent"
    later = ask("check_availability", service="haircut", after=slot["start"])["slots"][0]
    moved = ask("reschedule_appointment", appointment=booked["appointment"], slot_id=later["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", later["start"])
    assert ask("cancel_appointment", appointment=booked["appointment"])["status"] == "needs_confirmation"
    assert ask("cancel_appointment", appointment=booked["appointment"], confirm=True)["status"] == "cancelled"
    assert ask("find_appointments")["status"] == "none_found"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_mcp_has_neither_streams_nor_sessions(deployed: Deployed, method: str) -> None:
    reply = httpx.request(method, f"{deployed.api}/v1/{BUSINESS}/front-desk/mcp", timeout=PATIENCE_SECONDS)

    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


def test_a_contact_of_connect_reaches_its_agent_by_the_alias(deployed: Deployed) -> None:
    (alias,) = [value for value in deployed.outputs.values() if value.endswith(f":{BUSINESS}_flow")]
    functions = _client("lambda", deployed)

    def invoke(function: str, **parameters: str) -> tuple[bool, dict[str, Any]]:
        caller = {"Address": "+4915100000002", "Type": "TELEPHONE_NUMBER"}
        contact = {"ContactId": "contact-1", "CustomerEndpoint": caller}
        event = {"Name": "ContactFlowEvent", "Details": {"ContactData": contact, "Parameters": parameters}}
        answer = functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        reply: dict[str, Any] = json.loads(answer["Payload"].read())
        return "FunctionError" in answer, reply

    _, offered = invoke(alias, tool="check_availability", service="haircut")
    assert offered["status"] == "available", offered
    wish = {"tool": "book_appointment", "service": "haircut", "slot_id": offered["slot_1_id"], "name": "Kim Braun"}
    replies = [invoke(alias, **wish)[1] for _ in range(2)]
    assert [(r["status"], r["start"], r["replay"]) for r in replies] == [
        ("confirmed", offered["slot_1_start"], "false"),
        ("confirmed", offered["slot_1_start"], "true"),
    ]
    gone = {"tool": "cancel_appointment", "appointment": replies[0]["appointment"]}
    assert invoke(alias, **gone)[1]["status"] == "needs_confirmation"
    assert invoke(alias, **gone, confirm="true")[1]["status"] == "cancelled"
    failed, _ = invoke(alias.rpartition(":")[0], tool="find_appointments")
    assert failed


def test_another_caller_is_not_given_the_same_time(deployed: Deployed) -> None:
    first, second = Phone(deployed.api, "call-2"), Phone(deployed.api, "call-3", caller="+4915187654321")
    slot = first.ask("check_availability", delivery="1", service="haircut")["slots"][0]
    rival = second.ask("check_availability", delivery="1", service="haircut")["slots"][0]
    assert rival["start"] == slot["start"]

    won = first.ask("book_appointment", delivery="2", service="haircut", slot_id=slot["slot_id"], name="Ada Winter")
    lost = second.ask("book_appointment", delivery="2", service="haircut", slot_id=rival["slot_id"], name="Bo Sommer")

    assert won["status"] == "confirmed"
    assert lost["status"] == "unavailable"
    assert slot["start"] not in [other["start"] for other in lost["slots"]]


def test_a_call_is_greeted_and_gives_its_hold_back_when_it_ends(deployed: Deployed) -> None:
    phone = Phone(deployed.api, "call-events", caller="+4915112345670")
    slot = phone.ask("check_availability", delivery="1", service="haircut")["slots"][0]
    assert phone.ask("hold_slot", delivery="2", service="haircut", slot_id=slot["slot_id"])["status"] == "held"

    status, reply = phone.post("events", delivery="3", event="call_started", call_id=phone.call_id)
    assert (status, json.loads(reply)["dynamic_variables"]["has_appointment"]) == (200, "no")
    assert phone.post("events", delivery="4", event="call_ended", call_id=phone.call_id) == (200, "{}")

    def ended() -> bool:
        found = records.bookings(deployed.target, clock=Clock(), business=BUSINESS)
        return any(each["start"] == slot["start"] and each["state"] == "expired" for each in found)

    assert eventually(ended, until=bool)
    logged = eventually(lambda: _logged(deployed), until=lambda text: "call_event" in text)
    assert "call_event" in logged
    assert "wake_failed" not in logged, logged
    assert "warm_up_failed" not in logged


def test_the_reconciler_runs_in_its_package(deployed: Deployed) -> None:
    functions = _client("lambda", deployed).list_functions()["Functions"]
    (reconcile,) = [each for each in functions if each["Handler"].startswith("functions.reconcile.")]

    answer = _client("lambda", deployed).invoke(FunctionName=reconcile["FunctionName"], Payload=b"{}")

    text = answer["Payload"].read().decode()
    assert "FunctionError" not in answer, text
    assert json.loads(text)["looked_at"] >= 0


def test_nothing_was_given_up_on_the_way(deployed: Deployed) -> None:
    queues = _client("sqs", deployed)
    waiting = {}
    for url in queues.list_queues()["QueueUrls"]:
        attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        waiting[url.rsplit("/", 1)[1]] = attributes["ApproximateNumberOfMessages"]

    assert len(waiting) == 6
    assert {name: count for name, count in waiting.items() if count != "0"} == {}


def test_the_same_template_again_changes_nothing(deployed: Deployed, assembly: Path) -> None:
    before = records.bookings(deployed.target, clock=Clock(), business=BUSINESS)

    outputs = deploy(assembly, stack=STACK, endpoint=deployed.endpoint)

    assert outputs == deployed.outputs
    assert records.bookings(deployed.target, clock=Clock(), business=BUSINESS) == before


def _messages(deployed: Deployed, kind: str) -> list[dict[str, Any]]:
    return [message for message in records.messages(deployed.target, business=BUSINESS) if message["kind"] == kind]


def _logged(deployed: Deployed) -> str:
    """Everything that any function wrote into its log."""
    logs = _client("logs", deployed)
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    return json.dumps([logs.filter_log_events(logGroupName=name)["events"] for name in groups])


def _client(service: Any, deployed: Deployed) -> Any:
    session = boto3.Session(aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET_KEY, region_name=REGION)
    return session.client(service, endpoint_url=deployed.endpoint)
