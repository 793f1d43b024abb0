"""The access token of one connection: fetched when it is needed, refreshed by one process at a time, never lost.

Some providers take each refresh token once and answer with its successor. So whoever refreshes first takes the lease
of the connection's record, and writes the successor down before the new access token is used. Everybody else waits for
that. An answer that is lost after all may log the business out: nobody can prevent that, so it is told loudly.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from slotline.domain.errors import (
    CredentialError,
    InDoubtError,
    NotExecutedError,
    SetupError,
    StaleError,
    StoreUnavailableError,
)
from slotline.ports import Clock, TokenRecord, TokenStore

LEASE_SECONDS = 20.0
REFRESH_SECONDS = 6.0
"""How long the token endpoint may take. Longer than a caller waits: an answer that we stop waiting for is lost."""

STALE_SECONDS = 225.0
"""A token that ends so soon is taken for ended: clocks differ, and requests take time."""

EARLY_SECONDS = 900.0
"""The reconciler refreshes a token that ends so soon, so that no caller has to wait for it."""

PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 4.0
"""How long to wait for whoever refreshes now."""


class Grant(Protocol):
    """What a token endpoint gave. `refresh_token` None means that the old one stays good."""

    @property
    def access_token(self) -> str: ...
    @property
    def expires(self) -> float: ...
    @property
    def refresh_token(self) -> str | None: ...


class Refresh(Protocol):
    """Asks the token endpoint once.

    Raises CredentialError when access was revoked, SetupError when the client is wrong, NotExecutedError when nothing
    was consumed, InDoubtError when the refresh token may have been.
    """

    def __call__(self, refresh_token: str, /, *, deadline: float) -> Grant: ...


@dataclass(slots=True)
class AccessTokens:
    """The token of one connection in this process; threads may share it.

    `seed` gives the refresh token (or key) that the owner configured, `alarm` tells the owner that they must connect
    again.
    """

    connection: str
    store: TokenStore
    seed: Callable[[], str]
    refresh: Refresh
    clock: Clock
    alarm: Callable[[str, str], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: TokenRecord = field(default_factory=TokenRecord)
    _unwritten: tuple[TokenRecord, str | None] | None = None
    _handed: threading.local = field(default_factory=threading.local)  # `token`: the last one this thread was given

    def value(self) -> str:
        """A token that lives. Raises CredentialError, SetupError, NotExecutedError, StoreUnavailableError."""
        with self._lock:
            if not self._lives(self._known, STALE_SECONDS):
                self._known = self._found_or_fetched(refused=None, margin=STALE_SECONDS)
            self._handed.token = self._known.access_token
            return self._known.access_token or ""

    def renewed(self) -> bool:
        """The provider just refused the token that this thread was given: whether there is another one now."""
        with self._lock:
            refused = getattr(self._handed, "token", self._known.access_token)  # somebody may have renewed it since
            try:
                self._known = self._found_or_fetched(refused=refused, margin=STALE_SECONDS)
            except CredentialError:
                self._known = TokenRecord()
                return False
            return self._known.access_token != refused

    def keep_fresh(self, *, margin: float = EARLY_SECONDS) -> None:
        """Refresh a token that ends within `margin` seconds; an infinite one is the daily probe. Raises as `value`."""
        with self._lock:
            self._known = self._found_or_fetched(refused=None, margin=margin)

    def _lives(self, record: TokenRecord, margin: float) -> bool:
        return record.access_token is not None and self.clock.now() < record.expires - margin

    def _found_or_fetched(self, *, refused: str | None, margin: float) -> TokenRecord:
        """The record in the table when it serves, else a new one, fetched by us or by whoever does it just now."""
        self._write_what_is_left()
        seed = self.seed()
        mark = hashlib.sha256(seed.encode()).hexdigest()[:16]
        patience = self.clock.now() + PATIENCE_SECONDS
        while True:
            record = self.store.read(self.connection)
            if record.seed != mark:  # the owner connected anew: what went before counts no more
                record = TokenRecord(version=record.version, seed=mark, refresh_token=seed)
            elif self._lives(record, margin) and record.access_token != refused:
                return record
            if record.revoked:
                raise CredentialError(f"calendars.{self.connection}: access was revoked; connect again and apply")
            now = self.clock.now()
            if record.busy_until <= now:
                try:
                    mine = self.store.write(
                        self.connection, replace(record, busy_until=now + LEASE_SECONDS), over=record.version
                    )
                except StaleError:
                    continue  # somebody was faster
                return self._fetched(mine)
            if now >= patience:
                raise NotExecutedError(f"calendars.{self.connection}: the token is being refreshed", retry_after=2.0)
            self.clock.sleep(PAUSE_SECONDS)

    def _fetched(self, mine: TokenRecord) -> TokenRecord:
        """A new token, as the owner of the lease."""
        try:
            grant = self.refresh(mine.refresh_token or "", deadline=self.clock.now() + REFRESH_SECONDS)
        except CredentialError:
            # A process that died may have used this refresh token up, and nobody can know its successor. The owner is
            # told first: once it is written down, nobody tries again, and nobody would tell.
            self.alarm("credentials_revoked", self.connection)
            self._settle(replace(mine, revoked=True, busy_until=0.0))
            raise
        except InDoubtError as error:
            self.alarm("token_refresh_unanswered", self.connection)
            self._settle(replace(mine, busy_until=0.0))
            raise NotExecutedError(f"calendars.{self.connection}: no answer to the refresh", retry_after=2.0) from error
        except (NotExecutedError, SetupError):
            self._settle(replace(mine, busy_until=0.0))
            raise
        return self._settle(
            replace(
                mine,
                access_token=grant.access_token,
                expires=grant.expires,
                refresh_token=grant.refresh_token or mine.refresh_token,
                busy_until=0.0,
            ),
            used_up=mine.refresh_token,
        )

    def _settle(self, record: TokenRecord, *, used_up: str | None = None) -> TokenRecord:
        """Write it down before anybody uses it; what the table does not take now is kept and written next time.

        `used_up` is the refresh token that bought it. When our lease had run out, and somebody else holds that very
        token, theirs is worth nothing and ours stands.
        """
        version = record.version
        try:
            while True:
                try:
                    return self.store.write(self.connection, record, over=version)
                except StaleError:
                    found = self.store.read(self.connection)
                    if used_up is None or found.seed != record.seed or found.refresh_token != used_up:
                        return self._theirs(found)
                    version = found.version
        except StoreUnavailableError:
            self._unwritten = (record, used_up)
            self.alarm("token_not_stored", self.connection)
            raise

    def _theirs(self, found: TokenRecord) -> TokenRecord:
        if self._lives(found, STALE_SECONDS):
            return found
        raise NotExecutedError(f"calendars.{self.connection}: the token is being refreshed", retry_after=2.0)

    def _write_what_is_left(self) -> None:
        if self._unwritten is not None:
            (record, used_up), self._unwritten = self._unwritten, None
            with suppress(NotExecutedError):  # somebody else's counts, and is looked at next
                self._settle(record, used_up=used_up)
