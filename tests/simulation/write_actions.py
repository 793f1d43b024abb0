"""Put, Update, Delete and ConditionCheck: read from a request, and decided against one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ParamValidationError

from tests.simulation.attribute_values import InvalidChangeError, InvalidRequestError, Item, admit_item, fits, kind_of
from tests.simulation.aws_faults import refusal
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
_REQUIRED = {
    "Put": ("Item",), "Update": ("Key",), "Delete": ("Key",), "ConditionCheck": ("Key", "ConditionExpression"),
}  # fmt: skip


class ConditionFailedError(Exception):
    """The action's condition does not hold for the row that is there."""


@dataclass(slots=True)
class Action:
    """One action, checked as far as that is possible without its row. Equal actions ask for the same."""

    kind: str
    table: MemoryTable
    key: Key
    row: Row | None  # what a Put puts
    condition: Condition | None
    update: Update | None
    names: Names
    values: Values
    shows_old: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Action) and self._asks() == other._asks()

    __hash__ = None  # type: ignore[assignment]  # it holds dictionaries

    def _asks(self) -> tuple[Any, ...]:
        return (
            self.kind, self.table.name, self.key, self.row and self.row.item,
            self.condition and self.condition.node, self.update, self.names, self.values, self.shows_old,
        )  # fmt: skip

    def outcome(self, row: Row | None) -> Row | None:
        """The row as it is to be; ConditionFailedError or InvalidChangeError when it may not be done."""
        item = _EMPTY if row is None else row.item
        if self.condition is not None and not self.condition.test(item, self.names, self.values):
            raise ConditionFailedError
        match self.kind:
            case "Put":
                return self.row
            case "Delete":
                return None
            case "ConditionCheck":
                return row
        if row is None:
            item = {name: {"S": part} for name, part in zip(KEY_NAMES, self.key, strict=True)}
        if self.update is not None:
            item = self.update.applied(item, self.names, self.values, exists=row is not None)
        if not fits(item, LARGEST_ITEM):
            raise InvalidChangeError("Item size to update has exceeded the maximum allowed size")
        return Row(item)


def read_action(kind: str, request: Mapping[str, Any], tables: Mapping[str, MemoryTable]) -> Action:
    """The action a request asks for.

    InvalidRequestError for what is wrong with its expressions and values, InvalidChangeError for what is wrong with its
    item or key, ClientError for a table that does not exist.
    """
    if not request.keys() <= MEMBERS[kind]:
        raise unknown_parameter(request.keys() - MEMBERS[kind])
    require(request, "TableName", *_REQUIRED[kind])
    names: Names | None = request.get("ExpressionAttributeNames")
    values = request.get("ExpressionAttributeValues")
    values = None if values is None else admit_item(values)
    text = request.get("ConditionExpression")
    met = None if text is None else condition(text)
    text = request.get("UpdateExpression")
    change = None if text is None else update(text)
    expressions = [each for each in (met, change) if each is not None]
    if expressions or names is not None or values is not None:
        check_placeholders(expressions, names, values)
    returned = request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if returned not in {"NONE", "ALL_OLD"}:
        raise InvalidRequestError("ReturnValuesOnConditionCheckFailure must be NONE or ALL_OLD")
    row = None
    if kind == "Put":
        item = admit_item(request["Item"])
        key = _key_in(item)
        row = Row(item)
    else:
        key = read_key(request["Key"])
        if change is not None and not _KEYS.isdisjoint(change.attributes(names or _NO_NAMES)):
            raise InvalidChangeError("Cannot update an attribute that is part of the key")
    return Action(
        kind=kind,
        table=table_of(request, tables),
        key=key,
        row=row,
        condition=met,
        update=change,
        names=names or _NO_NAMES,
        values=values or _NO_VALUES,
        shows_old=returned == "ALL_OLD",
    )


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
            raise InvalidChangeError(f"A key attribute cannot contain an empty string value: {name}")
        if len(text) > LONGEST_KEYS[name] // 4 and len(text.encode()) > LONGEST_KEYS[name]:
            raise InvalidChangeError(f"Size of {name} has exceeded the maximum size limit")
    return item["pk"]["S"], item["sk"]["S"]


def table_of(request: Mapping[str, Any], tables: Mapping[str, MemoryTable]) -> MemoryTable:
    table = tables.get(request["TableName"])
    if table is None:
        raise refusal("ResourceNotFoundException", "request", "Requested resource not found")
    return table


def require(request: Mapping[str, Any], *names: str) -> None:
    """As boto3 checks it before sending anything."""
    missing = [name for name in names if name not in request]
    if missing:
        raise ParamValidationError(report=f"Missing required parameter in input: {missing}")


def unknown_parameter(names: Any) -> ParamValidationError:
    return ParamValidationError(report=f"Unknown parameter in input: {sorted(names)}")
