"""What DynamoDB looks at before it reads any item: types of the request's values, and paths that collide."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.simulation.attribute_values import ORDERED, TYPES, InvalidRequestError, kind_of, ordered
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
    Path,
    Placeholder,
    Values,
    Within,
)

NameCheck = Callable[[Names], None]
ValueCheck = Callable[[Values], None]
"""InvalidRequestError when something is wrong."""


def value_checks(node: Node) -> Iterable[ValueCheck]:
    match node:
        case And() | Or():
            yield from value_checks(node.left)
            yield from value_checks(node.right)
        case Not():
            yield from value_checks(node.inner)
        case Compare(sign="<" | "<=" | ">" | ">="):
            yield from _of_type(ORDERED, node.left, node.right)
        case Between():
            yield from _of_type(ORDERED, node.operand, node.low, node.high)
            if isinstance(node.low, Placeholder) and isinstance(node.high, Placeholder):
                yield _in_order(node.low.name, node.high.name)
        case Call(function="attribute_type", operands=(_, Placeholder() as kind)):
            yield from _of_type(frozenset({"S"}), kind)
            yield _names_a_type(kind.name)
        case Call(function="begins_with"):
            yield from _of_type(frozenset({"S", "B"}), *node.operands)


def _of_type(allowed: frozenset[str], *operands: Operand) -> Iterable[ValueCheck]:
    for operand in operands:
        if isinstance(operand, Placeholder):
            yield must_be(operand.name, allowed)


def must_be(name: str, allowed: frozenset[str]) -> ValueCheck:
    """The check that a value of the request has one of the types."""

    def check(values: Values) -> None:
        if kind_of(values[name]) not in allowed:
            raise InvalidRequestError(f"Incorrect operand type: {kind_of(values[name])}")

    return check


def _names_a_type(name: str) -> ValueCheck:
    def check(values: Values) -> None:
        if values[name]["S"] not in TYPES:
            raise InvalidRequestError("Invalid attribute type name")

    return check


def _in_order(low: str, high: str) -> ValueCheck:
    def check(values: Values) -> None:
        if ordered(values[low], values[high]) not in {-1, 0}:
            raise InvalidRequestError("The BETWEEN operator requires two bounds of one type, the lower one first")

    return check


def name_checks(node: Node) -> Iterable[NameCheck]:
    """DynamoDB refuses to relate a path to itself."""
    match node:
        case And() | Or():
            yield from name_checks(node.left)
            yield from name_checks(node.right)
        case Not():
            yield from name_checks(node.inner)
        case Compare():
            yield from _distinct(node.left, node.right)
        case Between():
            yield from _distinct(node.operand, node.low, node.high)
        case Within():
            yield from _distinct(node.operand, *node.options)
        case Call(function="begins_with" | "contains"):
            yield from _distinct(*node.operands)


def _distinct(first: Operand, *rest: Operand) -> Iterable[NameCheck]:
    others = [each for each in rest if isinstance(each, Path)]
    if not isinstance(first, Path) or not others:
        return

    def check(names: Names) -> None:
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
