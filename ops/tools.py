"""`slotline tools`: an agent's tools as its platform takes them: shown, compared, or installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from ops import tools_code as code
from ops import tools_envelopes as envelopes
from ops import tools_flat as flat
from ops.apply import INVALID, OK, UNREACHABLE
from ops.desk_file_urls import checked_base_url
from ops.tools_api import PlatformApi
from ops.tools_install import Deposit, Shelf, carry_out, plan
from ops.tools_prompt import prompt
from ops.tools_shelves import RetellShelf, UltravoxShelf, VapiShelf
from ops.tools_shelves_secret import ElevenLabsShelf, TelnyxShelf
from ops.tools_wiring import Printed, Spelling, Wiring, wiring_of
from slotline.adapters.secrets import SecretsManagerStore
from slotline.domain.errors import ConfigError
from slotline.platforms.table import DIRECT

if TYPE_CHECKING:
    from ops.target import Target
    from slotline.domain.business import Business
    from slotline.ports import Clock

SPELLINGS: Mapping[str, Spelling] = {
    "vapi": envelopes.vapi,
    "retell": envelopes.retell,
    "signalwire": envelopes.signalwire,
    "elevenlabs": flat.elevenlabs,
    "bland": flat.bland,
    "synthflow": flat.synthflow,
    "ultravox": flat.ultravox,
    "telnyx": flat.telnyx,
    "openai": code.functions,
    "generic": code.functions,
    "mcp": code.mcp,
    "bedrock": code.bedrock,
    "agentcore": code.agentcore,
    "connect": code.connect,
    "lex": code.lex,
}


@dataclass(frozen=True, slots=True)
class Account:
    """How to get in to a platform's API. The key is read from the environment, and only from there."""

    title: str
    base_url: str
    key_name: str
    header: str
    shelf: Callable[[PlatformApi, Deposit], Shelf]
    scheme: str = ""


ACCOUNTS: Mapping[str, Account] = {
    "vapi": Account("Vapi", "https://api.vapi.ai", "VAPI_API_KEY", "Authorization", VapiShelf, "Bearer "),
    "retell": Account("Retell", "https://api.retellai.com", "RETELL_API_KEY", "Authorization", RetellShelf, "Bearer "),
    "elevenlabs": Account(
        "ElevenLabs", "https://api.elevenlabs.io", "ELEVENLABS_API_KEY", "xi-api-key", ElevenLabsShelf
    ),
    "ultravox": Account("Ultravox", "https://api.ultravox.ai", "ULTRAVOX_API_KEY", "X-API-Key", UltravoxShelf),
    "telnyx": Account("Telnyx", "https://api.telnyx.com", "TELNYX_API_KEY", "Authorization", TelnyxShelf, "Bearer "),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    agent: str
    platform: str | None = None
    url: str | None = None  # the stage's public address, where it is not its own
    api_url: str | None = None  # another host of the platform's API
    credential: str | None = None
    to: str | None = None
    install: bool = False
    diff: bool = False
    prune: bool = False
    new_secret: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class ToolsCommand:
    """The command for one target. `wait` and `open_api` are for tests."""

    target: Target
    clock: Clock
    environ: Mapping[str, str]
    out: TextIO
    open_api: Callable[..., PlatformApi] = PlatformApi

    def run(self, business: Business, wish: Wish) -> int:
        wiring = wiring_of(
            business,
            wish.agent,
            platform=wish.platform,
            api_url=_public(wish.url) if wish.url else self.target.url,
            credential_id=wish.credential,
        )
        platform = wish.platform or wiring.agent.platform
        printed = SPELLINGS[platform](wiring)
        if not (wish.install or wish.diff):
            self._show(printed, wiring, platform, wish)
            return OK
        if platform not in ACCOUNTS:
            self._show(printed, wiring, platform, wish)
            print(f"slotline: {platform} has no API to install tools by: enter what is shown", file=sys.stderr)
            return INVALID
        if wish.install and self.target.is_local and not wish.url:
            raise ConfigError("no platform can reach `make serve`: name its public address with --url, or a --stage")
        return self._settle(printed, wiring, ACCOUNTS[platform], wish)

    def _settle(self, printed: Printed, wiring: Wiring, account: Account, wish: Wish) -> int:
        credential = self._credential(wiring)
        with self._api(account, wish, credential) as api:
            deposit = Deposit(wiring, credential, wish.to, new_secret=wish.new_secret)
            shelf = account.shelf(api, deposit)
            steps = plan(shelf, printed.definitions, wiring)
            if wish.diff:
                lines = [f"{step.name}: {each}" for step in steps for each in step.differences]
                print("\n".join(lines) or "installed as they should be", file=self.out)
                return UNREACHABLE if lines else OK
            for line in carry_out(shelf, steps, prune=wish.prune):
                print(line, file=self.out)
        self._besides(printed, wiring)
        return OK

    def _credential(self, wiring: Wiring) -> str:
        store = SecretsManagerStore(self.target.secrets_manager, self.target.secrets_prefix, self.clock)
        return store.value(wiring.business.key, f"agents.{wiring.agent.key}.auth")

    def _api(self, account: Account, wish: Wish, credential: str) -> PlatformApi:
        key = self.environ.get(account.key_name, "").strip()
        if not key:
            raise ConfigError(f"set {account.key_name} to your API key of {account.title}")
        base = _public(wish.api_url, local=True) if wish.api_url else account.base_url
        headers = {account.header: f"{account.scheme}{key}"}
        return self.open_api(account.title, base, headers=headers, key_name=account.key_name, secrets=(credential, key))

    def _show(self, printed: Printed, wiring: Wiring, platform: str, wish: Wish) -> None:
        if wish.as_json:
            whole = {
                "platform": platform,
                "tools": printed.definitions,
                "further": printed.further,
                "notes": printed.notes,
                "prompt": prompt(wiring),
            }
            print(_json(whole), file=self.out)
            return
        for definition in printed.definitions:
            print(_json(definition), file=self.out)
        self._besides(printed, wiring)

    def _besides(self, printed: Printed, wiring: Wiring) -> None:
        for name, piece in printed.further.items():
            print(f"\n{name}: {_json(piece)}", file=self.out)
        print("", *(f"- {note}" for note in printed.notes), sep="\n", file=self.out)
        if wiring.agent.platform not in DIRECT:
            print(f"- where the platform can tell when calls begin and end: {wiring.base}/events", file=self.out)
        print(f"\nFor the agent's prompt:\n\n{prompt(wiring)}", file=self.out)


def _public(url: str, *, local: bool = False) -> str:
    try:
        return checked_base_url(url, local=local)
    except ValueError as exc:
        raise ConfigError(f"{url}: {exc}") from None


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
