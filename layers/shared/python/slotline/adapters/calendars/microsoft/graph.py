"""Requests to Microsoft Graph v1.0 for one mailbox: https://learn.microsoft.com/graph/use-the-api.

Every request asks for times in UTC and for ids that survive a move between folders. Outlook serves four requests of one
app to one mailbox at once and answers 429 to a fifth: three at once leave room for another process.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from slotline.adapters.calendars._http import decoded, lost
from slotline.adapters.calendars.microsoft.refusals import refusal
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, RefusedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.microsoft.refusals import About
    from slotline.ports import Clock

BASE_URL = "https://graph.microsoft.com/v1.0"
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'

AT_ONCE = 3
MOST_PAGES = 200


class Graph:
    """What the calendar and the subscriptions of one connection share."""

    def __init__(self, http: ProviderHttp, *, name: str, token: Callable[[], str], clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self._http = http
        self._token = token
        self._room = BoundedSemaphore(AT_ONCE)

    def get(self, path: str, *, about: About, deadline: float) -> object:
        """The answer's JSON; what is no success is raised."""
        response = self.send("GET", path, deadline=deadline, writes=False)
        return self.judged(response, about=about, writes=False)

    def send(
        self,
        method: str,
        path: str,
        *,
        deadline: float,
        writes: bool = True,
        json: object = None,
        if_match: str | None = None,
    ) -> httpx.Response:
        """One request, when there is room for it before the deadline."""
        headers = {"Authorization": f"Bearer {self._credential()}", "Prefer": PREFER}
        if if_match is not None:
            headers["If-Match"] = if_match
        if not self._room.acquire(timeout=max(0.0, deadline - self.clock.now())):
            raise NotExecutedError(f"{self.name}: no room among the requests to this mailbox", retry_after=1.0)
        try:
            return self._http.request(method, path, deadline=deadline, writes=writes, json=json, headers=headers)
        finally:
            self._room.release()

    def judged(self, response: httpx.Response, *, about: About, writes: bool) -> object:
        if not response.is_success:
            raise refusal(response, name=self.name, about=about, writes=writes, now=self.clock.now())
        return decoded(response, name=self.name, writes=writes)

    def listed(self, path: str, *, about: About, deadline: float) -> Iterator[object]:
        """Every entry of a list, over all its pages. A page's link leads nowhere but to our own base URL."""
        following = path
        for _ in range(MOST_PAGES):
            page = self.get(following, about=about, deadline=deadline)
            entries = page.get("value") if isinstance(page, dict) else None
            if not isinstance(page, dict) or not isinstance(entries, list):
                raise lost(self.name, "a list that is none", writes=False)
            yield from entries
            link = page.get("@odata.nextLink")
            if link is None:
                return
            following = self._below_base(link)
        raise lost(self.name, "a list without an end", writes=False)

    def _below_base(self, link: object) -> str:
        parts = urlsplit(link) if isinstance(link, str) else None
        _, version, rest = parts.path.partition("/v1.0/") if parts else ("", "", "")
        if parts is None or not version:
            raise lost(self.name, "a page with a link we cannot follow", writes=False)
        return f"/{rest}?{parts.query}" if parts.query else f"/{rest}"

    def _credential(self) -> str:
        token = self._token()
        if not (token and token.isascii() and token.isprintable()):
            raise SetupError(f"calendars.{self.name}: the access token is not one; connect again")
        return token


def with_query(path: str, query: Mapping[str, str]) -> str:
    """The path with a query as OData wants it: spaces are %20, never a plus."""
    return path + "?" + "&".join(f"{quote(k, safe='$')}={quote(v, safe='')}" for k, v in query.items())


@contextmanager
def after_a_write(name: str) -> Iterator[None]:
    """What cannot be learned here leaves a doubt: something was written, or is there from an earlier try."""
    try:
        yield
    except (RefusedError, InDoubtError):
        raise
    except ProviderError as exc:
        raise InDoubtError(f"{name}: written, and then not seen ({type(exc).__name__})") from exc
