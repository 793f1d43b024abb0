"""Secrets of each business: one Secrets Manager secret, a JSON map by dotted name, kept in memory for five minutes."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline.domain.errors import ConfigError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

    from slotline.ports import Clock

CACHE_SECONDS = 300
REFRESH_AFTER_SECONDS = 10
"""Wrong credentials ask for a refresh too: guessing must not turn into a flood of requests for the secret."""

_WRONG_SETUP = {"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException", "DecryptionFailure"}
"""Trying again will not help; anything else (throttling, timeouts, 5xx) may pass."""


class SecretsManagerStore:
    """The SecretStore port; threads may share it. The client is made on first use, for a warm answer needs none."""

    def __init__(self, client_factory: Callable[[], SecretsManagerClient], prefix: str, clock: Clock) -> None:
        self._client_factory = client_factory
        self._prefix = prefix
        self._clock = clock
        self._lock = threading.Lock()
        self._client: SecretsManagerClient | None = None
        self._known: dict[str, tuple[float, Mapping[str, str]]] = {}

    def value(self, business: str, name: str) -> str:
        """The value; ConfigError naming the field when it is not there, StoreUnavailableError when nobody answers."""
        try:
            return self._values(business)[name]
        except KeyError:
            raise ConfigError(f"{name}: no such secret for {business}; run `slotline apply`") from None

    def refresh(self, business: str) -> None:
        """Forget the cached values: a provider just said 401."""
        with self._lock:  # a read under way may bring the old values: wait, so that they are forgotten too
            read_at, _ = self._known.get(business, (0.0, None))
            if self._clock.now() - read_at >= REFRESH_AFTER_SECONDS:
                self._known.pop(business, None)

    def _values(self, business: str) -> Mapping[str, str]:
        if (values := self._fresh(business)) is not None:
            return values
        with self._lock:
            if (values := self._fresh(business)) is not None:
                return values
            values = self._read(business)
            self._known[business] = (self._clock.now(), values)
            return values

    def _fresh(self, business: str) -> Mapping[str, str] | None:
        read_at, values = self._known.get(business, (0.0, None))
        return values if self._clock.now() - read_at < CACHE_SECONDS else None

    def _read(self, business: str) -> Mapping[str, str]:
        if self._client is None:
            self._client = self._client_factory()
        try:
            text = self._client.get_secret_value(SecretId=f"{self._prefix}{business}")["SecretString"]
        except ClientError as exc:
            if exc.response["Error"]["Code"] in _WRONG_SETUP:
                raise ConfigError(f"the secrets of {business} cannot be read; run `slotline apply`") from exc
            raise StoreUnavailableError("the secrets cannot be read now") from exc
        except BotoCoreError as exc:
            raise StoreUnavailableError("the secrets cannot be read now") from exc
        return parse_secret_map(text, business=business)


def parse_secret_map(text: str, *, business: str) -> dict[str, str]:
    """The map of dotted names; ConfigError when somebody edited it into something else."""
    try:
        values: Any = json.loads(text)
    except ValueError:
        raise ConfigError(f"the secret of {business} is not JSON; run `slotline apply`") from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ConfigError(f"the secret of {business} is not a map of texts; run `slotline apply`")
    return values
