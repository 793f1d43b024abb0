"""The rate limits of the fake Calendly: on everything, and on bookings besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAID = ((60.0, 10), (3600.0, 50), (86_400.0, 100))


class Quota:
    """Counts what was asked; `everything` and `bookings` are (seconds, most) and may be changed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.everything: tuple[tuple[float, int], ...] = ((60.0, 500),)
        self.bookings: tuple[tuple[float, int], ...] = PAID
        self._clock = clock
        self._asked: list[float] = []
        self._booked: list[float] = []

    def allows(self, operation: str) -> bool:
        """Count one request, unless it is one too many."""
        if any(self._left(self._asked, limit) <= 0 for limit in self.everything):
            return False
        if operation == "create":
            if any(self._left(self._booked, limit) <= 0 for limit in self.bookings):
                return False
            self._booked.append(self._clock())
        self._asked.append(self._clock())
        return True

    def headers(self, operation: str) -> dict[str, str]:
        """Of the limit that has least left."""
        counted, limits = (self._booked, self.bookings) if operation == "create" else (self._asked, self.everything)
        left, seconds, most = min((self._left(counted, limit), *limit) for limit in limits)
        recent = [at for at in counted if at > self._clock() - seconds]
        reset = int(recent[0] + seconds - self._clock()) + 1 if recent else int(seconds)
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(reset),
        }

    def _left(self, counted: list[float], limit: tuple[float, int]) -> int:
        seconds, most = limit
        return most - sum(at > self._clock() - seconds for at in counted)
