"""Every calendar loses answers: what the caller hears meanwhile, and the one truth that it ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.calendar_lines import (
    HASTY_SECONDS,
    TRANSFER,
    assert_refused_kindly,
    on_every_calendar,
    told_pending,
)

if TYPE_CHECKING:
    from tests.functional.calendar_lines import Line

pytestmark = pytest.mark.engine


@on_every_calendar("provider")
def test_a_create_that_stalls_is_pending_and_then_the_truth(line: Line) -> None:
    who, offer = line.caller(agent="hasty"), line.offers(line.caller())[0]
    line.account.fault("stall", "create", seconds=8)

    began = line.clock.now()
    told_pending(line.book(who, offer, "one"), offer)
    assert line.clock.now() - began < HASTY_SECONDS
    assert_refused_kindly(line.book(line.caller(), offer), offer)
    line.later(5)
    again = line.book(line.caller(number=who.number, call=who.call), offer, "one")
    told = (again["status"], again.get("start"), again.get("replay"))
    assert told == ("confirmed", offer["start"], True), line.evidence()
    line.check_settled(offer, "sms_booked")


@on_every_calendar("provider")
def test_what_is_cancelled_before_it_was_certain_is_gone_even_when_it_is_made_late(line: Line) -> None:
    who, offer = line.caller(agent="hasty"), line.offers(line.caller())[0]
    line.account.fault("late", "create", seconds=30)
    told_pending(line.book(who, offer), offer)

    reply = who.cancel(appointment="appt_1")
    assert reply["status"] == "cancel_pending", line.evidence()
    assert line.account.standing() == []
    line.later(20)
    assert_refused_kindly(line.book(line.caller(), offer), offer)
    line.later(20, 65, 65)
    assert line.account.standing() == []
    assert line.states() == ["cancelled"]
    assert line.texts() == ["sms_cancelled"]


@on_every_calendar("provider")
def test_an_error_before_anything_was_done_ends_in_one_booking(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    line.account.fault("error_before", "create")

    told_pending(line.book(who, offer), offer)
    line.account.heal()
    assert line.account.standing() == []
    assert line.book(who, offer)["status"] in {"pending", "confirmed"}
    line.later(5, 65, 120)
    again = line.book(who, offer)
    assert (again["status"], again["replay"]) == ("confirmed", True), again
    line.check_settled(offer, "sms_booked")


@on_every_calendar("provider")
def test_an_answer_that_was_lost_is_looked_for_at_once(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    line.account.fault("drop_after", "create")

    line.booked(who, offer)
    line.check_settled(offer, "sms_booked")


@on_every_calendar("provider")
def test_a_calendar_that_cannot_be_reached_gets_its_booking_later(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    line.account.server.vanish()

    told_pending(line.book(who, offer), offer)
    down = line.caller().ask("check_availability", service="long", when="tomorrow")
    assert (down["status"], down["transfer_to"]) == ("not_done", TRANSFER)
    line.account.come_back()
    line.later(60, 60)
    assert line.book(who, offer)["status"] == "confirmed"
    line.check_settled(offer, "sms_booked")


@on_every_calendar("provider")
def test_a_lost_answer_to_a_move(line: Line) -> None:
    who = line.caller()
    old, new, *_ = line.offers(who)
    handle = line.booked(who, old)["appointment"]
    line.later(60)
    line.account.fault("drop_after", "move")

    wish = {"appointment": handle, "slot_id": new["slot_id"]}
    reply = who.ask("reschedule_appointment", "move", **wish)
    assert reply["status"] in {"confirmed", "pending"}, reply
    line.later(5, 65, 120)
    again = who.ask("reschedule_appointment", "move", **wish)
    assert (again["status"], again["start"], again["replay"]) == ("confirmed", new["start"], True), again
    line.check_settled(new, "sms_booked", "sms_moved")
    line.booked(line.caller(), old)


@on_every_calendar("provider")
def test_a_lost_answer_to_a_cancellation(line: Line) -> None:
    who = line.caller()
    offer = line.offers(who)[0]
    handle = line.booked(who, offer)["appointment"]
    line.later(60)
    line.account.fault("drop_after", "cancel")

    reply = who.cancel("gone", appointment=handle)
    assert reply["status"] in {"cancelled", "cancel_pending"}, reply
    line.later(5, 65, 65)
    again = who.cancel("gone", appointment=handle)
    assert again["status"] == "cancelled", again
    assert line.account.standing() == []
    assert line.states() == ["cancelled"]
    assert line.texts() == ["sms_booked", "sms_cancelled"]
    line.booked(line.caller(), offer)
