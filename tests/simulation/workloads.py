"""What callers do: a run's whole story out of its seed, and the eight short flows for enumeration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from slotline.domain.time import Interval, utc_iso
from tests.fakes import A_MONDAY_NOON_UTC
from tests.simulation.accounts import SLOT_KINDS, kinds_in
from tests.simulation.accounts.account import Account
from tests.simulation.accounts.follow_up import scan_in_between
from tests.simulation.accounts.opening import open_accounts
from tests.simulation.actors import Street, Wish, tool_call
from tests.simulation.faults import Faults, RandomFaults
from tests.simulation.offices import QUIESCENCE, Style, accounts, business, servers, told_to_the_checker
from tests.simulation.process import Universe
from tests.simulation.scheduler import Scheduler
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slotline.domain.calls import ToolReply
    from tests.simulation.providers import CalendarServer

START = A_MONDAY_NOON_UTC
SETTLING_SECONDS = 660.0
"""How long everything may take once faults stop: ten minutes and the tick of the schedule after them."""


@dataclass(slots=True)
class Stage:
    """One run, set up: a world, its street, and what the checker needs to know."""

    street: Street
    styles: Mapping[str, Style]
    offices: dict[str, Any]
    callers: int = 0

    @property
    def world(self) -> World:
        return self.street.world

    @property
    def universe(self) -> Universe:
        return self.street.world.universe


def stage(random: Random, faults: Faults, styles: Mapping[str, Style], *, skew: float = 0.0) -> Stage:
    """An empty world with these businesses."""
    universe = Universe(Scheduler(START), random, faults)
    businesses = {key: business(key, style) for key, style in styles.items()}
    truth = {name: s for key, style in styles.items() for name, s in servers(universe, key, style).items()}
    world = World(universe, businesses, truth)
    street = Street(world, skew=(lambda: (2 * random.random() - 1) * skew) if skew else lambda: 0.0)
    world.on_effect = street.effect_written
    for key, style in styles.items():
        open_accounts(street, accounts(universe, businesses[key], style))
    return Stage(street, styles, told_to_the_checker(businesses, styles))


# --- callers --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Caller:
    """One person on the phone, with the platform in between. Each method is one thing they say."""

    street: Street
    business: str
    phone: str
    call: str
    deliveries: int = 0

    @property
    def universe(self) -> Universe:
        return self.street.world.universe

    def pause(self, seconds: float) -> None:
        self.universe.scheduler.wait(seconds)

    def new_id(self) -> str:
        self.deliveries += 1
        return f"{self.call}-t{self.deliveries}"

    def slot(self, service: str, start: int, *, offered: bool) -> dict[str, object]:
        if offered:
            pool = self.street.world.businesses[self.business].services[service].staff
            keys = self.street.world.keys(self.business)
            return {"slot_id": keys.slot_id(service=service, start=start, seats=pool.pool if pool else ())}
        moment = utc_iso(start)
        return {"date": moment[:10], "time": moment[11:16]}

    def hold(self, service: str, start: int, *, offered: bool = True, id_: str | None = None) -> ToolReply | None:
        args = {"service": service, **self.slot(service, start, offered=offered)}
        return self._say("hold_slot", args, Wish(service, start), id_=id_)

    def book(
        self, service: str, start: int, *, offered: bool = True, id_: str | None = None, patience: float | None = None
    ) -> ToolReply | None:
        args = {"service": service, **self.slot(service, start, offered=offered), "name": "Jo Doe"}
        return self._say("book_appointment", args, Wish(service, start), id_=id_, patience=patience)

    def move(
        self, service: str, start: int, *, appointment: str | None = None, id_: str | None = None,
        patience: float | None = None,
    ) -> ToolReply | None:  # fmt: skip
        args = {"appointment": appointment, **self.slot(service, start, offered=True)}
        wish = Wish(service, start)
        return self._say("reschedule_appointment", args, wish, id_=id_, patience=patience)

    def cancel(
        self, *, appointment: str | None = None, id_: str | None = None, patience: float | None = None
    ) -> ToolReply | None:
        """The question, and a yes to it; a model that heard no answer says yes all the same."""
        asked = self.ask_to_cancel(appointment=appointment, patience=patience)
        if asked is not None and asked.status != "needs_confirmation":
            return asked
        return self.agree_to_cancel(appointment=appointment, id_=id_, patience=patience)

    def ask_to_cancel(self, *, appointment: str | None = None, patience: float | None = None) -> ToolReply | None:
        return self._say("cancel_appointment", {"appointment": appointment}, Wish(), id_=None, patience=patience)

    def agree_to_cancel(
        self, *, appointment: str | None = None, id_: str | None = None, patience: float | None = None
    ) -> ToolReply | None:
        args = {"appointment": appointment, "confirm": True}
        return self._say("cancel_appointment", args, Wish(), id_=id_, patience=patience)

    def find(self) -> ToolReply | None:
        return self._say("find_appointments", {}, Wish(), id_=None)

    def hang_up(self) -> None:
        """The line is dead, and the platform tells of it."""
        self.street.end_call(self.business, self.call)

    def text(self) -> ToolReply | None:
        return self._say("send_confirmation", {}, Wish(), id_=None)

    def _say(
        self, tool: str, args: Mapping[str, object], wish: Wish, *, id_: str | None, patience: float | None = None
    ) -> ToolReply | None:
        given = {name: value for name, value in args.items() if value is not None}
        call = tool_call(tool, phone=self.phone, call=self.call, id_=id_ or self.new_id(), **given)
        return self.street.deliver(self.business, call, wish, patience=patience)

    def insist(self, random: Random, once: Callable[[str, float | None], ToolReply | None]) -> ToolReply | None:
        """Try until something is heard: the same delivery again, or the model asking anew."""
        id_ = self.new_id()
        for _ in range(3):
            patience = 1.0 + 5.0 * random.random() if random.random() < 0.1 else None
            reply = once(id_, patience)
            if reply is not None:
                return reply
            self.pause(random.random() * 6.0)
            if random.random() < 0.5:
                id_ = self.new_id()
        return None


def handle_in(reply: ToolReply | None) -> str | None:
    handle = reply.fields.get("appointment") if reply is not None else None
    return handle if isinstance(handle, str) else None


def visit(caller: Caller, random: Random, starts: tuple[int, ...], services: tuple[str, ...]) -> None:
    """One caller's whole story."""
    service = random.choice(services)
    start = random.choice(starts)
    offered = random.random() < 0.85
    caller.pause(random.random() * random.choice((1.0, 8.0, 60.0)))
    if random.random() < 0.5:
        caller.insist(random, lambda id_, _: caller.hold(service, start, offered=offered, id_=id_))
        caller.pause(117.0 + 10.0 * random.random() if random.random() < 0.2 else random.random() * 12.0)
        if random.random() < 0.1:
            return  # hangs up; the hold lapses
        if random.random() < 0.1:
            start = random.choice(starts)  # changes their mind with a hold in hand
    booked = caller.insist(
        random, lambda id_, patience: caller.book(service, start, offered=offered, id_=id_, patience=patience)
    )
    if booked is not None and booked.status == "unavailable" and random.random() < 0.5:
        start = random.choice(starts)
        booked = caller.insist(random, lambda id_, _: caller.book(service, start, id_=id_))
    if random.random() < 0.15:
        caller.pause(random.random() * 4.0)
        caller.book(service, start)  # barge-in: the model says it once more, under a new id
    if booked is not None and booked.status == "pending" and random.random() < 0.4:
        caller.pause(random.random() * 150.0)
        booked = caller.book(service, start)
    _change(caller, random, starts, service, booked)
    if random.random() < 0.1:
        caller.find()
    if random.random() < 0.05:
        caller.text()


def _change(caller: Caller, random: Random, starts: tuple[int, ...], service: str, booked: ToolReply | None) -> None:
    """Perhaps a move, perhaps a cancellation, perhaps both."""
    handle = handle_in(booked)
    if random.random() < 0.35:
        to = random.choice(starts)
        caller.pause(random.random() * 10.0)
        caller.insist(
            random, lambda id_, patience: caller.move(service, to, appointment=handle, id_=id_, patience=patience)
        )
        if random.random() < 0.15:
            caller.book(service, to)  # the model forgot that it is a move
    if random.random() < 0.3:
        caller.pause(random.random() * 10.0)
        caller.insist(random, lambda id_, patience: caller.cancel(appointment=handle, id_=id_, patience=patience))
        if random.random() < 0.2:
            caller.book(service, random.choice(starts))  # and books again


# --- a random run ---------------------------------------------------------------------------------------------------


def story(seed: int, *, faults: Faults | None = None, kinds: str = "", longest_late: float = 0.0) -> Stage:
    """The run of this seed, from its first call until everything must be settled. `kinds` fixes the calendars."""
    random = Random(seed)
    longest = longest_late or (QUIESCENCE - 12.0)
    drawn = RandomFaults(
        Random(f"faults {seed}"), rate=random.choice((0.0, 0.02, 0.05, 0.1, 0.2)), longest_late=longest
    )
    keys = ("north", "south") if random.random() < 0.2 else ("north",)
    styles = {key: _style(random, kinds) for key in keys}
    place = stage(random, faults or drawn, styles, skew=random.choice((0.0, 0.0, 0.9, 1.9)))
    if random.random() < 0.2:
        place.world.table.index_lag = random.random() * 3.0
    # The second one straddles midnight; no opening hours of event types do.
    by_slots = bool(SLOT_KINDS & set(kinds_in(kinds))) if kinds else False
    first = int(START // 60) + (240 if by_slots else random.choice((240, 690)))
    # Crowded, or side by side on the same day documents.
    step = random.choice((15, 15, 45 if by_slots and kinds != "c" else 75))
    starts = tuple(first + step * n for n in range(random.choice((3, 5, 8))))
    # The staff behind an event type are the provider's own.
    services = ("short", "long", "group") if by_slots else ("short", "short", "long", "pool", "duo", "group")
    people = random.randint(2, 8)
    place.callers = people
    for number in range(people):
        phone = f"+1555000{1000 + number}"
        if number and random.random() < 0.12:
            phone = f"+1555000{1000 + number - 1}"  # the same person on a second call
        caller = Caller(place.street, random.choice(keys), phone, f"call-{number}")
        chance = Random(random.getrandbits(64))
        place.universe.scheduler.start(partial(visit, caller, chance, starts, services))
    chances = Random(random.getrandbits(64)), Random(random.getrandbits(64))
    if any(style.approval for style in styles.values()):
        place.universe.scheduler.start(lambda: _hosts_decide(place, chances[0]))
    if random.random() < (0.4 if place.world.accounts and kinds != "c" else 0.1):
        place.universe.scheduler.start(lambda: _people_edit(place, chances[1], starts))
    after = 90.0 + 400.0 * random.random()
    if place.world.accounts and kinds != "c" and random.random() < 0.3:
        scan_in_between(place, after=after * random.random())
    forget(place, Random(f"forgetting {seed}"), until=START + after)
    settle(place, after=after)
    return place


def forget(place: Stage, random: Random, *, until: float) -> None:
    """The table deletes what has lapsed: at once, some of it, or, as far as anybody lives to see it, nothing."""
    share = random.choice((0.0, 0.0, 0.5, 1.0))
    begin = place.universe.now
    for _ in range(4 if share else 0):
        moment = begin + (until - begin) * random.random()
        place.universe.scheduler.call_at(moment, lambda: place.world.expire(share))


def _style(random: Random, kinds: str) -> Style:
    mix = kinds_in(kinds or random.choice(("o", "a", "a", "b", "b", "oab")))
    pick = [random.choice(mix) for _ in range(4)]
    return Style(
        kinds=(pick[0], pick[1], pick[2], pick[3]),
        refuses_overlap=random.random() < 0.4,
        new_object=random.random() < 0.7,
        approval=random.random() < 0.12,
        hands_out_earlier=random.random() < 0.15,
        pick=random.choice(("priority", "weighted", "least_recent")),
    )


def _hosts_decide(place: Stage, random: Random) -> None:
    """Every host looks at their requests from time to time."""
    while not place.universe.faults_over:
        place.universe.scheduler.wait(random.random() * 120.0)
        for server in place.world.servers.values():
            for event in list(server.events.values()):
                if event.status == "requested" and random.random() < 0.5:
                    server.decide(event.id, accepted=random.random() < 0.7)
        for account in place.world.accounts.values():
            for uid in account.requested():
                if random.random() < 0.5:
                    account.decide(uid, accepted=random.random() < 0.7)


def _people_edit(place: Stage, random: Random, starts: tuple[int, ...]) -> None:
    """People add, move and remove events in the provider's own pages."""
    servers: list[CalendarServer | Account] = list(place.world.servers.values())
    servers += [account for account in place.world.accounts.values() if isinstance(account, Account)]
    for _ in range(random.randint(1, 3)):
        place.universe.scheduler.wait(random.random() * 60.0)
        if not servers:
            return
        server, start = random.choice(servers), random.choice(starts)
        ours = [event.id for event in server.events.values() if event.tag]
        what = random.random()
        if what < 0.4 or not ours:
            server.add(Interval(start, start + 30))
        elif what < 0.7:
            server.people_cancel(random.choice(ours))
        else:
            server.people_move(random.choice(ours), Interval(start, start + 30))


def settle(place: Stage, *, after: float) -> None:
    """Let the calls and their faults happen for so long, then let everything come to rest without any fault."""
    universe, street = place.universe, place.street
    street.tick_until(START + after + 3600.0)
    universe.scheduler.run(START + after)
    universe.faults_over = True
    universe.tell("faults_over")
    universe.scheduler.run(START + after + SETTLING_SECONDS)
    street.ticking_until = 0.0
    universe.tell("settled")


def audits(place: Stage) -> None:
    """Go on to the audits that lie hours ahead, from one that is due to the next."""
    universe, street = place.universe, place.street
    last = universe.now + 25 * 3600.0
    while (due := street.next_due()) is not None and due <= last:
        street.tick_until(max(universe.now, due) + 90.0)
        universe.scheduler.run(max(universe.now, due) + 90.0)
    universe.tell("audited")


# --- the eight short flows ------------------------------------------------------------------------------------------

FLOW_SECONDS = 330.0
"""Long enough that faults also strike what the schedule does after the quiescence."""

SLOT = int(START // 60) + 240
OTHER = SLOT + 60


def _hold(caller: Caller, _other: Caller) -> None:
    caller.hold("short", SLOT)


def _book(caller: Caller, _other: Caller) -> None:
    caller.hold("short", SLOT)
    caller.book("short", SLOT)


def _book_retry(caller: Caller, _other: Caller) -> None:
    if caller.book("short", SLOT, id_="same") is None:
        caller.book("short", SLOT, id_="same")
    caller.book("short", SLOT)


def _move(caller: Caller, _other: Caller) -> None:
    caller.book("short", SLOT)
    caller.move("short", OTHER)


def _cancel(caller: Caller, _other: Caller) -> None:
    caller.book("short", SLOT)
    caller.cancel()


def _book_book(caller: Caller, other: Caller) -> None:
    _beside(caller, lambda: other.book("long", SLOT + 15))
    caller.book("short", SLOT)


def _book_cancel(caller: Caller, _other: Caller) -> None:
    again = Caller(caller.street, caller.business, caller.phone, "call-again")

    def cancel_soon() -> None:
        again.pause(0.3)
        again.cancel()

    _beside(caller, cancel_soon)
    caller.book("short", SLOT)


def _move_book(caller: Caller, other: Caller) -> None:
    caller.book("short", SLOT)
    _beside(caller, lambda: other.book("long", OTHER - 30))
    caller.move("short", OTHER)


def _beside(caller: Caller, what: Callable[[], object]) -> None:
    caller.universe.scheduler.start(what)


FLOWS: Mapping[str, Callable[[Caller, Caller], None]] = {
    "hold": _hold,
    "book": _book,
    "book+retry": _book_retry,
    "move": _move,
    "cancel": _cancel,
    "book‖book": _book_book,
    "book‖cancel": _book_cancel,
    "move‖book": _move_book,
}


def flow(name: str, kind: str, faults: Faults, *, seed: int = 1, trace: bool = False) -> Stage:
    """One short flow on calendars of one kind (own, a, b), under exactly these faults; `trace` lists its points."""
    style = Style(kinds=(kind, kind, kind, kind))
    place = stage(Random(seed), faults, {"north": style})
    place.universe.reached = [] if trace else None
    caller = Caller(place.street, "north", "+15550001000", "call-1")
    other = Caller(place.street, "north", "+15550001001", "call-2")
    place.callers = 1 + ("‖" in name)
    place.universe.scheduler.start(lambda: FLOWS[name](caller, other))
    settle(place, after=FLOW_SECONDS)
    return place
