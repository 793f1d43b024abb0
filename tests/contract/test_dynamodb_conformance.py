"""The in-memory DynamoDB of the simulator against a real engine: same requests, same answers, same table afterwards.

Only codes, reasons and data are compared, never the wording of messages. Where the engine is known to differ from
DynamoDB, DEVIATIONS says how, and the case fails as soon as the engine does not differ any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from ops.local import resources
from tests.contract.dynamodb_cases import TABLE, Case, all_cases, scan
from tests.fakes import FakeClock
from tests.simulation.memory_dynamodb import MemoryDynamoDB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine

CASES = {case.name: case for case in all_cases()}
DEVIATIONS: dict[str, str] = {}


@pytest.fixture(scope="module")
def real(engine_dynamodb: DynamoDBClient) -> Iterator[DynamoDBClient]:
    resources.create_table(engine_dynamodb, TABLE)
    yield engine_dynamodb
    engine_dynamodb.delete_table(TableName=TABLE)


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


@pytest.mark.parametrize("name", CASES)
def test_same_answers_as_the_engine(name: str, real: DynamoDBClient) -> None:
    case = CASES[name]
    memory = MemoryDynamoDB(FakeClock(), tables=[TABLE])

    in_memory, in_engine = observed(memory, case), observed(real, case)

    clear(real)
    if name in DEVIATIONS:
        assert in_engine != in_memory, f"the engine deviates no more: {DEVIATIONS[name]}"
    else:
        assert in_memory == in_engine


def clear(client: DynamoDBClient) -> None:
    keys = client.scan(TableName=TABLE, ProjectionExpression="pk, sk")["Items"]
    for at in range(0, len(keys), 25):
        requests: Any = [{"DeleteRequest": {"Key": key}} for key in keys[at : at + 25]]
        client.batch_write_item(RequestItems={TABLE: requests})
