"""Every single fault at every point of the eight short flows, on every kind of calendar."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.simulation.enumeration import Coverage, flows, pairs, singles
from tests.simulation.faults import KINDS, typical
from tests.simulation.trial import Trial, judge

FLOWS = list(flows())


@pytest.mark.parametrize("base", FLOWS, ids=[f"{t.flow}/{t.kinds}" for t in FLOWS])
def test_every_single_fault_is_survived(base: Trial) -> None:
    assert judge(base).findings == []

    broken = {single.command(): verdict.findings for single in singles(base) if (verdict := judge(single)).findings}

    assert broken == {}


def test_pairs_of_faults_are_survived() -> None:
    """A sample; `make simulate` plays all of them."""
    chosen = [single for base in FLOWS for single in islice(singles(base), 5, None, 41)]
    sample = [both for single in chosen for both in islice(pairs(single), 3, None, 29)]

    broken = {both.command(): verdict.findings for both in sample if (verdict := judge(both)).findings}

    assert len(sample) > 200
    assert broken == {}


def test_no_cell_of_the_coverage_table_is_blank() -> None:
    """Places that only a first fault leads to (a look after a lost answer) get their faults as the second one."""
    table = Coverage()
    ways: dict[str, tuple[Trial, int, str]] = {}
    for base in FLOWS:
        table.add(judge(base, trace=True))
        for single in singles(base):
            verdict = judge(single, trace=True)
            table.add(verdict)
            for number, sort, place in verdict.reached:
                if number > max(single.plan or {}):
                    ways.setdefault(place, (single, number, sort))
    for place, kind in table.blanks():
        single, number, sort = ways[place]
        plan = {**(single.plan or {}), number: typical(kind, sort)}
        table.add(judge(Trial(single.seed, single.kinds, flow=single.flow, plan=plan), trace=True))

    assert table.blanks() == []
    assert set(table.sorts.values()) == set(KINDS)
