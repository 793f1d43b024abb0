"""The promise while processes are killed: several of them, the real local engine, real HTTP. Minutes of it: run.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real_engine.faults import KILLS
from tests.real_engine.rounds import every_death, random_round
from tests.real_engine.town import town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.local.engine import Engine
    from tests.real_engine.rounds import Outcome
    from tests.real_engine.town import Town

pytestmark = pytest.mark.engine

CHANGES_AT_CALCOM = {"book": "calcom.create", "move": "calcom.move", "cancel": "calcom.cancel"}
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def place(engine: Engine) -> Iterator[Town]:
    with town(engine) as opened:
        yield opened


def check(outcome: Outcome) -> None:
    assert [str(finding) for finding in outcome.findings] == []
    assert outcome.unexpected == []


@pytest.mark.parametrize("change", CHANGES_AT_CALCOM)
def test_a_process_may_die_before_and_after_every_request(place: Town, change: str) -> None:
    outcome = every_death(place, change, KILLS)

    check(outcome)
    for kill in KILLS:
        assert outcome.coverage["TransactWriteItems", kill] == 2, outcome.coverage  # the wish, and how it ended
        assert outcome.coverage[CHANGES_AT_CALCOM[change], kill] == 1, outcome.coverage
        assert outcome.coverage["PutItem", kill] == 1, outcome.coverage  # the ledger


def test_a_process_may_die_wherever_the_lock_is_the_calendar(place: Town) -> None:
    outcome = every_death(place, "book", KILLS, service="walk")

    check(outcome)
    assert {outcome.coverage["TransactWriteItems", kill] for kill in KILLS} == {1}, outcome.coverage


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_breaks_while_processes_die_and_requests_get_lost(place: Town, seed: int) -> None:
    check(random_round(place, seed))


@pytest.mark.parametrize(("mutant", "invariant"), [("wish-by-delivery", "I4"), ("no-reconciler", "I9")])
def test_a_broken_rule_is_found(engine: Engine, mutant: str, invariant: str) -> None:
    with town(engine, mutant=mutant, processes=2) as broken:
        outcome = every_death(broken, "book", ("kill_after",))

    assert invariant in {finding.invariant for finding in outcome.findings}
