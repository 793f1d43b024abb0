"""The sentences callers hear: one module per language, all with the same phrases and the same placeholders.

Rules for whoever adds one: one or two short spoken sentences, no markup, polite form of address, and only the phrases
in `CONFIRMED` may say that something is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

LANGUAGES = frozenset({"en", "es", "de", "fr"})
FALLBACK = "en"

CONFIRMED = frozenset({"booked", "booked_no_text", "booked_already", "moved", "moved_no_text", "move_same"})
"""The phrases that go with the status `confirmed`: the provider's own yes is known."""


@dataclass(frozen=True, slots=True)
class Language:
    """All that is said in one language. `at` joins a clock time to a day, `again` a further one to the same day."""

    phrases: Mapping[str, str]
    fields: Mapping[str, str]  # how an argument's name is spoken, as an object of the sentence
    appointment: str  # one of the caller's appointments, with {service} and {time}
    appointment_with: str  # the same with {staff}
    moment_with: str  # a time with {time} and the {staff} chosen for it
    appointment_unsettled: str  # one that the calendar or the host has not confirmed
    at: Callable[[str], str]
    again: Callable[[str], str]
    joiners: Mapping[str, str]  # "or" and "and" between two items
    last_joiners: Mapping[str, str]  # the same before the last of three or more
    others: Mapping[str, str]  # what stands for the items a list leaves out


@cache
def _loaded(code: str) -> Language:
    found: Language = import_module(f"{__name__}.{code}").LANGUAGE
    return found


def language(locale: str) -> Language:
    """The language of a locale such as "es-MX"; English when there is no catalogue. Only that one is loaded."""
    code = locale.strip().lower().replace("_", "-").partition("-")[0]
    return _loaded(code if code in LANGUAGES else FALLBACK)
