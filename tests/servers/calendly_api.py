"""The routes and checks of the fake Calendly: requests in, answers out, without any network."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.servers import calendly_shapes as shapes
from tests.servers.calendly_checks import check_answers, check_place, moment, only, part
from tests.servers.calendly_desk import (
    ORGANIZATION,
    ROOT,
    TRACKING,
    CalendlyError,
    Desk,
    Event,
    EventType,
    invalid,
    not_found,
    stamp,
)
from tests.servers.calendly_hooks import Hooks
from tests.servers.calendly_quota import Quota
from tests.servers.faulty import Answer, ApiError, Json, Request, answer_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TOKEN = "calendly_fake_token"
CLIENT = ("client-1", "client-secret-1")
REFRESH_TOKEN = "refresh-0"
BOOK_KEYS = {
    "event_type", "start_time", "invitee", "location", "questions_and_answers", "tracking", "event_guests",
}  # fmt: skip
INVITEE_KEYS = {"name", "first_name", "last_name", "email", "timezone", "text_reminder_number"}
TITLES = {
    400: "Invalid Argument", 401: "Unauthenticated", 404: "Resource Not Found", 429: "Too many requests",
    500: "Internal server error",
}  # fmt: skip
NO_RIGHT = "You do not have permission to access this resource."


class CalendlyApi(Hooks):
    """One organisation. Where the documentation is silent, a switch chooses."""

    def __init__(self, *, clock: Callable[[], float] = time.time, event_types: tuple[EventType, ...] = ()) -> None:
        super().__init__(clock, Desk(clock, event_types or (EventType(),)))
        self.tokens: dict[str, float] = {TOKEN: float("inf")}  # and when they end
        self.refresh_tokens = {REFRESH_TOKEN}
        self.scopes: set[str] | None = None  # None: a token from before scopes
        self.quota = Quota(clock)
        self.envelope = "resource"  # or "invitee": which shape answers a booking
        self.longest_days = 31  # 7 for an account with the old limit
        self.is_admin = True
        self.books_by_api = True  # False: a plan without it
        self._issued = 0

    # --- what FaultyApi wants to know -----------------------------------------------------------------------------

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        parts = [part for part in request.path.split("/") if part]
        shape = " ".join([request.method, *(p if p in _WORDS else "*" for p in parts)])
        operation, scope, work = _ROUTES.get(shape, ("", "", ""))
        if not work:
            raise not_found()
        if operation != "token":
            self._authorize(request, scope)
            if not self.quota.allows(operation):
                raise ApiError(429, "", headers=self.quota.headers(operation))
        return operation, getattr(self, work)

    def failed(self, error: ApiError) -> Answer:
        body = getattr(error, "body", None) or {"title": TITLES.get(error.status, "Error"), "message": "See details."}
        headers = dict(error.headers)
        if error.status == 429:  # Calendly says how long in its own header
            reset = headers.pop("Retry-After", "30")
            headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset} | headers
        return answer_json(error.status, error.more.get("shown", body), **headers)

    def shown(self) -> list[Json]:
        found = self.desk.events.values()
        return [shapes.event(e) | {"invitees": [shapes.invitee(i) for i in e.invitees]} for e in found]

    def act(self, body: Json) -> object:
        desk, key, action = self.desk, str(body.get("event", "")), body.get("action")
        if action == "add":
            start = moment(body, "start")
            wanted = desk.event_types[str(body["event_type"])]
            return shapes.event(desk.book(wanted, start, name=str(body["name"]), email=str(body["email"])).event)
        if action == "move":
            return shapes.event(desk.invitee_reschedules(key, moment(body, "start")))
        if action == "cancel":
            return shapes.event(desk.host_cancels(key))
        if action == "block":
            desk.busy.append((str(body["host"]), moment(body, "start"), moment(body, "end")))
            return {}
        raise ApiError(400, "action must be add, move, cancel or block")

    # --- who asks -------------------------------------------------------------------------------------------------

    def _authorize(self, request: Request, scope: str) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(given, 0.0) <= self.clock():
            raise CalendlyError(401, "Unauthenticated", "The access token is invalid")
        wider = scope.replace(":read", ":write")
        if self.scopes is not None and scope not in self.scopes and wider not in self.scopes:
            raise CalendlyError(403, "Permission Denied", f"Insufficient scope: {scope}")

    def _token(self, request: Request) -> Answer:
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        if given != base64.b64encode(":".join(CLIENT).encode()).decode():
            raise ApiError(401, "", shown={"error": "invalid_client"})
        if request.body.get("grant_type") != "refresh_token":
            raise ApiError(400, "", shown={"error": "unsupported_grant_type"})
        if request.body.get("refresh_token") not in self.refresh_tokens:
            raise ApiError(400, "", shown={"error": "invalid_grant"})
        self.refresh_tokens.remove(str(request.body["refresh_token"]))
        self._issued += 1
        access, refresh = f"access-{self._issued}", f"refresh-{self._issued}"
        self.tokens[access] = self.clock() + 7200
        self.refresh_tokens.add(refresh)
        grant = {"token_type": "Bearer", "access_token": access, "refresh_token": refresh, "expires_in": 7200}
        owner = next(iter(self.desk.event_types.values())).hosts[0].uri
        more = {"scope": "default", "created_at": int(self.clock()), "owner": owner, "organization": ORGANIZATION}
        return answer_json(200, grant | more)

    def _me(self, request: Request) -> Answer:
        first = next(iter(self.desk.event_types.values())).hosts[0]
        return answer_json(200, {"resource": shapes.me(first.uri)})

    # --- event types and availability -----------------------------------------------------------------------------

    def _event_types(self, request: Request) -> Answer:
        whole = self._is_whole(request.query)
        owner = request.query.get("user")
        found = [
            e
            for e in self.desk.event_types.values()
            if (whole or (e.pooling is None and e.hosts[0].uri == owner))
            and (request.query.get("active") != "true" or e.active)
        ]
        return self.paged([shapes.event_type(e) for e in found], request)

    def _event_type(self, request: Request) -> Answer:
        found = self.desk.event_type(f"{ROOT}{request.path}")
        return answer_json(200, {"resource": shapes.event_type(found)})

    def _times(self, request: Request) -> Answer:
        query = request.query
        wanted = self.desk.event_type(query.get("event_type"))
        begin, until = moment(query, "start_time"), moment(query, "end_time")
        if begin <= self.desk.now:
            raise invalid("start_time", "start_time must be in the future")
        if until <= begin:
            raise invalid("end_time", "end_time must be after start_time")
        if until - begin > timedelta(days=self.longest_days):
            raise invalid("end_time", f"The date range cannot be greater than {self.longest_days} days")
        found = [
            {
                "status": "available",
                "invitees_remaining": left,
                "start_time": stamp(start).replace(".000000", ""),
                "scheduling_url": f"https://calendly.com/ada/{wanted.key.lower()}/{stamp(start)}",
            }
            for start, left in self.desk.slots(wanted, begin, until)
        ]
        return answer_json(200, {"collection": found})

    # --- booking --------------------------------------------------------------------------------------------------

    def _book(self, request: Request) -> Answer:
        body, desk = request.body, self.desk
        if not self.books_by_api:
            raise CalendlyError(403, "Permission Denied", "Please upgrade your Calendly account to Professional")
        only(body, BOOK_KEYS)
        wanted = desk.event_type(body.get("event_type"))
        given = body.get("invitee")
        if not isinstance(given, dict):
            raise invalid("invitee", "is required")
        only(given, INVITEE_KEYS)
        for key in ("email", "timezone"):
            if not given.get(key):
                raise invalid(f"invitee.{key}", "can't be blank")
        if "@" not in given["email"]:
            raise invalid("invitee.email", "is not a valid email")
        if not given.get("name") and not given.get("first_name"):
            raise invalid("invitee.name", "can't be blank")
        if given.get("text_reminder_number") and not desk.reminders:
            raise invalid("invitee.text_reminder_number", "is not supported by this event type")
        tracking = body.get("tracking") or {}
        if set(tracking) != set(TRACKING):
            raise invalid("tracking", "must have all six keys")
        answers: list[Json] = body.get("questions_and_answers") or []
        check_answers(wanted, answers)
        check_place(wanted, body.get("location"))
        start = moment(body, "start_time")
        desk.check(wanted, start, given["email"])
        external = desk.external.pop(0) if desk.external else ""
        failure = CalendlyError(424, "External Calendar Error", "The connected calendar could not be reached")
        if external == "before":
            raise failure
        invitee = desk.book(
            wanted,
            start,
            email=given["email"],
            name=given.get("name") or given["first_name"],
            zone=given["timezone"],
            tracking=tracking,
            answers=answers,
            phone=given.get("text_reminder_number"),
            location=shapes.location(body.get("location"), wanted),
        )
        if external:
            raise failure
        shown = shapes.invitee(invitee)
        whole = {"resource": shown} if self.envelope == "resource" else {"resource": shown["event"], "invitee": shown}
        return answer_json(201, whole, **self.quota.headers("create"))

    def _cancel(self, request: Request) -> Answer:
        only(request.body, {"reason"})
        done = self.desk.cancel(self.desk.event(part(request, 1)), reason=request.body.get("reason"))
        return answer_json(201, {"resource": done})

    # --- reading --------------------------------------------------------------------------------------------------

    def _events(self, request: Request) -> Answer:
        query, whole = request.query, self._is_whole(request.query)
        low = moment(query, "min_start_time") if "min_start_time" in query else None
        high = moment(query, "max_start_time") if "max_start_time" in query else None
        found = [
            e
            for e in self._visible(self.desk.events.values())
            if (whole or e.host.uri == query.get("user"))
            and query.get("status", e.status) == e.status
            and ("invitee_email" not in query or any(i.email == query["invitee_email"] for i in e.invitees))
            and (low is None or e.start >= low)
            and (high is None or e.start <= high)
        ]
        found.sort(key=lambda e: (e.start, e.key), reverse=query.get("sort") == "start_time:desc")
        return self.paged([shapes.event(e) for e in found], request)

    def _event(self, request: Request) -> Answer:
        return answer_json(200, {"resource": shapes.event(self.desk.event(part(request, 1)))})

    def _invitees(self, request: Request) -> Answer:
        event, query = self.desk.event(part(request, 1)), request.query
        found = [
            shapes.invitee(i)
            for i in (event.invitees if self._visible([event]) else [])
            if query.get("status", i.status) == i.status and query.get("email", i.email) == i.email
        ]
        return self.paged(found, request)

    def _invitee(self, request: Request) -> Answer:
        event = self.desk.event(part(request, 1))
        found = next((i for i in event.invitees if i.key == part(request, 3)), None)
        if found is None:
            raise not_found()
        return answer_json(200, {"resource": shapes.invitee(found)})

    def _visible(self, events: Iterable[Event]) -> list[Event]:
        return [e for e in events if e.created + timedelta(seconds=self.desk.lag) <= self.desk.now]

    def _is_whole(self, query: Mapping[str, str]) -> bool:
        """Whether a list is of the organisation; 400 or 403 when it is of nobody or of somebody else."""
        if "user" not in query and "organization" not in query:
            raise invalid("user", "one of user, organization is required")
        if "user" in query:
            return False
        if query["organization"] != ORGANIZATION or not self.is_admin:
            raise CalendlyError(403, "Permission Denied", NO_RIGHT)
        return True


_WORDS = {
    "users", "me", "event_types", "event_type_available_times", "invitees", "scheduled_events", "cancellation",
    "webhook_subscriptions", "oauth", "token",
}  # fmt: skip
_ROUTES: dict[str, tuple[str, str, str]] = {
    # method and path: operation, scope, method
    "POST oauth token": ("token", "", "_token"),
    "GET users me": ("me", "users:read", "_me"),
    "GET event_types": ("event_types", "event_types:read", "_event_types"),
    "GET event_types *": ("event_type", "event_types:read", "_event_type"),
    "GET event_type_available_times": ("slots", "availability:read", "_times"),
    "POST invitees": ("create", "scheduled_events:write", "_book"),
    "GET scheduled_events": ("list", "scheduled_events:read", "_events"),
    "GET scheduled_events *": ("read", "scheduled_events:read", "_event"),
    "GET scheduled_events * invitees": ("invitees", "scheduled_events:read", "_invitees"),
    "GET scheduled_events * invitees *": ("invitee", "scheduled_events:read", "_invitee"),
    "POST scheduled_events * cancellation": ("cancel", "scheduled_events:write", "_cancel"),
    "POST webhook_subscriptions": ("webhooks", "webhooks:write", "_subscribe"),
    "GET webhook_subscriptions": ("webhooks", "webhooks:read", "_subscriptions"),
    "GET webhook_subscriptions *": ("webhooks", "webhooks:read", "_subscription"),
    "DELETE webhook_subscriptions *": ("webhooks", "webhooks:write", "_unsubscribe"),
}
