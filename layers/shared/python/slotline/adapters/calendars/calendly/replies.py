"""What Calendly answers, in our words. Follows https://developer.calendly.com/api-docs.

Read leniently: unknown fields are ignored, and only URI, status and times of an event must be there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from slotline.adapters.calendars._http import lost
from slotline.domain.time import Interval, minute_of
from slotline.ports import ProviderEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATUSES: dict[object, Literal["accepted", "cancelled"]] = {"active": "accepted", "canceled": "cancelled"}


def member(value: object, *path: str) -> object:
    """The value at the end of a path of keys; None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: object, *path: str) -> str | None:
    found = member(value, *path)
    return found if isinstance(found, str) and found else None


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def key_of(uri: str | None) -> str | None:
    """The id of what a URI names: its last part."""
    return uri.rstrip("/").rpartition("/")[2] if uri else None


def event_key(invitee_uri: str | None) -> str | None:
    """The id of the event an invitee's URI (…/scheduled_events/E/invitees/I) belongs to."""
    found = re.search(r"/scheduled_events/([^/]+)/invitees/[^/]+$", invitee_uri or "")
    return found[1] if found else None


# --- events ----------------------------------------------------------------------------------------------------------


def span_of(event: object, *, name: str) -> Interval:
    start, end = minute(member(event, "start_time")), minute(member(event, "end_time"), up=True)
    if start is None or end is None or end <= start:
        raise lost(name, "an event without times", writes=False)
    return Interval(start, end)


def event_of(event: object, *, tag: str | None, email: str | None, moved_to: str | None, name: str) -> ProviderEvent:
    """One event; what stands only at its invitee comes from there."""
    status, key = _STATUSES.get(member(event, "status")), key_of(text(event, "uri"))
    if status is None:
        raise lost(name, "unknown event status", writes=False)
    if key is None:
        raise lost(name, "an event without a URI", writes=False)
    hosts = items(member(event, "event_memberships"))
    return ProviderEvent(
        id=key,
        tag=tag,
        span=span_of(event, name=name),
        status=status,
        host=(text(hosts[0], "user_name") or key_of(text(hosts[0], "user"))) if hosts else None,
        link=text(event, "location", "join_url"),
        moved_to=moved_to,
        email=email,
    )


def booked(answer: object) -> object | None:
    """The invitee of a successful booking; two shapes of the answer are in circulation, a third is guessed at."""
    for found in (member(answer, "resource"), member(answer, "invitee"), answer):
        if isinstance(found, dict) and (event_key(text(found, "uri")) or text(found, "event")):
            return found
    return None


def booked_event(answer: object) -> str | None:
    """The id of the event a successful booking made."""
    invitee = booked(answer)
    shown = text(invitee, "event") or text(answer, "resource")
    return key_of(shown) or event_key(text(invitee, "uri"))


def free_starts(answer: object, *, name: str) -> Iterator[int]:
    slots = member(answer, "collection")
    if not isinstance(slots, list):
        raise lost(name, "availability that is no list", writes=False)
    for slot in slots:
        start = minute(member(slot, "start_time"))
        if start is None:
            raise lost(name, "a slot without a start", writes=False)
        left = member(slot, "invitees_remaining")
        if member(slot, "status") == "available" and left != 0:  # a status we do not know is not free
            yield start


# --- event types -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A location an event type offers."""

    kind: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an event type that is asked."""

    name: str
    kind: str
    position: int
    required: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An event type. `places` is None where the account does not tell them."""

    key: str
    name: str
    minutes: int
    is_bookable: bool
    is_group: bool
    is_pooled: bool
    places: tuple[Place, ...] | None
    questions: tuple[Question, ...]


def offer_of(found: object, *, name: str) -> Offer:
    key, minutes = key_of(text(found, "uri")), member(found, "duration")
    if key is None or not isinstance(minutes, int | float):
        raise lost(name, "an event type without URI or duration", writes=False)
    places = member(found, "locations")
    shown = [
        Place(kind, text(p, "location") or text(p, "phone_number")) for p in items(places) if (kind := text(p, "kind"))
    ]
    asked = [q for q in items(member(found, "custom_questions")) if member(q, "enabled") is not False]
    questions = [
        Question(
            question,
            text(q, "type") or "",
            position if isinstance(position := member(q, "position"), int) else number,
            member(q, "required") is True,
        )
        for number, q in enumerate(asked)
        if (question := text(q, "name"))
    ]
    is_off = member(found, "active") is False or member(found, "deleted_at") is not None
    return Offer(
        key=key,
        name=text(found, "name") or text(found, "slug") or key,
        minutes=int(minutes),
        is_bookable=not is_off and member(found, "booking_method") != "poll",
        is_group=member(found, "kind") == "group",
        is_pooled=member(found, "pooling_type") is not None or text(found, "profile", "type") == "Team",
        places=tuple(shown) if isinstance(places, list) else None,
        questions=tuple(questions),
    )


def minute(value: object, *, up: bool = False) -> int | None:
    """The epoch minute of a time; `up` rounds seconds up instead of off."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    cut = minute_of(moment)
    return cut + 1 if up and moment.timestamp() > cut * 60 else cut
