"""Reading and finding appointments of a HighLevel location. Follows the Calendars API, version 2021-04-15.

No route lists all appointments of a location, and the lists differ in what they show: those of a contact give times
without an offset, and words may be missing. What is not whole is fetched by its id.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.gohighlevel import replies, requests
from slotline.adapters.calendars.gohighlevel.slots import parts
from slotline.adapters.calendars.gohighlevel.wire import CONTACTS, Wire
from slotline.domain.errors import NotExecutedError, Refusal, RefusedError
from slotline.domain.time import MINUTES_A_DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from slotline.adapters.calendars.gohighlevel.contacts import Contacts
    from slotline.domain.business import Calendar
    from slotline.ports import Clock, EventWish, ProviderEvent

APPOINTMENTS = "/calendars/events/appointments"
LIVE = ("accepted", "requested")
AROUND = 60
"""Minutes on either side of a slot in which our appointment is looked for."""


def appointment_path(event_id: str) -> str:
    return f"{APPOINTMENTS}/{quote(event_id, safe='')}"


class Search:
    """The appointments of one location."""

    def __init__(self, wire: Wire, connection: Calendar, *, clock: Clock) -> None:
        self._wire = wire
        self._connection = connection
        self._clock = clock

    def appointment(self, event_id: str, *, deadline: float) -> object:
        """The appointment as it is; RefusedError(GONE) when there is none, or only in another location."""
        body = self._wire.get(appointment_path(event_id), missing=Refusal.GONE, deadline=deadline)
        appointment = replies.unwrapped(body)
        location = replies.text(replies.member(appointment, "locationId"))
        if location not in {None, requests.location_id(self._connection)}:
            raise RefusedError(Refusal.GONE, f"{self._wire.name}: {Refusal.GONE}")
        return appointment

    def calendars(self, *, deadline: float) -> list[object]:
        query: dict[str, str | int] = {"locationId": requests.location_id(self._connection)}
        body = self._wire.get("/calendars/", params=query, deadline=deadline)
        return self._list(body, "calendars")

    def find(self, wish: EventWish, *, contacts: Contacts, deadline: float) -> tuple[ProviderEvent, ...]:
        """What carries the wish's reference; else what shows none, but is this person's and stands at this time."""
        location, calendar = requests.location_id(self._connection), requests.calendar_id(wish.service)
        around = wish.times.span.widened(before=AROUND, after=AROUND)
        there = [self._whole(row, deadline=deadline) for row in self._rows(around, {"calendarId": calendar}, deadline)]
        found = self._tagged(there, wish.tag)
        if found:
            return found
        known = contacts.known(wish, location=location, deadline=deadline)
        stripped = [row for row in there if replies.member(row, "contactId") in known and not replies.tag_of(row)]
        events = [
            event for row in stripped if (event := self._event(row)) and event.span.start == wish.times.span.start
        ]
        if events:
            return tuple(replace(event, tag=wish.tag) for event in events if event.status in LIVE)
        theirs = (row for contact in known for row in self._of_contact(contact, wish, deadline=deadline))
        return self._tagged([self._whole(row, deadline=deadline) for row in theirs], wish.tag)

    def events(self, window: Interval, *, calendar_ids: Sequence[str], deadline: float) -> tuple[ProviderEvent, ...]:
        """Every appointment that takes time in the window, on these calendars, of this user, or of the whole location.

        A list that shows words on no row at all is taken for one that never does, so each row is fetched.
        """
        longest = Interval(window.start - MINUTES_A_DAY, window.end)
        found: dict[str, ProviderEvent] = {}
        for scope in self._scopes(calendar_ids, deadline=deadline):
            rows = [row for row in self._rows(longest, scope, deadline) if replies.occupies(row)]
            shows_words = any(replies.words_of(row) is not None for row in rows)
            for row in rows:
                whole = row if shows_words and replies.has_times(row) else self._whole(row, deadline=deadline)
                event = self._event(whole) if replies.occupies(whole) else None
                if event is not None and event.status in LIVE and event.span.overlaps(window):
                    found[event.id] = event
        return tuple(sorted(found.values(), key=lambda event: (event.span, event.id)))

    def _scopes(self, calendar_ids: Sequence[str], *, deadline: float) -> list[dict[str, str]]:
        user = requests.user_id(self._connection)
        if not calendar_ids and user is not None:
            return [{"userId": user}]
        listed: Iterable[object] = calendar_ids or (
            replies.member(calendar, "id") for calendar in self.calendars(deadline=deadline)
        )
        return [{"calendarId": number} for number in listed if isinstance(number, str)]

    def _rows(self, window: Interval, scope: Mapping[str, str], deadline: float) -> list[object]:
        """The rows of the events route, as they come; a long window is asked for in parts."""
        location = requests.location_id(self._connection)
        rows: list[object] = []
        for part in parts(window):
            within = {"startTime": str(part.start * 60_000), "endTime": str(part.end * 60_000)}
            query: dict[str, str | int] = {"locationId": location, **scope, **within}
            rows += self._list(self._wire.get("/calendars/events", params=query, deadline=deadline), "events")
        return rows

    def _of_contact(self, contact: str, wish: EventWish, *, deadline: float) -> list[object]:
        """A contact's appointments from two days before now (or before the wish) on: their times bear no offset."""
        earliest = min(int(self._clock.now() // 60), wish.times.span.start) - 2 * MINUTES_A_DAY
        path = f"/contacts/{quote(contact, safe='')}/appointments"
        try:
            body = self._wire.get(path, version=CONTACTS, missing=Refusal.GONE, deadline=deadline)
        except RefusedError as refused:
            if refused.reason is Refusal.GONE:
                return []
            raise
        rows = ((row, replies.minute_about(replies.member(row, "startTime"))) for row in self._list(body, "events"))
        return [row for row, start in rows if start is None or start >= earliest]

    def _whole(self, row: object, *, deadline: float) -> object:
        """The row, or what its id leads to; None when that has gone meanwhile."""
        number = replies.text(replies.member(row, "id"))
        if number is None or replies.is_whole(row):
            return row
        try:
            return self.appointment(number, deadline=deadline)
        except RefusedError as refused:
            if refused.reason is Refusal.GONE:
                return None
            raise

    def _tagged(self, rows: Iterable[object], tag: str) -> tuple[ProviderEvent, ...]:
        events = (self._event(row) for row in rows if replies.tag_of(row) == tag)
        return tuple({event.id: event for event in events if event and event.status in LIVE}.values())

    def _event(self, row: object) -> ProviderEvent | None:
        """The event of a row; None for somebody else's in a shape we do not know, which hides nothing of ours."""
        try:
            return replies.event_of(row, name=self._wire.name, writes=False)
        except NotExecutedError:
            if replies.tag_of(row) is not None:
                raise
            return None

    def _list(self, body: object, key: str) -> list[object]:
        found = replies.member(body, key)
        if not isinstance(found, list):
            raise lost(self._wire.name, f"no list of {key}", writes=False)
        return found
