"""Every minute: drive what is unfinished, sweep what the stream lost. Every night: compare all with all."""

from __future__ import annotations

from typing import Any

from slotline import bootstrap

DRIFT_SCAN = "drift-scan"


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Work off what is due, or scan for drift, until this invocation's time is nearly over."""
    here = bootstrap.house()
    ends = here.clock.now() + context.get_remaining_time_in_millis() / 1000
    if event.get("work") == DRIFT_SCAN:
        return {"found": sum(len(here.drift_scan(business).run()) for business in here.config.businesses())}
    return {"looked_at": here.reconciler(process_ends=ends).run(ends=ends)}
