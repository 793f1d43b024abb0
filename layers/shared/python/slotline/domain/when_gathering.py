"""From atoms to facts: one walk from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from slotline.domain.errors import UnclearError
from slotline.domain.when_clocks import ClockFact, is_clock, is_to, names_day, read_clock
from slotline.domain.when_facts import Facts
from slotline.domain.when_naming import RELATIONS, SAYS_A_DAY, DayNaming
from slotline.domain.when_words import Atom, Kind


def gathered(atoms: Sequence[Atom]) -> Facts:
    """The facts of a text; UnclearError when a word is unknown or has no place beside the others."""
    if any(atom.kind is Kind.UNKNOWN for atom in atoms):
        raise UnclearError("clarify_when")
    telling = [atom for atom in atoms if atom.kind is not Kind.FILLER]
    corrected = [place for place, atom in enumerate(telling) if atom.kind is Kind.CORRECTION]
    if not corrected:
        return _Gatherer(_without_idle(telling)).run()
    before, after = telling[: corrected[-1]], telling[corrected[-1] + 1 :]
    facts = _Gatherer(_without_idle(after)).run()
    dropped = _Gatherer(_without_idle([atom for atom in before if atom.kind is not Kind.CORRECTION])).run()
    if not facts.said_days or dropped.names_a_time:  # "Tuesday at 3, no, Wednesday": still at 3?
        raise UnclearError("clarify_when")
    return facts


class _Gatherer(DayNaming):
    """Clock times, the edges of the day, and the words between."""

    def run(self) -> Facts:
        cursor, facts = self._cursor, self._facts
        while not cursor.done:
            if not self._took_clock():
                atom = cursor.peek()
                cursor.at += 1
                _TAKERS.get(atom.kind, _Gatherer.refuse)(self, atom)
        if self._negated and self._last == "every" and not facts.days:
            facts.never, facts.every, self._negated = facts.every, set(), False  # "Fridays don't work"
        if self._negated and self._last == "day" and len(facts.days) == 1 and facts.days[0].relation is None:
            facts.days[0].relation, self._negated = Kind.NOT, False  # "Tuesday doesn't work"
            self._note_never(facts.days[0])
        if self._relation in {Kind.BY, Kind.FROM}:
            self._bind_backwards(self._relation)
        waiting = self._negated or self._shift or self._week_of or self._stretch is not None
        if waiting or self._relation not in {None, Kind.AT}:
            raise UnclearError("clarify_when")
        return facts

    def _bind_backwards(self, relation: Kind) -> None:
        """What was said last gets the bound after it: "Tuesday at the latest", "demain à 15h au plus tard"."""
        days, clocks = self._facts.days, self._facts.clocks
        if self._last == "day" and len(days) == 1 and days[0].relation is None:
            days[0].relation, self._relation = relation, None
        elif self._last == "clock" and len(clocks) == 1 and clocks[0].relation is Kind.AT:
            clocks[0], self._relation = replace(clocks[0], relation=relation), None

    # --- clock times -------------------------------------------------------------------------------------------------

    def _took_clock(self) -> bool:
        """Read a clock time here, if there is one, with the relation that stands before it."""
        cursor, joined = self._cursor, self._joined
        if self._relation is Kind.WITHIN or (cursor.kind() is Kind.NUMBER and self._lists_days()):
            return False
        paired = joined is Kind.OR and self._last == "clock"
        clock = read_clock(cursor, relation=self._relation, paired=paired)
        if clock is None:
            return False
        if self._negated:
            raise UnclearError("clarify_when")
        follower, relation = cursor.peek(), self._relation or Kind.AT
        bounded = relation in {Kind.BETWEEN, Kind.FROM}
        ranged = is_to(follower) or (bounded and follower.kind in {Kind.AND, Kind.PLUS, Kind.AT})
        ranged = (
            ranged
            and is_clock(cursor.peek(1))
            and not names_day(cursor, 1)
            and relation in {Kind.BETWEEN, Kind.FROM, Kind.AT}
        )
        self._facts.either_clock |= paired
        self._facts.clocks.append(ClockFact(Kind.FROM if ranged else relation, *clock))
        cursor.at += ranged
        self._relation = Kind.BEFORE if ranged else None
        self._timed("clock")
        return True

    # --- words between -----------------------------------------------------------------------------------------------

    def relate(self, atom: Atom) -> None:
        if self._relation not in {None, Kind.AT, Kind.FROM} or self._negated:
            raise UnclearError("clarify_when")
        if atom.kind is Kind.AT and is_to(atom) and self._last == "day" and self._says_a_day(0):
            self._joined = Kind.TO  # "de lundi à mercredi"
        else:
            self._relation = atom.kind

    def join(self, atom: Atom) -> None:
        self._joined = (Kind.AND if atom.kind is Kind.PLUS else atom.kind) if self._last else None

    def negate(self, _atom: Atom) -> None:
        if self._relation not in {None, Kind.AT} or self._negated:
            raise UnclearError("clarify_when")
        self._negated, self._joined = True, None

    def but(self, _atom: Atom) -> None:
        """Leaves out a day that follows, as in "next week but Friday"; before anything else it says nothing."""
        if self._negated:
            raise UnclearError("clarify_when")  # "Monday is not possible, but Tuesday is"
        if self._cursor.kind() in {Kind.WEEKDAY, Kind.EVERY} | (SAYS_A_DAY - {Kind.ARTICLE}):
            if self._last == "never" or any(day.relation is Kind.NOT for day in self._facts.days):
                raise UnclearError("clarify_when")  # "not Monday but Tuesday"
            self._negated = True


def _without_idle(atoms: Sequence[Atom]) -> list[Atom]:
    """Articles matter only before a number or a morning/tomorrow word, and "in" before hours and minutes."""
    telling = {Kind.NUMBER, Kind.MORROW}
    units = {Kind.HOUR_UNIT, Kind.MINUTE_UNIT}
    kept = list[Atom]()
    for place, atom in enumerate(atoms):
        follower, beyond = (atoms[n].kind if n < len(atoms) else None for n in (place + 1, place + 2))
        an_hour = follower is Kind.SOON or (follower is Kind.NUMBER and beyond in units)
        an_hour = an_hour or (follower is Kind.NUMBER and atoms[place + 1].raw.endswith("heure"))
        if atom.kind is Kind.ARTICLE and follower not in telling:
            continue
        if atom.kind is Kind.IN and not an_hour and not (kept and kept[-1].kind in units | {Kind.SOON}):
            continue
        kept.append(atom)
    return kept


_TAKERS: Mapping[Kind, Callable[[_Gatherer, Atom], None]] = {
    **dict.fromkeys((Kind.OFFSET, Kind.WEEKS, Kind.WEEKEND, Kind.MONTHS), _Gatherer.stated),
    **dict.fromkeys((Kind.MONTH, Kind.YEAR, Kind.APPOINTMENT), _Gatherer.stated),
    **dict.fromkeys(RELATIONS, _Gatherer.relate),
    **dict.fromkeys((Kind.NEXT, Kind.THIS, Kind.COMING), _Gatherer.modify),
    **dict.fromkeys((Kind.ARTICLE, Kind.IN), _Gatherer.skip),
    **dict.fromkeys((Kind.OR, Kind.AND, Kind.PLUS, Kind.TO), _Gatherer.join),
    **dict.fromkeys((Kind.STRETCH, Kind.EARLY, Kind.LATE), _Gatherer.stretch),
    **dict.fromkeys((Kind.OPENING, Kind.CLOSING), _Gatherer.edge),
    Kind.ANY: _Gatherer.anything,
    Kind.EACH: _Gatherer.each,
    Kind.EVERY: _Gatherer.every,
    Kind.SPREAD: _Gatherer.offset_spread,
    Kind.SHIFT: _Gatherer.shifted,
    Kind.MORROW: _Gatherer.morrow,
    Kind.WEEKDAY: _Gatherer.weekday,
    Kind.WEEK_OF: _Gatherer.in_the_week_of,
    Kind.FINAL: _Gatherer.final,
    Kind.WEEK_UNIT: _Gatherer.week_unit,
    Kind.DAY_UNIT: _Gatherer.day_unit,
    Kind.NUMBER: _Gatherer.number,
    Kind.ORDINAL: _Gatherer.ordinal,
    Kind.DATE: _Gatherer.written_date,
    Kind.MONTH_DAY: _Gatherer.month_day,
    Kind.PART: _Gatherer.part,
    Kind.SOON: _Gatherer.soon,
    Kind.NOT: _Gatherer.negate,
    Kind.BUT: _Gatherer.but,
}
