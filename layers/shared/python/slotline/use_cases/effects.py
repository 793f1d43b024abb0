"""Effects in the outbox, by who carries them out: texts and notes by the message desk, copies by the copy desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from slotline.ports import OutboxKind


class Desk(Protocol):
    """Carries out one kind of effects of one business."""

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> object: ...


@dataclass(frozen=True, slots=True)
class Effects:
    """Everything that a booking can cause, of one business."""

    messages: Desk
    copies: Desk
    codes: Desk

    def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> object:
        """Carry out one effect. Told twice about the same one, or too late, it does nothing."""
        desk = {"staff_copies": self.copies, "sms_code": self.codes}.get(kind, self.messages)
        return desk.carry_out(booking_id, rv=rv, kind=kind)
