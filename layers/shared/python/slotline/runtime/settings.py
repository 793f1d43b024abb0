"""What a function is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from slotline.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of the resources of this stage."""

    table: str
    stage: str
    secrets_prefix: str
    messages_queue: str | None = None
    hints_queue: str | None = None
    public_url: str | None = None
    woken: tuple[str, ...] = ()  # functions that are started when a call begins

    @property
    def is_local(self) -> bool:
        return self.stage == "local"

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """From SLOTLINE_* variables; ConfigError naming the one that is missing."""

        def required(name: str) -> str:
            try:
                return environ[name]
            except KeyError:
                raise ConfigError(f"{name}: this environment variable is not set") from None

        return cls(
            table=required("SLOTLINE_TABLE"),
            stage=required("SLOTLINE_STAGE"),
            secrets_prefix=required("SLOTLINE_SECRETS"),
            messages_queue=environ.get("SLOTLINE_MESSAGES_QUEUE") or None,
            hints_queue=environ.get("SLOTLINE_HINTS_QUEUE") or None,
            public_url=environ.get("SLOTLINE_PUBLIC_URL") or None,
            woken=tuple(name for name in environ.get("SLOTLINE_WOKEN", "").split(",") if name),
        )
