"""Personal data and access tokens at rest: one attribute, sealed with a key of the business and bound to its item."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict

from slotline.domain.bookings import Contact

_NONCE_BYTES = 12


class Sealer:
    """AES-256-GCM, with what it belongs to authenticated: a sealed name cannot be moved to another booking."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, contact: Contact, *, booking_id: str) -> bytes:
        """The contact of a booking."""
        fields = {k: v for k, v in asdict(contact).items() if v}
        return self.seal_text(json.dumps(fields, ensure_ascii=False), belongs_to=booking_id)

    def open(self, sealed: bytes, *, booking_id: str) -> Contact:
        return Contact(**json.loads(self.open_text(sealed, belongs_to=booking_id)))

    def seal_text(self, text: str, *, belongs_to: str) -> bytes:
        # Imported on first use: a question about free times never needs it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, text.encode(), belongs_to.encode())

    def open_text(self, sealed: bytes, *, belongs_to: str) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        text = AESGCM(self._key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to.encode())
        return text.decode()
