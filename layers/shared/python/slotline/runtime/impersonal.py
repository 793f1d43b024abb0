"""What a ledger record may hold of a model's arguments: nothing that says who somebody is.

A model writes a name or a number into whatever argument has room for it. So only what is known is kept: our own ids and
handles, dates and times, the words of the calendar and of the services' names. Everything else is one mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from slotline.domain.when_words import fold

MARK = "#"
LONGEST = 80

_FORMS = {
    "slot_id": re.compile(r"[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}", re.IGNORECASE),
    "appointment": re.compile(r"appt_[0-9]{1,4}"),
    "confirm": re.compile(r"true|false", re.IGNORECASE),
    "more": re.compile(r"true|false", re.IGNORECASE),
}
_IN_WORDS = ("service", "when", "part_of_day", "after", "date", "time")
_DAY, _GAP = r"(?:0?[1-9]|[12]\d|3[01])", r"[\s.,()/_-]"
_DATE = rf"\d{{4}}-\d\d-\d\d|{_DAY}(?P<by>[./-])\s?{_DAY}(?P=by)\s?(?:19|20)?\d\d|{_DAY},?\s(?:19|20)\d\d"
_CLOCK = r"(?:[01]?\d|2[0-4]):\d\d"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
# A date is one only by itself: of a phone number or a code in pairs it could be a part. A clock time ends a number, and
# its minutes begin none. What is left of six digits and more, however they are parted, may be a code or a phone number.
_NUMBER = re.compile(
    rf"(?<!\d)(?<!\d{_GAP})(?P<date>{_DATE})(?!\d)(?!{_GAP}+(?!{_CLOCK}|\d\d?\s?[ap]\.?m)\d)"
    rf"|(?<!\d)(?!(?<=\d:)\d\d(?!\d))(?:(?:(?<=\d)|(?!{_CLOCK}))\d{_GAP}*){{6,}}"
    r"|\S*@\S*",
    re.IGNORECASE,
)
_PIECE = re.compile(r"\d{1,4}(?:st|nd|rd|th|am|pm|h|[:.,/-]\d{1,4}){0,2}|[^\W\d_]+(?:['’][^\W\d_]+)?|\S", re.IGNORECASE)


def impersonal(args: Mapping[str, object], *, names: Iterable[str], locale: str) -> dict[str, str]:
    """The arguments as they may be remembered; `names` are those of what can be booked."""
    known = frozenset(word for name in names for word in _words(name))
    kept = {name: _formed(str(args[name]), form) for name, form in _FORMS.items() if name in args}
    return kept | {name: _said(str(args[name]), known=known, locale=locale) for name in _IN_WORDS if name in args}


def _formed(text: str, form: re.Pattern[str]) -> str:
    said = text.strip()
    return said if form.fullmatch(said) or _MOMENT.fullmatch(said) else MARK


def _said(text: str, *, known: frozenset[str], locale: str) -> str:
    said = text.strip()
    if _MOMENT.fullmatch(said):
        return said
    pieces = _PIECE.findall(_NUMBER.sub(lambda found: found["date"] or f" {MARK} ", said[: 2 * LONGEST])[:LONGEST])
    return " ".join(piece if _is_known(piece, known=known, locale=locale) else MARK for piece in pieces)


def _is_known(piece: str, *, known: frozenset[str], locale: str) -> bool:
    if piece[0].isdecimal():
        return True
    folded = fold(piece)
    return folded in known or folded in _calendar_words(locale)


def _words(text: str) -> list[str]:
    return [fold(word) for word in re.findall(r"[^\W\d_]+", text)]


@lru_cache(maxsize=8)
def _calendar_words(locale: str) -> frozenset[str]:
    """Every word that says something about days and times; loaded when a caller first says one."""
    from slotline.domain.vocabulary import vocabulary
    from slotline.domain.when_atoms import language_of

    return frozenset(word for phrase in vocabulary(language_of(locale)) for word in phrase)
