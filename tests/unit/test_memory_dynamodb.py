"""The in-memory DynamoDB beyond what an engine can be compared with: time, faults, stream; and the store on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from slotline.adapters.dynamodb.agenda import DynamoAgenda
from slotline.adapters.dynamodb.booking_store import DynamoBookingStore
from slotline.adapters.dynamodb.sealed import Sealer
from slotline.adapters.dynamodb.table import Table
from slotline.domain.bookings import Attempt, Booking, Contact, State, Times
from slotline.domain.errors import SlotTakenError, StaleError
from slotline.ports import CallerBooking, Delivery, Guest, Operation, ProviderEvent
from tests.fakes import A_MONDAY_NOON_UTC, CountingIds, FakeClock
from tests.simulation.aws_faults import (
    connection_closed,
    no_answer,
    server_fault,
    throttled,
    transaction_conflict,
)
from tests.simulation.memory_dynamodb import MemoryDynamoDB

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "slotline"
NOW = A_MONDAY_NOON_UTC
NOON = int(NOW // 60) + 2 * 1440  # epoch minute: noon two days later
CALENDAR_DAY = "2026-01-07"  # of NOON


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def memory(clock: FakeClock) -> MemoryDynamoDB:
    return MemoryDynamoDB(clock)


def item(sort: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sort}, **more}


def put(memory: MemoryDynamoDB, sort: str, **more: Any) -> None:
    memory.put_item(TableName=NAME, Item=item(sort, **more))


def read(memory: MemoryDynamoDB, sort: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = memory.get_item(TableName=NAME, Key=item(sort), ConsistentRead=True).get("Item")
    return found


def increment(sort: str) -> dict[str, Any]:
    return {"Update": {"TableName": NAME, "Key": item(sort), "UpdateExpression": "ADD v :one",
                       "ExpressionAttributeValues": {":one": {"N": "1"}}}}  # fmt: skip


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("later", "version"), [(0, "1"), (599, "1"), (600, "2")])
def test_a_token_is_remembered_for_ten_minutes(
    memory: MemoryDynamoDB, clock: FakeClock, later: float, version: str
) -> None:
    memory.transact_write_items(TransactItems=[increment("a")], ClientRequestToken="t")

    clock.time += later
    memory.transact_write_items(TransactItems=[increment("a")], ClientRequestToken="t")

    assert (read(memory, "a") or {})["v"] == {"N": version}


def test_a_token_stands_for_its_request_in_whatever_order_its_names_come(memory: MemoryDynamoDB) -> None:
    forth, back = item("a", x={"N": "1"}), dict(reversed(item("a", x={"N": "1.0"}).items()))
    memory.transact_write_items(TransactItems=[{"Put": {"TableName": NAME, "Item": forth}}], ClientRequestToken="t")

    memory.transact_write_items(TransactItems=[{"Put": {"TableName": NAME, "Item": back}}], ClientRequestToken="t")

    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        memory.transact_write_items(TransactItems=[increment("a")], ClientRequestToken="t")


def test_a_refused_transaction_leaves_its_token_free(memory: MemoryDynamoDB) -> None:
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        memory.transact_write_items(TransactItems=[_only_when_new("a"), _only_when_there("b")], ClientRequestToken="t")

    put(memory, "b")
    memory.transact_write_items(TransactItems=[_only_when_new("a"), _only_when_there("b")], ClientRequestToken="t")

    assert read(memory, "a") is not None


def _only_when_new(sort: str) -> dict[str, Any]:
    return {"Put": {"TableName": NAME, "Item": item(sort), "ConditionExpression": "attribute_not_exists(pk)"}}


def _only_when_there(sort: str) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": NAME, "Key": item(sort), "ConditionExpression": "attribute_exists(pk)"}}


# --- isolation -------------------------------------------------------------------------------------------------------


def test_nobody_changes_a_stored_item_through_what_he_sent_or_got(memory: MemoryDynamoDB) -> None:
    sent = item("a", m={"M": {"x": {"N": "1"}}})
    memory.put_item(TableName=NAME, Item=sent)

    sent["m"]["M"]["x"]["N"] = "2"
    (read(memory, "a") or {})["m"]["M"]["x"]["N"] = "3"
    memory.query(TableName=NAME, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}})[
        "Items"
    ][0]["m"]["M"].clear()

    assert read(memory, "a") == item("a", m={"M": {"x": {"N": "1"}}})


def test_a_refused_transaction_changes_nothing_and_says_why_for_every_action(memory: MemoryDynamoDB) -> None:
    put(memory, "b", v={"N": "1"})
    shown = {**_only_when_new("b")["Put"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    with pytest.raises(ClientError) as refused:
        memory.transact_write_items(TransactItems=[increment("a"), {"Put": shown}, _only_when_there("c")])

    reply: Any = refused.value.response
    assert [reason["Code"] for reason in reply["CancellationReasons"]] == [
        "None", "ConditionalCheckFailed", "ConditionalCheckFailed",
    ]  # fmt: skip
    assert reply["CancellationReasons"][1]["Item"] == item("b", v={"N": "1"})
    assert read(memory, "a") is None


def test_of_several_actions_that_can_never_be_done_the_first_is_named(memory: MemoryDynamoDB) -> None:
    wrong = {"Put": {"TableName": NAME, "Item": {"pk": {"N": "1"}, "sk": {"S": "a"}}}}

    with pytest.raises(ClientError) as refused:
        memory.transact_write_items(TransactItems=[_only_when_there("b"), wrong, wrong])

    reply: Any = refused.value.response
    assert [reason["Code"] for reason in reply["CancellationReasons"]] == ["None", "ValidationError", "None"]


# --- faults ----------------------------------------------------------------------------------------------------------


def test_what_before_raises_was_never_done(memory: MemoryDynamoDB) -> None:
    def lost(operation: str, request: Mapping[str, Any]) -> None:
        raise connection_closed()

    memory.before = lost

    with pytest.raises(type(connection_closed())):
        put(memory, "a")
    memory.before = None
    assert read(memory, "a") is None


def test_what_after_raises_was_done_and_its_reply_lost(memory: MemoryDynamoDB) -> None:
    replies: list[Any] = []

    def lost(operation: str, request: Mapping[str, Any], reply: dict[str, Any]) -> None:
        replies.append((operation, reply.get("Error", {}).get("Code")))
        raise no_answer()

    memory.after = lost

    with pytest.raises(ReadTimeoutError):
        put(memory, "a")
    with pytest.raises(ReadTimeoutError):  # a refusal is a reply like any other
        memory.transact_write_items(TransactItems=[_only_when_new("a")])
    memory.after = None
    assert read(memory, "a") is not None
    assert replies == [("put_item", None), ("transact_write_items", "TransactionCanceledException")]


def test_conflicts_name_every_action() -> None:
    def codes(error: ClientError) -> list[str]:
        reply: Any = error.response
        return [reason["Code"] for reason in reply["CancellationReasons"]]

    assert codes(transaction_conflict(1)) == ["TransactionConflict"]
    assert codes(transaction_conflict(3)) == ["None", "TransactionConflict", "TransactionConflict"]
    assert codes(transaction_conflict(3, at=[1])) == ["None", "TransactionConflict", "None"]


@pytest.mark.parametrize(
    "error", [transaction_conflict(3), throttled(), server_fault(), no_answer(), connection_closed()]
)
def test_the_store_repeats_what_may_pass(memory: MemoryDynamoDB, clock: FakeClock, error: Exception) -> None:
    failures = [error]

    def fail(operation: str, request: Mapping[str, Any]) -> None:
        if failures:
            raise failures.pop()

    memory.before = fail
    table = Table(memory.client, NAME, clock=clock, ids=CountingIds())

    table.transact([table.put({"pk": "p", "sk": "a"}, condition="attribute_not_exists(pk)")])

    assert read(memory, "a") is not None


def test_a_transaction_whose_reply_was_lost_is_not_done_twice(memory: MemoryDynamoDB, clock: FakeClock) -> None:
    lose_replies(memory, 1)
    table = Table(memory.client, NAME, clock=clock, ids=CountingIds())

    table.transact([table.put({"pk": "p", "sk": "a"}, condition="attribute_not_exists(pk)")])

    assert memory.changes == 1


def test_a_plain_conditional_put_whose_reply_was_lost_is_refused_by_itself(memory: MemoryDynamoDB) -> None:
    lose_replies(memory, 1)
    request: Any = {**_only_when_new("a")["Put"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

    with pytest.raises(ReadTimeoutError):
        memory.put_item(**request)
    with pytest.raises(ClientError, match="ConditionalCheckFailedException") as refused:
        memory.put_item(**request)

    reply: Any = refused.value.response
    assert reply["Item"] == item("a")


def lose_replies(memory: MemoryDynamoDB, count: int) -> None:
    left = [count]

    def lost(operation: str, request: Mapping[str, Any], reply: dict[str, Any]) -> None:
        if left[0]:
            left[0] -= 1
            raise no_answer()

    memory.after = lost


# --- what takes its time ---------------------------------------------------------------------------------------------


def test_lapsed_items_stay_until_they_are_expired(memory: MemoryDynamoDB, clock: FakeClock) -> None:
    put(memory, "old", ttl={"N": str(int(NOW) - 100)})
    put(memory, "new", ttl={"N": str(int(NOW) + 100)})
    put(memory, "text", ttl={"S": "1"})

    assert read(memory, "old") is not None
    assert memory.expire_ttl(NOW, delay=101) == []
    assert memory.expire_ttl(NOW, delay=100) == [("p", "old")]
    assert read(memory, "old") is None
    assert memory.stream_records()[-1]["userIdentity"]["principalId"] == "dynamodb.amazonaws.com"


def test_the_stream_tells_every_change_once_with_the_new_image(memory: MemoryDynamoDB) -> None:
    put(memory, "a", v={"N": "1"}, data={"B": b"\xff"})
    put(memory, "a", v={"N": "1"}, data={"B": b"\xff"})  # changes nothing
    memory.transact_write_items(TransactItems=[increment("a"), increment("b")])
    memory.delete_item(TableName=NAME, Key=item("a"))
    memory.delete_item(TableName=NAME, Key=item("never"))

    records = memory.stream_records()

    assert [(record["eventName"], record["dynamodb"]["Keys"]["sk"]["S"]) for record in records] == [
        ("INSERT", "a"), ("MODIFY", "a"), ("INSERT", "b"), ("REMOVE", "a"),
    ]  # fmt: skip
    assert records[0]["dynamodb"]["NewImage"] == item("a", v={"N": "1"}, data={"B": "/w=="})
    assert records[1]["dynamodb"]["NewImage"]["v"] == {"N": "2"}
    assert "NewImage" not in records[3]["dynamodb"]
    sequence = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert sequence == sorted(set(sequence))
    assert memory.stream_records(after=2) == records[2:]


def test_a_trimmed_stream_has_forgotten(memory: MemoryDynamoDB) -> None:
    for sort in "abc":
        put(memory, sort)

    memory.trim_stream(2)

    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in memory.stream_records()] == ["c"]


def test_a_late_index_shows_the_past(memory: MemoryDynamoDB, clock: FakeClock) -> None:
    memory.index_lag = 5.0
    put(memory, "a", g1pk={"S": "W#1"}, g1sk={"N": "1"})

    assert due(memory) == []
    clock.time += 5
    assert due(memory) == ["a"]
    memory.delete_item(TableName=NAME, Key=item("a"))
    assert due(memory) == ["a"]
    clock.time += 5
    assert due(memory) == []


def due(memory: MemoryDynamoDB) -> list[str]:
    reply = memory.query(
        TableName=NAME, IndexName="due", KeyConditionExpression="g1pk = :w AND g1sk <= :now",
        ExpressionAttributeValues={":w": {"S": "W#1"}, ":now": {"N": "9"}},
    )  # fmt: skip
    return [found["sk"]["S"] for found in reply["Items"]]


def test_a_paginator_reads_on_to_the_end(memory: MemoryDynamoDB) -> None:
    for number in range(5):
        put(memory, f"{number}")

    pages = memory.get_paginator("query").paginate(
        TableName=NAME, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}, Limit=2
    )

    assert [[found["sk"]["S"] for found in page["Items"]] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]


# --- the store on top ------------------------------------------------------------------------------------------------

ANA = "ana-calendar"
CALLER = "c" * 32
SEATS = {ANA: 1}


@pytest.fixture
def store(memory: MemoryDynamoDB, clock: FakeClock) -> DynamoBookingStore:
    ids = CountingIds()
    table = Table(memory.client, NAME, clock=clock, ids=ids)
    return DynamoBookingStore(table, business="smile", sealer=Sealer(b"k" * 32), ids=ids)


def booking(number: int, *, start: int = NOON) -> Booking:
    return Booking(
        id=f"{number:020d}", rv=0, state=State.HELD, service="cleaning", calendar="main", resources=(ANA,),
        times=Times.of(start, minutes=60), caller=CALLER, intent=f"intent-{start}", agent="desk", held_until=NOW + 120,
    )  # fmt: skip


def guest(start: int = NOON) -> Guest:
    return Guest(CALLER, f"intent-{start}", Contact(name="Dana", phone="+14155550123"))


def event(made: Booking, *, start: int = NOON) -> ProviderEvent:
    return ProviderEvent("event-1", made.id, Times.of(start, minutes=60).span, "accepted")


def delivery(key: str) -> Delivery:
    return Delivery(Operation("vapi#call-1", key, f"fingerprint-{key}"))


def test_a_booking_lives_its_whole_life(store: DynamoBookingStore, memory: MemoryDynamoDB, clock: FakeClock) -> None:
    attempt = Attempt(1, "attempt-1", NOW + 30)
    later = NOON + 120

    made = store.hold(booking(1), days={}, delivery=delivery("hold"), seats=SEATS, now=NOW)
    made = store.pin(made, guest=guest(), attempt=attempt, days={}, delivery=delivery("book"), seats=SEATS, now=NOW)
    assert [work.booking for work in DynamoAgenda(store._table).due(NOW + 30, limit=9)] == [made.id]
    made = store.commit(made, event=event(made), effects=["sms_booked"], now=NOW)
    assert store.read(made.id) == replace(made, contact=guest().contact)
    assert store.of_caller(CALLER, not_before=NOON) == (CallerBooking(made.id, NOON),)

    made = store.want_move(
        made, to=Times.of(later, minutes=60), caller=CALLER, attempt=Attempt(2, "attempt-2", NOW + 60), days={},
        delivery=delivery("move"), seats=SEATS, now=NOW,
    )  # fmt: skip
    made = store.moved(made, event=event(made, start=later), intent=f"intent-{later}", effects=["sms_moved"], now=NOW)
    assert [entry.interval.start for entry in entries(store)] == [later]

    made = store.want_cancel(
        made, caller=CALLER, attempt=Attempt(3, "attempt-3", NOW + 90), delivery=delivery("cancel"), now=NOW
    )
    made = store.release(made, to=State.CANCELLED, reason="caller", effects=["sms_cancelled"], now=NOW)

    assert store.read(made.id).state is State.CANCELLED
    assert entries(store) == []
    assert store.of_caller(CALLER, not_before=0) == ()
    new = [
        record["dynamodb"]["Keys"]["sk"]["S"] for record in memory.stream_records() if record["eventName"] == "INSERT"
    ]
    assert [sort.split("#")[2] for sort in new if sort.startswith("X#")] == ["sms_booked", "sms_moved", "sms_cancelled"]


def test_own_calendar_is_booked_moved_and_cancelled_in_one_transaction_each(
    store: DynamoBookingStore, memory: MemoryDynamoDB
) -> None:
    later = NOON + 30

    made = store.book_own(booking(1), guest=guest(), days={}, delivery=delivery("book"), seats=SEATS, now=NOW)
    made = store.move_own(
        made, to=Times.of(later, minutes=60), caller=CALLER, intent=f"intent-{later}", days={},
        delivery=delivery("move"), seats=SEATS, effects=["sms_moved"], now=NOW,
    )  # fmt: skip
    assert [entry.interval.start for entry in entries(store)] == [later]
    made = store.cancel_own(made, caller=CALLER, delivery=delivery("cancel"), effects=["sms_cancelled"], now=NOW)

    assert (made.state, entries(store)) == (State.CANCELLED, [])


def test_an_overlapping_hold_is_refused_until_the_first_one_lapses(store: DynamoBookingStore, clock: FakeClock) -> None:
    store.hold(booking(1), days={}, delivery=delivery("first"), seats=SEATS, now=NOW)

    with pytest.raises(SlotTakenError):
        store.hold(booking(2, start=NOON + 30), days={}, delivery=delivery("second"), seats=SEATS, now=NOW)
    store.hold(booking(2, start=NOON + 30), days={}, delivery=delivery("second"), seats=SEATS, now=NOW + 130)

    assert [entry.owner for entry in entries(store)] == [booking(2).id]


def test_a_stranger_cannot_cancel(store: DynamoBookingStore) -> None:
    made = store.book_own(booking(1), guest=guest(), days={}, delivery=delivery("book"), seats=SEATS, now=NOW)

    with pytest.raises(StaleError):
        store.cancel_own(made, caller="x" * 32, delivery=delivery("cancel"), effects=[], now=NOW)


def test_every_step_survives_the_loss_of_its_reply(store: DynamoBookingStore, memory: MemoryDynamoDB) -> None:
    lose_replies(memory, 1)
    made = store.hold(booking(1), days={}, delivery=delivery("hold"), seats=SEATS, now=NOW)
    lose_replies(memory, 1)
    made = store.pin(
        made, guest=guest(), attempt=Attempt(1, "attempt-1", NOW + 30), days={}, delivery=delivery("book"), seats=SEATS,
        now=NOW,
    )  # fmt: skip
    lose_replies(memory, 1)
    made = store.commit(made, event=event(made), effects=[], now=NOW)

    assert (made.rv, store.read(made.id).rv) == (3, 3)


def entries(store: DynamoBookingStore) -> list[Any]:
    return list(store.view(days=[(ANA, CALENDAR_DAY)]).days[ANA, CALENDAR_DAY].entries)
