"""Bookings and day documents as items, and back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from slotline.adapters.dynamodb import keys
from slotline.domain.bookings import Attempt, Booking, Contact, DayDocument, Entry, EntryKind, State, Times
from slotline.domain.time import Interval

DAY_KEPT = timedelta(days=40)
"""How long a day document outlives its day; DynamoDB removes it some time after."""


def day_item(business: str, document: DayDocument) -> dict[str, Any]:
    pk, sk = keys.day(business, document.resource, document.day)
    entries = {
        e.owner: {"s": e.interval.start, "e": e.interval.end, "k": e.kind.value}
        | ({} if e.until is None else {"x": e.until})
        for e in document.entries
    }
    kept_until = date.fromisoformat(document.day) + DAY_KEPT
    return {
        "pk": pk,
        "sk": sk,
        "v": document.version,
        "iv": entries,
        "ttl": (kept_until - date(1970, 1, 1)).days * 86_400,
    }


def day_document(item: dict[str, Any], *, resource: str, day: str) -> DayDocument:
    entries = tuple(
        Entry(owner, Interval(e["s"], e["e"]), EntryKind(e["k"]), e.get("x")) for owner, e in sorted(item["iv"].items())
    )
    return DayDocument(resource, day, item["v"], entries)


def booking_attributes(booking: Booking) -> dict[str, Any]:
    """All attributes but keys and personal data; absent ones are absent, so that two versions can be compared."""
    values: dict[str, Any] = {
        "rv": booking.rv,
        "st": booking.state.value,
        "want": "none" if booking.cancel_wanted else "booked",
        "svc": booking.service,
        "cal": booking.calendar,
        "rids": list(booking.resources),
        "staff": list(booking.staff) or None,
        "cps": list(booking.copies) or None,
        **_times(booking.times),
        "nw": None if booking.moving_to is None else _times(booking.moving_to),
        "cal_h": booking.caller,
        "ik": booking.intent,
        "agent": booking.agent,
        "hx": booking.held_until,
        "hby": booking.held_by,
        "ep": booking.generation,
        "pid": booking.provider_id,
        "etag": booking.etag,
        "link": booking.link,
        "host": booking.host,
        "req": booking.needs_approval or None,
        "att": None if booking.attempt is None else _attempt(booking.attempt),
        "natt": booking.sends,
        "pdl": booking.quiet_from,
        "sent1": booking.first_sent,
        "dbt": booking.in_doubt or None,
        "aud": list(booking.audits) or None,
        "rsn": booking.reason,
        "w": booking.nonce,
    }
    if booking.due is not None:
        values |= {"g1pk": keys.shard(booking.id), "g1sk": booking.due}
    return {name: value for name, value in values.items() if value is not None}


def booking_from(item: dict[str, Any], *, contact: Contact | None = None) -> Booking:
    """The booking, with its personal data when they were opened."""
    _, booking_id = keys.split_booking_key(item["pk"])
    attempt = item.get("att")
    return Booking(
        id=booking_id,
        rv=item["rv"],
        state=State(item["st"]),
        service=item["svc"],
        calendar=item["cal"],
        resources=tuple(item["rids"]),
        staff=tuple(item.get("staff", ())),
        copies=tuple(item.get("cps", ())),
        times=_times_from(item),
        moving_to=_times_from(item["nw"]) if "nw" in item else None,
        caller=item["cal_h"],
        intent=item["ik"],
        agent=item["agent"],
        contact=contact or Contact(),
        cancel_wanted=item["want"] == "none",
        held_until=item.get("hx"),
        held_by=item.get("hby"),
        generation=item["ep"],
        provider_id=item.get("pid"),
        etag=item.get("etag"),
        link=item.get("link"),
        host=item.get("host"),
        needs_approval=item.get("req", False),
        attempt=None if attempt is None else Attempt(attempt["n"], attempt["id"], attempt["dl"]),
        sends=item["natt"],
        quiet_from=item["pdl"],
        first_sent=item.get("sent1"),
        in_doubt=item.get("dbt", False),
        audits=tuple(item.get("aud", ())),
        due=item.get("g1sk"),
        reason=item.get("rsn"),
        nonce=item["w"],
    )


def _times(times: Times) -> dict[str, int]:
    span, blocked = times.span, times.blocked
    return {"s": span.start, "e": span.end, "bs": blocked.start, "be": blocked.end}


def _times_from(item: dict[str, Any]) -> Times:
    return Times(Interval(item["s"], item["e"]), Interval(item["bs"], item["be"]))


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {"n": attempt.number, "id": attempt.id, "dl": attempt.deadline}
