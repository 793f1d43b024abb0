"""One Google account on the wire: a bearer token, a path and, for what is no success, the error that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from slotline.adapters.calendars._http import decoded
from slotline.adapters.calendars.google.refusals import refusal
from slotline.domain.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.ports import Clock

BASE_URL = "https://www.googleapis.com/calendar/v3"

About = Literal["event", "calendar"]


@dataclass(frozen=True, slots=True)
class GoogleWire:
    """Requests of one connection; `token` gives the live access token each time it is asked."""

    http: ProviderHttp
    name: str
    token: Callable[[], str]
    clock: Clock

    def send(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        writes: bool,
        json: object = None,
        params: Mapping[str, str | int] | None = None,
        if_match: str | None = None,
    ) -> httpx.Response:
        token = self.token()
        if not (token and token.isascii() and token.isprintable()):
            raise SetupError(f"calendars.{self.name}: the access token holds characters that stand in no token")
        headers = {"Authorization": f"Bearer {token}"}
        if if_match is not None:
            headers["If-Match"] = if_match
        return self.http.request(
            method, path, deadline=deadline, writes=writes, json=json, params=params, headers=headers
        )

    def read(
        self, path: str, *, about: About, deadline: float, params: Mapping[str, str | int] | None = None
    ) -> object:
        return self.data(self.send("GET", path, deadline=deadline, writes=False, params=params), about=about)

    def data(self, response: httpx.Response, *, about: About, writes: bool = False, service: str = "") -> object:
        """The JSON of a success; raises what anything else means."""
        self.check(response, about=about, writes=writes, service=service)
        return decoded(response, name=self.name, writes=writes)

    def check(self, response: httpx.Response, *, about: About, writes: bool, service: str = "") -> None:
        if not response.is_success:
            raise refusal(response, name=self.name, about=about, now=self.clock.now(), writes=writes, service=service)


def calendar_path(calendar_id: str, *rest: str) -> str:
    """Ids of calendars hold @ and #, so every part is percent-encoded."""
    return "/".join(["/calendars", quote(calendar_id, safe=""), *(quote(part, safe="") for part in rest)])
