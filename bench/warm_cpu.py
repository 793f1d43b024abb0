"""CPU time of one booking in a warm process, in boto3 `get_item` calls.

The whole handler runs, with botocore up to its socket; below it, answers are ready. The booking is the shortest one: an
offered slot on the built-in calendar, hence one read, one transaction, one line in the ledger, one in the log.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from statistics import median
from time import process_time_ns
from typing import Any
from unittest.mock import patch

import boto3
from botocore.httpsession import URLLib3Session

from bench import canned
from bench.cold_start import stub_http
from bench.desk import ROOMS, SETTINGS, TABLE, Context, WrongAnswerError, event, quiet
from bench.metrics import Metric
from slotline.bootstrap import House
from slotline.runtime.tool_endpoint import ToolEndpoint
from tests.fakes import FakeClock

ROUNDS = 15
REPEATS = 40
AWS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


def measure(rounds: int = ROUNDS, repeats: int = REPEATS) -> list[Metric]:
    with patch.dict(os.environ, AWS), patch.object(URLLib3Session, "send"), quiet():
        stub_http(canned.replies())
        jobs = {"booking": _booking(), "get_item": _get_item()}
        times = _taken_in_turns(jobs, rounds=rounds, repeats=repeats)
    ratio = median(one["booking"] / one["get_item"] for one in times)
    microseconds = {name: median(one[name] for one in times) / 1000 for name in jobs}
    note = f"{microseconds['booking']:.0f} ÷ {microseconds['get_item']:.0f} µs"
    return [Metric("warm CPU per booking, built-in ÷ one boto3 get_item", ratio, budget=4, stretch=3, note=note)]


def _booking() -> Callable[[], object]:
    clock = FakeClock()
    house = House(SETTINGS, clock=clock)
    endpoint = ToolEndpoint(lambda: house, ROOMS)
    context = Context()

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(endpoint(request, context)["body"])
        return answer

    first, *_ = ask(event("check_availability", {"service": "builtin"}, now=clock.now()))["slots"]
    request = event("book_appointment", {"slot_id": first["slot_id"], "name": "Zoë Müller"}, now=clock.now())
    if ask(request)["status"] != "confirmed":
        raise WrongAnswerError("book_appointment: not confirmed")
    return lambda: endpoint(request, context)


def _get_item() -> Callable[[], object]:
    client = boto3.client("dynamodb")
    return lambda: client.get_item(TableName=TABLE, Key={"pk": {"S": "T#harbor#B#1"}, "sk": {"S": "B"}})


def _taken_in_turns(jobs: dict[str, Callable[[], object]], *, rounds: int, repeats: int) -> list[dict[str, float]]:
    """Nanoseconds of CPU per job and round, without the collector's visits; the first round warms up, uncounted."""
    times = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds + 1):
            one = {}
            for name, job in jobs.items():
                started = process_time_ns()
                for _ in range(repeats):
                    job()
                one[name] = (process_time_ns() - started) / repeats
            times.append(one)
    finally:
        gc.enable()
    return times[1:]
