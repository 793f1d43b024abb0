"""What stands in fake Microsoft 365 mailboxes: calendars and their events, and what people do in Outlook. No HTTP here.

The rules are those of https://learn.microsoft.com/graph/api/resources/event. What Microsoft does not document is a
switch on `Store`, so that the adapter can be tested against either answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.servers.faulty import ApiError, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWNER = "desk@contoso.example"
TEAMS = "teamsForBusiness"
OUTLOOK_ZONES = {"W. Europe Standard Time": "Europe/Berlin", "Pacific Standard Time": "America/Los_Angeles"}


@dataclass
class Folder:
    """A calendar of a mailbox."""

    id: str
    name: str = "Calendar"
    is_default: bool = True
    can_edit: bool = True
    allows_teams: bool = True


@dataclass
class Mailbox:
    address: str = OWNER
    zone: str = "UTC"  # as Outlook names it
    is_personal: bool = False
    settings_are_open: bool = True
    schedule_error: str | None = None  # what getSchedule says instead of items
    folders: dict[str, Folder] = field(default_factory=lambda: {"AQMk-default=": Folder("AQMk-default=")})

    @property
    def default(self) -> Folder:
        return next(f for f in self.folders.values() if f.is_default)

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(OUTLOOK_ZONES.get(self.zone, self.zone))


@dataclass
class Item:
    """An event. Of an all-day one, start and end are midnights of UTC that stand for days of the mailbox."""

    id: str
    mailbox: str
    folder: str
    start: datetime
    end: datetime
    created: datetime
    modified: datetime
    is_all_day: bool = False
    show_as: str = "busy"
    is_cancelled: bool = False
    is_deleted: bool = False
    response: str = "organizer"
    is_organizer: bool = True
    transaction: str | None = None
    fingerprint: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    sent: Json = field(default_factory=dict)  # what the client said of it and we only repeat
    online_at: datetime | None = None  # when the Teams link is there; None: never
    days: int = 1  # a series of so many daily occurrences
    version: int = 1
    before: Item | None = None  # what the views still show
    settles: datetime | None = None  # until then


@dataclass
class Mail:
    """What Exchange mailed to attendees."""

    kind: str  # invited, moved, cancelled
    to: tuple[str, ...]
    item: str


class Store:
    def __init__(self, clock: Callable[[], float], mailboxes: tuple[Mailbox, ...]) -> None:
        self.clock = clock
        self.mailboxes = {m.address.lower(): m for m in mailboxes or (Mailbox(),)}
        self.items: dict[str, Item] = {}
        self.mails: list[Mail] = []
        self.happened: list[tuple[str, Item]] = []  # changeType and event, for notifications
        self.keeps_deleted = False  # a lasting id is still answered after the event was deleted
        self.after_deletion = "new"  # a known transactionId whose event was deleted: new | duplicate | old
        self.forgets_transactions_after: float | None = None
        self.teams = "at_once"  # at_once | late | never
        self.lag = 0.0  # seconds until views and searches show a change
        self.files_days_in_utc = False  # views look for all-day events by midnights of UTC, not by their instants
        self.enforces_if_match = True
        self.cancels_without_attendees = True
        self._made = 0

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def mailbox(self, address: str) -> Mailbox:
        found = self.mailboxes.get(address.lower())
        if found is None:
            raise ApiError(404, "The mailbox is not found.", code="ErrorInvalidUser")
        return found

    def folder(self, mailbox: Mailbox, folder_id: str | None) -> Folder:
        if folder_id is None:
            return mailbox.default
        if folder_id not in mailbox.folders:
            raise ApiError(404, "The specified object was not found in the store.", code="ErrorItemNotFound")
        return mailbox.folders[folder_id]

    def item(self, mailbox: Mailbox, item_id: str) -> Item:
        item = self.items.get(item_id)
        if item is None and not item_id.startswith("AAkA"):
            raise ApiError(400, "Id is malformed.", code="ErrorInvalidIdMalformed")
        if item is None or item.mailbox != mailbox.address or (item.is_deleted and not self.keeps_deleted):
            raise ApiError(404, "The specified object was not found in the store.", code="ErrorItemNotFound")
        return item

    # --- what requests do -------------------------------------------------------------------------------------------

    def create(self, mailbox: Mailbox, folder: Folder, *, fingerprint: str, **fields: Any) -> Item:
        if not folder.can_edit:
            raise ApiError(403, "Access is denied.", code="ErrorAccessDenied")
        known = self._known(mailbox, fields.get("transaction"))
        if known is not None and (not known.is_deleted or self.after_deletion != "new"):
            if known.fingerprint == fingerprint and (not known.is_deleted or self.after_deletion == "old"):
                return known
            raise ApiError(0, "...has already been used to create a different event", existing=known.id)
        self._made += 1
        item = Item(
            id=f"AAkALg+{self._made:04d}=", mailbox=mailbox.address, folder=folder.id, created=self.now,
            modified=self.now, fingerprint=fingerprint, **fields,
        )  # fmt: skip
        wants_teams = item.sent.get("isOnlineMeeting") and item.sent.get("onlineMeetingProvider") == TEAMS
        if wants_teams and folder.allows_teams and self.teams != "never" and not mailbox.is_personal:
            item.online_at = self.now + timedelta(seconds=30 if self.teams == "late" else 0)
        gone = replace(item, is_deleted=True)
        self.items[item.id] = item
        self._changed(item, gone, "created")
        self._mail("invited", item)
        return item

    def patch(self, item: Item, *, if_match: str | None, start: datetime, end: datetime) -> Item:
        if if_match is not None and self.enforces_if_match and if_match != etag(item):
            raise ApiError(412, "The change key does not match.", code="ErrorIrresolvableConflict")
        if end <= start:
            raise ApiError(400, "The end must be after the start.", code="ErrorPropertyValidationFailure")
        before = replace(item, before=None)
        item.start, item.end = start, end
        self._changed(item, before, "updated")
        self._mail("moved", item)
        return item

    def remove(self, item: Item, *, kind: str = "deleted") -> None:
        if item.is_deleted:
            del self.items[item.id]  # from Deleted Items it goes for good
            return
        before = replace(item, before=None)
        item.is_deleted = True
        item.is_cancelled = kind == "cancelled" and bool(item.sent.get("attendees"))
        self._changed(item, before, "deleted")
        if item.is_organizer:
            self._mail("cancelled", item)

    # --- what views show --------------------------------------------------------------------------------------------

    def visible(self, mailbox: Mailbox, folder: Folder) -> Iterator[Item]:
        """Events of a calendar as lists show them now, which may be late."""
        for item in list(self.items.values()):
            lags = item.settles is not None and self.now < item.settles
            seen = item.before if lags and item.before is not None else item
            if seen.mailbox == mailbox.address and seen.folder == folder.id and not seen.is_deleted:
                yield seen

    def view(self, mailbox: Mailbox, folder: Folder, start: datetime, end: datetime) -> list[Item]:
        """Single events and occurrences that touch the time."""
        found = [one for item in self.visible(mailbox, folder) for one in _occurrences(item)]
        return sorted(
            (item for item in found for first, last in [self._filed(item, mailbox)] if first < end and last > start),
            key=lambda item: (item.start, item.id),
        )

    # --- what people do in Outlook ----------------------------------------------------------------------------------

    def people_add(self, start: datetime, end: datetime, *, mailbox: str = OWNER, **fields: Any) -> Item:
        box = self.mailbox(mailbox)
        folder = box.folders[fields.pop("folder", box.default.id)]
        made = self.create(box, folder, fingerprint="human", start=start, end=end, **fields)
        made.created = made.modified = self.now - timedelta(days=1)
        return made

    def people_move(self, item_id: str, start: datetime) -> Item:
        item = self.items[item_id]
        return self.patch(item, if_match=None, start=start, end=start + (item.end - item.start))

    def people_delete(self, item_id: str) -> Item:
        item = self.items[item_id]
        if not item.is_deleted:
            self.remove(item)
        return item

    # --- inside -----------------------------------------------------------------------------------------------------

    def _filed(self, item: Item, mailbox: Mailbox) -> tuple[datetime, datetime]:
        return (item.start, item.end) if self.files_days_in_utc else instants(item, mailbox)

    def _known(self, mailbox: Mailbox, transaction: str | None) -> Item | None:
        if transaction is None:
            return None
        memory = self.forgets_transactions_after
        for item in self.items.values():
            fresh = memory is None or (self.now - item.created).total_seconds() < memory
            if item.mailbox == mailbox.address and item.transaction == transaction and fresh:
                return item
        return None

    def _changed(self, item: Item, before: Item, change: str) -> None:
        item.modified, item.version = self.now, item.version + (change != "created")
        if self.lag:
            item.before, item.settles = before, self.now + timedelta(seconds=self.lag)
        self.happened.append((change, item))

    def _mail(self, kind: str, item: Item) -> None:
        people = tuple(a["emailAddress"]["address"] for a in item.sent.get("attendees", []))
        if people:
            self.mails.append(Mail(kind, people, item.id))


def etag(item: Item) -> str:
    return f'W/"{item.id}-{item.version}"'


def instants(item: Item, mailbox: Mailbox) -> tuple[datetime, datetime]:
    """When the event really is: days begin where the mailbox is."""
    if not item.is_all_day:
        return item.start, item.end
    zone = mailbox.zone_info
    return item.start.replace(tzinfo=zone), item.end.replace(tzinfo=zone)


def _occurrences(item: Item) -> Iterator[Item]:
    for day in range(item.days):
        shift = timedelta(days=day)
        number = item.id if item.days == 1 else f"{item.id}.{day}"
        yield replace(item, id=number, start=item.start + shift, end=item.end + shift)
