"""Python values to DynamoDB attribute values and back: the few types our items use, without Decimal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Attributes = dict[str, Any]
"""An item or value as the low-level client wants it: {"S": …}, {"N": …} and so on."""


def encode(value: object) -> Attributes:
    """One attribute value, of plain types only."""
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value)
    for kind, of_kind in _PLAIN.items():
        if isinstance(value, kind):
            return encode(of_kind(value))
    raise TypeError(f"no attribute type for {type(value).__name__}")


def _list(value: list[object] | tuple[object, ...]) -> Attributes:
    return {"L": [encode(item) for item in value]}


_ENCODERS: Mapping[type, Callable[[Any], Attributes]] = {
    type(None): lambda _: {"NULL": True},
    bool: lambda value: {"BOOL": value},  # before numbers, for a bool is an int
    int: lambda value: {"N": repr(value)},
    float: lambda value: {"N": repr(value).removesuffix(".0")},  # as the table writes it back
    str: lambda value: {"S": value},
    bytes: lambda value: {"B": value},
    dict: lambda value: {"M": encode_item(value)},
    list: _list,
    tuple: _list,
}


_PLAIN: Mapping[type, Callable[[Any], object]] = {
    int: int,
    float: float,
    str: str.__str__,
    bytes: bytes,
    Mapping: dict,
    list: list,
    tuple: tuple,
}
"""What a subclass is taken for: an enumeration for its value, a named tuple for a tuple."""


def encode_item(values: Mapping[str, object]) -> dict[str, Attributes]:
    """A whole item."""
    return {name: {"S": value} if type(value) is str else encode(value) for name, value in values.items()}


def decode(attribute: Mapping[str, Any]) -> Any:
    """The Python value of one attribute value."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "M":
        return decode_item(value)
    if kind == "L":
        return [decode(item) for item in value]
    if kind == "NULL":
        return None
    if kind == "B":
        return bytes(value)
    return value


def decode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The Python values of a whole item."""
    return {name: attribute["S"] if "S" in attribute else decode(attribute) for name, attribute in item.items()}
