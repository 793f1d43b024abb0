"""Reading events from Microsoft Graph, and telling whether one still stands.

With ids that survive a move between folders, Graph may still answer about an event after somebody threw it away; which
of the two is not documented. What a calendar's view shows is what people see, so the view decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.microsoft import replies, requests
from slotline.adapters.calendars.microsoft.zones import zone_named
from slotline.domain.errors import CredentialError, NotExecutedError, SetupError
from slotline.domain.time import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from slotline.adapters.calendars.microsoft.graph import Graph
    from slotline.adapters.calendars.microsoft.replies import GraphEvent
    from slotline.ports import ProviderEvent

SETTLED_AFTER_SECONDS = 60.0
"""A view may lag behind a write: for so long after one, an event that is not in it is not believed to be gone."""

FARTHEST_ZONE_MINUTES = 840
"""Days begin up to 14 hours before or after those of UTC, by which all-day events may be filed."""


class EventReader:
    """Events of one mailbox. `options` are those of the connection."""

    def __init__(self, graph: Graph, target: requests.Target, options: Mapping[str, str]) -> None:
        self._graph = graph
        self._target = target
        self._options = options
        self._zone: ZoneInfo | None = None

    def event(self, event_id: str, *, deadline: float) -> GraphEvent:
        """One event, wherever in the mailbox it lies; RefusedError(GONE) when there is none."""
        entry = self._graph.get(self._target.shown_event(event_id), about="event", deadline=deadline)
        return replies.event_of(entry, name=self._graph.name, writes=False)

    def standing(self, event: GraphEvent, *, deadline: float) -> ProviderEvent:
        """The event with its true status; NotExecutedError while that cannot be told."""
        span = self.span(event, deadline=deadline)
        if span is None:
            raise NotExecutedError(f"{self._graph.name}: an event without a length")
        if event.is_cancelled:
            return event.shown(span, status="cancelled")
        if self.in_view(event, span, deadline=deadline) is not None:
            return event.shown(span)
        if self._graph.clock.now() - event.touched < SETTLED_AFTER_SECONDS:
            raise NotExecutedError(f"{self._graph.name}: the calendar does not show the event yet, or any more")
        return event.shown(span, status="cancelled")

    def in_view(self, event: GraphEvent, span: Interval, *, deadline: float) -> GraphEvent | None:
        """The event as the calendar shows it at that time; None when it does not."""
        shown = self.view(self._target.calendar, span, deadline=deadline)
        return next((e for e in shown if e.is_same(event) and not e.is_cancelled), None)

    def view(
        self, calendar: str, window: Interval, *, deadline: float, only_times: bool = False
    ) -> Iterator[GraphEvent]:
        """Everything that touches the window, occurrences of series one by one."""
        return self._listed(*requests.view(calendar, window, only_times=only_times), deadline=deadline)

    def tagged(self, tag: str, *, deadline: float) -> Iterator[GraphEvent]:
        return self._listed(requests.tagged(self._target.calendar, tag), deadline=deadline)

    def within(
        self, calendar: str, window: Interval, *, deadline: float, only_times: bool = False
    ) -> Iterator[tuple[GraphEvent, Interval]]:
        """What touches the window and is not cancelled, with its instants."""
        wide = window.widened(before=FARTHEST_ZONE_MINUTES, after=FARTHEST_ZONE_MINUTES)
        for event in self.view(calendar, wide, deadline=deadline, only_times=only_times):
            if event.is_cancelled:
                continue
            span = self.span(event, deadline=deadline)
            if span is not None and span.overlaps(window):
                yield event, span

    def busy(self, calendar: str, window: Interval, *, deadline: float, moving: str | None = None) -> list[Interval]:
        """What blocks time in one calendar."""
        seen = self.within(calendar, window, deadline=deadline, only_times=True)
        return [span for event, span in seen if not event.is_free and event.id != moving]

    def span(self, event: GraphEvent, *, deadline: float) -> Interval | None:
        """The instants of an event; days become those of the mailbox."""
        if event.span is None or not event.is_all_day:
            return event.span
        return replies.local_span(event.span, self._mailbox_zone(event.zone_name, deadline=deadline))

    def _listed(self, *paths: str, deadline: float) -> Iterator[GraphEvent]:
        for path in paths:
            for entry in self._graph.listed(path, about="calendar", deadline=deadline):
                yield replies.event_of(entry, name=self._graph.name, writes=False)

    def _mailbox_zone(self, zone_of_event: str | None, *, deadline: float) -> ZoneInfo:
        """Where the mailbox's days begin. Where its settings are closed to us, the event's own zone must do."""
        option = self._options.get("time_zone")
        if self._zone is None and option:
            self._zone = zone_named(option)
            if self._zone is None:
                raise SetupError(f"calendars.{self._graph.name}.time_zone: is no time zone")
        if self._zone is None:
            path = f"{self._target.root}/mailboxSettings"
            try:
                self._zone = replies.mailbox_zone(self._graph.get(path, about="settings", deadline=deadline))
            except CredentialError:
                raise
            except SetupError:
                self._zone = None  # without MailboxSettings.Read
        zone = self._zone or (zone_named(zone_of_event) if zone_of_event else None)
        if zone is None:
            raise SetupError(
                f"calendars.{self._graph.name}.time_zone: must say where all-day events begin, or the app must be "
                "given MailboxSettings.Read"
            )
        return zone
