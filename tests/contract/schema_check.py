"""A small, strict check of JSON against the schemas of a provider: what is wrong, in words, or nothing.

It knows the part of JSON Schema that OpenAPI and Google's discovery documents use. A field the schema does not name is
wrong, too, unless `additionalProperties` allows it: a misspelt field is silently ignored by most providers.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Schema = dict[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def problems(value: object, schema: Schema, *, resolve: Callable[[str], Schema], at: str = "$") -> Iterator[str]:
    """Everything that is wrong with the value; `resolve` gives what the text of a $ref stands for."""
    if "$ref" in schema:
        yield from problems(value, resolve(schema["$ref"]), resolve=resolve, at=at)
        return
    if value is None and schema.get("nullable"):
        return
    for part in schema.get("allOf", ()):
        loose = {**part, "additionalProperties": True} if "$ref" not in part else part
        yield from problems(value, loose, resolve=resolve, at=at)
    for word in ("oneOf", "anyOf"):
        if word in schema and not any(
            next(problems(value, part, resolve=resolve, at=at), None) is None for part in schema[word]
        ):
            yield f"{at}: fits no {word}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and "any" not in kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{at}: {type(value).__name__} instead of {' or '.join(kinds)}"
        return
    yield from _scalar(value, schema, at)
    if isinstance(value, dict):
        yield from _object(value, schema, resolve=resolve, at=at)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from problems(item, schema["items"], resolve=resolve, at=f"{at}[{number}]")


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _scalar(value: object, schema: Schema, at: str) -> Iterator[str]:
    if "const" in schema and value != schema["const"]:
        yield f"{at}: not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not one of {schema['enum']}"
    if isinstance(value, str) and not _has_format(value, str(schema.get("format", ""))):
        yield f"{at}: no {schema['format']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: not like {schema['pattern']}"
    if isinstance(value, str) and len(value) > int(schema.get("maxLength", len(value))):
        yield f"{at}: too long"
    if not _in_range(value, schema):
        yield f"{at}: out of range"


def _in_range(value: object, schema: Schema) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return float(schema.get("minimum", value)) <= value <= float(schema.get("maximum", value))


def _object(value: dict[str, object], schema: Schema, *, resolve: Callable[[str], Schema], at: str) -> Iterator[str]:
    known: dict[str, Schema] = schema.get("properties", {})
    others = schema.get("additionalProperties", not known)
    for key in schema.get("required", ()) if isinstance(schema.get("required"), list) else ():
        if key not in value:
            yield f"{at}: {key} is missing"
    for key, item in value.items():
        if key in known:
            yield from problems(item, known[key], resolve=resolve, at=f"{at}.{key}")
        elif isinstance(others, dict):
            yield from problems(item, others, resolve=resolve, at=f"{at}.{key}")
        elif not others and "allOf" not in schema:
            yield f"{at}: {key} is unknown"


def _has_format(value: str, kind: str) -> bool:
    try:
        if kind == "date-time":
            return _RFC_3339.fullmatch(value) is not None and datetime.fromisoformat(value).tzinfo is not None
        if kind == "date":
            return date.fromisoformat(value).isoformat() == value
        if kind in {"int32", "int64"}:
            return re.fullmatch(r"-?\d{1,19}", value) is not None
    except ValueError:
        return False
    return True
