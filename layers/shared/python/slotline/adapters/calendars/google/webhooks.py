"""Google's push messages: https://developers.google.com/workspace/calendar/api/guides/push.

A message has headers and no body, and no signature: what proves it is the token we gave the channel, which only Google
and we know. It says that something changed, never what. Messages can get lost, so a nightly look stays necessary. A
channel is not renewed by itself and cannot be asked about; a new one is made before the old one ends.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.google.refusals import refusal
from slotline.adapters.calendars.google.replies import member, problem_of, text
from slotline.adapters.calendars.google.requests import Settings
from slotline.adapters.calendars.google.wire import GoogleWire, calendar_path
from slotline.domain.errors import AccessError, NotExecutedError, ProviderError, SetupError
from slotline.domain.hints import Hint, Received, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar
    from slotline.domain.calls import HttpRequest
    from slotline.ports import Clock

TOKEN, CHANNEL, NUMBER = "x-goog-channel-token", "x-goog-channel-id", "x-goog-message-number"
STATE, EXPIRATION = "x-goog-resource-state", "x-goog-channel-expiration"

LIFE_SECONDS = 7 * 86_400
"""What we ask for, and Google's default; the answer says what was granted, and that alone counts."""

RENEW_SECONDS = 86_400.0
"""A channel is renewed in its last day, one that is granted less than four days in its last quarter."""

LONGEST_TOKEN = 256
_CHANNEL_ID = re.compile(r"[A-Za-z0-9_+/=-]{1,64}")
_MESSAGE_NUMBER = re.compile(r"[0-9]{1,20}")
_GONE = frozenset({404, 410})
_BAD_REQUEST = 400


class GoogleHints:
    """See `slotline.ports.HintReader`. The body is never looked at: Google sends none.

    The reader keeps nothing, so it cannot tell a stopped channel's message from a live one's; both are only hints.
    """

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        """Compare the channel's token with the live secrets; the first message of a channel (`sync`) is no hint."""
        if not _is_one_of(request.headers.get(TOKEN, ""), secrets):
            raise AccessError(401, "not_proved", "the channel token is not one of ours")
        channel, number = request.headers.get(CHANNEL, ""), request.headers.get(NUMBER, "")
        state = request.headers.get(STATE, "")
        if not (_CHANNEL_ID.fullmatch(channel) and _MESSAGE_NUMBER.fullmatch(number) and state):
            raise AccessError(400, "unreadable", "a push message names its channel, number and state")
        if state not in {"exists", "not_exists"}:
            return Received()
        ends = _moment(request.headers.get(EXPIRATION))
        ends_soon = ends is not None and ends - now < RENEW_SECONDS
        return Received((Hint(f"{channel}:{number}", resubscribe=ends_soon or state == "not_exists"),))


class GoogleChannels:
    """See `slotline.ports.Subscriptions`: one channel that watches the events of the connection's calendar."""

    def __init__(
        self,
        http: ProviderHttp,
        calendar: Calendar,
        *,
        token: Callable[[], str],
        clock: Clock,
        service_account: bool = False,
    ) -> None:
        self._wire = GoogleWire(http, calendar.name, token, clock)
        self._calendar = calendar
        self._service_account = service_account

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        """The known channel, or a new one when it ends soon or watches with another address, secret or calendar."""
        calendar_id = Settings.of(self._calendar, service_account=self._service_account).calendar_id
        order = _digest(calendar_id, callback_url, secret)[:32]
        if known is not None and known.details.get("order") == order and not _ends_soon(known, now):
            return known
        made = self._watch(calendar_id, order=order, url=callback_url, secret=secret, now=now, deadline=deadline)
        if known is not None:
            with suppress(ProviderError):  # two live channels only send more hints; losing the new one would send none
                self.remove(known, deadline=deadline)
        return made

    def remove(self, known: Subscription, *, deadline: float) -> None:
        """Stop the channel; Google wants the id of what it watches, too."""
        body = {"id": known.id, "resourceId": known.details.get("resource", "")}
        response = self._wire.send("POST", "/channels/stop", deadline=deadline, writes=True, json=body)
        if response.status_code not in _GONE:
            self._wire.check(response, about="calendar", writes=True)

    def _watch(
        self, calendar_id: str, *, order: str, url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        if not 0 < len(secret) <= LONGEST_TOKEN or not re.fullmatch(r"[!-~]+", secret):
            raise SetupError(f"calendars.{self._wire.name}.webhook_secret: must be 1 to 256 plain characters")
        body = {
            "id": _digest(order, secret, repr(now))[:48],
            "type": "web_hook",
            "address": url,
            "token": secret,
            "expiration": str(int((now + LIFE_SECONDS) * 1000)),
        }
        response = self._wire.send(
            "POST", calendar_path(calendar_id, "events", "watch"), deadline=deadline, writes=True, json=body
        )
        if not response.is_success:
            raise self._refused(response, now=now)
        answer = self._wire.data(response, about="calendar", writes=True)
        number, resource = text(member(answer, "id")), text(member(answer, "resourceId"))
        if number is None or resource is None:
            raise lost(self._wire.name, "a channel without an id", writes=True)
        expires = _milliseconds(member(answer, "expiration"))
        if expires is None:  # Google did not say: assume that it lives for an hour, and look again before that
            expires = now + 3600.0
        return Subscription(number, expires, {"resource": resource, "order": order, "made": str(int(now))})

    def _refused(self, response: httpx.Response, *, now: float) -> ProviderError:
        name, reason = self._wire.name, problem_of(response).reason
        if reason == "channelIdNotUnique":  # a first try got through and its answer was lost: the next moment is new
            return NotExecutedError(f"{name}: the channel's id is in use", retry_after=1.0)
        if reason.startswith("push.webhookUrl"):
            return SetupError(f"{name}: Google does not send to our public address; it must be https ({reason})")
        return refusal(response, name=name, about="calendar", now=now, writes=True)


def _is_one_of(token: str, secrets: Sequence[str]) -> bool:
    """Compare in constant time, with every secret; an empty token proves nothing."""
    given = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    found = [hmac.compare_digest(given, hashlib.sha256(secret.encode()).digest()) for secret in secrets if secret]
    return bool(token) and any(found)


def _ends_soon(known: Subscription, now: float) -> bool:
    if known.expires is None:
        return False
    made = known.details.get("made", "")
    life = known.expires - float(made) if made.isdecimal() else RENEW_SECONDS
    return known.expires - now < min(RENEW_SECONDS, life / 4)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _milliseconds(value: object) -> float | None:
    """Epoch seconds of an int64 in milliseconds, which JSON carries as text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,17}", value):
        return int(value) / 1000
    return None


def _moment(value: str | None) -> float | None:
    """Epoch seconds of an HTTP date."""
    if value is None:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
