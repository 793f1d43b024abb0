"""Driving a move: the old time is safe until the provider has agreed to the new one."""

from __future__ import annotations

from dataclasses import replace

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import (
    InDoubtError,
    NotExecutedError,
    ProviderError,
    Refusal,
    RefusedError,
    SetupError,
    StaleError,
)
from slotline.ports import OutboxKind, ProviderEvent, Seats
from slotline.use_cases.drive_context import SECOND_LOOK_SECONDS, SETUP_RECHECK_SECONDS, Context, is_live
from slotline.use_cases.drive_external import ExternalSteps

LONGEST_CHAIN = 4
"""How many replacements of an event we follow."""


class MoveSteps:
    """From one time to another."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._external = ExternalSteps(context)
        self._now = context.clock.now

    def send(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        """Move the event, as the owner of the live attempt. `before` is the booking before it was claimed."""
        context = self._context
        try:
            event = context.provider(booking).move(_event_id(booking), context.wish(booking), deadline=deadline)
        except NotExecutedError as failure:
            return context.unsent(booking, before=before, retry_after=failure.retry_after)
        except InDoubtError:
            return self._look_again(booking, deadline=deadline)
        except SetupError:
            context.count("SetupErrors", 1)
            return context.unsent(booking, before=before, retry_after=SETUP_RECHECK_SECONDS)
        except RefusedError as refusal:
            return self._refused(booking, refusal, before=before, deadline=deadline)
        if not is_live(event):
            return context.doubt(booking)
        return self._arrived(booking, event, deadline=deadline)

    def finish(self, booking: Booking, *, deadline: float) -> Booking:
        """Read the event; move it again only when it is certain that the last try is dead.

        Where the same create twice makes one event, the same move twice is harmless too, but only until the next one:
        executed after that, the first would drag the event back.
        """
        context, now = self._context, self._now()
        if booking.sends and (event := self.at_new_time(booking, deadline=deadline)):
            return self._arrived(booking, event, deadline=deadline)
        if context.is_quiet(booking, now) and context.has_tried_enough(booking, now):
            if event := self._made_anew(booking, deadline=deadline):
                return self._arrived(booking, event, deadline=deadline)
            return self._stay(booking, before=booking, deadline=deadline)
        if not context.is_quiet(booking, now):
            return context.wait(booking)
        target = booking.moving_to
        if (
            not booking.sends
            and target is not None
            and context.is_somebody_there(
                booking.calendar, (target.blocked,), besides={booking.provider_id}, deadline=deadline
            )
        ):  # nothing was ever sent, perhaps because the calendar could not be read before either
            return self._stay(booking, before=booking, deadline=deadline)
        claimed = self._store.claim(booking, attempt=context.new_attempt(booking), now=now)
        return self.send(claimed, before=booking, deadline=deadline)

    def at_new_time(self, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """The event at the time it is moving to; None while it is not there."""
        provider = self._context.provider(booking)
        event_id: str | None = _event_id(booking)
        try:
            for _ in range(LONGEST_CHAIN):
                event = provider.read(event_id or "", deadline=deadline)
                event_id = event.moved_to
                if event_id is None:
                    break
        except RefusedError:
            return None
        except InDoubtError as error:
            raise NotExecutedError("the calendar did not say where the event is") from error
        target = booking.moving_to.span.start if booking.moving_to else None
        return event if is_live(event) and event.span.start == target else None

    def _look_again(self, booking: Booking, *, deadline: float) -> Booking:
        """After a lost answer: the event at its new time is believed at once, anything else leaves a doubt."""
        if deadline - self._now() >= SECOND_LOOK_SECONDS:
            try:
                event = self.at_new_time(booking, deadline=deadline)
            except ProviderError:
                event = None  # the doubt is recorded below, and the reconciler looks again
            if event is not None:
                return self._arrived(booking, event, deadline=deadline)
        return self._context.doubt(booking)

    def _refused(self, booking: Booking, refusal: RefusedError, *, before: Booking, deadline: float) -> Booking:
        if booking.sends > 1 or booking.in_doubt:
            try:
                event = self.at_new_time(booking, deadline=deadline) or self._made_anew(booking, deadline=deadline)
            except (NotExecutedError, SetupError):
                return self._context.doubt(booking)
            if event is not None:
                return self._arrived(booking, event, deadline=deadline)
        if refusal.reason is Refusal.GONE:
            return self._gone(booking, before=before, deadline=deadline)
        stayed = self._stay(booking, before=before, deadline=deadline)
        return replace(stayed, reason=refusal.reason.value)  # for whoever asked; nothing has ended, so it is not kept

    def _made_anew(self, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """The event at the new time that nothing but its tag leads to, once the old one does not stand any more.

        No lock is let go while its event stands, so the old one is cancelled if need be.
        """
        provider, target = self._context.provider(booking), booking.moving_to
        if provider.traits.moves != "new_object" or target is None:
            return None
        standing = self._context.standing(booking, deadline=deadline)
        anew = [e for e in standing if e.id != booking.provider_id and e.span.start == target.span.start]
        if anew and self._old_stands(booking, deadline=deadline):
            try:
                provider.cancel(_event_id(booking), reason="Moved to another time", deadline=deadline)
            except InDoubtError as error:
                raise NotExecutedError("the calendar did not say whether the old event is gone") from error
            except RefusedError as refusal:
                raise SetupError("the calendar holds both times, and keeps the old one") from refusal
        return next(iter(anew), None)

    def _old_stands(self, booking: Booking, *, deadline: float) -> bool:
        """Read by its id: a search by tag need not look at the old time."""
        old = self._external.read(booking, _event_id(booking), deadline=deadline)
        return old is not None and is_live(old) and old.id == booking.provider_id

    def _gone(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        """The calendar knows no such event any more. It may only have been moved, by a person."""
        try:
            event = self._external.event(booking, deadline=deadline)
        except (NotExecutedError, SetupError):
            return self._context.doubt(booking)
        if event is not None:
            return self._external.adopt(self._stay(booking, before=before, deadline=deadline), event)
        # Texted even to a caller who hears it now: the last text they got says that it stands.
        gone = self._store.release(
            booking, to=State.CANCELLED, reason="gone", effects=["sms_cancelled"], now=self._now()
        )
        return self._context.changed(gone)

    def _arrived(self, booking: Booking, event: ProviderEvent, *, deadline: float) -> Booking:
        if self._context.is_overlapped(booking, event, deadline=deadline):
            self._context.count("Conflicts", 1)
            return self._adopt(booking, event, "conflict")  # the old time is gone already: a person must choose
        return self._adopt(booking, event)

    def _adopt(self, booking: Booking, event: ProviderEvent, *more: OutboxKind) -> Booking:
        try:
            seats = self._context.seats()
            moved = self._context.recorded(
                lambda told: self.record(booking, event, told, seats=seats), "sms_moved", *more
            )
        except StaleError:
            return self._context.keep_stray(booking, event)
        return self._context.changed(moved)

    def record(
        self, booking: Booking, event: ProviderEvent, effects: list[OutboxKind], *, seats: Seats | None = None
    ) -> Booking:
        """T7: the event stands at its new time, and so does the wish. Raises StaleError when somebody else drives."""
        now = self._now()
        intent = self._context.intent_at(booking, event.span.start)
        try:
            return self._store.moved(booking, event=event, intent=intent, effects=effects, seats=seats, now=now)
        except StaleError:
            if self._store.read(booking.id).rv != booking.rv:
                raise
            # The caller has another booking for that time: this one goes on standing for the wish it came from.
            return self._store.moved(booking, event=event, intent=booking.intent, effects=effects, seats=seats, now=now)

    def _stay(self, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        # A caller who was told "pending" is texted that the old time stands.
        effects: list[OutboxKind] = ["sms_failed"] if self._context.owes_the_outcome(before, deadline=deadline) else []
        return self._context.changed(self._store.stay(booking, effects=effects, now=self._now()))


def _event_id(booking: Booking) -> str:
    if booking.provider_id is None:
        raise StaleError("a booking without an event cannot be moved")
    return booking.provider_id
