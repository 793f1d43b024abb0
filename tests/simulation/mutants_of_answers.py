"""Answers that are not so: the product does what it should, or does nothing, and says something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slotline.domain.bookings import Booking, State
from slotline.domain.calls import ToolReply
from slotline.use_cases import answers, appointments, cancel, reschedule
from slotline.use_cases.appointments import Change
from slotline.use_cases.known_wish import KnownWish
from tests.patches import Given, Patches
from tests.simulation.mutant import Mutant, everywhere, registrar

ANSWERS: dict[str, Mutant] = {}
mutant = registrar(ANSWERS)


@mutant("cancelled-in-words-only", "a cancellation is done before it is said", kinds="o")
def _cancelled_in_words() -> Patches:
    def cancelled(change: Change, booking: Booking, record: Any) -> Booking:
        return replace(booking, state=State.CANCELLED, cancel_wanted=True)

    return [(cancel, "_cancelled", cancelled)]


@mutant("cancelling-said-cancelled", "only the calendar's yes is a cancellation")
def _cancelling_said_cancelled() -> Patches:
    real = cancel._answer

    def answer(change: Change, before: Booking, after: Booking, record: Any) -> ToolReply:
        shown = replace(after, state=State.CANCELLED) if after.state.is_unfinished else after
        return real(change, before, shown, record)

    return [(cancel, "_answer", answer)]


@mutant("cancelled-by-the-question", "asking whether to cancel cancels nothing", kinds="o")
def _cancelled_by_the_question() -> Patches:
    def asked(change: Change, booking: Booking, record: Any) -> ToolReply:
        return cancel._answer(change, booking, cancel._cancelled(change, booking, record), record)

    return [(cancel, "_asked", asked)]


@mutant("yes-to-no-question", "a yes answers a question of this call", scene="a yes to no question")
def _yes_to_no_question() -> Patches:
    return [(cancel, "_is_agreed", lambda change, booking, record: True)]


@mutant("requested-said-booked", "what its host has not approved is not booked")
def _requested_said_booked() -> Patches:
    real = answers.told

    def told(desk: Any, booking: Booking, **given: Given) -> ToolReply:
        return real(desk, replace(booking, needs_approval=False), **given)

    return everywhere("told", told)


@mutant("moved-said-taken", "a move that came through is told as one", kinds="o")
def _moved_said_taken() -> Patches:
    real = reschedule._sent

    def sent(change: Change, booking: Booking, choice: Any) -> Booking:
        after = real(change, booking, choice)
        came_through = after.state is State.BOOKED and after.times.span.start == choice.start
        return replace(after, times=booking.times) if came_through else after

    return [(reschedule, "_sent", sent)]


@mutant("served-and-said-taken", "who was found somebody to serve them hears so", kinds="o")
def _served_and_said_taken() -> Patches:
    real = KnownWish._answer

    def answer(self: KnownWish, booking: Booking, delivery: Any, *, replay: bool) -> ToolReply:
        if booking.staff and booking.state is State.BOOKED and not replay:
            return answers.unavailable(self.desk, self.choice, deadline=self.deadline)
        return real(self, booking, delivery, replay=replay)

    return [(KnownWish, "_answer", answer)]


@mutant("nothing-found", "who has an appointment finds it", kinds="o")
def _nothing_found() -> Patches:
    return [(Change, "coming", lambda self, record=None: [])]


@mutant("settled-said-pending", "what is settled is told so", kinds="o")
def _settled_said_pending() -> Patches:
    real = answers.told

    def told(desk: Any, booking: Booking, *, replay: bool, **given: Given) -> ToolReply:
        shown = replace(booking, state=State.BOOKING) if replay and booking.state is State.BOOKED else booking
        return real(desk, shown, replay=replay, **given)

    return everywhere("told", told)


@mutant("read-out-as-approved", "a request is read out as one")
def _read_out_as_approved() -> Patches:
    real = appointments._line

    def line(desk: Any, booking: Booking, record: Any) -> dict[str, object]:
        return real(desk, replace(booking, needs_approval=False), record)

    return [(appointments, "_line", line)]
