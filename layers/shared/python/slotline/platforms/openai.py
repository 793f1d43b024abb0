"""OpenAI function callers: the integrator's own code between OpenAI and us, in a Realtime session or over Responses.

https://developers.openai.com, function calling and Realtime. It sends the arguments as the body, `Idempotency-Key` is
the `call_id` of the function call, `X-Call-Id` and `X-Caller-Number` come from its session. With `payload: full` it
may hand on what OpenAI gave it, the event `response.function_call_arguments.done` or an item of type `function_call`,
whose `call_id` is then the key; or `{"tool", "args", "context"}`. The model writes `arguments` and nothing else of
these. The answer's body, as it is, is the `output` of `function_call_output`.
OpenAI signs its webhooks (Standard Webhooks, as in openai-python), not these requests.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms import proof, wire
from slotline.platforms.flat import Flat, Told
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

_WINDOW_SECONDS = 300.0
_LONGEST_HEADER = 2000
_MARK = "whsec_"  # what every such secret begins with


def _told(body: Mapping[str, object]) -> Told:
    """Read a function call as OpenAI wrote it, or the integrator's own wrapping of one."""
    name = next((body[key] for key in ("name", "tool") if key in body), None)
    if name is not None and not isinstance(name, str):
        raise AccessError(404, "unknown_tool", "there is no tool of that name")
    if "args" in body or "tool" in body:
        return Told(body.get("args"), wire.as_object(body.get("context")), tool=name)
    return Told(body.get("arguments"), delivery=body.get("call_id"), tool=name)


def _signed(request: HttpRequest, secrets: Sequence[str], now: float) -> bool:
    """Check Standard Webhooks: base64 HMAC-SHA256 of `id.timestamp.body`, one of a list, five minutes either way."""
    keys = [_key(secret) for secret in secrets]
    number = wire.header(request, "webhook-id") or ""
    stamp = wire.header(request, "webhook-timestamp") or ""
    given = wire.header(request, "webhook-signature") or ""
    if re.fullmatch(r"[0-9]{1,12}", stamp) is None or abs(now - int(stamp)) > _WINDOW_SECONDS:
        return False
    if not number or len(given) > _LONGEST_HEADER:
        return False
    payload = f"{number}.{stamp}.".encode("utf-8", "surrogatepass") + request.body
    expected = ["v1," + base64.b64encode(hmac.digest(key, payload, "sha256")).decode() for key in keys]
    matches = [proof.any_equal(one, expected) for one in given.split(" ")]
    return any(matches)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_MARK), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ConfigError("auth.signature: an OpenAI webhook secret is whsec_ and base64")
    return key


DIALECTS: dict[str, Dialect] = {
    "args_only": Flat("openai", deadline_seconds=20.0, own=_signed),
    "full": Flat("openai", deadline_seconds=20.0, own=_signed, reads=_told),
}
