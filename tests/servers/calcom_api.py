"""The routes, checks and faults of the fake Cal.com: requests in, answers out, without any network."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from tests.servers import faulty
from tests.servers.calcom_desk import (
    ApiError,
    Booking,
    Desk,
    EventType,
    Json,
    Reservation,
    attendee_of,
    of_statuses,
    stamp,
)
from tests.servers.calcom_hooks import Delivery, HookBook
from tests.servers.faulty import Answer, FaultyApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

API_KEY = "cal_fake_key"
BOOKING_VERSIONS = {"2024-08-13", "2026-02-25", "2026-05-01"}
FAULTS = faulty.FAULTS | {
    "conflict": "answers 409 as the loser of a race, without an effect",
    "race": "works as if the availability check had seen nothing",
}

CREATE_KEYS = {
    "start", "eventTypeId", "eventTypeSlug", "username", "teamSlug", "organizationSlug", "attendee", "guests",
    "routing",
    "bookingFieldsResponses", "location", "metadata", "lengthInMinutes", "emailVerificationCode", "instant",
    "recurrenceCount", "meetingUrl",
}  # fmt: skip
LIST_KEYS = {
    "status", "attendeeEmail", "attendeeName", "bookingUid", "eventTypeId", "eventTypeIds", "teamId", "teamsIds",
    "afterStart", "beforeEnd", "afterCreatedAt", "beforeCreatedAt", "afterUpdatedAt", "beforeUpdatedAt", "sortStart",
    "sortEnd", "sortCreated", "sortUpdatedAt", "take", "skip",
}  # fmt: skip
SLOT_KEYS = {"start", "end", "eventTypeId", "timeZone", "duration", "format", "bookingUidToReschedule"}
STATUS_WORDS = {"upcoming", "recurring", "past", "cancelled", "unconfirmed"}


@dataclass
class Request(faulty.Request):
    """`path` is what comes below /v2."""

    authenticated: bool = False


class CalcomApi(FaultyApi):
    """Cal.com's own envelope and limits; everything that the wire must do is said in the answer."""

    kinds = FAULTS

    def __init__(self, *, clock: Callable[[], float] = time.time, event_types: tuple[EventType, ...] = ()) -> None:
        super().__init__(clock)
        self.desk = Desk(clock, {e.id: e for e in event_types or (EventType(1),)})
        self.keys = {API_KEY}
        self.reason_required = False  # some event types insist on a cancellation reason
        self.ignores_times = False  # afterStart and beforeEnd had no effect for a while
        self.book = HookBook()

    def shown(self) -> list[Json]:
        return [booking.json() for booking in self.desk.bookings.values()]

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        url = urlsplit(target)
        path = unquote(url.path)
        with self._lock:
            self.settle()
            try:
                given = json.loads(body) if body else {}
                request = Request(
                    method,
                    path.removeprefix("/v2"),
                    dict(parse_qsl(url.query, keep_blank_values=True)),
                    {key.lower(): value for key, value in headers.items()},
                    given if isinstance(given, dict) else {},
                )
                if path.startswith("/_"):
                    return self._behind_the_curtain(request)
                self.seen.append(request)
                return self._answered(request)
            except faulty.ApiError as error:
                return self._failed(error, path)
            except ValueError:
                return self._failed(ApiError(400, "Bad Request Exception"), path)

    # --- faults ---------------------------------------------------------------------------------------------------

    def _answered(self, request: Request) -> Answer:
        operation, work = self._route(request)
        fault = self._take(operation)
        kind = fault.kind if fault else ""
        if fault is not None and kind == "late":
            return self._put_off(work, request, fault.seconds)
        if kind == "drop_before":
            return Answer(0, b"", drop=True)
        if kind == "error_before":
            return _json(500, {"statusCode": 500, "message": "Internal server error"})
        if kind == "conflict":
            raise ApiError(409, "booking_conflict_error", raw=True)
        if kind == "unauthorized":
            raise ApiError(401, "Invalid API Key")
        if fault is not None and kind == "too_many":
            answer = self._failed(ApiError(429, "ThrottlerException: Too many requests"), request.path)
            reset = str(int(fault.seconds or 30))
            answer.headers |= {"X-RateLimit-Remaining-Default": "0", "X-RateLimit-Reset-Default": reset}
            return answer
        done = work(request, racing=kind == "race")
        if fault is not None and kind == "stall":
            done.delay = fault.seconds
        elif fault is not None and kind == "drip":
            done.drip = fault.seconds
        elif kind == "drop_after":
            done = Answer(0, b"", drop=True)
        elif kind == "error_after":
            done = _json(500, {"statusCode": 500, "message": "Internal server error"})
        elif kind == "unreadable":
            done.body = done.body[: len(done.body) // 2]
        return done

    def _put_off(self, work: _Work, request: Request, seconds: float) -> Answer:
        def done(_: faulty.Request) -> Answer:
            try:
                return work(request, racing=False)
            except ApiError as error:
                return self._failed(error, request.path)

        return self._postponed(done, request, seconds)

    def _failed(self, error: faulty.ApiError, path: str) -> Answer:
        if not isinstance(error, ApiError) or error.raw:
            return _json(error.status, {"statusCode": error.status, "message": error.message})
        details = {"message": error.message, "error": error.code, "statusCode": error.status}
        shown = {"code": error.code, "message": error.message, "details": details}
        body = {"status": "error", "timestamp": stamp(self.desk.now), "path": path, "error": shown}
        return _json(error.status, body)

    def act(self, body: Json) -> Json:
        return self._as_host(body).json()

    def _as_host(self, body: Json) -> Booking:
        uid, action = str(body.get("uid", "")), body.get("action")
        if action == "add":
            return self.desk.host_adds(
                int(body["eventTypeId"]), _moment(body, "start"), name=str(body["name"]), email=str(body["email"])
            )
        if action == "move":
            return self.desk.host_moves(uid, _moment(body, "start"))
        if action == "cancel":
            return self.desk.host_cancels(uid)
        if action == "approve":
            return self.desk.confirm(uid)
        if action == "decline":
            return self.desk.decline(uid)
        raise ApiError(400, "action must be add, move, cancel, approve or decline")

    # --- routes ---------------------------------------------------------------------------------------------------

    def _route(self, request: Request) -> tuple[str, _Work]:
        """The operation's name and its work; 404 also when the route does not know the asked version."""
        given = request.headers.get("authorization", "")
        if given and given.removeprefix("Bearer ") not in self.keys:
            raise ApiError(401, "Invalid API Key")
        request.authenticated = bool(given)
        parts = [part for part in request.path.split("/") if part]
        shape = [request.method, *(part if part in _ROUTE_WORDS else "*" for part in parts)]
        route = _ROUTES.get(" ".join(shape))
        if route is None:
            raise ApiError(404, f"Cannot {request.method} /v2{request.path}")
        operation, versions, needs_key, method = route
        if versions and request.headers.get("cal-api-version") not in versions:
            raise ApiError(404, f"Cannot {request.method} /v2{request.path}")
        if needs_key and not request.authenticated:
            raise ApiError(needs_key, "Forbidden resource" if needs_key == 403 else "Unauthorized")
        return operation, getattr(self, method)

    def _create(self, request: Request, *, racing: bool) -> Answer:
        body, desk = request.body, self.desk
        _only(body, CREATE_KEYS)
        given = body.get("attendee")
        if not isinstance(given, dict):
            raise ApiError(400, "attendee property is wrong,attendee should not be null or undefined ")
        _only(given, {"name", "email", "phoneNumber", "timeZone", "language"})
        start = _moment(body, "start")
        wanted = self._wanted(body)
        if wanted.requires_authentication and not request.authenticated:
            raise ApiError(401, "This event type requires authentication")
        if not wanted.hosts:
            raise ApiError(422, "Can't book this team event type because it has no hosts.")
        responses = _responses(body, given, wanted)
        minutes = body.get("lengthInMinutes", wanted.minutes)
        if "lengthInMinutes" in body and minutes not in wanted.lengths:
            raise ApiError(400, "Can't specify 'lengthInMinutes' because event type does not have multiple lengths.")
        made = desk.create(
            wanted,
            start=start,
            minutes=int(minutes),
            attendee=attendee_of(given),
            metadata=_metadata(body),
            responses=responses,
            location=_location(body, wanted),
            among=(body.get("routing") or {}).get("teamMemberIds"),
            racing=racing,
        )
        shown: list[Json] = [booking.json() for booking in made]
        if wanted.seats:
            shown[0]["seatUid"] = made[0].attendees[-1]["seatUid"]
        return _json(201, {"status": "success", "data": shown if wanted.occurrences > 1 else shown[0]})

    def _wanted(self, body: Json) -> EventType:
        if "eventTypeId" in body or "eventTypeSlug" not in body:
            return self.desk.event_type(body.get("eventTypeId"))
        found = [e for e in self.desk.event_types.values() if e.slug == body["eventTypeSlug"]]
        if not found:
            raise ApiError(404, f"Event type with slug {body['eventTypeSlug']} not found.")
        return found[0]

    def _read(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.desk.booking(_segment(request, 1)).json()})

    def _reschedule(self, request: Request, *, racing: bool) -> Answer:
        _only(request.body, {"start", "reschedulingReason", "rescheduledBy", "emailVerificationCode", "seatUid"})
        new = self.desk.reschedule(
            _segment(request, 1),
            start=_moment(request.body, "start"),
            reason=request.body.get("reschedulingReason"),
            by_owner=request.authenticated,
            racing=racing,
        )
        return _json(201, {"status": "success", "data": new.json()})

    def _cancel(self, request: Request, *, racing: bool) -> Answer:
        _only(request.body, {"cancellationReason", "cancelSubsequentBookings", "seatUid"})
        reason = request.body.get("cancellationReason")
        if self.reason_required and not reason:
            raise ApiError(400, "Cancellation reason is required")
        return _json(200, {"status": "success", "data": self.desk.cancel(_segment(request, 1), reason=reason).json()})

    def _confirm(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.desk.confirm(_segment(request, 1)).json()})

    def _decline(self, request: Request, *, racing: bool) -> Answer:
        declined = self.desk.decline(_segment(request, 1), reason=request.body.get("reason"))
        return _json(200, {"status": "success", "data": declined.json()})

    def _list(self, request: Request, *, racing: bool) -> Answer:
        query = request.query
        _only(query, LIST_KEYS)
        words = frozenset(query.get("status", "upcoming").split(","))
        if not words <= STATUS_WORDS:
            raise ApiError(400, "status property is wrong,Invalid status. Allowed are upcoming, recurring, past, ... ")
        take, skip = int(query.get("take", "100")), int(query.get("skip", "0"))
        if not 1 <= take <= 250:
            raise ApiError(400, "take property is wrong,take must not be greater than 250 ")
        found = [b for b in self.desk.bookings.values() if self._matches(b, query, words)]
        for key, of in (("sortStart", "start"), ("sortEnd", "end"), ("sortCreated", "created")):
            if key in query:
                found.sort(key=attrgetter(of, "id"), reverse=query[key] == "desc")
        page = found[skip : skip + take]
        remaining = max(0, len(found) - skip - len(page))
        pagination = {
            "returnedItems": len(page),
            "totalItems": len(found),
            "itemsPerPage": take,
            "remainingItems": remaining,
            "currentPage": skip // take + 1,
            "totalPages": -(-len(found) // take),
            "hasNextPage": remaining > 0,
            "hasPreviousPage": skip > 0,
        }
        return _json(200, {"status": "success", "data": [b.json() for b in page], "pagination": pagination})

    def _matches(self, booking: Booking, query: Mapping[str, str], words: frozenset[str]) -> bool:
        emails = {attendee["email"] for attendee in booking.attendees}
        names = {attendee["name"] for attendee in booking.attendees}
        event_types = query.get("eventTypeIds", query.get("eventTypeId", "")).split(",")
        times = {} if self.ignores_times else query
        return (
            of_statuses(booking, words, now=self.desk.now)
            and ("attendeeEmail" not in query or query["attendeeEmail"].strip() in emails)
            and ("attendeeName" not in query or query["attendeeName"].strip() in names)
            and ("bookingUid" not in query or query["bookingUid"] == booking.uid)
            and (event_types == [""] or str(booking.event_type.id) in event_types)
            and ("afterStart" not in times or booking.start >= _moment(times, "afterStart"))
            and ("beforeEnd" not in times or booking.end <= _moment(times, "beforeEnd"))
            and ("afterCreatedAt" not in times or booking.created >= _moment(times, "afterCreatedAt"))
            and ("beforeCreatedAt" not in times or booking.created <= _moment(times, "beforeCreatedAt"))
        )

    def _slots(self, request: Request, *, racing: bool) -> Answer:
        query = request.query
        _only(query, SLOT_KEYS)
        number = query.get("eventTypeId", "")
        wanted = self.desk.event_types.get(int(number)) if number.isdigit() else None
        if wanted is None:
            raise ApiError(404, "Event Type not found")
        begin, until = _moment(query, "start"), _moment(query, "end")
        if len(query["end"]) == len("yyyy-mm-dd") or until.time() == datetime.min.time():
            until = until.replace(hour=23, minute=59, second=59)
        if until <= begin:
            raise ApiError(400, "Invalid time range given - check the 'start' and 'end' query parameters.")
        zone = ZoneInfo(query.get("timeZone", "UTC"))
        minutes = int(query.get("duration", wanted.minutes))
        days: dict[str, list[Json]] = {}
        ignoring = query.get("bookingUidToReschedule")
        for start in self.desk.slots(wanted, begin, until, minutes=minutes, ignoring=ignoring):
            slot = {"start": _shown(start, zone)}
            if query.get("format") == "range":
                slot["end"] = _shown(start + timedelta(minutes=minutes), zone)
            days.setdefault(start.astimezone(zone).date().isoformat(), []).append(slot)
        return _json(200, {"data": days, "status": "success"})

    def _reserve(self, request: Request, *, racing: bool) -> Answer:
        body = request.body
        _only(body, {"eventTypeId", "slotStart", "slotDuration", "reservationDuration"})
        if "reservationDuration" in body and not request.authenticated:
            raise ApiError(401, "reservationDuration can only be used for authenticated requests")
        wanted = self.desk.event_type(body.get("eventTypeId"))
        made = self.desk.reserve(
            wanted,
            start=_moment(body, "slotStart"),
            minutes=int(body.get("slotDuration", wanted.minutes)),
            hold_minutes=int(body.get("reservationDuration", 5)),
        )
        return _json(201, {"status": "success", "data": _reservation(made)})

    def _reservation(self, request: Request, *, racing: bool) -> Answer:
        found = self.desk.reservations.get(_segment(request, 2))
        live = found is not None and found.until > self.desk.now
        return _json(200, {"status": "success", "data": _reservation(found) if found is not None and live else None})

    def _release(self, request: Request, *, racing: bool) -> Answer:
        self.desk.reservations.pop(_segment(request, 2), None)
        return _json(200, {"status": "success"})

    def _event_types(self, request: Request, *, racing: bool) -> Answer:
        team = int(_segment(request, 1)) if request.path.startswith("/teams/") else None
        found = [_event_type(e) for e in self.desk.event_types.values() if e.team == team]
        return _json(200, {"status": "success", "data": found})

    def _event_type(self, request: Request, *, racing: bool) -> Answer:
        found = self.desk.event_type(int(_segment(request, 1)))
        return _json(200, {"status": "success", "data": _event_type(found)})

    def _teams(self, request: Request, *, racing: bool) -> Answer:
        numbers = sorted({e.team for e in self.desk.event_types.values() if e.team is not None})
        return _json(200, {"status": "success", "data": [{"id": n, "name": f"Team {n}"} for n in numbers]})

    def _me(self, request: Request, *, racing: bool) -> Answer:
        me = {"id": 1, "username": "host1", "email": "host1@example.com", "name": "Ada Host", "timeZone": "UTC"}
        return _json(200, {"status": "success", "data": me})

    # --- webhooks -------------------------------------------------------------------------------------------------

    @property
    def hooks(self) -> dict[str, Json]:
        return self.book.hooks

    def _hook(self, request: Request, *, racing: bool) -> Answer:
        return _json(201, {"status": "success", "data": self.book.create(request.body)})

    def _hooks(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.book.listed(request.query)})

    def _shown_hook(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.book.shown(_segment(request, 1))})

    def _change_hook(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.book.change(_segment(request, 1), request.body)})

    def _unhook(self, request: Request, *, racing: bool) -> Answer:
        return _json(200, {"status": "success", "data": self.book.remove(_segment(request, 1))})

    def deliveries(self) -> list[Delivery]:
        """Every webhook due since the last call, oldest first."""
        with self._lock:
            happened, self.desk.happened = self.desk.happened, []
            return self.book.due(happened, at=self.desk.now)


class _Work(Protocol):
    def __call__(self, request: Request, *, racing: bool) -> Answer:
        """The work of one route; `racing` leaves out the availability check."""


_ROUTE_WORDS = {
    "bookings", "reschedule", "cancel", "confirm", "decline", "slots", "reservations", "event-types", "teams", "me",
    "webhooks",
}  # fmt: skip
_ROUTES: dict[str, tuple[str, set[str], int, str]] = {
    # method and path: operation, versions (empty: any), status without a key (0: public), method
    "POST bookings": ("create", BOOKING_VERSIONS, 0, "_create"),
    "GET bookings": ("list", BOOKING_VERSIONS, 403, "_list"),
    "GET bookings *": ("read", BOOKING_VERSIONS, 0, "_read"),
    "POST bookings * reschedule": ("reschedule", BOOKING_VERSIONS, 0, "_reschedule"),
    "POST bookings * cancel": ("cancel", BOOKING_VERSIONS, 0, "_cancel"),
    "POST bookings * confirm": ("confirm", BOOKING_VERSIONS, 401, "_confirm"),
    "POST bookings * decline": ("decline", BOOKING_VERSIONS, 401, "_decline"),
    "GET slots": ("slots", {"2024-09-04"}, 0, "_slots"),
    "POST slots reservations": ("reserve", {"2024-09-04"}, 0, "_reserve"),
    "GET slots reservations *": ("reservation", {"2024-09-04"}, 0, "_reservation"),
    "DELETE slots reservations *": ("release", {"2024-09-04"}, 0, "_release"),
    "GET event-types": ("event_types", {"2024-06-14"}, 401, "_event_types"),
    "GET event-types *": ("event_types", {"2024-06-14"}, 401, "_event_type"),
    "GET teams": ("teams", set(), 401, "_teams"),
    "GET teams * event-types": ("event_types", {"2024-06-14"}, 401, "_event_types"),
    "GET me": ("me", set(), 401, "_me"),
    "POST webhooks": ("order_webhooks", set(), 401, "_hook"),
    "GET webhooks": ("webhooks", set(), 401, "_hooks"),
    "GET webhooks *": ("webhooks", set(), 401, "_shown_hook"),
    "PATCH webhooks *": ("webhooks", set(), 401, "_change_hook"),
    "DELETE webhooks *": ("webhooks", set(), 401, "_unhook"),
}


def _json(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"X-RateLimit-Limit-Default": "120"})


def _only(given: Mapping[str, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise ApiError(400, f"{key} property is wrong,property {key} should not exist ")


def _segment(request: Request, index: int) -> str:
    return [part for part in request.path.split("/") if part][index]


def _moment(given: Mapping[str, Any], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(given[key]))
    except (KeyError, ValueError):
        raise ApiError(400, f"{key} property is wrong,{key} must be a valid ISO 8601 date string ") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    text = moment.astimezone(zone).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z") if zone.key == "UTC" else text


def _responses(body: Json, attendee: Json, wanted: EventType) -> Json:
    email, phone = attendee.get("email"), attendee.get("phoneNumber")
    if not attendee.get("name") or not attendee.get("timeZone"):
        raise ApiError(400, "attendee.name property is wrong,name must be a string ")
    if not email and not phone:
        raise ApiError(400, "Attendee must have at least one contact method (email or phone number).")
    if wanted.email_required and not email:
        raise ApiError(400, "responses - {email}error_required_field", code="BAD_REQUEST")
    if email and "@" not in email:
        raise ApiError(400, "attendee.email property is wrong,email must be an email ")
    if wanted.phone_required and not phone:
        raise ApiError(400, "Missing attendee phone number - it is required by the event type.")
    if wanted.email_verification and not body.get("emailVerificationCode"):
        raise ApiError(400, "Email verification is required for this event type")
    responses: Json = body.get("bookingFieldsResponses") or {}
    for slug in wanted.required_fields:
        if slug not in responses:
            raise ApiError(
                400,
                f"Missing required booking field response: {slug} - it is required by the event type booking fields,"
                " but missing in the bookingFieldsResponses.",
            )
    return {"name": attendee["name"], "email": email, **responses}


def _metadata(body: Json) -> Json:
    metadata: Json = body.get("metadata") or {}
    sizes = all(len(k) <= 40 and isinstance(v, str | int | float | bool) for k, v in metadata.items())
    if len(metadata) > 50 or not sizes or any(len(v) > 500 for v in metadata.values() if isinstance(v, str)):
        raise ApiError(400, "metadata property is wrong,Metadata must have at most 50 keys of scalars ")
    return metadata


def _location(body: Json, wanted: EventType) -> str:
    """Where it takes place; {uid} in it is filled in later."""
    location = body.get("location")
    if location is None:
        return "https://app.cal.com/video/{uid}"
    kind = location.get("integration") if location.get("type") == "integration" else location.get("type")
    if kind not in wanted.locations:
        raise ApiError(400, f"Location with type {kind} is not allowed by the event type.")
    shown = {"address": "1 Main Street", "phone": "+15550100"}
    return shown.get(str(kind)) or str(location.get("phone") or f"https://{kind}.example.com/{{uid}}")


def _reservation(made: Reservation) -> Json:
    return {
        "eventTypeId": made.event_type.id,
        "slotStart": stamp(made.start),
        "slotEnd": stamp(made.end),
        "slotDuration": int((made.end - made.start).total_seconds() // 60),
        "reservationUid": made.uid,
        "reservationUntil": stamp(made.until),
    }


def _event_type(shown: EventType) -> Json:
    policy = {"type": "always", "blockUnconfirmedBookingsInBooker": False}
    return {
        "id": shown.id,
        "title": shown.title,
        "slug": shown.slug,
        "lengthInMinutes": shown.minutes,
        "lengthInMinutesOptions": list(shown.lengths),
        "minimumBookingNotice": shown.notice_minutes,
        "confirmationPolicy": policy if shown.requires_confirmation else {"disabled": True},
        "teamId": shown.team,
        "schedulingType": shown.scheduling if shown.is_team else None,
    }
