"""Driving a cancellation: the lock is freed only after the provider's yes."""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import InDoubtError, NotExecutedError, RefusedError, SetupError
from slotline.use_cases.drive_context import SETUP_RECHECK_SECONDS, Context, is_live
from slotline.use_cases.drive_move import MoveSteps


class CancelSteps:
    """From a wish to cancel to a calendar that holds nothing of ours. Idempotent, so repeated until it is definite."""

    def __init__(self, context: Context, moves: MoveSteps) -> None:
        self._context = context
        self._moves = moves
        self._store = context.store
        self._now = context.clock.now

    def finish(self, booking: Booking, *, deadline: float) -> Booking:
        """Cancel what stands. While a create may still be executed, absence proves nothing: wait."""
        context = self._context
        try:
            standing = self._standing(booking, deadline=deadline)
            if not standing and not context.is_quiet(booking, self._now()):
                return context.wait(booking)
            for event_id in standing:
                context.provider(booking).cancel(event_id, reason="Cancelled by the caller", deadline=deadline)
        except InDoubtError:
            return context.wait(booking)
        except NotExecutedError as failure:
            now = self._now()
            return self._store.postpone(booking, due=now + failure.retry_after, now=now)
        except SetupError:
            context.count("SetupErrors", 1)
            now = self._now()
            return self._store.postpone(booking, due=now + SETUP_RECHECK_SECONDS, now=now)
        except RefusedError:
            return context.changed(self._store.keep(booking, effects=["sms_failed", "human_task"], now=self._now()))
        cancelled = self._store.release(
            booking, to=State.CANCELLED, reason="caller", effects=["sms_cancelled"], now=self._now()
        )
        return context.changed(cancelled)

    def _standing(self, booking: Booking, *, deadline: float) -> list[str]:
        """Ids of the events to cancel: the recorded one, or whatever carries our tag while nothing is recorded."""
        if booking.state is State.CANCELLING and booking.provider_id:
            return [booking.provider_id]
        events = self._context.provider(booking).find(self._context.wish(booking), deadline=deadline)
        found = [event.id for event in events if is_live(event)]
        if booking.state is State.RESCHEDULING and booking.provider_id:
            moved = self._moves.at_new_time(booking, deadline=deadline)
            found.append(moved.id if moved else booking.provider_id)
        return list(dict.fromkeys(found))
