"""Drive a booking towards what its caller wants. Tools, reconciler and webhooks all call this one function.

Level-triggered: it looks at the record as it is, does the next thing that is safe, and may be called at any time by
anybody. Whoever holds the live attempt is the only one who sends; everybody else looks. What is found is believed at
once; "it is not there" only after the quiescence, when nothing we ever sent can still be executed.
"""

from __future__ import annotations

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import ConfigError, NotExecutedError, SetupError
from slotline.use_cases.drive_audit import AuditSteps
from slotline.use_cases.drive_booking import BookingSteps
from slotline.use_cases.drive_cancel import CancelSteps
from slotline.use_cases.drive_context import SETUP_RECHECK_SECONDS, Context
from slotline.use_cases.drive_external import ExternalSteps
from slotline.use_cases.drive_move import MoveSteps


class Driver:
    """Carries bookings of one business forward, in one process, until that process ends."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.booking = BookingSteps(context)
        self.move = MoveSteps(context)
        self.cancel = CancelSteps(context, self.move)
        self.external = ExternalSteps(context)
        self.audit = AuditSteps(context)

    def drive(self, booking: Booking, *, deadline: float) -> Booking:
        """The booking after the next safe step; the same one when there is nothing to do or somebody else does it."""
        context, now = self.context, self.context.clock.now()
        if booking.state is State.HELD:
            if not booking.hold_has_lapsed(now):
                return booking
            return context.changed(context.store.release(booking, to=State.EXPIRED, reason="lapsed", now=now))
        if not booking.state.is_unfinished:
            return self.audit.look(booking, deadline=deadline)
        if booking.attempt_is_alive(now):
            return booking
        try:
            if booking.cancel_wanted:
                return self.cancel.finish(booking, deadline=deadline)
            if booking.state is State.RESCHEDULING:
                return self.move.finish(booking, deadline=deadline)
            return self.booking.finish(booking, deadline=deadline)
        except NotExecutedError as failure:  # a look that found nobody at home
            return context.later(booking, retry_after=failure.retry_after)
        except (SetupError, ConfigError):
            context.count("SetupErrors", 1)
            return context.later(booking, retry_after=SETUP_RECHECK_SECONDS)

    def heed(self, booking: Booking, *, deadline: float) -> Booking:
        """Look at the calendar whatever is due: somebody says that it changed. Raises ProviderError, ConfigError."""
        if booking.state is not State.BOOKED:
            return self.drive(booking, deadline=deadline)
        if booking.needs_approval:
            return self.audit.approval(booking, deadline=deadline)
        return self.external.follow(booking, deadline=deadline)
