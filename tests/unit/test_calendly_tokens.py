from __future__ import annotations

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars._tokens import Grant
from slotline.adapters.calendars.calendly.tokens import CalendlyTokens
from slotline.domain.errors import CredentialError, InDoubtError, NotExecutedError, ProviderError, SetupError
from tests.fakes import FakeClock
from tests.servers.calendly import CalendlyApi
from tests.servers.calendly_api import CLIENT, REFRESH_TOKEN
from tests.servers.faulty import transport


class Endpoint:
    def __init__(self, handler: httpx.MockTransport | None = None) -> None:
        self.clock = FakeClock()
        self.api = CalendlyApi(clock=self.clock.now)
        client = httpx.Client(
            transport=handler or transport(self.api, clock=self.clock),
            base_url="https://auth.calendly.com",
            trust_env=False,
        )
        self.tokens = CalendlyTokens(ProviderHttp(client, name="main", clock=self.clock), clock=self.clock)

    def refresh(self, token: str | None = REFRESH_TOKEN, *, secret: str = CLIENT[1]) -> Grant:
        return self.tokens.refresh(
            refresh_token=token, client_id=CLIENT[0], client_secret=secret, deadline=self.clock.now() + 8
        )


def answering(status: int, body: object) -> Endpoint:
    return Endpoint(httpx.MockTransport(lambda _: httpx.Response(status, json=body)))


def test_a_refresh_gives_both_tokens_and_the_time() -> None:
    e = Endpoint()

    grant = e.refresh()

    assert grant == Grant("access-1", e.clock.now() + 7200, "refresh-1")
    assert e.refresh(grant.refresh_token).access_token == "access-2"
    assert e.api.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert e.api.seen[0].body == {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}


def test_a_refresh_token_works_once() -> None:
    e = Endpoint()
    e.refresh()

    with pytest.raises(CredentialError, match="connect again"):
        e.refresh()


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_refresh_token_only_the_owner_can_help(token: str | None) -> None:
    with pytest.raises(CredentialError, match="connect again"):
        Endpoint().refresh(token)


def test_a_wrong_client_is_a_mistake_in_the_set_up_and_spends_nothing() -> None:
    e = Endpoint()

    with pytest.raises(SetupError, match=r"calendars\.main\.client_secret") as error:
        e.refresh(secret="wrong")
    assert not isinstance(error.value, CredentialError)
    assert e.refresh().access_token == "access-1"


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client"])
def test_a_client_refused_by_400_is_understood_too(code: str) -> None:
    with pytest.raises(SetupError, match="client_secret"):
        answering(400, {"error": code}).refresh()


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "unreadable", "stall", "error_before", "late"])
def test_a_lost_answer_may_have_spent_the_token(kind: str) -> None:
    e = Endpoint()
    e.api.fault(kind, on="token", seconds=20)

    with pytest.raises(InDoubtError):
        e.refresh()


def test_too_many_refreshes_spend_nothing() -> None:
    e = Endpoint()
    e.api.fault("too_many", on="token", seconds=40)

    with pytest.raises(NotExecutedError) as error:
        e.refresh()
    assert error.value.retry_after == 40
    assert e.refresh().refresh_token == "refresh-1"


@pytest.mark.parametrize("body", [{}, [], {"access_token": "a"}, {"refresh_token": "r"}, {"access_token": 5}])
def test_a_grant_that_lacks_a_token_leaves_a_doubt(body: object) -> None:
    with pytest.raises(InDoubtError):
        answering(200, body).refresh()


@pytest.mark.parametrize("seconds", [None, "soon", -1, True])
def test_an_unknown_lifetime_is_the_documented_one(seconds: object) -> None:
    grant = answering(200, {"access_token": "a", "refresh_token": "r", "expires_in": seconds}).refresh()

    assert grant.expires > FakeClock().now()


@pytest.mark.parametrize(("status", "body"), [(400, {"error": "other"}), (404, {}), (302, {}), (403, [])])
def test_any_other_no_is_a_mistake_in_the_set_up(status: int, body: object) -> None:
    with pytest.raises(SetupError, match=f"HTTP {status}"):
        answering(status, body).refresh()


def test_no_error_shows_a_token() -> None:
    for status in (200, 302, 400, 401, 403, 429, 500):
        with pytest.raises(ProviderError) as error:
            answering(status, {"error": "x", "error_description": REFRESH_TOKEN}).refresh()
        assert REFRESH_TOKEN not in str(error.value)
