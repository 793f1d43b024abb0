"""What a caller says about themselves: name, e-mail address and notes, checked before anything is written.

Phone numbers need a table of the world's numbering plans and are checked behind ports.PhoneNumbers.
"""

from __future__ import annotations

import re
import unicodedata

from slotline.domain.errors import MissingFieldError, UnclearError

LONGEST_NAME = 120
LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
LONGEST_NOTES = 500
_LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1

_JOINERS = frozenset("\u200c\u200d")  # they shape letters of Persian and of Indic scripts, and glue emoji
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")  # Unicode calls these letters; nobody sees them
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_NAME_MARKS = frozenset(" -'’ʼ`´.,·&()/")
_TAGS = re.compile(r"<[^<>]{0,60}>")
_ADDRESS = re.compile(r"https?:|www\.|://", re.IGNORECASE)
_NO_NAMES = frozenset({"unknown", "none", "n/a", "undefined", "anonymous", "not provided", "no name", "caller"})

_LOCAL_PART = r"[a-z0-9!#$%&'*+/=?^_{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?P<local>{_LOCAL_PART})@(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{2,59}})")

_AT_WORDS = frozenset({"at", "arroba", "arobase", "ät", "klammeraffe"})
_SPOKEN_MARKS = {
    **dict.fromkeys(("dot", "point", "period", "punto", "punkt"), "."),
    **dict.fromkeys(("underscore", "unterstrich", "guion bajo", "guión bajo", "tiret bas"), "_"),
    **dict.fromkeys(("dash", "hyphen", "minus", "bindestrich", "guion", "guión", "tiret"), "-"),
    **dict.fromkeys(("plus", "más"), "+"),
}
_SPOKEN_MARK = re.compile(rf"(?<!\S)(?:{'|'.join(sorted(_SPOKEN_MARKS, key=len, reverse=True))})(?!\S)")


def check_name(text: str | None) -> str:
    """The name in one line, without emoji and invisible characters.

    Raises MissingFieldError when there is none, UnclearError("bad_name") when it has no letter or is too long.
    """
    said = unicodedata.normalize("NFC", " ".join((text or "").split()))
    if not said or said.casefold() in _NO_NAMES:
        raise MissingFieldError("name")
    if len(said) > LONGEST_NAME or _ADDRESS.search(said):
        raise UnclearError("bad_name")
    letters = "".join(letter if _in_names(letter) else " " for letter in _TAGS.sub(" ", said))
    name = " ".join(_without_stray_joiners(letters).split()).strip("-.,·&/ ")
    if not any(unicodedata.category(letter).startswith("L") for letter in name):
        raise UnclearError("bad_name")
    return name


def check_email(text: str | None) -> str:
    """The address in lower case, repaired when it was written as spoken ("ana at example dot com").

    Raises MissingFieldError when there is none, UnclearError("bad_email") when it cannot be one.
    """
    said = unicodedata.normalize("NFKC", (text or "")[: LONGEST_EMAIL * 2]).strip().lower()
    if not said:
        raise MissingFieldError("email")
    address = _written(said.removeprefix("mailto:").strip(" <>\"'").rstrip(".,;>"))
    found = _EMAIL.fullmatch(address)
    if found is None or len(address) > LONGEST_EMAIL or len(found["local"]) > _LONGEST_LOCAL_PART:
        raise UnclearError("bad_email")
    return address


def check_notes(text: str | None) -> str | None:
    """Notes for the business, without control characters and cut to 500 characters; None when nothing is left."""
    plain = "".join(
        letter if letter == "\n" or not unicodedata.category(letter).startswith("C") or letter in _JOINERS else " "
        for letter in unicodedata.normalize("NFC", (text or "")[: LONGEST_NOTES * 2])
    )
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in lines if line)[:LONGEST_NOTES].strip() or None


def _in_names(letter: str) -> bool:
    if letter in _BLANK_LETTERS or ord(letter) in _VARIATION_SELECTORS:
        return False
    return unicodedata.category(letter)[0] in "LM" or letter.isdecimal() or letter in _NAME_MARKS or letter in _JOINERS


def _without_stray_joiners(text: str) -> str:
    """Joiners stay between letters only, where scripts need them."""
    kept = [
        letter
        for place, letter in enumerate(text)
        if letter not in _JOINERS or (0 < place < len(text) - 1 and unicodedata.category(text[place - 1])[0] in "LM")
    ]
    return "".join(kept)


def _written(said: str) -> str:
    """Spoken marks become written ones; the blanks between spelled letters go."""
    marked = _SPOKEN_MARK.sub(lambda found: _SPOKEN_MARKS[found[0]], said)
    if "@" not in marked:
        words = marked.split()
        marked = "".join("@" if word in _AT_WORDS else word for word in words)
    else:
        marked = re.sub(r"\s*@\s*", "@", re.sub(r"\s+\.\s*", ".", marked))
        if not _spelled(marked):
            return marked  # "ana lopez@example.com": which words are the address is anybody's guess
    return "".join(marked.split())


def _spelled(text: str) -> bool:
    """Whether letters were given one by one: "a n a @ example.com"."""
    return all(len(word) == 1 for word in text.partition("@")[0].split())
