"""Text messages on their way: table stream → sms_confirm → queue → sms_confirm → the sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.checks import acknowledge
from infra.queues import FailureQueue, WorkQueue
from infra.settings import TOOL_TIMEOUT

if TYPE_CHECKING:
    from infra.storage import Storage
    from infra.tool_function import ToolFunction


class Messages(Construct):
    """Holds the queue of messages to send, and feeds the worker from the stream and from the queue."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        # Six times the worker's time limit, as Lambda's documentation asks for: a message must not come back while the
        # retries inside Lambda may still be at work on it.
        self.work = WorkQueue(self, "Work", visibility_timeout=Duration.seconds(6 * TOOL_TIMEOUT.to_seconds()))
        self.stream_failures = FailureQueue(self, "StreamFailures")

    @property
    def queue(self) -> sqs.Queue:
        return self.work.queue

    def feed(self, worker: ToolFunction, *, storage: Storage) -> None:
        """Wake the worker for every new outbox item and for every message in the queue."""
        self._from_stream(worker, storage=storage)
        self._from_queue(worker)

    def _from_stream(self, worker: ToolFunction, *, storage: Storage) -> None:
        worker.allow(
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            on=[storage.stream_arn],
        )
        worker.allow("sqs:SendMessage", on=[self.stream_failures.queue_arn])
        lambda_.EventSourceMapping(
            self,
            "FromStream",
            target=worker.function,
            event_source_arn=storage.stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=10,
            # A poisoned record is cut out of its batch and set aside; the reconciler re-drives what it stood for.
            bisect_batch_on_error=True,
            retry_attempts=3,
            max_record_age=Duration.hours(1),
            report_batch_item_failures=True,
            on_failure=_QueueDestination(self.stream_failures),
            filters=[
                lambda_.FilterCriteria.filter(
                    {
                        "eventName": lambda_.FilterRule.is_equal("INSERT"),
                        "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("X#")}}},
                    }
                )
            ],
        )

    def _from_queue(self, worker: ToolFunction) -> None:
        worker.allow(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:SendMessage",
            on=[self.queue.queue_arn],
        )
        source = lambda_.EventSourceMapping(
            self,
            "FromQueue",
            target=worker.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=1,  # sending may take most of the time limit: a slow sender must not use up its neighbours' time
            max_concurrency=5,  # senders limit the rate per number
            report_batch_item_failures=True,
        )
        acknowledge(
            source,
            {
                "Serverless-LambdaEventSourceMappingDestination": "Lambda offers failure destinations for streams only;"
                " what fails here goes to the queue's own dead-letter queue.",
            },
        )


@jsii.implements(lambda_.IEventSourceDlq)
class _QueueDestination:
    """Names a queue for failed stream batches; the library's own also grants rights that nothing uses."""

    def __init__(self, queue: sqs.IQueue) -> None:
        self._queue = queue

    def bind(
        self, _target: lambda_.IEventSourceMapping, _target_handler: lambda_.IFunction
    ) -> lambda_.DlqDestinationConfig:
        return lambda_.DlqDestinationConfig(destination=self._queue.queue_arn)
