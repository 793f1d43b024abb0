"""Small fakes that many tests share: a clock that stands still and ids that count."""

from __future__ import annotations

from itertools import count

A_MONDAY_NOON_UTC = 1_767_614_400.0  # an arbitrary Monday; tests reckon from it, never from today


class FakeClock:
    """Moves only when told to, or when somebody sleeps."""

    def __init__(self, now: float = A_MONDAY_NOON_UTC) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class CountingIds:
    """Ids in the order they were asked for."""

    def __init__(self, prefix: str = "") -> None:
        self._numbers = count(1)
        self._prefix = prefix

    def booking_id(self) -> str:
        return f"{self._prefix}{next(self._numbers):020d}"[-20:]

    def nonce(self) -> str:
        return f"{self._prefix}n{next(self._numbers)}"

    def jitter(self) -> float:
        return 0.0
