"""Platforms add fields without asking: whatever new stands in a request, at any level of it, the reply is the same."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.mcp.handler import CONTRACTS
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.call_events import CallEvent, Welcome
from slotline.domain.calls import BadCall, HttpRequest, HttpResponse, Status, Tool, ToolCall
from slotline.domain.errors import AccessError
from slotline.platforms.event_table import by_name as events_of
from slotline.platforms.mcp import Mcp
from slotline.platforms.table import PLATFORMS, by_name
from slotline.runtime.direct_endpoint import DirectEndpoint, DirectOffice
from slotline.runtime.tool_endpoint import Collaborators, ToolEndpoint
from tests.unit.front_desk import TOMORROW, FrontDesk
from tests.unit.voice_desk import Office, business, on_the_web

EVENTS = Path(__file__).parents[2] / "events"
VOICE = Path(__file__).parent / "data/voice"
SAMPLES = sorted(p for folder in ("availability", "booking", "sms_confirm") for p in (EVENTS / folder).glob("*.json"))
INVOCATIONS = sorted((EVENTS / "direct").glob("*.json"))
MESSAGES = sorted((EVENTS / "mcp").glob("*.json"))
CALL_EVENTS = sorted((EVENTS / "webhook").glob("*.json"))
SEEDS = 3

EXPECTED = {
    Tool.CHECK_AVAILABILITY: {Status.AVAILABLE, Status.NONE_AVAILABLE},
    Tool.HOLD_SLOT: {Status.HELD},
    Tool.BOOK_APPOINTMENT: {Status.CONFIRMED},
    Tool.FIND_APPOINTMENTS: {Status.FOUND},
    Tool.RESCHEDULE_APPOINTMENT: {Status.CONFIRMED},
    Tool.CANCEL_APPOINTMENT: {Status.CANCELLED, Status.NEEDS_CONFIRMATION},
    Tool.SEND_CONFIRMATION: {Status.SENT, Status.REFUSED},
}
"""What a sample hears; otherwise it would prove nothing."""


# --- new fields ------------------------------------------------------------------------------------------------------


def extended(value: Any, dice: random.Random) -> Any:
    """The same with a field or two that nobody knows in every object, before and after those that are known."""
    if isinstance(value, list):
        return [extended(item, dice) for item in value]
    if not isinstance(value, dict):
        return value
    known = [(name, extended(item, dice)) for name, item in value.items()]
    new = [(f"{dice.choice(('new', 'x-', 'Ünknown '))}{dice.randrange(10**6)}", anything(dice)) for _ in range(2)]
    return dict([new[0], *known, new[1]])


def anything(dice: random.Random, depth: int = 2) -> Any:
    plain = [
        None,
        True,
        0,
        -1.5,
        10**30,
        "",
        "text",
        "+14155550199",
        "appt_1",
        "2026-01-06",
        "{{unfilled}}",
        "\u2028é😀",
    ]
    if depth and dice.random() < 0.4:
        inner = [anything(dice, depth - 1) for _ in range(2)]
        return inner if dice.random() < 0.5 else {"name": inner[0], "id": inner[1]}
    return dice.choice(plain)


# --- the same reply --------------------------------------------------------------------------------------------------


def filled(sample: Any, *, start: int = TOMORROW + 120) -> Any:
    """The sample with a slot and an appointment that this desk knows."""
    slot = FrontDesk(business()).slot(start, service="cleaning")
    text = json.dumps(sample).replace("SLOT-ID", slot).replace("K7Q2", slot).replace("APPOINTMENT", "appt_1")
    return json.loads(text)


def looked_up(tool: str) -> bool:
    """Whether the tool is about an appointment, which a caller has heard of before."""
    return tool in {Tool.RESCHEDULE_APPOINTMENT, Tool.CANCEL_APPOINTMENT, Tool.SEND_CONFIRMATION}


def heard_on_the_web(platform: str, tool: str, body: Any) -> tuple[dict[str, Any], Office]:
    office = Office()
    office.book()
    paths = (f"/v1/harbor/{platform}/{name}" for name in ("find_appointments", tool))
    find, path = paths
    if looked_up(tool):
        sample = json.loads((EVENTS / "booking" / f"{platform}_find_appointments.json").read_text())
        office.post(find, sample, {}, on_the_web(office))
    return office.post(path, body, {}, on_the_web(office)), office


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_new_fields_in_a_request_of_a_voice_platform_change_no_reply(path: Path) -> None:
    platform, _, tool = path.stem.partition("_")
    body = filled(json.loads(path.read_text()))
    plain, office = heard_on_the_web(platform, tool, body)
    assert plain["statusCode"] == 200
    if tool in EXPECTED:
        assert office.entries[-1]["status"] in EXPECTED[Tool(tool)], plain

    for seed in range(SEEDS):
        more = extended(copy.deepcopy(body), random.Random(f"{path.stem} {seed}"))
        assert heard_on_the_web(platform, tool, more)[0] == plain, more


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_new_fields_in_a_message_of_mcp_change_no_reply(path: Path) -> None:
    sample = json.loads(path.read_text())
    body = filled(sample["body"])

    def heard(sent: Any) -> dict[str, Any]:
        office = Office()
        collaborators = cast("Collaborators", office)
        endpoint = ToolEndpoint(lambda: collaborators, ROOMS, own=lambda: Mcp(CONTRACTS, public_url=None))
        return office.post("/v1/harbor/generic/mcp", sent, sample["headers"], endpoint)

    plain = heard(body)
    assert plain["statusCode"] == 200
    assert '"error"' not in plain["body"]
    for seed in range(SEEDS):
        more = extended(copy.deepcopy(body), random.Random(f"{path.stem} {seed}"))
        assert heard(more) == plain, more


@pytest.mark.parametrize("path", INVOCATIONS, ids=lambda path: path.stem)
def test_new_fields_in_an_event_of_an_aws_service_change_no_answer(path: Path) -> None:
    sample = json.loads(path.read_text())
    event, client = filled(sample["event"]), sample.get("client")
    service = path.stem.partition("_")[0]

    def heard(sent: Any, custom: Any) -> Any:
        office = Office()
        office.book()
        context = SimpleNamespace(
            invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:direct:harbor_{service}",
            client_context=SimpleNamespace(custom=custom) if custom else None,
            get_remaining_time_in_millis=lambda: 12_000,
        )
        answer = DirectEndpoint(lambda: cast("DirectOffice", office), ROOMS)(sent, context)
        return json.loads(json.dumps(answer))

    plain = heard(event, client)
    for seed in range(SEEDS):
        dice = random.Random(f"{path.stem} {seed}")
        more, new_client = extended(copy.deepcopy(event), dice), extended(copy.deepcopy(client), dice)
        assert known_part(heard(more, new_client), plain) == plain, more


@pytest.mark.parametrize("path", CALL_EVENTS, ids=lambda path: path.stem)
def test_new_fields_in_what_is_told_about_a_call_change_nothing_of_it(path: Path) -> None:
    events = events_of(path.stem.partition("_")[0])
    body = json.loads(path.read_text())

    def heard(sent: Any) -> tuple[CallEvent | None, HttpResponse]:
        raw = json.dumps(sent, ensure_ascii=False).encode()
        event = events.read(HttpRequest("POST", "/", {"content-type": "application/json"}, raw))
        return event, events.write(event, Welcome({"caller_known": "true"}))

    plain = heard(body)
    for seed in range(SEEDS):
        more = extended(copy.deepcopy(body), random.Random(f"{path.stem} {seed}"))
        assert heard(more) == plain, more


def known_part(answer: Any, plain: Any) -> Any:
    """The answer without new fields of the event, which Bedrock and Lex want back as they came."""
    if isinstance(answer, dict) and isinstance(plain, dict):
        return {name: known_part(answer[name], plain[name]) for name in plain if name in answer}
    if isinstance(answer, list) and isinstance(plain, list) and len(answer) == len(plain):
        return [known_part(one, other) for one, other in zip(answer, plain, strict=True)]
    return answer


PUBLISHED = [
    pytest.param(platform, case, id=f"{platform}: {case['name']}")
    for platform in PLATFORMS
    for case in json.loads((VOICE / f"{platform}.json").read_text())["cases"]
    if isinstance(case.get("body"), dict)
]


def calls_of(platform: str, case: dict[str, Any], body: Any) -> list[ToolCall | BadCall]:
    raw = json.dumps(body, ensure_ascii=False).encode()
    request = HttpRequest("POST", "/", {"content-type": "application/json", **case.get("headers", {})}, raw)
    dialect = by_name(platform, case.get("payload"))
    return list(dialect.read(request, path_tool=case.get("path_tool", "check_availability")))


@pytest.mark.parametrize(("platform", "case"), PUBLISHED)
def test_new_fields_in_any_published_form_of_a_request_are_not_seen(platform: str, case: dict[str, Any]) -> None:
    try:
        plain = calls_of(platform, case, case["body"])
    except AccessError:
        pytest.fail("a published form is refused")

    for seed in range(SEEDS):
        more = extended(copy.deepcopy(case["body"]), random.Random(f"{case['name']} {seed}"))
        for call, before in zip(calls_of(platform, case, more), plain, strict=True):
            if isinstance(call, ToolCall) and isinstance(before, ToolCall):
                args = {name: known_part(value, before.args.get(name)) for name, value in call.args.items()}
                assert {name: args[name] for name in before.args} == before.args
                assert (call.tool, call.context) == (before.tool, before.context), more
                assert call.id in {before.id, None}, more
            else:
                assert call == before, more
