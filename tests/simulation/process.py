"""One process of the simulated world: a Lambda invocation that lives until its time is up or a fault kills it.

Everything it does to the world goes through `arrive`: there the virtual time passes, others get their turn, and a
fault may strike. A killed process does nothing more, whatever its code tries: every further point kills it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from slotline.domain.errors import SlotlineError
from tests.simulation.faults import Fault, Faults
from tests.simulation.scheduler import Scheduler

type Line = tuple[Any, ...]


MOST_POINTS = 20_000
"""A run reaches a few hundred."""


class RunawayError(Exception):
    """Somebody goes on for ever."""


class Killed(BaseException):
    """This process is dead. No code of the product catches it, for there nobody is left to run."""


@dataclass(slots=True)
class Universe:
    """What all processes share: the time, chance, the faults, and the history of what really happened."""

    scheduler: Scheduler
    random: Random
    faults: Faults
    history: list[Line] = field(default_factory=list)
    points: int = 0
    injected: dict[int, Fault] = field(default_factory=dict)
    reached: list[tuple[int, str, str]] | None = None  # number, sort and place of every point, where somebody wants it
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults_over: bool = False
    table_down_until: float = 0.0
    processes: int = 0
    writer: str = ""  # the process whose effect is being done

    @property
    def now(self) -> float:
        return self.scheduler.now

    def tell(self, kind: str, *facts: Any) -> None:
        """Add a line to the history: the moment, what kind of thing, and the facts."""
        self.history.append((round(self.scheduler.now, 6), kind, *facts))

    def strike(self, sort: str, place: str) -> Fault | None:
        """The fault at this point, if there is one."""
        self.points += 1
        if self.points > MOST_POINTS:
            raise RunawayError(f"{MOST_POINTS} points and no end")
        if self.faults_over:
            return None
        if self.reached is not None:
            self.reached.append((self.points, sort, place))
        fault = self.faults.at(self.points, sort)
        if fault is not None:
            self.injected[self.points] = fault
            self.coverage[place, fault.kind] += 1
            self.tell("fault", self.points, place, str(fault))
        return fault


class Process:
    """One invocation. `skew` is how many seconds its clock is ahead of the true time."""

    def __init__(self, universe: Universe, name: str, *, seconds: float, skew: float = 0.0) -> None:
        universe.processes += 1
        self.universe = universe
        self.number = universe.processes
        self.name = f"{name}-{self.number}"
        self.ends = universe.now + seconds
        self.skew = skew
        self.alive = True

    # --- ports.Clock ------------------------------------------------------------------------------------------------

    def now(self) -> float:
        return self.universe.scheduler.now + self.skew

    def sleep(self, seconds: float) -> None:
        fault = self.universe.strike("sleep", "sleep")
        if fault is not None:
            self.die()
        self.pass_time(seconds)

    # --- the world --------------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float:
        """When the process ends, by its own clock."""
        return self.ends + self.skew

    def pass_time(self, seconds: float) -> None:
        """Wait; the process does not survive its own end."""
        if not self.alive:
            raise Killed
        scheduler = self.universe.scheduler
        if scheduler.now + seconds >= self.ends:
            scheduler.wait(self.ends - scheduler.now)
            self.die()
        scheduler.wait(seconds)

    def arrive(self, sort: str, place: str, *, after: float) -> Fault | None:
        """Reach the world after so many seconds; the fault that strikes there, a death before the effect excepted."""
        self.pass_time(after)
        fault = self.universe.strike(sort, place)
        if fault is not None and fault.kind == "kill_before":
            self.die()
        return fault

    def die(self) -> None:
        self.alive = False
        raise Killed

    def run(self, work: Callable[[], object]) -> None:
        """The whole life of the process."""
        try:
            work()
        except Killed:
            self.universe.tell("died", self.name)
        except SlotlineError as error:
            self.universe.tell("failed", self.name, type(error).__name__)  # the invocation ends with an error
        finally:
            self.alive = False
