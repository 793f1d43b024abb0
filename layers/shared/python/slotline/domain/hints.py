"""What a calendar provider tells us unasked. Never believed: whoever works a hint off reads the calendar itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slotline.domain.calls import HttpResponse


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have changed in a calendar. Without `event` and `tag`, anything in it may have.

    `id` is the sender's id of this delivery, or a hash of it where the sender gives none: a second delivery bears it
    too. `resubscribe` says that the sender lost messages or will soon stop sending any.
    """

    id: str
    event: str | None = None  # the provider's id
    tag: str | None = None  # the booking id the event seems to carry
    resubscribe: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """The hints of one webhook request, and the answer that its sender expects."""

    hints: tuple[Hint, ...] = ()
    response: HttpResponse = field(default_factory=lambda: HttpResponse(202, "", {}))


@dataclass(frozen=True, slots=True)
class Subscription:
    """A standing order for webhooks as kept in the table; `expires` in epoch seconds, None for never."""

    id: str
    expires: float | None = None
    details: Mapping[str, str] = field(default_factory=dict)  # what only the provider needs again, never a secret
