"""Calendly, API v2: https://developer.calendly.com/api-docs.

Options (`calendars.<name>.…`, none is secret):

* `organization`: URI of the organisation whose events are searched; must be set for event types of a team, and needs an
  owner's or admin's token. `user`: URI of one user instead. Without both, the token's own user, asked for once.
* `tag_field`: the tracking field that carries our tag, `utm_content` unless the host analyses that one.
* `plan`: free, trial, paid (default) or enterprise; how many requests are sent before Calendly itself refuses them.
* `text_reminders`: "false" keeps phone numbers from Calendly's own text reminders.

Calendly takes no idempotency key, and every attempt to book spends a small quota: one create in flight per booking, and
a lost answer is looked up by the tag in the tracking fields, which stand at the invitee.

It has no move either. `move` books anew and cancels afterwards, so that the caller is never without an appointment, and
may be called again wherever the last one broke off, once nothing of that can still be executed:

* before or while booking anew: the next call finds the new event by its tag, or books it;
* between booking and cancelling: both events are live and carry the tag, `read` of the old one says that it stands and
  has not moved, and `find` gives both. The next call only cancels;
* while or after cancelling: `read` of the old one says "cancelled", and where it moved to.

Once the new event stands, every failure is InDoubtError: something did happen. A start that overlaps the old time is
refused as taken, for Calendly cannot leave the old event out of what is busy.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.calendly import refusals, replies
from slotline.adapters.calendars.calendly.account import CalendlyAccount, path_of, uri
from slotline.adapters.calendars.calendly.budget import Use
from slotline.adapters.calendars.calendly.events import CalendlyEvents
from slotline.adapters.calendars.calendly.requests import address_of, booking_body
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, Refusal, RefusedError, SetupError
from slotline.domain.time import MINUTES_A_DAY, Interval, utc_iso
from slotline.ports import EventType, EventWish, FreeStarts, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar, Service
    from slotline.ports import Clock

LONGEST_WINDOW, OLD_LONGEST_WINDOW = 31 * MINUTES_A_DAY, 7 * MINUTES_A_DAY
"""Of one question about availability, since July 2026 and before; some accounts may still have the old limit."""

MARGIN_MINUTES = 2
"""A window that begins in the past is refused, by their clock and not by ours."""

LONGEST_REASON = 10_000
LONGEST_CHAIN = 5
"""How many reschedulings by the invitee a cancel follows."""


class CalendlyCalendar:
    """One Calendly account; see `slotline.ports.CalendarProvider`."""

    def __init__(self, http: ProviderHttp, calendar: Calendar, *, token: Callable[[], str], clock: Clock) -> None:
        self._account = CalendlyAccount(http, calendar, token=token, clock=clock)
        self._events = CalendlyEvents(self._account, calendar.options)
        self._reminds = calendar.options.get("text_reminders", "true") != "false"
        self._name = calendar.name
        self._clock = clock
        self._longest = LONGEST_WINDOW

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(repeats_safely=False, moves="new_object", needs_email=True)

    # --- availability ---------------------------------------------------------------------------------------------

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> FreeStarts:
        """Starts in the window. `moving` adds its own start only: Calendly counts the rest of its time as busy."""
        offer = self._account.offer(service, deadline=deadline)
        starts = set(self._free(offer.key, service, window, deadline=deadline))
        if moving is not None:
            with suppress(RefusedError):  # gone: then it has no time of its own
                own = self._events.of_invitee(moving, None, deadline=deadline)
                if own.status == "accepted" and window.start <= own.span.start < window.end:
                    starts.add(own.span.start)
        return FreeStarts(tuple(sorted(starts)))

    def _free(self, key: str, service: Service, window: Interval, *, deadline: float) -> Iterator[int]:
        earliest = max(window.start, int(self._clock.now() // 60) + MARGIN_MINUTES)
        parts = [
            (start, min(start + self._longest, window.end)) for start in range(earliest, window.end, self._longest)
        ]
        for start, end in parts:
            query = {"event_type": uri("event_types", key), "start_time": utc_iso(start), "end_time": utc_iso(end)}
            response = self._account.get(
                "/event_type_available_times", params=query, use=Use.QUESTION, deadline=deadline
            )
            if refusals.names_range(response) and end - start > OLD_LONGEST_WINDOW:
                self._longest = OLD_LONGEST_WINDOW
                yield from self._free(key, service, Interval(start, window.end), deadline=deadline)
                return
            answer = self._account.answer(response, what=refusals.EVENT_TYPE, service=service)
            yield from (s for s in replies.free_starts(answer, name=self._name) if start <= s < end)

    # --- one booking ----------------------------------------------------------------------------------------------

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        offer = self._account.offer(wish.service, deadline=deadline)
        if offer.is_pooled and wish.host is not None:
            raise SetupError(
                f"services.{wish.service.key}.staff: Calendly itself picks the host of a team's event type"
            )
        body = booking_body(wish, offer, tag_in=self._events.tag_in, reminds=self._reminds)
        if wish.times.span.start * 60 <= self._clock.now():
            raise RefusedError(Refusal.TOO_SOON_OR_FAR, f"{self._name}: the start is past")
        response = self._account.book(body, deadline=deadline)
        if not response.is_success:
            raise self._refused(response, wish, deadline=deadline)
        # From here on the event exists: whatever fails now must not look as if nothing had happened.
        answer = self._account.answer(response, what=refusals.BOOKING, writes=True)
        invitee = replies.booked(answer)
        key, tag = replies.booked_event(answer), self._events.own_tag(invitee)
        if key is None or tag is None:
            raise lost(self._name, "a booking in an unknown shape", writes=True)
        try:
            return self._events.of_invitee(key, invitee, deadline=deadline)
        except ProviderError:  # it is booked all the same
            return ProviderEvent(id=key, tag=tag, span=wish.times.span, status="accepted", email=address_of(wish))

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Live events of this invitee that carry the tag, at whatever time; the one at the wish's time first."""
        address = address_of(wish)
        if address is None:
            return ()  # nothing can have been booked
        earliest = min(wish.times.span.start, int(self._clock.now() // 60))
        found = self._events.tagged(wish.tag, address, not_before=earliest, deadline=deadline)
        return tuple(sorted(found, key=lambda event: (event.span.start != wish.times.span.start, event.span, event.id)))

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        return self._events.read(event_id, deadline=deadline)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Book the wish's time unless that is done, then cancel all else that carries the tag; see the module."""
        standing = self._standing(event_id, wish, deadline=deadline)
        there = [event for event in standing if event.span.start == wish.times.span.start]
        new = next((event for event in there if event.id == event_id), next(iter(there), None))
        # The known event is cancelled last: that it is cancelled says that everything is done.
        leftover = sorted((e for e in standing if e is not new), key=lambda event: event.id == event_id)
        if new is None:
            if all(event.span.start * 60 <= self._clock.now() for event in leftover):
                raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event has begun already")
            new = self.create(wish, deadline=deadline)
            if new.tag != wish.tag:
                raise RefusedError(Refusal.TAKEN, f"{self._name}: the time was given to somebody else")
        self._cancel_the_rest(leftover, new, is_anew=new.id != event_id, deadline=deadline)
        return new

    def _standing(self, event_id: str, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """What a move begins with: all that carries the tag, and the known event whatever it carries."""
        tagged = self.find(wish, deadline=deadline)
        if any(event.id == event_id for event in tagged):
            return tagged
        try:
            known = self._events.read(event_id, deadline=deadline, follow=False)
        except RefusedError:
            if not tagged:
                raise
            return tagged
        if known.status == "accepted":
            return (*tagged, known)
        if not tagged:
            raise RefusedError(Refusal.GONE, f"{self._name}: the event is cancelled")
        return tagged

    def _cancel_the_rest(
        self, leftover: list[ProviderEvent], new: ProviderEvent, *, is_anew: bool, deadline: float
    ) -> None:
        """The second half of a move. Where the host's no to it is certain, the first half is taken back."""
        for event in leftover:
            try:
                self._cancel(event.id, reason="Moved to another time", deadline=deadline)
            except refusals.CalendlyRefusedError as refused:
                if refused.is_over or refused.reason is Refusal.GONE or not is_anew:
                    continue  # over and done with, or a duplicate: no reason to touch the real one
                self._take_back(new, deadline=deadline)
                raise
            except ProviderError as error:
                raise InDoubtError(f"{self._name}: moved, but the old event still stands") from error

    def _take_back(self, new: ProviderEvent, *, deadline: float) -> None:
        try:
            self._cancel(new.id, reason="The old time could not be given up", deadline=deadline)
        except ProviderError as error:
            raise InDoubtError(f"{self._name}: moved, but neither event can be cancelled") from error

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Cancel the event, or the one its invitee rescheduled it to in Calendly's own pages."""
        following: str | None = event_id
        for _ in range(LONGEST_CHAIN):
            if following is None:
                return
            try:
                self._cancel(following, reason=reason or "The caller asked to cancel", deadline=deadline)
            except RefusedError as refused:
                if refused.reason is not Refusal.GONE:
                    raise
                following = self._events.successor(following, deadline=deadline)
            else:
                return
        raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event was rescheduled too often to follow")

    def _cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        path = path_of("scheduled_events", event_id, "cancellation")
        response = self._account.post(path, json={"reason": reason[:LONGEST_REASON]}, use=Use.CARE, deadline=deadline)
        if not response.is_success:
            raise refusals.refusal(response, what=refusals.CANCELLATION, name=self._name)

    def _refused(self, response: httpx.Response, wish: EventWish, *, deadline: float) -> ProviderError:
        """Why a booking was refused; words that could be misread count only when the time is really not offered."""
        error = refusals.refusal(response, what=refusals.BOOKING, name=self._name, service=wish.service)
        if not (isinstance(error, refusals.CalendlyRefusedError) and error.unsure):
            return error
        start = wish.times.span.start
        try:
            key = self._account.event_type_key(wish.service)
            is_offered = start in self._free(key, wish.service, Interval(start, start + 1), deadline=deadline)
        except (NotExecutedError, SetupError):
            return error  # a definite no in any case
        if is_offered:
            return SetupError(f"{self._name}: HTTP {response.status_code} for a time that is offered")
        return error

    # --- the whole connection -------------------------------------------------------------------------------------

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The active event types that a single caller can book."""
        query = self._account.owner(deadline=deadline) | {"active": "true"}
        found = self._account.pages("/event_types", query, use=Use.QUESTION, deadline=deadline, what=refusals.ACCOUNT)
        offers = [replies.offer_of(entry, name=self._name) for entry in found]
        return tuple(EventType(o.key, o.name, o.minutes) for o in offers if o.is_bookable and not o.is_group)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        return self._events.overlapping(window, deadline=deadline)
