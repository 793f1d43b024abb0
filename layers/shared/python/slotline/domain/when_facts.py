"""What a caller's words state, gathered from the atoms in any order and not yet turned into dates."""

from __future__ import annotations

from dataclasses import dataclass, field

from slotline.domain.errors import UnclearError
from slotline.domain.when_clocks import ClockFact
from slotline.domain.when_words import Kind

CONTEXT = frozenset({Kind.WEEKS, Kind.WEEKEND, Kind.MONTHS, Kind.MONTH, Kind.YEAR})
"""What a weekday or a day of the month borrows from its neighbour: "the 5th or 6th of October"."""

_WEEKLY = frozenset({Kind.WEEKS, Kind.WEEKEND})
_MONTHLY = frozenset({Kind.MONTH, Kind.MONTHS, Kind.YEAR})


@dataclass(slots=True)
class DayFact:
    """One day or span of days as it was said: "the second Tuesday in October", "after my appointment".

    `relation`: AFTER, FROM, BEFORE, BY, BETWEEN, NOT or none. `joined`: OR, AND or TO when it goes with the one before.
    """

    relation: Kind | None = None
    joined: Kind | None = None
    numbers: dict[Kind, int] = field(default_factory=dict)
    weekday: int | None = None
    modifier: Kind | None = None
    shift: int = 0  # days later than what it names
    week_of: bool = False
    spread: tuple[int, int] | None = None  # offsets from today
    part_only: bool = False  # a third of the week or month that it names

    def state(self, kind: Kind, value: int) -> None:
        """Note a number; stating two different ones of a kind is unclear."""
        if self.numbers.setdefault(kind, value) != value:
            raise UnclearError("clarify_when")

    def borrow(self, neighbour: DayFact) -> None:
        """Take over the week of a neighbouring weekday, or the month of a neighbouring day of the month."""
        if self.weekday is not None and not self.numbers:
            self.numbers |= {kind: neighbour.numbers[kind] for kind in _WEEKLY & neighbour.numbers.keys()}
            if neighbour.weekday is not None and neighbour.modifier in {Kind.NEXT, Kind.COMING}:
                self.modifier = neighbour.modifier
        elif Kind.ORDINAL in self.numbers:
            self.numbers |= {kind: neighbour.numbers[kind] for kind in _MONTHLY & neighbour.numbers.keys()}

    @property
    def bare(self) -> bool:
        """Whether it is a weekday or a day of the month and nothing else."""
        return not self.shift and self.spread is None and self.numbers.keys() <= {Kind.ORDINAL} and not self.modifier

    @property
    def open_ended(self) -> bool:
        return self.relation in {Kind.AFTER, Kind.FROM}


@dataclass(slots=True)
class Facts:
    """Everything that was said."""

    days: list[DayFact] = field(default_factory=list)
    every: set[int] = field(default_factory=set)  # only these weekdays
    never: set[int] = field(default_factory=set)  # not these weekdays
    part: tuple[int, int] | None = None
    not_part: tuple[int, int] | None = None
    edge: Kind | None = None  # OPENING or CLOSING
    clocks: list[ClockFact] = field(default_factory=list)
    either_clock: bool = False
    soon: int | None = None  # minutes from now
    soon_at_most: bool = False
    anything: bool = False
    same_day: bool = False  # on the day of the caller's appointment
    told: list[int] = field(default_factory=list)  # how many days had been named at each clock time or part of the day

    @property
    def said_days(self) -> list[DayFact]:
        """The days wanted, those not wanted left out."""
        return [day for day in self.days if day.relation is not Kind.NOT]

    @property
    def partly_timed(self) -> bool:
        """Whether the days have times of their own, or some have none: "Tuesday morning or Thursday"."""
        days = len(self.said_days)
        if not self.told or self.told[0] in {0, days}:
            return False
        parts = self.part is not None or self.not_part is not None or self.edge is not None
        same = not parts if len(set(self.clocks)) == 1 and len(self.clocks) == len(self.told) else not self.clocks
        return not same or self.told != list(range(self.told[0], days + 1))

    @property
    def names_a_day(self) -> bool:
        return bool(self.days or self.every or self.never)

    @property
    def names_a_time(self) -> bool:
        return bool(self.clocks or self.part or self.not_part or self.edge or self.soon is not None)

    @property
    def empty(self) -> bool:
        return not (self.names_a_day or self.names_a_time or self.anything)
