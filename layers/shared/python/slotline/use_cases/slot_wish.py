"""One caller's wish for one slot: the same wish is one booking, however often and in whatever way it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from slotline.domain.bookings import HOLD_SECONDS, Booking, Contact, State
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import SlotTakenError, StaleError, StoreUnavailableError
from slotline.domain.seating import Seating, seatings
from slotline.ports import CallRecord, Delivery, Guest, Operation, WishView
from slotline.use_cases.answers import told, unavailable
from slotline.use_cases.desk import Caller, Desk
from slotline.use_cases.last_look import free_ways, stands_free
from slotline.use_cases.own_holds import give_way, let_go
from slotline.use_cases.patience import settled
from slotline.use_cases.slot_choice import Choice, positions_after, seats_of

TRIES = 8
"""How often a wish is read anew when somebody else moved first."""


@dataclass(frozen=True, slots=True)
class SlotWish:
    """One caller's wish for one slot, and the ways to make it true."""

    desk: Desk
    call: ToolCall
    choice: Choice
    contact: Contact
    caller: Caller
    deadline: float

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
        ours = desk.store.view(intents=[self._intent]).intents.get(self._intent)
        if ours is not None and not desk.store.read(ours).hold_has_lapsed(desk.clock.now()):
            raise StaleError("the wish has come true meanwhile")
        phrase = "taken" if self.choice.offered else "not_free"
        return unavailable(desk, self.choice, deadline=self.deadline, phrase=phrase)

    # --- hold --------------------------------------------------------------------------------------------------------

    def _hold_once(self) -> ToolReply:
        desk, view, operation = self.desk, *self._view([self._intent])
        known = self._known(view, operation)
        if known is not None:
            return known
        self._make_room(view)
        booking_id = desk.ids.booking_id()
        delivery = self._delivery(view, operation, booking_id, held=booking_id)
        for way in self._free_ways(view, seed=booking_id):
            now = desk.clock.now()
            booking = replace(self._new(booking_id, way), held_until=now + HOLD_SECONDS)
            try:
                held = desk.store.hold(
                    booking, days=view.days, delivery=delivery, seats=seats_of(desk, way.resources), now=now
                )
            except SlotTakenError:
                continue
            let_go(desk, view.call.held if view.call else None)
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
        self._make_room(view)
        booking_id = desk.ids.booking_id()
        ways = self._free_ways(view, seed=booking_id)
        return self._pin((self._new(booking_id, way) for way in ways), view, operation)

    def _kept(self, booking: Booking, view: WishView, operation: Operation | None) -> ToolReply:
        """Book the slot that was held. For somebody whose clock is ahead of ours it may have lapsed a moment ago."""
        desk = self.desk
        if not stands_free(desk, booking, self.choice, deadline=self.deadline):
            if not give_way(desk, booking.id, to=booking.times):
                raise StaleError("what lies there may be the event of this very hold, booked meanwhile")
            return unavailable(desk, self.choice, deadline=self.deadline)
        try:
            return self._pin([booking], view, operation)
        except SlotTakenError:
            return unavailable(desk, self.choice, deadline=self.deadline)

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
            let_go(desk, view.call.held)
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

    # --- what both need ----------------------------------------------------------------------------------------------

    @property
    def _intent(self) -> str:
        return self.desk.intent(self.caller, self.choice.service, self.choice.start)

    def _view(self, intents: list[str]) -> tuple[WishView, Operation | None]:
        desk = self.desk
        operation = desk.operation(self.call, self.caller)
        days = [
            (resource, day)
            for way in seatings(desk.business, self.choice.service, crew=self.choice.crew)
            for resource in way.resources
            for day in self.choice.times.blocked.utc_days()
        ]
        view = desk.store.view(
            operation=operation,
            scope=self.caller.scope,
            intents=intents,
            days=days,
            staffed=self.choice.service.staff is not None,
            phone=desk.keys.caller(self.contact.phone) if self.contact.phone else None,
        )
        if view.opted_out:
            desk.no_texts_to(self.contact.phone)
        return view, operation

    def _known(self, view: WishView, operation: Operation | None, *, but_holds: bool = False) -> ToolReply | None:
        """The present truth, when this delivery or this wish has been here before."""
        desk = self.desk
        if view.operation is not None and operation is not None:
            if view.operation.fingerprint != operation.fingerprint:
                return desk.reply(Status.NOT_DONE, "clarify_request")
            led_to = self._of_delivery(view.operation.booking, view)
            if self.caller.proved and led_to.caller != self.caller.key:  # another caller's delivery, by its id
                return desk.reply(Status.NOT_DONE, "clarify_request")
            return self._settled(led_to, view)
        booking_id = view.intents.get(self._intent)
        if booking_id is None:
            return None
        booking = self._read(booking_id)
        if booking.state.is_terminal:
            raise StaleError("the wish has ended meanwhile, so it may be had anew")
        if booking.hold_has_lapsed(desk.clock.now()) and not but_holds:
            desk.driver.drive(booking, deadline=self.deadline)
            raise StaleError("the hold had lapsed")
        if not self._is_with_whom(booking) and give_way(desk, booking_id, to=booking.times):
            raise StaleError("another member of staff was held")
        if but_holds and booking.state is State.HELD:
            return None
        booking = settled(desk, booking, deadline=self.deadline)
        if booking.state in {State.CANCELLED, State.EXPIRED}:
            raise StaleError("the wish before this one has just come to its end")
        stands_elsewhere = booking.times.span.start != self.choice.start
        if booking.state is State.BOOKED and stands_elsewhere and booking.intent != self._intent:
            raise StaleError("the move to this time has just come to nothing")
        return self._answer(booking, Delivery(call=view.call), replay=True)

    def _of_delivery(self, booking_id: str, view: WishView) -> Booking:
        """What this delivery led to; when that came to nothing and a later one succeeded, what the later one led to."""
        then = self._read(booking_id)
        live = view.intents.get(self._intent)
        if not then.state.is_terminal or live is None:
            return then
        later = self._read(live)
        return then if later.state is State.HELD else later

    def _settled(self, booking: Booking, view: WishView) -> ToolReply:
        """Advance a booking that another delivery began, waiting a little while that one is at work."""
        desk = self.desk
        if booking.hold_has_lapsed(desk.clock.now()):
            booking = desk.driver.drive(booking, deadline=self.deadline)
        booking = settled(desk, booking, deadline=self.deadline)
        return self._answer(booking, Delivery(call=view.call), replay=True)

    def _answer(self, booking: Booking, delivery: Delivery, *, replay: bool) -> ToolReply:
        desk, reason = self.desk, booking.reason or ""
        if booking.state is State.REJECTED and reason.startswith("same_as:"):
            booking, replay = desk.store.read(reason.removeprefix("same_as:")), True
        return told(desk, booking, call=self._shown(booking, delivery.call), deadline=self.deadline, replay=replay)

    def _shown(self, booking: Booking, record: CallRecord | None) -> CallRecord | None:
        """The call's record with a handle of the booking, filed now when it was made in another call."""
        if record is None or booking.state.is_terminal or record.handle_of(booking.id) is not None:
            return record
        shown = record.showing(booking.id)
        try:
            self.desk.store.show(shown, now=self.desk.clock.now())
        except StoreUnavailableError:
            return record  # the truth is worth telling without a handle
        return shown

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

    def _delivery(self, view: WishView, operation: Operation | None, booking_id: str, *, held: str | None) -> Delivery:
        record = view.call
        if record is not None:
            booked = booking_id if held is None else record.booked
            record = replace(record.showing(booking_id), held=held, booked=booked)
        return Delivery(operation, record)

    def _is_with_whom(self, booking: Booking) -> bool:
        """Whether it is with the member of staff the caller asked for, if they asked for one."""
        return set(self.choice.crew) <= set(booking.staff)

    def _make_room(self, view: WishView) -> None:
        """The slot this call holds may overlap the one it wants now."""
        if give_way(self.desk, view.call.held if view.call else None, to=self.choice.times):
            raise StaleError("the earlier hold of this call has given way")

    def _read(self, booking_id: str) -> Booking:
        """A booking that is known to be there: when it cannot be read, "nothing was done" would be a guess."""
        try:
            return self.desk.store.read(booking_id)
        except StoreUnavailableError as error:
            raise StoreUnavailableError("what became of the wish cannot be read", in_doubt=True) from error
