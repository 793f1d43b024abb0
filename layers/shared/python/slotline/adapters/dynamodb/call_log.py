"""What was said in a call, out of the ledger; and what came of the call, beside its record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.filing import DELIVERY_KEPT, Filing
from slotline.domain.call_events import CallOutcome
from slotline.domain.promises import Told
from slotline.domain.time import minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slotline.adapters.dynamodb.table import Table
    from slotline.domain.bookings import Booking
    from slotline.domain.call_events import CallRef

OUTCOME_KEPT = 400 * 86_400
LONGEST_CALL_SECONDS = 4 * 3600.0
"""How far from the last entry in a call's record its other answers are looked for."""

_OTHER_TEXTS = frozenset({"sms_asked", "sms_code"})


class DynamoCallLog:
    """ports.CallLog on the one table."""

    def __init__(self, table: Table, *, business: str) -> None:
        self._table = table
        self._business = business
        self._filing = Filing(table, business=business)

    def told(self, call: CallRef, *, now: float) -> tuple[Told, ...]:
        record = self._table.get(keys.call(self._business, call.scope))
        written = now if record is None else record["ttl"] - DELIVERY_KEPT  # an event may come long after its call
        first, last = written - LONGEST_CALL_SECONDS, min(now, written + LONGEST_CALL_SECONDS)
        wanted = (call.id, call.platform, call.agent)
        return tuple(
            _told(entry)
            for entry in self._ledger(first, last)
            if (entry.get("call"), entry["platform"], entry["agent"]) == wanted
        )

    def outcome(self, call: CallRef) -> CallOutcome:
        item = self._table.get(keys.call_end(self._business, call.scope, call.agent))
        if item is None:
            return CallOutcome()
        return CallOutcome(
            reason=item.get("rsn"),
            replies=item["replies"],
            bookings=item["bookings"],
            broken=tuple(item["broken"]),
            unmatched=item["unmatched"],
            version=item["v"],
        )

    def close(self, call: CallRef, outcome: CallOutcome, *, tasks: Sequence[Booking], now: float) -> None:
        pk, sk = keys.call_end(self._business, call.scope, call.agent)
        condition: dict[str, Any] = {"condition": "attribute_not_exists(pk)"}
        if outcome.version:
            condition = {"condition": "v = :v0", "v0": outcome.version}
        item = {
            "pk": pk,
            "sk": sk,
            "v": outcome.version + 1,
            "at": now,
            "rsn": outcome.reason,
            "replies": dict(outcome.replies),
            "bookings": dict(outcome.bookings),
            "broken": list(outcome.broken),
            "unmatched": outcome.unmatched,
            "ttl": int(now) + OUTCOME_KEPT,
        }
        effects = [self._filing.effect(booking, "broken_promise", rv=booking.rv, now=now) for booking in tasks]
        self._table.transact([self._table.put(item, **condition), *effects])

    def texted_since(self, booking_id: str, moment: float) -> bool:
        pk, _ = keys.booking(self._business, booking_id)
        effects = self._table.query(pk, first="X#", last="X#~", consistent=True)
        return any(
            effect["kind"].startswith("sms_")
            and effect["kind"] not in _OTHER_TEXTS
            and effect["st"] != "gave_up"
            and effect["at"] > moment
            for effect in effects
        )

    def _ledger(self, first: float, last: float) -> Iterator[dict[str, Any]]:
        """Everything told between two moments, to whomever, day by day."""
        begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (first, last))
        for number in range((end.date() - begin.date()).days + 1):
            day = begin.date() + timedelta(days=number)
            since = begin.time().isoformat("milliseconds") if day == begin.date() else ""
            until = end.time().isoformat("milliseconds") if day == end.date() else ""
            pk = keys.ledger_day(self._business, day.isoformat())
            yield from self._table.query(pk, first=since or "0", last=f"{until}~", consistent=True)


def _told(entry: dict[str, Any]) -> Told:
    start = entry.get("start")
    return Told(
        tool=entry["tool"],
        status=entry["status"],
        at=entry["at"],
        handle=entry.get("appointment"),
        start=None if start is None else minute_of(datetime.fromisoformat(start)),
    )
