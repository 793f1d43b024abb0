"""The routes of the fake HighLevel: requests in, answers out, without any network."""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.servers.faulty import Answer, ApiError, Json, Request, answer_json
from tests.servers.gohighlevel_checks import (
    CREATE_KEYS,
    EDIT_KEYS,
    PLACES,
    Quirks,
    epoch_ms,
    moment,
    needed,
    only,
    segment,
)
from tests.servers.gohighlevel_desk import STATUSES, TAKEN, Appointment, Calendar, Desk
from tests.servers.gohighlevel_oauth import TOKEN, OauthDesk
from tests.servers.gohighlevel_people import ContactRoutes
from tests.servers.gohighlevel_shapes import calendar_json, event_json, small_json, whole_json

if TYPE_CHECKING:
    from collections.abc import Callable

CALENDARS, CONTACTS = "2021-04-15", "2021-07-28"
PER_10_SECONDS = 100


class GohighlevelApi(ContactRoutes):
    """One location behind one token; what the wire must do is said in the answer."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        calendars: tuple[Calendar, ...] = (),
        zone: ZoneInfo | None = None,
    ) -> None:
        super().__init__(clock)
        self.desk = Desk(clock, calendars or (Calendar(),), zone=zone or ZoneInfo("UTC"))
        self.quirks = Quirks()
        self.oauth = OauthDesk(clock)
        self.tokens = {TOKEN}
        self.spelled: set[str] = set()
        self.unknown_zones: set[str] = set()
        self.hooks: list[str] = []
        self.slips = False  # every webhook says AppointmentCreate, as the documentation's examples do
        self.signer: Callable[[str, Appointment, datetime], tuple[dict[str, str], bytes]] | None = None
        self._recent: deque[float] = deque()

    # --- the frame ---------------------------------------------------------------------------------------------------

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        parts = [part for part in request.path.split("/") if part]
        shape = " ".join([request.method, *(part if part in _WORDS else "*" for part in parts)])
        if shape not in _ROUTES:
            raise ApiError(404, f"Cannot {request.method} {request.path}")
        operation, version, method = _ROUTES[shape]
        if version and not request.headers.get("version"):
            raise ApiError(400, "version header was not found.")
        if version and request.headers["version"] != version:
            raise ApiError(400, "version header is invalid")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if operation != "token" and given not in self.tokens | self.oauth.alive():
            raise ApiError(401, "Invalid JWT")
        self._limit()
        return operation, getattr(self, method)

    def _limit(self) -> None:
        now = self.clock()
        while self._recent and self._recent[0] <= now - 10:
            self._recent.popleft()
        if self.quirks.limited and len(self._recent) >= PER_10_SECONDS:
            raise ApiError(429, "Too Many Requests", headers=self._rate_headers())
        self._recent.append(now)

    def _rate_headers(self) -> dict[str, str]:
        left = max(0, PER_10_SECONDS - len(self._recent))
        return {
            "X-RateLimit-Limit-Daily": "200000",
            "X-RateLimit-Daily-Remaining": "199000",
            "X-RateLimit-Interval-Milliseconds": "10000",
            "X-RateLimit-Max": str(PER_10_SECONDS),
            "X-RateLimit-Remaining": str(left),
        }

    def failed(self, error: ApiError) -> Answer:
        body = {"statusCode": error.status, "message": error.message, "traceId": "t1", **error.more}
        done = answer_json(error.status, body)
        done.headers = {**(self._rate_headers() if error.status == 429 else {}), **error.headers}
        return done

    def shown(self) -> list[Json]:
        return [whole_json(self.desk, a) for a in self.desk.appointments.values()]

    def act(self, body: Json) -> object:
        number, action, desk = str(body.get("id", "")), body.get("action"), self.desk
        if action == "add":
            return event_json(desk, desk.host_adds(moment(body, "start"), calendar=body.get("calendarId")))
        if action == "move":
            return event_json(desk, desk.host_moves(number, moment(body, "start")))
        if action in STATUSES:
            return event_json(desk, desk.host_sets(number, str(action)))
        if action == "delete":
            return event_json(desk, desk.host_deletes(number))
        if action == "write":
            return event_json(desk, desk.host_writes(number, str(body.get("text", ""))))
        raise ApiError(400, "action must be add, move, delete, write or a status")

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        with self._lock:
            happened, self.desk.happened = self.desk.happened, []
            if self.signer is None:
                return []
            signed = [self.signer("AppointmentCreate" if self.slips else k, a, self.desk.now) for k, a in happened]
            return [(url, headers, body) for headers, body in signed for url in self.hooks]

    # --- calendars ---------------------------------------------------------------------------------------------------

    def _calendars(self, request: Request) -> Answer:
        self._own(request.query)
        return answer_json(200, {"calendars": [calendar_json(c) for c in self.desk.calendars.values()]})

    def _calendar(self, request: Request) -> Answer:
        return answer_json(200, {"calendar": calendar_json(self._known(segment(request, 1)))})

    def _free_slots(self, request: Request) -> Answer:
        query, calendar = request.query, self._known(segment(request, 1))
        only(query, {"startDate", "endDate", "timezone", "userId", "userIds"})
        begin, until = epoch_ms(query, "startDate"), epoch_ms(query, "endDate")
        if until <= begin or until - begin > timedelta(days=31):
            raise ApiError(400, "The date range must not be more than 31 days")
        name = query.get("timezone", self.desk.zone.key)
        try:
            zone = ZoneInfo("/" if name in self.unknown_zones else name)
        except (ValueError, ZoneInfoNotFoundError):
            raise ApiError(400, "Invalid timezone") from None
        users = (query["userId"],) if "userId" in query else ()
        days: Json = {}
        if self.quirks.whole_days:
            begin, until = begin.replace(hour=0, minute=0), until.replace(hour=0, minute=0) + timedelta(days=1)
        for start in self.desk.slots(calendar, begin, until, users=users, past=self.quirks.whole_days):
            local = start.astimezone(zone)
            slot = local.isoformat(timespec="milliseconds" if self.quirks.milliseconds else "seconds")
            self.spelled.add(slot)
            days.setdefault(local.date().isoformat(), {"slots": []})["slots"].append(slot)
        return answer_json(200, days | {"traceId": "t1"})

    # --- appointments ------------------------------------------------------------------------------------------------

    def _create(self, request: Request) -> Answer:
        body = request.body
        only(body, CREATE_KEYS)
        self._own(body)
        needed(body, "calendarId", "contactId", "startTime")
        contact = self.desk.contacts.get(str(body["contactId"]))
        if contact is None:
            raise ApiError(400, "The contact was not found in this location")
        calendar = self._known(str(body["calendarId"]))
        if not calendar.is_active:
            raise ApiError(400, "The calendar is inactive")
        if calendar.needs_user and not body.get("assignedUserId"):
            raise ApiError(400, "assignedUserId is required for this calendar")
        start, end = self._times(body, calendar)
        user = self._placed(body, calendar, start, end)
        status = body.get("appointmentStatus", "confirmed" if calendar.auto_confirm else "new")
        made = Appointment(self.desk.new_id(), calendar, contact, start, end, str(status), user)
        self._describe(made, body)
        return self._written(self.desk.add(made), body, status=self.quirks.created)

    def _edit(self, request: Request) -> Answer:
        body, found = request.body, self._appointment(segment(request, 3))
        only(body, EDIT_KEYS)
        if body.get("appointmentStatus") == "cancelled" == found.status and not self.quirks.cancels_twice:
            raise ApiError(400, "The status cannot be changed")
        if "startTime" in body:
            calendar = self._known(body.get("calendarId", found.calendar.id))
            start, end = self._times(body, calendar, length=found.end - found.start)
            found.user = self._placed(body, calendar, start, end, moving=found)
            found.calendar, found.start, found.end = calendar, start, end
        found.status = str(body.get("appointmentStatus", found.status))
        self._describe(found, body)
        return self._written(self.desk.change(found), body, status=200)

    def _placed(
        self, body: Json, calendar: Calendar, start: datetime, end: datetime, *, moving: Appointment | None = None
    ) -> str | None:
        unchecked = bool(body.get("ignoreFreeSlotValidation"))
        ignoring = moving.id if moving else None
        if self.quirks.strict_spelling and not unchecked and body["startTime"] not in self.spelled:
            raise ApiError(400, TAKEN, error="Bad Request")
        try:
            return self.desk.place(
                calendar, start, end, user=body.get("assignedUserId"), unchecked=unchecked, ignoring=ignoring
            )
        except ApiError as refused:
            if self.quirks.taken == 422 and refused.message == TAKEN:
                raise ApiError(422, [TAKEN], error="Unprocessable Entity") from None
            raise

    def _times(self, body: Json, calendar: Calendar, *, length: timedelta | None = None) -> tuple[datetime, datetime]:
        start = moment(body, "startTime")
        default = start + (length or timedelta(minutes=calendar.minutes))
        end = moment(body, "endTime") if "endTime" in body else default
        if end <= start:
            raise ApiError(422, ["endTime must be after startTime"])
        return start, end

    def _describe(self, appointment: Appointment, body: Json) -> None:
        if body.get("meetingLocationType", "custom") not in PLACES:
            raise ApiError(422, ["meetingLocationType must be one of the following values"])
        if appointment.status not in STATUSES:
            raise ApiError(422, ["appointmentStatus must be one of the following values"])
        for key in ("title", "description", "address"):
            if key in body:
                setattr(appointment, key, str(body[key]))
        if body.get("meetingLocationType") in {"zoom", "gmeet", "ms_teams"}:
            appointment.address = f"https://{body['meetingLocationType']}.example.com/{appointment.id}"

    def _written(self, appointment: Appointment, body: Json, *, status: int) -> Answer:
        shown = small_json(appointment) if self.quirks.small_answers else event_json(self.desk, appointment)
        if not self.quirks.small_answers:
            for hidden in ("description", "groupId", "users", "dateAdded", "dateUpdated"):
                shown.pop(hidden, None)
        return answer_json(status, shown | {"traceId": "t1"})

    def _read(self, request: Request) -> Answer:
        shown = whole_json(self.desk, self._appointment(segment(request, 3)))
        return answer_json(200, {self.quirks.wrap: shown, "traceId": "t1"} if self.quirks.wrap else shown)

    def _delete(self, request: Request) -> Answer:
        self.desk.host_deletes(self._appointment(segment(request, 2)).id)
        return answer_json(201, {"succeeded": True})

    def _events(self, request: Request) -> Answer:
        query = request.query
        only(query, {"locationId", "startTime", "endTime", "calendarId", "userId", "groupId"})
        self._own(query)
        begin, until = epoch_ms(query, "startTime"), epoch_ms(query, "endTime")
        if not {"calendarId", "userId", "groupId"} & set(query):
            raise ApiError(422, ["Either of userId, groupId or calendarId is required"])
        found = [
            a
            for a in self._listed()
            if begin <= a.start < until
            and query.get("calendarId", a.calendar.id) == a.calendar.id
            and query.get("userId", a.user) == a.user
        ]
        hidden = set() if self.quirks.lists_show_words else {"description"}
        shown = [{k: v for k, v in event_json(self.desk, a).items() if k not in hidden} for a in found]
        return answer_json(200, {"events": shown, "traceId": "t1"})

    def _appointment(self, number: str) -> Appointment:
        found = self.desk.appointments.get(number)
        if found is None or found.deleted:
            raise ApiError(self.quirks.missing, "Appointment not found" if self.quirks.missing == 400 else "Not Found")
        return found

    # --- tokens ------------------------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Answer:
        return answer_json(200, self.oauth.granted(request.body))

    def _location_token(self, request: Request) -> Answer:
        return answer_json(200, self.oauth.location_token(request.body))

    # --- checks ------------------------------------------------------------------------------------------------------

    def _known(self, number: str) -> Calendar:
        if number not in self.desk.calendars:
            raise ApiError(400, "The calendar was not found")
        return self.desk.calendars[number]


_WORDS = {
    "calendars", "free-slots", "events", "appointments", "contacts", "upsert", "search", "duplicate", "oauth", "token",
    "locationToken",
}  # fmt: skip
_ROUTES = {
    # method and path: operation, version, method
    "GET calendars": ("calendars", CALENDARS, "_calendars"),
    "GET calendars *": ("calendar", CALENDARS, "_calendar"),
    "GET calendars * free-slots": ("slots", CALENDARS, "_free_slots"),
    "POST calendars events appointments": ("create", CALENDARS, "_create"),
    "GET calendars events appointments *": ("read", CALENDARS, "_read"),
    "PUT calendars events appointments *": ("edit", CALENDARS, "_edit"),
    "DELETE calendars events *": ("delete", CALENDARS, "_delete"),
    "GET calendars events": ("list", CALENDARS, "_events"),
    "POST contacts upsert": ("upsert", CONTACTS, "_upsert"),
    "GET contacts search duplicate": ("search", CONTACTS, "_duplicate"),
    "GET contacts * appointments": ("contact", CONTACTS, "_of_contact"),
    "POST oauth token": ("token", "", "_token"),
    "POST oauth locationToken": ("location_token", CONTACTS, "_location_token"),
}
