"""Where a look-up takes a code, booking and holding tell no more of an appointment than a stranger hears."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from slotline.domain.bookings import State
from slotline.domain.business import IdentityLevel
from slotline.domain.calls import CallContext, Status, ToolCall, ToolReply
from slotline.domain.errors import InDoubtError, NotExecutedError
from slotline.use_cases.booking import book_appointment, hold_slot
from tests.simulation.aws_faults import throttled
from tests.unit.front_desk import BUDGET_SECONDS, TOMORROW, Caller, failing
from tests.unit.test_verification import ADA, BOB, STRICT, Clinic, ask

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLY, LATE = TOMORROW, TOMORROW + 180
WAYS = ("hold", "hold_at", "book", "book_at")

every_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def heard(clinic: Clinic, number: str, way: str, *, service: str = "visit") -> ToolReply:
    reply: ToolReply = getattr(Caller(clinic, number, call=f"call of {number}"), way)(EARLY, service=service)
    return reply


def in_doubt(clinic: Clinic, request: str) -> None:
    clinic.calendar.plan(request, failing(InDoubtError("no answer")))
    clinic.calendar.plan("find", *[failing(NotExecutedError("no connection"))] * 2)


def booked(clinic: Clinic) -> None:
    assert Caller(clinic, call="old").book(EARLY).status is Status.CONFIRMED


def pending(clinic: Clinic) -> None:
    in_doubt(clinic, "create")
    assert Caller(clinic, call="old").book(EARLY).status is Status.PENDING


def moving_away(clinic: Clinic) -> None:
    booked(clinic)
    in_doubt(clinic, "move")
    assert Caller(clinic, call="old").move(LATE).status is Status.PENDING


def moving_here(clinic: Clinic) -> None:
    Caller(clinic, call="old").book(LATE)
    in_doubt(clinic, "move")
    assert Caller(clinic, call="old").move(EARLY).status is Status.PENDING


def ending(clinic: Clinic) -> None:
    booked(clinic)
    in_doubt(clinic, "cancel")
    assert Caller(clinic, call="old").cancel("appt_1").status is Status.CANCEL_PENDING


@every_way
@pytest.mark.parametrize("before", [booked, pending, moving_away, moving_here, ending])
def test_who_proves_nothing_hears_what_a_stranger_hears(clinic: Clinic, before: Any, way: str) -> None:
    before(clinic)
    known = {booking.id for booking in clinic.bookings()}
    requests = clinic.calendar.count("create")

    a_guess, a_stranger = heard(clinic, ADA, way), heard(clinic, BOB, way)

    assert a_guess == a_stranger
    assert a_guess.status is Status.UNAVAILABLE
    assert {booking.id for booking in clinic.bookings()} == known
    assert clinic.calendar.count("create") == requests


def test_an_older_booking_that_the_calendar_answers_with_is_not_told_of(clinic: Clinic) -> None:
    booked(clinic)
    (older,) = clinic.calendar.kept.values()
    late = []
    for known in (False, True):
        call = f"c{known}"
        if known:
            ask(clinic, call=call)
            ask(clinic, call=call, code=clinic.code())
        clinic.calendar.plan("create", lambda _send: older)
        late.append(Caller(clinic, call=call).book(LATE))

    assert [reply.status for reply in late] == [Status.UNAVAILABLE, Status.CONFIRMED]


def test_a_guess_leaves_no_handle(clinic: Clinic) -> None:
    booked(clinic)
    heard(clinic, ADA, "book")

    assert Caller(clinic, call=f"call of {ADA}").ask_for_text("appt_1").status is not Status.SENT
    assert all("shown" not in row or not row["shown"] for (pk, _), row in clinic.rows().items() if ADA in pk)


@pytest.mark.parametrize(("service", "staff"), [("class", None), ("massage", "ana")])
def test_the_same_wish_is_not_booked_twice_where_seats_are_left(
    clinic: Clinic, service: str, staff: str | None
) -> None:
    Caller(clinic, call="old").book(EARLY, service=service, staff=staff)

    reply = heard(clinic, ADA, "book", service=service)

    assert reply.status is Status.UNAVAILABLE
    assert len(clinic.bookings()) == 1
    assert "noon" not in reply.message  # what was refused is not offered in the same breath


@pytest.mark.parametrize("look_up", [IdentityLevel.CALLER_ID, IdentityLevel.SMS_CODE])
def test_the_level_of_a_change_says_nothing_about_it(look_up: IdentityLevel) -> None:
    clinic = Clinic(replace(STRICT, look_up=look_up))
    booked(clinic)

    told = heard(clinic, ADA, "book")
    assert told.status is (Status.CONFIRMED if look_up is IdentityLevel.CALLER_ID else Status.UNAVAILABLE)


# --- who may hear of it ----------------------------------------------------------------------------------------------


@every_way
def test_who_read_the_code_back_hears_of_it(clinic: Clinic, way: str) -> None:
    booked(clinic)
    ask(clinic, call=f"call of {ADA}")
    ask(clinic, call=f"call of {ADA}", code=clinic.code())

    reply = heard(clinic, ADA, way)
    assert (reply.status, reply.fields["replay"]) == (Status.CONFIRMED, True)


@every_way
def test_in_the_call_that_booked_it_it_is_told_again(clinic: Clinic, way: str) -> None:
    ada = Caller(clinic)
    ada.book(EARLY)

    assert getattr(ada, way)(EARLY).status is Status.CONFIRMED
    assert "nothing was booked twice" in getattr(replace(ada, delivery="another"), way)(EARLY).message


@pytest.mark.parametrize("call", ["c1", None])
def test_the_same_delivery_is_answered_as_ever(clinic: Clinic, call: str | None) -> None:
    ada = Caller(clinic, call=call, delivery="d1")

    assert [ada.book(EARLY).status for _ in range(2)] == [Status.CONFIRMED] * 2


def test_a_carriers_word_is_enough(clinic: Clinic) -> None:
    booked(clinic)
    words: dict[str, Any] = {"service": "visit", "slot_id": clinic.slot(EARLY)}
    call = ToolCall("hold_slot", words, CallContext("generic", call_id="c9", caller=ADA, attested=True))

    assert hold_slot(clinic.desk(), call, deadline=clinic.clock.now() + BUDGET_SECONDS, **words).fields["replay"]


def test_where_no_call_is_named_a_number_alone_proves_nothing(clinic: Clinic) -> None:
    nameless = Caller(clinic, call=None)
    nameless.book(EARLY)

    assert nameless.book(EARLY) == heard(clinic, BOB, "book")


def test_nor_does_a_name(clinic: Clinic) -> None:
    words = {"service": "visit", "slot_id": clinic.slot(EARLY), "name": "Ada Byron"}

    def booking() -> ToolReply:
        call = ToolCall("book_appointment", words, CallContext("generic"))
        return book_appointment(clinic.desk(), call, deadline=clinic.clock.now() + BUDGET_SECONDS, **words)

    assert [booking().status, booking().status] == [Status.CONFIRMED, Status.UNAVAILABLE]


def test_a_second_delivery_during_the_read_of_the_first_is_the_same_call(clinic: Clinic) -> None:
    """A batch read is no snapshot: the call may be read before the other delivery writes, and the wish after it."""
    seen: list[int] = []

    def before(name: str, request: Mapping[str, Any]) -> None:
        if name == "batch_get_item" and not seen:
            seen.append(1)
            Caller(clinic, delivery="second").book(EARLY)
            (asked,) = request["RequestItems"].values()
            asked["Keys"] = [key for key in asked["Keys"] if key["sk"]["S"] != "CALL"]

    clinic.dynamodb.before = before

    assert Caller(clinic).book(EARLY).status is Status.CONFIRMED


def test_when_nobody_can_say_who_may_hear_of_it_nothing_is_said_to_be_undone(clinic: Clinic) -> None:
    booked(clinic)
    reads: list[int] = []

    def before(name: str, _request: Mapping[str, Any]) -> None:
        reads.append(name == "batch_get_item")
        if sum(reads) > 1:
            raise throttled()

    clinic.dynamodb.before = before

    assert heard(clinic, ADA, "book").status is Status.PENDING


# --- a hold is no appointment ----------------------------------------------------------------------------------------


def test_a_hold_of_the_number_is_had_in_the_words_of_a_new_one(clinic: Clinic) -> None:
    Caller(clinic, call="old").hold(EARLY)
    free = heard(Clinic(), BOB, "hold")

    reply = heard(clinic, ADA, "hold")

    assert (reply.message, reply.fields) == (free.message, free.fields)
    assert heard(clinic, BOB, "book").status is Status.UNAVAILABLE
    assert heard(clinic, ADA, "book").status is Status.CONFIRMED
    assert [booking.state for booking in clinic.bookings()] == [State.BOOKED]
