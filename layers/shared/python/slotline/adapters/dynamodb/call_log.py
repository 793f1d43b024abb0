"""What was said in a call, out of the ledger; and what came of the call, beside its record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.call_records import call_record
from slotline.adapters.dynamodb.filing import DELIVERY_KEPT, Filing
from slotline.domain.call_events import CallOutcome
from slotline.domain.promises import PROMISES, Told
from slotline.domain.time import minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slotline.adapters.dynamodb.table import Table
    from slotline.domain.bookings import Booking
    from slotline.domain.call_events import CallRef
    from slotline.ports import CallRecord

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

    def close(
        self, call: CallRef, outcome: CallOutcome, *, tasks: Sequence[Booking], nameless: bool, now: float
    ) -> None:
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
        new = [booking for booking in tasks if not self._has_task(booking)]
        effects = [self._filing.effect(booking, "broken_promise", rv=booking.rv, now=now) for booking in new]
        if nameless:
            effects.append(self._filing.text_of(call.owner, "doubt_left", rv=outcome.version + 1, now=now))
        self._table.transact([self._table.put(item, **condition), *effects])

    def promised_since(self, booking_id: str, moment: float, *, now: float) -> tuple[Told, ...]:
        records: dict[str, CallRecord | None] = {}
        found = []
        for entry in self._ledger(max(moment, now - DELIVERY_KEPT), now):  # older calls are forgotten
            told = _told(entry)
            call = entry.get("call")
            if told.at <= moment or told.handle is None or told.status not in PROMISES or call is None:
                continue
            scope = f"{entry['platform']}#{call}"
            if scope not in records:
                item = self._table.get(keys.call(self._business, scope))
                records[scope] = None if item is None else call_record(item, scope=scope)
            record = records[scope]
            if record is not None and record.booking_behind(told.handle) == booking_id:
                found.append(told)
        return tuple(found)

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

    def _has_task(self, booking: Booking) -> bool:
        key = keys.outbox(self._business, booking.id, booking.rv, "broken_promise")
        return self._table.get(key) is not None

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
        wish=_wish(entry.get("args")),
    )


def _wish(args: Mapping[str, object] | None) -> str | None:
    """What was asked for, as far as the ledger may know it; a yes is part of how it is asked, not of what for."""
    return None if args is None else json.dumps({n: v for n, v in args.items() if n != "confirm"}, sort_keys=True)
