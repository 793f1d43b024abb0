"""The transactions T1 to T9 of the booking protocol. See docs/booking-protocol.md for the states they join."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.day_locks import DayLocks
from slotline.adapters.dynamodb.filing import Filing, lives_until
from slotline.adapters.dynamodb.items import booking_attributes, booking_from, day_document
from slotline.adapters.dynamodb.table import MAX_TRIES, ConditionFailedError
from slotline.domain.bookings import AUDIT_DELAYS_SECONDS, Contact, Entry, EntryKind, State
from slotline.domain.errors import StaleError, StoreUnavailableError
from slotline.domain.time import utc_day
from slotline.ports import CallerBooking, CallRecord, KnownOperation, WishView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.bookings import Attempt, Booking, DayDocument, Times
    from slotline.domain.time import Interval
    from slotline.ports import DayView, Delivery, Guest, Ids, Operation, OutboxKind, ProviderEvent, Seats

type Locking = Callable[[DayView], list[Action]]


class DynamoBookingStore:
    """ports.BookingStore on the one table."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer, ids: Ids) -> None:
        self._table = table
        self._business = business
        self._sealer = sealer
        self._ids = ids
        self._locks = DayLocks(table, business=business)
        self._filing = Filing(table, business=business)

    # --- reads -------------------------------------------------------------------------------------------------------

    def view(
        self,
        *,
        operation: Operation | None = None,
        scope: str | None = None,
        intents: Iterable[str] = (),
        days: Iterable[tuple[str, str]] = (),
    ) -> WishView:
        intents, days = list(intents), list(days)
        operation_key = keys.operation(self._business, operation.scope, operation.key) if operation else None
        call_key = keys.call(self._business, scope) if scope else None
        items = self._table.get_all([
            *([operation_key] if operation_key else []),
            *([call_key] if call_key else []),
            *(keys.intent(self._business, key) for key in intents),
            *(keys.day(self._business, resource, day) for resource, day in days),
        ])  # fmt: skip
        filed = items.get(operation_key) if operation_key else None
        call = items.get(call_key) if call_key else None
        wishes = {key: items.get(keys.intent(self._business, key)) for key in intents}
        record = None
        if scope:
            record = CallRecord(scope, call["v"], tuple(call["shown"]), call.get("held")) if call else CallRecord(scope)
        return WishView(
            operation=KnownOperation(filed["fp"], filed["bid"]) if filed else None,
            intents={key: wish["bid"] for key, wish in wishes.items() if wish and wish["st"] == "live"},
            days=self._locks.documents(days, items),
            call=record,
        )

    def days(self, resources: Iterable[str], *, window: Interval) -> Mapping[str, Sequence[DayDocument]]:
        first, last = utc_day(window.start), utc_day(window.end - 1)
        found: dict[str, Sequence[DayDocument]] = {}
        for resource in resources:
            pk, _ = keys.day(self._business, resource, first)
            items = self._table.query(pk, first=f"D#{first}", last=f"D#{last}", consistent=False)
            found[resource] = [day_document(item, resource=resource, day=item["sk"][2:]) for item in items]
        return found

    def read(self, booking_id: str) -> Booking:
        item = self._table.get(keys.booking(self._business, booking_id))
        if item is None:
            raise StaleError("there is no such booking")
        contact = self._sealer.open(item["pii"], booking_id=booking_id) if "pii" in item else Contact()
        return replace(booking_from(item), contact=contact)

    def of_caller(self, caller: str, *, not_before: int) -> tuple[CallerBooking, ...]:
        pk = keys.caller_partition(self._business, caller)
        items = self._table.query(pk, first=f"A#{not_before:010d}", last="A#~", consistent=True)
        return tuple(CallerBooking(item["bid"], int(item["sk"].split("#")[1])) for item in items)

    # --- a slot is taken ---------------------------------------------------------------------------------------------

    def hold(self, booking: Booking, *, days: DayView, delivery: Delivery, seats: Seats, now: float) -> Booking:
        after = self._next(booking, state=State.HELD, due=booking.held_until)
        return self._write(
            None,
            after,
            [self._filing.live_intent(after, after.intent), *self._filing.delivery(delivery, after.id, now=now)],
            days=days,
            locking=self._taking(after, seats=seats, now=now),
            now=now,
        )

    def pin(
        self,
        booking: Booking,
        *,
        guest: Guest,
        attempt: Attempt,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        now: float,
    ) -> Booking:
        after = self._next(
            booking,
            state=State.BOOKING,
            caller=guest.caller,
            intent=guest.intent,
            contact=guest.contact,
            held_until=None,
            attempt=attempt,
            sends=1,
            quiet_from=attempt.deadline,
            first_sent=now,
            due=attempt.deadline,
        )
        return self._book(booking, after, days=days, delivery=delivery, seats=seats, parts=[], now=now)

    def book_own(
        self, booking: Booking, *, guest: Guest, days: DayView, delivery: Delivery, seats: Seats, now: float
    ) -> Booking:
        after = self._next(
            booking,
            state=State.BOOKED,
            caller=guest.caller,
            intent=guest.intent,
            contact=guest.contact,
            held_until=None,
            provider_id=booking.id,
            due=None,
        )
        parts = [self._filing.caller_line(after), *self._filing.effects(after, ["sms_booked"], now=now)]
        return self._book(booking, after, days=days, delivery=delivery, seats=seats, parts=parts, now=now)

    def _book(
        self,
        booking: Booking,
        after: Booking,
        *,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        parts: list[Action],
        now: float,
    ) -> Booking:
        before = booking if booking.rv else None
        parts = [self._filing.live_intent(after, after.intent), *parts]
        if before is not None and before.intent != after.intent:  # the hold was made before the caller was known
            parts.append(self._filing.dead_intent(before, before.intent))
        parts += self._filing.delivery(delivery, after.id, now=now)
        return self._write(
            before, after, parts, days=days, locking=self._taking(after, seats=seats, now=now), now=now,
            condition="st = :held AND want = :booked", held="held", booked="booked",
        )  # fmt: skip

    # --- attempts ----------------------------------------------------------------------------------------------------

    def claim(self, booking: Booking, *, attempt: Attempt, now: float) -> Booking:
        after = self._next(
            booking,
            attempt=attempt,
            sends=booking.sends + 1,
            quiet_from=attempt.deadline,
            first_sent=booking.first_sent or now,
            due=attempt.deadline,
        )
        return self._write(booking, after, [], now=now)

    def doubt(self, booking: Booking, *, due: float, now: float) -> Booking:
        # This process sends no more, so the time in which a late execution is possible starts now.
        after = self._next(booking, attempt=None, in_doubt=True, quiet_from=min(booking.quiet_from, now), due=due)
        return self._write(booking, after, [], now=now)

    def unsent(self, booking: Booking, *, before: Booking, due: float, now: float) -> Booking:
        after = self._next(booking, attempt=None, sends=booking.sends - 1, quiet_from=before.quiet_from, due=due)
        return self._write(booking, after, [], now=now)

    def postpone(
        self, booking: Booking, *, due: float | None, audits: tuple[float, ...] | None = None, now: float
    ) -> Booking:
        after = self._next(booking, attempt=None, due=due, audits=booking.audits if audits is None else audits)
        return self._write(booking, after, [], now=now)

    # --- a provider answered -----------------------------------------------------------------------------------------

    def commit(self, booking: Booking, *, event: ProviderEvent, effects: Iterable[OutboxKind], now: float) -> Booking:
        audits = _audits(booking, now=now)
        after = self._next(
            booking,
            state=State.BOOKED,
            times=replace(booking.times, span=event.span),
            provider_id=event.id,
            etag=event.etag,
            link=event.link,
            host=event.host,
            needs_approval=event.status == "requested",
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=_next_look(event, audits, now=now),
        )
        parts = [
            self._filing.provider_map(after, event.id),
            self._filing.caller_line(after),
            *self._filing.effects(after, effects, now=now),
        ]
        return self._write(booking, after, parts, now=now)

    def stray(self, booking_id: str, *, provider_id: str, now: float) -> None:
        self._table.transact([self._filing.stray(booking_id, provider_id, now=now)])

    def release(
        self, booking: Booking, *, to: State, reason: str, effects: Iterable[OutboxKind] = (), now: float
    ) -> Booking:
        audits = _audits(booking, now=now)
        after = self._next(
            booking, state=to, reason=reason, attempt=None, in_doubt=False, held_until=None, audits=audits,
            due=audits[0] if audits else None,
        )  # fmt: skip
        parts = [
            self._filing.dead_intent(after, after.intent),
            self._filing.no_caller_line(booking),
            *self._filing.effects(after, effects, now=now),
        ]
        return self._write(booking, after, parts, locking=self._settling(booking, None), now=now)

    # --- changes -----------------------------------------------------------------------------------------------------

    def want_move(
        self,
        booking: Booking,
        *,
        to: Times,
        caller: str,
        attempt: Attempt,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        now: float,
    ) -> Booking:
        after = self._next(
            booking,
            state=State.RESCHEDULING,
            moving_to=to,
            attempt=attempt,
            sends=1,
            quiet_from=attempt.deadline,
            first_sent=now,
            due=attempt.deadline,
        )
        entry = Entry(f"{booking.id}+", to.blocked, EntryKind.PIN)
        return self._write(
            booking, after, self._filing.delivery(delivery, booking.id, now=now), days=days,
            locking=lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now), now=now,
            condition="st = :old AND want = :booked AND cal_h = :caller", old="booked", booked="booked", caller=caller,
        )  # fmt: skip

    def moved(
        self, booking: Booking, *, event: ProviderEvent, intent: str, effects: Iterable[OutboxKind], now: float
    ) -> Booking:
        if booking.moving_to is None:
            raise StaleError("this booking is not being moved")
        audits = _audits(booking, now=now)
        after = self._next(
            booking,
            state=State.BOOKED,
            times=replace(booking.moving_to, span=event.span),
            moving_to=None,
            intent=intent,
            provider_id=event.id,
            etag=event.etag,
            link=event.link or booking.link,
            host=event.host or booking.host,
            needs_approval=event.status == "requested",
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=_next_look(event, audits, now=now),
        )
        parts = [self._filing.provider_map(after, event.id), *self._swapped(booking, after, effects, now=now)]
        entry = Entry(booking.id, booking.moving_to.blocked, EntryKind.PIN)
        return self._write(booking, after, parts, locking=self._settling(booking, entry), now=now)

    def stay(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        audits = _audits(booking, now=now)
        after = self._next(
            booking, state=State.BOOKED, moving_to=None, attempt=None, in_doubt=False, audits=audits, due=audits[0] if audits else None
        )
        entry = Entry(booking.id, booking.times.blocked, EntryKind.PIN)
        return self._write(
            booking,
            after,
            self._filing.effects(after, effects, now=now),
            locking=self._settling(booking, entry),
            now=now,
        )

    def move_own(
        self,
        booking: Booking,
        *,
        to: Times,
        caller: str,
        intent: str,
        days: DayView,
        delivery: Delivery,
        seats: Seats,
        effects: Iterable[OutboxKind],
        now: float,
    ) -> Booking:
        after = self._next(booking, times=to, intent=intent)
        entry = Entry(booking.id, to.blocked, EntryKind.PIN)
        moving = replace(booking, moving_to=to)

        def swap(seen: DayView) -> list[Action]:
            self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)  # the overlap check
            return self._locks.settling(moving, entry=entry, days=seen)

        return self._write(
            booking, after,
            [*self._swapped(booking, after, effects, now=now), *self._filing.delivery(delivery, booking.id, now=now)],
            days=days, locking=swap, touched=moving, now=now,
            condition="st = :old AND want = :booked AND cal_h = :caller", old="booked", booked="booked", caller=caller,
        )  # fmt: skip

    def want_cancel(
        self, booking: Booking, *, caller: str, attempt: Attempt | None, delivery: Delivery, now: float
    ) -> Booking:
        state = State.CANCELLING if booking.state is State.BOOKED else booking.state
        after = self._next(
            booking,
            state=state,
            cancel_wanted=True,
            attempt=attempt or booking.attempt,
            first_sent=now,
            sends=0 if state is State.CANCELLING else booking.sends,
            due=attempt.deadline if attempt else booking.due,
        )
        return self._write(
            booking, after, self._filing.delivery(delivery, booking.id, now=now), now=now,
            condition="cal_h = :caller", caller=caller,
        )  # fmt: skip

    def cancel_own(
        self, booking: Booking, *, caller: str, delivery: Delivery, effects: Iterable[OutboxKind], now: float
    ) -> Booking:
        after = self._next(booking, state=State.CANCELLED, cancel_wanted=True, reason="caller", due=None)
        parts = [
            self._filing.dead_intent(after, after.intent),
            self._filing.no_caller_line(booking),
            *self._filing.effects(after, effects, now=now),
            *self._filing.delivery(delivery, booking.id, now=now),
        ]
        return self._write(
            booking, after, parts, locking=self._settling(booking, None), now=now,
            condition="cal_h = :caller", caller=caller,
        )  # fmt: skip

    def keep(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        after = self._next(booking, state=State.BOOKED, cancel_wanted=False, attempt=None, due=None)
        return self._write(booking, after, self._filing.effects(after, effects, now=now), now=now)

    # --- around the booking ------------------------------------------------------------------------------------------

    def show(self, call: CallRecord, *, now: float) -> None:
        self._table.transact([self._filing.call(call, now=now)])

    def ask_message(
        self, booking: Booking, *, kind: OutboxKind, to: str | None, delivery: Delivery, now: float
    ) -> None:
        # Its number in the outbox is the minute: asked for twice within one, it is one message.
        effect = self._filing.effect(booking, kind, rv=int(now) // 60, now=now, to=to)
        self._table.transact([effect, *self._filing.delivery(delivery, booking.id, now=now)])

    def messages_asked_for(self, booking_id: str) -> int:
        pk, _ = keys.booking(self._business, booking_id)
        items = self._table.query(pk, first="X#", last="X#~", consistent=True)
        return sum(item["kind"] == "sms_asked" for item in items)

    # --- how every transition is written -----------------------------------------------------------------------------

    def _next(self, booking: Booking, **changes: object) -> Booking:
        return replace(booking, rv=booking.rv + 1, nonce=self._ids.nonce(), **changes)  # type: ignore[arg-type]  # fields by name

    def _taking(self, booking: Booking, *, seats: Seats, now: float) -> Locking:
        kind = EntryKind.HOLD if booking.state is State.HELD else EntryKind.PIN
        entry = Entry(booking.id, booking.times.blocked, kind, booking.held_until)
        return lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)

    def _settling(self, booking: Booking, entry: Entry | None) -> Locking:
        return lambda seen: self._locks.settling(booking, entry=entry, days=seen)

    def _swapped(self, before: Booking, after: Booking, effects: Iterable[OutboxKind], *, now: float) -> list[Action]:
        parts = [self._filing.caller_line(after), *self._filing.effects(after, effects, now=now)]
        if before.times.span.start != after.times.span.start:
            parts.append(self._filing.no_caller_line(before))
        if before.intent != after.intent:
            parts += [self._filing.dead_intent(before, before.intent), self._filing.live_intent(after, after.intent)]
        return parts

    def _write(
        self,
        before: Booking | None,
        after: Booking,
        parts: list[Action],
        *,
        now: float,
        days: DayView | None = None,
        locking: Locking | None = None,
        touched: Booking | None = None,
        condition: str = "",
        **values: object,
    ) -> Booking:
        """One transition: the booking under its version, its history, its side items, its day documents.

        When only day documents moved on, they are read again and the overlap rule is applied to what they say now.
        """
        record = self._record(before, after, condition, values)
        fixed = [record, self._filing.history(before, after, now=now), *parts]
        wanted = dict.fromkeys(
            [*self._locks.touched(touched or after), *(self._locks.touched(before) if before else [])]
        )
        if days is not None and not wanted.keys() <= days.keys():
            days = None  # what was read does not cover it, say after a change of the configuration
        for _ in range(MAX_TRIES):
            if locking is not None and days is None:
                days = self._locks.read(wanted)
            locks = locking(days) if locking is not None and days is not None else []
            try:
                self._table.transact([*fixed, *locks])
            except ConditionFailedError as refused:
                if refused.items.get(0, {}).get("w") == after.nonce:
                    return after  # our own write, told to us as a refusal after its answer was lost
                if any(number < len(fixed) for number in refused.items):
                    raise
                days = None
            else:
                return after
        raise StoreUnavailableError("the calendar of record is too busy")

    def _record(self, before: Booking | None, after: Booking, condition: str, values: dict[str, object]) -> Action:
        pk, sk = keys.booking(self._business, after.id)
        attributes = booking_attributes(after) | {"ttl": lives_until(after)}
        if after.contact != (before.contact if before else Contact()):
            attributes["pii"] = self._sealer.seal(after.contact, booking_id=after.id)
        if before is None:
            return self._table.put({"pk": pk, "sk": sk, **attributes}, condition="attribute_not_exists(pk)")
        condition = " AND ".join(part for part in ("rv = :rv", condition) if part)
        old = booking_attributes(before) | {"ttl": lives_until(before)}
        return self._table.change((pk, sk), old, attributes, condition=condition, rv=before.rv, **values)


def _audits(booking: Booking, *, now: float) -> tuple[float, ...]:
    """What ever was in doubt is compared with the provider again, however the booking went on."""
    ever_in_doubt = booking.in_doubt or booking.sends > 1
    return booking.audits or (tuple(now + delay for delay in AUDIT_DELAYS_SECONDS) if ever_in_doubt else ())


APPROVAL_LOOK_SECONDS = 300.0


def _next_look(event: ProviderEvent, audits: tuple[float, ...], *, now: float) -> float | None:
    looks = [*audits[:1], *([now + APPROVAL_LOOK_SECONDS] if event.status == "requested" else [])]
    return min(looks, default=None)
