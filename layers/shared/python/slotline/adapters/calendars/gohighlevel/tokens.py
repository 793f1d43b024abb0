"""Access tokens of a HighLevel marketplace app: https://marketplace.gohighlevel.com/docs (Authorization, OAuth 2.0).

An access token lives for a day. A refresh token works once: its answer brings the next one, so when that answer is
lost, only the owner can connect again. Whoever calls this serialises it and stores the answer before using it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from slotline.adapters.calendars._http import decoded, lost
from slotline.adapters.calendars._tokens import Grant
from slotline.adapters.calendars.gohighlevel.refusals import message_of
from slotline.adapters.calendars.gohighlevel.replies import member, text
from slotline.adapters.calendars.gohighlevel.wire import CONTACTS as OAUTH
from slotline.domain.errors import CredentialError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.ports import Clock

TOKEN_PATH, LOCATION_TOKEN_PATH = "/oauth/token", "/oauth/locationToken"
LIFETIME_SECONDS = 86_399.0
"""Of an access token whose answer does not say."""

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Version": OAUTH}
FORBIDDEN = 403


class GohighlevelTokens:
    """Fresh access tokens. Stateless; `http` is a client of the same host as the API."""

    def __init__(self, http: ProviderHttp, *, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def refresh(self, *, refresh_token: str | None, client_id: str, client_secret: str, deadline: float) -> Grant:
        """A new grant of one location; its refresh token replaces the one that was given, which is spent.

        InDoubtError: it may be spent and the new one is unknown. NotExecutedError: certainly not spent.
        """
        name, asked = self._http.name, self._clock.now()
        if not refresh_token:
            raise CredentialError(f"{name}: there is no refresh token; connect again")
        form = {
            "client_id": client_id,
            "client_secret": client_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "user_type": "Location",
        }
        try:
            response = self._http.request(
                "POST", TOKEN_PATH, deadline=deadline, writes=True, content=_encoded(form), headers=FORM
            )
        except CredentialError as exc:  # which of the two HighLevel dislikes cannot be told from the status
            raise CredentialError(
                f"{name}: the refresh token was not accepted; connect again, and when that does not help, correct"
                f" calendars.{name}.client_id and client_secret"
            ) from exc
        if not response.is_success:
            words = message_of(response).lower()
            if "client" in words and "grant" not in words and "refresh" not in words:
                raise SetupError(f"calendars.{name}.client_id: HighLevel does not take this client id and secret")
            if any(word in words for word in ("grant", "refresh", "token", "revoked", "expired")):
                raise CredentialError(f"{name}: the grant was revoked, has expired or was used up; connect again")
            raise SetupError(f"{name}: HTTP {response.status_code} when the access token was renewed")
        answer = decoded(response, name=name, writes=True)
        following = text(member(answer, "refresh_token"))
        if following is None:
            raise lost(name, "a grant without its refresh token", writes=True)
        return self._grant(answer, asked=asked, refresh_token=following, writes=True)

    def location_token(self, *, agency_token: str, company_id: str, location_id: str, deadline: float) -> Grant:
        """A token of one location from an agency's; nothing is spent, so a lost answer is just asked for again."""
        name, asked = self._http.name, self._clock.now()
        response = self._http.request(
            "POST",
            LOCATION_TOKEN_PATH,
            deadline=deadline,
            writes=False,
            content=_encoded({"companyId": company_id, "locationId": location_id}),
            headers=FORM | {"Authorization": f"Bearer {agency_token}"},
        )
        if not response.is_success:
            reason = "oauth.write is not granted" if response.status_code == FORBIDDEN else "not of this agency"
            raise SetupError(f"calendars.{name}.location_id: HighLevel gives no token for this location ({reason})")
        return self._grant(decoded(response, name=name, writes=False), asked=asked, refresh_token=None, writes=False)

    def _grant(self, answer: object, *, asked: float, refresh_token: str | None, writes: bool) -> Grant:
        access, seconds = text(member(answer, "access_token")), member(answer, "expires_in")
        if access is None:
            raise lost(self._http.name, "a grant without an access token", writes=writes)
        lifetime = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else LIFETIME_SECONDS
        return Grant(access, asked + lifetime, refresh_token)


def _encoded(form: Mapping[str, str]) -> bytes:
    return urlencode(form).encode()
