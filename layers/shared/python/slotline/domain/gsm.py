"""How long a text is on the air: the GSM 7-bit alphabet (3GPP TS 23.038, 6.2.1) and the parts a text is cut into."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}[]~\\|€\f")  # an escape and a letter: two units that may not be parted

GSM_SINGLE, GSM_PART = 160, 153  # septets; parts of a longer text give up seven to a header
UCS2_SINGLE, UCS2_PART = 70, 67  # UTF-16 units
LAST_BMP = 0xFFFF

_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʹʼ`´‹›", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−•", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
        ),
        "…": "...",
        "×": "x",
        "⁄": "/",
    }
)


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: its alphabet and the number of parts it is sent in."""

    encoding: Literal["GSM-7", "UCS-2"]
    count: int


def plain(text: str) -> str:
    """The same text with typographic look-alikes (quotes, dashes, ellipsis, odd blanks) as GSM-7 has them.

    Letters are never touched: a name keeps its spelling even where one letter moves the whole text to UCS-2.
    """
    if text.isascii() and "`" not in text:  # the only look-alike in ASCII
        return text
    return unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)


def gsm_segments(text: str) -> Segments:
    """The alphabet the text needs and the parts it takes; one letter outside GSM-7 makes all of it UCS-2."""
    if all(letter in BASIC or letter in EXTENSION for letter in text):
        widths = [2 if letter in EXTENSION else 1 for letter in text]
        return Segments("GSM-7", _parts(widths, single=GSM_SINGLE, part=GSM_PART))
    widths = [2 if ord(letter) > LAST_BMP else 1 for letter in text]
    return Segments("UCS-2", _parts(widths, single=UCS2_SINGLE, part=UCS2_PART))


def _parts(widths: list[int], *, single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count
