"""What AWS services send when they invoke the function themselves, and the shape each of them hears back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from slotline.domain.business import INVOCATION, Agent, Auth, Business
from slotline.domain.calls import BadCall, CallContext, Status, Tool, ToolCall, ToolReply
from slotline.domain.errors import AccessError, ConfigError, StoreUnavailableError
from slotline.platforms.table import DIRECT, direct_by_name
from slotline.runtime.direct_endpoint import DirectEndpoint
from slotline.runtime.tools import ToolRoom
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.ports import DirectDialect
    from slotline.runtime.direct_endpoint import DirectOffice

EVENTS = Path(__file__).parents[2] / "events/direct"
SESSION = "5ca32fbd-8f92-46af-92a5-6b0f970f0efe"
CALLER, CALLED = "+14155550123", "+18005550100"
BOOKING = {"service": "cleaning", "slot_id": "K7Q2", "name": "Zoë Müller"}
ON_THE_PHONE = CallContext("connect", SESSION, CALLER, CALLED)
IN_LEX = CallContext("lex", SESSION, CALLER, CALLED)
IN_A_SESSION = CallContext("bedrock", "sess-1", CALLER)

CALLS: Mapping[str, tuple[Tool, Mapping[str, object], CallContext]] = {
    "connect_check_availability": (Tool.CHECK_AVAILABILITY, {"service": "cleaning", "when": "friday"}, ON_THE_PHONE),
    "connect_book_appointment": (Tool.BOOK_APPOINTMENT, BOOKING, ON_THE_PHONE),
    "connect_find_appointments": (Tool.FIND_APPOINTMENTS, {}, ON_THE_PHONE),
    "connect_chat": (Tool.FIND_APPOINTMENTS, {}, CallContext("connect", SESSION)),
    "bedrock_function_book_appointment": (Tool.BOOK_APPOINTMENT, BOOKING, IN_A_SESSION),
    "bedrock_openapi_book_appointment": (Tool.BOOK_APPOINTMENT, BOOKING, IN_A_SESSION),
    "bedrock_function_cancel_appointment": (
        Tool.CANCEL_APPOINTMENT,
        {"appointment": "appt_1", "confirm": "true"},
        IN_A_SESSION,
    ),
    "agentcore_book_appointment": (Tool.BOOK_APPOINTMENT, BOOKING, CallContext("agentcore")),
    "lex_book_appointment": (
        Tool.BOOK_APPOINTMENT,
        {"service": "cleaning", "date": "2026-11-27", "time": "10:00", "name": "Zoë Müller"},
        IN_LEX,
    ),
    "lex_cancel_appointment": (Tool.CANCEL_APPOINTMENT, {"appointment": "appt_1", "confirm": True}, IN_LEX),
}

OFFERED = ToolReply(
    Status.AVAILABLE,
    "Friday at ten or at eleven.",
    {
        "slots": [
            {"slot_id": "K7Q2", "start": "2026-11-27T10:00:00-08:00", "say": "Friday at ten", "staff": "Ana"},
            {"slot_id": "M3X9", "start": "2026-11-27T11:00:00-08:00", "say": "Friday at eleven"},
        ]
    },
)
BOOKED = ToolReply(Status.CONFIRMED, "You're booked.", {"start": "2026-11-27T10:00:00-08:00", "replay": False})


def sample(name: str) -> tuple[DirectDialect, dict[str, Any], dict[str, Any]]:
    found = json.loads((EVENTS / f"{name}.json").read_text())
    return direct_by_name(name.partition("_")[0]), found["event"], found.get("client", {})


def written(name: str, reply: ToolReply) -> dict[str, Any]:
    dialect, event, client = sample(name)
    call = dialect.read(event, client)
    assert not isinstance(call, dict)
    answer = dialect.write(event, (call, reply))
    assert json.loads(json.dumps(answer)) == answer
    return answer


def refused(name: str, **changed: object) -> tuple[BadCall, dict[str, Any]]:
    dialect, event, client = sample(name)
    event |= changed
    call = dialect.read(event, client)
    assert isinstance(call, BadCall)
    return call, dialect.write(event, (call, call.reply()))


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_a_sample_is_the_call_it_should_be(name: str) -> None:
    dialect, event, client = sample(name)

    tool, args, context = CALLS[name]
    assert dialect.read(event, client) == ToolCall(tool, args, context)


def test_every_sample_is_read() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == set(CALLS) | {"lex_dialog"}


@pytest.mark.parametrize("separator", ["___", "__"])
def test_agentcore_may_put_any_target_before_the_tool(separator: str) -> None:
    dialect = direct_by_name("agentcore")

    call = dialect.read({}, {"bedrockAgentCoreToolName": f"my-target{separator}find_appointments"})

    assert isinstance(call, ToolCall)
    assert call.tool is Tool.FIND_APPOINTMENTS


def test_arguments_that_look_like_a_contact_are_arguments() -> None:
    """What a model fills in cannot make its event one of another service, with a caller of its choice."""
    _, contact, _ = sample("connect_find_appointments")

    call = direct_by_name("agentcore").read(contact, {"bedrockAgentCoreToolName": "t___find_appointments"})

    assert isinstance(call, ToolCall)
    assert call.context == CallContext("agentcore")


def test_a_withheld_number_is_nobody() -> None:
    dialect, event, client = sample("connect_find_appointments")
    for address in ("anonymous", "+266696687", "", None, 5):
        event["Details"]["ContactData"]["CustomerEndpoint"]["Address"] = address

        call = dialect.read(event, client)

        assert isinstance(call, ToolCall)
        assert call.context == CallContext("connect", SESSION, None, CALLED)


def test_an_address_that_is_no_telephone_is_nobody() -> None:
    dialect, event, client = sample("connect_find_appointments")
    event["Details"]["ContactData"]["CustomerEndpoint"] = {"Address": CALLER, "Type": "CONTACT_FLOW"}

    call = dialect.read(event, client)

    assert isinstance(call, ToolCall)
    assert call.context == CallContext("connect", SESSION, None, CALLED)


@pytest.mark.parametrize("platform", DIRECT)
@pytest.mark.parametrize("event", [{}, {"Details": 5}, {"sessionState": [], "invocationSource": "FulfillmentCodeHook"}])
def test_an_event_without_a_tool_is_answered_all_the_same(platform: str, event: dict[str, object]) -> None:
    dialect = direct_by_name(platform)

    call = dialect.read(event, {})

    if not isinstance(call, dict):
        assert isinstance(call, BadCall)
        assert dialect.write(event, (call, call.reply()))


# --- writing ---------------------------------------------------------------------------------------------------------


def test_connect_hears_one_level_of_strings() -> None:
    assert written("connect_check_availability", OFFERED) == {
        "status": "available",
        "message": "Friday at ten or at eleven.",
        "slot_1_id": "K7Q2",
        "slot_1_start": "2026-11-27T10:00:00-08:00",
        "slot_1_say": "Friday at ten",
        "slot_1_staff": "Ana",
        "slot_2_id": "M3X9",
        "slot_2_start": "2026-11-27T11:00:00-08:00",
        "slot_2_say": "Friday at eleven",
    }
    assert written("connect_book_appointment", BOOKED) == {
        "status": "confirmed",
        "message": "You're booked.",
        "start": "2026-11-27T10:00:00-08:00",
        "replay": "false",
    }
    found = ToolReply(Status.FOUND, "Friday.", {"appointments": [{"appointment": "appt_1", "say": "Friday at ten"}]})
    assert written("connect_find_appointments", found) == {
        "status": "found",
        "message": "Friday.",
        "appointment_1": "appt_1",
        "appointment_1_say": "Friday at ten",
    }


def test_connect_hears_no_more_than_it_takes() -> None:
    long = ToolReply(Status.AVAILABLE, "Free.", {f"field_{n}": "ü" * 500 for n in range(100)})

    answer = written("connect_check_availability", long)

    assert (answer["status"], answer["message"]) == ("available", "Free.")
    assert len(answer) > 25
    assert len(json.dumps(answer, ensure_ascii=False).encode()) <= 32_768
    assert all(isinstance(value, str) for value in answer.values())


def test_bedrock_hears_both_forms_in_their_own_shape() -> None:
    body = json.dumps(BOOKED.as_object(), ensure_ascii=False, separators=(",", ":"))
    kept = {
        "sessionAttributes": {"caller_number": CALLER, "tenant_id": "some-other-business"},
        "promptSessionAttributes": {"caller_number": "+14155550198"},
    }

    assert written("bedrock_function_book_appointment", BOOKED) == {
        "messageVersion": "1.0",
        "response": {
            "actionGroup": "booking",
            "function": "book_appointment",
            "functionResponse": {"responseBody": {"TEXT": {"body": body}}},
        },
        **kept,
    }
    assert written("bedrock_openapi_book_appointment", BOOKED) == {
        "messageVersion": "1.0",
        "response": {
            "actionGroup": "booking",
            "apiPath": "/v1/{business}/{agent}/book_appointment",
            "httpMethod": "POST",
            "httpStatusCode": 200,
            "responseBody": {"application/json": {"body": body}},
        },
        **kept,
    }


def test_bedrock_may_try_again_after_an_unknown_tool() -> None:
    _, function = refused("bedrock_function_book_appointment", function="steal_slot")
    _, openapi = refused("bedrock_openapi_book_appointment", apiPath="/steal_slot")

    assert function["response"]["functionResponse"]["responseState"] == "REPROMPT"
    assert openapi["response"]["httpStatusCode"] == 400


def test_agentcore_hears_the_reply_itself() -> None:
    assert written("agentcore_book_appointment", BOOKED) == BOOKED.as_object()


def lex_turn(name: str, reply: ToolReply) -> tuple[dict[str, Any], str, str]:
    answer = written(name, reply)
    state = answer["sessionState"]
    assert state["sessionAttributes"] == {"caller_number": CALLER, "called_number": CALLED}
    (message,) = answer["messages"]
    assert message["contentType"] == "PlainText"
    return state["dialogAction"], state["intent"]["state"], message["content"]


@pytest.mark.parametrize(
    ("status", "fields", "action", "state"),
    [
        (Status.CONFIRMED, {}, {"type": "Close"}, "Fulfilled"),
        (Status.NOT_DONE, {}, {"type": "Close"}, "Failed"),
        (Status.NEEDS, {"field": "email"}, {"type": "ElicitSlot", "slotToElicit": "Email"}, "InProgress"),
        (Status.NEEDS, {"field": "phone"}, {"type": "ElicitIntent"}, "InProgress"),
        (Status.NEEDS_CONFIRMATION, {}, {"type": "ConfirmIntent"}, "InProgress"),
        (Status.UNAVAILABLE, {}, {"type": "ElicitIntent"}, "InProgress"),
        (Status.PENDING, {}, {"type": "ElicitIntent"}, "InProgress"),
        (Status.REQUESTED, {}, {"type": "ElicitIntent"}, "InProgress"),
    ],
)
def test_lex_goes_on_as_the_status_asks(
    status: Status, fields: dict[str, object], action: dict[str, str], state: str
) -> None:
    assert lex_turn("lex_book_appointment", ToolReply(status, "A sentence.", fields)) == (action, state, "A sentence.")


def test_lex_goes_on_asking_while_slots_are_missing() -> None:
    dialect, event, client = sample("lex_dialog")

    answer = dialect.read(event, client)

    assert answer == {
        "sessionState": {
            "sessionAttributes": {"caller_number": CALLER, "called_number": CALLED},
            "dialogAction": {"type": "Delegate"},
            "intent": event["sessionState"]["intent"],
        }
    }


# --- the endpoint ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class FakeLedger:
    entries: list[dict[str, Any]] = field(default_factory=list)

    def record(self, entry: dict[str, Any]) -> None:
        self.entries.append(entry)


@dataclass(slots=True)
class FakeOffice:
    """One business with one agent per platform, at a desk that says when a call must be done."""

    clock: FakeClock = field(default_factory=FakeClock)
    auth: Auth = field(default_factory=lambda: Auth(INVOCATION))
    entries: FakeLedger = field(default_factory=FakeLedger)
    unreachable: bool = False

    @property
    def config(self) -> FakeOffice:
        return self

    def business(self, key: str) -> Business:
        if key != "bright-smile":
            raise AccessError(404, "unknown_business", "no")
        agents = {name: Agent(name, name, ("cleaning",), self.auth) for name in DIRECT}
        return Business("bright-smile", "Bright Smile", "UTC", "en-US", {}, {}, agents)

    def direct_dialect(self, platform: str) -> DirectDialect:
        return direct_by_name(platform)

    def desk(self, business: Business, agent: Agent, *, process_ends: float) -> object:
        if self.unreachable:
            raise StoreUnavailableError("no answer")
        return self

    def ledger(self, business: str) -> FakeLedger:
        return self.entries


def booked_by(desk: FakeOffice, call: ToolCall, *, deadline: float, **_: object) -> ToolReply:
    seconds = round(deadline - desk.clock.now(), 3)
    return ToolReply(Status.CONFIRMED, "You're booked.", {"start": call.args["slot_id"], "seconds": seconds})


def invoke(office: FakeOffice, name: str, *, alias: str | None = "", client: object = None, left: int = 12_000) -> Any:
    from slotline.runtime.contracts import BookAppointment

    _, event, custom = sample(name)
    platform = name.partition("_")[0]
    arn = "arn:aws:lambda:us-east-1:123456789012:function:direct"
    context = SimpleNamespace(
        invoked_function_arn=arn if alias is None else f"{arn}:{alias or f'bright-smile_{platform}'}",
        client_context=SimpleNamespace(custom=custom) if client is None else client,
        get_remaining_time_in_millis=lambda: left,
    )
    rooms = [ToolRoom(Tool.BOOK_APPOINTMENT, BookAppointment, booked_by)]
    return DirectEndpoint(lambda: cast("DirectOffice", office), rooms)(event, context)


def test_an_alias_names_business_and_agent_and_the_event_cannot() -> None:
    office = FakeOffice()

    answer = invoke(office, "connect_book_appointment")

    assert (answer["status"], answer["start"]) == ("confirmed", "K7Q2")
    (entry,) = office.entries.entries
    assert (entry["agent"], entry["platform"], entry["call"]) == ("connect", "connect", SESSION)


@pytest.mark.parametrize("alias", [None, "bright-smile", "_connect", "bright-smile_", "$LATEST", "7"])
def test_an_invocation_of_no_agents_alias_fails(alias: str | None) -> None:
    with pytest.raises(ConfigError, match="alias"):
        invoke(FakeOffice(), "connect_book_appointment", alias=alias)


def test_an_unknown_business_fails() -> None:
    with pytest.raises(AccessError):
        invoke(FakeOffice(), "connect_book_appointment", alias="other-house_connect")


def test_an_agent_of_the_web_cannot_be_reached_without_its_credential() -> None:
    with pytest.raises(ConfigError, match="auth"):
        invoke(FakeOffice(auth=Auth("bearer")), "connect_book_appointment")


@pytest.mark.parametrize(
    ("name", "left", "seconds"),
    [("connect_book_appointment", 12_000, "7.0"), ("connect_book_appointment", 5_000, "3.0")],
)
def test_the_work_ends_before_the_service_gives_up(name: str, left: int, seconds: str) -> None:
    assert invoke(FakeOffice(), name, left=left)["seconds"] == seconds


def test_without_the_table_nobody_denies_what_an_earlier_try_may_have_done() -> None:
    answer = invoke(FakeOffice(unreachable=True), "connect_book_appointment")

    assert answer["status"] == "pending"


def test_a_gateway_that_names_no_tool_is_told_so() -> None:
    answer = invoke(FakeOffice(), "agentcore_book_appointment", client=SimpleNamespace(custom=None))

    assert answer["status"] == "not_done"


def test_lex_is_not_kept_waiting_while_it_asks() -> None:
    assert invoke(FakeOffice(), "lex_dialog")["sessionState"]["dialogAction"] == {"type": "Delegate"}
