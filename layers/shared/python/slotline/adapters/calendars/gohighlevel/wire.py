"""Requests to one HighLevel location: headers, versions, and every refusal turned into one of our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars._http import decoded
from slotline.adapters.calendars.gohighlevel.refusals import About, refusal
from slotline.domain.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar
    from slotline.domain.errors import Refusal

CALENDARS, CONTACTS = "2021-04-15", "2021-07-28"
"""The values of the `Version` header: every group of routes has its own."""


class Wire:
    """One location's way to HighLevel; `token` gives the live access token each time it is asked."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, token: Callable[[], str]) -> None:
        self.name = connection.name
        self._http = http
        self._token = token

    def get(
        self,
        path: str,
        *,
        deadline: float,
        params: Mapping[str, str | int] | None = None,
        version: str = CALENDARS,
        service: str = "",
        missing: Refusal | None = None,
    ) -> object:
        """The JSON of an answer; `missing` is what a bare 404 means, `service` whose calendar it is about."""
        headers = self._headers(version)
        response = self._http.request("GET", path, deadline=deadline, writes=False, params=params, headers=headers)
        if not response.is_success:
            raise refusal(response, about=About(self.name, service), missing=missing)
        return decoded(response, name=self.name, writes=False)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: object,
        deadline: float,
        version: str = CALENDARS,
        service: str = "",
        missing: Refusal | None = None,
    ) -> object:
        """Write once; the answer's JSON."""
        headers = self._headers(version)
        response = self._http.request(method, path, deadline=deadline, writes=True, json=json, headers=headers)
        if not response.is_success:
            raise refusal(response, about=About(self.name, service), missing=missing)
        return decoded(response, name=self.name, writes=True)

    def _headers(self, version: str) -> dict[str, str]:
        token = self._token()
        if not (token.isascii() and token.isprintable()):
            raise SetupError(f"calendars.{self.name}.token: no such characters stand in a token")
        return {"Authorization": f"Bearer {token}", "Version": version}
