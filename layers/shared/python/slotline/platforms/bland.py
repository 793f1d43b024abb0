"""Bland custom tools: headers and body are templates that the owner writes, filled in by Bland.

https://docs.bland.ai/tutorials/tools/custom-api and https://docs.bland.ai/api-v1/post/tools (default timeout 10 s).
`{{call_id}}` and `{{phone_number}}` belong into headers of the tool. With `payload: full` the body's template pins
them, as `call_id` and `caller_number`, beside the arguments or beside `args: "{{input}}"`, which may arrive as an
object or as its JSON text. Numbers may come as text, and placeholders unfilled: those count as absent. Tool requests
are not documented to be signed; `X-Webhook-Signature` covers post-call and event webhooks
(https://docs.bland.ai/tutorials/webhook-signing).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.platforms import proof, wire
from slotline.platforms.flat import Flat, with_the_call
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence


def _signed(request: HttpRequest, secrets: Sequence[str], _now: float) -> bool:
    """Check `X-Webhook-Signature`, the hex HMAC-SHA256 of the body: without a time, so that a replay looks the same."""
    expected = [hmac.digest(secret.encode(), request.body, "sha256").hex() for secret in secrets]
    return proof.any_equal(wire.header(request, "x-webhook-signature"), expected)


DIALECTS: dict[str, Dialect] = {
    "args_only": Flat("bland", deadline_seconds=10.0, own=_signed),
    "full": Flat("bland", deadline_seconds=10.0, own=_signed, reads=with_the_call),
}
