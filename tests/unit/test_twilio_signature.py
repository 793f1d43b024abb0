"""Twilio's signature: published vectors, every way a request may be spelled, and thousands of forgeries."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

import pytest

from slotline.adapters.sms.twilio_signature import SETTINGS, SIGNATURE, TwilioSignature, sign
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError

TOKEN = "test-auth-token-0123456789abcdef"
BASE = "https://api.example.com"
SID = "SM0123456789abcdef0123456789abcdef"
DELIVERED = [
    ("AccountSid", "AC0123456789abcdef0123456789abcdef"),
    ("ApiVersion", "2010-04-01"),
    ("From", "+15005550006"),
    ("MessageSid", SID),
    ("MessageStatus", "delivered"),
    ("SmsSid", SID),
    ("SmsStatus", "delivered"),
    ("To", "+14155550100"),
]
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
STATUS = "/v1/sms/twilio/status"
SHA256 = "key=SK1,algorithm=HMAC_SHA256"

Pairs = list[tuple[str, str]]


def request(
    form: Pairs | bytes,
    signature: str | None,
    *,
    path: str = STATUS,
    query: str = "tenant=t1",
    settings: str | None = None,
    **headers: str,
) -> HttpRequest:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    given = {SIGNATURE: signature, SETTINGS: settings, **headers}
    found = {name: value for name, value in given.items() if value is not None}
    return HttpRequest("POST", path, found, body, raw_query=query)


@dataclass
class Vault:
    """Secrets that can be rotated behind a cache."""

    live: str = TOKEN
    cached: str = TOKEN
    reads: list[str] = field(default_factory=list)
    forgotten: int = 0

    def keys(self, algorithm: str) -> list[str]:
        self.reads.append(algorithm)
        return [self.cached]

    def forget(self) -> None:
        self.forgotten += 1
        self.cached = self.live


def proof(*keys: str, public_url: str | None = BASE) -> TwilioSignature:
    return TwilioSignature(public_url=public_url, keys=lambda _: list(keys or (TOKEN,)))


def accepted(check: TwilioSignature, asked: HttpRequest) -> bool:
    try:
        check.proved(asked)
    except AccessError as error:
        if (error.status, error.code) != (403, "forbidden"):
            raise
        return False
    return True


# --- published vectors ---------------------------------------------------------------------------------------------

JSON_DIGEST = "ecf9e98ec0641e23113ff3ce8bdc78d0ddd249886517fd4a7f68cc83d4e65667"


@pytest.mark.parametrize(
    ("asked", "settings"),
    [
        (request(DELIVERED, "qYEO1/0goKTrMaXNwPaw24brXX4="), "SHA-1"),
        (request(DELIVERED, "E+b7HhMmQwrS3g8rrURi9ImgRjnED91UFb4SJBXXbcQ=", settings=SHA256), "SHA-256"),
        (request([*DELIVERED, ("ErrorCode", "")], "kP5prM6E5iQ4cIHaD7qa4j0Glcw="), "an empty value counts"),
        (request(DELIVERED, "k5BEtTwDtzxyYJCg8B1O1uTTwEY="), "signed with :443"),
        (
            request(
                b'{"a":1,"b":"x"}',
                "N8yD42RjJFurlo01KERz5A+0iiA=",
                path="/v1/sms/twilio/events",
                query=f"bodySHA256={JSON_DIGEST}",
            ),
            "JSON",
        ),
    ],
    ids=str,
)
def test_vectors_of_the_official_library_are_accepted(asked: HttpRequest, settings: str) -> None:
    assert accepted(proof(), asked)


@pytest.mark.parametrize(
    ("body", "query", "signature"),
    [
        (urlencode(CALL).encode(), "foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            b'{"property": "value", "boolean": true}',
            "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            "a9nBmqA0ju/hNViExpshrM61xv4=",
        ),
    ],
)
def test_vectors_of_the_official_library_s_own_tests_are_accepted(body: bytes, query: str, signature: str) -> None:
    check = proof("12345", public_url="https://mycompany.com")

    assert accepted(check, request(body, signature, path="/myapp.php", query=query))


@pytest.mark.parametrize(
    ("address", "signature"),
    [
        ("https://mycompany.com", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_vectors_of_the_official_library_with_a_port_are_accepted(address: str, signature: str) -> None:
    asked = request(CALL, signature, path="/myapp.php", query="foo=1&bar=2")

    assert accepted(proof("12345", public_url=address), asked)
    assert not accepted(proof("12345", public_url="https://mycompany.com:8443"), asked)


def test_what_is_proved_is_what_is_read() -> None:
    asked = request([*DELIVERED, ("ErrorCode", "")], "kP5prM6E5iQ4cIHaD7qa4j0Glcw=")

    assert proof().proved(asked) == {**dict(DELIVERED), "ErrorCode": ""}


# --- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("configured", [BASE, f"{BASE}/", f"{BASE}:443"])
@pytest.mark.parametrize("called", [BASE, f"{BASE}:443"])
def test_the_default_port_may_be_written_or_not(configured: str, called: str) -> None:
    asked = request(DELIVERED, sign(f"{called}{STATUS}?tenant=t1", DELIVERED, key=TOKEN))

    assert accepted(proof(public_url=configured), asked)


@pytest.mark.parametrize(
    ("configured", "called", "fits"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1", False),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080:80", False),
        ("http://127.0.0.1:80", "http://127.0.0.1", True),
        (BASE, f"{BASE}:80", False),
        (BASE, f"{BASE}:8443", False),
        (BASE, "http://api.example.com", False),
        (BASE, "https://api.example.com.evil.example", False),
    ],
)
def test_another_port_scheme_or_host_is_another_address(configured: str, called: str, fits: bool) -> None:
    asked = request(DELIVERED, sign(f"{called}{STATUS}?tenant=t1", DELIVERED, key=TOKEN))

    assert accepted(proof(public_url=configured), asked) is fits


def test_the_host_header_is_not_believed() -> None:
    signature = sign(f"https://evil.example{STATUS}?tenant=t1", DELIVERED, key=TOKEN)
    named = {"host": "evil.example", "x-forwarded-host": "evil.example"}

    assert not accepted(proof(), request(DELIVERED, signature, **named))


def test_without_a_public_address_nothing_can_be_proved() -> None:
    with pytest.raises(ConfigError, match="SLOTLINE_PUBLIC_URL"):
        proof(public_url=None).proved(request(DELIVERED, "qYEO1/0goKTrMaXNwPaw24brXX4="))


def test_an_address_without_a_query_has_no_question_mark() -> None:
    assert accepted(proof(), request(DELIVERED, sign(f"{BASE}{STATUS}", DELIVERED, key=TOKEN), query=""))


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "signed"),
    [
        (b"B=2&A=1", "A1B2"),
        (b"a=1&B=2", "B2a1"),  # by code point, capitals first
        (b"A=b&A=a", "AaAb"),
        (b"A=a&A=a", "Aa"),
        (b"A=&B", "AB"),
        (b"A=%20x+&B=%2B1", "A x B+1"),
        ("A=Grüße".encode(), "AGrüße"),
        (b"A=%F0%9F%9B%91", "A\N{OCTAGONAL SIGN}"),
    ],
)
def test_names_and_values_are_decoded_and_sorted_and_nothing_is_trimmed(body: bytes, signed: str) -> None:
    url = f"{BASE}{STATUS}?tenant=t1"

    assert accepted(proof(), request(body, sign(url + signed, [], key=TOKEN)))


@pytest.mark.parametrize("body", [b"A=%FF", b"\xff=1", b"&".join(b"A%d=1" % n for n in range(201))])
def test_a_body_that_is_no_form_of_twilio_s_is_refused_however_it_was_signed(body: bytes) -> None:
    lenient = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, errors="replace")
    url = f"{BASE}{STATUS}?tenant=t1"

    assert not accepted(proof(), request(body, sign(url, lenient, key=TOKEN)))
    assert not accepted(proof(), request(body, sign(url, [], key=TOKEN)))


@pytest.mark.parametrize(
    ("body", "digests"),
    [
        (b'{"a":1,"b":"y"}', [JSON_DIGEST]),
        (b'{"a":1,"b":"x"}', [JSON_DIGEST, JSON_DIGEST]),
        (b'{"a":1,"b":"x"}', [JSON_DIGEST, "0" * 64]),
        (b'{"a":1,"b":"x"}', [JSON_DIGEST.upper()]),
        (b'{"a":1,"b":"x"}', [""]),
        (b'{"a":1,"b":"x"}', []),
    ],
)
def test_a_json_body_counts_only_with_its_one_signed_digest(body: bytes, digests: list[str]) -> None:
    query = "&".join(f"bodySHA256={digest}" for digest in digests)
    url = f"{BASE}{STATUS}?{query}" if query else f"{BASE}{STATUS}"

    assert not accepted(proof(), request(body, sign(url, [], key=TOKEN), query=query))


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"[1]", "bad_body"),
        (b"{", "bad_json"),
        (b"\xff", "bad_json"),
        (b"[" * 100_000, "bad_json"),
    ],
)
def test_a_proved_body_that_is_no_json_object_is_a_bad_request(body: bytes, outcome: str) -> None:
    with pytest.raises(AccessError) as caught:
        proof().proved(json_request(body))
    assert (caught.value.status, caught.value.code) == (400, outcome)


def test_a_proved_json_object_gives_its_texts() -> None:
    body = b'{"MessageSid": "SM1", "n": 1, "x": null}'

    assert proof().proved(json_request(body)) == {"MessageSid": "SM1"}


def json_request(body: bytes) -> HttpRequest:
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    return request(body, sign(f"{BASE}{STATUS}?{query}", [], key=TOKEN), query=query)


# --- headers and keys ------------------------------------------------------------------------------------------------

GOOD = "qYEO1/0goKTrMaXNwPaw24brXX4="
GOOD_256 = "E+b7HhMmQwrS3g8rrURi9ImgRjnED91UFb4SJBXXbcQ="


@pytest.mark.parametrize(
    "signature",
    [None, "", " ", GOOD + " ", " " + GOOD, f"{GOOD},{GOOD}", f"{GOOD}, x", GOOD[:-1], GOOD + "=", GOOD.lower(),
     GOOD.replace("/", "_").replace("+", "-"), GOOD_256, "é", "\udcff", bytes.fromhex("00").decode()],
)  # fmt: skip
def test_a_signature_counts_only_in_the_one_spelling_and_only_once(signature: str | None) -> None:
    assert not accepted(proof(), request(DELIVERED, signature))


@pytest.mark.parametrize("settings", [SHA256, "algorithm=HMAC_SHA256", "algorithm=HMAC_SHA256, key=SK1"])
def test_a_shared_key_signs_with_sha_256(settings: str) -> None:
    assert accepted(proof(), request(DELIVERED, GOOD_256, settings=settings))
    assert not accepted(proof(), request(DELIVERED, GOOD, settings=settings))


def test_settings_may_name_the_old_algorithm() -> None:
    assert accepted(proof(), request(DELIVERED, GOOD, settings="key=SK1,algorithm=HMAC_SHA1"))


@pytest.mark.parametrize(
    "settings",
    ["", "key=SK1", "algorithm=", "key=SK1,algorithm=HMAC_SHA512", "key=SK1,algorithm=none", "algorithm=hmac_sha256",
     f"{SHA256},{SHA256}", "algorithm=HMAC_SHA256,algorithm=HMAC_SHA1", f"{SHA256},version=2", f"{SHA256};x=1", "null"],
)  # fmt: skip
@pytest.mark.parametrize("signature", [GOOD, GOOD_256])
def test_settings_we_do_not_understand_are_refused(settings: str, signature: str) -> None:
    assert not accepted(proof(), request(DELIVERED, signature, settings=settings))


def test_either_of_two_live_keys_will_do() -> None:
    assert accepted(proof("another", TOKEN), request(DELIVERED, GOOD))
    assert accepted(proof(TOKEN, "another"), request(DELIVERED, GOOD))


def test_an_empty_key_proves_nothing() -> None:
    asked = request(DELIVERED, sign(f"{BASE}{STATUS}?tenant=t1", DELIVERED, key=""))

    assert not accepted(TwilioSignature(public_url=BASE, keys=lambda _: [""]), asked)
    assert not accepted(TwilioSignature(public_url=BASE, keys=lambda _: []), asked)


def test_a_key_that_was_rotated_is_read_again() -> None:
    vault = Vault(cached="yesterday's")
    check = TwilioSignature(public_url=BASE, keys=vault.keys, forget_keys=vault.forget)

    assert accepted(check, request(DELIVERED, GOOD))
    assert accepted(check, request(DELIVERED, GOOD_256, settings=SHA256))
    assert vault.reads == ["sha1", "sha1", "sha256"]
    assert vault.forgotten == 1


def test_a_forgery_has_the_key_read_again_only_once() -> None:
    vault = Vault()
    check = TwilioSignature(public_url=BASE, keys=vault.keys, forget_keys=vault.forget)

    assert not accepted(check, request(DELIVERED, GOOD[::-1]))
    assert (len(vault.reads), vault.forgotten) == (2, 1)


# --- forgeries -------------------------------------------------------------------------------------------------------

Forge = Callable[[random.Random, HttpRequest], HttpRequest]


def _with(asked: HttpRequest, **headers: str) -> HttpRequest:
    return replace(asked, headers={**asked.headers, **headers})


def _edit(dice: random.Random, text: str) -> str:
    """One character put in, taken out or changed."""
    place = dice.randrange(len(text) + 1)
    letter = chr(dice.randrange(33, 127))
    return dice.choice(
        [
            text[:place] + letter + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place + 1 :],
        ]
    )


def _other_signature(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    return _with(asked, **{SIGNATURE: _edit(dice, asked.headers[SIGNATURE])})


def _other_case(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    given = asked.headers[SIGNATURE]
    return _with(asked, **{SIGNATURE: "".join(dice.choice([c.upper(), c.lower()]) for c in given)})


def _other_value(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    form = list(DELIVERED)
    place = dice.randrange(len(form))
    form[place] = (form[place][0], _edit(dice, form[place][1]))
    return replace(asked, body=urlencode(form).encode())


def _other_fields(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    form = list(DELIVERED)
    if dice.random() < 0.5:
        form.append((f"F{dice.randrange(10**6)}", str(dice.random())))
    else:
        del form[dice.randrange(len(form))]
    return replace(asked, body=urlencode(form).encode())


def _other_path(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    return replace(asked, path=_edit(dice, asked.path))


def _other_query(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    return replace(asked, raw_query=_edit(dice, asked.raw_query))


def _other_key(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    key = _edit(dice, TOKEN)
    return _with(asked, **{SIGNATURE: sign(f"{BASE}{STATUS}?tenant=t1", DELIVERED, key=key)})


def _digest_planted(dice: random.Random, asked: HttpRequest) -> HttpRequest:
    """A foreign body with its own, unsigned digest."""
    body = str(dice.random()).encode()
    return replace(asked, body=body, raw_query=f"tenant=t1&bodySHA256={hashlib.sha256(body).hexdigest()}")


FORGERIES: list[Forge] = [
    _other_signature, _other_case, _other_value, _other_fields, _other_path, _other_query, _other_key, _digest_planted,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize("settings", [None, SHA256])
def test_none_of_thousands_of_forgeries_passes(forge: Forge, settings: str | None) -> None:
    dice = random.Random(f"{forge.__name__} {settings}")
    honest = request(DELIVERED, GOOD_256 if settings else GOOD, settings=settings)
    check = proof()
    assert accepted(check, honest)

    forged = [each for each in (forge(dice, honest) for _ in range(600)) if each != honest]

    assert len(forged) > 500
    assert [each for each in forged if accepted(check, each)] == []
