"""What is offered: how long answers are remembered, who takes a seat, who is watched, and whose own time counts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from slotline.domain.business import StaffMember, StaffRule
from slotline.domain.calls import Status
from slotline.domain.errors import ConfigError, NotExecutedError
from slotline.domain.time import Interval
from slotline.use_cases.calendar_reading import MOST_LOOKS
from slotline.use_cases.drive_context import Context
from slotline.use_cases.openings import REMEMBERED_SECONDS, Openings
from tests.unit.busy_desk import BUSY, EARLY, HOUR, LATE, BusyDesk
from tests.unit.front_desk import Caller, failing, meanwhile

DEADLINE = 6.0


class Office:
    """One process that lives on from question to question, and remembers."""

    def __init__(self, front: BusyDesk) -> None:
        self.front = front
        context: Context = front.driver(caller_waits=True).context
        self.openings: Openings = context.openings

    def free(self, service: str, *, fresh: bool = False, own: str | None = None, moving: str | None = None) -> set[int]:
        front = self.front
        opening = self.openings.find(
            front.business,
            front.business.services[service],
            store=front.store,
            calendars=front,
            deadline=front.clock.now() + DEADLINE,
            fresh=fresh,
            own=own,
            moving=moving,
        )
        return set(opening.starts)


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def office(front: BusyDesk) -> Office:
    return Office(front)


# --- what is remembered ----------------------------------------------------------------------------------------------


def test_the_calendar_is_asked_once_while_nothing_changes(front: BusyDesk, office: Office) -> None:
    for _ in range(10):
        office.free("talk")
        front.clock.sleep(1)

    assert front.room.count("look") == 1


def test_an_old_answer_is_asked_for_anew(front: BusyDesk, office: Office) -> None:
    office.free("talk")
    front.clock.sleep(REMEMBERED_SECONDS + 1)

    office.free("talk")

    assert front.room.count("look") == 2


def test_what_a_calendar_told_of_is_seen_by_every_process(front: BusyDesk, office: Office) -> None:
    assert EARLY in office.free("talk")
    front.clock.sleep(1)
    front.room.stranger(EARLY, EARLY + HOUR)
    front.hint("room", event="stranger")  # heeded by another process

    assert EARLY not in office.free("talk")
    office.free("talk")
    assert front.room.count("look") == 2


def test_a_change_that_was_seen_already_costs_nothing(front: BusyDesk, office: Office) -> None:
    front.hint("room", event="stranger")
    front.clock.sleep(1)

    for _ in range(3):
        office.free("talk")

    assert front.room.count("look") == 1


def test_a_change_elsewhere_costs_nothing(front: BusyDesk, office: Office) -> None:
    office.free("talk")
    front.clock.sleep(1)
    front.hint("hall", event="stranger")

    office.free("talk")

    assert front.room.count("look") == 1


def test_only_the_calendar_that_changed_is_asked_anew(front: BusyDesk, office: Office) -> None:
    office.free("trio")
    front.clock.sleep(1)
    front.hint("ben", event="stranger")

    office.free("trio")

    assert [front.busy[name].count("look") for name in ("ana", "ben", "cleo")] == [1, 2, 1]


def test_a_question_that_nobody_answered_makes_no_answer_newer(front: BusyDesk, office: Office) -> None:
    office.free("talk")
    front.clock.sleep(REMEMBERED_SECONDS + 1)
    front.room.stranger(EARLY, EARLY + HOUR)
    front.room.plan("look", failing(NotExecutedError("429")))
    with pytest.raises(NotExecutedError):
        office.free("talk")

    assert EARLY not in office.free("talk")


def test_our_own_locks_are_never_remembered(front: BusyDesk, office: Office) -> None:
    assert EARLY in office.free("talk")
    Caller(front).hold(EARLY, service="talk")

    assert EARLY not in office.free("talk")


def test_a_mark_is_no_day(front: BusyDesk, office: Office) -> None:
    Caller(front).hold(EARLY, service="talk")
    front.hint("room", event="stranger")

    assert EARLY not in office.free("talk")


# --- seats -----------------------------------------------------------------------------------------------------------


def test_our_own_events_take_one_seat_each(front: BusyDesk, office: Office) -> None:
    Caller(front).book(EARLY, service="yoga")
    assert EARLY in office.free("yoga", fresh=True)

    front.clock.sleep(1)
    Caller(front, number="+14155550188", call="c2").book(EARLY, service="yoga")

    assert EARLY not in office.free("yoga", fresh=True)
    assert Caller(front, number="+14155550199", call="c3").book(EARLY, service="yoga").status is Status.UNAVAILABLE


def test_one_of_ours_that_came_and_went_between_the_answers_is_no_stranger(front: BusyDesk, office: Office) -> None:
    hall = front.busy["hall"]
    hall.plan("look", meanwhile(lambda: hall.stranger(EARLY, EARLY + HOUR, event_id="ours", tag="b1")))
    hall.plan("events", meanwhile(lambda: None), meanwhile(lambda: hall.kept.pop("ours")))

    assert EARLY in office.free("yoga", fresh=True)


def test_nor_is_one_that_did_while_all_was_read_anew(front: BusyDesk, office: Office) -> None:
    hall = front.busy["hall"]

    def comes_and_goes(event_id: str, start: int) -> None:
        hall.plan("look", meanwhile(lambda: hall.stranger(start, start + HOUR, event_id=event_id, tag=event_id)))
        hall.plan("events", meanwhile(lambda: hall.kept.pop(event_id)))

    hall.plan("events", meanwhile(lambda: None))
    comes_and_goes("first", EARLY)
    comes_and_goes("second", LATE)

    assert {EARLY, LATE} <= office.free("yoga", fresh=True)


def test_a_calendar_that_says_something_else_each_time_is_not_asked_for_ever(front: BusyDesk, office: Office) -> None:
    hall = front.busy["hall"]

    def busy_at(start: int) -> None:
        hall.elsewhere = (Interval(start, start + HOUR),)

    hall.plan("look", *(meanwhile(partial(busy_at, EARLY + n * HOUR)) for n in range(20)))

    assert EARLY + (MOST_LOOKS - 1) * HOUR not in office.free("yoga", fresh=True)
    assert hall.count("look") == MOST_LOOKS


def test_what_lies_beside_the_slot_asks_no_second_question(front: BusyDesk) -> None:
    hall = front.busy["hall"]
    hall.elsewhere = (Interval(EARLY + HOUR, EARLY + 2 * HOUR),)

    assert Caller(front).hold(EARLY, service="yoga").status is Status.HELD
    assert hall.count("look") == 1


def test_a_strangers_event_takes_all_seats(front: BusyDesk, office: Office) -> None:
    front.busy["hall"].stranger(EARLY, EARLY + HOUR)

    free = office.free("yoga")

    assert EARLY not in free
    assert EARLY + HOUR in free


def test_an_absence_that_began_days_ago_takes_all_seats(front: BusyDesk, office: Office) -> None:
    front.busy["hall"].stranger(EARLY - 4 * 1440, EARLY + 2 * HOUR)

    assert EARLY not in office.free("yoga")


def test_one_seat_is_taken_by_any_event(front: BusyDesk, office: Office) -> None:
    Caller(front).book(EARLY, service="talk")

    assert EARLY not in office.free("talk", fresh=True)


def test_further_calendars_of_the_account_block_a_class_and_a_move_too(front: BusyDesk, office: Office) -> None:
    Caller(front).book(EARLY, service="yoga")
    booking = front.only()
    front.busy["hall"].elsewhere = (Interval(EARLY + 2 * HOUR, EARLY + 3 * HOUR),)

    assert EARLY + 2 * HOUR not in office.free("yoga", fresh=True)
    assert EARLY in office.free("yoga", fresh=True)
    assert EARLY + 2 * HOUR not in office.free("yoga", own=booking.id, moving=booking.provider_id)


# --- one's own time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["talk", "yoga"])
def test_the_time_of_the_booking_that_is_moved_counts_as_free(front: BusyDesk, office: Office, service: str) -> None:
    Caller(front).book(EARLY, service=service)
    booking = front.only()

    free = office.free(service, own=booking.id, moving=booking.provider_id)

    assert {EARLY, EARLY + 15, EARLY - 15} <= free


def test_nobody_elses_does(front: BusyDesk, office: Office) -> None:
    Caller(front).book(EARLY, service="talk")
    Caller(front, number="+14155550188", call="c2").book(LATE, service="talk")
    mine, other = front.bookings()

    free = office.free("talk", own=mine.id, moving=mine.provider_id)

    assert EARLY in free
    assert LATE not in free
    assert other.times.span.start == LATE


def test_a_question_about_a_move_is_not_remembered_for_others(front: BusyDesk, office: Office) -> None:
    Caller(front).book(EARLY, service="talk")
    booking = front.only()
    assert EARLY in office.free("talk", own=booking.id, moving=booking.provider_id)

    assert EARLY not in office.free("talk")


# --- calendars that are only looked at -------------------------------------------------------------------------------


def watching(*names: str) -> BusyDesk:
    staff = {**BUSY.staff, "ana": StaffMember("ana", "Ana", "ana", also_busy=names)}
    services = {**BUSY.services, "solo": replace(BUSY.services["solo"], staff=StaffRule(pool=("ana", "ben")))}
    return BusyDesk(replace(BUSY, staff=staff, services=services))


def test_who_is_busy_at_home_is_not_offered() -> None:
    front = watching("home")
    front.busy["home"].stranger(EARLY, EARLY + HOUR)
    front.busy["ben"].stranger(EARLY + 30, EARLY + 3 * HOUR)

    free = Office(front).free("solo")

    assert not free & {EARLY, EARLY + 15, EARLY + 45}
    assert EARLY + HOUR in free  # Ana is back


def test_a_colleague_serves_instead() -> None:
    front = watching("home")
    front.busy["home"].stranger(EARLY, EARLY + HOUR)

    assert EARLY in Office(front).free("solo")


def test_nothing_is_written_where_one_only_looks() -> None:
    front = watching("home")
    Caller(front).book(EARLY, service="solo", staff="ana")
    front.after(120)

    assert front.busy["home"].kept == {}
    assert front.only().copies == ()
    assert len([row for row in front.rows().values() if "iv" in row]) == 1


def test_a_change_at_home_is_seen_by_every_process() -> None:
    front = watching("home")
    office = Office(front)
    front.busy["ben"].stranger(EARLY, EARLY + HOUR)
    assert EARLY in office.free("solo")
    front.clock.sleep(1)
    front.busy["home"].stranger(EARLY, EARLY + HOUR)

    front.hint("home", event="stranger")

    assert EARLY not in office.free("solo")


def test_a_calendar_that_cannot_say_when_it_is_busy_cannot_be_watched() -> None:
    with pytest.raises(ConfigError, match="also_busy: main"):
        Office(watching("main")).free("solo")
