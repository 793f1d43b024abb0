"""New connections to a provider within one call, whose tools are 20 s apart: none after the first.

The provider listens on a loopback socket and counts what it accepts; the gaps are made by moving the clock that the
connection pool reads. Without TLS here, for whether a connection is kept does not depend on it.
"""

from __future__ import annotations

import time
from contextlib import closing
from types import SimpleNamespace
from unittest.mock import patch

from bench.desk import GUEST, Desk, quiet
from bench.metrics import Metric
from tests.fakes import FakeClock
from tests.servers.calcom import CalcomApi, CalcomServer

GAP_SECONDS = 20.0


def measure() -> list[Metric]:
    clock = FakeClock()
    started = clock.now()
    pool_time = SimpleNamespace(monotonic=lambda: time.monotonic() + clock.now() - started)
    with (
        CalcomServer(CalcomApi(clock=clock.now)) as server,
        closing(Desk(base_url=server.base_url, clock=clock)) as desk,
        patch("httpcore._sync.http11.time", pool_time),
        quiet(),
    ):
        first, second, *_ = desk.ask("check_availability", {"service": "calcom"})["slots"]
        clock.sleep(GAP_SECONDS)
        booked = desk.ask("book_appointment", {"slot_id": first["slot_id"], **GUEST})
        this = {"appointment": booked["appointment"]}
        clock.sleep(GAP_SECONDS)
        desk.ask("reschedule_appointment", this | {"slot_id": second["slot_id"]})
        clock.sleep(GAP_SECONDS)
        desk.ask("cancel_appointment", this)
        desk.ask("cancel_appointment", this | {"confirm": True})
        opened, requests = server.connections, len(server.api.seen)
    return [
        Metric(
            "new connections per provider request after the first",
            (opened - 1) / (requests - 1),
            budget=0,
            note=f"{opened} for {requests} requests, {GAP_SECONDS:g} s apart",
        )
    ]
