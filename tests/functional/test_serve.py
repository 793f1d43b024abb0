"""`make serve` from start to stop, with stub functions: what it prints, runs, leaves behind, and does not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.local import resources
from ops.target import find_target
from tests.functional.stub_functions import JOURNAL_VARIABLE
from tests.servers.calling import call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.target import Target

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
QUICKLY = 10.0  # seconds


@dataclass
class Served:
    """One running `make serve`."""

    process: subprocess.Popen[str]
    directory: Path
    url: str = ""

    @property
    def serve_file(self) -> Path:
        return self.directory / "serve.json"

    @property
    def target(self) -> Target:
        return find_target(None, serve_file=self.serve_file)

    def journal(self) -> list[str]:
        path = self.directory / "journal"
        return path.read_text().splitlines() if path.exists() else []

    def family(self) -> set[int]:
        """Ids of this process and of all that descend from it, while it lives."""
        parents = live_processes()
        family = {self.process.pid}
        while grown := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= grown
        return family


@contextlib.contextmanager
def launched(directory: Path, *arguments: str) -> Iterator[Served]:
    """Start it, and end it with the block if it still runs then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.functional.stub_serve", str(directory), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), JOURNAL_VARIABLE: str(directory / "journal")},
    )
    try:
        yield Served(process, directory)
    finally:
        process.terminate()
        process.communicate(timeout=QUICKLY)


@contextlib.contextmanager
def ready(directory: Path) -> Iterator[Served]:
    """Start it on a free port and wait for its word."""
    with launched(directory, "--port", "0", "--config", "desk.yaml") as served:
        assert served.process.stdout is not None
        assert served.process.stdout.readline() == "applied desk.yaml to slotline-local\n"
        said = next(line for line in served.process.stdout if not line.startswith("stub text message"))
        word, served.url = said.split()
        assert word == "ready"
        yield served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ready(tmp_path_factory.mktemp("serve")) as running:
        yield running


def eventually(check: Callable[[], bool], *, seconds: float = QUICKLY) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := check()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


def test_it_answers_once_it_says_ready(served: Served) -> None:
    answer = json.loads(call("GET", f"{served.url}/v1/health", timeout=QUICKLY).body)

    assert answer["function"] == "availability"
    assert answer["event"]["rawPath"] == "/v1/health"


def test_it_leaves_word_for_the_command_line_alone(served: Served) -> None:
    target = served.target

    assert served.serve_file.stat().st_mode & 0o777 == 0o600
    assert json.loads(served.serve_file.read_text())["pid"] == served.process.pid
    assert target.url == served.url
    assert target.is_local
    assert target.dynamodb().scan(TableName=target.table)["Count"] == 0


def test_a_new_outbox_item_reaches_the_message_worker_and_nothing_else_does(served: Served) -> None:
    client, table = served.target.dynamodb(), served.target.table

    for sk, state in [
        ("B", "1"),
        ("X#000001#sms_booked", "1"),
        ("X#000001#sms_booked", "2"),
        ("X#000002#sms_moved", "1"),
    ]:
        client.put_item(
            TableName=table,
            Item={"pk": {"S": "T#t#B#b"}, "sk": {"S": sk}, "st": {"S": state}, "pii": {"B": b"\x00\xff"}},
        )

    assert eventually(lambda: "aws:dynamodb X#000002#sms_moved" in served.journal())
    from_stream = [line for line in served.journal() if line.startswith("aws:dynamodb")]
    assert from_stream == ["aws:dynamodb X#000001#sms_booked", "aws:dynamodb X#000002#sms_moved"]


def test_a_queued_message_is_handled_once_and_deleted(served: Served) -> None:
    target = served.target
    assert target.endpoint is not None
    client = resources.sqs(target.endpoint)
    client.send_message(QueueUrl=target.messages_queue, MessageBody="remind")

    def empty() -> bool:
        counts = client.get_queue_attributes(QueueUrl=target.messages_queue, AttributeNames=["All"])["Attributes"]
        return counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"

    assert eventually(lambda: "aws:sqs remind" in served.journal())
    assert eventually(empty)
    assert served.journal().count("aws:sqs remind") == 1


def test_the_clock_wakes_the_reconciler(served: Served) -> None:
    assert eventually(lambda: any(line.startswith("aws.events") for line in served.journal()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with ready(tmp_path) as served:
        family = served.family()

        asked = time.monotonic()
        served.process.send_signal(number)
        _, errors = served.process.communicate(timeout=QUICKLY)

        assert (served.process.returncode, errors) == (0, "")
        assert time.monotonic() - asked < QUICKLY
        assert len(family) >= 6  # itself, the engine, four functions
        assert eventually(lambda: not survivors(family)), survivors(family)
        assert not served.serve_file.exists()


def test_killed_outright_it_takes_its_children_along(tmp_path: Path) -> None:
    with ready(tmp_path) as served:
        family = served.family()

        served.process.kill()
        served.process.communicate(timeout=QUICKLY)

        assert eventually(lambda: not survivors(family)), survivors(family)


def test_a_refused_desk_file_ends_it_with_that_code(tmp_path: Path) -> None:
    with launched(tmp_path, "--port", "0", "--config", "refused.yaml") as served:
        out, _ = served.process.communicate(timeout=QUICKLY)

        assert served.process.returncode == 2
        assert "ready" not in out
        assert not served.serve_file.exists()


def test_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with launched(tmp_path, "--port", port, "--config", "desk.yaml") as served:
            out, errors = served.process.communicate(timeout=QUICKLY)

            assert (served.process.returncode, out) == (1, "")
            assert f"cannot listen on 127.0.0.1:{port} " in errors
            assert "choose another PORT" in errors


def live_processes() -> dict[int, int]:
    """Every process that is not a zombie, with its parent; from /proc, for `ps` is missing on small systems."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(stat.parent.name)] = int(parent)
    return found


def survivors(pids: set[int]) -> list[str]:
    """Those of the processes that still run, by their command lines."""
    alive = pids.intersection(live_processes())
    return [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in sorted(alive)]
