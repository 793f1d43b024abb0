"""Condition, key condition and projection expressions: parsed once by their text, then evaluated as plain functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from tests.simulation.attribute_values import (
    ORDERED,
    SETS,
    TYPES,
    InvalidRequestError,
    Item,
    Value,
    kind_of,
    ordered,
)
from tests.simulation.expression_syntax import (
    And,
    Between,
    Call,
    Compare,
    Names,
    Node,
    Not,
    Operand,
    Or,
    Parser,
    Path,
    Placeholder,
    Values,
    Within,
    follow,
    reader,
)

Test = Callable[[Item, Names, Values], bool]
Read = Callable[[Item, Names, Values], Value | None]
Check = Callable[[Names, Values], None]
"""Something DynamoDB looks at before it reads any item; raises InvalidRequestError."""

_MOST_OPTIONS = 100
_BOOLEAN_FUNCTIONS = {
    "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2,
}  # fmt: skip


class Expression(Protocol):
    """What every kind of expression says about its placeholders."""

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def values(self) -> frozenset[str]: ...

    @property
    def checks(self) -> tuple[Check, ...]: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition or filter: `test` says whether an item (empty when there is none) meets it."""

    test: Test
    names: frozenset[str]
    values: frozenset[str]
    checks: tuple[Check, ...]
    node: Node


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    parser = Parser(text)
    node = parser.condition()
    parser.finish()
    checks = tuple(_checks(node))
    return Condition(_test(node), frozenset(parser.names), frozenset(parser.values), checks, node)


@dataclass(frozen=True, slots=True)
class Projection:
    """The attributes a read asks for."""

    paths: tuple[Path, ...]
    names: frozenset[str]
    values: frozenset[str] = frozenset()

    @property
    def checks(self) -> tuple[Check, ...]:
        return (lambda names, _: check_disjoint([path.resolved(names) for path in self.paths]),)

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


def check_placeholders(expressions: Sequence[Expression], names: Names | None, values: Values | None) -> None:
    """Every placeholder used is defined, every one defined is used, and what is said about values makes sense."""
    _check_used([each.names for each in expressions], names)
    _check_used([each.values for each in expressions], values)
    for expression in expressions:
        for check in expression.checks:
            check(names or {}, values or {})


def _check_used(used: Sequence[frozenset[str]], given: Names | Values | None) -> None:
    if given is None:
        if any(used):
            raise InvalidRequestError(f"not defined: {sorted(frozenset().union(*used))}")
        return
    if not given or not used:
        raise InvalidRequestError("Expression placeholders must not be empty, and need an expression")
    if (used[0] if len(used) == 1 else frozenset().union(*used)) != given.keys():
        raise InvalidRequestError(f"undefined or unused: {sorted(frozenset().union(*used) ^ given.keys())}")


# --- evaluating ------------------------------------------------------------------------------------------------------


def _test(node: Node) -> Test:
    match node:
        case And():
            one, other = _test(node.left), _test(node.right)
            return lambda item, names, values: one(item, names, values) and other(item, names, values)
        case Or():
            one, other = _test(node.left), _test(node.right)
            return lambda item, names, values: one(item, names, values) or other(item, names, values)
        case Not():
            inner = _test(node.inner)
            return lambda item, names, values: not inner(item, names, values)
        case Compare():
            return _comparison(node)
        case Between():
            read, low, high = _read(node.operand), _read(node.low), _read(node.high)

            def lies_between(item: Item, names: Names, values: Values) -> bool:
                value = read(item, names, values)
                above, below = ordered(low(item, names, values), value), ordered(value, high(item, names, values))
                return above is not None and below is not None and above <= 0 and below <= 0

            return lies_between
        case Within():
            if len(node.options) > _MOST_OPTIONS:
                raise InvalidRequestError("The IN operator takes at most 100 operands")
            read, options = _read(node.operand), [_read(option) for option in node.options]

            def is_one_of(item: Item, names: Names, values: Values) -> bool:
                value = read(item, names, values)
                return value is not None and any(option(item, names, values) == value for option in options)

            return is_one_of
        case Call():
            return _function(node)


def _comparison(node: Compare) -> Test:
    left, right = _read(node.left), _read(node.right)
    if node.sign == "=":

        def equals(item: Item, names: Names, values: Values) -> bool:
            value = left(item, names, values)
            return value is not None and value == right(item, names, values)

        return equals
    if node.sign == "<>":  # what is absent differs from everything, even from what is absent as well

        def differs(item: Item, names: Names, values: Values) -> bool:
            value = left(item, names, values)
            return value is None or value != right(item, names, values)

        return differs
    wanted = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}[node.sign]
    return lambda item, names, values: ordered(left(item, names, values), right(item, names, values)) in wanted


def _function(node: Call) -> Test:
    if node.function not in _BOOLEAN_FUNCTIONS:
        raise InvalidRequestError(f"The function is not allowed to be used this way: {node.function}")
    if len(node.operands) != _BOOLEAN_FUNCTIONS[node.function]:
        raise InvalidRequestError(f"Incorrect number of operands for {node.function}")
    read = _read(node.operands[0])
    match node.function:
        case "attribute_exists" | "attribute_not_exists":
            if not isinstance(node.operands[0], Path):
                raise InvalidRequestError("Operator or function requires a document path")
            if node.function == "attribute_exists":
                return lambda item, names, values: read(item, names, values) is not None
            return lambda item, names, values: read(item, names, values) is None
        case "attribute_type":
            if not isinstance(node.operands[1], Placeholder):
                raise InvalidRequestError("attribute_type takes its type from the request")
            kind = node.operands[1].name
            return lambda item, names, values: values[kind]["S"] in (read(item, names, values) or ())
    other = _read(node.operands[1])
    relation = _begins if node.function == "begins_with" else _holds

    def relates(item: Item, names: Names, values: Values) -> bool:
        one, two = read(item, names, values), other(item, names, values)
        return one is not None and two is not None and relation(one, two)

    return relates


def _begins(value: Value, start: Value) -> bool:
    kind = kind_of(value)
    return kind in {"S", "B"} and kind in start and value[kind].startswith(start[kind])


def _holds(value: Value, part: Value) -> bool:
    """A part of a text or of bytes, or a member of a set or list."""
    kind, part_kind = kind_of(value), kind_of(part)
    if kind in SETS:
        return part_kind == kind[0] and part[part_kind] in value[kind]
    if kind == "L":
        return part in value[kind]
    return kind in {"S", "B"} and kind == part_kind and part[kind] in value[kind]


def _read(operand: Operand) -> Read:
    match operand:
        case Path():
            find = reader(operand)
            return lambda item, names, _: find(item, names)
        case Placeholder():
            name = operand.name
            return lambda _, __, values: values[name]
        case Call():
            return _size(operand)


def _size(call: Call) -> Read:
    if call.function != "size":
        raise InvalidRequestError(f"The function is not allowed to be used this way: {call.function}")
    if len(call.operands) != 1 or isinstance(call.operands[0], Call):
        raise InvalidRequestError("Incorrect number of operands for size")
    read = _read(call.operands[0])

    def size(item: Item, names: Names, values: Values) -> Value | None:
        value = read(item, names, values)
        if value is None:
            return None
        kind = kind_of(value)
        if kind in {"N", "BOOL", "NULL"}:
            return None
        return {"N": str(len(value[kind].encode() if kind == "S" else value[kind]))}

    return size


# --- checks before any item is read ----------------------------------------------------------------------------------


def _checks(node: Node) -> Iterable[Check]:
    match node:
        case And() | Or():
            yield from _checks(node.left)
            yield from _checks(node.right)
        case Not():
            yield from _checks(node.inner)
        case Compare():
            yield from _distinct(node.left, [node.right])
            if node.sign not in {"=", "<>"}:
                yield from (_of_type(each, ORDERED) for each in (node.left, node.right))
        case Between():
            yield from _distinct(node.operand, [node.low, node.high])
            yield from (_of_type(each, ORDERED) for each in (node.operand, node.low, node.high))
            if isinstance(node.low, Placeholder) and isinstance(node.high, Placeholder):
                yield _in_order(node.low.name, node.high.name)
        case Within():
            yield from _distinct(node.operand, node.options)
        case Call(function="attribute_type", operands=(_, kind)):
            yield _of_type(kind, frozenset({"S"}))
            yield _names_a_type(kind)
        case Call(function="begins_with"):
            yield from _distinct(node.operands[0], node.operands[1:])
            yield from (_of_type(each, frozenset({"S", "B"})) for each in node.operands)
        case Call(function="contains"):
            yield from _distinct(node.operands[0], node.operands[1:])


def _of_type(operand: Operand, allowed: frozenset[str]) -> Check:
    def check(_: Names, values: Values) -> None:
        if isinstance(operand, Placeholder) and kind_of(values[operand.name]) not in allowed:
            raise InvalidRequestError(f"Incorrect operand type: {kind_of(values[operand.name])}")

    return check


def _names_a_type(operand: Operand) -> Check:
    def check(_: Names, values: Values) -> None:
        if isinstance(operand, Placeholder) and values[operand.name]["S"] not in TYPES:
            raise InvalidRequestError("Invalid attribute type name")

    return check


def _in_order(low: str, high: str) -> Check:
    def check(_: Names, values: Values) -> None:
        if ordered(values[low], values[high]) not in {-1, 0}:
            raise InvalidRequestError("The BETWEEN operator requires two bounds of one type, the lower one first")

    return check


def _distinct(first: Operand, rest: Iterable[Operand]) -> Iterable[Check]:
    """DynamoDB refuses to relate a path to itself."""
    others = [each for each in rest if isinstance(each, Path)]
    if not isinstance(first, Path) or not others:
        return

    def check(names: Names, _: Values) -> None:
        if any(first.resolved(names) == other.resolved(names) for other in others):
            raise InvalidRequestError("The first operand must be distinct from the remaining operands")

    yield check


def check_disjoint(paths: list[tuple[str | int, ...]]) -> None:
    """No path may lie on another, and no place may be a map for one path and a list for another."""
    for n, one in enumerate(paths):
        for other in paths[n + 1 :]:
            _check_pair(one, other)


def _check_pair(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    for a, b in zip(one, other, strict=False):
        if type(a) is not type(b):
            raise InvalidRequestError("Two document paths conflict with each other")
        if a != b:
            return
    raise InvalidRequestError("Two document paths overlap with each other")


# --- projections -----------------------------------------------------------------------------------------------------


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
