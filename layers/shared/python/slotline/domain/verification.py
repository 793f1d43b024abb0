"""What a caller proves in the course of one call: that a number is theirs, and that they want what was read to them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from slotline.domain.proofs import CODE_DIGITS

CODE_SECONDS = 300
"""How long a code is good, from when it was asked for."""

MOST_TRIES = 3
"""Wrong codes in one call; after them only a person can help."""

MOST_CODES_PER_CALL = 2
MOST_CODES_PER_NUMBER = 3
"""In one UTC day."""

MOST_CODES_PER_BUSINESS = 100
"""In one UTC day: whoever makes us text on purpose is paid by nobody for more."""

CONSENT_SECONDS = 300
"""How long a yes belongs to the question before it."""

MOST_DELIVERIES = 8


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was sent in a call. The code itself stands nowhere: it follows from the id and the desk's key."""

    id: str
    caller: str  # keyed hash of the number it was sent to
    expires: float  # epoch seconds
    sent: int = 1  # codes that were sent in this call
    tries: int = 0  # wrong ones
    heard: str | None = None  # keyed hash of the last attempt, so that one delivered twice counts once
    passed: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether too many wrong codes were read out; that ends with the call, not with a further code."""
        return not self.passed and self.tries >= MOST_TRIES

    def is_open(self, now: float) -> bool:
        """Whether a code may be read out now."""
        return not self.passed and not self.is_lost and now < self.expires

    def after(self, heard: str, *, right: bool) -> Challenge:
        """What one attempt makes of it."""
        return replace(self, heard=heard, passed=right, tries=self.tries if right else self.tries + 1)


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller was asked whether to cancel, and by which deliveries in which turn of the model."""

    booking: str | None  # None once it was answered
    rv: int
    at: float  # epoch seconds
    deliveries: tuple[str, ...] = ()  # those that asked, in this call: none of them is ever an answer
    turn: str | None = None

    def asked_again(self, *, booking: str, rv: int, delivery: str | None, turn: str | None, now: float) -> Question:
        """The question that takes the place of this one."""
        others = [key for key in self.deliveries if key != delivery]
        deliveries = (*others, *([delivery] if delivery is not None else []))[-MOST_DELIVERIES:]
        return Question(booking, rv, now, deliveries, turn)

    def answered(self) -> Question:
        """No yes is left to give."""
        return replace(self, booking=None)

    def is_answered_by(self, *, booking: str, rv: int, delivery: str | None, turn: str | None, now: float) -> bool:
        """Whether a yes now means this: the same booking as it was then, in time, and said after the question.

        A delivery that asked cannot answer, however often it comes, nor can its own turn: nobody spoke in between.
        """
        same = self.booking == booking and self.rv == rv and now - self.at < CONSENT_SECONDS
        return same and delivery not in self.deliveries and (turn is None or turn != self.turn)


NO_QUESTION = Question(None, 0, 0.0)


def digits_of(spoken: str) -> str | None:
    """The code in what a model passes on, however it is written; None when these are not its digits."""
    found = "".join(str(unicodedata.decimal(letter)) for letter in spoken if letter.isdecimal())
    return found if len(found) == CODE_DIGITS else None
