"""Webhooks are ordered, renewed and ended here, and access to every account is tried once a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.errors import ConfigError, ProviderError
from slotline.ports import Clock, Subscriptions, SubscriptionStore

BUDGET_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as far as its upkeep goes. `orders` is None where the provider takes no orders for webhooks.

    `probe` proves that we still have access; it raises ProviderError when we do not.
    """

    name: str
    probe: Callable[[float], None]
    orders: Subscriptions | None = None
    callback_url: str | None = None
    secret: Callable[[], str] | None = None


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
