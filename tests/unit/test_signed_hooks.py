from __future__ import annotations

import pytest

from slotline.domain.calls import HttpRequest
from tests.unit.signed_hooks import CALCOM, CALENDLY, KEY, SignedHooks


@pytest.fixture(params=[CALCOM, CALENDLY], ids=["calcom", "calendly"])
def hooks(request: pytest.FixtureRequest) -> SignedHooks:
    found: SignedHooks = request.param
    return found


def test_either_of_two_live_secrets_proves(hooks: SignedHooks) -> None:
    sent = hooks.request(hooks.example)

    for secrets in (["new", KEY], [KEY, "new"], [KEY]):
        assert hooks.hints(sent, secrets=secrets)
    assert hooks.refused(sent, secrets=["new", "newer"]) == 401
    assert hooks.refused(sent, secrets=[]) == 401
    unkeyed = hooks.request(hooks.example, hooks.signature(hooks.example, key=""))
    assert hooks.refused(unkeyed, secrets=[""]) == 401


def test_a_request_without_a_signature_is_no_proof(hooks: SignedHooks) -> None:
    assert hooks.refused(HttpRequest("POST", "/hooks", {}, hooks.example)) == 401


def test_proof_comes_before_reading(hooks: SignedHooks) -> None:
    assert hooks.refused(hooks.request(b"{", hooks.signature(b"["))) == 401
    assert hooks.refused(hooks.request(b"{")) == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"triggerEvent": 5}',
        b'{"event": 5}',
        b"\xff\xfe",
        b"[" * 200_000,
        b"triggerEvent=PING",
    ],
)
def test_what_is_proved_but_cannot_be_read_is_a_bad_request(hooks: SignedHooks, body: bytes) -> None:
    assert hooks.refused(hooks.request(body)) == 400
