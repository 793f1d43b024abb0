"""What words about days and times can mean: the atoms, and the form in which the vocabularies list their words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Kind(Enum):
    """What a word contributes; `Atom.value` carries its number."""

    FILLER = auto()  # value 1: asks for something, "could you"; 2: says what for, "for";
    # 3: only joins, "on", "is"; 4: says why, "because"
    ANY = auto()  # "any time", "as soon as possible"
    EACH = auto()  # "any", "every": a weekday after it means all of them
    OFFSET = auto()  # days from today
    SPREAD = auto()  # from so many days ahead to so many: "in a few days"
    SHIFT = auto()  # so many days later than what it stands beside: "a week from"
    MORROW = auto()  # Spanish "mañana", German "morgen": tomorrow, or morning beside another day
    WEEKDAY = auto()  # Monday is 0
    EVERY = auto()  # the weekdays [value, end): "Mondays", "weekdays"
    NEXT = auto()
    THIS = auto()
    COMING = auto()
    WEEKS = auto()  # a whole calendar week, so many ahead; `end` 1: counted from a weekday beside it
    WEEKS_ON = auto()  # so many weeks after the one said before
    WEEKEND = auto()  # `end` 1: this very one, "this weekend"; 2: the coming one to some, the one after it to others
    MONTHS = auto()  # a whole calendar month, so many ahead; `end` 1: "the month", any when a day of it is named
    STRETCH = auto()  # which third of the week or month beside it: 0, 1, 2
    EARLY = auto()  # the first third of a week or month, or of a day
    LATE = auto()
    WEEK_OF = auto()  # the week in which the day lies
    FINAL = auto()  # "the last" of a month; the past beside anything else
    WEEK_UNIT = auto()
    DAY_UNIT = auto()
    HOUR_UNIT = auto()  # value 1: says "o'clock" too
    MINUTE_UNIT = auto()
    MONTH_UNIT = auto()
    SOON = auto()  # so many minutes from now; `end` 1: at most
    MONTH = auto()
    NUMBER = auto()
    ORDINAL = auto()  # a day of the month; `end` 1: after another one a month, German "am zwölften zehnten"
    YEAR = auto()
    ARTICLE = auto()  # before a number it makes a day of the month
    APPOINTMENT = auto()  # the one the caller has
    PART = auto()  # a part of the day: [value, end) in minutes
    PARTS = auto()  # the same in the plural: beside a weekday it means every one
    OPENING = auto()  # "first thing"
    CLOSING = auto()  # "last thing"
    AM = auto()
    PM = auto()
    OCLOCK = auto()
    NOON = auto()
    MIDNIGHT = auto()
    PAST = auto()  # so many minutes past the hour that follows: "half past three"
    ADD = auto()  # so many minutes added to the hour before: "las tres y media"
    AT = auto()
    AFTER = auto()
    FROM = auto()
    BEFORE = auto()
    BY = auto()
    BETWEEN = auto()
    WITHIN = auto()
    IN = auto()
    NOT = auto()  # its value is a Denial
    BUT = auto()
    AND = auto()
    PLUS = auto()  # Spanish "y": "and", or minutes added to the hour
    TO = auto()  # value 1: between days only, French "du 5 au 9"; `end` 1: never minutes before the hour
    OR = auto()
    ONWARD = auto()  # "or later": what was said last is a lower bound; value 1, "or earlier": an upper one
    ALSO = auto()  # "works too": what a "but" before it seemed to leave out is wanted as well
    COUNTED = auto()  # what the number before it counts, none of our business: "people", "minute massage"
    ONLY = auto()  # after everything else: "Saturdays only"
    SAME_DAY = auto()  # the day of the caller's appointment, said beside it
    CORRECTION = auto()  # "no wait": what was said before does not count
    AGO = auto()
    CLOCK = auto()  # minutes after midnight, as written
    DATE = auto()  # a proleptic ordinal
    MONTH_DAY = auto()  # month * 100 + day
    UNKNOWN = auto()  # value 1: in no vocabulary; 0: known to say nothing certain


class Denial(IntEnum):
    """Where a NOT has what it rules out."""

    AHEAD = 0
    CORRECTS = 1  # ahead, unless it takes back what was said before: "no"
    BEHIND = 2  # "is no good"
    EITHER = 3  # "I can't"


@dataclass(frozen=True, slots=True)
class Atom:
    """One meaning. `sure` on a clock: the 24-hour reading is certain. `raw`: what the caller's text had there."""

    kind: Kind
    value: int = 0
    end: int = 0
    sure: bool = False
    raw: str = ""


Row = tuple[Kind, int, str] | tuple[Kind, int, int, str]

MORNING = (0, 720)
AFTERNOON = (720, 1020)
EVENING = (1020, 1440)
LUNCH = (690, 840)


def fold(text: str) -> str:
    """Lower case without accents: "Nächsten" and "nachsten" are one word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def numbered(kind: Kind, words: str, *, start: int = 1) -> tuple[Row, ...]:
    """One row per comma-separated group, counted up."""
    return tuple((kind, number, group.strip()) for number, group in enumerate(words.split(","), start))
