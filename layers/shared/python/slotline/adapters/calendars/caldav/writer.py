"""Changing a CalDAV calendar: each change is conditional, and every refusal that may hide our own success is looked at.

Overview of what a create is answered with: docs of RFC 4791, section 5.3.2, and `caldav_replies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from slotline.adapters.calendars.caldav import replies
from slotline.adapters.calendars.caldav.addresses import path_of
from slotline.adapters.calendars.caldav.objects import CaldavObject, is_cancelled, is_own_name
from slotline.adapters.calendars.caldav.replies import COLLISIONS, Meaning
from slotline.adapters.calendars.caldav.requests import EVENT_TYPE, event_text, moved_text, resource_of, uid_of
from slotline.adapters.calendars.caldav.times import UnreadableError
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from slotline.adapters.calendars.caldav.account import CaldavAccount, Collection
    from slotline.adapters.calendars.caldav.reader import CaldavReader
    from slotline.ports import Clock, EventWish, ProviderEvent

OBEDIENT = (".icloud.com", ".fastmail.com")
"""Hosts known to refuse a second `If-None-Match: *`; Zimbra overwrites, so unknown ones are looked at first."""

_EVENT = {"Content-Type": EVENT_TYPE}
TRIES = 3
"""How often a change may meet a newer version before it is left for later."""


class CaldavWriter:
    """The changes of one account."""

    def __init__(
        self,
        account: CaldavAccount,
        reader: CaldavReader,
        *,
        business: str,
        options: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._account = account
        self._reader = reader
        self._name = account.name
        self._business = business
        self._options = options
        self._clock = clock

    def create(self, home: Collection, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Create the event, or give the one that an earlier try created, at whatever time it stands by now."""
        uid = uid_of(self._business, wish.tag, wish.generation)
        url = urljoin(home.url, resource_of(uid))
        text = event_text(wish, uid=uid, organizer=self._organizer(wish, deadline=deadline))
        if not self._obeys_conditions(url):
            standing = self._reader.get(url, deadline=deadline)
            if standing is not None:
                return self._made_before(url, standing, wish, deadline=deadline)
        response = self._account.change(
            "PUT", url, body=text, deadline=deadline, headers=_EVENT | {"If-None-Match": "*"}
        )
        if response.is_success:
            return self._as_sent(url, response, text, wish, deadline=deadline)
        means = replies.meaning(response)
        standing = self._reader.get(url, deadline=deadline) if means in COLLISIONS else None
        if standing is not None:
            return self._made_before(url, standing, wish, deadline=deadline)
        if means in {Meaning.EXISTS, Meaning.UID_ELSEWHERE}:
            return self._elsewhere(home, response, wish, uid, deadline=deadline)
        if means in {Meaning.GONE, Meaning.CONFLICT}:
            self._account.forget()
        raise replies.refusal(response, name=self._name, field="calendar", writes=True)

    def move(self, url: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Change the times of the event as it stands, keeping whatever people wrote into it."""
        for _ in range(TRIES):
            entry = self._reader.get(url, deadline=deadline)
            if entry is None:
                raise RefusedError(Refusal.GONE, f"{self._name}: the event is not there")
            event = self._reader.event(url, entry, wish=wish, deadline=deadline)
            if event.status == "cancelled":
                raise RefusedError(Refusal.GONE, f"{self._name}: the event was cancelled in the calendar")
            if event.tag != wish.tag:
                raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event is not that of this booking")
            if event.span == wish.times.span:
                return event
            text = moved_text(*entry.parsed(), wish, now=self._clock.now())
            response = self._account.change("PUT", url, body=text, deadline=deadline, headers=_EVENT | _only_if(entry))
            if response.is_success:
                return self._as_sent(url, response, text, wish, deadline=deadline)
            means = replies.meaning(response)
            if means not in {Meaning.STALE, Meaning.GONE}:
                raise replies.refusal(response, name=self._name, field="calendar", writes=True)
        raise self._too_lively()

    def cancel(self, url: str, *, deadline: float) -> None:
        """Delete the event, if it is one of ours."""
        for _ in range(TRIES):
            entry = self._reader.get(url, deadline=deadline)
            if entry is None:
                return
            try:
                _, event = entry.parsed()
            except UnreadableError as exc:
                raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event cannot be read") from exc
            if not is_own_name(str(event.get("UID", "")), entry.path):
                raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event is not one of ours")
            if is_cancelled(event):
                return
            response = self._account.change("DELETE", url, deadline=deadline, headers=_only_if(entry))
            means = replies.meaning(response)
            if response.status_code == replies.MULTISTATUS:
                raise InDoubtError(f"{self._name}: HTTP 207, deleted in part")
            if response.is_success or means is Meaning.GONE:
                return
            if means is Meaning.BURNT:
                raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: HTTP {response.status_code}, {means}")
            if means is not Meaning.STALE:
                raise replies.refusal(response, name=self._name, field="calendar", writes=True)
        raise self._too_lively()

    # --- what an answer proves ----------------------------------------------------------------------------------------

    def _as_sent(
        self, url: str, response: httpx.Response, text: bytes, wish: EventWish, *, deadline: float
    ) -> ProviderEvent:
        """The event as we wrote it; the server may change its text, but not whose and when it is."""
        entry = CaldavObject(path_of(url), response.headers.get("etag"), text.decode())
        return self._reader.event(url, entry, wish=wish, deadline=deadline)

    def _made_before(self, url: str, entry: CaldavObject, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """What stands under our name, once it is proved to be our own."""
        event = self._reader.event(url, entry, wish=wish, deadline=deadline)
        if event.tag != wish.tag:
            raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: another event has the name of ours")
        if event.status == "cancelled":
            raise RefusedError(Refusal.GONE, f"{self._name}: the event was cancelled in the calendar")
        return event

    def _elsewhere(
        self, home: Collection, response: httpx.Response, wish: EventWish, uid: str, *, deadline: float
    ) -> ProviderEvent:
        """Our UID stands under another name: a person moved the event, or the server renamed it."""
        for url, entry in self._with_uid(home, response, uid, deadline=deadline):
            event = self._reader.event(url, entry, wish=wish, deadline=deadline)
            if event.tag == wish.tag:
                return self._made_before(url, entry, wish, deadline=deadline)
        raise RefusedError(Refusal.NOT_PERMITTED, f"{self._name}: the event stands in another calendar of the account")

    def _with_uid(
        self, home: Collection, response: httpx.Response, uid: str, *, deadline: float
    ) -> Iterator[tuple[str, CaldavObject]]:
        href = replies.href_of_conflict(response)
        if href is not None:
            url = self._account.followed(home.url, href)
            entry = self._reader.get(url, deadline=deadline)
            if entry is not None:
                yield url, entry
        for collection in (home, *self._account.others(deadline=deadline)):
            entry = self._reader.by_uid(collection, uid, deadline=deadline)
            if entry is not None:
                yield urljoin(collection.url, entry.path), entry

    def _obeys_conditions(self, url: str) -> bool:
        host = f".{urlsplit(url).hostname}"
        return self._options.get("create") == "direct" or any(host.endswith(known) for known in OBEDIENT)

    def _organizer(self, wish: EventWish, *, deadline: float) -> str | None:
        """The address that invites, where callers are to be invited; None where they are not."""
        if self._options.get("invite") != "true" or not wish.contact.email:
            return None
        if not self._account.owners():
            self._account.discovered(deadline=deadline)
        owners = sorted(self._account.owners())
        if not owners:
            raise SetupError(f"calendars.{self._name}.invite: the server names no e-mail address of this account")
        return owners[0]

    def _too_lively(self) -> NotExecutedError:
        return NotExecutedError(f"{self._name}: the event is being changed by somebody else", retry_after=2.0)


def _only_if(entry: CaldavObject) -> dict[str, str]:
    """The condition that the event is still the one we read; none where the server gives only weak marks."""
    return {"If-Match": entry.strong_etag} if entry.strong_etag else {}
