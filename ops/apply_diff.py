"""What an apply would change, in the words of the desk file. Secrets are compared, never shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.desk_file_hours import DAYS
from slotline.adapters.dynamodb.config_store import dump_business
from slotline.domain.business import Business

_RENAMED = (
    (r"^(services\.[^.]+)\.(before|after)_minutes$", r"\1.buffers.\2_minutes"),
    (r"^(services\.[^.]+)\.email_fallback$", r"\1.email.fallback"),
    (r"^sms\.sender$", "sms.from"),
    (r"^sms\.options\.", "sms."),
    (r"^(look_up|change)$", r"identity.\1"),
    (r"^key$", "business"),
)
_NAMED_BY_THEIR_PLACE = re.compile(r"^(calendars\.[^.]+\.name|(services|agents|staff)\.[^.]+\.key)$")
_DETAILS = {"in_person": "address", "phone": "number"}


def differences(
    before: Business | None, after: Business, *, secrets_before: Mapping[str, str], secrets_after: Mapping[str, str]
) -> list[str]:
    """One line per field: + added, ~ changed, - removed."""
    old, new = ({} if before is None else fields_of(before)), fields_of(after)
    lines = [(field, _line(field, old.get(field), new.get(field))) for field in old.keys() | new.keys()]
    lines += [
        (name, _secret_line(name, secrets_before.get(name), secrets_after.get(name)))
        for name in secrets_before.keys() | secrets_after.keys()
    ]
    return [line for _, line in sorted(lines) if line]


def fields_of(business: Business) -> dict[str, str]:
    """Every field of the configuration by its dotted name in the file, as one line of text."""
    return {_renamed(path): text for path, text in _flat(json.loads(dump_business(business)), "") if text != "[]"}


def _line(field: str, old: str | None, new: str | None) -> str:
    if old == new:
        return ""
    if old is None:
        return f"+ {field}: {new}"
    return f"- {field}: {old}" if new is None else f"~ {field}: {old} -> {new}"


def _secret_line(name: str, old: str | None, new: str | None) -> str:
    if old == new:
        return ""
    if old is None:
        return f"+ {name} (secret set)"
    return f"- {name} (secret removed)" if new is None else f"~ {name} (secret changed)"


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".hours.week"):
        yield from _week(value, path.removesuffix(".week"))
    elif isinstance(value, dict):
        for name, item in value.items():
            place = _DETAILS.get(value["kind"], "link") if name == "detail" else name
            inner = f"{path}.{place}" if path else place
            if not _NAMED_BY_THEIR_PLACE.match(inner):
                yield from _flat(item, inner)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _week(week: list[list[list[int]]], path: str) -> Iterator[tuple[str, str]]:
    for day, windows in zip(DAYS, week, strict=True):
        if windows:
            yield f"{path}.{day}", ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in windows)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _renamed(path: str) -> str:
    for pattern, replacement in _RENAMED:
        path = re.sub(pattern, replacement, path)
    return path
