"""Attribute values as the low-level DynamoDB client takes them: checked, made canonical, measured, compared.

Canonical means that equal values are equal Python objects: numbers in one spelling, sets sorted, bytes as bytes. Facts:
"Supported data types and naming rules" and "Item sizes and formats" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

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
_EXACT = Context(prec=400)


class InvalidRequestError(Exception):
    """DynamoDB refuses the whole request: ValidationException."""


class InvalidChangeError(InvalidRequestError):
    """What one action does to its item is not allowed; a transaction says ValidationError among its reasons."""


@lru_cache(maxsize=1 << 16)
def number(text: str) -> str:
    """The one spelling of a number; InvalidRequestError when it is none, or beyond 38 digits or the exponents."""
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


@lru_cache(maxsize=1 << 16)
def _number_size(canonical: str) -> int:
    digits = canonical.lstrip("-").replace(".", "").strip("0")
    return len(digits) // 2 + 2 + canonical.startswith("-")


def admit_item(item: Any) -> tuple[Item, int]:
    """An own, canonical copy of the item, and its size in bytes. InvalidRequestError names what is wrong with it."""
    if not isinstance(item, dict):
        raise _wrong_parameter("item", item)
    clean: Item = {}
    total = 0
    for name, value in item.items():
        # Strings and numbers are nearly everything we store, and this loop is where a simulation spends its time.
        if len(value) == 1 and "S" in value and (text := value["S"]).__class__ is str:
            clean[name] = {"S": text}
            size = len(text) if text.isascii() else len(text.encode())
        elif len(value) == 1 and "N" in value and (text := value["N"]).__class__ is str:
            text = number(text)
            clean[name] = {"N": text}
            size = _number_size(text)
        else:
            clean[name], size = admit(value)
        total += size + (len(name) if name.isascii() else len(name.encode()))
    return clean, total


def admit(value: Any, *, depth: int = 0) -> tuple[Value, int]:
    """An own, canonical copy of one value, and its size in bytes."""
    if not isinstance(value, dict):
        raise _wrong_parameter("attribute value", value)
    if len(value) != 1:
        raise InvalidRequestError("Supplied AttributeValue must contain exactly one of the supported datatypes")
    if depth > MAX_DEPTH:
        raise InvalidRequestError("Nesting Levels have exceeded supported limits")
    ((kind, inner),) = value.items()
    clean, size = _admit_inner(kind, inner, depth)
    return {kind: clean}, size


def _admit_inner(kind: str, inner: Any, depth: int) -> tuple[Any, int]:
    match kind:
        case "S" if isinstance(inner, str):
            return str(inner), len(inner.encode())
        case "N" if isinstance(inner, str):
            clean = number(inner)
            return clean, _number_size(clean)
        case "B" if isinstance(inner, bytes | bytearray):
            return bytes(inner), len(inner)
        case "BOOL" if isinstance(inner, bool):
            return inner, 1
        case "NULL" if isinstance(inner, bool):
            if not inner:
                raise InvalidRequestError("Null attribute value types must have the value of true")
            return True, 1
        case "L" if isinstance(inner, list | tuple):
            parts = [admit(each, depth=depth + 1) for each in inner]
            return [part for part, _ in parts], 3 + sum(size + 1 for _, size in parts)
        case "M" if isinstance(inner, dict):
            entries = {name: admit(each, depth=depth + 1) for name, each in inner.items()}
            size = 3 + sum(len(name.encode()) + size + 1 for name, (_, size) in entries.items())
            return {name: part for name, (part, _) in entries.items()}, size
        case "SS" | "NS" | "BS" if isinstance(inner, list | tuple | set | frozenset):
            return _admit_set(kind, inner)
    raise _wrong_parameter(kind, inner)


def _admit_set(kind: str, members: Iterable[Any]) -> tuple[list[Any], int]:
    parts = [_admit_inner(kind[0], member, 0) for member in members]
    if not parts:
        raise InvalidRequestError("An string set, number set or binary set may not be empty")
    clean = [part for part, _ in parts]
    if len(set(clean)) != len(clean):
        raise InvalidRequestError("Input collection contains duplicates")
    return sorted_set(kind, clean), sum(size for _, size in parts)


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
