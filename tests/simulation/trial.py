"""One run from its seed or plan to its verdict, and how to say it again on one line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulation.accounts.follow_up import follow_up, out_of_step
from tests.simulation.checker import Finding, check
from tests.simulation.faults import Fault, PlannedFaults
from tests.simulation.process import RunawayError
from tests.simulation.scenes import SCENES, scene
from tests.simulation.workloads import audits, flow, story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulation.faults import Plan
    from tests.simulation.workloads import Stage


@dataclass(frozen=True, slots=True)
class Trial:
    """Which run: a story by its seed, a short flow or a scene; with a plan of faults, exactly those strike."""

    seed: int = 1
    kinds: str = ""
    late: float = 0.0
    flow: str | None = None
    plan: Plan | None = None

    def command(self) -> str:
        """The line that runs it again."""
        words = ["python -m tests.simulation.run replay", f"--seed {self.seed}"]
        words += [f"--flow '{self.flow}'"] if self.flow else []
        words += [f"--kinds {self.kinds}"] if self.kinds else []
        words += [f"--late {self.late:g}"] if self.late else []
        words += [f"--plan {shown(self.plan)}"] if self.plan is not None else []
        return " ".join(words)


@dataclass(slots=True)
class Verdict:
    """What came of a trial."""

    callers: int = 0
    points: int = 0
    injected: dict[int, Fault] = field(default_factory=dict)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: list[tuple[int, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> frozenset[str]:
        """The invariants it broke."""
        return frozenset(finding.invariant for finding in self.findings)


def play(trial: Trial, *, trace: bool = False) -> Stage:
    """Run it."""
    faults = None if trial.plan is None else PlannedFaults(trial.plan)
    if trial.flow in SCENES:
        place = scene(trial.flow, seed=trial.seed, faults=faults)
        if trial.late:
            audits(place)
        return place
    if trial.flow is not None:
        return flow(trial.flow, trial.kinds, faults or PlannedFaults({}), seed=trial.seed, trace=trace)
    place = story(trial.seed, faults=faults, kinds=trial.kinds, longest_late=trial.late)
    if trial.late:
        audits(place)
    follow_up(place)
    return place


def judge(trial: Trial, *, trace: bool = False) -> Verdict:
    """Run it and check what happened. A run without end breaks I9."""
    try:
        place = play(trial, trace=trace)
    except RunawayError as error:
        return Verdict(findings=[Finding("I9", str(error))])
    universe = place.universe
    findings = check(universe.history, place.offices, noted=place.world.noted, very_late=bool(trial.late))
    findings += out_of_step(place)
    return Verdict(
        place.callers, universe.points, universe.injected, universe.coverage, universe.reached or [], findings
    )


def digest(place: Stage) -> str:
    """A fingerprint of everything that happened, byte for byte."""
    sha = hashlib.sha256()
    for line in place.universe.history:
        sha.update(json.dumps(line, sort_keys=True, default=_bytes).encode())
    return sha.hexdigest()


def _bytes(value: Any) -> str:
    return bytes(value).hex()


def shown(plan: Plan) -> str:
    return ",".join(f"{number}={fault}" for number, fault in sorted(plan.items())) or "none"


def parsed(text: str) -> Plan:
    """The plan behind its text."""
    pairs: Iterable[list[str]] = () if text == "none" else (part.split("=", 1) for part in text.split(","))
    return {int(number): Fault.parse(fault) for number, fault in pairs}
