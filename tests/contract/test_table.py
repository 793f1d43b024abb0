"""The table: values come back as they went in, reads are complete, and only what passes is waited for, not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto.dynamodb.responses import DynamoHandler

from slotline.adapters.dynamodb.table import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MAX_TRIES,
    MOST_SILENT_TRIES,
    ConditionFailedError,
    Table,
)
from slotline.domain.errors import StaleError, StoreUnavailableError
from slotline.domain.hops import recording
from tests.contract.tables import (
    ONE_AT_A_TIME,
    Fault,
    answer_lost,
    conflict,
    moto_client,
    refused,
    request_lost,
    throttled,
    unreachable,
)
from tests.fakes import CountingIds, FakeClock

if TYPE_CHECKING:
    from typing import Any

    from tests.contract.bookings import StoreBench
    from tests.contract.tables import Send

KEY = ("T#t#Z#1", "Z")
ITEM = {"pk": KEY[0], "sk": KEY[1]}


def write(db: StoreBench, **values: object) -> None:
    db.table.transact([db.table.put({**ITEM, **values})])


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        0,
        -7,
        10**20,
        0.5,
        1_767_614_400.25,
        -1e-7,
        True,
        False,
        "",
        "ü",
        b"\x00\xff",
        [],
        [1, ["x"]],
        {"a": {"b": None}},
    ],
)
def test_a_value_comes_back_as_it_was(db: StoreBench, value: object) -> None:
    write(db, value=value)

    found = (db.table.get(KEY) or {})["value"]

    assert found == value
    assert type(found) is type(value)


def test_a_value_of_no_known_type_is_refused() -> None:
    table = Table(moto_client(), "none", clock=FakeClock(), ids=CountingIds())

    with pytest.raises(TypeError, match="complex"):
        table.put({"value": 1j})


def test_an_absent_value_is_an_absent_attribute(db: StoreBench) -> None:
    write(db, gone=None)

    assert db.table.get(KEY) == ITEM


def test_a_change_sets_what_differs_and_removes_what_is_gone(db: StoreBench) -> None:
    before: dict[str, object] = {**ITEM, "kept": 1, "changed": 1, "gone": 1}
    write(db, **before)
    after = {**ITEM, "kept": 1, "changed": 2, "new": 3}
    db.table.transact([db.table.change(KEY, {**before, "kept": 1}, after, condition="kept = :k", k=1)])

    assert db.table.get(KEY) == after


def test_a_refused_change_brings_the_old_item(db: StoreBench) -> None:
    write(db, v=1)
    change = db.table.change(KEY, {"v": 0}, {"v": 5}, condition="v = :v", v=0)
    other = db.table.put({"pk": "T#t#Z#2", "sk": "Z"}, condition="attribute_exists(pk)")

    with pytest.raises(ConditionFailedError) as refusal:
        db.table.transact([db.table.put({"pk": "T#t#Z#3", "sk": "Z"}), change, other])

    assert refusal.value.items == {1: {**ITEM, "v": 1}, 2: {}}
    assert isinstance(refusal.value, StaleError)
    assert db.rows().keys() == {KEY}


def test_a_delete_leaves_nothing(db: StoreBench) -> None:
    write(db)

    db.table.transact([db.table.delete(KEY)])

    assert db.table.get(KEY) is None


# --- reads -----------------------------------------------------------------------------------------------------------


def test_what_a_decision_rests_on_is_read_as_it_is_now(db: StoreBench) -> None:
    db.table.get(KEY)
    db.table.get_all([KEY])
    db.table.query(KEY[0], first="Z", last="Z", consistent=True)

    assert db.client.sent("get_item")[0]["ConsistentRead"]
    assert db.client.sent("batch_get_item")[0]["RequestItems"][db.name]["ConsistentRead"]
    assert db.client.sent("query")[0]["ConsistentRead"]


def test_more_items_than_one_request_carries_are_read(db: StoreBench) -> None:
    for start in (0, 100):
        db.table.transact([db.table.put({"pk": f"T#t#Z#{n}", "sk": "Z"}) for n in range(start, start + 60)])
    wanted = [(f"T#t#Z#{n}", "Z") for n in range(160)]

    found = db.table.get_all([*wanted, *wanted])

    assert found.keys() == set(wanted[:60] + wanted[100:])
    assert len(db.client.sent("batch_get_item")) == 2


def test_what_a_busy_table_left_unread_is_asked_for_again(db: StoreBench) -> None:
    write(db)
    db.client.plan("batch_get_item", _nothing_read(db.name), _nothing_read(db.name))

    assert db.table.get_all([KEY]) == {KEY: ITEM}


def test_a_table_that_never_reads_is_given_up(db: StoreBench) -> None:
    db.client.plan("batch_get_item", *[_nothing_read(db.name)] * MAX_TRIES)

    with pytest.raises(StoreUnavailableError):
        db.table.get_all([KEY])


def test_a_query_reads_every_page_in_order(db: StoreBench) -> None:
    for number in (3, 1, 2, 0):
        write_at = {"pk": KEY[0], "sk": f"Z#{number}", "blob": "x" * 300_000}
        db.table.put_now(write_at)

    found = db.table.query(KEY[0], first="Z#1", last="Z#3", consistent=True)

    assert [item["sk"] for item in found] == ["Z#1", "Z#2", "Z#3"]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_what_is_due_is_read_up_to_the_limit(db: StoreBench, limit: int) -> None:
    for number in range(5):
        db.table.put_now({"pk": f"T#t#Z#{number}", "sk": "Z", "g1pk": "W#1", "g1sk": 100.5 - number})

    found = db.table.query_due("W#1", until=99.5, limit=limit)

    assert [item["pk"][-1] for item in found] == ["4", "3", "2", "1"][:limit]


READS: dict[str, Callable[[Table], object]] = {
    "get_item": lambda table: table.get(KEY),
    "batch_get_item": lambda table: table.get_all([KEY])[KEY],
    "query": lambda table: table.query(KEY[0], first="Z", last="Z", consistent=True)[0],
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("fault", [throttled, request_lost, answer_lost, unreachable])
def test_reads_are_repeated_while_the_failure_passes(db: StoreBench, read: str, fault: Fault) -> None:
    write(db)
    db.client.plan(read, fault)

    found = READS[read](db.table)

    assert found == ITEM


# --- patience --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        conflict,
        throttled,
        refused("TransactionConflictException"),
        refused("ProvisionedThroughputExceededException"),
        refused("InternalServerError"),
        refused("ServiceUnavailable"),
        refused("RequestLimitExceeded"),
        refused("TransactionInProgressException"),
    ],
)
def test_a_passing_refusal_is_waited_for(db: StoreBench, fault: Fault) -> None:
    db.client.plan("transact_write_items", *[fault] * (MAX_TRIES - 1))
    started = db.now

    write(db)

    assert db.table.get(KEY) == ITEM
    waited = db.now - started
    assert 0.2 * FIRST_PAUSE_SECONDS * MAX_TRIES < waited < LONGEST_PAUSE_SECONDS * MAX_TRIES


@pytest.mark.parametrize(
    ("fault", "in_doubt"),
    [
        (conflict, False),
        (throttled, False),
        (refused("InternalServerError"), True),
        (refused("ServiceUnavailable"), True),
        (refused("TransactionInProgressException"), True),
    ],
)
def test_patience_ends(db: StoreBench, fault: Fault, in_doubt: bool) -> None:
    db.client.plan("transact_write_items", *[fault] * MAX_TRIES)

    with pytest.raises(StoreUnavailableError) as unavailable:
        write(db)

    assert unavailable.value.in_doubt is in_doubt
    assert db.rows() == {}


@pytest.mark.parametrize("fault", [request_lost, answer_lost, unreachable])
def test_a_silent_table_is_in_doubt(db: StoreBench, fault: Fault) -> None:
    db.client.plan("put_item", *[fault] * MOST_SILENT_TRIES)

    with pytest.raises(StoreUnavailableError) as unavailable:
        db.table.put_now(ITEM)

    assert unavailable.value.in_doubt


def test_a_write_that_was_silent_once_stays_in_doubt(db: StoreBench) -> None:
    db.client.plan("transact_write_items", request_lost, *[conflict] * (MAX_TRIES - 1))

    with pytest.raises(StoreUnavailableError) as unavailable:
        write(db)

    assert unavailable.value.in_doubt


def test_our_own_mistakes_are_not_waited_for(db: StoreBench) -> None:
    with pytest.raises(ParamValidationError):
        db.table.transact([{"Put": {"TableName": db.name, "Item": "not an item"}}])

    assert len(db.client.requests) == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_refusal_that_will_not_pass_is_not_waited_for(db: StoreBench, code: str) -> None:
    db.client.plan("transact_write_items", refused(code))

    with pytest.raises(ClientError, match=code):
        write(db)


def test_a_transaction_that_cannot_be_is_told_apart_from_a_condition(db: StoreBench) -> None:
    cancelled = refused("TransactionCanceledException", CancellationReasons=[{"Code": "ValidationError"}])
    db.client.plan("transact_write_items", cancelled)

    with pytest.raises(ClientError):
        write(db)


def test_each_wait_for_the_table_is_noted(db: StoreBench) -> None:
    with recording() as hops:
        write(db)
        db.table.get(KEY)

    assert [hop.name for hop in hops] == ["table", "table"]


# --- moto's lock -----------------------------------------------------------------------------------------------------


def test_moto_answers_one_request_at_a_time(moto_bench: StoreBench) -> None:
    """Moto takes no lock of its own; if this fails, its inside has changed and the guard stands beside the way."""
    assert vars(DynamoHandler)["call_action"].__name__ == "guarded"
    answered = threading.Event()

    def ask() -> None:
        moto_bench.rows()
        answered.set()

    thread = threading.Thread(target=ask)
    with ONE_AT_A_TIME:
        thread.start()
        assert not answered.wait(0.2)
    thread.join(5)

    assert answered.is_set()


def test_moto_is_guarded_only_while_it_is_switched_on() -> None:
    assert vars(DynamoHandler)["call_action"].__name__ == "call_action"


def _nothing_read(table: str) -> Fault:
    def fault(send: Send) -> Any:
        return {"Responses": {}, "UnprocessedKeys": {table: {"Keys": [{"pk": {"S": KEY[0]}, "sk": {"S": KEY[1]}}]}}}

    return fault
