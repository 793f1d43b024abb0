"""The in-memory DynamoDB of the simulator against a real engine: same requests, same answers, same table afterwards.

Only codes, reasons and data are compared, never the wording of messages. Where the engine is known to differ from
DynamoDB, DEVIATIONS says how, and the case fails as soon as the engine does not differ any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given, settings

from ops.local import resources
from tests.contract.dynamodb_cases import TABLE, Case, scan
from tests.contract.dynamodb_deviations import DEVIATIONS
from tests.contract.dynamodb_random import Asked, conditions, random_history, random_items
from tests.contract.dynamodb_request_cases import all_cases
from tests.fakes import FakeClock
from tests.simulation.memory_dynamodb import MemoryDynamoDB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine

MOST_DELETES = 25  # in one request
CASES = {case.name: case for case in all_cases()}
KNOWN = {name: deviation for deviation in DEVIATIONS for name in deviation.cases}


@pytest.fixture(scope="module")
def engine_table(engine_dynamodb: DynamoDBClient) -> Iterator[DynamoDBClient]:
    resources.create_table(engine_dynamodb, TABLE)
    yield engine_dynamodb
    engine_dynamodb.delete_table(TableName=TABLE)


@pytest.fixture
def real(engine_table: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """The engine; its table is empty again afterwards."""
    yield engine_table
    clear(engine_table)


@pytest.fixture
def memory() -> MemoryDynamoDB:
    return MemoryDynamoDB(FakeClock(), tables=[TABLE])


def observed(client: Any, case: Case) -> list[Any]:
    """What a case shows, with its steps' answers and the whole table at the end."""
    seen = [answer(client, method, request) for method, request in case.steps]
    method, request = scan()
    seen.append(answer(client, method, request))
    return seen


def answer(client: Any, method: str, request: dict[str, Any]) -> Any:
    try:
        reply = getattr(client, method)(**request)
    except ParamValidationError:
        return "refused before it was sent"
    except ClientError as error:
        reply = error.response
        reasons = [
            {"Code": reason["Code"], "Item": plain(reason.get("Item"))}
            for reason in reply.get("CancellationReasons", [])
        ]
        return reply["Error"]["Code"], reasons, plain(reply.get("Item"))
    found = plain({name: part for name, part in reply.items() if name != "ResponseMetadata"})
    if method == "scan" and "Items" in found:
        found["Items"].sort(key=repr)
    for items in found.get("Responses", {}).values():
        items.sort(key=repr)
    return found


def plain(value: Any) -> Any:
    """Sets in one order, everything else as it is."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {
            name: sorted(each) if name in {"SS", "NS", "BS"} and isinstance(each, list) else plain(each)
            for name, each in value.items()
        }
    return value


@pytest.mark.parametrize("name", sorted(CASES.keys() - KNOWN.keys()))
def test_both_answer_alike(name: str, real: DynamoDBClient, memory: MemoryDynamoDB) -> None:
    assert observed(memory, CASES[name]) == observed(real, CASES[name])


@pytest.mark.parametrize("name", KNOWN)
def test_engine_still_deviates_and_we_answer_as_dynamodb_does(
    name: str, real: DynamoDBClient, memory: MemoryDynamoDB
) -> None:
    ours, theirs = observed(memory, CASES[name]), observed(real, CASES[name])

    first = next((mine for mine, its in zip(ours, theirs, strict=True) if mine != its), None)
    assert first is not None, f"the engine deviates no more: {KNOWN[name].reason}"
    assert (first[0] if isinstance(first, tuple) else "done") == KNOWN[name].answer


@pytest.mark.parametrize("seed", range(40))
def test_random_histories_end_alike(seed: int, real: DynamoDBClient, memory: MemoryDynamoDB) -> None:
    history = Case(f"seed {seed}", random_history(seed))

    assert observed(memory, history) == observed(real, history)


@pytest.fixture(scope="module")
def stocked(engine_table: DynamoDBClient) -> Iterator[tuple[DynamoDBClient, MemoryDynamoDB]]:
    """The same random items in both."""
    memory = MemoryDynamoDB(FakeClock(), tables=[TABLE])
    for item in random_items():
        engine_table.put_item(TableName=TABLE, Item=item)
        memory.put_item(TableName=TABLE, Item=item)
    yield engine_table, memory
    make_anew(engine_table)


@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(asked=conditions())
def test_random_conditions_choose_the_same_items(stocked: tuple[DynamoDBClient, MemoryDynamoDB], asked: Asked) -> None:
    real, memory = stocked
    method, request = "scan", {"TableName": TABLE, **asked.request()}

    assert answer(memory, method, request) == answer(real, method, request)


def make_anew(client: DynamoDBClient) -> None:
    client.delete_table(TableName=TABLE)
    resources.create_table(client, TABLE)


def clear(client: DynamoDBClient) -> None:
    """An empty table, whatever the engine let into it: by deleting a few items, or else by making it anew."""
    keys = keys_of(client)
    if not keys:
        return
    if len(keys) <= MOST_DELETES and all(len(key) == 2 for key in keys):
        client.batch_write_item(RequestItems={TABLE: [{"DeleteRequest": {"Key": key}} for key in keys]})
        if not keys_of(client):
            return
    make_anew(client)


def keys_of(client: DynamoDBClient) -> list[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(TableName=TABLE, ProjectionExpression="pk, sk")
    return [key for page in pages for key in page["Items"]]
