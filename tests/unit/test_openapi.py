"""The published contract is the one the functions use."""

from __future__ import annotations

import json

from ops import openapi
from slotline.domain.calls import Tool


def test_the_committed_document_is_current() -> None:
    assert openapi.PUBLISHED.read_text(encoding="utf-8") == openapi.published(), "run python -m ops.openapi"


def test_every_tool_takes_at_most_six_flat_scalars_except_for_contact_data() -> None:
    paths = json.loads(openapi.published())["paths"]

    assert [path.rpartition("/")[2] for path in paths] == [tool.value for tool in Tool]
    for path, methods in paths.items():
        schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        fields = schema["properties"].values()
        assert all(field["type"] in {"string", "boolean"} and field["description"] for field in fields)
        assert len(fields) <= (8 if path.endswith("book_appointment") else 6)
