"""The routes of the fake CalDAV server: WebDAV methods in, answers out, without any network.

The operations that can fail: create (PUT), move (PUT over something), read (GET), cancel (DELETE), busy (REPORT
calendar-query), sync (REPORT sync-collection) and discover (PROPFIND).
"""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree as Xml
from xml.sax.saxutils import escape

from tests.servers.caldav_desk import PASSWORD, USER, Desk, Quirks, Resource, Shelf, may_overlap
from tests.servers.faulty import Answer, ApiError, FaultyApi, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.servers.faulty import Json

DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
HEAD = '<?xml version="1.0"?>'
SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"'


class CaldavApi(FaultyApi):
    """Requests in, answers out. One user, whose principal is /ada and whose calendars lie in /ada/cal."""

    def __init__(
        self, desk: Desk | None = None, *, quirks: Quirks | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(clock)
        self.desk = desk or Desk()
        self.quirks = quirks or Quirks()
        self.visible_after = 0.0  # seconds until a new object shows up in reports
        self.passwords = {PASSWORD}
        self.rights = True  # False: 403 for every change
        self.hosts: list[str] = []  # that were asked, in order

    # --- what FaultyApi asks for ------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if urlsplit(target).path.startswith("/_"):
            return super().answer(method, target, headers, body)
        with self._lock:
            self.settle()
            known = {key.lower(): value for key, value in headers.items()}
            request = Request(method, unquote(urlsplit(target).path), {}, known, {"raw": body})
            self.seen.append(request)
            self.hosts.append(known.get("host", ""))
            try:
                return self._with_faults(request)
            except ApiError as error:
                return self.failed(error)

    def failed(self, error: ApiError) -> Answer:
        element = error.more.get("element", "")
        inner = f"<c:{element}>{error.more.get('inner', '')}</c:{element}>" if element else ""
        message = f"<s:message>{escape(str(error.message))}</s:message>" if error.message else ""
        body = f'{HEAD}<d:error {SPACES} xmlns:s="http://sabredav.org/ns">{inner}{message}</d:error>'
        headers = {"Content-Type": "application/xml"} | error.headers
        if error.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="fake"'
        return Answer(error.status, body.encode() if inner or message else b"", headers)

    def act(self, body: Json) -> object:
        action, name, shelf = body.get("action"), str(body.get("name", "")), str(body.get("calendar", "main"))
        if action == "add":
            return {"name": self.desk.person_adds(str(body["lines"]), shelf=shelf, name=name)}
        if action == "move":
            self.desk.person_moves(name, datetime.fromisoformat(str(body["start"])), minutes=int(body["minutes"]))
        elif action == "delete":
            self.desk.person_deletes(name, shelf=shelf)
        else:
            raise ApiError(400, "action must be add, move or delete")
        return {"name": name}

    def shown(self) -> list[Json]:
        return [
            {"calendar": shelf.name, "name": name, "uid": r.uid, "text": r.text}
            for shelf in self.desk.shelves.values()
            for name, r in shelf.resources.items()
        ]

    def route(self, request: Request) -> tuple[str, Callable[[Request], Answer]]:
        if self.quirks.redirect is not None:
            return "redirect", lambda _: Answer(302, b"", {"Location": self.quirks.redirect or ""})
        login = request.headers.get("authorization", "").removeprefix("Basic ")
        given = base64.b64decode(login or b"").decode()
        if given not in {f"{USER}:{password}" for password in self.passwords}:
            raise ApiError(401, "")
        match request.method:
            case "PUT":
                shelf, name = self._place(request)
                return ("move" if shelf and name in shelf.resources else "create"), self._put
            case "GET":
                return "read", self._get
            case "DELETE":
                return "cancel", self._delete
            case "PROPFIND":
                return "discover", self._propfind
            case "REPORT":
                is_sync = b"sync-collection" in request.body["raw"]
                return ("sync", self._sync) if is_sync else ("busy", self._query)
        raise ApiError(405, "Method not allowed")

    # --- resources ----------------------------------------------------------------------------------------------------

    def _place(self, request: Request) -> tuple[Shelf | None, str]:
        found = re.fullmatch(rf"{self.quirks.root}/ada/cal/([^/]+)/([^/]*)", request.path)
        return (self.desk.shelves.get(found[1]), found[2]) if found else (None, "")

    def _get(self, request: Request) -> Answer:
        shelf, name = self._place(request)
        resource = shelf.resources.get(name) if shelf else None
        if resource is None:
            raise ApiError(404, "Not found")
        headers = {"Content-Type": "text/calendar"} | _etag(resource, self.quirks.get_etag)
        return Answer(200, resource.text.encode(), headers)

    def _put(self, request: Request) -> Answer:
        shelf, name = self._place(request)
        if shelf is None or not name:
            raise ApiError(409, "The parent node does not exist")
        self._check_right(shelf)
        text = request.body["raw"].decode()
        standing = shelf.resources.get(name)
        uid = Resource(text, 0, 0).uid
        if not re.fullmatch(r"BEGIN:VCALENDAR\r\n.*UID:.*END:VCALENDAR\r\n", text, re.DOTALL) or "DTEND" not in text:
            raise ApiError(self.quirks.invalid[0], "invalid", element=self.quirks.invalid[1])
        if request.headers.get("if-none-match") == "*" and standing and not self.quirks.overwrites:
            raise ApiError(412, "")
        self._check_match(request, standing)
        for other, resource in shelf.resources.items():
            if resource.uid == uid and other != name:
                status, element = self.quirks.uid_conflict
                href = f"<d:href>{self._href(shelf, other)}</d:href>" if self.quirks.names_the_other else ""
                raise ApiError(status, "Calendar object with uid already exists", element=element, inner=href)
        if self.quirks.trash_bin and not standing and uid in shelf.trash:
            raise ApiError(400, "Deleted calendar object with uid already exists in this calendar collection.")
        if self.quirks.drops_unknown:
            text = re.sub(r"(?m)^X-[^\n]*\n", "", text)
        stored = self.desk.put(shelf, name, text, visible=self.clock() + self.visible_after)
        return Answer(204 if standing else 201, b"", _etag(stored, self.quirks.put_etag))

    def _delete(self, request: Request) -> Answer:
        shelf, name = self._place(request)
        if shelf is None or name not in shelf.resources:
            raise ApiError(404, "Not found")
        self._check_right(shelf)
        self._check_match(request, shelf.resources[name])
        self.desk.delete(shelf, name)
        if self.quirks.deleted == 204:
            return Answer(204, b"")
        return Answer(self.quirks.deleted, self._multistatus([_entry(self._href(shelf, name), status=200)]).body)

    def _check_right(self, shelf: Shelf) -> None:
        if not (self.rights and shelf.writable):
            raise ApiError(403, "", element="need-privileges")

    def _check_match(self, request: Request, standing: Resource | None) -> None:
        wanted = request.headers.get("if-match")
        if wanted is not None and (standing is None or wanted != _etag(standing, "strong")["ETag"]):
            raise ApiError(412, "")

    # --- properties ---------------------------------------------------------------------------------------------------

    def _propfind(self, request: Request) -> Answer:
        asked = self._xml(request)
        if request.path == "/.well-known/caldav":
            return Answer(self.quirks.well_known, b"", {"Location": f"{self.quirks.root}/"})
        root, depth = self.quirks.root, request.headers.get("depth", "infinity")
        if request.path in {root, f"{root}/"}:
            href = f"<d:current-user-principal><d:href>{root}/ada/</d:href></d:current-user-principal>"
            return self._multistatus([_entry(f"{root}/", href)])
        if request.path == f"{root}/ada/":
            if depth != "0":
                raise ApiError(400, "Depth")  # iCloud and GMX
            host = f"https://{self.quirks.partition}:443" if self.quirks.partition else ""
            home = f"<c:calendar-home-set><d:href>{host}{root}/ada/cal/</d:href></c:calendar-home-set>"
            mail = f"<c:calendar-user-address-set><d:href>mailto:{USER}</d:href></c:calendar-user-address-set>"
            return self._multistatus([_entry(f"{root}/ada/", home + mail)])
        if request.path == f"{root}/ada/cal/":
            listed = [_entry(f"{root}/ada/cal/", "<d:resourcetype><d:collection/></d:resourcetype>")]
            return self._multistatus(listed + [self._shelf_entry(shelf) for shelf in self.desk.shelves.values()])
        shelf, name = self._place(request)
        if shelf is None or name:
            raise ApiError(404, "Not found")
        if depth == "1" and asked.find(f".//{DAV}getetag") is not None:
            return self._multistatus([self._object(shelf, n, r, data=False) for n, r in self._visible(shelf)])
        return self._multistatus([self._shelf_entry(shelf)])

    def _shelf_entry(self, shelf: Shelf) -> str:
        kinds = "".join(f'<c:comp name="{kind}"/>' for kind in shelf.kinds)
        right = "all" if shelf.writable else "read"
        zone = _timezone(self.quirks.zone) if self.quirks.zone else ""
        marks = f"<cs:getctag>{len(shelf.log)}</cs:getctag>" if self.quirks.sync in {"ctag", "token"} else ""
        marks += f"<d:sync-token>{shelf.token}</d:sync-token>" if self.quirks.sync == "token" else ""
        return _entry(
            self._href(shelf, ""),
            "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
            f"<d:displayname>{escape(shelf.title)}</d:displayname>"
            f"<c:supported-calendar-component-set>{kinds}</c:supported-calendar-component-set>"
            f"<d:current-user-privilege-set><d:privilege><d:{right}/></d:privilege></d:current-user-privilege-set>"
            f"{zone}{marks}",
        )

    # --- reports ------------------------------------------------------------------------------------------------------

    def _query(self, request: Request) -> Answer:
        asked = self._xml(request)
        shelf, _ = self._place(request)
        if shelf is None:
            raise ApiError(404, "Not found")
        if request.headers.get("depth") != "1":
            return self._multistatus([])  # Depth 0 means the collection alone
        found = [(name, r) for name, r in self._visible(shelf) if _matches(asked, r)]
        if self.quirks.most is not None and len(found) > self.quirks.most:
            listed = [self._object(shelf, *one) for one in found[: self.quirks.most]]
            return self._multistatus([_entry(self._href(shelf, ""), status=507), *listed])
        return self._multistatus([self._object(shelf, name, r) for name, r in found])

    def _sync(self, request: Request) -> Answer:
        asked = self._xml(request)
        shelf, _ = self._place(request)
        if shelf is None or self.quirks.sync != "token":
            raise ApiError(403, "", element="supported-report")
        found = re.fullmatch(
            rf"https://caldav.invalid/sync/{shelf.name}/(\d+)", asked.findtext(f"{DAV}sync-token") or ""
        )
        if found is None or int(found[1]) > len(shelf.log):
            raise ApiError(self.quirks.bad_token, "", element="valid-sync-token")
        names = dict.fromkeys(shelf.log[int(found[1]) :])
        entries = [
            self._object(shelf, n, shelf.resources[n], data=False)
            if n in shelf.resources
            else _entry(self._href(shelf, n), status=404)
            for n in names
        ]
        return self._multistatus([*entries, f"<d:sync-token>{shelf.token}</d:sync-token>"])

    def _visible(self, shelf: Shelf) -> list[tuple[str, Resource]]:
        return [(name, r) for name, r in shelf.resources.items() if r.since <= self.clock()]

    def _object(self, shelf: Shelf, name: str, resource: Resource, *, data: bool = True) -> str:
        text = f"<c:calendar-data>{escape(resource.text)}</c:calendar-data>" if data else ""
        etag = f"<d:getetag>{escape(_etag(resource, 'strong')['ETag'])}</d:getetag>"
        return _entry(self._href(shelf, name), etag + ("" if self.quirks.hides_data else text))

    def _href(self, shelf: Shelf, name: str) -> str:
        host = f"https://{self.quirks.partition}:443" if self.quirks.absolute_hrefs and self.quirks.partition else ""
        return f"{host}{self.quirks.root}/ada/cal/{quote(shelf.name)}/{quote(name)}"

    def _multistatus(self, entries: list[str]) -> Answer:
        body = f"{HEAD}{self.quirks.doctype}<d:multistatus {SPACES}>{''.join(entries)}</d:multistatus>"
        return Answer(207, body.encode(), {"Content-Type": "application/xml; charset=utf-8"})

    def _xml(self, request: Request) -> Xml.Element:
        if self.quirks.strict_types and not request.headers.get("content-type", "").startswith("application/xml"):
            raise ApiError(415, "")
        try:
            return Xml.fromstring(request.body["raw"])  # noqa: S314  (what our own client sends)
        except Xml.ParseError as error:
            raise ApiError(400, "no XML") from error


def _entry(href: str, properties: str = "", *, status: int | None = None) -> str:
    if status is not None:
        return f"<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 {status} x</d:status></d:response>"
    good = f"<d:propstat><d:prop>{properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
    missing = "<d:propstat><d:prop><d:owner/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
    return f"<d:response><d:href>{href}</d:href>{good}{missing}</d:response>"


def _matches(asked: Xml.Element, resource: Resource) -> bool:
    window, uid = asked.find(f".//{CAL}time-range"), asked.findtext(f".//{CAL}text-match")
    if window is not None:
        start, end = (
            datetime.strptime(window.attrib[key], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for key in ("start", "end")
        )
        return may_overlap(resource.text, start, end)
    return uid == resource.uid


def _etag(resource: Resource, kind: str) -> dict[str, Any]:
    return {} if kind == "none" else {"ETag": f'{"W/" if kind == "weak" else ""}"{resource.etag}"'}


def _timezone(zone: str) -> str:
    standard = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD"
    definition = f"BEGIN:VTIMEZONE\r\nTZID:{zone}\r\n{standard}\r\nEND:VTIMEZONE"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{definition}\r\nEND:VCALENDAR"
    return f"<c:calendar-timezone>{text}</c:calendar-timezone>"
