"""The contract of the queue between the outbox and its worker."""

from __future__ import annotations

from pydantic import BaseModel


class Effect(BaseModel):
    """An effect waiting in the outbox."""

    business: str
    booking: str
    rv: int
    kind: str
