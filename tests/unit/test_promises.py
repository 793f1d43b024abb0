"""What a caller was told last, and whether a booking in each state is that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slotline.domain.bookings import Booking, State, Times
from slotline.domain.calls import Status
from slotline.domain.promises import PROMISES, Told, is_kept, last_promises

START = 1_000_000
LIVE = {State.BOOKED, State.RESCHEDULING}
ENDED = {State.CANCELLED, State.EXPIRED, State.REJECTED}
UNFINISHED = {State.BOOKING, State.RESCHEDULING, State.CANCELLING}


def booking(state: State, *, start: int = START) -> Booking:
    return Booking(
        id="b", rv=3, state=state, service="visit", calendar="main", resources=("r",),
        times=Times.of(start, minutes=60), caller="c", intent="i", agent="front",
    )  # fmt: skip


def told(
    status: Status,
    *,
    handle: str | None = "appt_1",
    start: int | None = START,
    tool: str = "t",
    wish: str | None = None,
) -> Told:
    return Told(tool, status, 0.0, handle, start, wish)


KEPT_IN = {
    Status.CONFIRMED: LIVE,
    Status.REQUESTED: LIVE,
    Status.PENDING: UNFINISHED | {State.BOOKED},
    Status.CANCELLED: ENDED,
    Status.CANCEL_PENDING: ENDED,
}


@pytest.mark.parametrize("status", sorted(PROMISES))
@pytest.mark.parametrize("state", State)
def test_a_promise_is_kept_in_these_states_and_in_no_other(status: Status, state: State) -> None:
    assert is_kept(told(status), booking(state)) is (state in KEPT_IN[status])


def test_a_wish_to_cancel_that_is_on_its_way_is_what_was_promised() -> None:
    wanted = replace(booking(State.CANCELLING), cancel_wanted=True)

    assert is_kept(told(Status.CANCEL_PENDING), wanted)
    assert not is_kept(told(Status.CANCELLED), wanted)


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.REQUESTED])
def test_another_time_than_the_one_that_was_said_is_not_kept(status: Status) -> None:
    assert not is_kept(told(status), booking(State.BOOKED, start=START + 30))
    assert is_kept(told(status, start=None), booking(State.BOOKED, start=START + 30))


def test_only_promises_count_and_of_each_appointment_the_last() -> None:
    lines = [
        told(Status.AVAILABLE, handle=None),
        told(Status.PENDING),
        told(Status.CONFIRMED, handle="appt_2"),
        told(Status.CONFIRMED, start=START + 30),
        told(Status.UNAVAILABLE),
        told(Status.HELD),
    ]

    assert set(last_promises(lines)) == {lines[2], lines[3]}


def test_a_doubt_without_an_appointment_ends_with_the_next_answer_to_the_same_wish() -> None:
    doubt = told(Status.PENDING, handle=None, start=None, tool="book", wish="nine")
    same, other = told(Status.CONFIRMED, tool="book", wish="nine"), told(Status.CONFIRMED, tool="book", wish="ten")

    assert last_promises([doubt]) == (doubt,)
    assert last_promises([doubt, told(Status.UNAVAILABLE, handle=None, tool="hold", wish="nine")]) == (doubt,)
    assert last_promises([doubt, told(Status.UNAVAILABLE, handle=None, tool="book", wish="nine")]) == ()
    assert last_promises([doubt, same]) == (same,)
    assert last_promises([doubt, other]) == (doubt, other)
    assert last_promises([doubt, replace(doubt, at=1.0)]) == (replace(doubt, at=1.0),)


def test_where_the_wish_is_not_known_no_answer_ends_a_doubt() -> None:
    doubts = [replace(told(Status.PENDING, handle=None, start=None), at=float(at)) for at in range(2)]

    assert last_promises([*doubts, told(Status.UNAVAILABLE, handle=None)]) == tuple(doubts)


@pytest.mark.parametrize("tool", ["check_availability", "find_appointments"])
@pytest.mark.parametrize("handle", [None, "appt_1"])
def test_a_tool_that_only_reads_promises_nothing(tool: str, handle: str | None) -> None:
    booked = told(Status.CONFIRMED, tool="book_appointment")

    assert last_promises([booked, told(Status.PENDING, tool=tool, handle=handle)]) == (booked,)
