"""Times as they are said, by locale."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import babel
import pytest
from babel.localedata import locale_identifiers

from slotline.adapters.language import spoken_times
from slotline.adapters.language.spoken_times import BabelSpokenTimes
from slotline.domain.message_templates import CAPS
from slotline.domain.time import minute_of
from slotline.ports import SpokenTimes

SPOKEN: SpokenTimes = BabelSpokenTimes()
PACKAGES = Path(spoken_times.__file__).parents[3]
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def minute(hour: int, minutes: int = 0, *, day: int = 24, zone: ZoneInfo = LOS_ANGELES) -> int:
    """On an arbitrary Tuesday."""
    return minute_of(datetime(2026, 11, day, hour, minutes, tzinfo=zone))


@pytest.mark.parametrize(
    ("locale", "morning", "afternoon"),
    [
        ("en-US", "Tuesday, November 24 at 9:00 AM", "Tuesday, November 24 at 2:05 PM"),
        ("en", "Tuesday, November 24 at 9:00 AM", "Tuesday, November 24 at 2:05 PM"),
        ("en-CA", "Tuesday, November 24 at 9:00 a.m.", "Tuesday, November 24 at 2:05 p.m."),
        ("en-GB", "Tuesday, 24 November at 9:00", "Tuesday, 24 November at 14:05"),
        ("en-AU", "Tuesday, 24 November at 9:00 am", "Tuesday, 24 November at 2:05 pm"),
        ("es-ES", "martes, 24 de noviembre a las 9:00", "martes, 24 de noviembre a las 14:05"),
        ("es-MX", "martes, 24 de noviembre a las 9:00 a.m.", "martes, 24 de noviembre a las 2:05 p.m."),
        ("es_US", "martes, 24 de noviembre a las 9:00 a.m.", "martes, 24 de noviembre a las 2:05 p.m."),
        ("de-DE", "Dienstag, 24. November um 9:00 Uhr", "Dienstag, 24. November um 14:05 Uhr"),
        ("de-AT", "Dienstag, 24. November um 9:00 Uhr", "Dienstag, 24. November um 14:05 Uhr"),
        ("fr-FR", "mardi 24 novembre à 9 h", "mardi 24 novembre à 14 h 05"),
        ("fr-CA", "mardi 24 novembre à 9 h", "mardi 24 novembre à 14 h 05"),
        ("de-ZZ", "Dienstag, 24. November um 9:00 Uhr", "Dienstag, 24. November um 14:05 Uhr"),
        ("pt-BR", "Tuesday, November 24 at 9:00 AM", "Tuesday, November 24 at 2:05 PM"),
        ("", "Tuesday, November 24 at 9:00 AM", "Tuesday, November 24 at 2:05 PM"),
        ("en-../../x", "Tuesday, November 24 at 9:00 AM", "Tuesday, November 24 at 2:05 PM"),
    ],
)
def test_a_moment_is_weekday_date_and_time(locale: str, morning: str, afternoon: str) -> None:
    assert SPOKEN.moment(minute(9), zone=LOS_ANGELES, locale=locale) == morning
    assert SPOKEN.moment(minute(14, 5), zone=LOS_ANGELES, locale=locale) == afternoon


def test_a_moment_is_its_day_and_its_clock() -> None:
    assert SPOKEN.day(minute(9), zone=LOS_ANGELES, locale="en-US") == "Tuesday, November 24"
    assert SPOKEN.clock(minute(9), zone=LOS_ANGELES, locale="en-US") == "9:00 AM"


def test_the_zone_decides_the_day() -> None:
    late = minute(23, 30)

    assert SPOKEN.moment(late, zone=ZoneInfo("Europe/Berlin"), locale="en-US") == "Wednesday, November 25 at 8:30 AM"


@pytest.mark.parametrize(
    ("locale", "noon", "midnight"),
    [
        ("en-US", "12:00 noon", "12:00 midnight, as that day begins"),
        ("es-MX", "12:00 del mediodía", "0:00"),
        ("es-ES", "12:00", "0:00"),
        ("de-DE", "12:00 Uhr", "0:00 Uhr"),
        ("fr-FR", "12 h", "0 h"),
    ],
)
def test_noon_and_midnight_are_not_mixed_up(locale: str, noon: str, midnight: str) -> None:
    assert SPOKEN.clock(minute(12), zone=LOS_ANGELES, locale=locale) == noon
    assert SPOKEN.clock(minute(0), zone=LOS_ANGELES, locale=locale) == midnight


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "en-AU", "de-DE", "es-ES", "es-MX", "fr-FR", "fr-CA"])
def test_a_text_message_has_room_for_every_day_and_time(locale: str) -> None:
    clocks = {SPOKEN.clock(minute(h, m), zone=LOS_ANGELES, locale=locale) for h in range(24) for m in (0, 30)}
    days = {SPOKEN.day(minute(12) + day * 24 * 60, zone=LOS_ANGELES, locale=locale) for day in range(366)}

    assert max(map(len, clocks)) <= CAPS["time"]
    assert max(map(len, days)) <= CAPS["date"]


def test_one_oclock_is_singular_in_spanish() -> None:
    assert SPOKEN.moment(minute(13), zone=LOS_ANGELES, locale="es-MX").endswith("a la 1:00 p.m.")
    assert SPOKEN.moment(minute(13), zone=LOS_ANGELES, locale="es-ES").endswith("a las 13:00")


def test_every_locale_says_day_and_time_in_plain_characters_without_the_year() -> None:
    locales = [name for name in locale_identifiers() if name.partition("_")[0] in {"en", "es", "de", "fr"}]
    for locale in locales:
        said = SPOKEN.moment(minute(9, 30), zone=LOS_ANGELES, locale=locale)

        assert re.fullmatch(r"[^\d]+24[^\d]+(?:9:30|9 h 30)[^\d]*", said), (locale, said)
        assert not set("\u202f\u00a0") & set(said)
        assert said == " ".join(said.split())


def test_importing_the_module_does_not_load_babel() -> None:
    code = f"import sys, {spoken_times.__name__}; sys.exit('babel' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(PACKAGES)})


def test_locale_data_may_be_pruned_to_the_languages_spoken(tmp_path: Path) -> None:
    """The deployed layer carries the data of four languages only."""
    source = Path(babel.__file__).parent
    shutil.copytree(source, tmp_path / "babel", ignore=shutil.ignore_patterns("__pycache__", "*.dat"))
    shutil.copy(source / "global.dat", tmp_path / "babel")
    for data in (source / "locale-data").glob("*.dat"):
        if data.stem.partition("_")[0] in {"root", "en", "es", "de", "fr"}:
            shutil.copy(data, tmp_path / "babel" / "locale-data")
    code = f"""
from zoneinfo import ZoneInfo
from {spoken_times.__name__} import BabelSpokenTimes
for locale in ("en-US", "es-419", "de-AT", "fr-CA", "pt-BR", "ja-JP", "en-ZZ"):
    print(BabelSpokenTimes().moment({minute(9)}, zone=ZoneInfo("America/Los_Angeles"), locale=locale))
"""
    path = f"{tmp_path}:{PACKAGES}"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONPATH": path}
    )

    assert done.stdout.splitlines()[0] == "Tuesday, November 24 at 9:00 AM"
    assert done.stdout.splitlines()[4:] == ["Tuesday, November 24 at 9:00 AM"] * 3
