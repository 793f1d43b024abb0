"""What stands in the fake CalDAV account: calendars, their objects and their history, and how servers differ."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

USER, PASSWORD = "ada@example.com", "fake-app-password"


@dataclass(frozen=True)
class Quirks:
    """How one server product behaves; the defaults are those of Radicale."""

    root: str = ""  # where its DAV tree begins
    well_known: int = 301  # status of the redirect
    partition: str | None = None  # another host that holds the calendars, as at iCloud
    uid_conflict: tuple[int, str] = (409, "no-uid-conflict")
    names_the_other: bool = False  # whether a UID conflict says where the other object lies
    invalid: tuple[int, str] = (400, "")
    deleted: int = 200  # with a multistatus in the body; 204 without one
    overwrites: bool = False  # in spite of If-None-Match
    put_etag: str = "strong"  # strong, weak or none
    get_etag: str = "strong"
    trash_bin: bool = False
    hides_data: bool = False  # reports name objects without their text
    most: int | None = None  # objects in one answer; more is 507 for the collection
    sync: str = "token"  # token, ctag or none
    bad_token: int = 403
    strict_types: bool = True  # 415 for XML that is not declared as such
    absolute_hrefs: bool = False
    zone: str | None = None  # calendar-timezone of every calendar
    redirect: str | None = None  # everything is answered with a redirect to there
    doctype: str = ""  # put before every multistatus
    drops_unknown: bool = False  # X- properties vanish from what is stored


RADICALE = Quirks()
XANDIKOS = Quirks(
    well_known=302,
    uid_conflict=(412, "no-uid-conflict"),
    invalid=(412, "valid-calendar-data"),
    deleted=204,
    bad_token=412,
)
NEXTCLOUD = Quirks(root="/remote.php/dav", deleted=204, invalid=(415, ""), trash_bin=True, uid_conflict=(400, ""))
ICLOUD = Quirks(partition="p34-caldav.icloud.com", deleted=204, uid_conflict=(403, "unique-scheduling-object-resource"))
FASTMAIL = Quirks(root="/dav", deleted=204, uid_conflict=(403, "unique-scheduling-object-resource"))
ZIMBRA = Quirks(root="/dav", overwrites=True, deleted=204)
GMX = Quirks(put_etag="weak", sync="none", deleted=204)
PRODUCTS = {
    "radicale": RADICALE, "xandikos": XANDIKOS, "nextcloud": NEXTCLOUD, "icloud": ICLOUD, "fastmail": FASTMAIL,
    "zimbra": ZIMBRA, "gmx": GMX,
}  # fmt: skip


@dataclass
class Resource:
    text: str
    version: int
    since: float  # when it becomes visible

    @property
    def uid(self) -> str:
        found = re.search(r"(?m)^UID:(.*?)\r?$", self.text)
        return found[1] if found else ""

    @property
    def etag(self) -> str:
        return hashlib.sha256(f"{self.version}\n{self.text}".encode()).hexdigest()[:32]


@dataclass
class Shelf:
    """One calendar."""

    name: str
    title: str
    writable: bool = True
    kinds: tuple[str, ...] = ("VEVENT", "VTODO")
    resources: dict[str, Resource] = field(default_factory=dict)
    trash: set[str] = field(default_factory=set)  # UIDs
    log: list[str] = field(default_factory=list)  # names, one for each change

    @property
    def token(self) -> str:
        return f"https://caldav.invalid/sync/{self.name}/{len(self.log)}"


class Desk:
    """The account. Nothing is checked for overlaps: no CalDAV server does."""

    def __init__(self, *shelves: Shelf) -> None:
        self.shelves = {shelf.name: shelf for shelf in shelves or (Shelf("main", "Main"),)}
        self._versions = count(1)

    def put(self, shelf: Shelf, name: str, text: str, *, visible: float = 0.0) -> Resource:
        shelf.resources[name] = Resource(text, next(self._versions), visible)
        shelf.log.append(name)
        return shelf.resources[name]

    def delete(self, shelf: Shelf, name: str) -> None:
        shelf.trash.add(shelf.resources.pop(name).uid)
        shelf.log.append(name)

    # --- what a person does in a calendar program ---------------------------------------------------------------------

    def person_adds(self, lines: str, *, shelf: str = "main", name: str = "") -> str:
        """Add an event made of these property lines (UID and stamp are added); gives the resource's name."""
        number = next(self._versions)
        name = name or f"person-{number}.ics"
        body = "\r\n".join(line.strip() for line in lines.strip().splitlines())
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Person//EN\r\nBEGIN:VEVENT\r\n"
            f"UID:person-{number}\r\nDTSTAMP:20200101T000000Z\r\n{body}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        self.put(self.shelves[shelf], name, text)
        return name

    def person_puts(self, text: str, *, shelf: str = "main", name: str = "whole.ics") -> str:
        self.put(self.shelves[shelf], name, text.replace("\r\n", "\n").replace("\n", "\r\n"))
        return name

    def person_edits(self, name: str, old: str, new: str, *, shelf: str = "main") -> None:
        """Change a stored text by a regular expression."""
        there = self.shelves[shelf]
        self.put(there, name, re.sub(old, new, there.resources[name].text))

    def person_moves(self, name: str, start: datetime, *, minutes: int, shelf: str = "main") -> None:
        begun, ended = (
            t.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for t in (start, start + timedelta(minutes=minutes))
        )
        self.person_edits(name, r"DTSTART[^\r\n]*", f"DTSTART:{begun}", shelf=shelf)
        self.person_edits(name, r"DTEND[^\r\n]*", f"DTEND:{ended}", shelf=shelf)

    def person_deletes(self, name: str, *, shelf: str = "main") -> None:
        self.delete(self.shelves[shelf], name)


def may_overlap(text: str, start: datetime, end: datetime) -> bool:
    """Whether a server would report the object for this window: exact for plain UTC events, generous for all others."""
    found = [re.search(rf"(?m)^{name}([^:\r\n]*):(\d{{8}})(T\d{{6}})?(Z?)", text) for name in ("DTSTART", "DTEND")]
    if found[0] is None:
        return True
    begun = _moment(found[0])
    ended = _moment(found[1]) if found[1] else begun + timedelta(days=1)
    slack = timedelta() if found[0][4] else timedelta(days=1)
    if re.search(r"(?m)^(RRULE|RDATE|RECURRENCE-ID)", text):
        return begun - slack < end
    return begun - slack < end and start < ended + slack


def _moment(found: re.Match[str]) -> datetime:
    try:
        return datetime.strptime(found[2] + (found[3] or "T000000"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=UTC)
