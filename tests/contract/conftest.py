"""The store's contract runs on two tables: moto in process, and the real local engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from ops.local import resources
from tests.contract.bookings import StoreBench
from tests.contract.tables import moto_client, moto_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.engine import EngineTable

MOTO_TABLE = "slotline-moto"


@pytest.fixture(scope="session")
def moto_dynamodb() -> DynamoDBClient:
    """One client for all tests: making one costs more than a table."""
    return moto_client()


@pytest.fixture
def moto_bench(moto_dynamodb: DynamoDBClient) -> Iterator[StoreBench]:
    with moto_in_order():
        resources.create_table(moto_dynamodb, MOTO_TABLE)
        yield StoreBench(moto_dynamodb, MOTO_TABLE)


@pytest.fixture
def engine_bench(table: EngineTable) -> StoreBench:
    return StoreBench(table.client, table.name)


@pytest.fixture(params=["moto_bench", pytest.param("engine_bench", marks=pytest.mark.engine)])
def db(request: pytest.FixtureRequest) -> Iterator[StoreBench]:
    """Every contract test of the store runs on both tables."""
    bench = cast("StoreBench", request.getfixturevalue(request.param))
    yield bench
    assert bench.client.unused_faults() == 0, "a planned fault was never met"
