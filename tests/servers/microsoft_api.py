"""The routes and checks of the fake Microsoft Graph: requests in, answers out, without any network."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.servers import microsoft_shapes as shapes
from tests.servers.faulty import Answer, ApiError, FaultyApi, Json, Request, answer_json
from tests.servers.microsoft_hooks import Hooks
from tests.servers.microsoft_login import Login, oauth_body
from tests.servers.microsoft_mailbox import OWNER, Folder, Item, Mailbox, Store
from tests.servers.microsoft_shapes import only

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN, APP_TOKEN = "graph-token", "graph-app-token"
AT_ONCE = 4
LONGEST_VIEW = timedelta(days=1825)
LONGEST_SCHEDULE = timedelta(days=62)

EVENT_KEYS = {
    "transactionId", "subject", "body", "start", "end", "location", "attendees", "showAs", "sensitivity",
    "isReminderOn", "reminderMinutesBeforeStart", "allowNewTimeProposals", "responseRequested", "hideAttendees",
    "isOnlineMeeting", "onlineMeetingProvider", "singleValueExtendedProperties", "isAllDay",
}  # fmt: skip
EXPAND = re.compile(r"singleValueExtendedProperties\(\$filter=id eq '(String \{[0-9a-f-]{36}\} Name \w+)'\)")
TAGGED = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '(String \{[0-9a-f-]{36}\} Name \w+)'"
    r" and ep/value eq '((?:[^']|'')*)'\)"
)


class MicrosoftApi(FaultyApi):
    """Operations for faults: token, settings, calendars, schedule, view, search, create, read, move, cancel, delete,
    subscribe, subscriptions, renew, unsubscribe. Switches are on `store`, `hooks`, `login` and here.
    """

    def __init__(self, *, clock: Callable[[], float], mailboxes: tuple[Mailbox, ...] = ()) -> None:
        super().__init__(clock)
        self.store = Store(clock, mailboxes)
        self.hooks = Hooks(self.store)
        owner = next(iter(self.store.mailboxes.values())).address
        self.login = Login(clock, owner, tokens={TOKEN: owner, APP_TOKEN: None})
        self.duplicate_status = 400
        self.names_existing = True
        self.page_size = 100
        self.schedule_gives_labels = False
        self.conflicts = 0  # so many changes fail with 412 although nobody else wrote
        self.measures: Callable[[], float] | None = None  # with a clock, a fifth request at once is refused
        self.exchanges: list[tuple[str, str, bytes, Answer]] = []
        self._running: list[float] = []

    # --- what FaultyApi asks ------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> Answer:
        with self._lock:
            if self.measures is not None:
                self._running = [end for end in self._running if end > self.measures()]
                if len(self._running) >= AT_ONCE:
                    over = ApiError(
                        429, "Application is over its MailboxConcurrency limit.", headers={"Retry-After": "1"}
                    )
                    return self.failed(over)
            if "+" in target.partition("?")[2]:  # OData knows %20 only
                return self.failed(ApiError(400, "The query specified in the URI is not valid.", code="BadRequest"))
            done = super().answer(method, target, headers, body)
            self.exchanges.append((method, target, body, done))
            if self.measures is not None and done.delay:
                self._running.append(self.measures() + done.delay)
            return done

    def failed(self, error: ApiError) -> Answer:
        if "oauth" in error.more:
            return answer_json(error.status, oauth_body(error))
        body = shapes.error_body(error, now=self.store.now, existing_is_named=self.names_existing)
        return Answer(error.status or self.duplicate_status, json.dumps(body).encode(), error.headers)

    def shown(self) -> list[Json]:
        return [
            shapes.shown_event(item, self.store) | {"isDeleted": item.is_deleted, "tags": item.properties}
            for item in self.store.items.values()
        ]

    def act(self, body: Json) -> object:
        action, store = body.get("action"), self.store
        if action == "add":
            start, end = shapes.edge(body, "start"), shapes.edge(body, "end")
            extra = {k: v for k, v in body.items() if k not in {"action", "start", "end"}}
            return shapes.shown_event(store.people_add(start, end, **extra), store)
        if action == "move":
            return shapes.shown_event(store.people_move(str(body["id"]), shapes.edge(body, "start")), store)
        if action == "delete":
            return shapes.shown_event(store.people_delete(str(body["id"])), store)
        raise ApiError(400, "action must be add, move or delete")

    def deliveries(self) -> list[tuple[str, dict[str, str], bytes]]:
        with self._lock:
            return self.hooks.deliveries()

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        token = re.fullmatch(r"/([^/]+)/oauth2/v2\.0/token", request.path)
        if token:
            return "token", lambda r: answer_json(200, self.login.token(token[1], r.body))
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in self.login.tokens:
            raise ApiError(401, "Access token is empty or has expired.")
        path = request.path.removeprefix("/v1.0")
        hook = re.fullmatch(r"/subscriptions(?:/([^/]+))?", path)
        if hook:
            return self._hook_route(request, hook[1], self.login.tokens[given])
        mailbox, rest = self._mailbox(path, self.login.tokens[given])
        for method, pattern, operation, work in self._routes(mailbox):
            found = re.fullmatch(pattern, rest)
            if method == request.method and found:
                return operation, partial(_with_path, work, found.groups())
        raise ApiError(404, "Resource not found for the segment", code="ResourceNotFound")

    # --- routes -------------------------------------------------------------------------------------------------------

    def _mailbox(self, path: str, owner: str | None) -> tuple[Mailbox, str]:
        found = re.fullmatch(r"/(?:me|users/([^/]+))(/.*)", path)
        if found is None:
            raise ApiError(404, "Resource not found for the segment", code="ResourceNotFound")
        if found[1] is None and owner is None:
            raise ApiError(400, "/me request is only valid with delegated authentication flow.", code="BadRequest")
        return self.store.mailbox(found[1] or owner or OWNER), found[2]

    def _routes(self, mailbox: Mailbox) -> list[tuple[str, str, str, Callable[..., Answer]]]:
        calendar = r"/calendar(?:s/([^/]+))?"

        def folder(number: str | None) -> Folder:
            return self.store.folder(mailbox, number)

        def item(number: str) -> Item:
            return self.store.item(mailbox, number)

        return [
            ("GET", "/mailboxSettings", "settings", lambda _: self._settings(mailbox)),
            ("GET", "/calendars", "calendars", lambda r: self._calendars(r, mailbox)),
            ("POST", rf"{calendar}/getSchedule", "schedule", lambda r, _: self._schedule(r, mailbox)),
            ("GET", rf"{calendar}/calendarView", "view", lambda r, c: self._view(r, mailbox, folder(c))),
            ("GET", rf"{calendar}/events", "search", lambda r, c: self._search(r, mailbox, folder(c))),
            ("POST", rf"{calendar}/events", "create", lambda r, c: self._create(r, mailbox, folder(c))),
            ("GET", "/events/([^/]+)", "read", lambda r, e: self._shown(r, item(e))),
            ("PATCH", "/events/([^/]+)", "move", lambda r, e: self._patch(r, item(e))),
            ("POST", "/events/([^/]+)/cancel", "cancel", lambda r, e: self._cancel(r, item(e))),
            ("DELETE", "/events/([^/]+)", "delete", lambda r, e: self._delete(item(e))),
        ]

    def _settings(self, mailbox: Mailbox) -> Answer:
        if not mailbox.settings_are_open:
            raise ApiError(403, "Access is denied. Check credentials and try again.")
        return answer_json(200, {"timeZone": mailbox.zone})

    def _calendars(self, request: Request, mailbox: Mailbox) -> Answer:
        return shapes.paged(
            request, self.page_size, [shapes.shown_calendar(f, mailbox) for f in mailbox.folders.values()]
        )

    def _schedule(self, request: Request, mailbox: Mailbox) -> Answer:
        body = request.body
        only(body, {"schedules", "startTime", "endTime", "availabilityViewInterval"})
        if mailbox.is_personal:
            raise ApiError(403, "This is not served for personal accounts.")
        start, end = shapes.moment(body.get("startTime")), shapes.moment(body.get("endTime"))
        if end - start >= LONGEST_SCHEDULE:
            raise ApiError(400, "The allowed limit = 62 days", code="ErrorTimeIntervalTooBig")
        if not 1 <= len(body.get("schedules", [])) <= 20:
            raise ApiError(400, "Too many schedules", code="ErrorInvalidParameter")
        found = [
            shapes.shown_schedule(address, self.store, start, end, as_labels=self.schedule_gives_labels)
            for address in body["schedules"]
        ]
        return answer_json(200, {"value": found})

    def _view(self, request: Request, mailbox: Mailbox, folder: Folder) -> Answer:
        start, end = shapes.edge(request.query, "startDateTime"), shapes.edge(request.query, "endDateTime")
        if end <= start or end - start > LONGEST_VIEW:
            raise ApiError(400, "The range is not valid", code="ErrorInvalidParameter")
        return shapes.paged(
            request, self.page_size, [self._event(request, i) for i in self.store.view(mailbox, folder, start, end)]
        )

    def _search(self, request: Request, mailbox: Mailbox, folder: Folder) -> Answer:
        wanted = TAGGED.fullmatch(request.query.get("$filter", ""))
        if wanted is None:
            raise ApiError(400, "Invalid filter clause", code="BadRequest")
        # Names compare exactly, values do not.
        found = [
            item
            for item in self.store.visible(mailbox, folder)
            if item.properties.get(wanted[1], "").lower() == wanted[2].replace("''", "'").lower()
        ]
        return shapes.paged(request, self.page_size, [self._event(request, item) for item in found])

    def _create(self, request: Request, mailbox: Mailbox, folder: Folder) -> Answer:
        body = request.body
        only(body, EVENT_KEYS)
        start, end = shapes.moment(body.get("start")), shapes.moment(body.get("end"))
        if end <= start:
            raise ApiError(400, "The end must be after the start.", code="ErrorPropertyValidationFailure")
        for person in body.get("attendees", []):
            if "@" not in person["emailAddress"]["address"]:
                raise ApiError(400, "At least one recipient isn't valid.", code="ErrorInvalidRecipients")
        kept = ("subject", "location", "attendees", "isOnlineMeeting", "onlineMeetingProvider", "body", "sensitivity")
        made = self.store.create(
            mailbox,
            folder,
            fingerprint=json.dumps(body),
            start=start,
            end=end,
            transaction=body.get("transactionId"),
            show_as=body.get("showAs", "busy"),
            properties={p["id"]: p["value"] for p in body.get("singleValueExtendedProperties", [])},
            sent={key: body[key] for key in kept if key in body},
        )
        return answer_json(201, self._event(request, made, expands=False))

    def _shown(self, request: Request, item: Item) -> Answer:
        return answer_json(200, self._event(request, item))

    def _patch(self, request: Request, item: Item) -> Answer:
        only(request.body, {"start", "end"})
        if self.conflicts > 0:
            self.conflicts -= 1
            raise ApiError(412, "The change key does not match.", code="ErrorIrresolvableConflict")
        start, end = shapes.moment(request.body.get("start")), shapes.moment(request.body.get("end"))
        moved = self.store.patch(item, if_match=request.headers.get("if-match"), start=start, end=end)
        return answer_json(200, self._event(request, moved))

    def _cancel(self, request: Request, item: Item) -> Answer:
        only(request.body, {"Comment"})
        is_meeting = bool(item.sent.get("attendees")) or self.store.cancels_without_attendees
        if not item.is_organizer or not is_meeting or item.is_deleted:
            raise ApiError(400, "You need to be an organizer to cancel a meeting.", code="ErrorInvalidRequest")
        self.store.remove(item, kind="cancelled")
        return Answer(202, b"")

    def _delete(self, item: Item) -> Answer:
        self.store.remove(item)
        return Answer(204, b"")

    # --- subscriptions ------------------------------------------------------------------------------------------------

    def _hook_route(
        self, request: Request, number: str | None, owner: str | None
    ) -> tuple[str, Callable[[Request], Answer]]:
        hooks = self.hooks

        def subscribe(asked: Request) -> Answer:
            match = re.fullmatch(r"(?:me|users/([^/]+))/events", str(asked.body.get("resource")))
            if match is None or (match[1] is None and owner is None):
                raise ApiError(400, "The resource is not supported", code="ExtensionError")
            mailbox = self.store.mailbox(match[1] or owner or OWNER)
            made = hooks.create(mailbox.address, asked.body)
            return answer_json(201, hooks.shown(made, with_secret=True))

        def everything(asked: Request) -> Answer:
            return shapes.paged(asked, self.page_size, [hooks.shown(s) for s in hooks.subscriptions.values()])

        def unsubscribe(_: Request) -> Answer:
            hooks.remove(str(number))
            return Answer(204, b"")

        works: dict[tuple[str, bool], tuple[str, Callable[[Request], Answer]]] = {
            ("POST", False): ("subscribe", subscribe),
            ("GET", False): (
                "subscriptions",
                lambda r: shapes.paged(r, self.page_size, [hooks.shown(s) for s in hooks.subscriptions.values()]),
            ),
            ("GET", True): ("subscriptions", lambda _: answer_json(200, hooks.shown(hooks.find(str(number))))),
            ("PATCH", True): ("renew", lambda r: answer_json(200, hooks.shown(hooks.renew(str(number), r.body)))),
            ("DELETE", True): ("unsubscribe", unsubscribe),
        }
        found = works.get((request.method, number is not None))
        if found is None:
            raise ApiError(405, "Method not allowed", code="MethodNotAllowed")
        return found

    # --- inside -------------------------------------------------------------------------------------------------------

    def _event(self, request: Request, item: Item, *, expands: bool = True) -> Json:
        """The event as the request wants it: times in its zone, and ids that last only where it asks for them."""
        prefer = request.headers.get("prefer", "")
        zone = re.search(r'outlook\.timezone="([^"]+)"', prefer)
        wanted = EXPAND.fullmatch(request.query.get("$expand", "")) if expands else None
        if expands and "$expand" in request.query and wanted is None:
            raise ApiError(400, "Invalid expand", code="BadRequest")
        shown = shapes.shown_event(
            item, self.store, zone=zone[1] if zone else "UTC", expands=wanted[1] if wanted else None
        )
        if 'IdType="ImmutableId"' not in prefer:
            shown["id"] = shown["id"].replace("AAkALg", "AAMkAD")
        select = request.query.get("$select")
        fixed = {"@odata.etag", "id", "singleValueExtendedProperties"}
        return {k: v for k, v in shown.items() if select is None or k in fixed or k in select.split(",")}


def _with_path(work: Callable[..., Answer], found: tuple[str, ...], request: Request) -> Answer:
    """The work, with what its path named."""
    return work(request, *found)
