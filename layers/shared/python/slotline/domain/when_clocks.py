"""Clock times among the atoms: "3", "half past two", "three thirty", "15:30", "twenty to five", "noon"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slotline.domain.errors import UnclearError
from slotline.domain.time import MINUTES_A_DAY
from slotline.domain.when_atoms import HOURS, MINUTES_AN_HOUR, NOON_HOUR
from slotline.domain.when_words import Atom, Kind, fold

NOTHING = Atom(Kind.FILLER)
_NAMED: Mapping[Kind, int] = {Kind.NOON: NOON_HOUR * 60, Kind.MIDNIGHT: MINUTES_A_DAY}
_FEWEST_MINUTES = 5  # "three thirty" is a time, "three two" is not
_SPOKEN_QUARTERS = (15, 30, 45)  # "three thirty" is a time without an "at", too
_STEPS = (5, 10, 15, 20, 25)  # "twenty past", "five to"
_MORNING_STEP = 10  # the only step that is a likely hour to begin at, whatever hour follows
_FIRST_RUN_TOGETHER, _FIRST_MILITARY, _LAST_MILITARY = 100, 1300, 1999  # "at 430"; 1500 is a time, 2026 is a year
_CLOCK_KINDS = frozenset({Kind.NUMBER, Kind.CLOCK, Kind.NOON, Kind.MIDNIGHT, Kind.PAST})
_BOUNDS = frozenset({Kind.AT, Kind.BETWEEN, Kind.AFTER, Kind.BEFORE, Kind.FROM})
_JOINTS = frozenset({Kind.AND, Kind.PLUS, Kind.OR, Kind.TO, Kind.BY})
_SPAN_UNITS = frozenset({Kind.MONTH, Kind.MONTHS, Kind.DAY_UNIT, Kind.WEEK_UNIT, Kind.MONTH_UNIT, Kind.MINUTE_UNIT})
_DAY_BEFORE = frozenset({Kind.MONTH, Kind.ARTICLE})  # what makes the number after it a day of the month


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A clock time in minutes; `sure` when it cannot be twelve hours later."""

    relation: Kind
    minute: int
    sure: bool


@dataclass(slots=True)
class Cursor:
    """A place among the atoms."""

    atoms: Sequence[Atom]
    at: int = 0

    def peek(self, ahead: int = 0) -> Atom:
        place = self.at + ahead
        return self.atoms[place] if 0 <= place < len(self.atoms) else NOTHING

    def kind(self, ahead: int = 0) -> Kind:
        return self.peek(ahead).kind

    @property
    def done(self) -> bool:
        return self.at >= len(self.atoms)


def read_clock(cursor: Cursor, *, relation: Kind | None, paired: bool) -> tuple[int, bool] | None:
    """Minutes and certainty of a clock time that stands here; None, and the cursor where it was, when none does.

    `relation`: the "at" or "after" before it. `paired`: it follows another clock time and an "or".
    """
    start = cursor.at
    shift = _minutes_first(cursor, relation)
    told = paired or shift is not None or relation is not None
    found = _hour(cursor, told=told, plus=relation is not Kind.BETWEEN)
    if found is None:
        cursor.at = start
        return None
    minute, sure = _with_meridiem(cursor, found[0] + (shift or 0), sure=found[1])
    if not 0 <= minute <= MINUTES_A_DAY:
        raise UnclearError("clarify_time")
    return minute, sure


def is_to(atom: Atom) -> bool:
    """The "to" of a range; French says "à" for that and for "at"."""
    return atom.kind in {Kind.TO, Kind.BY} or (atom.kind is Kind.AT and fold(atom.raw) == "a")


def is_clock(atom: Atom) -> bool:
    return atom.kind in _CLOCK_KINDS


def names_day(cursor: Cursor, ahead: int) -> bool:
    """Whether a day of a month stands there: "9 October", "the 9th"."""
    article = cursor.kind(ahead) is Kind.ARTICLE
    kind, follower = cursor.kind(ahead + article), cursor.kind(ahead + article + 1)
    return kind is Kind.ORDINAL or (kind is Kind.NUMBER and (article or follower is Kind.MONTH))


def _minutes_first(cursor: Cursor, relation: Kind | None) -> int | None:
    """The minutes said before the hour; the cursor is left on the hour."""
    if cursor.kind() is Kind.PAST:
        cursor.at += 1
        return cursor.peek(-1).value
    if cursor.kind() is not Kind.NUMBER or cursor.peek().value not in _STEPS or cursor.kind(-1) in _DAY_BEFORE:
        return None
    here = 1 + (cursor.kind(1) is Kind.MINUTE_UNIT)
    joint, half = cursor.kind(here), cursor.kind(here + 1) is Kind.PAST
    hour = cursor.peek(here + 1 + half)
    if not (hour.kind is Kind.NOON or (hour.kind is Kind.NUMBER and hour.value <= NOON_HOUR)):
        return None
    if cursor.kind(here + 2 + half) in _SPAN_UNITS or joint not in {Kind.AFTER, Kind.BEFORE, Kind.TO}:
        return None
    if joint is Kind.TO:
        range_end = cursor.kind(here + 2) is Kind.NUMBER and cursor.peek(here + 2).value in _SPOKEN_QUARTERS
        if relation in {Kind.FROM, Kind.BETWEEN} or cursor.peek(here).value or cursor.peek(here).end or range_end:
            return None  # "ten to ten thirty"
        step = cursor.peek().value
        if relation is None and (step < hour.value or step == _MORNING_STEP) and step < NOON_HOUR:
            raise UnclearError("clarify_time")  # "ten to two": 1:50, or from ten until two?
    sign = 1 if joint is Kind.AFTER else -1
    minutes = sign * cursor.peek().value + (cursor.peek(here + 1).value if half else 0)
    cursor.at += here + 1 + half
    return minutes


def _hour(cursor: Cursor, *, told: bool, plus: bool) -> tuple[int, bool] | None:
    atom = cursor.peek()
    if atom.kind in _NAMED:
        cursor.at += 1
        return _NAMED[atom.kind] + _added(cursor, plus=plus), True
    if atom.kind is Kind.CLOCK:
        cursor.at += 1 + _says_oclock(cursor.peek(1))
        return atom.value, atom.sure
    if atom.kind is not Kind.NUMBER or cursor.kind(1) in _SPAN_UNITS:
        return None
    if _FIRST_RUN_TOGETHER <= atom.value <= _LAST_MILITARY and atom.value % 100 < MINUTES_AN_HOUR:
        military = atom.sure or atom.value >= _FIRST_MILITARY
        if not (military or told or _marked(cursor)):
            return None
        cursor.at += 1
        return atom.value // 100 * 60 + atom.value % 100, military
    if not 0 <= atom.value <= HOURS or not (_marked(cursor) or _meant(cursor, told=told)):
        return None
    cursor.at += 1
    if _says_oclock(cursor.peek()):
        cursor.at += 1
    return atom.value * 60 + _added(cursor, plus=plus), atom.sure or atom.value > NOON_HOUR or atom.value == 0


def _says_oclock(atom: Atom) -> bool:
    return atom.kind is Kind.OCLOCK or (atom.kind is Kind.HOUR_UNIT and atom.value == 1)


def _marked(cursor: Cursor) -> bool:
    """What follows the number makes it a time."""
    follower = cursor.peek(1)
    if cursor.kind(-1) is Kind.IN and follower.kind is Kind.HOUR_UNIT:
        return False
    return follower.kind in {Kind.AM, Kind.PM, Kind.ADD, Kind.ONWARD} or _says_oclock(follower)


def _meant(cursor: Cursor, *, told: bool) -> bool:
    """A bare number is a time after "at", before a part of the day, and beside another one."""
    value, follower, beyond = cursor.peek().value, cursor.peek(1), cursor.peek(2)
    if cursor.kind(-1) is Kind.WEEKDAY and follower.kind in _BOUNDS and not told:
        return False  # "jueves once a las nueve"
    if cursor.kind(-1) in _DAY_BEFORE or (follower.kind in _JOINTS and names_day(cursor, 2)):
        return False  # "between 5 and 9 October"
    if told or (follower.kind is Kind.NUMBER and follower.value in _SPOKEN_QUARTERS):
        return True
    if value > NOON_HOUR:
        return False
    joined = (is_to(follower) and not (follower.kind is Kind.TO and follower.value)) or follower.kind is Kind.OR
    if not joined or not is_clock(beyond) or cursor.kind(3) in _SPAN_UNITS:
        return follower.kind is Kind.PART
    # "9-21" may be a day as well.
    return beyond.kind is not Kind.NUMBER or beyond.value <= NOON_HOUR or _says_oclock(cursor.peek(3))


def _added(cursor: Cursor, *, plus: bool) -> int:
    """The minutes said after the hour; `plus`: an "and" may stand between them."""
    atom = cursor.peek()
    step = 1 + (plus and atom.kind is Kind.PLUS and cursor.peek(1).value in _STEPS)
    said = cursor.peek(step - 1)
    minutes = said.kind is Kind.NUMBER and _FEWEST_MINUTES <= said.value < MINUTES_AN_HOUR
    if atom.kind is Kind.ADD or (minutes and cursor.kind(step) not in _SPAN_UNITS):
        cursor.at += step
        return said.value
    return 0


def _with_meridiem(cursor: Cursor, minute: int, *, sure: bool) -> tuple[int, bool]:
    kind = cursor.kind()
    if kind not in {Kind.AM, Kind.PM}:
        return minute, sure
    cursor.at += 1
    if minute >= (NOON_HOUR + 1) * 60:  # "15:00 pm"
        return minute, True
    return minute % (NOON_HOUR * 60) + (NOON_HOUR * 60 if kind is Kind.PM else 0), True
