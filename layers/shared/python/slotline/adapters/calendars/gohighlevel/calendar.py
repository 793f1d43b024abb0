"""HighLevel (GoHighLevel, LeadConnector): https://marketplace.gohighlevel.com/docs.

HighLevel takes no idempotency key, so this is a provider of class A: one create in flight per booking, and a lost
answer is looked up. An appointment belongs to a contact, which is found or made first. The server checks every create
and every move against its own free slots; the switches that skip this check are never used.

Our tag stands in the appointment's description, where people may edit it. An appointment that shows no reference at all
still counts as ours when contact, calendar and start are those of the wish; one that a person stripped of its
reference *and* moved is no longer found, only read by its id. `events` cannot know a stripped one and gives it no tag.

Options of a connection (none of them secret):

`location_id`  the sub-account; a token is good for one. Required.
`auth`         `pit` (private integration token, static) or `oauth`; for the wiring, this module only asks for a token.
`user_id`      a team member whose free slots alone are offered and who is assigned. Without it, the server picks.
`notify`       "true" lets HighLevel's own automations (reminders, confirmations) run; "false" by default.
`approval`     "true" creates appointments as `new`, for a person to confirm; "false" by default.
`time_zone`    an IANA name for free slots, where HighLevel does not know that of the business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotline.adapters.calendars.gohighlevel import replies, requests
from slotline.adapters.calendars.gohighlevel.contacts import Contacts
from slotline.adapters.calendars.gohighlevel.search import APPOINTMENTS, LIVE, Search, appointment_path
from slotline.adapters.calendars.gohighlevel.slots import Slots
from slotline.adapters.calendars.gohighlevel.wire import Wire
from slotline.domain.errors import Refusal, RefusedError, SetupError
from slotline.ports import EventType, EventWish, FreeStarts, ProviderEvent, ProviderTraits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from slotline.adapters.calendars._http import ProviderHttp
    from slotline.domain.business import Calendar, Service
    from slotline.domain.time import Interval
    from slotline.ports import Clock

BASE_URL = "https://services.leadconnectorhq.com"


class GohighlevelCalendar:
    """One HighLevel location; see `slotline.ports.CalendarProvider`.

    `zone` is the business's, in which the server spells its slots. `calendar_ids` are the calendars that the services
    use: the only ones that `events` reads. Without any, and without a user, it reads those of the whole location.
    """

    def __init__(
        self,
        http: ProviderHttp,
        calendar: Calendar,
        *,
        token: Callable[[], str],
        clock: Clock,
        zone: ZoneInfo,
        calendar_ids: Sequence[str] = (),
    ) -> None:
        self._connection = calendar
        self._clock = clock
        self._calendar_ids = tuple(dict.fromkeys(calendar_ids))
        self._wire = Wire(http, calendar, token=token)
        self._contacts = Contacts(self._wire)
        self._search = Search(self._wire, calendar, clock=clock)
        self._slots = Slots(self._wire, zone=_zone(calendar) or zone, clock=clock)

    @property
    def traits(self) -> ProviderTraits:
        return ProviderTraits(repeats_safely=False, moves="in_place")

    def look(self, service: Service, *, window: Interval, moving: str | None, deadline: float) -> FreeStarts:
        """Free starts that are not past.

        Slots that the moving appointment hides are not told apart from taken ones, except the one it begins at.
        """
        calendar, earliest = requests.calendar_id(service), int(self._clock.now() // 60)
        host = requests.user_id(self._connection)
        offered = self._slots.offered(calendar, window=window, host=host, service=service.key, deadline=deadline)
        starts = {start for start in offered if start >= earliest}
        own = self._standing(moving, deadline=deadline) if moving is not None else None
        if own is not None and max(window.start, earliest) <= own.span.start < window.end:
            starts.add(own.span.start)
        return FreeStarts(tuple(sorted(starts)))

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """The answer shows no description, so the tag of a success is the wish's: the server hands out no older one."""
        location, calendar = requests.location_id(self._connection), requests.calendar_id(wish.service)
        host, status = wish.host or requests.user_id(self._connection), self._status
        approval = status == "requested"
        body = requests.appointment_body(wish, location=location, host=host, notify=self._notify, approval=approval)
        body["contactId"] = self._contacts.one_for(wish, location=location, deadline=deadline)
        known = ProviderEvent("", wish.tag, wish.times.span, status, host=host)
        target = _Target("POST", APPOINTMENTS, calendar, host)
        return self._placed(target, body, wish, known=known, deadline=deadline)

    def find(self, wish: EventWish, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Look at the wish's time on its calendar; when nothing is there, at all that this person has."""
        return self._search.find(wish, contacts=self._contacts, deadline=deadline)

    def read(self, event_id: str, *, deadline: float) -> ProviderEvent:
        appointment = self._search.appointment(event_id, deadline=deadline)
        return replies.event_of(appointment, name=self._wire.name, writes=False)

    def move(self, event_id: str, wish: EventWish, *, deadline: float) -> ProviderEvent:
        """Change the times of the appointment; its id stays. One that stands there already is left alone."""
        appointment = self._search.appointment(event_id, deadline=deadline)
        event = replies.event_of(appointment, name=self._wire.name, writes=False)
        if event.status not in LIVE:
            raise RefusedError(Refusal.GONE, f"{self._wire.name}: {Refusal.GONE}")
        if event.span == wish.times.span:
            return event
        calendar = replies.text(replies.member(appointment, "calendarId")) or requests.calendar_id(wish.service)
        known = replace(event, span=wish.times.span, tag=event.tag or wish.tag)
        target = _Target("PUT", appointment_path(event_id), calendar, requests.user_id(self._connection))
        return self._placed(target, {"toNotify": self._notify}, wish, known=known, deadline=deadline)

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        """Set the status, which keeps the history; the record itself is never deleted."""
        body, path = {"appointmentStatus": "cancelled", "toNotify": self._notify}, appointment_path(event_id)
        try:
            self._wire.send("PUT", path, json=body, missing=Refusal.GONE, deadline=deadline)
        except (RefusedError, SetupError) as refused:  # the words of a second cancel are not documented
            is_gone = isinstance(refused, RefusedError) and refused.reason is Refusal.GONE
            if not is_gone and self._standing(event_id, deadline=deadline) is not None:
                raise

    def event_types(self, *, deadline: float) -> tuple[EventType, ...]:
        """The active calendars of the location."""
        listed = self._search.calendars(deadline=deadline)
        active = (calendar for calendar in listed if replies.member(calendar, "isActive") is not False)
        return tuple(replies.event_type_of(calendar, name=self._wire.name) for calendar in active)

    def events(self, *, window: Interval, deadline: float) -> tuple[ProviderEvent, ...]:
        return self._search.events(window, calendar_ids=self._calendar_ids, deadline=deadline)

    # --- parts of the above ------------------------------------------------------------------------------------------

    @property
    def _notify(self) -> bool:
        return requests.switched_on(self._connection, "notify")

    @property
    def _status(self) -> Literal["accepted", "requested"]:
        return "requested" if requests.switched_on(self._connection, "approval") else "accepted"

    def _placed(
        self, target: _Target, body: Mapping[str, object], wish: EventWish, *, known: ProviderEvent, deadline: float
    ) -> ProviderEvent:
        """Write an appointment at the wish's start.

        After a definite no the slot is read again; one that the server now spells differently is sent once more.
        """
        slot = self._slots.spelled(target.calendar, wish=wish, host=target.host, deadline=deadline)
        try:
            answer = self._written(target, body, wish, slot=slot, deadline=deadline)
        except RefusedError as refused:
            if refused.reason is not Refusal.TAKEN:
                raise
            other = self._slots.otherwise(target.calendar, wish=wish, host=target.host, sent=slot, deadline=deadline)
            if isinstance(other, RefusedError):
                raise other from refused
            answer = self._written(target, body, wish, slot=other, deadline=deadline)
        return replies.event_of(replies.unwrapped(answer), name=self._wire.name, writes=True, known=known)

    def _written(
        self, target: _Target, body: Mapping[str, object], wish: EventWish, *, slot: str, deadline: float
    ) -> object:
        return self._wire.send(
            target.method,
            target.path,
            json={**body, **requests.times(slot, minutes=wish.times.span.minutes)},
            service=wish.service.key,
            missing=Refusal.GONE if target.method == "PUT" else None,
            deadline=deadline,
        )

    def _standing(self, event_id: str, *, deadline: float) -> ProviderEvent | None:
        """The event while it is live."""
        try:
            event = self.read(event_id, deadline=deadline)
        except RefusedError:
            return None
        return event if event.status in LIVE else None


@dataclass(frozen=True, slots=True)
class _Target:
    """Where an appointment is written to, and among whose slots its start is looked up."""

    method: str
    path: str
    calendar: str
    host: str | None


def _zone(connection: Calendar) -> ZoneInfo | None:
    name = connection.options.get("time_zone")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SetupError(f"calendars.{connection.name}.time_zone: no such IANA time zone") from error
