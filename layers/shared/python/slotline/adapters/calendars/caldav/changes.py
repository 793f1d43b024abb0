"""Whether anything changed in a CalDAV calendar: there are no webhooks, so it is asked for now and then.

RFC 6578 first (a sync token), else the ctag of the collection (calendarserver.org), else the list of all ETags. The
cursor is a JSON map from calendar to a mark that says which of them it is.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from slotline.adapters.calendars.caldav import replies
from slotline.adapters.calendars.caldav.account import CaldavAccount
from slotline.adapters.calendars.caldav.replies import CALENDARSERVER, DAV, Answered
from slotline.adapters.calendars.caldav.requests import ETAG, MARKS, propfind, sync_collection
from slotline.domain.errors import NotExecutedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.adapters.calendars.caldav.account import Collection
    from slotline.domain.business import Calendar

SYNC, CTAG, ETAGS = "sync:", "ctag:", "etags:"


class CaldavChanges:
    """The change feed of one connection, its `also_check` calendars included; see `slotline.ports.ChangeFeed`."""

    def __init__(self, http: ProviderHttp, connection: Calendar, *, password: Callable[[], str]) -> None:
        self._account = CaldavAccount(http, connection, password=password)

    def changed(self, cursor: str | None, *, deadline: float) -> tuple[bool, str]:
        known = _marks(cursor)
        home = self._account.collection(deadline=deadline)
        watched = {c.url: c for c in (home, *self._account.others(deadline=deadline))}
        fresh: dict[str, str] = {}
        is_changed = set(known) != set(watched)
        for url, collection in watched.items():
            changed, fresh[url] = self._collection(collection, known.get(url, ""), deadline=deadline)
            is_changed = is_changed or changed
        return is_changed, json.dumps(fresh, sort_keys=True)

    def _collection(self, collection: Collection, mark: str, *, deadline: float) -> tuple[bool, str]:
        if mark.startswith(SYNC):
            answered = self._synced(collection, mark.removeprefix(SYNC), deadline=deadline)
            if answered is not None and answered.sync_token:
                return bool(answered.entries), SYNC + answered.sync_token
        fresh = self._mark(collection, deadline=deadline)
        return fresh != mark, fresh

    def _synced(self, collection: Collection, token: str, *, deadline: float) -> Answered | None:
        """What happened since the token; None when the server does not know it any more, or cannot say."""
        body = sync_collection(token)
        try:
            # Some servers want the depth in the header although RFC 6578 asks for 0 there and the level in the body.
            response = self._account.ask("REPORT", collection.url, body=body, depth=0, deadline=deadline)
        except NotExecutedError:
            return None  # servers were seen to answer 500 to an old token; if it is worse, the next request says so
        if response.status_code != replies.MULTISTATUS:
            return None
        return replies.multistatus(response, name=self._account.name)

    def _mark(self, collection: Collection, *, deadline: float) -> str:
        """The best mark of the present state that the server offers."""
        marks = self._account.multistatus(
            "PROPFIND", collection.url, body=propfind(MARKS), depth=0, field="calendar", deadline=deadline
        )
        for entry in marks.entries:
            token, ctag = entry.text(f"{DAV}sync-token"), entry.text(f"{CALENDARSERVER}getctag")
            if token:
                return SYNC + token
            if ctag:
                return CTAG + ctag
        listed = self._account.multistatus(
            "PROPFIND", collection.url, body=propfind(ETAG), depth=1, field="calendar", deadline=deadline
        )
        lines = sorted(f"{entry.href} {entry.text(f'{DAV}getetag')}" for entry in listed.entries)
        return ETAGS + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _marks(cursor: str | None) -> dict[str, str]:
    """The marks of a cursor; none for one that is not ours, so that everything counts as changed."""
    try:
        found = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
