"""Put, Update, Delete and ConditionCheck: read from a request, and decided against one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.exceptions import ParamValidationError

from tests.simulation.attribute_values import InvalidChangeError, InvalidRequestError, Item, admit_item, fits, kind_of
from tests.simulation.aws_faults import refusal
from tests.simulation.expression_checks import ValueCheck
from tests.simulation.expression_syntax import Names, Values
from tests.simulation.expressions import Condition, check_placeholders, condition
from tests.simulation.memory_table import KEY_NAMES, LONGEST_KEYS, Key, MemoryTable, Row
from tests.simulation.update_expressions import Update, update

LARGEST_ITEM = 400 * 1024
_KEYS = frozenset(KEY_NAMES)
_EMPTY: Item = {}
_NO_NAMES: Names = {}
_NO_VALUES: Values = {}

_CONDITIONAL = frozenset({
    "TableName", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
})  # fmt: skip
MEMBERS = {
    "Put": _CONDITIONAL | {"Item"},
    "Update": _CONDITIONAL | {"Key", "UpdateExpression"},
    "Delete": _CONDITIONAL | {"Key"},
    "ConditionCheck": _CONDITIONAL | {"Key"},
}


class ConditionFailedError(Exception):
    """The action's condition does not hold for the row that is there."""


@dataclass(slots=True, eq=False)
class Action:
    """One action, checked as far as that is possible without its row."""

    kind: str
    table: MemoryTable
    key: Key
    row: Row | None  # what a Put puts
    shape: Shape
    names: Names
    values: Values
    shows_old: bool

    def asks(self) -> tuple[Any, ...]:
        """Plain data; equal for actions that ask for the same."""
        texts, item = self.shape.texts, None if self.row is None else self.row.item
        return self.kind, self.table.name, self.key, item, texts, self.names, self.values, self.shows_old

    def outcome(self, row: Row | None) -> Row | None:
        """The row as it is to be; ConditionFailedError or InvalidChangeError when it may not be done."""
        item = _EMPTY if row is None else row.item
        condition, update = self.shape.condition, self.shape.update
        if condition is not None and not condition.test(item, self.names, self.values):
            raise ConditionFailedError
        match self.kind:
            case "Put":
                return self.row
            case "Delete":
                return None
            case "ConditionCheck":
                return row
        if row is None:
            if update is not None and not update.creates:
                return None
            item = {name: {"S": part} for name, part in zip(KEY_NAMES, self.key, strict=True)}
        if update is not None:
            item = update.applied(item, self.names, self.values, exists=row is not None)
        if not fits(item, LARGEST_ITEM):
            raise InvalidChangeError("Item size to update has exceeded the maximum allowed size")
        return Row(item)


def read_action(kind: str, request: Mapping[str, Any], tables: Mapping[str, MemoryTable]) -> Action:
    """The action a request asks for.

    InvalidRequestError for what is wrong with its expressions and values, InvalidChangeError for what is wrong with its
    item or key, ClientError for a table that does not exist.
    """
    if not MEMBERS[kind].issuperset(request):
        raise unknown_parameter(request.keys() - MEMBERS[kind])
    if kind == "ConditionCheck":
        require(request, "ConditionExpression")
    try:
        table, subject = table_of(request, tables), request["Item" if kind == "Put" else "Key"]
    except KeyError as missing:
        raise ParamValidationError(report=f"Missing required parameter in input: {missing}") from missing
    names: Names | None = request.get("ExpressionAttributeNames")
    values = request.get("ExpressionAttributeValues")
    values = None if values is None else admit_item(values)
    returned = request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if returned not in {"NONE", "ALL_OLD"}:
        raise InvalidRequestError("ReturnValuesOnConditionCheckFailure must be NONE or ALL_OLD")
    shape = _shape(
        request.get("ConditionExpression"),
        request.get("UpdateExpression"),
        None if names is None else tuple(names.items()),
        None if values is None else tuple(values),
    )
    for check in shape.value_checks:
        check(values or _NO_VALUES)
    row = None
    if kind == "Put":
        row = Row(admit_item(subject))
        key = _key_in(row.item)
    else:
        key = read_key(subject)
        if shape.changes_key:
            raise InvalidChangeError("Cannot update an attribute that is part of the key")
    shows_old = returned == "ALL_OLD"
    return Action(kind, table, key, row, shape, names or _NO_NAMES, values or _NO_VALUES, shows_old)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the expressions of an action are, apart from its values; most actions share a few."""

    texts: tuple[str | None, str | None]
    condition: Condition | None
    update: Update | None
    value_checks: tuple[ValueCheck, ...]
    changes_key: bool


@lru_cache(maxsize=1 << 13)
def _shape(
    condition_text: str | None,
    update_text: str | None,
    names: tuple[tuple[str, str], ...] | None,
    values: tuple[str, ...] | None,
) -> Shape:
    met = None if condition_text is None else condition(condition_text)
    change = None if update_text is None else update(update_text)
    named = None if names is None else dict(names)
    value_checks = check_placeholders([each for each in (met, change) if each is not None], named, values)
    changes_key = change is not None and not _KEYS.isdisjoint(change.attributes(named or _NO_NAMES))
    return Shape((condition_text, update_text), met, change, value_checks, changes_key)


def read_key(raw: Any) -> Key:
    """A whole primary key and nothing else; InvalidChangeError otherwise."""
    key = admit_item(raw)
    if len(key) != len(KEY_NAMES):
        raise InvalidChangeError("The provided key element does not match the schema")
    return _key_in(key)


def _key_in(item: Item) -> Key:
    for name in KEY_NAMES:
        if name not in item:
            raise InvalidChangeError(f"Missing the key {name} in the item")
        if "S" not in item[name]:
            raise InvalidChangeError(f"Type mismatch for key {name} expected: S actual: {kind_of(item[name])}")
        text = item[name]["S"]
        if not text:
            raise InvalidRequestError(f"A key attribute cannot contain an empty string value: {name}")
        if len(text) > LONGEST_KEYS[name] // 4 and len(text.encode()) > LONGEST_KEYS[name]:
            raise InvalidRequestError(f"Size of {name} has exceeded the maximum size limit")
    return item["pk"]["S"], item["sk"]["S"]


def table_of(request: Mapping[str, Any], tables: Mapping[str, MemoryTable]) -> MemoryTable:
    table = tables.get(request["TableName"])
    if table is None:
        raise refusal("ResourceNotFoundException", "request", "Requested resource not found")
    return table


def require(request: Mapping[str, Any], *names: str) -> None:
    """As boto3 checks it before sending anything."""
    for name in names:
        if name not in request:
            raise ParamValidationError(report=f"Missing required parameter in input: {name}")


def unknown_parameter(names: Any) -> ParamValidationError:
    return ParamValidationError(report=f"Unknown parameter in input: {sorted(names)}")


def too_few(name: str) -> ParamValidationError:
    return ParamValidationError(report=f"Invalid length or range for parameter {name}")
