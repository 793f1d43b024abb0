"""The caller's `when`: a table of phrases in four languages, and what must hold for any text."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.errors import UnclearError
from slotline.domain.speech import say
from slotline.domain.time import minute_of
from slotline.domain.vocabulary import LANGUAGES, LONGEST_PHRASE, own_phrases
from slotline.domain.when import After, DaySpan, parse_date, parse_time, understand, understand_after

A_FRIDAY = date(2026, 11, 20)  # an arbitrary Friday that the phrases below are reckoned from
A_MONDAY = A_FRIDAY + timedelta(days=3)
SIX_PM_UTC = minute_of(datetime(2026, 11, 24, 18, tzinfo=UTC))
TEN = 10 * 60  # the minute of the day at which they are said

# phrase => first..last as days from that Friday (nothing: open end), the window of the day, the exact time;
# or ?question with the days it offers
PHRASES = {
    "en-US": """
any => 0..
anytime => 0..
any day is fine... => 0..
soon => 0..
as soon as possible => 0..
next available => 0..
First available, please. => 0..
2026-11-24 => 4..4
2026-11-24T10:00 => 4..4 10:00-24:00 at 10:00
2026-11-24T10:00:00-08:00 => 4..4 10:00-24:00 at 10:00
2026-11-24T10:00:00Z => 4..4 10:00-24:00 at 10:00
2026-11-24 at 3pm => 4..4 15:00-24:00 at 15:00
2026-11-24 in the morning => 4..4 00:00-12:00
2026/11/24 => 4..4
2026-11-24/2026-11-26 => 4..6
2025-11-24 => ?clarify_year 4
2024-01-10 => ?clarify_year 51
2025-11-10 => ?clarify_past
2026-11-10 => ?clarify_past
2026-02-30 => ?clarify_when
2027-02-29 => ?clarify_when
11/24 => 4..4
11/24/2026 => 4..4
11/24/26 => 4..4
24/11/2026 => 4..4
12/1 => 11..11
11/31 => ?clarify_when
today => 0..0
Today! => 0..0
tonight => 0..0 17:00-24:00
this afternoon => 0..0 12:00-17:00
this morning => 0..0 00:00-12:00
later today => 0..0
tomorrow => 1..1
tommorow => 1..1
tomorrow morning => 1..1 00:00-12:00
tomorrow afternoon => 1..1 12:00-17:00
tomorrow night => 1..1 17:00-24:00
day after tomorrow => 2..2
the day after tomorrow => 2..2
yesterday => ?clarify_past
tuesday => 4..4
on Tuesday please => 4..4
tue => 4..4
weds => 5..5
sat => 1..1
Tuesday after three => 4..4 15:00-24:00
tuesday afternoon => 4..4 12:00-17:00
friday => ?clarify_when_two 0 7
friday afternoon => ?clarify_when_two 0 7
this friday => 0..0
next friday => 7..7
this coming friday => 7..7
next tuesday => 4..4
this tuesday => 4..4
this week => 0..2
next week => 3..9
sometime next week => 3..9
um, maybe next week? => 3..9
next week in the morning => 3..9 00:00-12:00
tuesday next week => 4..4
next week tuesday => 4..4
the week after next => 10..16
in two weeks => 10..16
in a week => 3..9
this weekend => 1..2
next weekend => 8..9
saturday or sunday => 1..2
in 3 days => 3..3
in three days => 3..3
3 days from now => 3..3
next 3 days => 0..3
in 1 day => 1..1
monday or tuesday => 3..4
monday or thursday => 3..6
monday through wednesday => 3..5
tuesday week => 11..11
a week from tuesday => 11..11
half past three tuesday week => 11..11 15:30-24:00 at 15:30
November 24 => 4..4
24 November => 4..4
Nov 24th => 4..4
Nov. 24 => 4..4
November twenty fourth => 4..4
november 24 2026 => 4..4
november 24 2025 => ?clarify_year 4
the 24th => 4..4
the 19th => 29..29
the 31st => 41..41
the 24 => 4..4
October 5 => ?clarify_year 319
January 5 => 46..46
February 29 => 466..466
February 30 => ?clarify_when
December => 11..41
next month => 11..41
this month => 0..10
tuesday the 24th => 4..4
tuesday, november 24 => 4..4
tuesday november 25 => ?clarify_when_two 4 5
tomorrow at 3 => 1..1 15:00-24:00 at 15:00
tomorrow at 3. => 1..1 15:00-24:00 at 15:00
tomorrow at 3pm => 1..1 15:00-24:00 at 15:00
tomorrow 3 p.m. => 1..1 15:00-24:00 at 15:00
tomorrow 3:30pm => 1..1 15:30-24:00 at 15:30
tomorrow at 15:30 => 1..1 15:30-24:00 at 15:30
tomorrow at 9 => 1..1 09:00-24:00 at 09:00
tomorrow at 03:30 => 1..1 03:30-24:00 at 03:30
tomorrow at noon => 1..1 12:00-24:00 at 12:00
tomorrow 12pm => 1..1 12:00-24:00 at 12:00
tomorrow 12am => 1..1 at 00:00
tomorrow at midnight => ?clarify_time
quarter to five on monday => 3..3 16:45-24:00 at 16:45
quarter past 9 monday => 3..3 09:15-24:00 at 09:15
three thirty on monday => 3..3 15:30-24:00 at 15:30
monday at three thirty => 3..3 15:30-24:00 at 15:30
3 o'clock tomorrow => 1..1 15:00-24:00 at 15:00
5 in the afternoon tomorrow => 1..1 17:00-24:00 at 17:00
7 in the evening on monday => 3..3 19:00-24:00 at 19:00
after 3pm => 0.. 15:00-24:00
before noon => 0.. 00:00-12:00
before 5 tomorrow => 1..1 00:00-17:00
tomorrow after 10 => 1..1 10:00-24:00
not before 4 tomorrow => 1..1 16:00-24:00
between 2 and 4 tomorrow => 1..1 14:00-16:00
tomorrow from 10 to 12 => 1..1 10:00-12:00
tomorrow between 7 and 8 pm => 1..1 19:00-20:00
tomorrow between 9 and 5 => 1..1 09:00-17:00
2pm-4pm monday => 3..3 14:00-16:00
in the morning => 0.. 00:00-12:00
evening => 0.. 17:00-24:00
late afternoon => 0.. 15:00-18:00
lunchtime tomorrow => 1..1 11:30-14:00
tuesday after four because I work => 4..4 16:00-24:00
mornings are better because I pick up my kids in the afternoon => 0.. 00:00-12:00
tuesday because I work => ?clarify_when
next week because I work on monday => ?clarify_when
next week because I fly on monday => ?clarify_when
next week because I pick up my kids in the afternoon => ?clarify_when
tuesday because I pick up my kids or wednesday => ?clarify_when
tuesday because I pick up my kids, could you come => ?clarify_when
tuesday morning because I pick up my kids so nine => ?clarify_when
two on thursday => 6..6 14:00-24:00 at 14:00
six tuesday => 4..4 18:00-24:00 at 18:00
6 tuesday => ?clarify_time
one on thursday => ?clarify_time
a table for two on thursday => ?clarify_when
can I get two on thursday => ?clarify_time
the next fortnight => 0..14
tuesday if there is one => 4..4
after work on monday => 3..3 17:00-24:00
first thing monday => 3..3 00:00-10:00
by wednesday => 0..5
after monday => 4..
from monday => 3..
before wednesday => 0..4
today at 9 => ?clarify_past
this morning at 9 => ?clarify_past
tomorrow at 25:00 => ?clarify_time
tomorrow 3 => ?clarify_time
blah => ?clarify_when
tomorrow blah => ?clarify_when
qwertz => ?clarify_when
please => ?clarify_when
??? => ?clarify_when
😀 => ?clarify_when
the => ?clarify_when
monday tomorrow => ?clarify_when_two 1 3
saturday tomorrow => 1..1
next => ?clarify_when
week => ?clarify_when
in 0 days => ?clarify_when
not monday morning => ?clarify_when
any day but monday in the morning => ?clarify_when
monday is not possible but tuesday is => 4..4
not monday, tuesday is fine => 4..4
no earlier than tuesday afternoon => ?clarify_when
monday through wednesday mornings => 3..5 00:00-12:00
the first or second week of december => ?clarify_when
between monday at 3 and wednesday at 5 => ?clarify_when
tuesday morning or wednesday => ?clarify_when_two 4 5
tuesday at 3 or wednesday => ?clarify_when_two 4 5
between 5 and 9 december => 15..19
from the 5th to the 9th => 15..19
mon-wed => 3..5
mid-december => 21..30
9-21 => ?clarify_time
on the 5th of the 10th => ?clarify_when
i work until 5 => ?clarify_when
a 30 minute appointment => ?clarify_when
ten to two tomorrow => ?clarify_time
tomorrow at ten to two => 1..1 13:50-24:00 at 13:50
five to four tomorrow => 1..1 15:55-24:00 at 15:55
tomorrow from ten to two => 1..1 10:00-14:00
tomorrow at 1430 => 1..1 14:30-24:00 at 14:30
tomorrow at 430 => 1..1 16:30-24:00 at 16:30
monday at 3 at the latest => 3..3 00:00-15:00
monday at the latest => 0..3
tuesday, no wait, wednesday => 5..5
tuesday at 3, no wait, wednesday => ?clarify_when
after my appointment => ?clarify_when
in 9999 days => ?clarify_when
tomorrow today => ?clarify_when
may => 162..192
may 5 => 166..166
morning afternoon => ?clarify_when
""",
    "en-GB": """
24/11 => 4..4
11/12 => 21..21
Tuesday week at half three => 11..11 15:30-24:00 at 15:30
""",
    "es-ES": """
hoy => 0..0
mañana => 1..1
manana => 1..1
Mañana, por favor. => 1..1
mañana por la mañana => 1..1 00:00-12:00
mañana por la tarde => 1..1 12:00-20:00
mañana temprano => 1..1 00:00-12:00
pasado mañana => 2..2
lunes => 3..3
el lunes por la tarde => 3..3 12:00-20:00
el martes => 4..4
miercoles => 5..5
el miércoles por la mañana => 5..5 00:00-12:00
sábado => 1..1
este lunes => 3..3
el próximo martes => 4..4
el martes que viene => 4..4
el próximo viernes => 7..7
la próxima semana => 3..9
la semana que viene => 3..9
esta semana => 0..2
el martes de la semana que viene => 4..4
este fin de semana => 1..2
en 3 días => 3..3
dentro de tres días => 3..3
el 24 de noviembre => 4..4
24/11 => 4..4
24/11/2026 => 4..4
el 24 => 4..4
martes 24 de noviembre => 4..4
a las 9 de la mañana => 0.. 09:00-24:00 at 09:00
mañana a las tres y media => 1..1 15:30-24:00 at 15:30
mañana a las 5 de la tarde => 1..1 17:00-24:00 at 17:00
a la una del lunes => 3..3 13:00-24:00 at 13:00
el lunes a las diez menos cuarto => 3..3 09:45-24:00 at 09:45
después de las 3 mañana => 1..1 15:00-24:00
mañana antes de las 12 => 1..1 00:00-12:00
entre las 2 y las 4 mañana => 1..1 14:00-16:00
mañana de las 2 a las 4 => 1..1 14:00-16:00
esta tarde => 0..0 12:00-20:00
esta noche => 0..0 19:00-24:00
por la tarde => 0.. 12:00-20:00
lo antes posible => 0..
cualquier día => 0..
cualquier día por la mañana => 0.. 00:00-12:00
cuando sea => 0..
a partir del lunes => 3..
hasta el martes => 0..4
viernes => ?clarify_when_two 0 7
ayer => ?clarify_past
hace dos días => ?clarify_when
del 5 al 9 => 15..19
mañana entre la una y las cuatro => 1..1 13:00-16:00
el mes que viene => 11..41
tomorrow morning => 1..1 00:00-12:00
next tuesday => 4..4
lunes o martes => 3..4
no entiendo nada => ?clarify_when
mañana a las 9:30 a. m. => 1..1 09:30-24:00 at 09:30
al mediodía => 0.. 11:30-14:00
""",
    "de-DE": """
heute => 0..0
morgen => 1..1
Morgen, bitte. => 1..1
morgen früh => 1..1 00:00-12:00
morgen frueh => 1..1 00:00-12:00
am Morgen => 0.. 00:00-12:00
heute Morgen => 0..0 00:00-12:00
heute Abend => 0..0 17:00-24:00
heute Nachmittag => 0..0 12:00-17:00
morgen Nachmittag => 1..1 12:00-17:00
morgen Abend => 1..1 17:00-24:00
übermorgen => 2..2
uebermorgen => 2..2
Montag => 3..3
am Dienstag => 4..4
Dienstag morgen => 4..4 00:00-12:00
Dienstagmorgen => 4..4 00:00-12:00
Montagnachmittag => 3..3 12:00-17:00
Mittwoch vormittags => 5..5 00:00-12:00
kommenden Montag => 3..3
nächsten Dienstag => 4..4
diesen Montag => 3..3
nächste Woche => 3..9
naechste Woche => 3..9
übernächste Woche => 10..16
diese Woche => 0..2
nächste Woche Dienstag => 4..4
am Wochenende => 1..2
in drei Tagen => 3..3
in 2 Wochen => 10..16
am 24. November => 4..4
24. November 2026 => 4..4
24.11. => 4..4
24.11.2026 => 4..4
24.11.26 => 4..4
am 24. => 4..4
am vierundzwanzigsten => 4..4
am Dienstag, den 24. November, um 9 Uhr => 4..4 09:00-24:00 at 09:00
morgen um 15 Uhr => 1..1 15:00-24:00 at 15:00
morgen um 9 Uhr 30 => 1..1 09:30-24:00 at 09:30
morgen um 10.30 => 1..1 10:30-24:00 at 10:30
am Dienstag um halb vier => 4..4 15:30-24:00 at 15:30
morgen um viertel nach 9 => 1..1 09:15-24:00 at 09:15
morgen um drei => 1..1 15:00-24:00 at 15:00
morgen nach 15 Uhr => 1..1 15:00-24:00
morgen vor 12 Uhr => 1..1 00:00-12:00
morgen zwischen 14 und 16 Uhr => 1..1 14:00-16:00
morgen von 10 bis 12 => 1..1 10:00-12:00
vormittags => 0.. 00:00-12:00
nachmittags => 0.. 12:00-17:00
abends => 0.. 17:00-24:00
so bald wie möglich => 0..
egal => 0..
ab Mittwoch => 5..
bis Mittwoch => 0..5
Montag oder Dienstag => 3..4
Montag bis Mittwoch => 3..5
Freitag => ?clarify_when_two 0 7
gestern => ?clarify_past
vor zwei Tagen => ?clarify_when
nächstes Wochenende => ?clarify_when_two 1 8
Dienstag in einer Woche => 11..11
Dienstag in zwei Wochen => ?clarify_when
zwischen dem 5. und dem 9. Dezember => 15..19
nicht vor dem 5. Dezember => 15..
um fünf vor halb drei morgen => 1..1 14:25-24:00 at 14:25
15.30 Uhr morgen => 1..1 15:30-24:00 at 15:30
nächsten Monat => 11..41
im Dezember => 11..41
am Morgen des 24. November => 4..4 00:00-12:00
tomorrow => 1..1
weiß nicht => ?clarify_when
31.02.2027 => ?clarify_when
""",
    "fr-FR": """
aujourd'hui => 0..0
aujourd’hui => 0..0
demain => 1..1
demain matin => 1..1 00:00-12:00
demain après-midi => 1..1 12:00-17:00
demain soir => 1..1 17:00-24:00
demain entre midi => 1..1 11:30-14:00
demain entre midi et deux => 1..1 12:00-14:00
mardi avant seize heures car après je travaille => 4..4 00:00-16:00
mardi car je travaille => ?clarify_when
je voudrais une leçon de conduite mardi => 4..4
après-demain => 2..2
lundi => 3..3
mardi matin => 4..4 00:00-12:00
mercredi après-midi => 5..5 12:00-17:00
lundi prochain => 3..3
mardi prochain => 4..4
ce lundi => 3..3
la semaine prochaine => 3..9
cette semaine => 0..2
mardi de la semaine prochaine => 4..4
mardi en huit => 11..11
ce week-end => 1..2
dans trois jours => 3..3
dans 2 semaines => 10..16
le 24 novembre => 4..4
le 24 => 4..4
24/11 => 4..4
24/11/2026 => 4..4
1er décembre => 11..11
mardi 24 novembre à 9h => 4..4 09:00-24:00 at 09:00
demain à 15h30 => 1..1 15:30-24:00 at 15:30
demain à 15 h => 1..1 15:00-24:00 at 15:00
demain à 15 heures => 1..1 15:00-24:00 at 15:00
demain à trois heures => 1..1 15:00-24:00 at 15:00
lundi à neuf heures et demie => 3..3 09:30-24:00 at 09:30
lundi à dix heures moins le quart => 3..3 09:45-24:00 at 09:45
demain à 3 heures de l'après-midi => 1..1 15:00-24:00 at 15:00
à midi demain => 1..1 12:00-24:00 at 12:00
avant midi => 0.. 00:00-12:00
après 15h demain => 1..1 15:00-24:00
entre 14h et 16h lundi => 3..3 14:00-16:00
lundi de 14h à 16h => 3..3 14:00-16:00
à partir de lundi => 3..
cet après-midi => 0..0 12:00-17:00
ce soir => 0..0 17:00-24:00
le matin => 0.. 00:00-12:00
dès que possible => 0..
n'importe quand => 0..
le plus tôt possible => 0..
vendredi => ?clarify_when_two 0 7
hier => ?clarify_past
du 5 au 9 => 15..19
le matin du 24 => 4..4 00:00-12:00
mardi au plus tôt => 4..
le week-end prochain => ?clarify_when_two 1 8
il y a deux jours => ?clarify_when
le mois prochain => 11..41
en décembre => 11..41
s'il vous plaît demain => 1..1
lundi ou mardi => 3..4
tomorrow morning => 1..1 00:00-12:00
je ne sais pas => ?clarify_when
""",
    "pt-BR": """
tomorrow => 1..1
amanhã => ?clarify_when
""",
}

ROWS = [(locale, *line.split(" => ")) for locale, lines in PHRASES.items() for line in lines.strip().splitlines()]


def hear(
    when: str | None, *, locale: str = "en-US", today: date = A_FRIDAY, now: int = TEN, part: str | None = None
) -> DaySpan:
    return understand(when, today=today, now_minute_of_day=now, locale=locale, part_of_day=part)


def days_from_friday(day: date) -> int:
    return (day - A_FRIDAY).days


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def told(when: str, locale: str) -> str:
    """The reading in the notation of the table."""
    try:
        span = hear(when, locale=locale)
    except UnclearError as question:
        days = [str(days_from_friday(date.fromisoformat(day))) for day in question.values.values()]
        return " ".join([f"?{question.phrase}", *days])
    last = "" if span.last is None else str(days_from_friday(span.last))
    window = "" if (span.earliest, span.latest) == (0, 1440) else f" {clock(span.earliest)}-{clock(span.latest)}"
    exact = "" if span.at is None else f" at {clock(span.at)}"
    return f"{days_from_friday(span.first)}..{last}{window}{exact}"


def asked(when: str, **kwargs: Any) -> str:
    with pytest.raises(UnclearError) as question:
        hear(when, **kwargs)
    return question.value.phrase


@pytest.mark.parametrize(("locale", "when", "expected"), ROWS)
def test_phrases_mean_what_callers_mean(locale: str, when: str, expected: str) -> None:
    assert told(when, locale) == expected


def test_only_the_days_named_count() -> None:
    span = hear("monday or thursday")
    assert [day for day in range(8) if span.holds(A_FRIDAY + timedelta(days=day))] == [3, 6]


def test_the_table_is_broad() -> None:
    assert len(ROWS) >= 300
    assert {row[0][:2] for row in ROWS} >= LANGUAGES


@pytest.mark.parametrize("nothing", [None, "", "   ", "\n"])
def test_nothing_said_means_from_today_on(nothing: str | None) -> None:
    assert hear(nothing) == DaySpan(A_FRIDAY, None)


def test_a_weekday_said_on_that_day_is_asked_about_until_the_day_is_over() -> None:
    assert asked("friday", now=TEN) == "clarify_when_two"
    assert hear("friday", now=21 * 60).first == A_FRIDAY + timedelta(days=7)
    assert hear("friday morning", now=13 * 60).first == A_FRIDAY + timedelta(days=7)
    assert hear("friday at 9", now=TEN).first == A_FRIDAY + timedelta(days=7)


def test_next_tuesday_on_a_monday_is_next_weeks_in_english_and_a_question_elsewhere() -> None:
    assert hear("next tuesday", today=A_MONDAY).first == A_MONDAY + timedelta(days=8)
    thursdays = {"es-MX": "el próximo jueves", "de-AT": "nächsten Donnerstag", "fr-CA": "jeudi prochain"}
    for locale, words in thursdays.items():
        with pytest.raises(UnclearError) as question:
            hear(words, locale=locale, today=A_MONDAY)
        assert question.value.phrase == "clarify_when_two"
        assert question.value.values == {
            "first": (A_MONDAY + timedelta(days=3)).isoformat(),
            "second": (A_MONDAY + timedelta(days=10)).isoformat(),
        }


def test_a_part_of_today_that_is_over_is_past() -> None:
    assert asked("this morning", now=13 * 60) == "clarify_past"
    assert asked("today", part="morning", now=13 * 60) == "clarify_past"


def test_a_slip_of_the_year_is_asked_about_with_the_repaired_date() -> None:
    with pytest.raises(UnclearError) as question:
        hear("2024-11-24")
    assert (question.value.phrase, question.value.values) == ("clarify_year", {"time": "2026-11-24"})


@pytest.mark.parametrize(
    ("locale", "part", "window"),
    [
        ("en-US", None, (0, 1440)),
        ("en-US", "any", (0, 1440)),
        ("en-US", "", (0, 1440)),
        ("en-US", "Morning", (0, 720)),
        ("en-US", "in the afternoon", (720, 1020)),
        ("en-US", "evening", (1020, 1440)),
        ("es-ES", "mañana", (0, 720)),
        ("es-ES", "tarde", (720, 1200)),
        ("es-ES", "afternoon", (720, 1020)),
        ("de-DE", "morgen", (0, 720)),
        ("de-DE", "vormittags", (0, 720)),
        ("de-DE", "Abend", (1020, 1440)),
        ("fr-FR", "matin", (0, 720)),
        ("fr-FR", "après-midi", (720, 1020)),
        ("fr-FR", "soir", (1020, 1440)),
    ],
)
def test_part_of_day_narrows_the_window(locale: str, part: str | None, window: tuple[int, int]) -> None:
    span = hear("2026-11-24", locale=locale, part=part)

    assert (span.earliest, span.latest) == window


@pytest.mark.parametrize("part", ["blue", "3 pm", "tuesday", "morning evening"])
def test_an_unknown_part_of_day_is_asked_about(part: str) -> None:
    assert asked("tomorrow", part=part) == "clarify_when"


def test_a_part_of_day_that_contradicts_the_words_is_asked_about() -> None:
    assert asked("tomorrow morning", part="evening") == "clarify_when"


def test_a_part_of_day_decides_a_bare_hour() -> None:
    assert hear("tomorrow at 8", part="evening").at == 20 * 60
    assert hear("tomorrow at 8", part="morning").at == 8 * 60


def test_words_come_back_only_when_they_can_be_spoken() -> None:
    assert hear("um, maybe next week please").said == "next week"
    assert hear("cet après-midi", locale="fr-FR").said == "cet après-midi"
    assert hear("next week", locale="es-ES").said is None
    assert hear("2026-11-24").said is None
    assert hear("asap").said is None


@given(st.text(max_size=200), st.sampled_from(["en-US", "es-ES", "de-DE", "fr-FR", "xx"]))
def test_any_text_is_a_reading_or_a_question(text: str, locale: str) -> None:
    try:
        span = hear(text, locale=locale)
    except UnclearError:
        return
    assert span.first >= A_FRIDAY
    assert span.last is None or span.last >= span.first
    assert 0 <= span.earliest < span.latest <= 1440


WORDS = sorted({" ".join(phrase) for language in LANGUAGES for phrase in own_phrases(language)})


@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.integers(0, 2300).map(str), st.sampled_from(list("./-:,")))),
    st.sampled_from(["en-US", "es-ES", "de-DE", "fr-FR"]),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(0, 1439),
)
def test_known_words_in_any_order_are_a_reading_or_a_question(
    words: list[str], locale: str, today: date, now: int
) -> None:
    text = " ".join(words)
    for reading in (
        lambda: hear(text, locale=locale, today=today, now=now),
        lambda: understand_after(text, today=today, now_minute_of_day=now, locale=locale),
        lambda: parse_date(text, today=today, locale=locale),
        lambda: parse_time(text, locale=locale),
    ):
        try:
            found = reading()
        except UnclearError as unclear:
            question = unclear
        else:
            if isinstance(found, DaySpan):
                assert found.first >= today
                assert 0 <= found.earliest < found.latest <= 1440
            continue
        assert say(locale, question.phrase, **question.values)


@pytest.mark.parametrize("unit", ["tuesday ", "1", "2026-11-24", ":", "1:", "a.m.", "é", "́", "morgen"])
def test_ten_thousand_characters_take_no_time(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    start = process_time()
    with suppress(UnclearError):
        hear(text)
    assert process_time() - start < 0.5


def test_no_phrase_of_the_vocabularies_is_out_of_reach() -> None:
    for language in LANGUAGES:
        for phrase in own_phrases(language):
            assert len(phrase) <= LONGEST_PHRASE
            assert all(word.isascii() and word == word.lower() for word in phrase), phrase


# --- after ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T10:00:00-08:00", After(minute_utc=SIX_PM_UTC)),
        ("2026-11-24T18:00:00Z", After(minute_utc=SIX_PM_UTC)),
        ("2026-11-24T10:00:00-08:00[America/Los_Angeles]", After(minute_utc=SIX_PM_UTC)),
        ("2026-11-24T10:00", After(local_date=date(2026, 11, 24), minute_of_day=600)),
        ("2026-11-24 10:00", After(local_date=date(2026, 11, 24), minute_of_day=600)),
        ("2026-11-24", After(local_date=date(2026, 11, 24))),
        ("10:30", After(minute_of_day=630)),
        ("3 pm", After(minute_of_day=900)),
        ("after 3", After(minute_of_day=900)),
        ("later than half past nine", After(minute_of_day=570)),
        ("Tuesday at 3pm", After(local_date=date(2026, 11, 24), minute_of_day=900)),
        ("tomorrow", After(local_date=date(2026, 11, 21))),
        ("after tuesday", After(local_date=date(2026, 11, 24))),
        ("5 in the afternoon", After(minute_of_day=1020)),
    ],
)
def test_after_takes_an_offers_start_or_a_local_time(text: str, expected: After) -> None:
    assert understand_after(text, today=A_FRIDAY, now_minute_of_day=TEN, locale="en-US") == expected


@pytest.mark.parametrize("text", ["", "blah", "morning", "next week", "between 2 and 4", "any time"])
def test_after_asks_when_it_is_no_bound(text: str) -> None:
    with pytest.raises(UnclearError) as question:
        understand_after(text, today=A_FRIDAY, now_minute_of_day=TEN, locale="en-US")
    assert question.value.phrase == "clarify_when"


def test_after_midnight_has_two_readings() -> None:
    with pytest.raises(UnclearError) as question:
        understand_after("midnight", today=A_FRIDAY, now_minute_of_day=TEN, locale="en-US")
    assert question.value.phrase == "clarify_time"


# --- date and time arguments ---


@pytest.mark.parametrize("text", ["2026-11-24", " 2026-11-24 ", "2026/11/24", "November 24", "Tuesday", "11/24/2026"])
def test_a_date_argument_is_one_day(text: str) -> None:
    assert parse_date(text, today=A_FRIDAY, locale="en-US") == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "clarify_when"),
        ("any", "clarify_when"),
        ("next week", "clarify_when"),
        ("2026-13-01", "clarify_when"),
        ("2026-02-30", "clarify_when"),
        ("2026-11-19", "clarify_past"),
        ("2025-11-24", "clarify_year"),
    ],
)
def test_a_date_argument_that_is_no_coming_day_is_asked_about(text: str, phrase: str) -> None:
    with pytest.raises(UnclearError) as question:
        parse_date(text, today=A_FRIDAY, locale="en-US")
    assert question.value.phrase == phrase


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en-US", "15:00", "15:00"),
        ("en-US", "15:00:00", "15:00"),
        ("en-US", "3 pm", "15:00"),
        ("en-US", "3pm", "15:00"),
        ("en-US", "3:30 PM", "15:30"),
        ("en-US", "3:30 p.m.", "15:30"),
        ("en-US", "03:30", "03:30"),
        ("en-US", "9", "09:00"),
        ("en-US", "at 9", "09:00"),
        ("en-US", "7", "07:00"),
        ("en-US", "12", "12:00"),
        ("en-US", "12 am", "00:00"),
        ("en-US", "12 pm", "12:00"),
        ("en-US", "00:15", "00:15"),
        ("en-US", "15", "15:00"),
        ("en-US", "noon", "12:00"),
        ("en-US", "half past three in the afternoon", "15:30"),
        ("es-ES", "a las 3 de la tarde", "15:00"),
        ("es-ES", "las 10 y media", "10:30"),
        ("de-DE", "15 Uhr", "15:00"),
        ("de-DE", "halb zehn", "09:30"),
        ("fr-FR", "15h30", "15:30"),
        ("fr-FR", "9 heures et quart", "09:15"),
    ],
)
def test_a_time_argument_is_one_time(locale: str, text: str, expected: str) -> None:
    assert parse_time(text, locale=locale).isoformat(timespec="minutes") == expected


@pytest.mark.parametrize("text", ["3", "3:30", "6", "at 5"])
def test_an_early_hour_has_two_readings_where_no_hours_are_known(text: str) -> None:
    with pytest.raises(UnclearError) as question:
        parse_time(text, locale="en-US")
    assert question.value.phrase == "clarify_time_two"
    first, second = (time.fromisoformat(question.value.values[name]) for name in ("first", "second"))
    assert second.hour == first.hour + 12


@pytest.mark.parametrize("text", ["25:00", "10:75", "24:00", "midnight", "", "x", "tuesday 9"])
def test_a_time_argument_with_two_readings_or_none_is_asked_about(text: str) -> None:
    with pytest.raises(UnclearError) as question:
        parse_time(text, locale="en-US")
    assert question.value.phrase == "clarify_time"
