"""One start read anew, as far as the calendars can tell: our own locks speak when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from slotline.domain.bookings import Times
from slotline.domain.business import Business, Service
from slotline.domain.errors import ConfigError, ProviderError, SetupError, StaleError
from slotline.domain.seating import Seating
from slotline.domain.slots import without
from slotline.domain.time import Interval
from slotline.ports import BookingStore, BusyTimes, CalendarProvider, Calendars, FreeStarts
from slotline.use_cases.calendar_reading import is_in_the_way, seen
from slotline.use_cases.openings_board import Availability, Board

type SideBySide = Callable[[Sequence[str], Callable[[str], Availability]], dict[str, Availability]]


@dataclass(frozen=True, slots=True)
class SlotReading:
    """A time on every calendar of one seating. `moving` and `own` name a booking whose own time counts as free."""

    business: Business
    service: Service
    way: Seating
    times: Times
    store: BookingStore
    calendars: Calendars
    side_by_side: SideBySide
    now: float
    deadline: float
    moving: str | None = None
    own: str | None = None
    unread: list[ProviderError] = field(default_factory=list)

    def is_free(self, *, only_way: bool) -> bool:
        """A provider that would refuse a taken time is not asked before, unless somebody else could serve instead.

        Raises ProviderError when everything that could be read is free, and something could not.
        """
        way, start = self.way, self.times.span.start
        trusted = way.calendars[0].name if only_way else None
        names = [calendar.name for calendar in (*way.calendars, *way.watched)]
        answers = self.side_by_side(names, lambda name: self._look(name, trusted=name == trusted))
        documents = dict.fromkeys(way.resources, ())
        board = Board(self.business, self.service, self._window, self.now, self.own, documents, answers)
        if not board.is_free(way, start):
            return False
        if self.unread:
            raise self.unread[0]
        return True

    @property
    def _window(self) -> Interval:
        """What must be free, without what is past: some providers refuse to be asked about that."""
        return Interval(max(self.times.blocked.start, int(self.now // 60)), self.times.blocked.end)

    def _look(self, name: str, *, trusted: bool) -> Availability:
        try:
            provider = self.calendars.of(name)
            if trusted and not (provider.traits.keeps_events or provider.traits.own):
                return self._nothing_against(name)
            return self._without_copies(name, provider, self._seen(name, provider))
        except ProviderError as error:
            self.unread.append(error)
        except ConfigError as error:  # its secret is gone, for example
            self.unread.append(SetupError(str(error)))
        return self._nothing_against(name)

    def _nothing_against(self, name: str) -> Availability:
        """So that opening hours and what the other calendars say still count."""
        keeps_hours = self.business.calendar(name).hours is not None
        is_watched = name not in {calendar.name for calendar in self.way.calendars}
        return BusyTimes(()) if keeps_hours or is_watched else FreeStarts((self.times.span.start,))

    def _seen(self, name: str, provider: CalendarProvider) -> Availability:
        return seen(
            provider,
            self.service,
            seats=self.business.calendar(name).capacity,
            window=self._window,
            moving=self.moving,
            own=self.own,
            deadline=self.deadline,
        )

    def _without_copies(self, name: str, provider: CalendarProvider, answer: Availability) -> Availability:
        """Copies for further staff follow their bookings a little later: one that is left behind is in nobody's way."""
        if isinstance(answer, FreeStarts) or not answer.intervals or not provider.traits.keeps_events:
            return answer
        seats = self.business.calendar(name).capacity
        events = provider.events(window=self._window, deadline=self.deadline)
        behind = [event for event in events if event.tag and self._is_left_behind(event.tag, name)]
        if not behind:
            return answer
        others = [e.span for e in events if e not in behind and is_in_the_way(e, seats=seats, own=self.own)]
        return BusyTimes((*without(answer.intervals, sorted(event.span for event in behind)), *others))

    def _is_left_behind(self, tag: str, name: str) -> bool:
        try:
            booking = self.store.read(tag)
        except StaleError:
            return False
        where = [times for times in (booking.times, booking.moving_to) if times is not None]
        stands = not booking.state.is_terminal and any(times.blocked.overlaps(self._window) for times in where)
        return name in booking.copies and not stands
