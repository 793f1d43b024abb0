"""Fixtures for every kind of test; nothing here starts before a test asks for it."""

from __future__ import annotations

from tests.engine import engine, engine_dynamodb, table

__all__ = ["engine", "engine_dynamodb", "table"]
