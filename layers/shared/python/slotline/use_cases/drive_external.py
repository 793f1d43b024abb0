"""What people do in the provider's own pages is the truth: a booking follows its event, and its caller is told."""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError, StaleError
from slotline.ports import OutboxKind, ProviderEvent
from slotline.use_cases.drive_context import Context, is_live

LONGEST_CHAIN = 5
"""How many moves, from one event to the next, are followed."""


class ExternalSteps:
    """Compares a settled booking with its event, and adopts what somebody else made of it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._now = context.clock.now

    def follow(self, booking: Booking, *, deadline: float) -> Booking:
        """The booking as its event says. Raises NotExecutedError and SetupError when the calendar cannot be read."""
        context = self._context
        if booking.state is not State.BOOKED or context.provider(booking).traits.own:
            return booking
        event = self._event(booking, deadline=deadline)
        if event is None:
            if not context.is_quiet(booking, self._now()):
                return booking  # what was just written may not be visible everywhere yet
            gone = self._store.release(
                booking, to=State.CANCELLED, reason="calendar", effects=["sms_cancelled"], now=self._now()
            )
            return context.changed(gone)
        if event.span == booking.times.span and event.id == booking.provider_id:
            return booking
        return self.adopt(booking, event)

    def adopt(self, booking: Booking, event: ProviderEvent) -> Booking:
        """Record where the event stands now. Its lock follows, even onto somebody else's: then a person decides."""
        context, now = self._context, self._now()
        effects: list[OutboxKind] = []
        if event.span.start != booking.times.span.start:
            effects.append("sms_moved")
        if context.is_crowded(booking, event.span):
            effects.append("conflict")
            context.count("Conflicts", 1)
        intent = context.intent_at(booking, event.span.start)
        try:
            adopted = self._store.adopt(booking, event=event, intent=intent, effects=effects, now=now)
        except StaleError:
            if self._store.read(booking.id).rv != booking.rv:
                raise
            # The caller has another booking for that time: this one goes on standing for the wish it came from.
            adopted = self._store.adopt(booking, event=event, intent=booking.intent, effects=effects, now=now)
        return context.changed(adopted)

    def _event(self, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """Our event as it stands now, followed to what replaced it; None when there certainly is none."""
        context = self._context
        event = self._read(booking, booking.provider_id, deadline=deadline)
        for _ in range(LONGEST_CHAIN):
            if event is None or event.moved_to is None:
                break
            event = self._read(booking, event.moved_to, deadline=deadline)
        if event is not None and is_live(event):
            return event
        return context.found(booking, deadline=deadline)

    def _read(self, booking: Booking, event_id: str | None, *, deadline: float) -> ProviderEvent | None:
        try:
            return self._context.provider(booking).read(event_id or "", deadline=deadline)
        except RefusedError as refusal:
            if refusal.reason is Refusal.GONE:
                return None
            raise SetupError("the calendar does not let us read what we wrote") from refusal
        except InDoubtError as error:
            raise NotExecutedError("the calendar did not say where the event is") from error
