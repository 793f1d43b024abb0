"""What AWS runs on its own: the table's stream, the queue of messages, the clock. One thread each."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from botocore.exceptions import BotoCoreError, ClientError

from ops.local.functions import FunctionError
from ops.local.source_events import is_new_outbox_item, queue_record, refused, scheduled_event, stream_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from mypy_boto3_sqs import SQSClient

    from ops.local.functions import Invoker
    from ops.local.resources import Queue

STREAM_PAUSE_SECONDS = 0.2
STREAM_TRIES = 3
BATCH_SIZE = 10
QUEUE_WAIT_SECONDS = 1
RECONCILE_SECONDS, POLL_SECONDS = 5.0, 30.0
STOP_SECONDS = 3.0


class StreamReader(Protocol):
    """The part of boto3's `dynamodbstreams` client that we use."""

    def describe_stream(self, *, StreamArn: str) -> dict[str, Any]: ...
    def get_shard_iterator(self, *, StreamArn: str, ShardId: str, ShardIteratorType: str) -> dict[str, Any]: ...
    def get_records(self, *, ShardIterator: str) -> dict[str, Any]: ...


class Pump(Protocol):
    """One source of events. `turn` does what there is to do now, and may wait up to a second for it."""

    pause: float  # seconds between turns

    def turn(self) -> None: ...


class StreamPump:
    """Hands new outbox items to the function, in order; a batch that keeps failing is tried item by item, then left.

    What is left is no loss: the sweep of due outbox items carries it out, as it does in the deployed stack.
    """

    pause = STREAM_PAUSE_SECONDS

    def __init__(self, reader: StreamReader, functions: Invoker, *, stream_arn: str, function: str) -> None:
        self._reader = reader
        self._functions = functions
        self._stream_arn = stream_arn
        self._function = function
        self._iterators: dict[str, str | None] = {}

    def turn(self) -> None:
        if not any(self._iterators.values()):
            for shard in self._reader.describe_stream(StreamArn=self._stream_arn)["StreamDescription"]["Shards"]:
                self._iterators.setdefault(shard["ShardId"], self._beginning(shard["ShardId"]))
        for shard_id, iterator in list(self._iterators.items()):
            if iterator is not None:
                self._iterators[shard_id] = self._read(shard_id, iterator)

    def _read(self, shard_id: str, iterator: str) -> str | None:
        """Deliver what has come since, and return where to read on; None at the end of a closed shard."""
        try:
            reply = self._reader.get_records(ShardIterator=iterator)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ExpiredIteratorException":
                raise
            return self._beginning(shard_id)  # the machine slept; what was claimed once is not claimed again
        wanted = [stream_record(each, self._stream_arn) for each in reply["Records"] if is_new_outbox_item(each)]
        for first in range(0, len(wanted), BATCH_SIZE):
            self._deliver(wanted[first : first + BATCH_SIZE])
        return reply.get("NextShardIterator")

    def _beginning(self, shard_id: str) -> str:
        iterator: str = self._reader.get_shard_iterator(
            StreamArn=self._stream_arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return iterator

    def _deliver(self, records: Sequence[dict[str, Any]]) -> None:
        for attempt in range(1, STREAM_TRIES + 1):
            try:
                answer = self._functions.invoke(self._function, event={"Records": list(records)})
            except FunctionError as exc:
                _complain(self._function, exc)
                if len(records) > 1:  # bisect: one bad record must not hold up its neighbours
                    self._deliver(records[: len(records) // 2])
                    self._deliver(records[len(records) // 2 :])
                    return
            else:
                returned = refused(answer)
                records = [each for each in records if each["dynamodb"]["SequenceNumber"] in returned]
                if not records:
                    return
            print(f"{self._function}: {len(records)} stream records failed, try {attempt}", file=sys.stderr)


class QueuePump:
    """Hands messages to the function and deletes those it took; the others come back after the visibility timeout."""

    pause = 0.0

    def __init__(self, client: SQSClient, functions: Invoker, *, queue: Queue, function: str) -> None:
        self._client = client
        self._functions = functions
        self._url = queue.url
        self._arn = queue.arn
        self._function = function

    def turn(self) -> None:
        messages = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=BATCH_SIZE,
            WaitTimeSeconds=QUEUE_WAIT_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return
        records = [queue_record(message, self._arn) for message in messages]
        try:
            returned = refused(self._functions.invoke(self._function, event={"Records": records}))
        except FunctionError as exc:
            _complain(self._function, exc)
            return
        for message in messages:
            if message["MessageId"] not in returned:
                self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


class SchedulePump:
    """Wakes the function as an EventBridge schedule does, only more often. `work` is what the event asks for."""

    def __init__(
        self,
        functions: Invoker,
        *,
        function: str,
        every: float = RECONCILE_SECONDS,
        work: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.pause = every
        self._functions = functions
        self._function = function
        self._work = {"work": work} if work else None
        self._now = now

    def turn(self) -> None:
        try:
            self._functions.invoke(self._function, event=self._work or scheduled_event(self._now()))
        except FunctionError as exc:
            _complain(self._function, exc)


class Pumps:
    """Runs every pump in a thread of its own, from entering to leaving the context."""

    def __init__(self, pumps: Sequence[Pump]) -> None:
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(pump,), daemon=True) for pump in pumps]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Ask every pump to end after its present turn."""
        self._stopping.set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the present turns a moment to end; whoever is busy longer ends with the process."""
        self.stop()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, pump: Pump) -> None:
        while not self._stopping.is_set():
            try:
                pump.turn()
            except (BotoCoreError, ClientError) as exc:
                if self._stopping.is_set():
                    return
                print(f"{type(pump).__name__}: {exc}", file=sys.stderr)
                self._stopping.wait(1.0)
            self._stopping.wait(pump.pause)


def _complain(function: str, error: FunctionError) -> None:
    print(f"{function}: {error}", file=sys.stderr)
