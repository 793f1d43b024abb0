"""Attribute values as the low-level DynamoDB client takes them: checked, made canonical, measured, compared.

Canonical means that equal values are equal Python objects: numbers in one spelling, sets sorted, bytes as bytes. Facts:
"Supported data types and naming rules" and "Item sizes and formats" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterable
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from botocore.exceptions import ParamValidationError

Value = dict[str, Any]
"""One attribute value: {"S": …}, {"N": …} and so on."""
Item = dict[str, Value]

TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})
SETS = frozenset({"SS", "NS", "BS"})
ORDERED = frozenset({"S", "N", "B"})

MAX_DEPTH = 32
MAX_DIGITS = 38
LARGEST_EXPONENT, SMALLEST_EXPONENT = 125, -130

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPELLED = re.compile(r"0|-?[1-9][0-9]{0,37}|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,17}[1-9]")
"""Most of the numbers that are in their one spelling already."""

_EXACT = Context(prec=400)


class InvalidRequestError(Exception):
    """DynamoDB refuses the whole request: ValidationException."""


class InvalidChangeError(InvalidRequestError):
    """What one action does to its item is not allowed; a transaction says ValidationError among its reasons."""


@lru_cache(maxsize=1 << 16)
def number(text: str) -> str:
    """The one spelling of a number; InvalidRequestError when it is none, or beyond 38 digits or the exponents."""
    if _SPELLED.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise InvalidRequestError("The parameter cannot be converted to a numeric value")
    return spelled(Decimal(text))


def spelled(value: Decimal) -> str:
    """A number without exponent, leading or trailing zeros."""
    if not value:
        return "0"
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(digits) > MAX_DIGITS:
        raise InvalidRequestError("Attempting to store more than 38 significant digits in a Number")
    if value.adjusted() > LARGEST_EXPONENT:
        raise InvalidRequestError("Number overflow")
    if value.adjusted() < SMALLEST_EXPONENT:
        raise InvalidRequestError("Number underflow")
    return f"{value.normalize(_EXACT):f}"


@lru_cache(maxsize=1 << 16)
def decimal(canonical: str) -> Decimal:
    return Decimal(canonical)


def exact_sum(left: str, right: str, *, sign: int) -> str:
    """left ± right; InvalidChangeError when the exact result cannot be stored, for nothing is ever rounded."""
    exact = _EXACT.add(decimal(left), decimal(right).copy_negate() if sign < 0 else decimal(right))
    try:
        return spelled(exact)
    except InvalidRequestError as error:
        raise InvalidChangeError(str(error)) from error


def admit_item(item: Any) -> Item:
    """An own, canonical copy of an item, or of the values of an expression; InvalidRequestError says what is wrong."""
    return _admit_members(item, 0)


def _admit_members(members: Any, depth: int) -> Item:
    if not isinstance(members, dict):
        raise _wrong_parameter("item", members)
    clean: Item = {}
    try:
        for name, value in members.items():
            # Strings and numbers are nearly everything we store, and here is where a simulation spends its time.
            if len(value) == 1 and depth < MAX_DEPTH:
                if "S" in value and (text := value["S"]).__class__ is str:
                    clean[name] = {"S": text}
                    continue
                if "N" in value and (text := value["N"]).__class__ is str:
                    clean[name] = {"N": number(text)}
                    continue
            clean[name] = _admit(value, depth)
    except TypeError as error:  # not even a dictionary
        raise _wrong_parameter("attribute value", members) from error
    return clean


def _admit(value: Any, depth: int) -> Value:
    if not isinstance(value, dict):
        raise _wrong_parameter("attribute value", value)
    if len(value) != 1:
        raise InvalidRequestError("Supplied AttributeValue must contain exactly one of the supported datatypes")
    if depth >= MAX_DEPTH:
        raise InvalidRequestError("Nesting Levels have exceeded supported limits")
    ((kind, inner),) = value.items()
    return {kind: _admit_inner(kind, inner, depth)}


def _admit_inner(kind: str, inner: Any, depth: int) -> Any:
    match kind:
        case "S" if isinstance(inner, str):
            return str(inner)
        case "N" if isinstance(inner, str):
            return number(inner)
        case "B" if isinstance(inner, bytes | bytearray):
            return bytes(inner)
        case "BOOL" if isinstance(inner, bool):
            return inner
        case "NULL" if isinstance(inner, bool):
            if not inner:
                raise InvalidRequestError("Null attribute value types must have the value of true")
            return True
        case "L" if isinstance(inner, list | tuple):
            return [_admit(each, depth + 1) for each in inner]
        case "M" if isinstance(inner, dict):
            return _admit_members(inner, depth + 1)
        case "SS" | "NS" | "BS" if isinstance(inner, list | tuple | set | frozenset):
            members = [_admit_inner(kind[0], member, 0) for member in inner]
            if not members:
                raise InvalidRequestError("An string set, number set or binary set may not be empty")
            if len(set(members)) != len(members):
                raise InvalidRequestError("Input collection contains duplicates")
            return sorted_set(kind, members)
    raise _wrong_parameter(kind, inner)


def item_size(item: Item) -> int:
    """The size of an item in bytes, as its limit and the pages of a query count it."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Value) -> int:
    kind = kind_of(value)
    inner: Any = value[kind]
    match kind:
        case "S":
            text: str = inner
            return len(text.encode())
        case "N":
            digits = str(inner).lstrip("-").replace(".", "").strip("0")
            return len(digits) // 2 + 2 + int(inner[0] == "-")
        case "B":
            return len(bytes(inner))
        case "L":
            return 3 + sum(1 + _size(each) for each in inner)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in inner.items())
        case "SS" | "NS" | "BS":
            return sum(_size({kind[0]: member}) for member in inner)
    return 1


def spelled_out(data: Any) -> bytes:
    """Values as bytes: equal ones for equal values in equal order, and never fewer than DynamoDB counts."""
    return marshal.dumps(data, 0)  # version 0 spells every name and value out in full


def same(one: bytes, other: bytes) -> bool:
    """Whether two results of spelled_out stand for equal values, in whatever order."""
    return one == other or bool(marshal.loads(one) == marshal.loads(other))  # noqa: S302 - only what spelled_out made


def fits(item: Item, limit: int) -> bool:
    """Whether the item is no larger than `limit` bytes; marshalling is a fraction of the work of counting."""
    return len(spelled_out(item)) <= limit or item_size(item) <= limit


def copied(item: Item) -> Item:
    """A deep copy: nobody may change a stored item through a reply. Marshalling is the quickest way for plain data."""
    found: Item = marshal.loads(marshal.dumps(item))  # noqa: S302 - its own output of a moment ago, never foreign bytes
    return found


def sorted_set(kind: str, members: Iterable[Any]) -> list[Any]:
    return sorted(members, key=decimal) if kind == "NS" else sorted(members)


def kind_of(value: Value) -> str:
    return next(iter(value))


def ordered(left: Value | None, right: Value | None) -> int | None:
    """-1, 0 or 1; None where DynamoDB knows no order: an absent value, two types, a type without order."""
    if left is None or right is None:
        return None
    kind = next(iter(left))
    if kind not in ORDERED or kind not in right:
        return None
    a, b = left[kind], right[kind]
    if kind == "N":
        a, b = decimal(a), decimal(b)
    return int(a > b) - int(a < b)  # code points and bytes: both order as UTF-8 does


def _wrong_parameter(what: str, value: object) -> ParamValidationError:
    return ParamValidationError(report=f"Invalid type for {what}: {type(value).__name__}")
