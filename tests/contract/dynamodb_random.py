"""Random items, conditions and histories for the conformance of the in-memory DynamoDB; the same for the same seed.

They stay away from what the engine is known to do otherwise (dynamodb_deviations.py).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.contract.dynamodb_cases import OLD, TABLE, Step, b, lst, mp, n, s, scan

_TEXTS = ["", "a", "ab", "abc", "b", "é", "Z"]
_NUMBERS = ["0", "1", "-1", "1.5", "2", "10", "100000000000000000001"]
_SCALARS = [*map(s, _TEXTS), *map(n, _NUMBERS), b(b"a"), b(b"\xff"), {"BOOL": True}, {"BOOL": False}, {"NULL": True}]
_SETS: list[dict[str, Any]] = [{"SS": ["a", "b"]}, {"SS": ["a"]}, {"NS": ["1", "2"]}, {"NS": ["10"]}, {"BS": [b"a"]}]
_DOCUMENTS = [lst(), lst(n(1), s("a")), lst({"SS": ["a", "b"]}), mp(), mp(x=n(1)), mp(x=s("a"), y=lst(n(2)))]
_ATTRIBUTES = ["a1", "a2", "a3", "d1", "d2"]
_PATHS = [*_ATTRIBUTES, "d1.x", "d1.y[0]", "d2[0]", "d2[1]", "always"]


def random_items(seed: int = 1, count: int = 40) -> list[dict[str, Any]]:
    """Items whose attributes are absent now and then and have all types; `text` is a string, `always` always there."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        item: dict[str, Any] = {"pk": s("p"), "sk": s(f"{number:03}"), "always": n(draw.choice(_NUMBERS))}
        if draw.random() < 0.8:
            item["text"] = s(draw.choice(_TEXTS))
        for name in _ATTRIBUTES:
            if draw.random() < 0.7:
                item[name] = draw.choice(_DOCUMENTS if name.startswith("d") else [*_SCALARS, *_SETS, *_DOCUMENTS])
        found.append(item)
    return found


@dataclass
class Asked:
    """A condition in the making: its text and the values it uses."""

    text: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        values = {"ExpressionAttributeValues": self.values} if self.values else {}
        return {"FilterExpression": self.text, **values}


def _joined(parts: list[Asked], template: str) -> Asked:
    """Fill the texts into {0}, {1}… and give every value a name of its own."""
    texts, values = [], {}
    for number, part in enumerate(parts):
        text = part.text
        for name in sorted(part.values, key=len, reverse=True):
            text = text.replace(f"{name};", f"{name}_{number};")
            values[f"{name}_{number}"] = part.values[name]
        texts.append(text)
    return Asked(template.format(*texts), values)


def _value(value: dict[str, Any]) -> Asked:
    return Asked(":v;", {":v": value})


_path = st.sampled_from(_PATHS).map(Asked)
_any_value = st.sampled_from([*_SCALARS, *_SETS, *_DOCUMENTS]).map(_value)
_ordered_value = st.sampled_from([each for each in _SCALARS if next(iter(each)) in "SNB"]).map(_value)
_type_name = st.sampled_from(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]).map(lambda t: _value(s(t)))
_no_bytes = st.sampled_from([each for each in [*_SCALARS, *_SETS, *_DOCUMENTS] if "B" not in each]).map(_value)


def _two(left: st.SearchStrategy[Asked], right: st.SearchStrategy[Asked], template: str) -> st.SearchStrategy[Asked]:
    return st.tuples(left, right).map(lambda pair: _joined(list(pair), template))


@st.composite
def _between(draw: st.DrawFn) -> Asked:
    pool: list[Any] = draw(st.sampled_from([_TEXTS, [0, 1, 2, 10]]))
    low, high = sorted([draw(st.sampled_from(pool)), draw(st.sampled_from(pool))])
    make = s if isinstance(low, str) else n
    return _joined([draw(_path), _value(make(low)), _value(make(high))], "{0} BETWEEN {1} AND {2}")


@st.composite
def _within(draw: st.DrawFn) -> Asked:
    options = draw(st.lists(_any_value, min_size=1, max_size=4))
    places = ", ".join(f"{{{number}}}" for number in range(1, len(options) + 1))
    return _joined([draw(_path), *options], f"{{0}} IN ({places})")


_leaf = st.one_of(
    *(_two(_path, _any_value, f"{{0}} {sign} {{1}}") for sign in ("=", "<>")),
    *(_two(_path, _ordered_value, f"{{0}} {sign} {{1}}") for sign in ("<", "<=", ">", ">=")),
    *(_two(_ordered_value, _path, f"{{0}} {sign} {{1}}") for sign in ("=", "<", ">=")),
    _two(st.sampled_from(["a1", "a2", "d1.x", "text"]).map(Asked), st.just(Asked("always")), "{0} < {1}"),
    _between(),
    _within(),
    _path.map(lambda path: _joined([path], "attribute_exists({0})")),
    _path.map(lambda path: _joined([path], "attribute_not_exists({0})")),
    _two(_path, _type_name, "attribute_type({0}, {1})"),
    _two(_path, _no_bytes, "contains({0}, {1})"),
    _two(st.just(Asked("text")), st.sampled_from(_TEXTS).map(lambda t: _value(s(t))), "begins_with({0}, {1})"),
    _two(st.just(Asked("text")), st.sampled_from([0, 1, 2]).map(lambda size: _value(n(size))), "size({0}) > {1}"),
)


def conditions() -> st.SearchStrategy[Asked]:
    """Conditions up to a dozen comparisons deep."""

    def longer(inner: st.SearchStrategy[Asked]) -> st.SearchStrategy[Asked]:
        return st.one_of(
            _two(inner, inner, "{0} AND {1}"),
            _two(inner, inner, "{0} OR {1}"),
            inner.map(lambda one: _joined([one], "NOT {0}")),
            _two(inner, _leaf, "({0} OR {1}) AND attribute_exists(pk)"),
            _two(_leaf, inner, "NOT ({0} AND {1})"),
        )

    return st.recursive(_leaf, longer, max_leaves=12).map(lambda one: Asked(one.text.replace(";", ""), one.values))


# --- histories -------------------------------------------------------------------------------------------------------


def random_history(seed: int) -> list[Step]:
    """Transactions, single writes and reads over a few items with versions, entries and due times."""
    draw = random.Random(seed)
    steps: list[Step] = []
    for _ in range(14):
        kind = draw.random()
        if kind < 0.6:
            places = draw.sample(range(5), draw.randint(1, 4))
            token = {"ClientRequestToken": f"{seed}-{draw.randint(1, 6)}"} if draw.random() < 0.2 else {}
            steps.append(
                ("transact_write_items", {"TransactItems": [_action(draw, place) for place in places], **token})
            )
        elif kind < 0.85:
            ((name, request),) = _action(draw, draw.randrange(5)).items()
            if name != "ConditionCheck":
                steps.append((f"{name.lower()}_item", request))
        else:
            steps.append(("query", {
                "TableName": TABLE, "IndexName": "due", "KeyConditionExpression": "g1pk = :w AND g1sk <= :until",
                "ExpressionAttributeValues": {":w": s("W#1"), ":until": n(draw.randint(1, 9))},
            }))  # fmt: skip
    return [*steps, scan()]


def _action(draw: random.Random, place: int) -> dict[str, Any]:
    key = {"pk": s("p"), "sk": s(f"D#{place}")}
    version, due = draw.randint(0, 3), draw.randint(1, 9)
    condition, values = draw.choice([
        ("attribute_not_exists(pk)", {}),
        ("attribute_not_exists(pk) OR v = :v0", {":v0": n(version)}),
        ("v = :v0", {":v0": n(version)}),
        ("v >= :v0 AND attribute_exists(iv.#b)", {":v0": n(version)}),
        ("attribute_exists(pk)", {}),
        *[("attribute_exists(pk) OR attribute_not_exists(pk)", {})] * 6,
        ("attribute_not_exists(iv.#b) OR iv.#b.k <> :kind", {":kind": s("H")}),
    ])  # fmt: skip
    names = {"#b": "b-1"}
    used = {name: names[name] for name in names if name in condition}
    base: dict[str, Any] = {
        "TableName": TABLE,
        "ConditionExpression": condition,
        **(OLD if draw.random() < 0.7 else {}),
    }
    kind = draw.choice(["Put", "Put", "Update", "Update", "Delete", "ConditionCheck"])
    if kind == "Put":
        base["Item"] = {
            **key, "v": n(version + 1), "g1pk": s("W#1"), "g1sk": n(due), "n": n("1.50"), "strs": {"SS": ["a", "b"]},
            "iv": {"M": {"b-1": mp(k=s(draw.choice("HP")), x=n(due)), "b-2": mp(k=s("H"))}}, "l": lst(n(1), n(2), n(3)),
        }  # fmt: skip
    else:
        base["Key"] = key
    if kind == "Update":
        text, more = draw.choice([
            ("SET v = v + :one", {":one": n(1)}),
            ("SET v = if_not_exists(v, :zero) + :one REMOVE g1sk", {":one": n(1), ":zero": n(0)}),
            ("SET iv.#b.k = :p REMOVE iv.#b.x", {":p": s("P")}),
            ("SET v = :new, g1sk = :due, g1pk = :w", {":new": n(version + 1), ":due": n(due), ":w": s("W#1")}),
            ("ADD n :one, strs :more", {":one": n(1), ":more": {"SS": ["b", "c"]}}),
            ("DELETE strs :more SET l[1] = :one", {":more": {"SS": ["a"]}, ":one": n(9)}),
            ("SET l = list_append(l, :list), iv.#b = iv.#c", {":list": lst(n(4))}),
            ("SET iv.#b = :entry", {":entry": mp(k=s("H"), x=n(due))}),
        ])  # fmt: skip
        base["UpdateExpression"] = text
        values = {**values, **more}
        used |= {name: target for name, target in {"#b": "b-1", "#c": "b-2"}.items() if name in text}
    return {
        kind: base
        | ({"ExpressionAttributeValues": values} if values else {})
        | ({"ExpressionAttributeNames": used} if used else {})
    }
