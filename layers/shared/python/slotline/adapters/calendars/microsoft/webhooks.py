"""Change notifications of Microsoft Graph: https://learn.microsoft.com/graph/change-notifications-delivery-webhooks.

Nothing is signed. Each item carries the secret given when its subscription was made (`clientState`), so that an item is
proved by itself; a notification is a hint, and whoever works it off reads the calendar. Before a subscription is made,
Graph posts a token that must come back as plain text within ten seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from slotline.domain.calls import HttpResponse
from slotline.domain.errors import AccessError
from slotline.domain.hints import Hint, Received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slotline.domain.calls import HttpRequest

LONGEST_BODY = 256 * 1024
LONGEST_TOKEN = 2048
LONGEST_ID = 200
MOST_ITEMS = 1000

_CHANGES = frozenset({"created", "updated", "deleted"})
_LIFECYCLE = frozenset({"reauthorizationrequired", "subscriptionremoved", "missed"})
_AS_TEXT = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}


class MicrosoftHints:
    """See `slotline.ports.HintReader`. The secrets are the `clientState` values in use."""

    def receive(
        self,
        request: HttpRequest,
        *,
        secrets: Sequence[str],
        now: float,
    ) -> Received:
        """Nothing signs a time here, so that there is no window to hold `now` against."""
        if request.method != "POST":
            raise AccessError(400, "bad_request", "notifications are posted")
        if len(request.body) > LONGEST_BODY:
            raise AccessError(400, "bad_request", "the notification is too long")
        token = _validation_token(request)
        if token is not None:
            return Received(response=HttpResponse(200, token, _AS_TEXT))
        items = _items(request.body)
        proved = [(n, item) for n, item in enumerate(items) if _is_proved(item, secrets)]
        if not proved:
            raise AccessError(401, "unauthorized", "no notification carries a secret of ours")
        found = (_hint(item, body=request.body, number=n) for n, item in proved)
        return Received(tuple(hint for hint in found if hint is not None))


def _validation_token(request: HttpRequest) -> str | None:
    """The token of a handshake; None when the request is none.

    It is read from the query as it stood in the URL: there a plus means a space, and nothing is decoded twice.
    """
    if request.raw_query:
        try:
            given = parse_qs(request.raw_query, keep_blank_values=True, errors="strict", max_num_fields=20)
        except ValueError as exc:
            raise AccessError(400, "bad_request", "the query cannot be read") from exc
        tokens = given.get("validationToken", [])
    else:
        tokens = [request.query["validationToken"]] if "validationToken" in request.query else []
    if not tokens:
        return None
    token = tokens[0]
    if len(tokens) > 1 or not token or len(token) > LONGEST_TOKEN or not token.isprintable():
        raise AccessError(400, "bad_request", "the validation token cannot be read")
    return token


def _items(body: bytes) -> list[object]:
    try:
        answer: object = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise AccessError(400, "bad_request", "the notification cannot be read") from exc
    items = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise AccessError(400, "bad_request", "the notification cannot be read")
    return items


def _is_proved(item: object, secrets: Sequence[str]) -> bool:
    """Compare with every live secret in constant time, whichever fits."""
    given = item.get("clientState") if isinstance(item, dict) else None
    digest = _digest(given if isinstance(given, str) else "")
    fits = [hmac.compare_digest(digest, _digest(secret)) for secret in secrets if secret]
    return isinstance(given, str) and any(fits)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _hint(item: object, *, body: bytes, number: int) -> Hint | None:
    """The hint of one proved item; None for a kind that we do not know."""
    fields = item if isinstance(item, dict) else {}
    delivery = fields.get("id")
    if not isinstance(delivery, str) or not 0 < len(delivery) <= LONGEST_ID:
        # The body alone: gateways add headers of their own, which differ from one delivery of it to the next.
        delivery = f"{hashlib.sha256(body).hexdigest()}-{number}"
    lifecycle, change = fields.get("lifecycleEvent"), fields.get("changeType")
    if isinstance(lifecycle, str):
        return Hint(delivery, resubscribe=True) if lifecycle.lower() in _LIFECYCLE else None
    if not isinstance(change, str) or change.lower() not in _CHANGES:
        return None
    return Hint(delivery, event=_event_of(fields))


def _event_of(fields: dict[str, object]) -> str | None:
    """The event's id: as data of the resource, else the end of its path. None: anything may have changed."""
    data, path = fields.get("resourceData"), fields.get("resource")
    number = data.get("id") if isinstance(data, dict) else None
    if number is None and isinstance(path, str):
        collection, _, last = path.rpartition("/")
        number = last if collection.lower().endswith("/events") else None
    return number if isinstance(number, str) and 0 < len(number) <= 4 * LONGEST_ID else None
