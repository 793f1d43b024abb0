"""Calendly's webhooks: https://developer.calendly.com/api-docs/webhooks/webhook-signatures.

A reschedule by the invitee arrives as a cancellation (`rescheduled: true`) and a creation. Both are only hints: whoever
reads the old event sees where it went. After a day of failures Calendly disables a subscription without a word, and
what happened meanwhile is not sent again: call `ensure` every day.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.calendly import refusals, replies
from slotline.adapters.calendars.calendly.account import CalendlyAccount, path_of
from slotline.adapters.calendars.calendly.budget import Use
from slotline.adapters.calendars.calendly.requests import TAG_FIELD
from slotline.domain.errors import AccessError, NotExecutedError, RefusedError
from slotline.domain.hints import Hint, Received, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar
    from slotline.domain.calls import HttpRequest
    from slotline.ports import Clock

SIGNATURE = "calendly-webhook-signature"
TOLERANCE_SECONDS = 180
EVENTS = ("invitee.created", "invitee.canceled")

CONFLICT, NOT_FOUND = 409, 404
_LONGEST_SIGNATURE = 1024
_LONGEST_TIME = 12  # digits


class CalendlyWebhooks:
    """ports.HintReader. `tag_field` is the option of the connection, if it has one."""

    def __init__(self, *, tag_field: str = TAG_FIELD) -> None:
        self._tag_field = tag_field

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        """Prove first, then read. Events we did not ask for are taken and mean nothing."""
        if not _is_proved(request, secrets, now=now):
            raise AccessError(401, "bad_signature", "the signature is missing, wrong or too old")
        try:
            body: object = json.loads(request.body)
        except (ValueError, RecursionError):
            raise AccessError(400, "bad_body", "the body is not JSON") from None
        if not isinstance(body, dict) or not isinstance(body.get("event"), str):
            raise AccessError(400, "bad_body", "the body is not a webhook of Calendly")
        if body["event"] not in EVENTS:
            return Received()
        return Received(tuple(self._hints(body, request.body)))

    def _hints(self, body: object, raw: bytes) -> Iterator[Hint]:
        invitee = replies.member(body, "payload")
        delivery = _delivery(body, raw)
        event = (
            replies.event_key(replies.text(invitee, "uri"))
            or replies.key_of(replies.text(invitee, "event"))
            or replies.key_of(replies.text(invitee, "scheduled_event", "uri"))
        )
        yield Hint(id=delivery, event=event, tag=replies.text(invitee, "tracking", self._tag_field))
        # The other half of a reschedule may know what this one has lost: whether a tag survives it is not documented.
        for link in ("old_invitee", "new_invitee"):
            other = replies.event_key(replies.text(invitee, link))
            if other is not None:
                yield Hint(id=f"{delivery}:{link}", event=other)


def _delivery(body: object, raw: bytes) -> str:
    """Calendly numbers no deliveries: what happened to which invitee, and when, is the same at every repeat."""
    known = [
        replies.text(body, "event"),
        replies.text(body, "payload", "uri"),
        replies.text(body, "payload", "updated_at"),
    ]
    if None not in known:
        raw = "|".join(part or "" for part in known).encode()
    return hashlib.sha256(raw).hexdigest()


def _is_proved(request: HttpRequest, secrets: Sequence[str], *, now: float) -> bool:
    given = request.headers.get(SIGNATURE, "")
    if not given or len(given) > _LONGEST_SIGNATURE:
        return False
    parts = [part.strip().partition("=") for part in given.split(",")]
    times = [value for key, _, value in parts if key == "t"]
    signatures = [value.encode() for key, _, value in parts if key == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= _LONGEST_TIME):
        return False
    if abs(now - int(times[0])) > TOLERANCE_SECONDS:
        return False
    message = times[0].encode() + b"." + request.body
    expected = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in signatures]
    return any(matches)


class CalendlySubscriptions:
    """ports.Subscriptions of one connection; the secret is the signing key."""

    def __init__(self, http: ProviderHttp, calendar: Calendar, *, token: Callable[[], str], clock: Clock) -> None:
        self._account = CalendlyAccount(http, calendar, token=token, clock=clock)
        self._name = calendar.name

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        """The known one while it is active and ours, else a new one in its place; now is not needed: none expires."""
        del now
        details = {"callback_url": callback_url, "key": hashlib.sha256(secret.encode()).hexdigest()[:16]}
        if known is not None:
            if dict(known.details) == details and self._is_active(known.id, callback_url, deadline=deadline):
                return known
            self.remove(known, deadline=deadline)  # one URL takes one subscription, and none can be changed
        made = self._create(callback_url, secret, deadline=deadline)
        if made is None:
            # One of ours whose answer was lost, or an older one with a key that nobody knows any more.
            for stale in self._of(callback_url, deadline=deadline):
                self.remove(Subscription(stale), deadline=deadline)
            made = self._create(callback_url, secret, deadline=deadline)
        if made is None:
            raise NotExecutedError(f"{self._name}: a subscription of another user or scope holds this URL")
        return Subscription(made, details=details)

    def remove(self, known: Subscription, *, deadline: float) -> None:
        response = self._account.delete(path_of("webhook_subscriptions", known.id), deadline=deadline)
        if not response.is_success and response.status_code != NOT_FOUND:
            raise refusals.refusal(response, what=refusals.ACCOUNT, name=self._name)

    def _is_active(self, key: str, callback_url: str, *, deadline: float) -> bool:
        response = self._account.get(path_of("webhook_subscriptions", key), use=Use.CARE, deadline=deadline)
        try:
            found = self._account.resource(response, what=refusals.EVENT)
        except RefusedError:  # gone
            return False
        return replies.text(found, "state") == "active" and replies.text(found, "callback_url") == callback_url

    def _create(self, callback_url: str, secret: str, *, deadline: float) -> str | None:
        """The id of a new subscription; None when the URL has one already."""
        wanted: dict[str, object] = {"url": callback_url, "events": list(EVENTS), "signing_key": secret}
        body = wanted | self._account.subscriber(deadline=deadline)
        response = self._account.post("/webhook_subscriptions", json=body, use=Use.CARE, deadline=deadline)
        if response.status_code == CONFLICT:
            return None
        answer = self._account.answer(response, what=refusals.ACCOUNT, writes=True)
        key = replies.key_of(replies.text(answer, "resource", "uri"))
        if key is None:
            raise lost(self._name, "a subscription without a URI", writes=True)
        return key

    def _of(self, callback_url: str, *, deadline: float) -> list[str]:
        query = self._account.subscriber(deadline=deadline)
        listed = self._account.pages(
            "/webhook_subscriptions", query, use=Use.CARE, deadline=deadline, what=refusals.ACCOUNT
        )
        same = (hook for hook in listed if replies.text(hook, "callback_url") == callback_url)
        return [key for hook in same if (key := replies.key_of(replies.text(hook, "uri")))]
