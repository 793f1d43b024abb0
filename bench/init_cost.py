"""What a cold start costs before the first event can be looked at, from the shipped asset, in boto3 clients.

CPU time of whole child processes, because the wall clock of a shared machine says little; all kinds of child take turns
in every round, and a metric is the median of ratios taken within one round. The unit is `boto3.client("dynamodb")` from
the complete packages of this checkout, which every AWS function in Python knows.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from bench import canned
from bench.assets import Unpacked, synthesised, unpacked, with_fresh_bytecode
from bench.desk import WrongAnswerError, event
from bench.metrics import Metric
from infra.bytecode import target_python

ROUNDS = 9
MEGABYTE = 1_000_000
type Bounds = tuple[float | None, float | None]  # budget and stretch
INIT_BOUNDS: Bounds = (1.6, 1.2)
COLD_START = Path(__file__).with_name("cold_start.py")
SITE_PACKAGES = str(Path(boto3.__file__).parents[1])

FIRST_CALLS: dict[str, tuple[str, dict[str, object]]] = {
    "availability": ("check_availability", {"service": "builtin"}),
    "booking": ("find_appointments", {}),
}
"""Tool calls that a cold function can answer while nothing is booked."""


@dataclass(frozen=True, slots=True)
class Child:
    """One kind of process: the job it is given and the environment it has."""

    job: dict[str, Any]
    environment: dict[str, str]

    def run(self) -> tuple[float, dict[str, Any]]:
        """CPU seconds of the whole process, and what it reports."""
        process = subprocess.Popen(
            [target_python(), "-I", "-S", "-B", str(COLD_START)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment,
        )  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        process.stdin.write(json.dumps(self.job).encode())
        process.stdin.close()
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode != 0:
            raise WrongAnswerError(f"the child for {self.job.get('handler', 'the unit')} failed")
        report: dict[str, Any] = json.loads(said.splitlines()[-1])
        return used.ru_utime + used.ru_stime, report


def measure(rounds: int = ROUNDS) -> list[Metric]:
    functions = unpacked(synthesised())
    shipped = functions[0]
    children = {
        "unit": _unit([SITE_PACKAGES]),
        "unit of the layer": _unit([str(shipped.layers)]),
        **{f"init {f.tool}": _init(f, f.path) for f in functions},
        "fresh": _init(shipped, [str(with_fresh_bytecode(shipped.task)), str(with_fresh_bytecode(shipped.layers))]),
        **{f"answer {f.tool}": _answer(f) for f in functions if f.tool in FIRST_CALLS},
    }
    times, reports = taken_in_turns(children, rounds=rounds)

    def ratio(above: str, below: str) -> float:
        return median(one[above] / one[below] for one in times)

    def metric(name: str, above: str, below: str = "unit", bounds: Bounds = (None, None)) -> Metric:
        note = f"{1000 * median(one[above] for one in times):.0f} ms CPU"
        return Metric(name, ratio(above, below), *bounds, note=note)

    unit = 'boto3.client("dynamodb")'
    for function in functions:
        if reports.get(f"answer {function.tool}", {}).get("reply", {"statusCode": 200})["statusCode"] != 200:
            raise WrongAnswerError(f"{function.tool}: {reports[f'answer {function.tool}']}")
    modules = [reports[f"init {f.tool}"]["modules"] for f in functions]
    return [
        *(metric(f"init CPU: {f.tool} ÷ {unit}", f"init {f.tool}", bounds=INIT_BOUNDS) for f in functions),
        metric(
            f"init CPU: {shipped.tool} ÷ the same from the slimmed layer", f"init {shipped.tool}", "unit of the layer"
        ),
        *(
            metric(f"init and first answer, no network: {f.tool} ÷ {unit}", f"answer {f.tool}")
            for f in functions
            if f.tool in FIRST_CALLS
        ),
        metric("init CPU: shipped asset ÷ bytecode compiled here", f"init {shipped.tool}", "fresh", (1.05, None)),
        _bytecode(functions),
        Metric("modules loaded after init, at most", max(modules), unit="modules"),
        Metric("asset, zipped, largest function with layers", max(f.zipped for f in functions) / MEGABYTE, unit="MB"),
        Metric("asset, unzipped", max(f.unzipped for f in functions) / MEGABYTE, unit="MB"),
    ]


def taken_in_turns(
    children: dict[str, Child], *, rounds: int
) -> tuple[list[dict[str, float]], dict[str, dict[str, Any]]]:
    """CPU seconds of every child by round, and their last reports. The first round fills the disk cache, uncounted."""
    reports: dict[str, dict[str, Any]] = {}
    times: list[dict[str, float]] = []
    for _ in range(rounds + 1):
        one = {}
        for name, child in children.items():
            one[name], reports[name] = child.run()
        times.append(one)
    return times[1:], reports


def _bytecode(functions: list[Unpacked]) -> Metric:
    """The share of shipped modules that Lambda would have to compile at every cold start."""
    folders = [str(functions[0].layers), *(str(f.task) for f in functions)]
    _, found = Child({"path": [], "bytecode": folders}, {}).run()
    sources, rejected = found["sources"], len(found["rejected"])
    if not sources:
        raise WrongAnswerError("the asset holds no sources")
    note = f"accepted: {sources - rejected} of {sources}"
    return Metric("share of shipped .pyc that Python rejects", rejected / sources, budget=0, unit="share", note=note)


def _unit(path: list[str]) -> Child:
    return Child({"path": path}, _aws())


def _init(function: Unpacked, path: list[str]) -> Child:
    return Child({"path": path, "handler": function.handler}, _aws() | function.environment)


def _answer(function: Unpacked) -> Child:
    tool, arguments = FIRST_CALLS[function.tool]
    request = event(tool, arguments, now=time.time())
    job = {"path": function.path, "handler": function.handler, "event": request, "replies": canned.replies()}
    return Child(job, _aws() | function.environment | {"SLOTLINE_TABLE": "slotline"})


def _aws() -> dict[str, str]:
    """What Lambda sets in every function."""
    return {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
