"""Reading calendars: single events, and everything in a window, with what servers leave out fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from slotline.adapters.calendars._http import lost
from slotline.adapters.calendars.caldav import replies
from slotline.adapters.calendars.caldav.account import Collection
from slotline.adapters.calendars.caldav.addresses import canonical, path_of
from slotline.adapters.calendars.caldav.objects import CaldavObject, shown, tag_of
from slotline.adapters.calendars.caldav.replies import CALDAV, DAV, Meaning
from slotline.adapters.calendars.caldav.requests import ZONE, propfind, time_query, uid_of, uid_query
from slotline.adapters.calendars.caldav.times import UnreadableError, zone_of
from slotline.domain.errors import NotExecutedError, SetupError
from slotline.domain.time import MINUTES_A_DAY, Interval

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from slotline.adapters.calendars.caldav.account import CaldavAccount
    from slotline.ports import EventWish, ProviderEvent

LONGEST_WINDOW = 31 * MINUTES_A_DAY
"""One answer holds whole objects and must stay under the size limit: a longer window is asked for in parts."""

MOST_SINGLE_READS = 20
INSUFFICIENT_STORAGE = 507
NOT_FOUND, GONE = 404, 410


class CaldavReader:
    """The reads of one account. `zone` (the business's) is for floating times where a calendar has no zone."""

    def __init__(self, account: CaldavAccount, *, business: str, zone: tzinfo) -> None:
        self._account = account
        self._business = business
        self._zone = zone
        self._zones: dict[str, tzinfo] = {}

    def get(self, url: str, *, deadline: float) -> CaldavObject | None:
        """The resource as it is now; None when there is none."""
        response = self._account.ask("GET", url, deadline=deadline)
        if response.is_success:
            return CaldavObject(path_of(url), response.headers.get("etag"), _text(response.content))
        if replies.meaning(response) is Meaning.GONE:
            return None
        raise replies.refusal(response, name=self._account.name, field="calendar", writes=False)

    def event(self, url: str, entry: CaldavObject, *, wish: EventWish | None = None, deadline: float) -> ProviderEvent:
        """The event of a booking. Its tag is None unless the UID proves it.

        A client that drops unknown properties drops the tag, too; the UID then still proves the wish's.
        """
        try:
            _, master = entry.parsed()
            tag = tag_of(master, business=self._business)
            uids = (uid_of(self._business, wish.tag, g) for g in range(wish.generation + 1)) if wish else ()
            if wish is not None and str(master.get("UID", "")) in uids:
                tag = wish.tag
            parent = Collection(urljoin(url, "."), "")
            return shown(entry, master, tag=tag, zone=lambda: self.zone(parent, deadline=deadline))
        except UnreadableError as exc:
            raise SetupError(
                f"calendars.{self._account.name}.calendar: the event of a booking cannot be read ({exc}); "
                "correct or delete it in the calendar"
            ) from exc

    def by_uid(self, collection: Collection, uid: str, *, deadline: float) -> CaldavObject | None:
        """A resource with this UID under whatever name; None also where the server cannot search by UID."""
        response = self._account.ask("REPORT", collection.url, body=uid_query(uid), depth=1, deadline=deadline)
        if response.status_code != replies.MULTISTATUS:
            return None
        found = replies.multistatus(response, name=self._account.name).entries
        objects = (_object(self._path(collection, entry.href), entry) for entry in found)
        return next((o for o in objects if o.text and uid in o.text), None)  # the filter is ignored by some

    def within(self, collection: Collection, window: Interval, *, field: str, deadline: float) -> list[CaldavObject]:
        """Every object that may overlap the window. Raises rather than leave one out."""
        found: dict[str, CaldavObject] = {}
        for start in range(window.start, window.end, LONGEST_WINDOW):
            part = Interval(start, min(start + LONGEST_WINDOW, window.end))
            found.update((o.path, o) for o in self._part(collection, part, field=field, deadline=deadline))
        return list(found.values())

    def zone(self, collection: Collection, *, deadline: float) -> tzinfo:
        """The zone in which a calendar's all-day and floating events are meant."""
        if collection.url not in self._zones:
            self._zones[collection.url] = self._asked_zone(collection, deadline=deadline) or self._zone
        return self._zones[collection.url]

    def _asked_zone(self, collection: Collection, *, deadline: float) -> tzinfo | None:
        response = self._account.ask("PROPFIND", collection.url, body=propfind(ZONE), depth=0, deadline=deadline)
        if response.status_code != replies.MULTISTATUS:
            return None
        for entry in replies.multistatus(response, name=self._account.name).entries:
            for text in (entry.text(f"{CALDAV}calendar-timezone-id"), entry.text(f"{CALDAV}calendar-timezone")):
                zone = zone_of(text) if text else None
                if zone is not None:
                    return zone
        return None

    def _part(self, collection: Collection, part: Interval, *, field: str, deadline: float) -> Iterator[CaldavObject]:
        response = self._account.ask("REPORT", collection.url, body=time_query(part), depth=1, deadline=deadline)
        if response.status_code != replies.MULTISTATUS:
            if replies.meaning(response) is Meaning.TOO_MANY:
                yield from self._halves(collection, part, field=field, deadline=deadline)
                return
            if replies.meaning(response) is Meaning.GONE:
                self._account.forget()
            raise replies.refusal(response, name=self._account.name, field=field, writes=False)
        entries = replies.multistatus(response, name=self._account.name).entries
        if any(entry.status == INSUFFICIENT_STORAGE for entry in entries):
            yield from self._halves(collection, part, field=field, deadline=deadline)
            return
        reads = 0
        for entry in entries:
            path = self._path(collection, entry.href)
            if entry.status in {NOT_FOUND, GONE} or path == path_of(collection.url):
                continue
            found = _object(path, entry)
            if found.text is None and reads < MOST_SINGLE_READS:
                reads += 1
                single = self._single(collection, path, deadline=deadline)
                if single is None:
                    continue
                found = single
            yield found

    def _halves(self, collection: Collection, part: Interval, *, field: str, deadline: float) -> Iterator[CaldavObject]:
        """The server had more to say than it says at once."""
        if part.minutes <= MINUTES_A_DAY:
            raise NotExecutedError(f"{self._account.name}: more events in a day than the server gives at once")
        middle = part.start + part.minutes // 2
        for half in (Interval(part.start, middle), Interval(middle, part.end)):
            yield from self._part(collection, half, field=field, deadline=deadline)

    def _single(self, collection: Collection, path: str, *, deadline: float) -> CaldavObject | None:
        """An object that the report named without showing it; unreadable where the server does not show it at all."""
        response = self._account.ask("GET", urljoin(collection.url, path), deadline=deadline)
        if response.is_success:
            return CaldavObject(path, response.headers.get("etag"), _text(response.content))
        return None if replies.meaning(response) is Meaning.GONE else CaldavObject(path, None, None)

    def _path(self, collection: Collection, href: str) -> str:
        """The path of an href in our spelling; whatever host it names, only our own is ever asked."""
        try:
            return path_of(canonical(urljoin(collection.url, href)))
        except ValueError as exc:
            raise lost(self._account.name, "an href that is no address", writes=False) from exc


def _object(path: str, entry: replies.Entry) -> CaldavObject:
    return CaldavObject(path, entry.text(f"{DAV}getetag"), entry.text(f"{CALDAV}calendar-data"))


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")
