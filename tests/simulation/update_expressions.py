"""Update expressions: SET, REMOVE, ADD and DELETE over one item. Every operand is read before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

from tests.simulation.attribute_values import (
    SETS,
    InvalidChangeError,
    InvalidRequestError,
    Item,
    Value,
    exact_sum,
    kind_of,
    sorted_set,
)
from tests.simulation.expression_checks import NameCheck, ValueCheck, check_disjoint, must_be
from tests.simulation.expression_syntax import Call, Names, Operand, Parser, Path, Placeholder, Values, follow, reader

Place = tuple[str | int, ...]
"""A resolved document path."""
Produce = Callable[[Item, Names, Values], Value | None]
"""The new value of a path; None removes it."""

_MISSING = "The provided expression refers to an attribute that does not exist in the item"
_WRONG_TYPE = "An operand in the update expression has an incorrect data type"
_BAD_PATH = "The document path provided in the update expression is invalid for update"


@dataclass(frozen=True, slots=True)
class Update:
    """What an update expression does."""

    writes: tuple[tuple[Path, Produce], ...]
    removals: tuple[Path, ...]
    names: frozenset[str]
    values: frozenset[str]
    name_checks: tuple[NameCheck, ...]
    value_checks: tuple[ValueCheck, ...]
    whole: bool  # it touches whole attributes only, as nearly every update does
    creates: bool  # it makes an item where there is none; one that only takes away does not

    def attributes(self, names: Names) -> set[str]:
        """The attributes it touches, in whole or in part."""
        return {str(place[0]) for place in self.places(names)}

    def places(self, names: Names) -> list[Place]:
        """Every path it writes or removes."""
        return [path.resolved(names) for path in (*(path for path, _ in self.writes), *self.removals)]

    def applied(self, item: Item, names: Names, values: Values, *, exists: bool) -> Item:
        """The changed item, sharing what did not change; InvalidChangeError when the item does not allow it."""
        changed = dict(item)
        if self.whole:
            for path, produce in self.writes:
                _set_or_drop(changed, names.get(path.first, path.first), produce(item, names, values))
            for path in self.removals:
                changed.pop(names.get(path.first, path.first), None)
            return changed
        news = [(path.resolved(names), produce(item, names, values)) for path, produce in self.writes]
        # Members beyond the end of a list are appended in the order of their numbers.
        for place, value in sorted(news, key=itemgetter(0)):
            if value is not None:
                _write(changed, place, value)
        gone = [path.resolved(names) for path in self.removals]
        gone += [place for place, value in news if value is None and follow(item, place) is not None]
        # Paths of one update never differ in kind at the first place where they differ, so they can be sorted.
        # From the back, so that every index still means what it meant before.
        for place in sorted(gone, reverse=True):
            _remove(changed, item, place, exists=exists)
        return changed


@lru_cache(maxsize=4096)
def update(text: str) -> Update:
    return _UpdateParser(text).update()


class _UpdateParser(Parser):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._writes: list[tuple[Path, Produce]] = []
        self._removals: list[Path] = []
        self._value_checks: list[ValueCheck] = []
        self._creates = False

    def update(self) -> Update:
        clauses = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add, "DELETE": self._delete}
        while not self.done:
            word = self.accept_word(*clauses)
            if word is None:  # no keyword, or a clause for the second time
                raise self.wrong()
            self._creates |= word in {"SET", "ADD"}
            clause = clauses.pop(word)
            clause()
            while self.accept(","):
                clause()
        paths = [*(path for path, _ in self._writes), *self._removals]
        return Update(
            tuple(self._writes),
            tuple(self._removals),
            frozenset(self.names),
            frozenset(self.values),
            (lambda names: check_disjoint([path.resolved(names) for path in paths]),),
            tuple(self._value_checks),
            all(len(path.parts) == 1 for path in paths),
            self._creates,
        )

    def _remove(self) -> None:
        self._removals.append(self.path())

    def _add(self) -> None:
        path, name = self.path(), self.placeholder().name
        self._expect_type(Placeholder(name), frozenset({"N"}) | SETS)
        self._writes.append((path, _adding(path, name)))

    def _delete(self) -> None:
        path, name = self.path(), self.placeholder().name
        self._expect_type(Placeholder(name), SETS)
        self._writes.append((path, _taking(path, name)))

    def _set(self) -> None:
        path = self.path()
        self.expect("=")
        left = self.operand()
        for sign, factor in (("+", 1), ("-", -1)):
            if self.accept(sign):
                right = self.operand()
                for operand in (left, right):
                    self._expect_type(operand, frozenset({"N"}))
                self._writes.append((path, _sum(self._value(left), self._value(right), sign=factor)))
                return
        self._writes.append((path, self._value(left)))

    def _value(self, operand: Operand) -> Produce:
        match operand:
            case Placeholder():
                name = operand.name
                return lambda _, __, values: values[name]
            case Path():
                find = reader(operand)

                def read(item: Item, names: Names, _: Values) -> Value:
                    value = find(item, names)
                    if value is None:
                        raise InvalidChangeError(_MISSING)
                    return value

                return read
            case Call():
                return self._function(operand)

    def _function(self, call: Call) -> Produce:
        if call.function not in {"if_not_exists", "list_append"}:
            raise InvalidRequestError(f"Invalid function name: {call.function}")
        if len(call.operands) != 2:
            raise InvalidRequestError(f"Incorrect number of operands for {call.function}")
        first, second = call.operands
        if call.function == "if_not_exists":
            if not isinstance(first, Path):
                raise InvalidRequestError("Operator or function requires a document path")
            find, otherwise = reader(first), self._value(second)
            return lambda item, names, values: find(item, names) or otherwise(item, names, values)
        for operand in (first, second):
            if isinstance(operand, Call) and operand.function == "list_append":
                raise InvalidRequestError("The function is not allowed to be used this way: list_append")
            self._expect_type(operand, frozenset({"L"}))
        return _joined(self._value(first), self._value(second))

    def _expect_type(self, operand: Operand, allowed: frozenset[str]) -> None:
        if isinstance(operand, Placeholder):
            self._value_checks.append(must_be(operand.name, allowed))


def _sum(left: Produce, right: Produce, *, sign: int) -> Produce:
    def total(item: Item, names: Names, values: Values) -> Value:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or "N" not in one or "N" not in other:
            raise InvalidChangeError(_WRONG_TYPE)
        return {"N": exact_sum(one["N"], other["N"], sign=sign)}

    return total


def _joined(left: Produce, right: Produce) -> Produce:
    def joined(item: Item, names: Names, values: Values) -> Value:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or "L" not in one or "L" not in other:
            raise InvalidChangeError(_WRONG_TYPE)
        return {"L": [*one["L"], *other["L"]]}

    return joined


def _adding(path: Path, name: str) -> Produce:
    find = reader(path)

    def added(item: Item, names: Names, values: Values) -> Value:
        old, more = find(item, names), values[name]
        kind = kind_of(more)
        if old is None:
            return more
        if kind not in old:
            raise InvalidChangeError(_WRONG_TYPE)
        if kind == "N":
            return {"N": exact_sum(old["N"], more["N"], sign=1)}
        return {kind: sorted_set(kind, {*old[kind], *more[kind]})}

    return added


def _taking(path: Path, name: str) -> Produce:
    find = reader(path)

    def taken(item: Item, names: Names, values: Values) -> Value | None:
        old, less = find(item, names), values[name]
        kind = kind_of(less)
        if old is None:
            return None
        if kind not in old:
            raise InvalidChangeError(_WRONG_TYPE)
        left = [member for member in old[kind] if member not in less[kind]]
        return {kind: left} if left else None  # a set is never empty

    return taken


def _set_or_drop(item: Item, name: str, value: Value | None) -> None:
    if value is None:
        item.pop(name, None)
    else:
        item[name] = value


def _write(item: Item, place: Place, value: Value) -> None:
    """Put the value there, copying the maps and lists on the way."""
    container = _own_container(item, place)
    last = place[-1]
    if isinstance(last, int) and last >= len(container):
        container.append(value)
    else:
        container[last] = value


def _remove(item: Item, old: Item, place: Place, *, exists: bool) -> None:
    if len(place) > 1 and not exists:
        return  # without an item, DynamoDB lets a nested REMOVE pass
    last = place[-1]
    if follow(old, place) is None:
        if len(place) > 1:
            _container(old, place)  # the leaf may be absent, but not what should hold it
        return
    del _own_container(item, place)[last]


def _own_container(item: Item, place: Place) -> Any:
    """What holds the last part of the path, copied on the way down."""
    _container(item, place)
    container: Any = item
    for part, following in pairwise(place):
        kind = "L" if isinstance(following, int) else "M"
        inner = container[part][kind]
        inner = list(inner) if kind == "L" else dict(inner)
        container[part] = {kind: inner}
        container = inner
    return container


def _container(item: Item, place: Place) -> None:
    """InvalidChangeError unless every part of the path but the last is there and of the right kind."""
    if len(place) == 1:
        return
    holder = follow(item, place[:-1])
    if holder is None or ("L" if isinstance(place[-1], int) else "M") not in holder:
        raise InvalidChangeError(_BAD_PATH)
