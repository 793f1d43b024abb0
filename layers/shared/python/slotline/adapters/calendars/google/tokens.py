"""Access tokens from Google: for a person who gave consent, and for a service account.

Consent: https://developers.google.com/identity/protocols/oauth2/web-server; service accounts:
https://developers.google.com/identity/protocols/oauth2/service-account. A refresh token is not used up by a refresh and
most answers bring no new one, so asking again after a lost answer is harmless. A refresh token dies when the person
revokes it, after six months without use, and after seven days while the consent screen is in "Testing".
PyJWT is imported when the first service account asks, never when this module is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from slotline.adapters.calendars._http import decoded
from slotline.adapters.calendars._tokens import Grant
from slotline.adapters.calendars.google.replies import member, text
from slotline.domain.errors import CredentialError, NotExecutedError, ProviderError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.ports import Clock

BASE_URL = "https://oauth2.googleapis.com"
AUDIENCE = "https://oauth2.googleapis.com/token"

_PREFIX = "https://www.googleapis.com/auth/"
SCOPES = tuple(_PREFIX + scope for scope in ("calendar.events", "calendar.freebusy", "calendar.calendarlist.readonly"))
"""The least that booking needs."""

_WRITING = frozenset(_PREFIX + s for s in ("calendar", "calendar.events", "calendar.events.owned"))
_BUSY = frozenset(
    _PREFIX + s for s in ("calendar", "calendar.freebusy", "calendar.events.freebusy", "calendar.readonly")
)

LONGEST_LIFE_SECONDS = 3600  # of a signed request, by Google's rule
SHORT_WAIT_SECONDS = 5.0
_LONGEST_CODE = 40  # a word, not a sentence
_PASSING = frozenset({"internal_failure", "server_error", "temporarily_unavailable"})


class GoogleTokens:
    """The refresh of a person's consent. `http` speaks to the token endpoint and bears the calendar's name."""

    def __init__(self, http: ProviderHttp, *, clock: Clock) -> None:
        self._endpoint = _Endpoint(http, clock)

    def refresh(self, *, refresh_token: str | None, client_id: str, client_secret: str, deadline: float) -> Grant:
        """A new access token.

        Raises CredentialError when only a new consent helps, SetupError naming the field that is wrong, and
        NotExecutedError for everything that passes: nothing is ever used up.
        """
        name = self._endpoint.name
        if not refresh_token:
            raise CredentialError(f"calendars.{name}: not connected to Google yet: connect again")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": client_id,
            "client_secret": client_secret,
        }
        return self._endpoint.grant(
            form,
            deadline=deadline,
            refused=f"calendars.{name}.client_id, client_secret: Google does not accept this OAuth client",
            dead=f"calendars.{name}: the consent was withdrawn or has run out: connect again",
        )


class GoogleServiceAccount:
    """The token of a service account: for itself, or for the person it may act for."""

    def __init__(self, http: ProviderHttp, *, clock: Clock) -> None:
        self._endpoint = _Endpoint(http, clock)
        self._clock = clock

    def grant(self, *, key_json: str, subject: str | None, deadline: float) -> Grant:
        """A new access token against the key file's JSON; `subject` needs domain-wide delegation.

        Raises SetupError and CredentialError naming the field, NotExecutedError for everything that passes.
        """
        name = self._endpoint.name
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": self._assertion(key_json, subject),
        }
        who = f"calendars.{name}.subject" if subject else f"calendars.{name}.service_account_key"
        refused = (
            f"{who}: allow the service account's client id domain-wide delegation with the scopes {' '.join(SCOPES)}"
            if subject
            else f"{who}: Google does not accept this service account"
        )
        dead = f"{who}: Google does not accept the key or the person it acts for; check both, or connect again"
        return self._endpoint.grant(form, deadline=deadline, refused=refused, dead=dead)

    def _assertion(self, key_json: str, subject: str | None) -> str:
        """A signed statement of who asks for what. The key file's own token_uri is never followed."""
        import jwt

        field = f"calendars.{self._endpoint.name}.service_account_key"
        try:
            key: object = json.loads(key_json)
        except ValueError:
            key = None  # and so without a chain: the text of the error would quote the key
        issuer, private = text(member(key, "client_email")), text(member(key, "private_key"))
        if issuer is None or private is None:
            raise SetupError(f"{field}: must be the whole JSON key file of a service account")
        now = int(self._clock.now())
        claims: dict[str, object] = {
            "iss": issuer,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + LONGEST_LIFE_SECONDS,
            "scope": " ".join(SCOPES),
        }
        if subject:
            claims["sub"] = subject
        number = text(member(key, "private_key_id"))
        try:
            return jwt.encode(claims, private, algorithm="RS256", headers={"kid": number} if number else None)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise SetupError(f"{field}: the private key in it cannot be used") from None


class _Endpoint:
    """Google's token endpoint."""

    def __init__(self, http: ProviderHttp, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self.name = http.name

    def grant(self, form: Mapping[str, str], *, deadline: float, refused: str, dead: str) -> Grant:
        asked = self._clock.now()
        try:
            response = self._http.request(
                "POST",
                "/token",
                deadline=deadline,
                writes=False,  # nothing is used up, so a dropped request may be repeated
                content=urlencode(form).encode(),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
        except CredentialError:
            raise SetupError(refused) from None
        answer = decoded(response, name=self.name, writes=False)
        if not response.is_success:
            raise self._error(text(member(answer, "error")) or "", response.status_code, refused=refused, dead=dead)
        token, lasts = text(member(answer, "access_token")), member(answer, "expires_in")
        if token is None or not isinstance(lasts, int | float) or lasts <= 0:
            raise NotExecutedError(f"{self.name}: a grant without a token", retry_after=SHORT_WAIT_SECONDS)
        self._check_scopes(text(member(answer, "scope")))
        return Grant(token, asked + lasts, text(member(answer, "refresh_token")))

    def _error(self, code: str, status: int, *, refused: str, dead: str) -> ProviderError:
        if code == "invalid_grant":
            return CredentialError(dead)
        if code in _PASSING:
            return NotExecutedError(f"{self.name}: the token endpoint says {code}", retry_after=SHORT_WAIT_SECONDS)
        if code == "admin_policy_enforced":
            return SetupError(f"calendars.{self.name}: an administrator of the domain does not allow this application")
        if code in {"invalid_client", "unauthorized_client"}:
            return SetupError(refused)
        shown = code if code.isascii() and code.replace("_", "").isalpha() and len(code) <= _LONGEST_CODE else ""
        return SetupError(f"{refused} (HTTP {status} {shown})".replace(" )", ")"))

    def _check_scopes(self, granted: str | None) -> None:
        """A person may untick single permissions; an answer that does not list them is believed."""
        if granted is None:
            return
        given = frozenset(granted.split())
        for wanted, what in ((_WRITING, "change events"), (_BUSY, "see when you are busy")):
            if not given & wanted:
                raise SetupError(
                    f"calendars.{self.name}: the consent does not allow to {what}: connect again, tick all"
                )
