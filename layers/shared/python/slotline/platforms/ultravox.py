"""Ultravox HTTP tools: flat parameters, each with a place of its own, and two and a half seconds to answer.

https://docs.ultravox.ai, tools, and the OpenAPI document of its API. `KNOWN_PARAM_CALL_ID` as an automatic
parameter in the header `X-Call-Id` tells the call, static parameters or overrides in headers the caller. With
`payload: full` such parameters may stand in the body. Tool requests are not signed; the HMAC of
https://docs.ultravox.ai/webhooks/securing-webhooks covers account webhooks.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.platforms import proof, wire
from slotline.platforms.flat import Flat, with_the_call
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

_WINDOW_SECONDS = 60.0
_LONGEST_HEADER = 2000  # several keys sign side by side during a rotation
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _signed(request: HttpRequest, secrets: Sequence[str], now: float) -> bool:
    """Check the hex HMAC-SHA256 of body and timestamp text; one of a comma-separated list, a minute either way."""
    stamp = wire.header(request, "x-ultravox-webhook-timestamp") or ""
    given = wire.header(request, "x-ultravox-webhook-signature") or ""
    if len(given) > _LONGEST_HEADER or not _recent(stamp, now):
        return False
    payload = request.body + stamp.encode("utf-8", "surrogatepass")
    expected = [hmac.digest(secret.encode(), payload, "sha256").hex() for secret in secrets]
    matches = [proof.any_equal(one.strip(" "), expected) for one in given.split(",")]
    return any(matches)


def _recent(stamp: str, now: float) -> bool:
    try:
        stated = datetime.fromisoformat(stamp)
    except ValueError:
        return False
    if stated.tzinfo is None:
        return False
    return abs(now - (stated - _EPOCH).total_seconds()) <= _WINDOW_SECONDS


DIALECTS: dict[str, Dialect] = {
    "args_only": Flat("ultravox", deadline_seconds=2.5, own=_signed),
    "full": Flat("ultravox", deadline_seconds=2.5, own=_signed, reads=with_the_call),
}
