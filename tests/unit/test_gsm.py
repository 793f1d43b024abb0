"""The GSM 7-bit alphabet and the parts a text is cut into."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.gsm import BASIC, EXTENSION, Segments, gsm_segments, plain


def test_the_basic_set_has_all_its_127_letters_and_the_extension_its_ten() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape to the extension
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),  # an extension letter takes two
        ("€" * 81, "GSM-7", 2),
        ("€" * 152, "GSM-7", 2),  # 76 pairs fit into 153, the odd one stays empty
        ("€" * 153, "GSM-7", 3),  # 306 septets, but no pair may be split
        ("a" * 152 + "€" + "a" * 151, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),  # 306 septets again, a pair on the border
        ("á" * 70, "UCS-2", 1),
        ("á" * 71, "UCS-2", 2),
        ("á" * 134, "UCS-2", 2),
        ("á" * 135, "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),  # a surrogate pair takes two
        ("😀" * 36, "UCS-2", 2),
        ("😀" * 67, "UCS-2", 3),  # 33 pairs fit into 67
        ("a" * 69 + "ç", "UCS-2", 1),
        ("a" * 70 + "ç", "UCS-2", 2),
        ("`", "UCS-2", 1),
    ],
)
def test_parts_are_counted_in_septets_or_in_utf16_units(text: str, encoding: str, count: int) -> None:
    segments = gsm_segments(text)

    assert (segments.encoding, segments.count) == (encoding, count)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("it’s ‘so’ ´n`", "it's 'so' 'n'"),
        ("“yes” „ja“ «oui»", '"yes" "ja" "oui"'),
        ("9–10 — 11 ‑ −5", "9-10 - 11 - -5"),
        ("wait…", "wait..."),
        ("9:00\u202fAM\u00a0sharp\u2009now", "9:00 AM sharp now"),
        ("2 × 3", "2 x 3"),
        ("Jose\u0301", "José"),
    ],
)
def test_look_alikes_become_gsm_letters(typed: str, sent: str) -> None:
    assert plain(typed) == sent
    assert gsm_segments(plain(typed)).encoding == "GSM-7"


@pytest.mark.parametrize("name", ["François", "Núñez", "Łukasz", "Ωμέγα", "李雷", "Nguyễn"])
def test_letters_of_a_name_are_never_replaced(name: str) -> None:
    assert plain(name) == name


@given(st.text(st.sampled_from("ab€^{ \n"), max_size=700))
def test_gsm_parts_are_as_many_as_a_cut_letter_by_letter_needs(text: str) -> None:
    units = [2 if letter in EXTENSION else 1 for letter in text]
    parts = [0]
    for unit in units:
        if parts[-1] + unit > 153:
            parts.append(0)
        parts[-1] += unit
    expected = 1 if sum(units) <= 160 else len(parts)

    assert gsm_segments(text) == Segments("GSM-7", expected)
