"""The driver over Calendly's saga of a move: whatever breaks off where, record, locks and account agree in the end."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import pytest

from slotline.domain.bookings import State
from slotline.domain.calls import Status
from tests.servers.calendly import CalendlyApi
from tests.servers.calendly_desk import EventType
from tests.unit.breaking_wire import FAULTS, BreakingWire, KilledError
from tests.unit.calendly_rig import adapter, minute_of
from tests.unit.front_desk import HARBOR, TOMORROW, Caller, FrontDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.ports import CalendarProvider

EARLY, LATE = TOMORROW, TOMORROW + 180
VISIT = replace(HARBOR.services["visit"], event_type="VISIT", email_fallback="desk@example.com")
DAY = (("00:00", "23:00"),)


@dataclass
class CalendlyDesk(FrontDesk):
    """The front desk with a Calendly account behind it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.business = replace(HARBOR, services=dict(HARBOR.services) | {"visit": VISIT})
        self.api = CalendlyApi(
            clock=self.clock.now, event_types=(EventType("VISIT", minutes=60, step=60, week=(DAY,) * 7),)
        )
        self.wire = BreakingWire(self.api, clock=self.clock)

    def of(self, name: str) -> CalendarProvider:
        return adapter(httpx.MockTransport(self.wire), self.clock)  # each process has its own

    def live(self) -> list[int]:
        return sorted(minute_of(e.start) for e in self.api.desk.events.values() if e.status == "active")

    def agrees(self, *starts: int) -> None:
        """One booked record, at one of these times, with its event and its lock and nothing besides."""
        (booking,) = self.bookings()
        start = booking.times.span.start
        assert (booking.state, booking.moving_to) == (State.BOOKED, None)
        assert start in starts
        assert self.live() == [start]
        assert self.api.desk.events[booking.provider_id or ""].status == "active"
        assert self.locks() == {booking.id: (start, start + 60)}


def refusing(
    ending: str, status: int, *, title: str = "Error", message: str = "no"
) -> Callable[[httpx.Request], httpx.Response | None]:
    """What the account says to every POST to a path with this ending."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST" or not request.url.path.endswith(ending):
            return None
        return httpx.Response(status, json={"title": title, "message": message})

    return answer


def booked() -> tuple[CalendlyDesk, Caller, int]:
    """A booking, and the number of the first request of what comes next."""
    front = CalendlyDesk()
    ada = Caller(front)
    assert ada.book(EARLY).status is Status.CONFIRMED
    return front, ada, front.wire.count


def test_a_move_is_confirmed_at_once_when_all_is_well() -> None:
    front, ada, _ = booked()

    assert ada.move(LATE).status is Status.CONFIRMED
    front.agrees(LATE)


def moving_points() -> int:
    front, ada, first = booked()
    ada.move(LATE)
    return front.wire.count - first


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_request_of_a_move_comes_right(fault: str) -> None:
    for point in range(moving_points()):
        front, ada, first = booked()
        front.wire.plan = {first + point: fault}

        with suppress(KilledError):
            ada.move(LATE)
        assert front.live(), "the caller is never without an appointment"
        front.after(900)

        # A first look that fails leaves the old time; once a move is pinned it is carried to its end.
        front.agrees(EARLY, LATE)


@pytest.mark.parametrize("fault", ["kill_after", "lost_after", "late"])
def test_a_cancellation_in_the_middle_of_a_move_leaves_nothing(fault: str) -> None:
    for point in range(moving_points()):
        front, ada, first = booked()
        front.wire.plan = {first + point: fault}
        with suppress(KilledError):
            ada.move(LATE)
        front.clock.sleep(20)  # whoever was killed is dead by now

        ada.cancel("appt_1")
        front.after(900)

        (booking,) = front.bookings()
        assert booking.state is State.CANCELLED
        assert front.live() == []
        assert front.locks() == {}


def test_a_refused_time_keeps_the_old_one() -> None:
    front, ada, _ = booked()
    front.wire.instead = refusing("/invitees", 409)

    assert ada.move(LATE).status is Status.UNAVAILABLE
    front.agrees(EARLY)


def test_an_old_event_that_may_not_be_cancelled_keeps_the_old_time() -> None:
    front, ada, _ = booked()
    (old,) = front.api.desk.events
    front.wire.instead = refusing(
        f"{old}/cancellation", 403, title="Permission Denied", message="You are not allowed to cancel this event"
    )

    assert ada.move(LATE).status is Status.NOT_DONE
    front.agrees(EARLY)


def test_pairs_of_faults_come_right() -> None:
    points = moving_points()
    for one, gap, second in itertools.product(range(points), (1, 3, 5), ("kill_after", "lost_after", "late")):
        front, ada, first = booked()
        front.wire.plan = {first + one: "lost_after", first + one + gap: second}
        for _ in range(3):
            with suppress(KilledError):
                ada.move(LATE)
                break
        for _ in range(20):
            with suppress(KilledError):
                front.after(60)

        front.agrees(EARLY, LATE)


@pytest.mark.parametrize("status", [403, 500])
def test_both_times_stay_locked_for_as_long_as_nobody_can_cancel_the_old_event(status: int) -> None:
    front, ada, _ = booked()
    front.wire.instead = refusing("/cancellation", status)

    assert ada.move(LATE).status is Status.PENDING
    front.after(900)
    assert front.live() == [EARLY, LATE]
    assert sorted(start for start, _ in front.locks().values()) == [EARLY, LATE]
    front.wire.instead = lambda _: None
    front.after(300)

    front.agrees(LATE)
    assert front.effects(front.bookings()[0].id) == ["sms_booked", "sms_moved"]
