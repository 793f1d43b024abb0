"""What comes back after a text message went out: reports about its delivery, and answers of whoever got it.

Both are hints. A report moves nothing but the record of its own message, an answer nothing but whether its sender may
be texted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, get_args

from slotline.domain.deliveries import DeliveryReport, DeliveryStatus, EffectKey
from slotline.domain.errors import StaleError
from slotline.domain.message_templates import cleaned
from slotline.domain.message_texts import language_of
from slotline.domain.opt_out import Meaning, help_text, meaning_of
from slotline.ports import OutboxKind

if TYPE_CHECKING:
    from slotline.domain.business import Business
    from slotline.ports import Clock, DeliveryRecords, Inbox


class Notify(Protocol):
    """Tells the owner's log and metrics about an event; its fields never carry personal data."""

    def __call__(self, event: str, /, **fields: str | int) -> None: ...


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A sender's word on one message. `key` is what we gave the message on its way, `phone` where it went (E.164)."""

    key: str
    provider_id: str
    status: str
    code: int | None
    phone: str


@dataclass(frozen=True, slots=True)
class TextReply:
    """A text message from a phone. `sorted_as` is the sender's own reading of it, where it made one."""

    id: str
    phone: str
    text: str
    sorted_as: Meaning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsEvents:
    """Events about the messages of one business. `reasons` are our words for the sender's error codes."""

    business: Business
    records: DeliveryRecords
    inbox: Inbox
    clock: Clock
    notify: Notify
    reasons: Mapping[int, str]

    def reported(self, report: StatusReport) -> None:
        """Keep how far a message got; told twice, late or out of order, nothing changes."""
        if report.status not in set(DeliveryStatus):
            self.notify("sms_report_unknown", status=report.status)
            return
        status = DeliveryStatus(report.status)
        code = report.code if status.is_failure else None
        reason = self.reasons.get(code or 0, status.value) if status.is_failure else None
        effect = EffectKey.read(report.key)
        news = self._keep(effect, DeliveryReport(report.provider_id, status, code, reason))
        if effect is None or news is None:
            self.notify("sms_report_unmatched", status=status.value)
        if news is False:
            return
        if reason == "opted_out" and report.phone:
            self.records.opt_out(report.phone, now=self.clock.now())
            self.notify("sms_opt_out", source="sender")
        self._tell(status, booking=effect.booking if effect else "", reason=reason, code=code)

    def received(self, reply: TextReply) -> str | None:
        """Do what the answer asks for, once; returns what to say to it, None to say nothing."""
        meaning = reply.sorted_as or meaning_of(reply.text)
        source, now = self.business.sms.provider, self.clock.now()
        if self.inbox.done_at(reply.id, source=source) is None:
            if meaning is Meaning.STOP:
                self.records.opt_out(reply.phone, now=now)
                self.notify("sms_opt_out", source="reply")
            elif meaning is Meaning.START:
                self.records.opt_in(reply.phone, now=now)
            self.inbox.mark_done(reply.id, source=source, now=now)
            self.notify("sms_reply", meaning=meaning.value)
        # A repeated question is answered again: whoever repeats it has not heard the answer.
        return self._help() if meaning is Meaning.HELP else None

    def _keep(self, effect: EffectKey | None, report: DeliveryReport) -> bool | None:
        """Whether the report says something new; None when it is about no message of ours."""
        if effect is None or effect.kind not in get_args(OutboxKind):
            return None
        kind = cast("OutboxKind", effect.kind)
        try:
            return self.records.report(effect.booking, rv=effect.rv, kind=kind, report=report, now=self.clock.now())
        except StaleError:
            return None

    def _tell(self, status: DeliveryStatus, *, booking: str, reason: str | None, code: int | None) -> None:
        if reason is not None:
            self.notify("sms_undelivered", booking=booking, status=status.value, reason=reason, code=code or 0)
        elif status is DeliveryStatus.DELIVERED:
            self.notify("sms_delivered", booking=booking)
        if reason == "setup":
            self.notify("sms_setup", booking=booking, problem=f"the sender reports error {code}")

    def _help(self) -> str:
        return help_text(
            language=language_of(self.business.locale),
            business=cleaned("business", self.business.name),
            transfer_to=self.business.transfer_to,
        )
