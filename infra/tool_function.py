"""One function with its own role and its own log group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import assets
from infra.checks import acknowledge
from infra.settings import MEMORY_MB, METRICS_NAMESPACE, RUNTIME, TOOL_TIMEOUT, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.layers import Layers


class ToolFunction(Construct):
    """Runs `functions/<tool>`; may write its own logs and traces, and whatever `allow` adds."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        tool: str,
        settings: Settings,
        layers: Layers,
        environment: Mapping[str, str],
        timeout: Duration = TOOL_TIMEOUT,
        reserved_concurrency: int | None = None,
        failures: sqs.IQueue | None = None,
        woken: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self.tool = tool
        log_group = logs.LogGroup(
            self, "Logs", retention=settings.log_retention, removal_policy=settings.removal_policy
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Slotline {settings.stage}: what {tool} may do",
        )
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log_group.log_group_arn])
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"Slotline {settings.stage}: {tool}",
            runtime=RUNTIME,
            architecture=settings.architecture,
            handler=f"functions.{tool}.handler.lambda_handler",
            code=assets.function(tool),
            layers=list(layers.all),
            memory_size=MEMORY_MB,
            timeout=timeout,
            reserved_concurrent_executions=reserved_concurrency,
            role=self.role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            dead_letter_queue=failures,
            # Waking it up is worth something now or never.
            retry_attempts=0 if woken else None,
            max_event_age=Duration.seconds(60) if woken else None,
            environment={
                "SLOTLINE_STAGE": settings.stage,
                "POWERTOOLS_SERVICE_NAME": settings.service_name(tool),
                "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                # Looking for pydantic plugins reads the metadata of every installed package at each cold start.
                "PYDANTIC_DISABLE_PLUGINS": "__all__",
                # Babel asks for the machine's own zone when it is imported, and finds none by Lambda's default value.
                "TZ": "UTC",
                **environment,
            },
        )
        acknowledge(
            self.function,
            {
                "AwsSolutions-L1": "The dependencies are locked for Python 3.13, which also starts faster than 3.14.",
                "Serverless-LambdaLatestVersion": "The same: chosen by measured start time, and moved on purpose.",
            },
        )
        if failures is None:
            acknowledge(
                self.function,
                {
                    "Serverless-LambdaDLQ": "Only a wake-up comes asynchronously, and one that is lost costs a caller"
                    " some milliseconds; the API waits for its answer."
                    if woken
                    else "Nothing invokes this function asynchronously: the API waits for its answer, and queue and"
                    " stream keep their own records of failure.",
                },
            )
        if woken:
            acknowledge(
                self.function,
                {
                    "Serverless-LambdaAsyncFailureDestination": "The same: nobody would read which wake-ups were lost.",
                },
            )
        acknowledge(self.role, {"AwsSolutions-IAM5[Resource::*]": "X-Ray's write actions have no resource to name."})

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Add single actions on named resources to the function's role."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))

    def allow_items(self, *actions: str, on: Sequence[str], leading: str) -> None:
        """Add single actions on those items of a table whose partition key matches, `*` standing for anything."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions),
                resources=list(on),
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [leading]}},
            )
        )

    def allow_key(self, key: kms.IKey, *actions: str, through: str) -> None:
        """Allow using the key, but only when the named service does it on the function's behalf."""
        region = Stack.of(self).region
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=list(actions),
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"{through}.{region}.amazonaws.com"}},
            )
        )
