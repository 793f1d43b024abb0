"""The way to one Calendly account: https://developer.calendly.com/api-docs. What the calendar and its webhooks share.

Calendly names everything by a full URI, whatever host was asked; only the last part of one is ever used in a path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars._http import decoded, lost
from slotline.adapters.calendars.calendly import refusals, replies
from slotline.adapters.calendars.calendly.budget import Budget, Use
from slotline.domain.errors import NotExecutedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.calendly.replies import Offer
    from slotline.domain.business import Calendar, Service
    from slotline.ports import Clock

BASE_URL = "https://api.calendly.com"
PAGE = 100
OFFER_SECONDS = 300.0
"""How long an event type is remembered: owners change them rarely, every booking needs one."""

_PART = re.compile(r"[A-Za-z0-9_-]{1,64}")


def uri(kind: str, key: str) -> str:
    return f"{BASE_URL}/{kind}/{key}"


class CalendlyAccount:
    """Requests to one account, within its budget. Options: see `calendly`."""

    def __init__(self, http: ProviderHttp, calendar: Calendar, *, token: Callable[[], str], clock: Clock) -> None:
        self.name = calendar.name
        self.clock = clock
        self._http = http
        self._options = calendar.options
        self._token = token
        self._budget = Budget(calendar.options.get("plan", "paid"), name=calendar.name)
        self._me: tuple[str, str] | None = None
        self._offers: dict[str, tuple[float, Offer]] = {}

    # --- whose account it is --------------------------------------------------------------------------------------

    @property
    def is_organization(self) -> bool:
        """Whether lists are of a whole organisation, as event types of a team need it."""
        return "organization" in self._options and "user" not in self._options

    def owner(self, *, deadline: float) -> dict[str, str | int]:
        """The query that says whose events and event types are meant."""
        given = {key: self._uri_option(key) for key in ("user", "organization") if key in self._options}
        return {**given} if given else {"user": self._who(deadline)[0]}

    def subscriber(self, *, deadline: float) -> dict[str, str | int]:
        """Scope, organisation and user of a webhook subscription."""
        if self.is_organization:
            return {"scope": "organization", "organization": self._uri_option("organization")}
        both = {key: self._uri_option(key) for key in ("user", "organization") if key in self._options}
        user, organization = ("", "") if len(both) == len(("user", "organization")) else self._who(deadline)
        found = {"user": user, "organization": organization} | both
        return {"scope": "user", "organization": found["organization"], "user": found["user"]}

    def _who(self, deadline: float) -> tuple[str, str]:
        """The URIs of the token's user and organisation."""
        if self._me is None:
            response = self.get("/users/me", use=Use.CARE, deadline=deadline)
            me = self.resource(response, what=refusals.ACCOUNT)
            user, organization = replies.text(me, "uri"), replies.text(me, "current_organization")
            if user is None or organization is None:
                raise NotExecutedError(f"{self.name}: a user without URIs")
            self._me = user, organization
        return self._me

    def _uri_option(self, key: str) -> str:
        value = self._options[key]
        prefix = f"{BASE_URL}/{key}s/"
        if not (value.startswith(prefix) and _PART.fullmatch(value.removeprefix(prefix))):
            raise SetupError(f"calendars.{self.name}.{key}: must be a URI such as {prefix}AAAA, or be left out")
        return value

    # --- event types ----------------------------------------------------------------------------------------------

    def event_type_key(self, service: Service) -> str:
        """The last part of the event type's URI; the file may hold either."""
        key = (service.event_type or "").removeprefix(f"{BASE_URL}/event_types/")
        if not _PART.fullmatch(key):
            raise SetupError(f"services.{service.key}.event_type: must be the id or the URI of a Calendly event type")
        return key

    def offer(self, service: Service, *, deadline: float) -> Offer:
        """The service's event type; SetupError when it cannot be booked as the service wants it."""
        key, now = self.event_type_key(service), self.clock.now()
        fetched, offer = self._offers.get(key, (0.0, None))
        if offer is None or now - fetched >= OFFER_SECONDS:
            response = self.get(f"/event_types/{key}", use=Use.CARE, deadline=deadline)
            found = self.resource(response, what=refusals.EVENT_TYPE, service=service)
            fetched, offer = now, replies.offer_of(found, name=self.name)
        misfit = self._misfit(offer, service)
        if misfit is not None:
            if self._offers.pop(key, None) is not None:
                return self.offer(service, deadline=deadline)  # the owner may have corrected it since
            raise SetupError(misfit)
        self._offers[key] = (fetched, offer)
        return offer

    def _misfit(self, offer: Offer, service: Service) -> str | None:
        """What is wrong with the event type, and the fix."""
        where = f"services.{service.key}.event_type"
        if not offer.is_bookable:
            return f"{where}: this event type is switched off, deleted or a poll; take an active one"
        if offer.is_group:
            return f"{where}: in a group event one caller's cancellation would cancel everybody's"
        if offer.is_pooled and not self.is_organization:
            return f"calendars.{self.name}.organization: must be set (and user left out), since {where} is a team's"
        if service.minutes != offer.minutes:
            return f"services.{service.key}.minutes: the event type takes {offer.minutes} minutes"
        return None

    # --- requests -------------------------------------------------------------------------------------------------

    def get(
        self, path: str, *, use: Use, deadline: float, params: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        return self._send("GET", path, use=use, deadline=deadline, params=params)

    def post(self, path: str, *, use: Use, deadline: float, json: object) -> httpx.Response:
        return self._send("POST", path, use=use, deadline=deadline, json=json)

    def delete(self, path: str, *, deadline: float) -> httpx.Response:
        return self._send("DELETE", path, use=Use.CARE, deadline=deadline)

    def book(self, body: object, *, deadline: float) -> httpx.Response:
        """POST /invitees: every attempt counts towards a quota of its own, which the answer speaks of."""
        headers = self._headers()
        self._check_time(deadline)
        self._budget.spend(Use.BOOKING, now=self.clock.now())
        try:
            response = self._http.request(
                "POST", "/invitees", deadline=deadline, writes=True, json=body, headers=headers
            )
        except NotExecutedError as error:
            if error.__cause__ is None:  # Calendly said 429; with a cause, nobody was reached
                self._budget.refused(retry_after=error.retry_after, now=self.clock.now())
            raise
        self._budget.learn(response.headers, now=self.clock.now())
        return response

    def pages(
        self, path: str, params: Mapping[str, str | int], *, use: Use, deadline: float, what: str = refusals.EVENT
    ) -> Iterator[object]:
        """Every entry of a list."""
        token: str | None = None
        while True:
            page = {**params, "count": PAGE} | ({"page_token": token} if token else {})
            response = self.get(path, use=use, deadline=deadline, params=page)
            answer = self.answer(response, what=what)
            entries = replies.member(answer, "collection")
            if not isinstance(entries, list):
                raise lost(self.name, "a list that is none", writes=False)
            yield from entries
            token = replies.text(answer, "pagination", "next_page_token")
            if token is None:
                return

    def resource(self, response: httpx.Response, *, what: str, service: Service | None = None) -> object:
        return replies.member(self.answer(response, what=what, service=service), "resource")

    def answer(
        self, response: httpx.Response, *, what: str, service: Service | None = None, writes: bool = False
    ) -> object:
        if not response.is_success:
            raise refusals.refusal(response, what=what, name=self.name, service=service)
        return decoded(response, name=self.name, writes=writes)

    def _send(
        self,
        method: str,
        path: str,
        *,
        use: Use,
        deadline: float,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> httpx.Response:
        headers = self._headers()
        self._check_time(deadline)
        self._budget.spend(use, now=self.clock.now())
        return self._http.request(
            method, path, deadline=deadline, writes=method != "GET", params=params, json=json, headers=headers
        )

    def _headers(self) -> dict[str, str]:
        token = self._token()
        if not (token.isascii() and token.isprintable()):
            raise SetupError(f"calendars.{self.name}.api_key: no such characters stand in a token")
        return {"Authorization": f"Bearer {token}"}

    def _check_time(self, deadline: float) -> None:
        if self.clock.now() >= deadline:
            raise NotExecutedError(f"{self.name}: no time left to ask", retry_after=1.0)


def path_of(kind: str, key: str, *rest: str) -> str:
    return "/".join(("", kind, quote(key, safe=""), *rest))
