"""Telnyx AI Assistants, webhook tools: a flat body of the model's, signed by Telnyx; headers tell about the call.

https://developers.telnyx.com, AI assistants, webhook tools. `X-Telnyx-Call-Control-Id` is documented for asynchronous
tools; for the others the tool's own header `X-Call-Id: {{call_control_id}}` says the same, `X-Caller-Number:
{{telnyx_end_user_target}}` who calls, and `X-Caller-Attestation: {{telnyx_shaken_stir_attestation}}` what the carrier
says of that (how it is spelt is not documented: only a plain A counts). The signature (telnyx-python,
`webhook_verification.py`) covers time and body, not the headers; the connection protects those. The default of
`timeout_ms` is not documented: five seconds is on the safe side.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.domain.errors import ConfigError
from slotline.platforms import wire
from slotline.platforms.flat import Flat
from slotline.ports import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_WINDOW_SECONDS = 300.0
_SIGNATURE_BYTES = 64


def _signed(request: HttpRequest, secrets: Sequence[str], now: float) -> bool:
    """Check the Ed25519 signature of `timestamp|body` with the account's public key, five minutes either way."""
    from cryptography.exceptions import InvalidSignature  # it costs a cold start, and only this agent needs it

    keys = [_public_key(secret) for secret in secrets]
    stamp = wire.header(request, "telnyx-timestamp") or ""
    signature = _decoded(wire.header(request, "telnyx-signature-ed25519") or "")
    if re.fullmatch(r"[0-9]{1,12}", stamp) is None or abs(now - int(stamp)) > _WINDOW_SECONDS:
        return False
    if len(signature) != _SIGNATURE_BYTES:
        return False
    for key in keys:
        try:
            key.verify(signature, stamp.encode() + b"|" + request.body)
        except InvalidSignature:
            continue
        return True
    return False


def _public_key(secret: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        return Ed25519PublicKey.from_public_bytes(_decoded(secret.strip()))
    except ValueError as error:
        raise ConfigError("auth.signature: Telnyx's public key is 32 bytes in base64") from error


def _decoded(text: str) -> bytes:
    """Its bytes; nothing for what is not base64 in its one canonical spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


_HEADERS = ("x-telnyx-call-control-id", "x-call-id")

DIALECTS: dict[str, Dialect] = {
    "args_only": Flat(
        "telnyx",
        deadline_seconds=5.0,
        own=_signed,
        call_id_headers=_HEADERS,
        attestation_header="x-caller-attestation",
    )
}
