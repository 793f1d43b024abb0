"""The transactions T1 to T9 of the booking protocol. See docs/booking-protocol.md for the states they join."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.booking_reads import BookingReads
from slotline.adapters.dynamodb.day_locks import DayLocks
from slotline.adapters.dynamodb.filing import Filing
from slotline.adapters.dynamodb.transitions import Transitions
from slotline.domain.bookings import AUDIT_DELAYS_SECONDS, GIVING_WAY, Entry, EntryKind, State, Times
from slotline.domain.errors import StaleError
from slotline.domain.proofs import intent_key
from slotline.ports import CallRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slotline.adapters.dynamodb.codes import Codes
    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.adapters.dynamodb.transitions import Locking
    from slotline.domain.bookings import Attempt, Booking
    from slotline.domain.time import Interval
    from slotline.domain.verification import CodeText
    from slotline.ports import DayView, Delivery, Guest, Ids, OutboxItem, OutboxKind, ProviderEvent, Seats


CHANGE_KEPT_SECONDS = 86_400
"""Longer than any process remembers what a calendar answered."""


class DynamoBookingStore(BookingReads):
    """ports.BookingStore on the one table."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer, ids: Ids) -> None:
        locks, filing = DayLocks(table, business=business), Filing(table, business=business)
        super().__init__(table, business=business, sealer=sealer, locks=locks)
        self._filing = filing
        self._transitions = Transitions(table, business=business, sealer=sealer, ids=ids, locks=locks, filing=filing)

    # --- a slot is taken ---------------------------------------------------------------------------------------------

    def hold(self, booking: Booking, *, days: DayView, delivery: Delivery, seats: Seats, now: float) -> Booking:
        after = self._transitions.next(booking, state=State.HELD, due=booking.held_until)
        return self._transitions.write(
            None,
            after,
            [self._filing.live_intent(after, after.intent), *self._filing.delivery(delivery, after.id, now=now)],
            days=days,
            locking=self._taking(after, seats=seats, now=now),
            now=now,
        )

    def take_over(self, booking: Booking, *, agent: str, delivery: Delivery, now: float) -> Booking:
        after = self._transitions.next(booking, agent=agent, held_by=delivery.call.scope if delivery.call else None)
        parts = [self._filing.live_intent(after, after.intent), *self._filing.delivery(delivery, after.id, now=now)]
        return self._transitions.write(booking, after, parts, now=now, condition="st = :held", held="held")

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
        after = self._transitions.next(
            booking,
            state=State.BOOKING,
            caller=guest.caller,
            intent=guest.intent,
            contact=guest.contact,
            held_until=None,
            held_by=None,
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
        after = self._transitions.next(
            booking,
            state=State.BOOKED,
            caller=guest.caller,
            intent=guest.intent,
            contact=guest.contact,
            held_until=None,
            held_by=None,
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
        return self._transitions.write(
            before, after, parts, days=days, locking=self._taking(after, seats=seats, now=now), now=now,
            condition="st = :held AND want = :booked", held="held", booked="booked",
        )  # fmt: skip

    # --- attempts ----------------------------------------------------------------------------------------------------

    def claim(self, booking: Booking, *, attempt: Attempt, now: float) -> Booking:
        after = self._transitions.next(
            booking,
            attempt=attempt,
            sends=booking.sends + 1,
            quiet_from=attempt.deadline,
            first_sent=booking.first_sent or now,
            due=attempt.deadline,
        )
        return self._transitions.write(booking, after, [], now=now)

    def doubt(self, booking: Booking, *, due: float, now: float) -> Booking:
        # This process sends no more, so the time in which a late execution is possible starts now.
        after = self._transitions.next(
            booking, attempt=None, in_doubt=True, quiet_from=min(booking.quiet_from, now), due=due
        )
        return self._transitions.write(booking, after, [], now=now)

    def give_way(self, booking: Booking, *, now: float) -> Booking:
        return self._transitions.write(booking, self._transitions.next(booking, reason=GIVING_WAY), [], now=now)

    def unsent(self, booking: Booking, *, before: Booking, due: float, now: float) -> Booking:
        after = self._transitions.next(
            booking, attempt=None, sends=booking.sends - 1, quiet_from=before.quiet_from, due=due
        )
        return self._transitions.write(booking, after, [], now=now)

    def postpone(
        self, booking: Booking, *, due: float | None, audits: tuple[float, ...] | None = None, now: float
    ) -> Booking:
        after = self._transitions.next(
            booking,
            attempt=None,
            in_doubt=booking.in_doubt or _ended_unheard(booking, now=now),
            due=due,
            audits=booking.audits if audits is None else audits,
        )
        return self._transitions.write(booking, after, [], now=now)

    # --- a provider answered -----------------------------------------------------------------------------------------

    def commit(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        effects, audits = list(effects), _audits(booking, now=now)
        times = _following(booking.times, event.span)
        after = self._transitions.next(
            booking,
            state=_standing(booking),
            times=times,
            provider_id=event.id,
            etag=event.etag,
            link=event.link,
            host=event.host,
            needs_approval=event.status == "requested",
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=now if booking.cancel_wanted else _next_look(audits, requested=event.status == "requested", now=now),
            reason=None,
        )
        parts = [
            self._filing.provider_map(after, event.id),
            *self._lines(booking, after),
            *self._filing.effects(after, effects, now=now),
        ]
        if times.blocked == booking.times.blocked:  # the rule; then no day document is touched
            return self._transitions.write(booking, after, parts, now=now)
        locking = self._following(booking, times, effects, seats=seats, now=now)
        return self._transitions.write(booking, after, parts, locking=locking, now=now)

    def stray(self, booking_id: str, *, provider_id: str, now: float) -> None:
        self._table.transact(self._filing.stray(booking_id, provider_id, now=now))

    def release(
        self, booking: Booking, *, to: State, reason: str, effects: Iterable[OutboxKind] = (), now: float
    ) -> Booking:
        audits = _audits(booking, now=now)
        after = self._transitions.next(
            booking, state=to, reason=reason, attempt=None, in_doubt=False, held_until=None, held_by=None,
            audits=audits, due=audits[0] if audits else None,
        )  # fmt: skip
        parts = [
            self._filing.dead_intent(after, after.intent),
            *self._end_of_move(booking, after),
            self._filing.no_caller_line(booking),
            *self._filing.effects(after, effects, now=now),
        ]
        return self._transitions.write(booking, after, parts, locking=self._settling(booking, None, now=now), now=now)

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
        after = self._transitions.next(
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
        # The wish for the new time is this booking's from now on: booked anew meanwhile, it would be had twice.
        parts = [
            self._filing.live_intent(after, _wish_of_move(after)),
            *self._filing.delivery(delivery, booking.id, now=now),
        ]
        return self._transitions.write(
            booking, after, parts, days=days,
            locking=lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now), now=now,
            condition="st = :old AND want = :booked AND cal_h = :caller", old="booked", booked="booked", caller=caller,
        )  # fmt: skip

    def moved(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        intent: str,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        if booking.moving_to is None:
            raise StaleError("this booking is not being moved")
        effects, audits = list(effects), _audits(booking, now=now)
        times = _following(booking.moving_to, event.span)
        after = self._transitions.next(
            booking,
            state=_standing(booking),
            times=times,
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
            due=now if booking.cancel_wanted else _next_look(audits, requested=event.status == "requested", now=now),
        )
        parts = [
            self._filing.provider_map(after, event.id),
            *self._swapped(booking, after, effects, now=now),
            *self._end_of_move(booking, after),
        ]
        if times.blocked == booking.moving_to.blocked:
            locking = self._settling(booking, Entry(booking.id, times.blocked, EntryKind.PIN), now=now)
        else:
            locking = self._following(booking, times, effects, seats=seats, now=now)
        return self._transitions.write(booking, after, parts, locking=locking, now=now)

    def stay(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        return self._stand(booking, cancel_wanted=booking.cancel_wanted, effects=effects, now=now)

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
        after = self._transitions.next(booking, times=to, intent=intent)
        entry = Entry(booking.id, to.blocked, EntryKind.PIN)
        moving = replace(booking, moving_to=to)

        def swap(seen: DayView) -> list[Action]:
            self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)  # the overlap check
            return self._locks.settling(moving, entry=entry, days=seen, now=now)

        return self._transitions.write(
            booking, after,
            [*self._swapped(booking, after, effects, now=now), *self._filing.delivery(delivery, booking.id, now=now)],
            days=days, locking=swap, now=now,
            condition="st = :old AND want = :booked AND cal_h = :caller", old="booked", booked="booked", caller=caller,
        )  # fmt: skip

    def want_cancel(
        self, booking: Booking, *, caller: str, attempt: Attempt | None, delivery: Delivery, now: float
    ) -> Booking:
        state = State.CANCELLING if booking.state is State.BOOKED else booking.state
        after = self._transitions.next(
            booking,
            state=state,
            cancel_wanted=True,
            attempt=attempt or booking.attempt,
            first_sent=now,
            sends=0 if state is State.CANCELLING else booking.sends,
            due=attempt.deadline if attempt else booking.due,
        )
        return self._transitions.write(
            booking, after, self._filing.delivery(delivery, booking.id, now=now), now=now,
            condition="cal_h = :caller", caller=caller,
        )  # fmt: skip

    def cancel_own(
        self, booking: Booking, *, caller: str, delivery: Delivery, effects: Iterable[OutboxKind], now: float
    ) -> Booking:
        after = self._transitions.next(booking, state=State.CANCELLED, cancel_wanted=True, reason="caller", due=None)
        parts = [
            self._filing.dead_intent(after, after.intent),
            self._filing.no_caller_line(booking),
            *self._filing.effects(after, effects, now=now),
            *self._filing.delivery(delivery, booking.id, now=now),
        ]
        return self._transitions.write(
            booking, after, parts, locking=self._settling(booking, None, now=now), now=now,
            condition="cal_h = :caller", caller=caller,
        )  # fmt: skip

    def adopt(
        self,
        booking: Booking,
        *,
        event: ProviderEvent,
        intent: str,
        effects: Iterable[OutboxKind],
        seats: Seats | None = None,
        now: float,
    ) -> Booking:
        effects, times = list(effects), _shifted(booking.times, event.span)
        after = self._transitions.next(
            booking,
            times=times,
            intent=intent,
            provider_id=event.id,
            etag=event.etag,
            link=event.link or booking.link,
            host=event.host or booking.host,
            needs_approval=event.status == "requested",
            due=_next_look(booking.audits, requested=event.status == "requested", now=now),
        )
        parts = [self._filing.provider_map(after, event.id), *self._swapped(booking, after, effects, now=now)]
        return self._transitions.write(
            booking, after, parts, locking=self._following(booking, times, effects, seats=seats, now=now), now=now,
            condition="st = :booked", booked="booked",
        )  # fmt: skip

    def keep(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        return self._stand(booking, cancel_wanted=False, effects=effects, now=now)

    def _stand(self, booking: Booking, *, cancel_wanted: bool, effects: Iterable[OutboxKind], now: float) -> Booking:
        """The provider said no to a change: the booking is what it was, and a new time pinned beside it is free."""
        audits = _audits(booking, now=now)
        after = self._transitions.next(
            booking,
            state=State.BOOKED,
            cancel_wanted=cancel_wanted,
            moving_to=None,
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=_next_look(audits, requested=booking.needs_approval, now=now),
        )
        entry = Entry(booking.id, booking.times.blocked, EntryKind.PIN)
        return self._transitions.write(
            booking,
            after,
            [*self._end_of_move(booking, after), *self._filing.effects(after, effects, now=now)],
            locking=self._settling(booking, entry, now=now) if booking.moving_to else None,
            now=now,
        )

    # --- around the booking ------------------------------------------------------------------------------------------

    def show(self, call: CallRecord, *, now: float) -> None:
        self._table.transact([self._filing.call(call, now=now)])

    def ask_message(
        self, booking: Booking, *, kind: OutboxKind, to: str | None, delivery: Delivery, now: float
    ) -> None:
        sealed = None if to is None else self._sealer.seal_text(to, belongs_to=booking.id)
        effect = self._filing.effect(booking, kind, rv=_asked_version(to, now=now), now=now, to=sealed)
        self._table.transact([effect, *self._filing.delivery(delivery, booking.id, now=now)])

    def number_named(self, item: OutboxItem) -> str | None:
        return None if item.to is None else self._sealer.open_text(item.to, belongs_to=item.booking)

    def ask_code(self, call: CallRecord, *, phone: str, now: float) -> None:
        if call.challenge is None:
            raise StaleError("this call has no challenge")
        self._codes().ask(call, call.challenge, phone=phone, now=now)

    def number_of_code(self, challenge: str) -> str:
        return self._codes().number(challenge)

    def text_of_code(self, challenge: str) -> CodeText:
        return self._codes().text(challenge)

    def _codes(self) -> Codes:
        from slotline.adapters.dynamodb.codes import Codes  # few callers are sent one

        return Codes(self._table, business=self._business, sealer=self._sealer, filing=self._filing)

    def note_booked(self, positions: Mapping[str, float], *, now: float) -> None:
        for resource, position in positions.items():
            pk, sk = keys.served(self._business, resource)
            self._table.put_now({"pk": pk, "sk": sk, "at": now, "pos": position})

    def note_changed(self, resource: str, *, now: float) -> None:
        pk, sk = keys.changed(self._business, resource)
        self._table.put_now({"pk": pk, "sk": sk, "at": now, "ttl": int(now) + CHANGE_KEPT_SECONDS})

    # --- what several transitions share -------------------------------------------------------------------------------

    def _taking(self, booking: Booking, *, seats: Seats, now: float) -> Locking:
        kind = EntryKind.HOLD if booking.state is State.HELD else EntryKind.PIN
        entry = Entry(booking.id, booking.times.blocked, kind, booking.held_until)
        return lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)

    def _settling(self, booking: Booking, entry: Entry | None, *, now: float) -> Locking:
        return lambda seen: self._locks.settling(booking, entry=entry, days=seen, now=now)

    def _following(
        self, booking: Booking, times: Times, effects: list[OutboxKind], *, seats: Seats | None, now: float
    ) -> Locking:
        """The lock follows the event; onto somebody else's only where a person is told to choose."""
        entry = Entry(booking.id, times.blocked, EntryKind.PIN)
        anyway = "conflict" in effects or booking.cancel_wanted or times.blocked == booking.times.blocked
        room = None if anyway else seats or {}
        return lambda seen: self._locks.settling(booking, entry=entry, days=seen, now=now, seats=room)

    def _lines(self, before: Booking, after: Booking) -> list[Action]:
        """The caller index names the booking at its time, and at no other."""
        moved = before.times.span.start != after.times.span.start
        return [self._filing.caller_line(after), *([self._filing.no_caller_line(before)] if moved else [])]

    def _end_of_move(self, before: Booking, after: Booking) -> list[Action]:
        """The wish for the time it was moving to ends too, unless it is one that the booking had or has now."""
        if before.moving_to is None or _wish_of_move(before) in {before.intent, after.intent}:
            return []
        return [self._filing.dead_intent(before, _wish_of_move(before))]

    def _swapped(self, before: Booking, after: Booking, effects: Iterable[OutboxKind], *, now: float) -> list[Action]:
        parts = [*self._lines(before, after), *self._filing.effects(after, effects, now=now)]
        if before.intent != after.intent:
            parts += [self._filing.dead_intent(before, before.intent), self._filing.live_intent(after, after.intent)]
        return parts


def _shifted(times: Times, span: Interval) -> Times:
    """The span with the buffers that these times have."""
    before, after = times.span.start - times.blocked.start, times.blocked.end - times.span.end
    return Times(span, span.widened(before=before, after=after))


def _following(times: Times, span: Interval) -> Times:
    """Where the provider put it; what is locked stays as it is unless the event reaches out of it."""
    if times.blocked.start <= span.start and span.end <= times.blocked.end:
        return replace(times, span=span)
    return _shifted(times, span)


def _wish_of_move(booking: Booking) -> str:
    """The intent key of the time a booking is moving to."""
    start = (booking.moving_to or booking.times).span.start
    return intent_key(booking.caller, service=booking.service, start=start)


def _audits(booking: Booking, *, now: float) -> tuple[float, ...]:
    """What ever was in doubt is compared with the provider again, however the booking went on."""
    if booking.audits and not booking.state.is_unfinished:
        return booking.audits
    in_doubt = booking.in_doubt or booking.sends > 1 or _ended_unheard(booking, now=now)
    fresh = [now + delay for delay in AUDIT_DELAYS_SECONDS] if in_doubt else []
    return tuple(sorted({*booking.audits, *fresh}))


def _ended_unheard(booking: Booking, *, now: float) -> bool:
    """Whether an attempt died with its process: what it sent may yet be executed. Cancelling twice harms nobody."""
    dead = booking.attempt is not None and not booking.attempt_is_alive(now)
    return dead and booking.state is not State.CANCELLING


def _asked_version(to: str | None, *, now: float) -> int:
    """The place in the outbox of a message asked for: twice to one number within a minute, it is one message."""
    return int(now) // 60 * 10_000 + crc32((to or "").encode()) % 10_000


APPROVAL_LOOK_SECONDS = 300.0


def _next_look(audits: tuple[float, ...], *, requested: bool, now: float) -> float | None:
    looks = [*audits[:1], *([now + APPROVAL_LOOK_SECONDS] if requested else [])]
    return min(looks, default=None)


def _standing(booking: Booking) -> State:
    """An event that is found after its caller cancelled is recorded, so that it can be cancelled."""
    return State.CANCELLING if booking.cancel_wanted else State.BOOKED
