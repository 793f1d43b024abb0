"""How the fake HighLevel reads a request, and the switches for what is not documented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.servers.faulty import ApiError, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = {"custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google"}
EDIT_KEYS = {
    "title", "meetingLocationType", "meetingLocationId", "overrideLocationConfig", "appointmentStatus",
    "assignedUserId", "description", "address", "ignoreDateRange", "toNotify", "ignoreFreeSlotValidation", "rrule",
    "calendarId", "startTime", "endTime",
}  # fmt: skip
CREATE_KEYS = EDIT_KEYS | {"locationId", "contactId"}
UPSERT_KEYS = {"locationId", "firstName", "lastName", "name", "email", "phone", "timezone", "source", "tags", "dnd",
               "createNewIfDuplicateAllowed"}  # fmt: skip


@dataclass
class Quirks:
    """What is not documented, or told differently by different people: each a switch."""

    small_answers: bool = True  # writes answer without times and words, with `appoinmentStatus`
    wrap: str = "event"  # or "appointment", or "": what an appointment read by its id stands under
    created: int = 200  # or 201
    taken: int = 400  # or 422, with the message in a list
    strict_spelling: bool = False  # only a start that a free-slots answer showed is taken, letter by letter
    whole_days: bool = False  # free slots of all of the first and last day, past ones included
    milliseconds: bool = False  # slots are spelled with them
    lists_show_words: bool = True  # description and notes in GET /calendars/events
    lists_lag: float = 0.0  # seconds until lists show what is new
    search: str = "contact"  # shape of the search for duplicates: "contact", "contacts", "empty" or "404"
    missing: int = 404  # or 400 with a text: an appointment that is not there
    cancels_twice: bool = True  # else a second cancel is refused with a text
    limited: bool = False  # 100 requests in 10 seconds


def only(given: Mapping[str, Any], known: set[str]) -> None:
    unknown = [f"property {key} should not exist" for key in given if key not in known]
    if unknown:
        raise ApiError(422, unknown, error="Unprocessable Entity")


def needed(given: Mapping[str, Any], *keys: str) -> None:
    missing = [f"{key} must be a string" for key in keys if not given.get(key)]
    if missing:
        raise ApiError(422, missing, error="Unprocessable Entity")


def segment(request: Request, index: int) -> str:
    return [part for part in request.path.split("/") if part][index]


def epoch_ms(given: Mapping[str, str], key: str) -> datetime:
    if not given.get(key, "").isdigit():
        raise ApiError(400, f"{key} must be a number")
    return datetime.fromtimestamp(int(given[key]) / 1000, UTC)


def moment(given: Mapping[str, Any], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(given[key]))
    except (KeyError, ValueError):
        raise ApiError(422, [f"{key} must be a valid date"]) from None
    if moment.tzinfo is None:
        raise ApiError(422, [f"{key} must have an offset"])
    return moment.astimezone(UTC)
