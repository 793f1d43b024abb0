"""The webhooks of the fake Cal.com: who ordered what, and the deliveries that are due."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.calcom_desk import ApiError, Booking, Json, stamp

if TYPE_CHECKING:
    from datetime import datetime

TRIGGERS = frozenset({
    "BOOKING_CREATED", "BOOKING_PAYMENT_INITIATED", "BOOKING_PAID", "BOOKING_RESCHEDULED", "BOOKING_REQUESTED",
    "BOOKING_CANCELLED", "BOOKING_REJECTED", "BOOKING_NO_SHOW_UPDATED", "FORM_SUBMITTED", "MEETING_ENDED",
    "MEETING_STARTED", "RECORDING_READY", "INSTANT_MEETING", "RECORDING_TRANSCRIPTION_GENERATED", "OOO_CREATED",
    "AFTER_HOSTS_CAL_VIDEO_NO_SHOW", "AFTER_GUESTS_CAL_VIDEO_NO_SHOW", "FORM_SUBMITTED_NO_EVENT",
    "ROUTING_FORM_FALLBACK_HIT", "DELEGATION_CREDENTIAL_ERROR", "WRONG_ASSIGNMENT_REPORT",
})  # fmt: skip
FIELDS = {"active": bool, "subscriberUrl": str, "triggers": list, "secret": str, "payloadTemplate": str, "version": str}
NEEDED = ("active", "subscriberUrl", "triggers")

Delivery = tuple[str, dict[str, str], bytes]
"""URL, headers and body."""


@dataclass
class HookBook:
    """One webhook per URL, as the server insists; ids are numbers in the specification and texts on the server."""

    hooks: dict[str, Json] = field(default_factory=dict)
    number_ids: bool = False
    made: int = 0

    def create(self, body: Json) -> Json:
        _check(body, needed=NEEDED)
        if any(hook["subscriberUrl"] == body["subscriberUrl"] for hook in self.hooks.values()):
            raise ApiError(409, "Webhook with this subscriber url already exists for this user")
        self.made += 1
        number: str | int = self.made if self.number_ids else f"hook{self.made}"
        hook: Json = {"payloadTemplate": "", **body, "id": number, "userId": 1}
        self.hooks[str(number)] = hook
        return hook

    def listed(self, query: dict[str, str]) -> list[Json]:
        take, skip = int(query.get("take", "250")), int(query.get("skip", "0"))
        if not 1 <= take <= 250 or set(query) - {"take", "skip"}:
            raise ApiError(400, "take property is wrong,take must not be greater than 250 ")
        return list(self.hooks.values())[skip : skip + take]

    def shown(self, number: str) -> Json:
        if number not in self.hooks:
            raise ApiError(404, f"Webhook ({number}) not found")
        return self.hooks[number]

    def change(self, number: str, body: Json) -> Json:
        hook = self.shown(number)
        _check(body, needed=())
        hook.update(body)
        return hook

    def remove(self, number: str) -> Json:
        hook = self.shown(number)
        del self.hooks[number]
        return hook

    def due(self, happened: list[tuple[str, Booking, Json]], *, at: datetime) -> list[Delivery]:
        """What those who ordered must hear of what happened, oldest first."""
        return [
            (str(hook["subscriberUrl"]), signed(body, hook.get("secret")), body)
            for trigger, booking, extra in happened
            for body in [payload(trigger, booking, extra, at=at)]
            for hook in self.hooks.values()
            if hook.get("active") and trigger in hook["triggers"]
        ]


def _check(body: Json, *, needed: tuple[str, ...]) -> None:
    for key, value in body.items():
        if key not in FIELDS:
            raise ApiError(400, f"{key} property is wrong,property {key} should not exist ")
        if not isinstance(value, FIELDS[key]):
            raise ApiError(400, f"{key} property is wrong,{key} must be a {FIELDS[key].__name__} ")
    for key in needed:
        if key not in body:
            raise ApiError(400, f"{key} property is wrong,{key} should not be null or undefined ")
    if set(body.get("triggers", ())) - TRIGGERS:
        raise ApiError(400, "triggers property is wrong,each value in triggers must be one of the following values ")


def payload(trigger: str, booking: Booking, extra: Json, *, at: datetime) -> bytes:
    host, attendee = booking.hosts[0], booking.attendees[0]
    told = {
        "type": booking.event_type.slug,
        "title": booking.event_type.title,
        "startTime": stamp(booking.start),
        "endTime": stamp(booking.end),
        "organizer": {"id": host.id, "name": host.name, "email": host.email, "timeZone": host.zone},
        "attendees": [{"email": attendee["email"], "name": attendee["name"], "timeZone": attendee["timeZone"]}],
        "uid": booking.uid,
        "bookingId": booking.id,
        "eventTypeId": booking.event_type.id,
        "status": booking.status.upper(),
        "metadata": booking.metadata,
        **extra,
    }
    return json.dumps({"triggerEvent": trigger, "createdAt": stamp(at), "payload": told}).encode()


def signed(body: bytes, secret: object) -> dict[str, str]:
    """Headers of a webhook: HMAC-SHA256 over the raw body, no time stamp."""
    signature = hmac.new(str(secret).encode(), body, hashlib.sha256).hexdigest() if secret else "no-secret-provided"
    return {
        "Content-Type": "application/json",
        "X-Cal-Signature-256": signature,
        "X-Cal-Webhook-Version": "2021-10-20",
    }
