"""Standing orders for change notifications: https://learn.microsoft.com/graph/api/resources/subscription.

One subscription covers all events of the mailbox. It lives for under seven days and is prolonged long before its end.
Graph does not reliably refuse a second one to the same address, so that whoever makes one removes its twins.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.microsoft.graph import Graph
from slotline.adapters.calendars.microsoft.refusals import BAD_REQUEST, CONFLICT, refusal
from slotline.adapters.calendars.microsoft.replies import member
from slotline.adapters.calendars.microsoft.requests import Target
from slotline.domain.errors import ProviderError, Refusal, RefusedError, SetupError
from slotline.domain.hints import Subscription

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar
    from slotline.ports import Clock

LIFETIME_SECONDS = (10_080 - 15) * 60
OLDER_LIFETIME_SECONDS = (4_230 - 15) * 60
"""The most that older copies of the documentation allow; asked for when the longer one is refused."""

RENEWED_LATELY_SECONDS = 3600
"""A subscription prolonged so short a time ago is only looked at: prolonging often is refused."""

LONGEST_SECRET = 128


class MicrosoftSubscriptions:
    """See `slotline.ports.Subscriptions`. The secret is the `clientState`: at most 128 characters."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, token: Callable[[], str], clock: Clock) -> None:
        self._name = connection.name
        self._connection = connection
        self._graph = Graph(http, name=connection.name, token=token, clock=clock)

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        """The known one, seen alive and prolonged; a new one when it is gone or was made for another URL or secret."""
        if not secret or len(secret) > LONGEST_SECRET:
            raise SetupError(f"calendars.{self._name}.webhook_secret: must have 1 to {LONGEST_SECRET} characters")
        fits = known is not None and dict(known.details) == _details(callback_url, secret)
        if known is not None and fits:
            alive = self._prolonged(known, now=now, deadline=deadline)
            if alive is not None:
                return alive
        made = self._made(callback_url, secret, now=now, deadline=deadline)
        if known is not None and not fits:
            with suppress(ProviderError):  # it ends by itself
                self.remove(known, deadline=deadline)
        return made

    def remove(self, known: Subscription, *, deadline: float) -> None:
        response = self._graph.send("DELETE", _path(known.id), deadline=deadline)
        if not response.is_success:
            refused = self._refusal(response)
            if not (isinstance(refused, RefusedError) and refused.reason is Refusal.GONE):
                raise refused

    def _prolonged(self, known: Subscription, *, now: float, deadline: float) -> Subscription | None:
        """The subscription with its new end; None when Graph does not know it any more."""
        lately = known.expires is not None and known.expires - now > LIFETIME_SECONDS - RENEWED_LATELY_SECONDS
        if lately:
            response = self._graph.send("GET", _path(known.id), deadline=deadline, writes=False)
        else:
            response = self._lasting("PATCH", _path(known.id), {}, now=now, deadline=deadline)
        if not response.is_success:
            refused = self._refusal(response)
            if isinstance(refused, RefusedError) and refused.reason is Refusal.GONE:
                return None
            raise refused
        answer = self._graph.judged(response, about="subscription", writes=False)
        return Subscription(known.id, expires=_expires(answer, name=self._name), details=known.details)

    def _made(self, callback_url: str, secret: str, *, now: float, deadline: float) -> Subscription:
        root = Target.of(self._connection).root.removeprefix("/")
        order: dict[str, object] = {
            "changeType": "created,updated,deleted",
            "notificationUrl": callback_url,
            "lifecycleNotificationUrl": callback_url,
            "resource": f"{root}/events",
            "clientState": secret,
            "latestSupportedTlsVersion": "v1_2",
        }
        response = self._lasting("POST", "/subscriptions", order, now=now, deadline=deadline)
        if response.status_code == CONFLICT:
            self._remove_twins(callback_url, but=None, deadline=deadline)
            response = self._lasting("POST", "/subscriptions", order, now=now, deadline=deadline)
        answer = self._graph.judged(response, about="subscription", writes=True)
        number = member(answer, "id")
        if not isinstance(number, str) or not number:
            raise lost(self._name, "a subscription without an id", writes=True)
        made = Subscription(number, expires=_expires(answer, name=self._name), details=_details(callback_url, secret))
        with suppress(ProviderError):  # a twin doubles hints, which does no harm; an id that is not stored would
            self._remove_twins(callback_url, but=made.id, deadline=deadline)
        return made

    def _lasting(
        self, method: str, path: str, order: dict[str, object], *, now: float, deadline: float
    ) -> httpx.Response:
        """Ask for as long as Graph grants."""
        for seconds in (LIFETIME_SECONDS, OLDER_LIFETIME_SECONDS):
            body = order | {"expirationDateTime": _stamp(now + seconds)}
            response = self._graph.send(method, path, deadline=deadline, json=body)
            if response.status_code != BAD_REQUEST:
                break
        return response

    def _remove_twins(self, callback_url: str, *, but: str | None, deadline: float) -> None:
        """End every other subscription to this address."""
        for entry in list(self._graph.listed("/subscriptions", about="subscription", deadline=deadline)):
            number = member(entry, "id")
            if isinstance(number, str) and number != but and member(entry, "notificationUrl") == callback_url:
                self.remove(Subscription(number), deadline=deadline)

    def _refusal(self, response: httpx.Response) -> ProviderError:
        return refusal(response, name=self._name, about="subscription", writes=True, now=self._graph.clock.now())


def _details(callback_url: str, secret: str) -> dict[str, str]:
    """What tells that a subscription still fits; the secret only as a fingerprint that cannot be turned back."""
    return {"url": callback_url, "secret": hashlib.sha256(secret.encode()).hexdigest()[:16]}


def _path(number: str) -> str:
    return f"/subscriptions/{quote(number, safe='')}"


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _expires(answer: object, *, name: str) -> float:
    text = member(answer, "expirationDateTime")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise lost(name, "a subscription without an end", writes=True)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
