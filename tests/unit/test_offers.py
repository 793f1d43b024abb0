"""What is said of many free starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotline.domain.business import OfferShape
from slotline.domain.offers import NEAR_DAYS, choose, narrow, nearest
from slotline.domain.time import MINUTES_A_DAY, local, local_day, local_day_start, minute_of

ZONE = ZoneInfo("America/Los_Angeles")
MONDAY = date(2025, 6, 2)  # arbitrary, far from any clock change
FALL_BACK = date(2025, 11, 2)  # there, 1:00 to 2:00 came twice
SPRING_FORWARD = date(2025, 3, 9)  # there, 2:00 to 3:00 did not come
SHAPE = OfferShape(slots_per_day=3, hours_between=1)


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def at(which: date, clock: str) -> int:
    return minute_of(datetime.combine(which, time.fromisoformat(clock), ZONE))


def office(which: date, *, step: int = 30) -> list[int]:
    return list(range(at(which, "09:00"), at(which, "17:00"), step))


def said(starts: tuple[int, ...]) -> list[str]:
    return [f"{local(start, ZONE):%a %H:%M}" for start in starts]


# --- choose ----------------------------------------------------------------------------------------------------------


def test_a_single_day_is_spread_from_its_first_start_to_its_last() -> None:
    assert said(choose(office(MONDAY), shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Mon 12:30", "Mon 16:30"]


def test_an_open_question_is_spread_over_days_later_on_each() -> None:
    starts = [*office(day(0)), *office(day(1)), *office(day(2)), *office(day(3))]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Tue 12:30", "Wed 16:30"]


def test_two_days_share_with_more_on_the_first() -> None:
    starts = [*office(day(0)), *office(day(1))]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Mon 16:30", "Tue 12:30"]


def test_days_without_space_are_passed_over() -> None:
    starts = [at(day(0), "16:30"), *office(day(4)), *office(day(6))]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 16:30", "Fri 12:30", "Sun 16:30"]


def test_a_day_far_off_is_not_preferred_to_a_second_start_soon() -> None:
    starts = [*office(day(0)), *office(day(NEAR_DAYS + 1)), *office(day(NEAR_DAYS + 2))]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Mon 12:30", "Mon 16:30"]


def test_days_far_off_fill_up_what_the_near_ones_lack() -> None:
    starts = [at(day(0), "09:00"), at(day(0), "09:15"), *office(day(30)), *office(day(31))]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Wed 09:00", "Wed 16:30"]


def test_no_more_are_said_of_a_day_than_the_shape_allows() -> None:
    shape = OfferShape(slots_per_day=1, hours_between=1)

    assert said(choose([*office(day(0)), *office(day(1))], shape=shape, zone=ZONE)) == ["Mon 09:00", "Tue 12:30"]


def test_two_of_one_day_lie_the_hours_between_apart() -> None:
    shape = OfferShape(slots_per_day=3, hours_between=4.5)

    assert said(choose(office(MONDAY), shape=shape, zone=ZONE)) == ["Mon 09:00", "Mon 16:30"]


def test_spacing_is_kept_when_the_starts_lie_unevenly() -> None:
    starts = [at(MONDAY, clock) for clock in ("09:00", "09:30", "10:00", "10:15", "11:00", "16:00")]
    shape = OfferShape(slots_per_day=3, hours_between=6)

    assert said(choose(starts, shape=shape, zone=ZONE)) == ["Mon 09:00", "Mon 16:00"]


def test_as_many_are_said_as_the_spacing_allows() -> None:
    starts = [at(MONDAY, clock) for clock in ("09:00", "09:30", "10:00", "10:45", "11:00")]

    assert said(choose(starts, shape=SHAPE, zone=ZONE)) == ["Mon 09:00", "Mon 10:00", "Mon 11:00"]


def test_nothing_is_offered_before_the_earliest_date() -> None:
    shape = OfferShape(slots_per_day=1, earliest_date=day(1))

    assert said(choose([*office(day(0)), *office(day(1))], shape=shape, zone=ZONE)) == ["Tue 09:00"]


def test_nothing_free_is_nothing_said() -> None:
    assert choose([], shape=SHAPE, zone=ZONE) == ()
    assert choose([], shape=SHAPE, zone=ZONE, more=True) == ()


def test_one_start_is_said_by_itself() -> None:
    assert choose([at(MONDAY, "10:00")], shape=SHAPE, zone=ZONE) == (at(MONDAY, "10:00"),)


def test_a_limit_of_one_says_the_soonest() -> None:
    assert said(choose(office(MONDAY), shape=SHAPE, zone=ZONE, limit=1)) == ["Mon 09:00"]


def test_a_time_that_comes_twice_is_said_once() -> None:
    night = [
        start for start in range(at(FALL_BACK, "00:00"), at(FALL_BACK, "03:00"), 30) if local(start, ZONE).hour == 1
    ]
    assert len(night) == 4

    offers = choose(night, shape=OfferShape(slots_per_day=3, hours_between=0.5), zone=ZONE)

    assert said(offers) == ["Sun 01:00", "Sun 01:30"]
    assert offers == (at(FALL_BACK, "01:00"), at(FALL_BACK, "01:30"))


def test_a_year_is_not_walked_for_three_offers() -> None:
    walked = []

    def starts() -> Iterator[int]:
        for offset in range(365):
            walked.append(offset)
            yield from office(day(offset))

    assert len(choose(starts(), shape=SHAPE, zone=ZONE)) == 3
    assert len(choose(starts(), shape=SHAPE, zone=ZONE, more=True)) == 3
    assert max(walked) <= 3


def test_more_says_other_times_far_from_those_already_said() -> None:
    starts = [*office(day(0)), *office(day(1)), *office(day(2))]

    first = choose(starts, shape=SHAPE, zone=ZONE)
    more = choose(starts, shape=SHAPE, zone=ZONE, more=True)

    assert said(more) == ["Mon 16:30", "Tue 16:30", "Wed 09:00"]
    assert not set(first) & set(more)


def test_more_knows_no_most_per_day_and_no_hours_between() -> None:
    starts = [at(MONDAY, clock) for clock in ("09:00", "09:15", "09:30", "09:45")]
    shape = OfferShape(slots_per_day=1, hours_between=8)

    assert said(choose(starts, shape=shape, zone=ZONE)) == ["Mon 09:00"]
    assert said(choose(starts, shape=shape, zone=ZONE, more=True)) == ["Mon 09:15", "Mon 09:30", "Mon 09:45"]


def test_more_goes_on_to_later_days_when_the_near_ones_are_used_up() -> None:
    starts = [at(day(0), "09:00"), at(day(1), "09:00"), at(day(2), "09:00"), at(day(60), "09:00")]

    assert choose(starts, shape=SHAPE, zone=ZONE, more=True) == (at(day(60), "09:00"),)


def test_more_remembers_the_far_day_that_the_first_answer_passed_over() -> None:
    starts = [at(day(0), clock) for clock in ("09:00", "11:00", "13:00")] + [at(day(NEAR_DAYS), "09:00")]

    assert choose(starts, shape=SHAPE, zone=ZONE, more=True) == (at(day(NEAR_DAYS), "09:00"),)


def test_more_repeats_what_was_said_when_there_is_nothing_else() -> None:
    starts = [at(day(0), "09:00"), at(day(1), "09:00")]

    assert choose(starts, shape=SHAPE, zone=ZONE, more=True) == tuple(starts)


def test_more_still_respects_the_earliest_date() -> None:
    shape = OfferShape(slots_per_day=1, earliest_date=day(1))

    offers = choose([*office(day(0)), *office(day(1))], shape=shape, zone=ZONE, more=True)

    assert {local(start, ZONE).date() for start in offers} == {day(1)}


quarter_hours = st.lists(st.integers(0, 96 * 12), unique=True, max_size=60).map(
    lambda quarters: [local_day_start(FALL_BACK, ZONE) - 4320 + 15 * quarter for quarter in sorted(quarters)]
)
shapes = st.builds(
    OfferShape,
    slots_per_day=st.integers(1, 4),
    hours_between=st.sampled_from([0, 0.25, 0.5, 1, 1.5, 3, 8]),
    earliest_date=st.none() | st.integers(-4, 6).map(lambda n: FALL_BACK + timedelta(days=n)),
)


@settings(max_examples=300, deadline=None)
@given(starts=quarter_hours, shape=shapes, limit=st.integers(1, 4))
def test_offers_always_keep_to_the_shape(starts: list[int], shape: OfferShape, limit: int) -> None:
    offers = choose(iter(starts), shape=shape, zone=ZONE, limit=limit)

    allowed = [s for s in starts if shape.earliest_date is None or local(s, ZONE).date() >= shape.earliest_date]
    days = [local(start, ZONE).date() for start in offers]
    assert set(offers) <= set(allowed)
    assert all(sooner < later for sooner, later in pairwise(offers))
    assert len(offers) <= limit
    assert all(days.count(d) <= shape.slots_per_day for d in days)
    for sooner, later in pairwise(offers):
        if local(sooner, ZONE).date() == local(later, ZONE).date():
            assert later - sooner >= shape.hours_between * 60
    assert offers[:1] == tuple(allowed[:1])
    if len(offers) < limit:  # then nothing more could have been said of any day
        for which in {local(start, ZONE).date() for start in allowed}:
            assert days.count(which) == min(shape.slots_per_day, most_of(which, allowed, shape))
    assert choose(starts, shape=shape, zone=ZONE, limit=limit) == offers


def most_of(which: date, starts: list[int], shape: OfferShape) -> int:
    """How many of a day could be said at all, each time of the wall clock once."""
    free_from, count = 0, 0
    clocks = set()
    for start in starts:
        shown = local(start, ZONE)
        if shown.date() == which and shown.time() not in clocks:
            clocks.add(shown.time())
            if start >= free_from:
                free_from, count = start + max(round(shape.hours_between * 60), 1), count + 1
    return count


@settings(max_examples=150, deadline=None)
@given(starts=quarter_hours, shape=shapes)
def test_more_says_something_new_whenever_there_is_something(starts: list[int], shape: OfferShape) -> None:
    first = choose(starts, shape=shape, zone=ZONE)

    more = choose(starts, shape=shape, zone=ZONE, more=True)

    assert set(more) <= set(starts)
    assert list(more) == sorted(set(more))
    assert len(more) <= 3
    told_apart = {f"{local(s, ZONE):%F %R}" for s in starts if first and s >= first[0]}
    if len(told_apart) > len(first):
        assert not set(more) & set(first)
        assert len(more) == min(3, len(told_apart) - len(first))
    else:
        assert more == first


# --- narrow ----------------------------------------------------------------------------------------------------------


def test_days_are_local_and_both_included() -> None:
    starts = [at(day(0), "23:45"), at(day(1), "00:00"), at(day(2), "23:45"), at(day(3), "00:00")]

    assert list(narrow(starts, zone=ZONE, first=day(1), last=day(2))) == starts[1:3]


def test_without_a_last_day_there_is_no_end() -> None:
    starts = [at(day(0), "10:00"), at(day(1), "10:00"), at(day(300), "10:00")]

    assert list(narrow(starts, zone=ZONE, first=day(1))) == starts[1:]


def test_the_part_of_the_day_is_half_open() -> None:
    starts = [at(MONDAY, clock) for clock in ("08:45", "09:00", "11:45", "12:00")]

    morning = narrow(starts, zone=ZONE, first=MONDAY, last=MONDAY, earliest_minute=9 * 60, latest_minute=12 * 60)

    assert list(morning) == starts[1:3]


def test_after_is_strict() -> None:
    starts = office(MONDAY)

    assert next(narrow(starts, zone=ZONE, first=MONDAY, after=at(MONDAY, "10:00"))) == at(MONDAY, "10:30")


def test_nothing_is_read_behind_the_last_day() -> None:
    def starts() -> Iterator[int]:
        yield at(MONDAY, "10:00")
        yield at(day(1), "10:00")
        pytest.fail("read on")

    assert list(narrow(starts(), zone=ZONE, first=MONDAY, last=MONDAY)) == [at(MONDAY, "10:00")]


@pytest.mark.parametrize("which", [FALL_BACK, SPRING_FORWARD])
def test_the_wall_clock_decides_on_a_night_when_clocks_change(which: date) -> None:
    whole = local_day(which, ZONE)
    starts = range(whole.start, whole.end, 15)

    found = list(narrow(starts, zone=ZONE, first=which, last=which, earliest_minute=90, latest_minute=9 * 60))

    assert found == [start for start in starts if time(1, 30) <= local(start, ZONE).time() < time(9)]
    assert list(narrow(starts, zone=ZONE, first=which, last=which, latest_minute=MINUTES_A_DAY)) == list(starts)


# --- nearest ---------------------------------------------------------------------------------------------------------


def test_alternatives_are_the_closest_in_order_of_time() -> None:
    assert nearest([540, 600, 660, 720, 780], 670) == (600, 660, 720)


def test_both_directions_are_heard_even_when_one_is_far() -> None:
    assert nearest([60, 900, 915, 930, 945], 890) == (60, 900, 915)


def test_one_direction_must_do_when_there_is_no_other() -> None:
    assert nearest([900, 915, 930, 945], 600) == (900, 915, 930)
    assert nearest([900, 915, 930, 945], 1000) == (915, 930, 945)


def test_the_refused_time_itself_is_no_alternative() -> None:
    assert nearest([600, 660, 720], 660) == (600, 720)


def test_of_two_equally_far_the_earlier_wins() -> None:
    assert nearest([600, 720], 660, limit=1) == (600,)


def test_a_year_is_not_walked_for_alternatives() -> None:
    def starts() -> Iterator[int]:
        yield from range(0, 700, 60)
        pytest.fail("read on")

    assert nearest(starts(), 500) == (420, 480, 540)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 300), unique=True).map(sorted), st.integers(0, 300), st.integers(1, 4))
def test_no_start_left_out_is_closer_on_its_side(starts: list[int], wish: int, limit: int) -> None:
    found = nearest(starts, wish, limit=limit)

    others = [start for start in starts if start != wish]
    sooner, later = [s for s in others if s < wish], [s for s in others if s > wish]
    said_sooner, said_later = [s for s in found if s < wish], [s for s in found if s > wish]
    assert [*said_sooner, *said_later] == list(found)
    assert len(found) == min(limit, len(others))
    assert said_sooner == sooner[len(sooner) - len(said_sooner) :]
    assert said_later == later[: len(said_later)]
    if limit > 1:
        assert bool(said_sooner) == bool(sooner)
        assert bool(said_later) == bool(later)
