"""The dialect of an agent's platform. A dialect is imported when it is first asked for: an unused one costs nothing."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from slotline.domain.errors import ConfigError

if TYPE_CHECKING:
    from slotline.ports import Dialect, DirectDialect

FULL, ARGS_ONLY = "full", "args_only"

PLATFORMS = {
    "vapi": (FULL, ARGS_ONLY),
    "retell": (FULL, ARGS_ONLY),
    "elevenlabs": (ARGS_ONLY, FULL),
    "bland": (ARGS_ONLY, FULL),
    "synthflow": (FULL,),
    "ultravox": (ARGS_ONLY, FULL),
    "telnyx": (ARGS_ONLY,),
    "signalwire": (FULL,),
    "openai": (ARGS_ONLY, FULL),
    "generic": (ARGS_ONLY,),
}
"""The payloads a platform can be set to send, the one it sends unless told otherwise first.

`full`: the body also says who calls, as the platform or the tool's definition wrote it there. `args_only`: the body is
the model's arguments and nothing else, whatever it looks like.
"""

DIRECT = ("connect", "lex", "bedrock", "agentcore")
"""AWS services that invoke our function themselves, each with one kind of event."""


@cache
def by_name(platform: str, payload: str | None = None) -> Dialect:
    """Find the dialect by the names in the config file; ConfigError when this version does not speak it so."""
    if platform not in PLATFORMS:
        raise ConfigError(f"platform: {platform!r} is not supported; use one of {', '.join(PLATFORMS)}")
    payloads = PLATFORMS[platform]
    if (payload or payloads[0]) not in payloads:
        raise ConfigError(f"payload: {platform} cannot send {payload!r}; use {' or '.join(payloads)}")
    dialects: dict[str, Dialect] = import_module(f"slotline.platforms.{platform}").DIALECTS
    return dialects[payload or payloads[0]]


@cache
def direct_by_name(platform: str) -> DirectDialect:
    """Find the dialect of an AWS service; ConfigError when it is none that invokes us."""
    if platform not in DIRECT:
        raise ConfigError(f"platform: {platform!r} does not invoke functions; those that do are {', '.join(DIRECT)}")
    dialect: DirectDialect = import_module(f"slotline.platforms.{platform}").DIALECT
    return dialect
