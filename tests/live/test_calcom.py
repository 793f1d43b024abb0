"""Cal.com's real API. Nothing is written unless the owner of the account names an event type for it.

CALCOM_API_KEY           lets the reading tests run
CALCOM_TEST_EVENT_TYPE   id of an event type in which these tests may book, move and cancel (its host gets the mails)
CALCOM_BASE_URL          for the EU region or a host of one's own; without it https://api.cal.com/v2
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from slotline.adapters.calendars._http import ProviderHttp, open_client
from slotline.adapters.calendars.calcom.calendar import BASE_URL, CalcomCalendar
from slotline.bootstrap import SystemClock
from slotline.domain.bookings import Contact, Times
from slotline.domain.business import Calendar, Service
from slotline.domain.errors import SetupError
from slotline.domain.time import MINUTES_A_DAY, Interval
from slotline.ports import EventType, EventWish, FreeStarts

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.live

PATIENCE_SECONDS = 15.0
ATTENDEE = Contact(name="Slotline Test", email="slotline-test@example.com")
CLOCK = SystemClock()


def needed(variable: str) -> str:
    """Its value; without one the test that asks is skipped, naming it."""
    return os.environ.get(variable) or pytest.skip(f"set {variable} to run this against a real Cal.com account")


@contextmanager
def calendar_with(key: str) -> Iterator[CalcomCalendar]:
    base_url = os.environ.get("CALCOM_BASE_URL") or BASE_URL
    connection = Calendar(name="live", provider="calcom", base_url=base_url)
    with open_client(base_url) as client:
        http = ProviderHttp(client, name=connection.name, clock=CLOCK, timeout=PATIENCE_SECONDS)
        yield CalcomCalendar(http, connection, api_key=lambda: key, clock=CLOCK)


def soon() -> float:
    return CLOCK.now() + PATIENCE_SECONDS


@pytest.fixture
def calendar() -> Iterator[CalcomCalendar]:
    with calendar_with(needed("CALCOM_API_KEY")) as opened:
        yield opened


@pytest.fixture
def service(calendar: CalcomCalendar) -> Service:
    wanted = needed("CALCOM_TEST_EVENT_TYPE")
    known = {event_type.id: event_type for event_type in calendar.event_types(deadline=soon())}
    assert wanted in known, f"the account has no event type {wanted}, only {sorted(known)}"
    return _service(known[wanted])


def _service(event_type: EventType) -> Service:
    return Service(key="live", name=event_type.name, minutes=event_type.minutes or 30, event_type=event_type.id)


def free_starts(calendar: CalcomCalendar, service: Service) -> tuple[int, ...]:
    now = int(CLOCK.now() // 60)
    week = Interval(now + MINUTES_A_DAY, now + 8 * MINUTES_A_DAY)
    found = calendar.look(service, window=week, moving=None, deadline=soon())
    assert isinstance(found, FreeStarts)
    return found.starts


def wish(service: Service, *, tag: str, start: int) -> EventWish:
    return EventWish(
        tag=tag,
        generation=0,
        service=service,
        times=Times.of(start, minutes=service.minutes),
        contact=ATTENDEE,
        zone=ZoneInfo("UTC"),
        language="en",
    )


def test_a_wrong_key_is_our_own_mistake() -> None:
    needed("CALCOM_API_KEY")

    with calendar_with("cal_live_00000000000000000000000000000000") as stranger, pytest.raises(SetupError):
        stranger.event_types(deadline=soon())


def test_the_account_tells_its_event_types_and_when_the_first_is_free(calendar: CalcomCalendar) -> None:
    event_types = calendar.event_types(deadline=soon())

    assert event_types
    starts = free_starts(calendar, _service(event_types[0]))
    assert list(starts) == sorted(set(starts))


@pytest.fixture
def booked(calendar: CalcomCalendar, service: Service) -> Iterator[tuple[str, EventWish, tuple[int, ...]]]:
    """An event in the account, its wish, and the starts that were free before; whatever is left is cancelled."""
    starts = free_starts(calendar, service)
    assert len(starts) > 1, "the event type needs two free times in the coming week"
    made = wish(service, tag=f"live{time.time_ns()}", start=starts[0])
    event = calendar.create(made, deadline=soon())
    yield event.id, made, starts
    for left in calendar.find(made, deadline=soon()):
        calendar.cancel(left.id, reason="end of a test", deadline=soon())


def test_a_booking_is_found_by_its_tag_moved_and_cancelled(
    calendar: CalcomCalendar, booked: tuple[str, EventWish, tuple[int, ...]]
) -> None:
    event_id, made, starts = booked
    assert [event.id for event in calendar.find(made, deadline=soon())] == [event_id]
    assert calendar.read(event_id, deadline=soon()).span == made.times.span

    later = wish(made.service, tag=made.tag, start=starts[1])
    moved = calendar.move(event_id, later, deadline=soon())
    assert moved.span.start == starts[1]
    assert [event.id for event in calendar.find(later, deadline=soon())] == [moved.id]

    calendar.cancel(moved.id, reason="end of a test", deadline=soon())
    assert calendar.find(later, deadline=soon()) == ()
