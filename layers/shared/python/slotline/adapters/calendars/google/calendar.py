"""Google Calendar, API v3: https://developers.google.com/workspace/calendar/api/v3/reference.

A busy kind. The event's id is ours, a hash of business, booking and generation, so the same create again makes nothing
new (409, then the event is read and compared); Google accepts overlaps. A deleted event keeps its id for ever: a
booking whose event was deleted can be made anew only under the next generation. Moves and deletions carry the etag of a
fresh read, so that nothing a person changed meanwhile is overwritten unseen.

Options of the connection (`Calendar.options`):
- `calendar_id`: the calendar written to, "primary" when not given (an error with a plain service account);
- `also_check`: further calendars of the account whose busy times count, one id on each line;
- `invite`: "true" makes the caller a guest when an e-mail address is known, "false" (the default) never;
- `send_updates`: none, all or externalOnly: whom Google mails; "all" by default where guests are invited, else "none";
- `subject`: the person a service account acts for (domain-wide delegation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.google import replies, requests
from slotline.adapters.calendars.google.reads import ABSENT, GoogleReads
from slotline.adapters.calendars.google.replies import is_all_day, member, text
from slotline.adapters.calendars.google.wire import GoogleWire
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, SetupError
from slotline.ports import BusyTimes, EventType, EventWish, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar, Service
    from slotline.domain.time import Interval
    from slotline.ports import Clock

MOST_TRIES = 3  # against somebody who edits the same event
CONTENTION_SECONDS = 2.0

CONFLICT, PRECONDITION_FAILED = 409, 412


class GoogleCalendar:
    """One Google calendar; see `slotline.ports.CalendarProvider`. `business` is part of every event's id."""

    def __init__(
        self,
        http: ProviderHttp,
        calendar: Calendar,
        *,
        business: str,
        token: Callable[[], str],
        clock: Clock,
        service_account: bool = False,
    ) -> None:
        self._wire = GoogleWire(http, calendar.name, token, clock)
        self._calendar = calendar
        self._business = business
        self._service_account = service_account

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
        """Busy times of the calendar and of all in `also_check`; one that does not answer is an error, never free."""
        reads = self._reads()
        main, further = (reads.settings.calendar_id,), reads.settings.also_check
        if moving is None:
            busy = [*reads.busy((*main, *further), window, deadline=deadline)]
        else:
            busy = [*reads.busy(further, window, deadline=deadline)]
            busy += reads.busy_without(moving, window, deadline=deadline)
        return BusyTimes(tuple(span for span in replies.merged(busy) if span.overlaps(window)))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Insert the event, or give the one an earlier insert of the same wish made, at the times it has now.

        Raises RefusedError(GONE) when that event was deleted: its id is burnt, so the generation must rise.
        """
        reads = self._reads()
        settings = reads.settings
        body = requests.event_body(wish, business=self._business, settings=settings)
        response = self._wire.send(
            "POST", reads.path("events"), deadline=deadline, writes=True, json=body, params=settings.writing
        )
        if response.status_code == CONFLICT and replies.problem_of(response).reason != "conflict":
            return self._made_before(wish, reads, deadline=deadline)
        made = self._wire.data(response, about="calendar", writes=True, service=wish.service.key)
        return replies.claimed_by(wish, self._written(made))

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """The live events under the ids of all generations of the booking."""
        reads, found = self._reads(), []
        for generation in range(wish.generation, -1, -1):
            body = reads.get(self._id(wish, generation), deadline=deadline)
            if body is None or member(body, "status") == "cancelled":
                continue
            event = replies.claimed_by(wish, reads.event(body, deadline=deadline))
            if event.tag == wish.tag:
                found.append(event)
        return tuple(found)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        """The event; RefusedError(GONE), too, for a deleted one of which Google kept nothing but the id."""
        reads = self._reads()
        body = reads.current(event_id, deadline=deadline)
        if replies.is_bare_tombstone(body):
            raise reads.gone()
        return reads.event(body, deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Patch the times, under the etag of a fresh read; an event that is there already is left alone."""
        reads = self._reads()
        for _ in range(MOST_TRIES):
            body = reads.current(event_id, deadline=deadline)
            if member(body, "status") == "cancelled":
                raise reads.gone()
            was_all_day, event = is_all_day(body), reads.event(body, deadline=deadline)
            if event.span == wish.times.span:
                return replies.claimed_by(wish, event)
            response = self._wire.send(
                "PATCH",
                reads.path("events", event_id),
                deadline=deadline,
                writes=True,
                json=requests.moved_body(wish, was_all_day=was_all_day),
                params=reads.settings.writing,
                if_match=event.etag,
            )
            if response.status_code != PRECONDITION_FAILED:
                return self._written(self._wire.data(response, about="event", writes=True))
        raise self._contended()

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Delete the event. One that a read does not show is deleted all the same: reads may lag behind writes."""
        reads = self._reads()
        query: dict[str, str | int] = {"sendUpdates": reads.settings.send_updates}
        for _ in range(MOST_TRIES):
            body = reads.get(event_id, deadline=deadline)
            if member(body, "status") == "cancelled":
                return
            response = self._wire.send(
                "DELETE",
                reads.path("events", event_id),
                deadline=deadline,
                writes=True,
                params=query,
                if_match=text(member(body, "etag")),
            )
            if response.status_code in ABSENT:
                return
            if response.status_code != PRECONDITION_FAILED:
                self._wire.check(response, about="event", writes=True)
                return
        raise self._contended()

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The calendars that may be written to; SetupError when the configured one may not."""
        return tuple(EventType(*entry) for entry in self._reads().writable(deadline=deadline).items())

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        """Every live event that overlaps the window; other people's only where they make the owner busy."""
        return tuple(self._reads().events(window, deadline=deadline))

    def _made_before(self, wish: EventWish, reads: GoogleReads, *, deadline: float) -> ProviderEvent:
        """The event whose id was taken. Not to see it leaves a doubt: Google has just said that it is there."""
        name = self._wire.name
        try:
            body = reads.get(self._id(wish, wish.generation), deadline=deadline)
            if body is None:
                raise InDoubtError(f"{name}: the id is taken, but the event does not show yet")
            if member(body, "status") == "cancelled":
                raise reads.gone()
            event = replies.claimed_by(wish, reads.event(body, deadline=deadline))
        except NotExecutedError as exc:
            raise InDoubtError(f"{name}: the id is taken, but the event could not be read") from exc
        if event.tag != wish.tag:
            raise SetupError(f"calendars.{name}: another program's event stands under the id of a booking")
        return event

    def _written(self, body: object) -> ProviderEvent:
        """The event a write made; it has the moments we sent, so no zone is needed to read it."""
        return replies.event_of(body, zone=None, name=self._wire.name, writes=True)

    def _id(self, wish: EventWish, generation: int) -> str:
        return requests.event_id(self._business, wish.tag, generation)

    def _reads(self) -> GoogleReads:
        return GoogleReads(self._wire, requests.Settings.of(self._calendar, service_account=self._service_account))

    def _contended(self) -> ProviderError:
        return NotExecutedError(f"{self._wire.name}: somebody keeps changing the event", retry_after=CONTENTION_SECONDS)
