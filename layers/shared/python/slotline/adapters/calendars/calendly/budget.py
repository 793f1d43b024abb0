"""How often Calendly may be asked: https://developer.calendly.com/api-docs/overview/rate-limits.

Bookings have a small quota of their own, and every attempt counts. So each process counts what it sends and says "not
now" before Calendly has to; questions may use only a part of what all requests share, so that they never eat what a
booking needs. Other processes count for themselves: the provider's own headers win over the count.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

from slotline.domain.errors import NotExecutedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
QUESTIONS_SHARE = 0.8
"""The part of the common limit that questions may use."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Limits as (seconds, requests): on everything together, and on bookings besides."""

    everything: tuple[tuple[float, int], ...]
    bookings: tuple[tuple[float, int], ...]


PLANS: Mapping[str, Plan] = {
    "free": Plan(((MINUTE, 50),), ((MINUTE, 10), (HOUR, 50), (DAY, 100))),  # its own quota of bookings is not published
    "trial": Plan(((MINUTE, 500),), ((DAY, 5),)),
    "paid": Plan(((MINUTE, 500),), ((MINUTE, 10), (HOUR, 50), (DAY, 100))),
    "enterprise": Plan(((MINUTE, 500),), ((MINUTE, 500),)),
}


class Use(Enum):
    """What a request is for."""

    QUESTION = "question"  # availability and lists: can wait
    CARE = "care"  # looking after one booking: reading, finding, cancelling
    BOOKING = "booking"  # POST /invitees


class Budget:
    """The requests of one connection in this process."""

    def __init__(self, plan: str, *, name: str) -> None:
        self._plan = plan
        self._name = name
        self._sent: deque[float] = deque()
        self._booked: deque[float] = deque()
        self._told: tuple[int, float] | None = None  # bookings left and until when, as the provider said last
        self._lock = Lock()

    def spend(self, use: Use, *, now: float) -> None:
        """Count one request; NotExecutedError, with the seconds to wait, when it would be one too many."""
        plan = self._limits()
        with self._lock:
            share = QUESTIONS_SHARE if use is Use.QUESTION else 1.0
            waits = [_wait(self._sent, seconds, int(most * share), now) for seconds, most in plan.everything]
            if use is Use.BOOKING:
                waits.append(self._booking_wait(now))
            if (wait := max(waits)) > 0:
                raise NotExecutedError(f"{self._name}: the {use.value} budget is spent", retry_after=wait)
            _count(self._sent, now, longest=MINUTE)
            if use is Use.BOOKING:
                _count(self._booked, now, longest=DAY)
                if self._told is not None:
                    self._told = (self._told[0] - 1, self._told[1])

    def learn(self, headers: Mapping[str, str], *, now: float) -> None:
        """Believe what the answer to a booking says is left of its quota."""
        left, reset = _number(headers.get("x-ratelimit-remaining")), _number(headers.get("x-ratelimit-reset"))
        if left is not None and reset is not None:
            with self._lock:
                self._told = (int(left), now + reset)

    def refused(self, *, retry_after: float, now: float) -> None:
        """The provider said that the bookings are used up."""
        with self._lock:
            self._told = (0, now + retry_after)

    def _limits(self) -> Plan:
        if self._plan not in PLANS:
            raise SetupError(f"calendars.{self._name}.plan: must be one of {', '.join(PLANS)}")
        return PLANS[self._plan]

    def _booking_wait(self, now: float) -> float:
        if self._told is not None and now < self._told[1]:
            left, until = self._told
            return 0.0 if left > 0 else until - now
        return max(_wait(self._booked, seconds, most, now) for seconds, most in self._limits().bookings)


def _wait(sent: deque[float], seconds: float, most: int, now: float) -> float:
    """Seconds until there is room for one more; 0 when there is room now."""
    recent = [moment for moment in sent if moment > now - seconds]
    return recent[-most] + seconds - now if len(recent) >= most else 0.0


def _count(sent: deque[float], now: float, *, longest: float) -> None:
    sent.append(now)
    while sent[0] <= now - longest:
        sent.popleft()


def _number(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
