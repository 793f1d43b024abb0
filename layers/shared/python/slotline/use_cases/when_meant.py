"""What a caller asked for, understood: with what that may need to know, such as opening hours and their appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from slotline.domain.errors import UnclearError
from slotline.domain.seating import seatings
from slotline.domain.time import local, local_day, local_day_start, resolve_local
from slotline.domain.when import understand, understand_after

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from slotline.domain.business import Service
    from slotline.domain.calls import ToolCall
    from slotline.domain.when import After, DaySpan, HoursOf, WeekHours
    from slotline.use_cases.desk import Desk

_WEEK = range(7)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for, understood."""

    service: Service
    member: str | None
    span: DaySpan
    after: int | None
    before: int | None = None

    @property
    def crew(self) -> tuple[str, ...]:
        return (self.member,) if self.member else ()


def understood(
    desk: Desk,
    call: ToolCall,
    *,
    deadline: float,
    service: Service,
    member: str | None,
    when: str | None,
    part: str | None,
    after: str | None,
) -> Wish:
    """The wish; `after` and an appointment mentioned in `when` both bound it."""
    now, zone, locale = desk.now_local(), desk.business.zone, desk.business.locale
    today, minute = now.date(), now.hour * 60 + now.minute
    hours = hours_of(desk, service, crew=(member,) if member else ())

    def appointment() -> datetime:
        return own_appointment(desk, call, deadline=deadline)

    span = understand(
        when,
        today=today,
        now_minute_of_day=minute,
        locale=locale,
        part_of_day=part,
        hours=hours,
        appointment=appointment,
    )
    bounds = [minute_of_moment(span.after, zone)] if span.after else []
    if after is not None:
        said = understand_after(
            after, today=today, now_minute_of_day=minute, locale=locale, hours=hours, appointment=appointment
        )
        bounds.append(_bound(desk, said, span))
    before = minute_of_moment(span.before, zone) if span.before else None
    return Wish(service, member, span, max(bounds, default=None), before)


def _bound(desk: Desk, bound: After, span: DaySpan) -> int:
    """The epoch minute behind `after`: an offer's start, or a local time of the day asked for."""
    if bound.minute_utc is not None:
        return bound.minute_utc
    day, zone = bound.local_date or span.first, desk.business.zone
    if bound.minute_of_day is None:
        return local_day(day, zone).end - 1
    return minute_at(day, bound.minute_of_day, zone)


def hours_of(desk: Desk, service: Service, *, crew: tuple[str, ...] = ()) -> HoursOf:
    """Finds the weekly hours in which anybody could serve; None when a provider keeps them to itself."""

    def found() -> WeekHours | None:
        calendars = [calendar for way in seatings(desk.business, service, crew=crew) for calendar in way.calendars]
        known = [calendar.hours for calendar in calendars if calendar.hours is not None]
        if len(known) < len(calendars):
            return None
        return [sorted({window for hours in known for window in hours.week[weekday]}) for weekday in _WEEK]

    return found


def own_appointment(desk: Desk, call: ToolCall, *, deadline: float) -> datetime:
    """The local start of the caller's next appointment, without its zone.

    Raises UnclearError when they have none, several, or are not known well enough to be told about it.
    """
    from slotline.use_cases.appointments import Change  # few callers mention theirs

    caller = desk.caller(call)
    if not desk.may(caller, desk.business.look_up):
        raise UnclearError("clarify_when")
    change = Change(desk, call, caller, deadline)
    coming = change.coming()
    if not coming:
        raise UnclearError("clarify_when")
    if len(coming) > 1:
        raise UnclearError("clarify_appointment", appointments=change.spoken(coming))
    return local(coming[0].times.span.start, desk.business.zone).replace(tzinfo=None)


def minute_at(day: date, minute_of_day: int, zone: ZoneInfo) -> int:
    """The epoch minute of a local time; one that the change of clocks leaves out counts from the day's start."""
    start = resolve_local(day, time(minute_of_day // 60, minute_of_day % 60), zone)
    return start if start is not None else local_day_start(day, zone) + minute_of_day


def minute_of_moment(moment: datetime, zone: ZoneInfo) -> int:
    """The epoch minute of a local moment without a zone."""
    return minute_at(moment.date(), moment.hour * 60 + moment.minute, zone)
