"""What stands in a Google calendar: single events, lists of them, busy times and the calendar itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.google import replies, requests
from slotline.adapters.calendars.google.replies import is_all_day, member, text
from slotline.adapters.calendars.google.wire import calendar_path
from slotline.domain.errors import CredentialError, Refusal, RefusedError, SetupError
from slotline.domain.time import MINUTES_A_DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slotline.adapters.calendars.google.wire import GoogleWire
    from slotline.ports import ProviderEvent

LONGEST_WINDOW = 60 * MINUTES_A_DAY
"""No limit is documented, but beyond some 90 days free/busy answers 400: a longer window is asked for in parts."""

MOST_CALENDARS = 50  # in one free/busy request
ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class GoogleReads:
    """One calendar as it is now; nothing here changes it."""

    wire: GoogleWire
    settings: requests.Settings

    def path(self, *rest: str) -> str:
        return calendar_path(self.settings.calendar_id, *rest)

    # --- single events ----------------------------------------------------------------------------------------------

    def get(self, event_id: str, *, deadline: float) -> object:
        """The event's body; None when Google shows none although the calendar itself can be seen.

        Whoever may not see the calendar any more gets 404 for all its events, too: that proves nothing.
        """
        response = self.wire.send("GET", self.path("events", event_id), deadline=deadline, writes=False)
        if response.status_code not in ABSENT:
            return self.wire.data(response, about="event")
        self.about(deadline=deadline)
        return None

    def current(self, event_id: str, *, deadline: float) -> object:
        """The event's body; RefusedError(GONE) after a second look only, for reads may lag behind writes."""
        body = self.get(event_id, deadline=deadline) or self.get(event_id, deadline=deadline)
        if body is None:
            raise self.gone()
        return body

    def event(self, body: object, *, deadline: float) -> ProviderEvent:
        """The event in our words; the days of one that a person made all-day are those of the calendar's zone."""
        zone = None
        if is_all_day(body):
            zone = replies.zone_of(self.about(deadline=deadline), name=self.wire.name)
        return replies.event_of(body, zone=zone, name=self.wire.name, writes=False)

    def gone(self) -> RefusedError:
        return RefusedError(Refusal.GONE, f"{self.wire.name}: the event is gone")

    # --- many events ------------------------------------------------------------------------------------------------

    def events(self, window: Interval, *, deadline: float) -> Iterator[ProviderEvent]:
        """Our live events in the window, and other people's that make the owner busy."""
        for body, event in self._listed(window, deadline=deadline):
            if event.tag is not None or replies.blocks(body):
                yield event

    def busy_without(self, event_id: str, window: Interval, *, deadline: float) -> Iterator[Interval]:
        """When the calendar is busy but for one event; free/busy knows no ids."""
        for body, event in self._listed(window, deadline=deadline):
            if event.id != event_id and replies.blocks(body):
                yield event.span

    def busy(self, calendars: tuple[str, ...], window: Interval, *, deadline: float) -> Iterator[Interval]:
        for first in range(0, len(calendars), MOST_CALENDARS):
            asked = calendars[first : first + MOST_CALENDARS]
            for start in range(window.start, window.end, LONGEST_WINDOW):
                part = Interval(start, min(start + LONGEST_WINDOW, window.end))
                body = requests.busy_body(part, asked)
                response = self.wire.send("POST", "/freeBusy", deadline=deadline, writes=False, json=body)
                answer = self.wire.data(response, about="calendar")
                main, name = self.settings.calendar_id, self.wire.name
                yield from replies.busy_times(answer, calendars=asked, main=main, name=name)

    def _listed(self, window: Interval, *, deadline: float) -> Iterator[tuple[object, ProviderEvent]]:
        for page in self._pages(self.path("events"), requests.list_query(window), deadline=deadline):
            zone = replies.zone_of(page, name=self.wire.name)
            for body in replies.items(member(page, "items")):
                if member(body, "status") != "cancelled":
                    yield body, replies.event_of(body, zone=zone, name=self.wire.name, writes=False)

    # --- calendars --------------------------------------------------------------------------------------------------

    def about(self, *, deadline: float) -> object:
        """Name, zone and our rights; SetupError when we may not see it."""
        query: dict[str, str | int] = {"maxResults": 1, "fields": "summary,timeZone,accessRole"}
        return self.wire.read(self.path("events"), about="calendar", deadline=deadline, params=query)

    def writable(self, *, deadline: float) -> dict[str, str]:
        """Names of the calendars that may be written to, by id.

        One shared with a service account is in no list, so the configured one is asked itself.
        """
        configured, field = self.settings.calendar_id, f"calendars.{self.wire.name}.calendar_id"
        about = self.about(deadline=deadline)
        if text(member(about, "accessRole")) in {"none", "freeBusyReader", "reader"}:
            raise SetupError(f"{field}: may only be looked at; share it with the right to make changes to events")
        entries = [*self._entries(deadline=deadline)]
        has_primary = any(member(entry, "primary") is True for entry in entries)
        found = {} if configured == requests.PRIMARY and has_primary else {configured: _name(about, configured)}
        for entry in entries:
            number = text(member(entry, "id"))
            if number is not None:
                found[number] = _name(entry, number)
        return found

    def _entries(self, *, deadline: float) -> list[object]:
        """The account's calendars; none when the consent does not include the list of them."""
        query: dict[str, str | int] = {"minAccessRole": "writer", "showHidden": "true", "maxResults": 250}
        try:
            pages = [*self._pages("/users/me/calendarList", query, deadline=deadline)]
        except CredentialError:
            raise
        except SetupError:
            return []
        return [entry for page in pages for entry in replies.items(member(page, "items"))]

    def _pages(self, path: str, query: Mapping[str, str | int], *, deadline: float) -> Iterator[object]:
        """Every page of a list; any of them may be short or even empty."""
        token: str | None = None
        while True:
            params = query if token is None else {**query, "pageToken": token}
            page = self.wire.read(path, about="calendar", deadline=deadline, params=params)
            if not isinstance(member(page, "items"), list):
                raise lost(self.wire.name, "a list that is none", writes=False)
            yield page
            following = text(member(page, "nextPageToken"))
            if following is None:
                return
            if following == token:
                raise lost(self.wire.name, "a list without an end", writes=False)
            token = following


def _name(entry: object, number: str) -> str:
    return text(member(entry, "summaryOverride")) or text(member(entry, "summary")) or number
