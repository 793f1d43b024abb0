"""What comes back about messages: the furthest report stays, an opt-out can be withdrawn, an event is done once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from slotline.adapters.dynamodb import keys
from slotline.adapters.dynamodb.inbox import KEPT_SECONDS, DynamoInbox
from slotline.domain.deliveries import DeliveryReport, DeliveryStatus
from slotline.domain.errors import StaleError
from tests.contract.bookings import BUSINESS, NOW, StoreBench
from tests.contract.tables import answer_lost, meanwhile

if TYPE_CHECKING:
    from slotline.ports import OutboxItem, OutboxKind

KIND: OutboxKind = "sms_booked"
FIRST, SECOND = "SM1", "SM2"
PHONE = "+14155550111"


@pytest.fixture
def booking(db: StoreBench) -> str:
    """A booking whose confirmation is effect 2, sms_booked."""
    return db.book().id


def report(
    db: StoreBench, booking: str, status: str, *, sid: str = FIRST, code: int | None = None, rv: int = 2
) -> bool:
    said = DeliveryReport(sid, DeliveryStatus(status), code, "landline" if code else None)
    return db.outbox.report(booking, rv=rv, kind=KIND, report=said, now=db.now)


def row(db: StoreBench, booking: str) -> dict[str, Any]:
    return db.row(keys.outbox(BUSINESS, booking, 2, KIND)) or {}


def claim(db: StoreBench, booking: str) -> OutboxItem:
    return db.outbox.claim(booking, rv=2, kind=KIND, now=db.now, lease=60)


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [*itertools.permutations(["queued", "sent", "delivered"])])
def test_the_furthest_report_stays_in_whatever_order_they_come(
    db: StoreBench, booking: str, order: tuple[str, ...]
) -> None:
    news = [report(db, booking, status) for status in order]

    assert row(db, booking)["dst"] == "delivered"
    furthest = [max(order[: n + 1], key=["queued", "sent", "delivered"].index) for n in range(3)]
    assert news == [n == 0 or furthest[n] != furthest[n - 1] for n in range(3)]


@pytest.mark.parametrize("end", ["delivered", "undelivered", "failed", "canceled"])
@pytest.mark.parametrize("late", ["queued", "sent", "delivered", "failed"])
def test_nothing_follows_a_final_report(db: StoreBench, booking: str, end: str, late: str) -> None:
    assert report(db, booking, end)
    before = row(db, booking)

    assert not report(db, booking, late)
    assert row(db, booking) == before


def test_a_failure_is_kept_with_code_and_reason(db: StoreBench, booking: str) -> None:
    report(db, booking, "undelivered", code=30006)

    written = row(db, booking)
    assert (written["dst"], written["derr"], written["drsn"]) == ("undelivered", 30006, "landline")
    assert (written["dsid"], written["dat"]) == (FIRST, NOW)


def test_a_second_message_that_was_delivered_outdoes_the_failure_of_the_first(db: StoreBench, booking: str) -> None:
    report(db, booking, "failed", code=30006)

    assert report(db, booking, "delivered", sid=SECOND)
    written = row(db, booking)
    assert (written["dst"], written["dsid"]) == ("delivered", SECOND)
    assert written.keys().isdisjoint({"derr", "drsn"})
    assert not report(db, booking, "failed", code=30006)
    assert not report(db, booking, "delivered", sid="SM3")


def test_a_second_message_that_failed_does_not_hide_that_the_first_arrived(db: StoreBench, booking: str) -> None:
    report(db, booking, "delivered")

    assert not report(db, booking, "failed", sid=SECOND)
    assert row(db, booking)["dst"] == "delivered"


def test_a_report_about_no_effect_makes_none(db: StoreBench, booking: str) -> None:
    rows = db.rows()

    with pytest.raises(StaleError):
        report(db, booking, "delivered", rv=9)
    with pytest.raises(StaleError):
        report(db, "nobody", "delivered")
    assert db.rows() == rows


def test_a_report_whose_answer_was_lost_is_news_all_the_same(db: StoreBench, booking: str) -> None:
    db.client.plan("update_item", answer_lost)

    assert report(db, booking, "delivered")


def test_of_two_reports_at_once_the_further_one_stays(db: StoreBench, booking: str) -> None:
    db.client.plan("update_item", meanwhile(lambda: report(db, booking, "delivered")))

    assert not report(db, booking, "sent")
    assert row(db, booking)["dst"] == "delivered"


def test_a_report_may_come_before_the_worker_has_written_that_it_sent(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)
    report(db, booking, "delivered")

    db.outbox.sent(item, provider_id=FIRST, now=db.now)
    report(db, booking, "sent")

    written = row(db, booking)
    assert (written["st"], written["pid"], written["dst"]) == ("sent", FIRST, "delivered")


def test_reports_take_nothing_from_a_claim_and_wake_nobody(db: StoreBench, booking: str) -> None:
    item = claim(db, booking)
    due = db.due(60)
    report(db, booking, "queued")

    assert db.due(60) == due
    db.outbox.postpone(item, until=NOW + 300, sent_nothing=False)
    report(db, booking, "sent")
    assert db.due(299) == []


@pytest.mark.parametrize(
    ("status", "known"), [("queued", FIRST), ("delivered", FIRST), ("undelivered", FIRST), ("failed", None)]
)
def test_who_claims_next_sees_what_was_reported_to_have_gone_out(
    db: StoreBench, booking: str, status: str, known: str | None
) -> None:
    assert claim(db, booking).reported is None
    report(db, booking, status)
    db.clock.time += 60

    assert claim(db, booking).reported == known


# --- who may be texted -----------------------------------------------------------------------------------------------


def test_an_opt_out_that_was_withdrawn_can_be_made_again(db: StoreBench) -> None:
    seen = []
    for step in (db.outbox.opt_out, db.outbox.opt_in, db.outbox.opt_in, db.outbox.opt_out):
        step(PHONE, now=NOW)
        seen.append(db.outbox.opted_out(PHONE))

    assert seen == [True, False, False, True]


def test_withdrawing_keeps_the_record_of_both_moments(db: StoreBench) -> None:
    db.outbox.opt_out(PHONE, now=NOW)
    db.outbox.opt_in(PHONE, now=NOW + 9)

    ((_, written),) = db.rows().items()
    assert (written["at"], written["back"]) == (NOW, NOW + 9)
    assert "5550111" not in repr(db.rows()).replace(f"hash-of-{PHONE[-4:]}", "")


def test_who_never_opted_out_leaves_no_trace_by_opting_in(db: StoreBench) -> None:
    db.outbox.opt_in(PHONE, now=NOW)

    assert db.rows() == {}
    assert not db.outbox.opted_out(PHONE)


# --- the inbox -------------------------------------------------------------------------------------------------------


def test_an_event_is_done_once_it_is_marked_for_this_source_and_business_only(db: StoreBench) -> None:
    inbox, neighbour = DynamoInbox(db.table, business=BUSINESS), DynamoInbox(db.table, business="other")
    assert inbox.done_at("SM1", source="twilio") is None

    inbox.mark_done("SM1", source="twilio", now=NOW)
    inbox.mark_done("SM1", source="twilio", now=NOW)

    assert inbox.done_at("SM1", source="twilio") == NOW
    assert inbox.done_at("SM2", source="twilio") is None
    assert inbox.done_at("SM1", source="calcom") is None
    assert neighbour.done_at("SM1", source="twilio") is None


def test_an_event_is_forgotten_after_a_week(db: StoreBench) -> None:
    DynamoInbox(db.table, business=BUSINESS).mark_done("SM1", source="twilio", now=NOW)

    (written,) = db.rows().values()
    assert written["ttl"] == int(NOW) + KEPT_SECONDS == int(NOW) + 7 * 86_400
    assert db.row((f"T#{BUSINESS}#W#twilio", "SM1")) is not None
