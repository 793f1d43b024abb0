"""What this version can connect to, and what a later one will: those get a clear "not yet" instead of "unknown"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

PLACES = ("in_person", "phone", "cal_video", "zoom", "meet", "teams", "link")
"""Where an appointment can take place."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a calendar provider needs in the file and can do."""

    kind: Literal["slots", "busy"]  # slots: the provider knows who and how long; busy: the slot engine does the rest
    places: frozenset[str]
    secrets: tuple[str, ...] = ()
    keeps_own_hours: bool = False
    base_url: str | None = None  # None: it makes no requests, so there is no account to share
    root: str = ""  # the path of its API on every host, for a base URL that names only the host


PROVIDERS = {
    "builtin": Provider(kind="busy", places=frozenset({"in_person", "phone", "link"})),
    "calcom": Provider(
        kind="slots",
        places=frozenset(PLACES),
        secrets=("api_key",),
        keeps_own_hours=True,
        base_url="https://api.cal.com/v2",
        root="/v2",
    ),
}
LATER_PROVIDERS = ("calendly", "gohighlevel", "google", "microsoft", "caldav")

PLATFORMS = ("generic", "retell", "vapi")
LATER_PLATFORMS = ("elevenlabs", "bland", "synthflow", "ultravox", "telnyx", "signalwire")
SIGNING_PLATFORMS = ("retell",)
"""Platforms with a signature scheme of their own, for `auth: {signature: …}`."""

SMS_PROVIDERS = ("console", "twilio")
LATER_SMS_PROVIDERS = ("aws",)


def supported(word: str, *, now: tuple[str, ...], later: tuple[str, ...]) -> str:
    """The word, when this version supports it; ValueError with what it does support otherwise."""
    if word in now:
        return word
    if word in later:
        raise ValueError(f"{word!r} is not supported by this version yet; use one of {', '.join(now)}")
    raise ValueError(f"{word!r} is unknown; use one of {', '.join(now)}")


def no_such(kind: str, name: str, *, among: Collection[str]) -> str:
    """What to say about a name that nothing in the file bears."""
    return f"there is no {kind} {name!r}; known: {', '.join(sorted(among)) or 'none'}"
