"""Who of a pool is asked first."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotline.domain.business import StaffMember
from slotline.domain.errors import ConfigError
from slotline.domain.staff import CATCH_UP, pick, position_after

RULES = ("priority", "weighted", "least_recent")
SEEDS = [f"booking-{number}" for number in range(10_000)]


def member(key: str, *, weight: int = 100, priority: int = 0) -> StaffMember:
    return StaffMember(key=key, name=key.title(), calendar=f"{key}-calendar", weight=weight, priority=priority)


ANA, BEN, CLEO = member("ana"), member("ben"), member("cleo")


def order(
    rule: str,
    *candidates: StaffMember,
    positions: dict[str, float] | None = None,
    last_booked: dict[str, float] | None = None,
    seed: str = "seed",
) -> list[str]:
    members = pick(rule, candidates, positions=positions or {}, last_booked=last_booked or {}, seed=seed)
    return [chosen.key for chosen in members]


def firsts(rule: str, *candidates: StaffMember) -> Counter[str]:
    return Counter(order(rule, *candidates, seed=seed)[0] for seed in SEEDS)


@pytest.mark.parametrize("rule", RULES)
def test_everybody_is_asked_once(rule: str) -> None:
    assert sorted(order(rule, CLEO, ANA, BEN, positions={"ana": 3}, last_booked={"ben": 9})) == ["ana", "ben", "cleo"]


@pytest.mark.parametrize("rule", RULES)
def test_nobody_gives_nobody(rule: str) -> None:
    assert order(rule) == []


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None)
@given(st.permutations([ANA, BEN, CLEO]), st.text(max_size=8))
def test_the_order_depends_on_the_seed_and_not_on_how_candidates_come(
    rule: str, candidates: list[StaffMember], seed: str
) -> None:
    assert order(rule, *candidates, seed=seed) == order(rule, ANA, BEN, CLEO, seed=seed)


@pytest.mark.parametrize("rule", RULES)
def test_equals_come_first_equally_often(rule: str) -> None:
    counts = firsts(rule, ANA, BEN, CLEO)

    assert all(abs(counts[key] - 3333) < 200 for key in ("ana", "ben", "cleo"))


def test_the_highest_priority_is_asked_first() -> None:
    low, middle, high = member("low"), member("middle", priority=1), member("high", priority=7)

    assert order("priority", low, high, middle, last_booked={"high": 99}) == ["high", "middle", "low"]


def test_among_equal_priorities_the_longest_without_a_booking_is_asked_first() -> None:
    assert order("priority", ANA, BEN, CLEO, last_booked={"ana": 30, "ben": 10, "cleo": 20}) == ["ben", "cleo", "ana"]


def test_the_least_recently_booked_is_asked_first_and_the_never_booked_before() -> None:
    assert order("least_recent", ANA, BEN, CLEO, last_booked={"ana": 20, "cleo": 0}) == ["ben", "cleo", "ana"]


def test_without_bookings_weights_are_how_often_somebody_comes_first() -> None:
    counts = firsts("weighted", member("half", weight=50), member("full", weight=100), member("double", weight=200))

    assert abs(counts["half"] - 10_000 * 50 / 350) < 150
    assert abs(counts["full"] - 10_000 * 100 / 350) < 200
    assert abs(counts["double"] - 10_000 * 200 / 350) < 200


def test_whoever_is_farthest_behind_comes_first() -> None:
    assert order("weighted", ANA, BEN, positions={"ana": 100, "ben": 120}) == ["ana", "ben"]
    assert order("weighted", ANA, BEN, positions={"ana": 130, "ben": 120}) == ["ben", "ana"]


def test_a_double_weight_goes_half_as_far_for_the_same_work() -> None:
    positions = {"half": 500.0, "full": 500.0}

    assert position_after(member("half", weight=50), 30, positions=positions) == 560
    assert position_after(member("full"), 30, positions=positions) == 530


def served(*candidates: StaffMember, bookings: int, positions: dict[str, float], minutes: int = 30) -> Counter[str]:
    """How often each is chosen when so many bookings are made one after another."""
    people, chosen = {candidate.key: candidate for candidate in candidates}, Counter[str]()
    for seed in SEEDS[:bookings]:
        first = order("weighted", *candidates, positions=positions, seed=seed)[0]
        positions[first] = position_after(people[first], minutes, positions=positions)
        chosen[first] += 1
    return chosen


def test_weights_are_kept_in_the_long_run() -> None:
    counts = served(member("half", weight=50), member("full"), member("double", weight=200), bookings=700, positions={})

    assert all(abs(counts[key] - wanted) <= 1 for key, wanted in {"half": 100, "full": 200, "double": 400}.items())


def test_a_newcomer_is_not_given_everything_until_they_caught_up() -> None:
    positions = {"ana": 30_000.0, "ben": 30_000.0}
    counts = served(ANA, BEN, CLEO, bookings=120, positions=positions)

    assert abs(counts["cleo"] - (120 * 30 + 2 * CATCH_UP) / 3 / 30) <= 1


def test_without_weight_somebody_is_asked_only_when_nobody_else_can() -> None:
    idle = member("idle", weight=0)

    assert order("weighted", idle, ANA, positions={"ana": 10_000}) == ["ana", "idle"]


def test_an_unknown_rule_is_the_owners_mistake() -> None:
    with pytest.raises(ConfigError, match=r"staff\.pick.*'random'.*least_recent"):
        order("random", ANA)
