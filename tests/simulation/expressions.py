"""Conditions and filters: parsed once by their text, then evaluated as plain functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from tests.simulation.attribute_values import (
    SETS,
    InvalidRequestError,
    Item,
    Value,
    kind_of,
    ordered,
)
from tests.simulation.expression_checks import NameCheck, ValueCheck, name_checks, value_checks
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
    reader,
)

Test = Callable[[Item, Names, Values], bool]
Read = Callable[[Item, Names, Values], Value | None]

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
    def name_checks(self) -> tuple[NameCheck, ...]: ...

    @property
    def value_checks(self) -> tuple[ValueCheck, ...]: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition or filter: `test` says whether an item (empty when there is none) meets it."""

    test: Test
    names: frozenset[str]
    values: frozenset[str]
    name_checks: tuple[NameCheck, ...]
    value_checks: tuple[ValueCheck, ...]
    node: Node


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    parser = Parser(text)
    node = parser.condition()
    parser.finish()
    return Condition(
        _test(node),
        frozenset(parser.names),
        frozenset(parser.values),
        tuple(name_checks(node)),
        tuple(value_checks(node)),
        node,
    )


def check_placeholders(
    expressions: Sequence[Expression], names: Names | None, values: Collection[str] | None
) -> tuple[ValueCheck, ...]:
    """Every placeholder used is defined, every one defined is used. What is left to check is returned."""
    _check_used([each.names for each in expressions], None if names is None else names.keys())
    _check_used([each.values for each in expressions], None if values is None else set(values))
    for expression in expressions:
        for check in expression.name_checks:
            check(names or {})
    return tuple(check for expression in expressions for check in expression.value_checks)


def _check_used(used: Sequence[frozenset[str]], given: Set[str] | None) -> None:
    if given is None:
        if any(used):
            raise InvalidRequestError(f"not defined: {sorted(frozenset().union(*used))}")
        return
    if not given or not used:
        raise InvalidRequestError("Expression placeholders must not be empty, and need an expression")
    if frozenset().union(*used) != given:
        raise InvalidRequestError(f"undefined or unused: {sorted(frozenset().union(*used) ^ given)}")


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
