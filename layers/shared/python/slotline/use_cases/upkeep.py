"""The upkeep of connections: access is tried, webhooks are ordered and renewed, and silent calendars are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.errors import ConfigError, ProviderError
from slotline.domain.hints import Subscription
from slotline.ports import ChangeFeed, Clock, Subscriptions, SubscriptionStore

BUDGET_SECONDS = 10.0
CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as far as its upkeep goes. `orders` is None where the provider takes no orders for webhooks.

    `probe` proves that we still have access, by a deadline; it raises ProviderError when we do not.
    """

    name: str
    probe: Callable[[float], object]
    orders: Subscriptions | None = None
    callback_url: str | None = None
    secret: Callable[[], str] | None = None
    feed: ChangeFeed | None = None


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Keeps the connections of one business alive."""

    store: SubscriptionStore
    clock: Clock
    count: Callable[[str, float], None]
    note: Callable[..., None]

    def run(self, connections: tuple[Connection, ...], *, ends: float) -> int:
        """The number of connections that need their owner. One that fails does not keep the others waiting."""
        failed = 0
        for connection in connections:
            if self.clock.now() + BUDGET_SECONDS > ends:
                self.note("upkeep_cut_short", calendar=connection.name)
                break
            failed += not self.keep(connection)
        self.count("ConnectionsFailed", failed)
        return failed

    def keep(self, connection: Connection) -> bool:
        """Try the access and renew the order for webhooks; False when the owner must look."""
        deadline = self.clock.now() + BUDGET_SECONDS
        try:
            connection.probe(deadline)
            self.subscribe(connection, deadline=deadline)
        except (ProviderError, ConfigError) as error:
            self.note("connection_failed", calendar=connection.name, error=type(error).__name__, problem=str(error))
            return False
        return True

    def subscribe(self, connection: Connection, *, deadline: float) -> None:
        """Order webhooks, or renew the order. Raises ProviderError."""
        if connection.orders is None or connection.callback_url is None or connection.secret is None:
            return
        known = self.store.read(connection.name)
        present = connection.orders.ensure(
            known,
            callback_url=connection.callback_url,
            secret=connection.secret(),
            now=self.clock.now(),
            deadline=deadline,
        )
        if present != known:
            self.store.write(connection.name, present)

    def unsubscribe(self, connection: Connection, *, deadline: float) -> None:
        """End the order for webhooks, if there is one. Raises ProviderError."""
        known = self.store.read(connection.name)
        if known is not None and connection.orders is not None:
            connection.orders.remove(known, deadline=deadline)
            self.store.write(connection.name, None)

    def heed_news(self, connection: Connection, *, scan: Callable[[str], None]) -> bool:
        """Ask a calendar that sends no webhooks, and scan it if it changed since it was asked last; whether it did.

        Raises ProviderError. What was not scanned to the end is news again the next time.
        """
        if connection.feed is None:
            return False
        known = self.store.read(connection.name)
        cursor = known.details.get(CURSOR) if known else None
        changed, following = connection.feed.changed(cursor, deadline=self.clock.now() + BUDGET_SECONDS)
        has_news = changed and cursor is not None
        if has_news:
            scan(connection.name)
        if following != cursor:
            self.store.write(connection.name, Subscription("feed", details={CURSOR: following}))
        return has_news
