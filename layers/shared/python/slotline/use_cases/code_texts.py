"""Send the codes that callers read back: claimed, sent and recorded as every text, and worthless minutes later.

As with every text, a second one goes out only after looking for the first, and a third never. What is different: there
is no booking behind it, the code is worked out at the moment of sending, and nothing is sent once it has run out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.business import Business
from slotline.domain.errors import (
    ConfigError,
    MessageInDoubtError,
    MessageNotSentError,
    MessageRefusedError,
    StaleError,
)
from slotline.domain.message_texts import code_text
from slotline.domain.verification import CODE_SECONDS
from slotline.ports import BookingStore, Clock, Message, Outbox, OutboxItem, OutboxKind, SmsSender
from slotline.use_cases.messages import BUDGET_SECONDS, LEASE_SECONDS, MAX_SENDS, Notify, Outcome, report_url

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
        try:
            to = self.store.number_of_code(item.booking)
        except StaleError:
            return self._give_up(item, "too_late")
        if self.clock.now() >= item.caused + CODE_SECONDS:
            return self._give_up(item, "too_late")
        if not self.can_send:
            return self._give_up(item, "not_configured")
        if self.outbox.opted_out(to):
            return self._give_up(item, "opted_out")
        return self._send(item, self._message(item, to=to))

    def _message(self, item: OutboxItem, *, to: str) -> Message:
        return Message(
            key=f"{item.booking}-{item.rv}-{item.kind}",
            to=to,
            body=code_text(self.code(item.booking), business=self.business.name, locale=self.business.locale),
            sender=self.business.sms.sender,
            status_url=report_url(item, business=self.business, public_url=self.public_url),
        )

    def _send(self, item: OutboxItem, message: Message) -> Outcome:
        deadline = self.clock.now() + BUDGET_SECONDS
        try:
            if item.sends > 1:
                found = item.reported or self._found(message, since=item.caused, deadline=deadline)
                if found:
                    self.outbox.sent(item, provider_id=found, now=self.clock.now())
                    return Outcome.FOUND
                if item.sends > MAX_SENDS:
                    return self._give_up(item, "in_doubt")
            receipt = self.sender.send(message, deadline=deadline)
        except MessageNotSentError:
            return self._postpone(item, seconds=PAUSE_SECONDS, sent_nothing=True)
        except ConfigError as exc:
            self.notify("sms_setup", booking=item.booking, problem=str(exc))
            return self._postpone(item, seconds=PAUSE_SECONDS, sent_nothing=True)
        except MessageInDoubtError:
            return self._postpone(item, seconds=DOUBT_SECONDS, sent_nothing=False)
        except MessageRefusedError as exc:
            if exc.reason == "opted_out":
                self.outbox.opt_out(message.to, now=self.clock.now())
            return self._give_up(item, exc.reason)
        self.outbox.sent(item, provider_id=receipt.provider_id, now=self.clock.now())
        self.notify("sms_sent", kind=item.kind, booking=item.booking)
        return Outcome.SENT

    def _found(self, message: Message, *, since: float, deadline: float) -> str | None:
        receipt = self.sender.find(message, since=since, deadline=deadline)
        return receipt.provider_id if receipt else None

    def _postpone(self, item: OutboxItem, *, seconds: float, sent_nothing: bool) -> Outcome:
        self.outbox.postpone(item, until=self.clock.now() + seconds, sent_nothing=sent_nothing)
        self.notify("sms_postponed", kind=item.kind, booking=item.booking, seconds=int(seconds))
        return Outcome.POSTPONED

    def _give_up(self, item: OutboxItem, reason: str) -> Outcome:
        self.outbox.give_up(item, reason=reason, now=self.clock.now())
        self.notify("sms_given_up", kind=item.kind, booking=item.booking, reason=reason)
        return Outcome.GAVE_UP
