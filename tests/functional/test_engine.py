"""The engine the other tests stand on: it has our schema, keeps tests apart, and never outlives us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ops.local import engine as local_engine
from ops.local import resources
from slotline.adapters.dynamodb.keys import DUE_INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.engine import Engine
    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

_ITEM = {"pk": {"S": "p"}, "sk": {"S": "s"}, "g1pk": {"S": "W#1"}, "g1sk": {"N": "5"}, "name": {"S": "x"}}
_ORPHAN = (
    "import os, signal; from ops.local import engine; e = engine.start(); print(e.pid, flush=True); signal.pause()"
)


def test_table_has_the_deployed_schema(table: EngineTable) -> None:
    description = table.client.describe_table(TableName=table.name)["Table"]

    assert description["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}


def test_what_has_expired_is_forgotten_unless_tests_keep_their_own_time(table: EngineTable) -> None:
    forgetful = f"{table.name}-forgetful"
    resources.create_table(table.client, forgetful)

    ttl = [table.client.describe_time_to_live(TableName=n)["TimeToLiveDescription"] for n in (forgetful, table.name)]
    table.client.delete_table(TableName=forgetful)

    assert [t.get("TimeToLiveStatus") for t in ttl] == ["ENABLED", "DISABLED"]
    assert ttl[0].get("AttributeName") == "ttl"


def test_due_index_answers_keys_only_in_order_of_time(table: EngineTable) -> None:
    table.client.put_item(TableName=table.name, Item={**_ITEM, "sk": {"S": "later"}, "g1sk": {"N": "12"}})
    table.client.put_item(TableName=table.name, Item=_ITEM)

    found = table.client.query(
        TableName=table.name,
        IndexName=DUE_INDEX,
        KeyConditionExpression="g1pk = :p AND g1sk <= :now",
        ExpressionAttributeValues={":p": {"S": "W#1"}, ":now": {"N": "100"}},
    )["Items"]

    assert [item["g1sk"]["N"] for item in found] == ["5", "12"]
    assert all("name" not in item for item in found)


@pytest.mark.parametrize("_round", [1, 2])
def test_every_test_starts_with_an_empty_table(table: EngineTable, _round: int) -> None:
    table.client.put_item(TableName=table.name, Item=_ITEM, ConditionExpression="attribute_not_exists(pk)")

    assert table.client.scan(TableName=table.name)["Count"] == 1


def test_a_message_refused_five_times_lands_in_the_dead_letter_queue(engine: Engine) -> None:
    client = resources.sqs(engine.endpoint)
    url = resources.create_queue(client, "refused").url
    client.send_message(QueueUrl=url, MessageBody="poison")

    seen = 0
    while client.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages"):
        seen += 1

    dead = client.get_queue_url(QueueName="refused-dead")["QueueUrl"]
    assert seen == resources.MAX_RECEIVES
    assert client.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "poison"


def test_engine_listens_on_its_loopback_address_only_and_leaves_nothing_behind() -> None:
    running = local_engine.start()

    assert _accepts("127.0.0.1", running.port)
    assert not _accepts("127.0.0.2", running.port)  # would answer too if the engine listened on all interfaces
    running.stop()
    assert not running.alive
    assert not _accepts("127.0.0.1", running.port)


def test_engine_dies_with_a_parent_that_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _ORPHAN], stdout=subprocess.PIPE, text=True, env=_environment())
    assert parent.stdout is not None
    engine_pid = int(parent.stdout.readline())

    parent.kill()
    parent.communicate()

    assert _gone_within(engine_pid, seconds=8)


def test_missing_engine_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(local_engine.EngineError, match="make setup"):
        local_engine.start(python=tmp_path / "python")


def test_engine_that_cannot_start_shows_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho out of order\nexit 3\n")
    broken.chmod(0o755)

    with pytest.raises(local_engine.EngineError, match="out of order"):
        local_engine.start(python=broken)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _accepts(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


def _gone_within(pid: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, signal.SIG_DFL)  # signal 0 only asks
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
