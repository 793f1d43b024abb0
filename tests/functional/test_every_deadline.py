"""A calendar that does not answer, on every channel: we answer in time, keep the slot, and text the outcome later.

The calendar stalls on a clock that only it moves, so that what is measured is exactly the waiting.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from unittest import mock

import httpx
import pytest

from slotline.domain.bookings import EntryKind
from slotline.platforms import table as platforms
from slotline.platforms.mcp import Mcp
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, days_in
from tests.functional.channels import CHANNELS, KNOWING, Channel, all_agents
from tests.functional.dialects import vapi_body
from tests.functional.in_process import in_process
from tests.servers.calcom import API_KEY, CalcomApi
from tests.servers.calcom_desk import EventType, Host
from tests.servers.faulty import transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.caller import Reply
    from tests.functional.in_process import InProcess

pytestmark = pytest.mark.engine

ALWAYS_OPEN = EventType(1, hosts=(Host(1, "Ada Host", week=((("00:00", "24:00"),),) * 7),))
BASE_URL = "http://127.0.0.1:1/v2"
FOREVER = 3600.0
HASTY_SECONDS = 1.5

PATIENCE: Mapping[str, float] = {
    "vapi": 20.0, "retell": 120.0, "elevenlabs": 20.0, "bland": 10.0, "synthflow": 5.0, "ultravox": 2.5,
    "telnyx": 5.0, "signalwire": 5.0, "openai": 20.0, "generic": 20.0, "mcp": 5.0,
    "connect": 8.0, "lex": 20.0, "bedrock": 20.0, "agentcore": 20.0,
}  # fmt: skip
"""How long each platform waits unless it is told otherwise (seconds); five where that is not documented.

https://docs.vapi.ai/server-url (20), https://docs.retellai.com/build/conversation-flow/custom-function (120),
https://elevenlabs.io/docs (20), https://docs.bland.ai/api-v1/post/tools (10), https://docs.ultravox.ai/tools (2.5),
LiveKit's MCP client (5), https://docs.aws.amazon.com/connect (8).
"""

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
transfer_to: "+14155550100"
calendars:
  main: {provider: calcom, api_key: "${CAL_KEY}", base_url: "URL", timeout_seconds: 30, quiescence_seconds: 60}
services:
  visit: {name: Visit, calendar: main, event_type: 1, minutes: 30, email: {fallback: desk@harbor.example}}
agents:
  front: {platform: generic, services: [visit], auth: {bearer: "${DESK_KEY}"}}
"""


class Story:
    """A desk on Cal.com, and one caller on one channel."""

    def __init__(self, desk: InProcess, api: CalcomApi, clock: FakeClock, name: str) -> None:
        self.desk, self.api, self.clock = desk, api, clock
        self.who = Channel(desk, name)
        self.took = 0.0
        self._deliveries = 0

    def ask(self, tool: str, /, **arguments: object) -> Reply:
        """One tool call; `took` is how long it lasted on the clock."""
        self._deliveries += 1
        began = self.clock.now()
        reply = self.who.say(tool, str(self._deliveries), **arguments)
        self.took = self.clock.now() - began
        return reply

    def offers(self) -> list[Reply]:
        found: list[Reply] = self.ask("check_availability", service="visit", when="tomorrow morning")["slots"]
        return found

    def stall(self, operation: str) -> None:
        """From now on this operation is done, and never answered; Cal.com is only asked again after `heal`."""
        self.api.fault("stall", on=operation, seconds=FOREVER, times=1000)

    def heal(self) -> None:
        self.api.answer("DELETE", "/_faults", {}, b"")

    def later(self, seconds: float = 60.0) -> None:
        self.clock.sleep(seconds)
        self.desk.reconcile()

    def texts(self) -> list[str]:
        return [item["kind"] for item in self.desk.items() if item["sk"].startswith("X#")]

    def pinned(self) -> int:
        entries = (entry for document in days_in(self.desk.items()) for entry in document.entries)
        return sum(entry.kind is EntryKind.PIN for entry in entries)

    def states(self) -> list[str]:
        return [booking.state.value for booking in bookings_in(self.desk.items())]


@contextmanager
def story(name: str, table: EngineTable, folder: Path, *, deadline_seconds: float | None = None) -> Iterator[Story]:
    clock = FakeClock()
    api = CalcomApi(clock=clock.now, event_types=(ALWAYS_OPEN,))
    desk = DESK.replace("URL", BASE_URL) + all_agents("visit")
    if deadline_seconds is not None:
        desk = desk.replace(", services: [visit],", f", services: [visit], deadline_seconds: {deadline_seconds},")
    with ExitStack() as stack:
        running = stack.enter_context(
            in_process(table, desk, folder, business="harbor", clock=clock, environ={"CAL_KEY": API_KEY})
        )

        def open_client(base_url: str, **_options: object) -> httpx.Client:
            return stack.enter_context(httpx.Client(base_url=base_url, transport=transport(api, clock=clock)))

        stack.enter_context(mock.patch("slotline.adapters.calendars._http.open_client", open_client))
        yield Story(running, api, clock, name)


def told_pending(story: Story, reply: Reply, start: str) -> None:
    assert (reply["status"], reply["start"]) == ("pending", start), reply
    assert "booked" not in reply["message"].lower()


@pytest.mark.parametrize("name", CHANNELS)
def test_a_calendar_that_stalls_is_pending_in_time_and_texted_later(
    name: str, table: EngineTable, tmp_path: Path
) -> None:
    with story(name, table, tmp_path) as at:
        offer = at.offers()[0]
        wish = {"service": "visit", "slot_id": offer["slot_id"], "name": "Ada Low"}
        at.stall("*")

        told_pending(at, at.ask("book_appointment", **wish), offer["start"])
        assert 0.2 * min(PATIENCE[name], 8.0) < at.took < PATIENCE[name]
        assert (at.states(), at.pinned(), at.texts()) == (["booking"], 1, [])
        told_pending(at, at.ask("book_appointment", **wish), offer["start"])
        assert at.took < PATIENCE[name]

        at.heal()
        other = Channel(at.desk, name).say("book_appointment", "1", **wish)
        assert other["status"] == "unavailable", other
        at.later()
        again = at.ask("book_appointment", **wish)
        assert (again["status"], again["start"], again["replay"]) == ("confirmed", offer["start"], True)
        assert (at.states(), at.texts()) == (["booked"], ["sms_booked"])
        assert [booking["status"] for booking in at.api.bookings()] == ["accepted"]


@pytest.mark.parametrize("name", CHANNELS)
def test_every_tool_answers_in_the_time_that_the_agent_is_given(name: str, table: EngineTable, tmp_path: Path) -> None:
    with story(name, table, tmp_path, deadline_seconds=HASTY_SECONDS) as at:
        first, second, *_ = at.offers()
        wish = {"service": "visit", "slot_id": first["slot_id"], "name": "Ada Low"}
        at.clock.sleep(60)  # what was looked up for the offers is old now
        at.stall("*")

        down = at.ask("check_availability", service="visit", when="tomorrow morning")
        assert (down["status"], "slots" in down) == ("not_done", False)
        assert at.took < HASTY_SECONDS
        held = at.ask("hold_slot", service="visit", slot_id=first["slot_id"])
        assert held["status"] == "held"
        assert at.took < HASTY_SECONDS
        told_pending(at, at.ask("book_appointment", **wish), first["start"])
        assert at.took < HASTY_SECONDS
        at.heal()
        at.later()
        if name not in KNOWING:
            return

        at.stall("*")
        moved = at.ask("reschedule_appointment", appointment="appt_1", slot_id=second["slot_id"])
        assert moved["status"] == "pending", moved
        assert at.took < HASTY_SECONDS
        at.heal()
        at.later()
        assert at.ask("find_appointments")["appointments"][0]["start"] == second["start"]
        at.stall("*")
        assert at.ask("cancel_appointment", appointment="appt_1")["status"] == "needs_confirmation"
        assert at.ask("cancel_appointment", appointment="appt_1", confirm=True)["status"] == "cancel_pending"
        assert at.took < HASTY_SECONDS
        at.heal()
        at.later()
        assert at.ask("find_appointments")["status"] == "none_found"
        assert at.states() == ["cancelled"]
        assert at.texts() == ["sms_booked", "sms_moved", "sms_cancelled"]


def test_several_calls_in_one_request_share_its_time(table: EngineTable, tmp_path: Path) -> None:
    """Vapi sends what the model wants at once in one message, and waits for all of it."""
    with story("vapi", table, tmp_path, deadline_seconds=HASTY_SECONDS) as at:
        offers = at.offers()
        wishes = [{"service": "visit", "slot_id": offer["slot_id"], "name": "Ada Low"} for offer in offers]
        calls = [(f"call-{number}", "book_appointment", wish) for number, wish in enumerate(wishes)]
        body = json.dumps(vapi_body(calls, call=at.who.call, number=at.who.number)).encode()
        at.stall("*")

        began = at.clock.now()
        heard = at.desk.post("/v1/harbor/vapi/book_appointment", body, {"authorization": f"Bearer {at.desk.key}"})
        assert at.clock.now() - began < HASTY_SECONDS
        replies = [json.loads(entry["result"]) for entry in heard.body["results"]]
        assert [reply["status"] for reply in replies] == ["pending", *[replies[1]["status"]] * 2]
        assert {reply["status"] for reply in replies} <= {"pending", "not_done"}

        at.heal()
        at.later()
        pending = [offer["start"] for offer, reply in zip(offers, replies, strict=True) if reply["status"] == "pending"]
        standing = [b["start"] for b in at.api.bookings() if b["status"] == "accepted"]
        assert [datetime.fromisoformat(start) for start in sorted(standing)] == [
            datetime.fromisoformat(start) for start in pending
        ]
        assert at.texts() == ["sms_booked"] * len(pending)


def test_no_channel_waits_longer_for_the_desk_than_its_platform_does() -> None:
    assert set(PATIENCE) == set(CHANNELS)
    ours = {
        name: platforms.direct_by_name(name).default_deadline_seconds
        if name in platforms.DIRECT
        else (Mcp if name == "mcp" else platforms.by_name(name)).default_deadline_seconds
        for name in CHANNELS
    }
    assert ours == PATIENCE
    for name, payloads in platforms.PLATFORMS.items():
        assert {platforms.by_name(name, payload).default_deadline_seconds for payload in payloads} == {PATIENCE[name]}
