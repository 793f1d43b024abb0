"""Groups on several calendars: everybody sees where they have to be, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.domain.bookings import Booking, State
from slotline.domain.calls import Status
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError
from slotline.domain.time import Interval
from slotline.ports import OutboxKind
from slotline.use_cases.effects import Effects
from tests.unit.busy_desk import BUSY, EARLY, HOUR, LATE, BusyDesk, delete, shift
from tests.unit.front_desk import QUIESCENCE, Caller, answer_lost, failing, meanwhile

EVERYBODY = ("ana", "ben", "cleo")
COPIED = ("ben", "cleo")
DOWN = NotExecutedError("no connection")


@pytest.fixture
def front() -> BusyDesk:
    return BusyDesk()


@pytest.fixture
def ada(front: BusyDesk) -> Caller:
    return Caller(front)


def booked(front: BusyDesk, ada: Caller) -> Booking:
    assert ada.book(EARLY, service="trio").status is Status.CONFIRMED
    return front.only()


def standing(front: BusyDesk) -> dict[str, list[int]]:
    return {name: front.busy[name].live() for name in EVERYBODY}


def everywhere(*starts: int) -> dict[str, list[int]]:
    return {name: [*starts] for name in EVERYBODY}


def waiting(front: BusyDesk, booking: Booking) -> list[int]:
    """Versions of the copy effects that nobody has finished."""
    rows = front.rows().values()
    return [int(r["sk"].split("#")[1]) for r in rows if r.get("kind") == "staff_copies" and "g1pk" in r]


def copied(front: BusyDesk, booking: Booking, *, rv: int | None = None) -> None:
    front.copy_desk().carry_out(booking.id, rv=rv or booking.rv, kind="staff_copies")


# --- in step ---------------------------------------------------------------------------------------------------------


def test_all_are_locked_at_once_and_copied_soon_after(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    assert (booking.calendar, booking.copies) == ("ana", COPIED)
    assert standing(front) == {"ana": [EARLY], "ben": [], "cleo": []}
    held = [item for (_, sk), item in front.rows().items() if sk.startswith("D#") and booking.id in item["iv"]]
    assert len(held) == 3

    front.after(60)

    assert standing(front) == everywhere(EARLY)
    assert waiting(front, booking) == []


def test_copies_move_along(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)
    ada.move(LATE, service="trio")

    front.after(60)

    assert standing(front) == everywhere(LATE)


def test_copies_end_with_their_booking(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)
    ada.cancel()

    front.after(60)

    assert standing(front) == everywhere()


def test_copies_follow_what_a_person_did_to_the_event(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.after(QUIESCENCE + 60)
    shift(front.busy["ana"], booking.provider_id or "", to=LATE)
    front.hint("ana", tag=booking.id)
    front.after(60)
    assert standing(front) == everywhere(LATE)

    front.after(QUIESCENCE + 60)
    delete(front.busy["ana"], booking.provider_id or "")
    front.hint("ana", tag=booking.id)
    front.after(60)
    assert standing(front) == everywhere()


def test_a_person_who_touches_a_copy_changes_nothing_else(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.after(QUIESCENCE + 60)
    before = front.only().rv
    delete(front.busy["ben"], f"ben-{booking.id}")

    front.hint("ben", event=f"ben-{booking.id}", tag=booking.id)
    front.after(60)

    assert (front.only().rv, front.only().state) == (before, State.BOOKED)
    assert standing(front) == {"ana": [EARLY], "ben": [], "cleo": [EARLY]}


def test_a_copy_its_owner_removed_is_not_forced_on_them(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.after(60)
    delete(front.busy["ben"], f"ben-{booking.id}")
    ada.move(LATE, service="trio")

    front.after(60)

    assert standing(front) == {"ana": [LATE], "ben": [], "cleo": [LATE]}
    assert waiting(front, booking) == []


def test_a_single_member_of_staff_needs_no_copies(front: BusyDesk, ada: Caller) -> None:
    ada.book(EARLY, service="solo", staff="ben")

    assert front.only().copies == ()
    assert "staff_copies" not in front.effects(front.only().id)


def test_our_own_calendars_need_no_copies(ada: Caller) -> None:
    calendars = {**BUSY.calendars, "ben": replace(BUSY.calendars["ben"], provider="builtin")}
    front = BusyDesk(replace(BUSY, calendars=calendars))
    Caller(front).book(EARLY, service="trio")

    assert front.only().copies == ("cleo",)


# --- trouble ---------------------------------------------------------------------------------------------------------


def test_a_calendar_that_is_down_for_a_while_gets_its_copy_later(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.busy["ben"].plan("find", *[failing(DOWN)] * 6)

    front.after(60)
    assert standing(front) == {"ana": [EARLY], "ben": [], "cleo": [EARLY]}
    assert "copy_failed" in front.notes

    front.after(1800)
    assert standing(front) == everywhere(EARLY)


def test_an_answer_that_was_lost_makes_no_second_copy(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.busy["ben"].plan("create", answer_lost(InDoubtError("no answer")))

    front.after(300)

    assert standing(front) == everywhere(EARLY)
    assert waiting(front, booking) == []


def test_it_is_tried_ever_more_rarely_and_not_for_ever(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.busy["ben"].plan("find", *[failing(DOWN)] * 5000)
    front.after(3600)
    tries = front.busy["ben"].count("find")
    assert tries < 20

    front.after(25 * 3600)

    assert waiting(front, booking) == []
    assert front.busy["ben"].count("find") < tries + 110


def test_a_calendar_that_refuses_is_said_to(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.busy["ben"].plan("create", failing(RefusedError(Refusal.NOT_PERMITTED)))

    copied(front, booking)

    assert front.notes == ["copy_failed"]
    assert waiting(front, booking) == [booking.rv]


def test_a_booking_that_is_cancelled_while_it_is_copied_leaves_no_copy(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.busy["cleo"].plan("create", meanwhile(ada.cancel))

    front.after(180)

    assert front.only().state is State.CANCELLED
    assert standing(front) == everywhere()


def test_a_booking_that_is_moved_while_it_is_copied_is_copied_where_it_went(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.busy["cleo"].plan("create", meanwhile(lambda: ada.move(LATE, service="trio")))

    front.after(180)

    assert standing(front) == everywhere(LATE)


def test_two_workers_at_once_make_one_copy(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.busy["ben"].plan("find", meanwhile(lambda: copied(front, booking)))

    copied(front, booking)

    assert standing(front) == everywhere(EARLY)
    assert [front.busy[name].count("create") for name in COPIED] == [1, 1]


def test_a_slow_worker_with_an_old_version_does_not_have_the_last_word(front: BusyDesk, ada: Caller) -> None:
    """It reads the booking, then everything happens without it, then it writes."""
    booking = booked(front, ada)
    front.after(60)
    ada.move(LATE, service="trio")
    first = front.only()
    effects = waiting(front, first)

    def overtaken() -> None:
        ada.move(LATE + 120, service="trio")
        copied(front, front.only())

    front.busy["ben"].plan("find", meanwhile(overtaken))
    copied(front, first, rv=effects[0])
    front.after(120)

    assert booking.id == first.id
    assert standing(front) == everywhere(LATE + 120)
    assert waiting(front, booking) == []


def test_an_effect_is_carried_out_once(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    copied(front, booking)
    asked = len(front.busy["ben"].requests)

    copied(front, booking)

    assert len(front.busy["ben"].requests) == asked


def test_a_cancelled_group_frees_everybody_at_once(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    ada.cancel()

    assert front.locks() == {}
    assert Caller(front, number="+14155550188", call="c2").book(EARLY, service="trio").status is Status.CONFIRMED


# --- who carries out what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("staff_copies", "copies"),
        ("sms_booked", "texts"),
        ("human_task", "texts"),
        ("sms_code", "codes"),
        ("conflict", "texts"),
    ],
)
def test_every_effect_goes_to_its_own_desk(kind: OutboxKind, expected: str) -> None:
    done: list[str] = []

    class Desk:
        def __init__(self, name: str) -> None:
            self.name = name

        def carry_out(self, booking_id: str, *, rv: int, kind: OutboxKind) -> None:
            done.append(f"{self.name} {booking_id} {rv} {kind}")

    Effects(messages=Desk("texts"), copies=Desk("copies"), codes=Desk("codes")).carry_out("b1", rv=3, kind=kind)

    assert done == [f"{expected} b1 3 {kind}"]


def test_a_copy_in_hand_keeps_no_text_waiting(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    outbox: DynamoOutbox = front.outbox()
    now: Callable[[], float] = front.clock.now
    outbox.claim(booking.id, rv=booking.rv, kind="staff_copies", now=now(), lease=60)
    text = outbox.claim(booking.id, rv=booking.rv, kind="sms_booked", now=now(), lease=60)

    assert not outbox.other_texts(text)


def test_a_copy_shows_the_time_that_stands_while_the_booking_is_being_moved(front: BusyDesk, ada: Caller) -> None:
    booking = booked(front, ada)
    front.busy["ana"].plan("move", failing(InDoubtError("no answer")))
    front.busy["ana"].plan("read", failing(DOWN))
    assert ada.move(LATE, service="trio").status is Status.PENDING

    copied(front, booking)

    assert front.busy["ben"].kept[f"ben-{booking.id}"].span == Interval(EARLY, EARLY + HOUR)


# --- people who write there too --------------------------------------------------------------------------------------


@pytest.mark.parametrize("span", [Interval(EARLY - 30, EARLY + 15), Interval(EARLY, EARLY + HOUR)])
def test_a_person_who_wrote_there_since_the_booking_is_noticed(front: BusyDesk, ada: Caller, span: Interval) -> None:
    booked(front, ada)
    front.busy["ben"].stranger(span.start, span.end)

    front.after(60)

    assert standing(front)["cleo"] == [EARLY]
    assert (front.notes.count("human_task"), front.counted) == (1, ["Conflicts"])


def test_a_copy_that_is_left_behind_for_a_moment_is_in_nobodys_way(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)
    ada.move(LATE, service="trio")
    assert Caller(front, number="+14155550199", call="c2").book(EARLY, service="trio").status is Status.CONFIRMED

    ada.cancel("appt_1")
    assert ada.book(LATE, service="trio").status is Status.CONFIRMED


def test_a_person_beside_it_is(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)
    ada.cancel()
    front.busy["ben"].stranger(EARLY, EARLY + 15)

    assert ada.book(EARLY, service="solo", staff="ben").status is Status.UNAVAILABLE


def test_a_copy_still_needed_is_too(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)

    assert Caller(front, number="+14155550199", call="c2").book(EARLY, service="solo").status is Status.UNAVAILABLE


def test_so_is_one_at_the_time_it_moved_to(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.after(60)
    ada.move(LATE, service="trio")
    front.busy["cleo"].stranger(LATE, LATE + HOUR)

    front.after(60)

    assert front.notes.count("human_task") == 1


def test_nor_does_it_escape_when_the_answer_to_a_copy_is_lost(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.busy["ben"].stranger(EARLY, EARLY + HOUR)
    front.busy["ben"].plan("create", answer_lost(InDoubtError("no answer")))
    front.busy["cleo"].plan("find", *[failing(DOWN)] * 3)

    front.after(1800)

    assert standing(front)["cleo"] == [EARLY]
    assert front.notes.count("human_task") == 1


def test_who_wrote_beside_a_copy_is_not(front: BusyDesk, ada: Caller) -> None:
    booked(front, ada)
    front.busy["ben"].stranger(EARLY + HOUR, EARLY + 2 * HOUR)
    front.busy["cleo"].plan("events", failing(DOWN))

    front.after(60)

    assert (standing(front)["cleo"], front.notes, front.counted) == ([EARLY], [], [])
