"""What stands behind the fake Calendly: hosts, event types, scheduled events, invitees, and the rules between them.

Where the documentation is silent, a switch of `Desk` chooses what this one does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.servers.faulty import ApiError, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = "https://api.calendly.com"
ORGANIZATION = f"{ROOT}/organizations/ORG1"
TRACKING = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "salesforce_uuid")
OFFICE_WEEK: tuple[tuple[tuple[str, str], ...], ...] = (*((("09:00", "17:00"),),) * 5, (), ())


class CalendlyError(ApiError):
    """An answer that is no success; `details` are (parameter, message, code)."""

    def __init__(self, status: int, title: str, message: str, *details: tuple[str | None, str, str | None]) -> None:
        super().__init__(status, message)
        self.body: Json = {"title": title, "message": message}
        if details:
            self.body["details"] = [
                {k: v for k, v in (("parameter", p), ("message", m), ("code", c)) if v is not None}
                for p, m, c in details
            ]


def invalid(parameter: str, message: str) -> CalendlyError:
    return CalendlyError(400, "Invalid Argument", "The supplied parameters are invalid.", (parameter, message, None))


def not_found() -> CalendlyError:
    return CalendlyError(404, "Resource Not Found", "The server could not find the requested resource.")


@dataclass(frozen=True)
class Host:
    key: str = "USER1"
    name: str = "Ada Host"

    @property
    def uri(self) -> str:
        return f"{ROOT}/users/{self.key}"


@dataclass(frozen=True)
class EventType:
    key: str = "TYPE1"
    name: str = "Consultation"
    minutes: int = 30
    hosts: tuple[Host, ...] = (Host(),)
    step: int = 30
    zone: str = "UTC"
    week: tuple[tuple[tuple[str, str], ...], ...] = OFFICE_WEEK
    notice_minutes: int = 0
    days_ahead: int = 60
    seats: int = 1
    pooling: str | None = None  # round_robin | collective
    locations: tuple[Mapping[str, str], ...] | None = ()  # None: an account that does not tell them
    questions: tuple[Mapping[str, Any], ...] = ()
    active: bool = True
    booking_method: str = "instant"

    @property
    def uri(self) -> str:
        return f"{ROOT}/event_types/{self.key}"

    def windows(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for begin, end in self.week[day.weekday()]:
            yield _wall(day, begin, self.zone), _wall(day, end, self.zone)

    def works(self, start: datetime, end: datetime) -> bool:
        day = start.astimezone(ZoneInfo(self.zone)).date()
        return any(begin <= start and end <= close for begin, close in self.windows(day))


@dataclass
class Invitee:
    key: str
    event: Event
    email: str
    name: str
    zone: str
    tracking: Json
    answers: list[Json]
    phone: str | None
    created: datetime
    updated: datetime
    status: str = "active"
    rescheduled: bool = False
    old: Invitee | None = None
    new: Invitee | None = None
    cancellation: Json | None = None

    @property
    def uri(self) -> str:
        return f"{self.event.uri}/invitees/{self.key}"


@dataclass
class Event:
    key: str
    event_type: EventType
    host: Host
    start: datetime
    location: Json | None
    created: datetime
    updated: datetime
    status: str = "active"
    invitees: list[Invitee] = field(default_factory=list)
    cancellation: Json | None = None

    @property
    def uri(self) -> str:
        return f"{ROOT}/scheduled_events/{self.key}"

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.event_type.minutes)


class Desk:
    """All that one organisation holds."""

    def __init__(self, clock: Callable[[], float], event_types: tuple[EventType, ...]) -> None:
        self.clock = clock
        self.event_types = {e.key: e for e in event_types}
        self.events: dict[str, Event] = {}
        self.busy: list[tuple[str, datetime, datetime]] = []  # by host key, from a connected calendar
        self.happened: list[tuple[str, Invitee, datetime]] = []
        self.same_email_again = "refused"  # or duplicated: unknown what Calendly does
        self.keeps_tracking = True  # through a reschedule by the invitee: unknown
        self.taken_status, self.taken_code = 400, True  # unknown which, and whether there is a code
        self.reminders = True  # the host has text reminders on
        self.lag = 0.0  # seconds until lists and invitees show what was booked
        self.external: list[str] = []  # the next bookings end in 424, before or after they are made
        self.ids = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def event_type(self, uri: object) -> EventType:
        found = self.event_types.get(str(uri).removeprefix(f"{ROOT}/event_types/"))
        if found is None:
            raise not_found()
        return found

    def event(self, key: str) -> Event:
        if key not in self.events:
            raise not_found()
        return self.events[key]

    # --- availability ---------------------------------------------------------------------------------------------

    def slots(self, wanted: EventType, begin: datetime, until: datetime) -> Iterator[tuple[datetime, int]]:
        """Starts that are offered, with the seats left."""
        day = begin.astimezone(ZoneInfo(wanted.zone)).date()
        while _wall(day, "00:00", wanted.zone) < until:
            for opens, closes in wanted.windows(day):
                start = opens
                while start + timedelta(minutes=wanted.minutes) <= closes:
                    if begin <= start < until and (left := self.seats_left(wanted, start)):
                        yield start, left
                    start += timedelta(minutes=wanted.step)
            day += timedelta(days=1)

    def seats_left(self, wanted: EventType, start: datetime) -> int:
        earliest = self.now + timedelta(minutes=wanted.notice_minutes)
        if not earliest <= start <= self.now + timedelta(days=wanted.days_ahead):
            return 0
        joined = self._joinable(wanted, start)
        if joined is not None:
            return wanted.seats - sum(i.status == "active" for i in joined.invitees)
        return wanted.seats if self.free_hosts(wanted, start) else 0

    def free_hosts(self, wanted: EventType, start: datetime) -> list[Host]:
        end = start + timedelta(minutes=wanted.minutes)
        taken = [(e.host.key, e.start, e.end) for e in self.events.values() if e.status == "active"] + self.busy
        return [
            host
            for host in wanted.hosts
            if not any(key == host.key and begin < end and start < close for key, begin, close in taken)
        ]

    def _joinable(self, wanted: EventType, start: datetime) -> Event | None:
        live = (e for e in self.events.values() if e.status == "active" and e.start == start)
        return next((e for e in live if e.event_type is wanted and wanted.seats > 1), None)

    # --- booking --------------------------------------------------------------------------------------------------

    def check(self, wanted: EventType, start: datetime, email: str) -> None:
        """Refuse a start that is not one of the available times."""
        if self.same_email_again == "duplicated" and any(
            e.start == start and e.event_type is wanted and i.email == email and i.status == "active"
            for e in self.events.values()
            for i in e.invitees
        ):
            return
        end = start + timedelta(minutes=wanted.minutes)
        if start <= self.now:
            raise invalid("start_time", "must be in the future")
        if wanted.works(start, end) and self._joinable(wanted, start) is None and not self.free_hosts(wanted, start):
            raise self.taken()
        if not self.seats_left(wanted, start) or start not in [s for s, _ in self.slots(wanted, start, end)]:
            raise invalid("start_time", "is not one of the available times")

    def taken(self) -> CalendlyError:
        code = "already_filled" if self.taken_code else None
        message = "This time has already been filled" if self.taken_status != 409 else "Conflict"
        return CalendlyError(self.taken_status, "Invalid Argument", message, ("base", message, code))

    def book(
        self,
        wanted: EventType,
        start: datetime,
        *,
        email: str,
        name: str,
        zone: str = "UTC",
        tracking: Json | None = None,
        answers: list[Json] | None = None,
        phone: str | None = None,
        location: Json | None = None,
    ) -> Invitee:
        event = self._joinable(wanted, start)
        if event is None:
            host = next(iter(self.free_hosts(wanted, start)), wanted.hosts[0])
            event = Event(self._key("event"), wanted, host, start, location, self.now, self.now)
            self.events[event.key] = event
        marks = dict.fromkeys(TRACKING) | (tracking or {})
        at = self.now
        invitee = Invitee(self._key("invitee"), event, email, name, zone, marks, answers or [], phone, at, at)
        event.invitees.append(invitee)
        self.happened.append(("invitee.created", invitee, at))
        return invitee

    def cancel(self, event: Event, *, reason: str | None, by: str = "host") -> Json:
        if event.status == "canceled":
            raise CalendlyError(403, "Permission Denied", "Event is already canceled")
        if event.start <= self.now:
            raise CalendlyError(403, "Permission Denied", "Event in the past")
        event.status, event.updated = "canceled", self.now
        shown = {"canceled_by": event.host.name, "reason": reason, "canceler_type": by, "created_at": stamp(self.now)}
        event.cancellation = shown
        for invitee in event.invitees:
            if invitee.status == "active":
                invitee.status, invitee.cancellation, invitee.updated = "canceled", shown, self.now
                self.happened.append(("invitee.canceled", invitee, self.now))
        return shown

    # --- what people do in Calendly's own pages ---------------------------------------------------------------------

    def invitee_reschedules(self, key: str, start: datetime) -> Event:
        """A new event and a new invitee, linked both ways; the old event is cancelled."""
        old = self.event(key).invitees[0]
        new = self.book(
            old.event.event_type,
            start,
            email=old.email,
            name=old.name,
            zone=old.zone,
            tracking=dict(old.tracking) if self.keeps_tracking else None,
            answers=old.answers,
            phone=old.phone,
            location=old.event.location,
        )
        new.old, old.new, old.rescheduled = old, new, True
        self.cancel(old.event, reason="rescheduled", by="invitee")
        return new.event

    def host_cancels(self, key: str) -> Event:
        self.cancel(self.event(key), reason="cancelled by the host")
        return self.event(key)

    def _key(self, what: str) -> str:
        self.ids += 1
        return hashlib.sha256(f"{what}{self.ids}".encode()).hexdigest()[:16].upper()


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _wall(day: date, clock: str, zone: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    midnight = day + timedelta(days=hour // 24)
    return datetime.combine(midnight, time(hour % 24, minute), ZoneInfo(zone)).astimezone(UTC)
