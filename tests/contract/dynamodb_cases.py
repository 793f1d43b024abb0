"""Requests that the in-memory DynamoDB and a real engine must answer alike; see test_dynamodb_conformance.py.

A case is a list of steps, each a client method with its arguments. Most are made from one expression: the placeholders
it uses are looked up in VALUES and NAMES.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TABLE = "conformance"

Step = tuple[str, dict[str, Any]]


def s(text: str) -> dict[str, Any]:
    return {"S": text}


def n(number: float | str) -> dict[str, Any]:
    return {"N": str(number)}


def b(data: bytes) -> dict[str, Any]:
    return {"B": data}


def lst(*members: dict[str, Any]) -> dict[str, Any]:
    return {"L": list(members)}


def mp(**members: dict[str, Any]) -> dict[str, Any]:
    return {"M": members}


TRUE, FALSE, NULL = {"BOOL": True}, {"BOOL": False}, {"NULL": True}
KEY = {"pk": s("p"), "sk": s("s")}
ABSENT = {"pk": s("p"), "sk": s("absent")}
ITEM: dict[str, Any] = {
    **KEY,
    "txt": s("hello"),
    "txt2": s("hell"),
    "blank": s(""),
    "num": n(5),
    "same": n("5.0"),
    "neg": n("-1.5"),
    "two": n(2),
    "bin": b(b"hi there"),
    "high": b(b"\x80"),
    "yes": TRUE,
    "no": FALSE,
    "nil": NULL,
    "seq": lst(n(1), s("two"), lst(n(3), n(4)), {"SS": ["a", "b"]}),
    "map": {"M": {"x": n(1), "y": mp(z=s("deep"), w=lst(n(7), n(8))), "dot.ted": n(7)}},
    "strs": {"SS": ["b", "a"]},
    "nums": {"NS": ["2.50", "1"]},
    "bins": {"BS": [b"x", b"hi"]},
    "hollow": lst(),
    "void": mp(),
    "ttl": n(100),
}
VALUES: dict[str, dict[str, Any]] = {
    ":zero": n(0), ":one": n(1), ":two": n(2), ":five": n(5), ":fiveish": n("5.00"), ":exp": n("0.5e1"), ":six": n(6),
    ":neg": n("-1.5"), ":tiny": n("1e-130"), ":huge": n("9e125"), ":long": n("1" * 38), ":e50": n("1e50"),
    ":hello": s("hello"), ":hell": s("hell"), ":help": s("help"), ":ell": s("ell"), ":blank": s(""), ":fivetext": s("5"),
    ":a": s("a"), ":d": s("d"), ":deep": s("deep"), ":accent": s("é"), ":hi": b(b"hi"), ":ther": b(b"ther"),
    ":x7f": b(b"\x7f"), ":x81": b(b"\x81"), ":yes": TRUE, ":no": FALSE, ":nil": NULL, ":list": lst(n(3), n(4)),
    ":list1": lst(n(1)), ":map": mp(z=s("deep"), w=lst(n(7), n(8))), ":empty_list": lst(), ":empty_map": mp(),
    ":strs": {"SS": ["a", "b"]}, ":strs1": {"SS": ["a"]}, ":strs2": {"SS": ["b", "c"]}, ":nums": {"NS": ["1", "2.5"]},
    ":nums1": {"NS": ["1.0", "7"]}, ":bins": {"BS": [b"hi", b"x"]}, ":S": s("S"), ":N": s("N"), ":B": s("B"),
    ":BOOL": s("BOOL"), ":NULL": s("NULL"), ":L": s("L"), ":M": s("M"), ":SS": s("SS"), ":NS": s("NS"), ":BS": s("BS"),
    ":DOG": s("DOG"), ":p": s("p"), ":s": s("s"),
}  # fmt: skip
NAMES = {
    "#ttl": "ttl", "#map": "map", "#dot": "dot.ted", "#y": "y", "#num": "num", "#txt": "txt", "#new": "new one!",
    "#pk": "pk", "#sk": "sk", "#seq": "seq", "#1": "two", "#_": "txt2", "#same": "num",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Steps that run one after another on an empty table."""

    name: str
    steps: list[Step] = field(repr=False)


def placeholders(*texts: str) -> dict[str, Any]:
    """ExpressionAttributeValues and ExpressionAttributeNames for what the expressions use."""
    used = set(re.findall(r"[:#][A-Za-z0-9_]+", " ".join(texts)))
    values = {name: VALUES[name] for name in sorted(used & VALUES.keys())}
    names = {name: NAMES[name] for name in sorted(used & NAMES.keys())}
    return ({"ExpressionAttributeValues": values} if values else {}) | (
        {"ExpressionAttributeNames": names} if names else {}
    )


def put(item: dict[str, Any], **more: Any) -> Step:
    return "put_item", {"TableName": TABLE, "Item": item, **more}


def get(key: dict[str, Any], **more: Any) -> Step:
    return "get_item", {"TableName": TABLE, "Key": key, "ConsistentRead": True, **more}


def delete(key: dict[str, Any], **more: Any) -> Step:
    return "delete_item", {"TableName": TABLE, "Key": key, **more}


def change(key: dict[str, Any], text: str, condition: str | None = None, **more: Any) -> Step:
    conditional = {} if condition is None else {"ConditionExpression": condition}
    return "update_item", {
        "TableName": TABLE, "Key": key, "UpdateExpression": text, **conditional,
        **placeholders(text, condition or ""), **more,
    }  # fmt: skip


def query(text: str, **more: Any) -> Step:
    texts = [text, more.get("FilterExpression", ""), more.get("ProjectionExpression", "")]
    return "query", {"TableName": TABLE, "KeyConditionExpression": text, **placeholders(*texts), **more}


def scan(**more: Any) -> Step:
    texts = [more.get("FilterExpression", ""), more.get("ProjectionExpression", "")]
    return "scan", {"TableName": TABLE, **placeholders(*texts), **more}


def transact(*actions: dict[str, Any], token: str | None = None) -> Step:
    return "transact_write_items", {
        "TransactItems": list(actions),
        **({} if token is None else {"ClientRequestToken": token}),
    }


def t_put(item: dict[str, Any], condition: str | None = None, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item, **_conditional(condition), **more}}


def t_change(key: dict[str, Any], text: str, condition: str | None = None, **more: Any) -> dict[str, Any]:
    both = {"UpdateExpression": text, **_conditional(condition), **placeholders(text, condition or "")}
    return {"Update": {"TableName": TABLE, "Key": key, **both, **more}}


def t_delete(key: dict[str, Any], condition: str | None = None, **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": TABLE, "Key": key, **_conditional(condition), **more}}


def t_check(key: dict[str, Any], condition: str | None, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": TABLE, "Key": key, **_conditional(condition), **more}}


def _conditional(condition: str | None) -> dict[str, Any]:
    if condition is None:
        return {}
    return {"ConditionExpression": condition, **placeholders(condition)}


OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def keyed(sort: str, **more: Any) -> dict[str, Any]:
    return {"pk": s("p"), "sk": s(sort), **more}


# --- conditions ------------------------------------------------------------------------------------------------------

CONDITIONS = """
num = :five | num = :fiveish | num = :exp | num = same | num = :six | num = :fivetext | num = two | num = gone
:five = num | gone = :five | :five = gone | gone = lost | num <> :five | num <> :six | num <> :fivetext | num <> gone
gone <> :five | gone <> lost | txt = :hello | txt = :hell | txt <> :hello | blank = :blank | bin = :hi | bin <> :hi
yes = :yes | yes = :no | yes = no | nil = :nil | nil = :no | seq[2] = :list | map.y = :map | hollow = :empty_list
void = :empty_map | void = :empty_list | strs = :strs | strs = :strs1 | nums = :nums | bins = :bins | strs <> :strs
num < :six | num < :five | num <= :five | num > :five | num > :two | num >= :five | num >= :six | :two < num
neg < :zero | neg > :zero | two < num | num < two | num < txt | num < :fivetext | gone < :five | :five < gone
gone < lost | gone >= lost | gone BETWEEN lost AND :six | txt < :help | txt > :hell | txt >= txt2 | txt < :accent
bin < :x7f | high > :x7f | high < :x81 | high BETWEEN :x7f AND :x81 | seq < :five | :five < seq | yes < :five
num < :list | :list > num | num >= :yes | num < :nil | num <= :strs | num > :map | :blank < txt
num BETWEEN :two AND :six | num BETWEEN :five AND :five | num BETWEEN :six AND :two | num BETWEEN :two AND :fivetext
num between two and :six | num BETWEEN :zero AND :two | two BETWEEN :one AND num | num BETWEEN :six AND two
txt BETWEEN :hell AND :help | num BETWEEN :list AND :list1 | txt BETWEEN :two AND :six | num BETWEEN gone AND :six
num IN (:five) | num IN (:one, :two, :exp) | num IN (:one, :two) | num IN (:fivetext, same) | gone IN (:five)
gone IN (lost) | txt IN (:hell, txt2, :hello) | seq[2] IN (:list1, :list) | strs IN (:strs) | num in (:five)
attribute_exists(num) | attribute_exists(gone) | attribute_not_exists(num) | attribute_not_exists(gone)
attribute_exists(map.y.z) | attribute_exists(map.y.gone) | attribute_exists(seq[2][1]) | attribute_exists(seq[9])
attribute_exists(num.x) | attribute_exists(num[0]) | attribute_exists(map[0]) | attribute_exists(seq.x)
attribute_exists(#map.#dot) | attribute_exists(nil) | attribute_exists(pk) | attribute_not_exists(pk)
attribute_exists(:five) | attribute_exists(num, two) | attribute_exists(size(num)) | attribute_exists()
attribute_type(txt, :S) | attribute_type(num, :N) | attribute_type(bin, :B) | attribute_type(yes, :BOOL)
attribute_type(nil, :NULL) | attribute_type(seq, :L) | attribute_type(map, :M) | attribute_type(strs, :SS)
attribute_type(nums, :NS) | attribute_type(bins, :BS) | attribute_type(txt, :N) | attribute_type(gone, :S)
attribute_type(txt, :DOG) | attribute_type(txt, :five) | attribute_type(txt, txt2) | attribute_type(map.y.z, :S)
begins_with(txt, :hell) | begins_with(txt, :hello) | begins_with(txt, :ell) | begins_with(txt, :blank)
begins_with(txt, txt2) | begins_with(txt2, txt) | begins_with(:hello, txt2) | begins_with(bin, :hi) | begins_with(txt, :hi)
begins_with(num, :hell) | begins_with(gone, :hell) | begins_with(txt, :five) | begins_with(txt, :list)
begins_with(strs, :a) | begins_with(txt, gone) | begins_with(txt, num) | begins_with(txt)
contains(txt, :ell) | contains(txt, :help) | contains(txt, :blank) | contains(txt, :five) | contains(bin, :ther)
contains(bin, :ell) | contains(strs, :a) | contains(strs, :d) | contains(strs, :five) | contains(nums, :one)
contains(nums, :two) | contains(bins, :hi) | contains(seq, :one) | contains(seq, :two) | contains(seq, :list)
contains(seq, :strs) | contains(seq, :strs1) | contains(map, :five) | contains(num, :five) | contains(gone, :a)
contains(strs, gone) | contains(txt, txt2) | contains(:hello, txt2) | contains(hollow, :one)
size(txt) = :five | size(txt) > :five | size(blank) = :zero | size(bin) > :six | size(strs) = :two | size(nums) = :two
size(seq) > :two | size(map) > :two | size(void) = :zero | size(num) = :one | size(yes) = :one | size(gone) = :zero
size(nil) >= :zero | size(txt) = num | size(txt) = size(seq) | size(txt) <> :hello | size(txt) = :hello
size(txt) BETWEEN :two AND :six | size(txt) IN (:five, :six) | :five = size(txt) | size(txt, txt2) = :five | size(txt)
num = :five AND txt = :hello | num = :five AND txt = :hell | num = :six OR txt = :hello | num = :six OR txt = :hell
NOT num = :six | NOT num = :five | NOT gone = :five | NOT gone <> :five | NOT NOT num = :five | nOt num = :six
num = :five or num = :six and txt = :hell | (num = :five or num = :six) and txt = :hell | NOT num = :six AND gone = :one
NOT (num = :six AND gone = :one) | num BETWEEN :two AND :six AND txt = :hello | ((num = :five)) | (((num = :five) AND (txt = :hello)))
num = :five AND (txt = :hell OR (yes = :yes AND NOT no = :yes)) | attribute_exists(num) AND attribute_not_exists(gone)
NOT attribute_exists(gone) | NOT contains(txt, :ell) OR begins_with(txt, :hell)
map.x = :one | map.y.z = :deep | map.y.w[0] < map.y.w[1] | map.y.w[1] < map.y.w[0] | map.y.w[7] = :one | seq[0] = :one
seq[1] = :two | seq[2][0] < seq[2][1] | #map.#y.z = :deep | #map.#dot = :five | #ttl > :five | #1 = :two | #_ = :hell
num.x = :five | seq.x = :five | map[0] = :five
num = | = num | num :five | num == :five | num != :five | (num = :five | num = :five) | num = :five AND | AND num = :five
num = 5 | num = 'x' | num IN () | num IN :five | num BETWEEN :two | num BETWEEN :two :six | num | :five | num.= :five
.num = :five | num. x = :five | num [0] = :five | seq[ 0 ] = :one | seq[:one] = :one | seq[-1] = :one | seq[a] = :one
_num = :five | 5num = :five | num@x = :five | num-x = :five | "num" = :five | ttl = :five | status = :five | Name = :five
dog(num) | dog(num) = :five | if_not_exists(num, :one) = :five | list_append(seq, :list) = :list | ATTRIBUTE_EXISTS(num)
SIZE(txt) = :five | attribute_exists(num) = :yes | num = num | num = #num | #same < num | contains(txt, txt) | num IN (:five, num)
num BETWEEN num AND :six | begins_with(txt, txt) | NOT | () | num = :undefined | #undefined = :five | num = : | # = :five
"""


def _texts(block: str) -> list[str]:
    found = [text.strip() for line in block.strip().splitlines() for text in line.split(" | ")]
    return list(dict.fromkeys(found))


def condition_cases() -> Iterable[Case]:
    """Each condition against an item; what asks for absence also where there is none."""
    for text in _texts(CONDITIONS):
        check = {"ConditionExpression": text, **placeholders(text), **OLD}
        yield Case(f"if {text}", [put(ITEM), delete(KEY, **check)])
    for text in ("attribute_not_exists(pk)", "attribute_exists(pk)", "gone <> :five", "NOT gone = :five", "pk <> :p",
                 "gone = :five", "size(gone) = :zero", "attribute_not_exists(pk) OR num = :five"):  # fmt: skip
        check = {"ConditionExpression": text, **placeholders(text), **OLD}
        yield Case(f"if {text}, without an item", [put(ABSENT, **check)])


# --- updates ---------------------------------------------------------------------------------------------------------

UPDATES = """
SET fresh = :one | SET num = :six, txt = :hell | set num = :six | SET num = two | SET fresh = map.y.w[1] | SET num = gone
SET fresh = :one, other = fresh | SET num = num + :one | SET num = num - :six | SET num = :one + num | SET num = num + same
SET num = num + gone | SET num = gone + :one | SET txt = txt + :one | SET num = num + :hello | SET num = :hello + :one
SET num = :one + :two + :five | SET num = :huge + :huge | SET num = :huge - :tiny | SET num = :e50 + :one
SET num = :long + :one | SET num = neg - neg | SET fresh = :tiny - :tiny | SET num = num + :neg
SET fresh = if_not_exists(fresh, :one) | SET num = if_not_exists(num, :one) | SET fresh = if_not_exists(num, :one)
SET fresh = if_not_exists(gone, num) | SET fresh = if_not_exists(gone, lost) | SET fresh = if_not_exists(fresh, :zero) + :one
SET fresh = if_not_exists(gone, if_not_exists(lost, :one)) | SET fresh = if_not_exists(:one, :two)
SET fresh = if_not_exists(num) | SET fresh = if_not_exists(fresh, :one + :two) | SET fresh = if_not_exists(map.y.z, :one)
SET seq = list_append(seq, :list) | SET seq = list_append(:list, seq) | SET fresh = list_append(:list, :list1)
SET fresh = list_append(gone, :list) | SET fresh = list_append(txt, :list) | SET fresh = list_append(:list, :hello)
SET fresh = list_append(if_not_exists(fresh, :empty_list), :list) | SET fresh = list_append(:list) | SET fresh = dog(num)
SET fresh = list_append(list_append(:list, :list1), :list) | SET fresh = LIST_APPEND(:list, :list) | SET fresh = size(txt)
SET map.x = :five | SET map.fresh = :five | SET map.y.w[0] = :five | SET map.y.w[9] = :five | SET seq[1] = :five
SET seq[9] = :five, seq[5] = :six, seq[7] = :two | SET map.y.z = map.x | SET #map.#dot = :one | SET #new = :one
SET gone.x = :one | SET gone[0] = :one | SET num.x = :one | SET num[0] = :one | SET seq.x = :one | SET map[0] = :one
SET map.gone.x = :one | SET seq[9].x = :one | SET map.y = :five, map.x = :six | SET seq[0] = seq[1], seq[1] = seq[0]
REMOVE num | REMOVE num, txt | REMOVE gone | REMOVE map.x | REMOVE map.gone | REMOVE map.y.z, map.x | REMOVE seq[0]
REMOVE seq[0], seq[2] | REMOVE seq[9] | REMOVE seq[2][0] | REMOVE seq[0], seq[2][0] | REMOVE gone.x | REMOVE gone[0]
REMOVE num.x | REMOVE seq.x | REMOVE map[0] | REMOVE map.gone.x | REMOVE void.x | REMOVE hollow[0] | REMOVE #new
REMOVE seq[1] SET seq[3] = :five | SET seq[3] = :five REMOVE seq[1] | REMOVE seq[0] SET seq[9] = :five
REMOVE num SET fresh = num | SET fresh = num REMOVE num
ADD num :one | ADD num :neg | ADD fresh :one | ADD txt :one | ADD num :hello | ADD num :list | ADD strs :strs2 | ADD nums :nums1
ADD fresh :strs | ADD strs :nums | ADD num :strs | ADD strs :a | ADD map.x :one | ADD map.fresh :one | ADD gone.x :one
ADD num :huge, two :one | ADD num two | ADD num :one :two
DELETE strs :strs1 | DELETE strs :strs | DELETE strs :strs2 | DELETE gone :strs | DELETE nums :nums1 | DELETE strs :nums
DELETE num :strs | DELETE strs :a | DELETE num :one | DELETE bins :bins
SET num = :one REMOVE txt ADD two :one DELETE strs :strs1 | REMOVE txt SET num = :one | SET num = :one SET two = :two
SET num = :one REMOVE num | SET num = :one, num = :two | SET num = :one, #num = :two | SET map = :one, map.x = :two
SET map.x = :one, map.x.q = :two | SET seq[1] = :one, seq[1][0] = :two | SET map.x = :one, map[1] = :two
SET map.y.z = :one, map.y[2] = :two | ADD num :one SET num = :two | REMOVE num, num | SET num = :one REMOVE map.x, map.y.w[0]
SET pk = :s | SET sk = :p | REMOVE pk | ADD sk :one | SET pk.x = :one | SET #pk = :s | SET num = pk
SET | SET num | SET num = | SET num :one | SET = :one | SET num = :one, | SET num = :one two = :two | REMOVE | REMOVE num txt
HELLO num = :one | SET :one = num | SET num = :one + | SET num = (:one) | SET num == :one | ADD num | DELETE strs | SET ttl = :one
SET _num = :one | SET 5num = :one | SET num[ = :one | SET num[1 = :one | SET seq[:one] = :one | SET num = :undefined
SET #undefined = :one | SET num = :one; | SET a.b = :one, a.b = :two | SET num = num
"""


def update_cases() -> Iterable[Case]:
    """Each update of an item, with all that it shows of it; some also where there is no item."""
    for text in _texts(UPDATES):
        yield Case(f"do {text}", [put(ITEM), change(KEY, text, ReturnValues="UPDATED_NEW"), get(KEY)])
    for text in ("SET num = :one", "SET num = num + :one", "SET num = if_not_exists(num, :zero) + :one", "ADD num :one",
                 "ADD strs :strs", "REMOVE num", "REMOVE gone.x", "REMOVE gone[0]", "SET gone.x = :one",
                 "DELETE strs :strs", "SET fresh = pk"):  # fmt: skip
        yield Case(f"do {text}, without an item", [change(ABSENT, text, ReturnValues="ALL_NEW"), get(ABSENT)])
    for kind in ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW", "DOG"):
        for text in ("SET num = :six, fresh = :one REMOVE txt", "SET map.x = :five, map.y.w[1] = :two", "REMOVE gone",
                     "REMOVE seq[0] SET seq[2] = :five", "ADD strs :strs2, num :one"):  # fmt: skip
            yield Case(f"return {kind} of {text}", [put(ITEM), change(KEY, text, ReturnValues=kind)])
        yield Case(f"return {kind} of a new item", [change(ABSENT, "SET num = :six", ReturnValues=kind)])
        yield Case(
            f"return {kind} of puts and deletes",
            [put(ITEM), put({**KEY, "num": n(1)}, ReturnValues=kind), delete(KEY, ReturnValues=kind),
             delete(KEY, ReturnValues=kind), put(KEY, ReturnValues=kind)],
        )  # fmt: skip


# --- reads -----------------------------------------------------------------------------------------------------------

SORTS = ("A#1", "A#2", "A#3", "B", "B#1", "C", "a", "é", "\U0001f600", "\uffee")
BOOK = [put(keyed(sort, num=n(at), g1pk=s("W#1"), g1sk=n(at / 2))) for at, sort in enumerate(SORTS)]

KEY_CONDITIONS = """
pk = :p | #pk = :p AND #sk = :sB | pk = :p AND sk < :sB | pk = :p AND sk <= :sB | pk = :p AND sk > :sB
pk = :p AND sk >= :sB | pk = :p AND sk BETWEEN :sA AND :sB1 | pk = :p AND begins_with(sk, :sA) | sk = :sB AND pk = :p
pk = :p AND begins_with(sk, :blank) | (pk = :p) AND (sk = :sB) | ((pk = :p) AND (sk = :sB)) | pk = :p AND sk > :sz
pk = :p AND sk BETWEEN :sB1 AND :sA | pk = :q | pk = :p and sk between :sA AND :sB1
pk = :p AND sk <> :sB | pk = :p OR sk = :sB | NOT pk = :p | pk = :p AND NOT sk = :sB | pk > :p | sk = :sB | num = :one
pk = :p AND num = :one | pk = :p AND sk IN (:sB) | pk = :p AND contains(sk, :sB) | pk = :p AND attribute_exists(sk)
pk = :p AND sk > :sA AND sk < :sB1 | pk = :p AND pk = :p | pk = :one | pk = :p AND sk = :one | pk = :p AND begins_with(sk, :one)
pk = sk | pk = :p AND sk.x = :sB | pk | pk = :blank | pk = :p AND sk = :blank | pk = :p AND size(sk) = :one
pk = :p AND begins_with(pk, :p) | dog(pk, :p) | pk = :p AND sk = :undefined
"""
INDEX_CONDITIONS = """
g1pk = :w | g1pk = :w AND g1sk <= :two | g1pk = :w AND g1sk < :two | g1pk = :w AND g1sk = :two | g1pk = :w AND g1sk > :two
g1pk = :w AND g1sk >= :exp | g1pk = :w AND g1sk BETWEEN :one AND :two | g1pk = :w AND begins_with(g1sk, :two)
g1pk = :w AND g1sk = :hello | pk = :p | g1pk = :w AND sk = :sB | g1pk = :one | g1sk = :two
"""
VALUES |= {
    ":sA": s("A"), ":sB": s("B"), ":sB1": s("B#1"), ":sz": s("zz"), ":q": s("q"), ":w": s("W#1"), ":three": n(3),
}  # fmt: skip


def read_cases() -> Iterable[Case]:
    for text in _texts(KEY_CONDITIONS):
        yield Case(f"query {text}", [*BOOK, query(text, ConsistentRead=True)])
    for text in _texts(INDEX_CONDITIONS):
        yield Case(f"query the index: {text}", [*BOOK, query(text, IndexName="due")])
    yield from _page_cases()
    for text in ("num", "num, txt", "map.y.z", "map.x, map.y.w[1]", "seq[2][1], seq[0]", "gone", "num, gone.x", "#ttl",
                 "#map.#dot", "num, num", "map, map.x", "ttl", "num,", "", ":one", "seq[0], seq.x", "pk, sk"):  # fmt: skip
        shown = {"ProjectionExpression": text, **placeholders(text)}
        yield Case(f"show {text}", [put(ITEM), get(KEY, **shown), query("pk = :p", **{
            "ProjectionExpression": text, **{k: v for k, v in shown.items() if k == "ExpressionAttributeNames"}})])  # fmt: skip
    yield Case("get nothing", [get(ABSENT)])
    for name, key in {
        "half a key": {"pk": s("p")}, "more than a key": {**KEY, "x": s("x")}, "an empty key": {"pk": s(""), "sk": s("s")},
        "an empty sort key": {"pk": s("p"), "sk": s("")}, "a key of numbers": {"pk": n(1), "sk": s("s")},
        "another key": {"pk": s("p"), "x": s("s")}, "a long key": {"pk": s("p" * 2048), "sk": s("s" * 1024)},
        "too long a key": {"pk": s("p" * 2049), "sk": s("s")}, "too long a sort key": {"pk": s("p"), "sk": s("s" * 1025)},
        "a long key of accents": {"pk": s("é" * 1025), "sk": s("s")},
    }.items():  # fmt: skip
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
        "of the index before one": [query("g1pk = :w", IndexName="due", ExclusiveStartKey=entry, ScanIndexForward=False)],
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
        "of no table": [("query", {"TableName": "missing-table", "KeyConditionExpression": "pk = :p",
                                   "ExpressionAttributeValues": {":p": s("p")}})],
    }  # fmt: skip
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
        "some attributes": {TABLE: {"Keys": keys, "ProjectionExpression": "#num", "ExpressionAttributeNames": {"#num": "num"}}},
        "a name not used": {TABLE: {"Keys": keys, "ProjectionExpression": "sk", "ExpressionAttributeNames": {"#num": "num"}}},
        "a hundred": {TABLE: {"Keys": [keyed(str(at)) for at in range(100)]}},
        "a hundred and one": {TABLE: {"Keys": [keyed(str(at)) for at in range(101)]}},
        "half a key": {TABLE: {"Keys": [{"pk": s("p")}]}},
        "no table": {"missing-table": {"Keys": keys}},
    }  # fmt: skip
    for name, items in wanted.items():
        yield Case(f"read at once {name}", [*BOOK[:3], ("batch_get_item", {"RequestItems": items})])


# --- values ----------------------------------------------------------------------------------------------------------


def value_cases() -> Iterable[Case]:
    numbers = ["0", "-0", "+3", "007", "1.50", ".5", "5.", "1e3", "1E+3", "-17.4E37", "1e-3", "1767614400.0", "0e1000", "1e125",
               "9.99e125", "1e126", "1e-130", "1e-131", "1" * 38, "1" * 39, "0." + "1" * 38, "0." + "1" * 39, "1" * 38 + "0",
               "", " 1", "1 ", "NaN", "Infinity", "dog", "1_000", "0x10", "1e", "--1", "12345678901234567890.5"]  # fmt: skip
    for text in numbers:
        yield Case(f"store the number {text!r}", [put({**KEY, "num": n(text)}), get(KEY)])
    deep: dict[str, Any] = n(1)
    for _ in range(31):
        deep = lst(deep)
    values: dict[str, Any] = {
        "no type": {}, "two types": {"S": "a", "N": "1"}, "an empty set": {"SS": []}, "a set with twins": {"SS": ["a", "a"]},
        "a set with equal numbers": {"NS": ["1", "1.0"]}, "a false null": {"NULL": False}, "a bad number": {"NS": ["x"]},
        "a set with an empty string": {"SS": ["", "a"]}, "a number that is none": {"N": 5}, "a string that is none": {"S": 5},
        "an unknown type": {"X": "a"}, "a bare string": "a", "an empty string in a list": lst(s("")), "bytes": b(b""),
        "a deep list": deep, "too deep a list": lst(deep), "a map with a bad number": mp(x=n("dog")),
        "a bytearray": {"B": bytearray(b"ab")}, "a long string": s("x" * 409_000), "too long a string": s("x" * 409_600),
    }  # fmt: skip
    for name, value in values.items():
        yield Case(f"store {name}", [put({**KEY, "any": value}), get(KEY)])
        asked = {"UpdateExpression": "SET other = :v", "ExpressionAttributeValues": {":v": value}}
        yield Case(f"set {name}", [("update_item", {"TableName": TABLE, "Key": KEY, **asked}), get(KEY)])
    for name, entry in {
        "a number as shard": {"g1pk": n(1), "g1sk": n(1)}, "a string as due time": {"g1pk": s("W"), "g1sk": s("1")},
        "an empty shard": {"g1pk": s(""), "g1sk": n(1)}, "a shard alone": {"g1pk": s("W")}, "a due time alone": {"g1sk": n(1)},
        "a string as due time alone": {"g1sk": s("x")},
    }.items():  # fmt: skip
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
        "an unused value beside a condition": ("delete_item", {**base, "ConditionExpression": "attribute_exists(pk)", **value}),
        "an unused name beside a condition": put(ITEM, ConditionExpression="attribute_exists(pk)", **name),
        "a bad value beside a good one": ("update_item", {**base, "UpdateExpression": "SET num = :one",
                                                          "ExpressionAttributeValues": {":one": n("x")}}),
        "a name with a bad letter": ("update_item", {**base, "UpdateExpression": "SET #a-b = :one", **value,
                                                     "ExpressionAttributeNames": {"#a-b": "num"}}),
        "no update expression": ("update_item", base),
        "an empty update expression": ("update_item", {**base, "UpdateExpression": ""}),
        "an empty condition": ("delete_item", {**base, "ConditionExpression": ""}),
        "a blank condition": ("delete_item", {**base, "ConditionExpression": " "}),
        "a condition alone": ("update_item", {**base, "ConditionExpression": "attribute_exists(pk)"}),
        "a failing condition alone": ("update_item", {**base, "ConditionExpression": "attribute_not_exists(pk)", **OLD}),
        "a failing condition without its item": ("update_item", {**base, "ConditionExpression": "attribute_not_exists(pk)"}),
        "a failing condition of an absent item": delete(ABSENT, ConditionExpression="attribute_exists(pk)", **OLD),
        "an unknown return": ("delete_item", {**base, "ReturnValuesOnConditionCheckFailure": "DOG",
                                              "ConditionExpression": "attribute_exists(pk)"}),
        "an unknown parameter": ("get_item", {**base, "Consistent": True}),
        "no table name": ("get_item", {"Key": KEY}),
        "no key": ("get_item", {"TableName": TABLE}),
        "no such table": ("put_item", {"TableName": "missing-table", "Item": KEY}),
        "no item": ("put_item", {"TableName": TABLE}),
        "an update that changes nothing": change(KEY, "SET num = :five"),
        "an update past the largest item": ("update_item", {**base, "UpdateExpression": "SET big = :v",
                                            "ExpressionAttributeValues": {":v": s("x" * 409_400)}}),
        "a hundred options": ("delete_item", {**base, "ConditionExpression": f"num IN ({', '.join([':one'] * 100)})", **value}),
        "a hundred and one options": ("delete_item", {**base, **value,
                                      "ConditionExpression": f"num IN ({', '.join([':one'] * 101)})"}),
        "too long an expression": ("delete_item", {**base, "ConditionExpression": f"attribute_exists(pk){' ' * 4097}"}),
    }  # fmt: skip
    for title, step in requests.items():
        yield Case(f"ask with {title}", [put(ITEM), step, get(KEY)])


# --- transactions ----------------------------------------------------------------------------------------------------


def transaction_cases() -> Iterable[Case]:
    one, two, three = keyed("1", num=n(1)), keyed("2", num=n(2)), keyed("3", num=n(3))
    new, there = "attribute_not_exists(pk)", "attribute_exists(pk)"
    large = [keyed(f"{at:02}", txt=s("x" * 100_000)) for at in range(50)]
    bad_update = t_change(keyed("1"), "SET num = num + gone")
    steps: dict[str, list[Step]] = {
        "all kinds": [put(one), put(two), transact(t_put(three, new), t_change(keyed("1"), "SET num = :five", "num = :one"),
                      t_delete(keyed("2"), there), t_check(ABSENT, new))],
        "without conditions": [transact(t_put(one), t_change(keyed("2"), "SET num = :five"), t_delete(keyed("3")))],
        "one refused": [put(one), transact(t_put(two), t_put(three, new), t_put(one, new, **OLD))],
        "two refused": [put(one), put(two), transact(t_put(one, new, **OLD), t_put(three), t_put(two, new))],
        "all refused": [put(one), transact(t_put(one, new), t_check(ABSENT, there), t_delete(keyed("9"), there, **OLD))],
        "a refused delete": [put(one), transact(t_delete(keyed("1"), "num = :five", **OLD), t_put(two))],
        "a refused update": [put(one), transact(t_change(keyed("1"), "SET num = :six", "num = :five", **OLD))],
        "a refused check": [put(one), transact(t_check(keyed("1"), "num = :five", **OLD), t_put(two))],
        "a check that holds": [put(one), transact(t_check(keyed("1"), "num = :one"), t_put(two))],
        "a check without a condition": [transact(t_check(keyed("1"), None))],
        "an update that cannot be": [put(one), transact(bad_update, t_put(two))],
        "an update that cannot be, and a refusal": [put(one), put(two), transact(bad_update, t_put(two, new, **OLD))],
        "a refusal before its update": [put(one), transact(t_change(keyed("1"), "SET num = num + gone", "num = :five"))],
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
        "an empty set": [transact(t_put(keyed("1", any={"SS": []})), t_put(two))],
        "an unknown return": [transact(t_put(one, new, ReturnValuesOnConditionCheckFailure="DOG"))],
        "no such table": [transact({"Put": {"TableName": "missing-table", "Item": KEY}})],
        "an unknown parameter": [transact({"Put": {"TableName": TABLE, "Item": KEY, "Key": KEY}})],
        "an update without an expression": [transact({"Update": {"TableName": TABLE, "Key": keyed("1")}})],
        "too large an item": [transact(t_put(keyed("1", txt=s("x" * 410_000))), t_put(two))],
        "too large an item by an update": [put(keyed("1", txt=s("x" * 300_000))), transact(t_put(two), {"Update": {
            "TableName": TABLE, "Key": keyed("1"), "UpdateExpression": "SET other = :v",
            "ExpressionAttributeValues": {":v": s("x" * 200_000)}}})],
        "three megabytes": [transact(*(t_put(item) for item in large[:30]))],
        "five megabytes": [transact(*(t_put(item) for item in large))],
        "a wrong key before a refusal": [put(one), transact(t_put({"pk": n(1), "sk": s("s")}), t_put(one, new))],
        "two wrong keys": [transact(t_put({"pk": n(1), "sk": s("s")}), t_put({"pk": n(2), "sk": s("s")}))],
        "a token twice": [put(one), *[transact(t_change(keyed("1"), "SET num = num + :one"), token="t-1")] * 2],
        "a token with another request": [transact(t_put(one), token="t-2"), transact(t_put(two), token="t-2")],
        "a token after a refusal": [put(one), transact(t_put(one, new), token="t-3"), delete(keyed("1")),
                                    transact(t_put(one, new), token="t-3"), transact(t_put(one, new), token="t-3")],
        "a token after a refusal, with another request": [put(one), transact(t_put(one, new), token="t-4"),
                                                          transact(t_put(two), token="t-4")],
        "no token twice": [put(one), *[transact(t_change(keyed("1"), "SET num = num + :one"))] * 2],
        "a token with another order": [transact(t_put(one), t_put(two), token="t-5"),
                                       transact(t_put(two), t_put(one), token="t-5")],
        "a token with other values": [put(one), transact(t_put(one, "num = :one"), token="t-6"),
                                      transact(t_put(one, "num = :two"), token="t-6")],
        "the longest token": [transact(t_put(one), token="t" * 36)],
        "too long a token": [transact(t_put(one), token="t" * 37)],
        "an empty token": [transact(t_put(one), token="")],
    }  # fmt: skip
    for name, case in steps.items():
        yield Case(f"transact {name}", [*case, scan()])


def all_cases() -> list[Case]:
    return [
        *condition_cases(), *update_cases(), *read_cases(), *value_cases(), *request_cases(), *transaction_cases(),
    ]  # fmt: skip
