"""Sentences made for the ear: one line, no markup, never long, in the language of the business."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from slotline.domain.catalogue import language

LONGEST_MESSAGE = 299
LONGEST_NAME = 60
"""What a service, a business or a person is cut to when spoken."""

MOST_ITEMS = 3
"""Nobody keeps more than three spoken choices in mind."""

_NAMES = frozenset({"service", "business"})
_LONGEST_SERVICE, _LONGEST_STAFF = 40, 15  # inside a list of appointments
_MOST_WITHOUT_COMMA = 2  # "A or B", but "A, B, or C"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S*", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,200}>|[<>\[\]{}*_`#|\\~^\"“”„«»]")
_SILENT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "So", "Sk"})  # controls, emoji and their modifiers


class PhraseError(KeyError):
    """Our own mistake: the catalogue has no such phrase, or a sentence was not given one of its values."""


def say(locale: str, phrase: str, /, **values: str) -> str:
    """The sentence with its values in place: one line of fewer than 300 characters without markup.

    `field` takes an argument's name, `phone` a number of which only the last two digits are said. Values that are too
    long are shortened at a word border, never the sentence. Raises PhraseError.
    """
    spoken = language(locale)
    template = spoken.phrases.get(phrase)
    if template is None:
        raise PhraseError(f"no phrase {phrase!r}")
    wanted, room = _asked(template)
    if not wanted <= values.keys():
        raise PhraseError(f"phrase {phrase!r} needs {sorted(wanted - values.keys())}")
    ready = {name: _ready(name, values[name], spoken.fields) for name in wanted}
    fitting = _fitted(ready, room=room)
    sentence = _PLACEHOLDER.sub(lambda found: fitting[found[1]], template)
    return _finished(sentence)


def listed(locale: str, items: Sequence[str], *, joiner: Literal["or", "and"]) -> str:
    """A, B, or C. More than three items are three and "something else"."""
    spoken = language(locale)
    words = [item for item in (shortened(clean(item), LONGEST_NAME * 2) for item in items) if item]
    if len(words) > MOST_ITEMS:
        words = [*words[:MOST_ITEMS], spoken.others[joiner]]
    if len(words) <= _MOST_WITHOUT_COMMA:
        return spoken.joiners[joiner].join(words)
    return ", ".join(words[:-1]) + spoken.last_joiners[joiner] + words[-1]


def moment(locale: str, day: str, clock: str) -> str:
    """A day and a clock time as one: "Tuesday, November 24 at 9:00 AM"."""
    return f"{day} {language(locale).at(clock)}"


def attended(locale: str, time: str, *, staff: str) -> str:
    """A time and who serves: "Tuesday, November 24 at 9:00 AM with Ana"."""
    return language(locale).moment_with.format(time=time, staff=shortened(clean(staff), _LONGEST_STAFF))


def grouped_offers(locale: str, moments: Sequence[tuple[str, str]]) -> str:
    """At most three (day, clock) pairs, each day said once: "Tuesday at 9:00 AM or 2:00 PM, or Friday at 10:00 AM"."""
    spoken = language(locale)
    days: dict[str, list[str]] = {}
    for day, clock in moments[:MOST_ITEMS]:
        days.setdefault(day, []).append(clock)
    groups = [
        f"{day} {listed(locale, [spoken.at(first), *map(spoken.again, others)], joiner='or')}"
        for day, (first, *others) in days.items()
    ]
    # A comma keeps "Tuesday at 9 or 2" and "Friday" apart for the ear.
    glue = f",{spoken.joiners['or']}" if len(moments) > len(groups) else spoken.joiners["or"]
    return glue.join(groups) if len(groups) <= _MOST_WITHOUT_COMMA else listed(locale, groups, joiner="or")


def described(locale: str, *, service: str, time: str, staff: str | None = None, settled: bool = True) -> str:
    """One of the caller's appointments; three of them fit into `found_many` with their times whole.

    While it is not settled that is said, in the place of the staff.
    """
    spoken = language(locale)
    who = shortened(clean(staff or ""), _LONGEST_STAFF) if settled else ""
    what = shortened(clean(service), _LONGEST_SERVICE - (_LONGEST_STAFF if who or not settled else 0))
    template = spoken.appointment_with if who else spoken.appointment
    said = template.format(service=what, staff=who, time=clean(time))
    return said if settled else spoken.appointment_unsettled.format(appointment=said)


def clean(text: str) -> str:
    """One line without control characters, addresses of web pages, brackets, emoji or other marks nobody can say."""
    audible = text
    if not (text.isascii() and text.isprintable()):  # of printable ASCII, nothing is silent that is not markup too
        audible = "".join(
            " " if unicodedata.category(letter) in _SILENT else letter for letter in unicodedata.normalize("NFC", text)
        )
    return " ".join(_MARKUP.sub(" ", _ADDRESS.sub(" ", audible)).split())


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut at a word border where there is one."""
    if len(text) <= most:
        return text
    cut = text[: most + 1].rpartition(" ")[0] or text[:most]
    return cut[:most].rstrip(" ,;:-–(")


@lru_cache(maxsize=512)
def _asked(template: str) -> tuple[frozenset[str], int]:
    """The values a sentence needs, and the room it leaves for all of them together."""
    return frozenset(_PLACEHOLDER.findall(template)), LONGEST_MESSAGE - len(_PLACEHOLDER.sub("", template))


def _ready(name: str, value: str, fields: Mapping[str, str]) -> str:
    if name == "field":
        return fields.get(value.replace(" ", "_"), clean(value.replace("_", " ")))
    if name == "phone":
        return "".join(digit for digit in value if digit.isdigit())[-2:]
    return shortened(clean(value), LONGEST_NAME) if name in _NAMES else clean(value)


def _fitted(values: Mapping[str, str], *, room: int) -> dict[str, str]:
    """Cut the longest values, and only these, until all fit together."""
    lengths = sorted(len(value) for value in values.values())
    most = room
    for place, length in enumerate(lengths):
        most = room // (len(lengths) - place)
        if length > most:
            break
        room -= length
    return {name: shortened(value, most) if len(value) > most else value for name, value in values.items()}


def _finished(sentence: str) -> str:
    """A capital at the start, and no second full stop after "p.m."."""
    joined = re.sub(r"\.{2,}", ".", sentence)
    return joined[:1].upper() + joined[1:]
