"""A calendar says that something changed in it: read it anew, and let the bookings follow.

A hint is never believed. Told twice, late or out of order it does no harm, for only what the calendar says now counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.bookings import Booking, State
from slotline.domain.errors import StaleError
from slotline.domain.hints import Hint
from slotline.domain.proofs import resource_id
from slotline.ports import BookingStore, Clock, Inbox
from slotline.use_cases.drive import Driver

BUDGET_SECONDS = 8.0
SCAN = "scan"
"""The last scan of a calendar stands in the inbox under this name."""


@dataclass(frozen=True, slots=True)
class HintDesk:
    """Works off the hints of one business. `scan` compares a whole calendar, `resubscribe` orders its webhooks anew."""

    business: str
    store: BookingStore
    inbox: Inbox
    driver: Driver
    clock: Clock
    scan: Callable[[str], None]
    resubscribe: Callable[[str], None]
    note: Callable[..., None]

    def heed(self, calendar: str, hint: Hint, *, received: float) -> None:
        """Work one hint off; `received` in epoch seconds. Raises ProviderError, ConfigError, StoreError: try again."""
        source, now = f"calendar:{calendar}", self.clock.now
        if self.inbox.done_at(hint.id, source=source) is not None:
            return
        self.store.note_changed(resource_id(self.business, calendar), now=now())
        if hint.resubscribe:
            self.resubscribe(calendar)
        booking = self._booking(calendar, hint)
        if booking is not None and booking.state in {State.CANCELLED, State.REJECTED}:
            self._look_back(booking)
        elif booking is not None:
            self.driver.heed(booking, deadline=now() + BUDGET_SECONDS)
        elif hint.event is None:
            self._scanned(calendar, source=source, received=received)
        self.inbox.mark_done(hint.id, source=source, now=now())

    def _look_back(self, booking: Booking) -> None:
        """What has ended is never revived, for its time may be another's by now: a person must see what it means."""
        if self.driver.external.event(booking, deadline=self.clock.now() + BUDGET_SECONDS) is not None:
            self.driver.context.count("EndedEventsStanding", 1)
            self.note("ended_event_stands", booking=booking.id, state=booking.state.value)

    def _scanned(self, calendar: str, *, source: str, received: float) -> None:
        """Scan, unless that was done after the hint came: hints without an event come in flocks."""
        last = self.inbox.done_at(SCAN, source=source)
        if last is not None and last > received:
            return
        started = self.clock.now()
        self.scan(calendar)
        self.inbox.mark_done(SCAN, source=source, now=started)

    def _booking(self, calendar: str, hint: Hint) -> Booking | None:
        """The booking the hint is about: by the event we recorded, else by the tag, which anybody may have written."""
        known = self.store.of_event(calendar, hint.event) if hint.event else None
        for booking_id in (known, hint.tag):
            if booking_id is None:
                continue
            try:
                booking = self.store.read(booking_id)
            except StaleError:
                continue  # a tag that is none of ours
            if booking.calendar == calendar:
                return booking
        return None
