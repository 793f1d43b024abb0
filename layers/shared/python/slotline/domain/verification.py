"""What a caller proves in the course of one call: that a number is theirs, and that they want what was read to them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import Enum

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

MOST_QUESTIONS = 8
"""Deliveries in one call that may ask. All of them are remembered, for one that is forgotten would count as a yes."""

REPEAT_SECONDS = 20
"""For how long a platform that names no delivery may send one again; the slowest give up on an answer after that."""

ASKED_KEPT_SECONDS = 3600
"""How long deliveries that asked are remembered after the last question: longer than any platform repeats one."""

_NAMELESS = "fp:"


class CodeText(Enum):
    """What became of the text with a code, as far as is known."""

    WAITING = "waiting"
    SENT = "sent"
    LOST = "lost"  # it reaches nobody, nor would another one: a landline, a number that wants no texts


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was sent in a call. The code itself stands nowhere: it follows from the id and the desk's key."""

    id: str
    caller: str  # keyed hash of the number it was sent to
    expires: float  # epoch seconds
    sent: int = 1  # codes that were sent in this call
    tries: int = 0  # wrong ones, of this code and of those before it
    wrong: tuple[str, ...] = ()  # keyed hashes of what was wrong for this one: the same digits again are no new try
    passed: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether too many wrong codes were read out; that ends with the call, not with a further code."""
        return not self.passed and self.tries >= MOST_TRIES

    def is_open(self, now: float) -> bool:
        """Whether a code may be read out now."""
        return not self.passed and not self.is_lost and now < self.expires

    def after(self, heard: str, *, right: bool) -> Challenge:
        """What one attempt makes of it; `heard` is the keyed hash of its digits."""
        if right:
            return replace(self, passed=True)
        if heard in self.wrong:
            return self
        return replace(self, wrong=(*self.wrong, heard), tries=self.tries + 1)


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller was asked whether to cancel, and by which deliveries in which turn of the model.

    A delivery is the platform's id of it, or `nameless` where there is none.
    """

    booking: str | None  # None once it was answered
    rv: int
    at: float  # epoch seconds
    deliveries: tuple[str, ...] = ()  # those that asked, in this call
    turn: str | None = None
    since: float = 0.0  # epoch seconds, when this was first asked

    def may_be_asked_by(self, delivery: str, *, now: float) -> bool:
        """Whether there is room to remember that this delivery asked."""
        return delivery in self.deliveries or len(self._remembered(now)) < MOST_QUESTIONS

    def asked_again(self, *, booking: str, rv: int, delivery: str, turn: str | None, now: float) -> Question:
        """The question that takes the place of this one."""
        deliveries = tuple(dict.fromkeys((*self._remembered(now), delivery)))
        since = self.since if self._is_open(booking, rv, now=now) else now
        return Question(booking, rv, now, deliveries, turn, since)

    def answered(self) -> Question:
        """No yes is left to give."""
        return replace(self, booking=None)

    def is_answered_by(self, *, booking: str, rv: int, delivery: str, turn: str | None, now: float) -> bool:
        """Whether a yes now means this: the same booking as it was then, in time, and said after the question.

        A delivery that asked cannot answer, however often it comes, nor can its own turn: nobody spoke in between. Of
        one without a name the same words are a repeat at first, and said anew later; and what looks like the same turn
        for longer than a turn lasts comes from a platform that does not tell.
        """
        spoke = turn is None or turn != self.turn or now - self.since >= REPEAT_SECONDS
        return self._is_open(booking, rv, now=now) and spoke and not self._has_asked(delivery, now=now)

    def _is_open(self, booking: str, rv: int, *, now: float) -> bool:
        return self.booking == booking and self.rv == rv and now - self.at < CONSENT_SECONDS

    def _has_asked(self, delivery: str, *, now: float) -> bool:
        said_anew = delivery.startswith(_NAMELESS) and now - self.since >= REPEAT_SECONDS
        return delivery in self.deliveries and not said_anew

    def _remembered(self, now: float) -> tuple[str, ...]:
        return self.deliveries if now - self.at < ASKED_KEPT_SECONDS else ()


NO_QUESTION = Question(None, 0, 0.0)


def nameless(fingerprint: str) -> str:
    """What stands for a delivery to which the platform gave no id: what it says."""
    return f"{_NAMELESS}{fingerprint}"


def digits_of(spoken: str) -> str | None:
    """The code in what a model passes on, however it is written; None when these are not its digits."""
    found = "".join(str(unicodedata.decimal(letter)) for letter in spoken if letter.isdecimal())
    return found if len(found) == CODE_DIGITS else None
