"""The days, and the parts of them, that atoms name: the half of the walk that fills in `DayFact`s."""

from __future__ import annotations

from slotline.domain.errors import UnclearError
from slotline.domain.when_facts import DayFact
from slotline.domain.when_walk import Walk
from slotline.domain.when_words import MORNING, Atom, Kind

WEEK = 7
RELATIONS = frozenset({Kind.AT, Kind.AFTER, Kind.FROM, Kind.BEFORE, Kind.BY, Kind.BETWEEN, Kind.WITHIN})
_DAY_RELATIONS = RELATIONS - {Kind.AT, Kind.WITHIN}
_LATE_IN_THE_DAY = (900, 1440)
_PERIODS = frozenset({Kind.WEEKS, Kind.MONTHS, Kind.MONTH})
UNITS = frozenset({Kind.DAY_UNIT, Kind.WEEK_UNIT, Kind.MONTH_UNIT})
SAYS_A_DAY = frozenset({Kind.OFFSET, Kind.MORROW, Kind.WEEKDAY, Kind.WEEKEND, Kind.ORDINAL, Kind.MONTH, Kind.DATE})
SAYS_A_DAY |= _PERIODS | {Kind.MONTH_DAY, Kind.APPOINTMENT, Kind.ARTICLE, Kind.NEXT, Kind.THIS, Kind.COMING}


class DayNaming(Walk):
    """The atoms that name days."""

    # --- days --------------------------------------------------------------------------------------------------------

    def _instead(self, kind: Kind | None, value: int) -> bool:
        """Whether what is said now takes the place of what was ruled out: "not today, maybe tomorrow"."""
        day = self._facts.days[-1]
        clash = kind is not None and day.numbers.get(kind, value) != value
        return day.relation is Kind.NOT and (self._fresh or clash)

    def _day(self, kind: Kind | None = None, value: int = 0) -> DayFact:
        """The day an atom belongs to: the one at hand, or a new one after a relation or a conjunction."""
        days, relation = self._facts.days, self._relation
        if not days or self._joined or self._negated or relation in _DAY_RELATIONS or self._instead(kind, value):
            if self._joined and days and days[-1].relation is Kind.NOT and relation is None:
                self._negated = True  # "not Monday or Tuesday"
            bound = relation if relation in _DAY_RELATIONS else None
            days.append(DayFact(Kind.NOT if self._negated else bound, self._joined if days else None))
        day = days[-1]
        if self._stretch is not None:
            day.state(Kind.STRETCH, self._stretch)
        day.shift += self._shift
        day.week_of |= self._week_of
        self._relation = self._joined = self._stretch = None
        self._negated = self._week_of = self._fresh = False
        self._shift, self._last = 0, "day"
        return day

    def refuse(self, _atom: Atom) -> None:
        raise UnclearError("clarify_when")

    def skip(self, _atom: Atom) -> None:
        """Nothing to note."""

    def anything(self, _atom: Atom) -> None:
        self._facts.anything = True

    def each(self, atom: Atom) -> None:
        if self._cursor.kind() is Kind.WEEKDAY:
            weekday = self._cursor.peek().value
            self._cursor.at += 1
            self.every(Atom(Kind.EVERY, weekday, weekday + 1))
        else:
            self.anything(atom)

    def every(self, atom: Atom) -> None:
        again = self._last == "never" and self._joined is not None
        if again and self._fresh:
            raise UnclearError("clarify_when")  # "Wednesday is difficult, and Thursday"
        chosen = self._facts.never if self._negated or again else self._facts.every
        if self._relation not in {None, Kind.AT} or (self._joined is Kind.OR and self._last in {"part", "clock"}):
            raise UnclearError("clarify_when")  # "evenings or weekends"
        chosen.update(range(atom.value, atom.end))
        self._relation = self._joined = None
        self._negated, self._last = False, "never" if chosen is self._facts.never else "every"

    def stated(self, atom: Atom) -> None:
        if self._relation is Kind.WITHIN and atom.kind is Kind.WEEKS and atom.value == 1:
            self._relation = Kind.BY
            atom = Atom(Kind.OFFSET, WEEK)  # "within the next week"
        beside = self._facts.days[-1] if self._facts.days and self._joined is None else None
        if atom.kind is Kind.WEEKS and atom.end and beside is not None and beside.weekday is not None:
            beside.shift += WEEK * atom.value  # "Friday in a week"
            return
        its_day = beside is not None and beside.relation is not Kind.NOT and beside.numbers.keys() == {Kind.ORDINAL}
        if atom.kind is Kind.MONTHS and atom.end and its_day:
            return  # "the first of the month"
        day = self._day(atom.kind, atom.value)
        day.state(atom.kind, atom.value)
        if atom.kind is Kind.WEEKEND and atom.end > 1:
            day.modifier = Kind.NEXT
        if day.relation is Kind.NOT and atom.kind is Kind.WEEKEND and not atom.end:
            self._facts.days.remove(day)
            self._facts.never |= {5, 6}
            self._last = "never"

    def offset_spread(self, atom: Atom) -> None:
        day = self._day()
        if day.spread is not None or day.numbers or day.weekday is not None:
            raise UnclearError("clarify_when")
        day.spread = (atom.value, atom.end)

    def morrow(self, _atom: Atom) -> None:
        if self._facts.names_a_day and self._joined is None and self._relation in {None, Kind.AT}:
            self.part(Atom(Kind.PART, *MORNING))
        else:
            self.stated(Atom(Kind.OFFSET, 1))

    def weekday(self, atom: Atom) -> None:
        if self._joined is not None and self._last in {"every", "never"} and self._relation is None:
            self.every(Atom(Kind.EVERY, atom.value, atom.value + 1))
            return
        days = self._facts.days
        apart = days and not (self._joined or self._negated or self._relation in _DAY_RELATIONS)
        if apart and days[-1].weekday not in {None, atom.value}:
            if days[-1].relation is not None:
                raise UnclearError("clarify_when")
            self._joined = Kind.OR  # "monday tuesday"
        day = self._day()
        if day.weekday not in {None, atom.value}:
            raise UnclearError("clarify_when")
        day.weekday = atom.value
        if self._cursor.kind(-2) in {Kind.NEXT, Kind.THIS, Kind.COMING}:
            day.modifier = self._cursor.kind(-2)
        if day.relation is Kind.NOT:
            self._note_never(day)

    def _note_never(self, day: DayFact) -> None:
        """No Friday at all: "not Friday"."""
        if day.bare and day.weekday is not None and not day.numbers and self._cursor.kind() is not Kind.ORDINAL:
            self._facts.days.remove(day)
            self._facts.never.add(day.weekday)
            self._last = "never"

    def modify(self, atom: Atom) -> None:
        follower, days = self._cursor.peek(), self._facts.days
        if atom.kind is Kind.NEXT and follower.kind is Kind.NUMBER and self._cursor.kind(1) in UNITS:
            self._relation = Kind.BY  # "the next three days"
        elif atom.kind is Kind.NEXT and follower.kind is Kind.NUMBER and self._cursor.kind(1) is Kind.HOUR_UNIT:
            self._relation = Kind.WITHIN
        elif follower.kind is Kind.WEEKDAY or (atom.kind is not Kind.NEXT and follower.kind is Kind.MONTH):
            return  # the weekday looks back
        elif self._cursor.kind(-2) is Kind.WEEKDAY and days and days[-1].modifier in {None, atom.kind}:
            days[-1].modifier = atom.kind
        elif atom.kind is Kind.NEXT and self._joined and days and Kind.WEEKS in days[-1].numbers:
            self.stated(Atom(Kind.WEEKS, days[-1].numbers[Kind.WEEKS] + 1))  # "this week or next"
        else:
            raise UnclearError("clarify_when")

    def week_unit(self, _atom: Atom) -> None:
        """A week later than the day before it: "Tuesday week"."""
        beside = self._cursor.kind(-2) in {Kind.WEEKDAY, Kind.OFFSET, Kind.MORROW}
        if not beside or not self._facts.days or self._facts.days[-1].modifier:
            raise UnclearError("clarify_when")
        self._facts.days[-1].shift += WEEK

    def weeks_on(self, atom: Atom) -> None:
        """So many weeks after the one that was said: "not this week but the week after"."""
        days = self._facts.days
        if not days or days[-1].numbers.keys() != {Kind.WEEKS} or days[-1].weekday is not None:
            raise UnclearError("clarify_when")
        if self._negated:  # "la semana que viene no, la siguiente"
            days[-1].numbers[Kind.WEEKS] += atom.value
            self._negated = False
            return
        self.stated(Atom(Kind.WEEKS, days[-1].numbers[Kind.WEEKS] + atom.value))

    def shifted(self, atom: Atom) -> None:
        if self._says_a_day(0):
            self._shift += atom.value
        elif self._last == "day" and (
            (self._joined is Kind.OR and self._facts.days[-1].relation is None)
            or (self._joined is None and self._facts.days[-1].relation is Kind.NOT)  # "not tomorrow but the day after"
        ):
            before, self._fresh = self._facts.days[-1], True  # "Monday or the day after"
            day = self._day()
            day.numbers, day.weekday, day.modifier = dict(before.numbers), before.weekday, before.modifier
            day.shift = before.shift + atom.value
        elif self._last == "day" and self._joined is None and self._cursor.kind(-2) in {Kind.WEEKDAY, Kind.OFFSET}:
            self._facts.days[-1].shift += atom.value
        else:
            raise UnclearError("clarify_when")

    def _says_a_day(self, ahead: int) -> bool:
        return self._cursor.kind(ahead) in SAYS_A_DAY

    def stretch(self, atom: Atom) -> None:
        """A third of the week or month beside it; "early" and "late" alone are about the day."""
        if self._cursor.kind() in _PERIODS:
            self._stretch = atom.value
        elif atom.kind in {Kind.EARLY, Kind.LATE}:
            self._vague = MORNING if atom.kind is Kind.EARLY else _LATE_IN_THE_DAY
            self.part(Atom(Kind.PART, *self._vague))
            self._third = atom.kind
        else:
            raise UnclearError("clarify_when")

    def same_day(self, _atom: Atom) -> None:
        """On the day of the appointment just mentioned; without one, today."""
        days = self._facts.days
        if days and days[-1].numbers.keys() == {Kind.APPOINTMENT}:
            self._facts.same_day, self._last = True, "day"
        else:
            self.stated(Atom(Kind.OFFSET, 0))

    def in_the_week_of(self, _atom: Atom) -> None:
        self._week_of = True
