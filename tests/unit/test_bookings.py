"""The overlap rule against counting minute by minute, and the small rules of a booking's life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotline.domain.bookings import (
    HOLD_SECONDS,
    SKEW_SECONDS,
    Attempt,
    Booking,
    DayDocument,
    Entry,
    EntryKind,
    State,
    Times,
    seats_taken,
)
from slotline.domain.slots import crowded
from slotline.domain.time import Interval
from tests.fakes import A_MONDAY_NOON_UTC

NOW = A_MONDAY_NOON_UTC
DAY = int(NOW // 60) // 1440 * 1440
ME = "me"
LONGEST = 60  # a short day is enough to meet every case

unhurried = settings(deadline=None)  # the machine may be busy

intervals = st.builds(
    lambda start, minutes: Interval(DAY + start, DAY + start + minutes),
    st.integers(0, LONGEST),
    st.integers(1, 20),
)
lapses = st.sampled_from([NOW - 1000, NOW - SKEW_SECONDS, NOW - SKEW_SECONDS + 0.5, NOW, NOW + HOLD_SECONDS])
owners = st.sampled_from([ME, f"{ME}+", "mean", "a", "a+", "b", "c", "d", "e", "f"])


def _entry(owner: str, interval: Interval, kind: EntryKind, until: float) -> Entry:
    return Entry(owner, interval, kind, until if kind is EntryKind.HOLD else None)


entries = st.lists(
    st.builds(_entry, owners, intervals, st.sampled_from(EntryKind), lapses), max_size=9, unique_by=lambda e: e.owner
)


def busy_minutes(standing: Iterable[Entry], minute: int, *, but: str | None) -> int:
    """How many bookings of others stand in one minute, by looking at each."""
    return len({
        entry.owner.rstrip("+")
        for entry in standing
        if entry.interval.start <= minute < entry.interval.end
        and entry.owner not in {but, f"{but}+"}
        and not (entry.kind is EntryKind.HOLD and entry.until is not None and entry.until + SKEW_SECONDS <= NOW)
    })  # fmt: skip


@unhurried
@given(entries=entries, wanted=intervals, capacity=st.integers(1, 4), mine=st.sampled_from([ME, None]))
def test_there_is_room_when_no_minute_is_full(
    entries: list[Entry], wanted: Interval, capacity: int, mine: str | None
) -> None:
    document = DayDocument("chair", "a day", 1, tuple(entries))
    fullest = max(busy_minutes(entries, minute, but=mine) for minute in range(wanted.start, wanted.end))

    assert document.has_room(wanted, capacity=capacity, now=NOW, ignoring=mine) is (fullest < capacity)


@unhurried
@given(entries=entries, wanted=intervals)
def test_an_entry_that_overlaps_stands_in_the_way_or_is_dead_or_ones_own(
    entries: list[Entry], wanted: Interval
) -> None:
    document = DayDocument("chair", "a day", 1, tuple(entries))
    blockers = set(document.blockers(wanted, now=NOW, ignoring=ME))
    lapsed = set(document.lapsed(wanted, now=NOW))
    touching = {e for e in entries if any(e.interval.start <= m < e.interval.end for m in range(*_ends(wanted)))}

    assert blockers | lapsed <= touching
    assert not blockers & lapsed
    assert all(entry.owner in {ME, f"{ME}+"} for entry in touching - blockers - lapsed)
    assert all(entry.kind is EntryKind.HOLD for entry in lapsed)
    assert not any(entry.owner in {ME, f"{ME}+"} for entry in blockers)


@unhurried
@given(entries=entries)
def test_a_booking_takes_one_seat_at_every_minute_of_its_time_and_of_the_one_it_moves_to(entries: list[Entry]) -> None:
    seats = seats_taken([*entries, *entries])  # what lies across midnight is read twice

    for minute in range(DAY, DAY + LONGEST + 20):
        taken = sum(seat.start <= minute < seat.end for seat in seats)
        assert taken == len({e.booking for e in entries if e.interval.start <= minute < e.interval.end})
    assert seats == sorted(seats)


@unhurried
@given(moves=st.lists(st.tuples(intervals, st.none() | intervals), max_size=8), capacity=st.integers(1, 3))
def test_however_each_move_in_doubt_ends_no_minute_has_more_bookings_than_seats(
    moves: list[tuple[Interval, Interval | None]], capacity: int
) -> None:
    document = DayDocument("chair", "a day")
    admitted: list[tuple[Interval, ...]] = []
    for number, (old, new) in enumerate(moves):
        mine = str(number)
        if not document.has_room(old, capacity=capacity, now=NOW, ignoring=mine):
            continue
        document = replace(document, entries=(*document.entries, Entry(mine, old, EntryKind.PIN)))
        admitted.append((old,))
        if new is not None and document.has_room(new, capacity=capacity, now=NOW, ignoring=mine):
            document = replace(document, entries=(*document.entries, Entry(f"{mine}+", new, EntryKind.PIN)))
            admitted[-1] = (old, new)

    for ended in product(*admitted):
        for minute in range(DAY, DAY + LONGEST + 20):
            assert sum(time.start <= minute < time.end for time in ended) <= capacity


def test_a_move_onto_a_time_beside_its_own_leaves_the_other_seat() -> None:
    moving = (
        Entry("a", Interval(DAY, DAY + 60), EntryKind.PIN),
        Entry("a+", Interval(DAY + 30, DAY + 90), EntryKind.PIN),
    )
    document = DayDocument("class", "a day", 1, moving)

    assert document.has_room(Interval(DAY + 30, DAY + 60), capacity=2, now=NOW)
    assert not document.has_room(Interval(DAY + 30, DAY + 60), capacity=1, now=NOW)
    assert crowded(seats_taken(moving), 2) == []
    assert crowded(seats_taken(moving), 1) == [Interval(DAY, DAY + 90)]


def _ends(interval: Interval) -> tuple[int, int]:
    return interval.start, interval.end


@unhurried
@given(wishes=st.lists(intervals, max_size=12), capacity=st.integers(1, 3))
def test_whoever_asks_first_and_finds_room_never_makes_a_minute_too_full(wishes: list[Interval], capacity: int) -> None:
    document = DayDocument("chair", "a day")
    for number, wanted in enumerate(wishes):
        if document.has_room(wanted, capacity=capacity, now=NOW):
            entry = Entry(str(number), wanted, EntryKind.PIN)
            document = replace(document, entries=(*document.entries, entry))

    minutes = range(DAY, DAY + LONGEST + 20)
    assert max(busy_minutes(document.entries, minute, but=None) for minute in minutes) <= capacity


@pytest.mark.parametrize(
    ("kind", "until", "lives"),
    [
        (EntryKind.HOLD, NOW + 1, True),
        (EntryKind.HOLD, NOW - SKEW_SECONDS + 0.1, True),
        (EntryKind.HOLD, NOW - SKEW_SECONDS, False),
        (EntryKind.HOLD, None, True),
        (EntryKind.PIN, None, True),
        (EntryKind.PIN, NOW - 1000, True),
        (EntryKind.EXTERNAL, NOW - 1000, True),
    ],
)
def test_only_a_hold_lapses(kind: EntryKind, until: float | None, lives: bool) -> None:
    assert Entry("a", Interval(0, 1), kind, until).is_live(NOW) is lives


# --- bookings --------------------------------------------------------------------------------------------------------

BOOKING = Booking(
    id="b1",
    rv=1,
    state=State.HELD,
    service="cleaning",
    calendar="main",
    resources=("chair",),
    times=Times.of(DAY + 60, minutes=30, before=5, after=10),
    caller="ada",
    intent="wish",
    agent="front-desk",
    held_until=NOW,
)


def test_times_block_their_buffers() -> None:
    assert BOOKING.times.span == Interval(DAY + 60, DAY + 90)
    assert BOOKING.times.blocked == Interval(DAY + 55, DAY + 100)


def test_a_booking_blocks_where_it_is_and_where_it_goes() -> None:
    target = Times.of(DAY + 600, minutes=30)

    assert BOOKING.intervals == (BOOKING.times.blocked,)
    assert replace(BOOKING, moving_to=target).intervals == (BOOKING.times.blocked, target.blocked)


@pytest.mark.parametrize(
    ("state", "after", "lapsed"),
    [
        (State.HELD, SKEW_SECONDS, True),
        (State.HELD, SKEW_SECONDS - 0.1, False),
        (State.BOOKING, 10_000, False),
        (State.EXPIRED, 10_000, False),
    ],
)
def test_only_a_hold_lapses_after_its_time_and_the_margin(state: State, after: float, lapsed: bool) -> None:
    assert replace(BOOKING, state=state).hold_has_lapsed(NOW + after) is lapsed


def test_an_attempt_is_alive_before_its_deadline() -> None:
    claimed = replace(BOOKING, attempt=Attempt(1, "me", NOW + 14))

    assert not BOOKING.attempt_is_alive(NOW)
    assert claimed.attempt_is_alive(NOW + 13.9)
    assert not claimed.attempt_is_alive(NOW + 14)


def test_silence_counts_from_the_last_moment_an_attempt_was_alive() -> None:
    sent = replace(BOOKING, quiet_from=NOW)

    assert not sent.is_quiet(NOW + 119.9, quiescence=120)
    assert sent.is_quiet(NOW + 120, quiescence=120)


def test_a_state_is_settled_unfinished_or_over() -> None:
    over = {State.CANCELLED, State.EXPIRED, State.REJECTED}
    unfinished = {State.BOOKING, State.RESCHEDULING, State.CANCELLING}

    assert {state for state in State if state.is_terminal} == over
    assert {state for state in State if state.is_unfinished} == unfinished
    assert set(State) - over - unfinished == {State.HELD, State.BOOKED}
