"""The reconciler: drives unfinished bookings, sweeps effects the stream lost, measures the oldest doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.bookings import GIVE_UP_SECONDS
from slotline.domain.errors import SlotlineError
from slotline.ports import Agenda, BookingStore, Clock, DueWork
from slotline.use_cases.drive import Driver
from slotline.use_cases.effects import Desk

PER_SHARD = 100
"""Of what is due now or within `GIVE_UP_SECONDS`, the first to come are looked at: nothing unfinished rests longer."""

BUDGET_PER_BOOKING_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Workplace:
    """Everything the reconciler needs of one business."""

    store: BookingStore
    driver: Driver
    effects: Desk


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Works off what is due until it is done or `ends` (epoch seconds) comes near; the rest is due again next time."""

    agenda: Agenda
    workplace: Callable[[str], Workplace]
    clock: Clock
    count: Callable[[str, float], None]
    note: Callable[..., None]

    def run(self, *, ends: float) -> int:
        """The number of things looked at."""
        now, done = self.clock.now(), 0
        # What is only due later comes along to be measured: a provider may want to be left alone for minutes.
        works = sorted(self.agenda.due(now + GIVE_UP_SECONDS, limit=PER_SHARD), key=lambda work: work.due)
        for work in works:
            if work.due > now or self.clock.now() + BUDGET_PER_BOOKING_SECONDS > ends:
                break
            self._one(work)
            done += 1
        since = self.agenda.in_doubt_since(works)
        self.count("OldestPendingSeconds", 0.0 if since is None else self.clock.now() - since)
        return done

    def _one(self, work: DueWork) -> None:
        try:
            place = self.workplace(work.business)
            if work.effect is not None:
                rv, kind = work.effect
                place.effects.carry_out(work.booking, rv=rv, kind=kind)
                return
            deadline = self.clock.now() + BUDGET_PER_BOOKING_SECONDS
            place.driver.drive(place.store.read(work.booking), deadline=deadline)
        except SlotlineError as error:
            # One booking that cannot be driven now must not keep the others waiting; it stays due.
            self.note("reconcile_failed", booking=work.booking, error=type(error).__name__)
