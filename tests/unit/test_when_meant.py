"""A caller's words in the tools: their own appointment, opening hours, days left out, both readings said aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.business import Calendar, IdentityLevel, OpeningHours
from slotline.domain.calls import Status
from slotline.domain.time import local, minute_of
from slotline.use_cases.availability import check_availability
from slotline.use_cases.booking import book_appointment
from tests.unit.front_desk import HARBOR, NOW, Caller, FrontDesk

if TYPE_CHECKING:
    from slotline.domain.calls import ToolReply

ZONE = ZoneInfo("America/New_York")  # the clock of the desk, noon UTC, is seven in the morning there
TODAY = datetime.fromtimestamp(NOW, ZONE).date()  # a Monday
WORKDAY, LATE_DAY, CLOSED = ((9 * 60, 18 * 60),), ((7 * 60, 21 * 60),), ()
HOURS = OpeningHours(week=(WORKDAY, WORKDAY, WORKDAY, LATE_DAY, WORKDAY, CLOSED, CLOSED))


def business(*, locale: str = "en-US", hours: OpeningHours | None = HOURS, look_up: IdentityLevel | None = None) -> Any:
    calendars = {name: Calendar(name, "builtin", hours=hours) for name in ("ana", "ben")}
    return replace(
        HARBOR,
        time_zone=ZONE.key,
        locale=locale,
        calendars={**HARBOR.calendars, **calendars},
        look_up=look_up or HARBOR.look_up,
    )


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk(business())


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    return Caller(front)


def at(days: int, hour: int, minute: int = 0) -> int:
    """The epoch minute of a local time so many days from today."""
    day = TODAY + timedelta(days=days)
    return minute_of(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE))


def ask(caller: Caller, **args: Any) -> ToolReply:
    return caller._use(check_availability, service="massage", **args)


def starts(reply: ToolReply) -> list[datetime]:
    slots: Any = reply.fields["slots"]
    return [datetime.fromisoformat(slot["start"]).astimezone(ZONE) for slot in slots]


def weekdays_offered(caller: Caller, when: str) -> set[int]:
    """The weekdays of what is offered, asked for again and again."""
    found = set[int]()
    for more in (False, True):
        reply = ask(caller, when=when, more=more)
        assert reply.status is Status.AVAILABLE, reply
        found |= {start.weekday() for start in starts(reply)}
    return found


def test_any_day_but_one_leaves_that_one_out(ada: Caller) -> None:
    assert 1 in weekdays_offered(ada, "this week")
    assert weekdays_offered(ada, "any day but Tuesday").isdisjoint({1})
    assert weekdays_offered(ada, "Tuesday or Thursday") == {1, 3}
    assert weekdays_offered(ada, "next week but not Monday or Tuesday").isdisjoint({0, 1})


@pytest.mark.parametrize("when", ["later than my appointment", "after my appointment"])
def test_later_than_my_appointment_is_strictly_later(ada: Caller, when: str) -> None:
    ada.book(at(2, 10), service="massage")

    for args in ({"when": when}, {"after": when}, {"when": "this week", "after": "my appointment"}):
        reply = ask(ada, **args)
        assert reply.status is Status.AVAILABLE
        assert min(starts(reply)) > datetime.fromtimestamp(at(2, 10) * 60, ZONE)


def test_earlier_than_my_appointment_is_strictly_earlier(ada: Caller) -> None:
    ada.book(at(2, 10), service="massage")

    for more in (False, True):
        assert max(starts(ask(ada, when="before my appointment", more=more))).timestamp() < at(2, 10) * 60


def test_the_day_of_my_appointment_and_a_week_after_it(ada: Caller) -> None:
    ada.book(at(2, 10), service="massage")

    same = starts(ask(ada, when="the same day as my appointment"))
    later = starts(ask(ada, when="a week after my appointment"))

    assert {start.date() for start in same} == {TODAY + timedelta(days=2)}
    assert {start.date() for start in later} == {TODAY + timedelta(days=9)}


def test_nobody_learns_of_an_appointment_that_is_not_theirs(front: FrontDesk, ada: Caller) -> None:
    ada.book(at(2, 10), service="massage")
    stranger = Caller(front, number="+14155550199", call="c2")
    nobody = Caller(front, number=None, call=None)

    for caller in (stranger, nobody):
        reply = ask(caller, when="after my appointment")
        assert (reply.status, "slots" in reply.fields) == (Status.CLARIFY, False)
        assert reply.message.startswith("Which day")


def test_where_a_number_is_not_proof_enough_the_appointment_stays_unsaid() -> None:
    front = FrontDesk(business(look_up=IdentityLevel.SMS_CODE))
    ada = Caller(front)
    ada.book(at(2, 10), service="massage")

    assert ask(ada, when="after my appointment").message.startswith("Which day")


def test_of_two_appointments_it_is_asked_which_one(ada: Caller) -> None:
    ada.book(at(2, 10), service="massage")
    Caller(ada.front, call="c2").book(at(3, 15), service="massage")

    reply = ask(ada, when="after my appointment")

    assert reply.status is Status.CLARIFY
    assert "Wednesday" in reply.message
    assert "Thursday" in reply.message


def test_asking_about_ones_appointment_writes_nothing(ada: Caller) -> None:
    ada.book(at(2, 10), service="massage")
    before = ada.front.rows()

    ask(ada, when="after my appointment")

    assert ada.front.rows() == before


def test_opening_hours_decide_between_morning_and_evening(ada: Caller) -> None:
    assert starts(ask(ada, when="Tuesday at 5"))[0].hour == 17
    assert starts(ask(ada, when="Tuesday after 2"))[0].hour >= 14
    assert starts(ask(ada, when="Tuesday at 10"))[0].hour == 10


@pytest.mark.parametrize(
    ("locale", "when", "said"),
    [
        ("en-US", "Thursday at 8", ("8:00 AM", "8:00 PM")),
        ("de-DE", "Donnerstag um acht", ("8:00 Uhr", "20:00 Uhr")),
        ("es-ES", "el jueves a las ocho", ("8:00", "20:00")),
        ("fr-FR", "jeudi à huit heures", ("8 h", "20 h")),
    ],
)
def test_two_readings_of_a_time_are_both_said_aloud(locale: str, when: str, said: tuple[str, str]) -> None:
    reply = ask(Caller(FrontDesk(business(locale=locale))), when=when)

    assert reply.status is Status.CLARIFY
    assert all(time in reply.message for time in said), reply.message
    assert reply.message.endswith("?")


def test_two_readings_of_a_day_are_both_said_aloud(ada: Caller) -> None:
    reply = ask(ada, when="Monday")

    assert reply.status is Status.CLARIFY
    today, later = TODAY, TODAY + timedelta(days=7)
    assert f"{today:%B} {today.day}" in reply.message
    assert f"{later:%B} {later.day}" in reply.message


def test_a_wrong_year_is_repaired_by_asking(ada: Caller) -> None:
    soon = TODAY + timedelta(days=9)

    reply = ask(ada, when=soon.replace(year=soon.year - 1).isoformat())

    assert reply.status is Status.CLARIFY
    assert f"{soon:%B} {soon.day}" in reply.message


def test_a_bare_hour_to_book_is_read_by_the_hours_of_that_day(ada: Caller) -> None:
    tuesday, thursday = ((TODAY + timedelta(days=days)).isoformat() for days in (1, 3))

    def book(date: str, time: str) -> ToolReply:
        return ada._use(book_appointment, service="massage", date=date, time=time, name="Ada Byron")

    unclear = book(thursday, "8")
    assert unclear.status is not Status.CONFIRMED
    assert "8:00 AM" in unclear.message
    assert "8:00 PM" in unclear.message
    slip = book(tuesday, "3")
    assert slip.status is not Status.CONFIRMED
    assert "3:00 AM" in slip.message
    assert "3:00 PM" in slip.message
    assert book(tuesday, "at three").status is Status.CONFIRMED
    (booking,) = ada.front.bookings()
    assert local(booking.times.span.start, ZONE).hour == 15


def test_without_known_hours_custom_decides() -> None:
    unknown = replace(HARBOR.calendars["main"], hours=None)
    front = FrontDesk(replace(HARBOR, time_zone=ZONE.key, calendars={**HARBOR.calendars, "main": unknown}))
    reply = Caller(front)._use(check_availability, service="visit", when="tomorrow at 3")

    assert starts(reply)[0].hour == 15
