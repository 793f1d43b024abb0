"""What the platform vouches for: ids and phone numbers outside the model's reach, in one form or absent."""

from __future__ import annotations

import hashlib
import re

_ABSENT = frozenset({"", "null", "undefined", "none", "anonymous", "unknown", "restricted"})
# A template that its platform left unfilled. Angle brackets around an e-mail address are no template.
_UNRESOLVED = re.compile(r"\{\{.*\}\}|\{[^{}]*\}|<[^<>@]*>", re.DOTALL)

_SEPARATORS = re.compile(r"[\s().\-/\u200e\u200f\u2010-\u2015\u202a-\u202e\u2060\ufeff]")
_E164 = re.compile(r"\+(?:1[2-9][0-9]{9}|[2-9][0-9]{6,14})")
# For a caller without a number some carriers send ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN or UNAVAILABLE as typed on a
# keypad. Taken for real, that would make one person of everybody who withholds theirs.
# https://help.twilio.com/articles/223179988-Why-am-I-getting-calls-from-these-strange-numbers-
_WITHHELD = frozenset({"+266696687", "+7378742833", "+17378742833", "+2562533", "+8656696", "+86282452253"})

_LONGEST_ID = 200


def absent(text: str) -> bool:
    """Whether a platform or model wrote "nothing": a blank, a word for it, or a placeholder never filled in."""
    trimmed = text.strip()
    return trimmed.casefold() in _ABSENT or _UNRESOLVED.fullmatch(trimmed) is not None


def phone_number(value: object) -> str | None:
    """Normalise to E.164, or None. Only numbers that begin with + count: without it the country would be a guess."""
    if not isinstance(value, str):
        return None
    number = _SEPARATORS.sub("", value)
    return number if _E164.fullmatch(number) and number not in _WITHHELD else None


def identifier(value: object) -> str | None:
    """Make an id fit to be a key: as sent, or the hash of one that is too long or not printable. None when absent."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or absent(value):
        return None
    text = value.strip()
    if len(text) <= _LONGEST_ID and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
