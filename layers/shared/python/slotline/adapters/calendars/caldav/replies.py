"""What CalDAV servers answer: multistatus bodies and the meaning of every refusal.

Follows RFC 4918 (WebDAV), RFC 4791 (CalDAV) and RFC 6578 (sync); where servers differ, the open test servers Radicale
and Xandikos and the compatibility table of python-caldav (github.com/python-caldav/caldav) were the guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from slotline.adapters.calendars._http import lost
from slotline.domain.errors import InDoubtError, NotExecutedError, ProviderError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

DAV, CALDAV, CALENDARSERVER = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
OK, MULTISTATUS = 200, 207
DEEPEST_XML = 40


class UnsafeXmlError(ValueError):
    """A document type, entities or absurd nesting: nothing a CalDAV server has a reason to send."""


class _Builder(Xml.TreeBuilder):
    """Refuses a DTD before its first entity is read: defusedxml is no run-time dependency, and this is all it adds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise UnsafeXmlError(f"a document type ({len(name)} letters, {pubid is not None}, {system is not None})")

    def start(self, tag: str, attrs: dict[str, str], /) -> Xml.Element:
        self._depth += 1
        if self._depth > DEEPEST_XML:
            raise UnsafeXmlError("too many levels")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Xml.Element:
        self._depth -= 1
        return super().end(tag)


def xml_of(body: bytes) -> Xml.Element:
    """The document element; ValueError for what is no safe XML. The size was limited while it was read."""
    try:
        return Xml.fromstring(body, parser=Xml.XMLParser(target=_Builder()))  # noqa: S314  (_Builder refuses DTDs)
    except (Xml.ParseError, LookupError) as exc:  # LookupError: an encoding nobody knows
        raise ValueError("no XML") from exc


def _document(body: bytes, *, tag: str) -> Xml.Element:
    """An element of another name is as good as no XML at all: ValueError."""
    root = xml_of(body)
    if root.tag != tag:
        raise ValueError(f"<{root.tag}>")
    return root


@dataclass(frozen=True, slots=True)
class Entry:
    """One response of a multistatus: the properties that came with 200, and the status of the rest."""

    href: str
    status: int | None = None  # of the whole entry
    found: Mapping[str, Xml.Element] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The text of a property; None when it is missing or empty."""
        element = self.found.get(name)
        return (element.text or "").strip() or None if element is not None else None

    def href_in(self, name: str) -> str | None:
        element = self.found.get(name)
        inner = element.find(f"{DAV}href") if element is not None else None
        return ((inner.text or "").strip() or None) if inner is not None else None

    def texts_in(self, name: str, inner: str) -> tuple[str, ...]:
        element = self.found.get(name)
        return tuple((e.text or "").strip() for e in element.iter(inner)) if element is not None else ()

    def has(self, name: str, inner: str) -> bool:
        element = self.found.get(name)
        return element is not None and element.find(f".//{inner}") is not None


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole multistatus."""

    entries: tuple[Entry, ...]
    sync_token: str | None = None


def multistatus(response: httpx.Response, *, name: str) -> Answered:
    """NotExecutedError (nothing was learned by reading) when it is none."""
    try:
        root = _document(response.content, tag=f"{DAV}multistatus")
        entries = tuple(_entry(element) for element in root.findall(f"{DAV}response"))
    except ValueError as exc:
        raise lost(name, f"HTTP {response.status_code} with an unreadable multistatus", writes=False) from exc
    token = root.findtext(f"{DAV}sync-token")
    return Answered(entries, token.strip() if token else None)


def _entry(element: Xml.Element) -> Entry:
    href = (element.findtext(f"{DAV}href") or "").strip()
    found: dict[str, Xml.Element] = {}
    for propstat in element.findall(f"{DAV}propstat"):
        properties = propstat.find(f"{DAV}prop")
        if properties is not None and (_status(propstat) or OK) == OK:
            found.update((child.tag, child) for child in properties)
    return Entry(href, _status(element), found)


def _status(element: Xml.Element) -> int | None:
    line = element.findtext(f"{DAV}status")
    match = re.match(r"\s*HTTP/[\d.]+\s+(\d{3})", line or "")
    return int(match[1]) if match else None


# --- refusals --------------------------------------------------------------------------------------------------------


class Meaning(StrEnum):
    """What an answer that is no success says."""

    EXISTS = "something has this name, or had it"
    UID_ELSEWHERE = "another resource has this UID"
    BURNT = "an event with this UID was deleted, and lies in the trash bin"
    GONE = "not there"
    STALE = "changed meanwhile"
    TOO_MANY = "more than the server gives at once"
    TOO_OLD = "the sync token is too old"
    NOT_OFFERED = "the server has no such method or report"
    MOVED = "the server answers with a redirect"
    BUSY = "locked or too early"
    TIMED_OUT = "the server gave up reading"
    DATES = "the server keeps no events so early or so late"
    BAD_EVENT = "the server calls our iCalendar text invalid"
    NO_ROOM = "too large, or over the quota"
    NO_RIGHT = "no right to do this"
    CONFLICT = "a conflict"
    UNKNOWN = "an answer that is not in the table"


@dataclass(frozen=True, slots=True)
class _Row:
    statuses: frozenset[int]  # empty: any
    words: str  # of the error element, or of the body where there is none; empty: any
    means: Meaning


def _row(statuses: tuple[int, ...], words: str, means: Meaning) -> _Row:
    return _Row(frozenset(statuses), words, means)


_ROWS = (
    _row((), r"no-uid-conflict|unique-scheduling-object-resource", Meaning.UID_ELSEWHERE),
    _row((400, 403, 409), r"deleted calendar object|trash ?bin", Meaning.BURNT),
    _row((), r"valid-sync-token", Meaning.TOO_OLD),
    _row((), r"number-of-matches-within-limits", Meaning.TOO_MANY),
    _row((), r"(min|max)-date-time", Meaning.DATES),
    _row((), r"valid-calendar-(data|object-resource)|supported-calendar-(data|component)", Meaning.BAD_EVENT),
    _row((), r"max-resource-size|max-instances|max-attendees|quota", Meaning.NO_ROOM),
    _row((), r"supported-report", Meaning.NOT_OFFERED),
    _row((301, 302, 303, 307, 308), "", Meaning.MOVED),
    _row((404, 410), "", Meaning.GONE),
    _row((412,), "", Meaning.STALE),
    _row((409,), r"already exists|uid", Meaning.EXISTS),
    _row((400,), r"already exists", Meaning.EXISTS),
    _row((409,), "", Meaning.CONFLICT),
    _row((403,), "", Meaning.NO_RIGHT),
    _row((405, 415, 501), "", Meaning.NOT_OFFERED),
    _row((408,), "", Meaning.TIMED_OUT),
    _row((423, 425), "", Meaning.BUSY),
    _row((413, 507), "", Meaning.NO_ROOM),
    _row((400, 422), "", Meaning.BAD_EVENT),
)
"""The first row that fits decides. 401, 429 and 5xx never come here: `_http` judges them for every provider."""

COLLISIONS = frozenset({
    Meaning.EXISTS, Meaning.UID_ELSEWHERE, Meaning.BURNT, Meaning.STALE, Meaning.CONFLICT, Meaning.NO_RIGHT,
    Meaning.BAD_EVENT,
})  # fmt: skip
"""After a create, each of these may hide our own earlier success: only a look tells."""


def meaning(response: httpx.Response) -> Meaning:
    words = _words(response)
    for row in _ROWS:
        if row.statuses and response.status_code not in row.statuses:
            continue
        if not row.words or re.search(row.words, words, re.IGNORECASE):
            return row.means
    return Meaning.UNKNOWN


def href_of_conflict(response: httpx.Response) -> str | None:
    """Where the other object with our UID lies, when the server says so."""
    try:
        found = xml_of(response.content).find(f".//{DAV}href")
    except ValueError:
        return None
    return (found.text or "").strip() or None if found is not None else None


def refusal(response: httpx.Response, *, name: str, field: str, writes: bool) -> ProviderError:
    """The error behind an answer; `field` is the setting of the calendar that was asked with."""
    means, status = meaning(response), response.status_code
    where = f"calendars.{name}.{field}"
    said = f"HTTP {status}, {means}"
    if response.is_success:  # a page, say, where a multistatus was asked for
        return SetupError(f"calendars.{name}.base_url: HTTP {status}, no answer of a CalDAV service; name its address")
    match means:
        case Meaning.DATES:
            return RefusedError(Refusal.TOO_SOON_OR_FAR, f"{name}: {said}")
        case Meaning.BURNT:
            return RefusedError(Refusal.GONE, f"{name}: {said}")
        case Meaning.BUSY | Meaning.STALE:
            return NotExecutedError(f"{name}: {said}", retry_after=5.0)
        case Meaning.TOO_MANY:
            return NotExecutedError(f"{name}: {said}")
        case Meaning.TIMED_OUT:
            return InDoubtError(f"{name}: {said}") if writes else NotExecutedError(f"{name}: {said}")
        case Meaning.GONE | Meaning.CONFLICT:
            return SetupError(f"{where}: {said}; no such calendar, so name one that `slotline calendars` lists")
        case Meaning.NO_RIGHT:
            return SetupError(f"{where}: {said}; give the user write access, or renew the app password")
        case Meaning.MOVED | Meaning.NOT_OFFERED:
            return SetupError(f"calendars.{name}.base_url: {said}; name the address of the CalDAV service itself")
        case Meaning.NO_ROOM:
            return SetupError(f"{where}: {said}; make room in the account")
        case _:
            return SetupError(f"{where}: {said}")


def _words(response: httpx.Response) -> str:
    """The names of the error's elements and the texts of its messages; for anything but XML, the start of the body."""
    try:
        root = xml_of(response.content)
    except ValueError:
        return response.content[:500].decode("utf-8", "replace")
    texts = [(e.text or "").strip() for e in root.iter() if e.tag.endswith("}message")]
    return " ".join([e.tag.rpartition("}")[2] for e in root.iter()] + texts)
