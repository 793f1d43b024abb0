"""`slotline calendars`: whether we get in to each connection, whether it sends webhooks, and what it books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.desk_file_known import PROVIDERS
from ops.records import Record
from slotline.adapters.dynamodb.subscription_store import DynamoSubscriptionStore
from slotline.adapters.dynamodb.table import Table
from slotline.domain.business import Business
from slotline.domain.errors import ConfigError, CredentialError, ProviderError, SetupError, SlotlineError, StoreError
from slotline.domain.time import iso

if TYPE_CHECKING:
    from ops.target import Target
    from slotline.ports import Calendars, Clock, EventType, Ids

CALENDAR_SECONDS = 15.0
"""How long a provider may take to list its event types."""

WORKS = "works"


@dataclass(frozen=True, slots=True)
class CalendarList:
    """The connections of one target. `connections` opens those of a business, `complain` hears what is wrong."""

    target: Target
    clock: Clock
    ids: Ids
    connections: Callable[[str], Calendars]
    complain: Callable[[str], None]

    def of(self, business: Business) -> Iterator[Record]:
        """One record for each event type, and one for a connection that has none."""
        connections = self.connections(business.key)
        for name in business.calendars:
            access, found = self._tried(business, name, connections)
            about: Record = {
                "business": business.key,
                "calendar": name,
                "access": access,
                "webhooks": self._webhooks(business, name),
            }
            yield from ({**about, **_shown(event_type)} for event_type in found)
            if not found:
                yield about

    def _tried(self, business: Business, name: str, connections: Calendars) -> tuple[str, tuple[EventType, ...]]:
        where = f"{business.key}: calendars.{name} ({business.calendars[name].provider})"
        try:
            deadline = self.clock.now() + CALENDAR_SECONDS
            return WORKS, connections.of(name).event_types(deadline=deadline)
        except (ProviderError, StoreError, ConfigError) as error:
            self.complain(f"{where} {_trouble(error)}")
            return _word(error), ()

    def _webhooks(self, business: Business, name: str) -> str | None:
        """None where the provider takes no orders for webhooks."""
        if not PROVIDERS[business.calendars[name].provider].takes_webhook_orders:
            return None
        table = Table(self.target.dynamodb(), self.target.table, clock=self.clock, ids=self.ids)
        order = DynamoSubscriptionStore(table, business=business.key).read(name)
        if order is None:
            return "not ordered"
        if order.expires is None:
            return "ordered"
        word = "ordered until" if order.expires > self.clock.now() else "ended"
        return f"{word} {iso(int(order.expires // 60), business.zone)}"


def _shown(event_type: EventType) -> Record:
    return {
        "event_type": event_type.id,
        "name": event_type.name,
        "minutes": event_type.minutes,
        "requires_approval": event_type.requires_approval,
    }


def _word(error: SlotlineError) -> str:
    if isinstance(error, CredentialError):
        return "needs its owner: connect again"
    return "needs its owner: check the set-up" if isinstance(error, SetupError | ConfigError) else "no answer"


def _trouble(error: SlotlineError) -> str:
    if isinstance(error, CredentialError):
        return f"does not let us in: {error}; connect again: give it a new key or token, then apply again"
    if isinstance(error, SetupError | ConfigError):
        return f"refuses us: {error}; check its key and base_url, then apply again"
    return f"did not answer: {error}; try again in a moment"
