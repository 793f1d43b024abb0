"""What every calendar does, whatever it is made of.

`CalendarSuite` holds for any calendar: whoever adds one inherits it with fixtures of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slotline.domain.errors import Refusal, RefusedError
from slotline.domain.time import Interval
from slotline.ports import BusyTimes, FreeStarts
from tests.contract.calendars import ADA, ALL, BEN, KEEPING_EVENTS, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator


class CalendarSuite:
    """Needs the fixtures `bench` and `keeping`: the calendar under test; the latter keeps its own events."""

    def test_a_booking_lives_from_create_to_cancel(self, bench: Bench) -> None:
        wish = bench.wish()
        later = bench.wish(start=bench.at(days=2, hour=15))

        made = bench.calendar.create(wish, deadline=bench.deadline)
        assert (made.tag, made.span, made.status) == (wish.tag, wish.times.span, "accepted")

        (found,) = bench.calendar.find(wish, deadline=bench.deadline)
        assert (found.id, found.tag, found.span) == (made.id, wish.tag, wish.times.span)

        moved = bench.calendar.move(made.id, later, deadline=bench.deadline)
        assert (moved.tag, moved.span, moved.status) == (wish.tag, later.times.span, "accepted")
        assert (moved.id != made.id) == (bench.calendar.traits.moves == "new_object")

        bench.calendar.cancel(moved.id, reason="changed their mind", deadline=bench.deadline)
        bench.calendar.cancel(moved.id, reason="changed their mind", deadline=bench.deadline)

    def test_looking_answers_in_one_of_the_two_kinds_and_respects_the_window(self, bench: Bench) -> None:
        window = bench.window(bench.at(hour=10), hours=2)

        seen = bench.calendar.look(bench.service, window=window, moving=None, deadline=bench.deadline)

        if isinstance(seen, FreeStarts):
            assert seen.starts == tuple(range(window.start, window.end, 30))
        else:
            assert isinstance(seen, BusyTimes)
            assert all(interval.overlaps(window) for interval in seen.intervals)

    @pytest.mark.parametrize("before", [0, 10, 45])
    def test_the_minutes_of_one_appointment_are_window_enough(self, keeping: Bench, before: int) -> None:
        """As when an offered time is looked at again, with the minutes that must be free before it."""
        start, length = keeping.at(), keeping.service.minutes
        window = Interval(start - before, start + length)

        def is_free() -> bool:
            seen = keeping.calendar.look(keeping.service, window=window, moving=None, deadline=keeping.deadline)
            return start in seen.starts if isinstance(seen, FreeStarts) else not seen.intervals

        assert is_free()
        keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)
        assert not is_free()

    def test_a_window_may_begin_in_this_very_minute(self, bench: Bench) -> None:
        now = int(bench.clock.now() // 60)

        bench.calendar.look(bench.service, window=Interval(now, now + 30), moving=None, deadline=bench.deadline)

    def test_an_event_is_read_as_it_is_now(self, keeping: Bench) -> None:
        made = keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)

        assert keeping.calendar.read(made.id, deadline=keeping.deadline) == made

        keeping.calendar.cancel(made.id, reason="x", deadline=keeping.deadline)

        status: str
        try:
            status = keeping.calendar.read(made.id, deadline=keeping.deadline).status
        except RefusedError as refused:  # some calendars forget what was removed
            status = refused.reason
        assert status in {"cancelled", Refusal.GONE}

    def test_only_ones_own_live_events_are_found(self, keeping: Bench) -> None:
        wish = keeping.wish("tag-1")
        assert keeping.calendar.find(wish, deadline=keeping.deadline) == ()

        made = keeping.calendar.create(wish, deadline=keeping.deadline)
        keeping.calendar.create(keeping.wish("tag-2", start=keeping.at(hour=11)), deadline=keeping.deadline)
        assert [e.id for e in keeping.calendar.find(wish, deadline=keeping.deadline)] == [made.id]

        keeping.calendar.cancel(made.id, reason="x", deadline=keeping.deadline)
        assert keeping.calendar.find(wish, deadline=keeping.deadline) == ()

    def test_a_moved_event_is_found_once_and_at_its_new_time(self, keeping: Bench) -> None:
        later = keeping.wish(start=keeping.at(hour=15))
        made = keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)
        moved = keeping.calendar.move(made.id, later, deadline=keeping.deadline)

        for wish in (keeping.wish(), later):
            assert [e.id for e in keeping.calendar.find(wish, deadline=keeping.deadline)] == [moved.id]

    def test_a_moved_event_leaves_its_trace(self, keeping: Bench) -> None:
        made = keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)
        moved = keeping.calendar.move(made.id, keeping.wish(start=keeping.at(hour=15)), deadline=keeping.deadline)

        old = keeping.calendar.read(made.id, deadline=keeping.deadline)

        if keeping.calendar.traits.moves == "new_object":
            assert (old.status, old.moved_to) == ("cancelled", moved.id)
        else:
            assert (old.id, old.span) == (moved.id, moved.span)

    def test_an_overlap_is_refused_as_taken_where_the_provider_refuses_it(self, keeping: Bench) -> None:
        keeping.calendar.create(keeping.wish("tag-1"), deadline=keeping.deadline)
        second = keeping.wish("tag-2", start=keeping.at(minute=15), contact=BEN)

        if keeping.calendar.traits.repeats_safely:
            assert keeping.calendar.create(second, deadline=keeping.deadline).tag == "tag-2"
            return
        with pytest.raises(RefusedError) as refused:
            keeping.calendar.create(second, deadline=keeping.deadline)
        assert refused.value.reason is Refusal.TAKEN

    def test_a_booked_start_is_no_longer_offered_except_to_the_one_who_moves(self, keeping: Bench) -> None:
        made = keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)
        window = keeping.window(keeping.at(), hours=1)

        taken = keeping.calendar.look(keeping.service, window=window, moving=None, deadline=keeping.deadline)
        own = keeping.calendar.look(keeping.service, window=window, moving=made.id, deadline=keeping.deadline)

        if isinstance(taken, FreeStarts):
            assert isinstance(own, FreeStarts)
            assert taken.starts == (keeping.at(minute=30),)
            assert own.starts == (keeping.at(), keeping.at(minute=30))
        else:
            assert isinstance(own, BusyTimes)
            assert taken.intervals == (made.span,)
            assert own.intervals == ()

    def test_the_time_of_a_cancelled_event_is_free_again(self, keeping: Bench) -> None:
        made = keeping.calendar.create(keeping.wish("tag-1"), deadline=keeping.deadline)
        keeping.calendar.cancel(made.id, reason="x", deadline=keeping.deadline)

        assert keeping.calendar.create(keeping.wish("tag-2", contact=BEN), deadline=keeping.deadline).tag == "tag-2"

    def test_an_unknown_event_is_gone(self, keeping: Bench) -> None:
        with pytest.raises(RefusedError) as read:
            keeping.calendar.read("never-there", deadline=keeping.deadline)
        with pytest.raises(RefusedError) as moved:
            keeping.calendar.move("never-there", keeping.wish(), deadline=keeping.deadline)
        keeping.calendar.cancel("never-there", reason="x", deadline=keeping.deadline)

        assert (read.value.reason, moved.value.reason) == (Refusal.GONE, Refusal.GONE)

    def test_a_cancelled_event_cannot_be_moved(self, keeping: Bench) -> None:
        made = keeping.calendar.create(keeping.wish(), deadline=keeping.deadline)
        keeping.calendar.cancel(made.id, reason="x", deadline=keeping.deadline)

        with pytest.raises(RefusedError) as refused:
            keeping.calendar.move(made.id, keeping.wish(start=keeping.at(hour=15)), deadline=keeping.deadline)

        assert refused.value.reason is Refusal.GONE

    def test_a_caller_with_a_phone_only_is_served_or_asked(self, keeping: Bench) -> None:
        contact = replace(ADA, email=None)
        service = replace(keeping.service, email_fallback="desk@example.com")
        wish = replace(keeping.wish(contact=contact), service=service)

        made = keeping.calendar.create(wish, deadline=keeping.deadline)

        assert [e.id for e in keeping.calendar.find(wish, deadline=keeping.deadline)] == [made.id]

    def test_the_connection_lists_what_can_be_booked(self, keeping: Bench) -> None:
        listed = keeping.calendar.event_types(deadline=keeping.deadline)

        assert [e.id for e in listed] == [keeping.service.event_type]


class TestEveryCalendar(CalendarSuite):
    """The suite on the calendars that this version knows."""

    @pytest.fixture(params=sorted(ALL))
    def bench(self, request: pytest.FixtureRequest) -> Iterator[Bench]:
        with ALL[request.param]() as opened:
            yield opened

    @pytest.fixture(params=sorted(KEEPING_EVENTS))
    def keeping(self, request: pytest.FixtureRequest) -> Iterator[Bench]:
        with KEEPING_EVENTS[request.param]() as opened:
            yield opened
