"""The proofs of calendars and of text messages; the modules of their adapters name the sources."""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from slotline.adapters.calendars.calcom.webhooks import CalcomWebhooks
from slotline.adapters.calendars.calendly.webhooks import CalendlyWebhooks
from slotline.adapters.calendars.gohighlevel.webhooks import GohighlevelWebhooks
from slotline.adapters.calendars.google.webhooks import GoogleHints
from slotline.adapters.calendars.microsoft.webhooks import MicrosoftHints
from slotline.adapters.sms.twilio_signature import TwilioSignature
from slotline.domain.calls import HttpRequest
from slotline.ports import HintReader
from tests.unit.verifiers import (
    HOST,
    PATH,
    QUERY,
    Headers,
    Same,
    Verifier,
    ed25519,
    exactly,
    hexed,
    in_base64,
    refused,
    told,
    word,
)


def same_of_calendly(one: HttpRequest, other: HttpRequest) -> bool:
    name = "calendly-webhook-signature"
    parts = [[part.strip().partition("=") for part in r.headers.get(name, "").split(",")] for r in (one, other)]
    (my_times, their_times) = ([value for key, _, value in found if key == "t"] for found in parts)
    (mine, theirs) = ([value for key, _, value in found if key == "v1"] for found in parts)
    return my_times == their_times and theirs[0] in mine and one.body == other.body


def same_of_twilio(one: HttpRequest, other: HttpRequest) -> bool:
    """A pair's name and value, and the sorted pairs, are signed without a border between them: Twilio's recipe."""

    def signed(request: HttpRequest) -> object:
        settings = request.headers.get("x-twilio-webhooks-signature-settings", "algorithm=HMAC_SHA1")
        pairs = [[word.strip() for word in part.split("=")] for part in settings.split(",")]
        algorithm = [pair for pair in pairs if pair[0] == "algorithm"]
        try:
            form = parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict")
        except ValueError:
            return request.body
        return algorithm, "".join(name + value for name, value in sorted(set(form)))

    address = (one.path, one.raw_query) == (other.path, other.raw_query)
    return address and exactly("x-twilio-signature", body=False)(one, other) and signed(one) == signed(other)


def same_of_microsoft(one: HttpRequest, other: HttpRequest) -> bool:
    try:
        (theirs,) = json.loads(other.body)["value"]
        return any(item.get("clientState") == theirs["clientState"] for item in json.loads(one.body)["value"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


@functools.cache
def rsa(number: int) -> RSAPrivateKey:
    del number  # another number, another key
    return generate_private_key(public_exponent=65537, key_size=2048)


@functools.lru_cache(maxsize=4)
def public_key(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    return in_base64(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def of_calendar(
    reader: HintReader,
    headers: Callable[[bytes, float, bytes], Headers],
    name: str,
    *,
    same: Same,
    body: Callable[[str, float], bytes],
    secret: Callable[[bytes], str] = word,
    key: Callable[[bytes], object] = bytes,
    signs_body: bool = True,
    window: tuple[float, float | None] | None = None,
) -> Verifier:
    def accepts(request: HttpRequest, seed: bytes, now: float) -> bool:
        return not refused(lambda: reader.receive(request, secrets=[secret(seed)], now=now))

    return Verifier(headers, accepts, (name,), same, body, signs_body=signs_body, window=window, key=key)


def calcom() -> Verifier:
    name = "x-cal-signature-256"

    def body(word: str, at: float) -> bytes:
        return json.dumps({"triggerEvent": "BOOKING_CREATED", "createdAt": told(at), "payload": {"uid": word}}).encode()

    return of_calendar(
        CalcomWebhooks(), lambda b, _at, seed: {name: hexed(b, seed)}, name,
        same=exactly(name), body=body, window=(86_401.0, None),
    )  # fmt: skip


def calendly() -> Verifier:
    name = "calendly-webhook-signature"

    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        return {name: f"t={int(at)},v1={hexed(b'%d.' % int(at) + body, seed)}"}

    def body(word: str, _at: float) -> bytes:
        return json.dumps({"event": "invitee.created", "payload": {"uri": f"https://x.example/{word}"}}).encode()

    return of_calendar(CalendlyWebhooks(), headers, name, same=same_of_calendly, body=body, window=(181.0, 181.0))


def gohighlevel(name: str) -> Verifier:
    newer = name == "x-ghl-signature"

    def headers(body: bytes, _at: float, seed: bytes) -> Headers:
        made = ed25519(seed).sign(body) if newer else rsa(seed[0] % 2).sign(body, PKCS1v15(), SHA256())
        return {name: in_base64(made)}

    def secret(seed: bytes) -> str:
        return public_key(ed25519(seed) if newer else rsa(seed[0] % 2))

    def body(word: str, at: float) -> bytes:
        event = {"type": "AppointmentCreate", "timestamp": told(at), "webhookId": word, "appointment": {"id": word}}
        return json.dumps(event).encode()

    return of_calendar(
        GohighlevelWebhooks(), headers, name,
        same=exactly("x-ghl-signature", "x-wh-signature"), body=body, window=(5401.0, 301.0), secret=secret, key=secret,
    )  # fmt: skip


def google() -> Verifier:
    name = "x-goog-channel-token"

    def headers(_body: bytes, _at: float, seed: bytes) -> Headers:
        told = {"x-goog-channel-id": "c-1", "x-goog-message-number": "10", "x-goog-resource-state": "exists"}
        return told | {name: word(seed)}

    return of_calendar(
        GoogleHints(), headers, name, same=exactly(name, body=False), body=lambda _w, _at: b"", signs_body=False
    )


def microsoft() -> Verifier:
    """The proof stands in the body: for the forgeries it is what a header is elsewhere."""

    def headers(body: bytes, _at: float, seed: bytes) -> Headers:
        return {"client-state": word(seed)}

    def accepts(request: HttpRequest, seed: bytes, now: float) -> bool:
        sent = HttpRequest("POST", PATH, {}, _notification(request))
        return not refused(lambda: MicrosoftHints().receive(sent, secrets=[word(seed)], now=now))

    def same(one: HttpRequest, other: HttpRequest) -> bool:
        bodies = (HttpRequest("POST", PATH, {}, _notification(request)) for request in (one, other))
        return same_of_microsoft(*bodies)

    return Verifier(headers, accepts, ("client-state",), same, signs_body=False)


def _notification(request: HttpRequest) -> bytes:
    item: dict[str, object] = {"id": "n-1", "changeType": "updated", "resource": "Users/u/Events/e1"}
    if "client-state" in request.headers:
        item["clientState"] = request.headers["client-state"]
    return json.dumps({"value": [item]}).encode()


def twilio(algorithm: str) -> Verifier:
    name, settings = "x-twilio-signature", {"sha1": {}, "sha256": {
        "x-twilio-webhooks-signature-settings": "key=SK1,algorithm=HMAC_SHA256",
    }}[algorithm]  # fmt: skip

    def headers(body: bytes, _at: float, seed: bytes) -> Headers:
        form = "".join(key + value for key, value in sorted(set(parse_qsl(body.decode(), keep_blank_values=True))))
        digest = hmac.digest(word(seed).encode(), f"https://{HOST}{PATH}?{QUERY}{form}".encode(), algorithm)
        return {name: in_base64(digest)} | settings

    def body(word: str, _at: float) -> bytes:
        form = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+14155550100", "Body": word}
        return urlencode(form).encode()

    def accepts(request: HttpRequest, seed: bytes, _now: float) -> bool:
        proof = TwilioSignature(
            public_url=f"https://{HOST}", keys=lambda asked: [word(seed)] if asked == algorithm else ["of another kind"]
        )
        return not refused(lambda: proof.proved(request))

    return Verifier(headers, accepts, (name, *settings), same_of_twilio, body, signs_address=True)


VERIFIERS: Mapping[str, Verifier] = {
    "calcom": calcom(),
    "calendly": calendly(),
    "gohighlevel": gohighlevel("x-ghl-signature"),
    "gohighlevel, RSA": gohighlevel("x-wh-signature"),
    "google": google(),
    "microsoft": microsoft(),
    "twilio": twilio("sha1"),
    "twilio, shared key": twilio("sha256"),
}  # fmt: skip
