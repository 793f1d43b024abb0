"""A hundred callers ask one process the same thing at the same moment: how often is the provider asked?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bench.desk import Desk, WrongAnswerError, quiet
from bench.metrics import Metric
from bench.wires import Latency

CALLERS = 100
LATENCY = Latency(table=0.001, provider=0.1)


def measure(callers: int = CALLERS) -> list[Metric]:
    desk = Desk(LATENCY)
    together = Barrier(callers)

    def ask(number: int) -> str:
        together.wait()
        status: str = desk.ask("check_availability", {"service": "calcom"}, caller=f"+1415555{number:04d}")["status"]
        return status

    with quiet(), ThreadPoolExecutor(max_workers=callers) as pool:
        statuses = set(pool.map(ask, range(1000, 1000 + callers)))
    if statuses != {"available"}:
        raise WrongAnswerError(f"check_availability: {statuses}")
    asked = sum(wait.to == "provider" for wait in desk.wires.taken())
    return [Metric(f"provider requests for {callers} identical questions at once", asked, budget=1, unit="requests")]
