"""The directed stories: on the whole product every promise holds in each of them, whatever their chance."""

from __future__ import annotations

import pytest

from tests.simulation.checker import SKEW, check
from tests.simulation.mutants import MUTANTS
from tests.simulation.record import Line, read
from tests.simulation.run import play_scenes
from tests.simulation.scenes import SCENES, scene
from tests.simulation.trial import Trial, judge
from tests.simulation.workloads import SLOT

SEEDS = 8
TWO_SEATS = "a person on a calendar with two seats"
BESIDE_A_REFUSAL = "one is cancelled while another at its time is refused"
SAME_WORDS = "the same words for another booking"
CALLED_BACK = "called back for the slot that is kept"
AGAIN = "booked again before its end is told"
NO_RULE_OF_THEIR_OWN = {
    TWO_SEATS,
    BESIDE_A_REFUSAL,
    SAME_WORDS,
    *(name for name in SCENES if name.startswith("days later")),
}


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


def test_whoever_books_beside_a_move_in_doubt_leaves_it_its_seat() -> None:
    for seed in range(SEEDS):
        place = scene("beside a move onto a time beside its own", seed=seed)

        mover, *others = read(place.universe.history, place.offices).bookings.values()
        assert (mover.last.state, mover.last.item["s"]) == ("booked", SLOT + 15)
        assert any(booking.last.state == "booked" for booking in others)


def test_a_hold_outlives_the_call_it_was_made_in_and_not_the_one_that_was_told_of_it_last() -> None:
    ends = set[tuple[str, ...]]()
    for seed in range(SEEDS):
        place = scene(CALLED_BACK, seed=seed)
        facts = read(place.universe.history, place.offices)
        made, again, other, booked = facts.asked.values()
        assert (made.status, made.replay, again.status, again.replay) == ("held", False, "held", True)
        assert {other.status, booked.status} == {"confirmed", "unavailable"}
        ends.add(tuple(booking.last.state for booking in facts.bookings.values()))

    assert ends == {("booked",), ("expired", "booked")}


@pytest.mark.parametrize("handles", [True, False])
def test_a_promised_text_is_expected_of_the_booking_that_was_meant_and_of_no_other(*, handles: bool) -> None:
    """The caller has two at one time. Without its text the cancelled one is missed, and only that one.

    A platform that names no call gets no handles: then the service tells which was meant.
    """
    refused = 0
    for seed in range(SEEDS):
        with MUTANTS["cancelled-in-silence"].applied():
            place = scene(BESIDE_A_REFUSAL, seed=seed)
        facts = read(place.universe.history, place.offices)
        cancelled, other = facts.bookings.values()
        refused += other.last.state == "rejected"
        (wish,) = (asked.number for asked in facts.asked.values() if asked.status == "cancel_pending")
        expected = f"I6: #{wish} was told cancel_pending and never heard of {cancelled.id} again"
        lines = [line if handles or line[1] != "tell" else (*line[:-1], None) for line in place.universe.history]
        missed = [str(finding) for finding in check(lines, place.offices) if "never heard" in finding.what]
        assert missed == [expected]

    assert refused > 0


def test_who_loses_the_same_wish_twice_may_read_of_it_once() -> None:
    """The text about the first is lost and the one about the second says the same: it was read after both had ended."""
    for seed in range(SEEDS):
        place = scene(SAME_WORDS, seed=seed)
        facts = read(place.universe.history, place.offices)
        first, second = facts.bookings.values()
        assert [first.last.state, second.last.state] == ["cancelled", "cancelled"]
        assert [text.booking for text in facts.texts if "is cancelled" in text.body] == [second.id]
        assert check(place.universe.history, place.offices) == []


@pytest.mark.parametrize("amiss", ["never sent", "to another number", "of another time", "of an earlier truth"])
def test_only_the_very_words_that_were_owed_stand_in_for_a_lost_text(amiss: str) -> None:
    place = scene(SAME_WORDS, seed=1)
    facts = read(place.universe.history, place.offices)
    first, _ = facts.bookings.values()
    (wish,) = (asked for asked in facts.asked.values() if asked.status == "cancel_pending")
    ended = next(version.at for version in first.versions if version.state == "cancelled")
    too_early = ended - SKEW - 1.0
    assert wish.told_at < too_early

    def changed(line: Line) -> Line | None:
        if line[1] != "text" or "is cancelled" not in line[-1]:
            return line
        at, kind, began, to, key, body = line
        return {
            "never sent": None,
            "to another number": (at, kind, began, "+15550009999", key, body),
            "of another time": (at, kind, began, to, key, body.replace("16:00", "17:00")),
            "of an earlier truth": (too_early, kind, too_early, to, key, body),
        }[amiss]

    lines = [line for line in map(changed, place.universe.history) if line is not None]
    found = [str(finding) for finding in check(lines, place.offices)]

    assert f"I6: #{wish.number} was told cancel_pending and never heard of {first.id} again" in found


def test_who_booked_the_same_again_reads_no_more_of_the_end_before() -> None:
    for seed in range(SEEDS):
        place = scene(AGAIN, seed=seed)
        facts = read(place.universe.history, place.offices)
        first, second = facts.bookings.values()
        assert [first.last.state, second.last.state] == ["cancelled", "booked"]
        assert [text.booking for text in facts.texts] == [first.id, second.id]
        assert check(place.universe.history, place.offices) == []


def test_an_end_told_beside_the_next_booking_is_found_unless_both_texts_were_in_the_air() -> None:
    """What was written before the same was booked again may arrive after it: nobody can call a text back."""
    with MUTANTS["end-told-beside-a-booking"].applied():
        place = scene(AGAIN, seed=1)
    facts = read(place.universe.history, place.offices)
    first, second = facts.bookings.values()
    (end,) = (text for text in facts.texts if "is cancelled" in text.body)
    assert end.booking == first.id
    assert end.at > max(text.at for text in facts.texts if text.booking == second.id)
    again = next(version.at for version in second.versions if version.state == "booked")

    def written_at(began: float) -> list[Line]:
        lines = place.universe.history
        return [
            (*line[:2], began, *line[3:]) if line[1] == "text" and "is cancelled" in line[-1] else line
            for line in lines
        ]

    for began, late in ((end.began, True), (again + SKEW + 1.0, True), (again - 0.1, False)):
        found = [finding for finding in check(written_at(began), place.offices) if "stood there" in finding.what]
        assert [finding.invariant for finding in found] == ["I6"] * late


@pytest.mark.parametrize("amiss", ["never sent", "sent before the end"])
def test_only_a_text_about_the_next_booking_stands_in_for_the_end_before(amiss: str) -> None:
    place = scene(AGAIN, seed=1)
    facts = read(place.universe.history, place.offices)
    first, second = facts.bookings.values()
    (wish,) = (asked for asked in facts.asked.values() if asked.status == "cancel_pending")
    ended = next(version.at for version in first.versions if version.state == "cancelled")

    def changed(line: Line) -> Line | None:
        if line[1] != "text" or not line[4].startswith(second.id):
            return line
        return None if amiss == "never sent" else (ended - SKEW - 1.0, line[1], ended - SKEW - 1.0, *line[3:])

    lines = [line for line in map(changed, place.universe.history) if line is not None]
    found = [str(finding) for finding in check(lines, place.offices)]

    assert f"I6: #{wish.number} was told cancel_pending and never heard of {first.id} again" in found


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
