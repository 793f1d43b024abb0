"""A cancellation is a pair: the question, and a yes to that very question, later and by another delivery."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.bookings import State
from slotline.domain.calls import CallContext, HttpRequest, Status, ToolCall, ToolReply
from slotline.domain.errors import InDoubtError
from slotline.domain.verification import ASKED_KEPT_SECONDS, CONSENT_SECONDS, MOST_QUESTIONS, REPEAT_SECONDS
from slotline.platforms.retell import Retell
from slotline.use_cases.cancel import cancel_appointment
from tests.unit.front_desk import BUDGET_SECONDS, HARBOR, TOMORROW, Caller, FrontDesk, failing, meanwhile

EARLY, LATE = TOMORROW, TOMORROW + 180


@pytest.fixture
def front() -> FrontDesk:
    return FrontDesk()


@pytest.fixture
def ada(front: FrontDesk) -> Caller:
    caller = Caller(front)
    assert caller.book(EARLY).status is Status.CONFIRMED
    return caller


def said(caller: Caller, *, confirm: bool, turn: str | None = None, delivery: str | None = None) -> ToolReply:
    """One delivery of one turn."""
    args: dict[str, Any] = {"appointment": "appt_1"} | ({"confirm": True} if confirm else {})
    context = CallContext("generic", call_id=caller.call, caller=caller.number)
    call = ToolCall("cancel_appointment", args, context, id=delivery, turn=turn)
    deadline = caller.front.clock.now() + BUDGET_SECONDS
    return cancel_appointment(caller.front.desk(), call, deadline=deadline, appointment="appt_1", confirm=confirm)


def states(front: FrontDesk) -> list[State]:
    return [booking.state for booking in front.bookings()]


def test_a_yes_without_a_question_is_a_question(front: FrontDesk, ada: Caller) -> None:
    reply = ada.confirm()

    assert reply.status is Status.NEEDS_CONFIRMATION
    assert "Shall I cancel" in reply.message
    assert states(front) == [State.BOOKED]


def test_a_yes_after_the_question_cancels(front: FrontDesk, ada: Caller) -> None:
    assert ada.ask_to_cancel().status is Status.NEEDS_CONFIRMATION
    assert states(front) == [State.BOOKED]

    assert ada.confirm().status is Status.CANCELLED
    assert states(front) == [State.CANCELLED]


def test_a_yes_that_asked_is_answered_by_the_next_yes(front: FrontDesk, ada: Caller) -> None:
    assert said(ada, confirm=True, delivery="d1").status is Status.NEEDS_CONFIRMATION

    assert said(ada, confirm=True, delivery="d2").status is Status.CANCELLED


def test_a_delivery_that_asked_asks_again_however_often_it_comes(front: FrontDesk, ada: Caller) -> None:
    for _ in range(3):
        assert said(ada, confirm=True, delivery="d1").status is Status.NEEDS_CONFIRMATION
    assert said(ada, confirm=False, delivery="d2").status is Status.NEEDS_CONFIRMATION

    assert said(ada, confirm=True, delivery="d1").status is Status.NEEDS_CONFIRMATION  # late, after another question
    assert states(front) == [State.BOOKED]


# --- where the platform names no delivery ----------------------------------------------------------------------------


def test_a_first_call_that_comes_again_unnamed_is_no_yes(front: FrontDesk, ada: Caller) -> None:
    for _ in range(3):
        assert said(ada, confirm=True).status is Status.NEEDS_CONFIRMATION

    assert states(front) == [State.BOOKED]


def test_a_yes_in_other_words_than_the_question_passes_at_once(front: FrontDesk, ada: Caller) -> None:
    assert said(ada, confirm=False).status is Status.NEEDS_CONFIRMATION

    assert said(ada, confirm=True).status is Status.CANCELLED


@pytest.mark.parametrize(("waited", "status"), [(-1, Status.NEEDS_CONFIRMATION), (0, Status.CANCELLED)])
def test_the_same_words_are_a_yes_when_no_platform_repeats_any_more(
    front: FrontDesk, ada: Caller, waited: int, status: Status
) -> None:
    said(ada, confirm=True)
    front.clock.sleep(REPEAT_SECONDS / 2)
    said(ada, confirm=True)  # asking again makes nobody wait longer
    front.clock.sleep(REPEAT_SECONDS / 2 + waited)

    assert said(ada, confirm=True).status is status


def test_words_that_asked_anew_after_minutes_are_a_repeat_again(front: FrontDesk, ada: Caller) -> None:
    said(ada, confirm=True)
    front.clock.sleep(CONSENT_SECONDS)

    assert [said(ada, confirm=True).status for _ in range(2)] == [Status.NEEDS_CONFIRMATION] * 2


# --- who can be remembered to have asked -----------------------------------------------------------------------------


def test_a_delivery_that_asked_is_no_yes_after_many_others(front: FrontDesk, ada: Caller) -> None:
    for n in range(MOST_QUESTIONS):
        assert said(ada, confirm=n == 0, delivery=f"d{n}").status is Status.NEEDS_CONFIRMATION

    refused = said(ada, confirm=False, delivery="one more")
    assert refused.status is Status.NOT_DONE
    assert "as it was" in refused.message
    for n in range(MOST_QUESTIONS):
        assert said(ada, confirm=True, delivery=f"d{n}").status is Status.NEEDS_CONFIRMATION
    assert states(front) == [State.BOOKED]
    assert said(ada, confirm=True, delivery="yes").status is Status.CANCELLED


def test_who_was_asked_too_often_is_put_through_to_a_person() -> None:
    front = FrontDesk(replace(HARBOR, transfer_to="+14155550100"))
    ada = Caller(front)
    ada.book(EARLY)

    replies = [said(ada, confirm=False, delivery=f"d{n}") for n in range(MOST_QUESTIONS + 1)]
    assert replies[-1].fields == {"transfer_to": "+14155550100"}


def test_where_no_call_is_named_a_caller_may_be_asked_again_another_day(front: FrontDesk) -> None:
    ada = Caller(front, call=None)
    ada.book(EARLY)
    for n in range(MOST_QUESTIONS + 1):
        said(ada, confirm=False, delivery=f"d{n}")
    front.clock.sleep(ASKED_KEPT_SECONDS)

    assert said(ada, confirm=False, delivery="later").status is Status.NEEDS_CONFIRMATION


# --- in one breath ---------------------------------------------------------------------------------------------------


def test_what_is_one_turn_for_ever_is_none(front: FrontDesk, ada: Caller) -> None:
    """A transcript that never grows, for example."""
    assert said(ada, confirm=False, turn="t1", delivery="d1").status is Status.NEEDS_CONFIRMATION
    front.clock.sleep(REPEAT_SECONDS)

    assert said(ada, confirm=True, turn="t1", delivery="d2").status is Status.CANCELLED


def test_nobody_spoke_within_one_turn(front: FrontDesk, ada: Caller) -> None:
    assert said(ada, confirm=False, turn="t1", delivery="d1").status is Status.NEEDS_CONFIRMATION
    assert said(ada, confirm=True, turn="t1", delivery="d2").status is Status.NEEDS_CONFIRMATION
    assert states(front) == [State.BOOKED]

    assert said(ada, confirm=True, turn="t2", delivery="d3").status is Status.CANCELLED


USER, AGENT = {"role": "user", "content": "…"}, {"role": "agent", "content": "…"}


def on_retell(front: FrontDesk, arguments: dict[str, Any], *transcript: dict[str, Any]) -> Status:
    """One request of Retell, with the transcript as far as it has come."""
    about = {"call_id": "c1", "call_type": "phone_call", "direction": "inbound", "from_number": "+14155550155"}
    call = about | {"to_number": "+14155550111", "transcript_with_tool_calls": transcript}
    body = json.dumps({"name": "cancel_appointment", "args": arguments, "call": call}).encode()
    (read,) = Retell().read(HttpRequest("POST", "/", {}, body), path_tool="cancel_appointment")
    assert isinstance(read, ToolCall)
    return cancel_appointment(front.desk(), read, deadline=front.clock.now() + BUDGET_SECONDS, **arguments).status


def invoked(key: str, arguments: dict[str, Any]) -> dict[str, Any]:
    named = {"tool_call_id": key, "name": "cancel_appointment", "arguments": json.dumps(arguments)}
    return {"role": "tool_call_invocation", **named}


def answered(key: str) -> dict[str, Any]:
    return {"role": "tool_call_result", "tool_call_id": key, "content": "{}"}


THIS: dict[str, Any] = {"appointment": "appt_1"}
YES = THIS | {"confirm": True}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([USER, invoked("k1", THIS)], [USER, invoked("k1", THIS), answered("k1"), invoked("k2", YES)]),
        ([USER, invoked("k1", THIS)], [USER, invoked("k1", THIS), answered("k1")]),  # the second is not in it yet
        ([USER], [USER, invoked("k1", THIS), answered("k1"), invoked("k2", YES)]),  # the first was not
        ([USER], [USER]),
        ([AGENT], [AGENT, invoked("k1", THIS)]),
    ],
)
def test_on_retell_nobody_spoke_however_far_the_transcript_lags(
    front: FrontDesk, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    Caller(front).book(EARLY)

    assert on_retell(front, THIS, *first) is Status.NEEDS_CONFIRMATION
    assert on_retell(front, YES, *second) is Status.NEEDS_CONFIRMATION
    assert states(front) == [State.BOOKED]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([USER, invoked("k1", THIS)], [USER, invoked("k1", THIS), answered("k1"), AGENT, USER, invoked("k2", YES)]),
        ([USER, invoked("k1", THIS)], [USER, invoked("k1", THIS), answered("k1"), AGENT, USER]),
        ([USER], [USER, AGENT, USER]),
        ([], []),  # no transcript is sent: the delivery is all there is to see
    ],
)
def test_on_retell_one_question_is_enough(
    front: FrontDesk, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    Caller(front).book(EARLY)

    assert on_retell(front, THIS, *first) is Status.NEEDS_CONFIRMATION
    assert on_retell(front, YES, *second) is Status.CANCELLED


@pytest.mark.parametrize(("waited", "status"), [(-1, Status.CANCELLED), (0, Status.NEEDS_CONFIRMATION)])
def test_a_question_is_open_for_five_minutes(front: FrontDesk, ada: Caller, waited: int, status: Status) -> None:
    ada.ask_to_cancel()
    front.clock.sleep(CONSENT_SECONDS + waited)

    assert ada.confirm().status is status


def test_what_was_moved_since_is_asked_about_anew(front: FrontDesk, ada: Caller) -> None:
    early = ada.ask_to_cancel()
    assert ada.move(LATE).status is Status.CONFIRMED

    late = ada.confirm()
    assert late.status is Status.NEEDS_CONFIRMATION
    assert late.fields["start"] != early.fields["start"]
    assert late.message != early.message
    front.clock.sleep(REPEAT_SECONDS)
    assert ada.confirm().status is Status.CANCELLED


def test_a_yes_belongs_to_its_call_and_its_appointment(front: FrontDesk, ada: Caller) -> None:
    assert ada.book(LATE).status is Status.CONFIRMED
    ada.ask_to_cancel("appt_1")

    assert ada.confirm("appt_2").status is Status.NEEDS_CONFIRMATION
    assert replace(ada, call="another").confirm().status is not Status.CANCELLED
    assert states(front) == [State.BOOKED, State.BOOKED]
    front.clock.sleep(REPEAT_SECONDS)
    assert ada.confirm("appt_2").status is Status.CANCELLED
    assert ada.confirm("appt_1").status is Status.NEEDS_CONFIRMATION  # the other question took its place


def test_a_yes_is_good_once(front: FrontDesk, ada: Caller) -> None:
    """What the calendar refused to cancel stands, and is asked about again before it is tried again."""
    ada.ask_to_cancel()
    assert ada.confirm().status is Status.CANCELLED
    assert ada.book(EARLY).status is Status.CONFIRMED

    assert ada.confirm("appt_2").status is Status.NEEDS_CONFIRMATION


def test_of_two_yeses_at_once_one_cancels_and_the_other_hears_of_it(front: FrontDesk, ada: Caller) -> None:
    ada.ask_to_cancel()
    heard: list[ToolReply] = []
    front.calendar.plan("cancel", meanwhile(lambda: heard.append(said(ada, confirm=True, delivery="other"))))

    assert said(ada, confirm=True, delivery="this").status is Status.CANCELLED
    assert [reply.status for reply in heard] == [Status.CANCEL_PENDING]
    assert front.effects(front.bookings()[0].id).count("sms_cancelled") == 1


def test_a_repeated_yes_hears_the_same(front: FrontDesk, ada: Caller) -> None:
    ada.ask_to_cancel()

    assert [said(ada, confirm=True, delivery="d1").status for _ in range(3)] == [Status.CANCELLED] * 3


def test_a_hold_is_asked_about_too(front: FrontDesk) -> None:
    ada = Caller(front)
    ada.hold(EARLY)

    assert ada.confirm("appt_1").status is Status.NEEDS_CONFIRMATION
    assert states(front) == [State.HELD]
    front.clock.sleep(REPEAT_SECONDS)
    assert ada.confirm("appt_1").status is Status.CANCELLED


def test_where_the_platform_names_no_call_the_question_is_the_callers(front: FrontDesk) -> None:
    ada = Caller(front, call=None)
    bob = Caller(front, call=None, number="+14155550199")
    ada.book(EARLY)
    bob.book(LATE)

    assert ada.ask_to_cancel().status is Status.NEEDS_CONFIRMATION
    assert bob.confirm().status is Status.NEEDS_CONFIRMATION
    assert ada.confirm().status is Status.CANCELLED


def test_what_is_being_cancelled_is_not_asked_about(front: FrontDesk, ada: Caller) -> None:
    front.calendar.plan("cancel", *[failing(InDoubtError("no answer"))] * 9)
    assert ada.cancel().status is Status.CANCEL_PENDING

    assert ada.ask_to_cancel("appt_1").status is Status.CANCEL_PENDING
