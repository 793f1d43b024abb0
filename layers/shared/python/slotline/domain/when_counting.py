"""The numbers that name days: days of a month, days and weeks ahead, a weekday counted in its month."""

from __future__ import annotations

from slotline.domain.errors import UnclearError
from slotline.domain.when_atoms import MINUTES_AN_HOUR, MONTHS, NOON_HOUR
from slotline.domain.when_clocks import names_day
from slotline.domain.when_naming import RELATIONS, UNITS, WEEK, DayNaming
from slotline.domain.when_words import Atom, Kind

_LAST_DAY_OF_MONTH = 31
_MOST_DAYS = 400  # "in 400 days"; more is a slip of the model
_MOST_MONTHS = 12
_COUNTED = frozenset({Kind.WEEKDAY, Kind.WEEK_UNIT, Kind.WEEK_OF, Kind.WEEKS})


class DayCounting(DayNaming):
    """The numbers among the atoms."""

    def number(self, atom: Atom) -> None:
        cursor, before, follower = self._cursor, self._cursor.kind(-2), self._cursor.kind()
        if follower in UNITS:
            self._counted(atom)
        elif follower in {Kind.HOUR_UNIT, Kind.MINUTE_UNIT} or before is Kind.IN:
            cursor.at += follower in {Kind.HOUR_UNIT, Kind.MINUTE_UNIT}
            self._must_be_ahead(before)
            self._from_now(atom.value * (1 if follower is Kind.MINUTE_UNIT else MINUTES_AN_HOUR))
        elif follower is Kind.MONTHS and not cursor.peek().value and cursor.peek().end:  # French "dans deux mois"
            self._counted(atom)
        elif len(cursor.atoms) == 1:
            raise UnclearError("clarify_when")  # "thirty": minutes, people, a day?
        elif (
            atom.value > NOON_HOUR
            or (before is Kind.WEEKDAY and follower in RELATIONS)
            or follower is Kind.MONTH
            or before in {Kind.MONTH, Kind.ARTICLE}
            or self._lists_days()
            or self._begins_list()
        ):
            self.ordinal(atom)
        else:
            raise UnclearError("clarify_time")

    def soon(self, atom: Atom) -> None:
        if atom.end:
            self._facts.soon_at_most = True
        else:
            self._must_be_ahead(self._cursor.kind(-2))
        self._from_now(atom.value)

    def _must_be_ahead(self, before: Kind) -> None:
        """Minutes and hours count from now when that is said: "a 30 minute appointment" is about something else."""
        if self._cursor.kind() is Kind.IN:
            self._cursor.at += 1
        elif self._relation is Kind.WITHIN:
            self._facts.soon_at_most, self._relation = True, None
        elif before is not Kind.IN:
            raise UnclearError("clarify_when")

    def _begins_list(self) -> bool:
        """What follows makes a number the first of several days: "5 or 6 October", "du 5 au 9"."""
        follower = self._cursor.peek()
        joined = follower.kind in {Kind.OR, Kind.TO, Kind.BY, Kind.AND}
        return joined and (names_day(self._cursor, 1) or (follower.kind is Kind.TO and follower.value == 1))

    def _counted(self, atom: Atom) -> None:
        """So many days or weeks ahead, or before or after what follows."""
        cursor = self._cursor
        unit = cursor.peek()
        cursor.at += 1
        beside = self._facts.days[-1] if self._facts.days and self._joined is None else None
        if unit.kind in {Kind.MONTH_UNIT, Kind.MONTHS}:
            self._counted_months(atom.value)
            return
        in_weeks = unit.kind is Kind.WEEK_UNIT and beside is not None and beside.weekday is not None
        if not 0 < atom.value <= _MOST_DAYS or in_weeks:  # "Tuesday in two weeks" has two readings
            raise UnclearError("clarify_when")
        days = atom.value * (WEEK if unit.kind is Kind.WEEK_UNIT else 1)
        if cursor.kind() in {Kind.FROM, Kind.AFTER, Kind.BEFORE} and self._says_a_day(1):
            self._shift += -days if cursor.kind() is Kind.BEFORE else days
            cursor.at += 1
        elif self._relation is Kind.BEFORE:  # German "vor zwei Tagen": two days ago
            raise UnclearError("clarify_when")
        elif unit.kind is Kind.WEEK_UNIT and self._relation in {None, Kind.AT}:
            self.stated(Atom(Kind.WEEKS, atom.value))
        else:
            self._relation = Kind.BY if self._relation is Kind.WITHIN else self._relation
            self.stated(Atom(Kind.OFFSET, days))

    def _counted_months(self, months: int) -> None:
        """So many months ahead: the whole month, or the days until then."""
        if not 0 < months <= _MOST_MONTHS or self._relation not in {None, Kind.AT}:
            raise UnclearError("clarify_when")
        self.stated(Atom(Kind.MONTHS, months))

    def ordinal(self, atom: Atom) -> None:
        cursor = self._cursor
        if not 1 <= atom.value <= _LAST_DAY_OF_MONTH:
            raise UnclearError("clarify_when")
        either = cursor.kind() in {Kind.OR, Kind.AND, Kind.PLUS} and cursor.kind(1) is atom.kind
        if either and cursor.kind(2) in _COUNTED:
            raise UnclearError("clarify_when")  # "the first or second week of October"
        counted = cursor.kind() in _COUNTED and cursor.kind(1) in {Kind.MONTH, Kind.MONTHS}
        if counted and atom.kind is Kind.ORDINAL:
            self._nth(atom.value)
        elif self._is_month(atom):
            self._facts.days[-1].state(Kind.MONTH, atom.value)
        else:
            beside = self._facts.days[-1] if self._last == "day" else None
            goes_on = (
                self._joined is None and self._relation is None and cursor.kind() in {Kind.OR, Kind.AND, Kind.PLUS}
            )
            if beside is not None and beside.relation is None and goes_on:
                listed = Kind.ORDINAL in beside.numbers and beside.numbers[Kind.ORDINAL] != atom.value
                self._joined = Kind.OR if listed else None  # "the 28th, 29th or 30th"
            self._day(Kind.ORDINAL, atom.value).state(Kind.ORDINAL, atom.value)

    def _is_month(self, atom: Atom) -> bool:
        """German counts months, too: "am zwölften zehnten"."""
        day = self._facts.days[-1] if self._facts.days and self._joined is None and self._last == "day" else None
        spoken = atom.kind is Kind.ORDINAL and atom.end and self._cursor.kind(-2) is Kind.ORDINAL
        return bool(spoken and day is not None and day.numbers.keys() == {Kind.ORDINAL})

    def final(self, _atom: Atom) -> None:
        if self._cursor.kind() not in _COUNTED or self._cursor.kind(1) not in {Kind.MONTH, Kind.MONTHS}:
            raise UnclearError("clarify_past")  # "last Tuesday"
        self._nth(-1)

    def _nth(self, count: int) -> None:
        """A day or week counted in the month that follows: "the second Tuesday in October"."""
        unit = self._cursor.peek()
        self._cursor.at += 1
        day = self._day()
        if unit.kind is Kind.WEEKDAY:
            day.weekday = unit.value
            day.state(Kind.FINAL, count)
        else:
            day.state(Kind.WEEK_UNIT, count)

    def day_unit(self, atom: Atom) -> None:
        if atom.value == 0:
            raise UnclearError("clarify_when")
        self.stated(Atom(Kind.OFFSET, atom.value))

    def written_date(self, atom: Atom) -> None:
        days = self._facts.days
        if days and self._joined is None and days[-1].numbers.get(Kind.DATE, atom.value) != atom.value:
            self._joined = Kind.TO
        self._day().state(Kind.DATE, atom.value)

    def month_day(self, atom: Atom) -> None:
        month, day = divmod(atom.value, 100)
        if not 1 <= month <= MONTHS:
            raise UnclearError("clarify_when")
        self.stated(Atom(Kind.MONTH, month))
        self.ordinal(Atom(Kind.NUMBER, day))

    def _lists_days(self) -> bool:
        """A number after "October 5 or" is a day of the month."""
        days = self._facts.days
        joined = self._joined is not None or self._relation is Kind.BY
        return joined and self._last == "day" and Kind.ORDINAL in days[-1].numbers
