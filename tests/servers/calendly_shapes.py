"""How the fake Calendly shows what it holds: the JSON of events, invitees, event types and webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from tests.servers.calendly_desk import ORGANIZATION, EventType, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from tests.servers.calendly_desk import Event, Invitee
    from tests.servers.faulty import Json

EPOCH = "2026-01-01T00:00:00.000000Z"


def event(shown: Event) -> Json:
    active = sum(i.status == "active" for i in shown.invitees)
    body: Json = {
        "uri": shown.uri,
        "name": shown.event_type.name,
        "status": shown.status,
        "start_time": stamp(shown.start),
        "end_time": stamp(shown.end),
        "event_type": shown.event_type.uri,
        "location": shown.location,
        "invitees_counter": {"total": len(shown.invitees), "active": active, "limit": shown.event_type.seats},
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.updated),
        "event_memberships": [
            {"user": shown.host.uri, "user_email": f"{shown.host.key}@example.com", "user_name": shown.host.name}
        ],
        "event_guests": [],
        "calendar_event": None,
    }
    return body | ({"cancellation": shown.cancellation} if shown.cancellation else {})


def invitee(shown: Invitee) -> Json:
    body: Json = {
        "uri": shown.uri,
        "email": shown.email,
        "first_name": None,
        "last_name": None,
        "name": shown.name,
        "status": shown.status,
        "questions_and_answers": shown.answers,
        "timezone": shown.zone,
        "event": shown.event.uri,
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.updated),
        "tracking": shown.tracking,
        "text_reminder_number": shown.phone,
        "rescheduled": shown.rescheduled,
        "old_invitee": shown.old.uri if shown.old else None,
        "new_invitee": shown.new.uri if shown.new else None,
        "cancel_url": f"https://calendly.com/cancellations/{shown.key}",
        "reschedule_url": f"https://calendly.com/reschedulings/{shown.key}",
        "routing_form_submission": None,
        "payment": None,
        "no_show": None,
        "reconfirmation": None,
        "scheduling_method": "instant_book",
        "invitee_scheduled_by": None,
    }
    return body | ({"cancellation": shown.cancellation} if shown.cancellation else {})


def event_type(shown: EventType) -> Json:
    kinds = {"round_robin": "Round Robin", "collective": "Collective"}
    body: Json = {
        "uri": shown.uri,
        "name": shown.name,
        "active": shown.active,
        "slug": shown.key.lower(),
        "scheduling_url": f"https://calendly.com/ada/{shown.key.lower()}",
        "duration": shown.minutes,
        "kind": "group" if shown.seats > 1 else "solo",
        "pooling_type": shown.pooling,
        "type": "StandardEventType",
        "color": "#fff200",
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "internal_note": None,
        "description_plain": None,
        "description_html": None,
        "profile": {
            "type": "Team" if shown.pooling else "User",
            "name": shown.hosts[0].name,
            "owner": shown.hosts[0].uri,
        },
        "secret": False,
        "booking_method": shown.booking_method,
        "custom_questions": [
            {"position": n, "enabled": True, "required": False, "answer_choices": [], "include_other": False, **q}
            for n, q in enumerate(shown.questions)
        ],
        "deleted_at": None,
        "kind_description": "Group" if shown.seats > 1 else kinds.get(shown.pooling or "", "One-on-One"),
        "admin_managed": False,
    }
    return body | ({} if shown.locations is None else {"locations": [dict(place) for place in shown.locations]})


def location(given: Json | None, offered: EventType) -> Json | None:
    """The location of an event: its discriminator is `type`, where the request says `kind`."""
    place = given or next(iter(offered.locations or ()), None)
    if place is None:
        return None
    kind = str(place["kind"])
    if not kind.endswith("_conference"):
        return {"type": kind, "location": place.get("location")}
    link = f"https://{kind.removesuffix('_conference').replace('_', '-')}.example.com/1"
    shown = {"type": kind.replace("gotomeeting_conference", "gotomeeting"), "status": "pushed", "join_url": link}
    return shown if kind == "google_conference" else shown | {"data": None}


def subscription(hook: Json) -> Json:
    return {key: value for key, value in hook.items() if key != "signing_key"}


def webhook(kind: str, about: Invitee, at: datetime, *, by: str) -> bytes:
    payload = invitee(about) | {"scheduled_event": event(about.event)}
    return json.dumps({"event": kind, "created_at": stamp(at), "created_by": by, "payload": payload}).encode()


def signed(body: bytes, key: str, *, at: float) -> dict[str, str]:
    digest = hmac.new(key.encode(), f"{int(at)}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "Calendly-Webhook-Signature": f"t={int(at)},v1={digest}"}


def me(host_uri: str) -> Json:
    return {
        "uri": host_uri,
        "name": "Ada Host",
        "slug": "ada",
        "email": "ada.host@example.com",
        "scheduling_url": "https://calendly.com/ada",
        "timezone": "UTC",
        "avatar_url": None,
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "current_organization": ORGANIZATION,
        "resource_type": "User",
    }
