"""What a measurement is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Metric:
    """One line of the scoreboard: lower is better, and `budget` is the most it may be; None where it is only told."""

    name: str
    value: float
    budget: float | None = None
    stretch: float | None = None
    unit: str = "ratio"
    note: str = ""

    @property
    def verdict(self) -> str:
        """Stretch, met or MISSED; empty without a budget."""
        if self.budget is None:
            return ""
        if self.value > self.budget:
            return "MISSED"
        return "stretch" if self.stretch is not None and self.value <= self.stretch else "met"


def measured(module: str) -> list[Metric]:
    """What the module's `measure()` finds."""
    metrics: list[Metric] = import_module(module).measure()
    return metrics
