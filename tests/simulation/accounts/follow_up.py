"""After a run with accounts: the nightly scan, and whether the records and the calendars agree when it is over.

People may have moved and removed events, hints about it may have come early, late or never. The scan must bring every
booking in step with its event, and further staff's calendars must hold exactly the copies that they should.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from slotline.domain.errors import SlotlineError
from slotline.use_cases.drift import Drift, DriftScan
from tests.simulation.accounts.account import Account
from tests.simulation.checker import Finding
from tests.simulation.process import Process
from tests.simulation.record import read
from tests.simulation.world import OwnCalendars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slotline.use_cases.drift import Finding as OutOfStep
    from tests.simulation.accounts.account import Seen
    from tests.simulation.record import Booked, Facts
    from tests.simulation.workloads import Stage
    from tests.simulation.world import World

SCAN_SECONDS = 300.0
A_PERSON_DECIDES = frozenset({Drift.FOREIGN_OVERLAP})
UNFINISHED = frozenset({"booking", "rescheduling", "cancelling"})


def follow_up(place: Stage) -> None:
    """Scan every business once, and once more to see that nothing is left but what a person must decide."""
    if not any(isinstance(account, Account) for account in place.world.accounts.values()):
        return
    universe = place.universe
    universe.tell("scanned")
    _scan(place)
    left = [finding for finding in _scan(place) if finding.drift not in A_PERSON_DECIDES]
    for finding in left:
        universe.tell("left", finding.drift.value, finding.calendar, finding.booking)


def scan_in_between(place: Stage, *, after: float) -> None:
    """A scan in the midst of everything: what is under way must not look out of step to it."""
    world, universe = place.world, place.universe

    def scan(process: Process, key: str) -> None:
        _drift_scan(world, process, key).run()

    def scans() -> None:
        for key in world.businesses:
            process = Process(universe, "scan", seconds=SCAN_SECONDS, skew=place.street.skew())
            process.run(partial(scan, process, key))

    universe.scheduler.start(scans, after=after)


def _scan(place: Stage) -> list[OutOfStep]:
    world, universe = place.world, place.universe
    found: list[OutOfStep] = []

    def work(process: Process, key: str) -> None:
        try:
            found.extend(_drift_scan(world, process, key).run())
        except SlotlineError as error:
            universe.tell("left", type(error).__name__, key, None)

    for key in world.businesses:
        process = Process(universe, "scan", seconds=SCAN_SECONDS)
        universe.scheduler.start(partial(process.run, partial(work, process, key)))
    universe.scheduler.run(universe.now + SCAN_SECONDS)
    return found


def _drift_scan(world: World, process: Process, key: str) -> DriftScan:
    business = world.businesses[key]
    driver = world.driver(process, business, caller_waits=False)
    return DriftScan(
        business=business,
        store=driver.context.store,
        calendars=OwnCalendars(world, process, business),
        clock=process,
        count=lambda name, value: None,
        note=world._note,
        heed=driver.heed,
    )


def out_of_step(place: Stage) -> list[Finding]:
    """What is wrong at the very end, read off the table and the accounts themselves."""
    if not any(isinstance(account, Account) for account in place.world.accounts.values()):
        return []
    facts = read(place.universe.history, place.offices)
    return [Finding("I3", what) for what in _wrong(place, facts)]


def _wrong(place: Stage, facts: Facts) -> Iterator[str]:
    for line in place.universe.history:
        if line[1] == "left":
            yield f"after two scans {line[2]} is left on {line[3]}: {line[4]}"
    accounts = {name: a for name, a in place.world.accounts.items() if isinstance(a, Account)}
    scanned = max((line[0] for line in place.universe.history if line[1] == "scanned"), default=0.0)
    for booking in facts.bookings.values():
        account = accounts.get(f"{booking.business}/{booking.last.item['cal']}")
        if account is not None and booking.last.state not in UNFINISHED:
            yield from _against(account, booking, scanned=scanned)
        for name in booking.last.item.get("cps") or ():
            copies = accounts.get(f"{booking.business}/{name}")
            if copies is not None and booking.last.state not in UNFINISHED | {"held"}:
                yield from _copied(copies, booking, touched=_touched(place, f"{booking.business}/{name}"))


def _against(account: Account, booking: Booked, *, scanned: float) -> Iterator[str]:
    item = booking.last.item
    tagged = [event for event in account.events.values() if event.tag == booking.id]
    if booking.last.state != "booked":
        if tagged:
            yield f"{booking.id} is {booking.last.state}, and stands in {account.full_name} at last"
        return
    if item["s"] * 60 <= scanned:
        return  # it is over when the scan comes, and nobody looks any more
    # Where a person moved it, another event may stand for the one on record, which leads there.
    if len(tagged) != 1 or not _stands(tagged[0], item["s"], item["e"]):
        yield f"{booking.id} is booked at {item['s']} at last, and {account.full_name} holds {tagged}"


def _copied(account: Account, booking: Booked, *, touched: set[str]) -> Iterator[str]:
    item = booking.last.item
    found = [event for event in account.events.values() if event.tag == booking.id]
    if booking.last.state != "booked":
        if found:
            yield f"{booking.id} is {booking.last.state}, and its copy stands in {account.full_name}"
    elif len(found) > 1 or (not found and booking.id not in touched):
        yield f"{booking.id} is booked, and {account.full_name} holds {len(found)} copies"
    elif found and booking.id not in touched and not _stands(found[0], item["s"], item["e"]):
        yield f"{booking.id} is booked at {item['s']}, and its copy in {account.full_name} at {found[0].start}"


def _touched(place: Stage, name: str) -> set[str]:
    """Tags of the copies that people moved or removed."""
    lines = (line for line in place.universe.history if line[1] == "copy" and line[2] == name and line[-1] == "human")
    return {line[7] for line in lines}


def _stands(event: Seen, start: int, end: int) -> bool:
    return (event.start, event.end) == (start, end)
