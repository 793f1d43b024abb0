"""The proofs of voice platforms; the modules of `slotline.platforms` name the sources."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from slotline.domain.business import Auth
from slotline.domain.calls import HttpRequest
from slotline.platforms.mcp import Mcp
from slotline.platforms.table import by_name
from tests.unit.verifiers import (
    HOST,
    QUERY,
    URL,
    Headers,
    Same,
    Verifier,
    at_the_same_address,
    ed25519,
    exactly,
    hexed,
    in_base64,
    one_of_a_list,
    refused,
    same_credential,
    told,
    word,
)


@functools.lru_cache(maxsize=4)
def raw_public_key(seed: bytes) -> str:
    return in_base64(ed25519(seed).public_key().public_bytes_raw())


def of_platform(
    name: str,
    auth: Auth,
    headers: Callable[[bytes, float, bytes], Headers],
    *proves: str,
    same: Same,
    secret: Callable[[bytes], str] = word,
    signs_body: bool = True,
    signs_address: bool = False,
    window: tuple[float, float | None] | None = None,
) -> Verifier:
    def accepts(request: HttpRequest, seed: bytes, now: float) -> bool:
        dialect = Mcp((), public_url=None) if name == "mcp" else by_name(name)
        return not refused(lambda: dialect.proved(request, auth, [secret(seed)], now))

    return Verifier(headers, accepts, proves, same, signs_body=signs_body, signs_address=signs_address, window=window)


def bearer(name: str) -> Verifier:
    def headers(_body: bytes, _at: float, seed: bytes) -> Headers:
        return {"authorization": f"Bearer {word(seed)}"}

    return of_platform(name, Auth("bearer"), headers, "authorization", same=same_credential, signs_body=False)


def basic(name: str) -> Verifier:
    def headers(_body: bytes, _at: float, seed: bytes) -> Headers:
        return {"authorization": "Basic " + in_base64(f"desk:{word(seed)}".encode())}

    def secret(seed: bytes) -> str:
        return f"desk:{word(seed)}"

    return of_platform(
        name, Auth("basic"), headers, "authorization", same=same_credential, secret=secret, signs_body=False
    )


def header(name: str, header_name: str) -> Verifier:
    def headers(_body: bytes, _at: float, seed: bytes) -> Headers:
        return {header_name.lower(): word(seed)}

    auth, proves = Auth("header", {"header": header_name}), header_name.lower()
    return of_platform(name, auth, headers, proves, same=exactly(proves, body=False), signs_body=False)


def configured_hmac(
    name: str,
    options: Mapping[str, str],
    payload: Callable[[bytes, str], bytes],
    *,
    stamp: Callable[[float], str] | None = lambda at: str(int(at)),
    names: tuple[str, str] = ("x-signature", "x-timestamp"),
    address: bool = False,
) -> Verifier:
    """Vapi's custom credentials, which `auth: {hmac: …}` offers to every platform; by default in seconds."""
    algorithm, prefix = options.get("algorithm", "sha256"), options.get("prefix", "")

    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        time = stamp(at) if stamp else ""
        digest = hmac.digest(word(seed).encode(), payload(body, time), algorithm)
        signature = in_base64(digest) if options.get("encoding") == "base64" else digest.hex()
        stamped = {names[1]: time} if stamp else {}
        return {"host": HOST, names[0]: prefix + signature} | stamped

    proves = names if stamp else names[:1]
    exact = exactly(*proves)

    def same(one: HttpRequest, other: HttpRequest) -> bool:
        return exact(one, other) and (not address or (one.path, one.headers["host"]) == (other.path, HOST))

    window = (300.0, 300.0) if stamp else None
    return of_platform(name, Auth("hmac", options), headers, *proves, same=same, window=window, signs_address=address)


def retell() -> Verifier:
    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        stamp = str(round(at * 1000))
        return {"x-retell-signature": f"v={stamp},d={hexed(body + stamp.encode(), seed)}"}

    name = "x-retell-signature"
    return of_platform("retell", Auth("signature"), headers, name, same=exactly(name), window=(300.0, 300.0))


def elevenlabs() -> Verifier:
    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        return {"elevenlabs-signature": f"t={int(at)},v0={hexed(b'%d.' % int(at) + body, seed)}"}

    name = "elevenlabs-signature"
    return of_platform("elevenlabs", Auth("signature"), headers, name, same=exactly(name), window=(1801.0, 301.0))


def bland() -> Verifier:
    def headers(body: bytes, _at: float, seed: bytes) -> Headers:
        return {"x-webhook-signature": hexed(body, seed)}

    name = "x-webhook-signature"
    return of_platform("bland", Auth("signature"), headers, name, same=exactly(name))


def ultravox() -> Verifier:
    name, stamp_name = "x-ultravox-webhook-signature", "x-ultravox-webhook-timestamp"

    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        stamp = datetime.fromtimestamp(at, UTC).isoformat()
        return {stamp_name: stamp, name: hexed(body + stamp.encode(), seed)}

    return of_platform(
        "ultravox", Auth("signature"), headers, name, stamp_name,
        same=one_of_a_list(name, ",", stamp_name), window=(60.0, 60.0),
    )  # fmt: skip


def openai() -> Verifier:
    name, number, stamp_name = "webhook-signature", "webhook-id", "webhook-timestamp"

    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        payload = b"wh_1.%d." % int(at) + body
        return {
            number: "wh_1", stamp_name: str(int(at)), name: "v1," + in_base64(hmac.digest(seed, payload, "sha256")),
        }  # fmt: skip

    def secret(seed: bytes) -> str:
        return "whsec_" + in_base64(seed)

    return of_platform(
        "openai", Auth("signature"), headers, name, number, stamp_name,
        same=one_of_a_list(name, " ", number, stamp_name), secret=secret, window=(301.0, 301.0),
    )  # fmt: skip


def telnyx() -> Verifier:
    name, stamp_name = "telnyx-signature-ed25519", "telnyx-timestamp"

    def headers(body: bytes, at: float, seed: bytes) -> Headers:
        stamp = str(int(at))
        return {stamp_name: stamp, name: in_base64(ed25519(seed).sign(stamp.encode() + b"|" + body))}

    return of_platform(
        "telnyx", Auth("signature"), headers, name, stamp_name,
        same=exactly(name, stamp_name), secret=raw_public_key, window=(301.0, 301.0),
    )  # fmt: skip


def signalwire(name: str, algorithm: str) -> Verifier:
    def headers(body: bytes, _at: float, seed: bytes) -> Headers:
        return {"host": HOST, name: hexed(f"{URL}?{QUERY}".encode() + body, seed, algorithm)}

    exact = exactly(name)

    def same(one: HttpRequest, other: HttpRequest) -> bool:
        return exact(one, other) and at_the_same_address(one, other)

    return of_platform("signalwire", Auth("signature"), headers, name, same=same, signs_address=True)


def _dotted(body: bytes, stamp: str) -> bytes:
    return stamp.encode() + b"." + body


_OWN_NAMES = {
    "algorithm": "sha512", "encoding": "base64", "prefix": "v1,", "signature_header": "X-Desk-Signature",
    "timestamp_header": "X-Desk-Time", "payload_format": "{method}:{timestamp}:{body}",
}  # fmt: skip

VERIFIERS: Mapping[str, Verifier] = {
    "vapi, bearer": bearer("vapi"),
    "vapi, secret": header("vapi", "X-Vapi-Secret"),
    "vapi, HMAC": configured_hmac("vapi", {}, _dotted),
    "vapi, HMAC in milliseconds": configured_hmac("vapi", {}, _dotted, stamp=lambda at: str(round(at * 1000))),
    "vapi, HMAC with ISO time": configured_hmac("vapi", {}, _dotted, stamp=told),
    "vapi, HMAC of the body": configured_hmac(
        "vapi", {"include_timestamp": "false", "algorithm": "sha1", "prefix": "sha1="}, lambda b, _t: b, stamp=None
    ),
    "vapi, HMAC in base64": configured_hmac(
        "vapi", _OWN_NAMES, lambda b, t: b"POST:" + _dotted(b, t).replace(b".", b":", 1),
        names=("x-desk-signature", "x-desk-time"),
    ),
    "retell": retell(),
    "telnyx": telnyx(),
    "signalwire, basic": basic("signalwire"),
    "signalwire, SHA-1": signalwire("x-signalwire-signature", "sha1"),
    "signalwire, SHA-256": signalwire("x-signalwire-sha256-signature", "sha256"),
    "generic, bearer": bearer("generic"),
    "generic, HMAC of time, method, address and body": configured_hmac(
        "generic", {"payload_format": "{timestamp}.{method}.{url}.{body}"},
        lambda b, t: f"{t}.POST.{URL}.".encode() + b, address=True,
    ),
    "elevenlabs, bearer": bearer("elevenlabs"),
    "elevenlabs, signature": elevenlabs(),
    "bland, bearer": bearer("bland"),
    "bland, signature": bland(),
    "synthflow, bearer": bearer("synthflow"),
    "synthflow, header": header("synthflow", "X-Api-Key"),
    "ultravox, bearer": bearer("ultravox"),
    "ultravox, header": header("ultravox", "X-Api-Key"),
    "ultravox, signature": ultravox(),
    "openai, bearer": bearer("openai"),
    "openai, signature": openai(),
    "mcp, bearer": bearer("mcp"),
}  # fmt: skip
