"""The transactions T6 to T9 of the booking protocol: a booking is moved, cancelled, or followed where it went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slotline.adapters.dynamodb.booking_reads import BookingReads
from slotline.adapters.dynamodb.day_locks import DayLocks
from slotline.adapters.dynamodb.filing import Filing
from slotline.adapters.dynamodb.transitions import Transitions
from slotline.domain.bookings import Entry, EntryKind, State, next_look
from slotline.domain.errors import StaleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slotline.adapters.dynamodb.sealed import Sealer
    from slotline.adapters.dynamodb.table import Action, Table
    from slotline.domain.bookings import Attempt, Booking, Times
    from slotline.ports import DayView, Delivery, Ids, OutboxKind, ProviderEvent, Seats


class BookingChanges(BookingReads):
    """The part of ports.BookingStore that changes what stands."""

    def __init__(self, table: Table, *, business: str, sealer: Sealer, ids: Ids) -> None:
        locks, filing = DayLocks(table, business=business), Filing(table, business=business)
        super().__init__(table, business=business, sealer=sealer, locks=locks)
        self._filing = filing
        self._transitions = Transitions(table, business=business, sealer=sealer, ids=ids, locks=locks, filing=filing)

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
        parts = [self._filing.wish_of_move(after), *self._filing.delivery(delivery, booking.id, now=now)]
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
        effects, audits = list(effects), booking.audits_after(now)
        times = booking.moving_to.following(event.span)
        after = self._transitions.next(
            booking,
            state=booking.once_it_stands,
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
            due=now if booking.cancel_wanted else next_look(audits, requested=event.status == "requested", now=now),
        )
        parts = [
            self._filing.provider_map(after, event.id),
            *self._filing.swapped(booking, after, effects, now=now),
            *self._filing.end_of_move(booking, after),
        ]
        if times.blocked == booking.moving_to.blocked:
            locking = self._transitions.settling(booking, Entry(booking.id, times.blocked, EntryKind.PIN), now=now)
        else:
            locking = self._transitions.following(booking, times, effects, seats=seats, now=now)
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
            [
                *self._filing.swapped(booking, after, effects, now=now),
                *self._filing.delivery(delivery, booking.id, now=now),
            ],
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
            booking, after, parts, locking=self._transitions.settling(booking, None, now=now), now=now,
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
        effects, times = list(effects), booking.times.shifted(event.span)
        after = self._transitions.next(
            booking,
            times=times,
            intent=intent,
            provider_id=event.id,
            etag=event.etag,
            link=event.link or booking.link,
            host=event.host or booking.host,
            needs_approval=event.status == "requested",
            due=next_look(booking.audits, requested=event.status == "requested", now=now),
        )
        parts = [self._filing.provider_map(after, event.id), *self._filing.swapped(booking, after, effects, now=now)]
        locking = self._transitions.following(booking, times, effects, seats=seats, now=now)
        return self._transitions.write(
            booking, after, parts, locking=locking, now=now,
            condition="st = :booked", booked="booked",
        )  # fmt: skip

    def keep(self, booking: Booking, *, effects: Iterable[OutboxKind], now: float) -> Booking:
        return self._stand(booking, cancel_wanted=False, effects=effects, now=now)

    def _stand(self, booking: Booking, *, cancel_wanted: bool, effects: Iterable[OutboxKind], now: float) -> Booking:
        """The provider said no to a change: the booking is what it was, and a new time pinned beside it is free."""
        audits = booking.audits_after(now)
        after = self._transitions.next(
            booking,
            state=State.BOOKED,
            cancel_wanted=cancel_wanted,
            moving_to=None,
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=next_look(audits, requested=booking.needs_approval, now=now),
        )
        entry = Entry(booking.id, booking.times.blocked, EntryKind.PIN)
        return self._transitions.write(
            booking,
            after,
            [*self._filing.end_of_move(booking, after), *self._filing.effects(after, effects, now=now)],
            locking=self._transitions.settling(booking, entry, now=now) if booking.moving_to else None,
            now=now,
        )
