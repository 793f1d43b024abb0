"""check_availability: at most three free times, or why there is none and what is nearest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from slotline.domain.business import Service
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import ProviderError, UnclearError
from slotline.domain.offers import choose, narrow, nearest
from slotline.domain.seating import member_named, seatings
from slotline.domain.slots import open_windows
from slotline.domain.time import MINUTES_A_DAY, local, local_day, resolve_local
from slotline.domain.when import DaySpan, understand, understand_after
from slotline.use_cases.desk import Desk
from slotline.use_cases.openings import Opening


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for, understood."""

    service: Service
    member: str | None
    span: DaySpan
    after: int | None

    @property
    def crew(self) -> tuple[str, ...]:
        return (self.member,) if self.member else ()


def check_availability(
    desk: Desk,
    _call: ToolCall,
    *,
    deadline: float,
    service: str | None = None,
    when: str | None = None,
    part_of_day: str | None = None,
    staff: str | None = None,
    after: str | None = None,
    more: bool = False,
) -> ToolReply:
    """Offer times inside the caller's wish; `clarify` when it has no reading, or two."""
    try:
        wish = _understood(desk, service=service, when=when, part_of_day=part_of_day, staff=staff, after=after)
    except UnclearError as unclear:
        return desk.unclear(unclear)
    try:
        opening = desk.opening(wish.service, crew=wish.crew, deadline=deadline)
    except ProviderError:
        return desk.reply_transfer(Status.NOT_DONE, "provider_down")
    wanted = _narrowed(desk, wish, opening)
    if wish.span.at is not None:
        exact = [s for s in wanted if _minute_of_day(desk, s) == wish.span.at]
        wanted = exact or wanted
    starts = choose(wanted, shape=wish.service.offer, zone=desk.business.zone, more=more)
    if not starts:
        return _nothing(desk, wish, opening)
    fields = {"slots": desk.slots(wish.service, starts, member=wish.member)}
    return desk.reply(Status.AVAILABLE, "offers", fields, service=wish.service.name, offers=desk.offers(starts))


def _understood(
    desk: Desk, *, service: str | None, when: str | None, part_of_day: str | None, staff: str | None, after: str | None
) -> Wish:
    wanted = desk.service(service)
    now, locale = desk.now_local(), desk.business.locale
    today, minute = now.date(), now.hour * 60 + now.minute
    span = understand(when, today=today, now_minute_of_day=minute, locale=locale, part_of_day=part_of_day)
    return Wish(wanted, member_named(desk.business, wanted, staff), span, _bound(desk, after, span))


def _bound(desk: Desk, after: str | None, span: DaySpan) -> int | None:
    """The epoch minute behind `after`: an offer's start, or a local time of the day asked for."""
    if after is None:
        return None
    now, zone = desk.now_local(), desk.business.zone
    today, minute = now.date(), now.hour * 60 + now.minute
    bound = understand_after(after, today=today, now_minute_of_day=minute, locale=desk.business.locale)
    if bound.minute_utc is not None:
        return bound.minute_utc
    day = bound.local_date or span.first
    if bound.minute_of_day is None:
        return local_day(day, zone).end - 1
    hour, past = divmod(bound.minute_of_day, 60)
    start = resolve_local(day, time(hour, past), zone)
    return start if start is not None else local_day(day, zone).start + bound.minute_of_day


def _narrowed(desk: Desk, wish: Wish, opening: Opening) -> list[int]:
    span = wish.span
    return list(
        narrow(
            opening.starts,
            zone=desk.business.zone,
            first=span.first,
            last=span.last,
            earliest_minute=span.earliest,
            latest_minute=span.latest,
            after=wish.after,
        )
    )


def _nothing(desk: Desk, wish: Wish, opening: Opening) -> ToolReply:
    """Why there is nothing, and the nearest times before and after."""
    zone = desk.business.zone
    day = local_day(wish.span.first, zone)
    middle = wish.after if wish.after is not None else min(day.start + max(wish.span.earliest, 1), day.end)
    later_only = wish.after is not None
    near = [start for start in opening.starts if not later_only or start > middle]
    reason = _reason(desk, wish, opening)
    several_days = wish.span.last != wish.span.first
    said = (several_days and wish.span.said) or desk.day(wish.span.first)
    alternatives = nearest(near, middle)
    phrase = f"none_{reason}"
    if not alternatives:
        return desk.reply(Status.NONE_AVAILABLE, phrase, {"reason": reason, "slots": []}, when=said)
    fields = {"reason": reason, "slots": desk.slots(wish.service, alternatives, member=wish.member)}
    return desk.reply(Status.NONE_AVAILABLE, f"{phrase}_nearest", fields, when=said, offers=desk.offers(alternatives))


def _reason(desk: Desk, wish: Wish, opening: Opening) -> str:
    zone, span = desk.business.zone, wish.span
    first = local_day(span.first, zone)
    last = first if span.last is None else local_day(span.last, zone)
    if first.start >= opening.window.end:
        return "too_far"
    if span.last is not None and last.start + min(span.latest, MINUTES_A_DAY) <= opening.window.start:
        return "too_soon"
    last_day = span.last or span.first
    hours = [c.hours for way in seatings(desk.business, wish.service, crew=wish.crew) for c in way.calendars]
    if None in hours:  # the provider keeps its own opening hours and does not tell
        return "full"
    open_times = [w for h in hours if h for w in open_windows(h, zone=zone, first=span.first, last=last_day)]
    if not open_times:
        return "day_closed"
    return "full" if any(window.end > opening.window.start for window in open_times) else "too_soon"


def _minute_of_day(desk: Desk, start: int) -> int:
    moment = local(start, desk.business.zone)
    return moment.hour * 60 + moment.minute
