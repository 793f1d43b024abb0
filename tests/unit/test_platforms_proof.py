"""Proof of identity: published and derived vectors verify, and single rules. `test_forgeries` has the mutations."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from slotline.domain.business import Auth
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError
from slotline.platforms.proof import any_equal
from slotline.platforms.table import by_name
from tests.fakes import A_MONDAY_NOON_UTC as NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VECTORS = json.loads((Path(__file__).parent / "data/voice/signatures.json").read_text())["vectors"]
BODY = '{"name":"Zoë Müller 李"}'.encode()
SECRET = "a-secret-of-thirty-two-characters"
URL = "https://desk.example/v1/bright-smile/front-desk/book_appointment"


def request(headers: Mapping[str, str], body: bytes = BODY, url: str = URL) -> HttpRequest:
    parts = urlsplit(url)
    return HttpRequest("POST", parts.path, headers, body, raw_query=parts.query)


def accepted(platform: str, auth: Auth, sent: HttpRequest, *secrets: str, now: float = NOW) -> bool:
    try:
        by_name(platform).proved(sent, auth, secrets, now)
    except AccessError as error:
        if (error.status, error.code) != (401, "unauthorized"):
            raise
        return False
    return True


# --- vectors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS)
def test_every_vector_verifies_in_its_window_and_nothing_else_does(vector: dict[str, object]) -> None:
    v = json.loads(json.dumps(vector))
    auth = Auth(**v["auth"])
    body, at = v["body"].encode(), v["accept_at"][0]
    url = v.get("url", URL)
    sent = request(v["headers"], body, url)

    def verify(sent: HttpRequest, secret: str = v["secret"], now: float = at) -> bool:
        return accepted(v["platform"], auth, sent, secret, now=now)

    assert [verify(sent, now=now) for now in v["accept_at"]] == [True] * len(v["accept_at"])
    assert [verify(sent, now=now) for now in v["reject_at"]] == [False] * len(v["reject_at"])
    assert [h for h in v.get("also_headers", []) if not verify(request(h, body, url))] == []
    assert [h for h in v["reject_headers"] if verify(request(h, body, url))] == []
    assert [b for b in v["reject_bodies"] if verify(request(v["headers"], b.encode(), url))] == []
    assert not verify(sent, secret=other_secret(v["platform"], v["secret"]))
    assert not verify(request({}, body))


def other_secret(platform: str, secret: str) -> str:
    """Another one of the same form."""
    if platform == "telnyx":
        return public_key(bytes(32))
    if platform == "openai":
        return "whsec_" + base64.b64encode(b"another key").decode()
    return secret + "x"


def public_key(seed: bytes) -> str:
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()


# --- every way -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proved:
    """A request that is accepted, and what its proof rests on."""

    platform: str
    auth: Auth
    headers: Mapping[str, str]
    header: str  # the one that proves
    scheme: str = ""  # what stands before the credential and may be spelled in any case
    secret: str = SECRET

    def accepts(self, sent: HttpRequest, *, secret: str | None = None, now: float = NOW) -> bool:
        return accepted(self.platform, self.auth, sent, secret or self.secret, now=now)


def signature(algorithm: str, payload: bytes, key: bytes = SECRET.encode()) -> bytes:
    return hmac.new(key, payload, algorithm).digest()


STAMP = str(int(NOW))
STAMP_MS = str(int(NOW * 1000))
ISO_STAMP = datetime.fromtimestamp(NOW, UTC).isoformat()
VERIFIERS = {
    "bearer": Proved("vapi", Auth("bearer"), {"authorization": f"Bearer {SECRET}"}, "authorization", "Bearer "),
    "header": Proved(
        "vapi",
        Auth("header", {"header": "X-Vapi-Secret"}),
        {"x-vapi-secret": SECRET},
        "x-vapi-secret",
    ),
    "basic": Proved(
        "generic",
        Auth("basic"),
        {"authorization": "Basic " + base64.b64encode("desk:paßwort".encode()).decode()},
        "authorization",
        "Basic ",
        "desk:paßwort",
    ),
    "hmac, defaults": Proved(
        "vapi",
        Auth("hmac"),
        {"x-timestamp": STAMP, "x-signature": signature("sha256", STAMP.encode() + b"." + BODY).hex()},
        "x-signature",
    ),
    "hmac, base64 of sha512 with own names": Proved(
        "generic",
        Auth(
            "hmac",
            {
                "algorithm": "sha512",
                "encoding": "base64",
                "prefix": "v1,",
                "signature_header": "X-Desk-Signature",
                "timestamp_header": "X-Desk-Time",
                "payload_format": "{method}:{timestamp}:{body}",
            },
        ),
        {
            "x-desk-time": STAMP_MS,
            "x-desk-signature": "v1,"
            + base64.b64encode(signature("sha512", b"POST:" + STAMP_MS.encode() + b":" + BODY)).decode(),
        },
        "x-desk-signature",
    ),
    "hmac, body only": Proved(
        "vapi",
        Auth("hmac", {"include_timestamp": "false", "algorithm": "sha1", "prefix": "sha1="}),
        {"x-signature": "sha1=" + signature("sha1", BODY).hex()},
        "x-signature",
    ),
    "retell": Proved(
        "retell",
        Auth("signature"),
        {"x-retell-signature": f"v={STAMP_MS},d={signature('sha256', BODY + STAMP_MS.encode()).hex()}"},
        "x-retell-signature",
    ),
    "elevenlabs": Proved(
        "elevenlabs",
        Auth("signature"),
        {"elevenlabs-signature": f"t={STAMP},v0={signature('sha256', STAMP.encode() + b'.' + BODY).hex()}"},
        "elevenlabs-signature",
    ),
    "bland": Proved(
        "bland",
        Auth("signature"),
        {"x-webhook-signature": signature("sha256", BODY).hex()},
        "x-webhook-signature",
    ),
    "ultravox": Proved(
        "ultravox",
        Auth("signature"),
        {
            "x-ultravox-webhook-timestamp": ISO_STAMP,
            "x-ultravox-webhook-signature": signature("sha256", BODY + ISO_STAMP.encode()).hex(),
        },
        "x-ultravox-webhook-signature",
    ),
    "telnyx": Proved(
        "telnyx",
        Auth("signature"),
        {
            "telnyx-timestamp": STAMP,
            "telnyx-signature-ed25519": base64.b64encode(
                Ed25519PrivateKey.from_private_bytes(SECRET[:32].encode()).sign(STAMP.encode() + b"|" + BODY)
            ).decode(),
        },
        "telnyx-signature-ed25519",
        secret=public_key(SECRET[:32].encode()),
    ),
    "openai": Proved(
        "openai",
        Auth("signature"),
        {
            "webhook-id": "wh_1",
            "webhook-timestamp": STAMP,
            "webhook-signature": "v1,"
            + base64.b64encode(signature("sha256", b"wh_1." + STAMP.encode() + b"." + BODY)).decode(),
        },
        "webhook-signature",
        secret="whsec_" + base64.b64encode(SECRET.encode()).decode(),
    ),
    "signalwire": Proved(
        "signalwire",
        Auth("signature"),
        {"host": "desk.example", "x-signalwire-signature": signature("sha1", URL.encode() + BODY).hex()},
        "x-signalwire-signature",
    ),
    "signalwire, SHA-256": Proved(
        "signalwire",
        Auth("signature"),
        {"host": "desk.example", "x-signalwire-sha256-signature": signature("sha256", URL.encode() + BODY).hex()},
        "x-signalwire-sha256-signature",
    ),
}


@pytest.mark.parametrize("name", VERIFIERS)
def test_a_missing_header_an_empty_one_and_an_empty_secret_prove_nothing(name: str) -> None:
    proved = VERIFIERS[name]

    assert not proved.accepts(request({}))
    assert not proved.accepts(request({**proved.headers, proved.header: ""}))
    with pytest.raises(ConfigError):
        accepted(proved.platform, proved.auth, request({**proved.headers, proved.header: proved.scheme}), "")


@pytest.mark.parametrize("name", VERIFIERS)
def test_two_secrets_live_side_by_side_during_a_rotation(name: str) -> None:
    proved = VERIFIERS[name]
    good = request(proved.headers)

    following, last = (other_secret(proved.platform, word) for word in ("the-next-one", "the-last-one"))

    assert accepted(proved.platform, proved.auth, good, following, proved.secret)
    assert accepted(proved.platform, proved.auth, good, proved.secret, last)
    assert not accepted(proved.platform, proved.auth, good, following, last)


def test_nothing_given_equals_nothing_expected() -> None:
    assert not any_equal(None, [""])
    assert not any_equal("", [""])
    assert not any_equal("x", [])


# --- single rules ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_of_a_bearer_token_has_any_case(scheme: str) -> None:
    assert accepted("retell", Auth("bearer"), request({"authorization": f"{scheme} {SECRET}"}), SECRET)
    assert not accepted("retell", Auth("bearer"), request({"authorization": f"Basic {SECRET}"}), SECRET)
    assert not accepted("retell", Auth("bearer"), request({"authorization": SECRET}), SECRET)


def test_another_base64_spelling_of_the_right_signature_is_refused() -> None:
    auth = Auth("hmac", {"encoding": "base64", "include_timestamp": "false"})
    good = base64.b64encode(signature("sha256", BODY)).decode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(good[-2])
    twins = [good[:-2] + alphabet[last ^ bits] + "=" for bits in (1, 2, 3)]
    assert {base64.b64decode(twin) for twin in twins} == {base64.b64decode(good)}

    assert accepted("vapi", auth, request({"x-signature": good}), SECRET)
    assert not any(accepted("vapi", auth, request({"x-signature": twin}), SECRET) for twin in twins)


def test_a_base64_secret_is_decoded_before_use() -> None:
    key = bytes(range(32))
    auth = Auth("hmac", {"secret_is_base64": "true", "include_timestamp": "false"})
    sent = request({"x-signature": signature("sha256", BODY, key).hex()})

    assert accepted("vapi", auth, sent, base64.b64encode(key).decode())
    with pytest.raises(ConfigError, match="base64"):
        accepted("vapi", auth, sent, "not base64!")


def test_the_default_format_without_a_timestamp_is_the_body_alone() -> None:
    auth = Auth("hmac", {"payload_format": "{timestamp}.{body}", "include_timestamp": "false"})

    assert accepted("vapi", auth, request({"x-signature": signature("sha256", BODY).hex()}), SECRET)


def moment(offset: timedelta = timedelta()) -> datetime:
    return datetime.fromtimestamp(NOW, UTC) + offset


@pytest.mark.parametrize(
    "write",
    [
        lambda t: str(int(t.timestamp())),
        lambda t: f"{t.timestamp():.3f}",
        lambda t: str(int(t.timestamp() * 1000)),
        lambda t: t.isoformat(),
        lambda t: t.isoformat().replace("+00:00", "Z"),
        lambda t: t.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        lambda t: t.astimezone(timezone(timedelta(hours=-8))).isoformat(),
    ],
)
def test_hmac_timestamps_in_any_unit_have_a_window_of_five_minutes(write: Callable[[datetime], str]) -> None:
    def verdict(offset: timedelta) -> bool:
        stamp = write(moment(offset))
        sent = request({"x-timestamp": stamp, "x-signature": signature("sha256", stamp.encode() + b"." + BODY).hex()})
        return accepted("vapi", Auth("hmac"), sent, SECRET)

    minutes = [timedelta(seconds=s) for s in (0, -300, 300, -301, 301)]
    assert [verdict(offset) for offset in minutes] == [True, True, True, False, False]


@pytest.mark.parametrize(
    "stamp", ["", "soon", "nan", "inf", "-1", "1e10", "9" * 5000, "0001-01-01T00:00:00+23:59", "٣"]
)
def test_a_rightly_signed_timestamp_that_is_no_time_near_now_is_refused(stamp: str) -> None:
    sent = request({"x-timestamp": stamp, "x-signature": signature("sha256", stamp.encode() + b"." + BODY).hex()})

    assert not accepted("vapi", Auth("hmac"), sent, SECRET)


@pytest.mark.parametrize("platform", ["elevenlabs", "openai", "telnyx", "ultravox"])
@pytest.mark.parametrize(
    "stamp", ["", "soon", "-1", "1e10", "9" * 5000, "٣", "{seconds} ", "{naive}", "{early}", "{late}"]
)
def test_a_rightly_signed_time_in_another_form_or_far_off_is_refused(platform: str, stamp: str) -> None:
    naive = datetime.fromtimestamp(NOW, UTC).replace(tzinfo=None).isoformat()
    early, late = (datetime.fromtimestamp(NOW + offset, UTC) for offset in (-3600, 3600))
    iso = platform == "ultravox"
    stamp = stamp.format(
        seconds=int(NOW),
        naive=naive,
        early=early.isoformat() if iso else int(early.timestamp()),
        late=late.isoformat() if iso else int(late.timestamp()),
    )
    signed, key = stamp.encode(), Ed25519PrivateKey.from_private_bytes(SECRET[:32].encode())
    headers, secret = {
        "elevenlabs": (
            {"elevenlabs-signature": f"t={stamp},v0={signature('sha256', signed + b'.' + BODY).hex()}"},
            SECRET,
        ),
        "openai": (
            {
                "webhook-id": "wh_1",
                "webhook-timestamp": stamp,
                "webhook-signature": "v1,"
                + base64.b64encode(signature("sha256", b"wh_1." + signed + b"." + BODY)).decode(),
            },
            base64.b64encode(SECRET.encode()).decode(),
        ),
        "telnyx": (
            {
                "telnyx-timestamp": stamp,
                "telnyx-signature-ed25519": base64.b64encode(key.sign(signed + b"|" + BODY)).decode(),
            },
            public_key(SECRET[:32].encode()),
        ),
        "ultravox": (
            {
                "x-ultravox-webhook-timestamp": stamp,
                "x-ultravox-webhook-signature": signature("sha256", BODY + signed).hex(),
            },
            SECRET,
        ),
    }[platform]

    assert not accepted(platform, Auth("signature"), request(headers), secret)


@pytest.mark.parametrize("platform", ["vapi", "signalwire"])
@pytest.mark.parametrize(
    ("named", "public_url", "good"),
    [
        ("desk.example", None, True),
        ("desk.example", "https://desk.example/", True),
        ("api.internal.example", "https://desk.example", True),  # behind a distribution of the owner's
        ("desk.example", "https://another.example", True),  # called at the API's own address
        ("other.example", None, False),
        ("other.example", "https://another.example", False),
    ],
)
def test_the_signed_url_is_the_configured_or_the_named_one(
    platform: str, named: str, public_url: str | None, good: bool
) -> None:
    auth = Auth("hmac", {"payload_format": "{url}|{timestamp}|{body}"}) if platform == "vapi" else Auth("signature")
    headers = {
        "host": named,
        "x-timestamp": STAMP,
        "x-signature": signature("sha256", f"{URL}|{STAMP}|".encode() + BODY).hex(),
        "x-signalwire-sha256-signature": signature("sha256", URL.encode() + BODY).hex(),
    }

    assert accepted(platform, auth, replace(request(headers), public_url=public_url), SECRET) is good


@pytest.mark.parametrize(
    ("platform", "auth"),
    [
        ("vapi", Auth("signature")),
        ("generic", Auth("signature")),
        ("synthflow", Auth("signature")),
        ("telnyx", Auth("signature")),
        ("openai", Auth("signature")),  # the secret is not base64
        ("vapi", Auth("oauth2")),
        ("vapi", Auth("")),
        ("vapi", Auth("header")),
        ("vapi", Auth("hmac", {"algorithm": "md5"})),
        ("vapi", Auth("hmac", {"encoding": "base32"})),
        ("vapi", Auth("hmac", {"include_timestamp": "perhaps"})),
        ("vapi", Auth("hmac", {"payload_format": "{timestamp}"})),
        ("vapi", Auth("hmac", {"payload_format": "{body}"})),
        ("vapi", Auth("hmac", {"payload_format": "{timestamp}:{body}", "include_timestamp": "false"})),
        ("vapi", Auth("hmac", {"payload_format": "{timestamp}.{body}.{secret}"})),
    ],
)
def test_a_way_of_proving_that_cannot_work_is_the_owners_mistake(platform: str, auth: Auth) -> None:
    with pytest.raises(ConfigError):
        accepted(platform, auth, request({"x-signature": "x", "x-timestamp": STAMP}), SECRET)


def test_vectors_hold_a_body_beyond_ascii_and_its_digest_is_over_utf_8() -> None:
    (vector,) = (v for v in VECTORS if not v["body"].isascii())
    stamp, digest = vector["headers"]["x-retell-signature"].removeprefix("v=").split(",d=")
    signed = (vector["body"] + stamp).encode()

    assert digest == hmac.new(vector["secret"].encode(), signed, hashlib.sha256).hexdigest()
