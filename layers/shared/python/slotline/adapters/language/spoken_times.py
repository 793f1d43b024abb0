"""Times as people say them, from CLDR through Babel (https://babel.pocoo.org/en/latest/dates.html).

CLDR gives names, order and the 12- or 24-hour clock of a region; the domain's catalogue glues day and time together.
Babel is imported on first use, because most cold starts never say a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from slotline.domain.speech import moment as spoken_moment
from slotline.domain.time import local

if TYPE_CHECKING:
    from babel.core import Locale
    from babel.dates import DateTimePattern

_LANGUAGES = frozenset({"en", "es", "de", "fr"})
_FALLBACK = "en"

_LOCALE = re.compile(r"(?P<language>[A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_](?P<region>[A-Za-z]{2}|\d{3}))?")

_YEAR = re.compile(r"(?:,\s*|\s+)?(?:'de'\s+|'del'\s+)?\by+\b\.?,?")
"""The year of a full date pattern with what joins it to the month: ", y" or " 'de' y"."""

_BLANKS = re.compile(r"\s+")

# Round hours and the middle of the day as they are said; a clock pattern of CLDR is for reading.
_SPOKEN_CLOCK = {"de": "H:mm 'Uhr'", "fr": "H 'h' mm"}
_NOON = {"en": "12:00 noon", "es": "12:00 del mediodía"}
_MIDNIGHT = {"en": "12:00 midnight, as that day begins", "es": "0:00"}


@dataclass(frozen=True, slots=True)
class _Voice:
    """How one locale says days and times."""

    locale: Locale
    day: DateTimePattern
    clock: DateTimePattern
    twelve_hours: bool


class BabelSpokenTimes:
    """Implements ports.SpokenTimes. Unknown regions speak as their language does, unknown languages in English."""

    def moment(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        when = local(minute, zone)
        return spoken_moment(locale, _day(when, locale), _clock(when, locale))

    def day(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return _day(local(minute, zone), locale)

    def clock(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return _clock(local(minute, zone), locale)


def _day(when: datetime, locale: str) -> str:
    voice = _voice(locale)
    return _plain(voice.day.apply(when, voice.locale))


def _clock(when: datetime, locale: str) -> str:
    voice = _voice(locale)
    language = voice.locale.language
    if voice.twelve_hours and when.minute == 0 and when.hour in {0, 12}:
        # "12:00 AM" and "12:00 PM" are mixed up by half of all people.
        return _NOON[language] if when.hour else _MIDNIGHT[language]
    said = _plain(voice.clock.apply(when.replace(tzinfo=None), voice.locale))
    return said.removesuffix(" 00") if language == "fr" else said


def _plain(text: str) -> str:
    """CLDR joins with no-break and narrow no-break spaces; speech and text messages want plain ones."""
    return _BLANKS.sub(" ", text).strip()


@cache
def _voice(locale: str) -> _Voice:
    from babel.dates import get_date_format, get_time_format, parse_pattern

    found = _locale(locale)
    clock = get_time_format("short", locale=found).pattern
    twelve_hours = found.language in _NOON and "h" in re.sub(r"'[^']*'", "", clock)
    clock = clock.replace("hh", "h") if twelve_hours else _SPOKEN_CLOCK.get(found.language, "H:mm")
    return _Voice(
        locale=found,
        day=parse_pattern(_YEAR.sub("", get_date_format("full", locale=found).pattern).strip(" ,")),
        clock=parse_pattern(clock),
        twelve_hours=twelve_hours,
    )


def _locale(text: str) -> Locale:
    from babel.core import Locale, UnknownLocaleError

    wanted = _LOCALE.fullmatch(text.strip())
    language = wanted["language"].lower() if wanted else _FALLBACK
    region = wanted["region"] if wanted else None
    if region is None or language not in _LANGUAGES:
        return Locale(language if language in _LANGUAGES else _FALLBACK)
    try:
        return Locale(language, territory=region.upper())
    except UnknownLocaleError:  # a region without data of its own speaks as its language does
        return Locale(language)
