"""One call event without a table behind it: published signatures, what a platform's words mean, and what is queued."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from slotline.domain.business import Agent, Auth, Business
from slotline.domain.call_events import CallEvent, CallRef, Happened, Welcome
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms import event_table
from slotline.platforms.table import PLATFORMS, by_name
from slotline.platforms.vapi_events import APOLOGY
from slotline.runtime import call_events
from slotline.runtime.call_events import call_event
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from slotline.ports import Dialect, EventDialect
    from slotline.runtime.call_events import CallDesk, EventOffice

VECTORS = json.loads((Path(__file__).parent / "data" / "voice" / "signatures.json").read_text())["vectors"]
SIGNED = [
    vector
    for vector in VECTORS
    if vector["platform"] in {"retell", "elevenlabs"}
    and ("call_ended" in vector["body"] or "post_call" in vector["body"])
]
ADA, DESK = "+14155550155", "+14155550111"
WELCOME = Welcome({"today": "Monday"}, assistant="asst_1", transfer_to=None)


@dataclass
class Office:
    """runtime.call_events.EventOffice and CallDesk: one agent of one platform."""

    platform: str
    auth: Auth = field(default_factory=lambda: Auth("bearer"))
    stored: dict[str, str] = field(default_factory=lambda: {"agents.front.auth": "key"})
    clock: FakeClock = field(default_factory=FakeClock)
    welcome_is: Welcome = WELCOME
    ended: list[tuple[CallRef, str | None]] = field(default_factory=list)
    woken: int = 0
    refreshed: int = 0

    def __post_init__(self) -> None:
        self.config, self.secrets = self, self

    def business(self, key: str) -> Business:
        agent = Agent("front", self.platform, (), self.auth)
        return Business(key, "Harbor", "Etc/UTC", "en-US", {}, {}, {"front": agent})

    def value(self, business: str, name: str) -> str:
        try:
            return self.stored[name]
        except KeyError:
            raise ConfigError(name) from None

    def refresh(self, business: str) -> None:
        self.refreshed += 1

    def dialect(self, platform: str, payload: str | None = None) -> Dialect:
        return by_name(platform, payload)

    def events(self, platform: str) -> EventDialect:
        return event_table.by_name(platform)

    def neutral(self, business: Business, agent: Agent) -> Welcome:
        return self.welcome_is

    def welcome(self, business: Business, agent: Agent, event: CallEvent) -> Welcome:
        return self.welcome_is

    def wake(self, business: Business, agent: Agent) -> None:
        self.woken += 1

    def hand_over(self, business: Business, call: CallRef, *, reason: str | None) -> None:
        self.ended.append((call, reason))

    def hear(self, body: bytes | object, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"authorization": "Bearer key"} if not headers else {n.replace("_", "-"): v for n, v in headers.items()}
        request = HttpRequest("POST", "/", given, raw, parameters={"business": "harbor", "agent": "front"})
        answer = call_event(cast("EventOffice", self), cast("CallDesk", self), request)
        assert answer.status == 200
        return json.loads(answer.body)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(call_events, "count", lambda name, _value: names.append(name))
    return names


# --- signatures ------------------------------------------------------------------------------------------------------


def office_of(vector: dict[str, Any], *, at: float, own: bool) -> Office:
    """An agent whose tools are proved by the signature too, or by a bearer of their own."""
    if own:
        stored = {"agents.front.auth": "key", "agents.front.webhook_secret": vector["secret"]}
        return Office(vector["platform"], stored=stored, clock=FakeClock(at))
    return Office(vector["platform"], Auth("signature"), {"agents.front.auth": vector["secret"]}, FakeClock(at))


def ways(vector: dict[str, Any]) -> list[bool]:
    return [True, False] if vector["platform"] == "retell" else [True]


def refused(office: Office, body: bytes, headers: dict[str, str]) -> bool:
    with pytest.raises(AccessError) as error:
        office.hear(body, **{name.replace("-", "_"): value for name, value in headers.items()})
    return error.value.status == 401 and office.ended == [] and office.woken == 0


def test_there_are_vectors_of_both_platforms() -> None:
    assert {vector["platform"] for vector in SIGNED} == {"retell", "elevenlabs"}
    assert "published" in {vector["origin"] for vector in SIGNED}


@pytest.mark.parametrize("vector", SIGNED, ids=lambda v: v["platform"])
def test_the_vectors_are_accepted_and_their_mutants_are_not(vector: dict[str, Any]) -> None:
    body, headers = vector["body"].encode(), vector["headers"]
    for own in ways(vector):
        for at in vector["accept_at"]:
            office_of(vector, at=at, own=own).hear(body, **{n.replace("-", "_"): v for n, v in headers.items()})
        at = vector["accept_at"][0]
        for late in vector["reject_at"]:
            assert refused(office_of(vector, at=late, own=own), body, headers)
        for other in vector["reject_bodies"]:
            assert refused(office_of(vector, at=at, own=own), other.encode(), headers)
        for forged in vector["reject_headers"]:
            assert refused(office_of(vector, at=at, own=own), body, forged)


@pytest.mark.parametrize("vector", SIGNED, ids=lambda v: v["platform"])
def test_no_flipped_bit_of_a_body_is_accepted(vector: dict[str, Any]) -> None:
    body = vector["body"].encode()
    for place in range(len(body)):
        other = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert refused(office_of(vector, at=vector["accept_at"][0], own=True), other, vector["headers"])


def test_a_refused_secret_is_read_anew_once() -> None:
    office = Office("generic")
    with pytest.raises(AccessError):
        office.hear({}, authorization="Bearer old")

    assert office.refreshed == 1


def test_an_agent_reached_inside_aws_has_no_events_over_https() -> None:
    with pytest.raises(AccessError) as error:
        Office("connect", Auth("invocation")).hear({})

    assert error.value.status == 403


def test_an_agent_without_its_own_secret_is_a_wrong_setup_and_not_a_wrong_credential() -> None:
    with pytest.raises(ConfigError):
        Office("generic", stored={}).hear({})


PLAIN_END = {"event": "call_ended", "call_id": "c"}


@pytest.mark.parametrize("platform", ["telnyx", "signalwire"])
def test_own_code_of_an_agent_with_signed_tools_shows_the_secret_of_its_webhooks(platform: str) -> None:
    office = Office(platform, Auth("signature"), {"agents.front.auth": "key", "agents.front.webhook_secret": "s3"})

    assert office.hear(PLAIN_END, authorization="Bearer s3") == {}
    assert office.ended == [(CallRef(platform, "c", "front"), None)]


@pytest.mark.parametrize("shown", ["Bearer key", "Bearer ", "Basic czM=", "s3"])
def test_nothing_else_than_that_secret_counts(shown: str) -> None:
    stored = {"agents.front.auth": "A" * 43 + "=", "agents.front.webhook_secret": "s3"}
    office = Office("telnyx", Auth("signature"), stored)

    assert refused(office, json.dumps(PLAIN_END).encode(), {"authorization": shown})
    assert refused(Office("telnyx", Auth("signature"), {"agents.front.auth": stored["agents.front.auth"]}), b"{}", {
        "authorization": "Bearer s3"
    })  # fmt: skip
    assert refused(Office("telnyx", stored=stored), b"{}", {"authorization": "Bearer s3"})


# --- in time ---------------------------------------------------------------------------------------------------------


class Slow(Office):
    """Whatever is asked takes long; `moments` says how long, from first to last."""

    moments: tuple[float, ...] = ()

    def welcome(self, business: Business, agent: Agent, event: CallEvent) -> Welcome:
        first, *rest = self.moments or (0.0,)
        self.moments = tuple(rest)
        time.sleep(first)
        return Welcome({"today": "looked up"}, assistant="asst_1")

    def wake(self, business: Business, agent: Agent) -> None:
        time.sleep(1.5 if self.slow_waking else 0.0)

    slow_waking = False


def test_a_start_is_answered_in_time_though_look_up_and_waking_both_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_events, "ANSWER_SECONDS", 0.6)
    office = Slow("vapi")
    office.moments, office.slow_waking = (1.5,), True
    began = time.monotonic()

    assert office.hear(ASKED)["assistantId"] == "asst_1"

    assert time.monotonic() - began < 1.0


def test_look_ups_that_hang_take_nothing_from_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Slow("vapi")
    office.moments = (1.5,) * 6
    monkeypatch.setattr(call_events, "ANSWER_SECONDS", 0.1)
    heard = [office.hear(ASKED) for _ in range(6)]
    monkeypatch.setattr(call_events, "ANSWER_SECONDS", 0.6)

    last = office.hear(ASKED)

    assert {each["assistantOverrides"]["variableValues"]["today"] for each in heard} == {"Monday"}
    assert last["assistantOverrides"]["variableValues"]["today"] == "looked up"


# --- what their words mean -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_platform_has_some_way_to_tell_of_calls(platform: str) -> None:
    events = event_table.by_name(platform)

    assert events.write(None, None).status == 200
    assert events.read(HttpRequest("POST", "/", {}, b'{"unknown": {"deep": [1]}}')) is None


def read(platform: str, body: object) -> CallEvent:
    event = event_table.by_name(platform).read(HttpRequest("POST", "/", {}, json.dumps(body).encode()))
    assert event is not None
    return event


def test_outbound_the_customer_is_whom_the_call_goes_to() -> None:
    plain = read("bland", {"event": "call_started", "call_id": "c", "direction": "outbound", "from": DESK, "to": ADA})
    retell = read("retell", {
        "event": "call_started",
        "call": {"call_id": "c", "direction": "outbound", "from_number": DESK, "to_number": ADA},
    })  # fmt: skip

    for event in (plain, retell):
        assert (event.context.caller, event.context.called, event.context.call_id) == (ADA, DESK, "c")


def test_a_web_calls_number_is_what_its_browser_says() -> None:
    vapi = read("vapi", {
        "message": {"type": "assistant-request", "call": {"id": "c", "type": "webCall", "customer": {"number": ADA}}}
    })  # fmt: skip
    retell = read("retell", {
        "event": "call_started",
        "call": {"call_id": "c", "call_type": "web_call", "direction": "inbound", "from_number": ADA},
    })  # fmt: skip

    assert (vapi.context.caller, retell.context.caller) == (None, None)


def test_headers_tell_what_a_plain_body_does_not() -> None:
    headers = {"x-call-id": "c", "x-caller-number": ADA, "x-called-number": DESK}
    request = HttpRequest("POST", "/", headers, b'{"event": "call_started"}')
    event = event_table.by_name("generic").read(request)

    assert event is not None
    context = event.context
    assert (context.platform, context.call_id, context.caller, context.called) == ("generic", "c", ADA, DESK)


def test_a_started_call_wakes_and_wants_no_answer() -> None:
    office = Office("retell")

    assert office.hear({"event": "call_started", "call": {"call_id": "c"}}) == {}
    assert (office.woken, office.ended) == (1, [])


def test_an_end_without_a_call_id_is_acknowledged_and_queues_nothing() -> None:
    office = Office("retell")

    assert office.hear({"event": "call_ended", "call": {"call_id": None}}) == {}
    assert office.ended == []


def test_an_end_says_which_call_and_why_and_wakes_nobody() -> None:
    office = Office("vapi")
    message = {"type": "end-of-call-report", "endedReason": "customer-ended-call", "call": {"id": "c"}}

    assert office.hear({"message": message}) == {}
    assert office.ended == [(CallRef("vapi", "c", "front"), "customer-ended-call")]
    assert office.woken == 0


# --- who answers at Vapi ---------------------------------------------------------------------------------------------

ASKED = {"message": {"type": "assistant-request", "call": {"id": "c"}}}
SETTLED = {"message": {"type": "assistant-request", "call": {"id": "c", "assistantId": "asst_2"}}}


@pytest.mark.parametrize(
    ("welcome", "body", "expected"),
    [
        (WELCOME, ASKED, {"assistantId": "asst_1", "assistantOverrides": {"variableValues": {"today": "Monday"}}}),
        (WELCOME, SETTLED, {"assistantId": "asst_1", "assistantOverrides": {"variableValues": {"today": "Monday"}}}),
        (Welcome({}), SETTLED, {"assistantId": "asst_2", "assistantOverrides": {"variableValues": {}}}),
        (Welcome({}, transfer_to=DESK), ASKED, {"destination": {"type": "number", "number": DESK}}),
        (Welcome({}), ASKED, {"error": APOLOGY}),
    ],
)
def test_a_call_at_vapi_is_always_answered_by_somebody(
    welcome: Welcome, body: object, expected: object, counted: list[str]
) -> None:
    assert Office("vapi", welcome_is=welcome).hear(body) == expected
    assert counted == ([] if "assistantId" in str(expected) else ["SetupErrors"])


def test_what_happened_has_three_names() -> None:
    assert {each.value for each in Happened} == {"asked", "started", "ended"}
