"""What a platform tells about a call as a whole: that it begins, that it has ended. Hints, and nothing but hints.

An event is believed about itself only. What was booked, moved or cancelled in a call is known from our own records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from slotline.domain.calls import CallContext

MCP = "mcp"
"""Where an agent's tools come over MCP, their calls are filed under this word, whatever its platform."""

# A word of the platform's own, such as customer-ended-call or call.in-progress.error-x. What could be a sentence, a
# number, an address or a name is not kept: names are written with capitals or with a dot between them.
_WORD = re.compile(r"(?!.*\d{7})(?=.{1,80}\Z)(?:call\.[a-z-]+\.)?[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*", re.ASCII)


class Happened(StrEnum):
    """What an event says of its call."""

    ASKED = "asked"  # it is about to begin, and the platform waits for what to know about its caller
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One event. `reason` is the platform's word for why a call ended."""

    what: Happened
    context: CallContext
    reason: str | None = None
    assistant: str | None = None  # the platform's own id of the agent that will answer, where it is settled already


@dataclass(frozen=True, slots=True)
class Welcome:
    """What an agent knows when a call begins: the same names in every call, all of them text."""

    variables: Mapping[str, str]
    assistant: str | None = None  # the platform's own id of the agent, as the owner gave it
    transfer_to: str | None = None  # E.164


@dataclass(frozen=True, slots=True)
class CallRef:
    """A call as its agent knows it; a call of the same id with another agent is another one."""

    platform: str
    id: str
    agent: str

    @property
    def scope(self) -> str:
        """Where the call's deliveries and handles are filed."""
        return f"{self.platform}#{self.id}"

    @property
    def owner(self) -> str:
        """Where tasks about the call as a whole are filed in the outbox; no booking has such an id."""
        return f"{self.scope}#{self.agent}"

    @classmethod
    def of_owner(cls, text: str) -> CallRef:
        """The call of an `owner`. Neither platforms nor agents have a # in their names."""
        platform, _, rest = text.partition("#")
        call_id, _, agent = rest.rpartition("#")
        return cls(platform, call_id, agent)

    @property
    def places(self) -> tuple[CallRef, ...]:
        """The call, and where the tools it used over MCP filed it."""
        return (self, replace(self, platform=MCP))


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a call, without personal data. `version` 0 is one that was never written."""

    reason: str | None = None
    replies: Mapping[str, int] = field(default_factory=dict)  # how often each status was answered
    bookings: Mapping[str, str] = field(default_factory=dict)  # state of each booking something was said about
    broken: tuple[str, ...] = ()  # bookings that are not what the caller was told last; a person was told of each
    unmatched: int = 0  # promises without a booking to compare them with; a person was told of each
    version: int = 0


def word(value: object) -> str | None:
    """The platform's word if it is one, else nothing: free text may name somebody."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
