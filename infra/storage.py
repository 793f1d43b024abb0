"""The one table, and the key that encrypts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

if TYPE_CHECKING:
    from infra.settings import Settings

DUE_INDEX = "due"  # what must be looked at again, in 16 shards, by due time


class Storage(Construct):
    """Holds bookings, locks, configuration and ledger in one table with a stream."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Slotline {settings.stage}: table, secrets and alarm topic",
            enable_key_rotation=True,
            removal_policy=settings.removal_policy,
            # Seven days is the shortest that KMS allows: a deleted stage should not be paid for longer.
            pending_window=None if settings.production else Duration.days(7),
            policy=iam.PolicyDocument(statements=[_ownership()]),
        )
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=_attribute("pk", dynamodb.AttributeType.STRING),
            sort_key=_attribute("sk", dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=self.key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            time_to_live_attribute="ttl",
            deletion_protection=settings.production,
            removal_policy=settings.removal_policy,
        )
        self.table.add_global_secondary_index(
            index_name=DUE_INDEX,
            partition_key=_attribute("g1pk", dynamodb.AttributeType.STRING),
            sort_key=_attribute("g1sk", dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.due_index_arn = f"{self.table.table_arn}/index/{DUE_INDEX}"
        stream_arn = self.table.table_stream_arn
        if stream_arn is None:
            raise TypeError("a table with a stream has a stream ARN")
        self.stream_arn: str = stream_arn


def _attribute(name: str, kind: dynamodb.AttributeType) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=kind)


OWNER_ACTIONS = (
    "CancelKeyDeletion", "CreateAlias", "CreateGrant", "Decrypt", "DeleteAlias", "DescribeKey", "DisableKey",
    "DisableKeyRotation", "EnableKey", "EnableKeyRotation", "Encrypt", "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants", "ListKeyPolicies",
    "ListKeyRotations", "ListResourceTags", "PutKeyPolicy", "ReEncryptFrom", "ReEncryptTo", "RetireGrant",
    "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias",
    "UpdateKeyDescription",
)  # fmt: skip


def _ownership() -> iam.PolicyStatement:
    """The account may do all that can be done with a symmetric key, spelt out; roles still need a grant."""
    return iam.PolicyStatement(
        principals=[iam.AccountRootPrincipal()],
        actions=[f"kms:{action}" for action in OWNER_ACTIONS],
        resources=["*"],
    )
