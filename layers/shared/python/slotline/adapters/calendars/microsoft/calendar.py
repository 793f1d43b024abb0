"""Microsoft 365 and Outlook.com calendars through Microsoft Graph v1.0: https://learn.microsoft.com/graph/api/resources/calendar.

A create may be repeated (its transactionId makes the second one a no-op), and overlaps are accepted: class B. Whether
an event still stands is asked of the calendar's view, not of the event: an id that survives a move between folders may
still be answered after a person threw the event away.

Options of the connection, never secrets:
- `mailbox`: address or id of the mailbox; without it, the mailbox of whoever connected. Needed with client_credentials.
- `calendar_id`: the calendar that is written to; without it, the mailbox's default calendar.
- `also_check`: one per line, addresses of other mailboxes (their free/busy) and ids of other calendars of the same
  mailbox, which count as busy too. Not the mailbox itself: while an appointment moves, its old time would block it.
- `invite`: "true" to make the caller an attendee when their e-mail is known. Exchange then mails the invitation.
- `auth`: delegated (default) or client_credentials. `tenant`: for the tokens; "consumers" says that the account is a
  personal one, which has no free/busy of others.
- `time_zone`: zone of all-day events (IANA or Windows name), where the app may not read the mailbox settings.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from slotline.adapters.calendars.microsoft import replies, requests
from slotline.adapters.calendars.microsoft.events import SETTLED_AFTER_SECONDS, EventReader
from slotline.adapters.calendars.microsoft.graph import Graph, after_a_write, with_query
from slotline.adapters.calendars.microsoft.refusals import CONFLICT, PRECONDITION, existing_event, is_duplicate, refusal
from slotline.adapters.calendars.microsoft.schedules import busy_mailboxes
from slotline.domain.errors import InDoubtError, ProviderError, Refusal, RefusedError
from slotline.ports import BusyTimes, EventType, EventWish, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.microsoft.replies import GraphEvent
    from slotline.domain.business import Calendar, Service
    from slotline.domain.time import Interval
    from slotline.ports import Clock

LEAST_SECONDS = 1.0
"""With less time left than this, a refused change is not tried again."""


class MicrosoftCalendar:
    """One calendar of one mailbox; see `slotline.ports.CalendarProvider`."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, token: Callable[[], str], clock: Clock) -> None:
        self._name = connection.name
        self._clock = clock
        self._connection = connection
        self._graph = Graph(http, name=connection.name, token=token, clock=clock)
        self._opened: tuple[requests.Target, EventReader] | None = None

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
        """Busy times of the calendar itself by its events, so that one of them can be left out, and of all others."""
        target, events = self._open()
        busy = events.busy(target.calendar, window, moving=moving, deadline=deadline)
        for calendar in target.also_calendars:
            busy += events.busy(calendar, window, deadline=deadline)
        busy += busy_mailboxes(self._graph, target, window=window, view=events.busy, deadline=deadline)
        return BusyTimes(replies.merged([span for span in busy if span.overlaps(window)]))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Create; what an earlier create of the same wish made is given as it stands now, at whatever times."""
        target, _ = self._open()
        body = requests.event_body(wish, name=self._name, invites=target.invites)
        response = self._graph.send("POST", f"{target.calendar}/events", deadline=deadline, json=body)
        if is_duplicate(response):
            return self._made_before(existing_event(response), wish, deadline=deadline)
        entry = self._graph.judged(response, about="calendar", writes=True)
        made = replies.event_of(entry, name=self._name, writes=True)
        if made.created and made.created < self._clock.now() - SETTLED_AFTER_SECONDS:
            return self._made_before(made.id, wish, deadline=deadline)
        if made.span is None:
            raise InDoubtError(f"{self._name}: the event was made without a length")
        # Graph may leave transactionId out; the answer to our own create is ours unless it says otherwise.
        return replace(made.shown(made.span), tag=made.tag or wish.tag)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Look at the wish's time, and search for the tag: a search may be slow or lag, a person may have moved it."""
        target, events = self._open()
        found = {e.id: e for e in events.view(target.calendar, wish.times.span, deadline=deadline) if e.tag == wish.tag}
        try:
            found |= {e.id: e for e in events.tagged(wish.tag, deadline=deadline) if e.tag == wish.tag}
        except ProviderError:
            if not found:
                raise
        return tuple(e.shown(e.span) for e in found.values() if e.span is not None and not e.is_cancelled)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        _, events = self._open()
        return events.standing(events.event(event_id, deadline=deadline), deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Change both times in place, then see that the calendar shows the event there."""
        span, (target, events) = wish.times.span, self._open()
        for is_last in (False, True):
            with after_a_write(self._name) if is_last else nullcontext():
                before = events.event(event_id, deadline=deadline)
                if before.is_cancelled:
                    raise RefusedError(Refusal.GONE, f"{self._name}: the event was cancelled")
                if before.tag not in {None, wish.tag}:
                    raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event is of another booking")
                if before.span == span:
                    return self._still_there(before, deadline=deadline)
                path, body = target.event(event_id), requests.times(span)
                response = self._graph.send("PATCH", path, deadline=deadline, json=body, if_match=before.etag)
            is_conflict = response.status_code in {CONFLICT, PRECONDITION}
            if not is_conflict or is_last or deadline - self._clock.now() < LEAST_SECONDS:
                break
        entry = self._graph.judged(response, about="event", writes=True)
        moved = replies.event_of(entry, name=self._name, writes=True)
        with after_a_write(self._name):
            shown = events.in_view(moved, span, deadline=deadline)
        if shown is None or shown.span != span:
            raise InDoubtError(f"{self._name}: the calendar does not show the event at its new time")
        return replace(moved.shown(span), tag=shown.tag)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Cancel with words for the attendees where there may be any, else delete; both tell the attendees."""
        target, _ = self._open()
        if target.invites:
            path, body = target.event(event_id, action="/cancel"), {"Comment": reason or "Cancelled"}
            if self._graph.send("POST", path, deadline=deadline, json=body).is_success:
                return
        response = self._graph.send("DELETE", target.event(event_id), deadline=deadline)
        if response.is_success:
            return
        refused = refusal(response, name=self._name, about="event", writes=True, now=self._clock.now())
        if not (isinstance(refused, RefusedError) and refused.reason is Refusal.GONE):
            raise refused

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The calendars of the mailbox that may be written to; the service knows how long."""
        target, _ = self._open()
        query = {"$select": "id,name,isDefaultCalendar,canEdit", "$top": str(requests.PAGE)}
        path = with_query(f"{target.root}/calendars", query)
        entries = self._graph.listed(path, about="calendar", deadline=deadline)
        found = (replies.calendar_of(entry, name=self._name) for entry in entries)
        return tuple(calendar for calendar in found if calendar is not None)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        """Everything that touches the window; of others, what leaves a time free is left out."""
        target, events = self._open()
        seen = events.within(target.calendar, window, deadline=deadline)
        return tuple({e.id: e.shown(s) for e, s in seen if e.tag is not None or not e.is_free}.values())

    def _made_before(self, event_id: str | None, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """The event an earlier create of this wish made, wherever it lies now; GONE when a person removed it."""
        _, events = self._open()
        with after_a_write(self._name):
            if event_id is not None:
                made = self._still_there(events.event(event_id, deadline=deadline), deadline=deadline)
                return replace(made, tag=made.tag or wish.tag)
            found = self.find(wish, deadline=deadline)
        if not found:
            raise InDoubtError(f"{self._name}: made before, and not to be seen")
        return found[0]

    def _still_there(self, event: GraphEvent, *, deadline: float) -> ProviderEvent:
        """The event, put there by an earlier try: what cannot be told about it is doubt; GONE when it was deleted."""
        _, events = self._open()
        with after_a_write(self._name):
            standing = events.standing(event, deadline=deadline)
        if standing.status == "cancelled":
            raise RefusedError(Refusal.GONE, f"{self._name}: the event was deleted")
        return standing

    def _open(self) -> tuple[requests.Target, EventReader]:
        """Where the calendar is; SetupError when the options do not say."""
        if self._opened is None:
            target = requests.Target.of(self._connection)
            self._opened = target, EventReader(self._graph, target, self._connection.options)
        return self._opened
