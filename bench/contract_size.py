"""What the model carries in every turn: the definitions of all tools, as a platform is sent them."""

from __future__ import annotations

import json
from typing import Any

from bench.metrics import Metric
from ops.openapi import document


def measure() -> list[Metric]:
    tools = definitions()
    size = len(json.dumps(tools, ensure_ascii=False, separators=(",", ":")).encode())
    return [
        Metric(f"definitions of all {len(tools)} tools together", size, budget=8000, stretch=5000, unit="bytes"),
    ]


def definitions() -> list[dict[str, Any]]:
    """Function definitions as OpenAI spells them, which is also the shape that Vapi and Retell take."""
    operations = [path["post"] for path in document()["paths"].values()]
    return [
        {
            "type": "function",
            "function": {
                "name": operation["operationId"],
                "description": operation["summary"],
                "parameters": operation["requestBody"]["content"]["application/json"]["schema"],
            },
        }
        for operation in operations
    ]
