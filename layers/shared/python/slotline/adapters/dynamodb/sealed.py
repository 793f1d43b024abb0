"""Personal data at rest: one attribute, sealed with a key of the business and bound to its booking."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict

from slotline.domain.bookings import Contact

_NONCE_BYTES = 12


class Sealer:
    """AES-256-GCM, with the booking id authenticated: a sealed name cannot be moved to another booking."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, contact: Contact, *, booking_id: str) -> bytes:
        # Imported on first use: a question about free times never needs it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = json.dumps({k: v for k, v in asdict(contact).items() if v}, ensure_ascii=False)
        return nonce + AESGCM(self._key).encrypt(nonce, text.encode(), booking_id.encode())

    def open(self, sealed: bytes, *, booking_id: str) -> Contact:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        text = AESGCM(self._key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], booking_id.encode())
        return Contact(**json.loads(text))
