"""One caller's wish for one slot: the same wish is one booking, however often and in whatever way it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from slotline.domain.bookings import HOLD_SECONDS, Booking, State
from slotline.domain.calls import Status, ToolReply
from slotline.domain.errors import SlotTakenError, StaleError, StoreUnavailableError
from slotline.domain.seating import Seating, seatings
from slotline.ports import CallRecord, Delivery, Guest, Operation, WishView
from slotline.use_cases.answers import told, unavailable
from slotline.use_cases.known_wish import KnownWish
from slotline.use_cases.last_look import free_ways, stands_free
from slotline.use_cases.own_holds import give_way, let_go
from slotline.use_cases.slot_choice import positions_after, seats_of

TRIES = 8
"""How often a wish is read anew when somebody else moved first."""


@dataclass(frozen=True, slots=True)
class SlotWish(KnownWish):
    """One caller's wish for one slot, and the ways to make it true."""

    def hold(self) -> ToolReply:
        return self._until_settled(lambda _again: self._hold_once())

    def book(self) -> ToolReply:
        return self._until_settled(lambda again: self._book_once(again=again))

    def _until_settled(self, once: Callable[[bool], ToolReply]) -> ToolReply:
        """Read anew whenever somebody else moved first; fail closed when the table does not answer."""
        desk = self.desk
        try:
            for attempt in range(TRIES):
                try:
                    return self._checked(once, again=attempt > 0)
                except StaleError:
                    desk.clock.sleep(0.02 * (1 + desk.ids.jitter()))
        except StoreUnavailableError as error:
            if error.in_doubt:
                return desk.reply_transfer(Status.PENDING, "unsure")
        return desk.reply_transfer(Status.NOT_DONE, "not_done")

    def _checked(self, once: Callable[[bool], ToolReply], *, again: bool) -> ToolReply:
        try:
            return once(again)
        except SlotTakenError:
            return self._refused()

    def _refused(self) -> ToolReply:
        """What is in the way may be this very wish, fulfilled by another delivery meanwhile: then it is read anew."""
        desk = self.desk
        view = desk.store.view(intents=[self._intent], scope=self.caller.scope)
        ours = view.intents.get(self._intent)
        if ours is not None and not desk.store.read(ours).hold_has_lapsed(desk.clock.now()):
            raise StaleError("the wish has come true meanwhile")
        return self._taken(view.call, phrase=self._no)

    def _taken(self, record: CallRecord | None, *, phrase: str) -> ToolReply:
        """Not to be had, unless it is one of the caller's own that a person put there."""
        put_there = self._put_there(record)
        return put_there or unavailable(self.desk, self.choice, deadline=self.deadline, phrase=phrase)

    def _had_already(self, view: WishView) -> ToolReply | None:
        """The same, where nothing would be in the way: who has one seat there must not get another."""
        ways = seatings(self.desk.business, self.choice.service, crew=self.choice.crew)
        seats = [count for way in ways for count in seats_of(self.desk, way.resources).values()]
        one_at_a_time = len(ways) == 1 and 1 in seats
        return None if one_at_a_time else self._put_there(view.call)

    # --- hold --------------------------------------------------------------------------------------------------------

    def _hold_once(self) -> ToolReply:
        desk, view, operation = self.desk, *self._view([self._intent])
        known = self._known(view, operation) or self._had_already(view)
        if known is not None:
            return known
        self._make_room(view)
        booking_id = desk.ids.booking_id()
        delivery = self._delivery(view, operation, booking_id, held=booking_id)
        for way in self._free_ways(view, seed=booking_id):
            now = desk.clock.now()
            booking = replace(self._new(booking_id, way), held_until=now + HOLD_SECONDS, held_by=self.caller.scope)
            try:
                held = desk.store.hold(
                    booking, days=view.days, delivery=delivery, seats=seats_of(desk, way.resources), now=now
                )
            except SlotTakenError:
                continue
            let_go(desk, view.call.held if view.call else None, caller=self.caller)
            desk.openings.forget(desk.business.key)
            return told(desk, held, call=delivery.call, deadline=self.deadline, replay=False)
        raise SlotTakenError(self.choice.service.key)

    # --- book --------------------------------------------------------------------------------------------------------

    def _book_once(self, *, again: bool) -> ToolReply:
        desk = self.desk
        anonymous = desk.intent(desk.caller(self.call), self.choice.service, self.choice.start)
        view, operation = self._view(list(dict.fromkeys([self._intent, anonymous])))
        held = next((key for key in (self._intent, anonymous) if key in view.intents), None)
        as_held = view.holds.get(held) if held is not None and not again else None
        if as_held is not None and view.operation is None and self._is_with_whom(as_held):
            # The record as it was when it was held: whatever happened since, the transaction will not take it.
            return self._kept(as_held, view, operation)
        known = self._known(view, operation, but_holds=True)
        if known is not None:
            return known
        if held is not None:
            return self._kept(self._read(view.intents[held]), view, operation)
        had = self._had_already(view)
        if had is not None:
            return had
        self._make_room(view)
        booking_id = desk.ids.booking_id()
        ways = self._free_ways(view, seed=booking_id)
        return self._pin((self._new(booking_id, way) for way in ways), view, operation)

    def _kept(self, booking: Booking, view: WishView, operation: Operation | None) -> ToolReply:
        """Book the slot that was held. For somebody whose clock is ahead of ours it may have lapsed a moment ago."""
        desk = self.desk
        if not stands_free(desk, booking, self.choice, deadline=self.deadline):
            give_way(desk, booking.id, to=booking.times)
            raise StaleError("the hold has given way, or what lies there is its own event: all is decided anew")
        try:
            return self._pin([booking], view, operation)
        except SlotTakenError:
            return self._taken(view.call, phrase="taken")

    def _pin(self, candidates: Iterable[Booking], view: WishView, operation: Operation | None) -> ToolReply:
        for candidate in candidates:
            try:
                return self._pin_one(candidate, view, self._delivery(view, operation, candidate.id, held=None))
            except SlotTakenError:
                continue
        raise SlotTakenError(self.choice.service.key)

    def _pin_one(self, booking: Booking, view: WishView, delivery: Delivery) -> ToolReply:
        desk, now = self.desk, self.desk.clock.now()
        guest = Guest(self.caller.key, self._intent, self.contact)
        seats = seats_of(desk, booking.resources)
        if desk.calendars.of(booking.calendar).traits.own:
            booked = desk.store.book_own(booking, guest=guest, days=view.days, delivery=delivery, seats=seats, now=now)
        else:
            attempt = desk.driver.context.new_attempt()
            pinned = desk.store.pin(
                booking, guest=guest, attempt=attempt, days=view.days, delivery=delivery, seats=seats, now=now
            )
            booked = self._sent(pinned, before=booking)
        desk.openings.forget(desk.business.key)
        if booking.staff:
            with suppress(StoreUnavailableError):  # only fairness rests on it, and the truth is known without it
                desk.store.note_booked(positions_after(desk, booking, view=view), now=now)
        if view.call and view.call.held != booking.id:
            let_go(desk, view.call.held, caller=self.caller)
        if booked.state is State.REJECTED and (booked.reason or "").startswith("needs_"):
            self._keep_slot()
        return self._answer(booked, delivery, replay=False)

    def _keep_slot(self) -> None:
        """The caller is only asked for one more thing: hold the slot for them meanwhile, if it can be had."""
        try:
            SlotWish._hold_once(replace(self, call=replace(self.call, id=None)))
        except (SlotTakenError, StaleError, StoreUnavailableError):
            return  # they are asked all the same, and the slot is checked again when they answer

    def _sent(self, pinned: Booking, *, before: Booking) -> Booking:
        """From here on "nothing is booked" would be a guess: when the table is gone, the booking is pending.

        Unless what got lost may be the write that ended it in silence: then "you'll get a text" would be a guess too.
        """
        try:
            try:
                return self.desk.driver.booking.send(pinned, before=before, deadline=self.deadline)
            except StaleError:  # somebody else drives now
                return self.desk.store.read(pinned.id)
        except StoreUnavailableError as error:
            if error.in_doubt:
                raise
            return pinned

    # --- a booking that is new ---------------------------------------------------------------------------------------

    def _free_ways(self, view: WishView, *, seed: str) -> Iterator[Seating]:
        return free_ways(self.desk, self.choice, view=view, seed=seed, deadline=self.deadline)

    def _new(self, booking_id: str, way: Seating) -> Booking:
        return Booking(
            id=booking_id,
            rv=0,
            state=State.HELD,
            service=self.choice.service.key,
            calendar=way.calendars[0].name,
            resources=way.resources,
            staff=way.staff,
            copies=tuple(c.name for c in way.calendars[1:] if not self.desk.calendars.of(c.name).traits.own),
            times=self.choice.times,
            caller=self.caller.key,
            intent=self._intent,
            agent=self.desk.agent.key,
        )
