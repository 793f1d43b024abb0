"""The token endpoint of the fake HighLevel: refresh tokens that work once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.faulty import ApiError, Json
from tests.servers.gohighlevel_desk import LOCATION

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "pit-fake-token"
CLIENT_ID, CLIENT_SECRET, COMPANY = "client-1", "secret-1", "company1"
FIRST_REFRESH = "refresh-0"
LIFETIME = 86_399


class OauthDesk:
    """Grants of one location."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.refresh_token = FIRST_REFRESH
        self.refused = 400  # or 401: a refresh token that was used up
        self._until: dict[str, float] = {}
        self._made = 0

    def alive(self) -> set[str]:
        return {token for token, until in self._until.items() if until > self._clock()}

    def granted(self, form: Json) -> Json:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise ApiError(401 if self.refused == 401 else 400, "Invalid client credentials", error="invalid_client")
        if form.get("grant_type") != "refresh_token" or form.get("user_type") != "Location":
            raise ApiError(422, ["grant_type must be one of the following values"])
        if form.get("refresh_token") != self.refresh_token:
            raise ApiError(self.refused, "This refresh token is invalid", error="invalid_grant")
        self._made += 1
        self.refresh_token = f"refresh-{self._made}"
        return self._grant() | {"refresh_token": self.refresh_token, "userType": "Location", "companyId": COMPANY}

    def location_token(self, form: Json) -> Json:
        if form.get("companyId") != COMPANY or form.get("locationId") != LOCATION:
            raise ApiError(400, "Location not found")
        self._made += 1
        return self._grant()

    def _grant(self) -> Json:
        token = f"access-{self._made}"
        self._until[token] = self._clock() + LIFETIME
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": "calendars.readonly",
            "locationId": LOCATION,
            "userId": "user1Ada",
        }
