"""What HighLevel answers, in our words: appointments, free slots, contacts and calendars.

Follows https://marketplace.gohighlevel.com/docs (Calendars and Contacts API, versions 2021-04-15 and 2021-07-28).
Replies are read leniently: unknown fields are ignored, and live answers are known to leave out what the documentation
promises, to wrap an appointment in `event` or in `appointment`, and to spell its status `appoinmentStatus`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import lost
from slotline.domain.time import Interval, minute_of
from slotline.ports import EventType, ProviderEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFERENCE = re.compile(r"Slotline ref:(?:\s|&nbsp;)*([A-Za-z0-9_-]{1,64})")

_STATUSES: dict[object, Literal["accepted", "requested", "cancelled", "rejected"]] = {
    "confirmed": "accepted",
    "booked": "accepted",
    "active": "accepted",
    "showed": "accepted",
    "completed": "accepted",
    "noshow": "accepted",  # it was never called off: nobody came
    "new": "requested",
    "pending": "requested",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "invalid": "rejected",
}
_NOT_OCCUPYING = frozenset({"noshow", "cancelled", "canceled", "invalid"})

_MINUTES = {"mins": 1, "hours": 60, "days": 1440, "weeks": 7 * 1440, "months": 30 * 1440}


def member(value: object, *path: str) -> object:
    """The value at the end of a path of keys; None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def unwrapped(body: object) -> object:
    """The appointment in an answer: bare, or under one of the names in use."""
    return next((found for key in ("event", "appointment") if (found := member(body, key)) is not None), body)


def words_of(appointment: object) -> str | None:
    """Its description and notes, where our reference stands; None when the answer shows neither."""
    shown = [member(appointment, key) for key in ("description", "notes")]
    if all(value is None for value in shown):
        return None
    return "\n".join(value for value in shown if isinstance(value, str))


def tag_of(appointment: object) -> str | None:
    found = _REFERENCE.search(words_of(appointment) or "")
    return found.group(1) if found else None


def reference(tag: str) -> str:
    """The line of a description that carries our tag."""
    return f"Slotline ref: {tag}"


def status_of(appointment: object) -> object:
    """The status as HighLevel words it, in lower case; None when the answer shows none."""
    if member(appointment, "deleted") is True:
        return "cancelled"
    shown = (text(member(appointment, key)) for key in ("appointmentStatus", "appoinmentStatus", "status"))
    word = next((word for word in shown if word is not None), None)
    return word.lower() if word is not None else None


def occupies(appointment: object) -> bool:
    """Whether it keeps its time from others."""
    return status_of(appointment) not in _NOT_OCCUPYING


def is_whole(appointment: object) -> bool:
    """Whether it shows its words and real times, which the lists of some routes leave out."""
    return words_of(appointment) is not None and has_times(appointment)


def has_times(appointment: object) -> bool:
    return None not in (minute(member(appointment, key)) for key in ("startTime", "endTime"))


def event_of(appointment: object, *, name: str, writes: bool, known: ProviderEvent | None = None) -> ProviderEvent:
    """One appointment; what the answer leaves out is as in `known`, which is what was asked for."""
    word = status_of(appointment)
    status = known.status if word is None and known is not None else _STATUSES.get(word)
    number = text(member(appointment, "id")) or (known.id or None if known is not None else None)
    start, end = minute(member(appointment, "startTime")), minute(member(appointment, "endTime"))
    if known is not None:
        start = known.span.start if start is None else start
        end = start + known.span.minutes if end is None else end
    if status is None:
        raise lost(name, "unknown appointment status", writes=writes)
    if number is None or start is None or end is None or end <= start:
        raise lost(name, "an appointment without id or times", writes=writes)
    address = text(member(appointment, "address")) or ""
    link = address if address.startswith(("https://", "http://")) else None
    return ProviderEvent(
        id=number,
        tag=tag_of(appointment) or (known.tag if known is not None else None),
        span=Interval(start, end),
        status=status,
        host=text(member(appointment, "assignedUserId")) or (known.host if known is not None else None),
        link=link or (known.link if known is not None else None),
    )


def free_slots(body: object, *, name: str) -> Iterator[tuple[int, str]]:
    """Start and verbatim text of each slot: a map of days, beside which a `traceId` and other strings may stand."""
    if not isinstance(body, dict):
        raise lost(name, "free slots that are no map of days", writes=False)
    for day in body.values():
        for slot in items(member(day, "slots")):
            start = minute(slot)
            if start is None or not isinstance(slot, str):
                raise lost(name, "a slot without a moment", writes=False)
            yield start, slot


def contact_id(body: object) -> str | None:
    """The id of the contact in the answer to a search or an upsert; None when there is none."""
    first = next(iter(items(member(body, "contacts"))), None)
    return text(member(body, "contact", "id")) or text(member(first, "id"))


def event_type_of(calendar: object, *, name: str) -> EventType:
    number = text(member(calendar, "id"))
    if number is None:
        raise lost(name, "a calendar without an id", writes=False)
    return EventType(
        id=number,
        name=text(member(calendar, "name")) or number,
        minutes=duration(calendar, "slotDuration"),
        requires_approval=member(calendar, "autoConfirm") is False,
    )


def duration(calendar: object, field: str) -> int | None:
    """Minutes of a calendar's setting, which is a number beside its unit; None when it is not set."""
    number, unit = member(calendar, field), member(calendar, f"{field}Unit")
    default = "days" if field.startswith("allowBooking") else "mins"
    scale = _MINUTES.get(unit if isinstance(unit, str) else default)
    return int(number * scale) if isinstance(number, int | float) and scale is not None else None


def minute(value: object) -> int | None:
    """The epoch minute of a time with an offset; None for anything else."""
    moment = _moment(value)
    return minute_of(moment) if moment is not None and moment.tzinfo is not None else None


def minute_about(value: object) -> int | None:
    """The epoch minute of a time, read as UTC where it bears no offset; so it may be wrong by 14 hours."""
    moment = _moment(value)
    return minute_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment is not None else None


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
