"""Tens of thousands of simulated callers. A failure prints the command that replays it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.simulation.run import play_stories
from tests.simulation.trial import Trial, digest, judge, parsed, play

STORIES = 210  # of five callers each; twenty ranges make more than 20,000 callers
RANGES = range(20)
FIRST = 1_000_000


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.parametrize("number", RANGES)
def test_every_promise_holds_in_random_stories(number: int) -> None:
    chunk = play_stories(FIRST + number * STORIES, STORIES)

    assert chunk.failing == []
    assert chunk.callers > 1000  # of five on average: the twenty ranges serve more than 20,000
    assert chunk.faults > 500


def test_the_real_adapter_keeps_the_promise_too() -> None:
    broken = {seed: found for seed in range(60) if (found := judge(Trial(seed=seed, kinds="c")).findings)}

    assert broken == {}


@pytest.mark.parametrize("seed", [3, 77, 1234])
def test_the_same_seed_gives_the_same_history_byte_for_byte(seed: int) -> None:
    assert digest(play(Trial(seed=seed))) == digest(play(Trial(seed=seed)))


def test_another_process_with_another_hash_seed_sees_the_same_history() -> None:
    code = "from tests.simulation.trial import *; print(digest(play(Trial(seed=77))))"
    environment = {**os.environ, "PYTHONHASHSEED": "4321", "PYTHONPATH": os.pathsep.join(sys.path)}

    there = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert there.stdout.strip() == digest(play(Trial(seed=77)))


def test_a_random_run_is_replayed_by_its_list_of_faults() -> None:
    seed = next(s for s in range(100) if len(judge(Trial(seed=s)).injected) > 10)
    drawn = judge(Trial(seed=seed))

    planned = Trial(seed=seed, plan=drawn.injected)

    assert digest(play(planned)) == digest(play(Trial(seed=seed)))
    assert parsed(planned.command().split("--plan ")[1]) == drawn.injected
