"""Twilio's webhooks from the gateway to the table: what is proved is heeded, and nothing else is."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from functions.webhook.handler import HOOKS, LARGEST_SMS_BODY
from ops import records
from ops.apply import OK, apply_file
from ops.local.gateway import Gateway
from ops.local.payload import HttpRequest
from slotline.adapters.secrets import CACHE_SECONDS, REFRESH_AFTER_SECONDS
from slotline.adapters.sms.twilio_signature import SETTINGS, SIGNATURE, sign
from slotline.runtime.webhook_endpoint import WebhookEndpoint
from tests.fakes import FakeClock
from tests.functional.in_process import KEY, InProcess, in_process
from tests.servers.twilio import ACCOUNT_SID, AUTH_TOKEN, GOOD_SENDER, TwilioServer

if TYPE_CHECKING:
    from ops.local.payload import HttpResponse
    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

EVENTS = Path(__file__).resolve().parents[2] / "events" / "webhook"
BUSINESS = "harbor"
PUBLIC_URL = "http://127.0.0.1:1"  # what `in_process` gives the functions for their own address
PHONE = "+14155550155"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SWEEP_SECONDS = 30
DESK = """\
business: harbor
name: Harbor & Sons <Clinic>
time_zone: Etc/UTC
transfer_to: "+14155550100"
calendars:
  room: {{provider: builtin, hours: {{mon-sun: ["00:00-24:00"]}}}}
services:
  consult: {{name: Consultation, calendar: room, minutes: 30}}
agents:
  front: {{platform: generic, services: [consult], auth: {{bearer: "${{DESK_KEY}}"}}}}
sms: {sms}
"""
TWILIO = (
    f'{{{{provider: twilio, from: "{GOOD_SENDER}", account_sid: {ACCOUNT_SID}, auth_token: "${{{{TWILIO_TOKEN}}}}",'
    ' base_url: "{url}"}}'
)


class Desk:
    """The desk behind the gateway, with Twilio on the other side."""

    def __init__(self, inside: InProcess, twilio: TwilioServer) -> None:
        self.inside = inside
        self.twilio = twilio
        self._endpoint = WebhookEndpoint(lambda: inside.house, HOOKS)
        self._gateway = Gateway(self, now=inside.clock.now)

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        assert name == "webhook"
        return self._endpoint(event, None)

    def post(
        self, target: str, body: bytes, *, signature: str | None, kind: str = FORM, **headers: str
    ) -> HttpResponse:
        given = {"content-type": kind, SIGNATURE: signature, **headers}
        sent = tuple((name, value) for name, value in given.items() if value is not None)
        return self._gateway.answer(HttpRequest("POST", target, sent, body))

    def signed(self, target: str, body: bytes, *, token: str = AUTH_TOKEN) -> HttpResponse:
        """As Twilio posts it."""
        form = parse_qsl(body.decode(), keep_blank_values=True)
        return self.post(target, body, signature=sign(PUBLIC_URL + target, form, key=token))

    def booked(self) -> str:
        """Book by phone, and have the confirmation sent; returns the path to which Twilio reports on it."""
        caller = self.inside.caller(number=PHONE)
        offer = caller.offers("consult", when="tomorrow")[0]
        reply = caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"], name="Ada Low")
        assert reply["status"] == "confirmed", reply
        self.inside.clock.sleep(SWEEP_SECONDS)
        self.inside.reconcile()
        (text,) = self.twilio.account.texts
        assert text.status_callback
        called = urlsplit(text.status_callback)
        assert f"{called.scheme}://{called.netloc}" == PUBLIC_URL
        return f"{called.path}?{called.query}"

    def message(self) -> dict[str, Any]:
        """The one message, as `slotline messages --json` tells it."""
        (found,) = records.messages(self.inside.target, business=BUSINESS)
        return found

    def opted_out(self) -> bool:
        return self.inside.house.message_desk(BUSINESS).outbox.opted_out(PHONE)

    def rows(self) -> list[dict[str, Any]]:
        return self.inside.items()


@contextlib.contextmanager
def opened(table: EngineTable, folder: Path, twilio: TwilioServer, *, sms: str) -> Iterator[Desk]:
    clock = FakeClock()
    twilio.account.now = clock.now
    named = {"TWILIO_TOKEN": AUTH_TOKEN}
    with (
        in_process(table, DESK.format(sms=sms), folder, business=BUSINESS, clock=clock, environ=named) as inside,
        contextlib.closing(inside.house.sms_http),
    ):
        yield Desk(inside, twilio)


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
def desk(table: EngineTable, tmp_path: Path, twilio: TwilioServer) -> Iterator[Desk]:
    with opened(table, tmp_path, twilio, sms=TWILIO.format(url=twilio.url)) as found:
        yield found


def sample(name: str, **changes: str) -> bytes:
    """A body from `events/`, with some of its fields changed."""
    form = dict(parse_qsl((EVENTS / f"twilio_{name}.txt").read_text(), keep_blank_values=True))
    return urlencode(form | changes).encode()


# --- reports ---------------------------------------------------------------------------------------------------------


def test_a_report_finds_its_message_through_the_address_that_travelled_with_it(desk: Desk) -> None:
    status = desk.booked()
    sid = desk.twilio.account.texts[0].sid

    answers = [desk.signed(status, sample("status_delivered", MessageStatus=stage, MessageSid=sid))
               for stage in ("sent", "delivered", "sent")]  # fmt: skip

    assert [(answer.status, answer.body) for answer in answers] == [(204, b"")] * 3
    message = desk.message()
    assert (message["kind"], message["state"], message["delivery"]) == ("sms_booked", "sent", "delivered")
    assert message.keys().isdisjoint({"reason", "error"})


def test_a_failed_delivery_shows_with_its_reason(desk: Desk) -> None:
    status = desk.booked()

    assert desk.signed(status, sample("status_undelivered")).status == 204

    message = desk.message()
    assert (message["delivery"], message["reason"], message["error"]) == ("undelivered", "landline", 30006)
    assert not desk.opted_out()


def test_a_number_that_twilio_will_not_text_is_opted_out(desk: Desk) -> None:
    status = desk.booked()

    desk.signed(status, sample("status_undelivered", MessageStatus="failed", ErrorCode="21610"))

    assert desk.message()["reason"] == "opted_out"
    assert desk.opted_out()


def test_a_message_whose_answer_was_lost_is_known_by_its_report_and_not_sent_again(desk: Desk) -> None:
    desk.twilio.account.faults.append("commit_drop")
    desk.twilio.account.list_lag = 1e9  # looking would find nothing
    status = desk.booked()
    assert desk.message()["state"] == "new"

    desk.signed(status, sample("status_delivered", MessageStatus="sent", MessageSid="SM77"))
    desk.inside.clock.sleep(600)
    desk.inside.reconcile()

    assert (desk.message()["state"], desk.message()["delivery"]) == ("sent", "sent")
    assert len(desk.twilio.account.texts) == 1


@pytest.mark.parametrize("query", ["", "?key=", "?key=bogus", "?key=aaaaaaaaaaaaaaaaaaaa.1.sms_booked"])
def test_a_report_about_nothing_of_ours_is_taken_and_changes_nothing(desk: Desk, query: str) -> None:
    before = desk.rows()

    assert desk.signed(f"/v1/sms/{BUSINESS}/status{query}", sample("status_delivered")).status == 204
    assert desk.rows() == before


# --- replies ---------------------------------------------------------------------------------------------------------

INBOUND = f"/v1/sms/{BUSINESS}/inbound"


def test_stop_and_start_are_heeded_and_answered_with_silence(desk: Desk) -> None:
    seen = []
    for name in ("stop", "start", "stop"):  # Twilio repeats the first STOP, long after the START
        answer = desk.signed(INBOUND, sample(f"inbound_{name}"))
        seen.append((answer.status, answer.body, desk.opted_out()))

    assert seen == [(200, b"<Response/>", True), (200, b"<Response/>", False), (200, b"<Response/>", False)]
    assert dict(answer.headers)["content-type"] == "text/xml; charset=utf-8"


def test_who_said_stop_gets_no_further_text(desk: Desk) -> None:
    desk.signed(INBOUND, sample("inbound_stop"))

    caller = desk.inside.caller(number=PHONE)
    offer = caller.offers("consult", when="tomorrow")[0]
    booked = caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"], name="Ada Low")
    desk.inside.clock.sleep(SWEEP_SECONDS)
    desk.inside.reconcile()

    assert booked["status"] == "confirmed"
    assert "text" not in booked["message"]  # nothing is promised that will not come
    assert desk.twilio.account.texts == []
    assert (desk.message()["state"], desk.message()["reason"]) == ("gave_up", "opted_out")


def test_who_said_stop_is_not_promised_a_text_about_a_move(desk: Desk) -> None:
    desk.booked()
    desk.signed(INBOUND, sample("inbound_stop"))
    caller = desk.inside.caller(number=PHONE)
    offer = caller.offers("consult", when="tomorrow")[1]

    moved = caller.ask("reschedule_appointment", slot_id=offer["slot_id"])

    assert moved["status"] == "confirmed"
    assert "text" not in moved["message"]


def test_who_said_stop_is_not_told_that_a_text_was_sent(desk: Desk) -> None:
    desk.booked()
    caller = desk.inside.caller(number=PHONE)
    assert caller.ask("send_confirmation")["status"] == "sent"

    desk.signed(INBOUND, sample("inbound_stop"))
    reply = caller.ask("send_confirmation", "after the stop")
    assert (reply["status"], reply["reason"]) == ("refused", "opted_out")


def test_help_is_answered_in_xml_that_a_business_name_cannot_break(desk: Desk) -> None:
    answer = desk.signed(INBOUND, sample("inbound_help"))

    assert answer.status == 200
    assert answer.body.decode() == (
        "<Response><Message>Harbor &amp; Sons &lt;Clinic&gt;: we text about your appointments. "
        "Please call +14155550100. Reply STOP to get no more texts.</Message></Response>"
    )


def test_anything_else_is_taken_in_silence(desk: Desk) -> None:
    answer = desk.signed(INBOUND, sample("inbound_question"))

    assert (answer.status, answer.body) == (200, b"<Response/>")
    assert not desk.opted_out()


def test_neither_the_log_nor_the_table_learns_who_wrote_what(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("stop", "start", "help", "question"):
        desk.signed(INBOUND, sample(f"inbound_{name}"))
    desk.signed(INBOUND, sample("inbound_stop", MessageSid="no sid", Body="Ada 5550166"))
    desk.post(INBOUND, sample("inbound_stop", Body="Ada 5550166"), signature="forged")

    events = [record.getMessage() for record in caplog.records]
    assert (events.count("sms_reply"), events.count("webhook_refused")) == (4, 2)
    told = str([vars(record) for record in caplog.records]) + str(desk.rows())
    assert [word for word in ("5550155", "5550166", "Ada", "Running", AUTH_TOKEN, "forged") if word in told] == []


# --- who may speak ---------------------------------------------------------------------------------------------------


def test_only_twilio_may(desk: Desk) -> None:
    status, body = desk.booked(), sample("status_undelivered", ErrorCode="21610")
    form = parse_qsl(body.decode(), keep_blank_values=True)
    good = sign(PUBLIC_URL + status, form, key=AUTH_TOKEN)
    before = desk.rows()

    refused = {
        "unsigned": desk.post(status, body, signature=None),
        "wrong": desk.post(status, body, signature=good[::-1]),
        "twice": desk.post(status, body, signature=good, **{"X-Twilio-Signature": good}),
        "another key": desk.signed(status, body, token=AUTH_TOKEN[::-1]),
        "another body": desk.post(status, body.replace(b"30006", b"21610") + b"&A=1", signature=good),
        "another address": desk.post(status + "&x=1", body, signature=good),
        "another route": desk.post(INBOUND, body, signature=good),
        "unknown algorithm": desk.post(status, body, signature=good, **{SETTINGS: "key=K,algorithm=HMAC_MD5"}),
        "named by the caller": desk.post(
            status, body, signature=sign(f"https://evil.example{status}", form, key=AUTH_TOKEN), host="evil.example"
        ),
    }

    assert {why: (answer.status, json.loads(answer.body)["error"]) for why, answer in refused.items()} == dict.fromkeys(
        refused, (403, "forbidden")
    )
    assert desk.rows() == before
    assert desk.post(status, body, signature=good).status == 204


def test_a_body_counts_as_it_was_sent_in_base64_or_as_text(desk: Desk) -> None:
    body = sample("inbound_question")

    for kind in (FORM, "text/plain"):
        assert desk.post(INBOUND, body, kind=kind, signature=signature(INBOUND, body)).status == 200


def test_a_shared_key_may_sign_with_sha_256(desk: Desk) -> None:
    body = sample("inbound_stop")
    signed = signature(INBOUND, body, algorithm="sha256")

    assert desk.post(INBOUND, body, signature=signed).status == 403
    settings = {SETTINGS: "key=YK0123,algorithm=HMAC_SHA256"}
    assert desk.post(INBOUND, body, signature=signed, **settings).status == 200
    assert desk.opted_out()


def test_a_new_token_counts_long_before_the_cache_would_let_go_of_the_old(desk: Desk, tmp_path: Path) -> None:
    assert desk.signed(INBOUND, sample("inbound_question")).status == 200
    assert REFRESH_AFTER_SECONDS < CACHE_SECONDS
    named = {"DESK_KEY": KEY, "TWILIO_TOKEN": "a-token-promoted-a-moment-ago"}
    said = io.StringIO()
    assert apply_file(tmp_path / "desk.yaml", target=desk.inside.target, environ=named, dry_run=False, out=said) == OK
    assert "~ sms.auth_token (secret changed)" in said.getvalue()
    desk.inside.clock.sleep(REFRESH_AFTER_SECONDS)

    assert desk.signed(INBOUND, sample("inbound_stop"), token=named["TWILIO_TOKEN"]).status == 200
    assert desk.signed(INBOUND, sample("inbound_start")).status == 403
    assert desk.opted_out()


@pytest.mark.parametrize("over", [0, 1])
def test_a_body_over_the_limit_is_not_looked_at(desk: Desk, over: int) -> None:
    body = sample("inbound_question", Body="")
    body = sample("inbound_question", Body="x" * (LARGEST_SMS_BODY - len(body) + over))
    assert len(body) == LARGEST_SMS_BODY + over

    assert desk.signed(INBOUND, body).status == (413 if over else 400)  # no text message is 4096 letters long


@pytest.mark.parametrize(
    "changes", [{"MessageSid": ""}, {"MessageSid": "SM#1"}, {"From": ""}, {"From": "+1" * 99}, {"Body": "x" * 5000}]
)
def test_a_proved_form_that_is_no_message_is_a_bad_request(desk: Desk, changes: dict[str, str]) -> None:
    answer = desk.signed(INBOUND, sample("inbound_stop", **changes))

    assert (answer.status, json.loads(answer.body)["error"]) == (400, "bad_fields")
    assert not desk.opted_out()


@pytest.mark.parametrize("route", ["status", "inbound"])
def test_an_unknown_business_has_no_webhooks(desk: Desk, route: str) -> None:
    assert desk.signed(f"/v1/sms/nobody/{route}", sample("status_delivered")).status == 404


def test_neither_has_a_business_without_twilio(table: EngineTable, tmp_path: Path, twilio: TwilioServer) -> None:
    with opened(table, tmp_path, twilio, sms="{{provider: console}}".format()) as desk:
        answer = desk.signed(INBOUND, sample("inbound_stop"))

    assert (answer.status, json.loads(answer.body)["error"]) == (404, "no_sms_account")


def signature(target: str, body: bytes, *, algorithm: str = "sha1") -> str:
    form = parse_qsl(body.decode(), keep_blank_values=True)
    return sign(PUBLIC_URL + target, form, key=AUTH_TOKEN, algorithm=algorithm)
