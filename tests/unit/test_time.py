"""Intervals of minutes, and the edges where zones come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotline.domain.time import (
    Interval,
    iso,
    local,
    local_day,
    local_day_start,
    minute_of,
    resolve_local,
    utc_day,
    utc_iso,
)
from tests.fakes import A_MONDAY_NOON_UTC

NOON = int(A_MONDAY_NOON_UTC // 60)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
CAIRO = ZoneInfo("Africa/Cairo")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

# Out of the time zone database's past, so that no later law can move them.
SPRING_FORWARD = date(2025, 3, 9)  # Los Angeles: no 2:00 to 3:00
FALL_BACK = date(2025, 11, 2)  # Los Angeles: 1:00 to 2:00 twice
NO_MIDNIGHT = date(2025, 4, 25)  # Cairo: the day began at 1:00


@pytest.mark.parametrize(("start", "end"), [(10, 10), (10, 9)])
def test_an_interval_must_last(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="must end after"):
        Interval(start, end)


def test_intervals_that_touch_do_not_overlap() -> None:
    assert not Interval(0, 30).overlaps(Interval(30, 60))
    assert not Interval(30, 60).overlaps(Interval(0, 30))


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(1, 9), st.integers(0, 20), st.integers(1, 9))
def test_overlap_means_a_minute_in_common(start: int, length: int, other: int, other_length: int) -> None:
    one, two = Interval(start, start + length), Interval(other, other + other_length)

    shared = set(range(one.start, one.end)) & set(range(two.start, two.end))
    assert one.overlaps(two) == two.overlaps(one) == bool(shared)


def test_buffers_widen_an_interval_on_their_side() -> None:
    assert Interval(100, 130).widened(before=5, after=15) == Interval(95, 145)
    assert Interval(100, 130).minutes == 30


def test_an_interval_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    assert Interval(NOON, NOON + 720).utc_days() == ("2026-01-05",)
    assert Interval(NOON, NOON + 721).utc_days() == ("2026-01-05", "2026-01-06")
    assert Interval(NOON, NOON + 720 + 1440 + 1).utc_days() == ("2026-01-05", "2026-01-06", "2026-01-07")


@settings(deadline=None)
@given(st.integers(0, 60_000_000))
def test_the_utc_day_of_a_minute_is_the_one_datetime_says(minute: int) -> None:
    assert utc_day(minute) == datetime.fromtimestamp(minute * 60, UTC).date().isoformat()


def test_seconds_are_cut_off() -> None:
    assert minute_of(datetime(2026, 1, 5, 12, 0, 59, 999999, tzinfo=UTC)) == NOON
    assert minute_of(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1


def test_iso_carries_the_offset_of_its_moment() -> None:
    assert iso(NOON, LOS_ANGELES) == "2026-01-05T04:00:00-08:00"
    assert iso(NOON + 183 * 1440, LOS_ANGELES) == "2026-07-07T05:00:00-07:00"
    assert utc_iso(NOON) == "2026-01-05T12:00:00Z"


@settings(deadline=None)
@given(st.integers(0, 60_000_000), st.sampled_from([LOS_ANGELES, CAIRO, LORD_HOWE]))
def test_iso_names_its_minute(minute: int, zone: ZoneInfo) -> None:
    assert minute_of(datetime.fromisoformat(iso(minute, zone))) == minute
    assert minute_of(local(minute, zone)) == minute


@pytest.mark.parametrize(
    ("day", "clock", "zone"),
    [
        (SPRING_FORWARD, time(2, 30), LOS_ANGELES),
        (NO_MIDNIGHT, time(0, 0), CAIRO),
        (date(2025, 10, 5), time(2, 15), LORD_HOWE),
        (date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia")),
    ],
)
def test_a_wall_time_that_does_not_exist_is_none(day: date, clock: time, zone: ZoneInfo) -> None:
    assert resolve_local(day, clock, zone) is None


def test_a_wall_time_that_comes_twice_means_the_first() -> None:
    found = resolve_local(FALL_BACK, time(1, 30), LOS_ANGELES)

    assert found is not None
    assert iso(found, LOS_ANGELES) == "2025-11-02T01:30:00-07:00"
    assert iso(found + 60, LOS_ANGELES) == "2025-11-02T01:30:00-08:00"


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.times(), st.sampled_from([LOS_ANGELES, CAIRO, LORD_HOWE]))
def test_every_wall_time_that_is_found_reads_as_it_was_asked(day: date, clock: time, zone: ZoneInfo) -> None:
    found = resolve_local(day, clock, zone)

    if found is not None:
        shown = local(found, zone)
        assert (shown.date(), shown.hour, shown.minute) == (day, clock.hour, clock.minute)


@pytest.mark.parametrize(
    ("day", "zone", "minutes"),
    [
        (SPRING_FORWARD, LOS_ANGELES, 23 * 60),
        (FALL_BACK, LOS_ANGELES, 25 * 60),
        (date(2025, 6, 2), LOS_ANGELES, 24 * 60),
        (date(2025, 10, 5), LORD_HOWE, 23 * 60 + 30),
        (date(2025, 4, 6), LORD_HOWE, 24 * 60 + 30),
        (NO_MIDNIGHT, CAIRO, 23 * 60),
    ],
)
def test_a_local_day_lasts_as_long_as_clocks_say(day: date, zone: ZoneInfo, minutes: int) -> None:
    assert local_day(day, zone).minutes == minutes


def test_a_day_without_midnight_starts_at_its_first_minute() -> None:
    start = local_day_start(NO_MIDNIGHT, CAIRO)

    assert iso(start, CAIRO) == "2025-04-25T01:00:00+03:00"
    assert local(start - 1, CAIRO).date() == NO_MIDNIGHT - timedelta(days=1)


def test_a_day_the_date_line_swallowed_is_no_interval() -> None:
    with pytest.raises(ValueError, match="must end after"):
        local_day(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.sampled_from([LOS_ANGELES, CAIRO, LORD_HOWE]))
def test_local_days_follow_each_other_without_a_hole(day: date, zone: ZoneInfo) -> None:
    today, tomorrow = local_day(day, zone), local_day(day + timedelta(days=1), zone)

    assert today.end == tomorrow.start
    assert local(today.start, zone).date() == local(today.end - 1, zone).date() == day
