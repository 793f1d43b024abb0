"""Rounds: callers, faults, rest, verdict. One with random faults, and one for every place where a process can die."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from tests.real_engine import offices
from tests.real_engine.callers import RealCaller
from tests.real_engine.faults import KINDS
from tests.simulation.checker import Finding, check
from tests.simulation.workloads import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.domain.calls import ToolReply
    from tests.real_engine.town import Town

SETTLING_SECONDS = 660.0
TROUBLE_SECONDS = 330.0
MINUTES_A_DAY = 1440
CALCOM, OWN = ("short", "long"), ("walk", "stay", "pool", "group")
MIXES = (CALCOM, OWN, CALCOM + OWN)
RATES = (0.0, 0.02, 0.05, 0.1, 0.2)
PEOPLE = 10
MURDERS_A_SECOND = 8.0  # times the rate of the round
APART_MINUTES = 90


@dataclass(slots=True)
class Outcome:
    """What came of a round."""

    callers: int
    calls: int = 0
    killed: int = 0
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.unexpected


def random_round(town: Town, seed: int) -> Outcome:
    """Callers of the simulator's stories on a crowded day, with faults at a rate and deaths at random moments."""
    random = Random(f"round {seed}")
    town.faults.random = Random(f"faults {seed}")
    services = random.choice(MIXES)
    starts = _starts(town, random, over_midnight=random.random() < 0.3 and services == OWN)

    def play() -> int:
        town.faults.rate = random.choice(RATES)
        town.faults.cold_share = 0.5
        people = random.randint(2, PEOPLE)
        for number in range(people):
            phone = _phone(next(town.callers) - (1 if number and random.random() < 0.12 else 0))
            caller, chance = (
                RealCaller(town, phone, f"call-{seed}-{number}", agent=random.choice(tuple(offices.AGENTS))),
                Random(random.getrandbits(64)),
            )
            town.timeline.start(partial(visit, caller, chance, starts, services))
        return people

    murderer = threading.Thread(target=_murders, args=(town, Random(f"deaths {seed}")), daemon=True)
    return _round(town, play, beside=murderer)


def every_death(town: Town, change: str, kinds: tuple[str, ...], *, service: str = "short") -> Outcome:
    """One tool call for every request that it sends, with a fault there; then the caller asks once more.

    `change` is book, move or cancel (the yes to it): what the call is about. Each caller has a time of their own.
    """
    random = Random(f"{change} {kinds}")
    town.faults.random, town.faults.cold_share = random, 0.0
    first = _starts(town, random)[0]
    town.crew.renew()  # so that no process has to read its configuration anew

    def play() -> int:
        town.timeline.start(lambda: callers.append(_deaths(town, change, kinds, service, first)))
        return 0

    callers: list[int] = []
    outcome = _round(town, play)
    outcome.callers = callers[0]
    return outcome


def _deaths(town: Town, change: str, kinds: tuple[str, ...], service: str, first: int) -> int:
    """See which requests the call sends, and give each its fault; the number of callers."""
    starts = count(first, APART_MINUTES)

    def call(name: str, planned: tuple[int, str], *, again: bool = True) -> None:
        caller = RealCaller(town, _phone(next(town.callers)), name, agent="brisk")
        say = _saying(caller, change, service, next(starts))
        if say(planned, "same") is None and again:
            say(None, "same")  # the platform delivers it again
        if again:
            say(None, "anew")  # and the model says it once more

    call("undisturbed", (0, ""), again=False)
    sorts = town.faults.reached[town.street.struck]
    plans = [(n, kind) for kind in kinds for n, sort in enumerate(sorts, start=1) if kind in KINDS[sort]]
    for number, kind in plans:
        call(f"{change}-{kind}-{number}", (number, kind))
    return len(plans) + 1


def _saying(
    caller: RealCaller, change: str, service: str, start: int
) -> Callable[[tuple[int, str] | None, str], ToolReply | None]:
    handle: object = None
    if change != "book":
        reply = caller.book(service, start)
        handle = reply.fields.get("appointment") if reply else None
    appointment = handle if isinstance(handle, str) else None
    if change == "cancel":
        caller.ask_to_cancel(appointment=appointment)

    def say(planned: tuple[int, str] | None, id_: str) -> ToolReply | None:
        caller.planned = planned
        if change == "book":
            return caller.book(service, start, id_=id_)
        if change == "move":
            return caller.move(service, start + 45, appointment=appointment, id_=id_)
        return caller.agree_to_cancel(appointment=appointment, id_=id_)

    return say


def _round(town: Town, play: Callable[[], int], *, beside: threading.Thread | None = None) -> Outcome:
    """Play, let the trouble go on for a while, end it, let everything come to rest, and judge."""
    street, timeline = town.street, town.timeline
    town.empty()
    town.noted()
    asked, killed, before = street.asked, town.crew.killed, Counter(town.faults.coverage)
    people = play()
    if beside is not None:
        beside.start()
    street.tick_until(timeline.now + TROUBLE_SECONDS + SETTLING_SECONDS + 3600.0)
    timeline.run(timeline.now + TROUBLE_SECONDS)
    town.faults.end()
    town.history.tell("faults_over")
    timeline.run(timeline.now + SETTLING_SECONDS)
    street.ticking_until = 0.0
    town.history.tell("settled")
    timeline.run(timeline.now + 120.0)  # the last tick, that finds the schedule ended
    coverage = Counter(town.faults.coverage)
    coverage.subtract(before)
    findings = check(town.history.lines, offices.told_to_the_checker(), noted=town.noted())
    unexpected, street.unexpected = street.unexpected, []
    return Outcome(
        people, street.asked - asked, town.crew.killed - killed, sum(coverage.values()), findings, unexpected, +coverage
    )


def _murders(town: Town, random: Random) -> None:
    """Now and then somebody who is working dies, wherever they are; in real time, for nobody works in any other."""
    while rate := town.faults.rate:
        time.sleep(random.expovariate(MURDERS_A_SECOND * rate))
        names = [name for name in town.crew.busy() if town.faults.rate]
        if names:
            name = random.choice(names)
            town.faults.note(name.partition("-")[0], "kill_anywhere")
            town.crew.kill(name)


def _starts(town: Town, random: Random, *, over_midnight: bool = False) -> tuple[int, ...]:
    """Times on a day that is not today: crowded, or side by side. No opening hours at Cal.com straddle midnight."""
    today = int(town.timeline.now // 60) // MINUTES_A_DAY
    first = (today + 2) * MINUTES_A_DAY + (1410 if over_midnight else 600)
    step = random.choice((15, 15, 75))
    return tuple(first + step * n for n in range(random.choice((3, 5, 8))))


def _phone(number: int) -> str:
    return f"+1415555{number:04d}"
