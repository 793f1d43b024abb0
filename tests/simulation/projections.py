"""Projection expressions: some attributes of an item, or parts of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulation.attribute_values import Item, Value
from tests.simulation.expression_checks import NameCheck, ValueCheck, check_disjoint
from tests.simulation.expression_syntax import Names, Parser, Path, follow


@dataclass(frozen=True, slots=True)
class Projection:
    """The attributes a read asks for."""

    paths: tuple[Path, ...]
    names: frozenset[str]
    values: frozenset[str] = frozenset()

    @property
    def name_checks(self) -> tuple[NameCheck, ...]:
        return (lambda names: check_disjoint([path.resolved(names) for path in self.paths]),)

    @property
    def value_checks(self) -> tuple[ValueCheck, ...]:
        return ()

    def of(self, item: Item, names: Names) -> Item:
        return projected(item, [path.resolved(names) for path in self.paths])


@lru_cache(maxsize=1024)
def projection(text: str) -> Projection:
    parser = Parser(text)
    paths = [parser.path()]
    while parser.accept(","):
        paths.append(parser.path())
    parser.finish()
    return Projection(tuple(paths), frozenset(parser.names))


def projected(item: Item, paths: Iterable[tuple[str | int, ...]]) -> Item:
    """What lies at the paths, with the maps and lists around it; members of one list close up in their order."""
    found: Item = {}
    lists: dict[tuple[str | int, ...], int] = {}
    for path in sorted(paths):
        value = follow(item, path)
        if value is not None:
            _plant(found, path, value, lists)
    return found


def _plant(found: Item, path: tuple[str | int, ...], value: Value, lists: dict[tuple[str | int, ...], int]) -> None:
    container: Any = found
    for n, part in enumerate(path):
        inner = value if n == len(path) - 1 else {"L": []} if isinstance(path[n + 1], int) else {"M": {}}
        if isinstance(part, int):
            place = lists.setdefault(path[: n + 1], len(container))
            if place == len(container):
                container.append(inner)
            inner = container[place]
        else:
            inner = container.setdefault(part, inner)
        if n < len(path) - 1:
            container = inner["L" if isinstance(path[n + 1], int) else "M"]
