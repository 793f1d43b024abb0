"""What the fake Calendly checks in a request before it does anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.servers.calendly_desk import EventType, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.faulty import Json, Request


def only(given: Mapping[str, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise invalid(key, "is not a known parameter")


def part(request: Request, index: int) -> str:
    return [part for part in request.path.split("/") if part][index]


def moment(given: Mapping[str, Any], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(given[key]))
    except (KeyError, ValueError):
        raise invalid(key, "must be an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise invalid(key, "must have an offset")
    return moment.astimezone(UTC)


def check_answers(wanted: EventType, answers: list[Json]) -> None:
    names = {question["name"]: question for question in wanted.questions}
    for answer in answers:
        if answer.get("question") not in names or not answer.get("answer"):
            raise invalid("questions_and_answers", "Question does not match")
    missing = [n for n, q in names.items() if q.get("required") and n not in [a["question"] for a in answers]]
    if missing:
        raise invalid("questions_and_answers", "Required questions must be answered")


def check_place(wanted: EventType, location: Json | None) -> None:
    offered = wanted.locations or ()
    kinds = [str(place["kind"]) for place in offered]
    if location is None:
        if len(offered) > 1 or any(kind in {"ask_invitee", "outbound_call"} for kind in kinds):
            raise invalid("location", "is required")
        return
    if wanted.locations is not None and location.get("kind") not in kinds:
        raise invalid("location", "is not a location of the event type")
    if location.get("kind") in {"ask_invitee", "outbound_call"} and not location.get("location"):
        raise invalid("location", "location.location is required")
