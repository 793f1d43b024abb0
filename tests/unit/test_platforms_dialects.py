"""What each platform sends means what it should, and each hears back in its own shape."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slotline.domain.calls import BadCall, CallContext, HttpRequest, HttpResponse, Status, Tool, ToolCall, ToolReply
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms.flat import PINNED
from slotline.platforms.table import PLATFORMS, by_name
from slotline.ports import Dialect

DATA = Path(__file__).parent / "data/voice"
EVENTS = Path(__file__).parents[2] / "events"
FUNCTIONS = ("availability", "booking", "sms_confirm")
SAMPLES = sorted(path for function in FUNCTIONS for path in (EVENTS / function).glob("*.json"))
FILES = {platform: json.loads((DATA / f"{platform}.json").read_text()) for platform in PLATFORMS}
CASES = [pytest.param(platform, case, id=f"{platform}: {case['name']}") for platform in PLATFORMS
         for case in FILES[platform]["cases"]]  # fmt: skip
ENVELOPES = ("vapi", "signalwire")
"""Platforms whose answer wraps the reply as text; the others hear the reply itself."""

PAYLOADS = [(platform, payload) for platform, payloads in PLATFORMS.items() for payload in payloads]
HELD = ToolReply(Status.HELD, "Friday at ten is held for you.", {"slot_id": "K7Q2", "start": "10:00"})


def request(body: object, headers: dict[str, str] | None = None) -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return HttpRequest("POST", "/", {"content-type": "application/json", **(headers or {})}, raw)


def read(platform: str, body: object, *, path_tool: str = "check_availability", **headers: str) -> list[ToolCall]:
    calls = by_name(platform).read(request(body, headers), path_tool=path_tool)
    assert all(isinstance(call, ToolCall) for call in calls)
    return [call for call in calls if isinstance(call, ToolCall)]


def body_of(response: HttpResponse) -> Any:
    assert response.headers["content-type"] == "application/json"
    assert not set(response.body) & {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
    response.body.encode()
    return json.loads(response.body)


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "case"), CASES)
def test_every_published_form_is_read(platform: str, case: dict[str, Any]) -> None:
    body = case["raw"].encode() if "raw" in case else case["body"]
    calls = by_name(platform, case.get("payload")).read(
        request(body, case.get("headers")), path_tool=case.get("path_tool", "check_availability")
    )

    assert [told(call) for call in calls] == case["calls"]
    contexts = {call.context for call in calls if isinstance(call, ToolCall)}
    assert contexts == ({CallContext(**case["context"])} if case["context"] else set())


def told(call: ToolCall | BadCall) -> dict[str, object]:
    if isinstance(call, BadCall):
        assert call.message
        return {"id": call.id, "name": call.name, "code": call.code}
    return {"id": call.id, "tool": call.tool, "args": call.args}


@pytest.mark.parametrize("body", FILES["vapi"]["acknowledged"])
def test_other_vapi_messages_are_acknowledged_with_an_empty_object(body: object) -> None:
    vapi = by_name("vapi")

    assert vapi.read(request(body), path_tool="check_availability") == ()
    assert (vapi.write(()).status, body_of(vapi.write(()))) == (200, {})


@pytest.mark.parametrize("body", FILES["vapi"]["nothing_to_run"])
def test_a_vapi_message_without_a_readable_call_still_answers_200(body: object) -> None:
    vapi = by_name("vapi")

    with pytest.raises(AccessError) as refused:
        vapi.read(request(body), path_tool="check_availability")

    answer = vapi.refuse(refused.value)
    assert answer.status == 200
    assert body_of(answer) == {"results": [], "error": str(refused.value)}


def test_a_vapi_call_with_an_endless_id_is_answered_but_not_run() -> None:
    item = {"id": "x" * 257, "name": "find_appointments"}

    (call,) = by_name("vapi").read(request({"message": {"toolCallList": [item]}}), path_tool="x")

    assert told(call) == {"id": item["id"], "name": "find_appointments", "code": "bad_id"}


def test_an_unknown_tool_is_404_where_one_request_is_one_call() -> None:
    for platform, body, path_tool in [
        ("retell", {"name": "send_fax", "args": {}, "call": {}}, "check_availability"),
        ("retell", {"service": "cleaning"}, "send_fax"),
        ("generic", {"service": "cleaning"}, "send_fax"),
        ("synthflow", {"service": "cleaning"}, "send_fax"),
        ("signalwire", {"function": "send_fax", "argument": {}}, "check_availability"),
    ]:
        with pytest.raises(AccessError) as refused:
            by_name(platform).read(request(body), path_tool=path_tool)
        assert (refused.value.status, refused.value.code) == (404, "unknown_tool")


def test_the_access_token_of_a_retell_web_call_goes_nowhere() -> None:
    case = next(case for case in FILES["retell"]["cases"] if "canary-access-token" in json.dumps(case))

    calls = by_name("retell").read(request(case["body"]), path_tool="check_availability")

    assert "canary" not in repr(calls)
    assert "canary" not in by_name("retell").write([(calls[0], HELD)]).body


def test_an_empty_generic_body_is_a_tool_without_arguments() -> None:
    (call,) = read("generic", b"", path_tool="find_appointments")

    assert call == ToolCall(Tool.FIND_APPOINTMENTS, {}, CallContext("generic"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_sample_requests_are_read_by_the_dialect_they_are_named_after(path: Path) -> None:
    platform, tool = path.stem.split("_", maxsplit=1)

    calls = read(platform, path.read_bytes(), path_tool=tool)

    assert [call.tool for call in calls] == ([] if tool == "status_update" else [tool])


def test_there_are_sample_requests_for_every_tool_on_every_platform() -> None:
    tools = {"availability": ["check_availability"], "booking": ["book_appointment", "cancel_appointment",
             "find_appointments", "hold_slot", "reschedule_appointment"],
             "sms_confirm": ["send_confirmation"]}  # fmt: skip

    wanted = {f"{function}/{p}_{tool}.json" for function in tools for tool in tools[function] for p in PLATFORMS}
    assert wanted <= {f"{path.parent.name}/{path.name}" for path in SAMPLES}


# --- ids and numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("+14155550123", "+14155550123"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("+49 30/1234567", "+49301234567"),
        ("\u202a+44\u00a020\u20117946\u20110958\u202c", "+442079460958"),
        ("+2901234", "+2901234"),
        ("4155550123", None),
        ("14155550123", None),
        ("0049301234567", None),
        ("+1415555012", None),
        ("+11155550123", None),
        ("+0441234567", None),
        ("+123456", None),
        ("+2345678901234567", None),
        ("+14155550123x5", None),
        ("+14155550123,+14155550124", None),
        ("+١٤١٥٥٥٥٠١٢٣", None),
        ("sip:+14155550123@example.com", None),
        ("anonymous", None),
        ("Restricted", None),
        ("{{customer.number}}", None),
        ("", None),
        ("+266696687", None),
        ("+7378742833", None),
        ("+2562533", None),
        ("+8656696", None),
        ("+86282452253", None),
    ],
)
def test_only_a_plausible_number_with_its_country_is_a_caller(sent: str, number: str | None) -> None:
    (call,) = read("generic", {}, **{"x-caller-number": sent, "x-called-number": sent})

    assert (call.context.caller, call.context.called) == (number, number)


@pytest.mark.parametrize("number", [None, 14155550123, True, ["+14155550123"], {"number": "+14155550123"}, 1.5])
def test_a_number_that_is_no_text_is_none(number: object) -> None:
    party = {"number": number}
    items = [{"id": "1", "name": "find_appointments"}]
    body = {"message": {"toolCallList": items, "call": {"id": "c", "customer": party}, "phoneNumber": party}}

    (call,) = read("vapi", body)

    assert call.context == CallContext("vapi", "c")


def test_an_endless_or_unprintable_key_becomes_its_hash_and_two_stay_two() -> None:
    def key(text: str) -> str | None:
        return read("generic", {}, **{"idempotency-key": text})[0].id

    assert key("k" * 200) == "k" * 200
    hashes = {key("k" * 201), key("k" * 202), key("k\x00"), key("k\ud800")}
    assert len(hashes) == 4
    assert all(len(found or "") == 71 for found in hashes)


# --- hostile bodies --------------------------------------------------------------------------------------------------

DEEP = b"[" * 200_000
NESTED = b'{"a":' * 500 + b"1" + b"}" * 500


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_json"),
        (b"nonsense", "bad_json"),
        (b'{"a":1}{"b":2}', "bad_json"),
        (b'{"name":"\xff"}', "bad_json"),
        ('{"a":1}'.encode("utf-16"), "bad_json"),
        (b'{"a":' + b"9" * 5000 + b"}", "bad_json"),
        (DEEP, "bad_json"),
        (b'{"a":' + DEEP, "bad_json"),
        (b"[]", "bad_body"),
        (b"null", "bad_body"),
        (b'"text"', "bad_body"),
        (b"7", "bad_body"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_a_body_that_cannot_be_read_is_400_and_on_vapi_200(platform: str, body: bytes, code: str) -> None:
    with pytest.raises(AccessError) as refused:
        by_name(platform).read(request(body), path_tool="check_availability")

    answer = by_name(platform).refuse(refused.value)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert answer.status == (200 if platform == "vapi" else 400)
    if platform == "vapi":
        assert body_of(answer) == {"results": [], "error": str(refused.value)}
    else:
        assert body_of(answer)["error"] == code


@pytest.mark.parametrize("platform", ["vapi", "retell", "signalwire"])
def test_only_the_flat_form_may_be_empty(platform: str) -> None:
    with pytest.raises(AccessError) as refused:
        by_name(platform).read(request(b""), path_tool="find_appointments")

    assert (refused.value.status, refused.value.code) == (400, "bad_json")


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "text/html", "json"],
)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_other_content_types_are_refused(platform: str, content_type: str) -> None:
    if (platform, content_type) == ("elevenlabs", "application/x-www-form-urlencoded"):
        return  # its tools can be set to send forms: read among the cases above
    with pytest.raises(AccessError) as refused:
        by_name(platform).read(request({}, {"content-type": content_type}), path_tool="check_availability")

    assert (refused.value.status, refused.value.code) == (400, "bad_content_type")


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json; charset=utf-8", "Application/JSON", "text/plain", "application/vnd.desk+json"],
)
def test_json_is_read_under_every_honest_label(content_type: str) -> None:
    assert read("generic", b'\xef\xbb\xbf{"service":"cleaning"}', **{"content-type": content_type})
    assert by_name("generic").read(HttpRequest("POST", "/", {}, b"{}"), path_tool="hold_slot")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_deeply_nested_arguments_are_no_arguments(platform: str) -> None:
    body = {
        "retell": b'{"name":"hold_slot","call":{},"args":' + NESTED + b"}",
        "signalwire": b'{"function":"hold_slot","argument":{"parsed":[' + NESTED + b"]}}",
        "vapi": b'{"message":{"toolCallList":[{"id":"1","name":"hold_slot","arguments":' + NESTED + b"}]}}",
    }.get(platform)
    if body is None:
        body = NESTED
        with pytest.raises(AccessError) as refused:
            by_name(platform).read(request(body), path_tool="hold_slot")
        assert (refused.value.status, refused.value.code) == (400, "bad_arguments")
    else:
        (call,) = by_name(platform).read(request(body), path_tool="hold_slot")
        assert (told(call)["name"], told(call)["code"]) == ("hold_slot", "bad_arguments")


def test_strange_values_become_harmless_ones() -> None:
    body = b'{"a":NaN,"b":-Infinity,"c":1e999,"d":%d,"e":"Zo\\ud800","service":"x","service":"y","f":[NaN,"\\udfff"]}'

    (call,) = read("generic", body % 10**400)

    assert call.args == {"d": str(10**400), "e": "Zo\ufffd", "service": "y", "f": [None, "\ufffd"]}
    assert call.fingerprint()
    json.dumps(call.args, allow_nan=False, ensure_ascii=False).encode()


# --- writing ---------------------------------------------------------------------------------------------------------

CALL = ToolCall(Tool.HOLD_SLOT, {}, CallContext("vapi"), "call_1")
BAD = BadCall("call_2", "send_fax", "unknown_tool", "There is no tool of that name.\nReally.")


def test_vapi_hears_the_whole_reply_as_one_line_of_json_text() -> None:
    response = by_name("vapi").write([(CALL, HELD), (BAD, BAD.reply())])

    good, bad = body_of(response)["results"]
    assert response.status == 200
    assert set(good) == {"name", "toolCallId", "result"}
    assert (good["name"], good["toolCallId"]) == ("hold_slot", "call_1")
    assert json.loads(good["result"]) == HELD.as_object()
    assert bad == {"name": "send_fax", "toolCallId": "call_2", "error": "There is no tool of that name. Really."}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_line_break_survives_however_often_the_reply_is_decoded(platform: str) -> None:
    rude = "Zoë\r\n Müller\u2028of\u2029the\x7f\x00\x85\ud800desk"
    reply = ToolReply(Status.FOUND, rude, {"appointments": [{"say": rude, "n": 1, "more": False, "staff": None}]})

    body = body_of(by_name(platform).write([(CALL, reply)]))

    flat = unwrapped(platform, body)
    clean = "Zoë Müller of the desk"
    assert flat == {"status": "found", "message": clean,
                    "appointments": [{"say": clean, "n": 1, "more": False, "staff": None}]}  # fmt: skip


def unwrapped(platform: str, body: Any) -> Any:
    if platform == "vapi":
        return json.loads(body["results"][0]["result"])
    return json.loads(body["response"]) if platform == "signalwire" else body


@pytest.mark.parametrize("platform", sorted(PLATFORMS.keys() - set(ENVELOPES)))
def test_flat_platforms_hear_the_object_itself_with_200_even_for_a_bad_call(platform: str) -> None:
    dialect = by_name(platform)

    good, bad = dialect.write([(CALL, HELD)]), dialect.write([(BAD, BAD.reply())])

    assert (good.status, body_of(good)) == (200, HELD.as_object())
    assert (bad.status, body_of(bad)["status"]) == (200, "not_done")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (403, "forbidden"), (404, "unknown_agent")])
def test_refused_credentials_and_unknown_agents_keep_their_status(platform: str, status: int, code: str) -> None:
    response = by_name(platform).refuse(AccessError(status, code, "no\nway"))

    assert response.status == status
    assert body_of(response) == {"error": code, "message": "no way"}


def test_signalwire_hears_one_text() -> None:
    dialect = by_name("signalwire")

    good, bad = dialect.write([(CALL, HELD)]), dialect.write([(BAD, BAD.reply())])

    assert (good.status, bad.status) == (200, 200)
    assert set(body_of(good)) == {"response"}
    assert json.loads(body_of(good)["response"]) == HELD.as_object()
    assert body_of(bad) == {"response": "There is no tool of that name. Really."}


# --- the flat family -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "payload"), [pair for pair in PAYLOADS if pair[1] == "args_only"])
def test_nothing_in_a_body_of_arguments_says_who_calls(platform: str, payload: str) -> None:
    """Every envelope and every pinned name of every platform, sent to an agent whose bodies are the model's."""
    for other in FILES:
        for case in FILES[other]["cases"]:
            if "raw" in case or not isinstance(case["body"], dict):
                continue
            for call in by_name(platform, payload).read(request(case["body"]), path_tool="find_appointments"):
                assert isinstance(call, ToolCall)
                assert (call.tool, call.id, call.context) == ("find_appointments", None, CallContext(platform))


@pytest.mark.parametrize(("platform", "payload"), [pair for pair in PAYLOADS if pair[0] in
                         ("elevenlabs", "bland", "synthflow", "ultravox") and pair[1] == "full"])  # fmt: skip
@pytest.mark.parametrize("name", sorted(PINNED))
def test_a_call_pinned_twice_is_refused(platform: str, payload: str, name: str) -> None:
    """A template that is filled in as text can be broken out of by what a caller says."""
    said = f'{{"name":"Ada","{name}":"+12125550000","notes":"x","{name}":"+14155550123"}}'

    with pytest.raises(AccessError) as refused:
        by_name(platform, payload).read(request(said.encode()), path_tool="hold_slot")

    assert (refused.value.status, refused.value.code) == (400, "bad_body")


@pytest.mark.parametrize("tool", list(Tool))
@pytest.mark.parametrize("call_id", [None, "", "<call_id>", "{call_id}", "{{call_id}}", "null", "undefined"])
def test_synthflow_can_test_every_action_without_changing_anything(tool: str, call_id: str | None) -> None:
    body = {"service": "cleaning", "slot_id": "slt_1", "name": "Ana Diaz", "call_id": call_id, "caller_number": "x"}

    (call,) = by_name("synthflow").read(request(body), path_tool=tool)

    assert isinstance(call, ToolCall) == (tool in ("check_availability", "find_appointments"))
    if isinstance(call, BadCall):
        response = by_name("synthflow").write([(call, call.reply())])
        assert response.status == 200
        assert body_of(response)["status"] == "not_done"
        assert "The connection works" in body_of(response)["message"]


@pytest.mark.parametrize("body", [b"a=1&" * 101 + b"b=2", b"service=%ff%fe", b"service=\xff"])
def test_a_form_that_cannot_be_read_is_400(body: bytes) -> None:
    sent = request(body, {"content-type": "application/x-www-form-urlencoded"})

    with pytest.raises(AccessError) as refused:
        by_name("elevenlabs").read(sent, path_tool="hold_slot")

    assert (refused.value.status, refused.value.code) == (400, "bad_body")


@pytest.mark.parametrize("name", [5, [], {}, False])
@pytest.mark.parametrize(("platform", "key", "status"), [("openai", "name", 404), ("signalwire", "function", 400)])
def test_a_function_call_whose_name_is_no_text_is_refused(platform: str, key: str, status: int, name: object) -> None:
    with pytest.raises(AccessError) as refused:
        by_name(platform, "full").read(request({key: name, "arguments": "{}"}), path_tool="hold_slot")

    assert refused.value.status == status


@pytest.mark.parametrize(("platform", "payload"), PAYLOADS)
@pytest.mark.parametrize("seed", range(20))
def test_unknown_fields_anywhere_break_nothing(platform: str, payload: str, seed: int) -> None:
    rng = random.Random(seed)
    strange = [None, True, 7, -0.5, "text", "", [], {}, [1, [2]], {"a": {"b": 1}}, "{{x}}"]
    cases = [case for case in FILES[platform]["cases"] if case["context"] and "raw" not in case
             and case.get("payload", PLATFORMS[platform][0]) == payload]  # fmt: skip
    for case in cases:
        body = json.loads(json.dumps(case["body"]))
        for part in parts(body):
            part.update({f"new_{rng.randrange(9)}": rng.choice(strange) for _ in range(3)})
        calls = by_name(platform, payload).read(
            request(body, case.get("headers")), path_tool=case.get("path_tool", "check_availability")
        )
        found = [(call.tool, call.context) for call in calls if isinstance(call, ToolCall)]
        context = CallContext(**case["context"])
        assert found == [(wanted["tool"], context) for wanted in case["calls"] if "tool" in wanted]


def parts(body: Any) -> list[dict[str, Any]]:
    """Every object in the body, outermost first."""
    if isinstance(body, list):
        return [part for item in body for part in parts(item)]
    if not isinstance(body, dict):
        return []
    return [body, *(part for item in list(body.values()) for part in parts(item))]


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_platform_has_a_dialect_of_its_own_name_and_deadline() -> None:
    dialects: list[Dialect] = [by_name(platform) for platform in PLATFORMS]

    assert [dialect.platform for dialect in dialects] == list(PLATFORMS)
    assert {d.platform: d.default_deadline_seconds for d in dialects} == {
        "vapi": 20, "retell": 120, "elevenlabs": 20, "bland": 10, "synthflow": 5, "ultravox": 2.5, "telnyx": 5,
        "signalwire": 5, "openai": 20, "generic": 20}  # fmt: skip
    for platform, payload in PAYLOADS:
        other = by_name(platform, payload)
        assert (other.platform, other.default_deadline_seconds) == (
            platform, by_name(platform).default_deadline_seconds)  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_payload_that_a_platform_cannot_be_set_to_is_the_owners_mistake(platform: str) -> None:
    for payload in {"full", "args_only", "both"} - set(PLATFORMS[platform]):
        with pytest.raises(ConfigError, match=f"payload: {platform} cannot send"):
            by_name(platform, payload)


def test_an_unknown_platform_is_the_owners_mistake() -> None:
    with pytest.raises(ConfigError, match="vapi, retell, elevenlabs"):
        by_name("flute")


def test_an_unused_platform_is_not_imported() -> None:
    code = (
        "import sys; from slotline.platforms.table import by_name; by_name('generic'); "
        "print([name for name in sys.modules if name.startswith('slotline.platforms.') "
        "and name.rpartition('.')[2] in ('vapi', 'retell', 'telnyx', 'openai')])"
    )
    path = Path(__file__).parents[2] / "layers/shared/python"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=path)

    assert done.stdout.strip() == "[]"
