"""What every step of driving a booking is built from."""

from __future__ import annotations

from dataclasses import replace

from slotline.domain.bookings import Booking
from slotline.use_cases.drive_context import Context
from tests.unit.front_desk import TOMORROW, Caller, FrontDesk


def booked(service: str) -> tuple[Context, Booking]:
    front = FrontDesk()
    Caller(front).book(TOMORROW, service=service, staff="ana" if service == "massage" else None)
    (booking,) = front.bookings()
    return front.driver(caller_waits=True).context, booking


def test_who_of_our_staff_serves_stands_in_the_event_by_name() -> None:
    context, booking = booked("massage")

    assert context.wish(booking).host == "Ana"


def test_somebody_who_left_the_configuration_is_not_named() -> None:
    context, booking = booked("massage")

    assert context.wish(replace(booking, staff=("zoe",))).host is None


def test_a_name_of_our_staff_never_chooses_a_host_of_an_event_type() -> None:
    """Such a provider takes ids of its own users; a booking may be older than the file that gave its service one."""
    context, booking = booked("visit")

    assert context.wish(booking).host is None
    assert context.wish(replace(booking, staff=("ana",))).host is None
