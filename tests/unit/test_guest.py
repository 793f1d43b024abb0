"""Names, e-mail addresses and notes as callers and models write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.errors import MissingFieldError, UnclearError
from slotline.domain.guest import LONGEST_EMAIL, LONGEST_NOTES, check_email, check_name, check_notes


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana   López ", "Ana López"),
        ("Ana\nLópez", "Ana López"),
        ("Lo\u0301pez", "López"),
        ("O'Neil-Smith", "O'Neil-Smith"),
        ("D’Angelo", "D’Angelo"),
        ("Dr. Ana López, Jr.", "Dr. Ana López, Jr"),
        ("李雷", "李雷"),
        ("محمد", "محمد"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("Ana 😀", "Ana"),
        ("👨\u200d👩\u200d👧 Ana ❤️", "Ana"),
        ("Ana\u200b\u202e\x07", "Ana"),
        ("<b>Ana</b>", "Ana"),
        ("Ana; DROP TABLE", "Ana DROP TABLE"),
        ("Ana 2", "Ana 2"),
        ("é" * 120, "é" * 120),
    ],
)
def test_ordinary_names_of_any_script_stay(said: str, name: str) -> None:
    assert check_name(said) == name


@pytest.mark.parametrize("said", [None, "", "   ", "unknown", "N/A", "Anonymous"])
def test_no_name_is_asked_for(said: str | None) -> None:
    with pytest.raises(MissingFieldError) as error:
        check_name(said)
    assert error.value.field == "name"


@pytest.mark.parametrize(
    "said",
    [
        "😀", "😀😀😀", "12345", "٣٤", "\u200b", "\u3164", "\u3164\u3164", "\u2800", "...", "-", "'", "😀 5",
        "\u0301", "x" * 121, "http://evil.example", "see www.evil.example", "👨\u200d👩\u200d👧",
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(said: str) -> None:
    with pytest.raises(UnclearError) as error:
        check_name(said)
    assert error.value.phrase == "bad_name"


@given(st.text(max_size=300))
def test_a_checked_name_is_short_plain_and_stable(said: str) -> None:
    try:
        name = check_name(said)
    except (UnclearError, MissingFieldError):
        return
    assert 0 < len(name) <= 120
    assert name.isprintable() or "\u200c" in name or "\u200d" in name
    assert not set("<>{}[]\n\r\t") & set(name)
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("ana@example.com", "ana@example.com"),
        (" Ana.Lopez@Example.COM ", "ana.lopez@example.com"),
        ("<ana@example.com>.", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("ana+dentist@mail.example.co.uk", "ana+dentist@mail.example.co.uk"),
        ("ana at example dot com", "ana@example.com"),
        ("Ana dot Lopez at example dot co dot uk", "ana.lopez@example.co.uk"),
        ("ana underscore lopez at example dash mail dot com", "ana_lopez@example-mail.com"),
        ("a n a at example dot com", "ana@example.com"),
        ("a n a @ example.com", "ana@example.com"),
        ("ana @ example . com", "ana@example.com"),
        ("ana arroba ejemplo punto es", "ana@ejemplo.es"),
        ("ana guión bajo b arroba ejemplo punto es", "ana_b@ejemplo.es"),
        ("ana punkt b at beispiel punkt de", "ana.b@beispiel.de"),
        ("ana tiret bas b arobase exemple point fr", "ana_b@exemple.fr"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_addresses_are_taken_as_written_or_spoken(said: str, address: str) -> None:
    assert check_email(said) == address


@pytest.mark.parametrize("said", [None, "", "  "])
def test_no_address_is_asked_for(said: str | None) -> None:
    with pytest.raises(MissingFieldError) as error:
        check_email(said)
    assert error.value.field == "email"


@pytest.mark.parametrize(
    "said",
    [
        "ana", "ana@", "@example.com", "ana@example", "ana@example.c", "ana..b@example.com", ".ana@example.com",
        "ana.@example.com", "ana@-example.com", "ana@example..com", "ana lopez@example.com", "ana@exam ple.com",
        "pat at pat at example dot com", "müller@example.com", "ana@example.com, ben@example.com",
        "ana@example.com. Ben", "a" * 65 + "@example.com", "ana@b@example.com", "ana@" + "a" * 64 + ".com",
        "a@" + "b.c" * 100 + ".com", "ana@example.com\r\nBcc: x@example.com", "ana@1.2.3.4", "none",
    ],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(said: str) -> None:
    with pytest.raises(UnclearError) as error:
        check_email(said)
    assert error.value.phrase == "bad_email"


@given(st.text(max_size=400))
def test_a_checked_address_is_plain_ascii_and_stable(said: str) -> None:
    try:
        address = check_email(said)
    except (UnclearError, MissingFieldError):
        return
    assert address.isascii()
    assert len(address) <= LONGEST_EMAIL
    assert not any(map(str.isspace, address))
    assert address.count("@") == 1
    assert check_email(address) == address


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        (None, None),
        ("", None),
        (" \n\x00 ", None),
        ("left  molar", "left molar"),
        ("one\r\ntwo\n\n three ", "one\ntwo\nthree"),
        ("a\x1b[31mb\u202ec", "a [31mb c"),
        ("thanks 😀", "thanks 😀"),
    ],
)
def test_notes_lose_control_characters(said: str | None, notes: str | None) -> None:
    assert check_notes(said) == notes


@given(st.text(max_size=1500))
def test_notes_are_cut(said: str) -> None:
    assert len(check_notes(said) or "") <= LONGEST_NOTES
