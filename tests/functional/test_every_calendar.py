"""Every calendar plays the whole call: the same stories on each, and the truth is what its provider then holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.functional.calendar_lines import (
    ACCOUNTS,
    EMAIL,
    LEFT_OUT,
    assert_refused_kindly,
    at_once,
    moment,
    on_every_calendar,
)

if TYPE_CHECKING:
    from tests.functional.calendar_lines import Line
    from tests.functional.caller import Caller, Reply

pytestmark = pytest.mark.engine

CALLERS, PROCESSES = 8, 3


# --- 1: the whole call -----------------------------------------------------------------------------------------------


@on_every_calendar()
def test_the_whole_call(line: Line) -> None:
    who = line.caller()
    first, second, *_ = line.offers(who)
    assert line.account.standing() == []

    assert who.ask("hold_slot", service="visit", slot_id=first["slot_id"])["status"] == "held"
    assert line.account.standing() == []

    reply = line.book(who, first, "the delivery")
    assert (reply["status"], reply["start"], reply["replay"]) == ("confirmed", first["start"], False), reply
    line.check_only(first)
    (event,) = line.account.standing()
    assert str(who.number) in event.text or EMAIL in event.text
    for delivery in ("the delivery", "another one"):
        again = line.book(who, first, delivery)
        assert (again["status"], again["start"], again["replay"]) == ("confirmed", first["start"], True), again
    line.check_only(first)

    assert who.ask("send_confirmation", appointment=reply["appointment"])["status"] == "sent"
    (found,) = who.ask("find_appointments")["appointments"]
    assert (found["start"], found["state"]) == (first["start"], "booked")

    moved = who.ask("reschedule_appointment", appointment=found["appointment"], slot_id=second["slot_id"])
    assert (moved["status"], moved["start"]) == ("confirmed", second["start"]), moved
    line.check_only(second)

    gone = who.cancel(appointment=found["appointment"])
    assert gone["status"] == "cancelled", gone
    assert line.account.standing() == []
    assert who.ask("find_appointments")["status"] == "none_found"
    assert line.states() == ["cancelled"]
    line.booked(line.caller(), second)


@on_every_calendar()
def test_every_step_is_texted_once(line: Line) -> None:
    who = line.caller()
    first, second, *_ = line.offers(who)
    handle = line.booked(who, first)["appointment"]
    line.later(60)
    who.ask("reschedule_appointment", appointment=handle, slot_id=second["slot_id"])
    line.later(60)
    line.check_settled(second, "sms_booked", "sms_moved")

    who.cancel(appointment=handle)
    line.later(60, 60)
    assert line.texts() == ["sms_booked", "sms_moved", "sms_cancelled"]


# --- 3: races --------------------------------------------------------------------------------------------------------


def callers(line: Line) -> list[Caller]:
    """People whose calls arrive in several processes."""
    processes = [line.desk, *(line.another_process() for _ in range(PROCESSES - 1))]
    return [processes[n % PROCESSES].caller() for n in range(CALLERS)]


@on_every_calendar()
def test_one_of_many_gets_the_slot(line: Line) -> None:
    offer = line.offers(line.caller())[0]

    replies = at_once(
        *(
            lambda who=who, n=n: line.book(who, offer, email=f"ada{n}@low.example")
            for n, who in enumerate(callers(line))
        )
    )
    assert Counter(r["status"] for r in replies) == {"confirmed": 1, "unavailable": CALLERS - 1}, replies
    for reply in replies:
        if reply["status"] == "unavailable":
            assert_refused_kindly(reply, offer)
    line.check_settled(offer, "sms_booked")


@on_every_calendar()
def test_services_that_overlap_share_one_calendar(line: Line) -> None:
    first = line.offers(line.caller(), "long")[0]
    day, begins = first["start"][:10], first["start"][11:16]
    later = f"{begins[:3]}30"
    assert begins.endswith(":00")

    def ask(who: Caller, n: int) -> Reply:
        service, time = ("long", begins) if n % 2 else ("visit", later)
        wish = {"service": service, "date": day, "time": time, "name": "Ada Low", "email": f"ada{n}@low.example"}
        return who.ask("book_appointment", **wish)

    replies = at_once(*(lambda who=who, n=n: ask(who, n) for n, who in enumerate(callers(line))))
    assert Counter(r["status"] for r in replies) == {"confirmed": 1, "unavailable": CALLERS - 1}, replies
    (won,) = [r for r in replies if r["status"] == "confirmed"]
    line.check_only(won, minutes=60 if won["start"] == first["start"] else 30)


# --- 4: duplicates ---------------------------------------------------------------------------------------------------


@on_every_calendar()
def test_a_wish_that_comes_again_is_one_booking(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    if line.account.environ:
        line.account.fault("stall", "create", seconds=0.4)
    other = line.another_process().caller(number=who.number, call=who.call)

    replies = at_once(*(lambda who=who: line.book(who, offer, "the same delivery") for who in (who, other)))
    assert [r["status"] for r in replies] == ["confirmed"] * 2, replies
    assert sorted(r["replay"] for r in replies) == [False, True]
    second_call = line.caller(number=who.number, call="a second call")
    again = line.book(second_call, offer)
    assert (again["status"], again["start"], again["replay"]) == ("confirmed", offer["start"], True)
    line.check_settled(offer, "sms_booked")


# --- 5: people -------------------------------------------------------------------------------------------------------


@on_every_calendar("provider")
def test_a_time_a_person_took_meanwhile_is_theirs(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    line.account.person_adds(moment(offer))

    assert_refused_kindly(line.book(who, offer), offer)
    assert line.ours() == []
    assert len(line.account.standing()) == 1
    assert set(line.states()) <= {"rejected"}  # nothing is on record where the calendar was looked at first
    line.later(60)
    assert line.texts() == []


@on_every_calendar("provider")
def test_a_person_is_seen_even_when_the_answer_is_lost(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    line.account.person_adds(moment(offer))
    line.account.fault("drop_after", "create")

    assert_refused_kindly(line.book(who, offer), offer)
    assert line.ours() == []
    assert len(line.account.standing()) == 1


@on_every_calendar("provider")
def test_a_move_onto_a_persons_event_is_refused_or_brought_to_a_person(line: Line) -> None:
    who = line.caller()
    old, new, *_ = line.offers(who)
    handle = line.booked(who, old)["appointment"]
    line.account.person_adds(moment(new))

    reply = who.ask("reschedule_appointment", appointment=handle, slot_id=new["slot_id"])
    (ours,) = line.ours()
    line.later(60)
    if reply["status"] == "confirmed":  # the calendar takes whatever is written
        assert ours.start == moment(new)
        assert "conflict" in line.kinds()
    else:
        assert_refused_kindly(reply, new)
        assert ours.start == moment(old)
        assert line.kinds() == ["sms_booked"]


# --- 7: e-mail -------------------------------------------------------------------------------------------------------


@on_every_calendar()
def test_a_caller_with_a_phone_only_is_served_or_asked_for_an_e_mail(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]

    reply = line.book(who, offer, email=None)
    if line.account.needs_email:
        assert (reply["status"], reply["field"]) == ("needs", "email"), reply
        assert line.account.standing() == []
        reply = line.book(who, offer)
    assert reply["status"] == "confirmed", reply
    line.check_settled(offer, "sms_booked")
    (event,) = line.account.standing()
    assert (EMAIL if line.account.needs_email else str(who.number)) in event.text


# --- the table -------------------------------------------------------------------------------------------------------


def test_what_is_left_out_exists() -> None:
    assert {name for left in LEFT_OUT.values() for name in left} <= set(ACCOUNTS)
    assert all(reason for left in LEFT_OUT.values() for reason in left.values())
