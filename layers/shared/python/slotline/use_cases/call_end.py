"""A call has ended: its hold is let go, and what its caller was told is compared with what stands.

Everything may happen twice, late, or before the last tool of the call has answered. Holds end once; the outcome is
written over the version that was read, in one transaction with the tasks it causes, so that nobody is told twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slotline.domain.bookings import Booking, State
from slotline.domain.call_events import CallOutcome, CallRef
from slotline.domain.calls import Status
from slotline.domain.errors import StaleError
from slotline.domain.promises import Told, is_kept, last_promises

if TYPE_CHECKING:
    from slotline.ports import BookingStore, CallLog, CallRecord, Clock
    from slotline.use_cases.text_sending import Notify

TRIES = 5


@dataclass(slots=True)
class _Findings:
    """What one look at a call found."""

    bookings: dict[str, str]
    broken: dict[str, Booking]
    unmatched: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """The end of calls of one business. `hashed` is the business's keyed hash of a phone number."""

    store: BookingStore
    log: CallLog
    clock: Clock
    hashed: Callable[[str], str]
    notify: Notify
    count: Callable[[str, float], None]

    def release(self, call: CallRef) -> int:
        """Let go of what the call holds; the number of slots that are free again."""
        return sum(self._let_go(place) for place in call.places)

    def settle(self, call: CallRef, *, reason: str | None, only_known: bool = False) -> CallOutcome:
        """Compare, record, and tell a person of every promise that is not kept. Raises StoreError.

        With `only_known` nothing is recorded of a call in which this agent's tools were not used.
        """
        self.release(call)  # a tool may have held one more while the event was on its way
        for _ in range(TRIES):
            try:
                return self._settle_once(call, reason=reason, only_known=only_known)
            except StaleError:
                self.clock.sleep(0.05)  # another event of the same call is worked off beside us
        raise StaleError("this call is settled by somebody else")

    def _let_go(self, call: CallRef) -> bool:
        record = self._record(call)
        for _ in range(TRIES):
            try:
                held = self.store.read(record.held) if record and record.held else None
                if held is None or held.state is not State.HELD:
                    return False
                # One call may speak to several agents, and who rings back is told of the same hold: it ends with the
                # call that was told of it last, as the agent who told it knows that call.
                if (held.held_by, held.agent) != (call.scope, call.agent):
                    return False
                self.store.release(held, to=State.EXPIRED, reason="call_ended", now=self.clock.now())
            except StaleError:
                continue  # it is being booked at this very moment, or has long lapsed
            return True
        return False

    def _settle_once(self, call: CallRef, *, reason: str | None, only_known: bool) -> CallOutcome:
        known, findings, replies = self.log.outcome(call), _Findings({}, {}), Counter[str]()
        for place in call.places:
            lines = self.log.told(place, now=self.clock.now())
            replies.update(line.status for line in lines)
            promises = last_promises(lines)
            record = self._record(place) if promises else None
            for told in promises:
                self._examine(told, record, findings)
        outcome = CallOutcome(
            reason=known.reason or reason,
            replies=dict(replies),
            bookings=findings.bookings,
            broken=tuple(sorted({*known.broken, *findings.broken})),
            unmatched=max(known.unmatched, findings.unmatched),
            version=known.version,
        )
        if outcome == known and known.version:
            return known
        if only_known and not replies:
            return outcome
        self._record_outcome(call, known, outcome, findings)
        return replace(outcome, version=known.version + 1)

    def _examine(self, told: Told, record: CallRecord | None, findings: _Findings) -> None:
        booking = self._booking(told, record)
        if booking is None:
            findings.unmatched += 1
            return
        findings.bookings[booking.id] = booking.state.value
        if not is_kept(told, booking) and not self._knows_better(told, booking):
            findings.broken[booking.id] = booking

    def _booking(self, told: Told, record: CallRecord | None) -> Booking | None:
        """The booking behind what was said: by its handle, else by its time among those the call was shown."""
        if record is None:
            return None
        named = record.booking_behind(told.handle) if told.handle else None
        candidates = (named,) if named else record.shown if told.start is not None else ()
        for booking_id in candidates:
            try:
                booking = self.store.read(booking_id)
            except StaleError:
                continue
            if named or booking.times.span.start == told.start:
                return booking
        return None

    def _knows_better(self, told: Told, booking: Booking) -> bool:
        """Whether the caller wanted the change, or has been told of it since: in a later call, or by a text."""
        if booking.cancel_wanted and told.status != Status.CANCELLED:
            return True
        later = self.log.promised_since(booking.id, told.at, now=self.clock.now())
        if later and is_kept(later[-1], booking):
            return True
        phone = booking.contact.phone
        if phone is None or self.store.opted_out(self.hashed(phone)):
            return False
        return self.log.texted_since(booking.id, told.at)

    def _record_outcome(self, call: CallRef, known: CallOutcome, outcome: CallOutcome, findings: _Findings) -> None:
        tasks = [booking for booking_id, booking in findings.broken.items() if booking_id not in known.broken]
        nameless = outcome.unmatched - known.unmatched
        self.log.close(call, outcome, tasks=tasks, nameless=nameless > 0, now=self.clock.now())
        self.notify("call_settled", agent=call.agent, broken=len(tasks), unmatched=nameless)
        if tasks or nameless:
            self.count("PromisesBroken", len(tasks) + nameless)

    def _record(self, call: CallRef) -> CallRecord | None:
        return self.store.view(scope=call.scope).call
