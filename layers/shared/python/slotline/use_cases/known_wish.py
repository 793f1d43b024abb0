"""What is known already of one caller's wish for one slot, and who may hear of it.

A repeat hears the present truth. Where a look-up takes a code, so does hearing of what was booked in another call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from slotline.domain.bookings import Booking, Contact, State
from slotline.domain.business import IdentityLevel
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import StaleError, StoreUnavailableError
from slotline.domain.seating import seatings
from slotline.ports import CallerBooking, CallRecord, Delivery, Operation, WishView
from slotline.use_cases.answers import told, unavailable
from slotline.use_cases.desk import Caller, Desk
from slotline.use_cases.own_holds import give_way, let_go
from slotline.use_cases.patience import settled
from slotline.use_cases.slot_choice import Choice


@dataclass(frozen=True, slots=True)
class KnownWish:
    """One caller's wish for one slot, as far as it has come."""

    desk: Desk
    call: ToolCall
    choice: Choice
    contact: Contact
    caller: Caller
    deadline: float

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

    @property
    def _no(self) -> str:
        """The phrase for a slot that is not to be had."""
        return "taken" if self.choice.offered else "not_free"

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
        may_hear = self._may_hear_of(booking)
        if not may_hear and booking.state is not State.HELD:
            return self._as_to_strangers()
        if not self._is_with_whom(booking) and give_way(desk, booking_id, to=booking.times):
            raise StaleError("another member of staff was held")
        if but_holds and booking.state is State.HELD:
            return None
        if booking.state is State.HELD:
            return self._still_held(booking, view, operation, replay=may_hear)
        booking = settled(desk, booking, deadline=self.deadline)
        if booking.state in {State.CANCELLED, State.EXPIRED}:
            raise StaleError("the wish before this one has just come to its end")
        stands_elsewhere = booking.times.span.start != self.choice.start
        if booking.state is State.BOOKED and stands_elsewhere and booking.intent != self._intent:
            raise StaleError("the move to this time has just come to nothing")
        return self._answer(booking, Delivery(call=view.call), replay=True)

    def _put_there(self, record: CallRecord | None) -> ToolReply | None:
        """What to say where a person moved one of the caller's onto this time before it was heard of.

        It still stands for the wish it came from: whoever said that one, and heard nothing, may say it again.
        """
        if not self.caller.proved:
            return None  # all that is known is a name, and a namesake never named that time
        wanted, start = self.choice.service.key, self.choice.start
        theirs = (self._read(line.booking) for line in self._lines() if line.start == start)
        there = (b for b in theirs if b.service == wanted and b.times.span.start == start)
        booking = next((b for b in there if b.state is State.BOOKED), None)
        if booking is None:
            return None
        if not self._may_hear_of(booking):
            return self._as_to_strangers()
        return self._answer(booking, Delivery(call=record), replay=True)

    def _may_hear_of(self, booking: Booking) -> bool:
        """Whether the caller has proved enough to hear of it, or heard of it before in this very call."""
        desk, caller = self.desk, self.caller
        if desk.business.look_up is IdentityLevel.CALLER_ID:
            return True
        from slotline.use_cases.verification import is_known  # few businesses ask for codes

        # Read only now: the record that was read beside the wish may be older than the delivery that made both.
        record = self._record() if caller.scope else None
        shown = record.shown if record and self.call.context.call_id else ()  # else it is the number's, of any call
        return booking.id in shown or is_known(caller, record)

    def _as_to_strangers(self) -> ToolReply:
        """What anybody hears of a slot that somebody has.

        It goes for what is pending too. Where seats are left the same wish is refused all the same: nobody is booked
        twice because they called from a number that proves nothing.
        """
        return unavailable(self.desk, self.choice, deadline=self.deadline, phrase=self._no)

    def _still_held(self, booking: Booking, view: WishView, operation: Operation | None, *, replay: bool) -> ToolReply:
        """A slot that is kept already belongs from now on to the call that hears so; the end of another frees nothing.

        A hold is no appointment: whoever calls from its number may have it. They are told as if it were new, unless
        they may know that it is not.
        """
        desk, record = self.desk, view.call
        if record is not None and not self._is_of(booking, record):
            delivery = self._delivery(view, operation, booking.id, held=booking.id)
            booking = desk.store.take_over(booking, agent=desk.agent.key, delivery=delivery, now=desk.clock.now())
            if record.held != booking.id:
                let_go(desk, record.held, caller=self.caller)
            record = delivery.call
        return told(desk, booking, call=record, deadline=self.deadline, replay=replay)

    def _is_of(self, booking: Booking, record: CallRecord) -> bool:
        """Whether the end of this call, as this agent knows it, would let go of the hold."""
        theirs = (booking.held_by, booking.agent) == (record.scope, self.desk.agent.key)
        return theirs and record.held == booking.id

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
            other = desk.store.read(reason.removeprefix("same_as:"))
            booking, replay = (other, True) if self._may_hear_of(other) else (booking, replay)
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
        if give_way(self.desk, view.call.held if view.call else None, to=self.choice.times, caller=self.caller.key):
            raise StaleError("the earlier hold of this call has given way")

    def _record(self) -> CallRecord | None:
        """What the call has been shown by now, once its wish is known to be there."""
        try:
            return self.desk.store.view(scope=self.caller.scope).call
        except StoreUnavailableError as error:
            raise StoreUnavailableError("who may hear of the wish cannot be read", in_doubt=True) from error

    def _lines(self) -> tuple[CallerBooking, ...]:
        try:
            return self.desk.store.of_caller(self.caller.key, not_before=self.choice.start)
        except StoreUnavailableError as error:
            raise StoreUnavailableError("what the caller has cannot be read", in_doubt=True) from error

    def _read(self, booking_id: str) -> Booking:
        """A booking that is known to be there: when it cannot be read, "nothing was done" would be a guess."""
        try:
            return self.desk.store.read(booking_id)
        except StoreUnavailableError as error:
            raise StoreUnavailableError("what became of the wish cannot be read", in_doubt=True) from error
