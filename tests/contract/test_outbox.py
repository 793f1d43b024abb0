"""The outbox: one worker owns an effect at a time, an outcome is written by its owner only, ended ones stay ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.filing import Filing
from slotline.adapters.dynamodb.table import MAX_TRIES
from slotline.domain.errors import StaleError, StoreUnavailableError
from tests.contract.bookings import BUSINESS, NOW, StoreBench, delivery
from tests.contract.tables import answer_lost, meanwhile, request_lost, throttled

if TYPE_CHECKING:
    from typing import Any

    from slotline.ports import OutboxItem, OutboxKind

KIND: OutboxKind = "sms_booked"
LEASE = 60.0


@pytest.fixture
def booking(db: StoreBench) -> str:
    """A booking whose confirmation is to be sent; its place in the outbox is 2, sms_booked."""
    return db.book().id


def claim(db: StoreBench, booking: str, *, kind: OutboxKind = KIND, rv: int = 2) -> OutboxItem:
    return db.outbox.claim(booking, rv=rv, kind=kind, now=db.now, lease=LEASE)


def row(db: StoreBench, booking: str) -> dict[str, Any]:
    return db.row(keys.outbox(BUSINESS, booking, 2, KIND)) or {}


def test_a_claim_counts_and_lasts_for_its_lease(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)

    assert (item.booking, item.rv, item.kind, item.to, item.provider_id) == (booking, 2, KIND, None, None)
    assert (item.sends, item.status, item.deadline) == (1, "claimed", NOW + LEASE)
    assert (row(db, booking)["st"], row(db, booking)["n"]) == ("claimed", 1)


def test_what_is_claimed_is_not_to_be_had(db: StoreBench, booking: str) -> None:
    claim(db, booking)
    db.clock.time += LEASE - 0.1

    with pytest.raises(StaleError):
        claim(db, booking)

    assert row(db, booking)["n"] == 1


def test_of_two_who_claim_at_once_one_gets_it(db: StoreBench, booking: str) -> None:
    db.client.plan("update_item", meanwhile(lambda: claim(db, booking)))

    with pytest.raises(StaleError):
        claim(db, booking)

    assert row(db, booking)["n"] == 1


def test_of_two_who_claim_what_ran_out_one_gets_it(db: StoreBench, booking: str) -> None:
    claim(db, booking)
    db.clock.time += LEASE
    db.client.plan("update_item", meanwhile(lambda: db.outbox.claim(booking, rv=2, kind=KIND, now=db.now, lease=0)))

    with pytest.raises(StaleError):
        claim(db, booking)

    assert row(db, booking)["n"] == 2


def test_a_claim_that_ran_out_may_be_had_by_the_next(db: StoreBench, booking: str) -> None:
    first = claim(db, booking)
    db.clock.time += LEASE

    second = claim(db, booking)

    assert second.sends == 2
    with pytest.raises(StaleError):
        db.outbox.sent(first, provider_id="m1", now=db.now)
    with pytest.raises(StaleError):
        db.outbox.postpone(first, until=db.now, sent_nothing=True)
    with pytest.raises(StaleError):
        db.outbox.give_up(first, reason="setup", now=db.now)
    db.outbox.sent(second, provider_id="m2", now=db.now)
    assert row(db, booking)["pid"] == "m2"


def test_a_claim_that_nobody_else_took_may_still_be_settled(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)
    db.clock.time += LEASE + 1

    db.outbox.sent(item, provider_id="m1", now=db.now)

    assert row(db, booking)["st"] == "sent"


def test_a_sent_message_ends(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)

    db.outbox.sent(item, provider_id="m1", now=NOW + 1)

    written = row(db, booking)
    assert (written["st"], written["pid"], written["done"], written["n"]) == ("sent", "m1", NOW + 1, 1)
    db.clock.time += 86_400
    assert db.due() == []
    with pytest.raises(StaleError):
        claim(db, booking)
    with pytest.raises(StaleError):
        db.outbox.give_up(item, reason="setup", now=db.now)


def test_a_message_given_up_ends_with_its_reason(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)

    db.outbox.give_up(item, reason="opted_out", now=NOW + 1)

    written = row(db, booking)
    assert (written["st"], written["rsn"], written["done"]) == ("gave_up", "opted_out", NOW + 1)
    db.clock.time += 86_400
    assert db.due() == []
    with pytest.raises(StaleError):
        claim(db, booking)


def asked(db: StoreBench, booking: str) -> OutboxItem:
    """Another text about the booking, in somebody's hands."""
    db.store.ask_message(db.store.read(booking), kind="sms_asked", to=None, delivery=delivery("t9"), now=db.now)
    rv = next(rv for rv, kind in db.effects(booking) if kind == "sms_asked")
    return claim(db, booking, kind="sms_asked", rv=rv)


def another_in_hand(db: StoreBench, item: OutboxItem, *, now: float) -> bool:
    return any(other.is_in_hand(now) for other in db.outbox.other_texts(item))


def test_of_two_texts_about_one_booking_each_sees_the_other_in_hand(db: StoreBench, booking: str) -> None:
    first = claim(db, booking)
    assert not another_in_hand(db, first, now=db.now)

    second = asked(db, booking)

    assert another_in_hand(db, first, now=db.now)
    assert another_in_hand(db, second, now=db.now)


def test_what_is_no_text_is_in_nobodys_way(db: StoreBench, booking: str) -> None:
    filing = Filing(db.table, business=BUSINESS)
    db.table.transact([filing.effect(db.store.read(booking), "human_task", rv=2, now=db.now)])
    claim(db, booking, kind="human_task")

    assert not another_in_hand(db, claim(db, booking), now=db.now)


def test_a_text_is_in_hand_until_its_lease_ends_or_its_outcome_is_known(db: StoreBench, booking: str) -> None:
    first, second = claim(db, booking), asked(db, booking)

    assert another_in_hand(db, first, now=NOW + LEASE - 1)
    assert not another_in_hand(db, first, now=NOW + LEASE)
    db.outbox.postpone(second, until=NOW + 300, sent_nothing=False)
    assert not another_in_hand(db, first, now=db.now)
    db.outbox.sent(first, provider_id="m1", now=db.now)
    assert not another_in_hand(db, second, now=db.now)


@pytest.mark.parametrize(("sent_nothing", "sends"), [(True, 0), (False, 1)])
def test_a_postponed_message_waits_for_its_time(db: StoreBench, booking: str, sent_nothing: bool, sends: int) -> None:
    db.outbox.postpone(claim(db, booking), until=NOW + 300, sent_nothing=sent_nothing)

    assert (row(db, booking)["st"], row(db, booking)["n"]) == ("new", sends)
    db.clock.time = NOW + 299
    assert db.due() == []
    with pytest.raises(StaleError):
        claim(db, booking)
    db.clock.time = NOW + 300
    assert db.due() == [(booking, (2, KIND))]
    assert claim(db, booking).sends == sends + 1


def test_a_count_that_was_taken_back_is_no_way_in_for_an_old_claim(db: StoreBench, booking: str) -> None:
    first = claim(db, booking)
    db.outbox.postpone(first, until=NOW + 1, sent_nothing=True)
    db.clock.time += 1
    claim(db, booking)  # the count is that of the first claim again

    with pytest.raises(StaleError):
        db.outbox.sent(first, provider_id="m1", now=db.now)


def test_every_claim_has_a_count_of_its_own(db: StoreBench, booking: str) -> None:
    first = db.outbox.claim(booking, rv=2, kind=KIND, now=NOW, lease=0)
    second = db.outbox.claim(booking, rv=2, kind=KIND, now=NOW, lease=0)  # at the same moment, for as long

    assert (first.sends, second.sends, first.deadline) == (1, 2, second.deadline)
    with pytest.raises(StaleError):
        db.outbox.sent(first, provider_id="m1", now=db.now)


def test_what_was_postponed_is_no_longer_ours(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)
    db.outbox.postpone(item, until=item.deadline, sent_nothing=False)

    with pytest.raises(StaleError):
        db.outbox.sent(item, provider_id="m1", now=db.now)


def test_a_claimed_message_is_swept_when_its_worker_is_gone(db: StoreBench, booking: str) -> None:
    claim(db, booking)

    assert db.due(LEASE - 1) == []
    assert db.due(LEASE) == [(booking, (2, KIND))]


def test_the_stream_has_its_chance_before_the_sweep(db: StoreBench, booking: str) -> None:
    assert db.due(19) == []
    assert db.due(20) == [(booking, (2, KIND))]


@pytest.mark.parametrize(("rv", "kind"), [(3, "sms_booked"), (2, "sms_moved")])
def test_what_was_never_caused_cannot_be_claimed(db: StoreBench, booking: str, rv: int, kind: OutboxKind) -> None:
    with pytest.raises(StaleError):
        claim(db, booking, rv=rv, kind=kind)


def test_a_number_the_caller_named_travels_sealed_with_the_effect(db: StoreBench, booking: str) -> None:
    read = db.store.read(booking)
    db.store.ask_message(read, kind="sms_asked", to="+14155550199", delivery=delivery("call-2"), now=NOW)

    _, (rv, kind) = db.effects(booking)
    assert kind == "sms_asked"
    item = claim(db, booking, rv=rv, kind="sms_asked")
    assert db.store.number_named(item) == "+14155550199"
    assert b"4155550199" not in (item.to or b"")


# --- lost answers ----------------------------------------------------------------------------------------------------


def test_a_claim_whose_answer_was_lost_is_ours(db: StoreBench, booking: str) -> None:
    db.client.plan("update_item", answer_lost)

    item = claim(db, booking)

    assert (item.sends, row(db, booking)["n"]) == (1, 1)
    db.outbox.sent(item, provider_id="m1", now=db.now)


@pytest.mark.parametrize("outcome", ["sent", "postpone", "give_up"])
def test_an_outcome_whose_answer_was_lost_is_written(db: StoreBench, booking: str, outcome: str) -> None:
    item = claim(db, booking)
    db.client.plan("update_item", answer_lost)

    if outcome == "sent":
        db.outbox.sent(item, provider_id="m1", now=db.now)
    elif outcome == "postpone":
        db.outbox.postpone(item, until=NOW + 9, sent_nothing=True)
    else:
        db.outbox.give_up(item, reason="setup", now=db.now)

    assert row(db, booking)["st"] == {"sent": "sent", "postpone": "new", "give_up": "gave_up"}[outcome]


def test_a_lost_request_takes_nothing_from_somebody_elses_claim(db: StoreBench, booking: str) -> None:
    def taken_by_another(send: Any) -> Any:
        claim(db, booking)
        return request_lost(send)

    db.client.plan("update_item", taken_by_another)

    with pytest.raises(StaleError):
        claim(db, booking)

    assert row(db, booking)["n"] == 1


def test_a_table_that_stays_busy_leaves_the_effect_alone(db: StoreBench, booking: str) -> None:
    before = row(db, booking)
    db.client.plan("update_item", *[throttled] * MAX_TRIES)

    with pytest.raises(StoreUnavailableError):
        claim(db, booking)

    assert row(db, booking) == before


# --- opting out ------------------------------------------------------------------------------------------------------


def test_who_opted_out_is_remembered_without_their_number(db: StoreBench) -> None:
    db.outbox.opt_out("+14155550111", now=NOW)

    assert db.outbox.opted_out("+14155550111")
    assert not db.outbox.opted_out("+14155550122")
    assert "+1415555" not in repr(db.rows())


def test_opting_out_twice_is_opting_out(db: StoreBench) -> None:
    db.outbox.opt_out("+14155550111", now=NOW)
    db.outbox.opt_out("+14155550111", now=NOW + 1)

    assert db.outbox.opted_out("+14155550111")
