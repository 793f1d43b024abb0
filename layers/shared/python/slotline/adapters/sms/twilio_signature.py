"""Twilio's signature on its webhooks: proved over the raw request, before anything in it is believed.

The recipe: https://www.twilio.com/docs/usage/webhooks/webhooks-security; the newer keys that are not the account's
token: https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys. What was proved is read by the same parser that
proved it, so that no field can reach us that was not signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from slotline.domain.errors import AccessError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from slotline.domain.calls import HttpRequest

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
BODY_DIGEST = "bodySHA256"

MOST_FIELDS = 200  # Twilio sends some thirty

_ALGORITHMS: Mapping[str, str] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_SETTING = re.compile(r"\s*(key|algorithm)\s*=\s*([A-Za-z0-9_.:-]{1,128})\s*")
_DEFAULT_PORTS: Mapping[str, int] = {"https": 443, "http": 80}

Form = list[tuple[str, str]]


class TwilioSignature:
    """The proof of one business's webhooks.

    `keys` gives the live secrets for "sha1" or "sha256" each time it is asked; `forget_keys` drops cached ones: after a
    refusal they are read once more, for they may just have been rotated.
    """

    def __init__(
        self,
        *,
        public_url: str | None,
        keys: Callable[[str], Sequence[str]],
        forget_keys: Callable[[], None] = lambda: None,
    ) -> None:
        self._public_url = public_url
        self._keys = keys
        self._forget_keys = forget_keys

    def proved(self, request: HttpRequest) -> Mapping[str, str]:
        """The fields of a signed form or JSON object; AccessError(403) for everything else."""
        if not self._public_url:
            raise ConfigError("SLOTLINE_PUBLIC_URL: not set, and Twilio signs the address it calls")
        algorithm = _algorithm(request.headers.get(SETTINGS))
        given = request.headers.get(SIGNATURE)
        try:
            digests = [value for name, value in _pairs(request.raw_query) if name == BODY_DIGEST]
            form = _form(request.body, digests)
        except ValueError as exc:
            raise _refusal() from exc
        if algorithm is None or form is None or not given:
            raise _refusal()
        payloads = [_payload(url, form) for url in _urls(self._public_url, request)]
        if not _signed(payloads, given, self._keys(algorithm), algorithm):
            self._forget_keys()
            if not _signed(payloads, given, self._keys(algorithm), algorithm):
                raise _refusal()
        return _fields(request.body) if digests else dict(form)


def sign(url: str, form: Form, *, key: str, algorithm: str = "sha1") -> str:
    """The signature of a form posted to the URL; of a JSON body, whose digest is in the URL, the form is empty."""
    return base64.b64encode(hmac.digest(key.encode(), _payload(url, form), algorithm)).decode()


def _payload(url: str, form: Form) -> bytes:
    """The URL, then every name and value without anything in between, sorted; a pair that repeats counts once."""
    return (url + "".join(name + value for name, value in sorted(set(form)))).encode("utf-8", "surrogatepass")


def _signed(payloads: Sequence[bytes], given: str, keys: Sequence[str], algorithm: str) -> bool:
    """Whether any key signed any spelling. All are computed, and digests compared: time tells nothing."""
    digest = _digest(given.encode("utf-8", "surrogatepass"))
    expected = [
        base64.b64encode(hmac.digest(key.encode(), payload, algorithm)) for key in keys if key for payload in payloads
    ]
    matches = [hmac.compare_digest(digest, _digest(one)) for one in expected]
    return any(matches)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


def _algorithm(settings: str | None) -> str | None:
    """The hash to use, None when the header names one we do not know, lacks one, or says anything twice."""
    if settings is None:
        return "sha1"
    found = [_SETTING.fullmatch(part) for part in settings.split(",")]
    pairs = [(match[1], match[2]) for match in found if match]
    values = dict(pairs)
    if len(pairs) != len(found) or len(values) != len(pairs):
        return None
    return _ALGORITHMS.get(values.get("algorithm", ""))


def _urls(public_url: str, request: HttpRequest) -> Iterator[str]:
    """What Twilio may have called: our public address with and without its scheme's own port.

    The address comes from configuration; the Host header is the caller's to choose.
    """
    base = urlsplit(public_url.rstrip("/"))
    query = f"?{request.raw_query}" if request.raw_query else ""
    rest = f"{base.path}{request.path}{query}"
    port = _DEFAULT_PORTS.get(base.scheme)
    host = base.netloc.removesuffix(f":{port}")
    yield f"{base.scheme}://{host}{rest}"
    if base.port in {None, port}:
        yield f"{base.scheme}://{host}:{port}{rest}"


def _form(body: bytes, digests: Sequence[str]) -> Form | None:
    """The pairs that go into the signature, None when the body is not the one whose digest was signed with the URL.

    ValueError for a form that is not one in UTF-8. Several digests would leave open which of them counts.
    """
    if not digests:
        return _pairs(body.decode())
    digest = hashlib.sha256(body).hexdigest()
    matches = hmac.compare_digest(digest.encode(), digests[0].encode())
    return [] if matches and len(digests) == 1 else None


def _pairs(text: str) -> Form:
    return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)


def _fields(body: bytes) -> Mapping[str, str]:
    """The texts in a proved JSON object."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise AccessError(400, "bad_json", "the body is not JSON") from exc
    if not isinstance(fields, dict):
        raise AccessError(400, "bad_body", "the body must be one JSON object")
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _refusal() -> AccessError:
    """One answer to everything tells an attacker nothing."""
    return AccessError(403, "forbidden", "the signature is missing or wrong")
