"""Make a failing run small: drop every fault without which it still fails in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.simulation.trial import judge

if TYPE_CHECKING:
    from tests.simulation.trial import Trial


def shrunk(trial: Trial, *, most_runs: int = 400) -> Trial:
    """The same trial with a plan of as few faults as can be found; it breaks one of the same invariants."""
    first = judge(trial)
    plan = dict(first.injected)
    runs, size = 1, max(1, len(plan) // 2)
    best = replace(trial, plan=plan)
    while size >= 1 and runs < most_runs:
        numbers, dropped = sorted(plan), False
        for at in range(0, len(numbers), size):
            fewer = {number: fault for number, fault in plan.items() if number not in numbers[at : at + size]}
            candidate = replace(trial, plan=fewer)
            runs += 1
            if judge(candidate).broken & first.broken:
                plan, best, dropped = fewer, candidate, True
        if not dropped or size > 1:
            size //= 2
    return best
