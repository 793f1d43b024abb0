"""The scoreboard's count of connections, on a loopback socket."""

from __future__ import annotations

import httpx
import pytest

from bench import connections
from slotline.adapters.calendars import _connections


def test_one_connection_lasts_for_a_whole_call() -> None:
    (metric,) = connections.measure()

    assert metric.value == 0
    assert metric.verdict == "met"


def test_a_pool_with_the_libraries_own_patience_connects_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = httpx.Limits(max_connections=20, max_keepalive_connections=20, keepalive_expiry=5)
    monkeypatch.setattr(_connections, "LIMITS", impatient)

    (metric,) = connections.measure()

    assert metric.value == 1
    assert metric.verdict == "MISSED"
