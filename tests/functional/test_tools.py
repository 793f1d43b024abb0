"""`slotline tools` on the real local engine: the applied desk, its secret, and a platform's API on a socket."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.apply import apply_file
from ops.cli import main
from ops.target import Target, write_serve_file
from slotline.domain.calls import Tool
from tests.servers.loopback import LoopbackServer
from tests.servers.voice_tools import KEY, ElevenLabs

if TYPE_CHECKING:
    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

SECRET = "desk-key-0123456789"
DESK_FILE = """\
business: bright-smile
name: Bright Smile Dental
time_zone: America/Los_Angeles
calendars:
  chair: {provider: builtin, hours: {mon-fri: ["09:00-12:00"]}}
services:
  cleaning: {name: Teeth cleaning, minutes: 30, calendar: chair}
agents:
  front: {platform: elevenlabs, services: [cleaning], auth: {bearer: "${DESK}"}}
"""


@pytest.fixture
def serving(table: EngineTable, tmp_path: Path) -> Path:
    target = Target(
        name="local",
        table=table.name,
        secrets_prefix=f"{table.name}/",
        url="http://127.0.0.1:1",
        endpoint=table.endpoint,
    )
    (tmp_path / "desk.yaml").write_text(DESK_FILE)
    applied = apply_file(
        tmp_path / "desk.yaml", target=target, environ={"DESK": SECRET}, dry_run=False, out=io.StringIO()
    )
    assert applied == 0
    write_serve_file(target, path=tmp_path / "serve.json")
    return tmp_path / "serve.json"


def tools(serving: Path, *argv: str) -> tuple[int, str]:
    out = io.StringIO()
    environ = {"ELEVENLABS_API_KEY": KEY}
    return main(["tools", "--agent", "front", *argv], environ=environ, out=out, serve_file=serving), out.getvalue()


def test_from_the_applied_desk_to_the_platform_and_back(serving: Path) -> None:
    account = ElevenLabs()
    with LoopbackServer(account) as server:
        reach = ["--url", "https://desk.example.com", "--api-url", server.base_url]
        missing, told = tools(serving, "--diff", *reach)
        made, said = tools(serving, "--install", *reach)
        same, _ = tools(serving, "--diff", *reach)

    assert (missing, made, same) == (1, 0, 0)
    assert told.count("not installed") == len(Tool)
    urls = [tool["tool_config"]["api_schema"]["url"] for tool in account.tools.values()]
    assert urls == [f"https://desk.example.com/v1/bright-smile/front/{tool}" for tool in Tool]
    assert [kept["value"] for kept in account.secrets.values()] == [f"Bearer {SECRET}"]
    assert SECRET not in said


def test_what_is_shown_needs_no_account_and_holds_no_secret(serving: Path) -> None:
    code, shown = tools(serving, "--json")

    assert code == 0
    assert [tool["name"] for tool in json.loads(shown)["tools"]] == [tool.value for tool in Tool]
    assert SECRET not in shown


def test_no_platform_can_reach_this_machine(serving: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = tools(serving, "--install")

    assert code == 1
    assert "no platform can reach `make serve`" in capsys.readouterr().err
