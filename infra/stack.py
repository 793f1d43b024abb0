"""Everything Slotline is on AWS, as one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack, Tags

from infra.alarms import Alarms
from infra.api import Api
from infra.direct import DirectAccess
from infra.hints import Hints
from infra.layers import Layers
from infra.messages import Messages
from infra.provider_secrets import ProviderSecrets
from infra.queues import FailureQueue
from infra.schedules import Schedules
from infra.settings import RECONCILE_TIMEOUT, Settings
from infra.storage import Storage
from infra.tool_function import ToolFunction

if TYPE_CHECKING:
    from constructs import Construct

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
# TransactWriteItems asks for no right of its own: each of its items needs the right of the same single write.
TRANSACT = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem")
# What DynamoDB does with the table's key in the name of whoever reads or writes an item.
TABLE_KEY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


class SlotlineStack(Stack):
    """One stage of Slotline in one account and region."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        super().__init__(
            scope,
            settings.stack_name,
            description=f"Slotline {settings.stage}: booking tools for voice agents",
            termination_protection=settings.production,
            analytics_reporting=False,
        )
        Tags.of(self).add("application", "slotline")
        Tags.of(self).add("stage", settings.stage)

        storage = Storage(self, "Storage", settings=settings)
        secrets = ProviderSecrets(self, "Secrets", settings=settings, key=storage.key)
        layers = Layers(self, "Layers", settings=settings)
        api = Api(self, "Api", settings=settings)
        messages = Messages(self, "Messages")
        hints = Hints(self, "Hints")
        reconcile_failures = FailureQueue(self, "ReconcileFailures")

        common = {
            "SLOTLINE_TABLE": storage.table.table_name,
            "SLOTLINE_SECRETS": secrets.prefix,
            "SLOTLINE_PUBLIC_URL": api.public_url,
        }

        availability = ToolFunction(
            self, "Availability", tool="availability", settings=settings, layers=layers, environment=common, woken=True
        )
        booking = ToolFunction(
            self, "Booking", tool="booking", settings=settings, layers=layers, environment=common, woken=True
        )
        woken = (availability.function, booking.function)
        sms_confirm = ToolFunction(
            self,
            "SmsConfirm",
            tool="sms_confirm",
            settings=settings,
            layers=layers,
            environment=common | {"SLOTLINE_MESSAGES_QUEUE": messages.queue.queue_url},
        )
        reconcile = ToolFunction(
            self,
            "Reconcile",
            tool="reconcile",
            settings=settings,
            layers=layers,
            environment=common,
            timeout=RECONCILE_TIMEOUT,
            reserved_concurrency=settings.reconcile_concurrency or None,
            failures=reconcile_failures,
        )
        webhook = ToolFunction(
            self,
            "Webhook",
            tool="webhook",
            settings=settings,
            layers=layers,
            environment=common
            | {
                "SLOTLINE_HINTS_QUEUE": hints.work.queue.queue_url,
                "SLOTLINE_WOKEN": ",".join(function.function_name for function in woken),
            },
        )
        mcp = ToolFunction(self, "Mcp", tool="mcp", settings=settings, layers=layers, environment=common)
        direct = ToolFunction(self, "Direct", tool="direct", settings=settings, layers=layers, environment=common)
        functions = (availability, booking, sms_confirm, mcp, direct, webhook, reconcile)

        table = [storage.table.table_arn]
        availability.allow(*READ, "dynamodb:PutItem", on=table)  # it writes its ledger records only
        availability.allow_items("dynamodb:UpdateItem", on=table, leading="T#*#K#*")  # access tokens it renews
        for every_tool in (booking, mcp, direct):
            every_tool.allow(*READ, *TRANSACT, on=table)
        sms_confirm.allow(*READ, "dynamodb:PutItem", "dynamodb:UpdateItem", on=table)
        webhook.allow("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", on=table)
        webhook.allow("lambda:InvokeFunction", on=[function.function_arn for function in woken])
        reconcile.allow(*READ, *TRANSACT, on=table)
        reconcile.allow("dynamodb:Query", on=[storage.due_index_arn])
        for function in functions:
            function.allow_key(storage.key, *TABLE_KEY, through="dynamodb")
            secrets.grant_read(function)

        api.serve({function.tool: function for function in functions})
        DirectAccess(self, "DirectAccess", function=direct, callers=settings.direct)
        messages.feed(sms_confirm, storage=storage)
        hints.connect(source=webhook, worker=reconcile)
        Schedules(self, "Schedules", reconcile=reconcile, failures=reconcile_failures)

        alarms = Alarms(self, "Alarms", settings=settings, key=storage.key)
        alarms.watch_functions(functions)
        alarms.watch_stream(sms_confirm)
        alarms.watch_failures(
            {
                "MessageFailures": messages.work.failures,
                "HintFailures": hints.work.failures,
                "StreamFailures": messages.stream_failures,
                "ReconcileFailures": reconcile_failures,
            }
        )
        alarms.watch_bookings(reconcile=reconcile, tools=functions)
        alarms.watch_tasks((sms_confirm, reconcile))  # who carries effects out
        alarms.watch_api(api)

        CfnOutput(self, "ApiUrl", value=api.public_url)
        CfnOutput(self, "TableName", value=storage.table.table_name)
        CfnOutput(self, "SecretsPrefix", value=secrets.prefix)
        CfnOutput(self, "SecretsKeyArn", value=storage.key.key_arn)
        CfnOutput(self, "MessagesQueueUrl", value=messages.queue.queue_url)
        CfnOutput(self, "HintsQueueUrl", value=hints.work.queue.queue_url)
        CfnOutput(self, "AlarmTopicArn", value=alarms.topic.topic_arn)
