"""What we send to HighLevel for a wish: contact, appointment, place and the reference to find it again by.

Follows https://marketplace.gohighlevel.com/docs (Calendars and Contacts API).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slotline.adapters.calendars.gohighlevel.replies import reference
from slotline.domain.errors import Refusal, RefusedError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.domain.business import Calendar, Service
    from slotline.ports import EventWish

PLACES: Mapping[str, str | None] = {
    "unspecified": None,
    "in_person": "address",
    "phone": "phone",
    "link": "custom",
    "zoom": "zoom",
    "google_meet": "gmeet",
    "meet": "gmeet",
    "microsoft_teams": "ms_teams",
    "teams": "ms_teams",
}
"""`Where.kind` and HighLevel's `meetingLocationType` for it; None leaves the place to the calendar's own settings."""

SOURCE = "Slotline"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IMITATED = re.compile(r"slotline ref:", re.IGNORECASE)


def calendar_id(service: Service) -> str:
    return _an_id(service.event_type, field=f"services.{service.key}.event_type", what="calendar")


def location_id(connection: Calendar) -> str:
    field = f"calendars.{connection.name}.location_id"
    return _an_id(connection.options.get("location_id"), field=field, what="location (sub-account)")


def user_id(connection: Calendar) -> str | None:
    given = connection.options.get("user_id")
    return _an_id(given, field=f"calendars.{connection.name}.user_id", what="user") if given else None


def switched_on(connection: Calendar, option: str) -> bool:
    """The value of an option that is "true" or "false"; "false" when it is not given."""
    given = connection.options.get(option, "false").strip().lower()
    if given not in {"true", "false"}:
        raise SetupError(f'calendars.{connection.name}.{option}: must be "true" or "false"')
    return given == "true"


def contact_body(wish: EventWish, *, location: str) -> dict[str, object]:
    """The body of an upsert. Nothing but who it is: tags would be overwritten, and a do-not-disturb must stand."""
    contact = wish.contact
    body: dict[str, object] = {"locationId": location, "name": contact.name, "source": SOURCE}
    if contact.phone:
        body["phone"] = contact.phone
    if contact.email:
        body["email"] = contact.email.strip().lower()
    return {key: value for key, value in body.items() if value}


def check_contact(wish: EventWish) -> None:
    if not (wish.contact.phone or wish.contact.email):
        raise RefusedError(Refusal.NEEDS_FIELD, "a contact needs a phone number or an e-mail address", field="phone")


def appointment_body(
    wish: EventWish, *, location: str, host: str | None, notify: bool, approval: bool
) -> dict[str, object]:
    """The body of a create, but for contact and times.

    Never `ignoreFreeSlotValidation` nor `ignoreDateRange`: the calendar's own rules are the second line of defence.
    """
    body: dict[str, object] = {
        "calendarId": calendar_id(wish.service),
        "locationId": location,
        "title": ": ".join(part for part in (wish.service.name, wish.contact.name) if part),
        "description": description(wish),
        "appointmentStatus": "new" if approval else "confirmed",
        "toNotify": notify,
        **_place(wish),
    }
    return body | {"assignedUserId": host} if host is not None else body


def times(slot: str, *, minutes: int) -> dict[str, object]:
    """The start as the server wrote it, and the end in the same notation."""
    end = datetime.fromisoformat(slot) + timedelta(minutes=minutes)
    shown = end.isoformat(timespec="milliseconds" if "." in slot else "seconds")
    return {"startTime": slot, "endTime": shown.replace("+00:00", "Z") if slot.endswith("Z") else shown}


def description(wish: EventWish) -> str:
    """What a person in the calendar sees. The reference stands first, so that no limit of length cuts it off."""
    contact = wish.contact
    lines = [f"Phone: {contact.phone}"] if contact.phone else []
    lines += [f"E-mail: {contact.email.strip()}"] if contact.email else []
    lines += [f"Notes: {contact.notes}"] if contact.notes else []
    # A caller's words must not pass for a reference once a person has deleted the real one.
    return "\n".join([reference(wish.tag), *(_IMITATED.sub("Slotline-ref:", line) for line in lines)])


def _place(wish: EventWish) -> dict[str, object]:
    where = wish.service.where
    if where.kind not in PLACES:
        raise SetupError(f"services.{wish.service.key}.where.kind: HighLevel has no such place")
    kind, detail = PLACES[where.kind], where.detail
    if kind == "phone" and not detail:
        if wish.contact.phone is None:
            raise RefusedError(Refusal.NEEDS_FIELD, "the appointment is a call to the attendee", field="phone")
        detail = wish.contact.phone
    if kind is None or (kind in {"address", "custom"} and not detail):
        return {}
    place: dict[str, object] = {"meetingLocationType": kind, "overrideLocationConfig": True}
    return place | {"address": detail} if detail else place


def _an_id(value: str | None, *, field: str, what: str) -> str:
    if not value or not _ID.fullmatch(value):
        raise SetupError(f"{field}: must be the id of a HighLevel {what}")
    return value
