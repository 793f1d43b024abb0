"""DynamoDB deletes what has lapsed whenever it gets to it: a call may be remembered longer than what it showed."""

from __future__ import annotations

import pytest

from slotline.domain.calls import Status
from slotline.use_cases.appointments import find_appointments
from tests.unit.front_desk import TOMORROW, Caller, FrontDesk

EARLY, LATE = TOMORROW, TOMORROW + 180
MONTHS = 90 * 86_400.0


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def forget_bookings(front: FrontDesk) -> None:
    """Months later the bookings are gone, with all that belongs to them; deliveries and calls are still there."""
    front.clock.time += MONTHS
    front.dynamodb.expire_ttl(front.clock.now(), 0.0, which=lambda key: "#B#" in key[0])
    assert front.bookings() == []


def test_what_a_call_showed_and_the_table_forgot_is_on_no_list(front: FrontDesk, ada: Caller) -> None:
    ada.book(EARLY)
    forget_bookings(front)

    assert ada._use(find_appointments).status is Status.NONE_FOUND


def test_the_handle_of_a_forgotten_booking_means_nothing(front: FrontDesk, ada: Caller) -> None:
    handle = ada.book(EARLY).fields["appointment"]
    assert isinstance(handle, str)
    forget_bookings(front)

    assert ada.cancel(handle).status is Status.NEEDS_VERIFICATION


def test_a_forgotten_hold_is_in_nobodys_way(front: FrontDesk, ada: Caller) -> None:
    ada.hold(EARLY)
    forget_bookings(front)

    assert ada.book(LATE + int(MONTHS // 60)).status is Status.CONFIRMED
