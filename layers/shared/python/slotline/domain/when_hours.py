"""Which half of the clock a bare hour means: the part of the day decides, then the opening hours, then custom."""

from __future__ import annotations

from collections.abc import Iterable

from slotline.domain.errors import UnclearError
from slotline.domain.when import WeekHours
from slotline.domain.when_atoms import NOON_HOUR
from slotline.domain.when_clocks import ClockFact
from slotline.domain.when_words import LUNCH, Kind

Opening = tuple[int, int]
"""When the first of some days opens and the last one closes, in minutes of the day."""

HALF_DAY = NOON_HOUR * 60
EARLIEST_BARE = 7 * 60  # without hours "at 3" is the afternoon; from seven on, the clock is read as said
_FIRST_THING = 60  # minutes after opening
_LAST_THING = 90  # minutes before closing
_OPENS_ABOUT, _CLOSES_LATE_FROM = 9 * 60, 15 * 60  # where no hours are known
_ALIKE = 60  # by how many minutes one half of the clock may be nearer and the other still be asked about
_NEAR = 120  # minutes outside the opening hours that a caller may still have had in mind


def opening_on(hours: WeekHours | None, weekdays: Iterable[int]) -> Opening | None:
    """The hours of these weekdays; those of the whole week when they are all closed; None when none are known."""
    if hours is None:
        return None
    windows = [window for weekday in weekdays for window in hours[weekday]]
    windows = windows or [window for day in hours for window in day]
    return (min(start for start, _ in windows), max(end for _, end in windows)) if windows else None


def first_thing(opening: Opening | None) -> tuple[int, int]:
    opens = opening[0] if opening else _OPENS_ABOUT
    return 0, min(opens + _FIRST_THING, 2 * HALF_DAY)


def last_thing(opening: Opening | None) -> tuple[int, int]:
    return max(opening[1] - _LAST_THING, 0) if opening else _CLOSES_LATE_FROM, 2 * HALF_DAY


def settled(clock: ClockFact, *, part: tuple[int, int] | None, opening: Opening | None) -> int:
    """The minute of the day; UnclearError with both readings when the hours allow both."""
    early, late = clock.minute, clock.minute + HALF_DAY
    if clock.sure or early >= HALF_DAY:
        return early
    if part is not None:
        return late if part[0] >= LUNCH[0] else early
    if opening is None:
        return late if early < EARLIEST_BARE else early
    far = [_outside(minute, clock.relation, opening) for minute in (early, late)]
    alike = max(far) <= _NEAR and abs(far[0] - far[1]) <= _ALIKE
    if alike and (0 not in far or far == [0, 0]):
        raise two_readings(early)
    return early if far[0] < far[1] else late


def two_readings(minute: int) -> UnclearError:
    """The question whether a bare hour is in the morning or in the evening."""
    first, second = (f"{m // 60:02}:{m % 60:02}" for m in (minute, minute + HALF_DAY))
    return UnclearError("clarify_time_two", first=first, second=second)


def _outside(minute: int, relation: Kind, opening: Opening) -> int:
    """How many minutes outside the opening hours: a start before closing, an end after opening."""
    opens, closes = opening
    if relation in {Kind.BEFORE, Kind.BY}:
        opens, closes = opens + 1, closes + 1
    return max(opens - minute, minute - closes + 1, 0)
