"""Fixtures on the real local AWS engine: one engine per test process, one fresh table per test.

Known deviations of the engine from AWS: it never answers TransactionConflict or throttling, so tests inject those.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pytest

from ops.local import engine as local_engine
from ops.local import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from ops.local.engine import Engine

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class EngineTable:
    """A table made for one test, as the deployed stack has it."""

    name: str
    endpoint: str
    stream_arn: str
    client: DynamoDBClient = field(repr=False)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Start the engine once, when the first test asks; its state lasts until the end of the test process."""
    with local_engine.start() as running:
        yield running


@pytest.fixture(scope="session")
def engine_dynamodb(engine: Engine) -> DynamoDBClient:
    """One client for all tests: making one costs more than a table."""
    return resources.dynamodb(engine.endpoint)


@contextmanager
def new_table(engine: Engine, client: DynamoDBClient) -> Iterator[EngineTable]:
    """Make an empty table that nobody else knows, and delete it in the end."""
    name = f"slotline-test-{next(_numbers)}"
    stream_arn = resources.create_table(client, name, forgets=False)  # tests have clocks of their own
    yield EngineTable(name=name, endpoint=engine.endpoint, stream_arn=stream_arn, client=client)
    client.delete_table(TableName=name)


@pytest.fixture
def table(engine: Engine, engine_dynamodb: DynamoDBClient) -> Iterator[EngineTable]:
    """Make a table for one test."""
    with new_table(engine, engine_dynamodb) as made:
        yield made
