"""The directed stories: on the whole product every promise holds in each of them, whatever their chance."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.record import read
from tests.simulation.run import play_scenes
from tests.simulation.scenes import SCENES, scene
from tests.simulation.trial import Trial, judge

SEEDS = 8
TWO_SEATS = "a person on a calendar with two seats"
NO_RULE_OF_THEIR_OWN = {TWO_SEATS, *(name for name in SCENES if name.startswith("days later"))}


@pytest.mark.parametrize("name", SCENES)
def test_every_promise_holds_in_a_directed_story(name: str) -> None:
    chunk = play_scenes(name, 0, SEEDS)

    assert chunk.failing == []
    assert chunk.runs == SEEDS


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_proves_a_rule(name: str) -> None:
    proved = {mutant.scene for mutant in MUTANTS.values()}

    assert name in proved | NO_RULE_OF_THEIR_OWN


def test_a_persons_event_takes_every_seat_and_a_booking_takes_one() -> None:
    place = scene(TWO_SEATS, seed=1)

    told = [asked.status for asked in read(place.universe.history, place.offices).asked.values()]
    assert told == ["confirmed", "unavailable", "confirmed"]


def test_a_refusal_whose_record_is_written_late_is_not_told_as_pending() -> None:
    """The write that ends a refused booking in silence loses its answer twice, and comes all the same.

    Told "pending, you'll get a text", the caller would wait for ever.
    """
    name = "refused, and its record is written late"
    for seed in range(SEEDS):
        place = scene(name, seed=seed)
        facts = read(place.universe.history, place.offices)
        (booking,), (asked,) = facts.bookings.values(), facts.asked.values()
        assert (booking.last.state, facts.texts) == ("rejected", [])
        assert asked.told_start is None  # without a time, "pending" promises nothing

    with MUTANTS["late-refusal-pending"].applied():
        broken = [judge(Trial(seed=seed, flow=name)).broken for seed in range(SEEDS)]

    assert {"I6"} in broken
