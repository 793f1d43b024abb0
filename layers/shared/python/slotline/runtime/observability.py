"""Logs and metrics: event names with allowed fields, and never the text of an exception, which may quote a caller.

Powertools is imported on first use: the start of a process need not wait for it.
"""

from __future__ import annotations

import threading
import traceback
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics


def note(event: str, /, **fields: str | float | None) -> None:
    """Log an event. Fields are ids, counts and words of ours; names, numbers and bodies are not fields."""
    _logger().info(event, extra=fields)


def note_crash(event: str, error: BaseException, /, **fields: str | float | None) -> None:
    """Log where an unexpected error came from: its type and the code lines, not its message."""
    frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    _logger().error(event, extra={"error": type(error).__name__, "at": frames[-6:], **fields})


def count(name: str, value: float) -> None:
    """One metric datum in the embedded metric format."""
    from aws_lambda_powertools.metrics import MetricUnit

    metrics = _metrics()
    unit = MetricUnit.Seconds if name.endswith("Seconds") else MetricUnit.Count
    with _ONE_BY_ONE:  # calendars are asked side by side, and the collection is one
        metrics.add_metric(name=name, unit=unit, value=value)
        metrics.flush_metrics()
        metrics.clear_metrics()  # where metrics are switched off nothing is flushed, and a hundredth datum would be


_ONE_BY_ONE = threading.Lock()


_COUNTED = {
    "human_task": "HumanTasks",
    "credentials_revoked": "SetupErrors",
    "token_refresh_unanswered": "SetupErrors",
    "token_not_stored": "SetupErrors",
    "sms_given_up": "MessagesGivenUp",
    "sms_setup": "SetupErrors",
    "sms_sent": "MessagesSent",
    "sms_delivered": "MessagesDelivered",
    "sms_undelivered": "MessagesUndelivered",
    "sms_reply": "MessageReplies",
    "sms_opt_out": "MessageOptOuts",
}
"""Events an owner wants to see as numbers and alarms."""


def notify(event: str, /, **fields: str | int) -> None:
    """Log an event and, where it has one, count its metric."""
    note(event, **fields)
    if event in _COUNTED:
        count(_COUNTED[event], 1)


@cache
def _logger() -> Logger:
    from aws_lambda_powertools import Logger

    return Logger()


@cache
def _metrics() -> Metrics:
    from aws_lambda_powertools import Metrics

    return Metrics()
