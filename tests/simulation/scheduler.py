"""Virtual time: greenlets that run one at a time, woken in the order of their moments and then of their asking.

Nothing here knows the real time or a thread, so one seed gives one order of events, always.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from greenlet import getcurrent, greenlet

type Work = Callable[[], object]


class Scheduler:
    """A queue of moments (epoch seconds). Whoever waits inside an actor lets everybody run whose moment comes first."""

    def __init__(self, start: float) -> None:
        self.now = start
        self._queue: list[tuple[float, int, greenlet | Work]] = []
        self._asked = 0
        self._until = start
        self._hub = getcurrent()

    def start(self, run: Work, *, after: float = 0.0) -> None:
        """A new actor, beginning so many seconds from now."""
        self._push(self.now + after, greenlet(run, parent=self._hub))

    def call_at(self, moment: float, work: Work) -> None:
        """Something that happens by itself, and waits for nothing."""
        self._push(max(moment, self.now), work)

    def wait(self, seconds: float) -> None:
        """Let the virtual time pass, as the actor that asks."""
        moment = self.now + max(seconds, 0.0)
        queue = self._queue
        if moment <= self._until and (not queue or queue[0][0] > moment):
            self.now = moment  # nobody else comes first: no need to change actors
            return
        self._push(moment, getcurrent())
        self._hub.switch()

    def run(self, until: float) -> None:
        """Let everything happen whose moment comes by then; to be called from outside all actors."""
        self._hub, self._until = getcurrent(), until
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, who = heappop(queue)
            if isinstance(who, greenlet):
                who.switch()
            else:
                who()
        self.now = max(self.now, until)

    @property
    def next_moment(self) -> float | None:
        """When something happens next; None when nothing ever will."""
        return self._queue[0][0] if self._queue else None

    def _push(self, moment: float, who: greenlet | Work) -> None:
        self._asked += 1
        heappush(self._queue, (moment, self._asked, who))
