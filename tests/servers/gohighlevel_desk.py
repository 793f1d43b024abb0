"""What stands in a pretended HighLevel location: calendars, users, contacts, appointments, and who changed them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.servers.faulty import ApiError, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCATION, USER = "loc1Ada", "user1Ada"
TAKEN = "The slot you have selected is no longer available."
DEAD = frozenset({"cancelled", "noshow", "invalid"})
STATUSES = frozenset({"new", "confirmed", "cancelled", "showed", "noshow", "invalid"})


@dataclass(frozen=True)
class Calendar:
    """A calendar of the location; open on weekdays from 9:00 to 17:00 in the location's zone."""

    id: str = "cal1Cleaning"
    name: str = "Cleaning"
    minutes: int = 30
    interval: int = 30
    team: tuple[str, ...] = (USER,)
    notice_hours: int = 0
    days_ahead: int = 0  # 0: no end
    per_slot: int = 1
    auto_confirm: bool = True
    is_active: bool = True
    needs_user: bool = False  # round robin that does not pick by itself
    kind: str = "round_robin"
    hours: tuple[int, int] = (9, 17)
    weekdays: frozenset[int] = frozenset(range(5))


@dataclass
class Contact:
    id: str
    name: str = ""
    phone: str | None = None
    email: str | None = None
    tags: list[str] = field(default_factory=list)
    dnd: bool = False
    source: str | None = None


@dataclass
class Appointment:
    id: str
    calendar: Calendar
    contact: Contact
    start: datetime
    end: datetime
    status: str
    user: str | None
    title: str = ""
    description: str = ""
    address: str = ""
    source: str = "third_party"
    added: datetime | None = None
    deleted: bool = False

    @property
    def occupies(self) -> bool:
        return self.status not in DEAD and not self.deleted


class Desk:
    """One location. Nothing here knows of HTTP."""

    def __init__(self, clock: Callable[[], float], calendars: tuple[Calendar, ...], *, zone: ZoneInfo) -> None:
        self.clock = clock
        self.zone = zone
        self.calendars = {calendar.id: calendar for calendar in calendars}
        self.contacts: dict[str, Contact] = {}
        self.appointments: dict[str, Appointment] = {}
        self.blocked: list[tuple[str, datetime, datetime]] = []  # a user's other calendars, and blocked time
        self.looks_busy: set[datetime] = set()
        self.first_by = "email"  # which of the two an upsert matches by first
        self.duplicates_allowed = False
        self.own_time_blocks_a_move = False  # whether a move may overlap the appointment's old time
        self.happened: list[tuple[str, Appointment]] = []
        self._ids = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def new_id(self) -> str:
        self._ids += 1
        return hashlib.sha256(f"highlevel{self._ids}".encode()).hexdigest()[:20]

    # --- availability ------------------------------------------------------------------------------------------------

    def slots(
        self,
        calendar: Calendar,
        begin: datetime,
        until: datetime,
        *,
        past: bool = False,
        users: tuple[str, ...] = (),
        ignoring: str | None = None,
    ) -> Iterator[datetime]:
        """Starts on the grid at which somebody is free; those that look busy are left out."""
        day, last = begin.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        while day <= last:
            opens = datetime(day.year, day.month, day.day, calendar.hours[0], tzinfo=self.zone).astimezone(UTC)
            closes = opens + timedelta(hours=calendar.hours[1] - calendar.hours[0])
            start = opens
            while start + timedelta(minutes=calendar.minutes) <= closes and day.weekday() in calendar.weekdays:
                end = start + timedelta(minutes=calendar.minutes)
                if (
                    begin <= start < until
                    and (past or self.in_range(calendar, start))
                    and start not in self.looks_busy
                    and self.free_user(calendar, start, end, users=users, ignoring=ignoring)
                ):
                    yield start
                start += timedelta(minutes=calendar.interval)
            day += timedelta(days=1)

    def in_range(self, calendar: Calendar, start: datetime) -> bool:
        ahead = start - self.now
        too_far = calendar.days_ahead and ahead > timedelta(days=calendar.days_ahead)
        return ahead >= timedelta(hours=calendar.notice_hours) and ahead > timedelta(0) and not too_far

    def free_user(
        self,
        calendar: Calendar,
        start: datetime,
        end: datetime,
        *,
        users: tuple[str, ...] = (),
        ignoring: str | None = None,
    ) -> str | None:
        for user in calendar.team:
            if users and user not in users:
                continue
            blocked = any(u == user and s < end and start < e for u, s, e in self.blocked)
            others = [
                a
                for a in self.appointments.values()
                if a.user == user and a.occupies and a.id != ignoring and a.start < end and start < a.end
            ]
            shared = [a for a in others if a.calendar.id == calendar.id and a.start == start]
            if not blocked and len(others) == len(shared) and len(shared) < calendar.per_slot:
                return user
        return None

    # --- writes ------------------------------------------------------------------------------------------------------

    def place(
        self,
        calendar: Calendar,
        start: datetime,
        end: datetime,
        *,
        user: str | None,
        unchecked: bool = False,
        ignoring: str | None = None,
    ) -> str | None:
        """Who serves; refuses what is no free slot, as HighLevel does, with one text for every reason."""
        if user is not None and user not in calendar.team:
            raise ApiError(400, "assignedUserId is not a team member of this calendar")
        users = (user,) if user else ()
        if unchecked:
            return user or calendar.team[0]
        if self.own_time_blocks_a_move:
            ignoring = None
        offered = self.slots(calendar, start, start + timedelta(minutes=1), users=users, ignoring=ignoring)
        found = self.free_user(calendar, start, end, users=users, ignoring=ignoring)
        if start not in set(offered) or found is None:
            raise ApiError(400, TAKEN, error="Bad Request")
        return found

    def add(self, appointment: Appointment) -> Appointment:
        appointment.added = self.now
        self.appointments[appointment.id] = appointment
        self.happened.append(("AppointmentCreate", appointment))
        return appointment

    def change(self, appointment: Appointment, *, event: str = "AppointmentUpdate") -> Appointment:
        self.happened.append((event, appointment))
        return appointment

    def upsert(self, body: Json) -> tuple[Contact, bool]:
        """The contact that matches by the first handle, then by the second; else a new one."""
        known = None if self.duplicates_allowed and body.get("createNewIfDuplicateAllowed") else self.matching(body)
        contact = known or Contact(self.new_id())
        self.contacts[contact.id] = contact
        contact.name = body.get("name") or contact.name
        first = next((handle for handle in self._handles() if body.get(handle)), None)
        for handle in ("phone", "email"):
            elsewhere = any(c is not contact and getattr(c, handle) == body.get(handle) for c in self.contacts.values())
            if body.get(handle) and (handle == first or not elsewhere):
                setattr(contact, handle, body[handle])
        if "tags" in body:
            contact.tags = list(body["tags"])
        contact.dnd = body.get("dnd", contact.dnd)
        contact.source = body.get("source", contact.source)
        return contact, known is None

    def matching(self, given: Json) -> Contact | None:
        for handle in self._handles():
            for contact in self.contacts.values():
                if given.get(handle) and getattr(contact, handle) == given[handle]:
                    return contact
        return None

    def _handles(self) -> tuple[str, str]:
        return ("email", "phone") if self.first_by == "email" else ("phone", "email")

    # --- what a person does in HighLevel itself ----------------------------------------------------------------------

    def host_blocks(self, user: str, start: datetime, end: datetime) -> None:
        self.blocked.append((user, start, end))

    def host_adds(
        self, start: datetime, *, calendar: str | None = None, contact: Contact | None = None, text: str = ""
    ) -> Appointment:
        """By hand, and so without any check."""
        wanted = self.calendars[calendar] if calendar else next(iter(self.calendars.values()))
        person = contact or self.upsert({"name": "Walk In", "email": f"{self.new_id()}@example.com"})[0]
        end = start + timedelta(minutes=wanted.minutes)
        made = Appointment(self.new_id(), wanted, person, start, end, "confirmed", wanted.team[0], description=text)
        made.source = "calendar_page"
        return self.add(made)

    def host_moves(self, number: str, start: datetime) -> Appointment:
        moved = self.appointments[number]
        moved.start, moved.end = start, start + (moved.end - moved.start)
        return self.change(moved)

    def host_sets(self, number: str, status: str) -> Appointment:
        self.appointments[number].status = status
        return self.change(self.appointments[number])

    def host_writes(self, number: str, text: str) -> Appointment:
        self.appointments[number].description = text
        return self.change(self.appointments[number])

    def host_deletes(self, number: str) -> Appointment:
        self.appointments[number].deleted = True
        return self.change(self.appointments[number], event="AppointmentDelete")
