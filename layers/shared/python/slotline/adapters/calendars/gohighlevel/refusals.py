"""Why HighLevel says no, in our words.

The documentation gives the shape of an error ({"statusCode", "message": text or texts, "error", "traceId"}), but hardly
any wording: "The slot you have selected is no longer available." is what users report, for every start that is no free
slot. What no row knows is a mistake in the set-up, never a success. No message is repeated: it may hold personal data.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.adapters.calendars.gohighlevel.replies import member
from slotline.domain.errors import NotExecutedError, ProviderError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    import httpx

_UNKNOWN_FIELD = "should not exist"
_NOT_FOUND = 404
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class About:
    """What a request was about, for the words of an error: names in the configuration file, never personal data."""

    calendar: str
    service: str = ""

    def setting(self, field: str) -> str:
        of_service = self.service and field in {"event_type", "where.kind"}
        return f"services.{self.service}.{field}" if of_service else f"calendars.{self.calendar}.{field}"


@dataclass(frozen=True, slots=True)
class _Row:
    """Words in an error and what they mean: a refusal, the setting to mend, or a moment to try again."""

    words: str
    means: Refusal | None = None
    field: str | None = None  # of the caller, with NEEDS_FIELD
    setting: str | None = None
    fix: str = ""


_ROWS = (
    _Row(r"slot.{0,60}no longer available|no longer available|slot.{0,20}not available", Refusal.TAKEN),
    _Row(r"(user|member|staff).{0,40}(not available|unavailable|busy|already booked)", Refusal.TAKEN),
    _Row(r"(maximum|max|limit).{0,40}(appointments?|bookings?)|fully booked", Refusal.TAKEN),
    _Row(r"minimum (scheduling )?notice|date range|booking window|in the past|too (soon|far)", Refusal.TOO_SOON_OR_FAR),
    _Row(r"outside.{0,30}(hours|availability)", Refusal.OUTSIDE_HOURS),
    _Row(r"(appointment|event).{0,60}(not found|not exist|deleted)", Refusal.GONE),
    _Row(r"(not|n.t) (be )?(allow|permit)\w*.{0,40}(cancel|reschedul)", Refusal.NOT_PERMITTED),
    _Row(r"(cancel|reschedul)\w*.{0,40}not (allowed|permitted)", Refusal.NOT_PERMITTED),
    _Row(r"(may|can) ?(not|.t) be (cancel|reschedul|chang)", Refusal.NOT_PERMITTED),
    _Row(r"contact.{0,60}(not found|not exist|deleted)"),  # it was merged or deleted since it was found: search anew
    _Row(r"meeting ?location", setting="where.kind", fix="the calendar does not know this place"),
    _Row(r"\be-?mail\b", Refusal.NEEDS_FIELD, field="email"),
    _Row(r"\bphone\b", Refusal.NEEDS_FIELD, field="phone"),
    _Row(r"time ?zone", setting="time_zone", fix="HighLevel does not know this time zone: set another one"),
    _Row(
        r"assigned ?user|\buser ?id\b|team ?member|\buser\b.{0,40}not",
        setting="user_id",
        fix="must be the id of a team member of the calendar",
    ),
    _Row(
        r"location.{0,60}(access|not found|invalid|mismatch|match)|access.{0,60}location",
        setting="location_id",
        fix="the token belongs to another location, or the app is not installed there",
    ),
    _Row(
        r"scope|forbidden|not authori[sz]ed",
        setting="location_id",
        fix="the token has no right to this location, or lacks a scope",
    ),
    _Row(
        r"calendar.{0,60}(not found|not exist|deleted|inactive|not active|invalid|draft)",
        setting="event_type",
        fix="must be the id of an active HighLevel calendar of this location",
    ),
)
"""The first row that fits decides. What fits none is a mistake in the set-up: a definite no that the owner must see."""


def refusal(response: httpx.Response, *, about: About, missing: Refusal | None = None) -> ProviderError:
    """The error behind an answer that is no success; `missing` is what a bare 404 means."""
    words, name = message_of(response), about.calendar
    is_readable = _UNKNOWN_FIELD not in words  # what the request was made of says nothing about the caller
    row = next((row for row in _ROWS if is_readable and re.search(row.words, words, re.IGNORECASE)), None)
    if row is None and response.status_code == _FORBIDDEN:
        row = next(row for row in _ROWS if row.setting == "location_id")
    if row is None and response.status_code == _NOT_FOUND:
        if missing is not None:
            return RefusedError(missing, f"{name}: {missing}")
        row = next(row for row in _ROWS if row.setting == "event_type")
    if row is None:
        return SetupError(f"calendars.{name}: HighLevel refused the request with HTTP {response.status_code}")
    if row.setting is not None:
        return SetupError(f"{about.setting(row.setting)}: {row.fix} (HTTP {response.status_code})")
    if row.means is None:
        return NotExecutedError(f"{name}: the contact has just gone", retry_after=1.0)
    return RefusedError(row.means, f"{name}: {row.means}", field=row.field)


def message_of(response: httpx.Response) -> str:
    """The message of an error as one line; empty when there is none."""
    try:
        body: object = json.loads(response.content)
    except ValueError:
        return ""
    message = member(body, "message")
    found = [*(message if isinstance(message, list) else [message]), member(body, "error")]
    found.append(member(body, "error_description"))
    return " ".join(" ".join(line.split()) for line in found if isinstance(line, str))
