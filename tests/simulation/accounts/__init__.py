"""Accounts at real providers, by the name of the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.accounts.caldav import CaldavAccount
from tests.simulation.accounts.calendly import CalendlyAccount
from tests.simulation.accounts.gohighlevel import GohighlevelAccount
from tests.simulation.accounts.google import GoogleAccount
from tests.simulation.accounts.microsoft import MicrosoftAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulation.accounts.account import Account

ACCOUNTS: Mapping[str, type[Account]] = {
    account.kind: account
    for account in (GoogleAccount, MicrosoftAccount, CaldavAccount, CalendlyAccount, GohighlevelAccount)
}

LETTERS: Mapping[str, str] = {
    "o": "own", "a": "a", "b": "b", "c": "calcom",
    "g": "google", "m": "microsoft", "d": "caldav", "y": "calendly", "h": "gohighlevel",
}  # fmt: skip
"""Kinds of calendars by their letter."""

SLOT_KINDS = frozenset({"calcom", "calendly", "gohighlevel"})
"""Their own event types say who serves and when they are open."""


def kinds_in(text: str) -> list[str]:
    """The kinds that a text of letters, or of names with commas, stands for."""
    words = text.split(",")
    return words if set(words) <= set(LETTERS.values()) else [LETTERS[letter] for letter in text]
