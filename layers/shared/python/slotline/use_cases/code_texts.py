"""Send the codes that callers read back: claimed, sent and recorded as every text, and worthless minutes later.

As with every text, a second one goes out only after looking for the first, and a third never. What is different: there
is no booking behind it, the code is worked out at the moment of sending, and nothing is sent once it has run out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.business import Business
from slotline.domain.errors import StaleError
from slotline.domain.message_texts import code_text
from slotline.domain.verification import CODE_SECONDS
from slotline.ports import BookingStore, Clock, Message, Outbox, OutboxItem, OutboxKind, SmsSender
from slotline.use_cases.text_sending import LEASE_SECONDS, Notify, Outcome, TextSending, report_url

PAUSE_SECONDS = 15.0
"""Between two tries of a text that certainly did not go out: the caller is on the line."""

DOUBT_SECONDS = 60.0
"""Until a text whose answer was lost is looked for; sooner than for others, for it is soon worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDesk:
    """Codes of one business. `code` works one out from its challenge; `can_send` is false where a log would show it."""

    store: BookingStore
    outbox: Outbox
    sender: SmsSender
    business: Business
    code: Callable[[str], str]
    can_send: bool
    clock: Clock
    notify: Notify
    public_url: str | None = None

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> Outcome:
        """Send the code of the challenge that stands where other effects have their booking."""
        try:
            item = self.outbox.claim(booking_id, rv=rv, kind=kind, now=self.clock.now(), lease=LEASE_SECONDS)
            return self._begin(item)
        except StaleError:
            return Outcome.NOT_OURS

    def _begin(self, item: OutboxItem) -> Outcome:
        worth_until = item.caused + CODE_SECONDS
        sending = TextSending(
            item=item,
            outbox=self.outbox,
            sender=self.sender,
            clock=self.clock,
            notify=self.notify,
            worth_until=worth_until,
            pauses=(PAUSE_SECONDS, PAUSE_SECONDS),
            doubt_seconds=DOUBT_SECONDS,
        )
        try:
            to = self.store.number_of_code(item.booking)
        except StaleError:
            return sending.give_up("too_late")
        if self.clock.now() >= worth_until:
            return sending.give_up("too_late")
        if not self.can_send:
            return sending.give_up("not_configured")
        if self.outbox.opted_out(to):
            return sending.give_up("opted_out")
        return sending.send(self._message(item, to=to), since=item.caused, reported=item.reported)

    def _message(self, item: OutboxItem, *, to: str) -> Message:
        return Message(
            key=f"{item.booking}-{item.rv}-{item.kind}",
            to=to,
            body=code_text(self.code(item.booking), business=self.business.name, locale=self.business.locale),
            sender=self.business.sms.sender,
            status_url=report_url(item, business=self.business, public_url=self.public_url),
        )
