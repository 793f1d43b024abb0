from __future__ import annotations

import base64
import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from slotline.adapters.calendars.gohighlevel.webhooks import (
    ED25519_KEY,
    LARGEST_BODY,
    NEWEST_SECONDS,
    OLDEST_SECONDS,
    RSA_KEY,
    GohighlevelWebhooks,
)
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError, ConfigError
from slotline.domain.hints import Hint
from tests.fakes import A_MONDAY_NOON_UTC, FakeClock
from tests.servers.gohighlevel import LOCATION, GohighlevelApi
from tests.servers.gohighlevel_shapes import Signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slotline.domain.hints import Received

NOW = A_MONDAY_NOON_UTC
STAMP = "2026-01-05T12:00:00.000Z"  # the same moment
NEWER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
BODY: dict[str, Any] = {
    "type": "AppointmentUpdate",
    "locationId": LOCATION,
    "appointment": {"id": "e1", "notes": "Slotline ref: tag-1\nPhone: +14155550111", "appointmentStatus": "confirmed"},
    "timestamp": STAMP,
    "webhookId": "hook-1",
    "somethingNew": [1],
}


@functools.cache
def older() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def public(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def pem(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signer(*, newer: Ed25519PrivateKey | None = NEWER, legacy: RSAPrivateKey | None = None) -> Signer:
    return Signer(GohighlevelApi().desk, newer=newer, older=legacy)


def sent(body: Mapping[str, Any] | bytes, *, by: Signer | None = None) -> HttpRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    headers, raw = (by or signer()).signed(raw)
    return request(raw, headers)


def request(body: bytes, headers: Mapping[str, str]) -> HttpRequest:
    return HttpRequest("POST", "/webhooks", {key.lower(): value for key, value in headers.items()}, body)


def receive(
    given: HttpRequest, *, secrets: Sequence[str] | None = None, now: float = NOW, location: str | None = None
) -> Received:
    keys = [public(NEWER)] if secrets is None else secrets
    return GohighlevelWebhooks(location_id=location).receive(given, secrets=keys, now=now)


def status_of(given: HttpRequest, **more: Any) -> int:
    with pytest.raises(AccessError) as refused:
        receive(given, **more)
    return refused.value.status


@pytest.mark.parametrize("kind", ["AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"])
def test_an_appointment_gives_a_hint_whatever_is_said_to_have_happened(kind: str) -> None:
    got = receive(sent(BODY | {"type": kind}))

    assert got.hints == (Hint("hook-1", event="e1", tag="tag-1"),)
    assert got.response.status == 200


def test_an_appointment_under_data_gives_the_same_hint() -> None:
    shown = {key: value for key, value in BODY.items() if key not in {"appointment", "locationId"}}
    nested = shown | {"data": {"locationId": LOCATION, "appointment": BODY["appointment"]}}

    assert receive(sent(nested), location=LOCATION).hints == (Hint("hook-1", event="e1", tag="tag-1"),)
    assert receive(sent(shown | {"data": BODY["appointment"]})).hints == (Hint("hook-1", event="e1", tag="tag-1"),)


@pytest.mark.parametrize("appointment", [None, [], "e1", {"id": 7}, {}])
def test_an_appointment_that_is_not_named_may_be_any(appointment: object) -> None:
    assert receive(sent(BODY | {"appointment": appointment})).hints == (Hint("hook-1"),)


@pytest.mark.parametrize("kind", ["ContactCreate", "INSTALL", "InboundMessage", "SomethingNew", None, 7, ["x"]])
def test_other_events_are_acknowledged_without_a_hint(kind: object) -> None:
    got = receive(sent(BODY | {"type": kind}) if not isinstance(kind, list) else sent(BODY | {"type": "x"}))

    assert (got.hints, got.response.status) == ((), 200)


def test_an_app_that_was_removed_will_send_no_more() -> None:
    assert receive(sent(BODY | {"type": "UNINSTALL"})).hints == (Hint("hook-1", resubscribe=True),)


def test_another_location_gives_no_hints_where_one_is_named() -> None:
    assert receive(sent(BODY), location="loc2").hints == ()
    assert receive(sent(BODY), location=LOCATION).hints != ()


def test_without_an_id_the_delivery_is_known_by_what_was_signed() -> None:
    body = {key: value for key, value in BODY.items() if key != "webhookId"}
    (first,), (again,), (other,) = (
        receive(sent(given)).hints for given in (body, body, body | {"timestamp": "2026-01-05T12:00:01Z"})
    )

    assert first == again
    assert len(first.id) == 64
    assert first.id != other.id
    (long,) = receive(sent(BODY | {"webhookId": "x" * 1000})).hints
    assert len(long.id) == 64


# --- proof -----------------------------------------------------------------------------------------------------------


def test_the_newer_signature_is_proved_with_any_live_key_in_any_notation() -> None:
    for secrets in ([public(NEWER)], [pem(NEWER)], [public(OTHER), pem(NEWER)], [public(older()), public(NEWER)]):
        assert receive(sent(BODY), secrets=secrets).hints


def test_the_older_signature_counts_only_where_the_newer_is_absent() -> None:
    both = [public(NEWER), public(older())]
    assert receive(sent(BODY, by=signer(newer=None, legacy=older())), secrets=both).hints
    assert receive(sent(BODY, by=signer(legacy=older())), secrets=both).hints

    assert status_of(sent(BODY, by=signer(newer=OTHER, legacy=older())), secrets=both) == 401
    emptied = sent(BODY, by=signer(legacy=older()))
    assert status_of(request(emptied.body, dict(emptied.headers) | {"x-ghl-signature": ""}), secrets=both) == 401


def test_a_signature_is_not_proved_with_a_key_of_the_other_kind() -> None:
    assert status_of(sent(BODY), secrets=[public(older())]) == 401
    assert status_of(sent(BODY, by=signer(newer=None, legacy=older())), secrets=[public(NEWER)]) == 401


def test_without_keys_of_ones_own_the_published_ones_count() -> None:
    assert status_of(sent(BODY), secrets=[]) == 401
    assert status_of(sent(BODY, by=signer(newer=None, legacy=older())), secrets=[]) == 401
    for key in (ED25519_KEY, RSA_KEY):
        assert status_of(sent(BODY), secrets=[key]) == 401  # they load


def test_a_key_that_is_none_is_a_mistake_in_the_set_up() -> None:
    for bad in ("a-shared-secret", "", base64.b64encode(b"no key").decode(), public(NEWER)[:-8]):
        with pytest.raises(ConfigError, match="webhook keys"):
            receive(sent(BODY), secrets=[bad])


def test_nothing_is_parsed_before_it_is_proved() -> None:
    headers = {"x-ghl-signature": base64.b64encode(bytes(64)).decode()}

    for body in (b"{", b"[" * 100_000, b"", json.dumps(BODY).encode()):
        assert status_of(request(body, headers)) == 401
    assert status_of(request(json.dumps(BODY).encode(), {})) == 401


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 200_000, b'{"a":' * 100_000])
def test_what_is_proved_but_no_object_cannot_be_read(raw: bytes) -> None:
    assert status_of(sent(raw)) == 400


def test_a_body_without_end_is_refused_unread() -> None:
    assert status_of(sent(b" " * (LARGEST_BODY + 1))) == 413


def test_the_other_header_does_not_take_a_signature() -> None:
    given = sent(BODY)

    assert status_of(request(given.body, {"x-wh-signature": given.headers["x-ghl-signature"]})) == 401


def test_base64_has_one_spelling() -> None:
    given = sent(BODY)
    signature = given.headers["x-ghl-signature"]
    assert signature.endswith("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(signature[-3])
    twin = signature[:-3] + alphabet[last ^ 1] + "=="

    assert base64.b64decode(twin) == base64.b64decode(signature)
    assert status_of(request(given.body, {"x-ghl-signature": twin})) == 401


# --- replays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [-NEWEST_SECONDS, 0, 70 * 60, OLDEST_SECONDS])
def test_a_repeat_inside_the_window_is_taken(later: float) -> None:
    assert receive(sent(BODY), now=NOW + later).hints == (Hint("hook-1", event="e1", tag="tag-1"),)


@pytest.mark.parametrize("later", [-NEWEST_SECONDS - 1, OLDEST_SECONDS + 1, 7 * 86_400])
def test_a_replay_outside_the_window_is_refused(later: float) -> None:
    assert status_of(sent(BODY), now=NOW + later) == 401


@pytest.mark.parametrize("stamp", ["2026-01-05T13:00:00+01:00", "2026-01-05T12:00:00", "2026-01-05 12:00:00Z"])
def test_time_stamps_are_read_in_several_notations(stamp: str) -> None:
    assert receive(sent(BODY | {"timestamp": stamp})).hints


@pytest.mark.parametrize("stamp", ["soon", "", 7, [], True, "2026-13-01T00:00:00Z"])
def test_a_time_stamp_that_is_none_cannot_be_read(stamp: object) -> None:
    assert status_of(sent(BODY | {"timestamp": stamp})) == 400


def test_an_event_without_a_time_stamp_is_taken() -> None:
    assert receive(sent({key: value for key, value in BODY.items() if key != "timestamp"})).hints


def test_what_the_fake_sends_is_understood() -> None:
    clock = FakeClock()
    api = GohighlevelApi(clock=clock.now)
    api.hooks = ["https://hooks.test"]
    api.signer = Signer(api.desk, newer=NEWER, older=older())
    made = api.desk.host_adds(api.desk.now, text="Slotline ref: tag-1")
    api.slips = True
    api.desk.host_deletes(made.id)

    got = [receive(request(body, headers)) for _, headers, body in api.deliveries()]
    assert [hint.event for received in got for hint in received.hints] == [made.id, made.id]
    assert {hint.tag for received in got for hint in received.hints} == {"tag-1"}
    assert len({hint.id for received in got for hint in received.hints}) == 2
