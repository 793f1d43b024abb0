"""The Twilio sender, against the fake account without a network between them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from slotline.adapters.sms.twilio import REASONS, VALIDITY_SECONDS, TwilioSender, open_client
from slotline.domain.errors import (
    ConfigError,
    MessageError,
    MessageInDoubtError,
    MessageNotSentError,
    MessageRefusedError,
)
from slotline.ports import Message
from tests.fakes import FakeClock
from tests.servers.twilio import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    GOOD_SENDER,
    LIST_PARAMETERS,
    SEND_PARAMETERS,
    ConnectionDroppedError,
    Request,
    TwilioAccount,
    payload,
)

MESSAGE = Message(
    "booking-3-sms_booked",
    "+14155550155",
    "Bright Smile: Ihr Termin & more… 100 % {ok} = ja + nein",
    status_url="https://api.example.com/v1/sms/desk/status",
)


def wired(account: TwilioAccount) -> Callable[[], httpx.Client]:
    def handle(request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.raw_path.decode()
        try:
            reply = account.handle(Request(request.method, target, headers, request.content))
        except ConnectionDroppedError:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from None
        return httpx.Response(reply.status, content=payload(reply), headers=reply.headers)

    return lambda: httpx.Client(transport=httpx.MockTransport(handle))


class Line:
    """A sender, the account behind it, and the clock of both."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.account = TwilioAccount(now=self.clock.now)
        self.sender = self.open()

    def open(
        self,
        http: Callable[[], httpx.Client] | None = None,
        *,
        sender: str | None = GOOD_SENDER,
        service: str | None = None,
        token: Callable[[], str] = lambda: AUTH_TOKEN,
        forget_token: Callable[[], None] = lambda: None,
    ) -> TwilioSender:
        return TwilioSender(
            http or wired(self.account), account_sid=ACCOUNT_SID, auth_token=token, sender=sender,
            messaging_service_sid=service, base_url="https://twilio.test/", clock=self.clock, forget_token=forget_token,
        )  # fmt: skip

    @property
    def deadline(self) -> float:
        return self.clock.now() + 8

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.account.requests[-1].body.decode(), keep_blank_values=True, strict_parsing=True)


@pytest.fixture
def line() -> Line:
    return Line()


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_message_is_one_form_post_with_basic_auth(line: Line) -> None:
    receipt = line.sender.send(MESSAGE, deadline=line.deadline)

    (request,) = line.account.requests
    assert request.method == "POST"
    assert request.target == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    assert request.headers["authorization"] == (
        "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    )
    assert line.form() == {
        "To": [MESSAGE.to],
        "From": [GOOD_SENDER],
        "Body": [MESSAGE.body],
        "StatusCallback": ["https://api.example.com/v1/sms/desk/status"],
        "SmartEncoded": ["false"],
        "ValidityPeriod": [str(VALIDITY_SECONDS)],
    }
    assert (receipt.provider_id, receipt.status) == (line.account.texts[0].sid, "queued")
    assert line.account.complaints == []


def test_every_parameter_has_a_name_of_the_official_description(line: Line) -> None:
    sender = line.open(service="MG0123456789abcdef0123456789abcdef")
    sender.send(MESSAGE, deadline=line.deadline)
    sent = line.form().keys()
    sender.find(MESSAGE, since=line.clock.now(), deadline=line.deadline)
    asked = {name for request in line.account.requests for name in parse_qs(request.target.partition("?")[2])}

    assert sent <= SEND_PARAMETERS
    assert {"MessagingServiceSid", "From", "To", "Body"} <= sent
    assert asked <= LIST_PARAMETERS
    assert {"To", "DateSent>"} <= asked
    assert 1 <= VALIDITY_SECONDS <= 36_000  # the range the API accepts


def test_a_messaging_service_sends_without_a_number_of_its_own(line: Line) -> None:
    receipt = line.open(sender=None, service="MG1").send(MESSAGE, deadline=line.deadline)

    assert "From" not in line.form()
    assert receipt.status == "accepted"


def test_the_number_of_the_message_beats_the_configured_one(line: Line) -> None:
    line.sender.send(Message("k", MESSAGE.to, "x", sender="+14155550111"), deadline=line.deadline)

    assert line.form()["From"] == ["+14155550111"]
    assert "StatusCallback" not in line.form()


def test_without_any_sender_nothing_is_asked(line: Line) -> None:
    with pytest.raises(MessageRefusedError) as refusal:
        line.open(sender=None).send(MESSAGE, deadline=line.deadline)

    assert refusal.value.reason == "setup"
    assert line.account.requests == []


def test_without_time_left_nothing_is_asked(line: Line) -> None:
    with pytest.raises(MessageNotSentError):
        line.sender.send(MESSAGE, deadline=line.clock.now())

    assert line.account.requests == []


def test_a_missing_secret_is_the_owners_mistake_and_nothing_is_asked(line: Line) -> None:
    def missing() -> str:
        raise ConfigError("sms.auth_token: not there")

    with pytest.raises(ConfigError):
        line.open(token=missing).send(MESSAGE, deadline=line.deadline)

    assert line.account.requests == []


def test_one_client_serves_all_messages(line: Line) -> None:
    opened: list[httpx.Client] = []

    def http() -> httpx.Client:
        opened.append(wired(line.account)())
        return opened[-1]

    sender = line.open(http)
    assert opened == []  # nothing is opened before it is needed
    for _ in range(3):
        sender.send(MESSAGE, deadline=line.deadline)

    assert len(opened) == 1


def test_the_real_client_repeats_nothing_and_follows_no_redirect() -> None:
    with open_client() as client:
        assert client.follow_redirects is False
        transport = client._transport
        assert isinstance(transport, httpx.HTTPTransport)
        assert transport._pool._retries == 0


def test_waiting_ends_with_the_deadline(line: Line) -> None:
    timeouts: list[dict[str, float]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        timeouts.append(request.extensions["timeout"])
        return httpx.Response(201, json={"sid": "SM1", "status": "queued"})

    sender = line.open(lambda: httpx.Client(transport=httpx.MockTransport(handle)))
    for seconds in (0.4, 8, 600):
        sender.send(MESSAGE, deadline=line.clock.now() + seconds)

    assert all(sum(waits.values()) <= left + 0.001 for waits, left in zip(timeouts, (0.4, 8, 600), strict=True))
    assert timeouts[2]["connect"] == 1.0
    assert timeouts[2]["read"] == 5.0


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("+15005550001", "bad_number"),
        ("+15005550002", "setup"),
        ("+15005550003", "setup"),
        ("+15005550004", "opted_out"),
        ("+15005550009", "landline"),
    ],
)
def test_magic_numbers_are_refused_for_their_reason(line: Line, to: str, reason: str) -> None:
    with pytest.raises(MessageRefusedError) as refusal:
        line.sender.send(Message("k", to, "x"), deadline=line.deadline)

    assert refusal.value.reason == reason
    assert to not in str(refusal.value)
    assert line.account.texts == []


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, 21211, "bad_number"),
        (400, 21217, "bad_number"),
        (400, 21606, "setup"),
        (400, 21608, "setup"),
        (403, 20003, "setup"),
        (400, 30004, "not_permitted"),
        (400, 30005, "bad_number"),
        (400, 30006, "landline"),
        (400, 30007, "setup"),
        (400, 30034, "setup"),
        (400, 30450, "not_permitted"),
        (400, 21617, "not_permitted"),
        (400, 99999, "not_permitted"),  # a code of tomorrow
        (422, 99999, "not_permitted"),
        (404, 99999, "setup"),
        (403, 99999, "setup"),
        (301, 99999, "setup"),
    ],
)
def test_each_code_means_one_reason_and_an_unknown_one_a_generic_refusal(
    line: Line, status: int, code: int, reason: str
) -> None:
    line.account.faults.append((status, code))

    with pytest.raises(MessageRefusedError) as refusal:
        line.sender.send(MESSAGE, deadline=line.deadline)

    assert refusal.value.reason == reason
    assert len(line.account.requests) == 1


def test_reasons_are_the_documented_words() -> None:
    assert set(REASONS.values()) == {"opted_out", "bad_number", "landline", "not_permitted", "setup"}


def test_a_wrong_token_is_a_mistake_in_the_set_up(line: Line) -> None:
    with pytest.raises(MessageRefusedError) as refusal:
        line.open(token=lambda: "wrong").send(MESSAGE, deadline=line.deadline)

    assert refusal.value.reason == "setup"
    assert "wrong" not in str(refusal.value)
    assert len(line.account.requests) == 1


def test_a_token_changed_meanwhile_is_read_again_for_the_next_try(line: Line) -> None:
    tokens = {"cached": "old", "stored": AUTH_TOKEN}
    sender = line.open(token=lambda: tokens["cached"], forget_token=lambda: tokens.update(cached=tokens["stored"]))

    with pytest.raises(MessageNotSentError):
        sender.send(MESSAGE, deadline=line.deadline)
    assert len(line.account.requests) == 1  # never twice in one call

    assert sender.send(MESSAGE, deadline=line.deadline).status == "queued"


# --- failures --------------------------------------------------------------------------------------------------------


def test_too_many_requests_is_certainly_not_sent(line: Line) -> None:
    line.account.faults.append((429, 20429))

    with pytest.raises(MessageNotSentError) as failure:
        line.sender.send(MESSAGE, deadline=line.deadline)

    assert failure.value.retry_after == 7
    assert line.account.texts == []


@pytest.mark.parametrize(
    "fault", ["commit_drop", "commit_500", "commit_garbage", "drop", (503, 20503), (502, 0), (408, 0)]
)
def test_an_answer_that_is_lost_or_unreadable_is_a_doubt_and_nothing_is_repeated(
    line: Line, fault: str | tuple[int, int]
) -> None:
    line.account.faults.append(fault)

    with pytest.raises(MessageInDoubtError):
        line.sender.send(MESSAGE, deadline=line.deadline)

    assert len(line.account.requests) == 1
    assert len(line.account.texts) == (1 if str(fault).startswith("commit") else 0)


@pytest.mark.parametrize("answer", [{}, {"sid": None}, {"sid": ""}, {"sid": 7}, [], "text", None])
def test_an_acceptance_without_an_id_is_a_doubt(line: Line, answer: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json=answer))

    with pytest.raises(MessageInDoubtError):
        line.open(lambda: httpx.Client(transport=transport)).send(MESSAGE, deadline=line.deadline)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), MessageNotSentError),
        (httpx.ConnectTimeout("slow"), MessageNotSentError),
        (httpx.PoolTimeout("busy"), MessageNotSentError),
        (httpx.ReadTimeout("slow"), MessageInDoubtError),
        (httpx.WriteTimeout("slow"), MessageInDoubtError),
        (httpx.ReadError("reset"), MessageInDoubtError),
        (httpx.WriteError("reset"), MessageInDoubtError),
        (httpx.RemoteProtocolError("closed"), MessageInDoubtError),
        (httpx.DecodingError("broken"), MessageInDoubtError),
    ],
)
def test_only_a_failure_to_connect_is_certain(line: Line, failure: Exception, error: type[MessageError]) -> None:
    tries: list[str] = []

    def fail(request: httpx.Request) -> httpx.Response:
        tries.append(request.method)
        raise failure

    with pytest.raises(error):
        line.open(lambda: httpx.Client(transport=httpx.MockTransport(fail))).send(MESSAGE, deadline=line.deadline)

    assert tries == ["POST"]


# --- looking for a message -------------------------------------------------------------------------------------------


def test_a_message_that_went_out_is_found_by_receiver_time_and_text(line: Line) -> None:
    since = line.clock.now()
    line.account.faults.append("commit_drop")
    with pytest.raises(MessageInDoubtError):
        line.sender.send(MESSAGE, deadline=line.deadline)
    line.clock.sleep(180)

    found = line.sender.find(MESSAGE, since=since, deadline=line.deadline)

    assert found is not None
    assert found.provider_id == line.account.texts[0].sid
    assert line.account.complaints == []


@pytest.mark.parametrize(
    "other",
    [
        Message("k", "+14155550166", MESSAGE.body),
        Message("k", MESSAGE.to, MESSAGE.body + "!"),
        Message("k", MESSAGE.to, "something else"),
    ],
)
def test_another_text_or_another_receiver_is_not_it(line: Line, other: Message) -> None:
    line.sender.send(other, deadline=line.deadline)

    assert line.sender.find(MESSAGE, since=line.clock.now() - 60, deadline=line.deadline) is None


def test_an_older_text_of_the_same_words_is_not_it(line: Line) -> None:
    line.sender.send(MESSAGE, deadline=line.deadline)
    line.clock.sleep(3600)

    assert line.sender.find(MESSAGE, since=line.clock.now() - 600, deadline=line.deadline) is None
    assert line.sender.find(MESSAGE, since=line.clock.now() - 3600, deadline=line.deadline) is not None


@pytest.mark.parametrize(
    ("status", "counts"), [("failed", False), ("canceled", False), ("undelivered", True), ("sent", True)]
)
def test_a_message_that_never_left_does_not_count(line: Line, status: str, counts: bool) -> None:
    line.sender.send(MESSAGE, deadline=line.deadline)
    line.account.texts[0].status = status

    found = line.sender.find(MESSAGE, since=line.clock.now() - 60, deadline=line.deadline)

    assert (found is not None) is counts


def test_the_notice_of_a_trial_account_does_not_hide_a_message(line: Line) -> None:
    line.sender.send(MESSAGE, deadline=line.deadline)
    line.account.texts[0].body = "Sent from your Twilio trial account - " + MESSAGE.body

    assert line.sender.find(MESSAGE, since=line.clock.now() - 60, deadline=line.deadline) is not None


def test_a_message_still_in_the_queue_is_found_though_it_has_no_date(line: Line) -> None:
    line.account.queue_seconds = 3600
    line.sender.send(MESSAGE, deadline=line.deadline)
    line.clock.sleep(180)

    assert line.sender.find(MESSAGE, since=line.clock.now() - 600, deadline=line.deadline) is not None


def test_a_message_the_list_does_not_show_yet_is_not_found(line: Line) -> None:
    line.account.list_lag = 90
    line.sender.send(MESSAGE, deadline=line.deadline)

    assert line.sender.find(MESSAGE, since=line.clock.now() - 60, deadline=line.deadline) is None
    line.clock.sleep(90)
    assert line.sender.find(MESSAGE, since=line.clock.now() - 600, deadline=line.deadline) is not None


def test_all_pages_are_looked_through(line: Line) -> None:
    line.sender.send(MESSAGE, deadline=line.deadline)
    for number in range(120):
        line.sender.send(Message("k", MESSAGE.to, f"text {number}"), deadline=line.deadline)

    assert line.sender.find(MESSAGE, since=line.clock.now() - 60, deadline=line.deadline) is not None
    assert line.account.complaints == []


def test_the_search_goes_back_over_midnight(line: Line) -> None:
    line.clock.time -= line.clock.time % 86_400 - 86_340  # a minute before midnight UTC
    since = line.clock.now()
    line.sender.send(MESSAGE, deadline=line.deadline)
    line.clock.sleep(180)

    assert line.sender.find(MESSAGE, since=since, deadline=line.deadline) is not None


def test_a_next_page_on_another_host_is_never_asked(line: Line) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={"messages": [], "next_page_uri": "https://evil.test/2010-04-01/x"})

    sender = line.open(lambda: httpx.Client(transport=httpx.MockTransport(handle)))

    assert sender.find(MESSAGE, since=line.clock.now(), deadline=line.deadline) is None
    assert set(asked) == {"twilio.test"}


@pytest.mark.parametrize("fault", ["drop", (500, 20500), (429, 20429)])
def test_a_search_without_an_answer_is_no_answer(line: Line, fault: str | tuple[int, int]) -> None:
    line.account.faults.append(fault)

    with pytest.raises(MessageNotSentError):
        line.sender.find(MESSAGE, since=line.clock.now(), deadline=line.deadline)


@pytest.mark.parametrize("answer", [{}, {"messages": None}, [], {"messages": {}}])
def test_an_unreadable_list_is_not_taken_for_an_empty_one(line: Line, answer: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))

    with pytest.raises(MessageNotSentError):
        line.open(lambda: httpx.Client(transport=transport)).find(MESSAGE, since=0, deadline=line.deadline)
