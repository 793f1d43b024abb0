"""Calendly has no move: what is booked anew and cancelled must come right wherever it breaks off."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, Refusal, RefusedError
from tests.servers.calendly_desk import EventType
from tests.servers.faulty import transport
from tests.unit.breaking_wire import KilledError
from tests.unit.calendly_rig import BEN, Rig, adapter, moment, rig
from tests.unit.rigs import DAY, TEN

THERE = TEN + 300
QUIET = 180.0  # longer than anything we sent can still be executed, in seconds


def moved_rig() -> tuple[Rig, str]:
    r = rig()
    return r, r.create().id


def test_a_move_books_first_and_cancels_afterwards() -> None:
    r, old = moved_rig()
    del r.api.seen[:]

    new = r.move(old)

    writes = [q.path.rpartition("/")[2] for q in r.api.seen if q.method == "POST"]
    assert writes == ["invitees", "cancellation"]
    assert (new.tag, new.span.start, new.status, new.id != old) == ("tag-1", THERE, "accepted", True)
    assert r.live() == [THERE]
    assert (r.read(old).status, r.read(old).moved_to) == ("cancelled", new.id)


def test_a_move_to_where_it_is_changes_nothing() -> None:
    r, old = moved_rig()

    assert r.move(old, TEN).id == old
    assert r.move(r.move(old).id).span.start == THERE
    assert len(r.api.desk.events) == 2


def test_a_repeated_move_gives_what_the_first_one_made() -> None:
    r, old = moved_rig()

    assert r.move(old).id == r.move(old).id
    assert len(r.api.desk.events) == 2


def test_a_refused_time_leaves_the_old_one() -> None:
    r, old = moved_rig()
    r.create(r.wish("tag-2", contact=BEN, start=THERE))

    with pytest.raises(RefusedError) as refused:
        r.move(old)
    assert refused.value.reason is Refusal.TAKEN
    assert r.read(old).status == "accepted"


def test_a_start_that_overlaps_the_old_time_is_taken_and_nothing_is_lost() -> None:
    r = rig(EventType(step=15))
    old = r.create().id

    with pytest.raises(RefusedError) as refused:
        r.move(old, TEN + 15)
    assert refused.value.reason is Refusal.TAKEN
    assert r.live() == [TEN]


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "stall"])
def test_a_lost_booking_is_in_doubt_and_the_next_move_finds_it(kind: str) -> None:
    r, old = moved_rig()
    r.api.fault(kind, seconds=20)

    with pytest.raises(InDoubtError):
        r.move(old)
    assert r.live() == [TEN, THERE]
    assert (r.read(old).status, r.read(old).moved_to) == ("accepted", None)  # both stand: it has not moved yet
    assert [e.span.start for e in r.find(r.wish(start=THERE))] == [THERE, TEN]

    new = r.move(old)
    assert r.live() == [THERE]
    assert r.read(old).moved_to == new.id


@pytest.mark.parametrize("kind", ["error_before", "drop_before", "too_many", "unauthorized"])
def test_between_the_halves_every_failure_is_a_doubt(kind: str) -> None:
    r, old = moved_rig()
    r.api.fault(kind, on="cancel")

    with pytest.raises(InDoubtError):
        r.move(old)
    assert r.live() == [TEN, THERE]
    r.move(old)
    assert r.live() == [THERE]


@pytest.mark.parametrize("kind", ["error_after", "drop_after", "unreadable", "stall"])
def test_a_lost_cancellation_shows_where_the_old_event_went(kind: str) -> None:
    r, old = moved_rig()
    r.api.fault(kind, on="cancel", seconds=20)
    if kind == "unreadable":
        r.move(old)  # the status says it all
    else:
        with pytest.raises(InDoubtError):
            r.move(old)

    assert r.live() == [THERE]
    (new,) = r.find(r.wish(start=THERE))
    assert r.read(old).moved_to == new.id


def test_before_anything_is_booked_nothing_has_happened() -> None:
    for kind, on in itertools.product(("error_before", "too_many"), ("list", "invitees")):
        r, old = moved_rig()
        r.api.fault(kind, on=on, times=2)

        with pytest.raises(NotExecutedError):
            r.move(old)
        assert r.live() == [TEN]


@pytest.mark.parametrize("message", ["You are not allowed to cancel this event"])
def test_an_old_event_that_may_not_be_cancelled_takes_the_new_one_back(message: str) -> None:
    r, old = moved_rig()
    inner = transport(r.api, clock=r.clock)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(f"{old}/cancellation"):
            return httpx.Response(403, json={"title": "Permission Denied", "message": message})
        return inner.handle_request(request)

    r.calendar = adapter(httpx.MockTransport(handle), r.clock)

    with pytest.raises(RefusedError) as refused:
        r.move(old)
    assert refused.value.reason is Refusal.NOT_PERMITTED
    assert r.live() == [TEN]

    r.api.fault("error_before", on="cancel")  # now the taking back fails, too
    with pytest.raises(InDoubtError):
        r.move(old)
    assert r.live() == [TEN, THERE]
    with pytest.raises(RefusedError):
        r.move(old)
    assert r.live() == [TEN]


def test_a_duplicate_that_cannot_be_cancelled_never_costs_the_real_one() -> None:
    r, old = moved_rig()
    duplicate = r.create(r.wish(start=THERE)).id
    inner = transport(r.api, clock=r.clock)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(f"{duplicate}/cancellation"):
            return httpx.Response(403, json={"message": "You are not allowed to cancel this event"})
        return inner.handle_request(request)

    r.calendar = adapter(httpx.MockTransport(handle), r.clock)

    assert r.move(old, TEN).id == old
    assert r.live() == [TEN, THERE]


def test_the_known_event_is_cancelled_last_for_that_says_that_all_is_done() -> None:
    r, old = moved_rig()
    half = r.create(r.wish(start=TEN - 60)).id
    del r.api.seen[:]
    r.move(old)

    assert [q.path.split("/")[2] for q in r.api.seen if q.path.endswith("cancellation")] == [half, old]


def test_an_old_event_that_has_begun_meanwhile_is_no_reason_to_take_the_new_one_back() -> None:
    r, old = moved_rig()
    r.api.fault("error_before", on="cancel")
    with pytest.raises(InDoubtError):
        r.move(old)
    r.clock.time = TEN * 60.0 + 1

    new = r.move(old)

    assert new.span.start == THERE
    assert r.live() == [TEN, THERE]  # the past one cannot be cancelled, and stands in nobody's way


def test_an_event_that_has_begun_is_not_moved() -> None:
    r, old = moved_rig()
    r.clock.time = TEN * 60.0 + 1

    with pytest.raises(RefusedError) as refused:
        r.move(old)
    assert refused.value.reason is Refusal.NOT_PERMITTED
    assert r.live() == [TEN]


def test_what_the_invitee_rescheduled_is_moved_from_where_it_is() -> None:
    r, old = moved_rig()
    r.api.desk.invitee_reschedules(old, moment(TEN + 60))

    assert r.move(old).span.start == THERE
    assert r.live() == [THERE]


def test_a_move_survives_another_choice_of_the_tags_field() -> None:
    r, old = moved_rig()
    r.calendar = adapter(transport(r.api, clock=r.clock), r.clock, options={"tag_field": "utm_term"})
    r.api.fault("error_before", on="cancel")
    with pytest.raises(InDoubtError):
        r.move(old)

    r.move(old)

    assert r.live() == [THERE]


def test_a_half_done_move_elsewhere_is_cleared_away() -> None:
    r, old = moved_rig()
    r.api.fault("error_before", on="cancel")
    with pytest.raises(InDoubtError):
        r.move(old)

    new = r.move(old, TEN + 60)

    assert r.live() == [TEN + 60]
    assert r.read(old).moved_to == new.id


# --- every point, every fault ----------------------------------------------------------------------------------------


@dataclass
class Wire:
    """Passes requests on and does at the planned ones what was planned; watches that an event always stands."""

    r: Rig
    plan: dict[int, str]
    count: int = 0
    waiting: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        fault = self.plan.get(self.count, "")
        self.count += 1
        inner = transport(self.r.api, clock=self.r.clock)
        if fault == "kill_before":
            raise KilledError
        if fault == "late" and request.method == "POST":
            # Executed after we gave up, but before the quiescence ends.
            self.waiting.append((self.r.clock.now() + QUIET / 2, lambda: inner.handle_request(request)))
        if fault in {"lost_before", "late"}:
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "throttled":
            return httpx.Response(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5"})
        if fault == "unauthorized":
            return httpx.Response(401)
        answer = inner.handle_request(request)
        assert self.r.live(), "at every moment the caller has an appointment"
        if fault == "kill_after":
            raise KilledError
        if fault == "lost_after":
            raise httpx.ReadTimeout("no answer", request=request)
        return answer

    def pass_quiescence(self) -> None:
        self.r.clock.sleep(QUIET)
        for at, work in self.waiting:
            assert at <= self.r.clock.now()
            work()
        self.waiting.clear()


FAULTS = ("kill_before", "kill_after", "lost_before", "lost_after", "late", "throttled", "unauthorized")
MOST_TRIES = 6


def driven(plan: dict[int, str]) -> int:
    """Move as the driver does: again after the quiescence until it is done. How many requests it took."""
    r = rig(EventType(days_ahead=90))
    far = TEN + 2 * DAY
    old = r.calendar.create(r.wish(start=far), deadline=r.deadline).id
    wire = Wire(r, plan)
    for _ in range(MOST_TRIES):
        r.calendar = adapter(httpx.MockTransport(wire), r.clock)  # a new process
        try:
            new = r.move(old, far + 60)
        except (KilledError, ProviderError):
            wire.pass_quiescence()
            continue
        break
    else:
        raise AssertionError("the move never ended")
    assert r.live() == [far + 60]
    r.calendar = adapter(transport(r.api, clock=r.clock), r.clock)
    assert [e.id for e in r.find(r.wish(start=far + 60))] == [new.id]
    seen = r.read(old)
    assert (seen.status, seen.moved_to) == ("cancelled", new.id)
    return wire.count


def test_every_single_fault_at_every_request_comes_right() -> None:
    points = driven({})
    assert points >= 6

    for point, fault in itertools.product(range(points), FAULTS):
        driven({point: fault})


def test_every_pair_of_faults_comes_right() -> None:
    points = driven({})

    for first, second in itertools.product(("lost_after", "late"), ("kill_after", "lost_after", "late")):
        for one in range(points):
            for gap in range(1, points + 1):
                driven({one: first, one + gap: second})
