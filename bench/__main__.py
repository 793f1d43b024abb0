"""The performance scoreboard: `python -m bench` prints a table, `--json` prints JSON, `--json FILE` writes it beside.

A missed budget is marked, not punished: the exit status is 0 whenever everything could be measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from bench.metrics import Metric, measured

MODULES = (
    "bench.init_cost",
    "bench.round_trips",
    "bench.latency",
    "bench.connections",
    "bench.single_flight",
    "bench.slot_engine",
    "bench.warm_cpu",
    "bench.contract_size",
)
"""Everything that measures, in the order of the table. Each has `measure() -> list[Metric]`."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measure what the budgets bind.")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="JSON, to a file or instead of the table")
    wish = parser.parse_args(arguments)
    metrics = [metric for module in MODULES for metric in apart(module)]
    if wish.json == "-":
        print(as_json(metrics))
        return 0
    print(as_table(metrics))
    if wish.json:
        Path(wish.json).write_text(as_json(metrics) + "\n", encoding="utf-8")
    return 0


def apart(module: str) -> list[Metric]:
    """One module's metrics, from a fresh process that nobody else has warmed up or littered."""
    print(f"measuring {module} …", file=sys.stderr)
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(measured, module).result()


def as_table(metrics: Sequence[Metric]) -> str:
    rows = [("metric", "value", "budget", "stretch", "unit", "", "")]
    rows += [
        (m.name, f"{m.value:.4g}", _bound(m.budget), _bound(m.stretch), m.unit, m.verdict, m.note) for m in metrics
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:4], widths[1:4], strict=True)),
                row[4].ljust(widths[4]),
                row[5].ljust(widths[5]),
                row[6],
            ]
        ).rstrip()
        for row in rows
    )


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def as_json(metrics: Sequence[Metric]) -> str:
    return json.dumps([asdict(m) | {"verdict": m.verdict} for m in metrics], ensure_ascii=False, indent=2)


if __name__ == "__main__":
    sys.exit(main())
