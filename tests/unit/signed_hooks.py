"""Webhooks with a signature: what the tests of every provider that signs its own do alike."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from slotline.adapters.calendars.calcom.webhooks import CalcomWebhooks
from slotline.adapters.calendars.calendly.webhooks import CalendlyWebhooks
from slotline.domain.calls import HttpRequest
from slotline.domain.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slotline.domain.hints import Hint
    from slotline.ports import HintReader

KEY = "a-webhook-secret"
NOW = 1_795_168_800.0  # of the examples below, an arbitrary moment


@dataclass(frozen=True)
class SignedHooks:
    """Who reads them, the header with the signature, how that is made of body and key, and an example of NOW."""

    reader: HintReader
    header: str
    sign: Callable[[bytes, str], str]
    example: bytes

    def signature(self, body: bytes, *, key: str = KEY) -> str:
        return self.sign(body, key)

    def request(self, body: bytes, given: str | None = None) -> HttpRequest:
        return HttpRequest("POST", "/hooks", {self.header: self.signature(body) if given is None else given}, body)

    def hints(self, asked: HttpRequest, *, secrets: Sequence[str] = (KEY,), now: float = NOW) -> tuple[Hint, ...]:
        received = self.reader.receive(asked, secrets=secrets, now=now)
        assert 200 <= received.response.status < 300
        return received.hints

    def refused(self, asked: HttpRequest, *, secrets: Sequence[str] = (KEY,), now: float = NOW) -> int:
        """The status of the refusal."""
        with pytest.raises(AccessError) as error:
            self.reader.receive(asked, secrets=secrets, now=now)
        return error.value.status


def _calcom(body: bytes, key: str) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def calendly_signature(body: bytes, key: str = KEY, *, at: float = NOW) -> str:
    return f"t={int(at)},v1={hmac.new(key.encode(), b'%d.' % int(at) + body, hashlib.sha256).hexdigest()}"


CALCOM = SignedHooks(
    CalcomWebhooks(),
    "x-cal-signature-256",
    _calcom,
    b'{"triggerEvent":"BOOKING_CREATED","createdAt":"2026-11-20T10:00:00.000Z","payload":{"uid":"abc"}}',
)
CALENDLY = SignedHooks(
    CalendlyWebhooks(),
    "calendly-webhook-signature",
    calendly_signature,
    b'{"event":"invitee.created","created_at":"2026-11-20T10:00:00.000000Z","payload":{}}',
)
