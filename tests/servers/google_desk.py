"""What stands in a fake Google account: calendars, their events, free/busy and lists. No HTTP here.

The rules are those of https://developers.google.com/workspace/calendar/api/v3/reference: ids chosen by the client and
never free again, deleted events that stay as `cancelled`, etags that change with every write, a free/busy answer that
can carry a failed calendar.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.servers.google_shapes import edge_seconds, merged, refuse, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.faulty import Json

OWNER = "desk@example.com"
DAY_SECONDS = 86_400
LONGEST_BUSY_RANGE = 90 * DAY_SECONDS
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")


@dataclass
class StoredEvent:
    body: Json
    made: float
    version: int = 1
    meet_due: bool = False  # the next read finds the link made


@dataclass
class FakeCalendar:
    id: str
    summary: str = "Front desk"
    zone: str = "Europe/Rome"
    role: str = "owner"  # of the signed-in account
    primary: bool = False
    listed: bool = True  # one shared with a service account is in no list
    events: dict[str, StoredEvent] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)  # ids in the order they changed


@dataclass
class Principal:
    """Who a token speaks for."""

    subject: str = OWNER
    service_account: bool = False
    scopes: frozenset[str] = frozenset({"calendar.events", "calendar.freebusy", "calendar.calendarlist.readonly"})

    @property
    def is_plain(self) -> bool:
        """A service account that acts for nobody."""
        return self.service_account and self.subject == ""


class Desk:
    """The account's calendars. Switches for quirks that Google does not document are plain attributes."""

    def __init__(self, clock: Callable[[], float], *calendars: FakeCalendar) -> None:
        self.clock = clock
        self.calendars = {c.id: c for c in calendars or (FakeCalendar(OWNER, primary=True),)}
        self.visible_after = 0.0  # seconds until reads see a new event
        self.bare_tombstones = False  # of a deleted event only the id is left
        self.forgets_tombstones = False  # nor even that
        self.busy_errors: dict[str, str] = {}  # reason by calendar id
        self.primary_by_address = False  # free/busy answers for "primary" under the address
        self.meet_fails = False
        self.mails: list[tuple[str, str]] = []  # (sendUpdates, event id) of every write that mails
        self.changed: list[str] = []  # calendar ids, for the watch channels
        self._count = 0

    def calendar(self, calendar_id: str, principal: Principal) -> FakeCalendar:
        found = self.calendars.get(calendar_id)
        if calendar_id == "primary":
            found = next((c for c in self.calendars.values() if c.primary and not principal.is_plain), None)
            if found is None and principal.is_plain:  # its own empty one, a classic mistake
                found = self.calendars.setdefault("robot", FakeCalendar("robot", summary="robot", listed=False))
        if found is None or found.role == "none":
            raise refuse(404, "notFound", "Not Found")
        return found

    # --- writes -------------------------------------------------------------------------------------------------------

    def insert(self, calendar: FakeCalendar, body: Json, query: Json, principal: Principal) -> Json:
        _may_write(calendar)
        number = body.get("id") or f"auto{len(calendar.events):05d}"
        if not EVENT_ID.fullmatch(number):
            raise refuse(400, "invalid", "Invalid resource id value.")
        if "iCalUID" in body and "id" in body:
            raise refuse(400, "invalid", "Give id or iCalUID, not both.")
        self._check(body, query, principal)
        if number in calendar.events:
            raise refuse(409, "duplicate", "The requested identifier already exists.")
        kept = deepcopy(body) | {"id": number}
        if query.get("conferenceDataVersion") != "1":
            kept.pop("conferenceData", None)
        kept |= {
            "kind": "calendar#event",
            "status": body.get("status", "confirmed"),
            "iCalUID": f"{number}@google.com",
            "htmlLink": f"https://www.google.com/calendar/event?eid={number}",
            "created": stamp(self.clock()),
            "creator": {"email": principal.subject or "robot@project.iam.gserviceaccount.com"},
            "organizer": {"email": calendar.id, "self": True},
            "sequence": 0,
            "eventType": "default",
        }
        for guest in kept.get("attendees", []):
            guest.setdefault("responseStatus", "needsAction")
        stored = StoredEvent(kept, self.clock())
        if "conferenceData" in kept:
            kept["conferenceData"]["createRequest"]["status"] = {"statusCode": "pending"}
            stored.meet_due = True
        calendar.events[number] = stored
        return self._wrote(calendar, number, query)

    def patch(self, calendar: FakeCalendar, number: str, body: Json, query: Json, etag: str) -> Json:
        _may_write(calendar)
        stored = self._standing(calendar, number)
        self._match(stored, etag)
        if stored.body["status"] == "cancelled":
            raise refuse(403, "forbidden", "Forbidden")
        if not stored.body["organizer"].get("self"):
            raise refuse(403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer.")
        changed = merged(stored.body, {k: v for k, v in body.items() if k != "conferenceData"})
        if query.get("conferenceDataVersion") != "1":
            changed.pop("conferenceData", None)  # the reference warns that it can be dropped: here it always is
            changed.pop("hangoutLink", None)
        self._check(changed, {}, Principal())
        stored.body = changed
        return self._wrote(calendar, number, query)

    def delete(self, calendar: FakeCalendar, number: str, query: Json, etag: str) -> None:
        _may_write(calendar)
        stored = self._standing(calendar, number)
        if stored.body["status"] == "cancelled":
            raise refuse(410, "deleted", "Resource has been deleted")
        self._match(stored, etag)
        stored.body["status"] = "cancelled"
        self._wrote(calendar, number, query)

    def _wrote(self, calendar: FakeCalendar, number: str, query: Json) -> Json:
        stored = calendar.events[number]
        self._count += 1
        stored.version = self._count
        stored.body |= {"etag": f'"{stored.version}000"', "updated": stamp(self.clock())}
        calendar.changes.append(number)
        self.changed.append(calendar.id)
        if query.get("sendUpdates", "none") != "none" and stored.body.get("attendees"):
            self.mails.append((query["sendUpdates"], number))
        return deepcopy(stored.body)

    def _check(self, body: Json, query: Json, principal: Principal) -> None:
        edges = []
        for edge in ("start", "end"):
            if not isinstance(body.get(edge), dict):
                raise refuse(400, "required", f"Missing {edge} time.")
            edges.append(edge_seconds(body[edge], UTC, strict=True))
        if edges[1] < edges[0]:
            raise refuse(400, "timeRangeEmpty", "The specified time range is empty.")
        if body.get("attendees") and principal.is_plain:
            words = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
            raise refuse(403, "forbiddenForServiceAccounts", words, domain="calendar")
        for guest in body.get("attendees", []):
            if "@" not in guest.get("email", ""):
                raise refuse(400, "invalid", "Invalid attendee email.")
        if "conferenceData" in body and query.get("conferenceDataVersion") == "1" and principal.is_plain:
            raise refuse(400, "invalid", "Invalid conference type value.")

    def _match(self, stored: StoredEvent, etag: str) -> None:
        if etag and etag not in {stored.body["etag"], "*"}:
            raise refuse(412, "conditionNotMet", "Precondition Failed", location="If-Match")

    def _standing(self, calendar: FakeCalendar, number: str) -> StoredEvent:
        stored = calendar.events.get(number)
        if stored is None or (self.forgets_tombstones and stored.body["status"] == "cancelled"):
            raise refuse(404, "notFound", "Not Found")
        return stored

    # --- reads --------------------------------------------------------------------------------------------------------

    def get(self, calendar: FakeCalendar, number: str) -> Json:
        stored = self._standing(calendar, number)
        if self.clock() < stored.made + self.visible_after:
            raise refuse(404, "notFound", "Not Found")
        return self._shown(stored)

    def _shown(self, stored: StoredEvent) -> Json:
        if stored.body["status"] == "cancelled" and self.bare_tombstones:
            return {k: stored.body[k] for k in ("kind", "id", "status", "etag")}
        shown = deepcopy(stored.body)
        if stored.meet_due:  # made in the background: the next read finds it
            stored.meet_due = False
            conference = stored.body["conferenceData"]
            conference["createRequest"]["status"] = {"statusCode": "failure" if self.meet_fails else "success"}
            if not self.meet_fails:
                link = f"https://meet.google.com/{stored.body['id'][:3]}-{stored.body['id'][3:7]}-abc"
                conference["entryPoints"] = [{"entryPointType": "video", "uri": link}]
                stored.body["hangoutLink"] = link
        return shown

    def listed(self, calendar: FakeCalendar, *, low: float | None, high: float | None, deleted: bool) -> list[Json]:
        """Events whose end lies after `low` and whose start before `high`, soonest first."""
        zone, found = ZoneInfo(calendar.zone), []
        for stored in calendar.events.values():
            start, end = (edge_seconds(stored.body[edge], zone) for edge in ("start", "end"))
            is_cancelled = stored.body["status"] == "cancelled"
            hidden = (is_cancelled and not deleted) or self.clock() < stored.made + self.visible_after
            if not hidden and (low is None or end > low) and (high is None or start < high):
                found.append((start, stored.body["id"], stored))
        return [self._shown(stored) for _, _, stored in sorted(found, key=lambda f: f[:2])]

    def busy(self, calendar: FakeCalendar, low: float, high: float) -> list[Json]:
        """Merged busy times, cut to the range; free, declined and deleted events do not count."""
        zone, spans = ZoneInfo(calendar.zone), []
        for body in self.listed(calendar, low=low, high=high, deleted=False):
            own = [g for g in body.get("attendees", []) if g.get("self")]
            if body.get("transparency") == "transparent" or any(g.get("responseStatus") == "declined" for g in own):
                continue
            start, end = (edge_seconds(body[edge], zone) for edge in ("start", "end"))
            spans.append((max(start, low), min(end, high)))
        joined: list[tuple[float, float]] = []
        for start, end in sorted(spans):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return [{"start": stamp(start), "end": stamp(end)} for start, end in joined]

    # --- what people do -----------------------------------------------------------------------------------------------

    def person_adds(self, start: Json, end: Json, *, calendar_id: str = OWNER, **fields: Any) -> str:
        """A person enters an event in Google's own pages; `start` and `end` as the API shows them."""
        calendar = self.calendars[calendar_id]
        body = {"summary": "Private", "start": start, "end": end, **fields}
        return str(self.insert(calendar, body, {}, Principal())["id"])

    def person_changes(self, number: str, *, calendar_id: str = OWNER, **fields: Any) -> None:
        calendar = self.calendars[calendar_id]
        calendar.events[number].body = merged(calendar.events[number].body, fields)
        self._wrote(calendar, number, {})

    def act(self, body: Json) -> Json:
        """A person's deed as told over HTTP: add, move (start and end) or delete (id)."""
        action, number = body.get("action"), str(body.get("id", ""))
        more = {key: value for key, value in body.items() if key not in {"action", "id"}}
        if action == "add":
            number = self.person_adds(more.pop("start"), more.pop("end"), **more)
        elif action == "move":
            self.person_changes(number, **more)
        elif action == "delete":
            self.person_deletes(number, **more)
        else:
            raise refuse(400, "invalid", "action must be add, move or delete")
        return {"id": number}

    def person_deletes(self, number: str, *, calendar_id: str = OWNER) -> None:
        self.delete(self.calendars[calendar_id], number, {}, "")


def _may_write(calendar: FakeCalendar) -> None:
    if calendar.role not in {"writer", "owner"}:
        raise refuse(403, "forbidden", "Forbidden")
