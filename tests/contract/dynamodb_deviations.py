"""How the local engine is known to differ from DynamoDB, with the cases of dynamodb_cases.py that show it.

Facts on DynamoDB: the pages on expressions, limits and TransactWriteItems of its documentation, and what the public
test suite of ScyllaDB's Alternator, which also runs against AWS, asserts there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deviation:
    """What the engine does otherwise, and DynamoDB's answer: an error code, or "done"."""

    reason: str
    answer: str
    cases: tuple[str, ...]


DEVIATIONS = (
    Deviation(
        "Two absent attributes are equal there. DynamoDB: what is absent differs from everything.",
        "ConditionalCheckFailedException",
        (
            "if gone = lost",
            "if gone IN (lost)",
        ),
    ),
    Deviation(
        "Two absent attributes are equal there. DynamoDB: what is absent differs from everything.",
        "done",
        ("if gone <> lost",),
    ),
    Deviation(
        "Comparing with a request value that has no order is just false there.",
        "ValidationException",
        (
            "if num < :list",
            "if :list > num",
            "if num >= :yes",
            "if num < :nil",
            "if num <= :strs",
            "if num > :map",
            "if num BETWEEN :two AND :fivetext",
        ),
    ),
    Deviation(
        "It does not look whether attribute_type is given a type, and by the request.",
        "ValidationException",
        (
            "if attribute_type(txt, :DOG)",
            "if attribute_type(txt, :five)",
            "if attribute_type(txt, txt2)",
        ),
    ),
    Deviation(
        "It wants begins_with's first operand from the item.",
        "done",
        ("if begins_with(:hello, txt2)",),
    ),
    Deviation(
        "A wrong type in begins_with is an error there even when it comes from the item, where it is just false.",
        "ConditionalCheckFailedException",
        (
            "if begins_with(txt, :hi)",
            "if begins_with(num, :hell)",
            "if begins_with(strs, :a)",
            "if begins_with(txt, num)",
        ),
    ),
    Deviation(
        "Bytes contain no bytes there.",
        "done",
        ("if contains(bin, :ther)",),
    ),
    Deviation(
        "A null has a size there.",
        "ConditionalCheckFailedException",
        ("if size(nil) >= :zero",),
    ),
    Deviation(
        "What its scanner does not know, it skips or takes for a name.",
        "ValidationException",
        (
            "if num != :five",
            "if num = 'x'",
            "if _num = :five",
            "if num@x = :five",
            "if num-x = :five",
            'if "num" = :five',
            "if dog(num)",
            "if num = :",
            "if # = :five",
        ),
    ),
    Deviation(
        "Function names have no case there.",
        "ValidationException",
        (
            "if ATTRIBUTE_EXISTS(num)",
            "if SIZE(txt) = :five",
            "do SET fresh = LIST_APPEND(:list, :list)",
        ),
    ),
    Deviation(
        "An operand may be related to itself there.",
        "ValidationException",
        (
            "if num = num",
            "if num = #num",
            "if #same < num",
            "if num IN (:five, num)",
            "if num BETWEEN num AND :six",
            "if begins_with(txt, txt)",
        ),
    ),
    Deviation(
        "Arithmetic on what is no number does nothing there.",
        "ValidationException",
        (
            "do SET txt = txt + :one",
            "do SET num = num + :hello",
            "do SET num = :hello + :one",
        ),
    ),
    Deviation(
        "Operands and functions of SET go unchecked there.",
        "ValidationException",
        (
            "do SET num = :one + :two + :five",
            "do SET fresh = if_not_exists(:one, :two)",
            "do SET fresh = if_not_exists(fresh, :one + :two)",
            "do SET fresh = list_append(txt, :list)",
            "do SET fresh = list_append(:list, :hello)",
            "do SET fresh = list_append(list_append(:list, :list1), :list)",
        ),
    ),
    Deviation(
        "Sums are rounded to 28 digits there. DynamoDB stores 38 and rounds nothing.",
        "ValidationException",
        (
            "do SET num = :huge - :tiny",
            "do SET num = :e50 + :one",
            "do ADD num :huge, two :one",
        ),
    ),
    Deviation(
        "Sums are rounded to 28 digits there. DynamoDB stores 38 and rounds nothing.",
        "done",
        ("do SET num = :long + :one",),
    ),
    Deviation(
        "In a transaction, sums keep zeros behind the point there.",
        "done",
        ("transact a sum with zeros behind the point",),
    ),
    Deviation(
        "UPDATED_OLD and UPDATED_NEW show whole attributes there. DynamoDB shows what lies at the paths.",
        "done",
        (
            "do SET doc.y.w[0] = :five",
            "do SET doc.y.w[9] = :five",
            "do SET seq[1] = :five",
            "do SET seq[9] = :five, seq[5] = :six, seq[7] = :two",
            "do SET seq[0] = seq[1], seq[1] = seq[0]",
            "do REMOVE seq[0], seq[2]",
            "do REMOVE seq[9]",
            "do REMOVE seq[2][0]",
            "do REMOVE seq[0], seq[2][0]",
            "do REMOVE hollow[0]",
            "do REMOVE seq[1] SET seq[3] = :five",
            "do SET seq[3] = :five REMOVE seq[1]",
            "do REMOVE seq[0] SET seq[9] = :five",
            "do SET num = :one REMOVE doc.x, doc.y.w[0]",
            "return UPDATED_OLD of SET doc.x = :five, doc.y.w[1] = :two",
            "return UPDATED_OLD of REMOVE gone",
            "return UPDATED_OLD of REMOVE seq[0] SET seq[2] = :five",
            "return UPDATED_NEW of SET doc.x = :five, doc.y.w[1] = :two",
            "return UPDATED_NEW of REMOVE seq[0] SET seq[2] = :five",
        ),
    ),
    Deviation(
        "A nested REMOVE or SET that its item has no place for does nothing there.",
        "ValidationException",
        (
            "do SET num[0] = :one",
            "do SET doc[0] = :one",
            "do REMOVE gone.x",
            "do REMOVE gone[0]",
            "do REMOVE num.x",
            "do REMOVE seq.x",
            "do REMOVE doc[0]",
            "do REMOVE doc.gone.x",
            "do ADD gone.x :one",
        ),
    ),
    Deviation(
        "A nested REMOVE or SET that its item has no place for does nothing there.",
        "done",
        ("do REMOVE seq[0]",),
    ),
    Deviation(
        "Numbers in sets are compared by their spelling there.",
        "done",
        (
            "do ADD nums :nums1",
            "do DELETE nums :nums1",
        ),
    ),
    Deviation(
        "It reads as much of an update expression as it understands and drops the rest.",
        "ValidationException",
        (
            "do ADD num two",
            "do ADD num :one :two",
            "do SET num = :one SET two = :two",
            "do SET",
            "do SET num",
            "do SET num =",
            "do SET num :one",
            "do SET = :one",
            "do SET num = :one,",
            "do SET num = :one two = :two",
            "do REMOVE",
            "do REMOVE num txt",
            "do SET :one = num",
            "do SET num = :one +",
            "do SET num == :one",
            "do ADD num",
            "do DELETE strs",
            "do SET _num = :one",
            "do SET 5num = :one",
            "do SET num[ = :one",
            "do SET num[1 = :one",
            "do SET seq[:one] = :one",
            "do SET num = :one;",
        ),
    ),
    Deviation(
        "Overlapping paths are found only in part there, conflicting ones not at all.",
        "ValidationException",
        (
            "do SET num = :one REMOVE num",
            "do SET num = :one, num = :two",
            "do SET num = :one, #num = :two",
            "do SET seq[1] = :one, seq[1][0] = :two",
            "do SET doc.x = :one, doc[1] = :two",
            "do SET doc.y.z = :one, doc.y[2] = :two",
            "do ADD num :one SET num = :two",
            "do REMOVE num, num",
        ),
    ),
    Deviation(
        "Where there is no item, an update that only takes away makes one there.",
        "done",
        (
            "do REMOVE num, without an item",
            "do REMOVE gone.x, without an item",
            "do REMOVE gone[0], without an item",
        ),
    ),
    Deviation(
        "Its key conditions are conditions of any kind.",
        "ValidationException",
        (
            "query pk = :p AND sk <> :sB",
            "query pk = :p OR sk = :sB",
            "query NOT pk = :p",
            "query pk = :p AND NOT sk = :sB",
            "query pk = :p AND contains(sk, :sB)",
            "query pk = :p AND attribute_exists(sk)",
            "query pk = :p AND size(sk) = :one",
        ),
    ),
    Deviation(
        "It filters by key attributes too.",
        "ValidationException",
        ("page with a filter on the key",),
    ),
    Deviation(
        "Its projections skip what they do not understand.",
        "ValidationException",
        (
            "show num,",
            "show ",
            "show :one",
            "show seq[0], seq.x",
        ),
    ),
    Deviation(
        "Keys in a transaction are hardly checked there.",
        "TransactionCanceledException",
        (
            "use half a key in a transaction",
            "check half a key in a transaction",
            "check more than a key in a transaction",
            "use another key in a transaction",
            "check another key in a transaction",
            "transact two wrong keys",
        ),
    ),
    Deviation(
        "Keys in a transaction are hardly checked there.",
        "ValidationException",
        (
            "check too long a key in a transaction",
            "check too long a sort key in a transaction",
            "check a long key of accents in a transaction",
        ),
    ),
    Deviation(
        "It lets unused names pass in BatchGetItem.",
        "ValidationException",
        ("read at once a name not used",),
    ),
    Deviation(
        "It refuses a zero with a large exponent.",
        "done",
        ("store the number '0e1000'",),
    ),
    Deviation(
        "It takes any ReturnValuesOnConditionCheckFailure for NONE.",
        "ValidationException",
        (
            "ask with an unknown return",
            "transact an unknown return",
        ),
    ),
    Deviation(
        "It has no limit for the options of IN.",
        "ValidationException",
        ("ask with a hundred and one options",),
    ),
    Deviation(
        "In a transaction it applies an update where it can and forgets the rest, even to the key.",
        "TransactionCanceledException",
        (
            "transact a bad path",
            "transact a changed key",
        ),
    ),
    Deviation(
        "An action with two kinds is taken for one of them.",
        "ValidationException",
        ("transact two kinds in one action",),
    ),
    Deviation(
        "A condition that cannot be read is just false there, in a transaction.",
        "ValidationException",
        (
            "transact a syntax error",
            "transact a wrong operand",
        ),
    ),
)
