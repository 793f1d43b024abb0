"""Events about whole calls, from the gateway to the table: who may send them, what they hear, what they cause."""

from __future__ import annotations

import contextlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.webhook.handler import HOOKS
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from slotline.bootstrap.call_work import SETTLE_SECONDS, CallWork
from slotline.domain.bookings import State
from slotline.domain.errors import StoreUnavailableError
from slotline.runtime import call_events
from slotline.runtime.call_events import LARGEST_EVENT_BODY
from slotline.runtime.hint_queue import work_off_hints
from slotline.runtime.webhook_endpoint import WebhookEndpoint
from tests.fakes import FakeClock
from tests.functional.caller import Caller, Heard
from tests.functional.dialects import Platform, retell_signature
from tests.functional.in_process import InProcess, in_process
from tests.functional.served import RETELL_KEY

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking
    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

EVENTS = Path(__file__).resolve().parents[2] / "events" / "webhook"
BUSINESS = "harbor"
ASSISTANT = "0c5d0000-0000-4000-8000-0000000000bb"
WEBHOOK_SECRET = "wsec_of_the_functional_tests"
ADA = "+14155550155"
TRANSCRIPT = "I need an appointment."
NAMES = {
    "business_name", "time_zone", "today", "today_date", "time_now", "services", "transfer_to", "has_appointment",
    "next_appointment",
}  # fmt: skip
DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
transfer_to: "+14155550100"
calendars:
  room: {{provider: builtin, hours: {{mon-sun: ["00:00-24:00"]}}}}
services:
  consult: {{name: Consultation, calendar: room, minutes: 30}}
agents:
  front: {{platform: generic, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
  other: {{platform: generic, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
  vapi: {{platform: vapi, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}{assistant}}}
  retell: {{platform: retell, services: [consult], auth: {{signature: "${{RETELL_KEY}}"}}}}
  plain-retell: {{platform: retell, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
  elevenlabs:
    platform: elevenlabs
    services: [consult]
    auth: {{bearer: "${{DESK_KEY}}"}}
    webhook_secret: "${{WEBHOOK_SECRET}}"
  eleven-two: {{platform: elevenlabs, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
identity: {{look_up: {look_up}}}
"""


class Queue:
    """SQS and Lambda as far as they are used."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.woken: list[tuple[str, Any]] = []
        self.failure: Exception | None = None

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)

    def invoke(self, **asked: Any) -> None:
        if self.failure:
            raise self.failure
        assert asked["InvocationType"] == "Event"
        self.woken.append((asked["FunctionName"], json.loads(asked["Payload"])))


class Desk:
    """The desk behind the gateway, with the queue in the test's hands."""

    def __init__(self, inside: InProcess) -> None:
        self.inside, self.queue = inside, Queue()
        house = inside.house
        house.settings = replace(house.settings, hints_queue="hints", woken=("availability", "booking"))
        house.__dict__ |= {"queue": self.queue, "functions": self.queue}
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.counted: list[tuple[str, float]] = []
        self._endpoint = WebhookEndpoint(lambda: house, HOOKS)
        self._gateway = Gateway(self, now=inside.clock.now)

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        assert name == "webhook"
        return self._endpoint(event, None)

    def post(self, agent: str, body: bytes, **headers: str) -> Heard:
        sent = tuple({n.replace("_", "-"): v for n, v in headers.items()}.items())
        path = f"/v1/{BUSINESS}/{agent}/events"
        answer = self._gateway.answer(HttpRequest("POST", path, (("content-type", "application/json"), *sent), body))
        return Heard(answer.status, json.loads(answer.body))

    def hear(self, agent: str, name: str, **changes: object) -> Heard:
        """A sample from `events/`, proved as its platform proves it."""
        body = sample(name, **changes)
        return self.post(agent, body, **self.proof(agent, name, body))

    def proof(self, agent: str, name: str, body: bytes) -> dict[str, str]:
        if agent == "retell":
            return {"x_retell_signature": retell_signature(body, at=self.inside.clock.now(), key=RETELL_KEY)}
        if name.startswith("elevenlabs_") and "initiation" not in name.replace("call_initiation", ""):
            return {"elevenlabs_signature": self.eleven(body)}
        return {"authorization": f"Bearer {self.inside.key}"}

    def eleven(self, body: bytes, *, secret: str = WEBHOOK_SECRET) -> str:
        stamp = str(int(self.inside.clock.now()))
        return f"t={stamp},v0={hmac.digest(secret.encode(), stamp.encode() + b'.' + body, 'sha256').hex()}"

    def deliver(self) -> None:
        """What the queue holds, in the order in which it becomes visible."""
        waiting, self.queue.sent = sorted(self.queue.sent, key=lambda m: m["DelaySeconds"]), []
        self._work_off(waiting)

    def _work_off(self, messages: list[dict[str, Any]]) -> None:
        def nobody(_business: str) -> Any:
            raise AssertionError("no hint")

        work = CallWork(self.inside.house, tell=self._tell, counted=lambda n, v: self.counted.append((n, v)))
        records = [{"messageId": f"m{n}", "body": message["MessageBody"]} for n, message in enumerate(messages)]
        assert work_off_hints({"Records": records}, desk=nobody, call_ended=work.ended) == {"batchItemFailures": []}

    def _tell(self, event: str, /, **fields: Any) -> None:
        self.told.append((event, fields))

    # --- what is there -----------------------------------------------------------------------------------------------

    def ends(self) -> list[dict[str, Any]]:
        return [item for item in self.inside.items() if item["sk"].startswith("END#")]

    def bookings(self) -> list[Booking]:
        ids = [item["pk"].split("#")[-1] for item in self.inside.items() if item["sk"] == "B"]
        return [self.inside.read(booking_id) for booking_id in ids]

    def tasks(self) -> list[str]:
        """Bookings of which a person is told that a promise was broken."""
        found = [i for i in self.inside.items() if i["sk"].startswith("X#") and i["kind"] == "broken_promise"]
        return [item["pk"].split("#")[-1] for item in found]


@contextlib.contextmanager
def opened(
    table: EngineTable, folder: Path, *, look_up: str = "caller_id", assistant: str = ASSISTANT
) -> Iterator[Desk]:
    desk = DESK.format(look_up=look_up, assistant=f', assistant_id: "{assistant}"' if assistant else "")
    named = {"WEBHOOK_SECRET": WEBHOOK_SECRET}
    with in_process(table, desk, folder, business=BUSINESS, clock=FakeClock(), environ=named) as inside:
        yield Desk(inside)


@pytest.fixture
def desk(table: EngineTable, tmp_path: Path) -> Iterator[Desk]:
    with opened(table, tmp_path) as found:
        yield found


def sample(name: str, **changes: object) -> bytes:
    """A body from `events/`; changes go to the object that tells about the call."""
    body = json.loads((EVENTS / f"{name}.json").read_text())
    inner = body.get("message") or body.get("call") or body.get("call_inbound") or body.get("data") or body
    inner |= changes
    return json.dumps(body).encode()


def booked(caller: Caller) -> dict[str, Any]:
    offer = caller.offers("consult", when="tomorrow")[0]
    reply = caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"], name="Ada Low")
    assert reply["status"] == "confirmed", reply
    return reply


Variables = Callable[[Any], dict[str, str]]
STARTS: list[tuple[str, str, Variables]] = [
    ("vapi", "vapi_assistant_request", lambda b: b["assistantOverrides"]["variableValues"]),
    ("retell", "retell_call_inbound", lambda b: b["call_inbound"]["dynamic_variables"]),
    ("elevenlabs", "elevenlabs_initiation", lambda b: b["dynamic_variables"]),
    ("front", "generic_call_started", lambda b: b["dynamic_variables"]),
]
ENDS = [
    ("vapi", "vapi_status_update_ended", "customer-ended-call"),
    ("vapi", "vapi_end_of_call_report", "customer-ended-call"),
    ("retell", "retell_call_ended", "user_hangup"),
    ("retell", "retell_call_analyzed", "user_hangup"),
    ("elevenlabs", "elevenlabs_post_call_transcription", "done"),  # the other reason it gives is free text
    ("elevenlabs", "elevenlabs_call_initiation_failure", "busy"),
    ("front", "generic_call_ended", "caller-hung-up"),
]
# --- a call begins ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("agent", "name", "variables"), STARTS)
def test_a_start_is_answered_with_the_callers_next_appointment(
    desk: Desk, agent: str, name: str, variables: Variables
) -> None:
    reply = booked(desk.inside.caller(number=ADA))

    heard = desk.hear(agent, name)

    assert heard.status == 200
    told = variables(heard.body)
    assert told.keys() == NAMES
    assert all(isinstance(value, str) for value in told.values())
    assert (told["business_name"], told["time_zone"], told["today_date"]) == ("Harbor Clinic", "Etc/UTC", "2026-01-05")
    assert (told["today"], told["transfer_to"]) == ("Monday, January 5", "+14155550100")
    assert told["has_appointment"] == "yes"
    day = reply["message"].partition("Tuesday")[2][:12]
    assert told["next_appointment"].startswith("You have ")
    assert "Consultation" in told["next_appointment"]
    assert f"Tuesday{day}" in told["next_appointment"]
    assert "Ada" not in heard_text(heard)


def heard_text(heard: Heard) -> str:
    return json.dumps(heard.body)


def test_each_platform_hears_its_own_shape_and_nothing_more(desk: Desk) -> None:
    shapes = {name: desk.hear(agent, name).body for agent, name, _ in STARTS}

    assert shapes["vapi_assistant_request"].keys() == {"assistantId", "assistantOverrides"}
    assert shapes["vapi_assistant_request"]["assistantId"] == ASSISTANT
    assert shapes["vapi_assistant_request"]["assistantOverrides"].keys() == {"variableValues"}
    assert shapes["retell_call_inbound"].keys() == {"call_inbound"}
    assert shapes["retell_call_inbound"]["call_inbound"].keys() == {"dynamic_variables"}
    assert shapes["elevenlabs_initiation"].keys() == {"type", "dynamic_variables"}
    assert shapes["elevenlabs_initiation"]["type"] == "conversation_initiation_client_data"
    assert shapes["generic_call_started"].keys() == {"dynamic_variables"}


@pytest.mark.parametrize(("agent", "name", "variables"), STARTS)
def test_somebody_without_appointments_hears_of_none(desk: Desk, agent: str, name: str, variables: Variables) -> None:
    booked(desk.inside.caller(number="+14155550177"))

    told = variables(desk.hear(agent, name).body)

    assert (told["has_appointment"], told["next_appointment"]) == ("no", "")


WITHHELD = [
    ("vapi", "vapi_assistant_request", {"customer": None, "call": {"id": "c", "type": "inboundPhoneCall"}}),
    ("vapi", "vapi_assistant_request", {"customer": {"number": "+266696687"}, "call": {"type": "inboundPhoneCall"}}),
    ("vapi", "vapi_assistant_request", {"call": {"id": "c", "type": "webCall", "customer": {"number": ADA}}}),
    ("retell", "retell_call_inbound", {"from_number": "anonymous"}),
    ("elevenlabs", "elevenlabs_initiation", {"caller_id": "+7378742833"}),
    ("elevenlabs", "elevenlabs_initiation", {"caller_id": None}),
    ("front", "generic_call_started", {"from": ""}),
    ("front", "generic_call_started", {"direction": "outbound"}),  # the one who is called is somebody else
]


@pytest.mark.parametrize(("agent", "name", "changes"), WITHHELD)
def test_a_withheld_or_unvouched_number_gets_no_appointments(
    desk: Desk, agent: str, name: str, changes: dict[str, object]
) -> None:
    booked(desk.inside.caller(number=ADA))
    variables = next(read for _, other, read in STARTS if other == name)

    told = variables(desk.hear(agent, name, **changes).body)

    assert told["next_appointment"] == ""
    assert told["has_appointment"] == ("no" if "direction" in changes else "unknown")


def test_where_a_number_is_not_proof_enough_nothing_is_said(table: EngineTable, tmp_path: Path) -> None:
    with opened(table, tmp_path, look_up="sms_code") as desk:
        booked(desk.inside.caller(number=ADA))

        for agent, name, variables in STARTS:
            told = variables(desk.hear(agent, name).body)
            assert (told["has_appointment"], told["next_appointment"]) == ("unknown", "")


def test_what_is_cancelled_or_over_is_not_announced(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA)
    booked(caller)
    desk.inside.clock.sleep(3 * 86_400)

    assert STARTS[1][2](desk.hear("retell", "retell_call_inbound").body)["has_appointment"] == "no"


def test_a_start_writes_nothing(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA))
    before = desk.inside.items()

    for agent, name, _ in STARTS:
        desk.hear(agent, name)
    desk.hear("vapi", "vapi_status_update_in_progress")
    desk.hear("retell", "retell_call_started")

    assert desk.inside.items() == before
    assert desk.queue.sent == []


@pytest.mark.parametrize(
    ("agent", "name"),
    [*((a, n) for a, n, _ in STARTS), ("vapi", "vapi_status_update_in_progress"), ("retell", "retell_call_started")],
)
def test_a_start_wakes_what_the_call_will_need(desk: Desk, agent: str, name: str) -> None:
    desk.hear(agent, name)

    payload = {"warm": {"business": BUSINESS, "agent": agent}}
    assert desk.queue.woken == [("availability", payload), ("booking", payload)]


@pytest.mark.parametrize(
    ("failure", "noted"),
    [(EndpointConnectionError(endpoint_url="lambda"), "wake_failed"), (KeyError("a bug of ours"), "wake_crashed")],
)
def test_a_start_is_answered_though_nobody_can_be_woken(
    desk: Desk, failure: Exception, noted: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.queue.failure = failure

    assert desk.hear("vapi", "vapi_assistant_request").status == 200
    assert {record.message for record in caplog.records} == {"call_event", noted}


@pytest.mark.parametrize("failure", [StoreUnavailableError("gone"), KeyError("a bug of ours")])
def test_a_look_up_that_breaks_costs_the_appointment_and_not_the_call(
    desk: Desk, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hear("front", "generic_call_started")  # the configuration is known by now

    def broken(*_: object) -> None:
        raise failure

    monkeypatch.setattr(desk.inside.house, "store", broken)
    for agent, name, variables in STARTS:
        heard = desk.hear(agent, name)
        assert heard.status == 200
        told = variables(heard.body)
        assert told.keys() == NAMES
        assert (told["has_appointment"], told["next_appointment"]) == ("unknown", "")


def test_a_look_up_that_hangs_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_events, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(desk.inside.house, "store", lambda _business: time.sleep(2))
    began = time.monotonic()

    heard = desk.hear("vapi", "vapi_assistant_request")

    assert time.monotonic() - began < 1
    assert heard.body["assistantId"] == ASSISTANT
    assert heard.body["assistantOverrides"]["variableValues"]["has_appointment"] == "unknown"


def test_vapi_without_an_assistant_hands_the_caller_to_a_person(table: EngineTable, tmp_path: Path) -> None:
    with opened(table, tmp_path, assistant="") as desk:
        heard = desk.hear("vapi", "vapi_assistant_request")

    assert (heard.status, heard.body) == (200, {"destination": {"type": "number", "number": "+14155550100"}})


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("agent", "name", "_"), [*STARTS, *ENDS])
@pytest.mark.parametrize("proof", ["none", "wrong", "other_agents_kind"])
def test_what_is_not_proved_is_refused_and_does_nothing(desk: Desk, agent: str, name: str, _: Any, proof: str) -> None:
    booked(desk.inside.caller(number=ADA))
    before, body = desk.inside.items(), sample(name)
    forged = {
        "none": {},
        "wrong": {"authorization": "Bearer guess", "x_retell_signature": retell_signature(body, key="guess")},
        "other_agents_kind": {"elevenlabs_signature": desk.eleven(body, secret=desk.inside.key)},
    }[proof]

    heard = desk.post(agent, body, **forged)

    assert heard.status == 401
    assert (desk.queue.sent, desk.queue.woken, desk.inside.items()) == ([], [], before)


def test_one_byte_more_is_another_body(desk: Desk) -> None:
    for agent, name in (("retell", "retell_call_ended"), ("elevenlabs", "elevenlabs_post_call_transcription")):
        body = sample(name)
        assert desk.post(agent, body + b" ", **desk.proof(agent, name, body)).status == 401


def test_an_old_signature_is_no_longer_one(desk: Desk) -> None:
    for agent, name, seconds in (
        ("retell", "retell_call_ended", 301),
        ("elevenlabs", "elevenlabs_post_call_transcription", 1801),
    ):
        body = sample(name)
        proof = desk.proof(agent, name, body)
        desk.inside.clock.sleep(seconds)
        assert desk.post(agent, body, **proof).status == 401


def test_a_signature_without_its_secret_proves_nothing(desk: Desk) -> None:
    body = sample("retell_call_ended")
    signed = retell_signature(body, at=desk.inside.clock.now(), key=RETELL_KEY)

    heard = desk.post("plain-retell", body, x_retell_signature=signed)

    assert (heard.status, desk.queue.sent) == (401, [])


def test_a_bad_signature_is_not_made_good_by_a_bearer(desk: Desk) -> None:
    body = sample("elevenlabs_post_call_transcription")

    heard = desk.post(
        "elevenlabs",
        body,
        authorization=f"Bearer {desk.inside.key}",
        elevenlabs_signature=desk.eleven(body, secret="x"),
    )

    assert (heard.status, desk.queue.sent) == (401, [])


def test_a_stranger_agent_or_too_long_a_body_is_refused(desk: Desk) -> None:
    assert desk.post("nobody", b"{}").status == 404
    assert desk.post("front", b" " * (LARGEST_EVENT_BODY + 1)).status == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"'])
@pytest.mark.parametrize("agent", ["front", "vapi", "elevenlabs"])
def test_what_is_no_json_object_is_a_bad_request(desk: Desk, agent: str, body: bytes) -> None:
    assert desk.post(agent, body, authorization=f"Bearer {desk.inside.key}").status == 400


UNKNOWN: list[tuple[str, object]] = [
    ("front", {}), ("front", {"event": "call_paused"}), ("front", {"event": ["call_ended"]}),
    ("front", {"event": "call_ended"}), ("front", {"event": "call_ended", "call_id": {"a": 1}}),
    ("vapi", {"message": {"type": "transcript", "transcript": TRANSCRIPT}}), ("vapi", {"message": 7}),
    ("vapi", {"message": {"type": "status-update", "status": "ringing"}}),
    ("vapi", {"message": {"type": "end-of-call-report", "call": "c", "endedReason": 5}}),
    ("elevenlabs", {"type": "voice_removal_notice", "data": {}}), ("elevenlabs", {"a": 1}),
    ("elevenlabs", {"type": "post_call_transcription", "data": None}),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "body"), UNKNOWN)
def test_what_is_not_known_or_names_no_call_is_acknowledged_and_ignored(desk: Desk, agent: str, body: object) -> None:
    heard = desk.post(agent, json.dumps(body).encode(), authorization=f"Bearer {desk.inside.key}")

    assert (heard.status, heard.body) == (200, {})
    assert (desk.queue.sent, desk.queue.woken) == ([], [])


# --- a call has ended ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("agent", "name", "reason"), ENDS)
def test_an_end_is_queued_with_ids_and_a_word_and_answered_at_once(
    desk: Desk, agent: str, name: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard = desk.hear(agent, name)

    assert (heard.status, heard.body) == (200, {})
    first, second = (json.loads(message["MessageBody"]) for message in desk.queue.sent)
    assert [message["DelaySeconds"] for message in desk.queue.sent] == [0, SETTLE_SECONDS]
    assert (first["settled"], second["settled"]) == (False, True)
    assert (first["call"]["agent"], first["reason"], first["business"]) == (agent, reason, BUSINESS)
    assert first.keys() == {"business", "call", "reason", "settled"}
    logged = str([vars(record) for record in caplog.records])
    for secret in (TRANSCRIPT, ADA, ADA[2:], "summary"):
        assert secret not in str(desk.queue.sent) + logged


PLATFORM_ENDS = [
    ("vapi", "vapi_status_update_ended", "vapi_end_of_call_report", {"call": {"id": "{}", "type": "inboundPhoneCall"}}),
    ("retell", "retell_call_ended", "retell_call_analyzed", {"call_id": "{}"}),
    ("elevenlabs", "elevenlabs_post_call_transcription", "elevenlabs_post_call_transcription",
     {"conversation_id": "{}"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "first", "second", "changes"), PLATFORM_ENDS)
def test_the_hold_of_a_call_is_let_go_when_it_ends_whatever_its_platform(
    desk: Desk, name: str, first: str, second: str, changes: dict[str, Any]
) -> None:
    platform = Platform(desk.inside, name, number=ADA)
    about = json.loads(json.dumps(changes).replace("{}", platform.call))

    def ask(tool: str, **arguments: str) -> dict[str, Any]:
        body = platform.wrapped(tool, arguments)
        signed = retell_signature(body, at=desk.inside.clock.now(), key=RETELL_KEY)
        return platform.reply(platform.raw(tool, body, x_retell_signature=signed))

    slot = ask("check_availability", service="consult", when="tomorrow")["slots"][0]["slot_id"]
    assert ask("hold_slot", service="consult", slot_id=slot)["status"] == "held"

    assert desk.hear(name, first, **about).status == 200
    desk.deliver()
    assert desk.hear(name, second, **about).status == 200
    desk.deliver()

    (booking,) = desk.bookings()
    assert (booking.state, booking.reason) == (State.EXPIRED, "call_ended")
    (end,) = desk.ends()
    assert (end["replies"], end["bookings"], end["broken"]) == ({"available": 1, "held": 1}, {}, [])


def test_an_end_that_one_url_hears_for_a_whole_workspace_reaches_the_agent_whose_call_it_was(desk: Desk) -> None:
    caller = replace(desk.inside.caller(number=ADA, call="conv-of-ada"), path=f"/v1/{BUSINESS}/eleven-two")
    offer = caller.offers("consult", when="tomorrow")[0]
    assert caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["status"] == "held"

    desk.hear("elevenlabs", "elevenlabs_post_call_transcription", conversation_id="conv-of-ada")
    desk.deliver()

    assert desk.bookings()[0].state is State.EXPIRED
    (end,) = desk.ends()
    assert (end["sk"], end["replies"]) == ("END#eleven-two", {"available": 1, "held": 1})


def test_a_kept_promise_is_recorded_and_troubles_nobody(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA, call="call-of-ada")
    booked(caller)
    (booking,) = desk.bookings()

    desk.hear("front", "generic_call_ended")
    desk.deliver()

    (end,) = desk.ends()
    assert (end["rsn"], end["replies"]) == ("caller-hung-up", {"available": 1, "confirmed": 1})
    assert (end["bookings"], end["broken"], end["unmatched"]) == ({booking.id: "booked"}, [], 0)
    assert end["ttl"] > desk.inside.clock.now()
    assert (desk.tasks(), desk.counted) == ([], [])
    assert "human_task" not in [event for event, _ in desk.told]
    assert ADA not in str(end)


def test_of_what_was_moved_in_the_call_the_last_word_counts(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA, call="call-of-ada")
    booked(caller)
    offer = caller.offers("consult", when="tomorrow")[1]
    desk.inside.clock.sleep(1)
    moved = caller.ask("reschedule_appointment", appointment="appt_1", slot_id=offer["slot_id"])
    assert moved["status"] == "confirmed", moved

    desk.hear("front", "generic_call_ended")
    desk.deliver()

    (end,) = desk.ends()
    assert (list(end["bookings"].values()), end["broken"], end["unmatched"]) == (["booked"], [], 0)


def lost(desk: Desk) -> str:
    """The booking ends in some way that its caller neither wanted nor was told of."""
    (booking,) = desk.bookings()
    store = desk.inside.house.store(BUSINESS)
    return store.release(booking, to=State.CANCELLED, reason="lost", now=desk.inside.clock.now()).id


def test_a_promise_that_does_not_stand_becomes_a_task_and_an_alarm_once(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    booking = lost(desk)

    for _ in range(3):  # the same end again, early and late
        desk.hear("front", "generic_call_ended")
        desk.deliver()
        desk.inside.clock.sleep(600)

    (end,) = desk.ends()
    assert (end["bookings"], end["broken"]) == ({booking: "cancelled"}, [booking])
    assert desk.tasks() == [booking]
    assert desk.counted == [("PromisesBroken", 1)]


def test_the_task_reaches_the_owner_through_the_outbox(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    booking = lost(desk)
    told: list[tuple[str, dict[str, Any]]] = []
    desk.inside.house._notify = lambda event, /, **fields: told.append((event, fields))
    desk.hear("front", "generic_call_ended")
    desk.deliver()

    desk.inside.clock.sleep(60)
    desk.inside.reconcile()

    tasks = [fields for event, fields in told if event == "human_task"]
    assert tasks == [{"booking": booking, "service": "consult", "state": "cancelled", "why": "broken_promise"}]


def test_what_its_caller_was_told_by_text_since_is_no_broken_promise(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    (booking,) = desk.bookings()
    desk.inside.clock.sleep(1)
    store = desk.inside.house.store(BUSINESS)
    now = desk.inside.clock.now()
    store.release(booking, to=State.CANCELLED, reason="calendar", effects=["sms_cancelled"], now=now)

    desk.hear("front", "generic_call_ended")
    desk.deliver()

    assert (desk.tasks(), desk.ends()[0]["bookings"]) == ([], {booking.id: "cancelled"})


def test_what_the_caller_cancelled_later_in_another_call_is_no_broken_promise(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    again = desk.inside.caller(number=ADA, call="call-two")
    again.ask("find_appointments")
    again.ask("cancel_appointment", appointment="appt_1")
    desk.inside.clock.sleep(5)
    assert again.ask("cancel_appointment", appointment="appt_1", confirm=True)["status"] == "cancelled"

    for call in ("call-of-ada", "call-two"):
        desk.hear("front", "generic_call_ended", call_id=call)
    desk.deliver()

    assert desk.tasks() == []
    assert sorted(end["replies"].get("cancelled", 0) for end in desk.ends()) == [0, 1]


def test_an_end_that_comes_hours_late_still_finds_what_was_said(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    booking = lost(desk)
    desk.inside.clock.sleep(30 * 3600)

    desk.hear("front", "generic_call_ended")
    desk.deliver()

    assert desk.tasks() == [booking]


def test_an_end_before_the_start_and_twice_at_once_is_one_end(desk: Desk) -> None:
    booked(desk.inside.caller(number=ADA, call="call-of-ada"))
    lost(desk)
    for name in ("generic_call_ended", "generic_call_ended", "generic_call_started"):
        assert desk.hear("front", name).status == 200

    desk.deliver()
    before = desk.ends()
    desk.hear("front", "generic_call_ended")
    desk.deliver()

    assert desk.ends() == before
    assert len(desk.tasks()) == 1


def test_what_was_said_after_the_first_end_is_seen_at_the_second(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA, call="call-of-ada")
    desk.hear("front", "generic_call_ended")
    desk.deliver()
    assert desk.ends()[0]["replies"] == {}

    booked(caller)
    booking = lost(desk)
    desk.hear("front", "generic_call_ended")
    desk.deliver()

    assert (desk.ends()[0]["v"], desk.tasks()) == (2, [booking])


def test_an_event_of_another_agent_never_reaches_the_call(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA, call="call-of-ada")
    offer = caller.offers("consult", when="tomorrow")[0]
    assert caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["status"] == "held"
    before = {(i["pk"], i["sk"]): i for i in desk.inside.items()}

    desk.hear("other", "generic_call_ended")
    desk.deliver()

    after = {(i["pk"], i["sk"]): i for i in desk.inside.items()}
    assert {key: item for key, item in after.items() if key[1] != "END#other"} == before
    assert desk.bookings()[0].state is State.HELD
    assert after["T#harbor#O#generic#call-of-ada", "END#other"]["replies"] == {}


def test_an_end_never_undoes_a_booking(desk: Desk) -> None:
    caller = desk.inside.caller(number=ADA, call="call-of-ada")
    offer = caller.offers("consult", when="tomorrow")[0]
    caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])
    desk.hear("front", "generic_call_ended")  # its words travel while the last tool is at work
    caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"], name="Ada Low")

    desk.deliver()

    assert [booking.state for booking in desk.bookings()] == [State.BOOKED]
