"""Every fault at every point of the eight short flows, alone and in ordered pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.accounts import ACCOUNTS
from tests.simulation.faults import KINDS, typical
from tests.simulation.trial import Trial, Verdict, judge
from tests.simulation.workloads import FLOWS

CALENDARS = ("own", "a", "b")
ADAPTER_FLOWS = ("book", "move", "cancel")
FIRST_SEED = 1


@dataclass(slots=True)
class Coverage:
    """How often each fault struck at each place: the table that must have no blank cell."""

    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    sorts: dict[str, str] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        self.struck.update(verdict.coverage)
        self.sorts.update((place, sort) for _, sort, place in verdict.reached)

    def blanks(self) -> list[tuple[str, str]]:
        """Faults that never struck at a place that was reached."""
        return [
            (place, k) for place, sort in sorted(self.sorts.items()) for k in KINDS[sort] if not self.struck[place, k]
        ]

    def table(self) -> str:
        """The counts, a row for each place."""
        lines = []
        for place, sort in sorted(self.sorts.items()):
            cells = "  ".join(f"{kind} {self.struck[place, kind]}" for kind in KINDS[sort])
            lines.append(f"{place:18} {cells}")
        return "\n".join(lines)


def flows() -> Iterator[Trial]:
    """Every flow on every kind of calendar, without a fault."""
    for kind in CALENDARS:
        for name in FLOWS:
            yield Trial(seed=FIRST_SEED, flow=name, kinds=kind, plan={})


def adapter_flows() -> Iterator[Trial]:
    """Three of the flows on every adapter, without a fault."""
    for kind in ACCOUNTS:
        for name in ADAPTER_FLOWS:
            yield Trial(seed=FIRST_SEED, flow=name, kinds=kind, plan={})


def singles(base: Trial) -> Iterator[Trial]:
    """The flow with one fault: each that can be, at each point that it reaches."""
    for number, sort, _ in judge(base, trace=True).reached:
        for kind in KINDS[sort]:
            yield Trial(base.seed, base.kinds, flow=base.flow, plan={number: typical(kind, sort)})


def pairs(single: Trial) -> Iterator[Trial]:
    """The same with a second fault at each point that is reached after the first."""
    plan = single.plan or {}
    for number, sort, _ in judge(single, trace=True).reached:
        if number > max(plan):
            for kind in KINDS[sort]:
                both = {**plan, number: typical(kind, sort)}
                yield Trial(single.seed, single.kinds, flow=single.flow, plan=both)
