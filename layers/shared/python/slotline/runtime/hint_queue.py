"""Hints on their way from the webhook to whoever works them off. What is queued was proved, and holds ids only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from slotline.domain.errors import ConfigError, SlotlineError
from slotline.domain.hints import Hint
from slotline.runtime.observability import count, note_crash

SETTLE_SECONDS = 15
"""A hint that names no event waits so long for its like: one look at the calendar answers them all."""


class Desk(Protocol):
    """Works off the hints of one business."""

    def heed(self, calendar: str, hint: Hint, *, received: float) -> None: ...


def queue_hint(hint: Hint, *, business: str, calendar: str, received: float, queue: Any, queue_url: str | None) -> None:
    """Queue one hint; `received` is in epoch seconds."""
    if queue_url is None:
        raise ConfigError("SLOTLINE_HINTS_QUEUE: this environment variable is not set")
    body = {
        "business": business,
        "calendar": calendar,
        "received": received,
        "id": hint.id,
        "event": hint.event,
        "tag": hint.tag,
        "resubscribe": hint.resubscribe,
    }
    delay = SETTLE_SECONDS if hint.event is None and hint.tag is None else 0
    queue.send_message(QueueUrl=queue_url, MessageBody=json.dumps(body), DelaySeconds=delay)


def _nobody(_body: Mapping[str, Any]) -> None:
    raise ConfigError("nobody here works off the ends of calls")


def work_off_hints(
    event: Mapping[str, Any],
    *,
    desk: Callable[[str], Desk],
    call_ended: Callable[[Mapping[str, Any]], None] = _nobody,
) -> dict[str, Any]:
    """Work off what the queue brought; what failed comes back, the rest is deleted. Ends of calls come along."""
    failures = []
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
            if "call" in body:
                call_ended(body)
                continue
            hint = Hint(body["id"], event=body["event"], tag=body["tag"], resubscribe=body["resubscribe"])
            desk(body["business"]).heed(body["calendar"], hint, received=body["received"])
        except SlotlineError as error:
            note_crash("hint_failed", error)
            count("HintsFailed", 1)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
