"""Webhooks of a HighLevel marketplace app: https://marketplace.gohighlevel.com/docs (Webhook Integration Guide).

Every webhook is signed with HighLevel's own key, the same for everybody: Ed25519 in `x-ghl-signature`, and RSA in
`x-wh-signature` from before. There is no subscription API, the app's settings name the URL and the events; an account
that uses a private integration token gets no webhooks at all. HighLevel repeats a delivery on a 429 only, for about 70
minutes, and whether a repeat keeps its time stamp is not documented: hence the wide window, beside `webhookId`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slotline.adapters.calendars.gohighlevel.replies import member, tag_of, text
from slotline.domain.calls import HttpResponse
from slotline.domain.errors import AccessError, ConfigError
from slotline.domain.hints import Hint, Received

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from slotline.domain.calls import HttpRequest

ED25519_KEY = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg="
RSA_KEY = (
    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSCFrm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCp"
    "Vpt4XHIcBOK4u3cLSqJGOLaPuXw6dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfBcsedpinh"
    "eNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpvuxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3Od"
    "eCVx5klVXXZQGNHOs8gF3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKUJ062fRtN+rLYZUV+"
    "BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXpIocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVN"
    "A5rw576PwTzNh/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhCHULgCsnuDJHcrGNd5/Ddm5hx"
    "GQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJPQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IG"
    "KAykT1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ=="
)
"""The published keys (SubjectPublicKeyInfo in base64), used where the configuration names none."""

SIGNATURE, LEGACY_SIGNATURE = "x-ghl-signature", "x-wh-signature"
OLDEST_SECONDS, NEWEST_SECONDS = 90 * 60, 5 * 60
LARGEST_BODY = 512 * 1024
LONGEST_ID = 128
APPOINTMENTS = frozenset({"AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"})
TAKEN_NOTE = HttpResponse(200, "", {})


class GohighlevelWebhooks:
    """See `slotline.ports.HintReader`. The secrets are public keys here (PEM, or its base64); none: the published.

    One app has one URL for all its accounts: with a `location_id`, those of other locations give no hints.
    """

    def __init__(self, *, location_id: str | None = None) -> None:
        self._location_id = location_id

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        if len(request.body) > LARGEST_BODY:
            raise AccessError(413, "too_large", f"the body is larger than {LARGEST_BODY} bytes")
        signature = _proved(request, tuple(secrets) or (ED25519_KEY, RSA_KEY))
        body = _read(request.body)
        _check_age(member(body, "timestamp"), now=now)
        location = member(body, "locationId") or member(body, "data", "locationId")
        if self._location_id is not None and location != self._location_id:
            return Received(response=TAKEN_NOTE)
        number = text(member(body, "webhookId"))
        if number is None or len(number) > LONGEST_ID:
            number = hashlib.sha256(signature.encode() + b"\n" + request.body).hexdigest()
        return Received(tuple(_hints(body, number)), TAKEN_NOTE)


def _proved(request: HttpRequest, keys: Sequence[str]) -> str:
    """The signature that holds. A newer one that fails is never made up for by an older one."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    header = SIGNATURE if SIGNATURE in request.headers else LEGACY_SIGNATURE
    given = request.headers.get(header, "")
    signature = _decoded(given)
    for key in _loaded(keys):
        try:
            if header == SIGNATURE and isinstance(key, Ed25519PublicKey):
                key.verify(signature, request.body)
                return given
            if header == LEGACY_SIGNATURE and isinstance(key, RSAPublicKey):
                key.verify(signature, request.body, PKCS1v15(), SHA256())
                return given
        except InvalidSignature:
            continue
    raise AccessError(401, "unauthorized", "the signature is missing or wrong")


def _decoded(signature: str) -> bytes:
    """Its bytes; nothing for what is not base64 in its one canonical spelling."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == signature else b""


def _loaded(keys: Sequence[str]) -> Iterator[PublicKeyTypes]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    for key in keys:
        lines = (line.strip() for line in key.strip().splitlines())
        try:
            der = base64.b64decode("".join(line for line in lines if not line.startswith("-----")), validate=True)
            yield load_der_public_key(der)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ConfigError("webhook keys: must be Ed25519 or RSA public keys, in PEM or its base64") from error


def _read(raw: bytes) -> dict[str, object]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise AccessError(400, "bad_json", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise AccessError(400, "bad_body", "the body is not an object")
    return body


def _check_age(stamp: object, *, now: float) -> None:
    """Refuse what is too old. The time is part of what is signed; not every event is documented to bear one."""
    if stamp is None:
        return
    try:
        moment = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise AccessError(400, "bad_timestamp", "the time stamp cannot be read")
    age = now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not -NEWEST_SECONDS <= age <= OLDEST_SECONDS:
        raise AccessError(401, "replayed", "the time stamp is out of the window")


def _hints(body: dict[str, object], number: str) -> Iterator[Hint]:
    # The guides show the appointment beside the type; newer envelopes have been seen to put it under "data".
    kind, data = body.get("type"), body.get("data")
    appointment = body.get("appointment") or member(data, "appointment") or data
    if kind in APPOINTMENTS:
        yield Hint(number, event=text(member(appointment, "id")), tag=tag_of(appointment))
    elif kind == "UNINSTALL":
        yield Hint(number, resubscribe=True)  # nothing will come any more
