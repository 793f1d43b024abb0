"""The simulated world itself: the order of time, dead processes, faults at the table."""

from __future__ import annotations

from random import Random

import pytest
from botocore.exceptions import HTTPClientError

from tests.simulation.faults import KINDS, Fault, PlannedFaults, RandomFaults, typical
from tests.simulation.memory_dynamodb import MemoryDynamoDB
from tests.simulation.process import Killed, Process, Universe
from tests.simulation.scheduler import Scheduler
from tests.simulation.table_client import TableClient

ITEM = {"pk": {"S": "T#north#X"}, "sk": {"S": "X"}}


def universe(plan: dict[int, Fault] | None = None) -> Universe:
    return Universe(Scheduler(1000.0), Random(1), PlannedFaults(plan or {}))


def test_actors_take_turns_in_the_order_of_time() -> None:
    scheduler, heard = Scheduler(0.0), list[tuple[float, str]]()

    def actor(name: str, pause: float) -> None:
        for _ in range(2):
            scheduler.wait(pause)
            heard.append((scheduler.now, name))

    scheduler.start(lambda: actor("slow", 3.0))
    scheduler.start(lambda: actor("quick", 2.0))
    scheduler.run(100.0)

    assert heard == [(2.0, "quick"), (3.0, "slow"), (4.0, "quick"), (6.0, "slow")]
    assert scheduler.now == 100.0


def test_nothing_happens_after_the_end_of_a_run() -> None:
    scheduler, heard = Scheduler(0.0), list[float]()

    def actor() -> None:
        while True:
            scheduler.wait(10.0)
            heard.append(scheduler.now)

    scheduler.start(actor)
    scheduler.run(25.0)
    assert heard == [10.0, 20.0]
    scheduler.run(30.0)
    assert heard == [10.0, 20.0, 30.0]


def test_a_process_does_not_outlive_its_time() -> None:
    world, reached = universe(), list[str]()
    process = Process(world, "tool", seconds=5.0)

    def work() -> None:
        process.pass_time(4.0)
        reached.append("four")
        process.pass_time(4.0)
        reached.append("eight")

    world.scheduler.start(lambda: process.run(work))
    world.scheduler.run(2000.0)

    assert reached == ["four"]
    assert not process.alive


def put(world: Universe, process: Process, table: MemoryDynamoDB) -> None:
    TableClient(process, table, fence="north").put_item(TableName="slotline", Item=ITEM)


@pytest.mark.parametrize(
    ("kind", "done", "dead"),
    [
        ("kill_before", False, True),
        ("kill_after", True, True),
        ("no_answer", False, False),
        ("reply_lost", True, False),
        ("table_down", True, False),
    ],
)
def test_a_fault_at_the_table_does_what_its_name_says(kind: str, done: bool, dead: bool) -> None:
    world = universe({1: Fault(kind, 1.0 if kind == "table_down" else 0.0)})
    process, table = Process(world, "tool", seconds=9.0), MemoryDynamoDB(Process(world, "clock", seconds=1e9))

    with pytest.raises(Killed if dead else HTTPClientError):
        put(world, process, table)

    assert (table.changes == 1) is done
    assert process.alive is not dead
    assert world.injected[1].kind == kind


def test_a_late_request_is_executed_when_nobody_waits_any_more() -> None:
    world = universe({1: Fault("late", 30.0)})
    process, table = Process(world, "tool", seconds=9.0), MemoryDynamoDB(Process(world, "clock", seconds=1e9))
    failed: list[str] = []

    def work() -> None:
        try:
            put(world, process, table)
        except HTTPClientError as error:
            failed.append(type(error).__name__)

    world.scheduler.start(lambda: process.run(work))
    world.scheduler.run(1010.0)
    assert (failed, table.changes) == (["ReadTimeoutError"], 0)

    world.scheduler.run(1040.0)
    assert table.changes == 1


def test_reaching_for_another_business_is_noticed() -> None:
    world = universe()
    process, table = Process(world, "tool", seconds=9.0), MemoryDynamoDB(Process(world, "clock", seconds=1e9))

    TableClient(process, table, fence="south").get_item(TableName="slotline", Key=ITEM)

    assert [line[1] for line in world.history] == ["crossed"]


def test_every_kind_of_fault_is_drawn_sooner_or_later() -> None:
    faults = RandomFaults(Random(3), rate=0.9, longest_late=50.0)

    drawn = {(sort, fault.kind) for sort in KINDS for n in range(2000) if (fault := faults.at(n, sort))}

    assert drawn == {(sort, kind) for sort, kinds in KINDS.items() for kind in kinds}


@pytest.mark.parametrize(("sort", "kind"), [(sort, kind) for sort, kinds in KINDS.items() for kind in kinds])
def test_a_fault_is_written_and_read_back(sort: str, kind: str) -> None:
    fault = typical(kind, sort)

    assert Fault.parse(str(fault)) == fault
