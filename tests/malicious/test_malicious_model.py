"""A model that does whatever its caller says reaches nothing that is not this caller's.

MALICIOUS_REQUESTS and MALICIOUS_SEED lengthen and change the siege; `python -m tests.malicious.run` plays many.
"""

from __future__ import annotations

import os

import pytest

from tests.malicious.callers import PERSONAL
from tests.malicious.judge import STATUSES
from tests.malicious.siege import Siege

REQUESTS = int(os.environ.get("MALICIOUS_REQUESTS", "10000"))
SEED = int(os.environ.get("MALICIOUS_SEED", "1"))
TROUBLED = 1_500
FEW = 300


def test_no_request_reaches_what_is_somebody_elses() -> None:
    verdict = Siege(SEED).run(REQUESTS)

    assert [str(finding) for finding in verdict.findings] == []
    assert verdict.kept
    counted = verdict.counted
    assert counted["booked"] > REQUESTS / 50, "the siege must get somewhere, or it proves nothing"
    assert counted["cancelled"] > REQUESTS / 1000
    assert counted["texts"] > REQUESTS / 100
    assert counted["HTTP 401"] > REQUESTS / 100
    assert all(any(counted[f"{tool} {status}"] for status in statuses) for tool, statuses in STATUSES.items())


def test_nobody_is_named_anywhere_when_the_calendar_fails_either() -> None:
    """Errors are where personal data leaks: what nobody foresaw is logged with what it was about."""
    verdict = Siege(SEED, trouble=0.3).run(TROUBLED)

    assert [str(finding) for finding in verdict.findings] == []
    assert verdict.kept
    assert sum(verdict.counted[f"{tool} pending"] for tool in STATUSES) > 0
    assert sum(verdict.counted[f"{tool} not_done"] for tool in STATUSES) > TROUBLED / 100


def test_a_seed_is_one_history() -> None:
    one, same = Siege(3).run(FEW), Siege(3).run(FEW)

    assert one.counted == same.counted


@pytest.mark.parametrize(
    "text",
    [
        "Vera Qaa Kanaria", "vera.qaa.kanari@example.com", "+14157771003", "(415) 777-1003", "0016283331001",
        '{"S": "+4930777 1003"}', "tel:+49-40-333-1001", "call:+14157771003",
    ],
)  # fmt: skip
def test_people_are_recognised_however_they_are_written(text: str) -> None:
    assert PERSONAL.search(text.lower())


@pytest.mark.parametrize(
    "text", ["2026-11-20 10:06:30,777+0000", "d30777123400ab", "+14155550100", "1767617551.3238142"]
)
def test_what_is_nobody_is_not_taken_for_one(text: str) -> None:
    assert not PERSONAL.search(text.lower())
