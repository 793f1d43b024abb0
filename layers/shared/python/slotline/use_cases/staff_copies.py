"""The calendars of further staff: each holds a copy of the event, so that everybody sees where they have to be.

The event of record stands on the first calendar of a booking and decides everything; all calendars are locked together,
so no copy can lie over another booking of ours. A copy follows later, from the outbox: written as often as needed, to
calendars where the same write twice makes nothing new. So nobody waits on the line for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import ConfigError, ProviderError, Refusal, RefusedError, StaleError
from slotline.ports import EventWish, Outbox, OutboxItem, OutboxKind, ProviderEvent
from slotline.use_cases.drive_context import Context, is_live

LEASE_SECONDS = 60.0
BUDGET_SECONDS = 8.0
SHORTEST_PAUSE, LONGEST_PAUSE = 10.0, 900.0

_STANDING = {State.BOOKED, State.RESCHEDULING, State.CANCELLING}


@dataclass(frozen=True, slots=True)
class CopyDesk:
    """Keeps the copies of one business in step. Level-triggered: it writes what the booking says now."""

    context: Context
    outbox: Outbox
    notify: Callable[..., None]

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> None:
        """Bring every copy of a booking in step. Told twice about the same effect, it does nothing."""
        now = self.context.clock.now
        try:
            item = self.outbox.claim(booking_id, rv=rv, kind=kind, now=now(), lease=LEASE_SECONDS)
            booking = self.context.store.read(booking_id)
            try:
                self._in_step(booking)
            except (ProviderError, ConfigError) as error:
                self._later(item, booking, error)
                return
            if self.context.store.read(booking_id).rv == booking.rv:
                self.outbox.sent(item, provider_id="copies", now=now())
            else:  # it changed meanwhile, and whoever copied that may have been faster
                self.outbox.postpone(item, until=now(), sent_nothing=True)
        except StaleError:
            return  # somebody else has it

    def _in_step(self, booking: Booking) -> None:
        """Every copy; one calendar that cannot be written keeps no other waiting, and is heard of at the end."""
        wish = replace(self.context.wish(booking), times=booking.times, host=None)
        failed: ProviderError | ConfigError | None = None
        standing = dict[str, ProviderEvent]()
        for name in booking.copies:
            try:
                copy = self._copy(booking, name, wish)
            except (ProviderError, ConfigError) as error:
                failed = failed or error
            else:
                standing |= {name: copy} if copy else {}
        if failed is not None:
            raise failed
        for name, copy in standing.items():  # once, when all is written: somebody is told of what is found
            self._look_beside(booking, name, copy)

    def _copy(self, booking: Booking, name: str, wish: EventWish) -> ProviderEvent | None:
        """The copy as it stands now, if there is one."""
        provider, deadline = self.context.calendars.of(name), self.context.clock.now() + BUDGET_SECONDS
        found = [event for event in provider.find(wish, deadline=deadline) if is_live(event)]
        if booking.state not in _STANDING:
            for event in found:
                provider.cancel(event.id, reason="Cancelled", deadline=deadline)
            return None
        if not found:
            try:
                return provider.create(wish, deadline=deadline)
            except RefusedError as refusal:
                if refusal.reason is not Refusal.GONE:
                    raise
                return None  # its owner removed it, and need not have it back
        if found[0].span != booking.times.span:
            return provider.move(found[0].id, wish, deadline=deadline)
        return found[0]

    def _look_beside(self, booking: Booking, name: str, copy: ProviderEvent) -> None:
        """Somebody may have written there since the last look: the booking stands, and a person must choose."""
        context, spans = self.context, (booking.times.blocked, copy.span)
        deadline = context.clock.now() + BUDGET_SECONDS
        if context.is_somebody_there(name, spans, besides={copy.id}, deadline=deadline):
            context.count("Conflicts", 1)
            service, state = booking.service, booking.state.value
            self.notify("human_task", booking=booking.id, service=service, state=state, why="conflict")

    def _later(self, item: OutboxItem, booking: Booking, error: Exception) -> None:
        """Ever more rarely, until the appointment is over; then nobody is helped any more."""
        now = self.context.clock.now()
        self.notify("copy_failed", booking=booking.id, error=type(error).__name__)
        if now >= booking.times.span.end * 60:
            self.outbox.give_up(item, reason="too_late", now=now)
            return
        pause = min(max((now - item.caused) / 2, SHORTEST_PAUSE), LONGEST_PAUSE)
        self.outbox.postpone(item, until=now + pause, sent_nothing=True)
