"""The last look before a slot is taken: what became of an offer meanwhile, and who serves when somebody cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from slotline.domain.bookings import State
from slotline.domain.business import OpeningHours, StaffMember
from slotline.domain.calls import Status
from slotline.domain.errors import ConfigError, NotExecutedError, SetupError
from slotline.domain.time import Interval
from tests.unit.busy_desk import BUSY, EARLY, HOUR, LATE, PEOPLE, BusyDesk
from tests.unit.front_desk import Caller, failing, meanwhile

UNREACHABLE = NotExecutedError("503")
OUT_OF_TIME = NotExecutedError("no time left to ask", retry_after=1.0)
NEVER = OpeningHours(week=tuple(() for _ in range(7)))


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def test_an_offer_that_a_person_took_meanwhile_is_not_written_over(front: BusyDesk, ada: Caller) -> None:
    front.room.stranger(EARLY, EARLY + HOUR)

    reply = ada.book(EARLY, service="talk")

    assert (reply.status, front.bookings(), front.room.count("create")) == (Status.UNAVAILABLE, [], 0)
    assert reply.fields["slots"]


def test_it_is_not_held_either(front: BusyDesk, ada: Caller) -> None:
    front.room.stranger(EARLY + 30, EARLY + HOUR)

    assert ada.hold(EARLY, service="talk").status is Status.UNAVAILABLE
    assert front.locks() == {}


def test_buffers_are_looked_at_too(front: BusyDesk, ada: Caller) -> None:
    talk = replace(front.business.services["talk"], before_minutes=15)
    front.business = replace(front.business, services={**front.business.services, "talk": talk})
    front.room.stranger(EARLY - 10, EARLY)

    assert ada.book(EARLY, service="talk").status is Status.UNAVAILABLE


def test_a_held_slot_is_looked_at_again_and_let_go(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY, service="talk")
    front.room.stranger(EARLY, EARLY + HOUR)

    assert ada.book(EARLY, service="talk").status is Status.UNAVAILABLE
    assert front.only().state is State.EXPIRED
    assert (front.locks(), front.room.count("create")) == ({}, 0)


def test_a_held_slot_that_is_free_yet_is_booked(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY, service="talk")

    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED


def test_the_event_of_a_delivery_that_was_faster_is_no_stranger(front: BusyDesk, ada: Caller) -> None:
    """Two deliveries of one wish: while the slower one looks, the faster one books."""
    ada.hold(EARLY, service="talk")
    front.room.plan("look", meanwhile(lambda: ada.book(EARLY, service="talk")))

    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED
    assert front.only().state is State.BOOKED


@pytest.mark.parametrize("by_words", [True, False])
def test_nor_where_nothing_was_held(front: BusyDesk, ada: Caller, *, by_words: bool) -> None:
    again = ada.book_at if by_words else ada.book
    front.room.plan("look", meanwhile(lambda: ada.book(EARLY, service="talk")))

    assert again(EARLY, service="talk").status is Status.CONFIRMED
    assert front.only().state is State.BOOKED


def test_an_appointment_is_not_moved_onto_a_person(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    front.room.stranger(LATE, LATE + HOUR)

    assert ada.move(LATE, service="talk").status is Status.UNAVAILABLE
    assert front.locks() == {front.only().id: (EARLY, EARLY + HOUR)}
    assert front.room.count("move") == 0


@pytest.mark.parametrize("problem", [UNREACHABLE, SetupError("403")])
def test_what_cannot_be_read_is_left_to_the_write(front: BusyDesk, ada: Caller, problem: Exception) -> None:
    front.room.plan("look", failing(problem))
    assert ada.book(EARLY, service="talk").status is Status.CONFIRMED

    front.room.plan("look", failing(problem))
    assert ada.move(LATE, service="talk").status is Status.CONFIRMED


def test_who_refuses_what_is_taken_is_not_asked_before(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY)
    ada.book(EARLY)
    ada.move(LATE)

    assert front.calendar.count("look") == 0


# --- several who can serve -------------------------------------------------------------------------------------------


def busy(front: BusyDesk, *names: str) -> None:
    for name in names:
        front.busy[name].stranger(EARLY, EARLY + HOUR)


@pytest.mark.parametrize("by_words", [True, False])
@pytest.mark.parametrize("free", PEOPLE)
def test_somebody_who_is_free_serves(front: BusyDesk, ada: Caller, free: str, *, by_words: bool) -> None:
    busy(front, *(name for name in PEOPLE if name != free))

    reply = (ada.book_at if by_words else ada.book)(EARLY, service="solo")

    assert (reply.status, front.only().staff) == (Status.CONFIRMED, (free,))


@pytest.mark.parametrize("free", PEOPLE)
def test_the_same_for_a_hold(front: BusyDesk, ada: Caller, free: str) -> None:
    busy(front, *(name for name in PEOPLE if name != free))

    assert ada.hold(EARLY, service="solo").status is Status.HELD
    assert front.only().staff == (free,)


def test_nobody_free_is_a_no_without_a_write(front: BusyDesk, ada: Caller) -> None:
    busy(front, *PEOPLE)

    assert ada.book(EARLY, service="solo").status is Status.UNAVAILABLE
    assert front.bookings() == []


def test_only_as_many_are_looked_at_as_it_takes(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="solo")

    assert sum(front.busy[name].count("look") for name in PEOPLE) == 1


def test_whose_calendar_cannot_be_read_comes_last(front: BusyDesk, ada: Caller) -> None:
    for name in PEOPLE[:2]:
        front.busy[name].plan("look", *[failing(UNREACHABLE)] * 2)

    ada.book(EARLY, service="solo")

    assert front.only().staff == PEOPLE[2:]


def test_everybody_of_a_group_must_be_free(front: BusyDesk, ada: Caller) -> None:
    busy(front, "cleo")

    assert ada.book(EARLY, service="trio").status is Status.UNAVAILABLE
    assert front.locks() == {}


def test_a_calendar_that_is_only_watched_is_looked_at(front: BusyDesk, ada: Caller) -> None:
    staff = {**BUSY.staff, "ana": StaffMember("ana", "Ana", "ana", also_busy=("home",))}
    front.business = replace(front.business, staff=staff)
    front.busy["home"].elsewhere = (Interval(EARLY, EARLY + 15),)

    assert ada.book(EARLY, service="solo", staff="ana").status is Status.UNAVAILABLE


def test_a_member_beside_the_one_held_serves_when_that_one_became_busy(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY, service="solo")
    front.busy[front.only().staff[0]].stranger(EARLY, EARLY + HOUR)

    assert ada.book(EARLY, service="solo").status is Status.CONFIRMED


def test_who_left_the_service_moves_nowhere(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="solo")
    solo = front.business.services["solo"]
    assert solo.staff
    rule = replace(solo.staff, pool=tuple(name for name in PEOPLE if (name,) != front.only().staff))
    front.business = replace(front.business, services={**front.business.services, "solo": replace(solo, staff=rule)})

    assert ada.move_at(LATE).status is Status.UNAVAILABLE


# --- calendars that cannot be read -----------------------------------------------------------------------------------


def off_work(front: BusyDesk, *names: str) -> None:
    off = {name: replace(front.business.calendars[name], hours=NEVER) for name in names}
    front.business = replace(front.business, calendars={**front.business.calendars, **off})


@pytest.mark.parametrize("tool", ["hold", "book"])
def test_what_a_colleague_tells_counts_when_another_cannot_be_read(front: BusyDesk, ada: Caller, tool: str) -> None:
    front.busy["ben"].stranger(EARLY, EARLY + HOUR)
    front.busy["cleo"].plan("look", failing(UNREACHABLE))

    assert getattr(ada, tool)(EARLY, service="trio").status is Status.UNAVAILABLE


def test_so_does_what_a_watched_calendar_tells(front: BusyDesk, ada: Caller) -> None:
    staff = {**BUSY.staff, "ana": StaffMember("ana", "Ana", "ana", also_busy=("home",))}
    front.business = replace(front.business, staff=staff)
    front.busy["home"].elsewhere = (Interval(EARLY, EARLY + 15),)
    front.busy["ana"].plan("look", failing(UNREACHABLE))

    assert ada.book(EARLY, service="solo", staff="ana").status is Status.UNAVAILABLE


@pytest.mark.parametrize("tool", ["hold", "book"])
def test_nobody_serves_outside_their_hours(front: BusyDesk, ada: Caller, tool: str) -> None:
    off_work(front, "ben", "cleo")
    front.busy["ana"].stranger(EARLY, EARLY + HOUR)
    front.busy["ben"].plan("look", failing(UNREACHABLE))

    assert getattr(ada, tool)(EARLY, service="solo").status is Status.UNAVAILABLE


def test_whose_secret_is_gone_comes_last_too(front: BusyDesk, ada: Caller) -> None:
    for name in PEOPLE[:2]:
        front.busy[name].plan("look", failing(ConfigError(f"calendars.{name}.password: no such secret")))

    assert ada.book(EARLY, service="solo").status is Status.CONFIRMED
    assert front.only().staff == PEOPLE[2:]


# --- a look that takes all the time ----------------------------------------------------------------------------------


def slow(front: BusyDesk) -> Callable[[Callable[[], object]], object]:
    def hangs(_send: Callable[[], object]) -> object:
        front.clock.sleep(6.0)
        raise OUT_OF_TIME

    return hangs


def test_nobody_writes_later_over_what_stood_there_before(front: BusyDesk, ada: Caller) -> None:
    front.room.stranger(EARLY, EARLY + HOUR)
    front.room.plan("look", slow(front))
    front.room.plan("create", failing(OUT_OF_TIME))

    assert ada.book(EARLY, service="talk").status is Status.PENDING
    front.after(200)

    assert front.room.live() == [EARLY]
    assert front.only().state is State.REJECTED
    assert front.effects(front.only().id) == ["sms_failed"]


def test_nor_moves_there(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="talk")
    front.room.stranger(LATE, LATE + HOUR)
    front.room.plan("look", slow(front))
    front.room.plan("move", failing(OUT_OF_TIME))

    assert ada.move(LATE, service="talk").status is Status.PENDING
    front.after(200)

    booking = front.only()
    assert (booking.state, booking.times.span.start) == (State.BOOKED, EARLY)
    assert front.locks() == {booking.id: (EARLY, EARLY + HOUR)}
    assert "conflict" not in front.effects(booking.id)


# --- the nightly scan ------------------------------------------------------------------------------------------------


def test_a_hold_that_another_call_took_over_has_a_sound_history(front: BusyDesk, ada: Caller) -> None:
    ada.hold(EARLY, service="talk")
    again = Caller(front, call="again")
    again.hold(EARLY, service="talk")
    again.book(EARLY, service="talk")

    assert front.found() == []
