"""The checker can see: every rule of the protocol, broken on purpose, is found out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import MUTANT_SEED, first_kill
from tests.simulation.shrink import shrunk
from tests.simulation.trial import Trial, judge

ENOUGH = 40
MOST_HERE = 1500
"""Runs before this test gives up; `python -m tests.simulation.run mutants` allows more."""


def test_there_are_enough_of_them() -> None:
    assert len(MUTANTS) >= ENOUGH


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_found_out(name: str) -> None:
    assert first_kill(MUTANTS[name], most=MOST_HERE) is not None


PROMISE = Path(__file__).parents[2] / "docs/promise.md"
PROMISED = re.findall(r"^\| (I\d+) \|.*`… mutants --only ([a-z-]+)` \|$", PROMISE.read_text(), re.MULTILINE)


def test_every_promise_has_a_command() -> None:
    assert [promise for promise, _ in PROMISED] == [f"I{number}" for number in range(1, 13)]
    assert "`…` is `.venv/bin/python -m tests.simulation.run`" in PROMISE.read_text()


@pytest.mark.parametrize(("promise", "name"), PROMISED)
def test_the_command_of_a_promise_shows_that_promise(promise: str, name: str) -> None:
    mutant = MUTANTS[name]
    with mutant.applied():
        runs = (judge(mutant.trial(MUTANT_SEED + number)).broken for number in range(MOST_HERE))

        assert any(promise in broken for broken in runs)


def test_the_product_is_whole_again_after_a_mutant() -> None:
    with MUTANTS["two-seats-everywhere"].applied():
        assert judge(Trial(seed=0, kinds="o")).findings

    assert judge(Trial(seed=0, kinds="o")).findings == []


def test_a_failing_run_shrinks_to_the_faults_that_matter() -> None:
    with MUTANTS["blind-retry"].applied():
        seed = next(s for s in range(500) if judge(Trial(seed=s, kinds="a")).findings)
        whole = judge(Trial(seed=seed, kinds="a"))
        small = shrunk(Trial(seed=seed, kinds="a"))

        assert judge(small).broken & whole.broken
        assert len(small.plan or {}) <= len(whole.injected)
        assert "--plan" in small.command()
