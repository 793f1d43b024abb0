"""The token endpoint of the fake identity platform: rotation, app-only tokens and AADSTS errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.faulty import ApiError, Json

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "app-1", "app-secret", "refresh-0"
TENANT = "contoso.example"
LIFETIME = 3599

REFUSALS: dict[int, tuple[int, str]] = {
    70008: (400, "invalid_grant"),
    700082: (400, "invalid_grant"),
    50173: (400, "invalid_grant"),
    50076: (400, "interaction_required"),
    50079: (400, "interaction_required"),
    65001: (400, "invalid_grant"),
    7000215: (401, "invalid_client"),
    7000222: (401, "invalid_client"),
    700016: (400, "unauthorized_client"),
    90002: (400, "invalid_request"),
}


@dataclass
class Login:
    """`tokens` are the access tokens that live, with the mailbox they speak for; None: an app that acts for itself."""

    clock: Callable[[], float]
    owner: str
    tokens: dict[str, str | None] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=lambda: {REFRESH_TOKEN})
    refuses: int | None = None  # an AADSTS number
    consented: frozenset[str] = frozenset({"offline_access", "Calendars.ReadWrite", "User.Read"})
    rotates: bool = True
    _made: int = 0

    def token(self, tenant: str, form: Json) -> Json:
        if self.refuses is not None:
            raise _refused(self.refuses)
        if tenant not in {TENANT, "common", "organizations", "consumers"}:
            raise _refused(90002)
        if form.get("client_id") != CLIENT_ID:
            raise _refused(700016)
        if form.get("client_secret") != CLIENT_SECRET:
            raise _refused(7000215)
        self._made += 1
        access = f"access-{self._made}"
        shown: Json = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME}
        if form.get("grant_type") == "client_credentials":
            if form.get("scope") != "https://graph.microsoft.com/.default" or tenant != TENANT:
                raise ApiError(400, "AADSTS70011: The scope is not valid.", oauth="invalid_scope", codes=[70011])
            self.tokens[access] = None
            return shown | {"access_token": access}
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") not in self.refresh_tokens:
            raise _refused(70008)
        scopes = set(str(form.get("scope", "")).split())
        if not scopes <= self.consented:
            raise _refused(65001)
        self.tokens[access] = self.owner
        shown |= {"access_token": access, "scope": " ".join(sorted(scopes - {"offline_access"}))}
        if self.rotates:
            shown["refresh_token"] = f"refresh-{self._made}"
            self.refresh_tokens.add(shown["refresh_token"])  # the older ones live on for a while
        return shown


def oauth_body(error: ApiError) -> Json:
    return {
        "error": error.more["oauth"],
        "error_description": str(error.message),
        "error_codes": error.more["codes"],
        "timestamp": "1970-01-01 00:00:00Z",
        "trace_id": "t-1",
        "correlation_id": "c-1",
    }


def _refused(number: int) -> ApiError:
    status, error = REFUSALS[number]
    return ApiError(status, f"AADSTS{number}: as told.", oauth=error, codes=[number])
