"""Who gets how much over a thousand bookings, made one after another through the tool that callers use."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.business import OpeningHours, StaffRule
from slotline.domain.calls import Status
from slotline.domain.time import local
from slotline.use_cases.openings import booking_window
from tests.unit.busy_desk import BUSY, BusyDesk
from tests.unit.front_desk import TOMORROW, Caller

MANY = 1000
DAY = 1440


def desk(rule: StaffRule, *, own: bool = True, **traits: dict[str, Any]) -> BusyDesk:
    staff = {key: replace(member, **traits.get(key, {})) for key, member in BUSY.staff.items()}
    calendars = {
        name: replace(calendar, provider="builtin") if own and name in BUSY.staff else calendar
        for name, calendar in BUSY.calendars.items()
    }
    services = {**BUSY.services, "solo": replace(BUSY.services["solo"], minutes=30, staff=rule)}
    return BusyDesk(replace(BUSY, staff=staff, calendars=calendars, services=services))


def shares(front: BusyDesk, *, many: int = MANY) -> Counter[str]:
    """One booking after another, never two at one time, so that everybody is always free."""
    for number in range(many):
        caller = Caller(front, number=f"+1415556{number:04d}", call=f"c{number}")
        assert caller.book(TOMORROW + 30 * number, service="solo").status is Status.CONFIRMED
        front.clock.sleep(0.25)
    return Counter(booking.staff[0] for booking in front.bookings())


def test_the_highest_priority_gets_everything_while_they_are_free() -> None:
    front = desk(StaffRule(pool=("ana", "ben", "cleo"), pick="priority"), ben={"priority": 10}, cleo={"priority": 5})

    assert shares(front) == {"ben": MANY}


def test_the_next_priority_is_asked_when_the_first_is_taken() -> None:
    front = desk(StaffRule(pool=("ana", "ben", "cleo"), pick="priority"), ben={"priority": 10}, cleo={"priority": 5})
    for number in range(3):
        Caller(front, number=f"+1415555018{number}", call=f"c{number}").book(TOMORROW, service="solo")

    assert [booking.staff for booking in front.bookings()] == [("ben",), ("cleo",), ("ana",)]
    late = Caller(front, number="+14155550199", call="c9").book(TOMORROW, service="solo")
    assert late.status is Status.UNAVAILABLE


def test_weights_are_kept_to_within_two_in_a_hundred() -> None:
    front = desk(
        StaffRule(pool=("ana", "ben", "cleo"), pick="weighted"),
        ana={"weight": 200},
        ben={"weight": 50},
        cleo={"weight": 150},
    )

    found = shares(front)

    for key, weight in (("ana", 200), ("ben", 50), ("cleo", 150)):
        assert abs(found[key] / MANY - weight / 400) <= 0.02, found


def test_the_least_recently_booked_are_exactly_even() -> None:
    front = desk(StaffRule(pool=("ana", "ben", "cleo"), pick="least_recent"))

    assert sorted(shares(front, many=999).values()) == [333, 333, 333]


def test_every_round_of_the_least_recent_holds_everybody_once() -> None:
    front = desk(StaffRule(pool=("ana", "ben", "cleo"), pick="least_recent"))
    shares(front, many=60)

    order = [booking.staff[0] for booking in front.bookings()]
    assert all(len({*order[at : at + 3]}) == 3 for at in range(0, 60, 3))


def test_calendars_of_providers_are_shared_by_the_same_rules() -> None:
    front = desk(StaffRule(pool=("ana", "ben"), pick="least_recent"), own=False)

    assert shares(front, many=40) == {"ana": 20, "ben": 20}


def test_who_was_asked_for_is_counted_too() -> None:
    front = desk(StaffRule(pool=("ana", "ben"), pick="least_recent"))
    asked = Caller(front, number="+14155550199", call="c9")
    asked.book(TOMORROW - 120, service="solo", staff="ana")
    front.clock.sleep(1)

    Caller(front).book(TOMORROW - 60, service="solo")

    assert [booking.staff for booking in front.bookings()] == [("ana",), ("ben",)]


def test_nobody_is_booked_into_a_block_out() -> None:
    """Ana is at the dentist the whole of tomorrow, whatever was offered before she said so."""
    front = desk(StaffRule(pool=("ana", "ben"), pick="priority"), ana={"priority": 10})
    start = local(TOMORROW, front.business.zone).replace(tzinfo=None)
    end = local(TOMORROW + DAY, front.business.zone).replace(tzinfo=None)
    hours = replace(front.business.calendars["ana"].hours or OpeningHours(()), blocked=((start, end),))
    calendars = {**front.business.calendars, "ana": replace(front.business.calendars["ana"], hours=hours)}
    front.business = replace(front.business, calendars=calendars)

    Caller(front).book(TOMORROW, service="solo")
    Caller(front, number="+14155550188", call="c2").book(TOMORROW - 30, service="solo")
    refused = Caller(front, number="+14155550199", call="c3").book(TOMORROW + 30, service="solo", staff="ana")

    assert [booking.staff for booking in front.bookings()] == [("ben",), ("ana",)]
    assert refused.status is Status.UNAVAILABLE


@pytest.mark.parametrize("length", [30, 45])
def test_a_block_out_is_not_offered(length: int) -> None:
    front = desk(StaffRule(pool=("ana",)))
    hours = front.business.calendars["ana"].hours or OpeningHours(())
    start = local(TOMORROW, front.business.zone).replace(tzinfo=None)
    blocked = ((start, local(TOMORROW + length, front.business.zone).replace(tzinfo=None)),)
    calendars = {
        **front.business.calendars,
        "ana": replace(front.business.calendars["ana"], hours=replace(hours, blocked=blocked)),
    }
    front.business = replace(front.business, calendars=calendars)
    desk_ = front.desk()

    starts = desk_.opening(front.business.services["solo"], deadline=front.clock.now() + 6).starts

    window = booking_window(front.business, front.business.services["solo"], now=front.clock.now())
    assert window is not None
    assert TOMORROW - 30 in starts
    assert not [at for at in starts if TOMORROW - 30 < at < TOMORROW + length]
    assert TOMORROW + length in starts
