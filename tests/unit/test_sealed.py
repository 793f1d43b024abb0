"""Personal data at rest: readable with the key of the business, for the booking they belong to, and unchanged."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from slotline.adapters.dynamodb.sealed import Sealer
from slotline.domain.bookings import Contact

ADA = Contact(name="Ada Byron", phone="+14155550111", email="ada@example.com", notes="left knee")
SEALER = Sealer(bytes(range(32)))

contacts = st.builds(Contact, name=st.text(), phone=st.text(min_size=1) | st.none(), email=st.none() | st.just("a@b.c"))


@settings(deadline=None)
@given(contacts, st.text())
def test_a_contact_comes_back_as_it_was(contact: Contact, booking_id: str) -> None:
    assert SEALER.open(SEALER.seal(contact, booking_id=booking_id), booking_id=booking_id) == contact


def test_every_field_is_kept() -> None:
    assert SEALER.open(SEALER.seal(ADA, booking_id="b1"), booking_id="b1") == ADA


def test_nothing_can_be_read_without_the_key() -> None:
    sealed = SEALER.seal(ADA, booking_id="b1")

    for word in (ADA.name, ADA.phone, ADA.email, ADA.notes, "name", "Byron"):
        assert (word or "").encode() not in sealed
    with pytest.raises(InvalidTag):
        Sealer(bytes(32)).open(sealed, booking_id="b1")


def test_a_seal_belongs_to_its_booking() -> None:
    with pytest.raises(InvalidTag):
        SEALER.open(SEALER.seal(ADA, booking_id="b1"), booking_id="b2")


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(SEALER.seal(ADA, booking_id="b1"))
    sealed[place] ^= 1

    with pytest.raises(InvalidTag):
        SEALER.open(bytes(sealed), booking_id="b1")


def test_the_same_contact_is_never_sealed_the_same() -> None:
    assert len({SEALER.seal(ADA, booking_id="b1") for _ in range(20)}) == 20
