"""A desk with one calendar of any kind, and the phone calls to it, on a clock that runs and can be moved on."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.session import get_session

from ops import records
from ops.apply import OK, apply_file
from tests.fakes import FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.calendar_accounts import (
    Account,
    Builtin,
    Calcom,
    Calendly,
    Gohighlevel,
    Seen,
)
from tests.functional.calendar_dav import Caldav, Radicale, Xandikos
from tests.functional.calendar_mailboxes import Google, GoogleRobot, Microsoft, MicrosoftApp
from tests.functional.caller import starts
from tests.functional.in_process import KEY, InProcess, in_process
from tests.functional.served import RETELL_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from slotline.domain.bookings import Booking
    from tests.engine import EngineTable
    from tests.functional.caller import Caller, Reply

TRANSFER = "+14155550100"
QUIESCENCE_SECONDS = 60
HASTY_SECONDS = 2.0
EMAIL = "ada@low.example"
ACCOUNTS: dict[str, Callable[[Callable[[], float]], Account]] = {
    "builtin": Builtin,
    "calcom": Calcom,
    "calendly": Calendly,
    "gohighlevel": Gohighlevel,
    "google-oauth": Google,
    "google-service-account": GoogleRobot,
    "microsoft-delegated": Microsoft,
    "microsoft-client-credentials": MicrosoftApp,
    "caldav": Caldav,
    "caldav-radicale": Radicale,
    "caldav-xandikos": Xandikos,
}
LEFT_OUT: dict[str, dict[str, str]] = {
    "provider": {"builtin": "nobody is asked: the lock is the calendar"},
}
"""Why a calendar does not take part in a kind of story."""

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
transfer_to: "{transfer}"
calendars:
  main: {{{section}, timeout_seconds: 2, quiescence_seconds: {quiet}}}
services:
  visit: {{name: Visit, calendar: main, minutes: 30{short}, offer: {{step_minutes: 30}}}}
  long: {{name: Long visit, calendar: main, minutes: 60{long}, offer: {{step_minutes: 30}}}}
agents:
  front: {{platform: generic, services: [visit, long], auth: {{bearer: "${{DESK_KEY}}"}}}}
  hasty: {{platform: generic, services: [visit], deadline_seconds: {hasty}, auth: {{bearer: "${{DESK_KEY}}"}}}}
"""


class RunningClock(FakeClock):
    """Begins at the arbitrary Monday noon and runs on from there, as deadlines need it; `pass_by` moves it on."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def now(self) -> float:
        return self.time + time.monotonic() - self._began

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def pass_by(self, seconds: float) -> None:
        self.time += seconds


@dataclass(slots=True)
class Line:
    """A desk, its calendar account, and what is true of both."""

    desk: InProcess
    account: Account
    clock: RunningClock
    config: Path
    alarms: list[str] = field(default_factory=list)

    # --- calls -------------------------------------------------------------------------------------------------------

    def caller(self, *, agent: str = "front", number: str | None = None, call: str | None = None) -> Caller:
        who = self.desk.caller(number=number, call=call)
        who.path = who.path.replace("/front", f"/{agent}")
        return who

    def offers(self, who: Caller, service: str = "visit") -> list[Reply]:
        return who.offers(service, when="tomorrow")

    def book(self, who: Caller, offer: Reply, delivery: str | None = None, /, **more: object) -> Reply:
        wish = {"service": "visit", "slot_id": offer["slot_id"], "name": "Ada Low", "email": EMAIL}
        return who.ask("book_appointment", delivery, **(wish | more))

    def booked(self, who: Caller, offer: Reply) -> Reply:
        reply = self.book(who, offer)
        assert (reply["status"], reply["start"]) == ("confirmed", offer["start"]), reply
        return reply

    def another_process(self) -> InProcess:
        return InProcess(self.desk.target, self.clock, business="harbor")

    def later(self, *seconds: float) -> None:
        """Let time pass, step by step; the reconciler does what is due at each."""
        for step in seconds:
            self.clock.pass_by(step)
            self.desk.reconcile()

    def apply(self, environ: Mapping[str, str]) -> None:
        said, named = io.StringIO(), {"DESK_KEY": KEY, "RETELL_KEY": RETELL_KEY, **environ}
        assert apply_file(self.config, target=self.desk.target, environ=named, dry_run=False, out=said) == OK, said

    # --- what is true ------------------------------------------------------------------------------------------------

    def bookings(self) -> list[Booking]:
        return bookings_in(self.desk.items())

    def evidence(self) -> str:
        """What led to this, for a failing assertion."""
        asked = [f"{request.method} {request.path}" for request in self.account.api.seen]
        histories = [self.desk.house.store("harbor").history(booking.id) for booking in self.bookings()]
        return f"{self.bookings()} by {histories} after {asked}"

    def states(self) -> list[str]:
        return sorted(booking.state.value for booking in self.bookings())

    def kinds(self) -> list[str]:
        """Of all messages and tasks, however far they have come."""
        return [m["kind"] for m in records.messages(self.desk.target, business="harbor")]

    def texts(self) -> list[str]:
        """Kinds of all messages, of which every one went out."""
        found = records.messages(self.desk.target, business="harbor")
        assert {m["state"] for m in found} <= {"sent"}, found
        return [m["kind"] for m in found]

    def ours(self) -> list[Seen]:
        return [seen for seen in self.account.standing() if "Ada Low" in seen.text]

    def check_only(self, *offers: Reply, minutes: int = 30) -> None:
        """The provider holds our events at exactly these times, with the caller in each, and nothing else of ours."""
        found = sorted(self.account.standing(), key=lambda seen: seen.start)
        assert [s.start for s in found] == [moment(offer) for offer in offers], found
        assert all("Ada Low" in s.text for s in found), found
        assert {(s.end - s.start).total_seconds() / 60 for s in found} <= {minutes}

    def check_settled(self, offer: Reply, *texts: str) -> None:
        """One booking without doubt, one event, and exactly these texts."""
        self.check_only(offer)
        told = records.bookings(self.desk.target, clock=self.clock, business="harbor")
        live = [(b["state"], b["start"], b["doubt"]) for b in told if b["state"] not in {"cancelled", "rejected"}]
        assert live == [("booked", offer["start"], False)]
        self.later(60)
        assert sorted(self.texts()) == sorted(texts)


def moment(offer: Reply) -> datetime:
    return datetime.fromisoformat(offer["start"]).astimezone(UTC)


_session = cache(get_session)  # one for all processes of all tests: what it reads from disk takes longer than a call


@contextmanager
def open_line(name: str, table: EngineTable, folder: Path) -> Iterator[Line]:
    """A desk on a new account of this calendar; at the end its book is checked."""
    clock = RunningClock()
    account = ACCOUNTS[name](clock.now)
    account.start()
    try:
        types = account.event_types
        short, long = (f", event_type: {t}" for t in types) if types else ("", "")
        text = DESK.format(
            transfer=TRANSFER,
            section=account.section,
            quiet=QUIESCENCE_SECONDS,
            short=short,
            long=long,
            hasty=HASTY_SECONDS,
        )
        alarms: list[str] = []
        with (
            mock.patch("slotline.bootstrap.get_session", _session),
            mock.patch("slotline.bootstrap.notify", lambda event, **_: alarms.append(event)),
            mock.patch("slotline.bootstrap.count", lambda name, _: alarms.append(name)),
            in_process(table, text, folder, business="harbor", clock=clock, environ=account.environ) as desk,
        ):
            if isinstance(account, Builtin):
                account.desk = desk
            yield Line(desk, account, clock, folder / "desk.yaml", alarms)
            check_book(desk.items())
    finally:
        account.stop()


def on_every_calendar(kind: str = "all") -> pytest.MarkDecorator:
    """The test on each calendar for which this kind of story makes sense."""
    names = [name for name in ACCOUNTS if name not in LEFT_OUT.get(kind, {})]
    return pytest.mark.parametrize("line", names, indirect=True)


def at_once(*asks: Callable[[], Reply]) -> list[Reply]:
    with ThreadPoolExecutor(len(asks)) as pool:
        return [answer.result() for answer in [pool.submit(ask) for ask in asks]]


def assert_refused_kindly(reply: Reply, offer: Reply) -> None:
    assert reply["status"] == "unavailable", reply
    assert "already" not in reply["message"]
    assert reply["slots"], reply
    assert offer["start"] not in starts(reply)


def told_pending(reply: Reply, offer: Reply) -> None:
    assert (reply["status"], reply["start"]) == ("pending", offer["start"]), reply
    assert "booked" not in reply["message"].lower()
