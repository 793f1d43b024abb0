"""From a caller's text to atoms: numbers, dates and clock times by one pattern, words by the vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from slotline.domain.errors import UnclearError
from slotline.domain.vocabulary import LONGEST_PHRASE, Phrases, vocabulary
from slotline.domain.when_words import Atom, Kind, fold

LONGEST_TEXT = 120
"""Nobody needs more to say when; the rest is cut off before anything looks at it."""

_OFFSET = r"(?:\s?(?:[zZ]\b|[+-]\d{2}:?\d{2})(?:\[[\w/]{1,40}\])?)?"

_TOKEN = re.compile(
    rf"""
      (?P<iso>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?!\d) (?:[tT](?=\d))?
    | (?P<full>\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}}))(?!\d)
    | (?P<slashed>\d{{1,2}}/\d{{1,2}})(?!\d)
    | (?P<dotted>\d{{1,2}}\.\d{{1,2}}\.?)(?!\d)
    | (?P<clock>\d{{1,2}}(?::|[hH](?=\d))\d{{2}})(?!\d)(?::\d{{2}}(?:[.,]\d{{1,9}})?)? {_OFFSET}
    | (?P<ordinal>\d{{1,2}}(?:st|nd|rd|th|er|e|o))(?!\w)
    | (?P<number>\d+)
    | (?P<to>[-–](?=\s?\d)|(?<=\s)[-–](?=\s))
    | (?P<word>[^\W\d_]+)
    """,
    re.VERBOSE,
)

MONTHS = 12
HOURS = 24
NOON_HOUR = 12
MINUTES_AN_HOUR = 60
_LAST_SHORT_YEAR = 99
_EARLIEST_YEAR, _FIRST_YEAR, _LAST_YEAR = 1900, 2000, 2199
_FIVE = 5  # clock times end in full fives
_QUARTERS = ("00", "15", "30", "45")  # what makes 10.30 a time and 24.11 a day

_DASHES = frozenset({"-", "–"})

_US_REGIONS = frozenset({"us", "ph", "pr", "vi", "gu"})  # where 11/24 is the 24th of November (CLDR, short dates)

_MERIDIEM = re.compile(r"(?:(?<=\d)([ap])m|(?<![^\W\d_])([ap])\.\s?m)\b\.?", re.IGNORECASE)
"""3pm, p.m., a. m.: never mistaken for the German "am"."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token's place in the text, with its atom when it is written with digits."""

    start: int
    end: int
    atom: Atom | None


_SPELLED = {"a": " antemeridiem ", "p": " pm "}


def clean(text: str) -> str:
    """One line of at most LONGEST_TEXT characters, composed, with odd digits and blanks made ordinary."""
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).split())[:LONGEST_TEXT]


def language_of(locale: str) -> str:
    """The language of a locale such as en-US, in lower case."""
    return re.split(r"[-_]", locale.strip().lower(), maxsplit=1)[0]


def atoms_of(text: str, locale: str) -> tuple[Atom, ...]:
    """Every meaning in the text in order, fillers included; words nobody knows are UNKNOWN atoms."""
    month_first = locale.lower().replace("_", "-").rpartition("-")[2] in {*_US_REGIONS, "en"}
    spelled = _MERIDIEM.sub(lambda found: _SPELLED[(found[1] or found[2]).lower()], clean(text))
    pieces = [
        Piece(found.start(), found.end(), _written(found, month_first=month_first))
        for found in _TOKEN.finditer(spelled)
    ]
    return tuple(_matched(spelled, pieces, vocabulary(language_of(locale))))


def _written(found: re.Match[str], *, month_first: bool) -> Atom | None:
    """The atom of what is written with digits; None for a word."""
    kind = found.lastgroup or ""
    numbers = [int(part) for part in re.findall(r"\d+", found[kind])]
    match kind:
        case "iso":
            return _dated(*numbers)
        case "full":
            first, second, year = numbers
            day, month = _day_and_month(first, second, month_first=month_first and "." not in found[kind])
            return _dated(year if year > _LAST_SHORT_YEAR else year + 2000, month, day)
        case "slashed":
            day, month = _day_and_month(*numbers, month_first=month_first)
            return Atom(Kind.MONTH_DAY, month * 100 + day)
        case "dotted":
            return _dotted(found[kind])
        case "clock":
            return _clocked(*re.split(r"\D", found[kind]))
        case "ordinal":
            return Atom(Kind.ORDINAL, numbers[0])
        case "number":
            return _numbered(found[kind])
        case "to":
            return Atom(Kind.TO)
    return None


def _day_and_month(first: int, second: int, *, month_first: bool) -> tuple[int, int]:
    """The number that can only be a day is the day; else the locale's order."""
    if first > MONTHS or (second <= MONTHS and not month_first):
        return first, second
    return second, first


def _dated(year: int, month: int, day: int) -> Atom:
    if not _EARLIEST_YEAR <= year <= _LAST_YEAR:
        raise UnclearError("clarify_when")
    try:
        return Atom(Kind.DATE, date(year, month, day).toordinal())
    except ValueError:
        raise UnclearError("clarify_when") from None


def _dotted(raw: str) -> Atom:
    """10.30 is a time; 24.11. and 24.11 are days."""
    first, second = raw.rstrip(".").split(".")
    if int(second) > MONTHS and int(second) % _FIVE:  # "9.21" is neither
        raise UnclearError("clarify_when")
    if int(second) > MONTHS or (second in _QUARTERS and not raw.endswith(".")) or int(second) == 0:
        return _clocked(first, second)
    return Atom(Kind.MONTH_DAY, int(second) * 100 + int(first))


def _clocked(hour: str, minute: str) -> Atom:
    if int(hour) >= HOURS or int(minute) >= MINUTES_AN_HOUR:
        raise UnclearError("clarify_time")
    return Atom(Kind.CLOCK, int(hour) * 60 + int(minute), sure=hour.startswith("0") or int(hour) > NOON_HOUR)


def _numbered(raw: str) -> Atom:
    value = int(raw)
    if _FIRST_YEAR <= value <= _LAST_YEAR:
        return Atom(Kind.YEAR, value)
    return Atom(Kind.NUMBER, value, sure=raw.startswith("0") and len(raw) > 1)


def _matched(text: str, pieces: list[Piece], phrases: Phrases) -> Iterator[Atom]:
    """The longest known phrase first; a word nobody knows becomes an UNKNOWN atom."""
    words = [fold(text[piece.start : piece.end]) for piece in pieces]
    at = 0
    while at < len(pieces):
        size = _longest(words, at, phrases)
        raw = text[pieces[at].start : pieces[at + max(size, 1) - 1].end]
        if size:
            first, *others = phrases[tuple(words[at : at + size])]
            yield replace(first, raw=raw)
            yield from others
        else:
            yield replace(pieces[at].atom or Atom(Kind.UNKNOWN, 1), raw=raw)
        at += max(size, 1)
        if size and at < len(pieces) and text[pieces[at - 1].end : pieces[at].start].strip() in _DASHES:
            beside = phrases.get((words[at],), ())
            if first.kind is Kind.WEEKDAY and beside and beside[0].kind is Kind.WEEKDAY:
                yield Atom(Kind.TO)  # "Mon-Wed"; elsewhere a dash joins two halves of a word


def _longest(words: list[str], at: int, phrases: Phrases) -> int:
    """How many words from here make a phrase; 0 when none does."""
    sizes = range(min(LONGEST_PHRASE, len(words) - at), 0, -1)
    return next((size for size in sizes if tuple(words[at : at + size]) in phrases), 0)
