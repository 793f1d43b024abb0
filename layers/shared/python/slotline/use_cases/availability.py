"""check_availability: at most three free times, or why there is none and what is nearest."""

from __future__ import annotations

from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import ProviderError, UnclearError
from slotline.domain.offers import choose, narrow, nearest
from slotline.domain.seating import member_named, seatings
from slotline.domain.slots import open_windows
from slotline.domain.speech import shortened
from slotline.domain.time import MINUTES_A_DAY, local, local_day
from slotline.use_cases.desk import Desk
from slotline.use_cases.openings import Opening
from slotline.use_cases.when_meant import Wish, understood

LONGEST_STAFF = 30
"""What a name is cut to in a sentence that must also hold three offers."""


def check_availability(
    desk: Desk,
    call: ToolCall,
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
        wanted = desk.service(service)
        member = member_named(desk.business, wanted, staff)
        wish = understood(
            desk, call, deadline=deadline, service=wanted, member=member, when=when, part=part_of_day, after=after
        )
    except UnclearError as unclear:
        return desk.unclear(unclear)
    try:
        opening = desk.opening(wish.service, crew=wish.crew, deadline=deadline)
    except ProviderError:
        return desk.reply_transfer(Status.NOT_DONE, "provider_down")
    inside = _narrowed(desk, wish, opening)
    if wish.span.at is not None:
        exact = [s for s in inside if _minute_of_day(desk, s) == wish.span.at]
        inside = exact or inside
    starts = choose(inside, shape=wish.service.offer, zone=desk.business.zone, more=more)
    if not starts:
        return _nothing(desk, wish, opening)
    fields = {"slots": desk.slots(wish.service, starts, member=wish.member)}
    return desk.reply(Status.AVAILABLE, "offers", fields, service=wish.service.name, offers=desk.offers(starts))


def _narrowed(desk: Desk, wish: Wish, opening: Opening) -> list[int]:
    span, zone = wish.span, desk.business.zone
    starts = list(
        narrow(
            opening.starts,
            zone=zone,
            first=span.first,
            last=span.last,
            earliest_minute=span.earliest,
            latest_minute=span.latest,
            after=wish.after,
        )
    )
    if wish.before is not None:
        starts = [start for start in starts if start < wish.before]
    if span.has_gaps:
        starts = [start for start in starts if span.holds(local(start, zone).date())]
    return starts


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
    staff = shortened(desk.business.staff[wish.member].name, LONGEST_STAFF) if wish.member else ""
    if not alternatives:
        return desk.reply(Status.NONE_AVAILABLE, phrase, {"reason": reason, "slots": []}, when=said, staff=staff)
    fields = {"reason": reason, "slots": desk.slots(wish.service, alternatives, member=wish.member)}
    offers = desk.offers(alternatives)
    return desk.reply(Status.NONE_AVAILABLE, f"{phrase}_nearest", fields, when=said, staff=staff, offers=offers)


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
        return "staff_away" if wish.member and _anybody_is_open(desk, wish) else "day_closed"
    return "full" if any(window.end > opening.window.start for window in open_times) else "too_soon"


def _anybody_is_open(desk: Desk, wish: Wish) -> bool:
    """Whether any calendar of the business opens then: only one member of staff is not there."""
    zone, first = desk.business.zone, wish.span.first
    hours = [calendar.hours for calendar in desk.business.calendars.values() if calendar.hours]
    return any(open_windows(h, zone=zone, first=first, last=wish.span.last or first) for h in hours)


def _minute_of_day(desk: Desk, start: int) -> int:
    moment = local(start, desk.business.zone)
    return moment.hour * 60 + moment.minute
