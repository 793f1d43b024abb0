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
        event = self.event(booking, deadline=deadline)
        if event is None:
            if not context.is_quiet(booking, self._now()):
                return self.wait(booking)
            gone = self._store.release(
                booking, to=State.CANCELLED, reason="calendar", effects=["sms_cancelled"], now=self._now()
            )
            return context.changed(gone)
        if event.span == booking.times.span and event.id == booking.provider_id:
            return booking
        return self.adopt(booking, event)

    def adopt(self, booking: Booking, event: ProviderEvent) -> Booking:
        """Record where the event stands now. Its lock follows, even onto somebody else's: then a person decides."""
        effects: list[OutboxKind] = []
        if event.span.start != booking.times.span.start:
            effects.append("sms_moved")
        elif booking.needs_approval and event.status == "accepted":
            effects.append("sms_booked")
        adopted = self._context.recorded(lambda told: self._adopted(booking, event, told), *effects)
        return self._context.changed(adopted)

    def wait(self, booking: Booking) -> Booking:
        """What was just written may not be visible everywhere yet: look again when silence is proof."""
        at = self._context.quiet_at(booking)
        if at in booking.audits:
            return booking
        audits = tuple(sorted({*booking.audits, at}))
        due = at if booking.due is None else min(booking.due, at)
        return self._store.postpone(booking, due=due, audits=audits, now=self._now())

    def event(self, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """Our event as it stands now, followed to what replaced it; None when there certainly is none."""
        event, following = None, booking.provider_id
        for _ in range(LONGEST_CHAIN):
            if following is None:
                break
            event = self.read(booking, following, deadline=deadline)
            following = event.moved_to if event is not None else None
        if event is not None and is_live(event):
            return event
        return self._context.found(booking, deadline=deadline)

    def _adopted(self, booking: Booking, event: ProviderEvent, effects: list[OutboxKind]) -> Booking:
        seats, now = self._context.seats(), self._now()
        intent = self._context.intent_at(booking, event.span.start)
        try:
            return self._store.adopt(booking, event=event, intent=intent, effects=effects, seats=seats, now=now)
        except StaleError:
            if self._store.read(booking.id).rv != booking.rv:
                raise
            # The caller has another booking for that time: this one goes on standing for the wish it came from.
            return self._store.adopt(booking, event=event, intent=booking.intent, effects=effects, seats=seats, now=now)

    def read(self, booking: Booking, event_id: str, *, deadline: float) -> ProviderEvent | None:
        """One event by its id, None when there is none. Raises NotExecutedError, SetupError."""
        try:
            return self._context.provider(booking).read(event_id, deadline=deadline)
        except RefusedError as refusal:
            if refusal.reason is Refusal.GONE:
                return None
            raise SetupError("the calendar does not let us read what we wrote") from refusal
        except InDoubtError as error:
            raise NotExecutedError("the calendar did not say where the event is") from error
