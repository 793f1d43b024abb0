"""What really happened, line by line, as tests/simulation/record.py reads it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.record import Line


class History:
    """Lines in the order of their moments, filed by many threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.lines: list[Line] = []
        self.began: dict[str, float] = {}  # when each process began its task
        self._now = now
        self._lock = threading.Lock()

    def tell(self, kind: str, *facts: Any) -> None:
        self.tell_all([(kind, *facts)])

    def tell_all(self, lines: Iterable[tuple[Any, ...]]) -> None:
        """Several lines that happened in one moment, as the items of one transaction do."""
        with self._lock:
            at = round(self._now(), 6)
            self.lines += [(at, *line) for line in lines]
