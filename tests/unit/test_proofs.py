"""Slot ids prove what a desk offered, and nothing else does; the same wish has the same key, and no other wish has."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from slotline.domain.proofs import DeskKeys, OfferedSlot, intent_key, resource_id
from tests.fakes import A_MONDAY_NOON_UTC

DESK, OTHER_DESK = DeskKeys(bytes(range(32))), DeskKeys(bytes(32))
START = int(A_MONDAY_NOON_UTC // 60)
SEATS = ("ana", "ben", "cem")
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"

unhurried = settings(deadline=None)  # the machine may be busy

starts = st.integers(0, 2**26 - 1)
services = st.text(min_size=1, max_size=12)
staff = st.sampled_from([None, *SEATS])


@unhurried
@given(start=starts, service=services, who=staff)
@example(start=2**26 - 1, service="cleaning", who="cem")
def test_an_offered_slot_comes_back_from_its_id(start: int, service: str, who: str | None) -> None:
    slot_id = DESK.slot_id(service=service, start=start, staff=who, seats=SEATS)

    assert re.fullmatch(f"([{LETTERS}]{{4}}-){{2}}[{LETTERS}]{{4}}", slot_id)
    assert DESK.offered(slot_id, service=service, seats=SEATS) == OfferedSlot(start, who)


@unhurried
@given(start=starts, who=staff, data=st.data())
def test_an_id_is_read_however_it_was_said(start: int, who: str | None, data: st.DataObject) -> None:
    slot_id = DESK.slot_id(service="cleaning", start=start, staff=who, seats=SEATS)
    heard = "".join(
        data.draw(st.sampled_from({"0": "0oO", "1": "1iIlL"}.get(letter, letter + letter.upper())))
        + data.draw(st.sampled_from(["", "", " ", "-", "_", "."]))
        for letter in slot_id.replace("-", "")
    )

    assert DESK.offered(heard, service="cleaning", seats=SEATS) == OfferedSlot(start, who)


@unhurried
@given(start=starts, who=staff, place=st.integers(0, 11), letter=st.sampled_from(LETTERS))
def test_a_single_wrong_letter_is_no_offer(start: int, who: str | None, place: int, letter: str) -> None:
    letters = list(DESK.slot_id(service="cleaning", start=start, staff=who, seats=SEATS).replace("-", ""))
    assume(letters[place] != letter)
    letters[place] = letter

    assert DESK.offered("".join(letters), service="cleaning", seats=SEATS) is None


@unhurried
@given(start=starts, who=staff, place=st.integers(0, 10))
def test_two_letters_swapped_are_no_offer(start: int, who: str | None, place: int) -> None:
    letters = list(DESK.slot_id(service="cleaning", start=start, staff=who, seats=SEATS).replace("-", ""))
    assume(letters[place] != letters[place + 1])
    letters[place], letters[place + 1] = letters[place + 1], letters[place]

    assert DESK.offered("".join(letters), service="cleaning", seats=SEATS) is None


@pytest.mark.parametrize("service", ["whitening", "", "cleaning "])
def test_an_offer_of_one_service_is_none_of_another(service: str) -> None:
    slot_id = DESK.slot_id(service="cleaning", start=START)

    assert DESK.offered(slot_id, service=service) is None


def test_an_offer_names_its_member_of_staff() -> None:
    of_ben = DESK.slot_id(service="cleaning", start=START, staff="ben", seats=SEATS)

    assert of_ben != DESK.slot_id(service="cleaning", start=START, staff="ana", seats=SEATS)
    assert of_ben != DESK.slot_id(service="cleaning", start=START)
    assert DESK.offered(of_ben, service="cleaning", seats=("ben", "ana")) is None  # somebody else sits there now
    assert DESK.offered(of_ben, service="cleaning", seats=("ana",)) is None
    assert DESK.offered(of_ben, service="cleaning") is None


def test_an_offer_of_one_desk_is_none_of_another() -> None:
    assert OTHER_DESK.offered(DESK.slot_id(service="cleaning", start=START), service="cleaning") is None


@unhurried
@given(st.text(max_size=20) | st.text(LETTERS + "-", min_size=12, max_size=14))
@example("")
@example("zzzz-zzzz-zzzz")
@example("0000-0000-0000")
@example("ſſſſ-ſſſſ-ſſſſ")  # a letter that folds into two
@example("２２２２-２２２２-２２２２")
def test_words_are_no_offer(words: str) -> None:
    assert DESK.offered(words, service="cleaning", seats=SEATS) is None


def test_guessing_is_hopeless() -> None:
    genuine = DESK.slot_id(service="cleaning", start=START).replace("-", "")
    guesses = (genuine[:8] + "".join(LETTERS[n >> 5 * k & 31] for k in range(4)) for n in range(20_000))

    assert [g for g in guesses if g != genuine and DESK.offered(g, service="cleaning")] == []


# --- who and what ----------------------------------------------------------------------------------------------------


@unhurried
@given(
    st.lists(
        st.tuples(st.text("abc|1"), st.text("abc|1"), st.integers(0, 99), st.integers(1, 3)), unique=True, min_size=2
    )
)
@example([("ada", "cleaning", 1, 1), ("ada", "cleaning", 1, 2)])
@example([("ada", "cleaning", 1, 1), ("ada", "cleaning", 2, 1)])
@example([("ada", "cleaning", 1, 1), ("ada", "whitening", 1, 1)])
@example([("ada", "cleaning", 1, 1), ("bob", "cleaning", 1, 1)])
@example([("ada", "cleaning", 1, 11), ("ada", "cleaning", 11, 1)])
def test_another_caller_service_time_or_party_is_another_wish(wishes: list[tuple[str, str, int, int]]) -> None:
    # Callers are hashes and services are keys of the config file: neither can contain the separator.
    plain = [(c.replace("|", "_"), s.replace("|", "_"), start, party) for c, s, start, party in wishes]
    keys = {intent_key(c, service=s, start=start, party=party) for c, s, start, party in plain}

    assert len(keys) == len(set(plain))


def test_the_same_wish_has_the_same_key() -> None:
    assert intent_key("ada", service="cleaning", start=START) == intent_key("ada", service="cleaning", start=START)
    assert intent_key("ada", service="cleaning", start=START) == intent_key(
        "ada", service="cleaning", start=START, party=1
    )


def test_a_caller_is_known_by_a_hash_that_only_this_desk_can_make() -> None:
    number = "+14155550111"

    assert DESK.caller(number) == DESK.caller(number)
    assert DESK.caller(number) != OTHER_DESK.caller(number)
    assert DESK.caller(number) != DESK.caller("+14155550112")
    assert re.fullmatch("[a-z2-7]{24}", DESK.caller(number))
    assert "5550111" not in DESK.caller(number)


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {DESK.derived(purpose) for purpose in ("caller", "slot", "contact")}

    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
    assert DESK.root not in keys


def test_keys_are_not_shown() -> None:
    assert DESK.root.hex() not in repr(DESK)
    assert repr(DESK.root) not in repr(DESK)


def test_calendars_of_two_businesses_are_two_resources() -> None:
    assert resource_id("bright", "main") == resource_id("bright", "main")
    assert len({resource_id("bright", "main"), resource_id("dark", "main"), resource_id("bright", "chair")}) == 3
