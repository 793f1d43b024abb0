"""The nights on which clocks change: every offered time exists, is offered once, and means the right moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import A_MONDAY_NOON_UTC, FakeClock
from tests.functional.book import bookings_in, check_book
from tests.functional.in_process import InProcess, in_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable

pytestmark = pytest.mark.engine

STEP = timedelta(minutes=30)
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe")
DESK = """\
business: night-owl
name: Night Owl
time_zone: {zone}
locale: en-US
calendars:
  room: {{provider: builtin, hours: {{mon-sun: ["00:00-24:00"]}}}}
services:
  talk: {{name: Talk, calendar: room, minutes: 30, offer: {{days_ahead: 5, step_minutes: 30, min_notice_minutes: 0}}}}
  class: {{name: Class, calendar: room, minutes: 60, offer: {{days_ahead: 5, step_minutes: 30, min_notice_minutes: 0}}}}
agents:
  front: {{platform: generic, services: [talk, class], auth: {{bearer: "${{DESK_KEY}}"}}}}
"""


@dataclass(frozen=True)
class Night:
    """One change of the clocks, with the desk open the noon before it."""

    desk: InProcess
    zone: ZoneInfo
    change: datetime  # UTC: the first moment of the new offset

    @property
    def day(self) -> date:
        return self.change.astimezone(self.zone).date()

    @property
    def shift(self) -> timedelta:
        """How far the clocks go forward; negative when they go back."""
        return _offset(self.change, self.zone) - _offset(self.change - timedelta(minutes=1), self.zone)

    def moments(self) -> list[datetime]:
        """Every half hour of the local day as a moment, by counting minutes and not by asking the product."""
        first = datetime.combine(self.day, time(), self.zone).astimezone(UTC)
        found = []
        while first.astimezone(self.zone).date() == self.day:
            found.append(first)
            first += STEP
        return found

    def wall(self) -> dict[str, datetime]:
        """Each wall time of that day that exists on the half-hour grid, with the first moment that shows it."""
        shown: dict[str, datetime] = {}
        for moment in self.moments():
            shown.setdefault(f"{moment.astimezone(self.zone):%H:%M}", moment)
        return shown


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def next_change(zone: ZoneInfo, *, forward: bool) -> datetime:
    """The first change in that direction after the tests' arbitrary Monday, to the minute."""
    moment = datetime.fromtimestamp(A_MONDAY_NOON_UTC, UTC)
    while True:
        later = moment + timedelta(hours=1)
        change = _offset(later, zone) - _offset(moment, zone)
        if change and (change > timedelta()) == forward:
            return next(
                m for n in range(61) if _offset(m := moment + timedelta(minutes=n), zone) == _offset(later, zone)
            )
        moment = later


@pytest.fixture(params=list(product(ZONES, (True, False))), ids=lambda p: f"{p[0]}-{'spring' if p[1] else 'autumn'}")
def night(request: pytest.FixtureRequest, table: EngineTable, tmp_path: Path) -> Iterator[Night]:
    name, forward = request.param
    zone = ZoneInfo(name)
    change = next_change(zone, forward=forward)
    noon_before = datetime.combine(change.astimezone(zone).date() - timedelta(days=1), time(12), zone)
    clock = FakeClock(noon_before.timestamp())
    with in_process(table, DESK.format(zone=name), tmp_path, business="night-owl", clock=clock) as desk:
        yield Night(desk, zone, change)
        check_book(desk.items())


def test_each_wall_time_that_exists_is_offered_once_and_no_other(night: Night) -> None:
    caller, wall = night.desk.caller(), night.wall()
    assert len(wall) == 48 - max(night.shift, timedelta()) // STEP

    for number in range(48):
        asked = f"{number // 2:02d}:{number % 2 * 30:02d}"
        reply = caller.ask("check_availability", service="talk", when=f"{night.day} {asked}")
        said = [datetime.fromisoformat(slot["start"]) for slot in reply["slots"]]
        for moment in said:
            assert moment.utcoffset() == _offset(moment, night.zone)
            assert f"{moment:%H:%M}" == f"{moment.astimezone(UTC).astimezone(night.zone):%H:%M}"
            assert moment.astimezone(UTC) == wall[f"{moment:%H:%M}"]
        at_that_time = [moment for moment in said if f"{moment:%H:%M}" == asked]
        assert [m.astimezone(UTC) for m in at_that_time] == ([wall[asked]] if asked in wall else []), asked


@pytest.mark.parametrize("minutes_from_change", [-60, -30, 0, 30, 60])
def test_a_time_at_the_edge_is_booked_at_its_moment(night: Night, minutes_from_change: int) -> None:
    moment = night.change + timedelta(minutes=minutes_from_change)
    clock = f"{moment.astimezone(night.zone):%H:%M}"
    moment = night.wall()[clock]  # a wall time that comes twice means its first coming
    caller = night.desk.caller()

    reply = caller.ask("book_appointment", service="talk", date=f"{night.day}", time=clock, name="Ada Low")
    assert reply["status"] == "confirmed"
    assert datetime.fromisoformat(reply["start"]).astimezone(UTC) == moment
    assert datetime.fromisoformat(reply["end"]).astimezone(UTC) == moment + STEP
    (booking,) = bookings_in(night.desk.items())
    assert (booking.times.span.start, booking.times.span.minutes) == (moment.timestamp() // 60, 30)


def test_a_time_that_the_night_leaves_out_is_asked_about(night: Night) -> None:
    before = datetime.fromtimestamp(night.change.timestamp() - 60, night.zone) + timedelta(minutes=1)
    skipped = f"{before:%H:%M}"
    before_items = night.desk.items()

    reply = night.desk.caller().ask(
        "book_appointment", service="talk", date=f"{night.day}", time=skipped, name="Ada Low"
    )
    if night.shift < timedelta():
        assert reply["status"] == "confirmed"  # nothing is left out: that wall time comes, at the latest, once
        return
    assert reply["status"] == "unavailable"
    assert "clocks change" in reply["message"]
    assert night.desk.items() == before_items


def test_an_hour_over_the_change_is_an_hour(night: Night) -> None:
    start = night.wall()[f"{(night.change - STEP).astimezone(night.zone):%H:%M}"]
    caller = night.desk.caller()
    offer = caller.offers("class", when=f"{night.day} {start.astimezone(night.zone):%H:%M}")[0]
    assert datetime.fromisoformat(offer["start"]).astimezone(UTC) == start

    reply = caller.ask("book_appointment", service="class", slot_id=offer["slot_id"], name="Ada Low")
    assert reply["status"] == "confirmed"
    assert datetime.fromisoformat(reply["end"]).astimezone(UTC) == start + timedelta(hours=1)
    inside = (start + STEP).astimezone(night.zone)
    if night.wall()[f"{inside:%H:%M}"] == start + STEP:
        late = night.desk.caller().ask(
            "book_appointment", service="talk", date=f"{inside:%Y-%m-%d}", time=f"{inside:%H:%M}", name="Bo"
        )
        assert late["status"] == "unavailable"
