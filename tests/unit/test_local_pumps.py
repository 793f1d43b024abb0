"""How the local stack hands events to functions, and what it does when they fail. No engine here, see test_serve.py."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.local import resources
from ops.local.functions import FunctionError
from ops.local.pumps import STREAM_TRIES, Pumps, QueuePump, SchedulePump, StreamPump
from ops.local.source_events import scheduled_event
from tests.fakes import A_MONDAY_NOON_UTC, FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_sqs import SQSClient

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


class Worker:
    """An invoker with a rule of its own; remembers the events."""

    def __init__(self, rule: Callable[[Mapping[str, Any]], object] = lambda _: None) -> None:
        self.rule = rule
        self.events: list[Mapping[str, Any]] = []

    def invoke(self, name: str, *, event: Mapping[str, Any], patience: float | None = None) -> object:
        self.events.append(event)
        return self.rule(event)

    def batches(self) -> list[list[str]]:
        return [numbers(event) for event in self.events]


def numbers(event: Mapping[str, Any]) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]


def record(number: int, *, name: str = "INSERT", sk: str = "X#000001#sms_booked") -> dict[str, Any]:
    return {
        "eventID": f"e{number}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(A_MONDAY_NOON_UTC, UTC),
            "Keys": {"pk": {"S": "p"}, "sk": {"S": sk}},
            "NewImage": {"pk": {"S": "p"}, "sk": {"S": sk}, "pii": {"B": b"\x00\xff"}, "l": {"L": [{"B": b"a"}]}},
            "SequenceNumber": str(number),
            "SizeBytes": 10,
            "StreamViewType": "NEW_IMAGE",
        },
    }


class Stream:
    """A stream of one shard; iterators are positions."""

    def __init__(self, records: Sequence[dict[str, Any]]) -> None:
        self.records = list(records)
        self.expired = False

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]:
        return {"StreamDescription": {"Shards": [{"ShardId": "s"}]}}

    def get_shard_iterator(self, *, StreamArn: str, ShardId: str, ShardIteratorType: str) -> dict[str, Any]:
        assert ShardIteratorType == "TRIM_HORIZON"
        return {"ShardIterator": "0"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:
        if self.expired:
            self.expired = False
            raise ClientError({"Error": {"Code": "ExpiredIteratorException", "Message": ""}}, "GetRecords")
        return {"Records": self.records[int(ShardIterator) :], "NextShardIterator": str(len(self.records))}


def pump(stream: Stream, worker: Worker) -> StreamPump:
    return StreamPump(stream, worker, stream_arn=STREAM, function="sms_confirm")


def test_only_new_outbox_items_pass_the_filter() -> None:
    worker = Worker()
    passing = record(4)
    stream = Stream([record(1, sk="B"), record(2, name="MODIFY"), record(3, name="REMOVE"), passing])
    del stream.records[2]["dynamodb"]["NewImage"]

    pump(stream, worker).turn()

    assert worker.batches() == [["4"]]


def test_a_stream_record_looks_as_lambda_shows_it() -> None:
    worker = Worker()

    pump(Stream([record(1)]), worker).turn()

    [shown] = worker.events[0]["Records"]
    assert shown["eventSourceARN"] == STREAM
    assert shown["dynamodb"]["ApproximateCreationDateTime"] == int(A_MONDAY_NOON_UTC)
    assert shown["dynamodb"]["NewImage"]["pii"] == {"B": "AP8="}
    assert shown["dynamodb"]["NewImage"]["l"] == {"L": [{"B": "YQ=="}]}


def test_records_come_once_and_in_batches_of_ten() -> None:
    worker, stream = Worker(), Stream([record(number) for number in range(12)])
    turning = pump(stream, worker)

    turning.turn()
    turning.turn()
    stream.records.append(record(12))
    turning.turn()

    assert [len(batch) for batch in worker.batches()] == [10, 2, 1]


def test_one_bad_record_does_not_hold_up_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    def rule(event: Mapping[str, Any]) -> None:
        if "2" in numbers(event):
            raise FunctionError("poison")

    worker = Worker(rule)

    pump(Stream([record(number) for number in range(4)]), worker).turn()

    taken = [batch for batch in worker.batches() if "2" not in batch]
    assert taken == [["0", "1"], ["3"]]
    assert worker.batches().count(["2"]) == STREAM_TRIES
    assert "poison" in capsys.readouterr().err


def test_records_given_back_are_tried_again_alone(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([{"batchItemFailures": [{"itemIdentifier": "1"}]}, {"batchItemFailures": []}])
    worker = Worker(lambda _: next(answers))

    pump(Stream([record(0), record(1)]), worker).turn()

    assert worker.batches() == [["0", "1"], ["1"]]


def test_after_a_long_sleep_the_stream_is_read_from_its_beginning() -> None:
    worker, stream = Worker(), Stream([record(0)])
    turning = pump(stream, worker)
    turning.turn()

    stream.expired = True
    turning.turn()
    turning.turn()

    assert worker.batches() == [["0"], ["0"]]


class Queue:
    """The two methods of an SQS client that a pump uses."""

    def __init__(self, bodies: Sequence[str]) -> None:
        self.bodies = list(bodies)
        self.deleted: list[str] = []

    def receive_message(self, **_: object) -> dict[str, Any]:
        bodies, self.bodies = self.bodies, []
        return {
            "Messages": [
                {
                    "MessageId": f"id-{body}",
                    "ReceiptHandle": f"receipt-{body}",
                    "Body": body,
                    "MD5OfBody": "m",
                    "Attributes": {"ApproximateReceiveCount": "1"},
                    "MessageAttributes": {"kind": {"StringValue": "reminder", "DataType": "String"}},
                }
                for body in bodies
            ]
        }

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        self.deleted.append(ReceiptHandle)


def queue_pump(queue: Queue, worker: Worker) -> QueuePump:
    client = cast("SQSClient", queue)
    return QueuePump(client, worker, queue=resources.Queue("u", QUEUE), function="sms_confirm")


def test_a_message_looks_as_lambda_shows_it_and_is_deleted_when_taken() -> None:
    worker, queue = Worker(), Queue(["a"])

    queue_pump(queue, worker).turn()

    assert worker.events == [
        {
            "Records": [
                {
                    "messageId": "id-a",
                    "receiptHandle": "receipt-a",
                    "body": "a",
                    "attributes": {"ApproximateReceiveCount": "1"},
                    "messageAttributes": {"kind": {"stringValue": "reminder", "dataType": "String"}},
                    "md5OfBody": "m",
                    "eventSource": "aws:sqs",
                    "eventSourceARN": QUEUE,
                    "awsRegion": "us-east-1",
                }
            ]
        }
    ]
    assert queue.deleted == ["receipt-a"]


def test_an_empty_queue_wakes_nobody() -> None:
    worker = Worker()

    queue_pump(Queue([]), worker).turn()

    assert worker.events == []


def test_messages_given_back_stay_in_the_queue() -> None:
    queue = Queue(["a", "b"])

    queue_pump(queue, Worker(lambda _: {"batchItemFailures": [{"itemIdentifier": "id-a"}]})).turn()

    assert queue.deleted == ["receipt-b"]


def test_a_failing_worker_deletes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def rule(_: object) -> None:
        raise FunctionError("down")

    queue = Queue(["a"])
    queue_pump(queue, Worker(rule)).turn()

    assert queue.deleted == []
    assert "sms_confirm: down" in capsys.readouterr().err


def test_the_schedule_sends_the_event_of_the_hour() -> None:
    worker = Worker()

    SchedulePump(worker, function="reconcile", now=FakeClock().now).turn()

    [event] = worker.events
    assert event["detail-type"] == "Scheduled Event"
    assert event["time"] == "2026-01-05T12:00:00Z"
    assert event.keys() == scheduled_event(0).keys()


class Turning:
    """A pump that fails as often as told, and counts."""

    def __init__(self, *, pause: float = 0.001, failures: int = 0) -> None:
        self.pause = pause
        self.failures = failures
        self.turns = 0
        self.turned = threading.Event()

    def turn(self) -> None:
        self.turns += 1
        if self.turns <= self.failures:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        self.turned.set()


def test_pumps_turn_until_they_are_left_and_end_promptly() -> None:
    quick, slow = Turning(), Turning(pause=60)
    with Pumps([quick, slow]):
        assert quick.turned.wait(5)
        assert slow.turned.wait(5)
        leaving = time.monotonic()

    assert time.monotonic() - leaving < 1
    turns = quick.turns
    time.sleep(0.02)
    assert (quick.turns, slow.turns) == (turns, 1)


def test_a_pump_outlives_an_engine_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    turning = Turning(failures=1)
    with Pumps([turning]):
        assert turning.turned.wait(5)

    assert "Turning: " in capsys.readouterr().err
