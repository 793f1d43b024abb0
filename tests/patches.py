"""Functions of the product replaced for a while, to see whether what should notice does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

type Patches = list[tuple[object, str, object]]
"""Owner, name and what stands there meanwhile."""

type Given = Any
"""What a replaced function is given beside what the mutant changes: handed on as it is."""


@contextmanager
def applied(patches: Iterable[tuple[object, str, object]]) -> Iterator[None]:
    """While this lasts, the product is broken."""
    done: Patches = []
    try:
        for owner, name, value in patches:
            done.append((owner, name, vars(owner)[name]))
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in reversed(done):
            setattr(owner, name, value)
