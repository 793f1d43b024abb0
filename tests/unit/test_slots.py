"""The slot engine against brute force over minutes, and on the nights when clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slotline.domain.business import OpeningHours, Window
from slotline.domain.slots import crowded, free_starts, intersection_of, open_windows, union_of
from slotline.domain.time import Interval, local, minute_of

BERLIN = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")

# Days on which clocks changed, out of the time zone database's past, so that no later law can move them.
CLOCK_CHANGES = {
    "America/Los_Angeles": (date(2025, 3, 9), date(2025, 11, 2)),
    "Europe/Berlin": (date(2025, 3, 30), date(2025, 10, 26)),
    "Australia/Lord_Howe": (date(2025, 10, 5), date(2025, 4, 6)),  # by half an hour
    "Africa/Cairo": (date(2025, 4, 25), date(2025, 10, 30)),  # no 0:00; 23:00 twice
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 17)),  # no 0:00; 23:00 twice
    "America/Havana": (date(2025, 3, 9), date(2025, 11, 2)),  # no 0:00; 0:00 twice
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 4, 2)),  # a day that never was
}
FORWARD = [(name, days[0]) for name, days in CLOCK_CHANGES.items()]
BACK = [(name, days[1]) for name, days in CLOCK_CHANGES.items()]

ROUND_THE_CLOCK: tuple[Window, ...] = ((0, 1440),)
OFFICE: tuple[Window, ...] = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
A_MONDAY = date(2025, 6, 2)  # arbitrary, far from any clock change


def every_day(*windows: Window) -> OpeningHours:
    return OpeningHours(week=(windows,) * 7)


def at(day: date, hour: int, minute: int = 0, *, zone: ZoneInfo = BERLIN) -> int:
    return minute_of(datetime.combine(day, time(hour, minute), zone))


def wall(minute: int, zone: ZoneInfo) -> datetime:
    return local(minute, zone).replace(tzinfo=None, fold=0)


def clocks(starts: list[int], zone: ZoneInfo) -> list[str]:
    return [f"{local(start, zone):%H:%M}" for start in starts]


# --- opening hours ---------------------------------------------------------------------------------------------------


def test_weekly_windows_are_laid_over_local_days() -> None:
    hours = OpeningHours(week=(OFFICE, OFFICE, (), (), (), ((600, 840),), ()))

    windows = open_windows(hours, zone=BERLIN, first=A_MONDAY, last=A_MONDAY + timedelta(days=6))

    saturday = A_MONDAY + timedelta(days=5)
    tuesday = A_MONDAY + timedelta(days=1)
    assert list(windows) == [
        Interval(at(A_MONDAY, 9), at(A_MONDAY, 12)),
        Interval(at(A_MONDAY, 13), at(A_MONDAY, 17)),
        Interval(at(tuesday, 9), at(tuesday, 12)),
        Interval(at(tuesday, 13), at(tuesday, 17)),
        Interval(at(saturday, 10), at(saturday, 14)),
    ]


def test_blocked_times_are_cut_out_of_open_time() -> None:
    tuesday, wednesday = A_MONDAY + timedelta(days=1), A_MONDAY + timedelta(days=2)

    def on(day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute))

    hours = OpeningHours(
        week=(OFFICE,) * 7,
        blocked=(
            (on(A_MONDAY, 8), on(tuesday, 9, 30)),
            (on(tuesday, 11), on(tuesday, 14)),
            (on(tuesday, 13, 30), on(tuesday, 15)),
            (on(tuesday, 17), on(wednesday, 18)),
        ),
    )

    assert list(open_windows(hours, zone=BERLIN, first=A_MONDAY, last=wednesday)) == [
        Interval(at(tuesday, 9, 30), at(tuesday, 11)),
        Interval(at(tuesday, 15), at(tuesday, 17)),
    ]


def test_nothing_opens_on_a_closed_day() -> None:
    tuesday = A_MONDAY + timedelta(days=1)
    hours = OpeningHours(week=(OFFICE,) * 7, closed=(tuesday,))

    windows = open_windows(hours, zone=BERLIN, first=A_MONDAY, last=A_MONDAY + timedelta(days=2))

    assert {wall(w.start, BERLIN).date() for w in windows} == {A_MONDAY, A_MONDAY + timedelta(days=2)}


def test_a_window_may_end_with_the_day_and_touch_the_next() -> None:
    windows = open_windows(
        every_day((0, 120), (1200, 1440)), zone=BERLIN, first=A_MONDAY, last=A_MONDAY + timedelta(days=1)
    )

    assert windows[1].end == windows[2].start == at(A_MONDAY + timedelta(days=1), 0)


def test_overlapping_windows_of_a_day_share_nothing() -> None:
    windows = open_windows(every_day((780, 1020), (540, 800), (600, 700)), zone=BERLIN, first=A_MONDAY, last=A_MONDAY)

    assert list(windows) == [
        Interval(at(A_MONDAY, 9), at(A_MONDAY, 13, 20)),
        Interval(at(A_MONDAY, 13, 20), at(A_MONDAY, 17)),
    ]


def test_windows_behave_as_a_sequence_and_can_be_walked_twice() -> None:
    windows = open_windows(every_day(*OFFICE), zone=BERLIN, first=A_MONDAY, last=A_MONDAY + timedelta(days=1))

    assert list(windows) == list(windows)
    assert len(windows) == 4
    assert windows[-1] == list(windows)[3]
    assert windows[1:3] == tuple(windows)[1:3]
    assert windows


def test_no_windows_are_false() -> None:
    assert not open_windows(every_day(), zone=BERLIN, first=A_MONDAY, last=A_MONDAY + timedelta(days=9))


def test_a_century_of_windows_costs_nothing_until_somebody_looks() -> None:
    class CountingZone(ZoneInfo):
        asked = 0

        def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
            CountingZone.asked += 1
            return super().utcoffset(dt)

    windows = open_windows(
        every_day(*OFFICE), zone=CountingZone("Europe/Berlin"), first=A_MONDAY, last=A_MONDAY + timedelta(days=36500)
    )

    assert len(list(islice(windows, 2))) == 2
    assert len(list(islice(windows, 2))) == 2
    assert CountingZone.asked == 2


@pytest.mark.parametrize(("name", "day"), FORWARD + BACK)
def test_office_hours_read_the_same_on_every_wall_clock_around_a_clock_change(name: str, day: date) -> None:
    zone = ZoneInfo(name)

    windows = open_windows(every_day(*OFFICE), zone=zone, first=day - timedelta(days=3), last=day + timedelta(days=3))

    existing = [
        d for d in (day + timedelta(days=n) for n in range(-3, 4)) if (name, d) != ("Pacific/Apia", date(2011, 12, 30))
    ]
    assert [(wall(w.start, zone), wall(w.end, zone)) for w in windows] == [
        (datetime.combine(d, time(opens // 60)), datetime.combine(d, time(closes // 60)))
        for d in existing
        for opens, closes in OFFICE
    ]


@pytest.mark.parametrize(("name", "day"), FORWARD + BACK)
def test_round_the_clock_has_no_hole_and_no_overlap_around_a_clock_change(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    first, last = day - timedelta(days=3), day + timedelta(days=3)

    windows = list(open_windows(every_day(*ROUND_THE_CLOCK), zone=zone, first=first, last=last))

    assert all(sooner.end == later.start for sooner, later in pairwise(windows))
    assert wall(windows[0].start, zone) == datetime.combine(first, time())
    assert wall(windows[-1].end, zone) == datetime.combine(last + timedelta(days=1), time())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("America/Los_Angeles", "03:00"), ("Europe/Berlin", "03:00"), ("Australia/Lord_Howe", "02:30")],
)
def test_an_edge_inside_a_gap_moves_to_the_first_minute_that_exists(name: str, expected: str) -> None:
    zone = ZoneInfo(name)
    day = CLOCK_CHANGES[name][0]

    opening, closing = (
        open_windows(every_day(window), zone=zone, first=day, last=day)[0] for window in ((135, 300), (0, 135))
    )

    assert clocks([opening.start, closing.end], zone) == [expected, expected]
    assert opening.start == closing.end


def test_a_window_that_lies_inside_a_gap_does_not_open() -> None:
    assert not open_windows(every_day((130, 170)), zone=BERLIN, first=date(2025, 3, 30), last=date(2025, 3, 30))


def test_a_day_that_the_date_line_swallowed_has_no_windows() -> None:
    skipped = date(2011, 12, 30)

    assert not open_windows(every_day(*OFFICE), zone=ZoneInfo("Pacific/Apia"), first=skipped, last=skipped)


@pytest.mark.parametrize("window", [(0, 150), (150, 300)], ids=["closing", "opening"])
def test_an_edge_that_happens_twice_means_the_first_time(window: Window) -> None:
    day = date(2025, 10, 26)  # in Berlin, 2:30 came twice

    (opened,) = open_windows(every_day(window), zone=BERLIN, first=day, last=day)

    edge = opened.end if window[0] == 0 else opened.start
    assert edge == at(day, 2, 30)
    assert wall(edge + 60, BERLIN) == wall(edge, BERLIN)


def test_a_break_in_the_hour_that_happens_twice_is_kept() -> None:
    day = date(2025, 10, 26)

    before, behind = open_windows(every_day((0, 135), (165, 300)), zone=BERLIN, first=day, last=day)

    assert behind.start - before.end == 30


windows_of_a_day = st.lists(
    st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda w: w[0] < w[1]), max_size=3
).map(tuple)


@settings(max_examples=40, deadline=None)
@given(change=st.sampled_from(FORWARD + BACK), shift=st.integers(-1, 1), windows=windows_of_a_day)
@example(change=BACK[1], shift=0, windows=((0, 150), (150, 1440)))
@example(change=FORWARD[-1], shift=0, windows=((540, 1440),))
def test_windows_equal_brute_force_over_local_minutes(
    change: tuple[str, date], shift: int, windows: tuple[Window, ...]
) -> None:
    zone = ZoneInfo(change[0])
    day = change[1] + timedelta(days=shift)

    found = open_windows(every_day(*windows), zone=zone, first=day, last=day)

    around = range(at(day - timedelta(days=1), 0, zone=UTC), at(day + timedelta(days=3), 0, zone=UTC))
    shown = [wall(minute, zone) for minute in around]
    midnight = datetime.combine(day, time())
    open_minutes: set[int] = set()
    for opens, closes in windows:
        reached = [
            next(minute for minute, now in zip(around, shown, strict=True) if now >= midnight + timedelta(minutes=edge))
            for edge in (opens, closes)
        ]
        open_minutes.update(range(*reached))
    assert [minute for window in found for minute in range(window.start, window.end)] == sorted(open_minutes)
    if change in FORWARD:  # without a repeated hour that is simply: whenever the clock shows a time inside a window
        inside = [
            minute
            for minute, now in zip(around, shown, strict=True)
            if any(midnight + timedelta(minutes=o) <= now < midnight + timedelta(minutes=c) for o, c in windows)
        ]
        assert sorted(open_minutes) == inside


# --- free starts -----------------------------------------------------------------------------------------------------


def starts_of(windows: list[Interval], busy: list[Interval], **wish: int) -> list[int]:
    asked = {"minutes": 30, "step": 30, "earliest": -10_000, "latest": 10_000} | wish
    return list(free_starts(windows, busy, **asked))  # type: ignore[arg-type]  # in_order is not among the integers


def test_the_whole_appointment_lies_inside_the_window() -> None:
    assert starts_of([Interval(540, 720)], [], minutes=60) == [540, 570, 600, 630, 660]


def test_touching_something_busy_is_free() -> None:
    assert starts_of([Interval(540, 720)], [Interval(570, 600), Interval(630, 660)]) == [540, 600, 660, 690]


def test_the_grid_begins_anew_at_each_opening() -> None:
    assert starts_of([Interval(545, 640), Interval(700, 780)], [], step=45) == [545, 590, 700, 745]


def test_starts_stay_on_the_grid_behind_an_event_that_ends_off_it() -> None:
    assert starts_of([Interval(540, 720)], [Interval(545, 601)], step=15) == [615, 630, 645, 660, 675, 690]


def test_buffers_keep_a_distance_from_events() -> None:
    starts = starts_of([Interval(540, 720)], [Interval(600, 630)], step=5, before=10, after=15)

    assert starts == [540, 545, 550, 555, *range(640, 691, 5)]


def test_buffers_need_not_lie_inside_opening_hours() -> None:
    assert starts_of([Interval(540, 600)], [], before=60, after=60) == [540, 570]


def test_a_buffer_that_sticks_out_still_respects_an_event_out_there() -> None:
    assert starts_of([Interval(540, 600)], [Interval(600, 620)], after=10, step=10) == [540, 550, 560]


def test_notice_and_horizon_are_both_included() -> None:
    assert starts_of([Interval(540, 720)], [], earliest=570, latest=630) == [570, 600, 630]


def test_notice_inside_the_grid_waits_for_the_next_point() -> None:
    assert starts_of([Interval(540, 720)], [], earliest=571, latest=659) == [600, 630]


def test_an_appointment_may_run_on_into_a_window_that_touches() -> None:
    assert starts_of([Interval(1380, 1440), Interval(1440, 1500)], [], minutes=90, step=20) == [1380, 1400]


def test_an_appointment_may_run_through_several_windows_that_touch() -> None:
    assert starts_of([Interval(0, 20), Interval(20, 40), Interval(40, 60)], [], minutes=55, step=5) == [0, 5]


def test_an_appointment_does_not_run_through_a_break() -> None:
    assert starts_of([Interval(540, 600), Interval(601, 700)], [], minutes=90) == [601]


def test_nested_and_repeated_events_count_once() -> None:
    busy = [Interval(540, 660), Interval(550, 560), Interval(550, 560), Interval(541, 600)]

    assert starts_of([Interval(540, 720)], busy) == [660, 690]


def test_busy_intervals_may_come_in_any_order() -> None:
    assert starts_of([Interval(540, 720)], [Interval(660, 690), Interval(540, 600)]) == [600, 630, 690]


def test_a_broken_promise_of_order_is_noticed() -> None:
    starts = free_starts(
        [Interval(540, 720)],
        [Interval(660, 690), Interval(540, 600)],
        minutes=30,
        step=30,
        earliest=0,
        latest=1440,
        in_order=True,
    )

    with pytest.raises(ValueError, match="order"):
        list(starts)


def test_ordered_events_are_read_no_further_than_the_starts() -> None:
    read = []

    def events() -> Iterator[Interval]:
        for day in range(1000):
            read.append(day)
            yield Interval(day * 1440 + 540, day * 1440 + 600)

    starts = free_starts(
        (Interval(day * 1440 + 540, day * 1440 + 720) for day in range(1000)),
        events(),
        minutes=30,
        step=30,
        earliest=0,
        latest=10**9,
        in_order=True,
    )

    assert list(islice(starts, 4)) == [600, 630, 660, 690]
    assert len(read) == 2


@pytest.mark.parametrize(("name", "day"), FORWARD + BACK)
def test_starts_through_a_clock_change_are_complete_and_unrepeated(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    windows = open_windows(every_day(*ROUND_THE_CLOCK), zone=zone, first=first, last=last)

    starts = list(free_starts(windows, [], minutes=30, step=30, earliest=-(10**9), latest=10**9))

    assert starts == list(range(at(first, 0, zone=zone), at(last + timedelta(days=1), 0, zone=zone), 30))
    assert all(wall(start, zone).minute in {0, 30} for start in starts)


@pytest.mark.parametrize(
    ("name", "direction", "expected"),
    [
        ("America/Los_Angeles", 0, ["01:00", "01:30", "03:00", "03:30"]),
        ("America/Los_Angeles", 1, ["01:00", "01:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
        ("Europe/Berlin", 0, ["01:00", "01:30", "03:00", "03:30"]),
        ("Europe/Berlin", 1, ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
        ("Australia/Lord_Howe", 0, ["01:00", "01:30", "02:30", "03:00", "03:30"]),
        ("Australia/Lord_Howe", 1, ["01:00", "01:30", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_half_hours_of_a_night_window_read_right(name: str, direction: int, expected: list[str]) -> None:
    zone = ZoneInfo(name)
    day = CLOCK_CHANGES[name][direction]
    windows = open_windows(every_day((60, 240)), zone=zone, first=day, last=day)

    starts = list(free_starts(windows, [], minutes=30, step=30, earliest=-(10**9), latest=10**9))

    assert clocks(starts, zone) == expected
    assert len(set(starts)) == len(starts)


intervals = st.tuples(st.integers(0, 400), st.integers(1, 90)).map(lambda pair: Interval(pair[0], sum(pair)))
some_windows = st.lists(st.integers(0, 400), unique=True, max_size=8).map(
    lambda edges: [Interval(*pair) for pair in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)]
)
chained_windows = st.lists(st.integers(0, 400), unique=True, max_size=5).map(
    lambda edges: [Interval(*pair) for pair in pairwise(sorted(edges))]
)


wishes = st.fixed_dictionaries(
    {
        "minutes": st.integers(1, 70),
        "step": st.integers(1, 40),
        "before": st.integers(0, 30),
        "after": st.integers(0, 30),
        "earliest": st.integers(-10, 300),
        "latest": st.integers(0, 410),
    }
)


@settings(max_examples=300, deadline=None)
@given(windows=some_windows | chained_windows, busy=st.lists(intervals, max_size=8), wish=wishes)
@example(
    windows=[Interval(0, 1), Interval(1, 2)],
    busy=[],
    wish={"minutes": 1, "step": 1, "before": 0, "after": 0, "earliest": 0, "latest": 9},
)
def test_free_starts_equal_brute_force_over_minutes(
    windows: list[Interval], busy: list[Interval], wish: dict[str, int]
) -> None:
    found = starts_of(windows, busy, **wish)

    open_minutes = {minute for window in windows for minute in range(window.start, window.end)}
    taken = {minute for interval in busy for minute in range(interval.start, interval.end)}
    assert found == [
        start
        for window in windows
        for start in range(window.start, window.end, wish["step"])
        if wish["earliest"] <= start <= wish["latest"]
        and open_minutes.issuperset(range(start, start + wish["minutes"]))
        and taken.isdisjoint(range(start - wish["before"], start + wish["minutes"] + wish["after"]))
    ]
    assert starts_of(windows, sorted(busy), **wish, in_order=True) == found


# --- several people --------------------------------------------------------------------------------------------------

some_starts = st.lists(st.lists(st.integers(-5000, 5000), unique=True).map(sorted), max_size=5)


@settings(max_examples=150, deadline=None)
@given(some_starts)
@example([[0, 60], [60]])  # the second begins exactly where the first stretch of time ends
def test_a_pool_is_free_when_anybody_is(pool: list[list[int]]) -> None:
    assert list(union_of(pool)) == sorted({start for starts in pool for start in starts})


few_starts = st.lists(st.lists(st.integers(0, 12), unique=True).map(sorted), max_size=4)


@settings(max_examples=150, deadline=None)
@given(few_starts)
def test_fixed_hosts_are_free_when_everybody_is(hosts: list[list[int]]) -> None:
    assert list(intersection_of(hosts)) == [start for start in range(13) if hosts and all(start in h for h in hosts)]


@settings(max_examples=100, deadline=None)
@given(few_starts.filter(bool), few_starts.filter(bool))
def test_a_fixed_host_beside_a_pool_distributes(hosts: list[list[int]], pool: list[list[int]]) -> None:
    together = intersection_of([*hosts, union_of(pool)])

    assert list(together) == list(union_of([intersection_of([*hosts, one]) for one in pool]))


def test_a_pool_is_read_no_further_than_asked() -> None:
    read: list[int] = []

    def member(offset: int) -> Iterator[int]:
        for start in range(offset, 10**6, 30):
            read.append(start)
            yield start

    assert list(islice(union_of([member(0), member(15)]), 3)) == [0, 15, 30]
    assert len(read) < 12


def test_the_intersection_ends_when_one_host_has_no_more() -> None:
    def endless() -> Iterator[int]:
        yield from range(10**9)

    assert list(intersection_of([endless(), iter([3, 5])])) == [3, 5]


@settings(max_examples=200, deadline=None)
@given(st.lists(intervals, max_size=9), st.integers(1, 4))
def test_crowded_is_where_the_capacity_is_used_up(busy: list[Interval], capacity: int) -> None:
    found = crowded(busy, capacity)

    full = [m for m in range(500) if sum(i.start <= m < i.end for i in busy) >= capacity]
    assert [minute for interval in found for minute in range(interval.start, interval.end)] == full
    assert all(sooner.end < later.start for sooner, later in pairwise(found))


def test_capacity_must_be_positive() -> None:
    with pytest.raises(ValueError, match="capacity"):
        crowded([], 0)
