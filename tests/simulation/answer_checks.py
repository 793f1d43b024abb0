"""Whether what callers were told was so: each answer held against what really stood in the calendars and the table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.record import Asked, Booked, Facts, Version, minute_of

OVER = {"cancelled", "rejected", "expired"}
NEW_WISHES = {"book_appointment", "hold_slot", "reschedule_appointment"}


def cancelled_in_truth(facts: Facts) -> Iterator[str]:
    """Told "cancelled" means that it is; told "being cancelled", that it is wanted no more."""
    for asked in facts.told("cancelled", "cancel_pending"):
        for booking in _about(facts, asked):
            version = booking.at(asked.told_at)
            if version is None or (asked.status == "cancel_pending" and version.item["want"] != "none"):
                yield f"#{asked.number} told {asked.status} of {booking.id}, and nobody wants that"
            elif asked.status == "cancelled" and version.state not in OVER:
                yield f"#{asked.number} told that {booking.id} is cancelled, and it is {version.state}"
            elif asked.status == "cancelled":
                left = (p for p in facts.presences if p.tag == booking.id and p.stands(asked.told_at, asked.told_at))
                yield from (f"#{asked.number} told that {booking.id} is cancelled, and {p.id} stands" for p in left)


def agreed_first(facts: Facts) -> Iterator[str]:
    """Nothing is cancelled but by a yes that comes after a question, in another delivery of the same call."""
    for booking in facts.bookings.values():
        for before, after in _steps(booking):
            asked = facts.by_process.get(after.writer)
            if before is None or asked is None or before.state == "held" or asked.tool != "cancel_appointment":
                continue
            if before.item["want"] == "none" or after.item["want"] != "none":
                continue
            if not asked.agreed:
                yield f"{booking.id} was cancelled by #{asked.number}, which only asked"
            if not any(_is_question_before(other, asked) for other in facts.asked.values()):
                yield f"{booking.id} was cancelled by #{asked.number}, and nobody had asked about it"


def approved_or_not(facts: Facts) -> Iterator[str]:
    """Told "you're booked" means that the host has approved it, where one must; "requested" means that it waits."""
    for asked in facts.told("confirmed", "requested"):
        events = [
            event
            for event in facts.presences
            if (event.business, event.phone, event.start) == (asked.business, asked.phone, asked.told_start)
            if event.since <= asked.told_at
        ]
        if events and not any(event.requested == (asked.status == "requested") for event in events):
            yield f"#{asked.number} told {asked.status} at {asked.told_start}, and it was not"


def refused_in_truth(facts: Facts) -> Iterator[str]:
    """Told no means that this very request has not done it."""
    for asked in facts.told("unavailable", "not_done"):
        if asked.tool not in NEW_WISHES or asked.start is None:
            continue
        for booking in facts.bookings_of(asked):
            last = booking.at(asked.told_at)
            if last is None or last.state not in {"booked", "held"} or not _is_wished(last, asked):
                continue
            if any(_brought_there(before, after, asked) for before, after in _steps(booking)):
                yield f"#{asked.number} told {asked.status}, and {booking.id} is {last.state} there because of it"


def pending_in_truth(facts: Facts) -> Iterator[str]:
    """Told "pending" of a time means that something about it was unfinished meanwhile."""
    for asked in facts.told("pending"):
        if asked.told_start is None:
            continue
        for booking in _about(facts, asked):
            versions = booking.during(asked.at, asked.told_at)
            if versions and versions[0].at <= asked.at and all(_stands(version, asked) for version in versions):
                yield f"#{asked.number} told pending of {booking.id}, which was {versions[-1].state} all the time"


def found_in_truth(facts: Facts) -> Iterator[str]:
    """Told that there is no appointment means so; what is read out is the caller's, and at its time."""
    for asked in facts.told("none_found"):
        for booking in facts.bookings_of(asked):
            versions = booking.during(asked.at, asked.told_at)
            stood = bool(versions) and versions[0].at <= asked.at
            if stood and all(v.state == "booked" and v.item["s"] * 60 > asked.told_at for v in versions):
                yield f"#{asked.number} told that there is nothing, and {booking.id} stood"


def read_out_in_truth(facts: Facts) -> Iterator[str]:
    """Each appointment that is read out is one of the caller's, at that time and in that state while it was read."""
    for asked in facts.told("found"):
        for start, state, _ in asked.shown:
            said = (minute_of(start), "booked" if state == "requested" else state, state == "requested")
            versions = (v for b in facts.bookings_of(asked) for v in b.during(asked.at, asked.told_at))
            if not any((v.item["s"], v.state, "req" in v.item and v.state == "booked") == said for v in versions):
                yield f"#{asked.number} heard of one at {said[0]} that is {state}, and none was"


def _about(facts: Facts, asked: Asked) -> Iterator[Booked]:
    """The booking that an answer is about: by its handle, or the only one that ever stood at the time it names."""
    named = facts.named(asked)
    if named is not None:
        yield named
        return
    there = [b for b in facts.bookings_of(asked) if any(v.item["s"] == asked.told_start for v in b.versions)]
    if len(there) == 1:
        yield from there


def _steps(booking: Booked) -> Iterator[tuple[Version | None, Version]]:
    return zip([None, *booking.versions], booking.versions, strict=False)


def _is_wished(version: Version, asked: Asked) -> bool:
    """Another service's time does not fit the appointment that is to be moved: then it is asked which one is meant."""
    return (version.item["s"], version.item["svc"]) == (asked.start, asked.service)


def _brought_there(before: Version | None, after: Version, asked: Asked) -> bool:
    """Whether the delivery itself made it held or booked at the time that was asked for."""
    if after.writer != asked.process or after.at > asked.told_at or after.item["s"] != asked.start:
        return False
    return before is None or before.state != after.state or before.item["s"] != after.item["s"]


def _stands(version: Version, asked: Asked) -> bool:
    return version.state == "booked" and version.item["s"] == asked.told_start and version.item["want"] == "booked"


def _is_question_before(other: Asked, asked: Asked) -> bool:
    """Whether it may have been the question to this yes: one whose answer was lost may be on record all the same."""
    same_call = (other.business, other.call) == (asked.business, asked.call)
    earlier = other.at < asked.at and other.id != asked.id
    return (
        same_call and earlier and other.tool == asked.tool and other.status in {"needs_confirmation", "pending", None}
    )


ALL = {
    "I3": (approved_or_not, cancelled_in_truth, agreed_first),
    "I4": (refused_in_truth, found_in_truth, read_out_in_truth),
    "I5": (pending_in_truth,),
}
"""Every check, by the promise that it holds."""
