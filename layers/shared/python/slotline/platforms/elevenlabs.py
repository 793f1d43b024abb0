"""ElevenLabs Agents, webhook tools: a flat body, exactly what the tool's body schema describes.

https://elevenlabs.io/docs, Agents, webhook tools, and the API schema of such a tool. Tool requests are not signed:
the request headers of the tool carry the credential, and dynamic variables (`system__conversation_id`,
`system__caller_id`) as further headers tell about the call. With `payload: full` those variables may be properties of
the body instead; an envelope of `tool_name`, `parameters`, `tool_call_id` and `conversation_id`, which one page of
the vendor's shows and its API schema contradicts, is then read too. The HMAC in `ElevenLabs-Signature` covers
post-call and workspace webhooks only (elevenlabs-python, `webhooks_custom.py`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.platforms import proof, wire
from slotline.platforms.flat import PINNED, Flat, Told, with_the_call
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v0=([0-9a-f]{64})")
_OLDEST_SECONDS = 1800.0
_EARLIEST_SECONDS = -300.0


def _told(body: Mapping[str, object]) -> Told:
    if isinstance(body.get("tool_name"), str) and isinstance(body.get("parameters"), dict):
        call = {name: body[name] for name in PINNED & body.keys()}
        return Told(body["parameters"], call, body.get("tool_call_id"))
    return with_the_call(body)


def _signed(request: HttpRequest, secrets: Sequence[str], now: float) -> bool:
    """Check `ElevenLabs-Signature: t=<seconds>,v0=<hex>`: HMAC-SHA256 of `t.body`, not older than half an hour."""
    match = _SIGNATURE.fullmatch(wire.header(request, "elevenlabs-signature") or "")
    if match is None or not _EARLIEST_SECONDS <= now - int(match[1]) <= _OLDEST_SECONDS:
        return False
    payload = match[1].encode() + b"." + request.body
    return proof.any_equal(match[2], [hmac.digest(secret.encode(), payload, "sha256").hex() for secret in secrets])


_HEADERS = ("x-call-id", "x-conversation-id")

DIALECTS: dict[str, Dialect] = {
    "args_only": Flat("elevenlabs", deadline_seconds=20.0, own=_signed, call_id_headers=_HEADERS, forms=True),
    "full": Flat("elevenlabs", deadline_seconds=20.0, own=_signed, call_id_headers=_HEADERS, forms=True, reads=_told),
}
