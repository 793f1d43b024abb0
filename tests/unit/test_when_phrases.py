"""The phrase corpus against its bounds, and what holds for any text: no past day, no error but a question.

The corpus and its two halves: tests/unit/when_corpus.py; why these bounds: docs/adr/0010-understanding-when.md.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.errors import UnclearError
from slotline.domain.speech import say
from slotline.domain.when import DaySpan, WeekHours, parse_date, parse_time, understand, understand_after
from tests.unit.when_corpus import (
    DATA,
    DEVELOPMENT,
    HELD_OUT,
    LATER_SETS,
    WEEKDAYS,
    Meaning,
    Phrase,
    Question,
    Setting,
    corpus,
    judged,
    meant,
    spread,
)

SETTING, PHRASES = corpus()
LEAST_RIGHT, MOST_WRONG = 0.95, 0.005
MUTATIONS = 5_000
LOCALES = ("en-US", "en-GB", "es-ES", "de-DE", "fr-FR")


def week_hours(setting: Setting) -> WeekHours:
    def minute(clock: str) -> int:
        return int(clock[:2]) * 60 + int(clock[3:])

    said = [setting.hours[day] for day in WEEKDAYS]
    return [[(minute(window[:5]), minute(window[6:])) for window in windows] for windows in said]


HOURS = week_hours(SETTING)


def heard(
    say: str, locale: str, *, today: date | None = None, now: int | None = None, setting: Setting = SETTING
) -> DaySpan:
    return understand(
        say,
        today=today or setting.today,
        now_minute_of_day=setting.minute if now is None else now,
        locale=locale,
        hours=lambda: week_hours(setting),
        appointment=lambda: setting.appointment,
    )


def reading(phrase: Phrase, setting: Setting = SETTING) -> Meaning | Question:
    try:
        span = heard(phrase.say, phrase.locale, setting=setting)
    except UnclearError as unclear:
        kind = unclear.phrase.removeprefix("clarify_")
        return Question("two" if kind.endswith("_two") else kind, tuple(sorted(unclear.values.values())))
    days, open_end = spread(span.first, span.last, setting.today)
    inside = frozenset(day for day in days if span.holds(day))
    return Meaning(inside, open_end, span.earliest, span.latest, span.at, span.after, span.before)


def verdict(phrase: Phrase, setting: Setting = SETTING) -> str:
    return judged(meant(phrase.means, setting.today), reading(phrase, setting))


# --- the corpus ------------------------------------------------------------------------------------------------------


def test_the_corpus_is_large_enough_in_every_language() -> None:
    languages = Counter(phrase.locale[:2] for phrase in PHRASES)
    assert len(PHRASES) == len({(phrase.locale, phrase.say) for phrase in PHRASES}) >= 500
    assert languages["en"] >= 300
    assert min(languages[language] for language in ("es", "de", "fr")) >= 70
    assert min(Counter(phrase.half for phrase in PHRASES).values()) >= 400


@pytest.mark.parametrize("half", [DEVELOPMENT, HELD_OUT])
def test_enough_is_right_and_next_to_nothing_wrong(half: str) -> None:
    """Only counts are shown, so that nobody tunes the parser to a phrase that was held out."""
    verdicts = Counter(verdict(phrase) for phrase in PHRASES if phrase.half == half)
    total = verdicts.total()

    assert verdicts["right"] >= LEAST_RIGHT * total, verdicts
    assert verdicts["wrong"] <= MOST_WRONG * total, verdicts


def test_the_whole_corpus_holds_the_floor(capsys: pytest.CaptureFixture[str]) -> None:
    """Every set and language, the ones written later included; the table is printed."""
    table: dict[tuple[str, str], Counter[str]] = {}
    for data in (DATA, *LATER_SETS):
        setting, phrases = corpus(data)
        for phrase in phrases:
            table.setdefault((data.stem, phrase.locale[:2]), Counter())[verdict(phrase, setting)] += 1
    total = sum(table.values(), Counter[str]())

    with capsys.disabled():
        sys.stdout.write(f"\n{'':24} {'':2} right  asked  wrong\n")
        for (name, language), verdicts in {**table, ("all", ""): total}.items():
            shares = "  ".join(
                f"{100 * verdicts[kind] / verdicts.total():5.1f}" for kind in ("right", "asked", "wrong")
            )
            sys.stdout.write(f"{name:24} {language:2} {shares}\n")
    assert len(LATER_SETS) >= 10
    assert total.total() >= 3300
    assert total["right"] >= LEAST_RIGHT * total.total(), total
    assert total["wrong"] <= MOST_WRONG * total.total(), total
    for verdicts in table.values():
        assert verdicts["right"] >= LEAST_RIGHT * verdicts.total(), table
        assert verdicts["wrong"] <= 0.03 * verdicts.total(), table


@pytest.mark.parametrize("language", ["en", "es", "de", "fr"])
def test_no_language_is_left_behind(language: str) -> None:
    verdicts = Counter(verdict(phrase) for phrase in PHRASES if phrase.locale[:2] == language)

    assert verdicts["right"] >= 0.9 * verdicts.total(), verdicts
    assert verdicts["wrong"] <= 0.01 * verdicts.total(), verdicts


def test_the_judge_tells_wrong_from_asked_again() -> None:
    today = SETTING.today
    friday, saturday = meant("09-18", today), meant("09-19", today)
    two = meant("?two 09-18 09-25", today)

    assert judged(friday, meant("09-18..09-18", today)) == "right"
    assert judged(friday, saturday) == judged(friday, meant("09-18 @10:00", today)) == "wrong"
    assert judged(two, friday) == judged(meant("?", today), friday) == "wrong"
    assert judged(friday, Question("when")) == judged(two, Question("two", ("2026-09-18", "2026-09-19"))) == "asked"
    assert judged(meant("?", today), two) == judged(two, meant("?two 09-25 09-18", today)) == "right"


# --- any text at all -------------------------------------------------------------------------------------------------


def check(text: str, locale: str, *, today: date = SETTING.today, now: int = SETTING.minute) -> None:
    """Every way in gives a coming day or a question that can be spoken."""
    attempts: list[Callable[[], object]] = [
        lambda: heard(text, locale, today=today, now=now),
        lambda: understand_after(text, today=today, now_minute_of_day=now, locale=locale, hours=lambda: HOURS),
        lambda: parse_date(text, today=today, locale=locale),
        lambda: parse_time(text, locale=locale, hours=lambda: HOURS, day=today),
    ]
    for attempt in attempts:
        try:
            found = attempt()
        except UnclearError as unclear:
            say(locale, unclear.phrase, **unclear.values)  # raises PhraseError when there are no words for it
            continue
        if isinstance(found, DaySpan):
            assert found.first >= today, text
            assert found.last is None or found.last >= found.first, text
            assert 0 <= found.earliest < found.latest <= 1440, text
            assert found.at is None or found.earliest <= found.at < found.latest or found.at == 0, text
            assert found.last is not None or found.weekdays, text
            assert found.last is None or any(map(found.holds, spread(found.first, found.last, today)[0])), text
        elif isinstance(found, date):
            assert found >= today, text


@given(st.text(max_size=200), st.sampled_from(LOCALES), st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_any_text_is_a_coming_day_or_a_question(text: str, locale: str, today: date) -> None:
    check(text, locale, today=today)


@given(
    st.lists(st.sampled_from(sorted({word for phrase in PHRASES for word in phrase.say.split()})), max_size=9),
    st.sampled_from(LOCALES),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(0, 1439),
)
def test_callers_words_in_any_order_are_a_coming_day_or_a_question(
    words: list[str], locale: str, today: date, now: int
) -> None:
    check(" ".join(words), locale, today=today, now=now)


def mutated(phrase: str, other: str, dice: random.Random) -> str:
    """The phrase after one to three slips: of a letter, of a word, or of the tongue."""
    for _ in range(dice.randint(1, 3)):
        words, place = phrase.split(), dice.randrange(len(phrase) + 1)
        letter = dice.choice("aeinstr019 .,:/-'ñéß")
        slips = [
            phrase[:place] + phrase[place + 1 :],
            phrase[:place] + letter + phrase[place:],
            phrase[:place] + letter + phrase[place + 1 :],
            " ".join(dice.sample(words, len(words))),
            " ".join(words[: dice.randint(0, len(words))] + other.split()),
            " ".join(other.split()[: dice.randint(0, 3)] + words),
            " ".join([*words, dice.choice([*words, "not", "or", "and", "next", "after", "before"])]),
            f"{phrase} {dice.randint(0, 2300)}",
        ]
        phrase = dice.choice(slips)
    return phrase


def test_thousands_of_slips_never_give_a_past_day_or_another_error() -> None:
    dice = random.Random(20260916)  # arbitrary, so that every run tries the same ones
    for _ in range(MUTATIONS):
        phrase, other = dice.sample(PHRASES, 2)
        check(mutated(phrase.say, other.say, dice), phrase.locale)


@pytest.mark.parametrize("phrase", [phrase for phrase in PHRASES if phrase.half == DEVELOPMENT][::7], ids=str)
def test_no_phrase_ever_means_a_past_day(phrase: Phrase) -> None:
    for ahead in range(0, 800, 53):
        for now in (0, 719, 1320):
            check(phrase.say, phrase.locale, today=SETTING.today + timedelta(days=ahead), now=now)


# --- what words cost -------------------------------------------------------------------------------------------------

HEAVY = {"when_reading", "when_atoms", "when_gathering", "when_telling", "vocabulary", "vocabulary.en"}


def loaded_after(statements: str) -> set[str]:
    """Which of the modules that know words a fresh interpreter has loaded after these statements."""
    code = (
        "import sys\nfrom datetime import date\n"
        "import slotline.use_cases.availability, slotline.use_cases.slot_choice\n"
        "from slotline.domain.when import parse_date, parse_time, understand, understand_after\n"
        f"said = dict(today=date({SETTING.today:%Y, %-m, %-d}), now_minute_of_day=620, locale='en-US')\n"
        f"{statements}\n"
        "print(*(name.removeprefix('slotline.domain.') for name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True, capture_output=True, text=True
    )
    return HEAVY & set(done.stdout.split())


@pytest.mark.parametrize(
    "statements",
    [
        "understand(None, **said)",
        "understand('2026-10-05', **said)",
        "understand('2026-10-05', part_of_day='morning', **said)",
        "understand('2026-10-05T14:00', **said)",
        "understand_after('2026-10-05T14:00:00-07:00', **said)",
        "understand_after('2026-10-05', **said)",
        "parse_date('2026-10-05', today=said['today'], locale='en-US'); parse_time('14:00', locale='en-US')",
    ],
)
def test_a_date_as_models_write_it_loads_no_words(statements: str) -> None:
    assert loaded_after(statements) == set()


def test_words_do_load_them() -> None:
    assert loaded_after("understand('next tuesday', **said)") == HEAVY


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2026-09-16", None),
        ("2026-09-16", "morning"),
        ("2026-09-21", "evening"),
        ("2026-10-05", "any"),
        ("2026-10-05T14:00", None),
        ("2026-10-05 09:30", None),
        ("2026-09-16T16:00", None),
        (None, "afternoon"),
        (None, None),
    ],
)
def test_the_short_way_and_the_long_way_agree(text: str | None, part: str | None) -> None:
    def span(when: str | None, part_of_day: str | None) -> DaySpan:
        return understand(
            when, today=SETTING.today, now_minute_of_day=SETTING.minute, locale="en-US", part_of_day=part_of_day
        )

    # A filler sends the same wish the long way round.
    assert span(text, part) == span(f"{text or 'any time'} please", f"{part or 'any'} please")


def test_the_long_way_takes_little_time() -> None:
    phrases = [phrase for phrase in PHRASES if phrase.half == DEVELOPMENT]
    start = process_time()
    for phrase in phrases:
        with suppress(UnclearError):
            heard(phrase.say, phrase.locale)
    assert (process_time() - start) / len(phrases) < 0.02
