"""What a caller's words state, gathered from the atoms in any order and not yet turned into dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slotline.domain.errors import UnclearError
from slotline.domain.time import MINUTES_A_DAY
from slotline.domain.when_atoms import HOURS, MINUTES_AN_HOUR, MONTHS, NOON_HOUR
from slotline.domain.when_words import Atom, Kind

RELATIONS = frozenset({Kind.AT, Kind.AFTER, Kind.FROM, Kind.BEFORE, Kind.BY, Kind.BETWEEN})
_NAMED_CLOCKS: Mapping[Kind, int] = {Kind.NOON: NOON_HOUR * 60, Kind.MIDNIGHT: MINUTES_A_DAY}
_LAST_DAY_OF_MONTH = 31
_FEWEST_MINUTES = 5  # "three thirty" is a time, "three two" is not
_SPOKEN_QUARTERS = (15, 30, 45)  # "three thirty" is a time without an "at", too
_MOST_DAYS = 400  # "in 400 days"; more is a slip of the model


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A clock time in minutes; `sure` when it cannot be twelve hours later."""

    relation: Kind
    minute: int
    sure: bool


@dataclass(slots=True)
class Facts:
    """One slot per kind of statement; stating two different things in one slot is unclear."""

    numbers: dict[Kind, int] = field(default_factory=dict)
    weekdays: list[int] = field(default_factory=list)
    modifier: Kind | None = None
    dates: list[int] = field(default_factory=list)
    part: tuple[int, int] | None = None
    clocks: list[ClockFact] = field(default_factory=list)
    bound: Kind | None = None  # how the day bounds the search: AFTER, FROM, BEFORE, BY
    either: bool = False
    anything: bool = False

    def state(self, kind: Kind, value: int) -> None:
        if self.numbers.setdefault(kind, value) != value:
            raise UnclearError("clarify_when")

    @property
    def names_a_day(self) -> bool:
        return bool(self.numbers or self.weekdays or self.dates)

    @property
    def empty(self) -> bool:
        return not (self.names_a_day or self.part or self.clocks or self.anything)


def gathered(atoms: Sequence[Atom]) -> Facts:
    """The facts of a text; UnclearError when a word is unknown or has no place beside the others."""
    if any(atom.kind is Kind.UNKNOWN for atom in atoms):
        raise UnclearError("clarify_when")
    return _Gatherer([atom for atom in atoms if atom.kind is not Kind.FILLER]).run()


class _Gatherer:
    """Walks the atoms once, from left to right."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._atoms = _without_idle_articles(atoms)
        self._at = 0
        self._facts = Facts()
        self._relation: Kind | None = None

    def run(self) -> Facts:
        while self._at < len(self._atoms):
            if not self._took_clock():
                atom = self._atoms[self._at]
                self._at += 1
                _TAKERS.get(atom.kind, _Gatherer.refuse)(self, atom)
        if self._relation not in {None, Kind.AT}:
            raise UnclearError("clarify_when")
        return self._facts

    def _peek(self, ahead: int = 0) -> Atom:
        place = self._at + ahead
        return self._atoms[place] if 0 <= place < len(self._atoms) else Atom(Kind.FILLER)

    # --- clock times ---

    def _took_clock(self) -> bool:
        """Read a clock time here, if there is one, with the relation that stands before it."""
        start = self._at
        past = self._peek().value if self._peek().kind is Kind.PAST else None
        if past is not None:
            self._at += 1
        clock = self._hour(told=past is not None or self._relation is not None)
        if clock is None:
            self._at = start
            return False
        minute, sure = clock
        minute, sure = self._with_meridiem(minute + (past or 0), sure=sure)
        if not 0 <= minute <= MINUTES_A_DAY:
            raise UnclearError("clarify_time")
        self._facts.clocks.append(ClockFact(self._relation or Kind.AT, minute, sure))
        ranged = self._relation in {Kind.BETWEEN, Kind.FROM} and self._peek().kind in {Kind.AND, Kind.BY, Kind.AT}
        self._at += ranged
        self._relation = Kind.BEFORE if ranged else None
        return True

    def _hour(self, *, told: bool) -> tuple[int, bool] | None:
        """Minutes and certainty of "3", "3 o'clock", "15:30", "noon", "three thirty"; None when this is no time."""
        atom, follower = self._peek(), self._peek(1).kind
        if atom.kind in _NAMED_CLOCKS:
            self._at += 1
            return _NAMED_CLOCKS[atom.kind] + self._added(), True
        if atom.kind is Kind.CLOCK:
            self._at += 1
            return atom.value, atom.sure
        if atom.kind is not Kind.NUMBER or not 0 <= atom.value <= HOURS:
            return None
        marked = follower in {Kind.AM, Kind.PM, Kind.OCLOCK, Kind.ADD}
        marked = marked or (follower is Kind.NUMBER and self._peek(1).value in _SPOKEN_QUARTERS)
        if not (marked or told or follower is Kind.PART) or follower in {Kind.MONTH, Kind.DAY_UNIT, Kind.WEEK_UNIT}:
            return None
        self._at += 1
        if self._peek().kind is Kind.OCLOCK:
            self._at += 1
        return atom.value * 60 + self._added(), atom.sure or atom.value > NOON_HOUR or atom.value == 0

    def _added(self) -> int:
        """The minutes said after the hour."""
        atom = self._peek()
        minutes = atom.kind is Kind.NUMBER and _FEWEST_MINUTES <= atom.value < MINUTES_AN_HOUR
        if atom.kind is Kind.ADD or (minutes and self._peek(1).kind not in {Kind.MONTH, Kind.DAY_UNIT, Kind.WEEK_UNIT}):
            self._at += 1
            return atom.value
        return 0

    def _with_meridiem(self, minute: int, *, sure: bool) -> tuple[int, bool]:
        kind = self._peek().kind
        if kind not in {Kind.AM, Kind.PM}:
            return minute, sure
        self._at += 1
        if minute >= (NOON_HOUR + 1) * 60:  # "15:00 pm"
            return minute, True
        return minute % (NOON_HOUR * 60) + (NOON_HOUR * 60 if kind is Kind.PM else 0), True

    # --- everything else, one method per kind of atom ---

    def refuse(self, _atom: Atom) -> None:
        raise UnclearError("clarify_when")

    def anything(self, _atom: Atom) -> None:
        self._facts.anything = True

    def stated(self, atom: Atom) -> None:
        self._bind()
        self._facts.state(atom.kind, atom.value)

    def morrow(self, atom: Atom) -> None:
        if self._facts.names_a_day:
            self.part(replace(atom, end=NOON_HOUR * 60))
        else:
            self.stated(Atom(Kind.OFFSET, 1))

    def weekday(self, atom: Atom) -> None:
        self._bind()
        if atom.value not in self._facts.weekdays:
            self._facts.weekdays.append(atom.value)

    def modify(self, atom: Atom) -> None:
        if atom.kind is Kind.NEXT and self._peek().kind is Kind.NUMBER and self._peek(1).kind is Kind.DAY_UNIT:
            self._facts.bound = Kind.BY
            return
        beside = Kind.WEEKDAY in {self._peek().kind, self._peek(-2).kind}
        if self._facts.modifier not in {None, atom.kind} or not beside:
            raise UnclearError("clarify_when")
        self._facts.modifier = atom.kind

    def week_unit(self, _atom: Atom) -> None:
        if self._peek(-2).kind is not Kind.WEEKDAY or self._facts.modifier is not None:
            raise UnclearError("clarify_when")
        self._facts.modifier = Kind.PLUS_WEEK

    def number(self, atom: Atom) -> None:
        follower = self._peek().kind
        if follower in {Kind.DAY_UNIT, Kind.WEEK_UNIT}:
            if not 0 < atom.value <= _MOST_DAYS:
                raise UnclearError("clarify_when")
            self._at += 1
            self._bind()
            self._facts.state(Kind.OFFSET if follower is Kind.DAY_UNIT else Kind.WEEKS, atom.value)
        elif follower is Kind.MONTH or self._peek(-2).kind in {Kind.MONTH, Kind.ARTICLE} or atom.value > NOON_HOUR:
            self.ordinal(atom)
        else:
            raise UnclearError("clarify_time")

    def ordinal(self, atom: Atom) -> None:
        if not 1 <= atom.value <= _LAST_DAY_OF_MONTH:
            raise UnclearError("clarify_when")
        self._bind()
        self._facts.state(Kind.ORDINAL, atom.value)

    def day_unit(self, atom: Atom) -> None:
        if atom.value == 0:
            raise UnclearError("clarify_when")
        self.stated(Atom(Kind.OFFSET, atom.value))

    def written_date(self, atom: Atom) -> None:
        self._bind()
        if atom.value not in self._facts.dates:
            self._facts.dates.append(atom.value)

    def month_day(self, atom: Atom) -> None:
        month, day = divmod(atom.value, 100)
        if not 1 <= month <= MONTHS:
            raise UnclearError("clarify_when")
        self._facts.state(Kind.MONTH, month)
        self.ordinal(Atom(Kind.ORDINAL, day))

    def part(self, atom: Atom) -> None:
        if self._facts.part is not None and self._facts.part != (atom.value, atom.end):
            raise UnclearError("clarify_when")
        self._facts.part = (atom.value, atom.end)
        self._relation = None

    def relate(self, atom: Atom) -> None:
        if self._relation not in {None, Kind.AT, Kind.FROM}:
            raise UnclearError("clarify_when")
        self._relation = atom.kind

    def either(self, _atom: Atom) -> None:
        self._facts.either = True

    def skip(self, _atom: Atom) -> None:
        """Nothing to note."""

    def _bind(self) -> None:
        """A day follows a relation: "after tuesday", "from the 24th", "by friday"."""
        if self._relation in {Kind.AFTER, Kind.FROM, Kind.BEFORE, Kind.BY}:
            if self._facts.bound not in {None, self._relation, Kind.FROM}:
                raise UnclearError("clarify_when")
            self._facts.bound = self._relation
        self._relation = None


def _without_idle_articles(atoms: Sequence[Atom]) -> list[Atom]:
    """Articles matter only before a number or a morning/tomorrow word."""
    telling = {Kind.NUMBER, Kind.MORROW}
    return [
        atom
        for place, atom in enumerate(atoms)
        if atom.kind is not Kind.ARTICLE or (place + 1 < len(atoms) and atoms[place + 1].kind in telling)
    ]


_TAKERS: Mapping[Kind, Callable[[_Gatherer, Atom], None]] = {
    **dict.fromkeys((Kind.OFFSET, Kind.WEEKS, Kind.WEEKEND, Kind.MONTHS, Kind.MONTH, Kind.YEAR), _Gatherer.stated),
    **dict.fromkeys(RELATIONS, _Gatherer.relate),
    **dict.fromkeys((Kind.NEXT, Kind.THIS, Kind.COMING, Kind.PLUS_WEEK), _Gatherer.modify),
    **dict.fromkeys((Kind.ARTICLE, Kind.AND), _Gatherer.skip),
    Kind.ANY: _Gatherer.anything,
    Kind.MORROW: _Gatherer.morrow,
    Kind.WEEKDAY: _Gatherer.weekday,
    Kind.WEEK_UNIT: _Gatherer.week_unit,
    Kind.DAY_UNIT: _Gatherer.day_unit,
    Kind.NUMBER: _Gatherer.number,
    Kind.ORDINAL: _Gatherer.ordinal,
    Kind.DATE: _Gatherer.written_date,
    Kind.MONTH_DAY: _Gatherer.month_day,
    Kind.PART: _Gatherer.part,
    Kind.OR: _Gatherer.either,
}
