"""How much of an availability answer's CPU time the slot engine takes, and how it grows.

The floor is what any program must do with the provider's answer, whatever its engine: parse the free/busy JSON into
epoch minutes and print the slots. Wrapping minutes into intervals is counted on neither side.

All times are CPU time with the garbage collector off, in interleaved rounds; every metric is a median of ratios that
were taken within one round, so that a noisy machine disturbs both sides alike.
"""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from statistics import median
from time import process_time_ns
from zoneinfo import ZoneInfo

from bench.metrics import Metric
from slotline.domain.business import OpeningHours
from slotline.domain.slots import free_starts, intersection_of, open_windows, union_of
from slotline.domain.time import Interval, iso, local_day, minute_of, utc_iso

ROUNDS = 9
LEAST_SAMPLE_NS = 20_000_000
"""A job that takes less is repeated within its sample until it takes this long."""

STAFF = (1, 10, 100)
DAYS = (14, 60, 365)
ZONE = ZoneInfo("America/Los_Angeles")
FIRST = date(2026, 1, 5)  # an arbitrary Monday; a year from it crosses both DST changes
WEEKDAY = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
HOURS = OpeningHours(week=(WEEKDAY,) * 5 + ((), ()))
EVENTS_A_DAY = 10
MINUTES, STEP = 30, 15

Size = tuple[int, int]  # staff and days


@dataclass(frozen=True)
class Load:
    """One size of the problem: a provider's answer, and the same as intervals."""

    last: date
    answer: str  # JSON in the shape of a free/busy reply
    busy: list[list[Interval]]  # by member, in order of start

    def starts(self, *, in_order: bool = False) -> Iterator[int]:
        """The whole engine: opening hours, each member's free starts, and the pool's union."""
        windows = open_windows(HOURS, zone=ZONE, first=FIRST, last=self.last)
        span = _span(self.last)
        return union_of(
            free_starts(
                windows, busy, minutes=MINUTES, step=STEP, earliest=span.start, latest=span.end, in_order=in_order
            )
            for busy in self.busy
        )

    def shaped_starts(self) -> Iterator[int]:
        """The same with buffers, notice and closed days, and with the first member as a fixed host beside the pool."""
        closed = tuple(FIRST + timedelta(days=day) for day in range(10, 365, 30))
        windows = open_windows(OpeningHours(HOURS.week, closed), zone=ZONE, first=FIRST, last=self.last)
        span = _span(self.last)
        each = [
            free_starts(
                windows,
                busy,
                minutes=MINUTES,
                before=5,
                after=10,
                step=STEP,
                earliest=span.start + 11 * 60,
                latest=span.end,
            )
            for busy in (self.busy[0], *self.busy)
        ]
        return intersection_of([each[0], union_of(each[1:])])


def measure() -> list[Metric]:
    sizes = [(staff, days) for staff in STAFF for days in DAYS]
    jobs = {(kind, size): job for size in sizes for kind, job in _jobs(load(*size)).items()}
    rounds = _rounds(jobs)

    def ratio(above: tuple[str, Size], below: tuple[str, Size]) -> float:
        return median(times[above] / times[below] for times in rounds)

    return [
        Metric(
            "slot engine ÷ (parse + print), worst of nine sizes",
            max(ratio(("engine", size), ("floor", size)) for size in sizes),
            budget=0.6,
            stretch=0.4,
        ),
        Metric(
            "… with buffers, notice, closed days and a fixed host",
            max(ratio(("shaped", size), ("floor", size)) for size in sizes),
            budget=0.6,
            stretch=0.4,
        ),
        Metric(
            "first five slots, 100 staff × 365 days ÷ 100 × 14",
            ratio(("first five", (100, 365)), ("first five", (100, 14))),
            budget=1.3,
            stretch=1.1,
        ),
        Metric(
            "slot engine's growth from 60 to 365 days (linear: 6.1)",
            max(ratio(("engine", (staff, 365)), ("engine", (staff, 60))) for staff in STAFF),
            budget=6.8,
            stretch=6.5,
        ),
        Metric(
            "slot engine's growth from 10 to 100 staff (linear: 10)",
            max(ratio(("engine", (100, days)), ("engine", (10, days))) for days in DAYS),
            budget=11,
            stretch=10,
        ),
    ]


def load(staff: int, days: int) -> Load:
    """Ten meetings per member and working day, always the same ones for the same size."""
    chance = random.Random(staff * 1000 + days)
    last = FIRST + timedelta(days=days - 1)
    busy: list[list[Interval]] = []
    for _ in range(staff):
        member: list[Interval] = []
        for day in (FIRST + timedelta(days=n) for n in range(days)):
            if day.weekday() < 5:
                opens = minute_of(datetime.combine(day, time(9), ZONE))
                begins = (opens + chance.randrange(0, 480, STEP) for _ in range(EVENTS_A_DAY))
                member += sorted(Interval(begin, begin + chance.choice((15, 30, 45))) for begin in begins)
        busy.append(member)
    calendars = {
        f"member-{n}@example.com": {"busy": [{"start": utc_iso(i.start), "end": utc_iso(i.end)} for i in member]}
        for n, member in enumerate(busy)
    }
    return Load(last, json.dumps({"calendars": calendars}), busy)


def _jobs(job: Load) -> dict[str, Callable[[], object]]:
    slots = list(job.starts())
    return {
        "floor": lambda: (_parse(job.answer), _print(slots)),
        "engine": lambda: list(job.starts()),
        "shaped": lambda: list(job.shaped_starts()),
        "first five": lambda: list(islice(job.starts(in_order=True), 5)),
    }


def _span(last: date) -> Interval:
    return Interval(local_day(FIRST, ZONE).start, local_day(last, ZONE).end)


def _parse(answer: str) -> list[list[tuple[int, int]]]:
    read = datetime.fromisoformat
    return [
        [(minute_of(read(event["start"])), minute_of(read(event["end"]))) for event in calendar["busy"]]
        for calendar in json.loads(answer)["calendars"].values()
    ]


def _print(starts: list[int]) -> str:
    return json.dumps([iso(start, ZONE) for start in starts])


def _rounds(jobs: dict[tuple[str, Size], Callable[[], object]]) -> list[dict[tuple[str, Size], float]]:
    repeats = {name: max(1, LEAST_SAMPLE_NS // max(_nanoseconds(job, 1), 1)) for name, job in jobs.items()}
    gc.collect()
    gc.disable()
    try:
        return [
            {name: _nanoseconds(job, repeats[name]) / repeats[name] for name, job in jobs.items()}
            for _ in range(ROUNDS)
        ]
    finally:
        gc.enable()


def _nanoseconds(job: Callable[[], object], times: int) -> int:
    started = process_time_ns()
    for _ in range(times):
        job()
    return process_time_ns() - started
