"""The simulator's command line: long campaigns that can be stopped and resumed, replays, and the tables.

python -m tests.simulation.run campaign --callers 1000000     many stories, directed ones, and every pair of faults
python -m tests.simulation.run replay --seed 7 --plan 12=kill_after
python -m tests.simulation.run mutants                         each broken rule, and what found it
python -m tests.simulation.run adapters --callers 5000         stories and every single fault on each real adapter
python -m tests.simulation.run coverage                        how often each fault struck where
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from tests.simulation.accounts import ACCOUNTS
from tests.simulation.enumeration import ADAPTER_FLOWS, Coverage, adapter_flows, flows, pairs, singles
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.scenes import SCENES
from tests.simulation.shrink import shrunk
from tests.simulation.trial import Trial, Verdict, judge, parsed, play

STATE = Path(".local/simulation.json")
PART = 10  # first faults whose pairs a worker plays before it reports
CHUNK = 100  # stories a worker plays before it reports
SCENE_SEEDS = 500
MOST_RUNS = 10_000
MOST_SHOWN = 20
MUTANT_SEED = 500_000
ADAPTER_SEED = 2_000_000


@dataclass(slots=True)
class Tally:
    """What a campaign has done so far; written down after every chunk, so that it can go on from there."""

    stories: int = 0
    callers: int = 0
    points: int = 0
    faults: int = 0
    scenes_done: list[str] = field(default_factory=list)
    pairs_done: list[str] = field(default_factory=list)  # parts of the pairs, by name
    pairs: int = 0
    seconds: float = 0.0
    failing: list[str] = field(default_factory=list)  # commands

    @classmethod
    def read(cls, path: Path) -> Tally:
        return cls(**json.loads(path.read_text())) if path.exists() else cls()

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Part:
    """Pairs of faults of one flow, beginning with some of its single faults."""

    flow: str
    kinds: str
    first: int

    @property
    def name(self) -> str:
        return f"{self.flow} on {self.kinds} from {self.first}"


@dataclass(slots=True)
class Chunk:
    """What one worker did."""

    callers: int = 0
    runs: int = 0
    points: int = 0
    faults: int = 0
    seconds: float = 0.0  # of processor time
    failing: list[tuple[str, str]] = field(default_factory=list)  # command and first finding

    def take(self, other: Chunk) -> None:
        """Count another one in."""
        self.callers += other.callers
        self.runs += other.runs
        self.points += other.points
        self.faults += other.faults
        self.seconds += other.seconds
        self.failing += other.failing

    def add(self, trial: Trial, verdict: Verdict) -> None:
        self.runs += 1
        self.callers += verdict.callers
        self.points += verdict.points
        self.faults += len(verdict.injected)
        if verdict.findings:
            small = shrunk(trial)
            self.failing.append((small.command(), str(verdict.findings[0])))


def play_stories(first: int, count: int, kinds: str = "") -> Chunk:
    """Stories from this seed on; every fiftieth with a provider that executes requests minutes too late."""
    return _played(Trial(seed=s, kinds=kinds, late=400.0 if s % 50 == 0 else 0.0) for s in range(first, first + count))


def play_singles(flow: str, kinds: str) -> Chunk:
    """One flow on one kind of calendar, without a fault and with every single one."""
    base = Trial(flow=flow, kinds=kinds, plan={})
    return _played([base, *singles(base)])


def play_scenes(name: str, first: int, count: int) -> Chunk:
    """One directed story, with these seeds."""
    return _played(Trial(seed=s, flow=name, late=SCENES[name].late) for s in range(first, first + count))


def play_pairs(part: Part) -> Chunk:
    """Some single faults of one flow on one kind of calendar, and every ordered pair that begins with them."""

    def trials() -> Iterator[Trial]:
        for single in islice(singles(Trial(flow=part.flow, kinds=part.kinds, plan={})), part.first, part.first + PART):
            yield single
            yield from pairs(single)

    return _played(trials())


def parts() -> Iterator[Part]:
    """All pairs of all flows, in parts small enough to be stopped between them."""
    for base in flows():
        count = sum(1 for _ in singles(base))
        yield from (Part(base.flow or "", base.kinds, first) for first in range(0, count, PART))


def _played(trials: Iterable[Trial]) -> Chunk:
    gc.disable()  # collecting between the runs is cheaper than during them
    gc.collect()
    gc.freeze()  # what was there before outlives every run: never look at it again
    began, chunk = time.process_time(), Chunk()
    for trial in trials:
        chunk.add(trial, judge(trial))
        gc.collect(0)  # the world that was, before its memory grows cold
    chunk.seconds = time.process_time() - began
    return chunk


def campaign(*, callers: int, jobs: int, path: Path, with_pairs: bool) -> int:
    """Play until so many callers were served, then every pair; the exit status says whether all promises held."""
    tally = Tally.read(path)
    if tally.stories or tally.pairs_done:
        _say(f"going on after {tally.callers:,} callers and {tally.pairs:,} paired runs ({path})")
    with ProcessPoolExecutor(jobs) as pool:
        try:
            while tally.callers < callers:
                starts = [tally.stories + n * CHUNK for n in range(jobs)]
                for chunk in pool.map(play_stories, starts, [CHUNK] * jobs):
                    tally.stories += CHUNK
                    tally.callers += chunk.callers
                    _note(tally, chunk, path)
                _say(_progress(tally, callers))
            scenes = [name for name in SCENES if name not in tally.scenes_done]
            played = pool.map(play_scenes, scenes, [0] * len(scenes), [SCENE_SEEDS] * len(scenes))
            for name, chunk in zip(scenes, played, strict=True):
                tally.scenes_done.append(name)
                _note(tally, chunk, path)
            todo = [part for part in parts() if part.name not in tally.pairs_done] if with_pairs else []
            for part, chunk in zip(todo, pool.map(play_pairs, todo), strict=True):
                tally.pairs += chunk.runs
                tally.pairs_done.append(part.name)
                _note(tally, chunk, path)
                _say(f"{part.name}: {chunk.runs:,} runs, {tally.pairs:,} in all, {len(tally.failing)} failing")
        except KeyboardInterrupt:
            _say("stopped; run it again to go on")
            return 130
    _say(_progress(tally, callers))
    for command in tally.failing[:MOST_SHOWN]:
        _say(command)
    return 1 if tally.failing else 0


def _note(tally: Tally, chunk: Chunk, path: Path) -> None:
    tally.points += chunk.points
    tally.faults += chunk.faults
    tally.seconds += chunk.seconds
    for command, finding in chunk.failing:
        tally.failing.append(command)
        _say(f"{finding}\n  {command}")
    tally.write(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _progress(tally: Tally, callers: int) -> str:
    rate = tally.callers / tally.seconds if tally.seconds else 0.0
    return (
        f"{tally.callers:,} of {callers:,} callers, {tally.stories:,} stories, {tally.faults:,} faults at"
        f" {tally.points:,} points, {rate:,.0f} callers/s/core, {len(tally.failing)} failing"
    )


def replay(trial: Trial, *, quiet: bool = False) -> int:
    """Play one run again and print its history."""
    place = play(trial)
    start = place.universe.history[0][0]
    for at, kind, *facts in () if quiet else place.universe.history:
        _say(f"{at - start:10.3f} {kind:8} " + " ".join(str(fact)[:160] for fact in facts))
    verdict = judge(trial)
    for finding in verdict.findings:
        _say(str(finding))
    _say(f"{len(verdict.findings)} findings, {len(verdict.injected)} faults at {verdict.points} points")
    return 1 if verdict.findings else 0


def first_kill(mutant: Mutant, *, most: int) -> tuple[int, str] | None:
    """After how many runs a mutant was found out, and by which check; None when it never was."""
    with mutant.applied():
        for number in range(most):
            verdict = judge(mutant.trial(MUTANT_SEED + number))
            if verdict.findings:
                return number + 1, verdict.findings[0].invariant
    return None


def mutants(*, most: int, only: str | None) -> int:
    """The table of broken rules."""
    survivors = 0
    for name, mutant in MUTANTS.items():
        if only is None or name == only:
            kill = first_kill(mutant, most=most)
            survivors += kill is None
            _say(f"{name:28} {mutant.rule:72} " + (f"{kill[1]:4} run {kill[0]}" if kill else "SURVIVED"))
    return 1 if survivors else 0


def adapters(*, callers: int, jobs: int, only: str | None) -> int:
    """Each real adapter: so many callers, and every single fault of three flows; a line for each."""
    failing: list[tuple[str, str]] = []
    with ProcessPoolExecutor(jobs) as pool:
        for kind in [only] if only else ACCOUNTS:
            stories, alone = Chunk(), Chunk()
            first = ADAPTER_SEED
            while stories.callers < callers:
                starts = [first + n * CHUNK for n in range(jobs)]
                first += jobs * CHUNK
                for chunk in pool.map(play_stories, starts, [CHUNK] * jobs, [kind] * jobs):
                    stories.take(chunk)
            for chunk in pool.map(play_singles, ADAPTER_FLOWS, [kind] * len(ADAPTER_FLOWS)):
                alone.take(chunk)
            found = [*stories.failing, *alone.failing]
            _say(
                f"{kind:12} {stories.callers:,} callers, {stories.faults:,} faults, {alone.runs:,} runs with one fault,"
                f" {len(found)} failing"
            )
            for command, finding in found[:MOST_SHOWN]:
                _say(f"{finding}\n  {command}")
            failing += found
    return 1 if failing else 0


def coverage() -> int:
    """How often each fault struck at each place, alone in the short flows."""
    table = Coverage()
    for base in (*flows(), *adapter_flows()):
        table.add(judge(base, trace=True))
        for single in singles(base):
            table.add(judge(single, trace=True))
    _say(table.table())
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run")
    commands = parser.add_subparsers(dest="command", required=True)
    long = commands.add_parser("campaign")
    long.add_argument("--callers", type=int, default=1_000_000)
    long.add_argument("--jobs", type=int, default=2)
    long.add_argument("--state", type=Path, default=STATE)
    long.add_argument("--no-pairs", action="store_true")
    again = commands.add_parser("replay")
    again.add_argument("--seed", type=int, default=1)
    again.add_argument("--flow")
    again.add_argument("--kinds", default="")
    again.add_argument("--late", type=float, default=0.0)
    again.add_argument("--plan", type=parsed)
    again.add_argument("--quiet", action="store_true")
    broken = commands.add_parser("mutants")
    broken.add_argument("--most", type=int, default=MOST_RUNS)
    broken.add_argument("--only")
    real = commands.add_parser("adapters")
    real.add_argument("--callers", type=int, default=5_000)
    real.add_argument("--jobs", type=int, default=2)
    real.add_argument("--only", choices=ACCOUNTS)
    commands.add_parser("coverage")
    given = parser.parse_args()
    actions: dict[str, Callable[[], int]] = {
        "campaign": lambda: campaign(
            callers=given.callers, jobs=given.jobs, path=given.state, with_pairs=not given.no_pairs
        ),
        "replay": lambda: replay(Trial(given.seed, given.kinds, given.late, given.flow, given.plan), quiet=given.quiet),
        "mutants": lambda: mutants(most=given.most, only=given.only),
        "adapters": lambda: adapters(callers=given.callers, jobs=given.jobs, only=given.only),
        "coverage": coverage,
    }
    return actions[given.command]()


if __name__ == "__main__":
    raise SystemExit(main())
