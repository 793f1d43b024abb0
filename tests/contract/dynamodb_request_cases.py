"""Reads, values, faulty requests and transactions that both must answer alike; see dynamodb_cases.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.contract.dynamodb_cases import (
    ABSENT,
    ITEM,
    KEY,
    OLD,
    TABLE,
    VALUES,
    Case,
    Step,
    b,
    change,
    condition_cases,
    delete,
    get,
    keyed,
    lst,
    mp,
    n,
    placeholders,
    put,
    query,
    s,
    scan,
    t_change,
    t_check,
    t_delete,
    t_put,
    texts,
    transact,
    update_cases,
)

SORTS = ("A#1", "A#2", "A#3", "B", "B#1", "C", "a", "é", "\U0001f600", "\uffee")
BOOK = [transact(*(t_put(keyed(sort, num=n(at), g1pk=s("W#1"), g1sk=n(at / 2))) for at, sort in enumerate(SORTS)))]

KEY_CONDITIONS = """
pk = :p | #pk = :p AND #sk = :sB | pk = :p AND sk < :sB | pk = :p AND sk <= :sB | pk = :p AND sk > :sB
pk = :p AND sk >= :sB | pk = :p AND sk BETWEEN :sA AND :sB1 | pk = :p AND begins_with(sk, :sA) | sk = :sB AND pk = :p
pk = :p AND begins_with(sk, :blank) | (pk = :p) AND (sk = :sB) | ((pk = :p) AND (sk = :sB)) | pk = :p AND sk > :sz
pk = :p AND sk BETWEEN :sB1 AND :sA | pk = :q | pk = :p and sk between :sA AND :sB1 | pk = :p AND sk <> :sB
pk = :p OR sk = :sB | NOT pk = :p | pk = :p AND NOT sk = :sB | pk > :p | sk = :sB | num = :one
pk = :p AND num = :one | pk = :p AND sk IN (:sB) | pk = :p AND contains(sk, :sB) | pk = :p AND attribute_exists(sk)
pk = :p AND sk > :sA AND sk < :sB1 | pk = :p AND pk = :p | pk = :one | pk = :p AND sk = :one
pk = :p AND begins_with(sk, :one) | pk = sk | pk = :p AND sk.x = :sB | pk | pk = :blank | pk = :p AND sk = :blank
pk = :p AND size(sk) = :one | pk = :p AND begins_with(pk, :p) | dog(pk, :p) | pk = :p AND sk = :undefined
"""
INDEX_CONDITIONS = """
g1pk = :w | g1pk = :w AND g1sk <= :two | g1pk = :w AND g1sk < :two | g1pk = :w AND g1sk = :two
g1pk = :w AND g1sk > :two | g1pk = :w AND g1sk >= :exp | g1pk = :w AND g1sk BETWEEN :one AND :two
g1pk = :w AND begins_with(g1sk, :two) | g1pk = :w AND g1sk = :hello | pk = :p | g1pk = :w AND sk = :sB | g1pk = :one
g1sk = :two
"""
VALUES |= {
    ":sA": s("A"),
    ":sB": s("B"),
    ":sB1": s("B#1"),
    ":sz": s("zz"),
    ":q": s("q"),
    ":w": s("W#1"),
    ":three": n(3),
}


def read_cases() -> Iterable[Case]:
    for text in texts(KEY_CONDITIONS):
        yield Case(f"query {text}", [*BOOK, query(text, ConsistentRead=True)])
    for text in texts(INDEX_CONDITIONS):
        yield Case(f"query the index: {text}", [*BOOK, query(text, IndexName="due")])
    yield from _page_cases()
    for text in (
        "num",
        "num, txt",
        "doc.y.z",
        "doc.x, doc.y.w[1]",
        "seq[2][1], seq[0]",
        "gone",
        "num, gone.x",
        "#ttl",
        "#map.#dot",
        "num, num",
        "doc, doc.x",
        "ttl",
        "num,",
        "",
        ":one",
        "seq[0], seq.x",
        "pk, sk",
    ):
        shown = {"ProjectionExpression": text, **placeholders(text)}
        yield Case(
            f"show {text}",
            [
                put(ITEM),
                get(KEY, **shown),
                query(
                    "pk = :p",
                    **{
                        "ProjectionExpression": text,
                        **{k: v for k, v in shown.items() if k == "ExpressionAttributeNames"},
                    },
                ),
            ],
        )
    yield Case("get nothing", [get(ABSENT)])
    for name, key in {
        "half a key": {"pk": s("p")},
        "more than a key": {**KEY, "x": s("x")},
        "an empty key": {"pk": s(""), "sk": s("s")},
        "an empty sort key": {"pk": s("p"), "sk": s("")},
        "a key of numbers": {"pk": n(1), "sk": s("s")},
        "another key": {"pk": s("p"), "x": s("s")},
        "a long key": {"pk": s("p" * 2048), "sk": s("s" * 1024)},
        "too long a key": {"pk": s("p" * 2049), "sk": s("s")},
        "too long a sort key": {"pk": s("p"), "sk": s("s" * 1025)},
        "a long key of accents": {"pk": s("é" * 1025), "sk": s("s")},
    }.items():
        yield Case(f"use {name}", [get(key), put({**key, "num": n(1)}), change(key, "SET two = :two"), delete(key)])
        yield Case(f"use {name} in a transaction", [transact(t_put({**key, "num": n(1)}))])
        yield Case(f"check {name} in a transaction", [transact(t_check(key, "attribute_not_exists(pk)"))])
    yield from _batch_cases()


def _page_cases() -> Iterable[Case]:
    after = keyed("B")
    entry = {**keyed("B"), "g1pk": s("W#1"), "g1sk": n("1.5")}
    steps: dict[str, list[Step]] = {
        "two of them": [query("pk = :p", Limit=2)],
        "exactly all": [query("pk = :p", Limit=len(SORTS))],
        "more than all": [query("pk = :p", Limit=len(SORTS) + 1)],
        "none of them": [query("pk = :p", Limit=0)],
        "backwards": [query("pk = :p", ScanIndexForward=False, Limit=3)],
        "after one": [query("pk = :p", ExclusiveStartKey=after, Limit=3)],
        "before one": [query("pk = :p", ExclusiveStartKey=after, ScanIndexForward=False)],
        "after one that is gone": [delete(after), query("pk = :p", ExclusiveStartKey=after, Limit=3)],
        "after one in a range": [query("pk = :p AND sk >= :sA", ExclusiveStartKey=keyed("B"))],
        "after one of another partition": [query("pk = :p", ExclusiveStartKey={"pk": s("q"), "sk": s("B")})],
        "after half a key": [query("pk = :p", ExclusiveStartKey={"pk": s("p")})],
        "with a filter": [query("pk = :p", FilterExpression="num > :two", Limit=4)],
        "with a filter that nothing meets": [query("pk = :p", FilterExpression="num < :zero")],
        "with a filter on the key": [query("pk = :p", FilterExpression="sk > :sA")],
        "with a count": [query("pk = :p", Select="COUNT", Limit=4)],
        "with a count of what is filtered": [query("pk = :p", Select="COUNT", FilterExpression="num > :two")],
        "with all attributes": [query("pk = :p", Select="ALL_ATTRIBUTES", Limit=1)],
        "with a projection": [query("pk = :p", ProjectionExpression="num", Limit=2)],
        "of the index": [query("g1pk = :w", IndexName="due", Limit=2)],
        "of the index backwards": [query("g1pk = :w", IndexName="due", ScanIndexForward=False, Limit=2)],
        "of the index after one": [query("g1pk = :w", IndexName="due", ExclusiveStartKey=entry, Limit=2)],
        "of the index before one": [
            query("g1pk = :w", IndexName="due", ExclusiveStartKey=entry, ScanIndexForward=False)
        ],
        "of the index in a range": [query("g1pk = :w AND g1sk <= :three", IndexName="due", ExclusiveStartKey=entry)],
        "of the index after a table key": [query("g1pk = :w", IndexName="due", ExclusiveStartKey=after)],
        "of the index, consistently": [query("g1pk = :w", IndexName="due", ConsistentRead=True)],
        "of the index, all attributes": [query("g1pk = :w", IndexName="due", Select="ALL_ATTRIBUTES")],
        "of the index, one it does not have": [query("g1pk = :w", IndexName="due", ProjectionExpression="num")],
        "of no index": [query("g1pk = :w", IndexName="late")],
        "after an entry is moved": [change(after, "SET g1sk = :six"), query("g1pk = :w", IndexName="due")],
        "after an entry is dropped": [change(after, "REMOVE g1sk"), query("g1pk = :w", IndexName="due")],
        "after an item is gone": [delete(after), query("g1pk = :w", IndexName="due")],
        "all of the table": [scan()],
        "the table with a filter": [scan(FilterExpression="num > :two")],
        "the table with a projection": [scan(ProjectionExpression="num")],
        "the table with a count": [scan(Select="COUNT")],
        "without a key condition": [("query", {"TableName": TABLE})],
        "of no table": [
            (
                "query",
                {
                    "TableName": "missing-table",
                    "KeyConditionExpression": "pk = :p",
                    "ExpressionAttributeValues": {":p": s("p")},
                },
            )
        ],
    }
    for name, reads in steps.items():
        yield Case(f"page {name}", [*BOOK, *reads])
    large = [put(keyed(f"{at:02}", txt=s("x" * 150_000))) for at in range(8)]
    yield Case("page at one megabyte", [*large, query("pk = :p", ProjectionExpression="sk")])
    yield Case(
        "page after one megabyte", [*large, query("pk = :p", ProjectionExpression="sk", ExclusiveStartKey=keyed("06"))]
    )


def _batch_cases() -> Iterable[Case]:
    keys = [keyed(sort) for sort in SORTS[:3]]
    wanted: dict[str, Any] = {
        "three": {TABLE: {"Keys": keys, "ConsistentRead": True}},
        "three and one that is not there": {TABLE: {"Keys": [*keys, ABSENT]}},
        "only what is not there": {TABLE: {"Keys": [ABSENT]}},
        "the same twice": {TABLE: {"Keys": [keys[0], keys[0]]}},
        "nothing": {},
        "no keys": {TABLE: {"Keys": []}},
        "some attributes": {
            TABLE: {"Keys": keys, "ProjectionExpression": "#num", "ExpressionAttributeNames": {"#num": "num"}}
        },
        "a name not used": {
            TABLE: {"Keys": keys, "ProjectionExpression": "sk", "ExpressionAttributeNames": {"#num": "num"}}
        },
        "a hundred": {TABLE: {"Keys": [keyed(str(at)) for at in range(100)]}},
        "a hundred and one": {TABLE: {"Keys": [keyed(str(at)) for at in range(101)]}},
        "half a key": {TABLE: {"Keys": [{"pk": s("p")}]}},
        "no table": {"missing-table": {"Keys": keys}},
    }
    for name, items in wanted.items():
        yield Case(f"read at once {name}", [*BOOK, ("batch_get_item", {"RequestItems": items})])


# --- values ----------------------------------------------------------------------------------------------------------


def value_cases() -> Iterable[Case]:
    numbers = [
        "0",
        "-0",
        "+3",
        "007",
        "1.50",
        ".5",
        "5.",
        "1e3",
        "1E+3",
        "-17.4E37",
        "1e-3",
        "1767614400.0",
        "0e1000",
        "1e125",
        "9.99e125",
        "1e126",
        "1e-130",
        "1e-131",
        "1" * 38,
        "1" * 39,
        "0." + "1" * 38,
        "0." + "1" * 39,
        "1" * 38 + "0",
        "",
        " 1",
        "1 ",
        "NaN",
        "Infinity",
        "dog",
        "1_000",
        "0x10",
        "1e",
        "--1",
        "12345678901234567890.5",
    ]
    for text in numbers:
        yield Case(f"store the number {text!r}", [put({**KEY, "num": n(text)}), get(KEY)])
    deep: dict[str, Any] = n(1)
    for _ in range(31):
        deep = lst(deep)
    values: dict[str, Any] = {
        "no type": {},
        "two types": {"S": "a", "N": "1"},
        "an empty set": {"SS": []},
        "a set with twins": {"SS": ["a", "a"]},
        "a set with equal numbers": {"NS": ["1", "1.0"]},
        "a false null": {"NULL": False},
        "a bad number": {"NS": ["x"]},
        "a set with an empty string": {"SS": ["", "a"]},
        "a number that is none": {"N": 5},
        "a string that is none": {"S": 5},
        "an unknown type": {"X": "a"},
        "a bare string": "a",
        "an empty string in a list": lst(s("")),
        "bytes": b(b""),
        "a deep list": deep,
        "too deep a list": lst(deep),
        "a doc with a bad number": mp(x=n("dog")),
        "a bytearray": {"B": bytearray(b"ab")},
        "a long string": s("x" * 409_000),
        "too long a string": s("x" * 409_600),
    }
    for name, value in values.items():
        yield Case(f"store {name}", [put({**KEY, "val": value}), get(KEY)])
        asked = {"UpdateExpression": "SET extra = :v", "ExpressionAttributeValues": {":v": value}}
        yield Case(f"set {name}", [("update_item", {"TableName": TABLE, "Key": KEY, **asked}), get(KEY)])
    for name, entry in {
        "a number as shard": {"g1pk": n(1), "g1sk": n(1)},
        "a string as due time": {"g1pk": s("W"), "g1sk": s("1")},
        "an empty shard": {"g1pk": s(""), "g1sk": n(1)},
        "a shard alone": {"g1pk": s("W")},
        "a due time alone": {"g1sk": n(1)},
        "a string as due time alone": {"g1sk": s("x")},
    }.items():
        yield Case(f"index {name}", [put({**KEY, **entry}), get(KEY)])
        yield Case(f"index {name} in a transaction", [transact(t_put({**KEY, **entry}))])
        text = "SET " + ", ".join(f"{attribute} = :{attribute}" for attribute in entry)
        asked = {"UpdateExpression": text, "ExpressionAttributeValues": {f":{k}": v for k, v in entry.items()}}
        yield Case(f"index {name} by an update", [("update_item", {"TableName": TABLE, "Key": KEY, **asked})])


def request_cases() -> Iterable[Case]:
    """What is wrong with a request whatever the table holds."""
    base = {"TableName": TABLE, "Key": KEY}
    value, name = {"ExpressionAttributeValues": {":one": n(1)}}, {"ExpressionAttributeNames": {"#num": "num"}}
    requests: dict[str, Step] = {
        "an unused value": ("update_item", {**base, "UpdateExpression": "SET num = two", **value}),
        "an unused name": ("update_item", {**base, "UpdateExpression": "SET num = :one", **value, **name}),
        "a value without an expression": ("update_item", {**base, **value}),
        "a name without an expression": ("update_item", {**base, **name}),
        "no values": ("update_item", {**base, "UpdateExpression": "REMOVE two", "ExpressionAttributeValues": {}}),
        "no names": ("update_item", {**base, "UpdateExpression": "REMOVE two", "ExpressionAttributeNames": {}}),
        "values shared by both": change(KEY, "SET fresh = :five", "num = :five"),
        "an unused value beside a condition": (
            "delete_item",
            {**base, "ConditionExpression": "attribute_exists(pk)", **value},
        ),
        "an unused name beside a condition": put(ITEM, ConditionExpression="attribute_exists(pk)", **name),
        "a bad value beside a good one": (
            "update_item",
            {**base, "UpdateExpression": "SET num = :one", "ExpressionAttributeValues": {":one": n("x")}},
        ),
        "a name with a bad letter": (
            "update_item",
            {**base, "UpdateExpression": "SET #a-b = :one", **value, "ExpressionAttributeNames": {"#a-b": "num"}},
        ),
        "no update expression": ("update_item", base),
        "an empty update expression": ("update_item", {**base, "UpdateExpression": ""}),
        "an empty condition": ("delete_item", {**base, "ConditionExpression": ""}),
        "a blank condition": ("delete_item", {**base, "ConditionExpression": " "}),
        "a condition alone": ("update_item", {**base, "ConditionExpression": "attribute_exists(pk)"}),
        "a failing condition alone": (
            "update_item",
            {**base, "ConditionExpression": "attribute_not_exists(pk)", **OLD},
        ),
        "a failing condition without its item": (
            "update_item",
            {**base, "ConditionExpression": "attribute_not_exists(pk)"},
        ),
        "a failing condition of an absent item": delete(ABSENT, ConditionExpression="attribute_exists(pk)", **OLD),
        "an unknown return": (
            "delete_item",
            {**base, "ReturnValuesOnConditionCheckFailure": "DOG", "ConditionExpression": "attribute_exists(pk)"},
        ),
        "an unknown parameter": ("get_item", {**base, "Consistent": True}),
        "no table name": ("get_item", {"Key": KEY}),
        "no key": ("get_item", {"TableName": TABLE}),
        "no such table": ("put_item", {"TableName": "missing-table", "Item": KEY}),
        "no item": ("put_item", {"TableName": TABLE}),
        "an update that changes nothing": change(KEY, "SET num = :five"),
        "an update past the largest item": (
            "update_item",
            {**base, "UpdateExpression": "SET big = :v", "ExpressionAttributeValues": {":v": s("x" * 409_400)}},
        ),
        "a hundred options": (
            "delete_item",
            {**base, "ConditionExpression": f"num IN ({', '.join([':one'] * 100)})", **value},
        ),
        "a hundred and one options": (
            "delete_item",
            {**base, **value, "ConditionExpression": f"num IN ({', '.join([':one'] * 101)})"},
        ),
        "too long an expression": ("delete_item", {**base, "ConditionExpression": f"attribute_exists(pk){' ' * 4097}"}),
    }
    for title, step in requests.items():
        yield Case(f"ask with {title}", [put(ITEM), step, get(KEY)])


# --- transactions ----------------------------------------------------------------------------------------------------


def transaction_cases() -> Iterable[Case]:
    one, two, three = keyed("1", num=n(1)), keyed("2", num=n(2)), keyed("3", num=n(3))
    new, there = "attribute_not_exists(pk)", "attribute_exists(pk)"
    large = [keyed(f"{at:02}", txt=s("x" * 100_000)) for at in range(50)]
    bad_update = t_change(keyed("1"), "SET num = num + gone")
    steps: dict[str, list[Step]] = {
        "all kinds": [
            put(one),
            put(two),
            transact(
                t_put(three, new),
                t_change(keyed("1"), "SET num = :five", "num = :one"),
                t_delete(keyed("2"), there),
                t_check(ABSENT, new),
            ),
        ],
        "without conditions": [transact(t_put(one), t_change(keyed("2"), "SET num = :five"), t_delete(keyed("3")))],
        "one refused": [put(one), transact(t_put(two), t_put(three, new), t_put(one, new, **OLD))],
        "two refused": [put(one), put(two), transact(t_put(one, new, **OLD), t_put(three), t_put(two, new))],
        "all refused": [
            put(one),
            transact(t_put(one, new), t_check(ABSENT, there), t_delete(keyed("9"), there, **OLD)),
        ],
        "a refused delete": [put(one), transact(t_delete(keyed("1"), "num = :five", **OLD), t_put(two))],
        "a refused update": [put(one), transact(t_change(keyed("1"), "SET num = :six", "num = :five", **OLD))],
        "a refused check": [put(one), transact(t_check(keyed("1"), "num = :five", **OLD), t_put(two))],
        "a check that holds": [put(one), transact(t_check(keyed("1"), "num = :one"), t_put(two))],
        "a check without a condition": [transact(t_check(keyed("1"), None))],
        "an update that cannot be": [put(one), transact(bad_update, t_put(two))],
        "an update that cannot be, and a refusal": [put(one), put(two), transact(bad_update, t_put(two, new, **OLD))],
        "a refusal before its update": [
            put(one),
            transact(t_change(keyed("1"), "SET num = num + gone", "num = :five")),
        ],
        "a bad path": [put(one), transact(t_change(keyed("1"), "SET num.x = :one"), t_put(two))],
        "an overflow": [put(one), transact(t_change(keyed("1"), "SET num = :huge + :huge"))],
        "a changed key": [put(one), transact(t_change(keyed("1"), "SET pk = :s"), t_put(two))],
        "no actions": [transact()],
        "a hundred": [transact(*(t_put(keyed(f"{at}")) for at in range(100)))],
        "a hundred and one": [transact(*(t_put(keyed(f"{at}")) for at in range(101)))],
        "the same item twice": [transact(t_put(one), t_put(one))],
        "the same item written and checked": [transact(t_put(one), t_check(keyed("1"), new))],
        "the same item checked twice": [transact(t_check(ABSENT, new), t_check(ABSENT, new))],
        "two kinds in one action": [transact({**t_put(one), **t_delete(keyed("2"))})],
        "no kind in an action": [transact({})],
        "an unknown kind": [transact({"Get": {"TableName": TABLE, "Key": KEY}})],
        "an unused value": [transact(t_put(one, new, ExpressionAttributeValues={":one": n(1)}))],
        "an unused name": [transact(t_put(one, new, ExpressionAttributeNames={"#num": "num"}))],
        "an undefined value": [transact(t_put(one, "num = :undefined"))],
        "an undefined name": [transact(t_put(one, "attribute_exists(#undefined)"))],
        "a syntax error": [transact(t_put(one, "hello!"))],
        "a wrong operand": [transact(t_put(one, "num < :list"))],
        "a bad number": [transact(t_put(keyed("1", num=n("x"))), t_put(two))],
        "an empty set": [transact(t_put(keyed("1", val={"SS": []})), t_put(two))],
        "an unknown return": [transact(t_put(one, new, ReturnValuesOnConditionCheckFailure="DOG"))],
        "no such table": [transact({"Put": {"TableName": "missing-table", "Item": KEY}})],
        "an unknown parameter": [transact({"Put": {"TableName": TABLE, "Item": KEY, "Key": KEY}})],
        "an update without an expression": [transact({"Update": {"TableName": TABLE, "Key": keyed("1")}})],
        "too large an item": [transact(t_put(keyed("1", txt=s("x" * 410_000))), t_put(two))],
        "too large an item by an update": [
            put(keyed("1", txt=s("x" * 300_000))),
            transact(
                t_put(two),
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": keyed("1"),
                        "UpdateExpression": "SET extra = :v",
                        "ExpressionAttributeValues": {":v": s("x" * 200_000)},
                    }
                },
            ),
        ],
        "three megabytes": [transact(*(t_put(item) for item in large[:30]))],
        "five megabytes": [transact(*(t_put(item) for item in large))],
        "a wrong key before a refusal": [put(one), transact(t_put({"pk": n(1), "sk": s("s")}), t_put(one, new))],
        "two wrong keys": [transact(t_put({"pk": n(1), "sk": s("s")}), t_put({"pk": n(2), "sk": s("s")}))],
        "a token twice": [put(one), *[transact(t_change(keyed("1"), "SET num = num + :one"), token="t-1")] * 2],
        "a token with another request": [transact(t_put(one), token="t-2"), transact(t_put(two), token="t-2")],
        "a token after a refusal": [
            put(one),
            transact(t_put(one, new), token="t-3"),
            delete(keyed("1")),
            transact(t_put(one, new), token="t-3"),
            transact(t_put(one, new), token="t-3"),
        ],
        "a token after a refusal, with another request": [
            put(one),
            transact(t_put(one, new), token="t-4"),
            transact(t_put(two), token="t-4"),
        ],
        "no token twice": [put(one), *[transact(t_change(keyed("1"), "SET num = num + :one"))] * 2],
        "a token with another order": [
            transact(t_put(one), t_put(two), token="t-5"),
            transact(t_put(two), t_put(one), token="t-5"),
        ],
        "a token with other values": [
            put(one),
            transact(t_put(one, "num = :one"), token="t-6"),
            transact(t_put(one, "num = :two"), token="t-6"),
        ],
        "a pin: an entry turned, and its booking": [
            put(keyed("D", v=n(3), iv={"M": {"b-1": mp(s=n(1), e=n(2), k=s("H"), x=n(9))}})),
            put(keyed("B", rv=n(1), st=s("held"))),
            *[
                transact(
                    {
                        "Update": {
                            "TableName": TABLE,
                            "Key": keyed("D"),
                            "UpdateExpression": "SET v = :v1, iv.#b.k = :p REMOVE iv.#b.x",
                            "ConditionExpression": "v = :v0 AND attribute_exists(iv.#b)",
                            "ExpressionAttributeNames": {"#b": "b-1"},
                            **OLD,
                            "ExpressionAttributeValues": {":v0": n(3), ":v1": n(4), ":p": s("P")},
                        }
                    },
                    {
                        "Update": {
                            "TableName": TABLE,
                            "Key": keyed("B"),
                            "UpdateExpression": "SET st = :bk, rv = rv + :one",
                            "ConditionExpression": "rv = :rv AND st = :held",
                            **OLD,
                            "ExpressionAttributeValues": {
                                ":rv": n(1),
                                ":held": s("held"),
                                ":bk": s("booking"),
                                ":one": n(1),
                                ":half": n("0.5"),
                            },
                        }
                    },
                )
            ]
            * 2,
        ],
        "a sum with zeros behind the point": [put(ITEM), transact(t_change(KEY, "ADD neg :half"))],
        "the longest token": [transact(t_put(one), token="t" * 36)],
        "too long a token": [transact(t_put(one), token="t" * 37)],
        "an empty token": [transact(t_put(one), token="")],
    }
    for name, case in steps.items():
        yield Case(f"transact {name}", [*case, scan()])


def all_cases() -> list[Case]:
    return [
        *condition_cases(),
        *update_cases(),
        *read_cases(),
        *value_cases(),
        *request_cases(),
        *transaction_cases(),
    ]
