"""What can go wrong at a point where the product touches the world, and who decides that it does.

A point is one IO: a request to the table, to a calendar, to the SMS sender, one sleep, one delivery of a tool call, one
record of the stream. Points are numbered in the order in which they are reached, so a run is replayed by its seed and
the list of (number, fault).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

KILL = ("kill_before", "kill_after")

TABLE_READ = (*KILL, "no_answer", "throttled", "table_down")
TABLE_WRITE = (*KILL, "no_answer", "reply_lost", "late", "conflict", "throttled", "table_down")
CALENDAR_READ = (*KILL, "no_connection", "no_answer", "too_many", "error_before")
CALENDAR_WRITE = (
    *KILL, "no_connection", "reply_lost", "late", "too_many", "error_before", "error_after", "unauthorized",
)  # fmt: skip
SMS_READ = (*KILL, "no_connection")
SMS_WRITE = (*KILL, "no_connection", "reply_lost", "error_before", "slow")
SLEEP = ("kill_before",)
DELIVERY = ("twice", "reply_dropped")
STREAM = ("lost", "twice", "late")

KINDS: Mapping[str, Sequence[str]] = {
    "table.read": TABLE_READ,
    "table.write": TABLE_WRITE,
    "calendar.read": CALENDAR_READ,
    "calendar.write": CALENDAR_WRITE,
    "sms.read": SMS_READ,
    "sms.write": SMS_WRITE,
    "sleep": SLEEP,
    "delivery": DELIVERY,
    "stream": STREAM,
}
"""Every fault that a point of each sort can have: the columns of the coverage table."""

LONGEST_TABLE_DELAY = 3.0
LONGEST_TABLE_OUTAGE = 8.0
LONGEST_STREAM_DELAY = 90.0
LONGEST_SEND = 4.5
LONGEST_REPEAT = 40.0  # how late a platform may deliver the same tool call again


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing going wrong; `seconds` where it takes a time: of a late execution, an outage, a repeat, a send."""

    kind: str
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind}:{self.seconds:g}" if self.seconds else self.kind

    @classmethod
    def parse(cls, text: str) -> Fault:
        kind, _, seconds = text.partition(":")
        return cls(kind, float(seconds or 0))


type Plan = Mapping[int, Fault]


class Faults(Protocol):
    """Decides at every point."""

    def at(self, number: int, sort: str) -> Fault | None: ...


@dataclass(frozen=True, slots=True)
class PlannedFaults:
    """Exactly these faults. One that makes no sense where it falls (after shrinking) is passed over."""

    plan: Plan

    def at(self, number: int, sort: str) -> Fault | None:
        fault = self.plan.get(number)
        return fault if fault is not None and fault.kind in KINDS[sort] else None


class RandomFaults:
    """Faults at a rate for each sort of point, until they are told to stop."""

    def __init__(self, random: Random, *, rate: float, longest_late: float) -> None:
        self._random = random
        self._longest_late = longest_late
        self._rates = {
            "table.read": 0.35 * rate,
            "table.write": 0.7 * rate,
            "calendar.read": 1.2 * rate,
            "calendar.write": 2.5 * rate,
            "sms.read": rate,
            "sms.write": rate,
            "sleep": 0.2 * rate,
            "delivery": rate,
            "stream": rate,
        }

    def at(self, number: int, sort: str) -> Fault | None:
        random = self._random
        if random.random() >= self._rates[sort]:
            return None
        kind = KINDS[sort][int(random.random() * len(KINDS[sort]))]
        return Fault(kind, self._seconds(kind, sort))

    def _seconds(self, kind: str, sort: str) -> float:
        share = self._random.random()
        if kind == "table_down":
            return round(share * LONGEST_TABLE_OUTAGE, 3)
        if kind == "slow":
            return round(share * LONGEST_SEND, 3)
        if (kind, sort) == ("twice", "delivery"):
            return round(0.01 + share * share * LONGEST_REPEAT, 3)
        if kind != "late":
            return 0.0
        longest = {"table.write": LONGEST_TABLE_DELAY, "stream": LONGEST_STREAM_DELAY}.get(sort, self._longest_late)
        return round(0.01 + share * share * longest, 3)


def typical(kind: str, sort: str) -> Fault:
    """One representative of each kind, for enumeration."""
    if kind == "table_down":
        return Fault(kind, 4.0)
    if kind == "late":
        return Fault(kind, {"table.write": 1.5, "stream": 30.0}.get(sort, 40.0))
    if kind == "slow":
        return Fault(kind, 4.0)
    if (kind, sort) == ("twice", "delivery"):
        return Fault(kind, 0.4)
    return Fault(kind)
