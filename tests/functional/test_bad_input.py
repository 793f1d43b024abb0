"""Whatever a platform, a model or a stranger sends: the documented answer, nothing written, nothing personal logged."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from ops.demo.wires import Turn
from tests.functional import desks
from tests.functional.caller import check_sentence
from tests.functional.dialects import BEARERS, ENVELOPES, PLATFORMS, SHAPES, Platform, retell_body, retell_signature
from tests.functional.served import RETELL_KEY, fresh_number, morning_zone, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.functional.caller import Heard, Reply
    from tests.functional.served import Served

pytestmark = pytest.mark.engine

MEGABYTE = 1_048_576
CANARY_NAME = "Zanzibar Quillfeather"
CANARY_MAIL = "zanzibar@quillfeather.example"
CANARY_PHONE = "+14155557391"
CANARY_NOTES = "allergic to moonbeams"
EVERYTHING_LOGGED = {"POWERTOOLS_LOG_LEVEL": "DEBUG", "POWERTOOLS_METRICS_DISABLED": "false"}

UNREAL: list[Any] = [
    7,
    0.5,
    True,
    [],
    ["consult"],
    {},
    {"a": {"b": "c"}},
    "null",
    "{{service}}",
    "",
    "\x00\x07",
    "ü" * 3000,
    -(10**400),
]
"""Values that mean nothing anywhere."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    closed = datetime.now(ZoneInfo(zone)).date() + timedelta(days=3)
    desk = desks.BUILTIN.format(zone=zone, closed=closed)
    folder = tmp_path_factory.mktemp("bad-input")
    with serving(desk, folder, business=desks.BUSINESS, zone=zone, environ=EVERYTHING_LOGGED) as running:
        yield running


@pytest.fixture(scope="module")
def slot_id(served: Served) -> str:
    """An offer that nobody takes."""
    offers: list[Reply] = served.caller().offers("consult", when="tomorrow")
    found: str = offers[0]["slot_id"]
    return found


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest, served: Served) -> Platform[Served]:
    return Platform(served, request.param)


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, served: Served) -> Platform[Served]:
    return Platform(served, request.param)


@pytest.fixture
def unchanged(served: Served) -> Iterator[None]:
    """Nothing but the ledger is written by the test."""
    before = served.book()
    yield
    assert served.book() == before


# --- the request itself ----------------------------------------------------------------------------------------------


def refused(platform: Platform[Served], heard: Heard, status: int, code: str) -> None:
    """The documented refusal: Vapi hears 200 unless the credential, the URL or the size is wrong."""
    if platform.name == "vapi" and status == 400:
        assert (heard.status, heard.body["results"]) == (200, []), heard
        assert "\n" not in heard.body["error"]
        return
    assert (heard.status, heard.body["error"]) == (status, code), heard
    assert "\n" not in heard.body["message"]


BODIES: dict[str, tuple[bytes, str]] = {
    "broken": (b'{"service": "consult"', "bad_json"),
    "no json": (b"service=consult", "bad_json"),
    "not utf-8": (b'{"service": "\xff\xfe"}', "bad_json"),
    "a list": (b"[1, 2]", "bad_body"),
    "a number": (b"17", "bad_body"),
    "null": (b"null", "bad_body"),
    "two documents": (b"{}{}", "bad_json"),
    "nested without end": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "bad_json"),
    "an endless number": (b'{"slot_id": ' + b"9" * 10_000 + b"}", "bad_json"),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_cannot_be_read(platform: Platform[Served], body: str) -> None:
    raw, code = BODIES[body]

    refused(platform, platform.raw("check_availability", raw), 400, code)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"])
def test_a_body_of_another_type(platform: Platform[Served], media: str) -> None:
    body = platform.wrapped("check_availability", {"service": "consult", "when": "tomorrow"})

    if not (platform.name == "elevenlabs" and "form-urlencoded" in media):  # its tools can be set to send forms
        refused(platform, platform.raw("check_availability", body, content_type=media), 400, "bad_content_type")
    for good in ("application/json; charset=utf-8", "text/plain", "application/vnd.api+json"):
        assert platform.reply(platform.raw("check_availability", body, content_type=good))["status"] == "available"


def padded(body: bytes, size: int) -> bytes:
    """The same JSON object with blanks before its last brace, up to that many bytes."""
    return body[:-1] + b" " * (size - len(body)) + b"}"


@pytest.mark.usefixtures("unchanged")
def test_a_megabyte_is_read_and_a_byte_more_is_not(platform: Platform[Served]) -> None:
    body = platform.wrapped("check_availability", {"service": "consult", "when": "tomorrow"})

    heard = platform.raw("check_availability", padded(body, MEGABYTE))
    assert platform.reply(heard)["status"] == "available"
    refused(platform, platform.raw("check_availability", padded(body, MEGABYTE + 1)), 413, "too_large")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/nobody/front/check_availability", 404, "unknown_business"),
        ("/v1/harbor/nobody/check_availability", 404, "unknown_agent"),
        ("/v1/Harbor/front/check_availability", 404, "unknown_business"),
        ("/v1/harbor%2Ffront/x/check_availability", 404, "unknown_business"),
        ("/v1/harbor%23B/front/check_availability", 404, "unknown_business"),
    ],
)
def test_an_address_that_nobody_has(served: Served, path: str, status: int, code: str) -> None:
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}

    heard = served.post(path, b"{}", headers)
    assert (heard.status, heard.body["error"]) == (status, code)


@pytest.mark.parametrize(
    "path", ["/v1/harbor/front/drop_table", "/v1/harbor/front", "/", "/v1/harbor/front/hold_slot/x"]
)
def test_a_path_without_a_route_is_answered_by_the_gateway(served: Served, path: str) -> None:
    heard = served.post(path, b"{}", {"authorization": f"Bearer {served.key}"})

    assert (heard.status, heard.body) == (404, {"message": "Not Found"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("tool", ["delete_everything", "", 5, None, ["book_appointment"]])
def test_a_tool_that_there_is_not_named_in_an_envelope(served: Served, tool: Any) -> None:
    vapi, retell = Platform(served, "vapi"), Platform(served, "retell")

    heard = vapi.ask("check_availability", {}) if tool is None else vapi.raw("hold_slot", vapi.wrapped(tool, {}))
    assert heard.status == 200
    assert len(heard.body["results"]) == 1
    if tool is not None:
        assert "error" in heard.body["results"][0]
    if isinstance(tool, str):
        heard = retell.raw("hold_slot", retell.wrapped(tool, {}))
        assert (heard.status, heard.body["error"]) == (404, "unknown_tool")


@pytest.mark.usefixtures("unchanged")
def test_a_tool_sent_to_the_url_of_another_is_told_where_to_go(served: Served) -> None:
    vapi = Platform(served, "vapi")

    heard = vapi.raw("check_availability", vapi.wrapped("book_appointment", {"service": "consult"}))
    (entry,) = heard.body["results"]
    assert heard.status == 200
    assert "/book_appointment" in entry["error"]


# --- the credential --------------------------------------------------------------------------------------------------

CREDENTIALS = [
    "",
    "Bearer",
    "Bearer wrong",
    "bearer {key}x",
    "Basic {basic}",
    "{key}",
    "Bearer {key},Bearer {key}",
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", BEARERS)
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_credential_that_is_not_it(served: Served, name: str, credential: str, slot_id: str) -> None:
    platform = Platform(served, name)
    sent = credential.format(key=served.key, basic=base64.b64encode(served.key.encode()).decode())
    body = platform.wrapped("book_appointment", {"service": "consult", "slot_id": slot_id, "name": "Ada Low"})

    heard = platform.raw("book_appointment", body, authorization=sent)
    assert (heard.status, heard.body["error"]) == (401, "unauthorized")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("kind", ["none", "other key", "five minutes old", "from the future", "of another body", "odd"])
def test_a_signature_that_proves_nothing(served: Served, kind: str, slot_id: str) -> None:
    retell = Platform(served, "retell")
    arguments = {"service": "consult", "slot_id": slot_id, "name": "Ada Low"}
    body = retell.wrapped("book_appointment", arguments)
    signatures: dict[str, Callable[[], str]] = {
        "none": lambda: "",
        "other key": lambda: retell_signature(body, key="key_of_somebody_else"),
        "five minutes old": lambda: retell_signature(body, at=time.time() - 310),
        "from the future": lambda: retell_signature(body, at=time.time() + 310),
        "of another body": lambda: retell_signature(body + b" "),
        "odd": lambda: retell_signature(body).upper(),
    }

    heard = retell.raw("book_appointment", body, x_retell_signature=signatures[kind]())
    assert (heard.status, heard.body["error"]) == (401, "unauthorized")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("kind", ["none", "of somebody else", "of another body", "doubled"])
def test_without_its_proof_every_platform_hears_401_in_one_shape(
    platform: Platform[Served], kind: str, slot_id: str
) -> None:
    body = platform.wrapped("book_appointment", {"service": "consult", "slot_id": slot_id, "name": "Ada Low"})
    turn, key = Turn("", None, None, None), RETELL_KEY if platform.name in ("retell", "telnyx") else platform.served.key
    good = platform.wire.headers(turn, body, key=key)
    wrong = {
        "none": dict.fromkeys(good, ""),
        "of somebody else": platform.wire.headers(turn, body, key="a key that is not it"),
        "of another body": platform.wire.headers(turn, body + b" ", key=key),
        "doubled": {name: f"{value},{value}" for name, value in good.items()},
    }[kind]
    if kind == "of another body" and "signature" not in platform.wire.auth:
        wrong = {name: value[:-1] for name, value in good.items()}

    heard = platform.raw("book_appointment", body, **wrong | {"content-type": "application/json"})
    assert (heard.status, heard.body["error"], set(heard.body)) == (401, "unauthorized", {"error", "message"})


def test_a_signature_four_minutes_old_is_good(served: Served) -> None:
    retell = Platform(served, "retell")
    body = retell.wrapped("check_availability", {"service": "consult", "when": "tomorrow"})

    heard = retell.raw("check_availability", body, x_retell_signature=retell_signature(body, at=time.time() - 240))
    assert heard.body["status"] == "available"


# --- arguments -------------------------------------------------------------------------------------------------------


def answered(shape: Platform[Served], tool: str, arguments: dict[str, Any]) -> Reply:
    """200 and a sentence, or a call that could not be run."""
    heard = shape.ask(tool, arguments)
    if shape.name not in ENVELOPES and heard.status == 400:  # no arguments at all; the others wrap such calls
        assert heard.body["error"] == "bad_arguments"
        return {"status": "error"}
    assert heard.status == 200, heard
    reply = shape.reply(heard)
    check_sentence(reply)
    return reply


ASKED_AGAIN = {"clarify", "needs", "unavailable", "not_done", "needs_verification", "refused", "error"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("tool", "fields"),
    [
        ("check_availability", ["service", "when", "part_of_day", "staff", "after", "more"]),
        ("hold_slot", ["service", "slot_id", "date", "time"]),
        ("reschedule_appointment", ["appointment", "slot_id", "date", "time"]),
        ("cancel_appointment", ["appointment", "confirm"]),
        ("find_appointments", ["anything"]),
        ("send_confirmation", ["appointment", "phone"]),
    ],
)
def test_values_that_mean_nothing(shape: Platform[Served], tool: str, fields: list[str]) -> None:
    for name in fields:
        for value in UNREAL:
            base = {"service": "consult", "when": "tomorrow"} if tool == "check_availability" else {}
            reply = answered(shape, tool, base | {name: value})
            allowed = ASKED_AGAIN | ({"none_found"} if tool == "find_appointments" else set())
            allowed |= {"available", "none_available"} if tool == "check_availability" else set()
            assert reply["status"] in allowed, (name, value, reply)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["name", "email", "phone", "notes", "slot_id"])
def test_values_that_mean_nothing_book_nothing(shape: Platform[Served], slot_id: str, name: str) -> None:
    good = {"service": "consult", "slot_id": slot_id, "name": "Ada Low"}
    if name in {"email", "phone", "notes"}:
        good["name"] = "🙂"  # a value that means "nothing" is as good as none there, so that the name must stop it
    for value in UNREAL:
        reply = answered(shape, "book_appointment", good | {name: value})
        assert reply["status"] in ASKED_AGAIN, (value, reply)


BAD_FIELDS: list[tuple[str, Any]] = [
    ("name", "🙂🙃"),
    ("name", "\u200b\u200d\u2060"),
    ("name", "4155550123"),
    ("name", "x" * 500),
    ("name", "Ada " * 40),
    ("name", "   "),
    ("name", "https://evil.example/x"),
    ("name", "{{customer.name}}"),
    ("name", "\x00\x01\x02"),
    ("phone", "12"),
    ("phone", "my mother's"),
    ("phone", "+1 900 555 2671"),
    ("phone", "9" * 300),
    ("phone", "'; DROP TABLE bookings; --"),
    ("email", "ada"),
    ("email", "ada@low"),
    ("email", "@low.example"),
    ("email", "a" * 400 + "@low.example"),
    ("email", "ada@low.example\nbcc: all@low.example"),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("field", "value"), BAD_FIELDS, ids=[f"{f}-{n}" for n, (f, _) in enumerate(BAD_FIELDS)])
def test_what_cannot_be_a_name_a_number_or_an_address_is_asked_for(
    shape: Platform[Served], slot_id: str, field: str, value: str
) -> None:
    reply = answered(
        shape, "book_appointment", {"service": "consult", "slot_id": slot_id, "name": "Ada Low", field: value}
    )

    assert (reply["status"], reply["field"]) == ("needs", field)
    assert value.strip() not in reply["message"] or not value.strip()


DATES = [
    "2026-02-30",
    "2026-13-01",
    "0000-00-00",
    "9999-12-31",
    "+12026-01-01",
    "2026-W07",
    20261120,
    "99999999999",
    "31.2.",
]
TIMES = ["25:00", "24:00", "10:60", "-1:00", "3", 10**18, "half past whale", "10:00:00:00", "٣:٠٠"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("tool", ["hold_slot", "book_appointment"])
def test_dates_and_times_that_there_are_not(shape: Platform[Served], tool: str) -> None:
    tomorrow = (shape.served.today() + timedelta(days=1)).isoformat()
    wishes = [{"date": day, "time": "10:00"} for day in DATES] + [{"date": tomorrow, "time": t} for t in TIMES]

    for wish in wishes:
        named = {"name": "Ada Low"} if tool == "book_appointment" else {}
        reply = answered(shape, tool, {"service": "consult"} | named | wish)
        assert reply["status"] in {"clarify", "unavailable", "needs"}, (wish, reply)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "slot",
    ["SLOT-ID", "0000-0000-0000", "appt_1", "x" * 5000, "zzzz-zzzz-zzzz", "'--", "10:00", 123456789012, "e8gz-n07q"],
)
def test_slot_ids_that_nobody_offered(shape: Platform[Served], slot: Any) -> None:
    reply = answered(shape, "book_appointment", {"service": "consult", "slot_id": slot, "name": "Ada Low"})

    assert reply["status"] in {"unavailable", "needs"}, reply


@pytest.mark.usefixtures("unchanged")
def test_arguments_that_are_no_object(shape: Platform[Served]) -> None:
    for arguments in ([], [1], "{broken", "5", 5, True):
        body = shape.wrapped("book_appointment", arguments)
        heard = shape.raw("book_appointment", body)
        if shape.name not in ENVELOPES:
            assert (heard.status, heard.body["error"]) in {(400, "bad_body"), (400, "bad_arguments")}
            continue
        assert heard.status == 200
        assert shape.reply(heard)["status"] in {"error", "not_done", "needs"}, arguments


@pytest.mark.usefixtures("unchanged")
def test_arguments_nested_deeper_than_any_tool_needs(shape: Platform[Served]) -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = {"a": [deep]}

    assert answered(shape, "check_availability", {"service": deep})["status"] in {"error", "not_done", "clarify"}


def test_what_a_model_writes_in_other_types_is_understood(shape: Platform[Served]) -> None:
    day = shape.served.fresh_day().isoformat()

    for more in ("true", "True", 1, True):
        reply = answered(shape, "check_availability", {"service": "CONSULT", "when": day, "more": more, "x": 1})
        assert reply["status"] == "available", more
    for nothing in (None, "", "null", "{{staff}}", "<staff>"):
        reply = answered(shape, "check_availability", {"service": "consult", "when": day, "staff": nothing})
        assert reply["status"] == "available", nothing


@pytest.mark.usefixtures("unchanged")
def test_a_key_written_twice_means_its_last_value(served: Served) -> None:
    generic = Platform(served, "generic")

    heard = generic.raw("check_availability", b'{"service": "nothing", "when": "tomorrow", "service": "consult"}')
    assert heard.body["status"] == "available"


@pytest.mark.usefixtures("unchanged")
def test_a_caller_cannot_be_claimed_in_the_arguments(shape: Platform[Served]) -> None:
    claim = {"caller_number": "+14155550100", "call_id": "x", "tenant_id": "other", "from_number": "+14155550100"}

    assert answered(shape, "find_appointments", claim)["status"] == "none_found"


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "4155550123", "+1", "tel:+14155550123", "{{number}}"])
def test_a_number_that_is_none_is_nobody(served: Served, number: str) -> None:
    caller = served.stranger()
    caller.number = number

    assert caller.ask("find_appointments")["status"] == "needs_verification"


# --- nothing personal anywhere ---------------------------------------------------------------------------------------


def test_no_name_number_address_or_secret_is_logged_or_kept_in_the_ledger(served: Served) -> None:
    """Last in this file: everything above has been printed by now, and more is provoked here."""
    who = {"name": CANARY_NAME, "email": CANARY_MAIL, "phone": CANARY_PHONE, "notes": CANARY_NOTES}
    day = served.fresh_day().isoformat()
    for half_hour, name in enumerate(PLATFORMS, 18):
        platform = Platform(served, name, number=fresh_number())
        wish = {"service": "consult", "date": day, "time": f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"}
        booked = answered(platform, "book_appointment", wish | who | {"email": "x"})
        assert booked["status"] == "needs"
        assert answered(platform, "book_appointment", wish | who)["status"] == "confirmed"
        answered(platform, "book_appointment", wish | who)
        answered(platform, "check_availability", {"when": CANARY_PHONE, "after": CANARY_MAIL, "service": "consult"})
        answered(platform, "send_confirmation", {"phone": CANARY_PHONE})
        body = platform.wrapped("book_appointment", wish | who)
        platform.raw("book_appointment", body[:-2])
        platform.raw("book_appointment", body, authorization=CANARY_MAIL, x_retell_signature=CANARY_PHONE)
        platform.raw("book_appointment", body, content_type=f"application/{CANARY_MAIL}")
    records = [b for b in served.bookings() if b["start"].startswith(day)]
    assert len(records) == len(PLATFORMS)
    assert served.ended(*records, of=len(PLATFORMS))

    printed = "\n".join(served.printed)
    assert "tool_called" in printed  # the log was on
    secrets = [served.key, "key_of_the_functional_tests"]
    canaries = [
        CANARY_NAME,
        "Zanzibar",
        "Quillfeather",
        CANARY_MAIL,
        CANARY_PHONE,
        CANARY_PHONE[1:],
        CANARY_PHONE[2:],
        CANARY_NOTES,
    ]
    for canary in [*canaries, *secrets]:
        assert canary.casefold() not in printed.casefold(), canary
    pages = served.target.dynamodb().get_paginator("scan").paginate(TableName=served.target.table)
    whole = [item for page in pages for item in page["Items"]]
    ledger = json.dumps([i for i in whole if "#L#" in i["pk"]["S"]], default=str)
    assert "book_appointment" in ledger
    for canary in canaries:
        assert canary.casefold() not in ledger.casefold(), canary
    everything = json.dumps([i for i in whole if "#R#" in i["pk"]["S"] or "#B#" in i["pk"]["S"]], default=str)
    for canary in (CANARY_NAME, CANARY_MAIL, CANARY_NOTES):
        assert canary not in everything, canary  # sealed


def test_a_name_with_control_characters_is_said_and_texted_on_one_line(served: Served) -> None:
    generic = Platform(served, "generic")
    wish = {"service": "consult", "date": served.fresh_day().isoformat(), "time": "10:00"}

    reply = answered(generic, "book_appointment", wish | {"name": "Ada\u2028\x07Low\r\n\x1b[31m", "notes": "a\x00b\nc"})
    assert reply["status"] == "confirmed"
    records = served.bookings(start=reply["start"])
    assert served.sent("sms_booked", *records)
    assert not any("\x1b" in line or "\x07" in line for line in served.printed)


def test_the_desk_still_answers(served: Served) -> None:
    body = retell_body("check_availability", {"service": "consult"}, call="the last", number=fresh_number())
    raw = json.dumps(body).encode()

    heard = Platform(served, "retell").raw("check_availability", raw)
    assert heard.body["status"] == "available"
