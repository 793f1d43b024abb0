"""Round trips that one caller waits for, tool by tool: requests that stand behind one another count, twins count once.

They are counted at the far ends, by what the table and the provider were really asked. The ledger's line is written
when the answer is known and is counted apart; a process reads the configuration once a minute and the secrets once in
five, which only the first answer shows.
"""

from __future__ import annotations

from bench.metrics import Metric
from bench.phone_call import Step, played
from bench.wires import Latency

LATENCY = Latency(table=0.008, provider=0.04)
"""Long enough that requests sent side by side overlap on a busy machine."""

BUDGETS: dict[tuple[str, str], tuple[int, int | None]] = {
    ("availability, asked again", "calcom"): (0, None),
    ("availability, nothing remembered", "calcom"): (1, None),
    ("book after hold", "builtin"): (2, 1),
    ("book after hold", "calcom"): (4, 3),
    ("reschedule", "builtin"): (4, 3),
    ("reschedule", "calcom"): (4, 3),
    ("cancel", "builtin"): (2, 1),
    ("cancel", "calcom"): (2, 1),
    ("confirm by text", "builtin"): (1, 0),
}
TOLD = (
    ("first answer of a process", "calcom"),
    ("hold", "builtin"),
    ("book without hold", "builtin"),
    ("book without hold", "calcom"),
    ("find", "builtin"),
)
SPOKEN = {"builtin": "built-in", "calcom": "Cal.com"}


def measure(latency: Latency = LATENCY) -> list[Metric]:
    calls = {calendar: played(calendar, latency) for calendar in SPOKEN}
    rows = [_metric(calls[calendar][name], *BUDGETS[name, calendar]) for name, calendar in BUDGETS]
    rows += [_metric(calls[calendar][name], None, None) for name, calendar in TOLD]
    most = max(step.ledger for steps in calls.values() for step in steps.values())
    return [*rows, Metric("ledger writes beside each of them, at most", most, unit="round trips")]


def _metric(step: Step, budget: int | None, stretch: int | None) -> Metric:
    name = f"round trips: {step.name}, {SPOKEN[step.calendar]}"
    return Metric(name, step.round_trips, budget, stretch, unit="round trips", note=step.trail())
