"""Codes in the table: how many a number and a business get a day, whoever asks at the same time."""

from __future__ import annotations

import pytest

from slotline.domain.errors import StaleError
from slotline.domain.verification import Challenge
from slotline.ports import CallRecord
from tests.contract.bookings import NOW, StoreBench
from tests.contract.tables import meanwhile


def _asks(db: StoreBench, call: str) -> None:
    """A code for one number, asked for in this call."""
    challenge = Challenge(f"code-of-{call}", "caller-ada", NOW + 300)
    db.store.ask_code(CallRecord(f"vapi#{call}", challenge=challenge), phone="+14155550100", now=NOW)


@pytest.mark.parametrize("earlier", [0, 1])
def test_of_two_codes_that_are_counted_at_once_one_is_asked_for_anew(db: StoreBench, earlier: int) -> None:
    for number in range(earlier):
        _asks(db, f"earlier-{number}")
    db.client.plan("transact_write_items", meanwhile(lambda: _asks(db, "other")))

    with pytest.raises(StaleError):
        _asks(db, "overtaken")

    sent = {row["pk"] for row in db.rows().values() if row.get("kind") == "sms_code"}
    assert len(sent) == earlier + 1
    assert {row["n"] for row in db.rows().values() if set(row) == {"pk", "sk", "n", "ttl"}} == {earlier + 1}
