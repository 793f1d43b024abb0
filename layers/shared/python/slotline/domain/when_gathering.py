"""From atoms to facts: one walk from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from slotline.domain.errors import UnclearError
from slotline.domain.when_clocks import ClockFact, is_clock, is_to, names_day, read_clock
from slotline.domain.when_counting import DayCounting
from slotline.domain.when_facts import CONTEXT, Facts
from slotline.domain.when_naming import RELATIONS, SAYS_A_DAY
from slotline.domain.when_telling import (
    DANGLING,
    as_clock,
    counts_offers,
    with_corrections,
    with_hour,
    without_counts,
    without_idle,
    without_reason,
    without_story,
)
from slotline.domain.when_words import Atom, Denial, Kind


def gathered(atoms: Sequence[Atom]) -> Facts:
    """The facts of a text; UnclearError when a word is unknown or has no place beside the others."""
    atoms = without_story(without_reason(with_hour(atoms)))
    if any(atom.kind is Kind.UNKNOWN for atom in atoms) or counts_offers(atoms):
        raise UnclearError("clarify_when")
    telling = with_corrections(without_counts([atom for atom in atoms if atom.kind is not Kind.FILLER]))
    while telling and telling[-1].kind is Kind.CORRECTION:
        telling.pop()  # "Tuesday, sorry"
    corrected = [place for place, atom in enumerate(telling) if atom.kind is Kind.CORRECTION]
    if not corrected:
        return _Gatherer(without_idle(telling)).run()
    before, after = telling[: corrected[-1]], telling[corrected[-1] + 1 :]
    before = [atom for atom in before if atom.kind is not Kind.CORRECTION]
    while before and before[-1].kind in DANGLING:
        before.pop()
    facts = _Gatherer(without_idle(as_clock(before, after))).run()
    dropped = _Gatherer(without_idle(before)).run() if before else Facts()
    narrows = facts.names_a_day and not (facts.said_days or facts.every) and dropped.names_a_day
    untimed = dropped.names_a_time and not facts.names_a_time  # "Tuesday at 3, no, Wednesday": still at 3?
    if narrows or untimed or facts.empty:
        raise UnclearError("clarify_when")
    if len(dropped.said_days) == len(facts.said_days) == 1 and facts.said_days[0].bare:
        facts.said_days[0].borrow(dropped.said_days[0])
    if dropped.names_a_day and not facts.names_a_day:  # "Tuesday at 3, no, at 4": still on Tuesday
        facts.days, facts.every, facts.never = dropped.days, dropped.every, dropped.never
        facts.told = [len(facts.said_days)]
    return facts


class _Gatherer(DayCounting):
    """Clock times, the edges of the day, and the words between."""

    def run(self) -> Facts:
        cursor, facts = self._cursor, self._facts
        while not cursor.done:
            if not self._took_clock():
                atom = cursor.peek()
                cursor.at += 1
                _TAKERS.get(atom.kind, _Gatherer.refuse)(self, atom)
        if self._habit:
            self._every_week()
        self._rule_out()
        if self._relation in {Kind.BY, Kind.FROM}:
            self._bind_backwards(self._relation)
        waiting = self._negated or self._shift or self._week_of or self._stretch is not None
        if waiting or self._relation not in {None, Kind.AT}:
            raise UnclearError("clarify_when")
        return facts

    def _rule_out(self) -> None:
        """What was said last is not wanted: "Fridays don't work"."""
        facts = self._facts
        if self._negated and self._last == "every" and not facts.days:
            facts.never, facts.every, self._negated, self._last = facts.every, set(), False, "never"
        elif self._negated and self._last == "day" and len(facts.days) == 1 and facts.days[0].relation is None:
            facts.days[0].relation, self._negated, self._fresh = Kind.NOT, False, True
            self._note_never(facts.days[0])
        elif self._negated and self._last == "part" and facts.not_part is None and not facts.names_a_day:
            facts.not_part, facts.part, self._negated = facts.part, None, False  # "mornings I can't"

    def _every_week(self) -> None:
        """Turn weekdays into all of their kind: "Tuesday or Thursday afternoons"."""
        days, every = self._facts.days, self._facts.every
        if any(not day.bare or day.numbers or day.relation or day.joined is Kind.TO for day in days):
            return
        every.update(day.weekday for day in days if day.weekday is not None)
        self._facts.days, self._facts.told, self._last = [], [], "every" if self._last == "day" else self._last

    def only(self, _atom: Atom) -> None:
        """Every week after a weekday that ends the sentence: "Saturdays only"; elsewhere it says nothing."""
        self._habit |= self._cursor.done and bool(self._facts.days)

    def about(self, atom: Atom) -> None:
        """Skip an "or so"; minutes that belong to no hour are unclear."""
        if atom.value:
            raise UnclearError("clarify_time")

    def onward(self, atom: Atom) -> None:
        """The bound that follows its day or time: "noon or later", "Monday onwards"."""
        relation, days, clocks = Kind.BY if atom.value else Kind.FROM, self._facts.days, self._facts.clocks
        self._joined = None
        if self._last == "clock" and clocks[-1].relation in {Kind.AT, Kind.FROM, Kind.AFTER}:
            clocks[-1] = replace(clocks[-1], relation=relation)
        elif self._last == "day" and days[-1].relation in {None, Kind.FROM, Kind.AFTER, relation}:
            days[-1].relation = days[-1].relation or relation
        else:
            raise UnclearError("clarify_when")

    def _bind_backwards(self, relation: Kind) -> None:
        """What was said last gets the bound after it: "Tuesday at the latest", "demain à 15h au plus tard"."""
        days, clocks = self._facts.days, self._facts.clocks
        if self._last == "day" and len(days) == 1 and days[0].relation in {None, relation}:
            days[0].relation, self._relation = relation, None
        elif self._last == "clock" and len(clocks) == 1 and clocks[0].relation in {Kind.AT, relation}:
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
        self._third = None
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
        if self._negated and self._relation is None and atom.kind in _OPPOSITE:
            self._negated, self._relation = False, _OPPOSITE[atom.kind]  # "I can't do anything before ten"
            return
        if atom.kind is Kind.AFTER and self._last == "part" and self._cursor.kind() is Kind.APPOINTMENT:
            raise UnclearError("clarify_when")  # "the morning after my appointment"
        if atom.kind is Kind.AT and self._relation not in {None, Kind.AT, Kind.BETWEEN} and not self._negated:
            return  # "by at the latest two"
        if self._relation not in {None, Kind.AT, Kind.FROM} or self._negated:
            raise UnclearError("clarify_when")
        if atom.kind is Kind.AT and is_to(atom) and self._last == "day" and self._says_a_day(0):
            self._joined = Kind.TO  # "de lundi à mercredi"
        else:
            self._relation = atom.kind

    def join(self, atom: Atom) -> None:
        self._joined = (Kind.AND if atom.kind is Kind.PLUS else atom.kind) if self._last else None

    def negate(self, atom: Atom) -> None:
        twice = self._last == "never" and self._joined is None and self._cursor.kind(-2) is Kind.WEEKDAY
        if twice and not self._says_a_day(0) and self._cursor.kind() not in _OPPOSITE:
            return  # "next week, but not Monday, that is no good"
        if self._looks_back(atom) and self._last in {"day", "every"} and not self._negated and self._relation is None:
            self._negated = True
            self._rule_out()
            return
        again = self._says_a_day(0) or is_clock(self._cursor.peek())
        if atom.value == Denial.CORRECTS and self._last in {"day", "clock"} and again:
            raise UnclearError("clarify_when")  # "Tuesday no Wednesday"
        if self._relation not in {None, Kind.AT} or self._negated:
            raise UnclearError("clarify_when")
        self._negated, self._joined = True, None

    def _looks_back(self, atom: Atom) -> bool:
        """Whether a "not" rules out what was said before it: "Friday I can't, maybe Tuesday"."""
        if atom.value == Denial.BEHIND or self._cursor.kind() is Kind.BUT:
            return True
        single = bool(self._facts.days) and not self._facts.days[-1].numbers.keys() & CONTEXT
        joined = self._joined is not None or self._cursor.kind(-2) is Kind.BUT
        return atom.value == Denial.EITHER and not joined and (self._last == "every" or single)

    def but(self, _atom: Atom) -> None:
        """Leaves out a day that follows, as in "next week but Friday"; before anything else it says nothing."""
        if self._negated:
            raise UnclearError("clarify_when")  # "Monday is not possible, but Tuesday is"
        if self._cursor.kind() in {Kind.WEEKDAY, Kind.EVERY} | (SAYS_A_DAY - {Kind.ARTICLE}):
            if self._last == "never" or any(day.relation is Kind.NOT for day in self._facts.days):
                self._fresh = True  # "not Monday but Tuesday"
                return
            self._negated = True


_OPPOSITE = {Kind.BEFORE: Kind.FROM, Kind.AFTER: Kind.BY, Kind.FROM: Kind.BEFORE}


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
    Kind.PARTS: _Gatherer.parts,
    Kind.WEEKS_ON: _Gatherer.weeks_on,
    Kind.SAME_DAY: _Gatherer.same_day,
    Kind.ONLY: _Gatherer.only,
    Kind.ONWARD: _Gatherer.onward,
    Kind.ADD: _Gatherer.about,
    Kind.SOON: _Gatherer.soon,
    Kind.NOT: _Gatherer.negate,
    Kind.BUT: _Gatherer.but,
}
