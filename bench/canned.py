"""What the AWS services would answer to one tool call, ready to be given without them."""

from __future__ import annotations

import json

from bench.desk import SECRETS, TABLE, business
from slotline.adapters.dynamodb.config_document import dump_business


def replies() -> dict[str, str]:
    """A reply per operation: one business is configured, and nothing has been booked."""
    document = {"Item": {"doc": {"S": dump_business(business())}, "v": {"N": "1"}}}
    return {
        name: json.dumps(reply)
        for name, reply in {
            "GetItem": document,
            "GetSecretValue": {"SecretString": json.dumps(SECRETS)},
            "BatchGetItem": {"Responses": {TABLE: []}, "UnprocessedKeys": {}},
            "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
            "TransactWriteItems": {},
            "PutItem": {},
            "UpdateItem": {},
        }.items()
    }
