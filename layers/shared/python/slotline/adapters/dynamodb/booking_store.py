"""The transactions T1 to T5 of the booking protocol, and every end; docs/booking-protocol.md has the states."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.booking_changes import BookingChanges
from slotline.domain.bookings import GIVING_WAY, State, next_look
from slotline.domain.errors import StaleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slotline.adapters.dynamodb.codes import Codes
    from slotline.adapters.dynamodb.table import Action
    from slotline.domain.bookings import Attempt, Booking
    from slotline.domain.verification import CodeText
    from slotline.ports import CallRecord, DayView, Delivery, Guest, OutboxItem, OutboxKind, ProviderEvent, Seats


CHANGE_KEPT_SECONDS = 86_400
"""Longer than any process remembers what a calendar answered."""


class DynamoBookingStore(BookingChanges):
    """ports.BookingStore on the one table."""

    # --- a slot is taken ---------------------------------------------------------------------------------------------

    def hold(self, booking: Booking, *, days: DayView, delivery: Delivery, seats: Seats, now: float) -> Booking:
        after = self._transitions.next(booking, state=State.HELD, due=booking.held_until)
        return self._transitions.write(
            None,
            after,
            [self._filing.live_intent(after, after.intent), *self._filing.delivery(delivery, after.id, now=now)],
            days=days,
            locking=self._transitions.taking(after, seats=seats, now=now),
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
            before, after, parts, days=days, locking=self._transitions.taking(after, seats=seats, now=now), now=now,
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
            in_doubt=booking.in_doubt or booking.has_ended_unheard(now),
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
        effects, audits = list(effects), booking.audits_after(now)
        times = booking.times.following(event.span)
        after = self._transitions.next(
            booking,
            state=booking.once_it_stands,
            times=times,
            provider_id=event.id,
            etag=event.etag,
            link=event.link,
            host=event.host,
            needs_approval=event.status == "requested",
            attempt=None,
            in_doubt=False,
            audits=audits,
            due=now if booking.cancel_wanted else next_look(audits, requested=event.status == "requested", now=now),
            reason=None,
        )
        parts = [
            self._filing.provider_map(after, event.id),
            *self._filing.lines(booking, after),
            *self._filing.effects(after, effects, now=now),
        ]
        if times.blocked == booking.times.blocked:  # the rule; then no day document is touched
            return self._transitions.write(booking, after, parts, now=now)
        locking = self._transitions.following(booking, times, effects, seats=seats, now=now)
        return self._transitions.write(booking, after, parts, locking=locking, now=now)

    def stray(self, booking_id: str, *, provider_id: str, now: float) -> None:
        self._table.transact(self._filing.stray(booking_id, provider_id, now=now))

    def release(
        self, booking: Booking, *, to: State, reason: str, effects: Iterable[OutboxKind] = (), now: float
    ) -> Booking:
        audits = booking.audits_after(now)
        after = self._transitions.next(
            booking, state=to, reason=reason, attempt=None, in_doubt=False, held_until=None, held_by=None,
            audits=audits, due=audits[0] if audits else None,
        )  # fmt: skip
        parts = [
            self._filing.dead_intent(after, after.intent),
            *self._filing.end_of_move(booking, after),
            self._filing.no_caller_line(booking),
            *self._filing.effects(after, effects, now=now),
        ]
        return self._transitions.write(
            booking, after, parts, locking=self._transitions.settling(booking, None, now=now), now=now
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


def _asked_version(to: str | None, *, now: float) -> int:
    """The place in the outbox of a message asked for: twice to one number within a minute, it is one message."""
    return int(now) // 60 * 10_000 + crc32((to or "").encode()) % 10_000
