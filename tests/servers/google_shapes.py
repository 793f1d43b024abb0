"""Small shapes of the fake Google: its errors, its times and what a patch does to an object."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tests.servers.faulty import ApiError, Json


def refuse(status: int, reason: str, message: str, *, domain: str = "global", location: str = "") -> ApiError:
    """An answer that is no success, in Google's words."""
    return ApiError(status, message, reason=reason, domain=domain, location=location)


def merged(old: Json, new: Json) -> Json:
    """Patch semantics: objects are merged, null takes away, everything else (lists, too) is replaced."""
    whole = deepcopy(old)
    for key, value in new.items():
        if value is None:
            whole.pop(key, None)
        elif isinstance(value, dict) and isinstance(whole.get(key), dict):
            whole[key] = merged(whole[key], value)
        else:
            whole[key] = deepcopy(value)
    return whole


def edge_seconds(edge: Json, zone: Any, *, strict: bool = False) -> float:
    """Epoch seconds of a start or end; `strict` refuses what Google does not document: offset against zone."""
    try:
        if "date" in edge:
            if "dateTime" in edge:
                raise refuse(400, "invalid", "Mixed date and dateTime.")
            return datetime.combine(date.fromisoformat(edge["date"]), time(), zone).timestamp()
        moment = datetime.fromisoformat(edge["dateTime"])
        named = ZoneInfo(edge["timeZone"]) if "timeZone" in edge else None
    except (KeyError, ValueError, TypeError):
        raise refuse(400, "invalid", "Invalid time value.") from None
    if moment.tzinfo is None:
        if named is None:
            raise refuse(400, "required", "Missing time zone definition.")
        return moment.replace(tzinfo=named).timestamp()
    if strict and named is not None and moment.astimezone(named).utcoffset() != moment.utcoffset():
        raise refuse(400, "invalid", "Offset and time zone contradict.")
    return moment.timestamp()


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
