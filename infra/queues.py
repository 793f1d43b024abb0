"""Queues that refuse plain HTTP and never lose a failure silently."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.checks import acknowledge

MAX_RECEIVES = 5  # with the visibility timeout this is about six minutes of trying


class FailureQueue(sqs.Queue):
    """Where what failed for good waits for a person. Bodies hold ids only, so the queue's own encryption key does."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(
            scope,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(14),
        )
        _refuse_plain_http(self)
        reason = "This is itself the dead-letter queue; an alarm says when anything is in it."
        acknowledge(self, {"AwsSolutions-SQS3": reason, "Serverless-SQSRedrivePolicy": reason})


class WorkQueue(Construct):
    """A queue with its failure queue."""

    def __init__(self, scope: Construct, id_: str, *, visibility_timeout: Duration) -> None:
        super().__init__(scope, id_)
        self.failures = FailureQueue(self, "Failures")
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            visibility_timeout=visibility_timeout,
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.failures, max_receive_count=MAX_RECEIVES),
        )
        _refuse_plain_http(self.queue)


QUEUE_ACTIONS = (
    "AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility", "DeleteMessage", "DeleteQueue",
    "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "ListMessageMoveTasks", "ListQueueTags",
    "PurgeQueue", "ReceiveMessage", "RemovePermission", "SendMessage", "SetQueueAttributes", "StartMessageMoveTask",
    "TagQueue", "UntagQueue",
)  # fmt: skip


def _refuse_plain_http(queue: sqs.Queue) -> None:
    """Nobody may do anything to the queue over plain HTTP; spelt out, so that no statement has a wildcard action."""
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=[f"sqs:{action}" for action in QUEUE_ACTIONS],
            resources=[queue.queue_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
    )
    acknowledge(queue, {"AwsSolutions-SQS4": "Plain HTTP is denied, action by action instead of by a wildcard."})
