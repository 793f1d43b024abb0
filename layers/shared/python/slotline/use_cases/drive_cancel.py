"""Driving a cancellation: the lock is freed only after the provider's yes."""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import ConfigError, InDoubtError, NotExecutedError, RefusedError, SetupError
from slotline.use_cases.drive_context import SETUP_RECHECK_SECONDS, Context
from slotline.use_cases.drive_move import MoveSteps


class CancelSteps:
    """From a wish to cancel to a calendar that holds nothing of ours. Idempotent, so repeated until it is definite."""

    def __init__(self, context: Context, moves: MoveSteps) -> None:
        self._context = context
        self._moves = moves
        self._store = context.store
        self._now = context.clock.now

    def finish(self, booking: Booking, *, deadline: float) -> Booking:
        """Cancel what stands. While something we sent may still be executed, absence proves nothing: wait."""
        context = self._context
        try:
            booking, standing = self._found(booking, deadline=deadline)
            refused = self._cancel(booking, standing, deadline=deadline)
        except InDoubtError:
            return context.wait(booking)
        except NotExecutedError as failure:
            return context.later(booking, retry_after=failure.retry_after)
        except (SetupError, ConfigError):
            context.count("SetupErrors", 1)
            return context.later(booking, retry_after=SETUP_RECHECK_SECONDS)
        now = self._now()
        if booking.state is not State.CANCELLING and not context.is_quiet(booking, now):
            return context.wait(booking)  # a create, or the move of what was just cancelled
        if refused:
            return context.changed(self._store.keep(booking, effects=["sms_failed", "human_task"], now=now))
        return context.changed(
            self._store.release(booking, to=State.CANCELLED, reason="caller", effects=["sms_cancelled"], now=now)
        )

    def _cancel(self, booking: Booking, standing: list[str], *, deadline: float) -> bool:
        """Cancel these events; True when the provider refuses to."""
        try:
            for event_id in standing:
                self._context.provider(booking).cancel(event_id, reason="Cancelled by the caller", deadline=deadline)
        except RefusedError:
            return True
        return False

    def _found(self, booking: Booking, *, deadline: float) -> tuple[Booking, list[str]]:
        """Ids of the events to cancel. One that only we have seen is recorded first, so that it is never lost."""
        context, now = self._context, self._now()
        if booking.state is State.CANCELLING and booking.provider_id:
            return booking, [booking.provider_id]
        events = context.standing(booking, deadline=deadline)
        if booking.state is State.RESCHEDULING:
            moved = self._moves.at_new_time(booking, deadline=deadline)
            if moved is None:
                return booking, list(dict.fromkeys([*(e.id for e in events), booking.provider_id or ""]))
            # The wish goes along: as long as the event stands there, the caller cannot have that time a second time.
            booking = self._moves.record(booking, moved, [])
            events = (moved, *events)
        elif events and booking.state is State.BOOKING:
            booking = self._store.commit(booking, event=events[0], effects=[], now=now)
        return booking, list(dict.fromkeys(event.id for event in events))
