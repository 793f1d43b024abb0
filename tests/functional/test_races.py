"""Many callers, one slot: several processes with several threads each, on the product's own handlers and real table."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from ops.apply import OK, apply_file
from ops.demo.wires import WIRES
from ops.local import resources
from ops.target import Target
from tests.functional import desks
from tests.functional.book import bookings_in, check_book, items_of
from tests.functional.caller import check_sentence, starts
from tests.functional.in_process import KEY
from tests.functional.served import RETELL_KEY, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ops.local.engine import Engine
    from tests.functional.book import Item
    from tests.functional.caller import Reply

pytestmark = pytest.mark.engine

PROCESSES, THREADS = 4, 13
CALLERS, ROUNDS = 50, 20
HEAD_START_SECONDS = 0.15
SEED = 20_240
_people = count(1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one caller asks for."""

    caller: str
    service: str
    day: date
    time: str
    tool: str = "book_appointment"
    slot_id: str | None = None  # an offer, so that nothing but the lock decides

    def request(self) -> dict[str, Any]:
        body = {"service": self.service}
        body |= {"name": "Ada Low"} if self.tool == "book_appointment" else {}
        body |= {"when": f"{self.day} {self.time}"} if self.tool == "check_availability" else {}
        body |= {"slot_id": self.slot_id} if self.slot_id else {"date": self.day.isoformat(), "time": self.time}
        headers = {
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "x-call-id": f"call-of-{self.caller}",
            "x-caller-number": self.caller,
            "idempotency-key": f"{self.tool}-{next(_people)}",
        }
        return {"path": f"/v1/{desks.BUSINESS}/front/{self.tool}", "body": json.dumps(body), "headers": headers}


class Field:
    """The race course: a table, and processes that wait for the starting shot."""

    def __init__(self, target: Target, racers: Sequence[subprocess.Popen[str]]) -> None:
        self._target = target
        self._racers = racers
        self.today = datetime.now(ZoneInfo("Etc/UTC")).date()

    def run(self, wishes: Sequence[Wish]) -> list[Reply]:
        """Everybody asks in the same moment; the answers in the order of the wishes."""
        at = time.time() + HEAD_START_SECONDS
        shares = [list(range(n, len(wishes), len(self._racers))) for n in range(len(self._racers))]
        for racer, share in zip(self._racers, shares, strict=True):
            assert racer.stdin is not None
            racer.stdin.write(json.dumps({"at": at, "requests": [wishes[n].request() for n in share]}) + "\n")
            racer.stdin.flush()
        heard: dict[int, Reply] = {}
        for racer, share in zip(self._racers, shares, strict=True):
            for place, answer in zip(share, _answers(racer), strict=True):
                assert answer["status"] == 200, answer
                check_sentence(answer["body"])
                heard[place] = answer["body"]
        return [heard[place] for place in range(len(wishes))]

    def items(self) -> list[Item]:
        return items_of(self._target.dynamodb(), self._target.table, desks.BUSINESS)


def _answers(racer: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert racer.stdout is not None
    for line in racer.stdout:  # the functions' log goes the same way
        if line.startswith("["):
            answers: list[dict[str, Any]] = json.loads(line)
            return answers
    raise AssertionError("a racing process ended")


@pytest.fixture(scope="module")
def field(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    table = "slotline-races"
    client = resources.dynamodb(engine.endpoint)
    resources.create_table(client, table)
    target = Target(
        name="local", table=table, secrets_prefix="races/", url="http://127.0.0.1:1", endpoint=engine.endpoint
    )
    config = tmp_path_factory.mktemp("races") / "desk.yaml"
    config.write_text(desks.BUILTIN.format(zone="Etc/UTC", closed=date.max))
    said = io.StringIO()
    environ = {"DESK_KEY": KEY, "RETELL_KEY": RETELL_KEY, "TELNYX_KEY": WIRES["telnyx"].secret(RETELL_KEY)}
    assert apply_file(config, target=target, environ=environ, dry_run=False, out=said) == OK, said.getvalue()
    with contextlib.ExitStack() as stack:
        racers = [stack.enter_context(_racer(target)) for _ in range(PROCESSES)]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        yield Field(target, racers)
    client.delete_table(TableName=table)


@contextlib.contextmanager
def _racer(target: Target) -> Iterator[subprocess.Popen[str]]:
    quiet = {"POWERTOOLS_LOG_LEVEL": "WARNING", "POWERTOOLS_METRICS_DISABLED": "true"}
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.functional.racers", str(THREADS)],
        cwd=ROOT,
        env=dict(os.environ) | target.environment() | quiet | path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as racer:
        try:
            yield racer
        finally:
            racer.kill()


def crowd(service: str, day: date, time: str, *, of: int = CALLERS) -> list[Wish]:
    return [Wish(f"+1415555{next(_people) % 10_000:04d}", service, day, time) for _ in range(of)]


def standing(field: Field, day: date) -> list[tuple[str, str]]:
    """State and local start of each booking of that day, all services."""
    found = []
    for booking in bookings_in(field.items()):
        start = datetime.fromtimestamp(booking.times.span.start * 60, ZoneInfo("Etc/UTC"))
        if start.date() == day:
            found.append((booking.state.value, f"{start:%H:%M}"))
    return sorted(found)


def test_fifty_callers_for_one_slot_twenty_times(field: Field) -> None:
    for number in range(ROUNDS):
        day = field.today + timedelta(days=2 + number)
        wishes = crowd("consult", day, "10:00")
        if number % 2:
            (offered,) = field.run([replace(wishes[0], tool="check_availability")])
            wishes = [replace(wish, slot_id=offered["slots"][0]["slot_id"]) for wish in wishes]

        replies = field.run(wishes)

        assert Counter(r["status"] for r in replies) == {"confirmed": 1, "unavailable": CALLERS - 1}, number
        winner = next(r for r in replies if r["status"] == "confirmed")
        for reply in replies:
            if reply is not winner:
                assert reply["slots"]
                assert winner["start"] not in starts(reply)
        assert standing(field, day) == [("booked", "10:00")]
    check_book(field.items())


def test_overlapping_wishes_of_different_length_never_share_a_minute(field: Field) -> None:
    random = Random(SEED)
    times = ["10:00", "10:30", "11:00", "11:30"]
    for number in range(8):
        day = field.today + timedelta(days=30 + number)
        wishes = [
            wish
            for _ in range(CALLERS // 2)
            for wish in crowd(random.choice(["consult", "long"]), day, random.choice(times), of=1)
        ]

        replies = field.run(wishes)
        assert {r["status"] for r in replies} <= {"confirmed", "unavailable"}
        won = [(r["start"], r["end"]) for r in replies if r["status"] == "confirmed"]
        assert won
        assert all(one[1] <= other[0] or other[1] <= one[0] for one in won for other in won if one is not other)
        assert len(standing(field, day)) == len(won)
    check_book(field.items())


def test_buffers_hold_in_a_race(field: Field) -> None:
    day = field.today + timedelta(days=45)
    wishes = [wish for time in ("10:00", "10:30", "11:00") for wish in crowd("fitting", day, time, of=12)]

    won = [r["start"][11:16] for r in field.run(wishes) if r["status"] == "confirmed"]
    assert sorted(won) in (["10:00", "11:00"], ["10:30"])
    check_book(field.items())


def test_two_hosts_serve_two_and_no_third(field: Field) -> None:
    for number in range(4):
        day = field.today + timedelta(days=50 + number)
        replies = field.run(crowd("massage", day, "11:00", of=24))

        assert Counter(r["status"] for r in replies) == {"confirmed": 2, "unavailable": 22}
        assert {r["staff"] for r in replies if r["status"] == "confirmed"} == {"Ana", "Ben"}
    check_book(field.items())


def test_one_caller_who_asks_many_times_at_once_has_one_booking(field: Field) -> None:
    for number in range(4):
        day = field.today + timedelta(days=56 + number)
        wish = crowd("consult", day, "09:00", of=1)[0]

        replies = field.run([wish] * 16)
        assert {r["status"] for r in replies} == {"confirmed"}
        assert Counter(r["replay"] for r in replies) == {False: 1, True: 15}
        assert standing(field, day) == [("booked", "09:00")]


def test_holders_and_bookers_race_for_one_slot(field: Field) -> None:
    for number in range(4):
        day = field.today + timedelta(days=62 + number)
        people = crowd("consult", day, "13:00", of=20)
        wishes = [Wish(w.caller, w.service, w.day, w.time, "hold_slot") for w in people[:10]] + people[10:]

        replies = field.run(wishes)
        assert Counter(r["status"] for r in replies)["unavailable"] == 19
        assert sum(r["status"] in {"held", "confirmed"} for r in replies) == 1
        assert len([s for s, _ in standing(field, day) if s in {"held", "booked"}]) == 1
    check_book(field.items())


def test_moves_into_one_slot_leave_everybody_with_one_appointment(field: Field) -> None:
    day = field.today + timedelta(days=70)
    people = [crowd("consult", day, f"{9 + n // 2:02d}:{n % 2 * 30:02d}", of=1)[0] for n in range(8)]
    assert {r["status"] for r in field.run(people)} == {"confirmed"}

    moves = [Wish(w.caller, w.service, day, "15:00", "reschedule_appointment") for w in people]
    replies = field.run(moves)
    assert Counter(r["status"] for r in replies) == {"confirmed": 1, "unavailable": 7}
    kept = standing(field, day)
    assert len(kept) == len(people)
    assert [time for _, time in kept].count("15:00") == 1
    assert len({time for _, time in kept}) == len(people)
    check_book(field.items())
