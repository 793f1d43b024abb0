"""What the deployed stack has, made in the local engine: one table, two queues with their dead-letter queues."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from slotline.adapters.dynamodb.keys import DUE_INDEX

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"
KEY_ID = "test"
SECRET_KEY = KEY_ID  # the engine accepts any pair, and no other service ever sees this one
TTL_ATTRIBUTE = "ttl"
VISIBILITY_SECONDS = 72  # six times the consuming function's timeout
MAX_RECEIVES = 5
_CONFIG = Config(region_name=REGION, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a queue is found."""

    url: str
    arn: str


@dataclass(frozen=True, slots=True)
class Resources:
    """Names of what was made."""

    table: str
    stream_arn: str
    messages: Queue
    hints: Queue


def dynamodb(endpoint: str) -> DynamoDBClient:
    """Open a DynamoDB client of the engine."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET_KEY,
        config=_CONFIG,
    )


def sqs(endpoint: str) -> SQSClient:
    """Open an SQS client of the engine."""
    return boto3.client(
        "sqs", endpoint_url=endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET_KEY, config=_CONFIG
    )


def secrets_manager(endpoint: str) -> SecretsManagerClient:
    """Open a Secrets Manager client of the engine."""
    return boto3.client(
        "secretsmanager",
        endpoint_url=endpoint,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET_KEY,
        config=_CONFIG,
    )


def create(endpoint: str, *, table: str, messages: str, hints: str) -> Resources:
    """Make the table and the queues; they must not exist yet."""
    stream_arn, client = create_table(dynamodb(endpoint), table), sqs(endpoint)
    return Resources(
        table=table,
        stream_arn=stream_arn,
        messages=create_queue(client, messages),
        hints=create_queue(client, hints),
    )


def create_table(client: DynamoDBClient, name: str, *, forgets: bool = True) -> str:
    """Make the one table as deployed (infra/storage.py) and return the ARN of its stream.

    The engine deletes what has expired by this machine's clock; without `forgets` it keeps all, for those who live in
    a time of their own.
    """
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "g1pk", "AttributeType": "S"},
            {"AttributeName": "g1sk", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": DUE_INDEX,
                "KeySchema": [
                    {"AttributeName": "g1pk", "KeyType": "HASH"},
                    {"AttributeName": "g1sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    if forgets:
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
        )
    return client.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def create_queue(client: SQSClient, name: str) -> Queue:
    """Make a queue and its dead-letter queue `<name>-dead`."""
    dead = client.create_queue(QueueName=f"{name}-dead", Attributes={"MessageRetentionPeriod": str(14 * 86_400)})
    redrive = {"deadLetterTargetArn": _queue_arn(client, dead["QueueUrl"]), "maxReceiveCount": MAX_RECEIVES}
    queue = client.create_queue(
        QueueName=name,
        Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)},
    )
    return Queue(queue["QueueUrl"], _queue_arn(client, queue["QueueUrl"]))


def _queue_arn(client: SQSClient, url: str) -> str:
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
