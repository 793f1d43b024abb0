"""The routes of the fake Google Calendar: requests in, answers out, without any network."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.servers.faulty import Answer, ApiError, Fault, FaultyApi, answer_json
from tests.servers.google_accounts import Accounts
from tests.servers.google_desk import LONGEST_BUSY_RANGE, Desk, FakeCalendar, Principal
from tests.servers.google_push import Push
from tests.servers.google_shapes import edge_seconds, refuse, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Json, Request

ROOT = "/calendar/v3"
OWN_FAULTS = {
    "rate_limited": "answers 403 rateLimitExceeded without an effect",
    "quota": "answers 403 quotaExceeded without an effect",
    "daily_limit": "answers 403 dailyLimitExceeded without an effect",
    "edited": "somebody changes the event after the client has read it",
}
_LIMITS = {
    "rate_limited": ("rateLimitExceeded", "Rate Limit Exceeded"),
    "quota": ("quotaExceeded", "Calendar usage limits exceeded."),
    "daily_limit": ("dailyLimitExceeded", "Daily Limit Exceeded"),
}
_DEFAULT_REASONS = {400: "badRequest", 401: "authError", 404: "notFound", 429: "rateLimitExceeded", 500: "backendError"}
_NOT_WITH_A_SYNC_TOKEN = {
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
}  # fmt: skip
_NEEDS = {
    "busy": {"calendar.freebusy", "calendar.events.freebusy"},
    "calendars": {"calendar.calendarlist.readonly"},
}
_MOST_CALENDARS = 50


class GoogleApi(FaultyApi):
    """The API and its token endpoint, with one account behind them."""

    def __init__(self, *calendars: FakeCalendar, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock)
        self.desk = Desk(clock, *calendars)
        self.accounts = Accounts(clock)
        self.push = Push(clock)
        self.page_size = 250  # at most so many on a page, whatever was asked for
        self.empty_pages = False  # every other page holds nothing
        self.per_minute: int | None = None
        self.sync_tokens_die = False
        self.exchanges: list[tuple[str, Request, Answer]] = []  # operation, request and answer of all that was executed
        self._recent: list[float] = []
        self._own: list[Fault] = []

    # --- what the generic part asks for -------------------------------------------------------------------------------

    def fault(self, kind: str, *, on: str = "create", seconds: float = 0.0, times: int = 1) -> None:
        if kind in OWN_FAULTS:
            self._own.append(Fault(kind, on, seconds, times))
        else:
            super().fault(kind, on=on, seconds=seconds, times=times)

    def failed(self, error: ApiError) -> Answer:
        reason = error.more.get("reason") or _DEFAULT_REASONS.get(error.status, "backendError")
        domain = "usageLimits" if "Exceeded" in reason else error.more.get("domain", "global")
        detail = {"domain": domain, "reason": reason, "message": error.message}
        if error.more.get("location"):
            detail |= {"locationType": "header", "location": error.more["location"]}
        body = {"error": {"errors": [detail], "code": error.status, "message": error.message}}
        return answer_json(error.status, body, **error.headers)

    def act(self, body: Json) -> object:
        return self.desk.act(body)

    def shown(self) -> list[Json]:
        return [stored.body for calendar in self.desk.calendars.values() for stored in calendar.events.values()]

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        """URL, headers and body of every message that is due, oldest first."""
        changed, self.desk.changed = self.desk.changed, []
        for calendar in changed:
            self.push.changed(calendar)
        due, self.push.due = self.push.due, []
        return due

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        if (request.method, request.path) == ("POST", "/token"):
            return "token", self._recorded("token", lambda r: self.accounts.grant(r.body))
        principal = self.accounts.principal(request.headers.get("authorization", ""))
        if principal is None:
            raise refuse(401, "authError", "Invalid Credentials", location="Authorization")
        parts = [part for part in request.path.removeprefix(ROOT).split("/") if part]
        operation = _operation(request.method, parts)
        if operation is None or not request.path.startswith(ROOT):
            raise refuse(404, "notFound", "Not Found")
        if not principal.scopes & _NEEDS.get(operation, {"calendar.events"}):
            raise refuse(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        self._keep_to_the_rate()

        def work(asked: Request) -> Answer:
            self._own_faults(operation, parts, principal)
            answer: Answer = getattr(self, f"_{operation}")(asked, parts, principal)
            return answer

        return operation, self._recorded(operation, work)

    def _recorded(self, operation: str, work: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def done(request: Request) -> Answer:
            answer = work(request)
            self.exchanges.append((operation, request, Answer(answer.status, answer.body)))
            return answer

        return done

    def _own_faults(self, operation: str, parts: list[str], principal: Principal) -> None:
        for fault in self._own:
            if fault.on not in {operation, "*"}:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._own.remove(fault)
            if fault.kind == "edited":
                calendar = self.desk.calendar(parts[1], principal)
                self.desk.person_changes(parts[3], calendar_id=calendar.id, colorId="7")
                return
            raise refuse(403, *_LIMITS[fault.kind])

    def _keep_to_the_rate(self) -> None:
        self._recent = [at for at in self._recent if at > self.clock() - 60]
        if self.per_minute is not None and len(self._recent) >= self.per_minute:
            raise refuse(403, "rateLimitExceeded", "Rate Limit Exceeded")
        self._recent.append(self.clock())

    # --- routes -------------------------------------------------------------------------------------------------------

    def _create(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        calendar = self.desk.calendar(parts[1], principal)
        return answer_json(200, self.desk.insert(calendar, request.body, request.query, principal))

    def _read(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        return answer_json(200, self.desk.get(self.desk.calendar(parts[1], principal), parts[3]))

    def _move(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        calendar, etag = self.desk.calendar(parts[1], principal), request.headers.get("if-match", "")
        return answer_json(200, self.desk.patch(calendar, parts[3], request.body, request.query, etag))

    def _cancel(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        calendar, etag = self.desk.calendar(parts[1], principal), request.headers.get("if-match", "")
        self.desk.delete(calendar, parts[3], request.query, etag)
        return Answer(204, b"")

    def _list(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        query, calendar = request.query, self.desk.calendar(parts[1], principal)
        if query.get("orderBy") == "startTime" and query.get("singleEvents") != "true":
            raise refuse(400, "invalid", "The requested ordering is not available for the particular query.")
        if "syncToken" in query:
            found = self._since(calendar, query)
        else:
            low, high = (_instant(query, key) for key in ("timeMin", "timeMax"))
            found = self.desk.listed(calendar, low=low, high=high, deleted=query.get("showDeleted") == "true")
        if "privateExtendedProperty" in query:
            key, _, value = query["privateExtendedProperty"].partition("=")
            found = [e for e in found if e.get("extendedProperties", {}).get("private", {}).get(key) == value]
        page = self._page(found, query)
        if "nextPageToken" not in page:
            page["nextSyncToken"] = f"sync{len(calendar.changes)}"
        about = {"kind": "calendar#events", "summary": calendar.summary, "timeZone": calendar.zone}
        return answer_json(200, {**about, "accessRole": calendar.role, "updated": stamp(self.clock()), **page})

    def _since(self, calendar: FakeCalendar, query: dict[str, str]) -> list[Json]:
        """What changed since a sync token was given."""
        if _NOT_WITH_A_SYNC_TOKEN & set(query) or query.get("showDeleted") == "false":
            raise refuse(400, "invalid", "The parameter cannot be used together with a sync token.")
        number = query["syncToken"].removeprefix("sync")
        if self.sync_tokens_die or not number.isdecimal():
            raise refuse(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        changed = dict.fromkeys(calendar.changes[int(number) :])
        return [
            event for event in self.desk.listed(calendar, low=None, high=None, deleted=True) if event["id"] in changed
        ]

    def _page(self, found: list[Json], query: dict[str, str]) -> Json:
        token, size = query.get("pageToken", "0"), min(int(query.get("maxResults", "250")), self.page_size)
        first, _, is_empty = token.partition("-")
        if not first.isdecimal():
            raise refuse(400, "invalid", "Invalid page token value.")
        if self.empty_pages and not is_empty:
            return {"items": [], "nextPageToken": f"{first}-now"}
        last = int(first) + size
        page: Json = {"items": found[int(first) : last]}
        return page if last >= len(found) else {**page, "nextPageToken": str(last)}

    def _calendars(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        writers_only = request.query.get("minAccessRole") == "writer"
        entries = [
            {
                "kind": "calendar#calendarListEntry",
                "id": c.id,
                "summary": c.summary,
                "timeZone": c.zone,
                "accessRole": c.role,
                **({"primary": True} if c.primary else {}),
                "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
            }
            for c in self.desk.calendars.values()
            if c.listed and not principal.is_plain and (c.role in {"writer", "owner"} or not writers_only)
        ]
        return answer_json(200, {"kind": "calendar#calendarList", "etag": '"1"', **self._page(entries, request.query)})

    def _busy(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        body = request.body
        low, high = _instant(body, "timeMin"), _instant(body, "timeMax")
        if low is None or high is None:
            raise refuse(400, "required", "Missing time range.")
        if high <= low:
            raise refuse(400, "timeRangeEmpty", "The specified time range is empty.")
        if high - low > LONGEST_BUSY_RANGE:
            raise refuse(400, "timeRangeTooLong", "The requested time range is too long.")
        wanted = [str(item["id"]) for item in body.get("items", [])]
        calendars: Json = {}
        for number in wanted:
            reason = self.desk.busy_errors.get(number)
            if len(wanted) > min(_MOST_CALENDARS, int(body.get("calendarExpansionMax", _MOST_CALENDARS))):
                reason = "tooManyCalendarsRequested"
            try:
                calendar = self.desk.calendar(number, principal)
            except ApiError:
                calendar, reason = FakeCalendar(number), reason or "notFound"
            key = calendar.id if number == "primary" and self.desk.primary_by_address else number
            errors = {"errors": [{"domain": "global", "reason": reason}]} if reason else {}
            calendars[key] = {**errors, "busy": [] if reason else self.desk.busy(calendar, low, high)}
        shown = {"timeMin": stamp(low), "timeMax": stamp(high), "calendars": calendars}
        return answer_json(200, {"kind": "calendar#freeBusy", **shown})

    def _watch(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        return answer_json(200, self.push.watch(self.desk.calendar(parts[1], principal).id, request.body))

    def _stop(self, request: Request, parts: list[str], principal: Principal) -> Answer:
        self.push.stop(request.body)
        return Answer(204, b"")


def _operation(method: str, parts: list[str]) -> str | None:
    shape = [part if part in _WORDS else "*" for part in parts]
    return _ROUTES.get(" ".join([method, *shape]))


_WORDS = {"calendars", "events", "watch", "users", "me", "calendarList", "freeBusy", "channels", "stop"}
_ROUTES = {
    "POST calendars * events": "create",
    "GET calendars * events": "list",
    "GET calendars * events *": "read",
    "PATCH calendars * events *": "move",
    "DELETE calendars * events *": "cancel",
    "POST calendars * events watch": "watch",
    "POST channels stop": "stop",
    "POST freeBusy": "busy",
    "GET users me calendarList": "calendars",
}


def _instant(given: Any, key: str) -> float | None:
    """Epoch seconds of a bound, which must carry an offset."""
    if key not in given:
        return None
    return edge_seconds({"dateTime": str(given[key])}, None)
