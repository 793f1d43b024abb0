"""A long campaign on the real engine, with several processes that are killed again and again.

python -m tests.real_engine.run --minutes 10 --seed 1       every place where a process can die, then random rounds
python -m tests.real_engine.run --minutes 2 --mutant NAME   the same with a broken rule, to see that it is found
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ops.local import engine
from tests.real_engine.faults import KILLS, KINDS
from tests.real_engine.rounds import every_death, random_round
from tests.real_engine.town import town
from tests.simulation.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.real_engine.rounds import Outcome
    from tests.real_engine.town import Town

CHANGES = ("book", "move", "cancel")
SERVICES = ("short", "walk")  # at Cal.com, and on the built-in calendar
HISTORIES = Path(".local/real_engine")
REPORT_SECONDS = 15.0
MOST_SHOWN = 5
LONGEST_LINE = 160


@dataclass(slots=True)
class Tally:
    """Everything so far."""

    rounds: int = 0
    callers: int = 0
    calls: int = 0
    killed: int = 0
    faults: int = 0
    broken: int = 0
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.rounds += 1
        self.callers += outcome.callers
        self.calls += outcome.calls
        self.killed += outcome.killed
        self.faults += outcome.faults
        self.broken += not outcome.is_clean
        self.coverage += outcome.coverage

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, {self.callers:,} callers, {self.calls:,} tool calls, {self.killed:,} processes"
            f" killed, {self.faults:,} faults, {self.broken} rounds broken"
        )


def campaign(*, minutes: float, seed: int, mutant: str) -> int:
    """Play until the time is over; the exit status says whether all promises held."""
    tally, ends, reported = Tally(), time.monotonic() + 60.0 * minutes, time.monotonic()
    with engine.start() as running, town(running, seed=seed, mutant=mutant) as place:
        for name, play in _rounds(seed):
            if time.monotonic() >= ends:
                break
            outcome = play(place)
            tally.add(outcome)
            if not outcome.is_clean:
                _show(place, name, outcome)
            if time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                _say(f"{name}: {tally}")
    _say(str(tally))
    for (where, kind), times in sorted(tally.coverage.items()):
        _say(f"  {where:20} {kind:16} {times:6,}")
    return 1 if tally.broken else 0


def _rounds(seed: int) -> Iterator[tuple[str, Callable[[Town], Outcome]]]:
    """First every single place, then chance."""
    others = tuple(dict.fromkeys(kind for kinds in KINDS.values() for kind in kinds if kind not in KILLS))
    for kinds in (KILLS, others):
        for change in CHANGES:
            for service in SERVICES:
                name = f"{change} of {service}, {'killed' if kinds is KILLS else 'disturbed'} at every request"
                yield name, _every(change, kinds, service)
    for number in count(seed * 1_000_000):
        yield f"round {number}", _chance(number)


def _every(change: str, kinds: tuple[str, ...], service: str) -> Callable[[Town], Outcome]:
    return lambda place: every_death(place, change, kinds, service=service)


def _chance(number: int) -> Callable[[Town], Outcome]:
    return lambda place: random_round(place, number)


def _show(place: Town, name: str, outcome: Outcome) -> None:
    """Say what broke, and keep the history: processes race, so no seed gives the same round again."""
    HISTORIES.mkdir(parents=True, exist_ok=True)
    path = HISTORIES / f"{name.replace(' ', '-').replace(',', '')}.txt"
    path.write_text("\n".join(str(line) for line in place.history.lines))
    for finding in [*map(str, outcome.findings), *outcome.unexpected][:MOST_SHOWN]:
        _say(f"{name}: {finding[:LONGEST_LINE]}")
    _say(f"  history: {path}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", default="", choices=["", *MUTANTS])
    arguments = parser.parse_args()
    return campaign(minutes=arguments.minutes, seed=arguments.seed, mutant=arguments.mutant)


if __name__ == "__main__":
    sys.exit(main())
