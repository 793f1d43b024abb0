"""The walk over the atoms: what was said so far, what waits for its word, and the parts of the day."""

from __future__ import annotations

from collections.abc import Sequence

from slotline.domain.errors import UnclearError
from slotline.domain.time import MINUTES_A_DAY
from slotline.domain.when_atoms import MINUTES_AN_HOUR, NOON_HOUR
from slotline.domain.when_clocks import Cursor
from slotline.domain.when_facts import Facts
from slotline.domain.when_words import AFTERNOON, EVENING, LUNCH, MORNING, Atom, Kind

_LUNCH_OVER = 780
THIRDS = {
    (Kind.EARLY, MORNING): (0, 600),
    (Kind.LATE, MORNING): (600, 720),
    (Kind.EARLY, AFTERNOON): (720, 900),
    (Kind.LATE, AFTERNOON): (900, 1080),
    (Kind.EARLY, EVENING): (1020, 1140),
}


def _nested(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (one[0] <= other[0] and other[1] <= one[1]) or (other[0] <= one[0] and one[1] <= other[1])


class Walk:
    """What was said so far, and what waits for the word it belongs to."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._cursor = Cursor(atoms)
        self._facts = Facts()
        self._relation: Kind | None = None
        self._joined: Kind | None = None
        self._negated = False
        self._shift = 0
        self._week_of = False
        self._stretch: int | None = None
        self._third: Kind | None = None  # EARLY or LATE, until the part of the day that it narrows
        self._vague: tuple[int, int] | None = None  # what it meant without one
        self._habit = False
        self._plural = False
        self._fresh = False  # what comes next is another day than the one ruled out
        self._last = ""  # what was stated last: day, every, clock or part

    # --- parts of the day --------------------------------------------------------------------------------------------

    def edge(self, atom: Atom) -> None:
        if self._facts.edge not in {None, atom.kind} or self._negated or self._relation is Kind.AFTER:
            raise UnclearError("clarify_when")
        self._facts.edge = atom.kind
        self._relation = None
        self._refuse_bounded()
        self._timed("part")

    def part(self, atom: Atom) -> None:
        facts, told = self._facts, (atom.value, atom.end)
        if self._relation is Kind.BEFORE:
            told = (0, NOON_HOUR * MINUTES_AN_HOUR if told == LUNCH else max(told[0], 1))
        elif self._relation is Kind.AFTER:
            told = (_LUNCH_OVER if told == LUNCH else min(told[1], MINUTES_A_DAY - 1), MINUTES_A_DAY)
        elif self._third is not None:
            told = THIRDS.get((self._third, told), told)  # "early Monday morning"
        elif self._relation is Kind.BY:
            raise UnclearError("clarify_time")
        if self._negated:
            facts.not_part, self._negated = told, False
        elif facts.part is None or facts.part == told or (self._third is not None and facts.part == self._vague):
            facts.part = told
        elif self._joined is None and _nested(facts.part, told):
            facts.part = max(facts.part[0], told[0]), min(facts.part[1], told[1])  # "in the morning, very early"
        elif self._joined is Kind.OR and self._last == "part" and facts.part[1] == told[0]:
            facts.part = (facts.part[0], told[1])  # "morning or afternoon"
        else:
            raise UnclearError("clarify_when")
        self._third = self._relation = None
        self._refuse_bounded()
        self._timed("part")

    def parts(self, atom: Atom) -> None:
        """Beside weekdays the plural means every week: "Saturday mornings"."""
        self._habit |= self._last == "day"
        self._plural = True
        self.part(atom)
        self._plural = False

    def _from_now(self, minutes: int) -> None:
        if self._facts.soon is not None or self._negated:
            raise UnclearError("clarify_when")
        self._facts.soon = minutes

    def _refuse_bounded(self) -> None:
        """A part of the day beside "from Tuesday" may be the bound's or every day's."""
        days = self._facts.days
        ranged = len(days) > 1 and days[-2].relation in {None, Kind.FROM, Kind.BETWEEN}
        if self._last == "day" and days and days[-1].relation is not None and not (ranged or self._plural):
            raise UnclearError("clarify_when")

    def _timed(self, what: str) -> None:
        """A time was said; after "not Monday" it would be open what is left out."""
        if self._last == "never" or (self._facts.days and self._facts.days[-1].relation is Kind.NOT):
            raise UnclearError("clarify_when")
        if not self._facts.told or self._facts.told[-1] != len(self._facts.said_days):
            self._facts.told.append(len(self._facts.said_days))
        self._last, self._joined = what, None
