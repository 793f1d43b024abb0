"""How long a caller waits when table and provider take their time, against the plan that the budgets describe.

A plan is the round trips that its budget grants, one after another, and the ledger's line. What is above 1 is round
trips too many, waits that should have run side by side, and the product's own computing.
"""

from __future__ import annotations

from statistics import median

from bench.metrics import Metric
from bench.phone_call import CALENDARS, played
from bench.round_trips import SPOKEN
from bench.wires import Latency

ROUNDS = 9
LATENCY = Latency(table=0.008, provider=0.25)

PLANS: dict[tuple[str, str], tuple[int, int]] = {
    # tool and calendar: requests to the table and to the provider, one after another
    ("availability, asked again", "calcom"): (1, 0),  # our own locks are read on every question
    ("availability, nothing remembered", "calcom"): (0, 1),  # the locks are read meanwhile
    ("book after hold", "builtin"): (2, 0),
    ("book after hold", "calcom"): (3, 1),
    ("reschedule", "builtin"): (4, 0),
    ("reschedule", "calcom"): (3, 1),
    ("cancel", "builtin"): (2, 0),
    ("cancel", "calcom"): (2, 1),
    ("confirm by text", "builtin"): (1, 0),
}


def measure(latency: Latency = LATENCY, rounds: int = ROUNDS) -> list[Metric]:
    waited: dict[tuple[str, str], list[float]] = {place: [] for place in PLANS}
    for _ in range(rounds):
        for calendar in CALENDARS:
            for name, step in played(calendar, latency).items():
                if (name, calendar) in waited:
                    waited[name, calendar].append(step.seconds)
    return [
        Metric(
            f"wall time ÷ plan: {name}, {SPOKEN[calendar]}",
            median(waited[name, calendar]) / _planned(name, calendar, latency),
            budget=1.05,
            stretch=1.02,
            note=f"{1000 * median(waited[name, calendar]):.0f} ms",
        )
        for name, calendar in PLANS
    ]


def _planned(name: str, calendar: str, latency: Latency) -> float:
    table, provider = PLANS[name, calendar]
    return (table + 1) * latency.table + provider * latency.provider
