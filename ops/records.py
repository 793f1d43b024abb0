"""What a desk has in its book: bookings and messages, read straight from the table. For a laptop, not for a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ops.target import Target
from slotline.adapters.dynamodb.attributes import decode_item, encode_item
from slotline.adapters.dynamodb.config_store import DynamoConfigStore
from slotline.adapters.dynamodb.keys import split_booking_key
from slotline.domain.bookings import GIVING_WAY, State
from slotline.domain.time import iso, local
from slotline.ports import Clock

Record = dict[str, Any]


def bookings(
    target: Target, *, clock: Clock, business: str | None = None, on: date | None = None, doubt: bool = False
) -> list[Record]:
    """Bookings, soonest first, with ISO times in their business's zone. `on` is a local day there."""
    zone_of = _zones(target, clock=clock)
    found = []
    for item in _items(target, "sk = :sk", {":sk": "B"}, business=business):
        owner, booking_id = split_booking_key(item["pk"])
        zone = zone_of(owner)
        if (on and local(item["s"], zone).date() != on) or (doubt and not _is_unresolved(item)):
            continue
        found.append((item["s"], booking_id, _booking(item, booking_id, zone=zone)))
    return [record for _, _, record in sorted(found, key=lambda each: each[:2])]


def messages(target: Target, *, business: str | None = None) -> list[Record]:
    """Text messages and tasks on their way or done, by booking and in the order they were caused."""
    items = _items(target, "begins_with(sk, :sk)", {":sk": "X#"}, business=business)
    return [_message(item) for item in sorted(items, key=lambda each: (each["pk"], each["sk"]))]


def _booking(item: Record, booking_id: str, *, zone: ZoneInfo) -> Record:
    staff = {"staff": list(item["staff"])} if item.get("staff") else {}
    return {
        "id": booking_id,
        "state": str(item["st"]).lower(),
        "service": item["svc"],
        "start": iso(item["s"], zone),
        "end": iso(item["e"], zone),
        **staff,
        "calendar": item["cal"],
        "doubt": _is_unresolved(item),
        **({"why": _why(item, zone)} if _is_unresolved(item) else {}),
        **({"reason": item["rsn"]} if item["st"] in _ENDED and "rsn" in item else {}),
    }


_ENDED = {state.value for state in State if state.is_terminal}
_WANTED = {"booking": "make it", "rescheduling": "move it", "cancelling": "cancel it"}
_WANTED_NO_MORE = {
    "booking": "show whether it made it, which is to be cancelled",
    "rescheduling": "show whether it moved it, which is to be cancelled",
}


def _is_unresolved(item: Record) -> bool:
    """Whether something was asked of the calendar and it is not known what came of it."""
    return item["st"] in _WANTED


def _why(item: Record, zone: ZoneInfo) -> str:
    """What is waited for, how often it was tried, and when somebody looks again."""
    again = f"; next look {iso(int(item['g1sk'] // 60), zone)}" if "g1sk" in item else ""
    state = item["st"]
    if item.get("rsn") == GIVING_WAY:
        return f"waits for {item['cal']} to remove it again, for another event lies under it{again}"
    if state == "cancelling":  # repeated until the calendar answers: how often is not kept
        since = f": wanted since {iso(int(item['sent1'] // 60), zone)}" if "sent1" in item else ""
        return f"waits for {item['cal']} to {_WANTED[state]}{since}{again}"
    wanted = _WANTED_NO_MORE[state] if item.get("want") == "none" else _WANTED[state]
    sends = item.get("natt", 0)
    tried = f"asked {sends} time{'' if sends == 1 else 's'}" if sends else "not asked yet"
    answer = ", no answer came" if item.get("dbt") else ""
    return f"waits for {item['cal']} to {wanted}: {tried}{answer}{again}"


def _message(item: Record) -> Record:
    owner, booking_id = split_booking_key(item["pk"])
    why = item.get("rsn") or item.get("drsn")
    reason = {"reason": why} if why else {}
    delivery = {"delivery": item["dst"]} if item.get("dst") else {}
    error = {"error": item["derr"]} if item.get("derr") else {}
    return {
        "business": owner,
        "booking": booking_id,
        "kind": item["kind"],
        "state": item["st"],
        "sends": item.get("n", 0),
        **delivery,
        **reason,
        **error,
    }


def _items(target: Target, condition: str, values: dict[str, Any], *, business: str | None) -> Iterator[Record]:
    """Items of bookings that meet the condition, by a paginated Scan: the book is small, and no caller waits."""
    values = {**values, ":pk": f"T#{business}#B#" if business else "T#"}
    pages = (
        target.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=target.table,
            FilterExpression=f"begins_with(pk, :pk) AND {condition}",
            ExpressionAttributeValues=encode_item(values),
            ConsistentRead=True,
        )
    )
    return (decode_item(item) for page in pages for item in page["Items"])


def _zones(target: Target, *, clock: Clock) -> Callable[[str], ZoneInfo]:
    store = DynamoConfigStore(target.dynamodb(), target.table, clock)
    return lambda business: store.business(business).zone
