"""Driving a booking: create the event exactly once."""

from __future__ import annotations

from slotline.domain.bookings import GIVING_WAY, Booking, State
from slotline.domain.errors import (
    InDoubtError,
    NotExecutedError,
    ProviderError,
    Refusal,
    RefusedError,
    SetupError,
    StaleError,
)
from slotline.ports import OutboxKind, ProviderEvent
from slotline.use_cases.drive_context import SECOND_LOOK_SECONDS, SETUP_RECHECK_SECONDS, Context, is_live


class BookingSteps:
    """From a pinned slot to an event in the calendar, or to a certain no."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._now = context.clock.now

    def send(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        """Create the event, as the owner of the live attempt. `before` is the booking before it was claimed."""
        context = self._context
        try:
            event = context.provider(booking).create(context.wish(booking), deadline=deadline)
        except NotExecutedError as failure:
            return context.unsent(booking, before=before, retry_after=failure.retry_after)
        except InDoubtError:
            return self._look_again(booking, before=before, deadline=deadline)
        except SetupError:
            return self._misconfigured(booking, before=before, deadline=deadline)
        except RefusedError as refusal:
            return self._refused(booking, refusal, before=before, deadline=deadline)
        if event.tag == booking.id:
            if not is_live(event):
                return context.doubt(booking)
            return self._verified(booking, event, before=before, deadline=deadline)
        return self._somebody_elses(booking, event, before=before, deadline=deadline)

    def finish(self, booking: Booking, *, deadline: float) -> Booking:
        """Look first; send again only when nothing sent before can still be executed, or when repeating is harmless."""
        context, now = self._context, self._now()
        if booking.reason == GIVING_WAY:
            return self._given_way(booking, deadline=deadline)
        if booking.sends and (event := context.found(booking, deadline=deadline)):
            return self._verified(booking, event, before=booking, deadline=deadline)
        if context.is_quiet(booking, now) and context.has_tried_enough(booking, now):
            return self._end(booking, "gave_up", ["sms_failed", "human_task"])
        if not context.may_repeat(booking, now):
            return context.wait(booking)
        if not booking.sends and context.is_somebody_there(
            booking.calendar, (booking.times.blocked,), besides=(), deadline=deadline
        ):  # nothing was ever sent, perhaps because the calendar could not be read before either
            return self._end(booking, Refusal.TAKEN.value, ["sms_failed"])
        claimed = self._store.claim(booking, attempt=context.new_attempt(booking), now=now)
        return self.send(claimed, before=booking, deadline=deadline)

    def _look_again(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        """After a lost answer: a hit is believed at once, anything else leaves the booking in doubt."""
        if deadline - self._now() >= SECOND_LOOK_SECONDS:
            try:
                event = self._context.found(booking, deadline=deadline)
            except ProviderError:
                event = None  # the doubt is recorded below, and the reconciler looks again
            if event is not None:
                return self._verified(booking, event, before=before, deadline=deadline)
        return self._context.doubt(booking)

    def _refused(self, booking: Booking, refusal: RefusedError, *, before: Booking, deadline: float) -> Booking:
        """A definite no. If an earlier attempt may have succeeded, our own event may be what is in the way."""
        if booking.sends > 1 or booking.in_doubt:
            try:
                event = self._context.found(booking, deadline=deadline)
            except (NotExecutedError, SetupError):
                return self._context.doubt(booking)
            if event is not None:
                return self._verified(booking, event, before=before, deadline=deadline)
            if not self._context.is_quiet(before, self._now()):
                return self._context.doubt(booking)  # this one was refused; an earlier one may still be executed
        needs = refusal.reason is Refusal.NEEDS_FIELD
        return self._reject(
            booking, f"needs_{refusal.field}" if needs else refusal.reason.value, before=before, deadline=deadline
        )

    def _somebody_elses(self, booking: Booking, event: ProviderEvent, *, before: Booking, deadline: float) -> Booking:
        """The provider answered with an older booking: the caller's own, or that of somebody who was given the time."""
        reason = Refusal.TAKEN.value
        if event.tag:
            try:
                other = self._store.read(event.tag)
            except StaleError:
                other = None  # a tag that is not ours to know
            if other is not None and other.caller == booking.caller and not other.state.is_terminal:
                reason = f"same_as:{other.id}"
        return self._reject(booking, reason, before=before, deadline=deadline)

    def _misconfigured(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        self._context.count("SetupErrors", 1)
        if booking.sends > 1 or booking.in_doubt:
            return self._context.unsent(booking, before=before, retry_after=SETUP_RECHECK_SECONDS)
        return self._reject(booking, "setup", before=before, deadline=deadline)

    def _verified(self, booking: Booking, event: ProviderEvent, *, before: Booking, deadline: float) -> Booking:
        """Where the calendar takes whatever is written, somebody may just have written there too.

        While the caller waits for the first answer, our event gives way; later a person must choose, for the caller was
        told "reserved".
        """
        context = self._context
        if not context.is_overlapped(booking, event, deadline=deadline):
            return self._adopt(booking, event)
        context.count("Conflicts", 1)
        if context.caller_waits and not before.state.is_unfinished:
            # On record first: whoever comes while the removal may still be executed must not call the event a booking.
            booking = self._store.give_way(booking, now=self._now())
            try:
                context.provider(booking).cancel(event.id, reason="The time is taken", deadline=deadline)
            except InDoubtError:
                return context.doubt(booking)
            except ProviderError:
                pass  # it stands: what the caller hears must be that
            else:
                return self._reject(booking, Refusal.TAKEN.value, before=before, deadline=deadline)
        return self._adopt(booking, event, "conflict")

    def _given_way(self, booking: Booking, *, deadline: float) -> Booking:
        """What became of the removal, once nothing of it can still be executed: only then does the event count."""
        context = self._context
        if not context.is_quiet(booking, self._now()):
            return context.wait(booking)
        event = context.found(booking, deadline=deadline)
        if event is None:
            return self._reject(booking, Refusal.TAKEN.value, before=booking, deadline=deadline)
        return self._verified(booking, event, before=booking, deadline=deadline)

    def _adopt(self, booking: Booking, event: ProviderEvent, *more: OutboxKind) -> Booking:
        effect: OutboxKind = "sms_requested" if event.status == "requested" else "sms_booked"
        seats, now = self._context.seats(), self._now()

        def write(effects: list[OutboxKind]) -> Booking:
            return self._store.commit(booking, event=event, effects=effects, seats=seats, now=now)

        try:
            booked = self._context.recorded(write, effect, *more)
        except StaleError:
            return self._context.keep_stray(booking, event)
        return self._context.changed(booked)

    def _reject(self, booking: Booking, reason: str, *, before: Booking, deadline: float) -> Booking:
        return self._end(
            booking, reason, ["sms_failed"] if self._context.owes_the_outcome(before, deadline=deadline) else []
        )

    def _end(self, booking: Booking, reason: str, effects: list[OutboxKind]) -> Booking:
        ended = self._store.release(booking, to=State.REJECTED, reason=reason, effects=effects, now=self._now())
        return self._context.changed(ended)
