"""A business as JSON text and back, without pydantic: `slotline apply` has already checked what is stored.

Every field is written out, defaults too, so that a later default changes nobody's desk. Unknown names are passed over:
an older function may read what a newer `apply` wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from slotline.domain.business import Business

Reader = Callable[[Any], Any]


def dump_business(business: Business) -> str:
    """The business as JSON text; equal businesses give equal text."""
    return json.dumps(_plain(business), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load_business(text: str) -> Business:
    """The business that `dump_business` wrote."""
    return cast("Business", _reader(Business)(json.loads(text)))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if _worth_writing(value, f.name)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 1 and 1.0 are equal, and so must their texts be
    return value.isoformat() if isinstance(value, date) else value


def _worth_writing(value: object, name: str) -> bool:
    """None is left out: it is what an absent name means."""
    return getattr(value, name) is not None


@cache
def _reader(kind: Any) -> Reader:
    """How a value of this type is made from JSON, worked out once per type."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        (inner,) = (arg for arg in args if arg is not NoneType)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        return _tuple_reader(args)
    if origin is not None and issubclass(origin, Mapping):
        read = _reader(args[1])
        return lambda value: {name: read(item) for name, item in value.items()}
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if kind in {date, datetime}:
        return cast("Reader", kind.fromisoformat)
    return kind if issubclass(kind, Enum) or kind is float else lambda value: value


def _tuple_reader(args: tuple[Any, ...]) -> Reader:
    if args[1:] == (Ellipsis,):  # tuple[X, ...]: one type for every place
        read = _reader(args[0])
        return lambda value: tuple([read(item) for item in value])
    readers = [_reader(arg) for arg in args]
    return lambda value: tuple([read(item) for read, item in zip(readers, value, strict=True)])


def _dataclass_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = [(f.name, _reader(hints[f.name])) for f in fields(kind)]
    optional = {f.name for f in fields(kind) if f.default is not MISSING or f.default_factory is not MISSING}
    nullable = {name for name, _ in readers if NoneType in get_args(hints[name])}

    def read_all(value: Mapping[str, Any]) -> Any:
        found = {name: read(value[name]) for name, read in readers if name in value}
        # A field without a default that may be None was left out as None; any other gap is a TypeError below.
        found |= dict.fromkeys(nullable - optional - found.keys())
        return kind(**found)

    return read_all
