"""Everything put together: the engine, the wires, the processes, and one business on a table of its own."""

from __future__ import annotations

import base64
import contextlib
import io
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from ops.apply import OK, apply_file
from ops.local import resources
from ops.target import Target
from slotline.adapters.secrets import parse_secret_map
from slotline.domain.proofs import DeskKeys
from tests.real_engine import offices
from tests.real_engine.calendar_wire import CalendarWire
from tests.real_engine.crew import Crew
from tests.real_engine.faults import Faults
from tests.real_engine.history import History
from tests.real_engine.nursery import Birth
from tests.real_engine.sms_wire import SmsWire
from tests.real_engine.street import Street
from tests.real_engine.table_wire import TableWire
from tests.real_engine.timeline import Timeline
from tests.real_engine.wire import Wire
from tests.servers.calcom_api import API_KEY
from tests.servers.twilio import AUTH_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

    from ops.local.engine import Engine

DESK_KEY = "desk-key-of-the-real-engine-tests"
PROCESSES = 5
MOST_SKEW_SECONDS = 1.9
BATCH = 25
_numbers = count(1)


@dataclass(slots=True)
class Town:
    """What a round needs. It is emptied between rounds; the processes and the time go on."""

    timeline: Timeline
    history: History
    faults: Faults
    table: TableWire
    calendar: CalendarWire
    sms: SmsWire
    crew: Crew
    street: Street
    keys: DeskKeys
    dynamodb: DynamoDBClient
    table_name: str
    log: Path
    _logged: int = 0
    callers: Iterator[int] = field(default_factory=lambda: count(1000))

    def noted(self) -> list[str]:
        """What the processes have logged since the last time."""
        with self.log.open(errors="replace") as file:
            file.seek(self._logged)
            lines = file.readlines()
            self._logged = file.tell()
        return lines

    def empty(self) -> None:
        """Forget every booking, event and text, and what happened."""
        keys = self.table.forget()
        for begin in range(0, len(keys), BATCH):
            requests: list[Any] = [
                {"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in keys[begin : begin + BATCH]
            ]
            self.dynamodb.batch_write_item(RequestItems={self.table_name: requests})
        self.calendar.empty()
        self.sms.empty()
        self.history.lines.clear()


@contextlib.contextmanager
def town(engine: Engine, *, seed: int = 1, processes: int = PROCESSES, mutant: str = "") -> Iterator[Town]:
    """Open it; `mutant` breaks a rule in every process (tests/simulation/mutants.py)."""
    with tempfile.TemporaryDirectory(prefix="slotline-real-engine-") as folder:
        yield from _town(engine, Path(folder), seed=seed, processes=processes, mutant=mutant)


def _town(engine: Engine, folder: Path, *, seed: int, processes: int, mutant: str) -> Iterator[Town]:
    random = Random(seed)
    clock, log = folder / "clock", folder / "processes.log"
    log.touch()
    timeline = Timeline(str(clock))
    history = History(lambda: timeline.now)
    faults = Faults(history, random)
    name = f"slotline-real-engine-{next(_numbers)}"
    client = resources.dynamodb(engine.endpoint)
    resources.create_table(client, name)
    table = TableWire(engine.endpoint, table=name, history=history, faults=faults)
    calendar = CalendarWire(
        f"{offices.BUSINESS}/{offices.CALCOM}",
        timeline,
        history,
        faults,
        offices.event_types(),
        {s.event_type: s.key for s in offices.SERVICES if s.event_type},
    )
    sms = SmsWire(lambda: timeline.now, history, faults)
    with contextlib.ExitStack() as stack:
        stack.callback(table.close)
        wires = [stack.enter_context(Wire(each.answer)) for each in (table, calendar, sms)]
        target = Target(
            name="local", table=name, secrets_prefix=f"{name}/", url="http://127.0.0.1:1", endpoint=engine.endpoint
        )
        desk = offices.desk_file(calcom_url=f"{wires[1].url}/v2", sms_url=wires[2].url)
        keys = _apply(target, desk, folder)
        environment = target.environment() | {"AWS_ENDPOINT_URL": wires[0].url, **_QUIET}
        crew = Crew(
            processes,
            Birth(environment, str(clock), str(log), mutant=mutant),
            skew=lambda: random.uniform(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS),
            warm=lambda: offices.BUSINESS if random.random() >= faults.cold_share else "",
        )
        street = Street(timeline, history, faults, crew, DESK_KEY, due=lambda: _next_due(table))
        faults.kill, table.on_new = crew.kill, street.item_written
        stack.enter_context(crew)
        yield Town(timeline, history, faults, table, calendar, sms, crew, street, keys, client, name, log)
    client.delete_table(TableName=name)


_QUIET = {"POWERTOOLS_SERVICE_NAME": "slotline", "POWERTOOLS_METRICS_NAMESPACE": "Slotline"}


def _apply(target: Target, desk: str, folder: Path) -> DeskKeys:
    """Write the configuration as its owner would; gives the key that proves offers."""
    config = folder / "desk.yaml"
    config.write_text(desk)
    said = io.StringIO()
    environ = {"DESK_KEY": DESK_KEY, "CAL_KEY": API_KEY, "SMS_TOKEN": AUTH_TOKEN}
    assert apply_file(config, target=target, environ=environ, dry_run=False, out=said) == OK, said.getvalue()
    reply = target.secrets_manager().get_secret_value(SecretId=f"{target.secrets_prefix}{offices.BUSINESS}")
    return DeskKeys(base64.b64decode(parse_secret_map(reply["SecretString"], business=offices.BUSINESS)["desk_key"]))


def _next_due(table: TableWire) -> float | None:
    """As only the tests can know it."""
    return min((float(item["g1sk"]["N"]) for item in list(table.items.values()) if "g1sk" in item), default=None)
