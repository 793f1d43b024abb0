"""A fake of Twilio's Messages API (2010-04-01): faithful in what a sender can see, and able to fail on demand.

Run it for a local stack with `python -m tests.servers.twilio --port 8091`; `GET /_messages` shows what it took. Magic
numbers are those of Twilio's test credentials: https://www.twilio.com/docs/iam/test-credentials.
"""

from __future__ import annotations

import argparse
import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.servers.listening import Listening, QuietHandler

ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
AUTH_TOKEN = "test-auth-token-0123456789abcdef"
GOOD_SENDER = "+15005550006"

MAGIC_RECEIVERS: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21211, "Invalid 'To' Phone Number"),
    "+15005550002": (21612, "The 'To' number is not reachable from this sender"),
    "+15005550003": (21408, "Permission to send to this region is not enabled"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
MAGIC_SENDERS: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21212, "Invalid 'From' Phone Number"),
    "+15005550007": (21606, "The 'From' number cannot send messages"),
    "+15005550008": (30001, "Queue overflow"),
}

SEND_PARAMETERS = frozenset({
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
    "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType",
    "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "RiskCheck", "From", "FallbackFrom",
    "MessagingServiceSid", "Body", "MediaUrl", "ContentSid",
})  # fmt: skip
"""What the official OpenAPI description of the API names for creating a message (twilio/twilio-oai, api_v2010)."""

LIST_PARAMETERS = frozenset(
    ["To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"]
)  # … and for listing them
LONGEST_BODY = 1600
LARGEST_PAGE = 1000


class ConnectionDroppedError(Exception):
    """The server closes the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str  # path and query
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Text:
    """One message the account took."""

    sid: str
    to: str
    sender: str | None
    service: str | None
    body: str
    created: float
    status: str = "queued"
    status_callback: str | None = None


@dataclass(slots=True)
class TwilioAccount:
    """The account behind the API. `faults` are used up one per request, None meaning "as usual".

    A fault is an HTTP status with an error code, or one of: drop (nothing happened), commit_drop (the message is taken,
    the answer lost), commit_500, commit_garbage, commit_slow (the answer comes after `slow_seconds`).
    """

    now: Callable[[], float] = time.time
    list_lag: float = 0.0  # seconds until the list shows a message
    queue_seconds: float = 0.0  # seconds until a message has a date it was sent at
    slow_seconds: float = 0.5
    token: str = AUTH_TOKEN
    texts: list[Text] = field(default_factory=list)
    faults: deque[str | tuple[int, int] | None] = field(default_factory=deque)
    complaints: list[str] = field(default_factory=list)  # what the official description does not know
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, request: Request) -> Reply:
        with self.lock:
            reply, delay = self._answer(request)
        time.sleep(delay)
        return reply

    def _answer(self, request: Request) -> tuple[Reply, float]:
        url = urlsplit(request.target)
        if url.path == "/_messages":
            return Reply(
                200, [self._resource(text) | {"status_callback": text.status_callback} for text in self.texts]
            ), 0
        self.requests.append(request)
        if request.headers.get("authorization") != _basic(ACCOUNT_SID, self.token):
            return _error(401, 20003, "Authenticate"), 0
        if url.path != f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json":
            return _error(404, 20404, "The requested resource was not found"), 0
        fault = self.faults.popleft() if self.faults else None
        if fault == "drop":
            raise ConnectionDroppedError
        if isinstance(fault, tuple):
            return _error(*fault, "as told"), 0
        if request.method == "GET":
            return self._list(url.query), self.slow_seconds if fault == "commit_slow" else 0
        return self._after_commit(self._create(request), fault)

    def _after_commit(self, reply: Reply, fault: str | None) -> tuple[Reply, float]:
        match fault:
            case "commit_drop":
                raise ConnectionDroppedError
            case "commit_500":
                return _error(500, 20500, "Internal server error"), 0
            case "commit_garbage":
                return Reply(201, b"<html>gateway</html>"), 0
            case "commit_slow":
                return reply, self.slow_seconds
            case _:
                return reply, 0

    def _create(self, request: Request) -> Reply:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            self.complaints.append(f"content type {kind!r}")
            return _error(400, 21604, "A 'To' phone number is required.")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        self.complaints += [f"parameter {name}" for name in form.keys() - SEND_PARAMETERS]
        refusal = _refusal(form)
        if refusal:
            return _error(400, *refusal)
        service = form.get("MessagingServiceSid")
        text = Text(
            sid=f"SM{len(self.texts) + 1:032x}",
            to=form["To"],
            sender=None if service else form.get("From"),
            service=service,
            body=form["Body"],
            created=self.now(),
            status="accepted" if service else "queued",
            status_callback=form.get("StatusCallback"),
        )
        self.texts.append(text)
        return Reply(201, self._resource(text))

    def _list(self, query: str) -> Reply:
        asked = dict(parse_qsl(query, keep_blank_values=True))
        self.complaints += [f"query {name}" for name in asked.keys() - LIST_PARAMETERS]
        size, page = min(int(asked.get("PageSize", "50")), LARGEST_PAGE), int(asked.get("Page", "0"))
        found = [
            self._resource(text)
            for text in reversed(self.texts)
            if text.created + self.list_lag <= self.now()
            and asked.get("To", text.to) == text.to
            and ("DateSent>" not in asked or (self._sent_on(text) or "") >= asked["DateSent>"])
        ]
        more = len(found) > (page + 1) * size
        path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
        following = f"{path}?{urlencode(asked | {'Page': page + 1, 'PageSize': size})}" if more else None
        return Reply(
            200,
            {"messages": found[page * size : (page + 1) * size], "page": page, "page_size": size,
             "next_page_uri": following, "uri": f"{path}?{query}"},
        )  # fmt: skip

    def _sent_on(self, text: Text) -> str | None:
        sent = text.created + self.queue_seconds
        return datetime.fromtimestamp(sent, UTC).date().isoformat() if sent <= self.now() else None

    def _resource(self, text: Text) -> dict[str, object]:
        sent = text.created + self.queue_seconds
        return {
            "sid": text.sid,
            "account_sid": ACCOUNT_SID,
            "messaging_service_sid": text.service,
            "from": text.sender,
            "to": text.to,
            "body": text.body,
            "status": text.status,
            "direction": "outbound-api",
            "num_segments": "0" if text.service else "1",
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "error_message": None,
            "date_created": _rfc2822(text.created),
            "date_sent": _rfc2822(sent) if sent <= self.now() else None,
            "date_updated": _rfc2822(text.created),
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{text.sid}.json",
        }


def _refusal(form: Mapping[str, str]) -> tuple[int, str] | None:
    """The code and words with which Twilio refuses this form, None when it takes it."""
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    if not (sender or form.get("MessagingServiceSid")):
        return 21603, "A 'From' phone number is required."
    if not form.get("Body"):
        return 21602, "Message body is required."
    if len(form["Body"]) > LONGEST_BODY:
        return 21617, "The concatenated message body exceeds the 1600 character limit"
    if not (to.startswith("+") and to[1:].isdecimal()):
        return 21211, "Invalid 'To' Phone Number"
    return MAGIC_RECEIVERS.get(to) or MAGIC_SENDERS.get(sender)


def _error(status: int, code: int, message: str) -> Reply:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Reply(status, body, {"Retry-After": "7"} if status == 429 else {})


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _rfc2822(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(moment), UTC))


def payload(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()


class TwilioServer(Listening):
    """The account on a loopback port, as a context manager."""

    def __init__(self, account: TwilioAccount | None = None, *, port: int = 0) -> None:
        self.account = account or TwilioAccount()
        super().__init__(type("Handler", (_Handler,), {"account": self.account}), port=port)


class _Handler(QuietHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: Nagle's algorithm would cost 40 ms an answer
    account: TwilioAccount

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            reply = self.account.handle(Request(self.command, self.path, headers, body))
        except ConnectionDroppedError:
            self.close_connection = True
            return
        data = payload(reply)
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8091)
    server = TwilioServer(port=parser.parse_args().port).start()
    server.stay(f"ready {server.url} account {ACCOUNT_SID} token {AUTH_TOKEN}")


if __name__ == "__main__":
    main()
