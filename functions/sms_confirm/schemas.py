"""The contract of send_confirmation, and of the queue between the outbox and its worker."""

from __future__ import annotations

from pydantic import BaseModel, Field

from slotline.runtime.tools import Arguments


class SendConfirmation(Arguments):
    """Text the caller the details of an appointment."""

    appointment: str | None = Field(None, description="Handle of the appointment, such as appt_1")
    phone: str | None = Field(None, description="Another number than the one they call from, if they asked for it")


class Effect(BaseModel):
    """An effect waiting in the outbox."""

    business: str
    booking: str
    rv: int
    kind: str
