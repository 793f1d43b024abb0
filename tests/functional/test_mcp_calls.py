"""The official MCP client plays phone calls against the served stack, in both eras of the protocol."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from slotline.domain.calls import Tool
from tests.functional import desks
from tests.functional.book import check_book
from tests.functional.caller import check_sentence
from tests.functional.served import fresh_number, morning_zone, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from tests.functional.caller import Reply
    from tests.functional.served import Served

pytestmark = pytest.mark.engine

MODES = ("legacy", "auto", "2026-07-28")
LIVEKIT_SECONDS = 5.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    closed = datetime.now(ZoneInfo(zone)).date() + timedelta(days=3)
    desk = desks.BUILTIN.format(zone=zone, closed=closed)
    with serving(desk, tmp_path_factory.mktemp("mcp"), business=desks.BUSINESS, zone=zone) as running:
        yield running
        check_book(running.items())


@dataclass(slots=True)
class Line:
    """One phone call of an agent that speaks MCP."""

    served: Served
    mode: str
    number: str = field(default_factory=fresh_number)
    agent: str = "front"
    key: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        caller = {"x-call-id": f"mcp-{self.number}", "x-caller-number": self.number}
        return caller | {"authorization": f"Bearer {self.key or self.served.key}"}

    @property
    def url(self) -> str:
        return f"{self.served.url}/v1/{self.served.business}/{self.agent}/mcp"

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Client]:
        async with httpx2.AsyncClient(headers=self.headers, timeout=LIVEKIT_SECONDS, trust_env=False) as http:
            transport = streamable_http_client(self.url, http_client=http)
            async with Client(transport, mode=self.mode, read_timeout_seconds=LIVEKIT_SECONDS) as client:
                yield client

    def play[T](self, scene: Callable[[Client], Awaitable[T]]) -> T:
        async def whole() -> T:
            async with self.connected() as client:
                return await scene(client)

        return anyio.run(whole)


async def ask(client: Client, tool: str, /, **arguments: object) -> Reply:
    """One tool's answer; its text says the same as its structure."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    reply: Reply = dict(result.structured_content or {})
    (block,) = result.content
    assert block.type == "text"
    assert json.loads(block.text) == reply
    check_sentence(reply)
    return reply


@pytest.mark.parametrize("mode", MODES)
def test_the_client_finds_all_tools(served: Served, mode: str) -> None:
    async def scene(client: Client) -> list[Any]:
        return list((await client.list_tools()).tools)

    tools = Line(served, mode).play(scene)

    assert [tool.name for tool in tools] == [tool.value for tool in Tool]
    cancel = next(tool for tool in tools if tool.name == "cancel_appointment")
    assert cancel.annotations.destructive_hint
    assert set(cancel.input_schema["properties"]) == {"appointment", "confirm", "code"}


@pytest.mark.parametrize("mode", MODES)
def test_a_whole_call(served: Served, mode: str) -> None:
    day = served.fresh_day().isoformat()

    async def scene(client: Client) -> Reply:
        first, second, _ = (await ask(client, "check_availability", service="consult", when=day))["slots"]
        held = await ask(client, "hold_slot", service="consult", slot_id=first["slot_id"])
        assert held["status"] == "held"
        wish = {"service": "consult", "slot_id": first["slot_id"], "name": "Ada Low"}
        booked = [await ask(client, "book_appointment", **wish) for _ in range(2)]  # the second under a new message id
        assert [(b["status"], b["start"], b["replay"]) for b in booked] == [
            ("confirmed", first["start"], False),
            ("confirmed", first["start"], True),
        ]
        (found,) = (await ask(client, "find_appointments"))["appointments"]
        handle = found["appointment"]
        moved = await ask(client, "reschedule_appointment", appointment=handle, slot_id=second["slot_id"])
        assert (moved["status"], moved["start"]) == ("confirmed", second["start"])
        assert (await ask(client, "send_confirmation", appointment=handle))["status"] == "sent"
        assert (await ask(client, "cancel_appointment", appointment=handle))["status"] == "needs_confirmation"
        assert (await ask(client, "cancel_appointment", appointment=handle, confirm=True))["status"] == "cancelled"
        assert (await ask(client, "find_appointments"))["status"] == "none_found"
        return moved

    moved = Line(served, mode).play(scene)

    (record,) = served.bookings(start=moved["start"])
    assert record["state"] == "cancelled"


@pytest.mark.parametrize("mode", MODES)
def test_an_unknown_tool_and_a_wrong_argument_are_told_apart(served: Served, mode: str) -> None:
    async def scene(client: Client) -> None:
        with pytest.raises(MCPError, match="Unknown tool: steal_slot"):
            await client.call_tool("steal_slot", {})
        reply = (await client.call_tool("hold_slot", {"service": "nonsense"})).structured_content or {}
        assert reply["status"] == "clarify"

    Line(served, mode).play(scene)


def test_any_agents_bearer_opens_and_no_other(served: Served) -> None:
    async def scene(client: Client) -> str:
        return str((await ask(client, "find_appointments"))["status"])

    assert Line(served, "legacy", agent="vapi").play(scene) == "none_found"
    for wrong in (Line(served, "legacy", key="x" * 40), Line(served, "legacy", agent="retell")):
        with pytest.raises(ExceptionGroup) as refused:
            wrong.play(scene)
        assert refused.group_contains(httpx2.HTTPStatusError) or refused.group_contains(MCPError)


def test_two_eras_of_one_caller_are_one_caller(served: Served) -> None:
    number, day = fresh_number(), served.fresh_day().isoformat()

    async def book(client: Client) -> Reply:
        slot = (await ask(client, "check_availability", service="consult", when=day))["slots"][0]
        return await ask(client, "book_appointment", service="consult", slot_id=slot["slot_id"], name="Ada Low")

    async def find(client: Client) -> Reply:
        return await ask(client, "find_appointments")

    booked = Line(served, "legacy", number=number).play(book)
    (found,) = Line(served, "auto", number=number).play(find)["appointments"]
    assert found["start"] == booked["start"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_streams_and_sessions_are_turned_away(served: Served, method: str) -> None:
    answer = served.client.request(method, Line(served, "legacy").url)

    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


def test_who_has_no_credential_is_told_where_to_read_about_it(served: Served) -> None:
    url = Line(served, "legacy").url

    refused = served.client.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})

    assert refused.status_code == 401
    place = refused.headers["www-authenticate"].partition('resource_metadata="')[2].rstrip('"')
    assert served.client.get(place).json()["resource"] == url


def test_a_repeated_delivery_is_one_booking(served: Served) -> None:
    line, day = Line(served, "legacy"), served.fresh_day().isoformat()

    async def offers(client: Client) -> Reply:
        return await ask(client, "check_availability", service="consult", when=day)

    slot = line.play(offers)["slots"][0]
    wish = {"service": "consult", "slot_id": slot["slot_id"], "name": "Ada Low"}
    heard = []
    for key in (1, 2):  # the client lost the first answer, and asks again under a new id
        params = {"name": "book_appointment", "arguments": wish}
        body = {"jsonrpc": "2.0", "id": key, "method": "tools/call", "params": params}
        answer = served.client.post(line.url, json=body, headers=line.headers | {"idempotency-key": "book-1"})
        heard.append(answer.json()["result"]["structuredContent"])

    assert [(r["status"], r["start"], r["replay"]) for r in heard] == [
        ("confirmed", slot["start"], False),
        ("confirmed", slot["start"], True),
    ]
    assert len(served.bookings(start=slot["start"])) == 1
