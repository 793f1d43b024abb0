"""Who is asking: every proof is taken from the raw request, before anything in it is parsed.

Secrets and signatures are compared through their SHA-256 digests, so that time tells nothing about content or length.
Signatures are compared as text, in the one spelling the recipe produces: another spelling of the same bytes, and two
headers that a gateway joined with a comma, are refused. One message for every failure tells an attacker nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms import wire

if TYPE_CHECKING:
    from slotline.domain.business import Auth

Scheme = Callable[[HttpRequest, Sequence[str], float], bool]

_WINDOW_SECONDS = 300.0
_ALGORITHMS = ("sha256", "sha512", "sha1")
_DEFAULT_FORMAT = "{timestamp}.{body}"
_MILLISECONDS_FROM = 1e11  # as seconds that is the year 5138, as milliseconds 1973
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def prove(request: HttpRequest, auth: Auth, *, secrets: Sequence[str], now: float, own: Scheme | None = None) -> None:
    """Pass, or raise AccessError(401); `now` in epoch seconds, `own` is the platform's scheme for kind `signature`."""
    live = [secret for secret in secrets if secret]
    if not live:
        raise ConfigError("auth: the agent has no secret; run `slotline apply` with it set")
    match auth.kind:
        case "bearer":
            proved = any_equal(_credential(request, "bearer"), live)
        case "basic":
            expected = [base64.b64encode(_bytes(secret)).decode() for secret in live]
            proved = any_equal(_credential(request, "basic"), expected)
        case "header":
            proved = any_equal(wire.header(request, _option(auth.options, "header")), live)
        case "hmac":
            proved = _hmac_proved(request, auth.options, live, now)
        case "signature" if own is not None:
            proved = own(request, live, now)
        case "signature":
            raise ConfigError("auth.signature: this platform has no scheme of its own; use bearer or hmac")
        case unknown:
            raise ConfigError(f"auth: unknown kind {unknown!r}; use bearer, header, basic, hmac or signature")
    if not proved:
        raise AccessError(401, "unauthorized", "the credential is missing or wrong")


def any_equal(given: str | None, expected: Iterable[str]) -> bool:
    """Whether the text is one of the expected ones, looking at all of them whatever the first ones say."""
    digest = _digest(given or "")
    matches = [hmac.compare_digest(digest, _digest(one)) for one in expected]
    return bool(given) and any(matches)


def _digest(text: str) -> bytes:
    return hashlib.sha256(_bytes(text)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _credential(request: HttpRequest, scheme: str) -> str | None:
    """Take what follows the scheme in the Authorization header; the scheme's case does not matter (RFC 9110, 11.1)."""
    sent, _, credential = (wire.header(request, "authorization") or "").partition(" ")
    return credential.strip(" ") if sent.lower() == scheme else None


def _hmac_proved(request: HttpRequest, options: Mapping[str, str], secrets: Sequence[str], now: float) -> bool:
    """Check a configurable HMAC with the options of Vapi's custom credentials.

    https://docs.vapi.ai/server-url/server-authentication: the recipe, without a replay window; ours is five minutes.
    """
    algorithm = _one_of(options, "algorithm", _ALGORITHMS)
    encode = _base64 if _one_of(options, "encoding", ("hex", "base64")) == "base64" else bytes.hex
    timestamp = None
    if _flag(options, "include_timestamp", default=True):
        timestamp = wire.header(request, options.get("timestamp_header") or "x-timestamp") or ""
    payloads = dict.fromkeys(_payload(request, options, timestamp, url=url) for url in public_urls(request))
    keys = [_key(secret, options) for secret in secrets]
    prefix = options.get("prefix", "")
    expected = [prefix + encode(hmac.digest(key, payload, algorithm)) for key in keys for payload in payloads]
    signed = any_equal(wire.header(request, options.get("signature_header") or "x-signature"), expected)
    return signed and (timestamp is None or _recent(timestamp, now))


def _payload(request: HttpRequest, options: Mapping[str, str], timestamp: str | None, *, url: str) -> bytes:
    """Join the signed bytes. A format that leaves the body or a checked timestamp unsigned is a ConfigError."""
    form = options.get("payload_format") or _DEFAULT_FORMAT
    if timestamp is None and form == _DEFAULT_FORMAT:
        form = "{body}"  # nobody chose the default: without a timestamp it cannot be meant
    values = {"{body}": request.body, "{method}": _bytes(request.method), "{url}": _bytes(url)}
    needed = {"{body}"}
    if timestamp is not None:
        values["{timestamp}"] = _bytes(timestamp)
        needed.add("{timestamp}")
    pieces = re.split(r"(\{[^{}]*\})", form)
    placeholders = set(pieces[1::2])
    if not needed <= placeholders <= values.keys():
        raise ConfigError(
            f"auth.hmac.payload_format: must hold {' and '.join(sorted(needed))}; "
            f"it may hold {', '.join(sorted(values))}; {{timestamp}} goes with include_timestamp"
        )
    return b"".join(values.get(piece, _bytes(piece)) for piece in pieces)


def public_urls(request: HttpRequest) -> tuple[str, ...]:
    """The URLs without a query that the sender may have called: at the configured address, and at the one it named.

    API Gateway answers only to its own host names, so Host can be relied on. Behind a distribution of the owner's it
    does not say what the sender called.
    """
    named = f"{wire.header(request, 'x-forwarded-proto') or 'https'}://{wire.header(request, 'host') or ''}"
    bases = (base.rstrip("/") for base in (request.public_url, named) if base)
    return tuple(dict.fromkeys(base + request.path for base in bases))


def _recent(timestamp: str, now: float) -> bool:
    """Allow five minutes either way; seconds, milliseconds and ISO 8601 all occur, for Vapi names no unit."""
    if re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,9})?", timestamp):
        moment = float(timestamp)
        return abs(now - (moment / 1000 if moment > _MILLISECONDS_FROM else moment)) <= _WINDOW_SECONDS
    try:
        stated = datetime.fromisoformat(timestamp)
        moment = ((stated if stated.tzinfo else stated.replace(tzinfo=UTC)) - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return False
    return abs(now - moment) <= _WINDOW_SECONDS


def _key(secret: str, options: Mapping[str, str]) -> bytes:
    if not _flag(options, "secret_is_base64", default=False):
        return _bytes(secret)
    try:
        return base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ConfigError("auth.hmac.secret: secret_is_base64 is set, but the secret is not base64") from exc


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _option(options: Mapping[str, str], name: str) -> str:
    if value := options.get(name):
        return value
    raise ConfigError(f"auth.{name}: missing")


def _one_of(options: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """Read the option in lower case; its default is the first of the allowed words."""
    value = (options.get(name) or allowed[0]).lower()
    if value not in allowed:
        raise ConfigError(f"auth.hmac.{name}: must be one of {', '.join(allowed)}")
    return value


def _flag(options: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = (options.get(name) or str(default)).lower()
    if value not in ("true", "false"):
        raise ConfigError(f"auth.hmac.{name}: must be true or false")
    return value == "true"
