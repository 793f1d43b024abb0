"""A desk with one agent, and its owner at a prompt, with an account at a voice platform that never leaves memory."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from ops.desk_file import read_desk
from ops.target import Target
from ops.tools import ACCOUNTS, ToolsCommand, Wish
from ops.tools_api import PlatformApi
from ops.tools_wiring import Wiring
from slotline.domain.business import Auth, Business
from tests.fakes import FakeClock
from tests.servers import voice_tools
from tests.servers.voice_tools import VoiceTools

SECRET = "desk-key-0123456789-abc"
API = "https://api.example.com"
DESK = """\
business: bright-smile
name: Bright Smile Dental
time_zone: America/Los_Angeles
transfer_to: "+14155550100"
calendars:
  chair: {provider: builtin, hours: {mon-fri: ["09:00-12:00"]}}
services:
  cleaning: {name: Teeth cleaning, minutes: 30, calendar: chair}
  whitening: {name: Whitening, minutes: 60, calendar: chair}
agents:
  front-desk: {platform: generic, services: [cleaning, whitening], auth: {bearer: "${KEY}"}}
"""


def business(platform: str, kind: str = "bearer", **changes: Any) -> Business:
    desk = read_desk(DESK, name="desk.yaml", environ={"KEY": SECRET}, local=False).to_business()
    options = {"header": "X-Desk-Key"} if kind == "header" else {}
    agent = replace(desk.agents["front-desk"], platform=platform, auth=Auth(kind, options), **changes)
    return replace(desk, agents={"front-desk": agent})


def wiring(platform: str, kind: str = "bearer", **changes: Any) -> Wiring:
    desk = business(platform, kind, **changes)
    return Wiring(desk, desk.agents["front-desk"], API, "credential-1")


class Owner:
    """Somebody at a prompt, with an account at one platform."""

    def __init__(self, platform: str, *, account: VoiceTools | None = None) -> None:
        self.platform = platform
        self.account = account or voice_tools.PLATFORMS[platform]()
        self.account.agents = {
            "assistant-1": {"model": {"provider": "openai", "model": "gpt-4o", "toolIds": ["theirs"]}},
            "llm-1": {"general_tools": [{"type": "end_call", "name": "end_call"}], "general_prompt": "Be kind."},
            "agent-1": {"conversation_config": {"agent": {"prompt": {"tool_ids": ["theirs"], "prompt": "Be kind."}}}},
        }
        self.environ = {ACCOUNTS[platform].key_name: voice_tools.KEY}
        self.desk = business(platform)
        self.secret = SECRET
        self.slept: list[float] = []

    def run(self, *, to: str | None = None, url: str = API, **wish: Any) -> tuple[int, str]:
        out = io.StringIO()
        if to is None and self.platform == "retell":
            to = "llm-1"
        target = cast(
            Target,
            SimpleNamespace(
                url=url,
                is_local=False,
                secrets_prefix="p/",
                secrets_manager=lambda: SimpleNamespace(get_secret_value=self._secrets),
            ),
        )
        command = ToolsCommand(target, FakeClock(), self.environ, out, self._open)
        asked = Wish("front-desk", to=to, credential="credential-1", **wish)
        return command.run(self.desk, asked), out.getvalue()

    def install(self, **wish: Any) -> str:
        code, out = self.run(install=True, **wish)
        assert code == 0
        return out

    def definitions(self) -> list[Any]:
        if self.platform == "retell":
            return [tool for tool in self.account.agents["llm-1"]["general_tools"] if tool["type"] == "custom"]
        return list(self.account.tools.values())

    def _secrets(self, SecretId: str) -> dict[str, str]:
        assert SecretId == "p/bright-smile"
        return {"SecretString": json.dumps({"agents.front-desk.auth": self.secret})}

    def _open(self, name: str, base_url: str, **options: Any) -> PlatformApi:
        assert base_url == ACCOUNTS[self.platform].base_url
        return PlatformApi(name, base_url, **options, sleep=self.slept.append, transport=self.account.transport())
