"""Every minute: drive what is unfinished, sweep what the stream lost."""

from __future__ import annotations

from typing import Any

from slotline import bootstrap


def lambda_handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Work off what is due until this invocation's time is nearly over."""
    here = bootstrap.house()
    ends = here.clock.now() + context.get_remaining_time_in_millis() / 1000
    return {"looked_at": here.reconciler(process_ends=ends).run(ends=ends)}
