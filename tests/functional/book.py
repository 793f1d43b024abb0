"""What a test may believe whatever the answers said: the items in the table, and what must hold between them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb.attributes import decode_item
from slotline.adapters.dynamodb.items import booking_from, day_document
from slotline.domain.bookings import EntryKind, State
from slotline.domain.time import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient

    from slotline.domain.bookings import Booking, DayDocument

Item = dict[str, Any]
_TOLD_OF_A_CHANGE = "D#~"  # no day: when the calendar last told that something changed
_LOCKING = frozenset({State.BOOKING, State.BOOKED, State.RESCHEDULING, State.CANCELLING})


def items_of(client: DynamoDBClient, table: str, business: str) -> list[Item]:
    """Everything the table holds of a business but its ledger, in the order of the keys."""
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(pk, :own) AND NOT begins_with(pk, :ledger)",
        ExpressionAttributeValues={":own": {"S": f"T#{business}#"}, ":ledger": {"S": f"T#{business}#L#"}},
        ConsistentRead=True,
    )
    found = [decode_item(item) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: (item["pk"], item["sk"]))


def bookings_in(items: Iterable[Item]) -> list[Booking]:
    return [booking_from(item) for item in items if item["sk"] == "B" and "#B#" in item["pk"]]


def days_in(items: Iterable[Item]) -> list[DayDocument]:
    return [
        day_document(item, resource=item["pk"].rsplit("#", 1)[1], day=item["sk"].removeprefix("D#"))
        for item in items
        if item["sk"].startswith("D#") and item["sk"] != _TOLD_OF_A_CHANGE and "#R#" in item["pk"]
    ]


def check_book(items: list[Item], *, capacities: Mapping[str, int] | None = None) -> None:
    """No two pinned intervals overlap beyond capacity, and the day documents say what the bookings say."""
    pinned: dict[tuple[str, str], dict[str, Interval]] = defaultdict(dict)
    for document in days_in(items):
        for entry in document.entries:
            if entry.kind is EntryKind.PIN:
                pinned[document.resource, document.day][entry.owner] = entry.interval
    expected: dict[tuple[str, str], dict[str, Interval]] = defaultdict(dict)
    for booking in bookings_in(items):
        if booking.state not in _LOCKING:
            continue
        blocked = {booking.id: booking.times.blocked}
        if booking.moving_to is not None:
            blocked[f"{booking.id}+"] = booking.moving_to.blocked
        for owner, interval in blocked.items():
            for resource in booking.resources:
                for day in interval.utc_days():
                    expected[resource, day][owner] = interval
    assert {place: own for place, own in pinned.items() if own} == dict(expected)
    for (resource, day), entries in pinned.items():
        assert _most_at_once(entries.values()) <= (capacities or {}).get(resource, 1), f"overlap on {resource} {day}"


def _most_at_once(intervals: Iterable[Interval]) -> int:
    steps = sorted([(i.end, -1) for i in intervals] + [(i.start, 1) for i in intervals])
    most = running = 0
    for _, step in steps:
        running += step
        most = max(most, running)
    return most
