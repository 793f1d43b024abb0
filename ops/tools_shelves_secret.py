"""Where ElevenLabs and Telnyx keep tools, and the agent's credential apart from them, by their own APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.tools_api import PlatformApi
from ops.tools_install import Deposit, Installed
from ops.tools_wiring import Definition
from slotline.domain.errors import ConfigError

_PAGE = 100
_MOST_PAGES = 100


class ElevenLabsShelf:
    """https://elevenlabs.io/docs/api-reference/tools: tools and secrets of a workspace, and `tool_ids` of an agent."""

    def __init__(self, api: PlatformApi, deposit: Deposit) -> None:
        self._api = api
        self._deposit = deposit
        self._secret = ""  # its id, once it is known

    def tools(self) -> Sequence[Installed]:
        if self._deposit.wiring.auth_header is not None:
            self._secret = self._known_secret()
        return [
            Installed(str(tool["id"]), self.url(tool["tool_config"]), tool["tool_config"])
            for tool in self._pages("/v1/convai/tools", "tools")
            if tool.get("tool_config", {}).get("type") == "webhook"
        ]

    def ready(self, definition: Definition) -> Definition:
        """Name the workspace secret; where there is none yet, the definition differs from every installed one."""
        header = self._deposit.wiring.auth_header
        if header is None:
            return definition
        schema = definition["api_schema"]
        headers = {**schema["request_headers"], header[0]: {"secret_id": self._secret}}
        return {**definition, "api_schema": {**schema, "request_headers": headers}}

    def url(self, definition: Definition) -> str:
        return str((definition.get("api_schema") or {}).get("url", ""))

    def create(self, definition: Definition) -> str:
        return str(self._api.post("/v1/convai/tools", {"tool_config": definition})["id"])

    def update(self, tool: str, definition: Definition) -> None:
        self._api.patch(f"/v1/convai/tools/{tool}", {"tool_config": definition})

    def delete(self, tool: str) -> None:
        self._api.delete(f"/v1/convai/tools/{tool}")

    def prepare(self) -> str | None:
        """Keep the agent's header in the workspace's secrets; say what was done."""
        if self._deposit.wiring.auth_header is None:
            return None
        name = self._deposit.wiring.secret_name
        self._secret = self._secret or self._known_secret()
        if not self._secret:
            body = {"type": "new", "name": name, "value": self._deposit.header_value}
            self._secret = str(self._api.post("/v1/convai/secrets", body)["secret_id"])
            return f"secret {name}: made"
        if not self._deposit.new_secret:
            return f"secret {name}: kept; --new-secret stores the present credential"
        body = {"type": "update", "name": name, "value": self._deposit.header_value}
        self._api.patch(f"/v1/convai/secrets/{self._secret}", body)
        return f"secret {name}: stored anew"

    def finish(self, ids: Sequence[str]) -> str | None:
        if (agent := self._deposit.agent_id) is None:
            return None
        path = f"/v1/convai/agents/{agent}"
        found = self._api.get(path)
        had = list(found["conversation_config"]["agent"]["prompt"].get("tool_ids") or [])
        if new := [each for each in ids if each not in had]:
            prompt = {"prompt": {"tool_ids": [*had, *new]}}
            self._api.patch(path, {"conversation_config": {"agent": prompt}})
        return f"agent {agent}: {len(new)} tools added"

    def _known_secret(self) -> str:
        name = self._deposit.wiring.secret_name
        found = (each["secret_id"] for each in self._pages("/v1/convai/secrets", "secrets") if each.get("name") == name)
        return next((str(each) for each in found), "")

    def _pages(self, path: str, name: str) -> Iterator[Mapping[str, Any]]:
        query: dict[str, str | int] = {"page_size": _PAGE}
        for _ in range(_MOST_PAGES):
            page = self._api.get(path, **query)
            yield from page.get(name, ())
            if not page.get("has_more") or not page.get("next_cursor"):
                return
            query["cursor"] = str(page["next_cursor"])


class TelnyxShelf:
    """Shared tools and integration secrets of an account: https://developers.telnyx.com/api-reference, AI tools."""

    def __init__(self, api: PlatformApi, deposit: Deposit) -> None:
        if deposit.agent_id is not None:
            raise ConfigError(
                "Telnyx does not tell which shared tools an assistant has: add the ids there, without --to"
            )
        self._api = api
        self._deposit = deposit

    def tools(self) -> Sequence[Installed]:
        return [
            Installed(str(tool["id"]), str(shown["webhook"].get("url", "")), shown)
            for tool in self._pages("/v2/ai/tools")
            if tool.get("type") == "webhook"
            for shown in [_shown(tool)]
        ]

    def prepare(self) -> str | None:
        """Keep the bare credential as an integration secret: headers of tools name it."""
        wiring = self._deposit.wiring
        if wiring.auth_header is None:
            return None
        name = wiring.secret_name
        known = [str(each["id"]) for each in self._pages("/v2/integration_secrets") if each.get("identifier") == name]
        if known and not self._deposit.new_secret:
            return f"secret {name}: kept; --new-secret stores the present credential"
        for each in known:  # there is no way to change one
            self._api.delete(f"/v2/integration_secrets/{each}")
        body = {"identifier": name, "type": "bearer", "token": self._deposit.credential}
        self._api.post("/v2/integration_secrets", body)
        return f"secret {name}: {'stored anew' if known else 'made'}"

    def ready(self, definition: Definition) -> Definition:
        return definition

    def url(self, definition: Definition) -> str:
        return str(definition["webhook"]["url"])

    def create(self, definition: Definition) -> str:
        answer = self._api.post("/v2/ai/tools", definition)
        return str(answer.get("data", answer)["id"])

    def update(self, tool: str, definition: Definition) -> None:
        self._api.patch(f"/v2/ai/tools/{tool}", definition)

    def delete(self, tool: str) -> None:
        self._api.delete(f"/v2/ai/tools/{tool}")

    def finish(self, ids: Sequence[str]) -> str | None:
        del ids
        return None

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        for number in range(1, _MOST_PAGES + 1):
            page = self._api.get(path, **{"page[number]": number, "page[size]": _PAGE})
            yield from page.get("data", ())
            if number >= int((page.get("meta") or {}).get("total_pages") or 1):
                return


def _shown(tool: Mapping[str, Any]) -> Definition:
    """A shared tool as we define one: what the API calls its definition may have the webhook inside, or be it."""
    kept = tool.get("tool_definition") or tool
    webhook = kept.get("webhook", kept)
    names = ("type", "display_name", "timeout_ms")
    return {**{name: tool[name] for name in names if tool.get(name) is not None}, "webhook": webhook}
