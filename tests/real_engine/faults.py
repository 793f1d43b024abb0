"""What goes wrong on the wires: killed processes, lost answers, refusals. Decided per request of a process."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from tests.real_engine.history import History

KILLS = ("kill_before", "kill_after")
CUT = "cut"
"""From this request on nothing of the process gets through any more."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "secrets.read": KILLS,
    "table.read": (*KILLS, "no_answer", "dropped", "throttled", "error_before", CUT),
    "table.write": (
        *KILLS, "no_answer", "dropped", "throttled", "conflict", "error_before", "error_after", "reply_dropped",
        "reply_lost", CUT,
    ),
    "calendar.read": (*KILLS, "drop_before", "error_before", "stall", "too_many", "unreadable"),
    "calendar.write": (
        *KILLS, "drop_before", "drop_after", "error_before", "error_after", "stall", "too_many", "unauthorized",
        "unreadable", "late",
    ),
    "sms.read": (*KILLS, "drop"),
    "sms.write": (*KILLS, "drop", "error_before", "too_many", "commit_drop", "commit_500"),
    "delivery": ("twice", "answer_dropped"),
    "stream": ("lost", "twice", "late"),
}  # fmt: skip
"""Every fault that a request of each sort can meet. `before`: without an effect; `after`: it was done, unheard."""

STUBBORN = frozenset({"throttled", "conflict", "dropped", "error_before"})
"""What may go on for the next requests of the process too, past the patience of the SDK."""

SHARES: Mapping[str, float] = {
    "secrets.read": 0.2, "table.read": 0.5, "table.write": 0.8, "calendar.read": 1.5, "calendar.write": 3.0,
    "sms.read": 1.0, "sms.write": 1.5, "delivery": 1.0, "stream": 1.5,
}  # fmt: skip
"""How often each sort of request is struck, as a multiple of the rate of the round."""

MOST_STUBBORN = 12


@dataclass(slots=True)
class Faults:
    """Strikes requests by plan or by chance. `kill` ends the process of that name, there and then."""

    history: History
    random: Random
    kill: Callable[[str], object] = lambda _: None
    rate: float = 0.0
    cold_share: float = 0.0  # of new processes that have read no configuration yet
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: dict[str, list[str]] = field(default_factory=dict)  # the sorts of its requests, by process
    _planned: dict[str, tuple[int, str]] = field(default_factory=dict)
    _stubborn: dict[str, tuple[str, int]] = field(default_factory=dict)
    _cut: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, process: str, number: int, kind: str) -> None:
        """Let exactly the request of this number of the process fail."""
        self._planned[process] = (number, kind)

    def end(self) -> None:
        """No more faults."""
        with self._lock:
            self.rate = 0.0
            self._planned.clear()
            self._stubborn.clear()
            self._cut.clear()

    def strike(self, process: str, sort: str, place: str) -> str:
        """The fault of this request, "" for none. A process killed before its effect is dead on return.

        Who has no name yet is only starting, and is left alone.
        """
        if not process:
            return ""
        with self._lock:
            sorts = self.reached.setdefault(process, [])
            sorts.append(sort)
            kind = self._kind(process, len(sorts), sort)
            if kind:
                self.coverage[place, kind] += 1
                self.history.tell("fault", place, kind)
        if kind == "kill_before":
            self.kill(process)
        return kind

    def note(self, place: str, kind: str) -> None:
        """A fault that came from elsewhere."""
        with self._lock:
            self.coverage[place, kind] += 1
        self.history.tell("fault", place, kind)

    def _kind(self, process: str, number: int, sort: str) -> str:
        if process in self._cut and sort.startswith(("table", "secrets")):
            return "dropped"
        planned = self._planned.get(process)
        if planned is not None:
            if planned[0] != number or planned[1] not in KINDS[sort]:
                return ""
            if planned[1] == CUT:
                self._cut.add(process)
            return planned[1]
        kind, left = self._stubborn.get(process, ("", 0))
        if left and kind in KINDS[sort]:
            self._stubborn[process] = (kind, left - 1)
            return kind
        if self.random.random() >= self.rate * SHARES[sort]:
            return ""
        kind = self.random.choice(KINDS[sort])
        if kind == CUT:
            self._cut.add(process)
        elif kind in STUBBORN and self.random.random() < 0.4:
            self._stubborn[process] = (kind, self.random.randint(1, MOST_STUBBORN))
        return kind
