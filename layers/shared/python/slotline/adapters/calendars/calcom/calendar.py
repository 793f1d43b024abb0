"""Cal.com, API v2: https://cal.com/docs/api-reference/v2.

Cal.com takes no idempotency key, and its create checks first and inserts later: one create in flight per booking, and
a lost answer is looked up by the tag in the metadata. A reschedule is a create too: it makes a new booking and cancels
the old one. A booking's uid is a capability (whoever knows it may cancel), so no uid stands in an error or a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from slotline.adapters.calendars._http import decoded, lost
from slotline.adapters.calendars.calcom import replies
from slotline.adapters.calendars.calcom.requests import (
    booking_body,
    event_type_id,
    key_headers,
    searched_address,
)
from slotline.domain.errors import NotExecutedError, Refusal, RefusedError
from slotline.domain.time import MINUTES_A_DAY, Interval, utc_iso
from slotline.ports import EventType, EventWish, FreeStarts, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar, Service
    from slotline.ports import Clock

BASE_URL = "https://api.cal.com/v2"
BOOKINGS, SLOTS, EVENT_TYPES = "2024-08-13", "2024-09-04", "2024-06-14"
"""The values of cal-api-version: every group of routes has its own and answers 404 to the others' dates."""

LONGEST_WINDOW = 31 * MINUTES_A_DAY
"""No limit is documented, but every request recomputes whole calendars: a longer window is asked for in parts."""

PAGE = 50
LONGEST_CHAIN = 5
"""How many moves, from one booking to the next, a cancel follows."""

FORBIDDEN, NOT_FOUND = 403, 404
LIVE = ("accepted", "requested")


class CalcomCalendar:
    """One Cal.com account; see `slotline.ports.CalendarProvider`."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, api_key: Callable[[], str], clock: Clock) -> None:
        self._http = http
        self._name = connection.name
        self._api_key = api_key
        self._clock = clock

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(repeats_safely=False, moves="new_object")

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> FreeStarts:
        """Starts inside the window that are not past: Cal.com is known to answer with others, too."""
        earliest = max(window.start, int(self._clock.now() // 60))
        query: dict[str, str | int] = {"eventTypeId": event_type_id(service), "timeZone": "UTC"}
        if moving is not None:
            query["bookingUidToReschedule"] = moving
        starts: set[int] = set()
        for part in _parts(window):
            within = query | {"start": utc_iso(part.start), "end": utc_iso(part.end)}
            data = self._read("/slots", version=SLOTS, params=within, deadline=deadline)
            starts.update(s for s in replies.free_starts(data, name=self._name) if earliest <= s < window.end)
        return FreeStarts(tuple(sorted(starts)))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        response = self._post("/bookings", json=booking_body(wish), deadline=deadline)
        return self._written(response)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Look at the wish's time; when nothing is there, at everything this attendee has ahead."""
        span = wish.times.span
        has_begun = self._clock.now() >= span.start * 60
        ahead: dict[str, str | int] = {
            "eventTypeId": event_type_id(wish.service),
            "status": "upcoming,unconfirmed",
            "sortCreated": "desc",
        }
        address = searched_address(wish)
        if address is not None:
            ahead["attendeeEmail"] = address
        there = ahead | {"afterStart": utc_iso(span.start - 1), "beforeEnd": utc_iso(span.end + 1)}
        if has_begun:
            there["status"] = "upcoming,unconfirmed,past"
        found = self._tagged(wish.tag, there, deadline=deadline)
        if found or address is None:
            return found
        return self._tagged(wish.tag, ahead, deadline=deadline)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        data = self._read(_path(event_id), version=BOOKINGS, deadline=deadline)
        return replies.event_of(data, name=self._name, writes=False)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Reschedule; when that happened before (its answer was lost), give the booking it led to."""
        start = wish.times.span.start
        body = {"start": utc_iso(start), "reschedulingReason": "The caller asked for another time"}
        response = self._post(_path(event_id, "reschedule"), json=body, deadline=deadline)
        if not response.is_success and "rescheduled already" in replies.message_of(response):
            moved_to = self.read(event_id, deadline=deadline).moved_to
            latest = self.read(moved_to, deadline=deadline) if moved_to is not None else None
            if latest is not None and latest.span.start == start and latest.status in LIVE:
                return latest
        return self._written(response)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Cancel the booking, or the one it was moved to: a move by a person leaves a cancelled one behind."""
        body = {"cancellationReason": reason or "The caller asked to cancel"}
        for _ in range(LONGEST_CHAIN):
            response = self._post(_path(event_id, "cancel"), json=body, deadline=deadline)
            if response.is_success:
                return
            if "cancelled already" not in replies.message_of(response):
                break
            moved_to = self.read(event_id, deadline=deadline).moved_to
            if moved_to is None:
                return
            event_id = moved_to
        else:
            raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the booking was moved too often to follow")
        refused = replies.refusal(response, name=self._name)
        if not (isinstance(refused, RefusedError) and refused.reason is Refusal.GONE):
            raise refused

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The event types of the key's owner and of the owner's teams."""
        entries = replies.items(self._read("/event-types", version=EVENT_TYPES, deadline=deadline))
        for team in self._teams(deadline=deadline):
            path = f"/teams/{replies.member(team, 'id')}/event-types"
            entries = entries + replies.items(self._read(path, version=EVENT_TYPES, deadline=deadline))
        found = (replies.event_type_of(entry, name=self._name) for entry in entries)
        return tuple({event_type.id: event_type for event_type in found}.values())

    def _teams(self, *, deadline: float) -> list[object]:
        """The owner's teams; none when the credential has no right to see them."""
        response = self._get("/teams", version=BOOKINGS, params=None, deadline=deadline)
        if response.status_code in {FORBIDDEN, NOT_FOUND}:
            return []
        return replies.items(self._data(response, writes=False))

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        query: dict[str, str | int] = {
            "status": "upcoming,unconfirmed",
            "afterStart": utc_iso(window.start - 1),
            "sortStart": "asc",
        }
        found = []
        for booking in self._pages(query, deadline=deadline):
            try:
                event = replies.event_of(booking, name=self._name, writes=False)
            except NotExecutedError:
                if replies.tag_of(booking) is not None:
                    raise
                continue  # somebody else's, in a shape we do not know: it hides nothing of ours
            if event.status in LIVE and window.start <= event.span.start < window.end:
                found.append(event)
        return tuple(found)

    def _tagged(self, tag: str, query: Mapping[str, str | int], *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Live bookings that carry the tag, from all pages of a search.

        There is no search by metadata, and the filters by time were once ignored: the tag alone decides.
        """
        ours = [b for b in self._pages(query, deadline=deadline) if replies.tag_of(b) == tag]
        events = (replies.event_of(booking, name=self._name, writes=False) for booking in ours)
        return tuple({event.id: event for event in events if event.status in LIVE}.values())

    def _pages(self, query: Mapping[str, str | int], *, deadline: float) -> Iterator[object]:
        """Every booking a search finds."""
        skip = 0
        while True:
            page = {**query, "take": PAGE, "skip": skip}
            response = self._get("/bookings", version=BOOKINGS, params=page, deadline=deadline)
            bookings = self._data(response, writes=False)
            if not isinstance(bookings, list):
                raise lost(self._name, "a list of bookings that is none", writes=False)
            yield from bookings
            skip += len(bookings)
            if len(bookings) < PAGE:
                return

    def _written(self, response: httpx.Response) -> ProviderEvent:
        return replies.event_of(self._data(response, writes=True), name=self._name, writes=True)

    def _read(
        self, path: str, *, version: str, deadline: float, params: Mapping[str, str | int] | None = None
    ) -> object:
        return self._data(self._get(path, version=version, params=params, deadline=deadline), writes=False)

    def _data(self, response: httpx.Response, *, writes: bool) -> object:
        if not response.is_success:
            raise replies.refusal(response, name=self._name)
        return replies.member(decoded(response, name=self._name, writes=writes), "data")

    def _get(
        self, path: str, *, version: str, params: Mapping[str, str | int] | None, deadline: float
    ) -> httpx.Response:
        return self._http.request(
            "GET", path, deadline=deadline, writes=False, params=params, headers=self._headers(version)
        )

    def _post(self, path: str, *, json: object, deadline: float) -> httpx.Response:
        return self._http.request(
            "POST", path, deadline=deadline, writes=True, json=json, headers=self._headers(BOOKINGS)
        )

    def _headers(self, version: str) -> dict[str, str]:
        return key_headers(self._api_key(), name=self._name) | {"cal-api-version": version}


def _path(uid: str, action: str | None = None) -> str:
    path = f"/bookings/{quote(uid, safe='')}"
    return f"{path}/{action}" if action else path


def _parts(window: Interval) -> Iterator[Interval]:
    for start in range(window.start, window.end, LONGEST_WINDOW):
        yield Interval(start, min(start + LONGEST_WINDOW, window.end))
