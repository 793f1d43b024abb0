"""Access tokens of Calendly: https://developer.calendly.com/refresh-token-rotation-guide.

A refresh token works once. When the answer to a refresh is lost, the old token may be dead and the new one unknown:
then only the owner can connect again, so whoever calls this serialises it and stores the answer before using it.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from slotline.adapters.calendars._http import decoded
from slotline.adapters.calendars._tokens import Grant
from slotline.domain.errors import CredentialError, InDoubtError, SetupError

if TYPE_CHECKING:
    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.ports import Clock

BASE_URL = "https://auth.calendly.com"
GRANT_PATH = "/oauth/token"
LIFETIME_SECONDS = 7200.0
"""Of an access token whose answer does not say."""

_REFUSED_CLIENT = frozenset({"invalid_client", "unauthorized_client"})


class CalendlyTokens:
    """Fresh access tokens. Stateless; `http` is a client of auth.calendly.com."""

    def __init__(self, http: ProviderHttp, *, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def refresh(self, *, refresh_token: str | None, client_id: str, client_secret: str, deadline: float) -> Grant:
        """A new grant; its refresh token replaces the one that was given, which is spent.

        InDoubtError: it may be spent and the new one is unknown. NotExecutedError: certainly not spent.
        """
        name = self._http.name
        if not refresh_token:
            raise CredentialError(f"{name}: there is no refresh token; connect again")
        basic = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        form = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token})
        wrong_client = SetupError(
            f"calendars.{name}.client_secret: Calendly does not take this client id and secret; correct them, or"
            " connect again if they are right"
        )
        try:
            response = self._http.request(
                "POST",
                GRANT_PATH,
                deadline=deadline,
                writes=True,
                content=form.encode(),
                headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
            )
        except CredentialError as exc:  # by the standard about the client; a revoked grant is 400
            raise wrong_client from exc
        answer = decoded(response, name=name, writes=response.is_success)
        said = answer if isinstance(answer, dict) else {}
        if not response.is_success:
            if said.get("error") == "invalid_grant":
                raise CredentialError(f"{name}: the grant was revoked or used up; connect again")
            if said.get("error") in _REFUSED_CLIENT:
                raise wrong_client
            raise SetupError(f"{name}: HTTP {response.status_code} when the access token was renewed")
        access, following = said.get("access_token"), said.get("refresh_token")
        if not isinstance(access, str) or not isinstance(following, str) or not access or not following:
            raise InDoubtError(f"{name}: a grant without its tokens")
        seconds = said.get("expires_in")
        lifetime = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else LIFETIME_SECONDS
        return Grant(access, self._clock.now() + lifetime, following)
