"""Teams on calendars of several providers: everybody calls at once, and the truth is what each provider then holds."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from tests.functional.book import check_book
from tests.functional.calendar_dav import Caldav, Radicale
from tests.functional.calendar_lines import RunningClock, assert_refused_kindly, at_once, moment
from tests.functional.calendar_mailboxes import Google, Microsoft
from tests.functional.in_process import InProcess, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.calendar_accounts import Account, Seen
    from tests.functional.caller import Caller, Reply

pytestmark = pytest.mark.engine

CALLERS, PROCESSES = 50, 5
ALTERNATIVES_TRIED, ROUNDS = 3, 20
TRIO = {"Ana": Google, "Ben": Microsoft, "Cleo": Caldav, "Dora": Radicale}
PEOPLE_AND_ROOMS = {"Ana": Google, "Ben": Microsoft, "Green": Caldav, "Blue": Radicale}
WITH_DORA = "{pool: [ana, ben, cleo], fixed: [dora], pick: least_recent}"
ANYBODY = "{pool: [ana, ben, cleo], pick: least_recent}"
ONE_OF_EACH = "{groups: [[ana, ben], [green, blue]], pick: least_recent}"
BUFFERS = {"visit": (0, 15), "long": (15, 15), "solo": (15, 0)}  # minutes before and after, by the service's name

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
transfer_to: "+14155550100"
calendars: {{{calendars}}}
staff: {{{staff}}}
services:
  visit: {{name: visit, minutes: 30, buffers: {{after_minutes: 15}}, staff: {rule}}}
  long: {{name: long, minutes: 60, buffers: {{before_minutes: 15, after_minutes: 15}}, staff: {rule}}}
  solo: {{name: solo, minutes: 30, buffers: {{before_minutes: 15}}, staff: {solo}}}
agents:
  front: {{platform: generic, services: [visit, long, solo], deadline_seconds: 9, auth: {{bearer: "${{DESK_KEY}}"}}}}
"""


@dataclass(slots=True)
class Person:
    """Somebody who calls, known in every calendar by their address; `told` is what they heard last."""

    phone: Caller
    number: int
    told: Reply = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"ada-{self.number:03d}@low.example"

    def book(self, service: str, delivery: str | None = None, /, **when: object) -> Reply:
        wish = {"service": service, "name": "Ada Low", "email": self.email, **when}
        self.told = self.phone.ask("book_appointment", delivery, **wish)
        return self.told

    def insist(self, service: str, **when: object) -> Reply:
        """Book; when that is refused, try an alternative, each caller another one."""
        told = self.book(service, **when)
        for turn in range(ALTERNATIVES_TRIED):
            if told["status"] != "unavailable":
                break
            others = told["slots"]
            told = self.book(service, slot_id=others[(self.number + turn) % len(others)]["slot_id"])
        return told

    def change_their_mind(self) -> Reply:
        """Every third cancels; the others move, which keeps who serves them. Refused, everything stays as it was."""
        if self.number % 3 == 0:
            heard = self.phone.cancel(appointment=self.told["appointment"])
        else:
            member, day = names_in(self.told)[0], ("Thursday", "Friday")[self.number % 2]
            heard = self.phone.ask("check_availability", service=self.told["service"], staff=member, when=day)
            slots = heard["slots"]  # of the days around, should that one be full
            wish = {"appointment": self.told["appointment"], "slot_id": slots[self.number // 3 % len(slots)]["slot_id"]}
            heard = self.phone.ask("reschedule_appointment", **wish)
            assert heard.get("staff", self.told["staff"]) == self.told["staff"]
        if heard["status"] != "unavailable":
            self.told = heard
        return heard


@dataclass(slots=True)
class Team:
    """One desk in several processes, and the calendar account of each member, by their name."""

    desks: Sequence[InProcess]
    accounts: Mapping[str, Account]
    clock: RunningClock
    alarms: list[str]
    fixed: str = ""
    everybody: list[Person] = field(default_factory=list)

    def people(self, many: int) -> list[Person]:
        known = len(self.everybody)
        found = [Person(self.desks[n % PROCESSES].caller(), n) for n in range(known, known + many)]
        self.everybody.extend(found)
        return found

    def work_off(self) -> None:
        """Let half a minute pass, in which no hold lapses, and whatever is due be done, the copies among it."""
        self.clock.pass_by(30)
        ends = self.clock.now() + 600
        assert any(not self.desks[0].house.reconciler(process_ends=ends).run(ends=ends) for _ in range(ROUNDS))

    def check(self) -> None:
        """Then each calendar holds the events of those who were told so, and no others, none too close to another."""
        self.work_off()
        assert set(self.alarms) <= {"sms_sent"}
        expected: dict[str, dict[str, Reply]] = {name: {} for name in self.accounts}
        for who in self.everybody:
            told = who.told
            assert told["status"] in {"confirmed", "unavailable", "held", "cancelled"}, told
            assert told["status"] != "unavailable" or told["slots"], told
            if told["status"] == "confirmed":
                besides = [self.fixed] if self.fixed and told["service"] != "solo" else []
                for name in (*names_in(told), *besides):
                    expected[name][who.email] = told
        for name, account in self.accounts.items():
            check_calendar(account.standing(), expected[name])
        check_book(self.desks[0].items())


def names_in(told: Reply) -> list[str]:
    return str(told["staff"]).split(" and ")


def check_calendar(found: Sequence[Seen], expected: Mapping[str, Reply]) -> None:
    owners = [[email for email in expected if email in seen.text] for seen in found]
    assert sorted(owners) == sorted([email] for email in expected)
    blocked = []
    for seen, (email,) in zip(found, owners, strict=True):
        told = expected[email]
        assert (seen.start, seen.end) == (moment(told), datetime.fromisoformat(told["end"]))
        before, after = (timedelta(minutes=minutes) for minutes in BUFFERS[told["service"]])
        blocked.append((seen.start - before, seen.end + after))
    blocked.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(blocked)), blocked


@contextmanager
def open_team(
    members: Mapping[str, type[Account]], table: EngineTable, folder: Path, *, rule: str, solo: str, fixed: str = ""
) -> Iterator[Team]:
    """A team on new accounts; `rule` says who serves, `solo` who does alone, and `fixed` is always there otherwise."""
    clock, alarms = RunningClock(), list[str]()
    accounts = {name: make(clock.now) for name, make in members.items()}
    text = DESK.format(
        calendars=", ".join(f"at-{n.lower()}: {{{a.section}}}".replace("${", f"${{{n}_") for n, a in accounts.items()),
        staff=", ".join(f"{name.lower()}: {{name: {name}, calendar: at-{name.lower()}}}" for name in accounts),
        rule=rule,
        solo=solo,
    )
    environ = {f"{name}_{key}": secret for name, account in accounts.items() for key, secret in account.environ.items()}
    with ExitStack() as opened:
        for account in accounts.values():
            account.start()
            opened.callback(account.stop)
        opened.enter_context(mock.patch("slotline.bootstrap.notify", lambda event, **_: alarms.append(event)))
        desk = opened.enter_context(in_process(table, text, folder, business="harbor", clock=clock, environ=environ))
        others = [InProcess(desk.target, clock, business="harbor") for _ in range(PROCESSES - 1)]
        yield Team([desk, *others], accounts, clock, alarms, fixed)


def story_of(who: Person, team: Team) -> Callable[[], Reply]:
    """What this caller does: equal and overlapping times, holds, wishes for one member, and repeats."""
    number, others = who.number, team.desks[(who.number + 1) % PROCESSES]
    members = [name for name in team.accounts if name != team.fixed]

    def equal() -> Reply:
        return who.insist("visit", slot_id=who.phone.offers("visit")[0]["slot_id"])

    def overlapping() -> Reply:
        day = who.phone.offers("long")[-1]["start"][:10]
        return who.insist("long", date=day, time=("13:30", "14:00", "14:30")[number % 3])

    def held() -> Reply:
        slot = who.phone.offers("visit")[number % 2]["slot_id"]
        who.told = who.phone.ask("hold_slot", service="visit", slot_id=slot)
        return who.insist("visit", slot_id=slot) if number % 4 else who.told  # who hangs up leaves a hold behind

    def with_one() -> Reply:
        member = members[number % len(members)]
        told = who.insist("solo", slot_id=who.phone.offers("solo", staff=member)[0]["slot_id"])
        assert told["status"] != "confirmed" or member in names_in(told), told
        return told

    def twice() -> Reply:
        slot = who.phone.offers("visit")[-1]["slot_id"]
        again = Person(others.caller(number=who.phone.number, call=who.phone.call), who.number)
        heard = at_once(*(lambda p=p: p.book("visit", "delivered twice", slot_id=slot) for p in (who, again)))
        assert len({(told["status"], told.get("start"), told.get("staff")) for told in heard}) == 1, heard
        return heard[0]

    return (equal, overlapping, held, with_one, twice)[number % 5]


def call_and_change_their_minds(team: Team, many: int) -> None:
    people = team.people(many)
    at_once(*(story_of(who, team) for who in people))
    team.check()
    winners = [who for who in people if who.told["status"] == "confirmed"]
    assert len(winners) >= many // 3, Counter(who.told["status"] for who in people)

    heard = at_once(*(who.change_their_mind for who in winners))
    assert {told["status"] for told in heard} >= {"confirmed", "cancelled"}
    team.check()


def all_want(team: Team, wanted: str, many: int, time: str) -> list[str]:
    """Who serves when this many want the same slot of a quiet day; everybody else hears of others."""
    day = datetime.fromtimestamp(team.clock.now(), UTC).date() + timedelta(days=9)  # a Wednesday, as the clock began
    heard = at_once(*(lambda p=p: p.book(wanted, date=f"{day}", time=time) for p in team.people(many)))
    served = [told for told in heard if told["status"] == "confirmed"]
    assert {told["start"] for told in served} == {f"{day}T{time}:00+00:00"}
    for told in (told for told in heard if told not in served):
        assert_refused_kindly(told, served[0])
    return sorted(name for told in served for name in names_in(told))


def test_fifty_callers_share_three_people_and_a_fixed_host(table: EngineTable, tmp_path: Path) -> None:
    with open_team(TRIO, table, tmp_path, rule=WITH_DORA, solo=ANYBODY, fixed="Dora") as team:
        call_and_change_their_minds(team, CALLERS)
        assert all_want(team, "solo", 12, "10:00") == ["Ana", "Ben", "Cleo"]
        assert len(all_want(team, "visit", 12, "14:00")) == 1
        team.check()


def test_callers_share_two_people_and_two_rooms(table: EngineTable, tmp_path: Path) -> None:
    with open_team(PEOPLE_AND_ROOMS, table, tmp_path, rule=ONE_OF_EACH, solo=ONE_OF_EACH) as team:
        call_and_change_their_minds(team, 20)
        assert all_want(team, "visit", 12, "10:00") == ["Ana", "Ben", "Blue", "Green"]
        team.check()
