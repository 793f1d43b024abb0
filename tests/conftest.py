"""Fixtures for every kind of test; nothing here starts before a test asks for it."""

from __future__ import annotations

import os

from tests.engine import engine, engine_dynamodb, table

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Slotline")  # read once, by whichever test counts first

__all__ = ["engine", "engine_dynamodb", "table"]
