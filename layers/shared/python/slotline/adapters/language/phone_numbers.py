"""Phone numbers by libphonenumber (https://github.com/daviddrysdale/python-phonenumbers), imported on first use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_LONGEST_TEXT = 120
_NEIGHBOURS = frozenset({"US", "CA"})  # a call or a text from one to the other costs what it costs at home

_DIGIT_WORDS = {
    word: digit
    for digit, words in enumerate(
        (
            "zero|oh|o|nought|null|cero|zéro",
            "one|eins|uno|un|une",
            "two|zwei|zwo|dos|deux",
            "three|drei|tres|trois",
            "four|vier|cuatro|quatre",
            "five|fünf|cinco|cinq",
            "six|sechs|seis",
            "seven|sieben|siete|sept",
            "eight|acht|ocho|huit",
            "nine|neun|nueve|neuf",
        )
    )
    for word in words.split("|")
}
_REPEATS = {"double": 2, "triple": 3}
_EXTENSION = re.compile(
    r"(?:\b(?:extension|extn?|durchwahl|extensión|poste)\b|(?<=\d)\s*[x#]\s*\d|;ext=).*", re.IGNORECASE | re.DOTALL
)
_TOKEN = re.compile(r"\+|\d+|[^\W\d_]+")
_DIALABLE = re.compile(r"\+?\d{5,17}")
_DEFAULT_REGIONS = {"en": "US", "es": "ES", "de": "DE", "fr": "FR"}


class LibPhoneNumbers:
    """Implements ports.PhoneNumbers."""

    def parse(self, text: str, *, region: str) -> str | None:
        """E.164 from written or spoken digits; None for short codes, premium numbers and anything not dialable."""
        import phonenumbers

        digits = _digits(text)
        if not _DIALABLE.fullmatch(digits):
            return None
        try:
            number = phonenumbers.parse(digits, region.upper())
        except phonenumbers.NumberParseException:
            return None
        kind = phonenumbers.PhoneNumberType
        refused = {kind.PREMIUM_RATE, kind.SHARED_COST, kind.UAN, kind.VOICEMAIL, kind.PAGER}
        if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) in refused:
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def region(self, *, locale: str, known: str | None) -> str:
        """The ISO country of a business: that of its own E.164 number, else its locale's, else its language's."""
        found = self.country(known) if known is not None else None
        if found is not None:
            return found
        language, _, region = locale.strip().replace("_", "-").rpartition("-")
        if re.fullmatch(r"[A-Za-z]{2}", region) and language:
            return region.upper()
        return _DEFAULT_REGIONS.get((language or region).partition("-")[0].lower(), "US")

    def same_country(self, number: str, other: str) -> bool:
        """Whether two E.164 numbers are of one country, or of the United States and Canada."""
        countries = {self.country(number), self.country(other)}
        return None not in countries and (len(countries) == 1 or countries <= _NEIGHBOURS)

    def country(self, number: str) -> str | None:
        """The ISO country of an E.164 number: Jamaica shares +1 with the United States and is not it."""
        import phonenumbers

        read = _read(number)
        found = phonenumbers.region_code_for_number(read) if read is not None else None
        return found if found and found.isalpha() else None  # "001" is no country: satellite phones and the like


def _read(number: str) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None


def _digits(text: str) -> str:
    """The digits in the text, written or spoken, with a leading + where one was given."""
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]))
    said = "".join(_said(plain))
    return f"+{said[2:]}" if said.startswith("00") else said


def _said(text: str) -> Iterator[str]:
    repeat = 1
    for piece in _TOKEN.findall(text.casefold()):
        if piece in _REPEATS:
            repeat = _REPEATS[piece]
            continue
        if piece in {"+", "plus"}:
            yield "+"
        elif piece[0].isdecimal():
            digits = "".join(str(unicodedata.decimal(digit)) for digit in piece)
            yield digits * (repeat if len(digits) == 1 else 1)  # "double 5", never "double 55"
        elif piece in _DIGIT_WORDS:
            yield str(_DIGIT_WORDS[piece]) * repeat
        elif piece == "hundred":
            yield "00"
        repeat = 1
