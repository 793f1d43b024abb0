"""Python values to DynamoDB attribute values and back: the few types our items use, without Decimal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Attributes = dict[str, Any]
"""An item or value as the low-level client wants it: {"S": …}, {"N": …} and so on."""


def encode(value: object) -> Attributes:
    """One attribute value. Booleans before numbers, for a bool is an int."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": repr(value).removesuffix(".0")}  # as the table writes it back
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, Mapping):
        return {"M": encode_item(value)}
    if isinstance(value, list | tuple):
        return {"L": [encode(item) for item in value]}
    raise TypeError(f"no attribute type for {type(value).__name__}")


def encode_item(values: Mapping[str, object]) -> dict[str, Attributes]:
    """A whole item."""
    return {name: encode(value) for name, value in values.items()}


def decode(attribute: Mapping[str, Any]) -> Any:
    """The Python value of one attribute value."""
    ((kind, value),) = attribute.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "M":
        return decode_item(value)
    if kind == "L":
        return [decode(item) for item in value]
    if kind == "B":
        return bytes(value)
    return value


def decode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The Python values of a whole item."""
    return {name: decode(attribute) for name, attribute in item.items()}
