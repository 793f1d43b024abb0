"""A CalDAV account: requests that never leave its site, and where its calendars are (RFC 6764, RFC 4791).

What discovery finds is kept for the life of the adapter. Every address that a server names (redirect or href) is
checked before it is asked. Where a *name* may lead is the HTTP client's to check, address by address.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from slotline.adapters.calendars.caldav import replies
from slotline.adapters.calendars.caldav.addresses import canonical, is_same_site, path_of
from slotline.adapters.calendars.caldav.replies import CALDAV, DAV
from slotline.adapters.calendars.caldav.requests import COLLECTION, HOME, PRINCIPAL, XML_TYPE, propfind
from slotline.domain.errors import ProviderError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.caldav.replies import Answered, Entry
    from slotline.domain.business import Calendar

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OFF_SITE = (
    "calendars.{}.base_url: the server points to an address outside its own site; name the address of the CalDAV "
    "service itself"
)
WELL_KNOWN = "/.well-known/caldav"


@dataclass(frozen=True, slots=True)
class Collection:
    """A calendar of the account. `url` is absolute and ends in a slash."""

    url: str
    name: str
    is_writable: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What discovery brought to light. `owners`: the user's own e-mail addresses, in lower case."""

    collections: tuple[Collection, ...]
    owners: frozenset[str]


class CaldavAccount:
    """One login at one CalDAV service."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, password: Callable[[], str]) -> None:
        self.http = http
        self.name = connection.name
        self._options = connection.options
        self._password = password
        self._base = connection.base_url or ""
        self._found: Found | None = None
        self._lock = Lock()

    # --- requests ---------------------------------------------------------------------------------------------------

    def ask(
        self, method: str, url: str, *, deadline: float, body: bytes | None = None, depth: int | None = None
    ) -> httpx.Response:
        """A request that changes nothing; redirects on the same site are followed with method and body."""
        headers = {"Content-Type": XML_TYPE, "Depth": str(depth)} if depth is not None else {}
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send(method, url, deadline=deadline, writes=False, body=body, headers=headers)
            location = response.headers.get("location")
            if response.status_code not in REDIRECTS or not location:
                return response
            url = self.followed(url, location)
        raise SetupError(f"calendars.{self.name}.base_url: too many redirects; name the CalDAV address itself")

    def change(
        self, method: str, url: str, *, deadline: float, headers: Mapping[str, str], body: bytes | None = None
    ) -> httpx.Response:
        """A request with an effect, sent once; a redirect is an answer like any other."""
        return self._send(method, url, deadline=deadline, writes=True, body=body, headers=headers)

    def _send(
        self, method: str, url: str, *, deadline: float, writes: bool, body: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        return self.http.request(
            method, url, deadline=deadline, writes=writes, content=body, headers=self._headers() | dict(headers)
        )

    def multistatus(self, method: str, url: str, *, body: bytes, depth: int, field: str, deadline: float) -> Answered:
        response = self.ask(method, url, body=body, depth=depth, deadline=deadline)
        if response.status_code != replies.MULTISTATUS:
            raise replies.refusal(response, name=self.name, field=field, writes=False)
        return replies.multistatus(response, name=self.name)

    def _headers(self) -> dict[str, str]:
        user = self._options.get("username", "")
        if not user or ":" in user:
            raise SetupError(f"calendars.{self.name}.username: give the login name, which holds no colon")
        # Sent unasked: some services answer 401 without saying that they want it.
        login = b64encode(f"{user}:{self._password()}".encode()).decode()
        return {"Authorization": f"Basic {login}", "Accept": "text/calendar, application/xml;q=0.9, */*;q=0.1"}

    # --- addresses --------------------------------------------------------------------------------------------------

    @property
    def root(self) -> str:
        if not self._base.startswith(("https://", "http://")):
            raise SetupError(f"calendars.{self.name}.base_url: give the https address of the CalDAV service")
        return canonical(self._base)

    def followed(self, base: str, reference: str) -> str:
        """The address a server pointed to; SetupError when following it would carry the password elsewhere."""
        off_site = SetupError(_OFF_SITE.format(self.name))
        try:
            url = canonical(urljoin(base, reference))
            is_ours = is_same_site(self.root, url)
        except ValueError as exc:
            raise off_site from exc
        if not is_ours:
            raise off_site
        return url

    # --- calendars --------------------------------------------------------------------------------------------------

    def collection(self, *, deadline: float) -> Collection:
        """The calendar that bookings are written to."""
        wanted = self._options.get("calendar", "").strip()
        if wanted:
            return self.named(wanted, field="calendar", deadline=deadline)
        writable = [c for c in self.discovered(deadline=deadline).collections if c.is_writable]
        if len(writable) != 1:
            raise SetupError(
                f"calendars.{self.name}.calendar: {len(writable)} calendars can be written to; name one that "
                "`slotline calendars` lists"
            )
        return writable[0]

    def others(self, *, deadline: float) -> tuple[Collection, ...]:
        """Further calendars whose events count as busy."""
        lines = self._options.get("also_check", "").splitlines()
        named = [self.named(line.strip(), field="also_check", deadline=deadline) for line in lines if line.strip()]
        return tuple({c.url: c for c in named}.values())

    def named(self, wanted: str, *, field: str, deadline: float) -> Collection:
        """A calendar by its address, which needs no discovery, or by the name it is shown with."""
        if wanted.startswith(("/", "https://", "http://")):
            url = self.followed(self.root, wanted)
            return Collection(url if url.endswith("/") else f"{url}/", wanted)
        found = [c for c in self.discovered(deadline=deadline).collections if c.name == wanted]
        if len(found) != 1:
            raise SetupError(
                f"calendars.{self.name}.{field}: {len(found)} calendars have this name; give the address that "
                "`slotline calendars` lists"
            )
        return found[0]

    def discovered(self, *, deadline: float) -> Found:
        with self._lock:
            if self._found is None:
                self._found = self._discover(deadline=deadline)
            return self._found

    def owners(self) -> frozenset[str]:
        """The user's own addresses, as far as they are known without asking."""
        user = self._options.get("username", "").strip().lower()
        return (self._found.owners if self._found else frozenset()) | ({user} if "@" in user else frozenset())

    def forget(self) -> None:
        """Discover again next time: a calendar was not where it had been."""
        with self._lock:
            self._found = None

    def _discover(self, *, deadline: float) -> Found:
        principal = self._principal(deadline=deadline)
        home = self._properties(principal, HOME, deadline=deadline)
        target = home.href_in(f"{CALDAV}calendar-home-set") if home else None
        home_url = self.followed(principal, target) if target else principal
        listed = self.multistatus(
            "PROPFIND", home_url, body=propfind(COLLECTION), depth=1, field="username", deadline=deadline
        )
        mails = home.texts_in(f"{CALDAV}calendar-user-address-set", f"{DAV}href") if home else ()
        owners = frozenset(m[7:].lower() for m in mails if m.lower().startswith("mailto:"))
        found = [c for entry in listed.entries if (c := self._calendar(home_url, entry)) is not None]
        return Found(tuple(found), owners)

    def _principal(self, *, deadline: float) -> str:
        """The user's principal, as told by the configured address or by the well-known one."""
        refused: ProviderError | None = None
        addresses = [self.root, urljoin(self.root, WELL_KNOWN)]
        if path_of(self.root) == "/":
            addresses.reverse()  # only a host is configured, and its front page is seldom a CalDAV service
        for url in addresses:
            try:
                entry = self._properties(url, PRINCIPAL, deadline=deadline)
            except SetupError as exc:
                if type(exc) is not SetupError:  # a refused credential is refused everywhere
                    raise
                refused = exc
                continue
            href = entry.href_in(f"{DAV}current-user-principal") if entry else None
            if href:
                return self.followed(url, href)
        raise refused or SetupError(f"calendars.{self.name}.base_url: no CalDAV service answers there")

    def _properties(self, url: str, names: tuple[str, ...], *, deadline: float) -> Entry | None:
        answered = self.multistatus("PROPFIND", url, body=propfind(names), depth=0, field="base_url", deadline=deadline)
        return answered.entries[0] if answered.entries else None

    def _calendar(self, base: str, entry: Entry) -> Collection | None:
        if not entry.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
            return None
        kinds = entry.found.get(f"{CALDAV}supported-calendar-component-set")
        if kinds is not None and len(kinds) and not any(kind.get("name") == "VEVENT" for kind in kinds):
            return None
        url = self.followed(base, entry.href)
        rights = f"{DAV}current-user-privilege-set"
        writable = rights not in entry.found or any(
            entry.has(rights, f"{DAV}{right}") for right in ("all", "write", "write-content", "bind")
        )
        shown = entry.text(f"{DAV}displayname") or unquote(url.rstrip("/").rpartition("/")[2])
        return Collection(url if url.endswith("/") else f"{url}/", shown, is_writable=writable)
