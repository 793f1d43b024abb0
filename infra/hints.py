"""What calendars tell us, on its way: webhook → queue → reconcile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.checks import acknowledge
from infra.queues import WorkQueue
from infra.settings import RECONCILE_TIMEOUT

if TYPE_CHECKING:
    from infra.tool_function import ToolFunction


class Hints(Construct):
    """Holds the queue of hints, filled by the webhook function and worked off by the reconciler."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        # Six times the worker's time limit, as for messages.
        self.work = WorkQueue(self, "Work", visibility_timeout=Duration.seconds(6 * RECONCILE_TIMEOUT.to_seconds()))

    def connect(self, *, source: ToolFunction, worker: ToolFunction) -> None:
        """Let the webhook function fill the queue, and the reconciler empty it."""
        queue = self.work.queue
        source.allow("sqs:SendMessage", on=[queue.queue_arn])
        worker.allow("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", on=[queue.queue_arn])
        mapping = lambda_.EventSourceMapping(
            self,
            "FromQueue",
            target=worker.function,
            event_source_arn=queue.queue_arn,
            batch_size=1,  # one look at a calendar may take most of the time limit
            max_concurrency=2,  # the schedule must find the reconciler free
            report_batch_item_failures=True,
        )
        acknowledge(
            mapping,
            {
                "Serverless-LambdaEventSourceMappingDestination": "Lambda offers failure destinations for streams only;"
                " what fails here goes to the queue's own dead-letter queue.",
            },
        )
