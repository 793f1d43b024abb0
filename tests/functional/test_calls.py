"""Phone calls to a desk with the built-in calendar: what callers hear, and what is in the book afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.bookings import HOLD_SECONDS, SKEW_SECONDS, State
from tests.fakes import FakeClock
from tests.functional import desks
from tests.functional.book import bookings_in, check_book, days_in
from tests.functional.caller import Caller, starts
from tests.functional.in_process import InProcess, in_process
from tests.functional.served import morning_zone, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine import EngineTable
    from tests.functional.caller import Reply
    from tests.functional.served import Served

pytestmark = pytest.mark.engine

CLOSED_IN_DAYS = 3
OTHER_PHONE = "(415) 555-2671"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    zone = morning_zone()
    closed = datetime.now(ZoneInfo(zone)).date() + timedelta(days=CLOSED_IN_DAYS)
    desk = desks.BUILTIN.format(zone=zone, closed=closed)
    with serving(desk, tmp_path_factory.mktemp("calls"), business=desks.BUSINESS, zone=zone) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def book_is_sound_at_the_end(served: Served) -> Iterator[None]:
    yield
    check_book(served.items())


def booked(caller: Caller, offer: Reply, *, service: str = "consult", **arguments: object) -> Reply:
    reply = caller.ask("book_appointment", service=service, slot_id=offer["slot_id"], name="Ada Low", **arguments)
    assert (reply["status"], reply["start"]) == ("confirmed", offer["start"]), reply
    return reply


def states(served: Served, start: str, service: str = "consult") -> list[str]:
    return sorted(b["state"] for b in served.bookings(start=start) if b["service"] == service)


def day_of(slot: Any) -> date:
    return datetime.fromisoformat(slot["start"]).date()


def hour_of(slot: Any) -> float:
    moment = datetime.fromisoformat(slot["start"])
    return moment.hour + moment.minute / 60


# --- availability ----------------------------------------------------------------------------------------------------


def test_today_tomorrow_and_a_date_mean_those_days_only(served: Served) -> None:
    today, caller = served.today(), served.caller()

    for when, day in [("today", today), ("tomorrow", today + timedelta(1)), (f"{today + timedelta(5)}", None)]:
        offers = caller.offers("consult", when=when)
        assert {day_of(offer) for offer in offers} == {day or today + timedelta(5)}
        assert len(offers) == 3
        assert len({offer["start"] for offer in offers}) == 3
    assert "Consultation" in caller.heard[0]["message"]
    assert f"{(today + timedelta(1)):%A}" in caller.heard[1]["message"]


def test_an_offer_says_its_time_and_proves_itself(served: Served) -> None:
    offer = served.caller().offers("consult", when="tomorrow", part_of_day="afternoon")[-1]
    moment = datetime.fromisoformat(offer["start"])

    assert moment.utcoffset() == datetime.now(served.zone).utcoffset()
    assert f"{moment:%A, %B} {moment.day} at" in offer["say"]
    assert 12 <= len(offer["slot_id"]) <= 14


def test_a_weekday_means_the_coming_one(served: Served) -> None:
    day = served.today() + timedelta(days=2)

    assert {day_of(o) for o in served.caller().offers("consult", when=f"{day:%A}")} == {day}


def test_next_week_is_monday_to_sunday_of_it_spread(served: Served) -> None:
    today = served.today()
    monday = today + timedelta(days=7 - today.weekday())

    days = [day_of(offer) for offer in served.caller().offers("consult", when="next week")]
    assert all(monday <= day <= monday + timedelta(6) for day in days)
    assert len(set(days)) == 3


@pytest.mark.parametrize(
    ("wish", "first", "last"),
    [
        ({"part_of_day": "morning"}, 9, 11.5),
        ({"part_of_day": "afternoon"}, 12, 16.5),
        ({"when": "tomorrow morning"}, 9, 11.5),
        ({"when": "tomorrow after 3 pm"}, 15, 16.5),
        ({"when": "tomorrow between two and four"}, 14, 15.5),
    ],
)
def test_a_part_of_the_day_bounds_the_offers(served: Served, wish: dict[str, str], first: float, last: float) -> None:
    offers = served.caller().offers("consult", **({"when": "tomorrow"} | wish))

    assert {day_of(o) for o in offers} == {served.today() + timedelta(1)}
    assert all(first <= hour_of(offer) <= last for offer in offers), offers


def test_after_is_strictly_later_by_start_and_by_local_time(served: Served) -> None:
    caller = served.caller()
    offers = caller.offers("consult", when="tomorrow")

    assert all(o["start"] > offers[1]["start"] for o in caller.offers("consult", after=offers[1]["start"]))
    later = caller.offers("consult", when="tomorrow", after="14:00")
    assert all(hour_of(offer) > 14 for offer in later)
    assert {day_of(offer) for offer in later} == {served.today() + timedelta(1)}


def test_more_widens_to_times_not_said_before(served: Served) -> None:
    caller = served.caller()
    said = {o["start"] for o in caller.offers("consult", when="tomorrow")}
    more = {o["start"] for o in caller.offers("consult", when="tomorrow", more=True)}

    assert more
    assert not more & said


def test_a_closed_day_says_why_and_offers_the_nearest(served: Served) -> None:
    closed = served.today() + timedelta(days=CLOSED_IN_DAYS)

    reply = served.caller().ask("check_availability", service="consult", when=closed.isoformat())
    assert (reply["status"], reply["reason"]) == ("none_available", "day_closed")
    assert {day_of(o) for o in reply["slots"]} == {closed - timedelta(1), closed + timedelta(1)}
    assert "closed" in reply["message"]


def test_too_far_ahead_says_so_and_offers_something_sooner(served: Served) -> None:
    far = served.today() + timedelta(days=120)

    reply = served.caller().ask("check_availability", service="consult", when=far.isoformat())
    assert (reply["status"], reply["reason"]) == ("none_available", "too_far")
    assert reply["slots"]


@pytest.mark.parametrize("when", ["yesterday", "{yesterday}", "banana", "the day of the whale", "2026-02-30"])
def test_the_past_and_nonsense_are_asked_about(served: Served, when: str) -> None:
    said = when.format(yesterday=served.today() - timedelta(days=1))

    reply = served.caller().ask("check_availability", service="consult", when=said)
    assert reply["status"] == "clarify"
    assert "ay would you like?" in reply["message"]


@pytest.mark.parametrize("service", ["haircut", None])
def test_an_unknown_service_is_asked_about(served: Served, service: str | None) -> None:
    arguments = {"service": service} if service else {}

    reply = served.caller().ask("check_availability", **arguments)
    assert reply["status"] == "clarify"
    assert "Consultation" in reply["message"]


def test_an_agent_with_one_service_need_not_be_told_which(served: Served) -> None:
    reply = served.caller(agent="solo").ask("check_availability", when="tomorrow")

    assert reply["status"] == "available"


# --- hold and book ---------------------------------------------------------------------------------------------------


def test_a_call_from_question_to_text(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("consult", when=day.isoformat())[0]

    held = caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])
    assert (held["status"], held["start"]) == ("held", offer["start"])
    assert states(served, offer["start"]) == ["held"]
    assert offer["start"] not in starts(served.caller().ask("check_availability", service="consult", when=f"{day}"))
    assert caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["replay"] is True

    reply = booked(caller, offer)
    assert reply["replay"] is False
    assert reply["service"] == "Consultation"
    assert reply["time_zone"] == served.zone.key
    assert datetime.fromisoformat(reply["end"]) - datetime.fromisoformat(reply["start"]) == timedelta(minutes=30)
    (record,) = served.bookings(start=offer["start"])
    assert (record["state"], record["doubt"], record["calendar"]) == ("booked", False, "room")
    assert len(served.sent("sms_booked", record)) == 1
    clock = datetime.fromisoformat(offer["start"])
    told = served.eventually(lambda: [t for t in served.texts if f"{clock:%B} {clock.day} at" in t])
    assert len(told) == 1
    assert "Harbor Clinic" in told[0]
    assert caller.number is not None
    assert caller.number not in told[0]


def test_every_repeat_is_the_same_booking_and_nobody_else_gets_it(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("consult", when=day.isoformat())[1]
    first = caller.ask(
        "book_appointment", "first-delivery", service="consult", slot_id=offer["slot_id"], name="Ada Low"
    )
    assert first["status"] == "confirmed"

    same_wish = {"service": "consult", "slot_id": offer["slot_id"], "name": "Ada Low"}
    second_call = served.caller(number=caller.number, call=f"later-{caller.call}")
    at = datetime.fromisoformat(offer["start"])
    repeats = [
        caller.ask("book_appointment", "first-delivery", **same_wish),
        caller.ask("book_appointment", **same_wish),
        caller.ask("book_appointment", **(same_wish | {"name": "Ada Lowe"})),
        second_call.ask("book_appointment", **same_wish),
        second_call.ask("book_appointment", service="consult", date=f"{day}", time=f"{at:%H:%M}", name="Ada Low"),
        second_call.ask("hold_slot", service="consult", slot_id=offer["slot_id"]),
    ]

    assert [(r["status"], r["start"], r["replay"]) for r in repeats] == [("confirmed", offer["start"], True)] * 6
    other = served.caller().ask("book_appointment", **same_wish)
    assert other["status"] == "unavailable"
    assert other["slots"]
    assert offer["start"] not in starts(other)
    assert states(served, offer["start"]) == ["booked"]
    records = served.bookings(start=offer["start"])
    assert len(served.sent("sms_booked", *records)) == 1
    assert [m["kind"] for m in served.messages(*records)] == ["sms_booked"]


def test_one_delivery_id_with_another_wish_is_not_carried_out(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    first, second, _ = caller.offers("consult", when=day.isoformat())
    wish = {"service": "consult", "name": "Ada Low"}
    assert caller.ask("book_appointment", "d", slot_id=first["slot_id"], **wish)["status"] == "confirmed"

    assert caller.ask("book_appointment", "d", slot_id=second["slot_id"], **wish)["status"] == "not_done"
    assert states(served, second["start"]) == []


def test_two_different_slots_are_two_bookings(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    first, second, _ = caller.offers("consult", when=day.isoformat())

    booked(caller, first)
    booked(caller, second)
    assert len(caller.ask("find_appointments")["appointments"]) == 2


def test_a_date_and_a_time_can_be_booked_without_an_offer(served: Served) -> None:
    day = served.fresh_day()
    wish = {"service": "consult", "date": day.isoformat(), "name": "Ada Low"}

    free = served.caller().ask("book_appointment", time="10:00", **wish)
    assert (free["status"], hour_of(free)) == ("confirmed", 10)
    for time in ("10:00", "10:10", "20:00", "16:45"):  # taken, off the grid, closed, over the end
        refused = served.caller().ask("book_appointment", time=time, **wish)
        assert refused["status"] == "unavailable", refused
        assert refused["slots"]
        assert free["start"] not in starts(refused)
    assert states(served, free["start"]) == ["booked"]
    assert len([b for b in served.bookings() if b["start"][:10] == day.isoformat()]) == 1


@pytest.mark.parametrize("tool", ["hold_slot", "book_appointment"])
def test_a_date_in_the_past_or_closed_writes_nothing(served: Served, tool: str) -> None:
    named = {"name": "Ada Low"} if tool == "book_appointment" else {}
    closed = served.today() + timedelta(days=CLOSED_IN_DAYS)
    before = served.book()

    past = served.caller().ask(tool, service="consult", date=f"{served.today() - timedelta(1)}", time="10:00", **named)
    refused = served.caller().ask(tool, service="consult", date=f"{closed}", time="10:00", **named)
    assert "passed" in past["message"]
    assert past["status"] == ("clarify" if tool == "hold_slot" else "unavailable")
    assert refused["status"] == "unavailable"
    assert refused["slots"]
    assert served.book() == before


def test_an_offer_of_one_service_is_no_proof_for_another(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("consult", when=day.isoformat())[0]

    forged = offer["slot_id"][:-1] + ("0" if offer["slot_id"][-1] != "0" else "1")
    for service, slot_id in [("long", offer["slot_id"]), ("consult", forged)]:
        reply = caller.ask("book_appointment", service=service, slot_id=slot_id, name="Ada Low")
        assert reply["status"] == "unavailable"
    assert states(served, offer["start"]) == []


def test_the_start_of_an_offer_may_stand_where_its_id_belongs(served: Served) -> None:
    first, second, _ = served.caller().offers("consult", when=served.fresh_day().isoformat())

    booked(served.caller(), first | {"slot_id": first["start"]})
    in_utc = datetime.fromisoformat(second["start"]).astimezone(UTC)
    booked(served.caller(), second | {"slot_id": f"{in_utc:%Y-%m-%dT%H:%M:%SZ}"})


def test_a_call_keeps_one_hold(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    first, second, _ = caller.offers("consult", when=day.isoformat())
    for offer in (first, second):
        assert caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["status"] == "held"

    assert states(served, first["start"]) == ["expired"]
    assert states(served, second["start"]) == ["held"]
    booked(served.caller(), first)
    assert served.caller().ask("hold_slot", service="consult", slot_id=second["slot_id"])["status"] == "unavailable"


def test_a_hold_is_let_go_when_another_slot_is_booked(served: Served) -> None:
    caller = served.caller()
    first, second, _ = caller.offers("consult", when=served.fresh_day().isoformat())
    caller.ask("hold_slot", service="consult", slot_id=first["slot_id"])

    booked(caller, second)
    assert states(served, first["start"]) == ["expired"]


def test_a_hold_that_is_cancelled_is_free_and_can_be_taken_again(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("consult", when=day.isoformat())[0]
    held = caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])

    for replay in (False, True):
        reply = caller.cancel(appointment=held["appointment"])
        assert (reply["status"], reply["replay"]) == ("cancelled", replay)
    assert states(served, offer["start"]) == ["expired"]
    booked(caller, offer)


def test_a_caller_of_whom_nothing_is_known_can_book(served: Served) -> None:
    stranger, day = served.stranger(), served.fresh_day()
    offer = stranger.offers("consult", when=day.isoformat())[0]
    assert stranger.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["status"] == "held"
    wish = {"service": "consult", "slot_id": offer["slot_id"], "name": "Dee Dee", "phone": OTHER_PHONE}

    replies = [stranger.ask("book_appointment", **wish) for _ in range(3)]
    assert [(r["status"], r["replay"]) for r in replies] == [
        ("confirmed", False), ("confirmed", True), ("confirmed", True),
    ]  # fmt: skip
    assert {r["start"] for r in replies} == {offer["start"]}
    other = stranger.ask("book_appointment", **(wish | {"phone": "(415) 555-2672"}))
    assert other["status"] == "unavailable"
    assert states(served, offer["start"]) == ["booked"]
    assert len(served.sent("sms_booked", *served.bookings(start=offer["start"]))) == 1
    for tool in ("find_appointments", "cancel_appointment", "reschedule_appointment"):
        assert stranger.ask(tool)["status"] == "needs_verification"


def test_a_caller_known_by_their_call_alone_keeps_their_own(served: Served) -> None:
    path = f"/v1/{served.business}/front"
    caller, other = (Caller(served.post, path, served.key, call=f"web call {n}") for n in (1, 2))
    offer = caller.offers("consult", when=served.fresh_day().isoformat())[0]

    booked(caller, offer)
    assert [a["start"] for a in caller.ask("find_appointments")["appointments"]] == [offer["start"]]
    assert other.ask("find_appointments")["status"] == "needs_verification"
    assert other.cancel(appointment="appt_1")["status"] == "needs_verification"
    assert caller.ask("send_confirmation", appointment="appt_1")["reason"] == "no_phone"
    assert caller.cancel(appointment="appt_1")["status"] == "cancelled"


def test_a_stranger_who_leaves_no_number_is_promised_no_text(served: Served) -> None:
    stranger, day = served.stranger(), served.fresh_day()
    offer = stranger.offers("consult", when=day.isoformat())[0]

    reply = booked(stranger, offer)
    assert "text" not in reply["message"]
    records = served.bookings(start=offer["start"])
    (message,) = served.ended(*records)
    assert (message["state"], message["reason"]) == ("gave_up", "no_phone")


def test_a_name_is_asked_for_before_anything_is_written(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("consult", when=day.isoformat())[0]
    before = served.book()

    reply = caller.ask("book_appointment", service="consult", slot_id=offer["slot_id"])
    assert (reply["status"], reply["field"]) == ("needs", "name")
    assert served.book() == before


# --- holds lapse -----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(table: EngineTable, tmp_path: Path) -> Iterator[InProcess]:
    """A desk whose clock a test moves."""
    clock = FakeClock()
    closed = datetime.fromtimestamp(clock.now(), UTC).date() + timedelta(days=CLOSED_IN_DAYS)
    text = desks.BUILTIN.format(zone="Etc/UTC", closed=closed)
    with in_process(table, text, tmp_path, business=desks.BUSINESS, clock=clock) as opened:
        yield opened
        check_book(opened.items())


def held_offer(desk: InProcess, caller: Caller) -> Reply:
    offer = caller.offers("consult", when="tomorrow")[0]
    assert caller.ask("hold_slot", service="consult", slot_id=offer["slot_id"])["status"] == "held"
    return offer


def test_a_hold_keeps_others_away_for_two_minutes_and_no_longer(desk: InProcess) -> None:
    first, second = desk.caller(), desk.caller()
    offer = held_offer(desk, first)
    wish = {"service": "consult", "slot_id": offer["slot_id"], "name": "Ada Low"}

    desk.clock.sleep(HOLD_SECONDS - 1)
    assert second.ask("book_appointment", **wish)["status"] == "unavailable"
    assert offer["start"] not in starts(second.ask("check_availability", service="consult", when="tomorrow"))
    desk.clock.sleep(1 + SKEW_SECONDS)
    assert offer["start"] in starts(second.ask("check_availability", service="consult", when="tomorrow"))
    booked(second, offer)

    late = first.ask("book_appointment", **wish)
    assert late["status"] == "unavailable"
    assert late["slots"]
    assert first.ask("find_appointments")["status"] == "none_found"


def test_a_lapsed_hold_that_nobody_took_can_still_be_booked(desk: InProcess) -> None:
    caller = desk.caller()
    offer = held_offer(desk, caller)

    desk.clock.sleep(10 * HOLD_SECONDS)
    booked(caller, offer)


@pytest.mark.parametrize("tool", ["hold_slot", "book_appointment"])
def test_the_reconciler_lets_a_lapsed_hold_go(desk: InProcess, tool: str) -> None:
    caller = desk.caller()
    offer = held_offer(desk, caller)
    desk.clock.sleep(HOLD_SECONDS + SKEW_SECONDS)

    desk.reconcile()
    assert [b.state for b in bookings_in(desk.items())] == [State.EXPIRED]
    assert not any(day.entries for day in days_in(desk.items()))
    arguments = {"service": "consult", "slot_id": offer["slot_id"]} | ({"name": "Ada"} if tool[0] == "b" else {})
    assert caller.ask(tool, **arguments)["status"] == ("confirmed" if tool[0] == "b" else "held")


# --- staff and buffers -----------------------------------------------------------------------------------------------


def test_the_staff_pool_serves_two_at_a_time_and_no_third(served: Served) -> None:
    day = served.fresh_day()
    offer = served.caller().offers("massage", when=day.isoformat())[0]

    replies = [
        served.caller().ask("book_appointment", service="massage", slot_id=offer["slot_id"], name="Ada Low")
        for _ in range(3)
    ]
    assert [r["status"] for r in replies] == ["confirmed", "confirmed", "unavailable"]
    assert {r["staff"] for r in replies[:2]} == {"Ana", "Ben"}
    assert sorted(b["staff"][0] for b in served.bookings(start=offer["start"])) == ["ana", "ben"]


def test_a_person_asked_for_by_name_is_the_one_who_serves(served: Served) -> None:
    day = served.fresh_day()
    for name in ("Ben", "Ana"):
        caller = served.caller()
        offers = caller.offers("massage", staff=name, when=day.isoformat())
        assert {o["staff"] for o in offers} == {name}
        assert booked(caller, offers[0], service="massage")["staff"] == name
    any_one = served.caller().offers("massage", staff="anyone", when=day.isoformat())
    assert offers[0]["start"] not in {o["start"] for o in any_one}


def test_a_person_who_is_taken_is_not_replaced_unasked(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    offer = caller.offers("massage", staff="Ben", when=day.isoformat())[0]
    booked(caller, offer, service="massage")

    late = served.caller().ask("book_appointment", service="massage", slot_id=offer["slot_id"], name="Jo")
    assert late["status"] == "unavailable"
    assert {slot["staff"] for slot in late["slots"]} == {"Ben"}


def test_somebody_unknown_is_asked_about(served: Served) -> None:
    reply = served.caller().ask("check_availability", service="massage", staff="Zed", when="tomorrow")

    assert reply["status"] == "clarify"
    assert "Ana" in reply["message"]
    assert "Ben" in reply["message"]


def test_least_recently_booked_takes_turns(desk: InProcess) -> None:
    staff = []
    for time in ("10:00", "11:00", "12:00", "13:00"):
        (offer,) = desk.caller().offers("massage", when=f"tomorrow at {time}")
        staff.append(booked(desk.caller(), offer, service="massage")["staff"])
        desk.clock.sleep(60)

    assert staff in (["Ana", "Ben"] * 2, ["Ben", "Ana"] * 2)


def test_buffers_keep_neighbours_away(served: Served) -> None:
    day = served.fresh_day()
    wish = {"service": "fitting", "date": day.isoformat(), "name": "Ada Low"}
    assert served.caller().ask("book_appointment", time="11:00", **wish)["status"] == "confirmed"

    # A buffer behind the one and a buffer before the other: half an hour between them.
    for time, status in [("11:30", "unavailable"), ("10:30", "unavailable"), ("12:00", "confirmed")]:
        assert served.caller().ask("book_appointment", time=time, **wish)["status"] == status, time


def test_services_of_one_room_do_not_overlap(served: Served) -> None:
    day = served.fresh_day()
    wish = {"date": day.isoformat(), "name": "Ada Low"}
    assert served.caller().ask("book_appointment", service="long", time="10:00", **wish)["status"] == "confirmed"

    for time, status in [("10:30", "unavailable"), ("10:00", "unavailable"), ("11:00", "confirmed")]:
        assert served.caller().ask("book_appointment", service="consult", time=time, **wish)["status"] == status
    assert served.caller().ask("book_appointment", service="long", time="10:30", **wish)["status"] == "unavailable"


# --- find, move, cancel ----------------------------------------------------------------------------------------------


@pytest.fixture
def holder(served: Served) -> tuple[Caller, list[Reply], str]:
    """A caller with one appointment, the offers of that day, and the handle."""
    caller = served.caller()
    offers = caller.offers("consult", when=served.fresh_day().isoformat())
    booked(caller, offers[0])
    (found,) = caller.ask("find_appointments")["appointments"]
    return caller, offers, found["appointment"]


def test_found_is_the_callers_own_and_nobody_elses(served: Served, holder: tuple[Caller, list[Reply], str]) -> None:
    caller, offers, _ = holder

    again = served.caller(number=caller.number, call="another call").ask("find_appointments")
    assert again["status"] == "found"
    assert [(a["start"], a["service"], a["state"]) for a in again["appointments"]] == [
        (offers[0]["start"], "Consultation", "booked")
    ]
    nobody = served.caller().ask("find_appointments")
    assert (nobody["status"], nobody["appointments"]) == ("none_found", [])


def test_a_move_tells_old_and_new_and_frees_the_old(served: Served, holder: tuple[Caller, list[Reply], str]) -> None:
    caller, offers, handle = holder

    moved = caller.ask("reschedule_appointment", "move-1", appointment=handle, slot_id=offers[1]["slot_id"])
    assert (moved["status"], moved["start"], moved["replay"]) == ("confirmed", offers[1]["start"], False)
    for again in ("move-1", None):
        repeat = caller.ask("reschedule_appointment", again, appointment=handle, slot_id=offers[1]["slot_id"])
        assert (repeat["status"], repeat["start"], repeat["replay"]) == ("confirmed", offers[1]["start"], True)
    (record,) = served.bookings(start=offers[1]["start"])
    assert record["state"] == "booked"
    assert served.bookings(start=offers[0]["start"]) == []
    # Where the first text has not gone out yet, it names the new time and the second one has nothing to add.
    assert "sent" in {message["state"] for message in served.ended(record, of=2)}
    booked(served.caller(), offers[0])


def test_a_move_to_a_taken_time_keeps_the_old(served: Served, holder: tuple[Caller, list[Reply], str]) -> None:
    caller, offers, handle = holder
    booked(served.caller(), offers[1])
    at = datetime.fromisoformat(offers[1]["start"])

    wishes = ({"slot_id": offers[1]["slot_id"]}, {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"})
    for wish in (*wishes, {"date": f"{at:%Y-%m-%d}", "time": "20:00"}):
        reply = caller.ask("reschedule_appointment", appointment=handle, **wish)
        assert reply["status"] == "unavailable"
        assert reply["slots"]
        assert not {offers[0]["start"], offers[1]["start"]} & set(starts(reply))
        assert "you still have" in reply["message"]
    assert [a["start"] for a in caller.ask("find_appointments")["appointments"]] == [offers[0]["start"]]
    assert states(served, offers[0]["start"]) == ["booked"]
    assert states(served, offers[1]["start"]) == ["booked"]


def test_a_move_by_half_its_length_is_not_in_its_own_way(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    wish = {"date": day.isoformat(), "time": "10:00"}
    assert caller.ask("book_appointment", service="long", name="Ada Low", **wish)["status"] == "confirmed"

    moved = caller.ask("reschedule_appointment", **(wish | {"time": "10:30"}))
    assert (moved["status"], hour_of(moved)) == ("confirmed", 10.5)
    assert states(served, moved["start"], "long") == ["booked"]


def test_an_agent_moves_what_another_one_booked(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    wish = {"date": day.isoformat(), "time": "10:00"}
    assert caller.ask("book_appointment", service="fitting", name="Ada Low", **wish)["status"] == "confirmed"
    elsewhere = served.caller(agent="solo", number=caller.number, call="to another agent")

    moved = elsewhere.ask("reschedule_appointment", **(wish | {"time": "14:00"}))
    assert (moved["status"], moved["service"], hour_of(moved)) == ("confirmed", "Fitting", 14)
    offer = elsewhere.offers("consult", when=day.isoformat())[0]  # proves nothing about a fitting
    assert elsewhere.ask("reschedule_appointment", slot_id=offer["slot_id"])["status"] == "unavailable"
    assert states(served, moved["start"], "fitting") == ["booked"]


def test_the_time_one_has_is_no_alternative_to_move_to(served: Served) -> None:
    caller, other, day = served.caller(), served.caller(), served.fresh_day()
    wish = {"date": day.isoformat(), "time": "10:00"}
    mine = caller.ask("book_appointment", service="consult", name="Ada Low", **wish)
    assert mine["status"] == "confirmed"
    theirs = other.offers("consult", when=day.isoformat(), after=mine["start"])[0]
    booked(other, theirs)

    reply = caller.ask("reschedule_appointment", date=day.isoformat(), time=theirs["start"][11:16])
    assert reply["status"] == "unavailable"
    assert reply["slots"]
    assert mine["start"] not in starts(reply)


def test_what_another_call_booked_gets_a_handle_when_it_is_wished_again(served: Served) -> None:
    caller, day = served.caller(), served.fresh_day()
    wish = {"service": "consult", "name": "Ada Low", "date": day.isoformat(), "time": "10:00"}
    assert caller.ask("book_appointment", **wish)["replay"] is False
    later = served.caller(number=caller.number, call="a later call")

    again = later.ask("book_appointment", **wish)
    assert (again["status"], again["replay"], again["appointment"]) == ("confirmed", True, "appt_1")
    assert later.cancel(appointment="appt_1")["status"] == "cancelled"


def test_a_caller_who_is_known_is_not_told_that_they_are_not(served: Served) -> None:
    reply = served.caller().cancel()

    assert reply["status"] == "needs_verification"
    assert "who is calling" not in reply["message"]


def test_a_move_to_where_it_is_changes_nothing(served: Served, holder: tuple[Caller, list[Reply], str]) -> None:
    caller, offers, handle = holder

    reply = caller.ask("reschedule_appointment", appointment=handle, slot_id=offers[0]["slot_id"])
    assert (reply["status"], reply["start"], reply["replay"]) == ("confirmed", offers[0]["start"], True)


def test_a_cancellation_is_asked_about_then_done_once(served: Served, holder: tuple[Caller, list[Reply], str]) -> None:
    caller, offers, handle = holder

    asked = caller.ask("cancel_appointment", appointment=handle)
    assert (asked["status"], asked["start"]) == ("needs_confirmation", offers[0]["start"])
    assert states(served, offers[0]["start"]) == ["booked"]
    for again in ("cancel-1", "cancel-1", None):
        reply = caller.cancel(again, appointment=handle)
        assert reply["status"] == "cancelled"
    (record,) = served.bookings(start=offers[0]["start"])
    assert record["state"] == "cancelled"
    assert caller.ask("find_appointments")["status"] == "none_found"
    assert len(served.sent("sms_cancelled", record)) == 1
    assert offers[0]["start"] in starts(
        served.caller().ask("check_availability", service="consult", when=offers[0]["start"][:10])
    )


@pytest.mark.parametrize(("tool", "extra"), [("cancel_appointment", {"confirm": True}), ("reschedule_appointment", {})])
def test_a_handle_that_is_wrong_or_somebody_elses_changes_nothing(
    served: Served, holder: tuple[Caller, list[Reply], str], tool: str, extra: dict[str, object]
) -> None:
    caller, offers, handle = holder
    arguments = extra or {"slot_id": offers[1]["slot_id"]}

    for wrong in ("appt_9", "appt_0", "appt_-1", "everything"):
        assert caller.ask(tool, appointment=wrong, **arguments)["status"] == "needs_verification"
    for other in (served.caller(), served.stranger()):
        assert other.ask(tool, appointment=handle, **arguments)["status"] == "needs_verification"
    neighbour = served.caller()
    booked(neighbour, offers[2])
    assert neighbour.ask(tool, appointment="appt_2", **arguments)["status"] == "needs_verification"
    assert states(served, offers[0]["start"]) == ["booked"]
    assert states(served, offers[2]["start"]) == ["booked"]


def test_without_a_handle_the_only_appointment_is_meant_and_two_are_asked_about(served: Served) -> None:
    caller = served.caller()
    first, second, _ = caller.offers("consult", when=served.fresh_day().isoformat())
    booked(caller, first)
    later = served.caller(number=caller.number, call="a later call")
    assert later.ask("cancel_appointment")["start"] == first["start"]

    booked(caller, second)
    reply = served.caller(number=caller.number, call="the third call").cancel()
    assert reply["status"] == "needs_confirmation"
    assert states(served, first["start"]) + states(served, second["start"]) == ["booked", "booked"]


def test_book_cancel_book_is_legitimate_and_an_old_delivery_is_not(served: Served) -> None:
    caller = served.caller()
    offer = caller.offers("consult", when=served.fresh_day().isoformat())[0]
    wish = {"service": "consult", "slot_id": offer["slot_id"], "name": "Ada Low"}
    first = caller.ask("book_appointment", "the first", **wish)
    assert caller.cancel(appointment=first["appointment"])["status"] == "cancelled"

    late = caller.ask("book_appointment", "the first", **wish)
    assert late["status"] == "not_done"
    assert "cancelled" in late["message"]
    assert states(served, offer["start"]) == ["cancelled"]
    booked(caller, offer)
    assert states(served, offer["start"]) == ["booked", "cancelled"]


# --- the text a caller asks for --------------------------------------------------------------------------------------


def test_a_text_goes_to_the_own_number_and_to_another_and_to_no_third(
    served: Served, holder: tuple[Caller, list[Reply], str]
) -> None:
    caller, offers, handle = holder
    record = served.bookings(start=offers[0]["start"])

    own = caller.ask("send_confirmation", "text-1", appointment=handle)
    repeat = caller.ask("send_confirmation", "text-1", appointment=handle)
    other = caller.ask("send_confirmation", appointment=handle, phone="(415) 555-2688")
    assert [r["status"] for r in (own, repeat, other)] == ["sent", "sent", "sent"]
    assert own["message"].rstrip(".").endswith(str(caller.number)[-2:])
    assert other["message"].rstrip(".").endswith("88")
    assert len([m for m in served.messages(*record) if m["kind"] == "sms_asked"]) == 2
    sent = served.eventually(lambda: [text for text in served.texts if text.startswith("SMS to +1••••••88")])
    assert len(sent) == 1
    third = caller.ask("send_confirmation", appointment=handle, phone="(415) 555-2673")
    assert (third["status"], third["reason"]) == ("refused", "limit")


@pytest.mark.parametrize(
    ("phone", "reason"), [("+49 30 901820", "foreign"), ("12", "bad_phone"), ("my mother's", "bad_phone")]
)
def test_a_number_that_will_not_do_is_refused(
    served: Served, holder: tuple[Caller, list[Reply], str], phone: str, reason: str
) -> None:
    caller, offers, handle = holder

    reply = caller.ask("send_confirmation", appointment=handle, phone=phone)
    assert (reply["status"], reply["reason"]) == ("refused", reason)
    assert {m["kind"] for m in served.messages(*served.bookings(start=offers[0]["start"]))} == {"sms_booked"}


def test_without_an_appointment_there_is_nothing_to_text(served: Served) -> None:
    reply = served.caller().ask("send_confirmation")
    assert (reply["status"], reply["reason"]) == ("refused", "no_booking")


def test_who_cannot_be_known_is_not_told_whether_there_is_one(served: Served) -> None:
    assert served.stranger().ask("send_confirmation")["status"] == "needs_verification"
