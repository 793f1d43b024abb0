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
    "nay": FALSE,
    "nil": NULL,
    "seq": lst(n(1), s("two"), lst(n(3), n(4)), {"SS": ["a", "b"]}),
    "doc": {"M": {"x": n(1), "y": mp(z=s("deep"), w=lst(n(7), n(8))), "dot.ted": n(7)}},
    "strs": {"SS": ["b", "a"]},
    "nums": {"NS": ["2.50", "1"]},
    "bins": {"BS": [b"x", b"hi"]},
    "hollow": lst(),
    "bare": mp(),
    "ttl": n(100),
}
VALUES: dict[str, dict[str, Any]] = {
    ":zero": n(0),
    ":one": n(1),
    ":half": n("0.5"),
    ":two": n(2),
    ":five": n(5),
    ":fiveish": n("5.00"),
    ":exp": n("0.5e1"),
    ":six": n(6),
    ":neg": n("-1.5"),
    ":tiny": n("1e-130"),
    ":huge": n("9e125"),
    ":long": n("1" * 38),
    ":e50": n("1e50"),
    ":hello": s("hello"),
    ":hell": s("hell"),
    ":help": s("help"),
    ":ell": s("ell"),
    ":blank": s(""),
    ":fivetext": s("5"),
    ":a": s("a"),
    ":d": s("d"),
    ":deep": s("deep"),
    ":accent": s("é"),
    ":hi": b(b"hi"),
    ":ther": b(b"ther"),
    ":x7f": b(b"\x7f"),
    ":x81": b(b"\x81"),
    ":yes": TRUE,
    ":no": FALSE,
    ":nil": NULL,
    ":list": lst(n(3), n(4)),
    ":list1": lst(n(1)),
    ":map": mp(z=s("deep"), w=lst(n(7), n(8))),
    ":empty_list": lst(),
    ":empty_map": mp(),
    ":strs": {"SS": ["a", "b"]},
    ":strs1": {"SS": ["a"]},
    ":strs2": {"SS": ["b", "c"]},
    ":nums": {"NS": ["1", "2.5"]},
    ":nums1": {"NS": ["1.0", "7"]},
    ":bins": {"BS": [b"hi", b"x"]},
    ":S": s("S"),
    ":N": s("N"),
    ":B": s("B"),
    ":BOOL": s("BOOL"),
    ":NULL": s("NULL"),
    ":L": s("L"),
    ":M": s("M"),
    ":SS": s("SS"),
    ":NS": s("NS"),
    ":BS": s("BS"),
    ":DOG": s("DOG"),
    ":p": s("p"),
    ":s": s("s"),
}
NAMES = {
    "#ttl": "ttl",
    "#map": "doc",
    "#dot": "dot.ted",
    "#y": "y",
    "#num": "num",
    "#txt": "txt",
    "#new": "new one!",
    "#pk": "pk",
    "#sk": "sk",
    "#seq": "seq",
    "#1": "two",
    "#_": "txt2",
    "#same": "num",
}


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
        "TableName": TABLE,
        "Key": key,
        "UpdateExpression": text,
        **conditional,
        **placeholders(text, condition or ""),
        **more,
    }


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
yes = :yes | yes = :no | yes = nay | nil = :nil | nil = :no | seq[2] = :list | doc.y = :map | hollow = :empty_list
bare = :empty_map | bare = :empty_list | strs = :strs | strs = :strs1 | nums = :nums | bins = :bins | strs <> :strs
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
attribute_exists(doc.y.z) | attribute_exists(doc.y.gone) | attribute_exists(seq[2][1]) | attribute_exists(seq[9])
attribute_exists(num.x) | attribute_exists(num[0]) | attribute_exists(doc[0]) | attribute_exists(seq.x)
attribute_exists(#map.#dot) | attribute_exists(nil) | attribute_exists(pk) | attribute_not_exists(pk)
attribute_exists(:five) | attribute_exists(num, two) | attribute_exists(size(num)) | attribute_exists()
attribute_type(txt, :S) | attribute_type(num, :N) | attribute_type(bin, :B) | attribute_type(yes, :BOOL)
attribute_type(nil, :NULL) | attribute_type(seq, :L) | attribute_type(doc, :M) | attribute_type(strs, :SS)
attribute_type(nums, :NS) | attribute_type(bins, :BS) | attribute_type(txt, :N) | attribute_type(gone, :S)
attribute_type(txt, :DOG) | attribute_type(txt, :five) | attribute_type(txt, txt2) | attribute_type(doc.y.z, :S)
begins_with(txt, :hell) | begins_with(txt, :hello) | begins_with(txt, :ell) | begins_with(txt, :blank)
begins_with(txt, txt2) | begins_with(txt2, txt) | begins_with(:hello, txt2) | begins_with(bin, :hi)
begins_with(txt, :hi) | begins_with(num, :hell) | begins_with(gone, :hell) | begins_with(txt, :five)
begins_with(txt, :list) | begins_with(strs, :a) | begins_with(txt, gone) | begins_with(txt, num) | begins_with(txt)
contains(txt, :ell) | contains(txt, :help) | contains(txt, :blank) | contains(txt, :five) | contains(bin, :ther)
contains(bin, :ell) | contains(strs, :a) | contains(strs, :d) | contains(strs, :five) | contains(nums, :one)
contains(nums, :two) | contains(bins, :hi) | contains(seq, :one) | contains(seq, :two) | contains(seq, :list)
contains(seq, :strs) | contains(seq, :strs1) | contains(doc, :five) | contains(num, :five) | contains(gone, :a)
contains(strs, gone) | contains(txt, txt2) | contains(hollow, :one) | size(txt) = :five | size(txt) > :five
size(blank) = :zero | size(bin) > :six | size(strs) = :two | size(nums) = :two | size(seq) > :two | size(doc) > :two
size(bare) = :zero | size(num) = :one | size(yes) = :one | size(gone) = :zero | size(nil) >= :zero | size(txt) = num
size(txt) = size(seq) | size(txt) <> :hello | size(txt) = :hello | size(txt) BETWEEN :two AND :six
size(txt) IN (:five, :six) | :five = size(txt) | size(txt, txt2) = :five | size(txt) | num = :five AND txt = :hello
num = :five AND txt = :hell | num = :six OR txt = :hello | num = :six OR txt = :hell | NOT num = :six
NOT num = :five | NOT gone = :five | NOT gone <> :five | NOT NOT num = :five | nOt num = :six
num = :five or num = :six and txt = :hell | (num = :five or num = :six) and txt = :hell
NOT num = :six AND gone = :one | NOT (num = :six AND gone = :one) | num BETWEEN :two AND :six AND txt = :hello
((num = :five)) | (((num = :five) AND (txt = :hello)))
num = :five AND (txt = :hell OR (yes = :yes AND NOT nay = :yes))
attribute_exists(num) AND attribute_not_exists(gone) | NOT attribute_exists(gone)
NOT contains(txt, :ell) OR begins_with(txt, :hell) | doc.x = :one | doc.y.z = :deep | doc.y.w[0] < doc.y.w[1]
doc.y.w[1] < doc.y.w[0] | doc.y.w[7] = :one | seq[0] = :one | seq[1] = :two | seq[2][0] < seq[2][1]
#map.#y.z = :deep | #map.#dot = :five | #ttl > :five | #1 = :two | #_ = :hell | num.x = :five | seq.x = :five
doc[0] = :five | num = | = num | num :five | num == :five | num != :five | (num = :five | num = :five)
num = :five AND | AND num = :five | num = 5 | num = 'x' | num IN () | num IN :five | num BETWEEN :two
num BETWEEN :two :six | num | :five | num.= :five | .num = :five | num. x = :five | num [0] = :five | seq[ 0 ] = :one
seq[:one] = :one | seq[-1] = :one | seq[a] = :one | _num = :five | 5num = :five | num@x = :five | num-x = :five
"num" = :five | ttl = :five | status = :five | Name = :five | dog(num) | dog(num) = :five
if_not_exists(num, :one) = :five | list_append(seq, :list) = :list | ATTRIBUTE_EXISTS(num) | SIZE(txt) = :five
attribute_exists(num) = :yes | num = num | num = #num | #same < num | contains(txt, txt) | num IN (:five, num)
num BETWEEN num AND :six | begins_with(txt, txt) | NOT | () | num = :undefined | #undefined = :five | num = :
# = :five
"""


def texts(block: str) -> list[str]:
    found = [text.strip() for line in block.strip().splitlines() for text in line.split(" | ")]
    return list(dict.fromkeys(found))


def condition_cases() -> Iterable[Case]:
    """Each condition against an item; what asks for absence also where there is none."""
    for text in texts(CONDITIONS):
        check = {"ConditionExpression": text, **placeholders(text), **OLD}
        yield Case(f"if {text}", [put(ITEM), delete(KEY, **check)])
    for text in (
        "attribute_not_exists(pk)",
        "attribute_exists(pk)",
        "gone <> :five",
        "NOT gone = :five",
        "pk <> :p",
        "gone = :five",
        "size(gone) = :zero",
        "attribute_not_exists(pk) OR num = :five",
    ):
        check = {"ConditionExpression": text, **placeholders(text), **OLD}
        yield Case(f"if {text}, without an item", [put(ABSENT, **check)])


# --- updates ---------------------------------------------------------------------------------------------------------

UPDATES = """
SET fresh = :one | SET num = :six, txt = :hell | set num = :six | SET num = two | SET fresh = doc.y.w[1]
SET num = gone | SET fresh = :one, extra = fresh | SET num = num + :one | SET num = num - :six | SET num = :one + num
SET num = num + same | SET num = num + gone | SET num = gone + :one | SET txt = txt + :one | SET num = num + :hello
SET num = :hello + :one | SET num = :one + :two + :five | SET num = :huge + :huge | SET num = :huge - :tiny
SET num = :e50 + :one | SET num = :long + :one | SET num = neg - neg | SET fresh = :tiny - :tiny
SET num = num + :neg | SET fresh = if_not_exists(fresh, :one) | SET num = if_not_exists(num, :one)
SET fresh = if_not_exists(num, :one) | SET fresh = if_not_exists(gone, num) | SET fresh = if_not_exists(gone, lost)
SET fresh = if_not_exists(fresh, :zero) + :one | SET fresh = if_not_exists(gone, if_not_exists(lost, :one))
SET fresh = if_not_exists(:one, :two) | SET fresh = if_not_exists(num) | SET fresh = if_not_exists(fresh, :one + :two)
SET fresh = if_not_exists(doc.y.z, :one) | SET seq = list_append(seq, :list) | SET seq = list_append(:list, seq)
SET fresh = list_append(:list, :list1) | SET fresh = list_append(gone, :list) | SET fresh = list_append(txt, :list)
SET fresh = list_append(:list, :hello) | SET fresh = list_append(if_not_exists(fresh, :empty_list), :list)
SET fresh = list_append(:list) | SET fresh = dog(num) | SET fresh = list_append(list_append(:list, :list1), :list)
SET fresh = LIST_APPEND(:list, :list) | SET fresh = size(txt) | SET doc.x = :five | SET doc.fresh = :five
SET doc.y.w[0] = :five | SET doc.y.w[9] = :five | SET seq[1] = :five
SET seq[9] = :five, seq[5] = :six, seq[7] = :two | SET doc.y.z = doc.x | SET #map.#dot = :one | SET #new = :one
SET gone.x = :one | SET gone[0] = :one | SET num.x = :one | SET num[0] = :one | SET seq.x = :one | SET doc[0] = :one
SET doc.gone.x = :one | SET seq[9].x = :one | SET doc.y = :five, doc.x = :six | SET seq[0] = seq[1], seq[1] = seq[0]
REMOVE num | REMOVE num, txt | REMOVE gone | REMOVE doc.x | REMOVE doc.gone | REMOVE doc.y.z, doc.x | REMOVE seq[0]
REMOVE seq[0], seq[2] | REMOVE seq[9] | REMOVE seq[2][0] | REMOVE seq[0], seq[2][0] | REMOVE gone.x | REMOVE gone[0]
REMOVE num.x | REMOVE seq.x | REMOVE doc[0] | REMOVE doc.gone.x | REMOVE bare.x | REMOVE hollow[0] | REMOVE #new
REMOVE seq[1] SET seq[3] = :five | SET seq[3] = :five REMOVE seq[1] | REMOVE seq[0] SET seq[9] = :five
REMOVE num SET fresh = num | SET fresh = num REMOVE num | ADD num :one | ADD num :half | ADD neg :half
SET neg = neg - :half | ADD num :neg
ADD fresh :one | ADD txt :one
ADD num :hello | ADD num :list | ADD strs :strs2 | ADD nums :nums1 | ADD fresh :strs | ADD strs :nums | ADD num :strs
ADD strs :a | ADD doc.x :one | ADD doc.fresh :one | ADD gone.x :one | ADD num :huge, two :one | ADD num two
ADD num :one :two | DELETE strs :strs1 | DELETE strs :strs | DELETE strs :strs2 | DELETE gone :strs
DELETE nums :nums1 | DELETE strs :nums | DELETE num :strs | DELETE strs :a | DELETE num :one | DELETE bins :bins
SET num = :one REMOVE txt ADD two :one DELETE strs :strs1 | REMOVE txt SET num = :one | SET num = :one SET two = :two
SET num = :one REMOVE num | SET num = :one, num = :two | SET num = :one, #num = :two | SET doc = :one, doc.x = :two
SET doc.x = :one, doc.x.q = :two | SET seq[1] = :one, seq[1][0] = :two | SET doc.x = :one, doc[1] = :two
SET doc.y.z = :one, doc.y[2] = :two | ADD num :one SET num = :two | REMOVE num, num
SET num = :one REMOVE doc.x, doc.y.w[0] | SET pk = :s | SET sk = :p | REMOVE pk | ADD sk :one | SET pk.x = :one
SET #pk = :s | SET num = pk | SET | SET num | SET num = | SET num :one | SET = :one | SET num = :one,
SET num = :one two = :two | REMOVE | REMOVE num txt | HELLO num = :one | SET :one = num | SET num = :one +
SET num == :one | ADD num | DELETE strs | SET ttl = :one | SET _num = :one | SET 5num = :one | SET num[ = :one
SET num[1 = :one | SET seq[:one] = :one | SET num = :undefined | SET #undefined = :one | SET num = :one;
SET a.b = :one, a.b = :two | SET num = num
"""


def update_cases() -> Iterable[Case]:
    """Each update of an item, with all that it shows of it; some also where there is no item."""
    for text in texts(UPDATES):
        yield Case(f"do {text}", [put(ITEM), change(KEY, text, ReturnValues="UPDATED_NEW"), get(KEY)])
    for text in (
        "SET num = :one",
        "SET num = num + :one",
        "SET num = if_not_exists(num, :zero) + :one",
        "ADD num :one",
        "ADD strs :strs",
        "REMOVE num",
        "REMOVE gone.x",
        "REMOVE gone[0]",
        "SET num = :one REMOVE gone.x",
        "SET gone.x = :one",
        "SET fresh = pk",
    ):
        yield Case(f"do {text}, without an item", [change(ABSENT, text, ReturnValues="ALL_NEW"), get(ABSENT)])
    for kind in ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW", "DOG"):
        for text in (
            "SET num = :six, fresh = :one REMOVE txt",
            "SET doc.x = :five, doc.y.w[1] = :two",
            "REMOVE gone",
            "REMOVE seq[0] SET seq[2] = :five",
            "ADD strs :strs2, num :one",
        ):
            yield Case(f"return {kind} of {text}", [put(ITEM), change(KEY, text, ReturnValues=kind)])
        yield Case(f"return {kind} of a new item", [change(ABSENT, "SET num = :six", ReturnValues=kind)])
        yield Case(
            f"return {kind} of puts and deletes",
            [
                put(ITEM),
                put({**KEY, "num": n(1)}, ReturnValues=kind),
                delete(KEY, ReturnValues=kind),
                delete(KEY, ReturnValues=kind),
                put(KEY, ReturnValues=kind),
            ],
        )
