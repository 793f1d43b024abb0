"""Sentences: short, one line, complete in four languages, and honest about what is booked."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.catalogue import CONFIRMED, LANGUAGES, language
from slotline.domain.speech import (
    PhraseError,
    clean,
    described,
    grouped_offers,
    listed,
    moment,
    say,
    shortened,
)

LOCALES = {"en": "en-US", "es": "es-MX", "de": "de-DE", "fr": "fr-FR"}
PHRASES_IN_ORDER = list(language("en").phrases)
PHRASES = sorted(PHRASES_IN_ORDER)

# The longest each value gets in earnest: the longest weekday and month of any language, three times over.
LONG_MOMENT = "Donnerstag, 24. September um 10:30 Uhr"
LONG_VALUES = {
    "time": LONG_MOMENT,
    "old": LONG_MOMENT,
    "when": "Donnerstag, 24. September",
    "first": "Donnerstag, 24. September",
    "second": "Donnerstag, 24. September",
    "offers": f"{LONG_MOMENT}, {LONG_MOMENT} oder {LONG_MOMENT}",
    "service": "Professionelle Zahnreinigung mit Kontrolle und Beratung",
    "business": "Gemeinschaftspraxis am Marktplatz Heidelberg",
    "services": "Zahnreinigung, Kontrolle oder Bleaching",
    "staff": "Ana, Ben oder Chris",
    "appointment": f"Zahnreinigung bei Ana am {LONG_MOMENT}",
    "appointments": f"Zahnreinigung am {LONG_MOMENT}, Kontrolle am {LONG_MOMENT} oder Bleaching am {LONG_MOMENT}",
    "transfer": "+4915112345678",
    "field": "email",
    "phone": "+14155550155",
}

SAYS_BOOKED = {
    "en": r"\bbook(?:ed|ing)?\b|\bconfirmed\b",
    "es": r"reservad|confirmad|agendad",
    "de": r"gebucht|bestätigt|vereinbart",
    "fr": r"réservé|confirmé",
}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_language_has_the_same_phrases_with_the_same_placeholders(code: str) -> None:
    english, other = language("en"), language(code)

    assert other.phrases.keys() == english.phrases.keys()
    assert other.fields.keys() == english.fields.keys()
    for phrase in PHRASES:
        assert placeholders(other.phrases[phrase]) == placeholders(english.phrases[phrase]), phrase


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_sentence_is_one_short_line(code: str) -> None:
    for phrase in PHRASES:
        sentence = say(LOCALES[code], phrase, **LONG_VALUES)

        assert len(sentence) < 300, phrase
        assert sentence == " ".join(sentence.split())
        assert not re.search(r"[<>\[\]{}*_`#|\\]", sentence)
        assert sentence[-1] in ".?"
        assert sentence[0].isupper() or sentence[0] in "¿À"


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_no_earnest_time_is_ever_cut(code: str) -> None:
    for phrase in PHRASES:
        sentence = say(LOCALES[code], phrase, **LONG_VALUES)

        for name in placeholders(language(code).phrases[phrase]) & {"time", "old", "when", "offers", "appointments"}:
            assert LONG_VALUES[name] in sentence


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_only_confirmed_phrases_say_that_something_is_booked(code: str) -> None:
    telling = {
        phrase
        for phrase, template in language(code).phrases.items()
        if re.search(SAYS_BOOKED[code], template, re.IGNORECASE)
    }

    assert telling <= CONFIRMED
    assert {"booked", "booked_no_text", "booked_already", "moved", "moved_no_text"} <= telling


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_phrases_without_a_text_message_do_not_promise_one(code: str) -> None:
    for phrase, template in language(code).phrases.items():
        if phrase.endswith("_no_text"):
            assert phrase.removesuffix("_no_text") in language(code).phrases
            assert not re.search(r"\btext|mensaje|SMS", template), phrase


def test_a_missing_phrase_or_value_is_our_own_mistake() -> None:
    with pytest.raises(PhraseError, match="no_such_phrase"):
        say("en-US", "no_such_phrase")
    with pytest.raises(PhraseError, match="time"):
        say("en-US", "booked")
    assert issubclass(PhraseError, KeyError)


def test_values_nobody_asked_for_are_ignored() -> None:
    assert say("en-US", "booked_no_text", time="noon", other="x") == "You're booked for noon."


@pytest.mark.parametrize(
    ("locale", "start"),
    [
        ("en-GB", "You're"),
        ("es_MX", "Su cita"),
        ("DE", "Ihr Termin"),
        ("fr-CA", "Votre"),
        ("pt-BR", "You're"),
        ("", "You're"),
    ],
)
def test_the_language_is_the_locales_or_english(locale: str, start: str) -> None:
    assert say(locale, "booked", time="noon").startswith(start)


def test_a_full_stop_is_not_doubled() -> None:
    assert say("en-CA", "booked_no_text", time="Tuesday at 9:00 a.m.") == "You're booked for Tuesday at 9:00 a.m."


def test_a_sentence_starts_with_a_capital() -> None:
    assert say("de-DE", "pending_again_no_text", time="dienstag").startswith("Dienstag ist")


def test_only_the_end_of_a_phone_number_is_said() -> None:
    sentence = say("en-US", "sms_sent", phone="+14155550155")

    assert "55." in sentence
    assert "4155" not in sentence


def test_fields_are_named_in_the_callers_language() -> None:
    assert say("de-DE", "needs_field", field="email") == "Ich brauche noch Ihre E-Mail-Adresse."
    assert say("fr-FR", "clarify_arguments", field="slot id").startswith("Je n'ai pas compris l'heure.")
    assert say("en-US", "needs_field", field="insurance_number") == "I still need insurance number."


def test_a_long_service_is_cut_at_a_word_and_the_sentence_ends_as_it_should() -> None:
    sentence = say("en-US", "offers", service="very long name " * 20, offers="Tuesday at 9:00 AM")

    assert sentence.startswith("For very long name very long name")
    assert sentence.endswith(" name I have Tuesday at 9:00 AM. Which would you like?")
    assert len(sentence) < 140


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ana\nLopez", "Ana Lopez"),
        ("Ana\x00\x1b[31m", "Ana 31m"),
        ("<b>Clean</b>ing", "Clean ing"),
        ("see https://evil.example/x?y now", "see now"),
        ("www.evil.example", ""),
        ("**bold** `code` [link]", "bold code link"),
        ("Smile 😀 Dental", "Smile Dental"),
        ("\u202eevil\u202c", "evil"),
        ("O'Neil & Söhne, Co. (2)", "O'Neil & Söhne, Co. (2)"),
    ],
)
def test_values_hold_nothing_that_cannot_be_said(text: str, said: str) -> None:
    assert clean(text) == said


@pytest.mark.parametrize("code", sorted(LANGUAGES))
@pytest.mark.parametrize("value", ["word " * 200, "x" * 1000])
def test_endless_values_fit_and_leave_the_sentence_whole(code: str, value: str) -> None:
    for phrase in PHRASES:
        sentence = say(LOCALES[code], phrase, **dict.fromkeys(LONG_VALUES, value))

        assert len(sentence) < 300, phrase
        for part in re.split(r"\{\w+\}", language(code).phrases[phrase]):
            assert part.strip() in sentence


def test_only_the_longest_value_is_cut() -> None:
    sentence = say("en-US", "move_taken_offers", old=LONG_MOMENT, offers="word " * 100)

    assert f"you still have {LONG_MOMENT}." in sentence
    assert 290 < len(sentence) < 300


@given(st.sampled_from(PHRASES), st.sampled_from(sorted(LOCALES.values())), st.text(max_size=700))
def test_whatever_the_values_a_sentence_keeps_its_shape(phrase: str, locale: str, text: str) -> None:
    template = language(locale).phrases[phrase]
    sentence = say(locale, phrase, **dict.fromkeys(LONG_VALUES, text))

    assert len(sentence) < 300
    assert "\n" not in sentence
    ending = re.split(r"\{\w+\}", template)[-1]
    assert sentence.endswith(ending.lstrip(".")) if placeholders(template) else sentence == template


@pytest.mark.parametrize(
    ("locale", "joiner", "items", "said"),
    [
        ("en-US", "or", [], ""),
        ("en-US", "or", ["A"], "A"),
        ("en-US", "or", ["A", "B"], "A or B"),
        ("en-US", "or", ["A", "B", "C"], "A, B, or C"),
        ("en-US", "and", ["A", "B", "C"], "A, B, and C"),
        ("en-US", "or", ["A", "B", "C", "D", "E"], "A, B, C, or something else"),
        ("es-ES", "or", ["A", "B", "C"], "A, B o C"),
        ("es-ES", "and", ["A", "B"], "A y B"),
        ("de-DE", "or", ["A", "B", "C"], "A, B oder C"),
        ("fr-FR", "and", ["A", "B", "C"], "A, B et C"),
        ("en-US", "or", ["A", "", "😀", "B"], "A or B"),
    ],
)
def test_lists_are_joined_as_people_do(locale: str, joiner: str, items: list[str], said: str) -> None:
    assert listed(locale, items, joiner="or" if joiner == "or" else "and") == said


TUESDAY, THURSDAY = "Tuesday, November 24", "Thursday, November 26"


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        ([], ""),
        ([(TUESDAY, "9:00 AM")], "Tuesday, November 24 at 9:00 AM"),
        ([(TUESDAY, "9:00 AM"), (TUESDAY, "2:00 PM")], "Tuesday, November 24 at 9:00 AM or 2:00 PM"),
        (
            [(TUESDAY, "9:00 AM"), (THURSDAY, "10:30 AM")],
            "Tuesday, November 24 at 9:00 AM or Thursday, November 26 at 10:30 AM",
        ),
        (
            [(TUESDAY, "9:00 AM"), (TUESDAY, "2:00 PM"), (THURSDAY, "10:30 AM")],
            "Tuesday, November 24 at 9:00 AM or 2:00 PM, or Thursday, November 26 at 10:30 AM",
        ),
        (
            [(TUESDAY, "9:00 AM"), (TUESDAY, "11:00 AM"), (TUESDAY, "2:00 PM")],
            "Tuesday, November 24 at 9:00 AM, 11:00 AM, or 2:00 PM",
        ),
        ([("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")], "A at 1, B at 2, or C at 3"),
    ],
)
def test_offers_name_each_day_once_and_at_most_three_times(moments: list[tuple[str, str]], said: str) -> None:
    assert grouped_offers("en-US", moments) == said


def test_offers_follow_the_grammar_of_the_language() -> None:
    pairs = [("martes", "1:00 p.m."), ("martes", "2:00 p.m."), ("jueves", "9:00 a.m.")]

    assert grouped_offers("es-MX", pairs) == "martes a la 1:00 p.m. o a las 2:00 p.m., o jueves a las 9:00 a.m."
    assert grouped_offers("de-DE", [("Dienstag", "9:00 Uhr"), ("Dienstag", "14:00 Uhr")]) == (
        "Dienstag um 9:00 Uhr oder um 14:00 Uhr"
    )
    assert moment("fr-FR", "mardi", "9 h") == "mardi à 9 h"


def test_three_described_appointments_fit_into_one_sentence_with_their_times() -> None:
    for locale in LOCALES.values():
        one = described(
            locale, service="professionelle Zahnreinigung " * 3, time=LONG_MOMENT, staff="Bartholomäus " * 3
        )
        sentence = say(locale, "found_many", appointments=listed(locale, [one] * 3, joiner="and"))
        assert sentence.count(LONG_MOMENT) == 3
        assert len(sentence) < 300


def test_an_appointment_is_described_with_and_without_its_host() -> None:
    assert described("en-US", service="Cleaning", time="Tuesday at noon") == "Cleaning on Tuesday at noon"
    assert described("es-MX", service="Limpieza", time="martes a las 9:00", staff="Ana") == (
        "Limpieza con Ana el martes a las 9:00"
    )


@given(st.text(), st.integers(1, 100))
def test_shortening_never_exceeds_its_limit(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most


def test_the_catalogues_keep_one_order_so_that_they_can_be_read_side_by_side() -> None:
    for code in LANGUAGES:
        assert list(language(code).phrases) == PHRASES_IN_ORDER
