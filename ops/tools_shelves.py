"""Where Vapi, Ultravox and Retell keep tools: by their own APIs, and without a store for our credential."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

from ops.tools_api import PlatformApi, PlatformError
from ops.tools_install import Deposit, Installed
from ops.tools_wiring import Definition
from slotline.domain.errors import ConfigError

_PAGE = 100
_MOST_PAGES = 100
_MOST = 1000  # what Vapi lists at once


class VapiShelf:
    """https://docs.vapi.ai/api-reference/tools: tools of an organisation, and `model.toolIds` of an assistant."""

    def __init__(self, api: PlatformApi, deposit: Deposit) -> None:
        if deposit.wiring.credential_id is None:
            raise ConfigError("make a custom credential in Vapi's dashboard and name its id with --credential")
        self._api = api
        self._deposit = deposit

    def tools(self) -> Sequence[Installed]:
        found = self._api.get("/tool", limit=_MOST)
        if len(found) >= _MOST:
            raise PlatformError(f"this organisation has {_MOST} tools or more: ours cannot be told among them")
        return [Installed(str(tool["id"]), self.url(tool), tool) for tool in found if tool.get("type") == "function"]

    def prepare(self) -> str | None:
        return None

    def ready(self, definition: Definition) -> Definition:
        return definition

    def url(self, definition: Definition) -> str:
        return str((definition.get("server") or {}).get("url", ""))

    def create(self, definition: Definition) -> str:
        return str(self._api.post("/tool", definition)["id"])

    def update(self, tool: str, definition: Definition) -> None:
        self._api.patch(f"/tool/{tool}", definition)

    def delete(self, tool: str) -> None:
        self._api.delete(f"/tool/{tool}")

    def finish(self, ids: Sequence[str]) -> str | None:
        if (assistant := self._deposit.agent_id) is None:
            return None
        model = self._api.get(f"/assistant/{assistant}").get("model")
        if not isinstance(model, dict):
            raise PlatformError(f"assistant {assistant} has no model yet: choose one in Vapi's dashboard")
        had = list(model.get("toolIds") or [])
        if new := [each for each in ids if each not in had]:
            self._api.patch(f"/assistant/{assistant}", {"model": {**model, "toolIds": [*had, *new]}})
        return f"assistant {assistant}: {len(new)} tools added"


class UltravoxShelf:
    """https://docs.ultravox.ai/api-reference/tools: tools of an account. An agent selects them in its call template."""

    def __init__(self, api: PlatformApi, deposit: Deposit) -> None:
        if deposit.agent_id is not None:
            raise ConfigError(
                "Ultravox takes the credential with the selection: enter `selectedTools` in the agent, without --to"
            )
        self._api = api

    def tools(self) -> Sequence[Installed]:
        return [
            Installed(str(tool["toolId"]), self.url(tool), tool)
            for tool in self._pages()
            if "http" in tool.get("definition", {})
        ]

    def prepare(self) -> str | None:
        return None

    def ready(self, definition: Definition) -> Definition:
        return definition

    def url(self, definition: Definition) -> str:
        return str(definition["definition"].get("http", {}).get("baseUrlPattern", ""))

    def create(self, definition: Definition) -> str:
        return str(self._api.post("/api/tools", definition)["toolId"])

    def update(self, tool: str, definition: Definition) -> None:
        self._api.put(f"/api/tools/{tool}", definition)

    def delete(self, tool: str) -> None:
        self._api.delete(f"/api/tools/{tool}")

    def finish(self, ids: Sequence[str]) -> str | None:
        del ids
        return None

    def _pages(self) -> Iterator[Definition]:
        query: dict[str, str | int] = {"ownership": "private", "pageSize": _PAGE}
        for _ in range(_MOST_PAGES):
            page = self._api.get("/api/tools", **query)
            yield from page["results"]
            cursor = _cursor(page.get("next"))
            if cursor is None:
                return
            query["cursor"] = cursor


def _cursor(url: str | None) -> str | None:
    """Take only the cursor out of the next page's URL: the key goes to the host we chose, and to no other."""
    found = parse_qs(urlsplit(url or "").query).get("cursor")
    return found[0] if found else None


class RetellShelf:
    """https://docs.retellai.com/api-references/update-retell-llm: `general_tools` of one LLM, written as a whole."""

    def __init__(self, api: PlatformApi, deposit: Deposit) -> None:
        if deposit.agent_id is None:
            raise ConfigError("Retell's tools live in a Retell LLM: name its id with --to")
        self._api = api
        self._deposit = deposit
        self._llm = deposit.agent_id
        self._all: list[Definition] = []
        self._changed = False

    def tools(self) -> Sequence[Installed]:
        self._all = list(self._api.get(f"/get-retell-llm/{self._llm}").get("general_tools") or [])
        return [Installed(tool["name"], self.url(tool), tool) for tool in self._all if tool.get("type") == "custom"]

    def prepare(self) -> str | None:
        return None

    def ready(self, definition: Definition) -> Definition:
        """Write the credential itself: Retell keeps no secrets apart. Where it signs, there is none."""
        header = self._deposit.wiring.auth_header
        if header is None:
            return definition
        return {**definition, "headers": {**definition["headers"], header[0]: self._deposit.header_value}}

    def url(self, definition: Definition) -> str:
        return str(definition.get("url", ""))

    def create(self, definition: Definition) -> str:
        """A name stands for one tool in an LLM, and another of the same name is somebody else's."""
        name = str(definition["name"])
        if any(tool.get("name") == name for tool in self._all):
            raise PlatformError(f"LLM {self._llm} has another tool named {name}: rename or remove that one first")
        self._all.append(definition)
        self._changed = True
        return name

    def update(self, tool: str, definition: Definition) -> None:
        self._all = [{**each, **definition} if each.get("name") == tool else each for each in self._all]
        self._changed = True

    def delete(self, tool: str) -> None:
        self._all = [each for each in self._all if each.get("name") != tool]
        self._changed = True

    def finish(self, ids: Sequence[str]) -> str | None:
        del ids
        if self._changed:
            self._api.patch(f"/update-retell-llm/{self._llm}", {"general_tools": self._all})
        return f"LLM {self._llm}: {'written' if self._changed else 'as it was'}"
