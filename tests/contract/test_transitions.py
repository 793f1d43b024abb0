"""What holds for every transition alike: fenced by the version, one transaction, safe to repeat, patient, recorded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.table import MAX_TRIES
from slotline.domain.bookings import State
from slotline.domain.errors import StaleError, StoreUnavailableError
from slotline.ports import CallRecord
from tests.contract.bookings import BUSINESS, CHAIR, NOW, StoreBench, delivery, new_booking, times
from tests.contract.tables import (
    Fault,
    answer_lost,
    conflict,
    meanwhile,
    request_lost,
    sent_as_it_is,
    throttled,
    unreachable,
)

if TYPE_CHECKING:
    from slotline.domain.bookings import Booking

Step = Callable[[StoreBench, "Booking"], "Booking"]


def _held(db: StoreBench) -> Booking:
    return db.hold(new_booking())


def _pinned(db: StoreBench) -> Booking:
    return db.pin(new_booking())


def _booked(db: StoreBench) -> Booking:
    return db.book()


def _moving(db: StoreBench) -> Booking:
    return db.want_move(db.book(), times(6))


def _cancelling(db: StoreBench) -> Booking:
    return db.want_cancel(db.book(), attempt=db.attempt())


FIRST_STEPS: dict[str, Step] = {
    "hold": lambda db, b: db.hold(b, delivery=delivery("call-9")),
    "pin at once": lambda db, b: db.pin(b, delivery=delivery("call-9")),
    "book_own at once": lambda db, b: db.book_own(b, delivery=delivery("call-9")),
}
LATER_STEPS: dict[str, tuple[Callable[[StoreBench], Booking], Step]] = {
    "take_over": (
        _held,
        lambda db, b: db.store.take_over(b, agent="night-desk", delivery=delivery("call-9"), now=db.now),
    ),
    "pin": (_held, lambda db, b: db.pin(b, delivery=delivery("call-9"))),
    "book_own": (_held, lambda db, b: db.book_own(b, delivery=delivery("call-9"))),
    "claim": (_pinned, lambda db, b: db.store.claim(b, attempt=db.attempt(2), now=db.now)),
    "doubt": (_pinned, lambda db, b: db.store.doubt(b, due=db.now, now=db.now)),
    "give_way": (_pinned, lambda db, b: db.store.give_way(b, now=db.now)),
    "unsent": (_pinned, lambda db, b: db.store.unsent(b, before=b, due=db.now, now=db.now)),
    "postpone": (_pinned, lambda db, b: db.store.postpone(b, due=db.now, now=db.now)),
    "commit": (_pinned, lambda db, b: db.commit(b)),
    "reject": (_pinned, lambda db, b: db.release(b, State.REJECTED, effects=("sms_failed",))),
    "expire": (_held, lambda db, b: db.release(b, State.EXPIRED)),
    "cancelled": (_cancelling, lambda db, b: db.release(b, effects=("sms_cancelled",))),
    "want_move": (_booked, lambda db, b: db.want_move(b, times(6), delivery=delivery("call-9"))),
    "moved": (_moving, lambda db, b: db.moved(b)),
    "stay": (_moving, lambda db, b: db.store.stay(b, effects=["sms_failed"], now=db.now)),
    "move_own": (_booked, lambda db, b: db.move_own(b, times(6), delivery=delivery("call-9"))),
    "want_cancel": (_booked, lambda db, b: db.want_cancel(b, delivery=delivery("call-9"))),
    "cancel_own": (_booked, lambda db, b: db.cancel_own(b, delivery=delivery("call-9"))),
    "keep": (_cancelling, lambda db, b: db.store.keep(b, effects=["human_task"], now=db.now)),
}
ALL_STEPS: dict[str, tuple[Callable[[StoreBench], Booking], Step]] = {
    **{name: (lambda db: new_booking(), step) for name, step in FIRST_STEPS.items()},
    **LATER_STEPS,
}
FILING = {*FIRST_STEPS, "take_over", "pin", "book_own", "want_move", "move_own", "want_cancel", "cancel_own"}

every_step = pytest.mark.parametrize("name", ALL_STEPS)
every_later_step = pytest.mark.parametrize("name", LATER_STEPS)


@every_later_step
def test_whoever_read_an_older_version_writes_nothing(db: StoreBench, name: str) -> None:
    prepare, step = LATER_STEPS[name]
    read = prepare(db)
    db.store.postpone(read, due=read.due, now=db.now)  # somebody else was here
    before = db.rows()

    with pytest.raises(StaleError):
        step(db, read)

    assert db.rows() == before


@every_step
def test_a_transition_is_one_transaction(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)
    db.client.requests.clear()

    after = step(db, booking)

    writes = [operation for operation, _ in db.client.requests if not operation.startswith(("get", "batch_get"))]
    assert writes == ["transact_write_items"]
    assert db.store.read(booking.id) == after


@every_step
def test_the_history_replays_to_the_record(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]

    after = step(db, prepare(db))

    history = db.history(after.id)
    assert [rv for rv, _, _ in history] == list(range(1, after.rv + 1))
    assert [before for _, before, _ in history] == [None, *(to for _, _, to in history[:-1])]
    assert history[-1][2] == after.state.value


@pytest.mark.parametrize("name", sorted(FILING))
def test_a_delivery_is_filed_with_its_effect(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)

    step(db, booking)

    filed = db.row(keys.operation(BUSINESS, "vapi#c1", "call-9")) or {}
    assert (filed["bid"], filed["fp"]) == (booking.id, "f1")


@pytest.mark.parametrize("name", sorted(FILING))
def test_a_delivery_that_is_filed_for_another_booking_is_not_carried_out(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)
    db.hold(new_booking("eve", 20), delivery=delivery("call-9"))
    before = db.rows()

    with pytest.raises(StaleError):
        step(db, booking)

    assert db.rows() == before


@every_step
@pytest.mark.parametrize(
    "faults",
    [[conflict, conflict, answer_lost], [throttled, throttled, request_lost], [unreachable]],
    ids=["conflicts, then answer lost", "throttled, then request lost", "unreachable"],
)
def test_a_passing_failure_leaves_exactly_one_effect(db: StoreBench, name: str, faults: list[Fault]) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)
    effects = db.effects(booking.id)
    db.client.requests.clear()
    db.client.plan("transact_write_items", *faults)

    after = step(db, booking)

    assert db.store.read(booking.id) == after
    assert after.rv == booking.rv + 1
    assert len(db.history(booking.id)) == after.rv
    assert {rv for rv, _ in set(db.effects(booking.id)) - set(effects)} <= {after.rv}
    first, *others = db.client.sent("transact_write_items")
    assert others == [first] * len(faults)  # the same request with the same token


@every_step
def test_a_repeat_is_our_own_success_even_when_the_token_is_forgotten(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)
    db.client.remembers_tokens = False
    db.client.plan("transact_write_items", answer_lost)

    after = step(db, booking)

    assert db.store.read(booking.id) == after
    assert len(db.history(booking.id)) == after.rv == booking.rv + 1


@pytest.mark.engine
def test_the_token_makes_a_repeat_the_same_transaction(engine_bench: StoreBench) -> None:
    """What carries no nonce rests on the token alone. Moto ignores it, so only the engine can show this."""
    db, call = engine_bench, CallRecord("vapi#c1").showing("one")
    db.client.plan("transact_write_items", answer_lost)

    db.store.show(call, now=NOW)

    assert db.store.view(scope="vapi#c1").call == CallRecord("vapi#c1", 1, ("one",))


def test_the_same_payload_is_the_same_transaction(db: StoreBench) -> None:
    call = CallRecord("vapi#c1").showing("one")

    for record in (call, call, call.showing("two")):
        with suppress(StaleError):  # moto does not honour the token, and the last one has been overtaken
            db.store.show(record, now=NOW)

    first, again, other = [request["ClientRequestToken"] for request in db.client.sent("transact_write_items")]
    assert first == again != other


def test_two_transactions_never_share_a_token(db: StoreBench) -> None:
    db.book()
    db.book("bob", 8)

    tokens = [request["ClientRequestToken"] for request in db.client.sent("transact_write_items")]
    assert len(set(tokens)) == len(tokens) == 4


@every_step
def test_contention_that_does_not_pass_fails_closed(db: StoreBench, name: str) -> None:
    prepare, step = ALL_STEPS[name]
    booking = prepare(db)
    before = db.rows()
    db.client.plan("transact_write_items", *[conflict] * (MAX_TRIES - 1), throttled)

    with pytest.raises(StoreUnavailableError) as unavailable:
        step(db, booking)

    assert db.rows() == before
    assert not unavailable.value.in_doubt


def test_a_calendar_that_never_rests_is_given_up(db: StoreBench) -> None:
    wish = new_booking("ada", 4)
    others = iter(range(MAX_TRIES))

    def somebody_else() -> None:
        number = next(others)
        other = new_booking(f"other{number}", 4.5 + number / 2)
        db.store_of(BUSINESS).hold(other, days=db.view(other), delivery=delivery(f"o{number}"), seats={}, now=NOW)

    overtaken = [meanwhile(somebody_else), sent_as_it_is]  # the second is for the one who overtakes
    db.client.plan("transact_write_items", *overtaken * MAX_TRIES)

    with pytest.raises(StoreUnavailableError):
        db.hold(wish)

    assert wish.id not in db.entries(CHAIR)
