"""What a desk can prove with its one root key: who a caller is, which slot was offered, which wish is the same wish."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: nothing that sounds or looks like something else
_VALUES = {letter: number for number, letter in enumerate(_ALPHABET)} | {"o": 0, "i": 1, "l": 1}
_START_BITS, _SEAT_BITS, _PROOF_BITS = 26, 6, 28  # minutes until the year 2097, 63 staff, 1 in 268 million guesses
_LETTERS = 12

CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """What a slot id says: the start (epoch minutes) and, when the caller chose somebody, the staff key."""

    start: int
    staff: str | None


@dataclass(frozen=True, slots=True, repr=False)
class DeskKeys:
    """Keys of one business, all derived from one random root."""

    root: bytes

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose (32 bytes)."""
        return _derived(self.root, purpose)

    def caller(self, identity: str) -> str:
        """A keyed hash of a caller's number (or of whatever else stands for them): safe to store and to log."""
        return _text(hmac.digest(self.derived("caller"), identity.encode(), hashlib.sha256)[:15])

    def slot_id(self, *, service: str, start: int, staff: str | None = None, seats: tuple[str, ...] = ()) -> str:
        """An id of twelve letters and digits that proves this desk offered the slot; nothing is stored."""
        seat = seats.index(staff) + 1 if staff else 0
        bits = (start << _SEAT_BITS | seat) << _PROOF_BITS | self._proof(service, start, staff)
        text = "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(_LETTERS)))
        return "-".join(text[at : at + 4] for at in range(0, _LETTERS, 4))

    def offered(self, slot_id: str, *, service: str, seats: tuple[str, ...] = ()) -> OfferedSlot | None:
        """The slot behind an id; None when this desk never offered it for this service."""
        letters = [_VALUES.get(letter) for letter in slot_id.casefold() if letter not in "-_ ."]
        if len(letters) != _LETTERS or None in letters:
            return None
        bits = 0
        for value in letters:
            bits = bits << 5 | (value or 0)
        start, seat = bits >> _SEAT_BITS + _PROOF_BITS, bits >> _PROOF_BITS & (1 << _SEAT_BITS) - 1
        if seat > len(seats):
            return None
        staff = seats[seat - 1] if seat else None
        proof = bits & (1 << _PROOF_BITS) - 1
        genuine = hmac.compare_digest(f"{proof:08x}", f"{self._proof(service, start, staff):08x}")
        return OfferedSlot(start, staff) if genuine else None

    def code(self, challenge: str) -> str:
        """The six digits that belong to a challenge: stored nowhere, worked out anew by whoever holds the key."""
        digest = hmac.digest(self.derived("code"), challenge.encode(), hashlib.sha256)
        least = 10 ** (CODE_DIGITS - 1)  # never a zero in front: a model that writes a number would drop it
        return str(least + int.from_bytes(digest[:8]) % (9 * least))

    def is_code(self, challenge: str, said: str) -> bool:
        """Whether these are its digits; takes as long for wrong ones as for right ones."""
        return hmac.compare_digest(self.code(challenge).encode(), said.encode())

    def _proof(self, service: str, start: int, staff: str | None) -> int:
        digest = hmac.digest(self.derived("slot"), f"{service}|{start}|{staff or ''}".encode(), hashlib.sha256)
        return int.from_bytes(digest[:4]) >> 32 - _PROOF_BITS


@lru_cache(maxsize=256)
def _derived(root: bytes, purpose: str) -> bytes:
    return hmac.digest(root, purpose.encode(), hashlib.sha256)


@lru_cache(maxsize=1024)
def intent_key(caller: str, *, service: str, start: int, party: int = 1) -> str:
    """The same caller wanting the same service at the same time is one wish, however often it is said."""
    return _text(hashlib.sha256(f"{caller}|{service}|{start}|{party}".encode()).digest())


@lru_cache(maxsize=1024)
def resource_id(business: str, calendar: str) -> str:
    """The calendar of record as the lock knows it."""
    return _text(hashlib.sha256(f"{business}|{calendar}".encode()).digest()[:10])


def _text(digest: bytes) -> str:
    return base64.b32encode(digest).decode().rstrip("=").lower()
