"""What is remembered of a model's arguments says when and what, and never who."""

from __future__ import annotations

import re

import pytest

from slotline.runtime.impersonal import impersonal

NAMES = ("cleaning", "Teeth cleaning", "Dr. Young’s check-up")


def kept(name: str, said: object, *, locale: str = "en-US") -> str:
    return impersonal({name: said}, names=NAMES, locale=locale)[name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("service", "Teeth cleaning"),
        ("when", "next Tuesday after 3"),
        ("when", "2026-01-15"),
        ("when", "on 2026-01-15 at 10:30"),
        ("when", "on 2026-01-15 10:30"),
        ("when", "11/20/26 at 10 am"),
        ("when", "11/20/26 10 am"),
        ("when", "20.11.26"),
        ("when", "11-20-2026"),
        ("when", "November 20 2026"),
        ("when", "11/20 10:30"),
        ("when", "10:30 11/20"),
        ("when", "between 10:30 and 12:45"),
        ("time", "10:30:00"),
        ("after", "2026-01-15T09:00:00-08:00"),
        ("after", "my appointment"),
        ("time", "15:30"),
        ("date", "2026-01-15"),
        ("part_of_day", "morning"),
        ("slot_id", "1k2m-3n4p-5q6r"),
        ("slot_id", "2026-01-15T09:00:00-08:00"),
        ("appointment", "appt_1"),
        ("more", "True"),
    ],
)
def test_what_says_when_and_what_is_kept(name: str, said: str) -> None:
    assert kept(name, said) == said


def test_the_words_of_the_callers_own_language_are_kept() -> None:
    assert kept("when", "übermorgen vormittags um 9", locale="de-DE") == "übermorgen vormittags um 9"


@pytest.mark.parametrize("name", ["service", "when", "part_of_day", "after", "date", "time", "slot_id", "appointment"])
@pytest.mark.parametrize(
    "said",
    [
        "Zoë Müller",
        "zoe@example.com",
        "+1 (415) 555-0123",
        "4155550123",
        "415-555.01 23",
        "415,555,01_23",
        "李小龍",
        "٠١٢٣٤٥٦٧٨٩",
        "493027",
        "493 027",
        "493-027",
        "4, 9, 3, 0, 2, 7",
        "49.30.27",
        "06.12.26.55.01",  # begins as a date does
        "٤٩٣٠٢٧",
        "O'Neill",
    ],
)
def test_what_says_who_is_not(name: str, said: str) -> None:
    assert set(kept(name, said).split()) == {"#"}


def test_a_name_among_other_words_is_not() -> None:
    assert kept("when", "tomorrow at 9 for Zoë Müller, zoe@example.com") == "tomorrow at 9 for # # # #"


@pytest.mark.parametrize(
    "said", ["the code is 493027", "493027 pm", "10:493027", "it is 12 493027", "4930 27pm", "next day " * 8 + "493027"]
)
def test_a_code_among_other_words_is_not(said: str) -> None:
    assert not {"493027", "49302", "4930", "302"} & set(re.findall(r"\d+", kept("when", said)))


@pytest.mark.parametrize("said", [["Zoë"], {"name": "Zoë"}, 4155550123])
def test_neither_is_a_value_of_another_type(said: object) -> None:
    assert "Zoë" not in kept("when", said)
    assert "4155550123" not in kept("when", said)


def test_arguments_that_hold_people_are_not_even_named() -> None:
    args = {"name": "Zoë", "email": "zoe@example.com", "phone": "+14155550123", "notes": "for Zoë", "code": "123456"}

    assert impersonal(args, names=NAMES, locale="en-US") == {}
