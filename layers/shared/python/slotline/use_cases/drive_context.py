"""What every step of driving a booking needs: its provider, its wish, its attempts and its patience."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from slotline.domain.bookings import GIVE_UP_SECONDS, MAX_ATTEMPTS, Attempt, Booking
from slotline.domain.business import Business, Calendar
from slotline.domain.errors import (
    InDoubtError,
    NotExecutedError,
    ProviderError,
    RefusedError,
    SetupError,
    SlotTakenError,
)
from slotline.domain.proofs import intent_key, resource_id
from slotline.domain.time import Interval
from slotline.ports import (
    BookingStore,
    CalendarProvider,
    Calendars,
    Clock,
    EventWish,
    Ids,
    OutboxKind,
    ProviderEvent,
    Seats,
)
from slotline.use_cases.openings import Openings

SECOND_LOOK_SECONDS = 1.5
"""With at least this much time left after a lost answer, look once while the caller waits."""

FIRST_RECHECK_SECONDS, LONGEST_RECHECK_SECONDS = 4.0, 120.0
SETUP_RECHECK_SECONDS = 60.0
ATTEMPT_MARGIN_SECONDS = 2.0

LAST_WAIT_SECONDS = 1.2
"""Who waits beside the one that sends stops so long before their own deadline, and answers "pending"."""


@dataclass(frozen=True, slots=True)
class Context:
    """One process at work for one business. `process_ends` (epoch seconds) says when it is dead at the latest."""

    business: Business
    store: BookingStore
    calendars: Calendars
    clock: Clock
    ids: Ids
    openings: Openings
    process_ends: float
    caller_waits: bool
    count: Callable[[str, float], None]

    def new_attempt(self, booking: Booking | None = None) -> Attempt:
        """The right to send, until this process must be dead."""
        number = booking.sends + 1 if booking else 1
        return Attempt(number, self.ids.nonce(), self.process_ends + ATTEMPT_MARGIN_SECONDS)

    def provider(self, booking: Booking) -> CalendarProvider:
        return self.calendars.of(booking.calendar)

    def calendar(self, booking: Booking) -> Calendar:
        return self.business.calendar(booking.calendar)

    def wish(self, booking: Booking) -> EventWish:
        """The event this booking wants to see in the calendar."""
        service = self.business.service(booking.service)
        return EventWish(
            tag=booking.id,
            generation=booking.generation,
            service=service,
            times=booking.moving_to or booking.times,
            contact=booking.contact,
            zone=self.business.zone,
            language=self.business.locale.partition("-")[0],
            # Who offers event types knows its hosts by ids of its own, and chooses among them: no name of ours fits.
            host=None if service.event_type else self._first_of_staff(booking),
        )

    def _first_of_staff(self, booking: Booking) -> str | None:
        """The name; None also for somebody who left the configuration since."""
        return next((self.business.staff[key].name for key in booking.staff[:1] if key in self.business.staff), None)

    def found(self, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """Our live event by its tag."""
        return next(iter(self.standing(booking, deadline=deadline)), None)

    def standing(self, booking: Booking, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Every live event that carries our tag. Raises NotExecutedError, and SetupError when we may not look."""
        try:
            return self.provider(booking).find(self.wish(booking), deadline=deadline)
        except InDoubtError as error:
            raise NotExecutedError("the calendar did not say what it holds") from error
        except RefusedError as error:
            raise SetupError("the calendar does not let us look") from error

    def is_quiet(self, booking: Booking, now: float) -> bool:
        """Whether nothing we ever sent can still be executed."""
        return booking.sends == 0 or booking.is_quiet(now, quiescence=self.calendar(booking).quiescence_seconds)

    def quiet_at(self, booking: Booking) -> float:
        """When nothing we ever sent can be executed any more (epoch seconds)."""
        return booking.quiet_from + self.calendar(booking).quiescence_seconds

    def may_repeat(self, booking: Booking, now: float) -> bool:
        return self.is_quiet(booking, now) or self.provider(booking).traits.repeats_safely

    def has_tried_enough(self, booking: Booking, now: float) -> bool:
        started = booking.first_sent if booking.first_sent is not None else now
        return booking.sends >= MAX_ATTEMPTS or now - started >= GIVE_UP_SECONDS

    def next_look(self, booking: Booking, now: float) -> float:
        """Soon at first, then ever more rarely, and exactly when silence becomes proof."""
        since = now - (booking.first_sent or now)
        proof = self.quiet_at(booking)
        soon = now + min(max(FIRST_RECHECK_SECONDS, since), LONGEST_RECHECK_SECONDS)
        return min(soon, proof) if proof > now else soon

    def is_overlapped(self, booking: Booking, event: ProviderEvent, *, deadline: float) -> bool:
        """Whether somebody else's event lies over ours; False where the provider itself refuses that, or tells not."""
        blocked, own = (booking.moving_to or booking.times).blocked, {event.id, booking.provider_id}
        return self.is_somebody_there(booking.calendar, (blocked, event.span), besides=own, deadline=deadline)

    def is_somebody_there(
        self, calendar: str, spans: Sequence[Interval], *, besides: Collection[str | None], deadline: float
    ) -> bool:
        """Whether a person's own event lies in any of the spans, on a calendar that takes whatever is written."""
        provider = self.calendars.of(calendar)
        if not provider.traits.keeps_events:
            return False
        window = Interval(min(span.start for span in spans), max(span.end for span in spans))
        try:
            around = provider.events(window=window, deadline=deadline)
        except ProviderError:
            return False  # the nightly scan looks again
        over = [e for e in around if e.tag is None and any(e.span.overlaps(span) for span in spans)]
        # A person may have deleted our tag: what we recorded is ours without it.
        return any(e.id not in besides and self.store.of_event(calendar, e.id) is None for e in over)

    def recorded(self, write: Callable[[list[OutboxKind]], Booking], *effects: OutboxKind) -> Booking:
        """Record where an event stands. Should its lock lie over somebody else's, it does: a person must choose."""
        try:
            return write([*effects])
        except SlotTakenError:
            self.count("Conflicts", 1)
            return write([*effects, "conflict"])

    def seats(self) -> Seats:
        """How many bookings each calendar takes at a time."""
        calendars = self.business.calendars.values()
        return {resource_id(self.business.key, calendar.name): calendar.capacity for calendar in calendars}

    def owes_the_outcome(self, before: Booking, *, deadline: float) -> bool:
        """Whether the caller must be told by message: nobody waits now, or somebody waited before.

        `before` is the booking before this process claimed it: unfinished, it was begun by an earlier process, which
        may have answered "pending" whatever became of its attempts. And shortly before our `deadline`, a repeat that
        waits beside us has.
        """
        late = self.clock.now() + LAST_WAIT_SECONDS > deadline
        return not self.caller_waits or before.state.is_unfinished or late

    def intent_at(self, booking: Booking, start: int) -> str:
        return intent_key(booking.caller, service=booking.service, start=start)

    def unsent(self, booking: Booking, *, before: Booking, retry_after: float) -> Booking:
        """The attempt certainly did nothing: off the count, and again later."""
        now = self.clock.now()
        return self.store.unsent(booking, before=before, due=self._retry(booking, retry_after, now=now), now=now)

    def later(self, booking: Booking, *, retry_after: float) -> Booking:
        """Nothing could be learned now: look again later."""
        now = self.clock.now()
        return self.store.postpone(booking, due=self._retry(booking, retry_after, now=now), now=now)

    def _retry(self, booking: Booking, retry_after: float, *, now: float) -> float:
        """The caller waits for the outcome: however long a provider wants to be left alone, giving up comes first."""
        left = (booking.first_sent or now) + GIVE_UP_SECONDS - now
        return now + min(retry_after, max(left, SETUP_RECHECK_SECONDS))

    def doubt(self, booking: Booking) -> Booking:
        now = self.clock.now()
        return self.store.doubt(booking, due=self.next_look(booking, now), now=now)

    def wait(self, booking: Booking) -> Booking:
        """Nothing can be concluded yet."""
        now = self.clock.now()
        return self.store.postpone(booking, due=self.next_look(booking, now), now=now)

    def keep_stray(self, booking: Booking, event: ProviderEvent) -> Booking:
        """Somebody else drives now: never drop an id that only we have seen."""
        self.store.stray(booking.id, provider_id=event.id, now=self.clock.now())
        return self.store.read(booking.id)

    def changed(self, booking: Booking) -> Booking:
        """A lock changed: offers of this process must not be remembered any longer."""
        self.openings.forget(self.business.key)
        return booking


def is_live(event: ProviderEvent) -> bool:
    return event.status in {"accepted", "requested"}
