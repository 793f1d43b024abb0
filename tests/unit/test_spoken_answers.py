"""Every answer can be spoken: each sentence in each region with the longest values, each status at a desk at work."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.localedata import locale_identifiers

from slotline.adapters.language.spoken_times import BabelSpokenTimes
from slotline.bootstrap.tool_rooms import ROOMS
from slotline.domain.business import Business, Calendar, OfferShape, OpeningHours, Service, StaffMember, StaffRule
from slotline.domain.calls import CallContext, Status, ToolCall, ToolReply
from slotline.domain.catalogue import LANGUAGES, language
from slotline.domain.errors import InDoubtError, NotExecutedError
from slotline.domain.speech import LONGEST_NAME, attended, described, grouped_offers, listed, moment, say
from slotline.domain.time import minute_of
from slotline.use_cases.availability import LONGEST_STAFF
from tests.unit.front_desk import HARBOR, NOW, TOMORROW, FrontDesk, failing

SPOKEN = BabelSpokenTimes()
LOCALES = sorted(name for name in locale_identifiers() if name.partition("_")[0] in LANGUAGES)
UTC_ZONE = ZoneInfo("UTC")
A_YEAR = 2026  # an arbitrary one
NOWHERE_IN_SPEECH = {
    "a date for machines": r"\d{4}-\d{2}|\d{2}/\d{2}|\d:\d{2}:\d{2}|[+-]\d{2}:\d{2}|\dT\d",
    "an id": r"appt_|\b[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}\b|\b(?=\w*\d)(?=\w*[a-z])\w{12,}\b|event-\d",
    "a machine's word": r"\b\w+_\w+\b|\bnull\b|\bNone\b|\bTrue\b|\bFalse\b",
    "a placeholder": r"[{}\[\]<>]",
    "an address": r"https?:|www\.|\w@\w|\.\w{2,3}/",
    "markup": r"[*`#|\\]",
    "noon or midnight that half of all people mix up": r"(?i)(?<![\d:.])(?:0?0|12)(?:[:.]00)?\s?[ap]\.?\s?m\b",
    "two spaces": r"\s\s|^\s|\s$",
    "two stops": r"\.\.|,,|\?\?|\s[.,]",
}
HOURS_AND_HALVES = [(hour, minute) for hour in range(24) for minute in (0, 30)]


def check_speech(said: str) -> None:
    assert 0 < len(said) < 300, said
    assert len(said.splitlines()) == 1, said
    assert said.isprintable(), said
    assert {what for what, pattern in NOWHERE_IN_SPEECH.items() if re.search(pattern, said)} == set(), said


# --- every sentence --------------------------------------------------------------------------------------------------


def long_name(length: int) -> str:
    """With two spaces where a hurried owner put them."""
    return ("Wohlfühlbehandlung  " * 8)[:length].strip()


@cache
def longest_times(locale: str) -> tuple[list[str], list[str]]:
    """The three longest days, of different weekdays, and the three longest clock times of this region."""
    days: dict[int, str] = {}
    for month in range(1, 13):
        for number in range(20, 27):
            day = date(A_YEAR, month, number)
            said = SPOKEN.day(
                minute_of(datetime(day.year, day.month, day.day, tzinfo=UTC)), zone=UTC_ZONE, locale=locale
            )
            days[day.weekday()] = max(days.get(day.weekday(), ""), said, key=len)
    clocks = {
        SPOKEN.clock(minute_of(datetime(A_YEAR, 1, 5, hour, minute, tzinfo=UTC)), zone=UTC_ZONE, locale=locale)
        for hour, minute in HOURS_AND_HALVES
    }
    return sorted(days.values(), key=len)[-3:], sorted(clocks, key=len)[-3:]


def longest_values(locale: str) -> dict[str, str]:
    days, clocks = longest_times(locale)
    long = long_name(150)
    time = attended(locale, moment(locale, days[-1], clocks[-1]), staff=long)
    one = described(locale, service=long, time=moment(locale, days[-1], clocks[-1]), staff=long)
    return {
        "time": time,
        "old": time,
        "when": days[-1],
        "first": moment(locale, days[-1], clocks[-1]),
        "second": moment(locale, days[-2], clocks[-1]),
        "offers": grouped_offers(locale, list(zip(days, clocks, strict=True))),
        "service": long,
        "business": long,
        "services": listed(locale, [long] * 3, joiner="or"),
        "staff": listed(locale, [long] * 3, joiner="or"),
        "appointment": one,
        "appointments": listed(locale, [one] * 3, joiner="and"),
        "transfer": "+4915112345678901",
        "phone": "+4915112345678901",
        "field": max(language(locale).fields, key=lambda name: len(language(locale).fields[name])),
    }


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_sentence_of_every_region_can_be_spoken_with_its_longest_values(code: str) -> None:
    regions = {str(longest_times(name)): name for name in LOCALES if name.partition("_")[0] == code}
    for locale in regions.values():  # one of those that say their times alike
        values = longest_values(locale)
        for phrase, template in language(locale).phrases.items():
            given = values | ({"staff": long_name(LONGEST_STAFF)} if phrase.startswith("none_") else {})
            said = say(locale, phrase, **given)
            check_speech(said)
            asked = set(re.findall(r"\{(\w+)\}", template))
            assert asked <= values.keys()
            for name in asked & {"when", "first", "second", "offers"}:
                assert values[name] in said, (locale, phrase)  # no time is ever cut


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_time_of_day_is_said_so_that_it_cannot_be_mixed_up(code: str) -> None:
    for locale in (name for name in LOCALES if name.partition("_")[0] == code):
        said = [
            SPOKEN.moment(minute_of(datetime(A_YEAR, 1, 5, h, m, tzinfo=UTC)), zone=UTC_ZONE, locale=locale)
            for h, m in HOURS_AND_HALVES
        ]
        for each in said:
            check_speech(each)
        assert len(set(said)) == len(said), locale


# --- every status ----------------------------------------------------------------------------------------------------

WEEKDAYS = OpeningHours(week=tuple(((540, 1020),) if day < 5 else () for day in range(7)))
TUESDAYS = OpeningHours(week=tuple(((540, 1020),) if day == 1 else () for day in range(7)))
TODAY = datetime.fromtimestamp(NOW, UTC).date()
"""A Monday."""

WEDNESDAY = TODAY + timedelta(days=2)
LONG = "Bartholomäus Wohlfühlbehandlung mit ausführlicher Beratung und Nachsorge"[:LONGEST_NAME]
SOON = OfferShape(min_notice_minutes=0)


def long_desk(locale: str = "en-US", *, transfer: bool = True, **offer: Any) -> FrontDesk:
    """A business where everything has a long name; the room opens on weekdays, Ana on Tuesdays only."""
    shape = replace(SOON, **offer)
    business: Business = replace(
        HARBOR,
        name=LONG,
        locale=locale,
        transfer_to="+4915112345678" if transfer else None,
        calendars={
            "main": Calendar("main", "planned"),
            "room": Calendar("room", "builtin", hours=WEEKDAYS),
            "ana": Calendar("ana", "builtin", hours=TUESDAYS),
            "ben": Calendar("ben", "builtin", hours=WEEKDAYS),
        },
        staff={"ana": StaffMember("ana", f"Ana {LONG}", "ana"), "ben": StaffMember("ben", f"Ben {LONG}", "ben")},
        services={
            "visit": Service("visit", f"Visit  {LONG}", 60, calendar="main", event_type="1", offer=shape),
            "talk": Service("talk", f"Talk {LONG}", 60, calendar="room", offer=shape),
            "day": Service("day", f"Day {LONG}", 480, calendar="room", offer=shape),
            "care": Service("care", f"Care {LONG}", 60, staff=StaffRule(pool=("ana", "ben")), offer=shape),
        },
        agents={"front": replace(HARBOR.agents["front"], services=("visit", "talk", "day", "care"))},
    )
    return FrontDesk(business)


def ask(
    front: FrontDesk, tool: str, /, *, number: str | None = "+14155550155", call: str = "c1", **args: object
) -> ToolReply:
    room = next(room for room in ROOMS if room.tool == tool)
    given = ToolCall(tool, args, CallContext("generic", call_id=call, caller=number))
    reply = room(front.desk(), given, deadline=front.clock.now() + 6.0)
    check_speech(reply.message)
    slots = reply.fields.get("slots", [])
    assert isinstance(slots, list)
    assert len(slots) <= 3
    for slot in slots:
        check_speech(slot["say"])
    return reply


def played(locale: str, *, transfer: bool) -> list[ToolReply]:
    """Calls in which everything happens that can be answered."""
    front = long_desk(locale, transfer=transfer)
    heard: list[ToolReply] = []

    def say_to(tool: str, /, **args: Any) -> ToolReply:
        heard.append(ask(front, tool, **args))
        return heard[-1]

    def slot(hours: int, service: str = "visit") -> str:
        return front.slot(TOMORROW + hours * 60, service=service)

    say_to("check_availability")
    say_to("check_availability", service="visit", when="tomorrow")
    say_to("check_availability", service="talk", when=str(WEDNESDAY + timedelta(days=3)))
    say_to("check_availability", service="visit", when="2019-01-01")
    say_to("check_availability", service=["visit"])
    say_to("hold_slot", service="visit", slot_id=slot(1))
    say_to("hold_slot", service="visit", slot_id="0000-0000-0000")
    say_to("hold_slot", service="visit", slot_id=slot(1), call="c2", number="+14155550199")
    for args in ({}, {"name": "12"}, {"name": "Ada", "email": "x"}, {"name": "Ada", "phone": "5"}):
        say_to("book_appointment", service="visit", slot_id=slot(1), **args)
    say_to("book_appointment", service="visit", slot_id=slot(1), name="Ada Byron")
    say_to("book_appointment", service="visit", slot_id=slot(1), name="Ada Byron")
    say_to("book_appointment", service="visit", slot_id=slot(1), name="Bo Late", call="c2", number="+14155550199")
    say_to("find_appointments")
    say_to("find_appointments", number="+14155550188", call="c3")
    say_to("find_appointments", number=None, call="c4")
    say_to("send_confirmation")
    say_to("send_confirmation", appointment="appt_1", phone="+819012345678")
    say_to("reschedule_appointment", appointment="appt_1", slot_id=slot(2))
    front.calendar.plan("move", failing(InDoubtError("no answer")), failing(InDoubtError("no answer")))
    say_to("reschedule_appointment", appointment="appt_1", slot_id=slot(3))
    front.calendar.clear_plan()
    front.after(600)
    front.calendar.plan("create", failing(InDoubtError("no answer")))
    front.calendar.plan("find", failing(InDoubtError("no answer")))
    say_to("book_appointment", service="visit", slot_id=slot(5), name="Ada Byron")
    front.calendar.clear_plan()
    front.after(600)
    front.calendar.status = "requested"
    say_to("book_appointment", service="visit", slot_id=slot(7), name="Ada Byron")
    front.calendar.status = "accepted"
    say_to("find_appointments")
    say_to("cancel_appointment")
    say_to("cancel_appointment", appointment="appt_1")
    say_to("cancel_appointment", appointment="appt_1", confirm=True)
    front.calendar.plan("cancel", *[failing(InDoubtError("no answer"))] * 3)
    say_to("cancel_appointment", appointment="appt_2")
    say_to("cancel_appointment", appointment="appt_2", confirm=True)
    front.calendar.clear_plan()
    front.calendar.plan("look", *[failing(NotExecutedError("down"))] * 3)
    front.clock.sleep(60)
    say_to("check_availability", service="visit", when="tomorrow")
    return heard


@pytest.mark.parametrize("transfer", [True, False])
@pytest.mark.parametrize("locale", ["en-US", "en-GB", "es-MX", "es-ES", "de-DE", "fr-FR"])
def test_every_status_is_spoken_in_every_language(locale: str, transfer: bool) -> None:
    assert {reply.status for reply in played(locale, transfer=transfer)} == set(Status)


# --- why there is nothing --------------------------------------------------------------------------------------------


def nothing(front: FrontDesk, day: date, *, service: str = "talk", **wish: str) -> tuple[str, str, list[date]]:
    """The reason, the sentence and the days of what is offered instead."""
    reply = ask(front, "check_availability", service=service, when=str(day), **wish)
    assert reply.status is Status.NONE_AVAILABLE, reply
    slots: Any = reply.fields["slots"]
    return str(reply.fields["reason"]), reply.message, [datetime.fromisoformat(s["start"]).date() for s in slots]


def test_closed_with_the_nearest_before_and_after() -> None:
    front = long_desk()
    saturday = TODAY + timedelta(days=5)

    reason, said, instead = nothing(front, saturday)

    assert (reason, "closed" in said) == ("day_closed", True)
    assert min(instead) < saturday < max(instead)


def test_full_with_the_nearest_before_and_after() -> None:
    front = long_desk()
    whole_day = {"date": str(WEDNESDAY), "time": "09:00", "name": "Ada Byron"}
    assert ask(front, "book_appointment", service="day", **whole_day).status is Status.CONFIRMED

    reason, said, instead = nothing(front, WEDNESDAY)

    assert (reason, "closed" in said) == ("full", False)
    assert min(instead) < WEDNESDAY < max(instead)


def test_too_soon_with_the_nearest_after() -> None:
    reason, said, instead = nothing(long_desk(min_notice_minutes=36 * 60), TODAY)

    assert (reason, "short notice" in said) == ("too_soon", True)
    assert min(instead) == WEDNESDAY


def test_too_far_with_the_nearest_before() -> None:
    far = TODAY + timedelta(days=60)

    reason, said, instead = nothing(long_desk(days_ahead=14), far)

    assert (reason, "that far" in said or "as far" in said) == ("too_far", True)
    assert instead
    assert max(instead) < far


def test_somebody_away_is_no_closed_door() -> None:
    """Ana is there on Tuesdays; the others are there on Wednesday as well."""
    front = long_desk()

    reason, said, instead = nothing(front, WEDNESDAY, service="care", staff=f"Ana {LONG}")

    assert (reason, "closed" in said, said.startswith("Ana")) == ("staff_away", False, True)
    assert min(instead) == WEDNESDAY - timedelta(days=1)
    assert max(instead) == WEDNESDAY + timedelta(days=6)
    saturday = TODAY + timedelta(days=5)
    assert nothing(front, saturday, service="care", staff=f"Ana {LONG}")[0] == "day_closed"
    assert ask(front, "check_availability", service="care", when=str(WEDNESDAY)).status is Status.AVAILABLE


@pytest.mark.parametrize("transfer", [True, False])
def test_a_calendar_that_cannot_be_seen_is_neither_full_nor_closed(transfer: bool) -> None:
    front = long_desk(transfer=transfer)
    front.calendar.plan("look", failing(NotExecutedError("down")))

    reply = ask(front, "check_availability", service="visit", when="tomorrow")

    assert (reply.status, "calendar" in reply.message, "slots" in reply.fields) == (Status.NOT_DONE, True, False)
    assert ("transfer_to" in reply.fields) is transfer
