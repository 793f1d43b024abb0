"""The webhooks of a business, as `slotline apply` sees to them: a secret of our own for each connection, and orders.

An order that a provider does not take now is no reason to refuse a desk file: what is not told by webhooks is found by
the scans, and the daily upkeep orders again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from botocore.exceptions import BotoCoreError, ClientError

from ops.desk_file_known import PROVIDERS
from slotline.adapters.dynamodb.config_store import DynamoConfigStore
from slotline.bootstrap import SystemClock, owner_house
from slotline.bootstrap.calendar_work import WEBHOOK_SECRETS, CalendarWork
from slotline.domain.errors import ConfigError, SlotlineError

if TYPE_CHECKING:
    from ops.target import Target
    from slotline.domain.business import Business, Calendar

_SECRET_BYTES = 32
_FIELD, _FIELD_BEFORE = WEBHOOK_SECRETS


def webhook_secrets(business: Business, known: Mapping[str, str], *, rotate: bool) -> dict[str, str]:
    """The secret of every connection that takes orders, by dotted name: the known one, or a new one.

    `rotate` makes new ones; those before stay live beside them until the next rotation.
    """
    found = {}
    for name in _taking_orders(business):
        present, before = known.get(f"{name}.{_FIELD}"), known.get(f"{name}.{_FIELD_BEFORE}")
        if rotate and present is not None:
            present, before = None, present
        found[f"{name}.{_FIELD}"] = present or secrets.token_urlsafe(_SECRET_BYTES)
        if before is not None:
            found[f"{name}.{_FIELD_BEFORE}"] = before
    return found


def is_webhook_secret(name: str) -> bool:
    """Whether the secret of this dotted name is one of those we make."""
    return name.startswith("calendars.") and name.rpartition(".")[2] in WEBHOOK_SECRETS


def settle_orders(
    before: Business | None,
    after: Business,
    *,
    secrets_before: Mapping[str, str],
    secrets_after: Mapping[str, str],
    target: Target,
    out: TextIO,
) -> None:
    """End the orders of connections that are no more, then order webhooks for all that take orders."""
    former = before.calendars.values() if before else ()
    gone = [calendar for calendar in former if _takes_orders(calendar) and not _stays(calendar, after)]
    if before and gone:
        with _work(target, secrets_before) as work:
            for calendar in gone:
                with _told(calendar, "end its webhooks", fix="they are ignored; remove them at the provider", out=out):
                    work.unsubscribe(before, calendar)
    _order(after, values=secrets_after, target=target, out=out)


def order_all(target: Target, *, out: TextIO) -> None:
    """Order webhooks for every business of a target that just began to answer."""
    store = DynamoConfigStore(target.dynamodb(), target.table, SystemClock())
    for key in store.businesses():
        _order(store.business(key), values=None, target=target, out=out)


def _order(business: Business, *, values: Mapping[str, str] | None, target: Target, out: TextIO) -> None:
    taking = [calendar for calendar in business.calendars.values() if _takes_orders(calendar)]
    if taking:
        with _work(target, values) as work:
            for calendar in taking:
                with _told(calendar, "order its webhooks", fix="the daily upkeep tries again", out=out):
                    work.subscribe(business, calendar)


def _taking_orders(business: Business) -> Iterator[str]:
    return (f"calendars.{name}" for name, calendar in business.calendars.items() if _takes_orders(calendar))


def _takes_orders(calendar: Calendar) -> bool:
    provider = PROVIDERS.get(calendar.provider)  # None: an earlier version knew it
    return provider is not None and provider.takes_webhook_orders


def _stays(calendar: Calendar, after: Business) -> bool:
    """Whether the connection still leads to the same account. A changed key or token alone does not tell otherwise."""
    present = after.calendars.get(calendar.name)
    if present is None or (present.provider, present.base_url) != (calendar.provider, calendar.base_url):
        return False
    fields = PROVIDERS[calendar.provider].account
    return all(present.options.get(field) == calendar.options.get(field) for field in fields)


@contextmanager
def _told(calendar: Calendar, what: str, *, fix: str, out: TextIO) -> Iterator[None]:
    """Say what does not work, and go on."""
    try:
        yield
    except (SlotlineError, BotoCoreError, ClientError) as exc:
        print(f"warning: calendars.{calendar.name}: could not {what} ({exc}); {fix}", file=out)


@contextmanager
def _work(target: Target, values: Mapping[str, str] | None) -> Iterator[CalendarWork]:
    """The functions' own wiring on this target, with these secrets in place of the stored ones, if they are given."""
    with _environment(target.environment()):
        house = owner_house(secrets=None if values is None else KnownSecrets(values))
        try:
            yield CalendarWork(house, ends=house.clock.now())
        finally:
            house.close()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """AWS clients look there for their endpoint and key."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class KnownSecrets:
    """ports.SecretStore: the secrets of one business as they are, or were, applied."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def value(self, business: str, name: str) -> str:
        try:
            return self._values[name]
        except KeyError:
            raise ConfigError(f"{name}: no such secret for {business}") from None

    def refresh(self, business: str) -> None:
        """There is nothing newer."""


type Settle = Callable[..., None]
"""What is called as `settle_orders` is."""
