"""The reconciler: drives unfinished bookings, sweeps effects the stream lost, measures the oldest doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.errors import SlotlineError
from slotline.ports import Agenda, BookingStore, Clock, DueWork
from slotline.use_cases.drive import Driver
from slotline.use_cases.effects import Desk

PER_SHARD = 25
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
        done, oldest = 0, 0.0
        for work in self.agenda.due(self.clock.now(), limit=PER_SHARD):
            if self.clock.now() + BUDGET_PER_BOOKING_SECONDS > ends:
                break
            oldest = max(oldest, self._one(work))
            done += 1
        self.count("OldestPendingSeconds", oldest)
        return done

    def _one(self, work: DueWork) -> float:
        """Age in seconds of the doubt that is left, 0 when there is none."""
        try:
            place = self.workplace(work.business)
            if work.effect is not None:
                rv, kind = work.effect
                place.effects.carry_out(work.booking, rv=rv, kind=kind)
                return 0.0
            deadline = self.clock.now() + BUDGET_PER_BOOKING_SECONDS
            booking = place.driver.drive(place.store.read(work.booking), deadline=deadline)
        except SlotlineError as error:
            # One booking that cannot be driven now must not keep the others waiting; it stays due.
            self.note("reconcile_failed", booking=work.booking, error=type(error).__name__)
            return 0.0
        if booking.state.is_unfinished and booking.first_sent is not None:
            return self.clock.now() - booking.first_sent
        return 0.0
