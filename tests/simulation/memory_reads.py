"""GetItem, BatchGetItem, Query and Scan over the tables of the in-memory DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulation.attribute_values import (
    InvalidRequestError,
    Item,
    admit_item,
    copied,
    decimal,
    item_size,
    spelled,
)
from tests.simulation.expression_checks import ValueCheck
from tests.simulation.expression_syntax import And, Between, Call, Compare, Names, Node, Path, Placeholder, Values
from tests.simulation.expressions import Condition, check_placeholders, condition
from tests.simulation.memory_table import INDEX, INDEX_NAMES, KEY_NAMES, Key, MemoryTable, Range
from tests.simulation.projections import Projection, projection
from tests.simulation.write_actions import read_key, require, table_of, too_few, unknown_parameter

Request = Mapping[str, Any]
Tables = Mapping[str, MemoryTable]
Reply = dict[str, Any]

MOST_KEYS = 100
LARGEST_PAGE = 1024 * 1024
LARGEST_BATCH = 16 * 1024 * 1024
ALWAYS_FIT_BATCH, ALWAYS_FIT_PAGE = 40, 2  # items, of 400 KB at most
KEYS_ONLY = (*KEY_NAMES, *INDEX_NAMES)

_READ = frozenset({"ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"})
_GET = _READ | {"TableName", "Key"}
_SCAN = _READ | {
    "TableName", "FilterExpression", "ExpressionAttributeValues", "Limit", "ExclusiveStartKey", "Select",
}  # fmt: skip
_QUERY = _SCAN | {"IndexName", "KeyConditionExpression", "ScanIndexForward"}
_SELECTS = {"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"}


def get(request: Request, tables: Tables, *, lends: bool = False) -> Reply:
    """One item; one that is lent is the stored one, not a copy."""
    _check_members(request, _GET, "TableName", "Key")
    shown = _shown(request, lends=lends)
    row = table_of(request, tables).rows.get(read_key(request["Key"]))
    return {} if row is None else {"Item": shown.of(row.item)}


def batch_get(request: Request, tables: Tables, *, lends: bool = False) -> Reply:
    _check_members(request, frozenset({"RequestItems"}), "RequestItems")
    wanted: Mapping[str, Request] = request["RequestItems"]
    if not wanted or sum(len(each["Keys"]) for each in wanted.values()) > MOST_KEYS:
        raise InvalidRequestError(f"1 to {MOST_KEYS} keys can be asked for")
    replies: dict[str, list[Item]] = {}
    unread: dict[str, Any] = {}
    size = 0
    for name, asked in wanted.items():
        _check_members(asked, _READ | {"Keys"}, "Keys")
        shown = _shown(asked, lends=lends)
        table = table_of({"TableName": name}, tables)
        keys = [read_key(key) for key in asked["Keys"]]
        if not keys:
            raise too_few("Keys")
        if len(set(keys)) < len(keys):
            raise InvalidRequestError("Provided list of item keys contains duplicates")
        replies[name] = []
        for raw, key in zip(asked["Keys"], keys, strict=True):
            row = table.rows.get(key)
            size += 0 if row is None or len(keys) <= ALWAYS_FIT_BATCH else row.size
            if size > LARGEST_BATCH:
                unread.setdefault(name, {**asked, "Keys": []})["Keys"].append(raw)
            elif row is not None:
                replies[name].append(shown.of(row.item))
    return {"Responses": replies, "UnprocessedKeys": unread}


def query(request: Request, tables: Tables, *, index_until: float, lends: bool = False) -> Reply:
    """One page. The index is read as it was at `index_until` (epoch seconds)."""
    _check_members(request, _QUERY, "TableName")
    table, index = table_of(request, tables), request.get("IndexName")
    if index not in {None, INDEX}:
        raise InvalidRequestError("The table does not have the specified index")
    if index is not None and request.get("ConsistentRead"):
        raise InvalidRequestError("Consistent reads are not supported on global secondary indexes")
    if "KeyConditionExpression" not in request:
        raise InvalidRequestError("A query needs a KeyConditionExpression")
    shown = _Shown(request, request["KeyConditionExpression"], lends=lends)
    schema = KEY_NAMES if index is None else INDEX_NAMES
    if shown.filter is not None and not shown.attributes_filtered.isdisjoint(schema):
        raise InvalidRequestError("Filter Expression can only contain non-primary key attributes")
    partition, wanted = shown.range_of(schema)
    start = _start(request, KEY_NAMES if index is None else KEYS_ONLY)
    if start is not None and start[schema[0]] != {"S": partition}:
        raise InvalidRequestError("The provided starting key is outside query boundaries")
    forward = request.get("ScanIndexForward", True)
    if index is None:
        sort_keys = table.partition(partition)
        after = start and start["sk"]["S"]
        positions = wanted.positions(sort_keys, key=None, after=after, forward=forward)
        return shown.page(table.rows[partition, sort_keys[at]].item for at in positions)
    entries = table.shard(partition, until=index_until)
    after = start and (decimal(start["g1sk"]["N"]), start["pk"]["S"], start["sk"]["S"])
    positions = wanted.positions(entries, key=lambda entry: entry[0], after=after, forward=forward)
    return shown.page((_index_item(partition, entries[at]) for at in positions), key_names=KEYS_ONLY)


def scan(request: Request, tables: Tables) -> Reply:
    """One page, in key order: DynamoDB promises none, a repeatable simulation needs one."""
    _check_members(request, _SCAN, "TableName")
    table = table_of(request, tables)
    shown = _Shown(request)
    start = _start(request, KEY_NAMES)
    after: Key | None = None if start is None else (start["pk"]["S"], start["sk"]["S"])
    return shown.page(table.rows[key].item for key in sorted(table.rows) if after is None or key > after)


class _Shown:
    """What a read shows of its items, and how much of them at once."""

    def __init__(self, request: Request, keyed: str | None = None, *, lends: bool = False) -> None:
        self._lends = lends
        names = request.get("ExpressionAttributeNames")
        values = request.get("ExpressionAttributeValues")
        self.names: Names = names or {}
        self.values: Values = {} if values is None else admit_item(values)
        shape = self._shape = _shape(
            keyed,
            request.get("FilterExpression"),
            request.get("ProjectionExpression"),
            None if names is None else tuple(names.items()),
            None if values is None else tuple(self.values),
        )
        self.filter = shape.filter
        self._limit: int | None = request.get("Limit")
        if self._limit is not None and self._limit < 1:
            raise too_few("Limit")
        select = request.get("Select", "ALL_ATTRIBUTES")
        whole = "Select" in request and select != "SPECIFIC_ATTRIBUTES"
        if select not in _SELECTS or (whole and shape.projection is not None):
            raise InvalidRequestError("Select does not go with what is asked for")
        self._counts = select == "COUNT"
        for check in shape.value_checks:
            check(self.values)

    def range_of(self, schema: tuple[str, ...]) -> tuple[str, Range]:
        """The partition and the range of sort keys that the key condition asks for."""
        terms = self._shape.key_terms
        found = {name: (sign, [self.values[bound] for bound in bounds]) for name, sign, *bounds in terms}
        partition = found.pop(schema[0], None)
        if partition is None or partition[0] != "=" or len(found) != len(terms) - 1:
            raise InvalidRequestError("Query condition missed key schema element")
        pk = _typed(partition[1][0], "S")
        if not found:
            return pk, Range("all")
        if schema[1] not in found:
            raise InvalidRequestError("Query key condition not supported")
        sign, bounds = found[schema[1]]
        kind = "S" if schema == KEY_NAMES else "N"
        sort = [_typed(bound, kind) for bound in bounds]
        if sign == "begins_with" and kind != "S":
            raise InvalidRequestError("begins_with is for strings and bytes")
        return pk, Range(sign, *sort)

    @property
    def attributes_filtered(self) -> set[str]:
        return set() if self.filter is None else {self.names.get(n, n) for n in _attributes(self.filter.node)}

    def of(self, item: Item) -> Item:
        chosen = self._shape.projection
        shown = item if chosen is None else chosen.of(item, self.names)
        return shown if self._lends else copied(shown)

    def page(self, items: Iterable[Item], *, key_names: tuple[str, ...] = KEY_NAMES) -> Reply:
        """Items up to the limit or to 1 MB, whichever comes first, before the filter takes some away."""
        found: list[Item] = []
        seen: list[Item] = []
        count = 0
        more = False
        room = LARGEST_PAGE
        for item in items:
            if len(seen) == ALWAYS_FIT_PAGE:
                room -= sum(map(item_size, seen))
            if len(seen) >= ALWAYS_FIT_PAGE:
                room -= item_size(item)
                if room < 0:
                    more = True
                    break
            seen.append(item)
            if self.filter is None or self.filter.test(item, self.names, self.values):
                count += 1
                if not self._counts:
                    found.append(self.of(item))
            if len(seen) == self._limit:
                more = True
                break
        reply: Reply = {} if self._counts else {"Items": found}
        reply |= {"Count": count, "ScannedCount": len(seen)}
        if more and seen:
            reply["LastEvaluatedKey"] = copied({name: seen[-1][name] for name in key_names})
        return reply


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the expressions of a read are, apart from its values; most reads share a few."""

    key_terms: tuple[tuple[str, ...], ...]  # attribute, sign, and the placeholders of its bounds
    filter: Condition | None
    projection: Projection | None
    value_checks: tuple[ValueCheck, ...]


@lru_cache(maxsize=1 << 10)
def _shape(
    keyed_text: str | None,
    filter_text: str | None,
    projection_text: str | None,
    names: tuple[tuple[str, str], ...] | None,
    values: tuple[str, ...] | None,
) -> _Shape:
    keyed = None if keyed_text is None else condition(keyed_text)
    chosen = None if projection_text is None else projection(projection_text)
    kept = None if filter_text is None else condition(filter_text)
    named = None if names is None else dict(names)
    value_checks = check_placeholders([each for each in (keyed, kept, chosen) if each is not None], named, values)
    return _Shape(() if keyed is None else _key_terms(keyed.node, named or {}), kept, chosen, value_checks)


_WHOLE, _WHOLE_LENT = _Shown({}), _Shown({}, lends=True)
_SHAPING = frozenset({"ProjectionExpression", "ExpressionAttributeNames"})


def _shown(request: Request, *, lends: bool) -> _Shown:
    """What a read by key shows: the whole item, unless it says something else."""
    if _SHAPING.isdisjoint(request):
        return _WHOLE_LENT if lends else _WHOLE
    return _Shown(request, lends=lends)


def _attributes(node: Any) -> Iterable[str]:
    """The first names of all document paths below a node."""
    if isinstance(node, Path):
        yield node.first
    elif isinstance(node, tuple):
        for each in node:
            yield from _attributes(each)
    elif not isinstance(node, str | Placeholder):
        for name in type(node).__dataclass_fields__:
            yield from _attributes(getattr(node, name))


def _key_terms(node: Node, names: Names) -> tuple[tuple[str, ...], ...]:
    terms = [node.left, node.right] if isinstance(node, And) else [node]
    return tuple(_key_term(term, names) for term in terms)


def _key_term(term: Node, names: Names) -> tuple[str, ...]:
    match term:
        case Compare(sign=sign, left=Path() as path, right=Placeholder() as value) if sign != "<>":
            return _key_name(path, names), sign, value.name
        case Between(operand=Path() as path, low=Placeholder() as low, high=Placeholder() as high):
            return _key_name(path, names), "between", low.name, high.name
        case Call(function="begins_with", operands=(Path() as path, Placeholder() as value)):
            return _key_name(path, names), "begins_with", value.name
    raise InvalidRequestError("Query key condition not supported")


def _key_name(path: Path, names: Names) -> str:
    if len(path.parts) > 1:
        raise InvalidRequestError("Key conditions cannot have nested attributes")
    return names.get(path.first, path.first)


def _typed(value: dict[str, Any], kind: str) -> Any:
    if kind not in value:
        raise InvalidRequestError("Condition parameter type does not match schema type")
    if kind == "S" and not value["S"]:
        raise InvalidRequestError("A key attribute cannot contain an empty string value")
    return decimal(value["N"]) if kind == "N" else value[kind]


def _start(request: Request, key_names: tuple[str, ...]) -> Item | None:
    raw = request.get("ExclusiveStartKey")
    if raw is None:
        return None
    start = admit_item(raw)
    if start.keys() != set(key_names):
        raise InvalidRequestError("The provided starting key is invalid")
    return start


def _index_item(shard: str, entry: tuple[Any, str, str]) -> Item:
    due, pk, sk = entry
    return {"pk": {"S": pk}, "sk": {"S": sk}, "g1pk": {"S": shard}, "g1sk": {"N": spelled(due)}}


def _check_members(request: Request, known: frozenset[str], *required: str) -> None:
    if not known.issuperset(request):
        raise unknown_parameter(request.keys() - known)
    require(request, *required)
