"""Cal.com's webhooks: https://cal.com/docs/developing/guides/automation/webhooks.

A delivery is signed, but bears neither a number nor a time of its own; what happened to which booking, and when, is the
same at every repeat. A failed delivery may never be repeated: the nightly scan stays necessary. A pending booking that
its host confirms is told as BOOKING_CREATED.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars._http import decoded, lost
from slotline.adapters.calendars.calcom import replies
from slotline.adapters.calendars.calcom.requests import key_headers
from slotline.domain.errors import AccessError, NotExecutedError
from slotline.domain.hints import Hint, Received, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar
    from slotline.domain.calls import HttpRequest

SIGNATURE = "x-cal-signature-256"
ORDERED = ("BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REQUESTED", "BOOKING_REJECTED")
HEEDED = frozenset({*ORDERED, "BOOKING_CONFIRMED", "BOOKING_PAID"})
"""The last two are for webhooks that the owner made by hand."""

OLDEST_SECONDS = 86_400.0
"""No repeat comes later than that; an older one is somebody's recording."""

PAGE = 250
CONFLICT, NOT_FOUND = 409, 404
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class CalcomWebhooks:
    """See `slotline.ports.HintReader`."""

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        """Prove first, then read. The ping of Cal.com's settings page, and what we do not follow, mean nothing."""
        if not _is_proved(request, secrets):
            raise AccessError(401, "bad_signature", "the signature is missing or wrong")
        try:
            body: object = json.loads(request.body)
        except (ValueError, RecursionError):
            raise AccessError(400, "bad_body", "the body is not JSON") from None
        trigger = replies.member(body, "triggerEvent")
        if not isinstance(trigger, str):
            raise AccessError(400, "bad_body", "the body is not a webhook of Cal.com")
        created = _moment(replies.member(body, "createdAt"))
        if created is not None and now - created > OLDEST_SECONDS:
            raise AccessError(401, "replayed", "the webhook is too old")
        return Received(tuple(_hints(body, request.body)) if trigger in HEEDED else ())


def _is_proved(request: HttpRequest, secrets: Sequence[str]) -> bool:
    """Compare in constant time, with every secret. Without one Cal.com sends the words `no-secret-provided`."""
    given = request.headers.get(SIGNATURE, "").encode("utf-8", "surrogatepass")
    expected = [hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest() for secret in secrets if secret]
    matches = [hmac.compare_digest(mine.encode(), given) for mine in expected]
    return any(matches)


def _hints(body: object, raw: bytes) -> Iterator[Hint]:
    delivery = _delivery(body, raw)
    payload = replies.member(body, "payload")
    tag = _id(replies.member(payload, "metadata", replies.TAG_KEY))
    new, old = _id(replies.member(payload, "uid")), _id(replies.member(payload, "rescheduleUid"))
    yield Hint(delivery, event=new, tag=tag)
    if old is not None and old != new:
        yield Hint(f"{delivery}:old", event=old)  # the one we know, should the move have lost the tag


def _delivery(body: object, raw: bytes) -> str:
    known = [_text(body, "triggerEvent"), _text(body, "payload", "uid"), _text(body, "createdAt")]
    whole = "|".join(part for part in known if part).encode("utf-8", "surrogatepass") if all(known) else raw
    return hashlib.sha256(whole).hexdigest()


def _text(body: object, *path: str) -> str | None:
    value = replies.member(body, *path)
    return value if isinstance(value, str) and value else None


def _id(value: object) -> str | None:
    """A uid or a tag of ours; None for what can be neither."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _moment(value: object) -> float | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() if moment else None
    except (ValueError, OverflowError):
        return None


class CalcomSubscriptions:
    """See `slotline.ports.Subscriptions`: one webhook of the key's owner. It never ends by itself."""

    def __init__(self, http: ProviderHttp, calendar: Calendar, *, api_key: Callable[[], str]) -> None:
        self._http = http
        self._name = calendar.name
        self._api_key = api_key

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        """The one that sends to this URL, switched on and signing with this secret; now is not needed: none expires."""
        del now
        wanted = {"active": True, "subscriberUrl": callback_url, "triggers": list(ORDERED), "secret": secret}
        # Answers need not show the secret, so whether Cal.com has this one is only known from what we told it last.
        order = hashlib.sha256(f"{callback_url}\n{secret}".encode()).hexdigest()[:32]
        if known is not None and self._kept(known, order=order, wanted=wanted, deadline=deadline):
            return Subscription(known.id, details={"order": order})
        standing = self._of(callback_url, deadline=deadline)
        for spare in standing[1:]:
            self.remove(Subscription(spare), deadline=deadline)
        present = next((number for number in standing[:1] if self._changed(number, wanted, deadline=deadline)), None)
        return Subscription(present or self._created(wanted, deadline=deadline), details={"order": order})

    def remove(self, known: Subscription, *, deadline: float) -> None:
        response = self._send("DELETE", _path(known.id), deadline=deadline)
        if response.status_code != NOT_FOUND:
            self._data(response, writes=True)

    def _kept(self, known: Subscription, *, order: str, wanted: dict[str, object], deadline: float) -> bool:
        """Whether the known webhook serves, if need be after a change; False when it is gone."""
        response = self._send("GET", _path(known.id), deadline=deadline)
        if response.status_code == NOT_FOUND:
            return False
        shown = self._data(response, writes=False)
        triggers = set(map(str, replies.items(replies.member(shown, "triggers"))))
        serves = (
            known.details.get("order") == order
            and replies.member(shown, "active") is True
            and replies.member(shown, "subscriberUrl") == wanted["subscriberUrl"]
            and triggers >= set(ORDERED)
        )
        return serves or self._changed(known.id, wanted, deadline=deadline)

    def _of(self, callback_url: str, *, deadline: float) -> list[str]:
        """The webhooks that send to this URL: one of ours whose answer was lost, or one that the owner switched off."""
        found: list[str] = []
        skip = 0
        while True:
            response = self._send("GET", "/webhooks", params={"take": PAGE, "skip": skip}, deadline=deadline)
            page = replies.items(self._data(response, writes=False))
            same = [hook for hook in page if replies.member(hook, "subscriberUrl") == callback_url]
            found += [number for hook in same if (number := _number(hook)) is not None]
            skip += len(page)
            if len(page) < PAGE:
                return found

    def _changed(self, number: str, wanted: dict[str, object], *, deadline: float) -> bool:
        """Whether it is as wanted now; False when it is gone."""
        response = self._send("PATCH", _path(number), json=wanted, deadline=deadline)
        if response.status_code == NOT_FOUND:
            return False
        self._data(response, writes=True)
        return True

    def _created(self, wanted: dict[str, object], *, deadline: float) -> str:
        response = self._send("POST", "/webhooks", json=wanted, deadline=deadline)
        if response.status_code == CONFLICT:  # somebody else made it a moment ago: it is found by its URL next time
            raise NotExecutedError(f"{self._name}: the URL has a webhook already", retry_after=1.0)
        number = _number(self._data(response, writes=True))
        if number is None:
            raise lost(self._name, "a webhook without an id", writes=True)
        return number

    def _send(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        json: object = None,
        params: Mapping[str, int] | None = None,
    ) -> httpx.Response:
        headers = key_headers(self._api_key(), name=self._name)
        writes = method != "GET"
        return self._http.request(
            method, path, deadline=deadline, writes=writes, json=json, params=params, headers=headers
        )

    def _data(self, response: httpx.Response, *, writes: bool) -> object:
        if not response.is_success:
            raise replies.refusal(response, name=self._name)
        return replies.member(decoded(response, name=self._name, writes=writes), "data")


def _path(number: str) -> str:
    return f"/webhooks/{quote(number, safe='')}"


def _number(hook: object) -> str | None:
    """Its id: a text, although the specification says a number."""
    value = replies.member(hook, "id")
    return str(value) if isinstance(value, str | int) and value != "" else None
