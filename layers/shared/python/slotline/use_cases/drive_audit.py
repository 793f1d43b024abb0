"""What was settled is looked at again: audits of what was in doubt, and requests that await the host's approval."""

from __future__ import annotations

from contextlib import suppress

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import ConfigError, ProviderError, Refusal, RefusedError
from slotline.use_cases.drive_context import SETUP_RECHECK_SECONDS, Context
from slotline.use_cases.drive_external import ExternalSteps

APPROVAL_LOOK_SECONDS = 300.0
LATEST_LOOK_SECONDS = 86_400.0


class AuditSteps:
    """Compares the record with the provider when the time for it has come."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._external = ExternalSteps(context)

    def look(self, booking: Booking, *, deadline: float) -> Booking:
        """The booking as it stands after a look that was due; unchanged when none was."""
        now = self._context.clock.now()
        if booking.due is None or booking.due > now:
            return booking
        left = tuple(at for at in booking.audits if at > now)
        awaited = booking.needs_approval and booking.state is State.BOOKED
        try:
            if not awaited or len(left) < len(booking.audits):  # a request may have a twin, and a host accepts both
                self._remove_duplicates(booking, deadline=deadline)
            if awaited:
                return self._approval(booking, audits=left, now=now, deadline=deadline)
            before, booking = booking, self._external.follow(booking, deadline=deadline)
        except (ProviderError, ConfigError):
            return self._later(booking, now=now)
        if before.state is State.BOOKED and booking.state is State.CANCELLED:
            self._context.count("RecordedEventsMissing", 1)  # perhaps by a person's hand; nobody told us so
        left = tuple(at for at in booking.audits if at > now)
        return self._store.postpone(booking, due=min(left, default=None), audits=left, now=now)

    def approval(self, booking: Booking, *, deadline: float) -> Booking:
        """A request after a look at what the host made of it. Raises ProviderError."""
        return self._approval(booking, audits=booking.audits, now=self._context.clock.now(), deadline=deadline)

    def _later(self, booking: Booking, *, now: float) -> Booking:
        """Try again, but not for ever: a day after everything is over nobody is helped any more."""
        over = max(booking.times.span.end * 60.0, *booking.audits, 0.0) + LATEST_LOOK_SECONDS
        if now >= over:
            return self._store.postpone(booking, due=None, audits=(), now=now)
        return self._store.postpone(booking, due=now + SETUP_RECHECK_SECONDS, now=now)

    def _remove_duplicates(self, booking: Booking, *, deadline: float) -> None:
        """Keep exactly the recorded event; a request executed long after we gave it up ends here."""
        context = self._context
        found = [event.id for event in context.standing(booking, deadline=deadline)]
        kept = booking.provider_id if booking.state is State.BOOKED else None
        if found and kept is not None and kept not in found:
            # What is left may be the one that counts, put there by a person in the provider's own pages.
            context.count("RecordedEventsMissing", 1)
            return
        for event_id in found:
            if event_id != kept:
                context.count("DuplicatesFound", 1)
                with suppress(RefusedError):  # as for one that is past: the next audit will not succeed either
                    context.provider(booking).cancel(event_id, reason="Duplicate", deadline=deadline)

    def _approval(self, booking: Booking, *, audits: tuple[float, ...], now: float, deadline: float) -> Booking:
        try:
            event = self._context.provider(booking).read(booking.provider_id or "", deadline=deadline)
        except RefusedError as refusal:
            if refusal.reason is not Refusal.GONE:
                raise
            event = None  # the host said no by deleting it
        if event is not None and event.moved_to is None and event.span == booking.times.span:
            if event.status == "accepted":
                return self._store.commit(booking, event=event, effects=["sms_booked"], now=now)
            if event.status == "requested":
                is_over = now >= booking.times.span.end * 60
                looks = [*audits, *([] if is_over else [now + APPROVAL_LOOK_SECONDS])]
                return self._store.postpone(booking, due=min(looks, default=None), audits=audits, now=now)
        elsewhere = self._external.event(booking, deadline=deadline)
        if elsewhere is not None:  # moved; what became of the request shows there
            return self._external.adopt(booking, elsewhere)
        if event is None and not self._context.is_quiet(booking, now):
            return self._external.wait(booking)
        declined = self._store.release(booking, to=State.CANCELLED, reason="declined", effects=["sms_failed"], now=now)
        return self._context.changed(declined)
