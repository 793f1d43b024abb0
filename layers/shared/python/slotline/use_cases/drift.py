"""The nightly look at everything at once: what we recorded, what is locked, and what the calendars really hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from slotline.domain.bookings import Booking, EntryKind, State
from slotline.domain.business import Business, Calendar
from slotline.domain.errors import ConfigError, ProviderError, RefusedError, StaleError
from slotline.domain.proofs import resource_id
from slotline.domain.time import MINUTES_A_DAY, Interval
from slotline.ports import BookingStore, Calendars, Clock, ProviderEvent, Transition

LOOK_AHEAD_DAYS = 60
BUDGET_PER_CALENDAR_SECONDS = 20.0
LONGEST_CHAIN = 5
"""How many moves, from one event to the next, are followed."""

_MAY_FOLLOW: Mapping[State | None, frozenset[State]] = {
    None: frozenset({State.HELD, State.BOOKING, State.BOOKED}),
    State.HELD: frozenset({State.HELD, State.BOOKING, State.BOOKED, State.EXPIRED}),  # HELD again: by another call
    State.BOOKING: frozenset({State.BOOKING, State.BOOKED, State.REJECTED, State.CANCELLED}),
    State.BOOKED: frozenset({State.BOOKED, State.RESCHEDULING, State.CANCELLING, State.CANCELLED}),
    State.RESCHEDULING: frozenset({State.RESCHEDULING, State.BOOKED, State.CANCELLED}),
    State.CANCELLING: frozenset({State.CANCELLING, State.CANCELLED, State.BOOKED}),
    State.EXPIRED: frozenset({State.EXPIRED}),
    State.REJECTED: frozenset({State.REJECTED}),
    State.CANCELLED: frozenset({State.CANCELLED}),
}
"""A state follows itself when only a look or an audit was recorded."""


class Drift(StrEnum):
    """What can be out of step."""

    MISSING = "missing"  # booked, but the calendar does not hold it any more
    MOVED = "moved"  # the calendar holds it at another time
    FOREIGN_OVERLAP = "foreign_overlap"  # somebody else's event lies over one of ours
    LOCK_WITHOUT_BOOKING = "lock_without_booking"
    BOOKING_WITHOUT_LOCK = "booking_without_lock"
    BROKEN_HISTORY = "broken_history"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing out of step, for a person to look at."""

    drift: Drift
    calendar: str
    booking: str | None


class Heed(Protocol):
    """Lets a booking follow its event."""

    def __call__(self, booking: Booking, /, *, deadline: float) -> object: ...


@dataclass(frozen=True, slots=True)
class DriftScan:
    """Compares and reports. With `heed`, a booking whose event was moved or removed follows it.

    Everything else wants a person's decision.
    """

    business: Business
    store: BookingStore
    calendars: Calendars
    clock: Clock
    count: Callable[[str, float], None]
    note: Callable[..., None]
    heed: Heed | None = None

    def follow(self, calendar: str) -> None:
        """Compare one calendar, because it told of a change. Raises ProviderError when it cannot be read."""
        for finding in self._scan(self.business.calendar(calendar)):
            self.note("drift_found", drift=finding.drift.value, calendar=finding.calendar, booking=finding.booking)

    def run(self) -> tuple[Finding, ...]:
        """Everything out of step from now on; a calendar that does not answer is scanned again the next night."""
        findings: list[Finding] = []
        for calendar in self.business.calendars.values():
            try:
                findings += self._scan(calendar)
            except ProviderError as error:
                self.note("drift_scan_failed", calendar=calendar.name, error=type(error).__name__)
        for finding in findings:
            self.note("drift_found", drift=finding.drift.value, calendar=finding.calendar, booking=finding.booking)
        locks = sum(finding.drift is Drift.LOCK_WITHOUT_BOOKING for finding in findings)
        self.count("LocksWithoutBooking", locks)
        self.count("DriftFound", len(findings) - locks)
        return tuple(findings)

    def _scan(self, calendar: Calendar) -> Iterator[Finding]:
        now = int(self.clock.now() // 60)
        window = Interval(now, now + LOOK_AHEAD_DAYS * MINUTES_A_DAY)
        locked = self._locked(calendar, window)
        bookings = dict(self._bookings(locked))
        for owner, intervals in locked.items():
            booking = bookings.get(owner)
            if booking is None or booking.state.is_terminal:
                yield Finding(Drift.LOCK_WITHOUT_BOOKING, calendar.name, owner)
                continue
            if not set(booking.intervals) <= intervals:
                yield Finding(Drift.BOOKING_WITHOUT_LOCK, calendar.name, owner)
            if not is_lawful(self.store.history(owner)):
                yield Finding(Drift.BROKEN_HISTORY, calendar.name, owner)
        if not self.calendars.of(calendar.name).traits.own:
            yield from self._against_provider(calendar, bookings, window)

    def _locked(self, calendar: Calendar, window: Interval) -> dict[str, set[Interval]]:
        """Pinned intervals by booking. A booking that lies across midnight stands in both days."""
        resource = resource_id(self.business.key, calendar.name)
        found: dict[str, set[Interval]] = {}
        for document in self.store.days([resource], window=window)[resource].documents:
            for entry in document.entries:
                if entry.kind is EntryKind.PIN and entry.interval.overlaps(window):
                    found.setdefault(entry.owner.rstrip("+"), set()).add(entry.interval)
        return found

    def _bookings(self, owners: Mapping[str, object]) -> Iterator[tuple[str, Booking]]:
        for owner in owners:
            try:
                yield owner, self.store.read(owner)
            except StaleError:
                continue  # a lock of nobody: reported above

    def _against_provider(
        self, calendar: Calendar, bookings: Mapping[str, Booking], window: Interval
    ) -> Iterator[Finding]:
        deadline = self.clock.now() + BUDGET_PER_CALENDAR_SECONDS
        provider = self.calendars.of(calendar.name)
        events = provider.events(window=window, deadline=deadline)
        by_id = {event.id: event for event in events}
        settled = [b for b in bookings.values() if b.state is State.BOOKED and b.calendar == calendar.name]
        standing: dict[str, ProviderEvent] = {}
        for booking in settled:
            event = by_id.get(booking.provider_id or "") or self._read(calendar, booking, deadline=deadline)
            if event is None or event.status not in {"accepted", "requested"}:
                yield self._followed(Finding(Drift.MISSING, calendar.name, booking.id), booking, deadline=deadline)
                continue
            standing[booking.id] = event
            if event.span != booking.times.span or event.id != booking.provider_id:
                yield self._followed(Finding(Drift.MOVED, calendar.name, booking.id), booking, deadline=deadline)
        # By id too: a person may have deleted our tag.
        recorded = {b.provider_id for b in bookings.values()} | {event.id for event in standing.values()}
        foreign = [event.span for event in events if event.tag not in bookings and event.id not in recorded]
        for owner, own in standing.items():
            if sum(own.span.overlaps(span) for span in foreign) >= calendar.capacity:
                yield Finding(Drift.FOREIGN_OVERLAP, calendar.name, owner)

    def _followed(self, finding: Finding, booking: Booking, *, deadline: float) -> Finding:
        if self.heed is not None:
            try:
                with suppress(StaleError):  # somebody else is at work on it
                    self.heed(booking, deadline=deadline)
            except ConfigError as error:  # its service was taken out of the file: that keeps no other booking waiting
                self.note("drift_not_followed", booking=booking.id, error=type(error).__name__)
        return finding

    def _read(self, calendar: Calendar, booking: Booking, *, deadline: float) -> ProviderEvent | None:
        """The event of a booking as it is now, followed to what replaced it; None when it is gone."""
        provider = self.calendars.of(calendar.name)
        try:
            event = provider.read(booking.provider_id or "", deadline=deadline)
            for _ in range(LONGEST_CHAIN):
                if event.moved_to is None:
                    break
                event = provider.read(event.moved_to, deadline=deadline)
        except RefusedError:
            return None
        return event


def is_lawful(history: tuple[Transition, ...]) -> bool:
    """Whether every version is there once, each follows from the one before, and each step is one that may happen."""
    state: State | None = None
    for expected, step in enumerate(history, start=1):
        if step.rv != expected or step.before is not state or step.after not in _MAY_FOLLOW[state]:
            return False
        state = step.after
    return True
