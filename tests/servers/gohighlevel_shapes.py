"""What the fake HighLevel's things look like on the wire, and its signed webhooks."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.servers.gohighlevel_desk import LOCATION, Appointment, Calendar, Contact, Desk

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Json = dict[str, Any]


def calendar_json(calendar: Calendar) -> Json:
    opens, closes = calendar.hours
    hours = [{"openHour": opens, "openMinute": 0, "closeHour": closes, "closeMinute": 0}]
    shown: Json = {
        "id": calendar.id,
        "locationId": LOCATION,
        "name": calendar.name,
        "isActive": calendar.is_active,
        "calendarType": calendar.kind,
        "teamMembers": [{"userId": user, "priority": 0.5, "isPrimary": False} for user in calendar.team],
        "slotDuration": calendar.minutes,
        "slotDurationUnit": "mins",
        "slotInterval": calendar.interval,
        "slotIntervalUnit": "mins",
        "appoinmentPerSlot": calendar.per_slot,
        "allowBookingAfter": calendar.notice_hours,
        "allowBookingAfterUnit": "hours",
        "openHours": [{"daysOfTheWeek": [day], "hours": hours} for day in sorted(calendar.weekdays)],
        "autoConfirm": calendar.auto_confirm,
    }
    return shown | (
        {"allowBookingFor": calendar.days_ahead, "allowBookingForUnit": "days"} if calendar.days_ahead else {}
    )


def contact_json(contact: Contact) -> Json:
    shown = {
        "id": contact.id,
        "locationId": LOCATION,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "tags": contact.tags,
        "dnd": contact.dnd,
        "source": contact.source,
    }
    return {key: value for key, value in shown.items() if value is not None}


def event_json(desk: Desk, appointment: Appointment) -> Json:
    """As documented; times with the location's offset."""
    added = (appointment.added or desk.now).isoformat()
    shown: Json = {
        "id": appointment.id,
        "title": appointment.title,
        "calendarId": appointment.calendar.id,
        "locationId": LOCATION,
        "contactId": appointment.contact.id,
        "groupId": "group1",
        "appointmentStatus": appointment.status,
        "assignedUserId": appointment.user or "",
        "users": [],
        "startTime": appointment.start.astimezone(desk.zone).isoformat(),
        "endTime": appointment.end.astimezone(desk.zone).isoformat(),
        "dateAdded": added,
        "dateUpdated": added,
        "isRecurring": False,
    }
    shown |= {"description": appointment.description} if appointment.description else {}
    return shown | ({"address": appointment.address} if appointment.address else {})


def whole_json(desk: Desk, appointment: Appointment) -> Json:
    return event_json(desk, appointment) | {"createdBy": {"source": appointment.source}}


def small_json(appointment: Appointment) -> Json:
    """What a write is reported to answer in fact: no times, no location, and the status misspelled."""
    status = {"confirmed": "booked"}.get(appointment.status, appointment.status)
    return {
        "id": appointment.id,
        "calendarId": appointment.calendar.id,
        "contactId": appointment.contact.id,
        "status": status,
        "appoinmentStatus": appointment.status,
        "title": appointment.title,
        "assignedUserId": appointment.user or "",
        "address": appointment.address,
        "isRecurring": False,
    }


def zoneless_json(desk: Desk, appointment: Appointment) -> Json:
    """A row of a contact's appointments: local times without an offset, the words in `notes`."""
    row = event_json(desk, appointment)
    row["notes"] = row.pop("description", "")
    row["status"] = appointment.status
    row.pop("isRecurring")
    for key, moment in (("startTime", appointment.start), ("endTime", appointment.end)):
        row[key] = moment.astimezone(desk.zone).strftime("%Y-%m-%d %H:%M:%S")
    return row


class Signer:
    """Signs webhooks as HighLevel does, with keys of the test's own."""

    def __init__(self, desk: Desk, *, newer: Ed25519PrivateKey | None, older: RSAPrivateKey | None) -> None:
        self._desk, self._newer, self._older = desk, newer, older
        self._sent = 0

    def __call__(self, kind: str, appointment: Appointment, now: datetime) -> tuple[dict[str, str], bytes]:
        self._sent += 1
        row = event_json(self._desk, appointment)
        row["notes"] = row.pop("description", "")
        body = {
            "type": kind,
            "locationId": LOCATION,
            "appointment": row | {"source": appointment.source},
            "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "webhookId": f"hook-{self._sent}",
            "appId": "app1",
        }
        return self.signed(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())

    def signed(self, body: bytes) -> tuple[dict[str, str], bytes]:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        headers = {"Content-Type": "application/json"}
        if self._newer is not None:
            headers["x-ghl-signature"] = base64.b64encode(self._newer.sign(body)).decode()
        if self._older is not None:
            headers["x-wh-signature"] = base64.b64encode(self._older.sign(body, PKCS1v15(), SHA256())).decode()
        return headers, body
