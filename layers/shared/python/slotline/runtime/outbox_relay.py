"""From the table's stream to the queue, and from the queue to the worker. A record is only a wake-up call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from slotline.domain.errors import ConfigError, SlotlineError
from slotline.runtime.observability import count, note_crash

OUTBOX_PREFIX = "X#"


class Woken(Protocol):
    """What a queue message says: which effect of which booking."""

    business: str
    booking: str
    rv: int
    kind: str


class Worker(Protocol):
    """Carries out effects of one business."""

    def carry_out(self, booking_id: str, *, rv: int, kind: Any) -> object: ...


def relay(event: Mapping[str, Any], *, queue: Any, queue_url: str | None) -> dict[str, Any]:
    """Queue every new outbox item of a stream batch; a failure gives the rest of the batch back."""
    if queue_url is None:
        raise ConfigError("SLOTLINE_MESSAGES_QUEUE: this environment variable is not set")
    for record in event["Records"]:
        keys = record["dynamodb"]["Keys"]
        pk, sk = keys["pk"]["S"], keys["sk"]["S"]
        if record["eventName"] != "INSERT" or not sk.startswith(OUTBOX_PREFIX):
            continue
        _, business, _, booking = pk.split("#", 3)
        _, rv, kind = sk.split("#", 2)
        body = json.dumps({"business": business, "booking": booking, "rv": int(rv), "kind": kind})
        queue.send_message(QueueUrl=queue_url, MessageBody=body)
    return {"batchItemFailures": []}


def work_off(
    event: Mapping[str, Any], *, read: Callable[[str], Woken], desk: Callable[[str], Worker]
) -> dict[str, Any]:
    """Carry out what the queue brought; what failed comes back, the rest is deleted."""
    failures = []
    for record in event["Records"]:
        try:
            woken = read(record["body"])
            desk(woken.business).carry_out(woken.booking, rv=woken.rv, kind=woken.kind)
        except SlotlineError as error:
            note_crash("effect_failed", error)
            count("EffectsFailed", 1)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
