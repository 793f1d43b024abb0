"""Metrics: each is written by itself, and none where they are switched off, however many there were."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from slotline.runtime import observability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools import Metrics

MORE_THAN_A_COLLECTION_HOLDS = 250


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that has not counted anything yet."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Slotline")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "booking-test")
    observability._metrics.cache_clear()
    yield
    observability._metrics.cache_clear()


def test_each_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")
    observability.count("HumanTasks", 1)
    observability.count("OldestPendingSeconds", 2.5)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [line.get("HumanTasks") for line in lines] == [[1.0], None]
    assert lines[1]["OldestPendingSeconds"] == [2.5]
    assert {line["service"] for line in lines} == {"booking-test"}


def test_what_is_switched_off_does_not_add_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")

    for _ in range(MORE_THAN_A_COLLECTION_HOLDS):
        observability.count("HumanTasks", 1)

    assert capsys.readouterr().out == ""


def slowly(metrics: Metrics) -> Callable[..., None]:
    """The flush, and time enough beforehand for another thread to come in between."""
    flush = metrics.provider.flush_metrics

    def flushing(*, raise_on_empty_metrics: bool = False) -> None:
        time.sleep(0.001)
        flush(raise_on_empty_metrics)

    return flushing


def test_several_threads_lose_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")

    monkeypatch.setattr(observability._metrics().provider, "flush_metrics", slowly(observability._metrics()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: observability.count("HumanTasks", 1), range(24)))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["HumanTasks"] for line in lines] == [[1.0]] * 24
