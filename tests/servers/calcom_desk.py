"""What stands behind the fake Cal.com: hosts, event types, bookings and the rules of the open-source server.

It keeps the gaps of the original on purpose: create checks first and inserts later, reservations do not protect a slot,
round robin and approval hand an earlier booking out as a success, and a reschedule makes a new booking.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.servers import faulty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Json = dict[str, Any]
Windows = tuple[tuple[str, str], ...]

OFFICE_WEEK: tuple[Windows, ...] = (*((("09:00", "17:00"),),) * 5, (), ())
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

USER_TAKEN = "User either already has booking at this time or is not available"
HOSTS_TAKEN = "One of the hosts either already has booking at this time or is not available"
OUT_OF_BOUNDS = (
    "The event type can't be booked at the \"start\" time provided. This could be because it's too soon (violating the"
    " minimum booking notice) or too far in the future (outside the event's scheduling window)."
)


class ApiError(faulty.ApiError):
    """`raw` takes the bare shape instead of the envelope."""

    def __init__(self, status: int, message: str, *, code: str | None = None, raw: bool = False) -> None:
        super().__init__(status, message)
        self.code = code or _EXCEPTIONS.get(status, "HttpException")
        self.raw = raw


_EXCEPTIONS = {
    400: "BadRequestException",
    401: "UnauthorizedException",
    403: "ForbiddenException",
    404: "NotFoundException",
    409: "ConflictException",
    422: "UnprocessableEntityException",
    429: "ThrottlerException",
}


@dataclass(frozen=True)
class Host:
    id: int
    name: str
    zone: str = "UTC"
    week: tuple[Windows, ...] = OFFICE_WEEK

    @property
    def email(self) -> str:
        return f"host{self.id}@example.com"

    def windows(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for begin, end in self.week[day.weekday()]:
            yield _wall(day, begin, self.zone), _wall(day, end, self.zone)

    def works(self, start: datetime, end: datetime) -> bool:
        day = start.astimezone(ZoneInfo(self.zone)).date()
        return any(begin <= start and end <= close for begin, close in self.windows(day))


@dataclass(frozen=True)
class EventType:
    id: int
    title: str = "Consultation"
    slug: str = "consultation"
    minutes: int = 30
    hosts: tuple[Host, ...] = (Host(1, "Ada Host"),)
    scheduling: str = "individual"  # individual | roundRobin | collective
    team: int | None = None
    slot_interval: int | None = None
    notice_minutes: int = 0
    before_minutes: int = 0
    after_minutes: int = 0
    days_ahead: int = 60
    requires_confirmation: bool = False
    email_required: bool = True
    phone_required: bool = False
    email_verification: bool = False
    requires_authentication: bool = False
    disable_cancelling: bool = False
    disable_rescheduling: bool = False
    required_fields: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()
    locations: tuple[str, ...] = ("cal-video", "address", "phone", "attendeePhone")  # location types and integrations
    seats: int = 0
    occurrences: int = 1
    max_active_per_attendee: int = 0

    @property
    def is_team(self) -> bool:
        return self.scheduling != "individual"


@dataclass
class Booking:
    id: int
    uid: str
    event_type: EventType
    hosts: tuple[Host, ...]
    status: str
    start: datetime
    end: datetime
    attendees: list[Json]
    metadata: Json
    created: datetime
    location: str
    responses: Json
    ics_uid: str
    updated: datetime | None = None
    cancellation_reason: str | None = None
    rescheduling_reason: str | None = None
    rescheduled_from: str | None = None
    rescheduled_to: str | None = None
    recurring_uid: str | None = None
    has_unique_key: bool = False  # set on an accepted insert, cleared on cancel and reject; a confirmation sets none

    @property
    def is_live(self) -> bool:
        return self.status in {"accepted", "pending"}

    def json(self) -> Json:
        answer: Json = {
            "id": self.id,
            "uid": self.uid,
            "title": f"{self.event_type.title} between {self.hosts[0].name} and {self.attendees[0]['name']}",
            "description": None,
            "hosts": [
                {
                    "id": host.id,
                    "name": host.name,
                    "email": host.email,
                    "displayEmail": host.email,
                    "username": f"host{host.id}",
                    "timeZone": host.zone,
                }
                for host in self.hosts
            ],
            "status": self.status,
            "start": stamp(self.start),
            "end": stamp(self.end),
            "duration": int((self.end - self.start).total_seconds() // 60),
            "eventTypeId": self.event_type.id,
            "eventType": {"id": self.event_type.id, "slug": self.event_type.slug},
            "meetingUrl": self.location,
            "location": self.location,
            "absentHost": False,
            "createdAt": stamp(self.created),
            "updatedAt": stamp(self.updated) if self.updated else None,
            "metadata": self.metadata,
            "rating": None,
            "icsUid": self.ics_uid,
            "attendees": self.attendees,
            "guests": [],
            "bookingFieldsResponses": self.responses,
        }
        optional = {
            "cancellationReason": self.cancellation_reason,
            "reschedulingReason": self.rescheduling_reason,
            "rescheduledFromUid": self.rescheduled_from,
            "rescheduledToUid": self.rescheduled_to,
            "recurringBookingUid": self.recurring_uid,
        }
        return answer | {key: value for key, value in optional.items() if value is not None}


@dataclass
class Reservation:
    uid: str
    event_type: EventType
    start: datetime
    end: datetime
    until: datetime


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _wall(day: date, clock_time: str, zone: str) -> datetime:
    hour, minute = (int(part) for part in clock_time.split(":"))
    midnight_after = hour == 24
    moment = datetime.combine(day, time(0 if midnight_after else hour, minute), ZoneInfo(zone))
    return (moment + timedelta(days=1) if midnight_after else moment).astimezone(UTC)


@dataclass
class Desk:
    """The state and the rules; `clock` gives epoch seconds."""

    clock: Callable[[], float]
    event_types: dict[int, EventType] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    busy: list[tuple[int, datetime, datetime]] = field(default_factory=list)  # host id and an event outside Cal.com
    blocked_emails: set[str] = field(default_factory=set)
    happened: list[tuple[str, Booking, Json]] = field(default_factory=list)  # triggers for webhooks
    ids: int = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def event_type(self, number: object) -> EventType:
        found = self.event_types.get(number) if isinstance(number, int) else None
        if found is None:
            raise ApiError(404, f"Event type with id {number} not found.")
        return found

    def booking(self, uid: str, message: str = "Booking with uid={uid} was not found in the database") -> Booking:
        if uid not in self.bookings:
            raise ApiError(404, message.format(uid=uid))
        return self.bookings[uid]

    # --- availability ---------------------------------------------------------------------------------------------

    def is_free(self, host: Host, wanted: EventType, start: datetime, end: datetime, *, ignoring: str | None) -> bool:
        if not host.works(start, end):
            return False
        if any(busy == host.id and start < until and begin < end for busy, begin, until in self.busy):
            return False
        for other in self.bookings.values():
            if other.status != "accepted" or other.uid == ignoring or host.id not in {h.id for h in other.hosts}:
                continue
            before = timedelta(minutes=other.event_type.before_minutes + wanted.after_minutes)
            after = timedelta(minutes=other.event_type.after_minutes + wanted.before_minutes)
            if start < other.end + after and other.start - before < end:
                return False
        return True

    def free_hosts(
        self, wanted: EventType, start: datetime, end: datetime, *, ignoring: str | None = None, among: object = None
    ) -> tuple[Host, ...]:
        """Who would serve: everybody for a collective event type, the first free one otherwise; () when it is taken."""
        allowed = [h for h in wanted.hosts if not isinstance(among, list) or h.id in among]
        free = [h for h in allowed if self.is_free(h, wanted, start, end, ignoring=ignoring)]
        if wanted.scheduling == "collective":
            return tuple(free) if len(free) == len(wanted.hosts) else ()
        load = {h.id: sum(h in b.hosts for b in self.bookings.values() if b.is_live) for h in free}
        return tuple(sorted(free, key=lambda h: load[h.id])[:1])

    def slots(
        self, wanted: EventType, begin: datetime, until: datetime, *, minutes: int, ignoring: str | None
    ) -> Iterator[datetime]:
        step = timedelta(minutes=wanted.slot_interval or minutes)
        length = timedelta(minutes=minutes)
        earliest = self.now + timedelta(minutes=wanted.notice_minutes)
        latest = self.now + timedelta(days=wanted.days_ahead)
        starts: set[datetime] = set()
        for host in wanted.hosts:
            day = begin.astimezone(ZoneInfo(host.zone)).date()
            last = until.astimezone(ZoneInfo(host.zone)).date()
            while day <= last:
                for opens, closes in host.windows(day):
                    start = opens
                    while start + length <= closes:
                        starts.add(start)
                        start += step
                day += timedelta(days=1)
        held = {r.start for r in self.reservations.values() if r.event_type is wanted and r.until > self.now}
        for start in sorted(starts):
            if begin <= start <= until and max(earliest, self.now) <= start <= latest and start not in held:
                seated = self.seated(wanted, start)
                has_seat = seated is not None and len(seated.attendees) < wanted.seats
                if has_seat or self.free_hosts(wanted, start, start + length, ignoring=ignoring):
                    yield start

    def seated(self, wanted: EventType, start: datetime) -> Booking | None:
        if not wanted.seats:
            return None
        return next(
            (b for b in self.bookings.values() if b.is_live and b.event_type is wanted and b.start == start), None
        )

    def check_bounds(self, wanted: EventType, start: datetime) -> None:
        if start < self.now:
            raise ApiError(400, "Attempting to book a meeting in the past.")
        early = start < self.now + timedelta(minutes=wanted.notice_minutes)
        if early or start > self.now + timedelta(days=wanted.days_ahead):
            raise ApiError(400, OUT_OF_BOUNDS)

    # --- writes ---------------------------------------------------------------------------------------------------

    def create(
        self,
        wanted: EventType,
        *,
        start: datetime,
        minutes: int,
        attendee: Json,
        metadata: Json,
        responses: Json,
        location: str,
        among: object = None,
        racing: bool = False,
    ) -> list[Booking]:
        """The new bookings (several for a recurring event type), or the earlier one that the server takes for this."""
        self.check_bounds(wanted, start)
        repeated = self._earlier(wanted, start, attendee)
        if repeated is not None:
            return [repeated]
        seated = self.seated(wanted, start)
        if seated is not None:
            if len(seated.attendees) >= wanted.seats:
                raise ApiError(409, "No more seats left at this seated booking.")
            seated.attendees.append(attendee | {"seatUid": self._uid("seat")})
            return [seated]
        self._check_attendee(wanted, attendee)
        length = timedelta(minutes=minutes)
        made: list[Booking] = []
        recurring = self._uid("recurring") if wanted.occurrences > 1 else None
        for week in range(wanted.occurrences):
            begin = start + timedelta(weeks=week)
            hosts = wanted.hosts[:1] if racing else self.free_hosts(wanted, begin, begin + length, among=among)
            if not hosts:
                raise ApiError(400, HOSTS_TAKEN if wanted.is_team else USER_TAKEN)
            status = "pending" if wanted.requires_confirmation else "accepted"
            self._check_unique(hosts, begin, begin + length, status=status)
            booking = self._insert(
                wanted,
                hosts,
                status=status,
                start=begin,
                length=length,
                attendee=attendee,
                metadata=metadata,
                responses=responses,
                location=location,
            )
            booking.recurring_uid = recurring
            made.append(booking)
        self.happened.append(("BOOKING_REQUESTED" if made[0].status == "pending" else "BOOKING_CREATED", made[0], {}))
        return made

    def reschedule(
        self, uid: str, *, start: datetime, reason: str | None, by_owner: bool, racing: bool = False
    ) -> Booking:
        old = self.booking(uid)
        if old.status == "cancelled" and old.rescheduled_to and not racing:
            raise ApiError(
                400,
                f"Can't reschedule booking with uid={uid} because it has been cancelled and rescheduled already to"
                f" booking with uid={old.rescheduled_to}. You probably want to reschedule {old.rescheduled_to} instead"
                " by passing it within the request URL.",
            )
        if old.status == "cancelled" and not racing:
            raise ApiError(
                400,
                f"Can't reschedule booking with uid={uid} because it has been cancelled. Please provide uid of a"
                " booking that is not cancelled.",
            )
        if old.status == "rejected":
            raise ApiError(404, "Could not find original booking", raw=True)
        if old.event_type.disable_rescheduling:
            raise ApiError(403, "Rescheduling is disabled for this event type")
        self.check_bounds(old.event_type, start)
        length = old.end - old.start
        hosts = old.hosts
        if not racing:
            hosts = self.free_hosts(old.event_type, start, start + length, ignoring=uid)
        if not hosts:
            raise ApiError(400, HOSTS_TAKEN if old.event_type.is_team else USER_TAKEN)
        status = "pending" if old.event_type.requires_confirmation and not by_owner else "accepted"
        self._check_unique(hosts, start, start + length, status=status, ignoring=uid)
        old.status, old.has_unique_key, old.updated = "cancelled", False, self.now
        new = self._insert(
            old.event_type,
            hosts,
            status=status,
            start=start,
            length=length,
            attendee=old.attendees[0],
            metadata=old.metadata,
            responses=old.responses,
            location=old.location,
        )
        new.ics_uid, new.rescheduled_from, new.rescheduling_reason = old.ics_uid, uid, reason
        old.rescheduled_to = new.uid
        extra = {"rescheduleUid": uid, "rescheduleStartTime": stamp(new.start), "rescheduleEndTime": stamp(new.end)}
        self.happened.append(("BOOKING_RESCHEDULED", new, extra))
        return new

    def cancel(self, uid: str, *, reason: str | None) -> Booking:
        booking = self.booking(uid, "Booking with uid={uid} not found")
        if booking.status == "cancelled":
            raise ApiError(
                400,
                f"Can't cancel booking with uid={uid} because it has been cancelled already. Please provide uid of a"
                " booking that is not cancelled.",
            )
        if booking.event_type.disable_cancelling:
            raise ApiError(400, "This event type does not allow cancellations")
        if booking.end <= self.now:
            raise ApiError(400, "Cannot cancel a booking that has already ended", raw=True)
        booking.status, booking.has_unique_key = "cancelled", False
        booking.cancellation_reason, booking.updated = reason, self.now
        self.happened.append(("BOOKING_CANCELLED", booking, {"cancellationReason": reason}))
        return booking

    def confirm(self, uid: str) -> Booking:
        """Approve a pending booking; nothing is checked again, and no unique key is set."""
        booking = self._pending(uid)
        booking.status, booking.updated = "accepted", self.now
        self.happened.append(("BOOKING_CREATED", booking, {}))
        return booking

    def decline(self, uid: str, *, reason: str | None = None) -> Booking:
        booking = self._pending(uid)
        booking.status, booking.updated, booking.cancellation_reason = "rejected", self.now, reason
        self.happened.append(("BOOKING_REJECTED", booking, {}))
        return booking

    def _pending(self, uid: str) -> Booking:
        booking = self.booking(uid)
        if booking.status != "pending":
            raise ApiError(400, f"Booking with uid={uid} is not pending")
        return booking

    def _earlier(self, wanted: EventType, start: datetime, attendee: Json) -> Booking | None:
        """Accidental idempotency: same event type, start and attendee, for round robin and for approval."""
        status = {"roundRobin": "accepted"}.get(wanted.scheduling)
        if wanted.requires_confirmation:
            status = "pending"
        for other in self.bookings.values():
            if other.event_type is wanted and other.start == start and other.status == status:
                known = other.attendees[0]
                phone = attendee.get("phoneNumber")
                if known["email"] == attendee["email"] or (phone and known.get("phoneNumber") == phone):
                    return other
        return None

    def _check_attendee(self, wanted: EventType, attendee: Json) -> None:
        if attendee["email"] in self.blocked_emails:
            raise ApiError(403, "Cannot book: the attendee email is blocked")
        own = [
            b
            for b in self.bookings.values()
            if b.is_live
            and b.event_type is wanted
            and b.end > self.now
            and b.attendees[0]["email"] == attendee["email"]
        ]
        if wanted.max_active_per_attendee and len(own) >= wanted.max_active_per_attendee:
            raise ApiError(
                400,
                "Attendee with this email can't book because the maximum number of active bookings has been reached.",
            )

    def _check_unique(
        self, hosts: tuple[Host, ...], start: datetime, end: datetime, *, status: str, ignoring: str | None = None
    ) -> None:
        for other in self.bookings.values():
            same = (
                other.uid != ignoring and other.start == start and other.end == end and other.hosts[0].id == hosts[0].id
            )
            if status == "accepted" and other.has_unique_key and same:
                raise ApiError(409, "booking_conflict_error", raw=True)

    def _insert(
        self,
        wanted: EventType,
        hosts: tuple[Host, ...],
        *,
        status: str,
        start: datetime,
        length: timedelta,
        attendee: Json,
        metadata: Json,
        responses: Json,
        location: str,
    ) -> Booking:
        uid = self._uid("booking")
        guest = attendee | {"seatUid": self._uid("seat")} if wanted.seats else attendee
        booking = Booking(
            id=self.ids,
            uid=uid,
            event_type=wanted,
            hosts=hosts,
            status=status,
            start=start,
            end=start + length,
            attendees=[guest],
            metadata=dict(metadata),
            created=self.now,
            location=location.format(uid=uid),
            responses=dict(responses),
            ics_uid=f"{uid}@Cal.com",
            has_unique_key=status == "accepted",
        )
        self.bookings[uid] = booking
        return booking

    def _uid(self, what: str) -> str:
        self.ids += 1
        number = int.from_bytes(hashlib.sha256(f"{what}{self.ids}".encode()).digest())
        letters = []
        for _ in range(22):
            number, digit = divmod(number, 58)
            letters.append(BASE58[digit])
        return "".join(letters)

    # --- reservations: they hide a slot from others, and protect nothing -------------------------------------------

    def reserve(self, wanted: EventType, *, start: datetime, minutes: int, hold_minutes: int) -> Reservation:
        end = start + timedelta(minutes=minutes)
        if any(r.event_type is wanted and r.start == start and r.until > self.now for r in self.reservations.values()):
            raise ApiError(422, "This time slot is already reserved by another user. Please choose a different time.")
        if not self.free_hosts(wanted, start, end):
            raise ApiError(422, "Can't reserve a slot if the event is already booked.")
        reservation = Reservation(
            self._uid("reservation"), wanted, start, end, self.now + timedelta(minutes=hold_minutes)
        )
        self.reservations[reservation.uid] = reservation
        return reservation

    # --- what a person does in the calendar itself -----------------------------------------------------------------

    def host_blocks(self, host: int, start: datetime, end: datetime) -> None:
        self.busy.append((host, start, end))

    def host_adds(self, event_type: int, start: datetime, *, name: str, email: str) -> Booking:
        wanted = self.event_type(event_type)
        attendee = {"name": name, "email": email, "displayEmail": email, "timeZone": "UTC", "language": "en"}
        booking = self._insert(
            wanted,
            wanted.hosts[:1],
            status="accepted",
            start=start,
            length=timedelta(minutes=wanted.minutes),
            attendee=attendee,
            metadata={},
            responses={},
            location="https://app.cal.com/video/{uid}",
        )
        self.happened.append(("BOOKING_CREATED", booking, {}))
        return booking

    def host_moves(self, uid: str, start: datetime) -> Booking:
        return self.reschedule(uid, start=start, reason="moved by the host", by_owner=True, racing=True)

    def host_cancels(self, uid: str) -> Booking:
        return self.cancel(uid, reason="cancelled by the host")


def of_statuses(booking: Booking, wanted: frozenset[str], *, now: datetime) -> bool:
    ahead = booking.end >= now
    return (
        ("upcoming" in wanted and ahead and booking.status == "accepted")
        or ("unconfirmed" in wanted and ahead and booking.status == "pending")
        or ("past" in wanted and not ahead and booking.is_live)
        or ("cancelled" in wanted and not booking.is_live)
        or ("recurring" in wanted and ahead and booking.recurring_uid is not None and booking.is_live)
    )


def attendee_of(given: Mapping[str, Any]) -> Json:
    """The attendee as stored: one without e-mail gets the digits of the phone at sms.cal.com."""
    phone = given.get("phoneNumber")
    email = given.get("email") or f"{''.join(filter(str.isdigit, phone or ''))}@sms.cal.com"
    attendee: Json = {
        "name": given["name"],
        "email": email,
        "displayEmail": email,
        "timeZone": given["timeZone"],
        "language": given.get("language", "en"),
        "absent": False,
    }
    return attendee | ({"phoneNumber": phone} if phone else {})
