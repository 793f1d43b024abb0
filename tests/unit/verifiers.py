"""Requests that prove themselves, from both sides: how an honest sender signs, and who checks it.

`same` tells whether a changed request is the honest one in another spelling, or changed only where nothing is proved.
It follows the published recipe and nothing of ours.
"""

from __future__ import annotations

import base64
import functools
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError

HOST = "desk.example"
PATH = "/v1/bright-smile/front-desk/book_appointment"
URL = f"https://{HOST}{PATH}"
QUERY = "tenant=t1"

Headers = dict[str, str]
Same = Callable[[HttpRequest, HttpRequest], bool]


@dataclass(frozen=True, slots=True)
class Verifier:
    """`headers` are an honest sender's, for a body, a moment (epoch seconds) and a seed of 32 bytes for the key."""

    headers: Callable[[bytes, float, bytes], Headers]
    accepts: Callable[[HttpRequest, bytes, float], bool]  # raises nothing; seed of the key that we know, and now
    proves: tuple[str, ...]  # the headers on which the proof rests
    same: Same
    body: Callable[[str, float], bytes] = lambda word, _at: json.dumps({"name": word}, ensure_ascii=False).encode()
    signs_body: bool = True
    signs_address: bool = False
    window: tuple[float, float | None] | None = None  # how old and how early (seconds); None: any
    key: Callable[[bytes], object] = bytes

    def request(self, body: bytes, at: float, seed: bytes) -> HttpRequest:
        return HttpRequest("POST", PATH, self.headers(body, at, seed), body, raw_query=QUERY)


def refused(prove: Callable[[], object]) -> bool:
    """Whether the request is turned away; every other failure is one of the test."""
    try:
        prove()
    except AccessError as error:
        return error.status in {400, 401, 403}
    return False


# --- the same request ------------------------------------------------------------------------------------------------


def exactly(*names: str, body: bool = True) -> Same:
    def same(one: HttpRequest, other: HttpRequest) -> bool:
        headers = all(one.headers.get(name) == other.headers.get(name) for name in names)
        return headers and (not body or one.body == other.body)

    return same


def at_the_same_address(one: HttpRequest, other: HttpRequest) -> bool:
    places = [
        (r.path, r.raw_query, r.headers.get("host"), r.headers.get("x-forwarded-proto", "https")) for r in (one, other)
    ]
    return places[0] == places[1]


def same_credential(one: HttpRequest, other: HttpRequest) -> bool:
    """The name of the scheme has any case, and any number of spaces follow it (RFC 9110, 11.4)."""
    parts = [r.headers.get("authorization", "").partition(" ") for r in (one, other)]
    (mine, _, my_word), (theirs, _, their_word) = parts
    return mine.lower() == theirs.lower() and my_word.strip(" ") == their_word.strip(" ")


def one_of_a_list(name: str, separator: str, *others: str) -> Same:
    """Where several signatures may stand side by side, one good one is enough."""
    rest = exactly(*others)

    def same(one: HttpRequest, other: HttpRequest) -> bool:
        given = [part.strip(" ") for part in one.headers.get(name, "").split(separator)]
        return other.headers[name] in given and rest(one, other)

    return same


# --- keys ------------------------------------------------------------------------------------------------------------


def word(seed: bytes) -> str:
    """The key as a secret that people copy."""
    return base64.urlsafe_b64encode(seed).decode().rstrip("=")


def hexed(payload: bytes, seed: bytes, algorithm: str = "sha256") -> str:
    return hmac.digest(word(seed).encode(), payload, algorithm).hex()


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@functools.lru_cache(maxsize=4)
def ed25519(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def told(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
