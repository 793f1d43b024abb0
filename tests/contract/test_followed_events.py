"""Where the record goes when an event stands elsewhere, and how standing orders for webhooks are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb.subscription_store import DynamoSubscriptionStore
from slotline.domain.bookings import State
from slotline.domain.errors import SlotTakenError, StaleError
from slotline.domain.hints import Subscription
from slotline.domain.proofs import intent_key
from slotline.domain.time import Interval
from tests.contract.bookings import BUSINESS, CALENDAR, CHAIR, MIDNIGHT, NOW, ROOM, at, event_of, new_booking, times

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking
    from slotline.ports import OutboxKind, Seats
    from tests.contract.bookings import StoreBench


@pytest.fixture
def db(moto_bench: StoreBench) -> StoreBench:
    return moto_bench


def adopted(
    db: StoreBench,
    booking: Booking,
    start: int,
    *,
    minutes: int = 30,
    effects: tuple[OutboxKind, ...] = (),
    seats: Seats | None = None,
) -> Booking:
    event = event_of(booking, span=Interval(start, start + minutes))
    intent = intent_key(booking.caller, service=booking.service, start=start)
    return db.store.adopt(booking, event=event, intent=intent, effects=effects, seats=seats, now=db.now)


def test_lock_index_wish_and_map_follow(db: StoreBench) -> None:
    booking = db.book(times=times(4, before=5, after=10))

    moved = adopted(db, booking, at(8), effects=("sms_moved",))

    assert db.entries()[booking.id].interval == Interval(at(8) - 5, at(8.5) + 10)
    assert db.lines(booking.caller) == [(booking.id, at(8))]
    assert db.intent(booking.intent) == (booking.id, "dead")
    assert db.intent(moved.intent) == (booking.id, "live")
    assert db.store.of_event(CALENDAR, moved.provider_id or "") == booking.id
    assert db.effects(booking.id)[-1] == (moved.rv, "sms_moved")
    assert db.store.read(booking.id) == moved


def test_all_calendars_and_both_days_follow(db: StoreBench) -> None:
    booking = db.book(resources=(CHAIR, ROOM))

    adopted(db, booking, MIDNIGHT - 15)

    for resource in (CHAIR, ROOM):
        assert db.entries(resource).keys() == {booking.id}
        assert db.entries(resource, MIDNIGHT).keys() == {booking.id}
        assert db.entries(resource)[booking.id].interval.start == MIDNIGHT - 15

    adopted(db, db.store.read(booking.id), MIDNIGHT + 60)
    assert db.entries(CHAIR) == {}
    assert db.entries(ROOM) == {}


def test_onto_somebody_elses_lock_only_for_a_person_to_choose(db: StoreBench) -> None:
    booking, other = db.book("ada", 4), db.book("bob", 8)
    before = db.rows()

    with pytest.raises(SlotTakenError):
        adopted(db, booking, at(8) + 15)
    assert db.rows() == before

    adopted(db, booking, at(8) + 15, effects=("conflict",))
    assert db.entries().keys() == {booking.id, other.id}
    assert db.effects(booking.id)[-1][1] == "conflict"


def test_a_free_seat_needs_no_choice(db: StoreBench) -> None:
    booking, _ = db.book("ada", 4), db.book("bob", 8)

    assert adopted(db, booking, at(8), seats={CHAIR: 2}).times.span.start == at(8)
    third = db.book("cleo", 12)
    with pytest.raises(SlotTakenError):
        adopted(db, third, at(8), seats={CHAIR: 2})


def test_a_lock_that_stays_where_it_is_asks_for_no_room(db: StoreBench) -> None:
    """It lay over another's before: that was told already, and only the event's id is new."""
    booking, _ = db.book("ada", 4), db.book("bob", 8)
    crowded = adopted(db, booking, at(8), effects=("conflict",))

    again = db.store.adopt(
        crowded, event=event_of(crowded, event_id="event-2"), intent=crowded.intent, effects=(), seats={}, now=db.now
    )

    assert again.provider_id == "event-2"


def test_only_a_booking_that_stands_follows(db: StoreBench) -> None:
    booking = db.book()
    moving = db.want_move(booking, times(8))
    with pytest.raises(StaleError):
        adopted(db, moving, at(12))
    with pytest.raises(StaleError):
        adopted(db, booking, at(12))  # an old version


def test_a_booking_that_became_a_request_is_looked_at_again(db: StoreBench) -> None:
    booking = db.book()
    assert booking.due is None

    event = event_of(booking, status="requested")
    asked = db.store.adopt(booking, event=event, intent=booking.intent, effects=(), now=db.now)

    assert asked.needs_approval
    assert (booking.id, None) not in db.due(299)
    assert (booking.id, None) in db.due(301)


# --- an event that was not made where it was wanted -------------------------------------------------------------------


def test_an_event_within_its_lock_touches_no_day(db: StoreBench) -> None:
    pinned = db.pin(new_booking(minutes=60))
    version = db.day().version

    db.commit(pinned, span=Interval(at(4), at(4) + 45))

    assert db.day().version == version


@pytest.mark.parametrize(("start", "minutes"), [(at(4), 45), (at(4) - 15, 30), (at(9), 30), (MIDNIGHT - 10, 30)])
def test_the_lock_follows_an_event_that_was_made_elsewhere(db: StoreBench, start: int, minutes: int) -> None:
    booked = db.commit(db.pin(new_booking()), span=Interval(start, start + minutes))

    assert db.entries(minute=start)[booked.id].interval == Interval(start, start + minutes)
    assert booked.times.blocked == booked.times.span
    assert db.lines(booked.caller) == [(booked.id, start)]
    assert db.store.read(booked.id) == booked


def test_buffers_follow_too(db: StoreBench) -> None:
    booked = db.commit(db.pin(new_booking(times=times(4, before=10, after=20))), span=Interval(at(9), at(9.5)))

    assert db.entries()[booked.id].interval == Interval(at(9) - 10, at(9.5) + 20)


def test_an_event_made_over_another_booking_waits_for_a_person_to_be_told(db: StoreBench) -> None:
    other, pinned = db.book("bob", 8), db.pin(new_booking())

    with pytest.raises(SlotTakenError):
        db.commit(pinned, span=Interval(at(8), at(8.5)))
    booked = db.commit(pinned, span=Interval(at(8), at(8.5)), effects=("sms_booked", "conflict"))

    assert db.entries().keys() == {other.id, booked.id}


def test_what_is_to_be_cancelled_needs_no_room(db: StoreBench) -> None:
    db.book("bob", 8)
    wanted = db.want_cancel(db.pin(new_booking()))

    found = db.commit(wanted, span=Interval(at(8), at(8.5)), effects=())

    assert found.state is State.CANCELLING


def test_the_lock_follows_an_event_that_was_moved_elsewhere(db: StoreBench) -> None:
    moving = db.want_move(db.book(), times(8))

    moved = db.moved(moving, span=Interval(at(11), at(11.5)))

    assert {owner: e.interval for owner, e in db.entries().items()} == {moved.id: Interval(at(11), at(11.5))}
    assert moved.moving_to is None


def test_an_event_moved_over_another_booking_waits_for_a_person_to_be_told(db: StoreBench) -> None:
    other, moving = db.book("bob", 11), db.want_move(db.book(), times(8))

    with pytest.raises(SlotTakenError):
        db.moved(moving, span=Interval(at(11), at(11.5)))
    moved = db.moved(moving, span=Interval(at(11), at(11.5)), effects=("sms_moved", "conflict"))

    assert db.entries().keys() == {other.id, moved.id}


def test_an_impossible_id_does_not_reach_the_table(db: StoreBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag may be anything that somebody wrote into an event, and DynamoDB takes no key of more than 2 kB."""
    monkeypatch.setattr(db.table, "get", lambda _key: pytest.fail("asked"))

    with pytest.raises(StaleError):
        db.store.read("x" * 4000)


# --- standing orders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subscription",
    [
        Subscription("s1", NOW + 0.5, {"resource": "r1"}),
        Subscription("s2"),
        Subscription("feed", details={"cursor": "c"}),
    ],
)
def test_an_order_is_read_as_it_was_written(db: StoreBench, subscription: Subscription) -> None:
    orders = DynamoSubscriptionStore(db.table, business=BUSINESS)
    assert orders.read("main") is None

    orders.write("main", subscription)

    assert orders.read("main") == subscription
    assert orders.read("other") is None
    assert DynamoSubscriptionStore(db.table, business="neighbour").read("main") is None


def test_an_order_that_ended_is_none(db: StoreBench) -> None:
    orders = DynamoSubscriptionStore(db.table, business=BUSINESS)
    orders.write("main", Subscription("s1"))

    orders.write("main", None)

    assert orders.read("main") is None


def test_an_order_and_an_access_token_stand_side_by_side(db: StoreBench) -> None:
    DynamoSubscriptionStore(db.table, business=BUSINESS).write("main", Subscription("s1"))

    assert [key[1] for key in db.rows()] == ["S"]


# --- marks -----------------------------------------------------------------------------------------------------------


def test_a_mark_comes_with_the_days_and_is_none_of_them(db: StoreBench) -> None:
    booking = db.book()
    window = Interval(at(0), at(48))
    assert db.store.days([CHAIR], window=window)[CHAIR].changed == 0

    db.store.note_changed(CHAIR, now=NOW + 7.25)

    days = db.store.days([CHAIR, ROOM], window=window)
    assert (days[CHAIR].changed, days[ROOM].changed) == (NOW + 7.25, 0)
    assert [e.owner for document in days[CHAIR].documents for e in document.entries] == [booking.id]


def test_days_outside_the_window_are_left_out(db: StoreBench) -> None:
    db.book("ada", 4)
    db.book("bob", 100)

    (day,) = db.store.days([CHAIR], window=Interval(at(0), at(6)))[CHAIR].documents

    assert day.entries[0].interval.start == at(4)


def test_a_mark_is_forgotten_some_day(db: StoreBench) -> None:
    db.store.note_changed(CHAIR, now=NOW)

    (row,) = db.rows().values()
    assert row["ttl"] == NOW + 86_400
