"""How an agent's platform tells about calls. Apart from the dialects of tools, so that no tool loads any of it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slotline.ports import EventDialect

OWN_WAY = ("vapi", "retell", "elevenlabs")
"""Platforms with events of their own; for the others somebody's own code sends the plain form."""


@cache
def by_name(platform: str) -> EventDialect:
    """Find how a platform tells about calls; which platforms there are was settled with the agent's dialect."""
    if platform in OWN_WAY:
        dialect: EventDialect = import_module(f"slotline.platforms.{platform}_events").EVENTS
        return dialect
    from slotline.platforms.plain_events import PlainEvents

    return PlainEvents(platform)
