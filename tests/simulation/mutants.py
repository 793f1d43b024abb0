"""The protocol broken on purpose, one rule at a time. A check that no mutant can trip is no check.

Each mutant replaces a few methods of the product while a test runs; nothing of it is in the product. `where` names the
runs in which the rule matters: which calendars, how late a provider may still execute a request, or a directed scene.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from slotline.adapters.dynamodb import day_locks, filing, keys
from slotline.adapters.dynamodb.booking_changes import BookingChanges
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.day_locks import DayLocks
from slotline.adapters.dynamodb.filing import Filing
from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.adapters.dynamodb.table import ConditionFailedError, Table
from slotline.adapters.dynamodb.transitions import Transitions
from slotline.domain import bookings
from slotline.domain.bookings import Booking, DayDocument, Entry, EntryKind, State
from slotline.domain.errors import (
    InDoubtError,
    MessageInDoubtError,
    NotExecutedError,
    RefusedError,
    SlotTakenError,
    StaleError,
    StoreUnavailableError,
)
from slotline.domain.messages import Silence, Wording
from slotline.domain.time import Interval
from slotline.ports import CallRecord, OutboxItem
from slotline.use_cases import answers, message_successors, messages, slot_choice
from slotline.use_cases.appointments import Change
from slotline.use_cases.desk import Desk
from slotline.use_cases.drive import Driver
from slotline.use_cases.drive_audit import AuditSteps
from slotline.use_cases.drive_booking import BookingSteps
from slotline.use_cases.drive_cancel import CancelSteps
from slotline.use_cases.drive_context import Context
from slotline.use_cases.drive_move import MoveSteps
from slotline.use_cases.known_wish import KnownWish
from slotline.use_cases.messages import MessageDesk
from slotline.use_cases.reconcile import Reconciler
from slotline.use_cases.slot_wish import SlotWish
from slotline.use_cases.text_sending import TextSending
from tests.patches import Given, Patches
from tests.simulation.mutant import Mutant, everywhere, registrar
from tests.simulation.mutants_of_answers import ANSWERS
from tests.simulation.mutants_of_records import RECORDS

PROTOCOL: dict[str, Mutant] = {}
mutant = registrar(PROTOCOL)

# --- the lock -------------------------------------------------------------------------------------------------------


@mutant("lock-by-start", "lock an interval, not a start", kinds="o")
def _lock_by_start() -> Patches:
    def has_room(self: DayDocument, interval: Interval, *, capacity: int, **given: Given) -> bool:
        return sum(e.interval.start == interval.start for e in self.blockers(interval, **given)) < capacity

    return [(DayDocument, "has_room", has_room)]


@mutant(
    "two-seats-while-moving", "a booking takes one seat at any minute, also while it moves",
    scene="beside a move onto a time beside its own",
)  # fmt: skip
def _two_seats_while_moving() -> Patches:
    return [(bookings, "seats_taken", lambda entries: [entry.interval for entry in entries])]


@mutant(
    "one-end-of-a-move", "a move that has not ended keeps its old seat and the new one",
    scene="beside a move onto a time beside its own",
)  # fmt: skip
def _one_end_of_a_move() -> Patches:
    def seats_taken(entries: Iterable[Entry]) -> list[Interval]:
        return list({entry.booking: entry.interval for entry in entries}.values())

    return [(bookings, "seats_taken", seats_taken)]


@mutant("no-buffers", "intervals include buffers", kinds="o")
def _no_buffers() -> Patches:
    from slotline.domain.bookings import Times

    return [(slot_choice, "times_of", lambda service, start: Times.of(start, minutes=service.minutes))]


@mutant("first-day-only", "every touched day is locked", kinds="o")
def _first_day_only() -> Patches:
    whole = Interval.utc_days
    return [(Interval, "utc_days", lambda self: whole(self)[:1])]


@mutant("fixed-host-not-locked", "everybody in the seating is locked together", kinds="o")
def _fixed_not_locked() -> Patches:
    new = SlotWish._new

    def only_first(self: SlotWish, booking_id: str, way: Any) -> Booking:
        booking = new(self, booking_id, way)
        return replace(booking, resources=booking.resources[:1])

    return [(SlotWish, "_new", only_first)]


@mutant("pool-host-not-locked", "the chosen pool host is locked", kinds="o")
def _pool_not_locked() -> Patches:
    new = SlotWish._new

    def only_fixed(self: SlotWish, booking_id: str, way: Any) -> Booking:
        booking = new(self, booking_id, way)
        return replace(booking, resources=booking.resources[1:] or booking.resources)

    return [(SlotWish, "_new", only_fixed)]


@mutant("day-version-ignored", "a day document is written only at the version that was read", kinds="o")
def _day_version_ignored() -> Patches:
    return [(day_locks, "_unchanged", lambda document: {"condition": "attribute_not_exists(pk) OR v >= :v0", "v0": 0})]


@mutant("two-seats-everywhere", "a calendar takes its capacity and no more", kinds="o")
def _two_seats() -> Patches:
    real = DayDocument.has_room

    def has_room(self: DayDocument, interval: Interval, *, capacity: int, **given: Given) -> bool:
        return real(self, interval, capacity=capacity + 1, **given)

    return [(DayDocument, "has_room", has_room)]


@mutant("holds-can-be-stolen", "a live hold keeps the slot", kinds="o")
def _holds_stolen() -> Patches:
    return [(Entry, "is_live", lambda self, now: self.kind is not EntryKind.HOLD)]


@mutant(
    "hold-of-the-first-call", "a hold belongs to the call that was told of it last",
    scene="called back for the slot that is kept",
)  # fmt: skip
def _hold_of_the_first_call() -> Patches:
    return [(KnownWish, "_is_of", lambda self, booking, record: True)]


@mutant(
    "lapsed-hold-pinned", "pinning checks the overlap again, and a lapsed hold is removed by who overlaps it",
    scene="booked at the moment the hold lapses",
)  # fmt: skip
def _lapsed_hold_pinned() -> Patches:
    real = DayLocks.taking

    def taking(self: DayLocks, resources: Any, entry: Entry, *, days: Any, seats: Any, now: float) -> Any:
        held = all(
            any(e.owner == entry.owner for e in days[p].entries) for p in self.days_of(resources, [entry.interval])
        )
        generous = dict.fromkeys(resources, 99) if held and entry.kind is EntryKind.PIN else seats
        return real(self, resources, entry, days=days, seats=generous, now=now)

    return [(DayLocks, "taking", taking), (DayDocument, "lapsed", lambda self, interval, *, now: ())]


@mutant("act-under-the-lease", "pin before the provider is called")
def _under_lease() -> Patches:
    def taking(self: Transitions, booking: Booking, *, seats: Any, now: float) -> Any:
        entry = Entry(booking.id, booking.times.blocked, EntryKind.HOLD, now + 3.0)
        return lambda seen: self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)

    return [(Transitions, "taking", taking)]


@mutant("own-hold-in-the-way", "a booking's own entry never stands in its way", kinds="o")
def _own_in_the_way() -> Patches:
    real = DayDocument.has_room

    def has_room(self: DayDocument, interval: Interval, *, capacity: int, **given: Given) -> bool:
        return real(self, interval, capacity=capacity, **{**given, "ignoring": None})

    return [(DayDocument, "has_room", has_room)]


@mutant("conflict-means-taken", "a moved day version means: read again", scene="one after the other on one day")
def _conflict_means_taken() -> Patches:
    real = Table.transact

    def transact(self: Table, actions: Any) -> None:
        try:
            real(self, actions)
        except ConditionFailedError as refused:
            fixed = {
                n
                for n, action in enumerate(actions)
                if "D#" not in str(action.get("Put", {}).get("Item", {}).get("sk"))
            }
            if not fixed & refused.items.keys():
                raise SlotTakenError("conflict") from refused
            raise

    return [(Table, "transact", transact)]


@mutant("released-lock-stays", "a lock ends with its booking", kinds="o")
def _lock_stays() -> Patches:
    real = DayLocks.settling

    def settling(self: DayLocks, booking: Booking, *, entry: Entry | None, **given: Any) -> Any:
        return [] if entry is None else real(self, booking, entry=entry, **given)

    return [(DayLocks, "settling", settling)]


@mutant("old-interval-freed-early", "the old interval is freed only when the provider has moved it")
def _old_freed_early() -> Patches:
    def want_move(
        self: BookingChanges, booking: Booking, *, to: Any, attempt: Any, seats: Any, now: float, **given: Any
    ) -> Any:
        after = self._transitions.next(
            booking, state=State.RESCHEDULING, moving_to=to, attempt=attempt, sends=1, quiet_from=attempt.deadline,
            first_sent=now, due=attempt.deadline,
        )  # fmt: skip
        entry = Entry(f"{booking.id}+", to.blocked, EntryKind.PIN)

        def swap(seen: Any) -> Any:
            self._locks.taking(booking.resources, entry, days=seen, seats=seats, now=now)
            return self._locks.settling(after, entry=entry, days=seen, now=now)

        return self._transitions.write(
            booking, after, self._filing.delivery(given["delivery"], booking.id, now=now), locking=swap, now=now
        )

    return [(BookingChanges, "want_move", want_move)]


@mutant("new-interval-not-pinned", "a move pins the new interval before the provider is asked")
def _new_not_pinned() -> Patches:
    real = Transitions.write

    def write(self: Transitions, before: Any, after: Booking, parts: Any, **given: Any) -> Any:
        if after.state is State.RESCHEDULING and before is not None and before.state is State.BOOKED:
            given.pop("locking")
        return real(self, before, after, parts, **given)

    return [(Transitions, "write", write)]


@mutant("freed-before-the-yes", "a cancelled booking keeps its lock until the provider agrees")
def _freed_before_yes() -> Patches:
    real = Transitions.write

    def write(self: Transitions, before: Any, after: Booking, parts: Any, *, now: float, **given: Any) -> Any:
        if after.cancel_wanted and not after.state.is_terminal:
            given["locking"] = lambda seen: self._locks.settling(before, entry=None, days=seen, now=now)
        return real(self, before, after, parts, now=now, **given)

    return [(Transitions, "write", write)]


# --- versions, intents, deliveries ----------------------------------------------------------------------------------


@mutant("record-version-ignored", "a record is written only at the version that was read")
def _record_version_ignored() -> Patches:
    real = Table.change

    def change(self: Table, key: Any, before: Any, after: Any, *, condition: str, **values: Any) -> Any:
        return real(
            self, key, before, after, condition=condition.replace("rv = :rv", "rv > :rv OR rv <= :rv"), **values
        )

    return [(Table, "change", change)]


@mutant("wish-not-unique", "one live booking for one wish", kinds="oab")
def _wish_not_unique() -> Patches:
    def live_intent(self: Filing, booking: Booking, key: str) -> Any:
        pk, sk = keys.intent(self._business, key)
        return self._table.put({"pk": pk, "sk": sk, "bid": booking.id, "st": "live"})

    return [
        (Filing, "live_intent", live_intent),
        (KnownWish, "_known", lambda self, view, operation, *, but_holds=False: None),
    ]


@mutant("wish-by-delivery", "the wish of a caller has no call or delivery in it", kinds="oab")
def _wish_by_delivery() -> Patches:
    def intent(self: KnownWish) -> str:
        return f"{self.desk.intent(self.caller, self.choice.service, self.choice.start)}{self.call.id}"

    return [(KnownWish, "_intent", property(intent))]


@mutant("wish-by-call", "the same wish in a second call is the same wish", kinds="oab")
def _wish_by_call() -> Patches:
    def intent(self: KnownWish) -> str:
        wish = self.desk.intent(self.caller, self.choice.service, self.choice.start)
        return f"{wish}{self.call.context.call_id}"

    return [(KnownWish, "_intent", property(intent))]


@mutant("wish-outlives-its-booking", "a wish ends with its booking", kinds="o")
def _wish_outlives() -> Patches:
    def dead_intent(self: Filing, booking: Booking, key: str) -> Any:
        pk, sk = keys.intent(self._business, key)
        return self._table.put({"pk": pk, "sk": sk, "bid": booking.id, "st": "live"})

    return [(Filing, "dead_intent", dead_intent)]


@mutant(
    "wish-of-a-move-not-claimed", "the wish for the new time belongs to the move at once",
    scene="booked anew beside its own move",
)  # fmt: skip
def _move_wish_not_claimed() -> Patches:
    return [(filing, "_wish_of_move", lambda booking: f"{booking.intent}-moving")]


@mutant("wish-forgotten-early", "a wish is remembered as long as its booking", kinds="oab")
def _wish_forgotten_early() -> Patches:
    real = Filing.live_intent

    def live_intent(self: Filing, booking: Booking, key: str) -> Any:
        action = real(self, booking, key)
        action["Put"]["Item"]["ttl"] = {"N": "0"}
        return action

    return [(Filing, "live_intent", live_intent)]


@mutant("deletion-relied-on", "nothing rests on when the table deletes what has lapsed", kinds="o")
def _deletion_relied_on() -> Patches:
    def dead_intent(self: Filing, booking: Booking, key: str) -> Any:
        pk, sk = keys.intent(self._business, key)
        return self._table.put({"pk": pk, "sk": sk, "bid": booking.id, "st": "live", "ttl": 0})

    return [(Filing, "dead_intent", dead_intent)]


@mutant(
    "call-outlives-booking", "what only the record of a call remembers is over, not a reason to fail",
    scene="days later, own",
)  # fmt: skip
def _call_outlives_booking() -> Patches:
    return [
        (Change, "_remembered", lambda self, booking_id: self.desk.store.read(booking_id)),
    ]


@mutant(
    "ended-wish-answered", "a wish whose booking has just ended may be had anew",
    scene="booked again while its cancellation ends",
)  # fmt: skip
def _ended_wish_answered() -> Patches:
    real = KnownWish._known

    def known(self: KnownWish, view: Any, operation: Any, **given: Given) -> Any:
        booking_id = view.intents.get(self._intent)
        if booking_id is not None and view.operation is None:
            booking = self._read(booking_id)
            if booking.state.is_terminal:
                return self._settled(booking, view)
        return real(self, view, operation, **given)

    return [(KnownWish, "_known", known)]


@mutant("delivery-not-remembered", "a delivery that comes again is answered, not done again", kinds="o")
def _delivery_forgotten() -> Patches:
    return [(Desk, "operation", lambda self, call, caller: None)]


@mutant(
    "removal-not-on-record",
    "an event that is being removed is no booking",
    kinds="b",
    scene="given way to a person, unheard",
)
def _removal_not_on_record() -> Patches:
    return [(DynamoBookingStore, "give_way", lambda self, booking, *, now: booking)]


@mutant("lost-answer-is-a-no", "an answer that did not come is no refusal", kinds="oab")
def _lost_answer_is_no() -> Patches:
    from botocore.exceptions import HTTPClientError

    real = Table._patiently

    def patiently(self: Table, send: Any) -> Any:
        def once() -> Any:
            try:
                return send()
            except HTTPClientError as error:
                raise StoreUnavailableError("no answer") from error

        return real(self, once)

    return [(Table, "_patiently", patiently)]


# --- providers ------------------------------------------------------------------------------------------------------


@mutant("release-on-time-out", "a time-out is not a no")
def _release_on_timeout() -> Patches:
    def doubt(self: Context, booking: Booking) -> Booking:
        return self.store.release(booking, to=State.REJECTED, reason="taken", now=self.clock.now())

    return [(Context, "doubt", doubt)]


@mutant("blind-retry", "look before a create is repeated")
def _blind_retry() -> Patches:
    return [
        (Context, "found", lambda self, booking, *, deadline: None),
        (Context, "may_repeat", lambda self, booking, now: True),
    ]


@mutant("no-look", "after the quiescence, look before a create is repeated", kinds="a")
def _no_look() -> Patches:
    return [(Context, "found", lambda self, booking, *, deadline: None)]


@mutant("no-quiescence", "nothing found proves nothing while a request can still be executed")
def _no_quiescence() -> Patches:
    return [(Context, "is_quiet", lambda self, booking, now: True)]


class _Hasty(Context):
    """A process that believes at once that what is not there will never be."""

    __slots__ = ()

    def is_quiet(self, booking: Booking, now: float) -> bool:
        return True


def _hasty(context: Context) -> _Hasty:
    return _Hasty(**{field.name: getattr(context, field.name) for field in fields(context)})


@mutant("early-no", "class B: an early repeat is safe, an early no is not", kinds="b")
def _early_no() -> Patches:
    real = CancelSteps.__init__

    def hastily(self: CancelSteps, context: Context, moves: MoveSteps) -> None:
        real(self, _hasty(context), moves)

    return [(CancelSteps, "__init__", hastily)]


@mutant("no-reconciler", "what is unfinished is driven on", kinds="ab")
def _no_reconciler() -> Patches:
    return [(Reconciler, "run", lambda self, *, ends: 0)]


@mutant("two-attempts", "only the owner of the live attempt sends")
def _two_attempts() -> Patches:
    return [
        (Booking, "attempt_is_alive", lambda self, now: False),
        (Context, "is_quiet", lambda self, booking, now: True),
    ]


@mutant("doubt-taken-for-unsent", "a lost answer counts as an attempt")
def _doubt_unsent() -> Patches:
    def send(self: BookingSteps, booking: Booking, *, before: Booking, deadline: float) -> Booking:
        try:
            event = self._context.provider(booking).create(self._context.wish(booking), deadline=deadline)
        except (InDoubtError, NotExecutedError):
            return self._context.unsent(booking, before=before, retry_after=5.0)
        except RefusedError:
            return self._end(booking, "taken", [])
        return self._adopt(booking, event)

    return [(BookingSteps, "send", send)]


@mutant("success-not-compared", "a success is ours only when the tag is ours, and one event belongs to one booking")
def _success_not_compared() -> Patches:
    def provider_map(self: Filing, booking: Booking, provider_id: str) -> Any:
        pk, sk = keys.provider_map(self._business, booking.calendar, provider_id)
        return self._table.put({"pk": pk, "sk": sk, "bid": booking.id})

    return [
        (BookingSteps, "_somebody_elses", lambda self, booking, event, **_: self._adopt(booking, event)),
        (Filing, "provider_map", provider_map),
    ]


@mutant(
    "put-there-unheard", "a time at which a person put the caller's own booking is not told as taken",
    scene="dragged elsewhere before anybody heard of it",
)  # fmt: skip
def _put_there_unheard() -> Patches:
    return [(KnownWish, "_put_there", lambda self, record: None)]


@mutant(
    "put-there-and-had-twice", "whom a person gave a seat gets no second one at that time",
    scene="dragged to where a seat is left",
)  # fmt: skip
def _put_there_and_had_twice() -> Patches:
    return [(SlotWish, "_had_already", lambda self, view: None)]


@mutant("refusal-believed", "a refused repeat is believed only after another look", scene="our own event is in the way")
def _refusal_believed() -> Patches:
    def refused(self: BookingSteps, booking: Booking, refusal: RefusedError, **given: Given) -> Booking:
        return self._reject(booking, refusal.reason.value, **given)

    return [(BookingSteps, "_refused", refused)]


@mutant(
    "refusal-believed-early", "a refused repeat says nothing about an older request that may still be executed",
    scene="refused while an older create is under way",
)  # fmt: skip
def _refusal_believed_early() -> Patches:
    real = BookingSteps._refused

    def refused(self: BookingSteps, booking: Booking, refusal: RefusedError, **given: Given) -> Booking:
        return real(BookingSteps(_hasty(self._context)), booking, refusal, **given)

    return [(BookingSteps, "_refused", refused)]


@mutant(
    "refused-move-believed", "a refused repeat of a move is believed only after another look", scene="moved already"
)
def _refused_move_believed() -> Patches:
    def refused(self: MoveSteps, booking: Booking, refusal: RefusedError, **given: Given) -> Booking:
        return replace(self._stay(booking, **given), reason=refusal.reason.value)

    return [(MoveSteps, "_refused", refused)]


@mutant(
    "cancelled-events-count",
    "an event that was cancelled does not stand",
    scene="moved, unheard, and removed by a person",
)
def _cancelled_events_count() -> Patches:
    from slotline.use_cases import drive_booking, drive_context, drive_move

    return [
        (module, "is_live", lambda event: True)
        for module in (drive_booking, drive_context, drive_move)
        if "is_live" in vars(module)
    ]


@mutant("give-up-without-a-look", "giving up needs silence and an empty look")
def _give_up_blindly() -> Patches:
    def finish(self: BookingSteps, booking: Booking, *, deadline: float) -> Booking:
        return self._end(booking, "gave_up", ["sms_failed", "human_task"])

    return [(BookingSteps, "finish", finish)]


@mutant("unknown-cancel-is-done", "an unknown cancellation is repeated until it is definite")
def _unknown_cancel_done() -> Patches:
    def finish(self: CancelSteps, booking: Booking, *, deadline: float) -> Booking:
        try:
            for event_id in self._found(booking, deadline=deadline)[1]:
                self._context.provider(booking).cancel(event_id, reason="", deadline=deadline)
        except (InDoubtError, NotExecutedError):
            pass
        return self._store.release(
            booking, to=State.CANCELLED, reason="caller", effects=["sms_cancelled"], now=self._now()
        )

    return [(CancelSteps, "finish", finish)]


@mutant("cancel-in-doubt-ends-it", "cancelling what is in doubt waits, looks and cancels what is found", kinds="ab")
def _cancel_in_doubt_ends() -> Patches:
    real = CancelSteps.finish

    def finish(self: CancelSteps, booking: Booking, *, deadline: float) -> Booking:
        if booking.state is State.BOOKING:
            return self._store.release(
                booking, to=State.CANCELLED, reason="caller", effects=["sms_cancelled"], now=self._now()
            )
        return real(self, booking, deadline=deadline)

    return [(CancelSteps, "finish", finish)]


@mutant("move-repeated-early", "a move is repeated only after the quiescence")
def _move_repeated_early() -> Patches:
    real = Context.is_quiet
    return [(Context, "is_quiet", lambda self, b, now: b.state is State.RESCHEDULING or real(self, b, now))]


@mutant(
    "move-repeated-where-harmless", "not even where the same move twice is harmless: there may be a next one",
    scene="an older move comes after the next one",
)  # fmt: skip
def _move_repeated_where_harmless() -> Patches:
    real = Context.is_quiet

    def is_quiet(self: Context, booking: Booking, now: float) -> bool:
        harmless = booking.state is State.RESCHEDULING and self.provider(booking).traits.repeats_safely
        return harmless or real(self, booking, now)

    return [(Context, "is_quiet", is_quiet)]


@mutant("moved-without-looking-when", "an event found at the old time was not moved")
def _moved_anywhere() -> Patches:
    def at_new_time(self: MoveSteps, booking: Booking, *, deadline: float) -> Any:
        event = self._context.provider(booking).read(booking.provider_id or "", deadline=deadline)
        while event.moved_to:
            event = self._context.provider(booking).read(event.moved_to, deadline=deadline)
        return replace(event, span=booking.moving_to.span) if booking.moving_to else event

    return [(MoveSteps, "at_new_time", at_new_time)]


@mutant("expired-never", "a lapsed hold ends in the record too", kinds="o")
def _expired_never() -> Patches:
    real = Driver.drive

    def drive(self: Driver, booking: Booking, *, deadline: float) -> Booking:
        return booking if booking.state is State.HELD else real(self, booking, deadline=deadline)

    return [(Driver, "drive", drive)]


@mutant("no-audits", "what was in doubt is looked at again, hours later", late=400.0)
def _no_audits() -> Patches:
    return [(AuditSteps, "_remove_duplicates", lambda self, booking, *, deadline: None)]


@mutant("audits-dropped-by-a-move", "audits survive every transition", late=400.0)
def _audits_dropped() -> Patches:
    real = Transitions.next

    def following(self: Transitions, booking: Booking, **changes: Any) -> Booking:
        after = real(self, booking, **changes)
        return (
            replace(after, audits=(), due=None)
            if after.state in {State.BOOKED, State.REJECTED, State.CANCELLED}
            else after
        )

    return [(Transitions, "next", following)]


@mutant("approval-before-audit", "what awaits approval is audited too", scene="a request with a twin")
def _approval_before_audit() -> Patches:
    real = AuditSteps.look

    def look(self: AuditSteps, booking: Booking, *, deadline: float) -> Booking:
        awaited = booking.needs_approval and booking.state is State.BOOKED
        return real(self, replace(booking, audits=()) if awaited else booking, deadline=deadline)

    return [(AuditSteps, "look", look)]


@mutant(
    "late-refusal-pending", "a refusal whose record may come late is not called pending",
    scene="refused, and its record is written late",
)  # fmt: skip
def _late_refusal_pending() -> Patches:
    real = SlotWish._sent

    def sent(self: SlotWish, pinned: Booking, *, before: Booking) -> Booking:
        try:
            return real(self, pinned, before=before)
        except StoreUnavailableError:
            return pinned

    return [(SlotWish, "_sent", sent)]


# --- what is said ---------------------------------------------------------------------------------------------------


@mutant("pending-said-booked", "only an event is a yes")
def _pending_said_booked() -> Patches:
    real = answers.told

    def told(desk: Any, booking: Booking, **given: Any) -> Any:
        shown = replace(booking, state=State.BOOKED) if booking.state is State.BOOKING else booking
        return real(desk, shown, **given)

    return everywhere("told", told)


@mutant("pending-said-taken", "a no needs certainty")
def _pending_said_taken() -> Patches:
    real = answers.told

    def told(desk: Any, booking: Booking, **given: Any) -> Any:
        shown = replace(booking, state=State.REJECTED, reason="taken") if booking.state is State.BOOKING else booking
        return real(desk, shown, **given)

    return everywhere("told", told)


@mutant("strangers-are-one", "a caller is known by their number")
def _strangers_are_one() -> Patches:
    real = Desk.caller

    def caller(self: Desk, call: Any, *, claim: str | None = None) -> Any:
        return replace(real(self, call, claim=claim), key="everybody")

    return [(Desk, "caller", caller)]


@mutant("handles-for-all", "handles belong to one call, and ownership is checked", kinds="oab")
def _handles_for_all() -> Patches:
    real_caller, real_meant = Desk.caller, Change.meant

    def caller(self: Desk, call: Any, *, claim: str | None = None) -> Any:
        return replace(real_caller(self, call, claim=claim), scope="everybody")

    def meant(self: Change, handle: str | None, *, newest: bool = False) -> Any:
        record = self.desk.store.view(scope="everybody").call
        found = record.booking_behind(handle) if record and handle else None
        if found is None:
            return real_meant(self, handle, newest=newest)
        booking = self.desk.store.read(found)
        object.__setattr__(self, "caller", replace(self.caller, key=booking.caller))
        return booking, record, None

    return [(Desk, "caller", caller), (Change, "meant", meant)]


@mutant("one-business", "every key lies under its business", kinds="o")
def _one_business() -> Patches:
    return [(keys, "day", lambda business, resource, utc_day: (f"T#all#R#{resource}", f"D#{utc_day}"))]


# --- messages -------------------------------------------------------------------------------------------------------


@mutant("effects-after-the-fact", "effects are written with the state that causes them", kinds="oab")
def _effects_after() -> Patches:
    real = Transitions.write

    def write(self: Transitions, before: Any, after: Booking, parts: Any, **given: Any) -> Any:
        effects = [p for p in parts if p.get("Put", {}).get("Item", {}).get("sk", {}).get("S", "").startswith("X#")]
        done = real(self, before, after, [p for p in parts if p not in effects], **given)
        if effects:
            self._table.transact(effects)
        return done

    return [(Transitions, "write", write)]


@mutant("effects-not-swept", "an effect that the stream lost is found by the sweep", kinds="ab")
def _not_swept() -> Patches:
    real = Reconciler._one

    def one(self: Reconciler, work: Any) -> None:
        if work.effect is None:
            real(self, work)

    return [(Reconciler, "_one", one)]


@mutant("words-of-yesterday", "a text is written when it is sent")
def _words_of_yesterday() -> Patches:
    said = {
        "sms_booked": Wording.BOOKED,
        "sms_requested": Wording.REQUESTED,
        "sms_moved": Wording.MOVED,
        "sms_cancelled": Wording.CANCELLED,
        "sms_failed": Wording.FAILED,
    }
    return [(messages, "wording", lambda kind, booking: said.get(kind, Silence.SUPERSEDED))]


@mutant("sender-repeats", "the sender repeats nothing", kinds="ab")
def _sender_repeats() -> Patches:
    real = TextSending.send

    def send(self: TextSending, message: Any, **given: Any) -> Any:
        sender = self.sender

        class Stubborn:
            def find(self, *args: Any, **given: Any) -> Any:
                return sender.find(*args, **given)

            def send(self, message: Any, *, deadline: float) -> Any:
                for _ in range(3):
                    try:
                        receipt = sender.send(message, deadline=deadline)
                    except MessageInDoubtError:
                        continue
                    return receipt
                raise MessageInDoubtError("no answer")

        return real(replace(self, sender=Stubborn()), message, **given)

    return [(TextSending, "send", send)]


@mutant("older-text-counts", "a text that is older than its effect is another one", scene="the same words an hour ago")
def _older_text_counts() -> Patches:
    from slotline.adapters.dynamodb import outbox

    real = outbox._item
    return [(outbox, "_item", lambda *args: replace(real(*args), caused=0.0))]


@mutant(
    "truth-of-another-counts", "what tells a later truth is looked for among the texts since then",
    scene="moved to where another one was, its confirmation in doubt",
)  # fmt: skip
def _truth_of_another_counts() -> Patches:
    return [(messages, "true_since", lambda item, others: item.caused)]


@mutant("claims-for-everybody", "only one worker owns an effect", kinds="ab")
def _claims_for_all() -> Patches:
    def claim(self: DynamoOutbox, booking: str, *, rv: int, kind: Any, now: float, lease: float) -> Any:
        if self._table.get(keys.outbox(self._business, booking, rv, kind)) is None:
            raise StaleError("there is no such effect")
        return OutboxItem(booking, rv, kind, sends=1, status="claimed", deadline=now + lease)

    return [(DynamoOutbox, "claim", claim)]


@mutant(
    "texts-side-by-side", "two texts about one booking are never in the air at once",
    scene="cancelled while its confirmation is sent",
)  # fmt: skip
def _side_by_side() -> Patches:
    return [(OutboxItem, "is_in_hand", lambda self, now: False)]


@mutant(
    "end-told-beside-a-booking", "no text tells of an end whose caller has booked the same again",
    scene="booked again before its end is told",
)  # fmt: skip
def _end_beside_booking() -> Patches:
    return [(messages, "silenced_by_successor", lambda ended, *, store: None)]


def _given_up_for(*states: State) -> Patches:
    """The text about an end is given up for whoever lives in one of these states, not only for what stands."""
    real = message_successors.silenced_by_successor

    def silenced(ended: Booking, *, store: Any) -> Silence | None:
        found = store.view(intents=[ended.intent]).intents.get(ended.intent)
        lives = found is not None and store.read(found).state in states
        return Silence.SUPERSEDED if lives else real(ended, store=store)

    return [(messages, "silenced_by_successor", silenced)]


@mutant(
    "end-untold-for-a-try", "what is unfinished supersedes no text: it may end without one of its own",
    scene="booked again in vain before its end is told",
)  # fmt: skip
def _end_untold_for_a_try() -> Patches:
    return _given_up_for(State.BOOKING)


@mutant(
    "end-untold-for-a-hold", "a hold supersedes no text, for nobody is told of it",
    scene="held again before its end is told",
)  # fmt: skip
def _end_untold_for_a_hold() -> Patches:
    return _given_up_for(State.HELD)


@mutant(
    "pending-forgotten", "whoever was told pending hears how it ended", scene="refused to a repeat that dies"
)  # fmt: skip
def _pending_forgotten() -> Patches:
    return [(Context, "owes_the_outcome", lambda self, before, **_: not self.caller_waits)]


@mutant("cancelled-in-silence", "a cancellation that was pending is confirmed by text", kinds="ab")
def _cancelled_in_silence() -> Patches:
    real = DynamoBookingStore.release

    def release(self: DynamoBookingStore, booking: Booking, **given: Any) -> Any:
        return real(self, booking, **{**given, "effects": ()})

    return [(DynamoBookingStore, "release", release)]


@mutant("handle-of-another", "the handle in an answer leads to the appointment it is about", kinds="o")
def _handle_of_another() -> Patches:
    return [(CallRecord, "handle_of", lambda self, booking: "appt_1" if booking in self.shown else None)]


@mutant("names-in-the-log", "no personal data in what is logged", kinds="o")
def _names_in_the_log() -> Patches:
    real = MessageDesk._begin

    def begin(self: MessageDesk, item: Any) -> Any:
        self.notify("sms_begun", to=self.store.read(item.booking).contact.phone or "")
        return real(self, item)

    return [(MessageDesk, "_begin", begin)]


@mutant("name-in-the-clear", "personal data is sealed in the table", kinds="o")
def _name_in_the_clear() -> Patches:
    real = Transitions._record

    def record(self: Transitions, before: Any, after: Booking, condition: str, values: Any) -> Any:
        return real(self, before, replace(after, host=after.contact.name), condition, values)

    return [(Transitions, "_record", record)]


MUTANTS = PROTOCOL | ANSWERS | RECORDS
"""Every broken rule, by name."""
