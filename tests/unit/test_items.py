"""Bookings and day documents as items: every field comes back, absent ones are absent, and personal data stay out."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.attributes import decode_item, encode_item
from slotline.adapters.dynamodb.items import booking_attributes, booking_from, day_document, day_item
from slotline.domain.bookings import Attempt, Booking, Contact, DayDocument, Entry, EntryKind, State, Times
from slotline.domain.time import Interval, utc_day
from tests.fakes import A_MONDAY_NOON_UTC

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy

NOON = int(A_MONDAY_NOON_UTC // 60)
BUSINESS = "bright-smile"

seconds = st.floats(0, 4e9) | st.integers(0, 2**32).map(float)
intervals = st.builds(lambda at, minutes: Interval(at, at + minutes), st.integers(0, 2**26), st.integers(1, 999))
times = st.builds(Times, intervals, intervals)
ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
some_text = st.text(min_size=1, max_size=9)
texts = st.lists(some_text, max_size=3).map(tuple)
attempts = st.builds(Attempt, st.integers(0, 9), ids, seconds)
bookings = st.builds(
    Booking,
    id=ids,
    rv=st.integers(1, 10**6),
    state=st.sampled_from(State),
    service=some_text,
    calendar=some_text,
    resources=texts,
    times=times,
    caller=some_text,
    intent=some_text,
    agent=some_text,
    contact=st.builds(Contact, name=st.sampled_from(["", "Ada Byron"])),
    staff=texts,
    copies=texts,
    cancel_wanted=st.booleans(),
    held_until=st.none() | seconds,
    held_by=st.none() | some_text,
    generation=st.integers(0, 9),
    provider_id=st.none() | some_text,
    etag=st.none() | some_text,
    link=st.none() | some_text,
    host=st.none() | some_text,
    needs_approval=st.booleans(),
    attempt=st.none() | attempts,
    sends=st.integers(0, 9),
    quiet_from=seconds,
    first_sent=st.none() | seconds,
    in_doubt=st.booleans(),
    moving_to=st.none() | times,
    audits=st.lists(seconds, max_size=3).map(tuple),
    due=st.none() | seconds,
    reason=st.none() | some_text,
    nonce=some_text,
)


def stored(item: dict[str, Any]) -> dict[str, Any]:
    """What the table would give back."""
    return decode_item(encode_item(item))


def as_item(booking: Booking) -> dict[str, Any]:
    pk, sk = keys.booking(BUSINESS, booking.id)
    return {"pk": pk, "sk": sk, **booking_attributes(booking)}


@unhurried
@given(bookings)
def test_every_field_of_a_booking_comes_back(booking: Booking) -> None:
    assert booking_from(stored(as_item(booking))) == replace(booking, contact=Contact())


def test_every_field_is_varied_above() -> None:
    varied: set[str] = set()

    @settings(deadline=None, max_examples=60, database=None)
    @given(bookings, bookings)
    def compare(one: Booking, other: Booking) -> None:
        varied.update(f.name for f in fields(Booking) if getattr(one, f.name) != getattr(other, f.name))

    compare()

    assert varied == {f.name for f in fields(Booking)}


@unhurried
@given(bookings)
def test_what_is_absent_is_no_attribute(booking: Booking) -> None:
    attributes = booking_attributes(booking)

    assert None not in attributes.values()
    assert ("g1pk" in attributes) is ("g1sk" in attributes) is (booking.due is not None)


@unhurried
@given(bookings)
def test_personal_data_stay_out(booking: Booking) -> None:
    contact = Contact("Grace Hopper", "+14155550177", "grace@example.com", "right knee")

    assert booking_attributes(replace(booking, contact=contact)) == booking_attributes(booking)


entries = st.builds(Entry, some_text, intervals, st.sampled_from(EntryKind), st.none() | seconds)


@unhurried
@given(st.lists(entries, max_size=5, unique_by=lambda e: e.owner), st.integers(1, 10**6))
def test_a_day_document_comes_back(standing: list[Entry], version: int) -> None:
    document = DayDocument("chair", utc_day(NOON), version, tuple(sorted(standing, key=lambda e: e.owner)))

    item = stored(day_item(BUSINESS, document))

    assert (item["pk"], item["sk"]) == keys.day(BUSINESS, "chair", utc_day(NOON))
    assert day_document(item, resource="chair", day=utc_day(NOON)) == document


def test_a_day_document_outlives_its_day_by_forty() -> None:
    item = day_item(BUSINESS, DayDocument("chair", utc_day(NOON), 1))

    assert utc_day(item["ttl"] // 60) == (date.fromisoformat(utc_day(NOON)) + timedelta(days=40)).isoformat()


# --- keys ------------------------------------------------------------------------------------------------------------


@given(ids)
def test_the_due_index_has_sixteen_parts(booking_id: str) -> None:
    assert keys.shard(booking_id) in {f"W#{n}" for n in range(keys.SHARDS)}
    assert keys.shard(booking_id) == keys.shard(booking_id)


def test_bookings_are_spread_over_all_parts() -> None:
    assert len({keys.shard(f"booking{n}") for n in range(400)}) == keys.SHARDS


@given(ids, ids)
def test_a_booking_is_known_by_its_key(business: str, booking_id: str) -> None:
    for pk, _ in (
        keys.booking(business, booking_id),
        keys.history(business, booking_id, 1),
        keys.outbox(business, booking_id, 1, "sms_booked"),
        keys.stray(business, booking_id, "event"),
    ):
        assert keys.split_booking_key(pk) == (business, booking_id)


def test_no_two_things_share_a_key() -> None:
    all_keys = [
        keys.day(BUSINESS, "x", "x"),
        keys.served(BUSINESS, "x"),
        keys.access_token(BUSINESS, "x"),
        keys.subscription(BUSINESS, "x"),
        keys.booking(BUSINESS, "x"),
        keys.history(BUSINESS, "x", 1),
        keys.outbox(BUSINESS, "x", 1, "x"),
        keys.stray(BUSINESS, "x", "x"),
        keys.intent(BUSINESS, "x"),
        keys.operation(BUSINESS, "x", "x"),
        keys.call(BUSINESS, "x"),
        keys.caller(BUSINESS, "x", 1, "x"),
        keys.provider_map(BUSINESS, "x", "x"),
        keys.opt_out(BUSINESS, "x"),
        keys.ledger(BUSINESS, "x", "x", "x"),
    ]

    assert len(set(all_keys)) == len(all_keys)
    assert all(pk.startswith(f"T#{BUSINESS}#") for pk, _ in all_keys)
