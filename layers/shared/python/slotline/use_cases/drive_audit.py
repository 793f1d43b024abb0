"""What was settled is looked at again: audits of what was in doubt, and requests that await the host's approval."""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import ProviderError, RefusedError
from slotline.use_cases.drive_context import SETUP_RECHECK_SECONDS, Context, is_live

APPROVAL_LOOK_SECONDS = 300.0


class AuditSteps:
    """Compares the record with the provider when the time for it has come."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def look(self, booking: Booking, *, deadline: float) -> Booking:
        """The booking as it stands after a look that was due; unchanged when none was."""
        now = self._context.clock.now()
        if booking.due is None or booking.due > now:
            return booking
        try:
            if booking.needs_approval and booking.state is State.BOOKED:
                return self._approval(booking, now=now, deadline=deadline)
            self._remove_duplicates(booking, deadline=deadline)
        except ProviderError:
            return self._store.postpone(booking, due=now + SETUP_RECHECK_SECONDS, now=now)
        left = tuple(at for at in booking.audits if at > now)
        return self._store.postpone(booking, due=min(left, default=None), audits=left, now=now)

    def _remove_duplicates(self, booking: Booking, *, deadline: float) -> None:
        """Keep exactly the recorded event; a request executed long after we gave it up ends here."""
        provider = self._context.provider(booking)
        kept = booking.provider_id if booking.state is State.BOOKED else None
        for event in provider.find(self._context.wish(booking), deadline=deadline):
            if event.id != kept and is_live(event):
                self._context.count("DuplicatesFound", 1)
                provider.cancel(event.id, reason="Duplicate", deadline=deadline)

    def _approval(self, booking: Booking, *, now: float, deadline: float) -> Booking:
        try:
            event = self._context.provider(booking).read(booking.provider_id or "", deadline=deadline)
        except RefusedError:
            event = None  # gone: the host said no by deleting it
        if event is not None and event.status == "requested":
            return self._store.postpone(booking, due=now + APPROVAL_LOOK_SECONDS, now=now)
        if event is not None and event.status == "accepted":
            return self._store.commit(booking, event=event, effects=["sms_booked"], now=now)
        declined = self._store.release(booking, to=State.CANCELLED, reason="declined", effects=["sms_failed"], now=now)
        return self._context.changed(declined)
