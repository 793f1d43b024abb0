"""Time that leaps over waits: real while any process works, and on to the next event as soon as all of them rest.

Everybody's clock is the machine's clock plus one shared offset. The offset grows only while nobody works, so no process
ever sees its deadline jump past it, and a caller's pause of two minutes costs nothing.
"""

from __future__ import annotations

import heapq
import mmap
import struct
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NAP_SECONDS = 0.05
_NUMBER = struct.Struct("d")


class Offset:
    """One number in a file that all processes have mapped: no lock, which a killed process could keep for ever."""

    def __init__(self, path: str) -> None:
        with Path(path).open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _NUMBER.size)

    @property
    def value(self) -> float:
        number: float = _NUMBER.unpack_from(self._shared)[0]
        return number

    @value.setter
    def value(self, number: float) -> None:
        _NUMBER.pack_into(self._shared, 0, number)


class Timeline:
    """The time of all processes, and the actors of this one: threads that work or wait."""

    def __init__(self, path: str) -> None:
        Path(path).write_bytes(_NUMBER.pack(0.0))
        self.offset = Offset(path)
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, threading.Event]] = []
        self._numbers = count()
        self._running = 0
        self._failures: list[BaseException] = []

    @property
    def now(self) -> float:
        return time.time() + self.offset.value

    def wait(self, seconds: float) -> None:
        """Let an actor rest; real work of others takes its time meanwhile."""
        awake = threading.Event()
        with self._changed:
            self._enter(self.now + seconds, awake)
            self._running -= 1
            self._changed.notify_all()
        awake.wait()

    def start(self, work: Callable[[], object], *, after: float = 0.0) -> None:
        """A new actor, that begins after so many seconds."""
        begin = threading.Event()
        with self._changed:
            self._enter(self.now + after, begin)
            self._changed.notify_all()
        threading.Thread(target=self._act, args=(begin, work), daemon=True).start()

    def run(self, until: float) -> None:
        """Go on until then, and until whoever works has finished; raises what an actor raised."""
        with self._changed:
            while True:
                while self._waiting and self._waiting[0][0] <= min(self.now, until):
                    self._running += 1
                    heapq.heappop(self._waiting)[2].set()
                following = self._waiting[0][0] if self._waiting else until
                if self._running:
                    self._changed.wait(min(max(following - self.now, 0.001), LONGEST_NAP_SECONDS))
                    continue
                self.offset.value += max(0.0, min(following, until) - self.now)
                if following >= until:
                    break
        if self._failures:
            raise self._failures[0]

    def _enter(self, at: float, event: threading.Event) -> None:
        heapq.heappush(self._waiting, (at, next(self._numbers), event))

    def _act(self, begin: threading.Event, work: Callable[[], object]) -> None:
        begin.wait()
        try:
            work()
        except BaseException as failure:  # noqa: BLE001  (raised again by run, in the thread of the test)
            self._failures.append(failure)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()


class SharedClock:
    """ports.Clock of one process; `skew` is how many seconds it is ahead."""

    def __init__(self, offset: Offset, *, skew: float = 0.0) -> None:
        self._offset = offset
        self._skew = skew

    def now(self) -> float:
        return time.time() + self._offset.value + self._skew

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
