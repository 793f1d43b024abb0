"""How far a text message has come, as its sender reports it: hints that arrive late, twice and in any order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """The stages of a message; the values are Twilio's words.

    https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
    """

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    READ = "read"

    @property
    def rank(self) -> int:
        """Later stages rank higher; what a message ends as ranks highest, and nothing follows it."""
        return _RANKS.get(self, FINAL)

    @property
    def is_failure(self) -> bool:
        """Whether the message ended without reaching anybody."""
        return self in {DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED, DeliveryStatus.CANCELED}

    @property
    def went_out(self) -> bool:
        """Whether the message left the sender for good, or is on its way out."""
        return self not in {DeliveryStatus.FAILED, DeliveryStatus.CANCELED}


FINAL = 5
_RANKS: Mapping[DeliveryStatus, int] = {
    DeliveryStatus.ACCEPTED: 1,
    DeliveryStatus.SCHEDULED: 1,
    DeliveryStatus.QUEUED: 2,
    DeliveryStatus.SENDING: 3,
    DeliveryStatus.SENT: 4,
}


@dataclass(frozen=True, slots=True)
class EffectKey:
    """Which message a report is about, in the words of the outbox: it travels in the address of the report."""

    booking: str
    rv: int
    kind: str

    def __str__(self) -> str:
        return f"{self.booking}.{self.rv}.{self.kind}"

    @classmethod
    def read(cls, text: str) -> EffectKey | None:
        """The key, None when the text is none of ours."""
        found = re.fullmatch(r"([A-Za-z0-9_-]{1,64})\.([0-9]{1,12})\.([a-z_]{1,32})", text)
        return cls(found[1], int(found[2]), found[3]) if found else None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One report about one message. `code` is the sender's error code, `reason` our word for it."""

    provider_id: str
    status: DeliveryStatus
    code: int | None = None
    reason: str | None = None
