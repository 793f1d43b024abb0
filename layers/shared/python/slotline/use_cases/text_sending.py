"""One text on its way, whatever it says.

The sender repeats nothing. Each claim counts as one send unless it certainly was none. At the second claim we look for
the first message and send again only when it is not there: every text says the present truth and may be read twice. A
third claim only looks. There never is a third send.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from slotline.domain.business import Business
from slotline.domain.deliveries import EffectKey
from slotline.domain.errors import ConfigError, MessageInDoubtError, MessageNotSentError, MessageRefusedError
from slotline.domain.messages import gsm_segments
from slotline.ports import Clock, Message, Outbox, OutboxItem, SmsSender

LEASE_SECONDS = 60.0
BUDGET_SECONDS = 8.0  # for looking and sending together; must end before the function does
MAX_SENDS = 2


class Outcome(StrEnum):
    """What became of one effect, for logs and counters."""

    SENT = "sent"
    FOUND = "found"  # it had gone out before
    NOTED = "noted"  # not a text: the owner was told
    POSTPONED = "postponed"
    GAVE_UP = "gave_up"
    NOT_OURS = "not_ours"  # somebody else has it, or had it


class Notify(Protocol):
    """Tells the owner's log and metrics about an event; its fields never carry personal data."""

    def __call__(self, event: str, /, **fields: str | int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSending:
    """A claimed text and how patient to be with it; after `worth_until` (epoch seconds) nobody is helped by it."""

    item: OutboxItem
    outbox: Outbox
    sender: SmsSender
    clock: Clock
    notify: Notify
    worth_until: float
    pauses: tuple[float, float]  # the shortest and the longest, in seconds, after a try that certainly sent nothing
    doubt_seconds: float  # until a text whose answer was lost must be visible in the sender's list

    def send(self, message: Message, *, since: float, reported: str | None) -> Outcome:
        """Send, unless it went out before: `reported` tells so, or the sender's list since then (epoch seconds)."""
        item, (shortest, longest) = self.item, self.pauses
        deadline = self.clock.now() + BUDGET_SECONDS
        try:
            if item.sends > 1:
                found = reported or self._found(message, since=since, deadline=deadline)
                if found:
                    self.outbox.sent(item, provider_id=found, now=self.clock.now())
                    return Outcome.FOUND
                if item.sends > MAX_SENDS:
                    return self.give_up("in_doubt")
            receipt = self.sender.send(message, deadline=deadline)
        except MessageNotSentError as exc:
            return self.postpone(min(max(exc.retry_after, shortest), longest), sent_nothing=True)
        except ConfigError as exc:  # a secret is missing; whoever puts it there in time still gets this one sent
            self.notify("sms_setup", booking=item.booking, problem=str(exc))
            return self.postpone(longest, sent_nothing=True)
        except MessageInDoubtError:
            return self.postpone(self.doubt_seconds, sent_nothing=False)
        except MessageRefusedError as exc:
            if exc.reason == "opted_out":
                self.outbox.opt_out(message.to, now=self.clock.now())
            return self.give_up(exc.reason)
        self.outbox.sent(item, provider_id=receipt.provider_id, now=self.clock.now())
        cost = gsm_segments(message.body)
        self.notify("sms_sent", kind=item.kind, booking=item.booking, encoding=cost.encoding, segments=cost.count)
        return Outcome.SENT

    def postpone(self, seconds: float, *, sent_nothing: bool) -> Outcome:
        """Try again later, as long as it is worth something then; that also ends every loop."""
        until = self.clock.now() + seconds
        if until >= self.worth_until:
            return self.give_up("too_late")
        self.outbox.postpone(self.item, until=until, sent_nothing=sent_nothing)
        self.notify("sms_postponed", kind=self.item.kind, booking=self.item.booking, seconds=int(seconds))
        return Outcome.POSTPONED

    def give_up(self, reason: str) -> Outcome:
        self.outbox.give_up(self.item, reason=reason, now=self.clock.now())
        self.notify("sms_given_up", kind=self.item.kind, booking=self.item.booking, reason=reason)
        return Outcome.GAVE_UP

    def _found(self, message: Message, *, since: float, deadline: float) -> str | None:
        receipt = self.sender.find(message, since=since, deadline=deadline)
        return receipt.provider_id if receipt else None


def report_url(item: OutboxItem, *, business: Business, public_url: str | None) -> str | None:
    """Where the sender reports delivery to; the key in it finds the effect even when our send was cut off."""
    url = (public_url or "").rstrip("/")
    stand_in = (business.sms.base_url or "").startswith("http://")  # on this machine, and so are we
    if not (url.startswith("https://") or (url and stand_in)):
        return None
    return f"{url}/v1/sms/{business.key}/status?key={EffectKey(item.booking, item.rv, item.kind)}"
