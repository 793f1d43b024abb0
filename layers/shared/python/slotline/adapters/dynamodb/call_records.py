"""The record of a call as an item, and back; an item of an earlier version lacks what it did not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slotline.ports import CallRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.verification import Challenge, Question


def call_attributes(record: CallRecord) -> dict[str, Any]:
    """All but keys and lifetime, under the version that this write makes."""
    return {
        "v": record.version + 1,
        "shown": list(record.shown),
        "held": record.held,
        "booked": record.booked,
        "made": list(record.made),
        "ask": record.question and _question_item(record.question),
        "chal": record.challenge and _challenge_item(record.challenge),
    }


def call_record(item: Mapping[str, Any], *, scope: str) -> CallRecord:
    return CallRecord(
        scope,
        item["v"],
        tuple(item["shown"]),
        item.get("held"),
        booked=item.get("booked"),
        earlier=tuple(item.get("made", ())),
        question=_question(item["ask"]) if "ask" in item else None,
        challenge=_challenge(item["chal"]) if "chal" in item else None,
    )


def _question_item(question: Question) -> dict[str, Any]:
    return _present(
        bid=question.booking,
        rv=question.rv,
        at=question.at,
        dlv=list(question.deliveries),
        turn=question.turn,
        since=question.since,
    )


def _question(item: Mapping[str, Any]) -> Question:
    from slotline.domain.verification import Question  # most calls ask no such thing

    since = item.get("since", item["at"])
    return Question(item.get("bid"), item["rv"], item["at"], tuple(item["dlv"]), item.get("turn"), since)


def _challenge_item(challenge: Challenge) -> dict[str, Any]:
    return _present(
        id=challenge.id,
        cal_h=challenge.caller,
        exp=challenge.expires,
        sent=challenge.sent,
        n=challenge.tries,
        bad=list(challenge.wrong),
        ok=challenge.passed,
    )


def _challenge(item: Mapping[str, Any]) -> Challenge:
    from slotline.domain.verification import Challenge

    wrong = tuple(item.get("bad", ()))
    return Challenge(item["id"], item["cal_h"], item["exp"], item["sent"], item["n"], wrong, item["ok"])


def _present(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
