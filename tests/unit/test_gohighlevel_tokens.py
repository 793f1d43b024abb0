from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from slotline.adapters.calendars._http import ProviderHttp
from slotline.adapters.calendars._tokens import Grant
from slotline.adapters.calendars.gohighlevel.tokens import GohighlevelTokens
from slotline.domain.errors import CredentialError, InDoubtError, NotExecutedError, ProviderError, SetupError
from tests.contract.gohighlevel_spec import wrong_in_answer, wrong_in_request
from tests.fakes import FakeClock
from tests.servers.faulty import transport
from tests.servers.gohighlevel import LOCATION, GohighlevelApi
from tests.servers.gohighlevel_oauth import CLIENT_ID, CLIENT_SECRET, COMPANY, FIRST_REFRESH, LIFETIME

if TYPE_CHECKING:
    from collections.abc import Callable


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.api = GohighlevelApi(clock=self.clock.now)
        inner = transport(self.api, clock=self.clock)

        def checked(request: httpx.Request) -> httpx.Response:
            assert wrong_in_request(request) == []
            response = inner.handle_request(request)
            if response.is_success and response.read().endswith(b"}"):
                assert wrong_in_answer(request, response.status_code, response.read()) == []
            return response

        self.tokens = tokens(checked, self.clock)

    def refresh(self, token: str | None, *, client: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> Grant:
        deadline = self.clock.now() + 8
        return self.tokens.refresh(refresh_token=token, client_id=client, client_secret=secret, deadline=deadline)

    def location_token(self, agency: str, *, location: str = LOCATION) -> Grant:
        deadline = self.clock.now() + 8
        return self.tokens.location_token(
            agency_token=agency, company_id=COMPANY, location_id=location, deadline=deadline
        )


def tokens(handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock) -> GohighlevelTokens:
    client = httpx.Client(transport=httpx.MockTransport(handler), base_url="https://ghl.test")
    return GohighlevelTokens(ProviderHttp(client, name="main", clock=clock), clock=clock)


def test_a_refresh_gives_a_token_for_a_day_and_the_next_refresh_token() -> None:
    r = Rig()
    now = r.clock.now()
    grant = r.refresh(FIRST_REFRESH)

    assert grant == Grant("access-1", now + LIFETIME, "refresh-1")
    assert r.refresh(grant.refresh_token).access_token == "access-2"


def test_the_token_is_good_for_its_lifetime() -> None:
    r = Rig()
    grant = r.refresh(FIRST_REFRESH)

    assert r.location_token(grant.access_token).refresh_token is None
    r.clock.sleep(LIFETIME)
    with pytest.raises(CredentialError):
        r.location_token(grant.access_token)


@pytest.mark.parametrize("status", [400, 401])
def test_a_refresh_token_works_once(status: int) -> None:
    r = Rig()
    r.api.oauth.refused = status
    r.refresh(FIRST_REFRESH)

    with pytest.raises(CredentialError, match="connect again"):
        r.refresh(FIRST_REFRESH)


@pytest.mark.parametrize("missing", [None, ""])
def test_without_a_refresh_token_nothing_is_sent(missing: str | None) -> None:
    r = Rig()

    with pytest.raises(CredentialError, match="connect again"):
        r.refresh(missing)
    assert r.api.seen == []


def test_a_wrong_client_is_a_mistake_in_the_set_up_and_spends_nothing() -> None:
    r = Rig()

    with pytest.raises(SetupError, match=r"calendars\.main\.client_id") as error:
        r.refresh(FIRST_REFRESH, secret="wrong")
    assert not isinstance(error.value, CredentialError)
    assert r.refresh(FIRST_REFRESH).refresh_token == "refresh-1"


def test_a_401_that_says_nothing_names_both_ways_out() -> None:
    r = Rig()
    r.api.oauth.refused = 401

    with pytest.raises(CredentialError, match=r"connect again.*calendars\.main\.client_id"):
        r.refresh(FIRST_REFRESH, client="other")


@pytest.mark.parametrize("fault", ["stall", "error_after", "drop_after", "unreadable", "error_before", "drop_before"])
def test_a_lost_answer_leaves_in_doubt_whether_the_token_is_spent(fault: str) -> None:
    r = Rig()
    r.api.fault(fault, on="token", seconds=30)

    with pytest.raises(InDoubtError):
        r.refresh(FIRST_REFRESH)
    assert len(r.api.seen) == 1


def test_a_429_spends_nothing() -> None:
    r = Rig()
    r.api.fault("too_many", on="token", seconds=9)

    with pytest.raises(NotExecutedError) as error:
        r.refresh(FIRST_REFRESH)
    assert error.value.retry_after == 9
    assert r.refresh(FIRST_REFRESH).access_token == "access-1"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"access_token": "a"}, InDoubtError),
        (200, {"refresh_token": "r"}, InDoubtError),
        (200, [], InDoubtError),
        (422, {"message": ["grant_type must be one of"]}, CredentialError),
        (400, {"error": "invalid_grant", "error_description": "x"}, CredentialError),
        (400, {"error": "invalid_client"}, SetupError),
        (400, {"message": "We are sorry"}, SetupError),
        (302, {}, SetupError),
    ],
)
def test_every_answer_has_its_meaning(status: int, body: object, error: type[ProviderError]) -> None:
    clock = FakeClock()
    refreshing = tokens(lambda _: httpx.Response(status, json=body), clock)

    with pytest.raises(error) as raised:
        refreshing.refresh(refresh_token="r", client_id="c", client_secret="s", deadline=clock.now() + 5)
    assert type(raised.value) is error


def test_nobody_listening_spends_nothing() -> None:
    def closed(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    clock = FakeClock()
    with pytest.raises(NotExecutedError):
        tokens(closed, clock).refresh(refresh_token="r", client_id="c", client_secret="s", deadline=clock.now() + 5)


def test_a_lifetime_that_is_not_told_is_a_day() -> None:
    clock = FakeClock()
    body = {"access_token": "a", "refresh_token": "r", "expires_in": "soon"}
    grant = tokens(lambda _: httpx.Response(200, json=body), clock).refresh(
        refresh_token="r", client_id="c", client_secret="s", deadline=clock.now() + 5
    )

    assert grant.expires == clock.now() + 86_399


def test_a_location_that_is_not_the_agencys_is_a_mistake_in_the_set_up() -> None:
    r = Rig()
    agency = r.refresh(FIRST_REFRESH).access_token

    with pytest.raises(SetupError, match=r"calendars\.main\.location_id"):
        r.location_token(agency, location="loc2")


def test_a_location_token_whose_answer_was_lost_may_be_asked_for_again() -> None:
    r = Rig()
    agency = r.refresh(FIRST_REFRESH).access_token
    r.api.fault("error_after", on="location_token")

    with pytest.raises(NotExecutedError):
        r.location_token(agency)
    assert r.location_token(agency).access_token


def test_no_secret_stands_in_an_error() -> None:
    clock = FakeClock()
    body = {"message": "refresh token my-refresh of my-secret is invalid"}

    with pytest.raises(CredentialError) as error:
        tokens(lambda _: httpx.Response(400, json=body), clock).refresh(
            refresh_token="my-refresh", client_id="my-client", client_secret="my-secret", deadline=clock.now() + 5
        )
    assert "my-" not in str(error.value)
