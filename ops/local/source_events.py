"""The events that the stream, the queue and the schedule hand to functions: pure functions.

Shapes: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, …/with-sqs.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
"""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.local.resources import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_sqs.type_defs import MessageTypeDef

OUTBOX_PREFIX = "X#"  # sort keys of outbox items


def scheduled_event(now: float) -> dict[str, Any]:
    """Build the event of an EventBridge schedule at this time (epoch seconds)."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/reconcile"],
        "detail": {},
    }


def is_new_outbox_item(record: Mapping[str, Any]) -> bool:
    """Tell whether the deployed event source's filter lets this record through."""
    sort_key: str = record["dynamodb"].get("NewImage", {}).get("sk", {}).get("S", "")
    return record["eventName"] == "INSERT" and sort_key.startswith(OUTBOX_PREFIX)


def stream_record(record: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """Turn a record of the streams API into a record of the event."""
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"].timestamp())
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "dynamodb": _without_bytes(change),
        "eventSourceARN": stream_arn,
    }


def _without_bytes(value: Any) -> Any:
    """Write binary attributes as base64 text, the way they look in an event."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _without_bytes(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_bytes(each) for each in value]
    return value


def queue_record(message: MessageTypeDef, queue_arn: str) -> dict[str, Any]:
    """Turn a received message into a record of the event."""
    attributes = {
        name: {"stringValue": each.get("StringValue"), "dataType": each["DataType"]}
        for name, each in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def refused(answer: object) -> set[str]:
    """Identify what a function gave back through `batchItemFailures`; an empty answer means that it took all."""
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    return {failure["itemIdentifier"] for failure in failures or ()}
