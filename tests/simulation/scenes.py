"""Directed stories: for every rule that chance rarely meets, the one situation in which it decides.

Each is a story like any other, with its own seed, its own faults at chosen places, and the whole checker behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from slotline.domain.bookings import HOLD_SECONDS, SKEW_SECONDS
from slotline.domain.time import Interval
from tests.simulation.faults import KINDS, Fault
from tests.simulation.offices import Style
from tests.simulation.workloads import (
    FLOW_SECONDS,
    OTHER,
    SLOT,
    START,
    Caller,
    Stage,
    audits,
    forget,
    settle,
    stage,
)

if TYPE_CHECKING:
    from tests.simulation.faults import Faults

A_TICK = 180.0
"""The minute in which the schedule first looks at what a provider left unanswered in the first 50 seconds."""

OWED_AGAIN = 300.0
"""The tick in which a text is looked at again whose answer was lost a minute after the beginning."""

BEYOND_Q = 400.0
DAY = 86_400.0
FAR = SLOT + 20 * 1440
"""A start beyond the time for which deliveries and calls are remembered."""


@dataclass(slots=True)
class FaultsAt:
    """Faults at the so-manieth point of a sort, counted from the last `begin`."""

    plan: dict[tuple[str, int], Fault] = field(default_factory=dict)
    reached: Counter[str] = field(default_factory=Counter)
    first: dict[tuple[str, int], Callable[[], object]] = field(default_factory=dict)

    def at(self, number: int, sort: str) -> Fault | None:
        self.reached[sort] += 1
        self.first.pop((sort, self.reached[sort]), lambda: None)()
        fault = self.plan.get((sort, self.reached[sort]))
        return fault if fault is not None and fault.kind in KINDS[sort] else None

    def soon(self, sort: str, *faults: Fault | None) -> None:
        """The next points of this sort get these, one after the other; None leaves one in peace."""
        for number, fault in enumerate(faults, start=self.reached[sort] + 1):
            if fault is not None:
                self.plan[sort, number] = fault

    def before_next(self, sort: str, happens: Callable[[], object]) -> None:
        """At the next point of this sort, something else happens first."""
        self.first[sort, self.reached[sort] + 1] = happens


@dataclass(frozen=True, slots=True)
class Scene:
    """What callers, people and faults do. `late` says that a provider executes requests later than the quiescence.

    `days` are the days after which it goes on with `later`, whatever the table has forgotten until then.
    """

    act: Callable[[Theatre], None]
    kind: str = "a"
    late: float = 0.0
    approval: bool = False
    days: tuple[int, ...] = ()
    seconds: float = FLOW_SECONDS  # how long faults may strike
    later: Callable[[Theatre], None] | None = None


@dataclass(slots=True)
class Theatre:
    """What a scene is played with."""

    place: Stage
    faults: FaultsAt
    random: Random

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.place.universe.now - START

    def caller(self, number: int = 0, *, call: str = "") -> Caller:
        return Caller(self.place.street, "north", f"+1555000{1000 + number}", call or f"call-{number}")

    def wait_until(self, second: float) -> None:
        self.place.universe.scheduler.wait(second - self.now)

    def beside(self, what: Callable[[], object], *, after: float = 0.0) -> None:
        self.place.universe.scheduler.start(what, after=after)

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random.random()

    def person_adds(self, start: int, *, calendar: str = "c1") -> Callable[[], None]:
        """A person blocks half an hour; what is returned removes it again."""
        server = self.place.world.servers[f"north/{calendar}"]
        server.add(Interval(start, start + 30))
        event_id = next(reversed(server.events))
        return lambda: server.people_cancel(event_id)


SCENES: dict[str, Scene] = {}


def _scene(
    name: str, *, kind: str = "a", late: float = 0.0, approval: bool = False, seconds: float = FLOW_SECONDS
) -> Callable[[Callable[[Theatre], None]], None]:
    def add(act: Callable[[Theatre], None]) -> None:
        SCENES[name] = Scene(act, kind, late, approval, seconds=seconds)

    return add


def scene(name: str, *, seed: int, faults: Faults | None = None) -> Stage:
    """One scene from its beginning until everything has come to rest; with `faults`, those strike and no others."""
    wanted, random, directed = SCENES[name], Random(f"scene {seed}"), FaultsAt()
    kind = wanted.kind
    style = Style(kinds=(kind, kind, kind, kind), approval=wanted.approval)
    place = stage(Random(seed), faults or directed, {"north": style})
    for server in place.world.servers.values():
        # A calendar of class B that is kept for one person or room may refuse too; requests may overlap anywhere.
        server.refuses_overlap = not wanted.approval
    place.callers = 1
    place.universe.scheduler.start(lambda: wanted.act(Theatre(place, directed, random)))
    settle(place, after=wanted.seconds)
    if wanted.later is not None:
        _days_later(place, random, wanted, directed)
    return place


def _days_later(place: Stage, random: Random, wanted: Scene, faults: FaultsAt) -> None:
    audits(place)
    universe = place.universe
    universe.scheduler.run(START + random.choice(wanted.days) * DAY)
    began = universe.now
    share = random.choice((0.0, 0.5, 1.0))
    place.world.expire(share)
    universe.faults_over = False
    forget(place, random, until=began + FLOW_SECONDS)
    universe.scheduler.start(lambda: wanted.later and wanted.later(Theatre(place, faults, random)))
    settle(place, after=began - START + FLOW_SECONDS)


# --- side by side ----------------------------------------------------------------------------------------------------


@_scene("one after the other on one day", kind="own")
def _crowd_on_one_day(with_: Theatre) -> None:
    """Several callers at once want times that have nothing to do with each other, but share a day document."""
    for number in range(6):
        caller = with_.caller(number)
        with_.beside(partial(caller.book, "short", SLOT + 60 * number), after=with_.between(0.0, 0.03))


# --- a hold that has lapsed ------------------------------------------------------------------------------------------


@_scene("booked at the moment the hold lapses", kind="own")
def _booked_as_it_lapses(with_: Theatre) -> None:
    """Somebody else takes the slot as soon as the hold has lapsed, and then its holder books it."""
    caller, other = with_.caller(), with_.caller(1)
    caller.pause(with_.between(1.0, 40.0))
    caller.hold("short", SLOT)
    caller.pause(HOLD_SECONDS + SKEW_SECONDS)
    with_.beside(lambda: other.book("long", SLOT + 15), after=with_.between(0.0, 0.5))
    caller.pause(with_.between(0.0, 2.0))
    caller.book("short", SLOT)


@_scene("called back for the slot that is kept", kind="own")
def _called_back(with_: Theatre) -> None:
    """The line drops, the caller rings back and hears that the slot is kept; the end of the first call is told late."""
    first, again, other = with_.caller(), with_.caller(call="call-again"), with_.caller(1)
    first.pause(with_.between(0.0, 20.0))
    first.hold("short", SLOT)
    with_.beside(first.hang_up, after=with_.between(0.0, 8.0))
    first.pause(with_.between(0.5, 3.0))
    again.hold("short", SLOT)
    again.pause(with_.between(0.0, 8.0))
    if with_.random.random() < 0.5:
        again.hang_up()
    other.book("short", SLOT)
    again.book("short", SLOT)


# --- a refusal that means nothing -----------------------------------------------------------------------------------


@_scene("our own event is in the way", late=BEYOND_Q)
def _own_event_in_the_way(with_: Theatre) -> None:
    """The first create is executed long after the quiescence: after the look, and just before the second create."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 50.0))
    with_.faults.soon("calendar.write", Fault("late", round(A_TICK - with_.now + with_.between(0.0, 2.5), 3)))
    caller.book("short", SLOT)


@_scene("a request with a twin", late=BEYOND_Q, approval=True)
def _request_with_a_twin(with_: Theatre) -> None:
    """A request awaits the host's approval, and the first try of it is executed minutes later."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 40.0))
    with_.faults.soon("calendar.write", Fault("late", round(with_.between(190.0, 300.0), 3)))
    caller.book("short", SLOT)


@_scene("refused while an older create is under way", kind="b")
def _refused_while_under_way(with_: Theatre) -> None:
    """A repeat is refused because of a person's event, which is gone again when the first create is executed."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 40.0))
    with_.faults.soon("calendar.write", Fault("late", round(with_.between(80.0, 105.0), 3)))
    caller.book("short", SLOT)
    removed = with_.person_adds(SLOT)
    with_.wait_until(with_.between(62.0, 75.0))
    removed()


@_scene("given way to a person, unheard", kind="b")
def _given_way_unheard(with_: Theatre) -> None:
    """A person writes in the same second; the answer to our removal is lost: it is executed after the caller asks."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    with_.faults.before_next("calendar.write", lambda: with_.person_adds(SLOT, calendar="c4"))
    with_.faults.soon("calendar.write", None, Fault("late", round(with_.between(30.0, 100.0), 3)))
    caller.book("group", SLOT)
    caller.pause(with_.between(1.0, 20.0))
    caller.book("group", SLOT)


@_scene("moved already", late=BEYOND_Q)
def _moved_already(with_: Theatre) -> None:
    """The first move is executed long after the quiescence: after the look, and just before the second move."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 45.0))
    caller.book("short", SLOT)
    with_.faults.soon("calendar.write", Fault("late", round(A_TICK - with_.now + with_.between(0.0, 2.5), 3)))
    caller.move("short", OTHER)


@_scene("an older move comes after the next one", kind="b")
def _older_move_after_the_next(with_: Theatre) -> None:
    """A move is executed half a minute late; meanwhile its caller asks for it again, and then for a third time."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    caller.book("short", SLOT)
    with_.faults.soon("calendar.write", Fault("late", round(with_.between(25.0, 60.0), 3)))
    caller.move("short", OTHER)
    caller.pause(with_.between(1.0, 4.0))
    caller.move("short", OTHER)
    caller.pause(with_.between(1.0, 4.0))
    caller.move("short", OTHER + 60)


@_scene("refused, and its record is written late")
def _refused_and_recorded_late(with_: Theatre) -> None:
    """The calendar refuses for certain; the record of it, which queues no text, loses its answer and comes late."""
    caller = with_.caller()
    with_.person_adds(SLOT)
    late = Fault("late", round(with_.between(1.2, 2.9), 3))
    with_.faults.soon("table.write", None, late, Fault("no_answer"))
    caller.book("short", SLOT)


@_scene("moved, unheard, and removed by a person")
def _removed_by_a_person(with_: Theatre) -> None:
    """The event was moved, nobody heard of it, and a person removed it: it stands at no time any more."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    caller.book("short", SLOT)
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.faults.soon("calendar.read", *[Fault("too_many")] * 2)
    caller.move("short", OTHER)
    server = with_.place.world.servers["north/c1"]
    for event_id in [event.id for event in server.events.values() if event.is_live]:
        server.people_cancel(event_id)


@_scene("refused to a repeat that dies")
def _refused_to_a_repeat_that_dies(with_: Theatre) -> None:
    """The caller heard "pending"; a repeat is refused for certain, writes it down, and dies before it can say so."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 40.0))
    with_.faults.soon("calendar.write", Fault("error_before"))
    with_.faults.soon("calendar.read", Fault("too_many"))
    caller.book("short", SLOT)
    with_.person_adds(SLOT)
    with_.wait_until(with_.between(167.0, 178.0))
    with_.faults.soon("table.write", None, Fault("kill_after"))
    caller.book("short", SLOT)


@_scene("dragged elsewhere before anybody heard of it")
def _dragged_elsewhere_unheard(with_: Theatre) -> None:
    """The caller heard "pending", a person drags the event onto another time, and the caller wishes for that one."""
    _dragged_unheard(with_, "short", calendar="c1")


@_scene("dragged to where a seat is left", kind="b")
def _dragged_to_a_free_seat(with_: Theatre) -> None:
    """The same in a class: nothing would be in the way of a second booking."""
    _dragged_unheard(with_, "group", calendar="c4")


def _dragged_unheard(with_: Theatre, service: str, *, calendar: str) -> None:
    caller, again = with_.caller(), with_.caller(call="call-again")
    caller.pause(with_.between(0.0, 40.0))
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.beside(lambda: caller.book(service, SLOT))
    server = with_.place.world.servers[f"north/{calendar}"]
    while not server.events:
        caller.pause(0.05)
    (event_id,) = server.events
    server.people_move(event_id, Interval(OTHER, OTHER + 30))
    with_.wait_until(with_.between(65.0, 110.0))
    again.book(service, OTHER)


# --- what people do, and what only they can settle --------------------------------------------------------------------


@_scene("a person writes in the same second", kind="b")
def _written_in_the_same_second(with_: Theatre) -> None:
    """The time was free when it was read, and is taken when ours is written; a calendar with two seats accepts both."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    with_.faults.before_next("calendar.write", lambda: with_.person_adds(SLOT, calendar="c4"))
    caller.book("group", SLOT)


@_scene("removed by a person before the audit")
def _removed_before_the_audit(with_: Theatre) -> None:
    """What was in doubt stands in the end, and a person removes it; minutes later the audit looks."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 40.0))
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.faults.soon("calendar.read", Fault("too_many"))
    caller.book("short", SLOT)
    with_.wait_until(with_.between(200.0, 300.0))
    server = with_.place.world.servers["north/c1"]
    for event_id in list(server.events):
        server.people_cancel(event_id)


@_scene("dragged onto somebody else's before anybody heard of it")
def _dragged_onto_anothers(with_: Theatre) -> None:
    """The caller heard "pending", and a person drags the event onto the appointment of somebody else."""
    caller, other = with_.caller(), with_.caller(1)
    caller.pause(with_.between(0.0, 20.0))
    other.book("short", OTHER)
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.faults.soon("calendar.read", Fault("too_many"))
    caller.book("short", SLOT)
    server = with_.place.world.servers["north/c1"]
    mine = next(event.id for event in server.events.values() if event.span.start == SLOT)
    server.people_move(mine, Interval(OTHER, OTHER + 30))


@_scene("cancelled while its event is made")
def _cancelled_while_made(with_: Theatre) -> None:
    """The caller changes their mind in that moment: who hears of the event has lost the booking."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))

    def cancel() -> None:
        with_.beside(partial(caller.cancel, appointment="appt_1"))
        caller.pause(with_.between(0.5, 3.0))

    with_.faults.before_next("calendar.write", cancel)
    caller.book("short", SLOT)


@_scene("given up after many tries in vain", kind="b", seconds=700.0)
def _given_up(with_: Theatre) -> None:
    """No answer ever comes, and nothing was done: after so many tries the caller is told, and a person too."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    with_.faults.soon("calendar.write", *[Fault("error_before")] * 20)
    caller.book("short", SLOT)


# --- once more, just now ---------------------------------------------------------------------------------------------


@_scene("booked anew beside its own move", kind="b")
def _booked_beside_its_move(with_: Theatre) -> None:
    """A move is in doubt, and its caller rings again and books the new time, where there is a seat left: one wish."""
    caller, again = with_.caller(), with_.caller(call="call-again")
    caller.pause(with_.between(0.0, 20.0))
    caller.book("group", SLOT)
    with_.faults.soon("calendar.write", Fault("late", round(with_.between(5.0, 40.0), 3)))
    caller.move("group", OTHER)
    again.book("group", OTHER)


@_scene("booked again while its cancellation ends")
def _again_while_it_ends(with_: Theatre) -> None:
    """The schedule finishes a cancellation in the very moment in which the caller books the same again."""
    caller, again = with_.caller(), with_.caller(call="call-again")
    caller.pause(with_.between(0.0, 30.0))
    caller.book("short", SLOT)
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    caller.cancel()
    with_.wait_until(60.0)
    for _ in range(20):
        with_.beside(lambda: again.book("short", SLOT), after=with_.between(0.2, 2.0))


@_scene("one is cancelled while another at its time is refused")
def _cancelled_beside_a_refusal(with_: Theatre) -> None:
    """Told "cancel pending" of the one; the other, at the same time of day, ends without a text a moment later."""
    caller, again = with_.caller(), with_.caller(call="call-again")
    caller.pause(with_.between(0.0, 30.0))
    caller.book("short", SLOT)
    with_.faults.soon("calendar.write", Fault("error_after"), Fault("unauthorized"))
    with_.beside(lambda: again.book("group", SLOT), after=with_.between(0.0, 0.3))
    caller.cancel(appointment="appt_1")


@_scene("a yes to no question")
def _yes_to_no_question(with_: Theatre) -> None:
    """The model says yes in its caller's name before anybody was asked."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 30.0))
    caller.book("short", SLOT)
    caller.pause(with_.between(1.0, 20.0))
    caller.agree_to_cancel()


@_scene("the same words an hour ago")
def _same_words(with_: Theatre) -> None:
    """Booked, cancelled, booked again: the second text is lost, and there is an older one of the same words."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 30.0))
    caller.book("short", SLOT)
    caller.pause(with_.between(5.0, 20.0))
    caller.cancel()
    caller.pause(with_.between(5.0, 20.0))
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.faults.soon("sms.write", Fault("error_before"))
    caller.book("short", SLOT)


def _cancelled_and_its_text_lost(with_: Theatre) -> Caller:
    """Told "cancel pending"; the schedule ends it a minute later, and its text is lost, and due again `OWED_AGAIN`."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    caller.book("short", SLOT)
    caller.pause(with_.between(5.0, 10.0))
    with_.faults.soon("calendar.write", Fault("reply_lost"))
    with_.faults.soon("calendar.read", *[Fault("too_many")] * 2)
    caller.cancel()
    with_.faults.soon("sms.write", Fault("error_before"))
    with_.wait_until(70.0 + with_.between(0.0, 20.0))
    with_.faults.plan.clear()
    return caller


@_scene("the same words for another booking")
def _same_words_of_another(with_: Theatre) -> None:
    """Cancelled, unheard, and its text lost; booked and cancelled once more: that text has the very same words."""
    caller = _cancelled_and_its_text_lost(with_)
    caller.book("short", SLOT, id_="anew")
    caller.pause(with_.between(2.0, 20.0))
    caller.cancel()


@_scene("booked again before its end is told")
def _again_before_its_end_is_told(with_: Theatre) -> None:
    """The lost text is due minutes after the same was booked again and confirmed: said now, it would keep them away."""
    caller = _cancelled_and_its_text_lost(with_)
    caller.book("short", SLOT, id_="anew")


@_scene("booked again in vain before its end is told")
def _again_in_vain(with_: Theatre) -> None:
    """While the text is due the same is tried again and refused, on the phone and without a text: it is still owed."""
    caller = _cancelled_and_its_text_lost(with_)
    with_.person_adds(SLOT)
    with_.wait_until(OWED_AGAIN - 0.5)
    for number in range(12):
        again = partial(caller.book, "short", SLOT, id_=f"anew-{number}")
        with_.beside(again, after=with_.between(0.0, 2.5))


@_scene("held again before its end is told")
def _held_again(with_: Theatre) -> None:
    """While the text is due the same is held and never booked; of a hold nobody is told, so the text is still owed."""
    caller = _cancelled_and_its_text_lost(with_)
    with_.wait_until(OWED_AGAIN - with_.between(5.0, 60.0))
    caller.hold("short", SLOT)


@_scene("moved to where another one was, its confirmation in doubt", kind="b")
def _moved_to_where_another_was(with_: Theatre) -> None:
    """Whoever sent a confirmation died; the booking moves to the time of another one, whose text has the same words."""
    caller, other = with_.caller(), with_.caller(call="call-other")
    caller.pause(with_.between(0.0, 20.0))
    with_.faults.soon("sms.write", Fault("kill_after"))
    caller.book("group", SLOT)
    caller.pause(with_.between(4.0, 8.0))
    other.book("group", OTHER)
    caller.pause(with_.between(4.0, 8.0))
    other.cancel(appointment="appt_1")
    caller.move("group", OTHER, appointment="appt_1")


@_scene("cancelled while its confirmation is sent", kind="own")
def _cancelled_while_confirmed(with_: Theatre) -> None:
    """Two workers have texts of one booking in their hands; the one that began first is the slower one."""
    caller = with_.caller()
    with_.faults.soon("sms.write", Fault("slow", round(with_.between(2.0, 4.5), 3)))
    caller.book("short", SLOT)
    caller.pause(with_.between(0.5, 3.0))
    caller.cancel()


@_scene("a person on a calendar with two seats", kind="b")
def _person_on_two_seats(with_: Theatre) -> None:
    """A person's event takes both seats, whatever is free beside it; a booking of ours takes one."""
    with_.caller(0).book("group", OTHER)
    with_.person_adds(SLOT, calendar="c4")
    with_.caller(1).book("group", SLOT, offered=False)
    with_.caller(1, call="call-again").book("group", OTHER)


@_scene("beside a move onto a time beside its own")
def _beside_a_move_beside_itself(with_: Theatre) -> None:
    """Of two seats a booking keeps one while it moves by half its length, unheard; the other one can be had."""
    caller = with_.caller()
    caller.pause(with_.between(0.0, 20.0))
    caller.book("group", SLOT)
    with_.faults.soon("calendar.write", Fault(with_.random.choice(("reply_lost", "error_before"))))
    with_.faults.soon("calendar.read", *[Fault("too_many")] * 2)
    caller.move("group", SLOT + 15)
    with_.faults.plan.clear()
    for number in range(1, 5):
        start = SLOT + with_.random.choice((-15, 0, 15, 30))
        with_.caller(number).book("group", start, offered=with_.random.random() < 0.5)


# --- what the table has forgotten, or not yet ------------------------------------------------------------------------


def _before_it_is_forgotten(with_: Theatre) -> None:
    caller, other = with_.caller(), with_.caller(1)
    caller.hold("short", FAR)
    caller.book("short", FAR)
    other.book("group", FAR)
    other.cancel()
    with_.caller(2).hold("long", FAR + 60)  # and hangs up


def _after_it_is_forgotten(with_: Theatre) -> None:
    """Everything once more: the same deliveries in the same call, the same wishes in a new one, and changes."""
    same, again, other, third = with_.caller(), with_.caller(call="call-again"), with_.caller(1), with_.caller(2)
    same.hold("short", FAR)
    same.book("short", FAR)
    same.find()
    again.book("short", FAR)
    other.book("group", FAR, id_="new")
    other.book("long", FAR, id_="newer")
    other.find()
    near = int(with_.place.universe.now // 60) // 15 * 15 + 300
    if with_.random.random() < 0.7:
        same.move("short", with_.random.choice((near, FAR + 75)))
    if with_.random.random() < 0.5:
        again.cancel()
        same.book("short", FAR, id_="anew")
    if with_.random.random() < 0.5:
        same.cancel(appointment="appt_1")
    other.book("short", near + 75, id_="anew")
    third.book("long", near + 150, id_="anew")
    again.find()


for _kind in ("own", "a", "b"):
    SCENES[f"days later, {_kind}"] = Scene(
        _before_it_is_forgotten, _kind, days=(8, 15, 61, 75), later=_after_it_is_forgotten
    )
