"""The scoreboard measures: every module returns metrics, and what it watches over moves them when it gets worse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench import assets, contract_size, init_cost, latency, round_trips, single_flight, warm_cpu
from bench.__main__ import as_json, as_table
from bench.assets import Unpacked
from bench.metrics import Metric
from bench.wires import Latency, Wait, Wires, depth
from infra.bytecode import compile_sources
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.ledger import DynamoLedger
from slotline.runtime import contracts
from slotline.use_cases import openings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHORT = Latency(table=0.004, provider=0.02)
DATE_OF_A_ZIP = 315_532_800  # 1980-01-01, which the packager writes on every file


def _values(metrics: list[Metric]) -> dict[str, float]:
    assert all(isinstance(metric, Metric) for metric in metrics)
    return {metric.name: metric.value for metric in metrics}


def _twice(work: Callable[..., Any], *, times: int = 2) -> Callable[..., Any]:
    def repeated(*arguments: Any, **options: Any) -> Any:
        return [work(*arguments, **options) for _ in range(times)][-1]

    return repeated


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "verdict"),
    [
        (Metric("m", 1.0, budget=2.0, stretch=1.0), "stretch"),
        (Metric("m", 1.1, budget=2.0, stretch=1.0), "met"),
        (Metric("m", 2.0, budget=2.0), "met"),
        (Metric("m", 2.1, budget=2.0, stretch=1.0), "MISSED"),
        (Metric("m", 9.0), ""),
    ],
)
def test_a_verdict_compares_the_value_with_its_bounds(metric: Metric, verdict: str) -> None:
    assert metric.verdict == verdict


def test_table_and_json_hold_every_metric_with_its_note() -> None:
    metrics = [Metric("told", 7, unit="modules"), Metric("bound", 3, 2, 1, note="because")]

    table, parsed = as_table(metrics).splitlines(), json.loads(as_json(metrics))

    assert table[1].split() == ["told", "7", "modules"]
    assert table[2].split() == ["bound", "3", "2", "1", "ratio", "MISSED", "because"]
    assert [(m["name"], m["value"], m["budget"], m["verdict"]) for m in parsed] == [
        ("told", 7, None, ""),
        ("bound", 3, 2, "MISSED"),
    ]


# --- waits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], 0),
        ([(0, 8), (8, 16)], 2),
        ([(0, 8), (0.1, 8.1)], 1),
        ([(0, 250), (0.1, 8), (9, 17)], 2),  # two reads beside one long one
        ([(0, 8), (8, 258), (8.1, 16), (258, 266)], 3),
    ],
)
def test_requests_that_run_side_by_side_are_one_round_trip(spans: list[tuple[float, float]], expected: int) -> None:
    assert depth([Wait("table", "x", began, ended) for began, ended in spans]) == expected


def test_a_wire_is_as_long_as_it_is_told_and_keeps_what_went_over_it() -> None:
    wires = Wires(Latency(table=0.01, provider=0.03))

    assert wires.send("provider", "GET slots", lambda: "free") == "free"
    with pytest.raises(ZeroDivisionError):
        wires.send("table", "get_item", lambda: 1 // 0)

    asked, failed = wires.taken()
    assert (asked.to, failed.to) == ("provider", "table")
    assert asked.ended - asked.began >= 0.03 > failed.ended - failed.began >= 0.01
    assert wires.taken() == []


# --- round trips and waits -------------------------------------------------------------------------------------------


def test_round_trips_are_those_that_the_documentation_tells() -> None:
    assert _values(round_trips.measure(SHORT)) == {
        "round trips: availability, asked again, Cal.com": 1,
        "round trips: availability, nothing remembered, Cal.com": 1,
        "round trips: book after hold, built-in": 2,
        "round trips: book after hold, Cal.com": 4,
        "round trips: reschedule, built-in": 4,
        "round trips: reschedule, Cal.com": 7,
        "round trips: cancel, built-in": 4,
        "round trips: cancel, Cal.com": 6,
        "round trips: confirm by text, built-in": 5,
        "round trips: first answer of a process, Cal.com": 3,
        "round trips: hold, built-in": 2,
        "round trips: book without hold, built-in": 2,
        "round trips: book without hold, Cal.com": 4,
        "round trips: find, built-in": 3,
        "ledger writes beside each of them, at most": 1,
    }


def test_one_read_more_is_one_round_trip_more_and_a_longer_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _values(round_trips.measure(SHORT)) | _values(latency.measure(SHORT, rounds=1))
    monkeypatch.setattr(DynamoBookingStore, "view", _twice(DynamoBookingStore.view))

    after = _values(round_trips.measure(SHORT)) | _values(latency.measure(SHORT, rounds=1))

    assert after["round trips: book after hold, built-in"] == before["round trips: book after hold, built-in"] + 1
    # The plan of three waits of 4 ms becomes four: a third more, less what a busy machine adds to both.
    waited = "wall time ÷ plan: book after hold, built-in"
    assert after[waited] > before[waited] + 0.1


def test_every_budget_of_a_round_trip_has_a_plan_to_wait_for() -> None:
    assert latency.PLANS.keys() == round_trips.BUDGETS.keys()


def test_callers_who_ask_the_same_at_once_cost_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    (metric,) = single_flight.measure(callers=12)
    assert metric.value == 1

    monkeypatch.setattr(openings.Openings, "_memory", lambda *_question: openings._Memory())

    (metric,) = single_flight.measure(callers=12)
    assert metric.value == 12
    assert metric.verdict == "MISSED"


# --- computing -------------------------------------------------------------------------------------------------------


def test_a_booking_that_does_more_costs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = warm_cpu.measure(rounds=3, repeats=5)
    monkeypatch.setattr(DynamoLedger, "record", _twice(DynamoLedger.record, times=12))

    (after,) = warm_cpu.measure(rounds=3, repeats=5)

    assert before.value > 1
    assert after.value > 1.5 * before.value


def test_a_longer_description_makes_the_contract_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = contract_size.measure()
    monkeypatch.setattr(contracts.HoldSlot, "__doc__", (contracts.HoldSlot.__doc__ or "") + "x" * 100)

    (after,) = contract_size.measure()

    assert after.value == before.value + 100
    assert len(contract_size.definitions()) == 7


# --- the cold start --------------------------------------------------------------------------------------------------


@pytest.fixture
def function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unpacked:
    """A function that does nothing, with a layer that imports nothing, packed as the real ones are."""
    monkeypatch.setattr(assets, "CACHE", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    task, layers = tmp_path / "task", tmp_path / "opt"
    (task / "functions" / "idle").mkdir(parents=True)
    (task / "functions" / "idle" / "handler.py").write_text("def lambda_handler(event, context): return {}\n")
    (layers / "slotline").mkdir(parents=True)
    (layers / "slotline" / "bootstrap.py").write_text("def house(): return None\n")
    for folder in (task, layers):
        compile_sources(folder, mounted_at="/opt")
        for file in folder.rglob("*"):
            os.utime(file, (DATE_OF_A_ZIP, DATE_OF_A_ZIP))
    handler = "functions.idle.handler.lambda_handler"
    return Unpacked("idle", handler, task, layers, {"STAGE": "dev"}, zipped=2_000_000, unzipped=5_000_000)


def _measured(function: Unpacked, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    monkeypatch.setattr(init_cost, "synthesised", lambda: None)
    monkeypatch.setattr(init_cost, "unpacked", lambda _assembly: [function])
    # The layer of this function holds no boto3 to compare with.
    monkeypatch.setattr(init_cost, "_unit", lambda _path: init_cost.Child({"path": [init_cost.SITE_PACKAGES]}, AWS))
    return _values(init_cost.measure(rounds=1))


AWS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
INIT = 'init CPU: idle ÷ boto3.client("dynamodb")'
REJECTED = "share of shipped .pyc that Python rejects"


def test_a_function_that_does_nothing_starts_in_a_fraction_of_a_client(
    function: Unpacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _measured(function, monkeypatch)

    assert 0 < found[INIT] < 0.6
    assert found[REJECTED] == 0
    assert found["asset, zipped, largest function with layers"] == 2
    assert found["asset, unzipped"] == 5


def test_a_slow_import_shows(function: Unpacked, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _measured(function, monkeypatch)[INIT]
    (function.layers / "slotline" / "bootstrap.py").write_text("sum(range(5_000_000))\ndef house(): return None\n")
    compile_sources(function.layers, mounted_at="/opt")

    assert _measured(function, monkeypatch)[INIT] > 2 * before


def test_bytecode_that_is_checked_by_date_is_rejected_after_the_zip(
    function: Unpacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_by_date = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "timestamp"]
    subprocess.run([*compile_by_date, str(function.layers)], check=True)
    for file in function.layers.rglob("*.py"):
        os.utime(file, (DATE_OF_A_ZIP - 1, DATE_OF_A_ZIP - 1))

    assert _measured(function, monkeypatch)[REJECTED] == pytest.approx(1 / 2)


def test_a_zip_brings_files_back_with_the_packagers_date(tmp_path: Path) -> None:
    (tmp_path / "in" / "package").mkdir(parents=True)
    (tmp_path / "in" / "package" / "module.py").write_text("VALUE = 1\n")

    assets._pack(tmp_path / "in", tmp_path / "asset.zip")
    assets._unpack(tmp_path / "asset.zip", tmp_path / "out")

    module = tmp_path / "out" / "package" / "module.py"
    assert module.read_text() == "VALUE = 1\n"
    assert module.stat().st_mtime == DATE_OF_A_ZIP
