"""The dialect of an agent's platform. A dialect is imported when it is first asked for: an unused one costs nothing."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from slotline.domain.errors import ConfigError

if TYPE_CHECKING:
    from slotline.ports import Dialect

PLATFORMS = ("vapi", "retell", "generic")


@cache
def by_name(platform: str) -> Dialect:
    """Find the dialect by the platform's name in the config file; ConfigError when this version does not speak it."""
    if platform not in PLATFORMS:
        raise ConfigError(f"platform: {platform!r} is not supported; use one of {', '.join(PLATFORMS)}")
    dialect: Dialect = import_module(f"slotline.platforms.{platform}").DIALECT
    return dialect
