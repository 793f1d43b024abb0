"""CalDAV (RFC 4791): Apple iCloud, Nextcloud, Fastmail, Radicale, Xandikos and their like.

The event's UID and the name of its resource are hashes of the booking, so a create may be repeated: `PUT` with
`If-None-Match: *` makes nothing twice, and whatever the server says against it, a look at the name tells whether our
event stands. Nothing refuses an overlap. An event's id is the path of its resource.

Options: `username` (login name), `calendar` (address or display name; without it, the only calendar that can be written
to), `also_check` (further calendars whose events count as busy, one to a line), `invite` ("true": callers whose e-mail
is known become attendees, and the server may write to them), `create` ("direct": this server is known to obey
If-None-Match, so no look precedes a create). The password is a secret: for iCloud, Fastmail and Nextcloud an app
password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from slotline.adapters.calendars.caldav.account import CaldavAccount
from slotline.adapters.calendars.caldav.objects import live_events
from slotline.adapters.calendars.caldav.reader import CaldavReader
from slotline.adapters.calendars.caldav.requests import resource_of, uid_of
from slotline.adapters.calendars.caldav.writer import CaldavWriter
from slotline.domain.errors import NotExecutedError, Refusal, RefusedError
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, EventType, EventWish, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.caldav.account import Collection
    from slotline.adapters.calendars.caldav.objects import CaldavObject
    from slotline.domain.business import Calendar, Service
    from slotline.ports import Clock


class CaldavCalendar:
    """One calendar of one CalDAV account; see `slotline.ports.CalendarProvider`."""

    def __init__(
        self,
        http: ProviderHttp,
        connection: Calendar,
        *,
        password: Callable[[], str],
        business: str,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._name = connection.name
        self._business = business
        self._clock = clock
        self._account = CaldavAccount(http, connection, password=password)
        self._reader = CaldavReader(self._account, business=business, zone=zone)
        self._writer = CaldavWriter(
            self._account, self._reader, business=business, options=connection.options, clock=clock
        )

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(repeats_safely=True, moves="in_place")

    def look(
        self,
        service: Service,
        *,
        window: Interval,
        moving: str | None,
        deadline: float,
    ) -> BusyTimes:
        """Busy intervals, merged, of every calendar that counts."""
        events = self.events(window=window, deadline=deadline)
        return BusyTimes(_merged(event.span for event in events if event.id != moving))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._writer.create(self._account.collection(deadline=deadline), wish, deadline=deadline)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Our event under each name it may have: one for every time it was created anew."""
        home = self._account.collection(deadline=deadline)
        found = []
        for generation in range(wish.generation + 1):
            url = urljoin(home.url, resource_of(uid_of(self._business, wish.tag, generation)))
            entry = self._reader.get(url, deadline=deadline)
            if entry is not None:
                found.append(self._reader.event(url, entry, wish=wish, deadline=deadline))
        return tuple(event for event in found if event.tag == wish.tag and event.status != "cancelled")

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        url = self._url(event_id, deadline=deadline)
        entry = self._reader.get(url, deadline=deadline)
        if entry is None:
            raise RefusedError(Refusal.GONE, f"{self._name}: the event is not there")
        return self._reader.event(url, entry, deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        return self._writer.move(self._url(event_id, deadline=deadline), wish, deadline=deadline)

    def cancel(
        self,
        event_id: str,
        *,
        reason: str,
        deadline: float,
    ) -> None:
        self._writer.cancel(self._url(event_id, deadline=deadline), deadline=deadline)

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The calendars that can be written to; the id is what the option `calendar` takes."""
        found = self._account.discovered(deadline=deadline).collections
        return tuple(EventType(id=c.url, name=c.name) for c in found if c.is_writable)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        """Everything that keeps the owner busy in the window, here and in the calendars of `also_check`."""
        home = self._account.collection(deadline=deadline)
        others = self._account.others(deadline=deadline)
        found = list(self._events(home, window, field="calendar", deadline=deadline))
        for other in others:
            if other.url != home.url:
                found += self._events(other, window, field="also_check", deadline=deadline)
        return tuple(found)

    def _events(
        self, collection: Collection, window: Interval, *, field: str, deadline: float
    ) -> Iterable[ProviderEvent]:
        entries = self._reader.within(collection, window, field=field, deadline=deadline)
        return live_events(
            self._in_time(entries, deadline=deadline),
            window=window,
            business=self._business,
            zone=lambda: self._reader.zone(collection, deadline=deadline),
            owners=self._account.owners(),
        )

    def _in_time(self, entries: Iterable[CaldavObject], *, deadline: float) -> Iterator[CaldavObject]:
        """Expanding costs time, too."""
        for entry in entries:
            if self._clock.now() >= deadline:
                raise NotExecutedError(f"{self._name}: no time left to expand the calendar", retry_after=1.0)
            yield entry

    def _url(self, event_id: str, *, deadline: float) -> str:
        """Where an event lies: ids are paths on the calendar's own host."""
        home = self._account.collection(deadline=deadline).url
        return self._account.followed(home, event_id.partition("#")[0])


def _merged(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
