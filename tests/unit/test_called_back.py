"""A caller whose line drops rings back for the slot that is kept: it is kept for the call that was told so last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from slotline.adapters.dynamodb.call_log import DynamoCallLog
from slotline.domain.bookings import HOLD_SECONDS, State
from slotline.domain.business import Agent, Auth
from slotline.domain.call_events import CallRef
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError
from slotline.use_cases.call_end import CallEnd
from tests.simulation.aws_faults import throttled
from tests.unit.front_desk import BUSINESS, HARBOR, TOMORROW, Caller, FrontDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.bookings import Booking

EARLY, LATE = TOMORROW, TOMORROW + 180
FIRST, SECOND = CallRef("generic", "c1", "front"), CallRef("generic", "c2", "front")
NIGHT = Agent("night", "generic", ("visit",), Auth("bearer"))
TWO_AGENTS = replace(HARBOR, agents={**HARBOR.agents, NIGHT.key: NIGHT})


@dataclass
class Switchboard(FrontDesk):
    """A desk that hears of the ends of calls, and whose agent on the line may change."""

    answering: str = "front"

    def desk(self) -> Any:
        return replace(super().desk(), agent=self.business.agents[self.answering])

    def end(self, call: CallRef) -> int:
        log = DynamoCallLog(self.table, business=BUSINESS)
        return CallEnd(
            store=self.store, log=log, clock=self.clock, hashed=self.keys.caller, notify=lambda *_a, **_f: None,
            count=lambda *_: None,
        ).release(call)  # fmt: skip

    def only(self) -> Booking:
        (booking,) = self.bookings()
        return booking


@pytest.fixture
def front() -> Switchboard:
    return Switchboard()


@pytest.fixture
def ada(front: Switchboard) -> Caller:
    return Caller(front)


@pytest.fixture
def again(ada: Caller) -> Caller:
    """The same caller, in a second call."""
    return replace(ada, call="c2")


def eve(front: FrontDesk, *, call: str = "e") -> Caller:
    return Caller(front, "+14155550199", call=call)


@pytest.mark.parametrize("way", ["hold", "hold_at"])
def test_the_end_of_the_dropped_call_frees_nothing(front: Switchboard, ada: Caller, again: Caller, way: str) -> None:
    ada.hold(EARLY)
    assert "still keeping" in getattr(again, way)(EARLY).message

    assert [front.end(FIRST), front.end(FIRST)] == [0, 0]

    assert eve(front).book(EARLY).status is Status.UNAVAILABLE
    assert again.book(EARLY).status is Status.CONFIRMED
    assert len(front.bookings()) == 1


def test_the_end_of_the_second_call_frees_it_at_once(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    again.hold(EARLY)

    assert [front.end(SECOND), front.end(FIRST)] == [1, 0]

    assert front.locks() == {}
    assert eve(front).book(EARLY).status is Status.CONFIRMED


def test_a_call_that_asks_again_has_it_back(front: Switchboard, ada: Caller, again: Caller) -> None:
    for caller in (ada, again, ada):
        assert caller.hold(EARLY).status is Status.HELD

    assert [front.end(SECOND), front.end(FIRST)] == [0, 1]


def test_a_late_repeat_of_a_delivery_of_the_dropped_call_takes_nothing_back(
    front: Switchboard, ada: Caller, again: Caller
) -> None:
    dropped = replace(ada, delivery="d1")
    dropped.hold(EARLY)
    again.hold(EARLY)

    assert dropped.hold(EARLY).status is Status.HELD
    assert front.end(FIRST) == 0


def test_who_is_told_again_in_the_same_call_causes_no_write(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    again.hold(EARLY)
    before = front.rows()

    assert "still keeping" in again.hold(EARLY).message
    assert front.rows() == before


def test_who_books_it_finds_the_hold_as_it_is_now(front: Switchboard, ada: Caller, again: Caller) -> None:
    """The wish carries the record of its hold, so that booking takes one read."""
    ada.hold(EARLY)
    again.hold(EARLY)

    booking = front.only()
    assert front.store.view(intents=[booking.intent]).holds == {booking.intent: booking}


def test_it_lapses_when_it_would_have(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    front.clock.sleep(HOLD_SECONDS - 10)
    again.hold(EARLY)
    assert front.only().held_until == front.clock.now() + 10

    front.after(20)
    assert eve(front).book(EARLY).status is Status.CONFIRMED


def test_the_call_keeps_this_hold_and_not_the_one_it_had(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    again.hold(LATE)
    again.hold(EARLY)

    assert sorted(booking.state for booking in front.bookings()) == [State.EXPIRED, State.HELD]
    assert list(front.locks().values()) == [(EARLY, EARLY + 60)]


def test_the_dropped_call_lets_no_more_go_of_it(front: Switchboard, ada: Caller, again: Caller) -> None:
    """A tool of the first call that answers late."""
    ada.hold(EARLY)
    again.hold(EARLY)

    ada.hold(LATE)

    assert [booking.state for booking in front.bookings()] == [State.HELD, State.HELD]


def test_of_two_agents_in_one_call_it_ends_with_the_one_who_told_of_it_last() -> None:
    front = Switchboard(TWO_AGENTS)
    ada = Caller(front)
    ada.hold(EARLY)
    front.answering = "night"
    ada.hold(EARLY)

    assert [front.end(FIRST), front.end(replace(FIRST, agent="night"))] == [0, 1]


def test_the_end_may_come_in_the_very_moment_of_asking(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    front.dynamodb.before = once(lambda: front.end(FIRST))

    assert again.hold(EARLY).status is Status.HELD
    assert sorted(booking.state for booking in front.bookings()) == [State.EXPIRED, State.HELD]
    assert front.end(SECOND) == 1


def test_the_asking_may_come_in_the_very_moment_of_the_end(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)
    front.dynamodb.before = once(lambda: again.hold(EARLY))

    assert front.end(FIRST) == 0
    assert front.only().state is State.HELD


def once(happens: Any) -> Any:
    """Right before the next write, and never again."""
    seen: list[int] = []

    def before(name: str, _request: Mapping[str, Any]) -> None:
        if name == "transact_write_items" and not seen:
            seen.append(1)
            happens()

    return before


@pytest.mark.parametrize("done", [True, False])
def test_whoever_dies_while_it_changes_hands_leaves_it_with_one_of_the_two(
    front: Switchboard, ada: Caller, again: Caller, monkeypatch: pytest.MonkeyPatch, *, done: bool
) -> None:
    ada.hold(EARLY)
    again = replace(again, delivery="d1")
    write = front.dynamodb.client.transact_write_items

    def dies(**request: Any) -> Any:
        if done:
            write(**request)
        raise InDoubtError("the process is gone")

    with monkeypatch.context() as process:
        process.setattr(front.table._client, "transact_write_items", dies)  # it dies around the write
        with pytest.raises(InDoubtError):
            again.hold(EARLY)
    assert front.only().held_by == (SECOND if done else FIRST).scope

    assert "still keeping" in again.hold(EARLY).message
    assert [front.end(FIRST), front.end(SECOND)] == [0, 1]


def test_who_cannot_be_given_it_is_not_told_that_it_is_kept(front: Switchboard, ada: Caller, again: Caller) -> None:
    ada.hold(EARLY)

    def before(name: str, _request: Mapping[str, Any]) -> None:
        if name == "transact_write_items":
            raise throttled()

    front.dynamodb.before = before

    assert again.hold(EARLY).status is Status.NOT_DONE


# --- who learned the id of a call ------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [EARLY + 30, LATE])
@pytest.mark.parametrize("way", ["hold", "book"])
def test_another_number_in_the_same_call_frees_nothing(front: Switchboard, ada: Caller, way: str, start: int) -> None:
    ada.hold(EARLY)

    getattr(eve(front, call="c1"), way)(start)

    assert front.bookings()[0].state is State.HELD


def test_nor_by_a_move(front: Switchboard, ada: Caller) -> None:
    ada.hold(EARLY)
    forger = eve(front)
    forger.book(LATE)

    assert replace(forger, call="c1").move(EARLY + 30).status is Status.UNAVAILABLE
    assert front.bookings()[0].state is State.HELD
