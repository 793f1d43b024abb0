"""Who can serve: fixed hosts, a pool, groups, and calendars that are only looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotline.domain.bookings import Booking, State, Times
from slotline.domain.business import Business, Calendar, Service, StaffMember, StaffRule
from slotline.domain.errors import UnclearError
from slotline.domain.proofs import resource_id
from slotline.domain.seating import member_named, pool_of, seatings, who_serves

CALENDARS = ("ana", "ben", "cleo", "left", "right", "private")


def clinic(rule: StaffRule, **staff: StaffMember) -> tuple[Business, Service]:
    people = {key: StaffMember(key, key.title(), key) for key in CALENDARS} | staff
    service = Service("cleaning", "Cleaning", 30, staff=rule)
    business = Business(
        key="clinic",
        name="Clinic",
        time_zone="UTC",
        locale="en-US",
        calendars={name: Calendar(name, "builtin") for name in CALENDARS},
        services={service.key: service},
        agents={},
        staff=people,
    )
    return business, service


def crews(rule: StaffRule, *, crew: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    return [way.staff for way in seatings(*clinic(rule), crew=crew)]


def test_one_of_the_pool_serves_with_everybody_fixed() -> None:
    assert crews(StaffRule(pool=("ana", "ben"), fixed=("left",))) == [("ana", "left"), ("ben", "left")]
    assert crews(StaffRule(fixed=("ana", "left"))) == [("ana", "left")]


def test_one_of_each_group_serves() -> None:
    rule = StaffRule(groups=(("ana", "ben"), ("left", "right")), fixed=("cleo",))

    assert crews(rule) == [
        ("ana", "left", "cleo"),
        ("ana", "right", "cleo"),
        ("ben", "left", "cleo"),
        ("ben", "right", "cleo"),
    ]
    assert crews(rule, crew=("ben",)) == [("ben", "left", "cleo"), ("ben", "right", "cleo")]
    assert crews(rule, crew=("right", "ana", "cleo")) == [("ana", "right", "cleo")]
    assert pool_of(clinic(rule)[1]) == ("ana", "ben", "left", "right")


def test_a_pool_is_the_first_of_the_groups() -> None:
    assert crews(StaffRule(pool=("ana",), groups=(("left", "right"),))) == [("ana", "left"), ("ana", "right")]


def test_nobody_stands_in_for_two() -> None:
    assert crews(StaffRule(groups=(("ana", "ben"), ("ana", "ben")))) == [("ana", "ben"), ("ben", "ana")]


def test_everybodys_calendar_is_locked_and_named_once() -> None:
    rule = StaffRule(pool=("ana",), fixed=("ben",))
    (way,) = seatings(*clinic(rule, ben=StaffMember("ben", "Ben", "ana")))

    assert [calendar.name for calendar in way.calendars] == ["ana"]
    assert way.resources == (resource_id("clinic", "ana"),)
    assert (way.staff, way.chosen) == (("ana", "ben"), 1)


def test_further_calendars_are_watched_and_not_locked() -> None:
    ana = StaffMember("ana", "Ana", "ana", also_busy=("private", "left"))
    (way,) = seatings(*clinic(StaffRule(pool=("ana",), fixed=("left",)), ana=ana))

    assert [calendar.name for calendar in way.watched] == ["private"]
    assert [calendar.name for calendar in way.calendars] == ["ana", "left"]


def test_a_caller_may_choose_among_all_groups() -> None:
    business, service = clinic(StaffRule(groups=(("ana", "ben"), ("left", "right")), fixed=("cleo",)))

    assert member_named(business, service, "RIGHT") == "right"
    with pytest.raises(UnclearError):
        member_named(business, service, "Cleo")


def test_a_caller_hears_of_those_who_were_chosen_or_of_whom_the_provider_named() -> None:
    business, service = clinic(StaffRule(groups=(("ana", "ben"), ("left", "right")), fixed=("cleo",)))
    times = Times.of(0, minutes=30)
    booking = Booking(
        "b1", 1, State.BOOKED, service.key, "ana", (), times, "caller", "intent", "front", staff=("ben", "left", "cleo")
    )

    assert who_serves(business, booking) == ["Ben", "Left"]
    assert who_serves(business, replace(booking, host="Dr. Ko")) == ["Dr. Ko"]
    assert who_serves(business, replace(booking, staff=("gone",))) == []
    assert who_serves(business, replace(booking, service="gone")) == ["Ben"]
