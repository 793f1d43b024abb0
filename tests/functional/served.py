"""The product as its owner runs it: `make serve` as a child of the tests, with a desk file of theirs."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import httpx

from ops import records
from ops.demo.wires import WIRES
from ops.target import Target, find_target
from slotline.bootstrap import SystemClock
from tests.functional.book import items_of
from tests.functional.caller import Caller, Heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.functional.book import Item

ROOT = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "ops.local.serve")
RETELL_KEY = "key_of_the_functional_tests"
START_SECONDS = 120.0
PATIENCE_SECONDS = 30.0
MORNING_HOUR = 8
_FARTHEST_EAST, _HOURS_A_DAY = 14, 24

_people = count(100)


def morning_zone(now: datetime | None = None) -> str:
    """A zone of a fixed offset in which it is now past eight in the morning, so that today still has free times."""
    offset = (MORNING_HOUR - (now or datetime.now(UTC)).hour) % _HOURS_A_DAY
    if offset > _FARTHEST_EAST:
        offset -= _HOURS_A_DAY
    return f"Etc/GMT{-offset:+d}"  # the sign in these names is the other way round


def fresh_number() -> str:
    """The number of somebody who never called before."""
    return f"+1415555{next(_people):04d}"


@dataclass(slots=True)
class Served:
    """A running `make serve`."""

    child: subprocess.Popen[str]
    serve_file: Path
    business: str
    key: str
    zone: ZoneInfo
    url: str = ""
    printed: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    days: Iterator[int] = field(default_factory=lambda: count(6))
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=40, trust_env=False))

    @property
    def target(self) -> Target:
        return find_target(None, serve_file=self.serve_file)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Heard:
        answer = self.client.post(self.url + path, content=body, headers=dict(headers))
        try:
            return Heard(answer.status_code, answer.json())
        except ValueError:
            return Heard(answer.status_code, answer.text)

    def caller(self, *, agent: str = "front", number: str | None = None, call: str | None = None) -> Caller:
        """A new call by somebody who never called before, unless told who it is."""
        number = number or fresh_number()
        return Caller(self.post, f"/v1/{self.business}/{agent}", self.key, number, call or f"call-of-{number}")

    def stranger(self, *, agent: str = "front") -> Caller:
        """Somebody of whom the platform tells nothing at all."""
        return Caller(self.post, f"/v1/{self.business}/{agent}", self.key)

    def today(self) -> date:
        return datetime.now(self.zone).date()

    def fresh_day(self) -> date:
        """A day that no other test of this desk uses; the first ones after today are nobody's."""
        return self.today() + timedelta(days=next(self.days))

    # --- what is really there ----------------------------------------------------------------------------------------

    def bookings(self, *, start: str | None = None) -> list[dict[str, Any]]:
        """As `slotline bookings --json` tells them; those that start then."""
        found = records.bookings(self.target, clock=SystemClock(), business=self.business)
        return [booking for booking in found if start in {None, booking["start"]}]

    def messages(self, *bookings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As `slotline messages --json` tells them; those about these bookings."""
        wanted = {booking["id"] for booking in bookings}
        return [m for m in records.messages(self.target, business=self.business) if m["booking"] in wanted]

    def items(self) -> list[Item]:
        target = self.target
        return items_of(target.dynamodb(), target.table, self.business)

    def book(self) -> list[Item]:
        """The items, to compare before and after; how far a message has come is left out, for others send it."""
        return [{"pk": i["pk"], "sk": i["sk"]} if i["sk"].startswith("X#") else i for i in self.items()]

    @property
    def texts(self) -> list[str]:
        return [line for line in self.printed if line.startswith("SMS to ")]

    def eventually[T](self, look: Callable[[], T], *, seconds: float = PATIENCE_SECONDS) -> T:
        """The first answer that is true; the last one when none was in time."""
        deadline = time.monotonic() + seconds
        while not (answer := look()) and time.monotonic() < deadline:
            time.sleep(0.15)
        return answer

    def sent(self, kind: str, *bookings: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The texts of this kind about these bookings, once there is one that went out."""

        def look() -> list[dict[str, Any]]:
            return [m for m in self.messages(*bookings) if m["kind"] == kind and m["state"] == "sent"]

        return self.eventually(look)

    def ended(self, *bookings: Mapping[str, Any], of: int = 1) -> list[dict[str, Any]]:
        """The messages about these bookings, once there are so many and none is on its way any more."""

        def look() -> list[dict[str, Any]]:
            found = self.messages(*bookings)
            return found if len(found) >= of and {m["state"] for m in found} <= {"sent", "gave_up"} else []

        return self.eventually(look)

    # --- running -----------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        for stream in (self.child.stdout, self.child.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()
        if not self.ready.wait(START_SECONDS) or not self.url:
            self.stop()
            raise AssertionError("`make serve` did not start:\n" + "\n".join(self.printed))
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.client.close()
        self.child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(15)
        self.child.kill()
        self.child.wait()

    def _read(self, stream: Any) -> None:
        with stream:
            for line in stream:
                self.printed.append(line.rstrip("\n"))
                if line.startswith("ready "):
                    self.url = line.removeprefix("ready ").strip()
                    self.ready.set()
        self.ready.set()  # it ended: nobody has to wait for the time-out


@contextlib.contextmanager
def serving(
    desk: str, folder: Path, *, business: str, zone: str, environ: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run `make serve` on a free port with this desk file; `environ` fills its `${NAME}` beside DESK_KEY."""
    key = secrets.token_urlsafe(24)
    config, serve_file = folder / "desk.yaml", folder / "serve.json"
    config.write_text(desk)
    child = subprocess.Popen(
        [*SERVE, "--config", str(config), "--port", "0", "--serve-file", str(serve_file)],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DESK_KEY": key,
            "RETELL_KEY": RETELL_KEY,
            "TELNYX_KEY": WIRES["telnyx"].secret(RETELL_KEY),
            **(environ or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with Served(child, serve_file, business, key, ZoneInfo(zone)) as running:
        yield running


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
