"""Carry out the effects in the outbox: claim, render from the booking as it is now, send, record.

How often: see text_sending. When the truth moved on since the first send, that text is not looked for but corrected.

In which order. Two texts about one booking are never in the air at once: whoever has claimed one first asks whether
another is claimed, and then waits. So what is read after the claim is at least as new as what anybody said before.
No text tells of an end whose caller has booked the same again (message_successors).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from slotline.domain.bookings import Booking
from slotline.domain.business import Business
from slotline.domain.call_events import CallRef
from slotline.domain.errors import StaleError
from slotline.domain.messages import Silence, Wording, body, wording
from slotline.ports import (
    BookingStore,
    Clock,
    DueWork,
    Message,
    Outbox,
    OutboxItem,
    OutboxKind,
    SmsSender,
    SpokenTimes,
)
from slotline.use_cases.message_neighbours import neighbours, true_since
from slotline.use_cases.message_successors import ENDS, silenced_by_successor
from slotline.use_cases.text_sending import LEASE_SECONDS, Notify, Outcome, TextSending, report_url

SETTLE_SECONDS = 30.0  # until a booking that is being changed is looked at again
TURN_SECONDS = 10.0  # until a text that stood back for another one about the same booking is looked at again
DOUBT_SECONDS = 180.0  # until a message whose answer was lost must be visible in the sender's list
LOOK_BACK_SECONDS = 3600.0  # how old a message may be to count as the one in doubt
SHORTEST_PAUSE, LONGEST_PAUSE = 30.0, 900.0
TEXTS = "sms_"  # how every kind of effect begins that is a text


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDesk:
    """Messages of one business. `public_url` is where the sender reports delivery to, None for no reports."""

    store: BookingStore
    outbox: Outbox
    sender: SmsSender
    business: Business
    times: SpokenTimes
    clock: Clock
    notify: Notify
    public_url: str | None = None

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> Outcome:
        """Carry out one effect. Told twice about the same one, or too late, it does nothing."""
        try:
            item = self.outbox.claim(booking_id, rv=rv, kind=kind, now=self.clock.now(), lease=LEASE_SECONDS)
            return self._begin(item)
        except StaleError:  # the claim is, or has become, somebody else's; they look before they send
            return Outcome.NOT_OURS

    def sweep(self, due: Iterable[DueWork]) -> tuple[Outcome, ...]:
        """Carry out again the effects of this business whose time has come."""
        return tuple(
            self.carry_out(work.booking, rv=work.effect[0], kind=work.effect[1])
            for work in due
            if work.effect and work.business == self.business.key
        )

    def _begin(self, item: OutboxItem) -> Outcome:
        if item.kind == "doubt_left":
            return self._tell_of_call(item)
        others = self.outbox.other_texts(item) if item.kind.startswith(TEXTS) else ()
        crowded = any(other.is_in_hand(self.clock.now()) for other in others)
        try:
            booking = self.store.read(item.booking)
        except StaleError:
            return self._sending(item, worth_until=0.0).give_up("no_booking")
        sending = self._sending(item, worth_until=booking.times.span.end * 60)
        if not item.kind.startswith(TEXTS):
            return self._tell_owner(item, booking)
        if crowded:
            return sending.postpone(TURN_SECONDS, sent_nothing=True)
        said = wording(item.kind, booking)
        if said in ENDS:
            said = silenced_by_successor(booking, store=self.store) or said
        if said is Silence.SUPERSEDED:
            return sending.give_up("superseded")
        if said is Silence.WAIT:
            return sending.postpone(SETTLE_SECONDS, sent_nothing=True)
        to = self.store.number_named(item) or booking.contact.phone
        reason = self._obstacle(to)
        if to is None or reason:
            return sending.give_up(reason or "no_phone")
        taken_over = self._coalesce(item, booking)
        if item.kind == "sms_failed" and any(other.kind == "sms_moved" for other in taken_over):
            said = wording("sms_moved", booking)  # the next try went through
        since = true_since(item, [*others, *taken_over])
        return self._send(sending, booking, self._message(item, booking, Wording(said), to=to), since=since)

    def _obstacle(self, to: str | None) -> str | None:
        if to is None:
            return "no_phone"
        if not self.business.sms.is_configured:
            return "not_configured"
        return "opted_out" if self.outbox.opted_out(to) else None

    def _coalesce(self, item: OutboxItem, booking: Booking) -> list[OutboxItem]:
        """Take over the messages that would say the same; ended before ours goes out, for ours will be pursued."""
        taken = []
        for rv, kind in neighbours(item, booking):
            try:
                other = self.outbox.claim(booking.id, rv=rv, kind=kind, now=self.clock.now(), lease=LEASE_SECONDS)
            except StaleError:
                continue  # there is none, or somebody has begun it and says it after us
            self.outbox.give_up(other, reason="coalesced", now=self.clock.now())
            taken.append(other)
        return taken

    def _message(self, item: OutboxItem, booking: Booking, said: Wording, *, to: str) -> Message:
        start = booking.times.span.start
        text = body(
            said,
            booking,
            business=self.business,
            date=self.times.day(start, zone=self.business.zone, locale=self.business.locale),
            time=self.times.clock(start, zone=self.business.zone, locale=self.business.locale),
        )
        return Message(
            key=f"{booking.id}-{item.rv}-{item.kind}",
            to=to,
            body=text,
            sender=self.business.sms.sender,
            status_url=report_url(item, business=self.business, public_url=self.public_url),
        )

    def _send(self, sending: TextSending, booking: Booking, message: Message, *, since: float) -> Outcome:
        """What is in doubt is looked for among the texts that went out `since` its truth came to be (epoch seconds)."""
        item = sending.item
        # A report names the message but not its words: it is proof only while the truth is what it was.
        reported = item.reported if booking.rv == item.rv else None
        # An older text of these words told an earlier truth. A newer one may be about the next booking of the same
        # wish, which ended alike: nothing is left to say, and a repeat could come after a later text.
        return sending.send(message, since=max(since, self.clock.now() - LOOK_BACK_SECONDS), reported=reported)

    def _sending(self, item: OutboxItem, *, worth_until: float) -> TextSending:
        return TextSending(
            item=item,
            outbox=self.outbox,
            sender=self.sender,
            clock=self.clock,
            notify=self.notify,
            worth_until=worth_until,
            pauses=(SHORTEST_PAUSE, LONGEST_PAUSE),
            doubt_seconds=DOUBT_SECONDS,
        )

    def _tell_owner(self, item: OutboxItem, booking: Booking) -> Outcome:
        self.notify(
            "human_task",
            booking=booking.id,
            service=booking.service,
            state=booking.state.value,
            why=item.kind if item.kind in {"conflict", "broken_promise"} else booking.reason or "",
        )
        self.outbox.sent(item, provider_id="log", now=self.clock.now())
        return Outcome.NOTED

    def _tell_of_call(self, item: OutboxItem) -> Outcome:
        """What was said there is about no known booking: whoever looks into it begins with the call."""
        call = CallRef.of_owner(item.booking)
        self.notify("human_task", call=call.id, agent=call.agent, why="broken_promise")
        self.outbox.sent(item, provider_id="log", now=self.clock.now())
        return Outcome.NOTED
