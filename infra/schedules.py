"""What the clock starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

DRIFT_SCAN = "drift-scan"
"""What the reconcile function calls the work of its nightly event."""

if TYPE_CHECKING:
    from infra.tool_function import ToolFunction


class Schedules(Construct):
    """Wakes the reconciler every minute, and once a night for the scan of everything."""

    def __init__(self, scope: Construct, id_: str, *, reconcile: ToolFunction, failures: sqs.IQueue) -> None:
        super().__init__(scope, id_)
        self.every_minute = events.Rule(
            self,
            "EveryMinute",
            description="Slotline: finish what is unfinished",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[
                # The next minute brings the next run, so an old one is not worth repeating for long.
                targets.LambdaFunction(
                    reconcile.function,
                    retry_attempts=2,
                    max_event_age=Duration.minutes(5),
                    dead_letter_queue=failures,
                )
            ],
        )
        self.every_night = events.Rule(
            self,
            "EveryNight",
            description="Slotline: compare bookings, locks and calendars",
            schedule=events.Schedule.cron(minute="23", hour="9"),  # UTC: night in the Americas, before work elsewhere
            targets=[
                targets.LambdaFunction(
                    reconcile.function,
                    event=events.RuleTargetInput.from_object({"work": DRIFT_SCAN}),
                    retry_attempts=2,
                    dead_letter_queue=failures,
                )
            ],
        )
