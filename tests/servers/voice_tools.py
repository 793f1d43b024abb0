"""Stand-ins for the tool APIs of five voice platforms: what they store, list page by page, and refuse.

Shapes of requests are checked with the platforms' own schemas (`tests/contract/specs/voice_tools.json`). Answers follow
the reference pages: Vapi and Telnyx wrap nothing and `data`, ElevenLabs and Ultravox list with a cursor.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.contract.schema_check import problems
from tests.servers.faulty import Answer, ApiError, FaultyApi, Json, Request, answer_json

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMAS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parent.parent / "contract" / "specs" / "voice_tools.json").read_text(encoding="utf-8")
)
KEY = "platform-key-0123456789"
PAGE = 3


def wrong(platform: str, kind: str, value: object) -> list[str]:
    """What the platform's schema of this kind has against the value."""
    defined = SCHEMAS[platform]
    return list(problems(value, defined[kind], resolve=lambda path: defined[path.rsplit("/", 1)[1]]))


class VoiceTools(FaultyApi):
    """One account. `tools`, `secrets` and `agents` are what it holds, by id."""

    platform = ""
    key_header = "authorization"
    key = f"Bearer {KEY}"

    def __init__(self) -> None:
        super().__init__()
        self.tools: dict[str, Json] = {}
        self.secrets: dict[str, Json] = {}
        self.agents: dict[str, Json] = {}
        self._made = 0

    @property
    def written(self) -> list[str]:
        """Every request that was no question."""
        return [f"{each.method} {each.path}" for each in self.seen if each.method != "GET"]

    def transport(self) -> httpx.MockTransport:
        def answered(request: httpx.Request) -> httpx.Response:
            headers = dict(request.headers.items())
            answer = self.answer(request.method, request.url.raw_path.decode(), headers, request.read())
            if answer.drop:
                raise httpx.RemoteProtocolError("closed without an answer")
            return httpx.Response(answer.status, content=answer.body, headers=answer.headers)

        return httpx.MockTransport(answered)

    def failed(self, error: ApiError) -> Answer:
        return answer_json(error.status, {"message": error.message}, **error.headers)

    def shown(self) -> list[Json]:
        return []

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        if request.headers.get(self.key_header) != self.key:
            raise ApiError(401, f"Invalid key: {request.headers.get(self.key_header)}")
        return {"GET": "list", "POST": "create", "DELETE": "delete"}.get(request.method, "update"), self.work

    def work(self, request: Request) -> Answer:
        raise NotImplementedError

    def new(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made}"

    def check(self, kind: str, value: object) -> None:
        if found := wrong(self.platform, kind, value):
            raise ApiError(422, f"{found}: {json.dumps(value)}")

    def known(self, shelf: dict[str, Json], name: str) -> Json:
        if name not in shelf:
            raise ApiError(404, "Not Found")
        return shelf[name]


class Vapi(VoiceTools):
    platform = "vapi"

    def work(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["tool"]:
                return answer_json(200, list(self.tools.values()))
            case "POST", ["tool"]:
                self.check("CreateFunctionToolDTO", request.body)
                name = self.new("tool-")
                added = {"id": name, "orgId": "org", "createdAt": "2026-01-01T00:00:00Z"}
                self.tools[name] = {**request.body, **added}
                return answer_json(201, self.tools[name])
            case "PATCH", ["tool", name]:
                self.check("UpdateFunctionToolDTO", request.body)
                self.known(self.tools, name).update(request.body)
                return answer_json(200, self.tools[name])
            case "DELETE", ["tool", name]:
                self.known(self.tools, name)
                return answer_json(200, self.tools.pop(name))
            case "GET", ["assistant", name]:
                return answer_json(200, self.known(self.agents, name))
            case "PATCH", ["assistant", name]:
                self.known(self.agents, name).update(request.body)
                return answer_json(200, self.agents[name])
        raise ApiError(404, "Not Found")


class Retell(VoiceTools):
    platform = "retell"

    def work(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["get-retell-llm", name]:
                return answer_json(200, self.known(self.agents, name))
            case "PATCH", ["update-retell-llm", name]:
                tools = request.body.get("general_tools", [])
                for tool in tools:
                    if tool.get("type") == "custom":
                        self.check("CustomTool", tool)
                names = [tool["name"] for tool in tools]
                if len(set(names)) != len(names):
                    raise ApiError(400, "Tool names must be unique")
                self.known(self.agents, name).update(deepcopy(request.body))
                return answer_json(200, self.agents[name])
        raise ApiError(404, "Not Found")


class ElevenLabs(VoiceTools):
    platform = "elevenlabs"
    key_header = "xi-api-key"
    key = KEY

    def work(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/v1/convai/").split("/"):
            case "GET", ["tools"]:
                return self._page(request, "tools", list(self.tools.values()))
            case "POST", ["tools"]:
                name = self.new("tool_")
                self.tools[name] = {"id": name, "tool_config": self._config(request)}
                return answer_json(200, self.tools[name])
            case "PATCH", ["tools", name]:
                self.known(self.tools, name)["tool_config"] = self._config(request)
                return answer_json(200, self.tools[name])
            case "DELETE", ["tools", name]:
                self.known(self.tools, name)
                del self.tools[name]
                return answer_json(200, {})
            case "GET", ["secrets"]:
                shown = [{"type": "stored", "secret_id": k, "name": v["name"]} for k, v in self.secrets.items()]
                return self._page(request, "secrets", shown)
            case "POST" | "PATCH", ["secrets", *rest]:
                name = rest[0] if rest else self.new("secret_")
                self.secrets[name] = {"name": request.body["name"], "value": request.body["value"]}
                return answer_json(200, {"type": "stored", "secret_id": name, "name": request.body["name"]})
            case "GET", ["agents", name]:
                return answer_json(200, self.known(self.agents, name))
            case "PATCH", ["agents", name]:
                prompt = request.body["conversation_config"]["agent"]["prompt"]
                self.known(self.agents, name)["conversation_config"]["agent"]["prompt"].update(prompt)
                return answer_json(200, self.agents[name])
        raise ApiError(404, "Not Found")

    def _config(self, request: Request) -> Json:
        config: Json = request.body["tool_config"]
        self.check("WebhookToolConfig-Input", config)
        for header in config["api_schema"].get("request_headers", {}).values():
            if isinstance(header, dict) and header.get("secret_id", "") not in {"", *self.secrets}:
                raise ApiError(422, "no such secret")
        return {"assignments": [], **config}

    def _page(self, request: Request, name: str, items: list[Json]) -> Answer:
        start = int(request.query.get("cursor", 0))
        more = start + PAGE < len(items)
        page = {name: items[start : start + PAGE], "has_more": more, "next_cursor": str(start + PAGE) if more else None}
        return answer_json(200, page)


class Ultravox(VoiceTools):
    platform = "ultravox"
    key_header = "x-api-key"
    key = KEY

    def work(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["api", "tools"]:
                items, start = list(self.tools.values()), int(request.query.get("cursor", 0))
                after = f"https://elsewhere.example/api/tools?cursor={start + PAGE}"
                more = after if start + PAGE < len(items) else None
                return answer_json(200, {"results": items[start : start + PAGE], "next": more, "previous": None})
            case "POST", ["api", "tools"]:
                self.check("Tool", request.body)
                if any(tool["name"] == request.body["name"] for tool in self.tools.values()):
                    raise ApiError(400, "A tool of that name exists")
                name = self.new("tool-")
                self.tools[name] = {**request.body, "toolId": name, "ownership": "private"}
                return answer_json(201, self.tools[name])
            case "PUT", ["api", "tools", name]:
                self.check("Tool", request.body)
                self.known(self.tools, name).update(request.body)
                return answer_json(200, self.tools[name])
            case "DELETE", ["api", "tools", name]:
                self.known(self.tools, name)
                del self.tools[name]
                return Answer(204, b"")
        raise ApiError(404, "Not Found")


class Telnyx(VoiceTools):
    platform = "telnyx"
    inner = True  # whether a tool's definition is shown with the webhook inside, or is the webhook: not documented

    def work(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/v2/").split("/"):
            case "GET", ["ai", "tools"]:
                return self._page(request, [self._tool(name) for name in self.tools])
            case "POST", ["ai", "tools"]:
                self.check("SharedTool", request.body)
                name = self.new("tool-")
                self.tools[name] = request.body
                return answer_json(201, {"data": self._tool(name)} if self.inner else self._tool(name))
            case "PATCH", ["ai", "tools", name]:
                self.check("SharedTool", request.body)
                self.known(self.tools, name).update(request.body)
                return answer_json(200, self._tool(name))
            case "DELETE", ["ai", "tools", name]:
                self.known(self.tools, name)
                del self.tools[name]
                return answer_json(200, {})
            case "GET", ["integration_secrets"]:
                return self._page(request, [{"id": k, "identifier": v["identifier"]} for k, v in self.secrets.items()])
            case "POST", ["integration_secrets"]:
                self.check("IntegrationSecret", request.body)
                if any(each["identifier"] == request.body["identifier"] for each in self.secrets.values()):
                    raise ApiError(422, "identifier is taken")
                name = self.new("secret-")
                self.secrets[name] = request.body
                return answer_json(201, {"data": {"id": name, "identifier": request.body["identifier"]}})
            case "DELETE", ["integration_secrets", name]:
                self.known(self.secrets, name)
                del self.secrets[name]
                return Answer(204, b"")
        raise ApiError(404, "Not Found")

    def _tool(self, name: str) -> Json:
        kept = self.tools[name]
        shown = {"webhook": kept["webhook"]} if self.inner else kept["webhook"]
        told = {key: kept.get(key) for key in ("type", "display_name", "timeout_ms")}
        return {"id": name, **told, "tool_definition": shown}

    def _page(self, request: Request, items: list[Json]) -> Answer:
        number = int(request.query["page[number]"])
        pages = max(1, -(-len(items) // PAGE))
        return answer_json(200, {"data": items[(number - 1) * PAGE : number * PAGE], "meta": {"total_pages": pages}})


PLATFORMS: dict[str, type[VoiceTools]] = {each.platform: each for each in (Vapi, Retell, ElevenLabs, Ultravox, Telnyx)}
