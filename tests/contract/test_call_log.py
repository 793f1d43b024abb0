"""What came of a call, in the table: whoever read an older outcome writes nothing over a newer one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotline.adapters.dynamodb.call_log import DynamoCallLog
from slotline.domain.call_events import CallOutcome, CallRef
from slotline.domain.errors import StaleError
from tests.contract.bookings import BUSINESS, NOW, StoreBench

CALL = CallRef("vapi", "c1", "desk")


@pytest.mark.parametrize("written_before", [0, 1])
def test_of_two_who_read_the_same_outcome_one_writes(db: StoreBench, written_before: int) -> None:
    log = DynamoCallLog(db.table, business=BUSINESS)
    for version in range(written_before):
        log.close(CALL, CallOutcome(version=version), tasks=[], nameless=False, now=NOW)
    read = log.outcome(CALL)
    log.close(CALL, replace(read, unmatched=1), tasks=[], nameless=False, now=NOW)
    before = db.rows()

    with pytest.raises(StaleError):
        log.close(CALL, replace(read, unmatched=2), tasks=[], nameless=False, now=NOW + 1)

    assert db.rows() == before
    assert (log.outcome(CALL).version, log.outcome(CALL).unmatched) == (read.version + 1, 1)
