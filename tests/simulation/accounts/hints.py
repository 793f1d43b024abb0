"""What calendars tell: a webhook for every change, that comes at once, late, twice, or never."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.domain.errors import SlotlineError
from tests.simulation.process import Process

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking
    from tests.simulation.actors import Street

LONGEST_DELAY = 150.0
WORKER_SECONDS = 20.0
BUDGET_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Hints:
    """Lets bookings follow their events. `share` is how many of the changes are told at all."""

    street: Street
    share: float

    def changed(self, business: str, calendar: str, tag: str) -> None:
        """Something was written about the booking with this tag."""
        random = self.street.world.universe.random
        if random.random() >= self.share:
            return
        for _ in range(2 if random.random() < 0.2 else 1):
            chance = random.random()
            delay = 0.0 if chance < 0.2 else random.random() * (3.0 if chance < 0.7 else LONGEST_DELAY)
            self.street.world.universe.scheduler.start(lambda: self.heed(business, calendar, tag), after=delay)

    def heed(self, business: str, calendar: str, tag: str) -> None:
        """What the worker of the hint queue does with one that names a booking."""
        world = self.street.world
        process = Process(world.universe, "hint", seconds=WORKER_SECONDS, skew=self.street.skew())

        def work() -> None:
            driver = world.driver(process, world.businesses[business], caller_waits=False)
            try:
                booking: Booking = driver.context.store.read(tag)
                if booking.calendar == calendar:
                    driver.heed(booking, deadline=process.now() + BUDGET_SECONDS)
            except SlotlineError as error:
                world.noted.append(f"hint_failed {type(error).__name__} {error}")

        process.run(work)
