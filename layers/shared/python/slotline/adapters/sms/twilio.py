"""Text messages through Twilio's Programmable Messaging, REST API 2010-04-01.

Sending: https://www.twilio.com/docs/messaging/api/message-resource. The API knows no idempotency key for messages, so
that one call here is one request, and a lost answer is said to be one. Codes: https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from slotline.domain.errors import MessageError, MessageInDoubtError, MessageNotSentError, MessageRefusedError
from slotline.ports import MessageReceipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from slotline.ports import Clock, Message

BASE_URL = "https://api.twilio.com"

VALIDITY_SECONDS = 14_400
"""How long Twilio may keep a message in its queue; a confirmation that comes half a day late confuses."""

LEAST_SECONDS = 0.3
"""With less time left than this nothing is started."""

PAGE_SIZE = 50
RETRY_SECONDS = 30.0
CLOCK_MARGIN_SECONDS = 30  # between Twilio's clock and ours
TOO_MANY_REQUESTS = 20429

REASONS: Mapping[int, str] = {
    20003: "setup",  # credentials
    20404: "setup",  # no such account
    21211: "bad_number",
    21217: "bad_number",
    21408: "setup",  # this country is not enabled
    21603: "setup",  # no sender given
    21606: "setup",  # the sender cannot send texts
    21608: "setup",  # a trial account, and this number is not verified
    21610: "opted_out",
    21612: "setup",  # no route from this sender to that number
    21614: "landline",
    21704: "setup",  # the messaging service has no numbers
    30004: "not_permitted",  # blocked by the handset or the carrier
    30005: "bad_number",
    30006: "landline",
    30007: "setup",  # filtered by the carrier
    30034: "setup",  # the US number is not registered for application traffic
    30450: "not_permitted",  # protection against pumping
    30610: "not_permitted",  # quiet hours
    30640: "not_permitted",  # known litigator
}
"""Why Twilio never sends a message, by error code. Codes may change: an unknown one means "not_permitted"."""

_NEVER_WENT_OUT = frozenset({"failed", "canceled"})


def open_client() -> httpx.Client:
    """A client that repeats nothing, follows no redirect and keeps its connection warm between messages."""
    import httpx  # late: an import costs more than a request, and most processes never send

    # At INFO httpx logs every URL, and a search for a message has the receiver's number in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=4, keepalive_expiry=300)
    return httpx.Client(transport=httpx.HTTPTransport(retries=0, limits=limits), follow_redirects=False)


class TwilioSender:
    """`ports.SmsSender` on one Twilio account; one of `sender` (E.164) and `messaging_service_sid` is needed."""

    def __init__(
        self,
        http: Callable[[], httpx.Client] = open_client,
        *,
        account_sid: str,
        auth_token: Callable[[], str],
        clock: Clock,
        sender: str | None = None,
        messaging_service_sid: str | None = None,
        base_url: str = BASE_URL,
        forget_token: Callable[[], None] = lambda: None,
    ) -> None:
        """`auth_token` is asked for each request; `forget_token` drops a cached one after Twilio refused it."""
        self._open = http
        self._client: httpx.Client | None = None
        self._account = account_sid
        self._token = auth_token
        self._forget_token = forget_token
        self._clock = clock
        self._sender = sender
        self._service = messaging_service_sid
        self._base = base_url.rstrip("/")
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        form = {
            "To": message.to,
            "Body": message.body,
            "From": message.sender or self._sender,
            "MessagingServiceSid": self._service,
            "StatusCallback": message.status_url,
            "SmartEncoded": "false",  # the body is in GSM letters already, and `find` compares it
            "ValidityPeriod": str(VALIDITY_SECONDS),
        }
        if not (form["From"] or form["MessagingServiceSid"]):
            raise MessageRefusedError("setup", "twilio: neither a sender nor a messaging service is configured")
        fields = {name: value for name, value in form.items() if value}
        answer = self._request("POST", self._messages, deadline=deadline, lost=MessageInDoubtError, data=fields)
        receipt = _receipt(answer)
        if receipt is None:
            raise MessageInDoubtError("twilio: accepted, but the answer names no message")
        return receipt

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        day = datetime.fromtimestamp(since - CLOCK_MARGIN_SECONDS, UTC).date().isoformat()
        # A message still in Twilio's queue has no date to filter by, so the newest ones are looked through as well.
        pages = (
            *self._pages({"To": message.to, "DateSent>": day, "PageSize": str(PAGE_SIZE)}, deadline=deadline),
            self._page(self._messages, {"To": message.to, "PageSize": str(PAGE_SIZE)}, deadline=deadline),
        )
        for page in pages:
            for entry in _entries(page):
                receipt = _receipt(entry)
                if receipt and receipt.status not in _NEVER_WENT_OUT and _is_like(entry, message.body, since=since):
                    return receipt
        return None

    def _pages(self, query: dict[str, str], *, deadline: float) -> Iterator[Mapping[str, object]]:
        page = self._page(self._messages, query, deadline=deadline)
        yield page
        while isinstance(path := page.get("next_page_uri"), str) and path.startswith("/2010-04-01/"):
            page = self._page(path, None, deadline=deadline)
            yield page

    def _page(self, path: str, query: dict[str, str] | None, *, deadline: float) -> Mapping[str, object]:
        # A read that got lost has changed nothing: look again later.
        return self._request("GET", path, deadline=deadline, lost=MessageNotSentError, params=query)

    def _request(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        lost: type[MessageError],
        data: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> Mapping[str, object]:
        """One request, one try; `lost` is what it means when the answer does not come or cannot be read."""
        import httpx  # late: see open_client

        left = deadline - self._clock.now()
        if left < LEAST_SECONDS:
            raise MessageNotSentError("twilio: no time left to ask", retry_after=1.0)
        token = self._token()
        if self._client is None:
            self._client = self._open()
        try:
            response = self._client.request(
                method, self._base + path, data=data, params=params, auth=(self._account, token),
                timeout=httpx.Timeout(**_waits(left)),
            )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise MessageNotSentError("twilio: no connection") from exc
        except httpx.RequestError as exc:
            raise lost(f"twilio: no answer ({type(exc).__name__})") from exc
        body = _object(response)
        if response.is_success:
            if body is None:
                raise lost("twilio: the answer is not readable")
            return body
        raise self._failure(response, body or {}, token=token, lost=lost)

    def _failure(
        self, response: httpx.Response, body: Mapping[str, object], *, token: str, lost: type[MessageError]
    ) -> MessageError:
        status, code = response.status_code, body.get("code")
        what = f"twilio: HTTP {status}, code {code if isinstance(code, int) else None}"
        if status == HTTPStatus.TOO_MANY_REQUESTS or code == TOO_MANY_REQUESTS:
            return MessageNotSentError(what, retry_after=_seconds(response.headers.get("Retry-After")))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return lost(what)
        if status == HTTPStatus.UNAUTHORIZED:
            self._forget_token()
            if self._token() != token:
                return MessageNotSentError(f"{what}: the token was changed meanwhile", retry_after=1.0)
        if isinstance(code, int) and code in REASONS:
            return MessageRefusedError(REASONS[code], what)
        its_us = response.is_redirect or status in {
            HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED
        }  # fmt: skip
        return MessageRefusedError("setup" if its_us else "not_permitted", what)


def _waits(left: float) -> dict[str, float]:
    """How long each step of a request may take (seconds), together no longer than what is left."""
    return {"connect": min(1.0, 0.2 * left), "pool": 0.1 * left, "write": 0.2 * left, "read": min(5.0, 0.5 * left)}


def _object(response: httpx.Response) -> Mapping[str, object] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return cast("Mapping[str, object]", body) if isinstance(body, dict) else None


def _entries(page: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    entries = page.get("messages")
    if not isinstance(entries, list):
        raise MessageNotSentError("twilio: the list of messages is not readable")
    return tuple(cast("Mapping[str, object]", entry) for entry in entries if isinstance(entry, dict))


def _receipt(entry: Mapping[str, object]) -> MessageReceipt | None:
    sid, status = entry.get("sid"), entry.get("status")
    if not isinstance(sid, str) or not sid:
        return None
    return MessageReceipt(sid, status if isinstance(status, str) else "unknown")


def _is_like(entry: Mapping[str, object], text: str, *, since: float) -> bool:
    """Whether this is our text, sent since then. Trial accounts write a notice before every body."""
    created, body = entry.get("date_created"), entry.get("body")
    if not isinstance(created, str) or not isinstance(body, str):
        return False
    try:
        moment = parsedate_to_datetime(created).timestamp()
    except ValueError:
        return False
    return body.strip().endswith(text.strip()) and moment >= since - CLOCK_MARGIN_SECONDS


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdecimal() else RETRY_SECONDS
