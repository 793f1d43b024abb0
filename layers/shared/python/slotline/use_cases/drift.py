"""The nightly look at everything at once: what we recorded, what is locked, and what the calendars really hold.

Bookings are found by their locks, and by the tags of the events that their calendar lists. One that has neither is not
found; neither is one without a lock on a calendar of our own, for there the lock is the calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from slotline.domain.bookings import Booking, State
from slotline.domain.business import Business, Calendar
from slotline.domain.errors import ConfigError, ProviderError, RefusedError, StaleError
from slotline.domain.time import MINUTES_A_DAY, Interval
from slotline.ports import BookingStore, Calendars, Clock, ProviderEvent
from slotline.use_cases.drift_locks import PinnedTimes
from slotline.use_cases.lawful_history import is_lawful

LOOK_AHEAD_DAYS = 60
BUDGET_PER_CALENDAR_SECONDS = 20.0
LONGEST_CHAIN = 5
"""How many moves, from one event to the next, are followed."""


class Drift(StrEnum):
    """What can be out of step."""

    MISSING = "missing"  # booked, but the calendar does not hold it any more
    MOVED = "moved"  # the calendar holds it at another time
    SECOND_EVENT = "second_event"  # the calendar holds another one for it, beside the one on record
    ENDED_EVENT = "ended_event"  # the booking has ended, and its event stands
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

    @property
    def _locks(self) -> PinnedTimes:
        return PinnedTimes(self.store, self.business.key)

    def _scan(self, calendar: Calendar) -> Iterator[Finding]:
        now = int(self.clock.now() // 60)
        window, locks = Interval(now, now + LOOK_AHEAD_DAYS * MINUTES_A_DAY), self._locks
        locked = locks.pinned(calendar.name, window)
        bookings = dict(self._bookings(locked))
        for owner, intervals in locked.items():
            booking = bookings.get(owner)
            if booking is None or booking.state.is_terminal:
                if locks.holds_still(calendar.name, owner, intervals):
                    yield Finding(Drift.LOCK_WITHOUT_BOOKING, calendar.name, owner)
                continue
            # On another calendar that it takes it may have no lock at all, so that nothing there leads to it.
            is_shared = booking.calendar == calendar.name and len(booking.resources) > 1
            if (is_shared or not set(booking.intervals) <= intervals) and self._locks.are_missing(booking):
                yield Finding(Drift.BOOKING_WITHOUT_LOCK, calendar.name, owner)
            if not is_lawful(self.store.history(owner)):
                yield Finding(Drift.BROKEN_HISTORY, calendar.name, owner)
        if not self.calendars.of(calendar.name).traits.own:
            yield from self._against_provider(calendar, bookings, window)

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
        tagged = self._tagged(calendar, bookings, events)
        odd: dict[str, Finding] = {}
        for event, owner in tagged.values():
            drift = self._by_tag(owner, event, bookings, standing=standing.get(owner.id), deadline=deadline)
            if drift is not None:
                odd[event.id] = Finding(drift, calendar.name, owner.id)
        yield from dict.fromkeys(odd.values())
        # By id too: a person may have deleted our tag. What stands for nothing that lives is in the way like any other.
        ended = {event_id for event_id, finding in odd.items() if finding.drift is Drift.ENDED_EVENT}
        recorded = {b.provider_id for b in bookings.values()} | {event.id for event in standing.values()}
        ours = recorded | (tagged.keys() - ended)
        foreign = [event.span for event in events if event.tag not in bookings and event.id not in ours]
        for booking_id, own in standing.items():
            if sum(own.span.overlaps(span) for span in foreign) >= calendar.capacity:
                yield Finding(Drift.FOREIGN_OVERLAP, calendar.name, booking_id)

    def _tagged(
        self, calendar: Calendar, bookings: Mapping[str, Booking], events: Iterable[ProviderEvent]
    ) -> dict[str, tuple[ProviderEvent, Booking]]:
        """Every event but the ones on record that carries the id of a booking of this calendar, with that booking.

        It is found without any lock, and read after the events were: what these say may be older than the record.
        """
        found: dict[str, tuple[ProviderEvent, Booking]] = {}
        for event in events:
            known = bookings.get(event.tag or "")
            if event.tag is None or (known is not None and known.calendar != calendar.name):
                continue  # a stranger's, or a copy for further staff
            if known is not None and known.state is State.BOOKED and known.provider_id == event.id:
                continue
            with suppress(StaleError):  # a tag that somebody else wrote
                booking = self.store.read(event.tag)
                if booking.calendar == calendar.name:
                    found[event.id] = event, booking
        return found

    def _by_tag(
        self,
        booking: Booking,
        event: ProviderEvent,
        locked: Container[str],
        *,
        standing: ProviderEvent | None,
        deadline: float,
    ) -> Drift | None:
        """What is wrong about an event that carries a booking's id; None for what its next audit removes."""
        if booking.state.is_terminal:
            stands = not booking.audits and self._stands(booking, event, deadline=deadline) is not None
            return Drift.ENDED_EVENT if stands else None
        if booking.id not in locked and booking.state is not State.HELD:
            return Drift.BOOKING_WITHOUT_LOCK if self._locks.are_missing(booking) else None
        if standing is None or booking.state is not State.BOOKED or booking.audits:
            return None
        if event.id in {booking.provider_id, standing.id}:
            return None
        second = self._stands(booking, event, deadline=deadline)
        return Drift.SECOND_EVENT if second is not None and second.id != standing.id else None

    def _stands(self, booking: Booking, event: ProviderEvent, *, deadline: float) -> ProviderEvent | None:
        """The event read once more, for a list may be older than what became of it; None when it is no more."""
        try:
            now = self.calendars.of(booking.calendar).read(event.id, deadline=deadline)
        except RefusedError:
            return None
        return now if now.status in {"accepted", "requested"} else None

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
