from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars.google.tokens import SCOPES, GoogleServiceAccount, GoogleTokens
from slotline.domain.errors import CredentialError, NotExecutedError, ProviderError, SetupError
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.google_accounts import AUDIENCE, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, ROBOT, robot_key
from tests.servers.google_api import GoogleApi
from tests.servers.google_desk import OWNER

PREFIX = "https://www.googleapis.com/auth/"


@dataclass
class Rig:
    api: GoogleApi
    clock: FakeClock
    http: ProviderHttp

    def refresh(self, refresh_token: str | None = REFRESH_TOKEN, secret: str = CLIENT_SECRET) -> Any:
        return GoogleTokens(self.http, clock=self.clock).refresh(
            refresh_token=refresh_token, client_id=CLIENT_ID, client_secret=secret, deadline=self.clock.now() + 5
        )

    def grant(self, key_json: str | None = None, subject: str | None = None) -> Any:
        return GoogleServiceAccount(self.http, clock=self.clock).grant(
            key_json=key_file() if key_json is None else key_json, subject=subject, deadline=self.clock.now() + 5
        )


def key_file(**changed: object) -> str:
    key = {"type": "service_account", "client_email": ROBOT, "private_key": robot_key()[0], "private_key_id": "k1"}
    return json.dumps({**key, "token_uri": "http://evil.test/token", **changed})


def rig(handler: Callable[[httpx.Request], httpx.Response] | None = None) -> Rig:
    clock = FakeClock()
    api = GoogleApi(clock=clock.now)
    wire = httpx.MockTransport(handler) if handler else transport(api, clock=clock)
    client = httpx.Client(transport=wire, base_url="https://oauth2.test")
    return Rig(api, clock, ProviderHttp(client, name="main", clock=clock))


def answering(status: int, body: object) -> Rig:
    return rig(lambda _: httpx.Response(status, json=body))


def test_a_refresh_gives_a_token_that_works_and_keeps_the_old_refresh_token() -> None:
    r = rig()
    begun = r.clock.now()
    grant = r.refresh()

    assert r.api.accounts.principal(f"Bearer {grant.access_token}") is not None
    assert (grant.expires, grant.refresh_token) == (begun + 3599, None)
    (request,) = r.api.seen
    assert request.body["grant_type"] == "refresh_token"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_new_refresh_token_is_handed_on() -> None:
    r = rig()
    r.api.accounts.rotates = True
    grant = r.refresh()

    assert grant.refresh_token is not None
    assert r.refresh(grant.refresh_token).access_token != grant.access_token


def test_a_dead_consent_asks_to_connect_again() -> None:
    for token in ("1//revoked", None, ""):
        with pytest.raises(CredentialError, match="connect again"):
            rig().refresh(token)


def test_a_wrong_client_is_named_and_is_no_dead_consent() -> None:
    with pytest.raises(SetupError, match=r"calendars\.main\.client_id, client_secret") as refused:
        rig().refresh(secret="wrong")
    assert type(refused.value) is SetupError


@pytest.mark.parametrize(
    ("status", "code", "error", "says"),
    [
        (400, "invalid_client", SetupError, "client_secret"),
        (400, "admin_policy_enforced", SetupError, "administrator"),
        (400, "unsupported_grant_type", SetupError, "unsupported_grant_type"),
        (400, "internal_failure", NotExecutedError, "internal_failure"),
        (400, "server_error", NotExecutedError, "server_error"),
        (403, "temporarily_unavailable", NotExecutedError, "temporarily_unavailable"),
        (403, "a sentence of ada@example.com", SetupError, r"HTTP 403\)"),
        (429, "slow_down", NotExecutedError, "429"),
        (500, "backend", NotExecutedError, "500"),
    ],
)
def test_every_error_of_the_token_endpoint_has_its_meaning(
    status: int, code: str, error: type[ProviderError], says: str
) -> None:
    with pytest.raises(error, match=says) as failed:
        answering(status, {"error": code, "error_description": "words"}).refresh()
    assert type(failed.value) is error
    assert "ada" not in str(failed.value)


@pytest.mark.parametrize("kind", ["stall", "error_after", "drop_after", "unreadable", "too_many"])
def test_a_lost_answer_uses_nothing_up(kind: str) -> None:
    r = rig()
    r.api.fault(kind, on="token", seconds=60, times=2)
    with pytest.raises(NotExecutedError):
        r.refresh()
    r.api.answer("DELETE", "/_faults", {}, b"")

    assert r.refresh().access_token


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"access_token": "x"},
        {"access_token": 7, "expires_in": 9},
        {"access_token": "x", "expires_in": 0},
    ],
)
def test_a_grant_that_is_none_is_asked_for_again(body: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, body).refresh()


@pytest.mark.parametrize(
    ("granted", "is_enough"),
    [
        (" ".join(SCOPES), True),
        (f"{PREFIX}calendar", True),
        (f"{PREFIX}calendar.events.owned {PREFIX}calendar.readonly", True),
        (None, True),
        (f"{PREFIX}calendar.events", False),
        (f"{PREFIX}calendar.freebusy", False),
        ("openid", False),
    ],
)
def test_a_person_who_unticked_a_permission_is_told(granted: str | None, is_enough: bool) -> None:
    r = rig()
    r.api.accounts.scope_granted = granted

    if is_enough:
        assert r.refresh().access_token
        return
    with pytest.raises(SetupError, match="connect again, tick all"):
        r.refresh()


def test_a_service_account_signs_what_google_wants_and_follows_no_address_of_its_key_file() -> None:
    r = rig()
    grant = r.grant()

    (request,) = r.api.seen
    assertion = request.body["assertion"]
    claims = jwt.decode(assertion, options={"verify_signature": False})
    now = int(r.clock.now())
    assert jwt.get_unverified_header(assertion)["kid"] == "k1"
    assert claims == {"iss": ROBOT, "aud": AUDIENCE, "iat": now, "exp": now + 3600, "scope": " ".join(SCOPES)}
    assert grant.expires == r.clock.now() + 3599
    known = r.api.accounts.principal(f"Bearer {grant.access_token}")
    assert known is not None
    assert known.is_plain


def test_a_service_account_acts_for_the_person_it_may_act_for() -> None:
    r = rig()
    known = r.api.accounts.principal(f"Bearer {r.grant(subject=OWNER).access_token}")

    assert known is not None
    assert (known.subject, known.is_plain) == (OWNER, False)


def test_delegation_that_was_not_allowed_names_the_subject_and_the_scopes() -> None:
    r = rig()
    r.api.accounts.unauthorized_delegation = True

    with pytest.raises(SetupError, match=r"calendars\.main\.subject.*calendar\.events") as refused:
        r.grant(subject=OWNER)
    assert type(refused.value) is SetupError


def test_a_person_nobody_knows_is_a_refused_credential() -> None:
    with pytest.raises(CredentialError, match=r"calendars\.main\.subject"):
        rig().grant(subject="nobody@example.com")


def test_a_key_google_does_not_know_is_a_refused_credential() -> None:
    with pytest.raises(CredentialError, match=r"calendars\.main\.service_account_key"):
        rig().grant(key_file(client_email="other@project.iam.gserviceaccount.com"))


@pytest.mark.parametrize("key", ["", "{", "[]", "{}", key_file(private_key="no key"), key_file(client_email=None)])
def test_a_key_file_that_is_none_is_named_and_never_quoted(key: str) -> None:
    r = rig()
    with pytest.raises(SetupError, match=r"calendars\.main\.service_account_key") as refused:
        r.grant(key)

    assert refused.value.__cause__ is None
    assert r.api.seen == []


def test_a_token_runs_out() -> None:
    r = rig()
    grant = r.refresh()
    r.clock.sleep(3600)

    assert r.api.accounts.principal(f"Bearer {grant.access_token}") is None
