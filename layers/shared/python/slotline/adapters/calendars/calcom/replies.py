"""What Cal.com answers, in our words: bookings, free starts, event types and the reasons behind its refusals.

Follows https://cal.com/docs/api-reference/v2 (bookings 2024-08-13, slots 2024-09-04, event types 2024-06-14). The
wording of the errors is that of the open-source server, github.com/calcom/cal.com, apps/api/v2/src/platform/bookings.
Replies are read leniently: unknown fields are ignored, and of the known ones only uid, start, end and status must be
there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import lost
from slotline.domain.errors import ProviderError, Refusal, RefusedError, SetupError
from slotline.domain.time import Interval, minute_of
from slotline.ports import EventType, ProviderEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TAG_KEY = "idempotency_key"
"""The metadata key that carries our tag; every read and every webhook brings it back."""

_STATUSES: dict[object, Literal["accepted", "requested", "cancelled", "rejected"]] = {
    "accepted": "accepted",
    "pending": "requested",
    "cancelled": "cancelled",
    "rejected": "rejected",
}

_FIELDS = {"attendeephonenumber": "phone", "smsremindernumber": "phone", "phonenumber": "phone"}
"""Cal.com's names of fields that have one of ours, in lower case; the others keep their slug."""


def member(value: object, *path: str) -> object:
    """The value at the end of a path of keys; None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def tag_of(booking: object) -> str | None:
    return _text(member(booking, "metadata", TAG_KEY))


def event_of(booking: object, *, name: str, writes: bool) -> ProviderEvent:
    """One booking; of a recurring one, which comes as an array, the first."""
    if isinstance(booking, list):
        booking = booking[0] if booking else None
    status = _STATUSES.get(member(booking, "status"))
    uid = _text(member(booking, "uid"))
    start, end = _minute(member(booking, "start")), _minute(member(booking, "end"))
    if status is None:
        raise lost(name, "unknown booking status", writes=writes)
    if uid is None or start is None or end is None or end <= start:
        raise lost(name, "a booking without uid or times", writes=writes)
    hosts, attendees = items(member(booking, "hosts")), items(member(booking, "attendees"))
    links = (_text(member(booking, key)) for key in ("meetingUrl", "location"))
    return ProviderEvent(
        id=uid,
        tag=tag_of(booking),
        span=Interval(start, end),
        status=status,
        host=_text(member(hosts[0], "name")) if hosts else None,
        link=next((link for link in links if link and link.startswith(("https://", "http://"))), None),
        moved_to=_text(member(booking, "rescheduledToUid")),
        email=_text(member(attendees[0], "email")) if attendees else None,
    )


def free_starts(days: object, *, name: str) -> Iterator[int]:
    """The starts of a slots answer: a map from day to [{"start": …}]."""
    if not isinstance(days, dict):
        raise lost(name, "slots that are no map of days", writes=False)
    for day in days.values():
        for slot in items(day):
            start = _minute(member(slot, "start"))
            if start is None:
                raise lost(name, "a slot without a start", writes=False)
            yield start


def event_type_of(entry: object, *, name: str) -> EventType:
    number = member(entry, "id")
    if not isinstance(number, int):
        raise lost(name, "an event type without an id", writes=False)
    policy, minutes = member(entry, "confirmationPolicy"), member(entry, "lengthInMinutes")
    return EventType(
        id=str(number),
        name=_text(member(entry, "title")) or _text(member(entry, "slug")) or str(number),
        minutes=int(minutes) if isinstance(minutes, int | float) else None,
        requires_approval=bool(policy) and member(policy, "disabled") is not True,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """Words in an error and what they mean; a group in them names the field. None: a mistake in the set-up."""

    words: str
    means: Refusal | None
    field: str | None = None


_ROWS = (
    _Row(r"should not exist", None),
    _Row(r"already has booking at this time|hosts?_unavailable|no_available_users_found|already booked", Refusal.TAKEN),
    _Row(r"booking_conflict|conflict(exception)?\b|no more seats|already exists", Refusal.TAKEN),
    _Row(r"can.?t be booked at the .{0,8}start|time_out_of_bounds|in the past", Refusal.TOO_SOON_OR_FAR),
    _Row(r"maximum number of active bookings|\bblocked\b|blacklist", Refusal.NOT_PERMITTED),
    _Row(r"contact method|email verification|verification code", Refusal.NEEDS_FIELD, field="email"),
    _Row(r"booking field response: ?([\w-]+)|\{([\w-]+)\}error_required_field", Refusal.NEEDS_FIELD),
    _Row(r"missing attendee phone|phone ?number (property is wrong|must be)", Refusal.NEEDS_FIELD, field="phone"),
    _Row(r"email (property is wrong|must be|is required)|invalid email", Refusal.NEEDS_FIELD, field="email"),
    _Row(r"already ended", Refusal.NOT_PERMITTED),
    _Row(r"can.?t reschedule booking|original booking|booking with uid.*not (found|exist)", Refusal.GONE),
    _Row(r"(cancel|reschedul).*(disabled|not allowed|not permitted|minimum|notice)", Refusal.NOT_PERMITTED),
    _Row(r"(not|n.t) allow.*(cancel|reschedul)", Refusal.NOT_PERMITTED),
)
"""The first row that fits decides. What fits none is a mistake in the set-up: a definite no that the owner must see."""


def refusal(response: httpx.Response, *, name: str) -> ProviderError:
    """The error behind an answer that is no success."""
    words = message_of(response)
    for row in _ROWS:
        found = re.search(row.words, words, re.IGNORECASE)
        if found is None:
            continue
        if row.means is None:
            break
        if row.means is not Refusal.NEEDS_FIELD:
            return RefusedError(row.means, f"{name}: {row.means}")
        slug = row.field or next(group for group in found.groups() if group)
        field = _FIELDS.get(slug.lower(), slug)
        return RefusedError(row.means, f"{name}: {row.means} {field}", field=field)
    return SetupError(f"{name}: HTTP {response.status_code} {_code(words)}".rstrip())


def message_of(response: httpx.Response) -> str:
    """Code and message of an error in any of the three shapes Cal.com uses, as one line; empty when there is none."""
    try:
        body: object = json.loads(response.content)
    except ValueError:
        return ""
    error = member(body, "error")
    found = [member(error, "code"), member(error, "message"), member(error, "details", "message")]
    found += [member(body, "message"), *_constraints(items(member(error, "details", "errors")))]
    lines = [line for entry in found for line in (entry if isinstance(entry, list) else [entry])]
    return " ".join(" ".join(line.split()) for line in dict.fromkeys(lines) if isinstance(line, str))


def _constraints(errors: list[object]) -> list[object]:
    """The sentences of nested validation errors, each a {property, children, constraints}."""
    found: list[object] = []
    for error in errors:
        constraints = member(error, "constraints")
        if isinstance(constraints, dict):
            found += constraints.values()
        found += _constraints(items(member(error, "children")))
    return found


def _code(words: str) -> str:
    """The exception's class name, the only part of an unknown message that certainly holds no personal data."""
    first = words.partition(" ")[0]
    return first if re.fullmatch(r"[A-Za-z_]{3,40}", first) else ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _minute(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return minute_of(moment) if moment is not None and moment.tzinfo is not None else None
