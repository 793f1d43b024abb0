"""How long each step of one tool call took: named waits, collected while the call runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hop:
    """One wait on the caller's path, in milliseconds."""

    name: str
    milliseconds: float


_hops: ContextVar[list[Hop] | None] = ContextVar("hops", default=None)


@contextmanager
def recording() -> Iterator[list[Hop]]:
    """Collect the hops of everything that runs inside (and of threads that carry this context)."""
    hops: list[Hop] = []
    token = _hops.set(hops)
    try:
        yield hops
    finally:
        _hops.reset(token)


def note_hop(name: str, *, seconds: float) -> None:
    """Add a hop, if anybody is collecting."""
    hops = _hops.get()
    if hops is not None:
        hops.append(Hop(name, round(seconds * 1000, 1)))
