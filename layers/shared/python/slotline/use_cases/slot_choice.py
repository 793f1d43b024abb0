"""Which slot a model means: an id that proves it was offered, or a date and a time that must be checked live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from slotline.domain.errors import UnclearError
from slotline.domain.offers import nearest
from slotline.domain.proofs import resource_id
from slotline.domain.seating import Seating, pool_of, seatings
from slotline.domain.staff import pick, position_after
from slotline.domain.time import resolve_local
from slotline.domain.when import parse_date, parse_time
from slotline.use_cases.openings import times_of
from slotline.use_cases.when_meant import hours_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from slotline.domain.bookings import Booking, Times
    from slotline.domain.business import Service, StaffMember
    from slotline.ports import Seats, Served, WishView
    from slotline.use_cases.desk import Desk


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot to take. `offered`: this desk said lately that it was free."""

    service: Service
    start: int
    offered: bool
    crew: tuple[str, ...] = ()  # staff who must serve

    @property
    def member(self) -> str | None:
        """Whom the caller chose."""
        return self.crew[0] if self.crew else None

    @property
    def times(self) -> Times:
        return times_of(self.service, self.start)


def chosen(
    desk: Desk, *, service: Service | str | None, slot_id: str | None, date: str | None, time: str | None
) -> Choice:
    """The slot meant; a date and time said beside a slot id that proves nothing still count. Raises UnclearError.

    `service` is what the caller said, or the service itself where it is known: that of an appointment to be moved.
    """
    if slot_id is not None:
        choice = _by_id(desk, service, slot_id)
        if choice is not None:
            if choice.start * 60 <= desk.clock.now():
                raise UnclearError("clarify_past")
            return choice
        if date is None:
            date, time = _as_iso(slot_id, date, time, zone=desk.business.zone)
    wanted = desk.service(service) if service is None or isinstance(service, str) else service
    if date is None and time is None:
        raise UnclearError("clarify_slot")
    if date is None or time is None:
        raise UnclearError("clarify_time" if time is None else "clarify_when")
    return Choice(wanted, _local_start(desk, wanted, date, time), offered=False)


def _by_id(desk: Desk, service: Service | str | None, slot_id: str) -> Choice | None:
    """The offer behind an id, for the service said or, when that is unclear, for whichever it was made."""
    candidates: tuple[Service, ...]
    try:
        candidates = (desk.service(service) if service is None or isinstance(service, str) else service,)
    except UnclearError:
        candidates = desk.services()
    for candidate in candidates:
        slot = desk.keys.offered(slot_id, service=candidate.key, seats=pool_of(candidate))
        if slot is not None:
            return Choice(candidate, slot.start, offered=True, crew=(slot.staff,) if slot.staff else ())
    return None


def _as_iso(slot_id: str, date: str | None, time: str | None, *, zone: ZoneInfo) -> tuple[str | None, str | None]:
    """Models pass the offer's `start` where its id belongs, in whatever offset: read it as the moment it is."""
    said = slot_id.strip()
    try:
        moment = datetime.fromisoformat(said)
        shown = moment if moment.tzinfo is None else moment.astimezone(zone)
    except (ValueError, OverflowError):
        return date, time
    if said[len("2026-01-01") : len("2026-01-01T")] != "T":
        return date, time
    return shown.date().isoformat(), f"{shown:%H:%M}"


def _local_start(desk: Desk, service: Service, date: str, time: str) -> int:
    """The epoch minute of a local date and time; asks when it is past or does not exist that night."""
    now, locale = desk.now_local(), desk.business.locale
    day = parse_date(date, today=now.date(), locale=locale)
    clock = parse_time(time, locale=locale, hours=hours_of(desk, service), day=day)
    start = resolve_local(day, clock, desk.business.zone)
    if start is None:
        raise UnclearError("clarify_gap", time=f"{clock:%H:%M}")
    if start * 60 <= desk.clock.now():
        raise UnclearError("clarify_past")
    return start


def ways_to_serve(desk: Desk, choice: Choice, *, view: WishView, seed: str) -> list[Seating]:
    """Who could serve the slot, in the order in which the service's rule asks them; the first group counts most."""
    ways = [*seatings(desk.business, choice.service, crew=choice.crew)]
    rule = choice.service.staff
    if rule is None:
        return ways
    ranks = dict[str, int]()
    for group in rule.choices:
        members = {key: desk.business.staff[key] for key in group}
        served = _served(desk, members.values(), view)
        asked = pick(
            rule.pick,
            list(members.values()),
            positions={key: of.position for key, of in served.items()},
            last_booked={key: of.last for key, of in served.items()},
            seed=seed,
        )
        ranks |= {member.key: rank for rank, member in enumerate(asked)}
    return sorted(ways, key=lambda way: [ranks[key] for key in way.staff[: way.chosen]])


def positions_after(desk: Desk, booking: Booking, *, view: WishView) -> dict[str, float]:
    """Where those who were chosen for a new booking stand now, by resource."""
    rule = desk.business.service(booking.service).staff
    found = dict[str, float]()
    for group in rule.choices if rule else ():
        members = {key: desk.business.staff[key] for key in group}
        positions = {key: of.position for key, of in _served(desk, members.values(), view).items()}
        for key in members.keys() & set(booking.staff):
            resource = resource_id(desk.business.key, members[key].calendar)
            found[resource] = position_after(members[key], booking.times.span.minutes, positions=positions)
    return found


def _served(desk: Desk, members: Iterable[StaffMember], view: WishView) -> dict[str, Served]:
    resources = {member.key: resource_id(desk.business.key, member.calendar) for member in members}
    return {key: view.served[resource] for key, resource in resources.items() if resource in view.served}


def seats_of(desk: Desk, resources: Iterable[str]) -> Seats:
    """How many bookings each resource takes at a time."""
    capacities = {resource_id(desk.business.key, c.name): c.capacity for c in desk.business.calendars.values()}
    return {resource: capacities.get(resource, 1) for resource in resources}


def around(desk: Desk, choice: Choice, *, deadline: float, moving: Booking | None = None) -> tuple[int, ...]:
    """Alternatives to a slot that is not to be had, read anew."""
    opening = desk.opening(choice.service, crew=choice.crew, deadline=deadline, fresh=True, moving=moving)
    present = moving.times.span.start if moving else None
    return nearest([start for start in opening.starts if start != present], choice.start)
