"""Free slots of a HighLevel calendar: `GET /calendars/{calendarId}/free-slots`, and why a start is none of them.

A create must send a slot back letter by letter, so what was offered is remembered, and read again where it was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.gohighlevel import replies
from slotline.domain.errors import ProviderError, Refusal, RefusedError
from slotline.domain.time import MINUTES_A_DAY, Interval, iso, local, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from slotline.adapters.calendars.gohighlevel.wire import Wire
    from slotline.ports import Clock, EventWish

LONGEST_WINDOW = 30 * MINUTES_A_DAY
"""31 days at most, as documented; a day less, for a local month may be an hour longer than its days."""

MOST_REMEMBERED = 4096


class Slots:
    """The free slots of one location's calendars, as one process sees them."""

    def __init__(self, wire: Wire, *, zone: ZoneInfo, clock: Clock) -> None:
        self._wire = wire
        self._zone = zone
        self._clock = clock
        self._remembered: dict[tuple[str, str | None, int], str] = {}

    def offered(
        self, calendar: str, *, window: Interval, host: str | None, service: str, deadline: float
    ) -> dict[int, str]:
        """The starts inside the window with the server's own spelling of each."""
        found: dict[int, str] = {}
        for part in parts(window):
            query: dict[str, str | int] = {
                "startDate": part.start * 60_000,
                "endDate": part.end * 60_000,
                "timezone": self._zone.key,
            }
            if host is not None:
                query["userId"] = host
            path = f"/calendars/{calendar}/free-slots"
            body = self._wire.get(path, params=query, service=service, deadline=deadline)
            found.update(replies.free_slots(body, name=self._wire.name))
        if len(self._remembered) + len(found) > MOST_REMEMBERED:
            self._remembered = {}
        self._remembered |= {(calendar, host, start): slot for start, slot in found.items()}
        return {start: slot for start, slot in found.items() if window.start <= start < window.end}

    def spelled(self, calendar: str, *, wish: EventWish, host: str | None, deadline: float) -> str:
        """The start as the server writes it, or as it would: "look busy" hides slots that can be booked."""
        start = wish.times.span.start
        known = self._remembered.get((calendar, host, start))
        if known is not None:
            return known
        day = self._day_of(start)
        slots = self.offered(calendar, window=day, host=host, service=wish.service.key, deadline=deadline)
        return slots.get(start) or iso(start, self._zone)

    def otherwise(
        self, calendar: str, *, wish: EventWish, host: str | None, sent: str, deadline: float
    ) -> str | RefusedError:
        """After "no longer available", which says little: another spelling worth a try, or the reason.

        The refusal stands in any case; where the reason cannot be learned it is TAKEN.
        """
        start, name = wish.times.span.start, self._wire.name
        try:
            day = self._day_of(start)
            slots = self.offered(calendar, window=day, host=host, service=wish.service.key, deadline=deadline)
            slot = slots.get(start)
            if slot is not None and slot != sent:
                return slot
            if slot is not None:
                return RefusedError(Refusal.TAKEN, f"{name}: refused, although it is still offered")
            body = self._wire.get(f"/calendars/{calendar}", service=wish.service.key, deadline=deadline)
        except ProviderError:
            return RefusedError(Refusal.TAKEN, f"{name}: taken, or not bookable for a reason that was not to be had")
        reason = self._reason(replies.member(body, "calendar"), wish)
        return RefusedError(reason, f"{name}: {reason}")

    def _reason(self, settings: object, wish: EventWish) -> Refusal:
        span, now = wish.times.span, self._clock.now() / 60
        notice = replies.duration(settings, "allowBookingAfter")
        ahead = replies.duration(settings, "allowBookingFor")
        if span.start < now + (notice or 0) or (ahead and span.start > now + ahead):
            return Refusal.TOO_SOON_OR_FAR
        windows = list(_opening(settings))
        begins = local(span.start, self._zone)
        since_midnight = begins.hour * 60 + begins.minute
        if windows and not any(o <= since_midnight and since_midnight + span.minutes <= c for o, c in windows):
            return Refusal.OUTSIDE_HOURS
        return Refusal.TAKEN

    def _day_of(self, minute: int) -> Interval:
        return local_day(local(minute, self._zone).date(), self._zone)


def parts(window: Interval) -> Iterator[Interval]:
    for start in range(window.start, window.end, LONGEST_WINDOW):
        yield Interval(start, min(start + LONGEST_WINDOW, window.end))


def _opening(settings: object) -> Iterator[tuple[int, int]]:
    """Opening times of any weekday, in minutes after midnight; none where custom hours may come on top.

    The numbers of the weekdays are not documented, so they are left out: only a time that is closed every day is known
    to be outside the hours.
    """
    if replies.items(replies.member(settings, "availabilities")):
        return
    for day in replies.items(replies.member(settings, "openHours")):
        for hours in replies.items(replies.member(day, "hours")):
            edges = [replies.member(hours, key) for key in ("openHour", "openMinute", "closeHour", "closeMinute")]
            opens, opens_minute, closes, closes_minute = (int(e) if isinstance(e, int | float) else 0 for e in edges)
            yield opens * 60 + opens_minute, closes * 60 + closes_minute
