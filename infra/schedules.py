"""What the clock starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

DRIFT_SCAN, UPKEEP, POLL = "drift-scan", "upkeep", "poll"
"""What the reconcile function calls the work of these events."""

if TYPE_CHECKING:
    from infra.tool_function import ToolFunction


class Schedules(Construct):
    """Wakes the reconciler every minute, every few minutes to ask calendars, and at night for everything at once."""

    def __init__(self, scope: Construct, id_: str, *, reconcile: ToolFunction, failures: sqs.IQueue) -> None:
        super().__init__(scope, id_)
        self._reconcile = reconcile
        self._failures = failures
        minutes = events.Schedule.rate
        self._rule("EveryMinute", "finish what is unfinished", minutes(Duration.minutes(1)))
        self._rule("EveryFiveMinutes", "ask calendars that tell nothing", minutes(Duration.minutes(5)), work=POLL)
        # UTC: night in the Americas, before work elsewhere.
        night = events.Schedule.cron(minute="23", hour="9")
        self._rule("EveryNight", "compare bookings, locks and calendars", night, work=DRIFT_SCAN)
        before = events.Schedule.cron(minute="3", hour="8")
        self._rule("BeforeTheNight", "try every access, renew every webhook", before, work=UPKEEP)

    def _rule(self, id_: str, what: str, schedule: events.Schedule, *, work: str | None = None) -> None:
        often = work in {None, POLL}
        target = targets.LambdaFunction(
            self._reconcile.function,
            event=events.RuleTargetInput.from_object({"work": work}) if work else None,
            retry_attempts=2,
            # The next run comes soon, so an old one is not worth repeating for long.
            max_event_age=Duration.minutes(5) if often else None,
            dead_letter_queue=self._failures,
        )
        events.Rule(self, id_, description=f"Slotline: {what}", schedule=schedule, targets=[target])
