from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs

import httpx
import pytest

from slotline.adapters.calendars.microsoft.tokens import MicrosoftTokens
from slotline.domain.errors import CredentialError, NotExecutedError, ProviderError, SetupError
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.microsoft import MicrosoftApi
from tests.servers.microsoft_login import CLIENT_ID, CLIENT_SECRET, LIFETIME, REFRESH_TOKEN, REFUSALS, TENANT
from tests.unit.microsoft_rig import http

if TYPE_CHECKING:
    from slotline.adapters.calendars._tokens import Grant

LOGIN = "https://login.test"


class Desk:
    def __init__(
        self,
        *,
        tenant: str = "common",
        auth: Literal["delegated", "client_credentials"] = "delegated",
        handler: httpx.MockTransport | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.api = MicrosoftApi(clock=self.clock.now)
        wire = http(handler or transport(self.api, clock=self.clock), self.clock, base=LOGIN)
        self.tokens = MicrosoftTokens(wire, clock=self.clock, tenant=tenant, auth=auth)

    def refresh(
        self, token: str | None = REFRESH_TOKEN, *, secret: str = CLIENT_SECRET, client: str = CLIENT_ID
    ) -> Grant:
        deadline = self.clock.now() + 5
        return self.tokens.refresh(refresh_token=token, client_id=client, client_secret=secret, deadline=deadline)


def answering(status: int, body: object) -> Desk:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Desk(handler=httpx.MockTransport(lambda _: httpx.Response(status, content=content)))


def test_a_refresh_gives_a_token_that_works_and_a_newer_refresh_token() -> None:
    desk = Desk()
    grant = desk.refresh()

    assert grant.access_token in desk.api.login.tokens
    assert grant.expires == desk.clock.now() + LIFETIME
    assert grant.refresh_token not in {None, REFRESH_TOKEN}
    assert desk.refresh(grant.refresh_token).access_token != grant.access_token
    assert desk.refresh().access_token  # the older one is not revoked at once


def test_the_old_refresh_token_stays_where_none_comes_back() -> None:
    desk = Desk()
    desk.api.login.rotates = False

    assert desk.refresh().refresh_token is None


def test_a_refresh_asks_for_no_more_than_was_granted() -> None:
    desk = Desk()
    desk.api.login.consented = frozenset({"offline_access", "Calendars.ReadWrite"})

    assert desk.refresh().access_token


def test_an_app_for_itself_asks_with_its_secret_alone() -> None:
    desk = Desk(tenant=TENANT, auth="client_credentials")
    grant = desk.refresh(None)

    assert desk.api.login.tokens[grant.access_token] is None
    assert grant.refresh_token is None
    for tenant in ("common", "organizations", "consumers"):
        with pytest.raises(SetupError, match=r"calendars\.main\.tenant"):
            Desk(tenant=tenant, auth="client_credentials").refresh(None)


def test_the_form_is_encoded() -> None:
    bodies: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        return httpx.Response(200, json={"access_token": "a", "expires_in": "60"})

    desk = Desk(handler=httpx.MockTransport(handle))
    grant = desk.refresh(secret="a&b=c+d %")

    assert parse_qs(bodies[0].decode())["client_secret"] == ["a&b=c+d %"]
    assert grant.expires == desk.clock.now() + 60


@pytest.mark.parametrize("tenant", ["", "a/b", "..%2f", "x y", "a?b"])
def test_a_tenant_that_is_none_is_never_asked(tenant: str) -> None:
    desk = Desk(tenant=tenant)

    with pytest.raises(SetupError, match=r"calendars\.main\.tenant"):
        desk.refresh()
    assert desk.api.seen == []


CODES: list[tuple[int, type[ProviderError], str]] = [
    (70008, CredentialError, "connect again"),
    (700082, CredentialError, "connect again"),
    (50173, CredentialError, "connect again"),
    (50076, CredentialError, "connect again"),
    (50079, CredentialError, "connect again"),
    (65001, CredentialError, "consent"),
    (7000215, SetupError, r"calendars\.main\.client_secret"),
    (7000222, SetupError, r"calendars\.main\.client_secret"),
    (700016, SetupError, r"calendars\.main\.client_id"),
    (90002, SetupError, r"calendars\.main\.tenant"),
]


@pytest.mark.parametrize(("number", "kind", "words"), CODES)
def test_each_number_has_its_meaning(number: int, kind: type[ProviderError], words: str) -> None:
    desk = Desk()
    desk.api.login.refuses = number

    with pytest.raises(kind, match=words) as told:
        desk.refresh()
    assert type(told.value) is kind
    assert {number for number, _, _ in CODES} == set(REFUSALS)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "invalid_grant", CredentialError),
        (400, "interaction_required", CredentialError),
        (400, "consent_required", CredentialError),
        (400, "invalid_client", SetupError),
        (400, "unauthorized_client", SetupError),
        (400, "invalid_scope", SetupError),
        (400, "something_new", SetupError),
        (400, "temporarily_unavailable", NotExecutedError),
        (401, "invalid_client", SetupError),
        (403, "", SetupError),
        (429, "", NotExecutedError),
        (503, "temporarily_unavailable", NotExecutedError),
    ],
)
def test_without_a_known_number_the_error_decides(status: int, error: str, kind: type[ProviderError]) -> None:
    with pytest.raises(kind) as told:
        answering(
            status, {"error": error, "error_codes": [1], "error_description": "AADSTS70008 ada@example.com"}
        ).refresh()
    assert type(told.value) is kind
    assert "ada" not in str(told.value)


@pytest.mark.parametrize("kind", ["stall", "error_after", "drop_after", "unreadable", "error_before", "too_many"])
def test_a_lost_answer_costs_nothing(kind: str) -> None:
    desk = Desk()
    desk.api.fault(kind, on="token", seconds=9, times=2)

    with pytest.raises(NotExecutedError):
        desk.refresh()
    desk.api._faults.clear()
    assert desk.refresh().access_token


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        b"<html>",
        {"access_token": "a"},
        {"access_token": "a", "expires_in": 0},
        {"access_token": "a", "expires_in": True},
        {"access_token": "", "expires_in": 60},
    ],
)
def test_a_grant_that_cannot_be_read_is_none(body: object) -> None:
    with pytest.raises(NotExecutedError):
        answering(200, body).refresh()


def test_without_a_refresh_token_the_account_must_be_connected() -> None:
    desk = Desk()

    with pytest.raises(CredentialError, match="connect"):
        desk.refresh(None)
    assert desk.api.seen == []
