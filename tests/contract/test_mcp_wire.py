"""MCP on the wire: both eras, message by message, held against the protocol's own schemas."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.business import Auth
from slotline.domain.calls import BadCall, CallContext, HttpRequest, HttpResponse, Status, Tool, ToolCall, ToolReply
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms.mcp import Mcp
from tests.contract.mcp_spec import STATELESS, VERSIONS, wrong, wrong_in_answer, wrong_in_error

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENTS = Path(__file__).parents[2] / "events/mcp"
SAMPLES = sorted(EVENTS.glob("*.json"))
PATH = "/v1/bright-smile/front-desk/mcp"
PUBLIC = "https://desk.example"
HANDSHAKES = VERSIONS[:-1]
META = "io.modelcontextprotocol/"
OFFER = {"slot_id": "abcd-efgh-jklm", "start": "2026-11-27T10:00:00-08:00", "say": "Friday at ten"}
REPLY = ToolReply(Status.AVAILABLE, "Friday at ten is free.", {"slots": [OFFER]})
CHECK = {"name": "check_availability", "arguments": {"service": "cleaning", "when": "friday"}}


def mcp(*, public_url: str | None = PUBLIC) -> Mcp:
    return Mcp([room.contract for room in ROOMS], public_url=public_url)


def request(body: object = None, headers: Mapping[str, str] | None = None, *, method: str = "POST") -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    standard = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    return HttpRequest(method, PATH, standard | {"host": "api.example"} | dict(headers or {}), raw)


def message(method: str, params: object = None, *, key: object = 1) -> dict[str, Any]:
    about = {"jsonrpc": "2.0", "id": key, "method": method}
    return about if params is None else about | {"params": params}


def stateless(method: str, params: Mapping[str, object] | None = None, **meta: object) -> dict[str, Any]:
    given = {META + "protocolVersion": STATELESS, META + "clientCapabilities": {}, **meta}
    return message(method, {"_meta": given, **(params or {})}, key="m-1")


def mirrored(body: Mapping[str, Any], **changed: str | None) -> dict[str, str]:
    headers: dict[str, str | None] = {"mcp-protocol-version": STATELESS, "mcp-method": body["method"]}
    if body["method"] == "tools/call":
        headers["mcp-name"] = body["params"]["name"]
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in headers.items() if value is not None}


def exchange(sent: HttpRequest, *replies: ToolReply) -> HttpResponse:
    """The request as the endpoint takes it: settled, or read, its calls answered with these replies, and written."""
    dialect = mcp()
    if (settled := dialect.settled(sent)) is not None:
        return settled
    try:
        calls = dialect.read(sent, path_tool="mcp")
    except AccessError as error:
        return dialect.refuse(error)
    given = iter(replies)
    return dialect.write([(c, c.reply() if isinstance(c, BadCall) else next(given)) for c in calls])


def body_of(response: HttpResponse) -> Any:
    assert response.headers["content-type"] == "application/json"
    return json.loads(response.body)


def said(body: object, headers: Mapping[str, str] | None = None, *replies: ToolReply) -> tuple[int, Any]:
    response = exchange(request(body, headers), *replies)
    return response.status, body_of(response)


# --- with a handshake ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", HANDSHAKES)
def test_a_handshake_agrees_on_the_clients_version(version: str) -> None:
    about = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "client", "version": "1"}}

    status, answer = said(message("initialize", about, key=0))

    assert (status, answer["id"], answer["result"]["protocolVersion"]) == (200, 0, version)
    assert wrong_in_answer(version, "InitializeResult", answer) == []
    assert answer["result"]["capabilities"] == {"tools": {"listChanged": False}}


@pytest.mark.parametrize("version", ["2099-01-01", STATELESS, "2024-11-05", None, 5])
def test_a_handshake_about_an_unknown_version_is_answered_with_our_newest(version: object) -> None:
    status, answer = said(message("initialize", {"protocolVersion": version}))

    assert (status, answer["result"]["protocolVersion"]) == (200, "2025-11-25")


@pytest.mark.parametrize("version", HANDSHAKES)
@pytest.mark.parametrize("named", [True, False])
def test_tools_are_listed_as_each_version_has_them(version: str, named: bool) -> None:
    status, answer = said(message("tools/list", {}), {"mcp-protocol-version": version} if named else {})

    assert status == 200
    assert wrong_in_answer(version, "ListToolsResult", answer) == []
    assert [tool["name"] for tool in answer["result"]["tools"]] == [tool.value for tool in Tool]


@pytest.mark.parametrize("version", HANDSHAKES)
def test_a_call_is_answered_as_text_and_as_structure(version: str) -> None:
    status, answer = said(message("tools/call", CHECK, key="c-3"), {"mcp-protocol-version": version}, REPLY)

    assert (status, answer["id"]) == (200, "c-3")
    assert wrong_in_answer(version, "CallToolResult", answer) == []
    (block,) = answer["result"]["content"]
    assert json.loads(block["text"]) == answer["result"]["structuredContent"] == REPLY.as_object()
    assert answer["result"]["isError"] is False


@pytest.mark.parametrize("version", HANDSHAKES)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (message("tools/call", {"name": "nope", "arguments": {}}), -32602),
        (message("tools/call", {}), -32602),
        (message("tools/call", {"name": ["check_availability"]}), -32602),
        (message("resources/list"), -32601),
        (message("server/discovers"), -32601),
        (message("ping", [1]), -32602),
    ],
)
def test_protocol_errors_keep_the_id_and_http_200(version: str, body: dict[str, Any], code: int) -> None:
    status, answer = said(body, {"mcp-protocol-version": version})

    assert (status, answer["id"], answer["error"]["code"]) == (200, 1, code)
    assert wrong_in_error(version, answer) == []


def test_ping_is_answered_with_an_empty_result() -> None:
    assert said(message("ping")) == (200, {"jsonrpc": "2.0", "id": 1, "result": {}})


@pytest.mark.parametrize("version", ["1999-01-01", "", "2025-06-18,2025-06-18"])
def test_an_unknown_version_in_the_header_is_refused(version: str) -> None:
    status, answer = said(message("tools/list", {}, key=7), {"mcp-protocol-version": version})

    assert (status, answer["id"], answer["error"]["code"]) == (400, 7, -32600)


def test_a_wrong_argument_is_an_error_that_the_model_can_mend() -> None:
    status, answer = said(message("tools/call", {"name": "hold_slot", "arguments": [1]}))

    assert status == 200
    assert answer["result"]["isError"] is True
    assert answer["result"]["content"][0]["text"]
    assert wrong("2025-11-25", "CallToolResult", answer["result"]) == []


# --- without a handshake ---------------------------------------------------------------------------------------------


def test_discovery_tells_every_version() -> None:
    body = stateless("server/discover")

    status, answer = said(body, mirrored(body))

    assert status == 200
    assert wrong_in_answer(STATELESS, "DiscoverResult", answer) == []
    assert set(answer["result"]["supportedVersions"]) == set(VERSIONS)
    assert answer["result"]["_meta"][META + "serverInfo"]["name"] == "slotline"


def test_the_list_of_the_stateless_era_says_how_long_it_holds() -> None:
    body = stateless("tools/list")

    status, answer = said(body, mirrored(body))

    assert status == 200
    assert wrong_in_answer(STATELESS, "ListToolsResult", answer) == []
    assert answer["result"]["cacheScope"] == "private"


def test_a_call_of_the_stateless_era_is_complete() -> None:
    body = stateless("tools/call", CHECK)

    status, answer = said(body, mirrored(body), REPLY)

    assert (status, answer["id"], answer["result"]["resultType"]) == (200, "m-1", "complete")
    assert wrong_in_answer(STATELESS, "CallToolResult", answer) == []
    assert answer["result"]["structuredContent"] == REPLY.as_object()


def test_a_wrapped_name_is_unwrapped_before_it_is_compared() -> None:
    body = stateless("tools/call", CHECK)
    wrapped = "=?base64?" + base64.b64encode(b"check_availability").decode() + "?="

    assert said(body, mirrored(body, mcp_name=wrapped), REPLY)[0] == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"mcp_name": "hold_slot"},
        {"mcp_name": None},
        {"mcp_name": "=?base64?!?="},
        {"mcp_name": "=?base64?/w==?="},
        {"mcp_method": "tools/list"},
        {"mcp_method": None},
        {"mcp_protocol_version": "2025-11-25"},
        {"mcp_protocol_version": None},
    ],
)
def test_headers_that_do_not_mirror_the_body_are_refused(changed: dict[str, str | None]) -> None:
    body = stateless("tools/call", CHECK)

    status, answer = said(body, mirrored(body, **changed))

    assert (status, answer["error"]["code"]) == (400, -32020)
    assert wrong_in_error(STATELESS, answer, "HeaderMismatchError") == []


@pytest.mark.parametrize("missing", ["clientCapabilities", "protocolVersion"])
def test_a_request_of_the_stateless_era_that_lacks_its_metadata_is_refused(missing: str) -> None:
    body = stateless("server/discover")
    del body["params"]["_meta"][META + missing]

    status, answer = said(body, mirrored(body))

    assert (status, answer["id"], answer["error"]["code"]) == (400, "m-1", -32602)
    assert missing in answer["error"]["message"]


def test_a_request_that_only_its_header_dates_lacks_its_metadata() -> None:
    body = message("tools/list", {})

    status, answer = said(body, {"mcp-protocol-version": STATELESS, "mcp-method": "tools/list"})

    assert (status, answer["error"]["code"]) == (400, -32602)


def test_an_unsupported_version_is_answered_with_those_that_are() -> None:
    body = stateless("tools/list", None, **{META + "protocolVersion": "2027-01-01"})

    status, answer = said(body, mirrored(body, mcp_protocol_version="2027-01-01"))

    assert (status, answer["error"]["code"]) == (400, -32022)
    assert answer["error"]["data"] == {"supported": list(reversed(VERSIONS)), "requested": "2027-01-01"}
    assert wrong_in_error(STATELESS, answer, "UnsupportedProtocolVersionError") == []


@pytest.mark.parametrize("method", ["prompts/list", "ping", "subscriptions/listen"])
def test_an_unknown_method_of_the_stateless_era_is_404(method: str) -> None:
    body = stateless(method)

    status, answer = said(body, mirrored(body))

    assert (status, answer["error"]["code"]) == (404, -32601)


def test_an_unknown_tool_of_the_stateless_era_is_400() -> None:
    body = stateless("tools/call", {"name": "nope"})

    status, answer = said(body, mirrored(body))

    assert (status, answer["error"]["code"]) == (400, -32602)


# --- the samples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_a_request_of_its_version_and_is_answered(path: Path) -> None:
    sent = json.loads(path.read_text())
    body, version = sent["body"], STATELESS if path.stem.startswith("stateless") else "2025-11-25"
    kinds = {
        "initialize": "Initialize",
        "server/discover": "Discover",
        "tools/list": "ListTools",
        "tools/call": "CallTool",
    }
    kind = kinds[body["method"]]
    assert wrong(version, f"{kind}Request", body) == []

    status, answer = said(body, sent["headers"], REPLY)

    assert (status, answer["id"]) == (200, body["id"])
    assert wrong_in_answer(version, f"{kind}Result", answer) == []


@pytest.mark.parametrize("era", ["handshake", "stateless"])
def test_a_sample_of_a_booking_is_the_same_call_in_both_eras(era: str) -> None:
    sent = json.loads((EVENTS / f"{era}_book_appointment.json").read_text())

    (call,) = mcp().read(request(sent["body"], sent["headers"]), path_tool="mcp")

    wish = {"service": "cleaning", "slot_id": "K7Q2", "name": "Zoë Müller"}
    context = CallContext("mcp", "call_7f3a", "+14155550123")
    assert call == ToolCall(Tool.BOOK_APPOINTMENT, wish, context, "call_7f3a-4")


# --- what wants no answer, and what has none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "method": "tools/call", "params": CHECK},
        {"jsonrpc": "2.0", "id": 9, "result": {}},
        [{"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": 1, "error": {}}],
    ],
)
def test_what_wants_no_answer_is_accepted_and_runs_nothing(body: object) -> None:
    response = exchange(request(body))

    assert (response.status, response.body) == (202, "")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_are_no_streams_and_no_sessions(method: str) -> None:
    response = exchange(request(method=method))

    assert (response.status, response.body, response.headers) == (405, "", {"allow": "POST"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{oops", -32700),
        (b"\xff", -32700),
        (b"[" * 100_000, -32700),
        (b"", -32700),
        (5, -32600),
        ("tools/list", -32600),
        ([], -32600),
        ([message("ping")] * 17, -32600),
        ({}, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": {"a": 1}, "method": "ping"}, -32600),
    ],
)
def test_what_is_no_message_is_400(body: object, code: int) -> None:
    status, answer = said(body)

    assert (status, answer["error"]["code"]) == (400, code)


# --- batches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"mcp-protocol-version": "2025-03-26"}])
def test_the_oldest_version_may_send_a_batch(headers: dict[str, str]) -> None:
    other = ToolReply(Status.HELD, "It is held.")
    batch = [
        message("tools/call", CHECK, key="a"),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        message("initialize", {"protocolVersion": "2025-03-26"}, key="b"),
        message("ping", key="c"),
        stateless("tools/list"),
        "nonsense",
        message("tools/call", {"name": "hold_slot", "arguments": "{"}, key="d"),
        message("tools/call", {"name": "hold_slot"}, key="e"),
    ]

    status, answers = said(batch, headers, REPLY, other)

    assert status == 200
    assert [answer["id"] for answer in answers] == ["a", "b", "c", "m-1", None, "d", "e"]
    assert answers[0]["result"]["structuredContent"] == REPLY.as_object()
    assert [a["error"]["code"] for a in (answers[1], answers[3], answers[4])] == [-32600] * 3
    assert answers[5]["result"]["isError"] is True
    assert answers[6]["result"]["structuredContent"] == other.as_object()


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_later_versions_send_one_message_at_a_time(version: str) -> None:
    status, answer = said([message("ping")], {"mcp-protocol-version": version})

    assert (status, answer["id"], answer["error"]["code"]) == (400, None, -32600)


# --- who calls -------------------------------------------------------------------------------------------------------


def test_the_call_comes_from_headers_and_never_from_the_model() -> None:
    claims = {"caller_number": "+14155559999", "call_id": "claimed", "service": "cleaning"}
    headers = {"x-call-id": "call-1", "x-caller-number": "+1 (415) 555-0123", "x-called-number": "+18005550100"}

    (call,) = mcp().read(
        request(
            message("tools/call", {"name": "hold_slot", "arguments": claims, "_meta": {"x-call-id": "claimed"}}),
            headers | {"idempotency-key": "k-1"},
        ),
        path_tool="mcp",
    )

    assert isinstance(call, ToolCall)
    assert call.context == CallContext("mcp", "call-1", "+14155550123", "+18005550100")
    assert (call.id, call.args) == ("k-1", {"service": "cleaning"})


def test_a_json_rpc_id_names_no_delivery() -> None:
    (call,) = mcp().read(request(message("tools/call", CHECK)), path_tool="mcp")

    assert call.id is None


def test_the_calls_of_a_batch_are_deliveries_of_their_own() -> None:
    batch = [message("tools/call", CHECK), message("tools/call", CHECK, key=2)]

    calls = mcp().read(request(batch, {"idempotency-key": "k-1"}), path_tool="mcp")

    assert [call.id for call in calls] == ["k-1#0", "k-1#1"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://desk.example", "https://desk.example:444"])
def test_a_web_page_of_somebody_else_is_turned_away(origin: str) -> None:
    status, answer = said(message("ping"), {"origin": origin})

    assert (status, answer["id"], answer["error"]["code"]) == (403, None, -32600)


def test_our_own_pages_may_ask() -> None:
    assert said(message("ping"), {"origin": PUBLIC})[0] == 200


# --- the credential --------------------------------------------------------------------------------------------------


def test_a_bearer_is_asked_for_with_the_place_that_tells_about_it() -> None:
    dialect = mcp()
    sent = request(message("ping"))
    dialect.settled(sent)
    with pytest.raises(AccessError) as refused:
        dialect.proved(sent, Auth("bearer"), ["secret"], 0.0)

    response = dialect.refuse(refused.value)

    place = f"{PUBLIC}/.well-known/oauth-protected-resource{PATH}"
    assert response.status == 401
    assert response.headers["www-authenticate"] == f'Bearer resource_metadata="{place}"'
    metadata = dialect.settled(HttpRequest("GET", place.removeprefix(PUBLIC), {"host": "api.example"}, b""))
    assert metadata is not None
    assert body_of(metadata)["resource"] == PUBLIC + PATH
    assert body_of(metadata)["bearer_methods_supported"] == ["header"]


def test_without_a_public_address_the_one_that_was_asked_counts() -> None:
    metadata = mcp(public_url=None).settled(
        HttpRequest("GET", f"/.well-known/oauth-protected-resource{PATH}", {"host": "api.example"}, b"")
    )

    assert metadata is not None
    assert body_of(metadata)["resource"] == f"https://api.example{PATH}"


def test_a_path_cannot_break_out_of_the_header() -> None:
    dialect = mcp()
    dialect.settled(HttpRequest("POST", '/v1/a"\r\nx/b/mcp', {"host": "api.example"}, b""))

    challenge = dialect.refuse(AccessError(401, "unauthorized", "no")).headers["www-authenticate"]

    assert challenge.count('"') == 2
    assert challenge.isprintable()


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        (Auth("bearer"), {"authorization": "Bearer secret"}),
        (Auth("header", {"header": "x-desk-key"}), {"x-desk-key": "secret"}),
    ],
)
def test_the_agents_own_credential_opens(auth: Auth, headers: dict[str, str]) -> None:
    dialect = mcp()

    dialect.proved(request(None, headers), auth, ["secret"], 0.0)
    with pytest.raises(AccessError):
        dialect.proved(request(None, {name: value + "x" for name, value in headers.items()}), auth, ["secret"], 0.0)


def test_an_agent_that_signs_has_no_bearer_and_raises_no_alarm() -> None:
    with pytest.raises(AccessError) as refused:
        mcp().proved(request(None, {"authorization": "Bearer secret"}), Auth("signature"), ["secret"], 0.0)

    assert refused.value.status == 401
    assert not isinstance(refused.value, ConfigError)
