"""Phone numbers as callers say them. Numbers are from ranges kept free for fiction, or plainly invented."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.adapters.language import phone_numbers
from slotline.adapters.language.phone_numbers import LibPhoneNumbers
from slotline.ports import PhoneNumbers

PACKAGES = Path(phone_numbers.__file__).parents[3]
PHONES: PhoneNumbers = LibPhoneNumbers()


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+14155550123", "US", "+14155550123"),
        ("+1 (415) 555-0123", "DE", "+14155550123"),
        ("415 555 0123", "US", "+14155550123"),
        ("14155550123", "us", "+14155550123"),
        ("415.555.0123 ext. 12", "US", "+14155550123"),
        ("415-555-0123 x12", "US", "+14155550123"),
        ("+14155550123;ext=9", "US", "+14155550123"),
        ("my number is 415 555 0123", "US", "+14155550123"),
        ("four one five five five five zero one two three", "US", "+14155550123"),
        ("four-one-five, triple five, oh one two three", "US", "+14155550123"),
        ("four one five five double five 0 1 2 3", "US", "+14155550123"),
        ("plus one four one five five five five zero one two three", "DE", "+14155550123"),
        ("٤١٥ ٥٥٥ ٠١٢٣", "US", "+14155550123"),
        ("４１５－５５５－０１２３", "US", "+14155550123"),
        ("eight hundred five five five oh one nine nine", "US", "+18005550199"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("030 901820", "DE", "+4930901820"),
        ("null drei null neun null eins acht zwo null", "DE", "+4930901820"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("seis uno dos tres cuatro cinco seis siete ocho", "ES", "+34612345678"),
    ],
)
def test_dialable_numbers_become_e164(text: str, region: str, number: str) -> None:
    assert PHONES.parse(text, region=region) == number


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", "US"),
        ("hello", "US"),
        ("😀", "US"),
        ("911", "US"),
        ("112", "DE"),
        ("12345", "US"),
        ("555 0123", "US"),
        ("1-900-555-0123", "US"),
        ("0900 1234567", "DE"),
        ("+999123456789", "US"),
        ("415 555 0123 or 415 555 0124", "US"),
        ("1-800-FLOWERS", "US"),
        ("4155550123", "no such region"),
        ("+1+4155550123", "US"),
        ("0" * 5000, "US"),
    ],
)
def test_what_nobody_should_dial_is_none(text: str, region: str) -> None:
    assert PHONES.parse(text, region=region) is None


@given(st.text(max_size=200), st.sampled_from(["US", "GB", "DE", "", "??"]))
def test_any_text_is_a_number_or_none(text: str, region: str) -> None:
    number = PHONES.parse(text, region=region)
    assert number is None or (number.startswith("+") and number[1:].isascii() and number[1:].isdigit())


@pytest.mark.parametrize(
    ("locale", "known", "region"),
    [
        ("en-US", None, "US"),
        ("en_GB", None, "GB"),
        ("en_GB", "+14155550123", "US"),
        ("en", "+442079460958", "GB"),
        ("es-419", "+525512345678", "MX"),
        ("es-419", None, "ES"),
        ("en-US", "+870773111632", "US"),
        ("de", None, "DE"),
        ("de-AT", "not a number", "AT"),
        ("fr", "not a number", "FR"),
        ("xx", None, "US"),
        ("", None, "US"),
    ],
)
def test_the_region_is_the_business_numbers_else_the_locales(locale: str, known: str | None, region: str) -> None:
    assert PHONES.region(locale=locale, known=known) == region


@pytest.mark.parametrize(
    ("number", "other", "same"),
    [
        ("+14155550123", "+18005550199", True),
        ("+14155550123", "+442079460958", False),
        ("+4930901820", "+4917612345678", True),
        ("+14155550123", "+12045550123", True),  # California and Manitoba
        ("+18765550123", "+14155550100", False),  # Jamaica shares +1
        ("+18765550123", "+18095550123", False),
        ("+870773111632", "+870773111633", False),  # of no country
        ("+14155550123", "4155550123", False),
        ("", "", False),
    ],
)
def test_which_numbers_are_of_one_country(number: str, other: str, same: bool) -> None:
    assert PHONES.same_country(number, other) is same


def test_importing_the_module_loads_no_metadata() -> None:
    code = f"import sys, {phone_numbers.__name__}; sys.exit('phonenumbers' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(PACKAGES)})
