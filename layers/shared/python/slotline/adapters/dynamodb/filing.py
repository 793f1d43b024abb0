"""The items that go with a booking's transition: history, intent, delivery, caller index, provider map, effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.call_records import call_attributes
from slotline.adapters.dynamodb.items import booking_attributes
from slotline.domain.bookings import State
from slotline.domain.proofs import intent_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.bookings import Booking
    from slotline.ports import CallRecord, Delivery, OutboxKind

DAY = 86_400
HISTORY_KEPT = 400 * DAY
DELIVERY_KEPT = 7 * DAY
BOOKING_KEPT = 40 * DAY
SWEEP_AFTER_SECONDS = 20
"""How long the stream has to deliver an effect before the sweep looks for it."""


def lives_until(booking: Booking) -> int:
    """When DynamoDB may forget the booking and what belongs to it (epoch seconds)."""
    last = max(interval.end for interval in booking.intervals)
    return last * 60 + BOOKING_KEPT


class Filing:
    """Builds the side items of one business; conditions stand where the item is a lock of its own."""

    def __init__(self, table: Table, *, business: str) -> None:
        self._table = table
        self._business = business

    def history(self, before: Booking | None, after: Booking, *, now: float) -> Action:
        pk, sk = keys.history(self._business, after.id, after.rv)
        return self._table.put({
            "pk": pk,
            "sk": sk,
            "from": before.state.value if before else None,
            "to": after.state.value,
            "rsn": after.reason,
            "at": now,
            "w": after.nonce,
            "ttl": int(now) + HISTORY_KEPT,
        })  # fmt: skip

    def live_intent(self, booking: Booking, key: str) -> Action:
        """The wish is ours: no other live booking may stand for it. A hold's record comes along, to save a read."""
        pk, sk = keys.intent(self._business, key)
        hold = booking_attributes(booking) if booking.state is State.HELD else None
        return self._table.put(
            {"pk": pk, "sk": sk, "bid": booking.id, "st": "live", "hold": hold, "ttl": lives_until(booking)},
            condition="attribute_not_exists(pk) OR st = :dead OR bid = :bid",
            dead="dead",
            bid=booking.id,
        )

    def dead_intent(self, booking: Booking, key: str) -> Action:
        """The wish ends with its booking, so that the same wish may be had again."""
        pk, sk = keys.intent(self._business, key)
        return self._table.put(
            {"pk": pk, "sk": sk, "bid": booking.id, "st": "dead", "ttl": lives_until(booking)},
            condition="attribute_not_exists(pk) OR bid = :bid",
            bid=booking.id,
        )

    def delivery(self, delivery: Delivery, booking_id: str, *, now: float) -> list[Action]:
        actions = []
        if delivery.operation is not None:
            operation = delivery.operation
            pk, sk = keys.operation(self._business, operation.scope, operation.key)
            actions.append(
                self._table.put(
                    {
                        "pk": pk,
                        "sk": sk,
                        "fp": operation.fingerprint,
                        "bid": booking_id,
                        "ttl": int(now) + DELIVERY_KEPT,
                    },
                    condition="attribute_not_exists(pk) OR (fp = :fp AND bid = :bid)",
                    fp=operation.fingerprint,
                    bid=booking_id,
                )
            )
        if delivery.call is not None:
            actions.append(self.call(delivery.call, now=now))
        return actions

    def call(self, record: CallRecord, *, now: float) -> Action:
        """The next version of a call's record; two tool calls of one call cannot overwrite each other."""
        pk, sk = keys.call(self._business, record.scope)
        condition: dict[str, Any] = {"condition": "attribute_not_exists(pk)"}
        if record.version:
            condition = {"condition": "v = :v0", "v0": record.version}
        return self._table.put(
            {"pk": pk, "sk": sk, **call_attributes(record), "ttl": int(now) + DELIVERY_KEPT},
            **condition,
        )

    def caller_line(self, booking: Booking) -> Action:
        pk, sk = keys.caller(self._business, booking.caller, booking.times.span.start, booking.id)
        return self._table.put({"pk": pk, "sk": sk, "bid": booking.id, "ttl": lives_until(booking)})

    def no_caller_line(self, booking: Booking) -> Action:
        return self._table.delete(keys.caller(self._business, booking.caller, booking.times.span.start, booking.id))

    def lines(self, before: Booking, after: Booking) -> list[Action]:
        """The caller index names the booking at its time, and at no other."""
        moved = before.times.span.start != after.times.span.start
        return [self.caller_line(after), *([self.no_caller_line(before)] if moved else [])]

    def wish_of_move(self, booking: Booking) -> Action:
        """The wish for the new time is this booking's from now on: booked anew meanwhile, it would be had twice."""
        return self.live_intent(booking, _wish_of_move(booking))

    def end_of_move(self, before: Booking, after: Booking) -> list[Action]:
        """The wish for the time it was moving to ends too, unless it is one that the booking had or has now."""
        if before.moving_to is None or _wish_of_move(before) in {before.intent, after.intent}:
            return []
        return [self.dead_intent(before, _wish_of_move(before))]

    def swapped(self, before: Booking, after: Booking, effects: Iterable[OutboxKind], *, now: float) -> list[Action]:
        """The booking stands at another time, and for the wish for that one."""
        parts = [*self.lines(before, after), *self.effects(after, effects, now=now)]
        if before.intent != after.intent:
            parts += [self.dead_intent(before, before.intent), self.live_intent(after, after.intent)]
        return parts

    def provider_map(self, booking: Booking, provider_id: str) -> Action:
        """One provider event belongs to one booking."""
        pk, sk = keys.provider_map(self._business, booking.calendar, provider_id)
        return self._table.put(
            {"pk": pk, "sk": sk, "bid": booking.id, "ttl": lives_until(booking)},
            condition="attribute_not_exists(pk) OR bid = :bid",
            bid=booking.id,
        )

    def stray(self, booking_id: str, provider_id: str, *, now: float) -> list[Action]:
        """Keep the id and make the booking due now. Its version stays, so that nobody who drives it is refused."""
        pk, sk = keys.stray(self._business, booking_id, provider_id)
        due = {"g1pk": keys.shard(booking_id), "g1sk": now}
        return [
            self._table.put({"pk": pk, "sk": sk, "at": now, "ttl": int(now) + HISTORY_KEPT}),
            self._table.change(keys.booking(self._business, booking_id), {}, due, condition="attribute_exists(pk)"),
        ]

    def effects(self, booking: Booking, kinds: Iterable[OutboxKind], *, now: float) -> list[Action]:
        """Effects are written with the state that causes them; the stream wakes their worker."""
        kinds = list(kinds)
        if booking.copies and booking.state in {State.BOOKED, State.CANCELLED}:
            kinds.append("staff_copies")
        return [self.effect(booking, kind, rv=booking.rv, now=now) for kind in kinds]

    def effect(self, booking: Booking, kind: OutboxKind, *, rv: int, now: float, to: bytes | None = None) -> Action:
        return self.text_of(booking.id, kind, rv=rv, now=now, to=to)

    def text_of(self, owner: str, kind: OutboxKind, *, rv: int, now: float, to: bytes | None = None) -> Action:
        """The effect of a booking, or of something else that has an id; `to` is a sealed number."""
        pk, sk = keys.outbox(self._business, owner, rv, kind)
        return self._table.put(
            {
                "pk": pk,
                "sk": sk,
                "kind": kind,
                "st": "new",
                "n": 0,
                "dl": 0,
                "to": to,
                "at": now,
                "g1pk": keys.shard(owner),
                "g1sk": now + SWEEP_AFTER_SECONDS,
                "ttl": int(now) + HISTORY_KEPT,
            },
            condition="attribute_not_exists(pk)",
        )


def _wish_of_move(booking: Booking) -> str:
    """The intent key of the time a booking is moving to."""
    start = (booking.moving_to or booking.times).span.start
    return intent_key(booking.caller, service=booking.service, start=start)
