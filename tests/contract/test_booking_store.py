"""The booking protocol, condition by condition: who may take a slot, move it or free it, and what is filed with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb import keys
from slotline.domain.bookings import AUDIT_DELAYS_SECONDS, HOLD_SECONDS, SKEW_SECONDS, EntryKind, State, Times
from slotline.domain.errors import SlotTakenError, StaleError, StoreError
from slotline.domain.proofs import intent_key
from slotline.domain.time import Interval
from slotline.ports import CallRecord, Delivery, KnownOperation, ResourceDays, Served
from tests.contract.bookings import (
    ATTEMPT_SECONDS,
    BUSINESS,
    CALENDAR,
    CHAIR,
    MIDNIGHT,
    NOON,
    NOW,
    ROOM,
    SERVICE,
    StoreBench,
    at,
    delivery,
    event_of,
    guest_of,
    new_booking,
    times,
)
from tests.contract.tables import meanwhile

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking

AUDITS = tuple(NOW + delay for delay in AUDIT_DELAYS_SECONDS)


@contextmanager
def nothing_written(db: StoreBench) -> Iterator[None]:
    before = db.rows()
    yield
    assert db.rows() == before


def wish_at(hours: float) -> str:
    return intent_key("caller-ada", service=SERVICE, start=at(hours))


def over_midnight(name: str = "ada", **changes: object) -> Booking:
    return new_booking(name, (MIDNIGHT - NOON) / 60 - 0.25, minutes=30, **changes)


# --- T1: who gets a slot ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [(4, 30), (4.25, 30), (3.75, 30), (3, 180), (4 + 10 / 60, 10), (4 + 29 / 60, 30), (3.5 + 1 / 60, 30)],
    ids=["equal", "end inside", "start inside", "around", "within", "by its last minute", "by its first minute"],
)
@pytest.mark.parametrize("kind", ["hold", "pin", "book_own"])
def test_an_overlapping_interval_is_refused(db: StoreBench, kind: str, hours: float, minutes: int) -> None:
    db.hold(new_booking("ada", 4))

    with nothing_written(db), pytest.raises(SlotTakenError):
        getattr(db, kind)(new_booking("bob", hours, minutes=minutes))


@pytest.mark.parametrize("hours", [3.5, 4.5], ids=["just before", "just after"])
def test_a_touching_interval_is_free(db: StoreBench, hours: float) -> None:
    ada, bob = db.hold(new_booking("ada", 4)), db.hold(new_booking("bob", hours))

    assert db.entries().keys() == {ada.id, bob.id}


def test_a_hold_locks_its_buffers(db: StoreBench) -> None:
    db.hold(new_booking("ada", times=times(4, before=10, after=15)))

    for hours in (4.5, 3.5):
        with pytest.raises(SlotTakenError):
            db.hold(new_booking("bob", hours))


def test_a_wish_brings_its_own_buffers(db: StoreBench) -> None:
    db.hold(new_booking("ada", 4))

    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob", times=times(4.5, before=10)))


def test_a_hold_is_written_as_a_lock_that_lapses(db: StoreBench) -> None:
    held = db.hold(new_booking("ada", times=times(4, before=5, after=10)))

    (entry,) = db.entries().values()
    assert (entry.owner, entry.interval) == (held.id, Interval(at(4) - 5, at(4.5) + 10))
    assert (entry.kind, entry.until) == (EntryKind.HOLD, NOW + HOLD_SECONDS)
    assert db.day().version == 1
    assert db.store.read(held.id) == held
    assert (held.rv, held.state, held.due) == (1, State.HELD, NOW + HOLD_SECONDS)
    assert db.history(held.id) == [(1, None, "held")]
    assert db.intent(held.intent) == (held.id, "live")


def test_of_two_writers_who_read_the_same_the_second_finds_the_slot_taken(db: StoreBench) -> None:
    ada, bob = new_booking("ada", 4), new_booking("bob", 4.25)
    seen = db.view(bob)
    db.hold(ada, days=seen)

    with nothing_written(db), pytest.raises(SlotTakenError):
        db.hold(bob, days=seen)


@pytest.mark.parametrize("kind", ["hold", "pin", "book_own"])
def test_of_two_writers_who_read_the_same_both_get_disjoint_slots(db: StoreBench, kind: str) -> None:
    ada, bob = new_booking("ada", 4), new_booking("bob", 5)
    seen = db.view(bob)
    db.hold(ada, days=seen)

    getattr(db, kind)(bob, days=seen)

    assert db.entries().keys() == {ada.id, bob.id}
    assert db.day().version == 2


def test_a_writer_overtaken_on_a_known_day_decides_anew(db: StoreBench) -> None:
    db.hold(new_booking("eve", 8))
    ada, bob = new_booking("ada", 4), new_booking("bob", 4)
    db.client.plan("transact_write_items", meanwhile(lambda: db.hold(ada)))

    with pytest.raises(SlotTakenError):
        db.hold(bob)

    assert bob.id not in db.entries()


def test_of_eight_writers_at_once_one_gets_the_slot(db: StoreBench) -> None:
    wishes = [new_booking(f"caller{n}", 4) for n in range(8)]
    seen = db.view(wishes[0])
    won: list[str] = []
    lost: list[StoreError | SlotTakenError] = []
    ready = threading.Barrier(len(wishes))

    def take(wish: Booking) -> None:
        ready.wait()
        try:
            won.append(db.hold(wish, days=seen).id)
        except (StoreError, SlotTakenError) as error:
            lost.append(error)

    threads = [threading.Thread(target=take, args=[wish]) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 7)
    assert db.entries().keys() == set(won)
    assert {row["st"] for key, row in db.rows().items() if key[1] == "B"} == {"held"}


def test_a_view_that_does_not_cover_the_lock_is_not_trusted(db: StoreBench) -> None:
    db.hold(new_booking("ada", times=Times.of(MIDNIGHT, minutes=10)))
    bob = over_midnight("bob")
    first_day_only = {place: day for place, day in db.view(bob).items() if day.day == bob.times.span.utc_days()[0]}

    with pytest.raises(SlotTakenError):
        db.hold(bob, days=first_day_only)


def test_a_live_wish_refuses_a_second_booking(db: StoreBench) -> None:
    ada = db.hold(new_booking("ada", 4))
    again = new_booking("ada", 6, intent=ada.intent)

    for kind in (db.hold, db.pin, db.book_own):
        with nothing_written(db), pytest.raises(StaleError):
            kind(again)


def test_a_dead_wish_may_be_had_again(db: StoreBench) -> None:
    ada = db.hold(new_booking("ada", 4))
    db.release(ada, State.EXPIRED)

    again = db.hold(new_booking("ada", 4, id="again"))

    assert db.intent(ada.intent) == (again.id, "live")


@pytest.mark.parametrize("fingerprint", ["f1", "f2"], ids=["same words", "other words"])
def test_a_filed_delivery_refuses_another_booking(db: StoreBench, fingerprint: str) -> None:
    db.hold(new_booking("ada", 4), delivery=delivery())

    with nothing_written(db), pytest.raises(StaleError):
        db.hold(new_booking("ada", 6), delivery=delivery(fingerprint=fingerprint))


def test_a_filed_delivery_refuses_other_words_for_the_same_booking(db: StoreBench) -> None:
    held = db.hold(new_booking(), delivery=delivery())

    with nothing_written(db), pytest.raises(StaleError):
        db.pin(held, delivery=delivery(fingerprint="f2"))


def test_one_delivery_may_carry_a_booking_through_several_steps(db: StoreBench) -> None:
    held = db.hold(new_booking(), delivery=delivery())

    pinned = db.pin(held, delivery=delivery())

    operation = delivery().operation
    assert db.store.view(operation=operation).operation == KnownOperation("f1", pinned.id)


def test_two_tool_calls_of_one_call_cannot_overwrite_its_record(db: StoreBench) -> None:
    first = CallRecord("vapi#c1").showing("one")
    db.hold(new_booking("ada", 4), delivery=Delivery(call=replace(first, held="one")))
    overtaken = Delivery(call=CallRecord("vapi#c1").showing("two"))

    with nothing_written(db), pytest.raises(StaleError):
        db.hold(new_booking("ada", 6), delivery=overtaken)

    seen = db.store.view(scope="vapi#c1").call
    assert seen == CallRecord("vapi#c1", 1, ("one",), "one")
    db.hold(new_booking("ada", 6), delivery=Delivery(call=seen.showing("two")))
    with nothing_written(db), pytest.raises(StaleError):
        db.store.show(seen.showing("three"), now=NOW)
    assert db.store.view(scope="vapi#c1").call == CallRecord("vapi#c1", 2, ("one", "two"), "one")


def test_a_booking_is_made_once(db: StoreBench) -> None:
    ada = new_booking("ada", 4)
    db.hold(ada)
    moved_on = replace(ada, times=times(6), intent="another wish")

    for kind in (db.hold, db.pin, db.book_own):
        with nothing_written(db), pytest.raises(StaleError):
            kind(moved_on)


def test_a_hold_is_respected_until_it_has_lapsed_with_the_margin_for_clocks(db: StoreBench) -> None:
    db.hold(new_booking("ada"))
    db.clock.time = NOW + HOLD_SECONDS + SKEW_SECONDS - 0.1

    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob", held_until=db.now + HOLD_SECONDS))


@pytest.mark.parametrize("kind", ["hold", "pin", "book_own"])
def test_a_lapsed_hold_is_written_over_and_removed(db: StoreBench, kind: str) -> None:
    ada = db.hold(new_booking("ada"))
    db.clock.time = NOW + HOLD_SECONDS + SKEW_SECONDS
    bob = new_booking("bob", 4.25, held_until=db.now + HOLD_SECONDS)

    getattr(db, kind)(bob)

    assert db.entries().keys() == {bob.id}
    with nothing_written(db), pytest.raises(SlotTakenError):
        db.pin(ada)


def test_an_interval_over_midnight_locks_both_days(db: StoreBench) -> None:
    ada = db.hold(over_midnight())

    assert ada.times.blocked.utc_days() == (db.day().day, db.day(minute=MIDNIGHT).day)
    assert db.entries().keys() == db.entries(minute=MIDNIGHT).keys() == {ada.id}
    for minute in (MIDNIGHT - 10, MIDNIGHT):
        with nothing_written(db), pytest.raises(SlotTakenError):
            db.hold(new_booking("bob", times=Times.of(minute, minutes=10)))


def test_buffers_reach_over_midnight(db: StoreBench) -> None:
    evening = (MIDNIGHT - NOON) / 60 - 0.5

    db.hold(new_booking("ada", times=times(evening, after=10)))

    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob", times=Times.of(MIDNIGHT, minutes=30)))


@pytest.mark.parametrize("taken", [CHAIR, ROOM])
def test_all_staff_are_locked_or_none(db: StoreBench, taken: str) -> None:
    db.hold(new_booking("ada", resources=(taken,)))

    with nothing_written(db), pytest.raises(SlotTakenError):
        db.hold(new_booking("bob", resources=(CHAIR, ROOM)))

    both = db.hold(new_booking("bob", 6, resources=(CHAIR, ROOM)))
    assert both.id in db.entries(CHAIR)
    assert both.id in db.entries(ROOM)


@pytest.mark.parametrize("overtaken", [CHAIR, ROOM])
def test_every_document_is_written_under_its_own_version(db: StoreBench, overtaken: str) -> None:
    bob = new_booking("bob", resources=(CHAIR, ROOM))
    seen = db.view(bob)
    db.hold(new_booking("ada", resources=(overtaken,)))

    with nothing_written(db), pytest.raises(SlotTakenError):
        db.hold(bob, days=seen)


def test_staff_who_share_a_calendar_are_locked_once(db: StoreBench) -> None:
    held = db.hold(new_booking(resources=(CHAIR, CHAIR)))

    released = db.release(held, State.EXPIRED)

    assert released.state is State.EXPIRED
    assert db.entries() == {}


def test_a_group_takes_as_many_as_there_are_seats(db: StoreBench) -> None:
    seats = {CHAIR: 2}
    db.hold(new_booking("ada", 4), seats=seats)
    db.hold(new_booking("bob", 4.25), seats=seats)

    with nothing_written(db), pytest.raises(SlotTakenError):
        db.hold(new_booking("eve", 4.25), seats=seats)

    db.hold(new_booking("eve", 4.5), seats=seats)


def test_businesses_do_not_meet(db: StoreBench) -> None:
    ada = db.hold(new_booking("ada"))
    other = db.store_of("dark-smile")
    days = other.view(days=[(CHAIR, db.day().day)]).days

    other.hold(ada, days=days, delivery=Delivery(), seats={}, now=NOW)

    assert other.of_caller(ada.caller, not_before=0) == ()
    with pytest.raises(StaleError):
        other.read("nobody")
    assert all(key[0].startswith(("T#bright-smile#", "T#dark-smile#")) for key in db.rows())


# --- T1': told of in another call -----------------------------------------------------------------------------------


def test_a_hold_is_kept_for_the_call_that_was_told_of_it_last(db: StoreBench) -> None:
    held = db.hold(new_booking())

    other = delivery("call-9", call=CallRecord("vapi#call-9"))
    taken = db.store.take_over(held, agent="night-desk", delivery=other, now=NOW)

    assert (taken.state, taken.agent, taken.held_by, taken.rv) == (State.HELD, "night-desk", "vapi#call-9", 2)
    assert taken.held_until == held.held_until


@pytest.mark.parametrize("step", ["pin", "book"])
def test_only_what_is_held_is_taken_over(db: StoreBench, step: str) -> None:
    booking = db.pin(new_booking()) if step == "pin" else db.book()

    with nothing_written(db), pytest.raises(StaleError):
        db.store.take_over(booking, agent="night-desk", delivery=delivery("call-9"), now=NOW)


# --- T2: pin ---------------------------------------------------------------------------------------------------------


def test_a_pin_makes_the_lock_permanent_and_records_the_attempt(db: StoreBench) -> None:
    held = db.hold(new_booking())

    pinned = db.pin(held)

    (entry,) = db.entries().values()
    assert (entry.owner, entry.kind, entry.until) == (held.id, EntryKind.PIN, None)
    assert db.store.read(held.id) == pinned
    assert (pinned.state, pinned.rv, pinned.held_until) == (State.BOOKING, 2, None)
    assert pinned.attempt == db.attempt()
    assert (pinned.sends, pinned.first_sent) == (1, NOW)
    assert pinned.quiet_from == pinned.due == NOW + ATTEMPT_SECONDS
    assert db.history(held.id) == [(1, None, "held"), (2, "held", "booking")]


def test_a_slot_is_pinned_without_a_hold(db: StoreBench) -> None:
    pinned = db.pin(new_booking(), delivery=delivery())

    (entry,) = db.entries().values()
    assert (entry.kind, entry.until) == (EntryKind.PIN, None)
    assert db.store.read(pinned.id) == pinned
    assert (pinned.rv, pinned.state) == (1, State.BOOKING)
    assert db.intent(pinned.intent) == (pinned.id, "live")
    assert db.history(pinned.id) == [(1, None, "booking")]


def test_a_pin_outlives_every_clock(db: StoreBench) -> None:
    db.pin(db.hold(new_booking("ada")))
    db.clock.time = NOW + 30 * 86_400

    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob"))


@pytest.mark.parametrize("kind", ["pin", "book_own"])
def test_only_a_hold_can_be_pinned(db: StoreBench, kind: str) -> None:
    pinned = db.pin(new_booking())

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, kind)(pinned)


@pytest.mark.parametrize("kind", ["pin", "book_own"])
def test_a_hold_nobody_wants_any_more_cannot_be_pinned(db: StoreBench, kind: str) -> None:
    unwanted = db.want_cancel(db.hold(new_booking()))

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, kind)(unwanted)


def test_an_expired_hold_cannot_be_pinned(db: StoreBench) -> None:
    held = db.hold(new_booking())
    db.release(held, State.EXPIRED)

    with nothing_written(db), pytest.raises(StaleError):
        db.pin(held)


@pytest.mark.parametrize("kind", ["pin", "book_own"])
def test_a_lapsed_hold_that_nobody_took_can_still_be_pinned(db: StoreBench, kind: str) -> None:
    held = db.hold(new_booking())
    db.clock.time = NOW + HOLD_SECONDS + 60

    getattr(db, kind)(held)

    assert db.entries()[held.id].kind is EntryKind.PIN


@pytest.mark.parametrize("kind", ["pin", "book_own"])
def test_a_pin_looks_again_whether_its_slot_is_free(db: StoreBench, kind: str) -> None:
    ada = db.hold(new_booking("ada"))
    seen = db.view(ada)
    db.clock.time = NOW + HOLD_SECONDS + SKEW_SECONDS
    db.hold(new_booking("bob", 4.25, held_until=db.now + HOLD_SECONDS))

    for days in (seen, None):
        with nothing_written(db), pytest.raises(SlotTakenError):
            getattr(db, kind)(ada, days=days)


def test_the_guest_is_written_with_the_pin(db: StoreBench) -> None:
    held = db.hold(new_booking(caller="anonymous", intent="wish of nobody"))
    guest = replace(guest_of(held), caller="caller-ada", intent="wish of ada")

    db.pin(held, guest=guest)

    read = db.store.read(held.id)
    assert (read.caller, read.intent, read.contact) == ("caller-ada", "wish of ada", guest.contact)
    assert db.intent("wish of nobody") == (held.id, "dead")
    assert db.intent("wish of ada") == (held.id, "live")


def test_a_guest_who_has_that_wish_already_is_refused(db: StoreBench) -> None:
    ada = db.pin(new_booking("ada", 4))
    held = db.hold(new_booking("nobody", 6))

    with nothing_written(db), pytest.raises(StaleError):
        db.pin(held, guest=guest_of(ada))


def test_personal_data_are_sealed(db: StoreBench) -> None:
    db.pin(new_booking())

    stored = repr(db.rows())
    for word in ("Byron", "+1415", "ada@example.com", "left knee"):
        assert word not in stored


def test_where_the_lock_is_the_calendar_one_transaction_books(db: StoreBench) -> None:
    held = db.hold(new_booking())
    call = Delivery(delivery().operation, CallRecord("vapi#c1").showing(held.id))

    booked = db.book_own(held, delivery=call)

    assert len(db.client.sent("transact_write_items")) == 2
    assert (booked.state, booked.provider_id, booked.due, booked.held_until) == (State.BOOKED, held.id, None, None)
    assert db.store.read(held.id) == booked
    assert db.entries()[held.id].kind is EntryKind.PIN
    assert db.lines(held.caller) == [(held.id, at(4))]
    assert db.effects(held.id) == [(2, "sms_booked")]
    assert db.history(held.id) == [(1, None, "held"), (2, "held", "booked")]
    assert db.store.view(operation=call.operation).operation == KnownOperation("f1", held.id)


# --- T2': attempts ---------------------------------------------------------------------------------------------------


def test_a_claim_makes_one_attempt_the_only_one(db: StoreBench) -> None:
    pinned = db.pin(new_booking())
    db.clock.time += 60
    attempt = db.attempt(2)

    claimed = db.store.claim(pinned, attempt=attempt, now=db.now)

    assert db.store.read(pinned.id) == claimed
    assert (claimed.attempt, claimed.sends, claimed.first_sent) == (attempt, 2, NOW)
    assert claimed.quiet_from == claimed.due == attempt.deadline
    with nothing_written(db), pytest.raises(StaleError):
        db.store.claim(pinned, attempt=replace(attempt, id="the other"), now=db.now)


def test_a_lost_answer_leaves_the_booking_in_doubt(db: StoreBench) -> None:
    pinned = db.pin(new_booking())
    db.clock.time += 5

    doubtful = db.store.doubt(pinned, due=db.now + 4, now=db.now)

    assert db.store.read(pinned.id) == doubtful
    assert (doubtful.state, doubtful.attempt, doubtful.in_doubt) == (State.BOOKING, None, True)
    assert doubtful.quiet_from == db.now  # it sends no more: silence counts from here
    assert doubtful.due == db.now + 4


def test_a_doubt_after_the_deadline_does_not_shorten_the_silence(db: StoreBench) -> None:
    pinned = db.pin(new_booking())
    db.clock.time += ATTEMPT_SECONDS + 20

    assert db.store.doubt(pinned, due=db.now, now=db.now).quiet_from == NOW + ATTEMPT_SECONDS


def test_an_attempt_that_was_not_executed_is_taken_off_the_count(db: StoreBench) -> None:
    before = db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW)
    db.clock.time += 200
    claimed = db.store.claim(before, attempt=db.attempt(2), now=db.now)

    unsent = db.store.unsent(claimed, before=before, due=db.now + 30, now=db.now)

    assert db.store.read(before.id) == unsent
    assert (unsent.attempt, unsent.sends, unsent.quiet_from) == (None, 1, before.quiet_from)
    assert (unsent.in_doubt, unsent.due) == (True, db.now + 30)


def test_a_booking_is_put_off(db: StoreBench) -> None:
    booked = db.book()

    later = db.store.postpone(booked, due=NOW + 9, audits=(NOW + 9, NOW + 99), now=NOW)
    put_off = db.store.postpone(later, due=NOW + 50, now=NOW)

    assert db.store.read(booked.id) == put_off
    assert (put_off.state, put_off.due, put_off.audits) == (State.BOOKED, NOW + 50, (NOW + 9, NOW + 99))
    assert db.store.postpone(put_off, due=None, audits=(), now=NOW).audits == ()


@pytest.mark.parametrize("state", [State.BOOKING, State.RESCHEDULING])
def test_an_attempt_that_died_without_a_word_leaves_a_doubt(db: StoreBench, state: State) -> None:
    killed = db.pin(new_booking()) if state is State.BOOKING else db.want_move(db.book(), times(6))
    db.clock.time += ATTEMPT_SECONDS + 1

    put_off = db.store.postpone(killed, due=db.now + 9, now=db.now)

    assert db.store.read(killed.id) == put_off
    assert (put_off.attempt, put_off.in_doubt) == (None, True)


def test_an_attempt_to_cancel_that_died_without_a_word_leaves_none(db: StoreBench) -> None:
    wanted = db.want_cancel(db.book(), attempt=db.attempt())
    db.clock.time += ATTEMPT_SECONDS

    put_off = db.store.postpone(wanted, due=db.now + 9, now=db.now)

    assert (put_off.attempt, put_off.in_doubt) == (None, False)  # cancelling twice harms nobody
    assert db.release(put_off).audits == ()


def test_an_attempt_that_died_without_a_word_is_audited(db: StoreBench) -> None:
    killed = db.pin(new_booking())
    db.clock.time += ATTEMPT_SECONDS

    ended = db.release(db.want_cancel(killed))

    assert ended.audits == tuple(db.now + delay for delay in AUDIT_DELAYS_SECONDS)


# --- T3: the event exists --------------------------------------------------------------------------------------------


def test_confirming_files_everything_and_touches_no_day(db: StoreBench) -> None:
    pinned = db.pin(new_booking())
    db.client.requests.clear()
    before = {key: row for key, row in db.rows().items() if key[1].startswith("D#")}

    booked = db.commit(pinned)

    assert {key: row for key, row in db.rows().items() if key[1].startswith("D#")} == before
    assert [name for name, _ in db.client.requests] == ["transact_write_items"]
    assert db.store.read(pinned.id) == booked
    assert (booked.state, booked.provider_id, booked.etag) == (State.BOOKED, f"event-{pinned.id}", "e1")
    assert (booked.host, booked.link, booked.needs_approval) == ("Ben", "https://meet.example/1", False)
    assert (booked.attempt, booked.in_doubt, booked.audits, booked.due) == (None, False, (), None)
    assert booked.contact == guest_of(pinned).contact
    assert db.row(keys.provider_map(BUSINESS, CALENDAR, f"event-{pinned.id}")) is not None
    assert db.lines(pinned.caller) == [(pinned.id, at(4))]
    assert db.effects(pinned.id) == [(2, "sms_booked")]
    assert db.history(pinned.id) == [(1, None, "booking"), (2, "booking", "booked")]


def test_a_provider_event_belongs_to_one_booking(db: StoreBench) -> None:
    db.commit(db.pin(new_booking("ada", 4)), id="event-1")
    bob = db.pin(new_booking("bob", 6))

    with nothing_written(db), pytest.raises(StaleError):
        db.commit(bob, id="event-1")


def test_the_same_event_may_be_committed_to_its_booking_again(db: StoreBench) -> None:
    asked = db.commit(db.pin(new_booking()), id="event-1", status="requested", effects=("sms_requested",))

    booked = db.commit(asked, id="event-1")

    assert db.effects(booked.id) == [(2, "sms_requested"), (3, "sms_booked")]


def test_a_request_awaits_the_host(db: StoreBench) -> None:
    asked = db.commit(db.pin(new_booking()), status="requested", effects=("sms_requested",))

    assert db.store.read(asked.id).needs_approval
    assert asked.due == NOW + 300


def test_a_request_that_was_in_doubt_is_looked_at_by_what_is_due_first(db: StoreBench) -> None:
    doubtful = db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW)

    asked = db.commit(doubtful, status="requested")

    assert (asked.audits, asked.due) == (AUDITS, NOW + 300)


def test_what_was_in_doubt_is_audited(db: StoreBench) -> None:
    booked = db.commit(db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW))

    assert db.store.read(booked.id) == booked
    assert (booked.in_doubt, booked.audits, booked.due) == (False, AUDITS, AUDITS[0])


def test_what_was_sent_twice_is_audited(db: StoreBench) -> None:
    booked = db.commit(db.store.claim(db.pin(new_booking()), attempt=db.attempt(2), now=NOW))

    assert (booked.audits, booked.due) == (AUDITS, AUDITS[0])


def test_audits_keep_their_times(db: StoreBench) -> None:
    asked = db.commit(db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW), status="requested")
    db.clock.time += 100

    booked = db.commit(asked)

    assert booked.audits == AUDITS


def test_a_new_doubt_is_audited_in_its_own_time(db: StoreBench) -> None:
    booked = db.commit(db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW))
    db.clock.time += 100

    moved = db.moved(db.store.doubt(db.want_move(booked, times(6)), due=NOW, now=db.now))

    assert moved.audits == tuple(sorted([*AUDITS, *(audit + 100 for audit in AUDITS)]))
    assert moved.due == AUDITS[0]


def test_the_record_takes_the_time_the_provider_says(db: StoreBench) -> None:
    pinned = db.pin(new_booking(times=times(4, before=10, after=10)))

    booked = db.commit(pinned, span=Interval(at(4), at(4) + 25))

    assert booked.times.span == Interval(at(4), at(4) + 25)
    assert booked.times.blocked == pinned.times.blocked


def test_a_booking_the_provider_shifted_has_one_line(db: StoreBench) -> None:
    booked = db.commit(db.pin(new_booking()), status="requested")

    shifted = db.commit(booked, span=Interval(at(4) + 5, at(4.5)))

    assert db.lines(booked.caller) == [(shifted.id, at(4) + 5)]


def test_a_stray_event_is_kept_and_wakes_the_reconciler(db: StoreBench) -> None:
    booked = db.book()
    assert db.due() == []

    db.store.stray(booked.id, provider_id="event-of-a-late-process", now=NOW)

    assert db.row(keys.stray(BUSINESS, booked.id, "event-of-a-late-process")) is not None
    assert db.due() == [(booked.id, None)]
    assert replace(db.store.read(booked.id), due=None) == booked
    assert db.store.postpone(db.store.read(booked.id), due=None, now=NOW).due is None
    assert db.due() == []


def test_a_stray_of_no_booking_is_kept_nowhere(db: StoreBench) -> None:
    with nothing_written(db), pytest.raises(StaleError):
        db.store.stray("nobody", provider_id="event-of-a-late-process", now=NOW)


def test_a_stray_does_not_stand_in_the_way_of_whoever_drives_now(db: StoreBench) -> None:
    pinned = db.pin(new_booking())
    db.store.stray(pinned.id, provider_id="event-2", now=NOW)

    assert db.commit(pinned).state is State.BOOKED


# --- T5 and T9: a booking ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [State.EXPIRED, State.REJECTED, State.CANCELLED])
def test_an_ended_booking_frees_every_day_of_every_calendar(db: StoreBench, to: State) -> None:
    booked = db.commit(db.pin(over_midnight(resources=(CHAIR, ROOM))))

    ended = db.release(booked, to, effects=("sms_cancelled", "human_task"))

    for resource in (CHAIR, ROOM):
        assert db.entries(resource) == db.entries(resource, MIDNIGHT) == {}
    assert db.store.read(booked.id) == ended
    assert (ended.state, ended.reason, ended.attempt, ended.due) == (to, "caller", None, None)
    assert db.intent(booked.intent) == (booked.id, "dead")
    assert db.lines(booked.caller) == []
    assert db.effects(booked.id)[1:] == [(3, "human_task"), (3, "sms_cancelled")]
    assert db.history(booked.id)[-1] == (3, "booked", to.value)
    db.pin(over_midnight("bob", resources=(CHAIR, ROOM)))


def test_an_ended_booking_frees_nothing_of_others(db: StoreBench) -> None:
    ada, bob = db.pin(new_booking("ada", 4)), db.pin(new_booking("bob", 5))

    db.release(ada, State.REJECTED)

    assert db.entries().keys() == {bob.id}


def test_a_lapsed_hold_expires(db: StoreBench) -> None:
    held = db.hold(new_booking())

    expired = db.release(held, State.EXPIRED)

    assert (expired.held_until, db.entries()) == (None, {})
    assert db.intent(held.intent) == (held.id, "dead")


def test_a_hold_that_was_written_over_expires_all_the_same(db: StoreBench) -> None:
    ada = db.hold(new_booking("ada"))
    db.clock.time = NOW + HOLD_SECONDS + SKEW_SECONDS
    bob = db.hold(new_booking("bob", held_until=db.now + HOLD_SECONDS))

    db.release(ada, State.EXPIRED)

    assert db.entries().keys() == {bob.id}


def test_a_release_never_ends_the_wish_of_another_booking(db: StoreBench) -> None:
    ada, bob = db.hold(new_booking("ada", 4)), db.hold(new_booking("bob", 6))

    with nothing_written(db), pytest.raises(StaleError):
        db.release(replace(bob, intent=ada.intent), State.EXPIRED)


def test_a_booking_ends_although_the_table_has_forgotten_its_wish(db: StoreBench) -> None:
    booked = db.book()
    db.table.transact([db.table.delete(keys.intent(BUSINESS, booked.intent))])  # records lapse in any order

    assert db.store.read(db.release(booked).id).state is State.CANCELLED


def test_a_booking_that_ends_in_doubt_is_audited(db: StoreBench) -> None:
    doubtful = db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW)

    ended = db.release(doubtful, State.REJECTED)

    assert db.store.read(ended.id) == ended
    assert (ended.in_doubt, ended.audits, ended.due) == (False, AUDITS, AUDITS[0])


def test_a_release_keeps_the_audits(db: StoreBench) -> None:
    booked = db.commit(db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW))
    db.clock.time += 100

    ended = db.release(db.want_cancel(booked))

    assert (ended.audits, ended.due) == (AUDITS, AUDITS[0])


def test_a_release_meets_others_on_its_days(db: StoreBench) -> None:
    ada = db.pin(new_booking("ada", 4))
    bob = new_booking("bob", 6)
    db.client.plan("transact_write_items", meanwhile(lambda: db.pin(bob)))

    db.release(ada, State.REJECTED)

    assert db.entries().keys() == {bob.id}


# --- T6: a move is wanted --------------------------------------------------------------------------------------------


def test_a_wish_to_move_pins_both_times(db: StoreBench) -> None:
    booked = db.book()

    moving = db.want_move(booked, times(6, before=5, after=10), delivery=delivery())

    entries = db.entries()
    assert entries.keys() == {booked.id, f"{booked.id}+"}
    target = entries[f"{booked.id}+"]
    assert (target.interval, target.kind, target.until) == (Interval(at(6) - 5, at(6.5) + 10), EntryKind.PIN, None)
    assert db.store.read(booked.id) == moving
    assert (moving.state, moving.times, moving.moving_to) == (
        State.RESCHEDULING,
        booked.times,
        times(6, before=5, after=10),
    )
    assert (moving.attempt, moving.sends, moving.first_sent) == (db.attempt(), 1, NOW)
    assert moving.due == moving.quiet_from == NOW + ATTEMPT_SECONDS
    for hours in (4, 6, 6.5):
        with pytest.raises(SlotTakenError):
            db.hold(new_booking("bob", hours))
    assert db.store.view(operation=delivery().operation).operation == KnownOperation("f1", booked.id)


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_may_overlap_its_own_old_time(db: StoreBench, move: str) -> None:
    booked = db.book("ada", 4)

    getattr(db, move)(booked, times(4.25))

    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob", 4.5))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_onto_somebody_else_is_refused(db: StoreBench, move: str) -> None:
    booked = db.book("ada", 4)
    seen = db.view(booked, to=times(6))
    db.hold(new_booking("bob", 6.25))

    for days in (None, seen):
        with nothing_written(db), pytest.raises(SlotTakenError):
            getattr(db, move)(booked, times(6), days=days)


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_is_refused_when_one_of_the_staff_is_taken(db: StoreBench, move: str) -> None:
    booked = db.book("ada", 4, resources=(CHAIR, ROOM))
    db.hold(new_booking("bob", 6, resources=(ROOM,)))

    with nothing_written(db), pytest.raises(SlotTakenError):
        getattr(db, move)(booked, times(6))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_over_midnight_locks_both_days(db: StoreBench, move: str) -> None:
    booked = db.book("ada", 4)

    getattr(db, move)(booked, over_midnight().times)

    for minute in (MIDNIGHT - 10, MIDNIGHT):
        with pytest.raises(SlotTakenError):
            db.hold(new_booking("bob", times=Times.of(minute, minutes=10)))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_only_the_owner_may_move(db: StoreBench, move: str) -> None:
    booked = db.book("ada")

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, move)(booked, times(6), caller="caller-eve")


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_only_a_booked_appointment_can_be_moved(db: StoreBench, move: str) -> None:
    pinned = db.pin(new_booking())

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, move)(pinned, times(6))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_what_is_to_be_cancelled_cannot_be_moved(db: StoreBench, move: str) -> None:
    booked = db.book()
    by_hand = db.table.change(
        keys.booking(BUSINESS, booked.id), {}, {"want": "none"}, condition="rv = :rv", rv=booked.rv
    )
    db.table.transact([by_hand])  # no transition leaves a booking so

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, move)(booked, times(8))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_removes_the_lapsed_hold_it_writes_over(db: StoreBench, move: str) -> None:
    booked, bob = db.book("ada", 4), db.hold(new_booking("bob", 6))
    db.clock.time = NOW + HOLD_SECONDS + SKEW_SECONDS

    getattr(db, move)(booked, times(6.25))

    assert bob.id not in db.entries()


# --- T7: moved, or not -----------------------------------------------------------------------------------------------


def test_a_move_that_is_done_leaves_the_new_time_only(db: StoreBench) -> None:
    booked = db.book("ada", 4)
    moving = db.want_move(booked, times(30, after=15))
    old_wish, new_wish = booked.intent, intent_key(booked.caller, service=SERVICE, start=at(30))

    moved = db.moved(moving, id="event-2")

    assert db.entries() == {}
    (entry,) = db.entries(minute=at(30)).values()
    assert (entry.owner, entry.interval, entry.kind) == (booked.id, times(30, after=15).blocked, EntryKind.PIN)
    assert db.store.read(booked.id) == moved
    assert (moved.state, moved.times, moved.moving_to) == (State.BOOKED, times(30, after=15), None)
    assert (moved.provider_id, moved.intent, moved.attempt, moved.due) == ("event-2", new_wish, None, None)
    assert db.lines(booked.caller) == [(booked.id, at(30))]
    assert db.intent(old_wish) == (booked.id, "dead")
    assert db.intent(new_wish) == (booked.id, "live")
    assert db.row(keys.provider_map(BUSINESS, CALENDAR, "event-2")) is not None
    assert db.effects(booked.id)[1:] == [(4, "sms_moved")]
    assert db.history(booked.id)[2:] == [(3, "booked", "rescheduling"), (4, "rescheduling", "booked")]


def test_a_move_within_a_day_frees_what_it_leaves(db: StoreBench) -> None:
    moved = db.moved(db.want_move(db.book("ada", 4), times(4.25)))

    assert [(e.owner, e.interval) for e in db.entries().values()] == [(moved.id, times(4.25).blocked)]
    db.hold(new_booking("bob", times=Times.of(at(4), minutes=15)))


def test_a_move_frees_every_day_and_calendar_it_leaves(db: StoreBench) -> None:
    booked = db.commit(db.pin(over_midnight(resources=(CHAIR, ROOM))))

    db.moved(db.want_move(booked, times(4)))

    for resource in (CHAIR, ROOM):
        assert db.entries(resource).keys() == {booked.id}
        assert db.entries(resource, MIDNIGHT) == {}


def test_a_move_in_place_keeps_its_event_and_what_the_provider_did_not_repeat(db: StoreBench) -> None:
    booked = db.book()

    moved = db.moved(db.want_move(booked, times(6)), host=None, link=None, etag="e2", status="requested")

    assert (moved.provider_id, moved.host, moved.link, moved.etag) == (
        booked.provider_id,
        "Ben",
        "https://meet.example/1",
        "e2",
    )
    assert (moved.needs_approval, moved.due) == (True, NOW + 300)


def test_an_event_of_another_booking_cannot_become_ours_by_a_move(db: StoreBench) -> None:
    db.commit(db.pin(new_booking("bob", 8)), id="event-of-bob")
    moving = db.want_move(db.book(), times(6))

    with nothing_written(db), pytest.raises(StaleError):
        db.moved(moving, id="event-of-bob")


def test_what_is_not_being_moved_cannot_have_moved(db: StoreBench) -> None:
    booked = db.book()

    with nothing_written(db), pytest.raises(StaleError):
        db.moved(booked)


def test_a_move_in_doubt_is_audited_and_keeps_older_audits(db: StoreBench) -> None:
    doubtful = db.store.doubt(db.want_move(db.book(), times(6)), due=NOW, now=NOW)
    moved = db.moved(doubtful)
    assert (moved.in_doubt, moved.audits, moved.due) == (False, AUDITS, AUDITS[0])
    db.clock.time += 100

    again = db.moved(db.want_move(moved, times(8)))

    assert (again.audits, again.due) == (AUDITS, AUDITS[0])


def test_a_refused_move_gives_the_new_time_back(db: StoreBench) -> None:
    booked = db.book("ada", 4)
    moving = db.want_move(booked, over_midnight().times)

    stayed = db.store.stay(moving, effects=["sms_failed"], now=NOW)

    (entry,) = db.entries().values()
    assert (entry.owner, entry.interval, entry.kind) == (booked.id, times(4).blocked, EntryKind.PIN)
    assert db.entries(minute=MIDNIGHT) == {}
    assert db.store.read(booked.id) == stayed
    assert (stayed.state, stayed.times, stayed.moving_to) == (State.BOOKED, booked.times, None)
    assert (stayed.attempt, stayed.audits, stayed.due) == (None, (), None)
    assert db.effects(booked.id)[1:] == [(4, "sms_failed")]
    assert db.lines(booked.caller) == [(booked.id, at(4))]
    assert db.intent(booked.intent) == (booked.id, "live")


def test_a_refused_move_that_was_in_doubt_is_audited(db: StoreBench) -> None:
    doubtful = db.store.doubt(db.want_move(db.book(), times(6)), due=NOW, now=NOW)

    stayed = db.store.stay(doubtful, effects=[], now=NOW)

    assert db.store.read(stayed.id) == stayed
    assert (stayed.in_doubt, stayed.audits, stayed.due) == (False, AUDITS, AUDITS[0])


def test_a_booking_that_ends_while_it_moves_frees_both_times(db: StoreBench) -> None:
    moving = db.want_move(db.book(), times(30))

    db.release(moving)

    assert db.entries() == db.entries(minute=at(30)) == {}
    assert db.lines(moving.caller) == []
    assert db.intent(moving.intent) == db.intent(wish_at(30)) == (moving.id, "dead")


def test_a_move_stands_for_the_wish_at_its_new_time(db: StoreBench) -> None:
    booked = db.book("ada", 4)

    db.want_move(booked, times(6))

    assert db.intent(booked.intent) == db.intent(wish_at(6)) == (booked.id, "live")
    with nothing_written(db), pytest.raises(StaleError):
        db.pin(new_booking("ada", 6, resources=(ROOM,)))


@pytest.mark.parametrize("move", ["want_move", "move_own"])
def test_a_move_to_a_time_the_caller_has_already_is_refused(db: StoreBench, move: str) -> None:
    booked = db.book("ada", 4)
    db.book("ada", 6, resources=(ROOM,))

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, move)(booked, times(6))


def test_a_refused_move_gives_the_wish_back(db: StoreBench) -> None:
    booked = db.book("ada", 4)

    db.store.stay(db.want_move(booked, times(6)), effects=[], now=NOW)

    assert db.intent(booked.intent) == (booked.id, "live")
    assert db.intent(wish_at(6)) == (booked.id, "dead")
    db.pin(new_booking("ada", 6))


def test_a_move_that_the_provider_took_elsewhere_stands_for_where_it_is(db: StoreBench) -> None:
    moving = db.want_move(db.book("ada", 4), times(6))

    db.moved(moving, span=Interval(at(6) + 5, at(6.5) + 5))

    assert db.intent(moving.intent) == db.intent(wish_at(6)) == (moving.id, "dead")
    assert db.intent(wish_at(6 + 5 / 60)) == (moving.id, "live")
    assert db.lines(moving.caller) == [(moving.id, at(6) + 5)]


def test_a_move_within_the_same_start_keeps_its_wish(db: StoreBench) -> None:
    booked = db.book("ada", 4)

    stayed = db.store.stay(db.want_move(booked, times(4, minutes=60)), effects=[], now=NOW)
    assert db.intent(booked.intent) == (booked.id, "live")

    db.moved(db.want_move(stayed, times(4, minutes=60)))
    assert db.intent(booked.intent) == (booked.id, "live")


def test_where_the_lock_is_the_calendar_one_transaction_moves(db: StoreBench) -> None:
    booked = db.book_own(new_booking("ada", 4))
    db.client.requests.clear()
    days = db.view(booked, to=times(30, after=15))
    wish = delivery("call-2", call=CallRecord("vapi#c1").showing(booked.id))

    moved = db.move_own(booked, times(30, after=15), days=days, delivery=wish)

    assert len(db.client.sent("transact_write_items")) == 1
    assert db.entries() == {}
    (entry,) = db.entries(minute=at(30)).values()
    assert (entry.owner, entry.interval, entry.kind) == (booked.id, times(30, after=15).blocked, EntryKind.PIN)
    assert db.store.read(booked.id) == moved
    assert (moved.state, moved.times, moved.provider_id) == (State.BOOKED, times(30, after=15), booked.id)
    assert db.lines(booked.caller) == [(booked.id, at(30))]
    assert db.intent(booked.intent) == (booked.id, "dead")
    assert db.intent(moved.intent) == (booked.id, "live")
    assert db.effects(booked.id)[1:] == [(2, "sms_moved")]
    assert db.history(booked.id)[1:] == [(2, "booked", "booked")]
    assert db.store.view(operation=wish.operation).operation == KnownOperation("f1", booked.id)
    assert db.store.view(scope="vapi#c1").call == CallRecord("vapi#c1", 1, (booked.id,))


def test_an_own_move_within_a_day_leaves_one_entry(db: StoreBench) -> None:
    booked = db.book_own(new_booking("ada", 4))

    db.move_own(booked, times(4.25))

    assert [(e.owner, e.interval) for e in db.entries().values()] == [(booked.id, times(4.25).blocked)]


# --- T8 and T9: a cancellation ---------------------------------------------------------------------------------------


def test_a_wish_to_cancel_keeps_the_lock(db: StoreBench) -> None:
    booked = db.book()

    wanted = db.want_cancel(booked, attempt=db.attempt(), delivery=delivery("call-2"))

    assert db.store.read(booked.id) == wanted
    assert (wanted.state, wanted.cancel_wanted, wanted.sends) == (State.CANCELLING, True, 0)
    assert (wanted.attempt, wanted.due, wanted.first_sent) == (db.attempt(), NOW + ATTEMPT_SECONDS, NOW)
    assert db.history(booked.id)[-1] == (3, "booked", "cancelling")
    assert db.store.view(operation=delivery("call-2").operation).operation == KnownOperation("f1", booked.id)
    with pytest.raises(SlotTakenError):
        db.hold(new_booking("bob"))


@pytest.mark.parametrize("state", [State.BOOKING, State.RESCHEDULING])
def test_a_wish_to_cancel_leaves_an_attempt_to_itself(db: StoreBench, state: State) -> None:
    busy = db.pin(new_booking()) if state is State.BOOKING else db.want_move(db.book(), times(6))

    wanted = db.want_cancel(busy)

    assert db.store.read(busy.id) == wanted
    assert (wanted.state, wanted.cancel_wanted) == (state, True)
    assert (wanted.attempt, wanted.sends, wanted.due) == (busy.attempt, 1, busy.due)


@pytest.mark.parametrize("cancel", ["want_cancel", "cancel_own"])
def test_only_the_owner_may_cancel(db: StoreBench, cancel: str) -> None:
    booked = db.book("ada")

    with nothing_written(db), pytest.raises(StaleError):
        getattr(db, cancel)(booked, caller="caller-eve")


def test_where_the_lock_is_the_calendar_one_transaction_cancels(db: StoreBench) -> None:
    booked = db.book_own(over_midnight(resources=(CHAIR, ROOM)))

    ended = db.cancel_own(booked, delivery=delivery("call-2"))

    for resource in (CHAIR, ROOM):
        assert db.entries(resource) == db.entries(resource, MIDNIGHT) == {}
    assert db.store.read(booked.id) == ended
    assert (ended.state, ended.reason, ended.cancel_wanted, ended.due) == (State.CANCELLED, "caller", True, None)
    assert db.intent(booked.intent) == (booked.id, "dead")
    assert db.lines(booked.caller) == []
    assert db.effects(booked.id)[1:] == [(2, "sms_cancelled")]
    assert db.history(booked.id)[1:] == [(2, "booked", "cancelled")]
    assert db.store.view(operation=delivery("call-2").operation).operation == KnownOperation("f1", booked.id)


def test_a_booking_the_provider_will_not_cancel_stands(db: StoreBench) -> None:
    booked = db.commit(db.store.doubt(db.pin(new_booking()), due=NOW, now=NOW))
    wanted = db.want_cancel(booked, attempt=db.attempt())

    kept = db.store.keep(wanted, effects=["sms_failed", "human_task"], now=NOW)

    assert db.store.read(booked.id) == kept
    assert (kept.state, kept.cancel_wanted, kept.attempt) == (State.BOOKED, False, None)
    assert (kept.audits, kept.due) == (AUDITS, AUDITS[0])  # a doubt outlives every transition
    assert db.effects(booked.id)[1:] == [(5, "human_task"), (5, "sms_failed")]
    assert db.entries().keys() == {booked.id}
    assert db.lines(booked.caller) == [(booked.id, at(4))]


def test_an_event_that_is_found_after_its_caller_cancelled_is_recorded_and_cancelled(db: StoreBench) -> None:
    found = db.commit(db.want_cancel(db.pin(new_booking())), effects=())

    assert db.store.read(found.id) == found
    assert (found.state, found.cancel_wanted, found.provider_id) == (State.CANCELLING, True, f"event-{found.id}")
    assert db.due() == [(found.id, None)]


def test_a_move_that_is_done_after_its_caller_cancelled_is_recorded_and_cancelled(db: StoreBench) -> None:
    moved = db.moved(db.want_cancel(db.want_move(db.book("ada", 4), times(6))), effects=())

    assert (moved.state, moved.times, moved.cancel_wanted) == (State.CANCELLING, times(6), True)
    assert db.due() == [(moved.id, None)]
    assert [entry.interval for entry in db.entries().values()] == [times(6).blocked]


def test_a_booking_kept_while_it_moved_gives_the_new_time_back(db: StoreBench) -> None:
    wanted = db.want_cancel(db.want_move(db.book("ada", 4), over_midnight().times))

    kept = db.store.keep(wanted, effects=[], now=NOW)

    assert db.store.read(kept.id) == kept
    assert (kept.state, kept.moving_to, kept.in_doubt) == (State.BOOKED, None, False)
    assert [entry.interval for entry in db.entries().values()] == [times(4).blocked]
    assert db.entries(minute=MIDNIGHT) == {}
    assert db.intent(wish_at((MIDNIGHT - NOON) / 60 - 0.25)) == (kept.id, "dead")


@pytest.mark.parametrize("step", ["stay", "keep"])
def test_a_request_that_stands_is_looked_at_again(db: StoreBench, step: str) -> None:
    asked = db.commit(db.pin(new_booking()), status="requested")
    changing = db.want_move(asked, times(6)) if step == "stay" else db.want_cancel(asked, attempt=db.attempt())

    stands = getattr(db.store, step)(changing, effects=[], now=NOW)

    assert (stands.needs_approval, stands.due) == (True, NOW + 300)


def test_a_booking_that_was_never_in_doubt_is_kept_without_a_look(db: StoreBench) -> None:
    kept = db.store.keep(db.want_cancel(db.book(), attempt=db.attempt()), effects=[], now=NOW)

    assert (kept.audits, kept.due) == ((), None)


# --- reads -----------------------------------------------------------------------------------------------------------


def test_one_round_trip_shows_all_that_a_wish_must_know(db: StoreBench) -> None:
    held = db.hold(new_booking("ada", 4), delivery=delivery(call=replace(CallRecord("vapi#c1").showing("x"), held="x")))
    dead = db.release(db.hold(new_booking("bob", 6)), State.EXPIRED)
    db.client.requests.clear()

    seen = db.store.view(
        operation=delivery().operation,
        scope="vapi#c1",
        intents=[held.intent, dead.intent, "never wished"],
        days=[(CHAIR, db.day().day), (ROOM, db.day().day), (CHAIR, db.day().day)],
    )

    assert [name for name, _ in db.client.requests] == ["batch_get_item"]
    assert seen.operation == KnownOperation("f1", held.id)
    assert seen.intents == {held.intent: held.id}
    assert seen.call == CallRecord("vapi#c1", 1, ("x",), "x")
    assert seen.days[CHAIR, db.day().day] == db.day()
    assert (seen.days[ROOM, db.day().day].version, seen.days[ROOM, db.day().day].entries) == (0, ())
    (request,) = db.client.sent("batch_get_item")
    assert all(wanted["ConsistentRead"] for wanted in request["RequestItems"].values())


def test_an_unknown_call_has_an_empty_record(db: StoreBench) -> None:
    assert db.store.view(scope="vapi#new").call == CallRecord("vapi#new")
    assert db.store.view(operation=delivery().operation).call is None
    assert db.store.view(operation=delivery().operation).operation is None


def test_the_days_of_a_window_are_read_for_offering(db: StoreBench) -> None:
    held = db.hold(over_midnight())
    db.hold(new_booking("bob", 24 * 3))

    days = db.store.days([CHAIR, ROOM], window=Interval(NOON, MIDNIGHT + 1440))

    assert [(document.day, [e.owner for e in document.entries]) for document in days[CHAIR].documents] == [
        (day, [held.id]) for day in held.times.span.utc_days()
    ]
    assert days[ROOM] == ResourceDays()


def test_a_calendar_that_changed_is_marked_beside_its_days(db: StoreBench) -> None:
    held = db.hold(over_midnight())
    db.store.note_changed(CHAIR, now=NOW + 5)

    days = db.store.days([CHAIR], window=Interval(NOON, NOON + 60))[CHAIR]

    assert days.changed == NOW + 5
    assert [document.day for document in days.documents] == list(held.times.span.utc_days())[:1]


def test_an_event_leads_to_its_booking(db: StoreBench) -> None:
    booked = db.book()

    assert db.store.of_event(booked.calendar, booked.provider_id or "") == booked.id
    assert db.store.of_event("other", booked.provider_id or "") is None


def test_a_callers_bookings_come_soonest_first(db: StoreBench) -> None:
    late, soon, past = db.book("ada", 30), db.book("ada", 4), db.book("ada", 1)
    db.book("bob", 6)

    assert db.lines("caller-ada") == [(past.id, at(1)), (soon.id, at(4)), (late.id, at(30))]
    assert [line.booking for line in db.store.of_caller("caller-ada", not_before=at(4))] == [soon.id, late.id]
    assert all(request["ConsistentRead"] for request in db.client.sent("query"))  # a booking just made is seen


def test_a_hold_is_seen_with_its_wish(db: StoreBench) -> None:
    held, pinned = db.hold(new_booking("ada", 4)), db.pin(new_booking("bob", 6))

    assert db.store.view(intents=[held.intent, pinned.intent]).holds == {held.intent: held}
    db.pin(held)
    assert db.store.view(intents=[held.intent, pinned.intent]).holds == {}


def test_what_belongs_to_a_booking_is_kept_for_forty_days_after_it(db: StoreBench) -> None:
    moving = db.want_move(db.book("ada", 4), times(30))

    kept_until = {key: row["ttl"] for key, row in db.rows().items()}

    for key in (keys.booking(BUSINESS, moving.id), keys.intent(BUSINESS, wish_at(30))):
        assert kept_until[key] == at(30.5) * 60 + 40 * 86_400
    assert min(kept_until.values()) >= NOW + 40 * 86_400 - 12 * 3600  # the day document of today


def test_what_is_not_there_cannot_be_read(db: StoreBench) -> None:
    with pytest.raises(StaleError):
        db.store.read("nobody")


def test_how_each_was_booked_is_read_where_it_is_asked_for(db: StoreBench) -> None:
    db.store.note_booked({CHAIR: 30.0}, now=NOW)
    db.store.note_booked({CHAIR: 60.5}, now=NOW + 7)
    places = [(CHAIR, db.day().day), (ROOM, db.day().day)]

    assert db.store.view(days=places, staffed=True).served == {CHAIR: Served(NOW + 7, 60.5)}
    assert db.store.view(days=places).served == {}


# --- messages a caller asks for --------------------------------------------------------------------------------------


def test_a_message_asked_for_is_queued_once_a_minute_to_each_number(db: StoreBench) -> None:
    booked = db.book()
    db.store.ask_message(booked, kind="sms_asked", to="+14155550199", delivery=delivery("call-2"), now=NOW)

    with nothing_written(db), pytest.raises(StaleError):
        db.store.ask_message(booked, kind="sms_asked", to="+14155550199", delivery=delivery("call-3"), now=NOW + 1)

    db.store.ask_message(booked, kind="sms_asked", to=None, delivery=delivery("call-3"), now=NOW + 1)
    with nothing_written(db), pytest.raises(StaleError):
        db.store.ask_message(booked, kind="sms_asked", to=None, delivery=delivery("call-4"), now=NOW + 2)
    db.store.ask_message(booked, kind="sms_asked", to=None, delivery=delivery("call-4"), now=NOW + 60)
    assert db.store.messages_asked_for(booked.id) == 3  # the confirmation is not one of them


def test_a_filed_delivery_asks_for_no_second_message(db: StoreBench) -> None:
    booked = db.book()
    db.store.ask_message(booked, kind="sms_asked", to=None, delivery=delivery("call-2"), now=NOW)

    with nothing_written(db), pytest.raises(StaleError):
        db.store.ask_message(
            booked, kind="sms_asked", to=None, delivery=delivery("call-2", fingerprint="f2"), now=NOW + 60
        )


# --- what is due -----------------------------------------------------------------------------------------------------


def test_what_must_be_looked_at_is_on_the_agenda_when_its_time_has_come(db: StoreBench) -> None:
    held = db.hold(new_booking("ada", 4))
    pinned = db.pin(new_booking("bob", 6))

    assert db.due(ATTEMPT_SECONDS - 0.5) == []
    assert db.due(ATTEMPT_SECONDS) == [(pinned.id, None)]
    assert sorted(db.due(HOLD_SECONDS)) == sorted([(held.id, None), (pinned.id, None)])


def test_what_is_settled_leaves_the_agenda_and_its_effect_enters(db: StoreBench) -> None:
    booked = db.book()

    assert db.due() == []
    assert db.due(86_400) == [(booked.id, (2, "sms_booked"))]


def test_an_event_of_ours_is_named_by_its_provider_id(db: StoreBench) -> None:
    booked = db.commit(db.pin(new_booking()), id="event-1")

    assert (db.row(keys.provider_map(BUSINESS, CALENDAR, "event-1")) or {})["bid"] == booked.id
    assert event_of(booked).id == "event-1"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_agenda_takes_as_many_as_asked_for_oldest_first(db: StoreBench, rows: int) -> None:
    ids = [f"ada{n:03d}" for n in range(200) if keys.shard(f"ada{n:03d}") == "W#7"][:4]
    for number, booking_id in enumerate(ids):
        db.pin(new_booking("ada", 4 + number, id=booking_id, intent=booking_id))
        db.clock.time += 10

    assert [work.booking for work in db.agenda.due(NOW + 600, limit=rows)] == ids[:rows]


def test_doubt_is_measured_from_the_first_request_of_what_is_unfinished(db: StoreBench) -> None:
    def since() -> float | None:
        return db.agenda.in_doubt_since(db.agenda.due(NOW + 600, limit=10))

    db.hold(new_booking("bob", 6))
    assert since() is None

    pinned = db.pin(new_booking())
    assert since() == pinned.first_sent == NOW
    paused = db.store.doubt(pinned, due=NOW + 590, now=NOW)
    assert since() == NOW

    db.commit(paused)
    assert since() is None
