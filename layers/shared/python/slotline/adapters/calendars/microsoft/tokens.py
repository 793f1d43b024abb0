"""Access tokens of the Microsoft identity platform v2: https://learn.microsoft.com/entra/identity-platform/.

Each refresh gives a new refresh token and leaves the old one alive for a while, so that a lost answer costs nothing.
An app that acts for itself has no refresh token: it asks again with its secret.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from slotline.adapters.calendars._http import retry_after
from slotline.adapters.calendars._tokens import Grant
from slotline.domain.errors import CredentialError, NotExecutedError, ProviderError, SetupError

if TYPE_CHECKING:
    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.ports import Clock

BASE_URL = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"

CONSENT_SCOPES = "offline_access Calendars.ReadWrite User.Read MailboxSettings.Read"
"""What the owner is asked for when connecting."""

REFRESH_SCOPES = "offline_access Calendars.ReadWrite"
"""Never more than was granted: a refresh that asks for more is refused as a whole."""

_AGAIN = "connect again"
_CODES: dict[int, tuple[Literal["grant", "setup"], str]] = {
    70008: ("grant", f"the refresh token has expired; {_AGAIN}"),
    700082: ("grant", f"the refresh token has expired unused; {_AGAIN}"),
    700084: ("grant", f"the refresh token has expired; {_AGAIN}"),
    50173: ("grant", f"the grant was revoked, as by a new password; {_AGAIN}"),
    50076: ("grant", f"a second factor is asked for; {_AGAIN}"),
    50079: ("grant", f"a second factor is asked for; {_AGAIN}"),
    65001: ("grant", f"the app has no consent; {_AGAIN}, as an administrator where the tenant wants one"),
    7000215: ("setup", "client_secret: the secret is wrong; enter its value, not its id"),
    7000222: ("setup", "client_secret: the secret has expired; make a new one for the app"),
    700016: ("setup", "client_id: no such app in this tenant"),
    90002: ("setup", "tenant: no such tenant"),
    900023: ("setup", "tenant: no such tenant"),
}
"""AADSTS numbers in `error_codes`, which outlive the words around them; an unknown number leaves it to `error`."""

_ERRORS: dict[str, tuple[Literal["grant", "setup", "later"], str]] = {
    "invalid_grant": ("grant", f"the grant is not valid any more; {_AGAIN}"),
    "interaction_required": ("grant", f"the owner must sign in; {_AGAIN}"),
    "consent_required": ("grant", f"the app has no consent; {_AGAIN}"),
    "login_required": ("grant", f"the owner must sign in; {_AGAIN}"),
    "invalid_client": ("setup", "client_secret: the identity platform does not take it"),
    "unauthorized_client": ("setup", "client_id: this app may not do this in this tenant"),
    "invalid_scope": ("setup", "client_id: the app has not been given Calendars.ReadWrite"),
    "temporarily_unavailable": ("later", ""),
    "server_error": ("later", ""),
}


class MicrosoftTokens:
    """Fresh access tokens; stateless. `tenant` is a GUID, a domain, common, organizations or consumers."""

    def __init__(
        self,
        http: ProviderHttp,
        *,
        clock: Clock,
        tenant: str = "common",
        auth: Literal["delegated", "client_credentials"] = "delegated",
        graph: str = GRAPH,
    ) -> None:
        self._http = http
        self._name = http.name
        self._clock = clock
        self._tenant = tenant
        self._auth = auth
        self._graph = graph

    def refresh(self, *, refresh_token: str | None, client_id: str, client_secret: str, deadline: float) -> Grant:
        """A new grant. CredentialError: the owner must connect again. SetupError names the field that is wrong."""
        response = self._asked(
            {**self._grant_type(refresh_token), "client_id": client_id, "client_secret": client_secret},
            deadline=deadline,
        )
        if not response.is_success:
            raise self._refusal(response)
        answer = _object(response)
        access, newer, seconds = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
        lifetime = _number(seconds)
        if not isinstance(access, str) or not access or lifetime is None:
            raise NotExecutedError(f"{self._name}: a grant we cannot read")
        kept = newer if isinstance(newer, str) and newer and self._auth == "delegated" else None
        return Grant(access_token=access, expires=self._clock.now() + lifetime, refresh_token=kept)

    def _grant_type(self, refresh_token: str | None) -> dict[str, str]:
        if self._auth == "client_credentials":
            if self._tenant in {"common", "organizations", "consumers"}:
                raise SetupError(f"calendars.{self._name}.tenant: an app that acts for itself must name its tenant")
            return {"grant_type": "client_credentials", "scope": f"{self._graph}/.default"}
        if not refresh_token:
            raise CredentialError(f"calendars.{self._name}: not connected yet; connect the account")
        return {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": REFRESH_SCOPES}

    def _asked(self, form: dict[str, str], *, deadline: float) -> httpx.Response:
        if not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", self._tenant):
            raise SetupError(f"calendars.{self._name}.tenant: must be a GUID, a domain, or common")
        try:
            return self._http.request(
                "POST",
                f"/{self._tenant}/oauth2/v2.0/token",
                deadline=deadline,
                writes=False,  # nothing is used up by asking twice
                content=urlencode(form).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
        except CredentialError as exc:  # 401 is said of the app here, never of the grant
            raise self._setup("client_secret: the identity platform does not take it") from exc

    def _refusal(self, response: httpx.Response) -> ProviderError:
        answer = _object(response)
        error, codes = answer.get("error"), answer.get("error_codes")
        rows = [_CODES[c] for c in (codes if isinstance(codes, list) else []) if isinstance(c, int) and c in _CODES]
        kind, words = rows[0] if rows else _ERRORS.get(str(error), ("setup", ""))
        if kind == "grant":
            return CredentialError(f"calendars.{self._name}: {words}")
        if kind == "later":
            return NotExecutedError(
                f"{self._name}: {error}", retry_after=retry_after(response.headers, now=self._clock.now())
            )
        return self._setup(words or f"client_id: the identity platform refuses (HTTP {response.status_code})")

    def _setup(self, words: str) -> SetupError:
        return SetupError(f"calendars.{self._name}.{words}")


def _object(response: httpx.Response) -> dict[str, object]:
    try:
        answer: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _number(value: object) -> float | None:
    """Seconds; Microsoft has written them as text, too."""
    if isinstance(value, str) and value.isdecimal():
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
