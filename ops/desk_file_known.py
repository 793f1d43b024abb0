"""What this version can connect to, and what a later one will: those get a clear "not yet" instead of "unknown"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from slotline.platforms import table

PLACES = ("in_person", "phone", "cal_video", "zoom", "meet", "teams", "link")
"""Where an appointment can take place."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a calendar provider needs in the file and can do."""

    kind: Literal["slots", "busy"]  # slots: the provider knows who and how long; busy: the slot engine does the rest
    places: frozenset[str]
    access: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # fields needed, by way to get in
    options: frozenset[str] = frozenset()  # further fields it takes
    account: tuple[str, ...] = ()  # fields that name the calendar; where they are not given, the credential does
    keeps_own_hours: bool = False
    base_url: str | None = None  # None: the file must name it, or there is no account at all
    root: str = ""  # the path of its API on every host, for a base URL that names only the host
    takes_webhook_orders: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """Every field that only some providers take, and this one does."""
        return self.options | {name for names in self.access.values() for name in names}


_OAUTH = ("client_id", "client_secret", "refresh_token")
_PLAIN = frozenset({"in_person", "phone", "link"})

PROVIDERS = {
    "builtin": Provider(kind="busy", places=_PLAIN),
    "calcom": Provider(
        kind="slots",
        places=frozenset(PLACES),
        access={"key": ("api_key",)},
        keeps_own_hours=True,
        base_url="https://api.cal.com/v2",
        root="/v2",
        takes_webhook_orders=True,
    ),
    "calendly": Provider(
        kind="slots",
        places=_PLAIN | {"zoom", "meet", "teams"},
        access={"key": ("api_key",), "oauth": _OAUTH},
        options=frozenset({"organization", "user", "tag_field", "plan", "text_reminders", "token_url"}),
        account=("organization", "user"),
        keeps_own_hours=True,
        base_url="https://api.calendly.com",
        takes_webhook_orders=True,
    ),
    "gohighlevel": Provider(
        kind="slots",
        places=_PLAIN | {"zoom", "meet", "teams"},
        access={"pit": ("api_key", "location_id"), "oauth": (*_OAUTH, "location_id")},
        options=frozenset({"user_id", "notify", "approval", "time_zone"}),
        account=("location_id", "user_id"),
        keeps_own_hours=True,
        base_url="https://services.leadconnectorhq.com",
    ),
    "google": Provider(
        kind="busy",
        places=_PLAIN | {"meet"},
        access={"oauth": _OAUTH, "service_account": ("service_account_key",)},
        options=frozenset({"calendar_id", "also_check", "invite", "send_updates", "subject", "token_url"}),
        account=("calendar_id",),
        base_url="https://www.googleapis.com/calendar/v3",
        root="/calendar/v3",
        takes_webhook_orders=True,
    ),
    "microsoft": Provider(
        kind="busy",
        places=_PLAIN | {"teams"},
        access={"delegated": _OAUTH, "client_credentials": ("client_id", "client_secret", "tenant", "mailbox")},
        options=frozenset({"mailbox", "calendar_id", "also_check", "invite", "tenant", "time_zone", "token_url"}),
        account=("mailbox", "calendar_id"),
        base_url="https://graph.microsoft.com/v1.0",
        root="/v1.0",
        takes_webhook_orders=True,
    ),
    "caldav": Provider(
        kind="busy",
        places=frozenset(PLACES) - {"cal_video"},
        access={"password": ("base_url", "username", "password")},
        options=frozenset({"calendar", "also_check", "invite", "create"}),
        account=("username", "calendar"),
    ),
}

PAYLOADS: Mapping[str, tuple[str, ...]] = table.PLATFORMS | dict.fromkeys(table.DIRECT, ())
PLATFORMS = tuple(sorted(PAYLOADS))
LATER_PLATFORMS: tuple[str, ...] = ()
SIGNING_PLATFORMS = ("retell", "signalwire", "telnyx")
"""Platforms that sign their tool calls in a way of their own, for `auth: {signature: …}`. Others sign webhooks only."""

WEBHOOK_SIGNERS = ("elevenlabs", "retell")
"""Platforms that prove their webhooks about calls by a secret of their own, whatever their tool calls are proved by."""

NAMES_ITS_ASSISTANT = ("vapi",)
"""Platforms that ask, when a call comes in, which of their assistants is to answer."""

_STATIC = ("bearer", "header")
PROOFS: Mapping[str, tuple[str, ...]] = {
    "vapi": (*_STATIC, "hmac"),
    "retell": ("signature", *_STATIC),
    "elevenlabs": (*_STATIC, "basic"),
    "bland": (*_STATIC, "basic"),
    "synthflow": _STATIC,
    "ultravox": (*_STATIC, "basic"),
    "telnyx": ("signature", *_STATIC),
    "signalwire": ("basic", "signature"),
    "openai": (*_STATIC, "basic", "hmac"),
    "generic": (*_STATIC, "basic", "hmac"),
    **dict.fromkeys(table.DIRECT, ("invocation",)),
}
"""How a platform can be set to prove itself; the owner's own code, in front of the last two, can do what it likes."""

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
