"""How the fake Graph writes things down: events, calendars, schedules, errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tests.servers.faulty import Answer, ApiError, Json, Request, answer_json
from tests.servers.microsoft_mailbox import OUTLOOK_ZONES, TEAMS, Folder, Item, Mailbox, Store, etag, instants

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

IANA = {"UTC", "Etc/GMT", "Europe/Berlin", "America/New_York", "Asia/Kolkata"}
"""Some of the names of https://learn.microsoft.com/graph/api/resources/datetimetimezone."""

CODES = {
    400: "ErrorInvalidRequest",
    401: "InvalidAuthenticationToken",
    403: "ErrorAccessDenied",
    404: "ResourceNotFound",
    429: "ApplicationThrottled",
    500: "generalException",
}


def error_body(error: ApiError, *, now: datetime, existing_is_named: bool) -> Json:
    code = error.more.get("code") or CODES.get(error.status, "generalException")
    inner = {"date": f"{now:%Y-%m-%dT%H:%M:%S}", "request-id": "r-1", "client-request-id": "c-1"}
    shown: Json = {"code": code, "message": str(error.message), "innerError": inner}
    if "inner" in error.more:
        inner["code"] = error.more["inner"]
    if "existing" in error.more:
        shown["code"] = "ErrorDuplicateTransactionId"
        if existing_is_named:
            shown["@event.existingEventId"] = error.more["existing"]
    return {"error": shown}


def moment(value: object) -> datetime:
    """A dateTimeTimeZone of a request: a local time without an offset, and a zone Outlook knows."""
    if not isinstance(value, dict) or set(value) - {"dateTime", "timeZone"} or "dateTime" not in value:
        raise ApiError(400, "Invalid dateTimeTimeZone")
    name = str(value.get("timeZone") or "UTC")
    if name not in IANA and name not in OUTLOOK_ZONES:
        raise ApiError(400, "A valid TimeZone value must be specified.", code="TimeZoneNotSupportedException")
    local = datetime.fromisoformat(str(value["dateTime"]))
    if local.tzinfo is not None:
        raise ApiError(400, "The time must not have an offset", code="ErrorPropertyValidationFailure")
    return local.replace(tzinfo=ZoneInfo(OUTLOOK_ZONES.get(name, name))).astimezone(UTC)


def edge(query: Mapping[str, str], key: str) -> datetime:
    """A date and time of a query; without an offset it means UTC."""
    try:
        found = datetime.fromisoformat(query[key])
    except (KeyError, ValueError):
        raise ApiError(400, f"This request requires {key}", code="ErrorInvalidParameter") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def shown_time(at: datetime, zone: str = "UTC") -> Json:
    local = at.astimezone(ZoneInfo(OUTLOOK_ZONES.get(zone, zone)))
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone}


def shown_event(item: Item, store: Store, *, zone: str = "UTC", expands: str | None = None) -> Json:
    sent = {k: v for k, v in item.sent.items() if k not in {"isOnlineMeeting", "onlineMeetingProvider"}}
    is_online = item.online_at is not None
    link = is_online and item.online_at is not None and store.now >= item.online_at
    shown: Json = {
        "@odata.etag": etag(item),
        "id": item.id,
        "iCalUId": f"040000008200E0-{item.id}",
        "changeKey": str(item.version),
        "createdDateTime": f"{item.created:%Y-%m-%dT%H:%M:%S}.0000000Z",
        "lastModifiedDateTime": f"{item.modified:%Y-%m-%dT%H:%M:%S}.0000000Z",
        "originalStartTimeZone": store.mailbox(item.mailbox).zone if item.fingerprint == "human" else "UTC",
        "originalEndTimeZone": "UTC",
        "isAllDay": item.is_all_day,
        "isCancelled": item.is_cancelled,
        "isOrganizer": item.is_organizer,
        "isOnlineMeeting": is_online,
        "onlineMeetingProvider": TEAMS if is_online else "unknown",
        "onlineMeeting": {"joinUrl": f"https://teams.example/meet/{item.id[7:11]}"} if link else None,
        "onlineMeetingUrl": None,
        "responseStatus": {"response": item.response, "time": "0001-01-01T00:00:00Z"},
        "showAs": item.show_as,
        "type": "singleInstance" if item.days == 1 else "occurrence",
        "webLink": f"https://outlook.example/{item.id[7:11]}",
        "start": shown_time(item.start, "UTC" if item.is_all_day else zone),
        "end": shown_time(item.end, "UTC" if item.is_all_day else zone),
        "attendees": [],
        "location": {"displayName": ""},
        **sent,
    }
    if item.transaction is not None:
        shown["transactionId"] = item.transaction
    if expands is not None and expands in item.properties:
        shown["singleValueExtendedProperties"] = [{"id": expands, "value": item.properties[expands]}]
    return shown


def shown_calendar(folder: Folder, mailbox: Mailbox) -> Json:
    return {
        "id": folder.id,
        "name": folder.name,
        "isDefaultCalendar": folder.is_default,
        "canEdit": folder.can_edit,
        "allowedOnlineMeetingProviders": [TEAMS] if folder.allows_teams else [],
        "defaultOnlineMeetingProvider": TEAMS if folder.allows_teams else "unknown",
        "owner": {"name": "Front Desk", "address": mailbox.address},
    }


def shown_schedule(address: str, store: Store, start: datetime, end: datetime, *, as_labels: bool) -> Json:
    """One schedule of a getSchedule answer; the default calendar only, and errors inside a success."""
    shown: Json = {"scheduleId": address, "availabilityView": "", "scheduleItems": []}
    mailbox = store.mailboxes.get(address.lower())
    if mailbox is None or mailbox.schedule_error:
        code = mailbox.schedule_error if mailbox and mailbox.schedule_error else "ErrorMailRecipientNotFound"
        return shown | {"error": {"message": "Unable to resolve e-mail address", "responseCode": code}}
    for item in store.view(mailbox, mailbox.default, start, end):
        first, last = (item.start, item.end) if as_labels else instants(item, mailbox)
        if not item.is_cancelled:
            entry = {"status": item.show_as, "isPrivate": False, "start": shown_time(first), "end": shown_time(last)}
            shown["scheduleItems"].append(entry)
    hours = {"daysOfWeek": ["monday"], "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}
    return shown | {"availabilityView": "0", "workingHours": hours | {"timeZone": {"name": mailbox.zone}}}


LIST_KEYS = {"$select", "$filter", "$expand", "$top", "$skip", "$orderby", "startDateTime", "endDateTime"}


def paged(request: Request, largest: int, entries: Sequence[object]) -> Answer:
    """One page of a list, and an absolute link to the next one with the whole query in it."""
    only(request.query, LIST_KEYS)
    skip = int(request.query.get("$skip", "0"))
    size = min(int(request.query.get("$top", "10")), largest)
    page: Json = {"value": entries[skip : skip + size]}
    if len(entries) > skip + size:
        query = request.query | {"$skip": str(skip + size)}
        told = "&".join(f"{quote(k, safe='$')}={quote(v, safe='')}" for k, v in query.items())
        page["@odata.nextLink"] = f"https://graph.microsoft.com{quote(request.path, safe='/@')}?{told}"
    return answer_json(200, page)


def only(given: Iterable[str], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise ApiError(400, f"The property '{key}' does not exist on this type.", code="RequestBodyRead")
