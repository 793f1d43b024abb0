from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.desk_file import Desk, DeskFileError, load_desk, read_desk, schema
from ops.desk_file_hours import parse_hours
from ops.desk_file_known import LATER_SMS_PROVIDERS, PROOFS, SIGNING_PLATFORMS
from ops.desk_file_urls import checked_base_url
from slotline.domain.business import INVOCATION, Auth, IdentityLevel
from slotline.platforms.table import DIRECT, PLATFORMS

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

KEY = "cal_live_0123456789abcdef"
ENVIRON = {"CALCOM_API_KEY": KEY, "FRONT_DESK_KEY": "f" * 40, "TWILIO_TOKEN": "t" * 32}

WHOLE = """\
business: bright-smile
name: Bright Smile Dental
time_zone: America/Los_Angeles
locale: en-US
transfer_to: "+14155550100"
calendars:
  main:  {provider: calcom, api_key: "${CALCOM_API_KEY}", base_url: "https://api.cal.com/v2"}
  chair:
    {provider: builtin, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"], sat: ["10:00-14:00"]}, closed: [2026-12-25]}
  chair-2: {provider: builtin, hours: {sat-mon: ["18:00-24:00"]}, capacity: 2}
staff:
  ana: {name: Ana, calendar: chair}
  ben: {name: Ben, calendar: chair-2, weight: 50, priority: 1}
services:
  cleaning:
    name: Teeth cleaning
    calendar: main
    event_type: 123456
    minutes: 30
    offer: {days_ahead: 14, slots_per_day: 3, hours_between: 1,
            earliest_date: 2026-12-01, min_notice_minutes: 60, step_minutes: 15}
    where: {kind: in_person, address: "1 Main Street"}
    email: {fallback: desk@brightsmile.example}
  whitening:
    name: Whitening
    minutes: 60
    buffers: {before_minutes: 0, after_minutes: 15}
    staff: {pool: [ana, ben], pick: least_recent, fixed: []}
agents:
  front-desk:
    platform: vapi
    services: [cleaning, whitening]
    auth: {bearer: "${FRONT_DESK_KEY}"}
sms:
  provider: console
  from: "+14155550111"
  confirmation: "{business}: {service} on {date} at {time}. {location} Change: {manage}"
  reminders_hours_before: [24]
"""  # the dates are arbitrary: nothing here compares them with today

SMALL = """\
business: b
name: B
time_zone: Europe/Berlin
calendars:
  chair: {provider: builtin, hours: {mon: ["09:00-17:00"]}}
"""


def read(text: str, *, environ: Mapping[str, str] = ENVIRON, local: bool = True) -> Desk:
    return read_desk(text, name="desk.yaml", environ=environ, local=local)


def problems(text: str, *, environ: Mapping[str, str] = ENVIRON, local: bool = True) -> list[str]:
    with pytest.raises(DeskFileError) as refused:
        read(text, environ=environ, local=local)
    return list(refused.value.problems)


def changed(old: str, new: str, *, text: str = WHOLE) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def agent(auth: str, *, platform: str = "vapi") -> str:
    whole = changed("platform: vapi", f"platform: {platform}")
    return changed('auth: {bearer: "${FRONT_DESK_KEY}"}', f"auth: {auth}", text=whole)


def test_the_whole_example_becomes_a_business() -> None:
    business = read(WHOLE, local=False).to_business()

    assert (business.key, business.time_zone, business.locale) == ("bright-smile", "America/Los_Angeles", "en-US")
    assert business.transfer_to == "+14155550100"
    cleaning, whitening = business.services["cleaning"], business.services["whitening"]
    assert (cleaning.event_type, cleaning.calendar, cleaning.minutes) == ("123456", "main", 30)
    assert cleaning.offer.earliest_date == date(2026, 12, 1)
    assert (cleaning.where.kind, cleaning.where.detail) == ("in_person", "1 Main Street")
    assert cleaning.email_fallback == "desk@brightsmile.example"
    assert whitening.staff is not None
    assert (whitening.staff.pool, whitening.staff.pick, whitening.after_minutes) == (("ana", "ben"), "least_recent", 15)
    assert (business.staff["ben"].weight, business.staff["ben"].priority) == (50, 1)
    hours = business.calendars["chair"].hours
    assert hours is not None
    assert hours.week == (((540, 720), (780, 1020)),) * 5 + (((600, 840),), ())
    assert hours.closed == (date(2026, 12, 25),)
    second = business.calendars["chair-2"]
    assert second.hours is not None
    assert second.hours.week == (((1080, 1440),), (), (), (), (), ((1080, 1440),), ((1080, 1440),))
    assert (second.capacity, second.quiescence_seconds, second.timeout_seconds) == (2, 120, 5.0)
    assert (business.sms.provider, business.sms.sender) == ("console", "+14155550111")
    assert business.sms.reminders_hours_before == (24,)
    assert business.agents["front-desk"].services == ("cleaning", "whitening")


def test_secrets_go_apart_and_the_business_holds_none() -> None:
    desk = read(WHOLE)

    assert desk.secret_values() == {
        "calendars.main.api_key": KEY,
        "agents.front-desk.auth": ENVIRON["FRONT_DESK_KEY"],
    }
    for text in (repr(desk.to_business()), repr(desk.file)):
        assert KEY not in text
        assert ENVIRON["FRONT_DESK_KEY"] not in text


def test_optional_keys_have_the_documented_defaults() -> None:
    business = read(SMALL).to_business()

    assert (business.locale, business.sms.provider, business.transfer_to) == ("en-US", "console", None)
    assert (business.look_up, business.change) == (IdentityLevel.CALLER_ID, IdentityLevel.CALLER_ID)
    assert (business.services, business.agents, business.staff) == ({}, {}, {})


def test_what_an_agents_events_need_is_taken_over_and_the_secret_apart() -> None:
    vapi = read(changed("platform: vapi", "platform: vapi\n    assistant_id: 0c5d-bb"))
    with_secret = "platform: elevenlabs\n    webhook_secret: ${FRONT_DESK_KEY}"
    elevenlabs = read(changed("platform: vapi", with_secret))

    assert vapi.to_business().agents["front-desk"].assistant_id == "0c5d-bb"
    assert elevenlabs.secret_values()["agents.front-desk.webhook_secret"] == ENVIRON["FRONT_DESK_KEY"]
    assert "agents.front-desk.webhook_secret" not in vapi.secret_values()
    with_secret = "signalwire\n    webhook_secret: ${FRONT_DESK_KEY}"
    signalwire = read(agent('{signature: "${FRONT_DESK_KEY}"}', platform=with_secret))
    assert signalwire.secret_values()["agents.front-desk.webhook_secret"] == ENVIRON["FRONT_DESK_KEY"]
    assert ENVIRON["FRONT_DESK_KEY"] not in str(elevenlabs.to_business())


def test_every_further_key_is_taken_over() -> None:
    text = changed("{provider: calcom,", "{provider: calcom, timeout_seconds: 2.5, quiescence_seconds: 7,")
    text = changed("services: [cleaning, whitening]", "services: [cleaning]\n    deadline_seconds: 9", text=text)
    twilio = "  provider: twilio\n  account_sid: AC123\n  auth_token: ${TWILIO_TOKEN}\n  messaging_service_sid: MG1\n"
    text = changed("  provider: console\n", f"{twilio}  base_url: http://127.0.0.1:9/x/\n", text=text)

    business = read(f"{text}identity: {{look_up: sms_code, change: sms_code}}\n").to_business()

    assert (business.calendars["main"].timeout_seconds, business.calendars["main"].quiescence_seconds) == (2.5, 7)
    assert business.agents["front-desk"].deadline_seconds == 9
    assert business.sms.options == {"account_sid": "AC123", "messaging_service_sid": "MG1"}
    assert business.sms.base_url == "http://127.0.0.1:9/x"
    assert business.look_up is IdentityLevel.SMS_CODE


def test_further_calendars_do_not_count_where_several_can_come_at_once() -> None:
    chair = 'chair: {provider: builtin, hours: {mon: ["09:00-17:00"]}}'
    account = "client_id: i, client_secret: '${CALCOM_API_KEY}', refresh_token: '${FRONT_DESK_KEY}'"
    room = f'chair: {{provider: google, {account}, hours: {{mon: ["09:00-17:00"]}}, also_check: [x@y.example]CAPACITY}}'
    text = changed(chair, room, text=SMALL)

    assert read(text.replace("CAPACITY", "")).to_business().calendars["chair"].capacity == 1
    (found,) = problems(text.replace("CAPACITY", ", capacity: 2"))
    assert "calendars.chair.also_check" in found


HMAC_DEFAULTS = {
    "algorithm": "sha256",
    "signature_header": "x-signature",
    "timestamp_header": "x-timestamp",
    "include_timestamp": "true",
    "payload_format": "{timestamp}.{body}",
    "encoding": "hex",
    "prefix": "",
    "secret_is_base64": "false",
}


TELNYX_KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="  # of RFC 8032's kind, from a seed of 0 to 31
WAYS = {
    "bearer": "{bearer: '${FRONT_DESK_KEY}'}",
    "header": "{header: X-Key, value: '${FRONT_DESK_KEY}'}",
    "basic": "{basic: 'desk:${FRONT_DESK_KEY}'}",
    "hmac": "{hmac: '${FRONT_DESK_KEY}'}",
    "signature": "{signature: '${TELNYX_KEY}'}",
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("way", WAYS)
def test_a_proof_that_a_platform_cannot_give_is_named(platform: str, way: str) -> None:
    text, environ = agent(WAYS[way], platform=platform), ENVIRON | {"TELNYX_KEY": TELNYX_KEY}

    if way in PROOFS[platform]:
        assert read(text, environ=environ).to_business().agents["front-desk"].auth.kind == way
    else:
        (found,) = problems(text, environ=environ)
        assert f"agents.front-desk.auth.{way}: {platform}" in found
    assert ("signature" in PROOFS[platform]) == (platform in SIGNING_PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("payload", ["full", "args_only", None])
def test_a_payload_goes_with_its_platform(platform: str, payload: str | None) -> None:
    auth = WAYS[PROOFS[platform][0]]
    text = agent(auth, platform=platform + (f"\n    payload: {payload}" if payload else ""))
    environ = ENVIRON | {"TELNYX_KEY": TELNYX_KEY}

    if payload is None or payload in PLATFORMS[platform]:
        assert read(text, environ=environ).to_business().agents["front-desk"].payload == payload
    else:
        (found,) = problems(text, environ=environ)
        assert f"agents.front-desk.payload: {platform} cannot be set to send {payload}" in found


@pytest.mark.parametrize(
    ("auth", "platform", "kind", "options", "secret"),
    [
        ("{bearer: '${FRONT_DESK_KEY}'}", "generic", "bearer", {}, "f" * 40),
        ("{header: X-Desk-Key, value: '${FRONT_DESK_KEY}'}", "generic", "header", {"header": "X-Desk-Key"}, "f" * 40),
        ("{basic: 'desk:${FRONT_DESK_KEY}'}", "generic", "basic", {}, "desk:" + "f" * 40),
        ("{basic: '${PAIR}'}", "generic", "basic", {}, "user:password-of-some-length"),
        ("{hmac: '${FRONT_DESK_KEY}'}", "vapi", "hmac", HMAC_DEFAULTS, "f" * 40),
        (
            "{hmac: {secret: '${FRONT_DESK_KEY}', algorithm: sha512, signature_header: X-Sig, timestamp_header: X-Ts, "
            "include_timestamp: no, payload_format: '{body}', encoding: base64, "
            "prefix: 'sha512=', secret_is_base64: true}}",
            "vapi",
            "hmac",
            {
                "algorithm": "sha512",
                "signature_header": "X-Sig",
                "timestamp_header": "X-Ts",
                "include_timestamp": "false",
                "payload_format": "{body}",
                "encoding": "base64",
                "prefix": "sha512=",
                "secret_is_base64": "true",
            },
            "f" * 40,
        ),
        ("{signature: '${FRONT_DESK_KEY}'}", "retell", "signature", {}, "f" * 40),
        ("{signature: '${TELNYX_KEY}'}", "telnyx", "signature", {}, TELNYX_KEY),
        ("{signature: '${FRONT_DESK_KEY}'}", "signalwire", "signature", {}, "f" * 40),
        ("{basic: 'desk:${FRONT_DESK_KEY}'}", "signalwire", "basic", {}, "desk:" + "f" * 40),
        ("{bearer: '${FRONT_DESK_KEY}'}", "elevenlabs", "bearer", {}, "f" * 40),
        ("{header: X-Key, value: '${FRONT_DESK_KEY}'}", "synthflow", "header", {"header": "X-Key"}, "f" * 40),
    ],
)
def test_every_way_of_proof(auth: str, platform: str, kind: str, options: dict[str, str], secret: str) -> None:
    environ = ENVIRON | {"PAIR": "user:password-of-some-length", "TELNYX_KEY": TELNYX_KEY}

    desk = read(agent(auth, platform=platform), environ=environ)

    proof = desk.to_business().agents["front-desk"].auth
    assert (proof.kind, proof.options) == (kind, options)
    assert desk.secret_values()["agents.front-desk.auth"] == secret


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "calendar: chair-2",
            "calendar: chair-3",
            "desk.yaml:13: staff.ben.calendar: there is no calendar 'chair-3'; known: chair, chair-2, main",
        ),
        ("calendar: main", "calendar: man", "services.cleaning.calendar: there is no calendar 'man'"),
        (
            "pool: [ana, ben]",
            "pool: [ana, bea]",
            "services.whitening.staff.pool.1: there is no staff member 'bea'; known: ana, ben",
        ),
        (
            "fixed: []",
            "groups: [[ana]]",
            "services.whitening.staff.groups.0.0: names 'ana' a second time",
        ),
        ("{name: Ben,", "{name: Ben, also_busy: [nowhere],", "staff.ben.also_busy.0: there is no calendar 'nowhere'"),
        ("{name: Ben,", "{name: Ben, also_busy: [main],", "staff.ben.also_busy.0: is a calcom calendar"),
        (
            "{name: Ben,",
            "{name: Ben, also_busy: [chair-2],",
            "staff.ben.also_busy.0: is the staff member's own calendar",
        ),
        ("closed: [2026-12-25]", "blocked: [noon]", "calendars.chair.blocked.0: 'noon' is no blocked time"),
        (
            "closed: [2026-12-25]",
            "blocked: [2026-12-24 12:00-11:00]",
            "calendars.chair.blocked.0: '2026-12-24 12:00-11:00' ends before it starts",
        ),
        ("fixed: []", "fixed: [ana]", "services.whitening.staff.pool.0: names 'ana' a second time"),
        ("pool: [ana, ben]", "pool: []", "services.whitening.staff: names nobody"),
        (
            "[cleaning, whitening]",
            "[cleaning, polish]",
            "agents.front-desk.services.1: there is no service 'polish'; known: cleaning, whitening",
        ),
        ("    event_type: 123456\n", "", "services.cleaning.event_type: is missing: calcom books event types"),
        ("calendar: chair-2", "calendar: main", "services.whitening.staff.pool.1: has a calcom calendar"),
        (
            "    minutes: 60\n",
            "    minutes: 60\n    calendar: chair\n",
            "services.whitening: needs either a calendar or staff",
        ),
        ("    calendar: main\n    event_type: 123456\n", "", "services.cleaning: needs either a calendar or staff"),
        ('hours: {sat-mon: ["18:00-24:00"]}, ', "", "calendars.chair-2.hours: is missing"),
        (
            "step_minutes: 15",
            "step_minutes: 0",
            "services.cleaning.offer.step_minutes: should be greater than or equal to 1",
        ),
        ("    minutes: 60", "    minutes: yes", "services.whitening.minutes: must be a whole number"),
        (
            "days_ahead: 14",
            "days_ahed: 14",
            "services.cleaning.offer.days_ahed: is not a known key: did you mean days_ahead?",
        ),
        ("locale: en-US", "locale: en-UK", "desk.yaml:4: locale: 'en-UK' is no known locale"),
        ("locale: en-US", "locale: it-IT", "locale: 'it-IT' is no known locale"),
        ("America/Los_Angeles", "PST", "time_zone: 'PST' is no IANA time zone"),
        ("America/Los_Angeles", "America/Nowhere", "time_zone: 'America/Nowhere' is no IANA time zone"),
        ('"+14155550100"', '"(415) 555-0100"', "transfer_to: must be an international number"),
        ('"+14155550111"', '"+1415"', "sms.from: must be an international number"),
        ("desk@brightsmile.example", "desk@brightsmile", "services.cleaning.email.fallback: must be an e-mail address"),
        ("desk@bright", "desk+x@bright", "services.cleaning.email.fallback: already has a +"),
        ("{location}", "{locaton}", "sms.confirmation: unknown placeholder {locaton}"),
        (', address: "1 Main Street"', "", "services.cleaning.where.address: is missing"),
        ("kind: in_person", "kind: moon", "services.cleaning.where.kind: 'moon' is unknown"),
        ("kind: in_person", "kind: zoom", "services.cleaning.where.address: is only for kind in_person"),
        (
            "platform: vapi",
            "platform: flute",
            "agents.front-desk.platform: 'flute' is unknown; use one of agentcore, bedrock, bland, connect, ",
        ),
        (
            "platform: vapi",
            "platform: vapi\n    colour: red",
            "colour: is not a known key: known here: assistant_id, auth, deadline_seconds, payload, platform, servi",
        ),
        (
            "platform: vapi",
            "platform: vapi\n    webhook_secret: ${FRONT_DESK_KEY}",
            "front-desk.webhook_secret: vapi signs no webhooks about calls (elevenlabs, retell do): leave it out",
        ),
        (
            "platform: vapi",
            "platform: retell\n    assistant_id: asst_1",
            "front-desk.assistant_id: retell does not ask who is to answer: leave it out",
        ),
        ("2026-12-25", "20261225", "calendars.chair.closed.0: must be a date"),
        ("2026-12-25", "2026-02-30", "calendars.chair.closed.0: "),
        ("  ana: {", "  Ana Lee: {", "staff.Ana Lee: must be 1 to 40 of a-z, 0-9 and -"),
        ("business: bright-smile", "business: Bright", "business: must be 1 to 40 of a-z, 0-9 and -"),
        ("business: bright-smile\n", "", "desk.yaml:1: business: is missing: add it"),
        (
            "provider: calcom, ",
            "provider: calcom, hours: {mon: ['09:00-10:00']}, ",
            "calendars.main.hours: is not for calcom",
        ),
        ('api_key: "${CALCOM_API_KEY}", ', "", "calendars.main.api_key: is missing: calcom needs it"),
        ("[24]", "[24, 24]", "sms.reminders_hours_before: names an hour twice"),
        ("name: Whitening", 'name: "White\\nning"', "services.whitening.name: must be one line"),
        ("provider: console", "provider: twilio", "sms.account_sid: is missing: twilio needs it"),
        ("provider: console", "provider: console\n  auth_token: ${TWILIO_TOKEN}", "sms.auth_token: is not for console"),
        ("name: Ana,", "name: Ana, name: Ann,", "staff.ana.name: is written again in line 12: keep one"),
    ],
)
def test_each_mistake_names_its_field_and_its_fix(old: str, new: str, expected: str) -> None:
    found = problems(changed(old, new))

    assert any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("auth", "platform", "expected"),
    [
        ("{}", "vapi", "agents.front-desk.auth: needs exactly one of"),
        ("{bearer: '${FRONT_DESK_KEY}', basic: 'u:${TWILIO_TOKEN}'}", "vapi", "auth: needs exactly one of"),
        ("{header: X-Key}", "vapi", "agents.front-desk.auth: needs header and value together"),
        ("{value: '${FRONT_DESK_KEY}'}", "vapi", "agents.front-desk.auth: needs exactly one of"),
        ("{header: 'X Key', value: '${FRONT_DESK_KEY}'}", "vapi", "auth.header: must be the name of an HTTP header"),
        ("{signature: '${FRONT_DESK_KEY}'}", "vapi", "auth.signature: vapi has no signature of its own"),
        ("{signature: '${FRONT_DESK_KEY}'}", "elevenlabs", "auth.signature: elevenlabs has no signature of its own on"),
        ("{signature: '${FRONT_DESK_KEY}'}", "telnyx", "auth.signature: is not Telnyx's public key: 32 bytes"),
        ("{bearer: '${FRONT_DESK_KEY}'}", "signalwire", "auth.bearer: signalwire cannot prove itself so: use basic or"),
        ("{hmac: {secret: '${FRONT_DESK_KEY}', algorithm: md5}}", "vapi", "auth.hmac.algorithm: should be 'sha256'"),
        ("{hmac: {algorithm: sha1}}", "vapi", "agents.front-desk.auth.hmac.secret: is missing"),
        (
            "{hmac: {secret: '${FRONT_DESK_KEY}', payload_format: '{timestamp}'}}",
            "vapi",
            "payload_format: must hold {body} and",
        ),
        (
            "{hmac: {secret: '${FRONT_DESK_KEY}', payload_format: '{body}'}}",
            "vapi",
            "payload_format: must hold {body} and {time",
        ),
        (
            "{hmac: {secret: '${FRONT_DESK_KEY}', payload_format: '{timestamp}{body}{x}'}}",
            "vapi",
            "hmac.payload_format: must",
        ),
        ("{hmac: {secret: '${CALCOM_API_KEY}', secret_is_base64: yes}}", "vapi", "auth.hmac.secret: is not base64"),
        ("{basic: 'user:hunter2'}", "vapi", "auth.basic: is a secret"),
        ("{basic: '${FRONT_DESK_KEY}'}", "vapi", "auth.basic: must be user:password"),
    ],
)
def test_each_mistake_in_a_proof_is_named(auth: str, platform: str, expected: str) -> None:
    found = problems(agent(auth, platform=platform))

    assert any(expected in line for line in found), found


def test_known_words_of_later_versions_are_told_apart_from_unknown_ones() -> None:
    for word in LATER_SMS_PROVIDERS:
        text = changed("provider: console", f"provider: {word}")

        assert any(f"'{word}' is not supported by this version yet" in line for line in problems(text))


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    text = changed("America/Los_Angeles", "PST")
    text = changed("calendar: chair-2", "calendar: chair-9", text=text)
    text = changed("minutes: 30", "minutes: soon", text=text)
    text = changed("[cleaning, whitening]", "[cleaning, polish]", text=text)
    text = changed("bearer:", "bearr:", text=text)

    found = problems(text, environ={"FRONT_DESK_KEY": "f" * 40})

    assert [line.split(": ")[:2] for line in found] == [
        ["desk.yaml:3", "time_zone"],
        ["desk.yaml:7", "calendars.main.api_key"],
        ["desk.yaml:13", "staff.ben.calendar"],
        ["desk.yaml:19", "services.cleaning.minutes"],
        ["desk.yaml:32", "agents.front-desk.services.1"],
        ["desk.yaml:33", "agents.front-desk.auth.bearr"],
    ]


def test_a_missing_variable_is_the_only_thing_said_about_its_field() -> None:
    assert problems(WHOLE, environ={"FRONT_DESK_KEY": "f" * 40, "CALCOM_API_KEY": ""}) == [
        "desk.yaml:7: calendars.main.api_key: the environment's CALCOM_API_KEY is empty: set it before you apply"
    ]


def test_references_fill_any_scalar_and_are_typed_afterwards() -> None:
    text = changed("\n    minutes: 60", "\n    minutes: ${LONG}")
    text = changed("Bright Smile Dental", "Bright ${WHAT} of ${WHERE}", text=text)

    business = read(text, environ=ENVIRON | {"LONG": "45", "WHAT": "Smile", "WHERE": "Oz"}).to_business()

    assert (business.services["whitening"].minutes, business.name) == (45, "Bright Smile of Oz")


def test_a_value_from_the_environment_is_not_expanded_again() -> None:
    text = changed("Bright Smile Dental", "${A}")

    assert read(text, environ=ENVIRON | {"A": "${B}", "B": "no"}).to_business().name == "${B}"


@pytest.mark.parametrize("literal", [KEY, "x${CALCOM_API_KEY}", "${CALCOM_API_KEY}${CALCOM_API_KEY}"])
def test_a_literal_secret_is_refused_and_not_repeated(literal: str) -> None:
    found = problems(changed('"${CALCOM_API_KEY}"', f'"{literal}"'))

    assert found == [
        "desk.yaml:7: calendars.main.api_key: is a secret: put it into the environment and write ${NAME} here"
    ]


@pytest.mark.parametrize("value", [f"{KEY}\n", f" {KEY}", f"{KEY}\r", f"{KEY[:8]}\n{KEY[8:]}"])
def test_a_secret_with_stray_blanks_is_refused_without_showing_it(value: str) -> None:
    found = problems(WHOLE, environ=ENVIRON | {"CALCOM_API_KEY": value})

    assert len(found) == 1
    assert "calendars.main.api_key: begins or ends with a blank" in found[0]
    assert KEY[:8] not in found[0]


def test_a_deployed_stack_wants_secrets_that_cannot_be_guessed() -> None:
    environ = ENVIRON | {"FRONT_DESK_KEY": "hello"}

    read(WHOLE, environ=environ, local=True)
    found = problems(WHOLE, environ=environ, local=False)

    assert len(found) == 1
    assert "agents.front-desk.auth.bearer: is too short" in found[0]


def test_a_secret_cannot_leak_through_a_readable_field() -> None:
    found = problems(changed("Bright Smile Dental", "${CALCOM_API_KEY}"))

    assert len(found) == 1
    assert found[0].startswith("desk.yaml:2: name: would store the secret CALCOM_API_KEY")


def test_two_connections_to_one_account_are_refused() -> None:
    twin = '  twin: {provider: calcom, api_key: "${SAME}"}\n'  # the default base URL is the one that main spells out
    text = changed("staff:\n  ana", f"{twin}staff:\n  ana")

    found = problems(text, environ=ENVIRON | {"SAME": KEY})

    assert len(found) == 1
    assert found[0].startswith("desk.yaml:11: calendars.twin: is the same calcom account as calendars.main")
    read(text, environ=ENVIRON | {"SAME": f"{KEY}2"})


@pytest.mark.parametrize("kind", ["cal_video", "zoom", "meet", "teams"])
def test_the_built_in_calendar_makes_no_video_links(kind: str) -> None:
    text = SMALL + f"services:\n  s: {{name: S, minutes: 30, calendar: chair, where: {{kind: {kind}}}}}\n"

    assert problems(text) == [
        f"desk.yaml:7: services.s.where.kind: builtin cannot make {kind} appointments: "
        "use one of in_person, phone, link"
    ]


def test_places_that_the_built_in_calendar_can_make() -> None:
    for where, detail in {
        'kind: phone, number: "+493012345678"': "+493012345678",
        "kind: phone": None,
        "kind: link, link: https://meet.example/x": "https://meet.example/x",
    }.items():
        text = SMALL + f"services:\n  s: {{name: S, minutes: 30, calendar: chair, where: {{{where}}}}}\n"

        assert read(text).to_business().services["s"].where.detail == detail


def test_yaml_words_mean_what_they_look_like() -> None:
    text = changed("name: Ana,", "name: no,")
    text = changed("name: Whitening", "name: 12:30", text=text)
    text = changed('"+14155550100"', "+14155550100", text=text)
    text = changed("Bright Smile Dental", "0017", text=text)
    text = changed("event_type: 123456", "event_type: 0123", text=text)

    business = read(text).to_business()

    assert business.staff["ana"].name == "no"
    assert business.services["whitening"].name == "12:30"
    assert business.transfer_to == "+14155550100"
    assert business.name == "0017"
    assert business.services["cleaning"].event_type == "0123"


def test_an_empty_value_is_as_good_as_none_and_a_key_called_on_is_just_unknown() -> None:
    assert read(SMALL + "staff:\nservices: ~\nsms:\n").to_business().staff == {}
    assert problems(SMALL + "on: 1\n")[0].startswith("desk.yaml:6: on: is not a known key")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "desk.yaml:1: the file must be a map"),
        ("- a\n- b\n", "the file must be a map"),
        ("{}", "the file is empty"),
        ("business: [b\nname: x\n", "desk.yaml:2: this is not YAML"),
        ("agents:\n  a: {bearer: ${KEY}}\n", 'desk.yaml:2: this is not YAML: put "${NAME}" in quotes'),
        ("a: 1\n---\nb: 2\n", "this is not YAML"),
        ("[" * 5000, "nested too deeply"),
        ("name: &a [*a]\n", "an alias refers to itself"),
        ("name: !!python/object/apply:os.system ['true']\n", "name: the tag tag:yaml.org,2002:python/object/apply"),
        ("? [a, b]\n: 1\n", "keys must be plain words"),
        ("x" * 300_000, "longer than"),
        ("business: !!binary aGk=\n", "business: the tag"),
    ],
)
def test_odd_yaml_is_refused_with_a_sentence(text: str, expected: str) -> None:
    assert any(expected in line for line in problems(text))


def test_a_bomb_of_aliases_is_defused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    assert "once its aliases are followed" in problems("\n".join(rows))[0]


def test_honest_aliases_work() -> None:
    text = changed("buffers: {before", "buffers: &b {before")
    text = changed("    event_type: 123456\n", "    event_type: 123456\n    buffers: {before_minutes: 5}\n", text=text)

    assert read(text).to_business().services["cleaning"].before_minutes == 5
    shared = SMALL.replace('["09:00-17:00"]', '&w ["09:00-17:00"], wed: *w')
    hours = read(shared).to_business().calendars["chair"].hours
    assert hours is not None
    assert hours.week[2] == hours.week[0] == ((540, 1020),)


@pytest.mark.parametrize(
    ("hours", "place", "expected"),
    [
        ({"mon-fri": ["09:00-12:00", "11:59-17:00"]}, ("mon-fri", "1"), "overlaps another window on mon"),
        ({"mon-fri": ["09:00-12:00"], "wed": ["11:00-13:00"]}, ("wed", "0"), "overlaps another window on wed"),
        ({"funday": ["09:00-12:00"]}, ("funday",), "is no day"),
        ({"mon": ["12:00-09:00"]}, ("mon", "0"), "ends before it starts"),
        ({"mon": ["09:00-09:00"]}, ("mon", "0"), "ends before it starts"),
        ({"mon": ["09:00-24:01"]}, ("mon", "0"), "is no time of day"),
        ({"mon": ["09:60-10:00"]}, ("mon", "0"), "is no time of day"),
        ({"mon": ["9-17"]}, ("mon", "0"), "is no window"),
        ({"mon": []}, (), "opens on no day"),
    ],
)
def test_wrong_hours_are_named_by_day(hours: dict[str, list[str]], place: tuple[str, ...], expected: str) -> None:
    _, wrong = parse_hours(hours)

    assert [path for path, _ in wrong] == [place]
    assert expected in wrong[0][1]


def test_hours_take_ranges_over_the_week_end_lists_and_long_names() -> None:
    week, wrong = parse_hours({"Sat-Mon": ["00:00-24:00"], "tue, thursday": ["9:00-10:00", "10:00–11:00"]})

    assert wrong == []
    assert week == (
        ((0, 1440),),
        ((540, 600), (600, 660)),
        (),
        ((540, 600), (600, 660)),
        (),
        ((0, 1440),),
        ((0, 1440),),
    )


PUBLIC = ["https://api.cal.com/v2", "https://cal.example.com:8443/api", "https://8.8.8.8", "https://[2606:4700::1]/x"]
THIS_MACHINE = [
    "http://127.0.0.1:9000/v2",
    "http://localhost:9000",
    "http://[::1]:9000",
    "https://127.9.9.9",
    "http://2130706433",
]
NEVER = [
    "http://api.cal.com",
    "ftp://api.cal.com",
    "https://",
    "api.cal.com",
    "https://user:pw@api.cal.com",
    "https://api.cal.com@127.0.0.1",
    "https://api.cal.com?x=1",
    "https://api.cal.com#x",
    "https://api.cal.com/../x",
    "https://api.cal.com:99999",
    "https://api.cal.com:x",
    "https://api.cal.com\\@169.254.169.254",
    "https://api.cal.com/\n",
    "https://аpi.cal.com",
    "https://10.0.0.1",
    "https://192.168.1.1",
    "https://172.16.5.5",
    "https://100.64.0.1",
    "https://169.254.169.254/latest",
    "https://0.0.0.0",
    "https://0",
    "https://224.0.0.1",
    "https://240.0.0.1",
    "https://255.255.255.255",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://0251.0376.0251.0376",
    "https://10.1",
    "https://[fe80::1]",
    "https://[fe80::1%25eth0]",
    "https://[fd00::1]",
    "https://[::ffff:10.0.0.1]",
    "https://[::ffff:169.254.169.254]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2002:a00:1::]",
    "https://[::ffff:8.8.8.8]",
    "https://[64:ff9b::808:808]",
    "https://[2002:808:808::]",
    "https://[2001:0:808:808::1]",
    "https://[::8.8.8.8]",
    "https://[::]",
    "https://[::10.0.0.1]",
    "https://[ff02::1]",
    "https://[fd00:ec2::254]",
    "https://metadata.google.internal",
    "https://printer.local",
    "https://intranet",
    "https://-x.com",
    "https://a..com",
]


@pytest.mark.parametrize("url", PUBLIC)
def test_public_https_is_allowed_everywhere(url: str) -> None:
    assert checked_base_url(url, local=False) == checked_base_url(f"{url}/", local=True) == url


@pytest.mark.parametrize("url", THIS_MACHINE)
def test_this_machine_is_allowed_on_the_local_stage_only(url: str) -> None:
    checked_base_url(url, local=True)
    with pytest.raises(ValueError, match=r"machine|https"):
        checked_base_url(url, local=False)


@pytest.mark.parametrize("url", NEVER)
@pytest.mark.parametrize("local", [True, False])
def test_no_other_url_is_allowed_anywhere(url: str, local: bool) -> None:
    with pytest.raises(ValueError, match=r".+"):
        checked_base_url(url, local=local)


@unhurried
@given(st.integers(min_value=0, max_value=2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_no_spelling_of_a_private_address_gets_through(number: int, spelling: str) -> None:
    private = number & 0x00FFFFFF | 0x0A000000  # somewhere in 10.0.0.0/8

    with pytest.raises(ValueError, match="private"):
        checked_base_url(f"https://{spelling.format(private)}/v2", local=True)


def test_one_account_is_one_account_however_its_url_is_written() -> None:
    spelt = read(changed("https://api.cal.com/v2", "HTTPS://API.cal.com:443/v2/")).registrations()
    left_out = read(changed(', base_url: "https://api.cal.com/v2"', "")).registrations()

    assert spelt == left_out == read(WHOLE).registrations()
    assert list(spelt) == ["main"]
    assert KEY not in str(spelt)


@pytest.mark.parametrize(
    ("written", "called"),
    [("", "/v2"), ("/", "/v2"), ("/v2/", "/v2"), ("/api", "/api")],
)
def test_a_host_alone_means_where_every_install_has_its_api(written: str, called: str) -> None:
    desk = read(changed("https://api.cal.com/v2", f"https://cal.example.com{written}"))

    assert desk.to_business().calendars["main"].base_url == f"https://cal.example.com{called}"


def test_a_file_that_cannot_be_read_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: \xe9\n")
    for path in (latin, tmp_path / "absent.yaml"):
        with pytest.raises(DeskFileError, match=path.name):
            load_desk(path, environ={}, local=True)


def test_the_schema_describes_every_key_of_the_example() -> None:
    described = json.loads(schema())

    assert set(described["properties"]) >= {line.split(":")[0] for line in WHOLE.splitlines() if line[0].isalpha()}
    assert described["additionalProperties"] is False
    assert "from" in described["$defs"]["SmsSection"]["properties"]


@unhurried
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_crashes(text: str) -> None:
    with pytest.raises(DeskFileError):
        read(text)


@unhurried
@given(st.data())
def test_any_damage_to_a_file_is_read_or_refused_and_never_crashes(data: st.DataObject) -> None:
    lines = WHOLE.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.sampled_from(["", lines[at][2:], lines[at] + " x", lines[at].replace(":", ""), "x: [1]"]))

    with contextlib.suppress(DeskFileError):
        read("\n".join(lines)).to_business()


@pytest.mark.parametrize("platform", DIRECT)
def test_an_agent_that_an_aws_service_brings_has_iam_for_its_proof(platform: str) -> None:
    file = read(agent("{invocation: iam}", platform=platform))

    found = file.to_business().agents["front-desk"]
    assert (found.platform, found.auth) == (platform, Auth(INVOCATION))
    assert "agents.front-desk.auth" not in file.secret_values()
    (problem,) = problems(agent(WAYS["bearer"], platform=platform))
    assert f"agents.front-desk.auth.bearer: {platform} cannot prove itself so: use invocation" in problem
    (problem,) = problems(agent("{invocation: iam}", platform=f"{platform}\n    payload: full"))
    assert "agents.front-desk.payload" in problem
    assert "leave it out" in problem


@pytest.mark.parametrize("platform", PLATFORMS)
def test_iam_proves_nobody_who_comes_over_https(platform: str) -> None:
    (problem,) = problems(agent("{invocation: iam}", platform=platform))

    assert f"agents.front-desk.auth.invocation: {platform} cannot prove itself so" in problem
