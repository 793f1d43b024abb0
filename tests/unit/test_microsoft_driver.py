"""The driver over Microsoft's calendar: whatever breaks off where, record, locks and mailbox agree in the end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import pytest

from slotline.domain.bookings import State
from slotline.domain.calls import Status
from slotline.domain.time import minute_of
from tests.servers.microsoft import MicrosoftApi
from tests.unit.breaking_wire import FAULTS, BreakingWire, KilledError
from tests.unit.front_desk import ALWAYS_OPEN, TOMORROW, Caller, FrontDesk
from tests.unit.microsoft_rig import adapter, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.ports import CalendarProvider

EARLY, LATE = TOMORROW, TOMORROW + 180
SWITCHES: dict[str, dict[str, object]] = {
    "plain": {},
    "keeps deleted": {"keeps_deleted": True},
    "lags": {"lag": 15.0},
    "lags and keeps deleted": {"lag": 15.0, "keeps_deleted": True, "after_deletion": "duplicate"},
    "forgets": {"forgets_transactions_after": 5.0, "enforces_if_match": False},
}


@dataclass
class MicrosoftDesk(FrontDesk):
    """The front desk with a mailbox behind it."""

    switches: str = "plain"

    def __post_init__(self) -> None:
        mailbox = replace(self.business.calendars["main"], hours=ALWAYS_OPEN)
        self.business = replace(self.business, calendars={**self.business.calendars, "main": mailbox})
        super().__post_init__()
        self.api = MicrosoftApi(clock=self.clock.now)
        for name, value in SWITCHES[self.switches].items():
            setattr(self.api.store, name, value)
        self.wire = BreakingWire(self.api, clock=self.clock)

    def of(self, name: str) -> CalendarProvider:
        return adapter(httpx.MockTransport(self.wire), self.clock)  # each process has its own

    def live(self) -> list[int]:
        return sorted(minute_of(item.start) for item in self.api.store.items.values() if not item.is_deleted)

    def settle(self) -> None:
        for _ in range(20):
            with suppress(KilledError):
                self.after(60)

    def agrees(self, *starts: int) -> None:
        """Each record is booked or over, and the mailbox and the locks hold what is booked and nothing besides."""
        booked = [b for b in self.bookings() if b.state is State.BOOKED]
        assert all(b.state.is_terminal or b in booked for b in self.bookings())
        assert [b.times.span.start for b in booked] == self.live()
        assert set(self.live()) <= set(starts)
        assert {b.id: (b.times.span.start, b.times.span.end) for b in booked} == self.locks()
        for booking in booked:
            assert not self.api.store.items[booking.provider_id or ""].is_deleted


def booked(switches: str = "plain") -> tuple[MicrosoftDesk, Caller, int]:
    """A booking of some time ago, and the number of the first request of what comes next."""
    front = MicrosoftDesk(switches=switches)
    ada = Caller(front)
    assert ada.book(EARLY).status is Status.CONFIRMED
    front.after(120)
    return front, ada, front.wire.count


def points(work: Callable[[Caller], object], *, switches: str) -> int:
    front, ada, first = booked(switches)
    work(ada)
    return front.wire.count - first


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("switches", sorted(SWITCHES))
def test_a_fault_at_any_request_of_a_booking_comes_right(fault: str, switches: str) -> None:
    for point in range(6):
        front = MicrosoftDesk(switches=switches)
        ada = Caller(front)
        front.wire.plan = {point: fault}
        with suppress(KilledError):
            ada.book(EARLY)
        front.settle()

        front.agrees(EARLY)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("switches", sorted(SWITCHES))
def test_a_fault_at_any_request_of_a_move_comes_right(fault: str, switches: str) -> None:
    for point in range(points(lambda ada: ada.move(LATE), switches=switches)):
        front, ada, first = booked(switches)
        front.wire.plan = {first + point: fault}
        with suppress(KilledError):
            ada.move(LATE)
        assert front.live(), "the caller is never without an appointment"
        front.settle()

        front.agrees(EARLY, LATE)
        assert len(front.live()) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("switches", sorted(SWITCHES))
def test_a_fault_at_any_request_of_a_cancellation_comes_right(fault: str, switches: str) -> None:
    for point in range(points(lambda ada: ada.cancel("appt_1"), switches=switches)):
        front, ada, first = booked(switches)
        front.wire.plan = {first + point: fault}
        with suppress(KilledError):
            ada.cancel("appt_1")
        front.settle()

        front.agrees()


@pytest.mark.parametrize("switches", sorted(SWITCHES))
def test_what_a_person_deleted_is_not_moved_and_said_to_be_gone(switches: str) -> None:
    front, ada, _ = booked(switches)
    (item,) = front.api.store.items.values()
    front.api.store.people_delete(item.id)
    front.clock.sleep(30)

    ada.move(LATE)
    front.settle()
    front.agrees()
    assert front.bookings()[0].reason == "gone"


def test_a_person_who_moves_at_the_same_time_does_not_confuse_a_move() -> None:
    front, ada, _ = booked()
    (item,) = front.api.store.items.values()
    front.api.store.people_move(item.id, at(EARLY + 60))

    assert ada.move(LATE).status is Status.CONFIRMED
    front.agrees(LATE)
