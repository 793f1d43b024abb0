"""Scheduled events with what stands only at their invitees: our tag, the address, and what replaced them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slotline.adapters.calendars.calendly import refusals, replies
from slotline.adapters.calendars.calendly.account import path_of
from slotline.adapters.calendars.calendly.budget import Use
from slotline.adapters.calendars.calendly.requests import tag_field
from slotline.domain.errors import NotExecutedError, RefusedError
from slotline.domain.time import MINUTES_A_DAY, Interval, utc_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slotline.adapters.calendars.calendly.account import CalendlyAccount
    from slotline.ports import ProviderEvent

LONGEST_EVENT = MINUTES_A_DAY
LONGEST_CHAIN = 5
MOST_TAGS = 5000


class CalendlyEvents:
    """Reads of one account's events. A tag never changes, so those read once are remembered."""

    def __init__(self, account: CalendlyAccount, options: Mapping[str, str]) -> None:
        self._account = account
        self._options = options
        self._name = account.name
        self._tags: dict[str, str | None] = {}

    @property
    def tag_in(self) -> str:
        return tag_field(self._options, name=self._name)

    def own_tag(self, invitee: object) -> str | None:
        return replies.text(invitee, "tracking", self.tag_in)

    def read(self, event_id: str, *, deadline: float, follow: bool = True) -> ProviderEvent:
        """The event as it is now. Of a cancelled one, `follow` finds out what replaced it."""
        response = self._account.get(path_of("scheduled_events", event_id), use=Use.CARE, deadline=deadline)
        found = self._account.resource(response, what=refusals.EVENT)
        invitee = self._invitee(self._invitees(event_id, {}, deadline=deadline))
        tag, email = self._tag(invitee, deadline=deadline), replies.text(invitee, "email")
        event = replies.event_of(found, tag=tag, email=email, moved_to=None, name=self._name)
        if event.status != "cancelled" or not follow:
            return event
        moved_to = replies.event_key(replies.text(invitee, "new_invitee"))
        if moved_to is None and tag is not None and email is not None:
            # Our own move leaves no link behind: its new event carries the same tag.
            earliest = min(event.span.start, self._now())
            others = self.tagged(tag, email, not_before=earliest, deadline=deadline)
            moved_to = next((other.id for other in others if other.id != event.id), None)
        return replies.event_of(found, tag=tag, email=email, moved_to=moved_to, name=self._name)

    def of_invitee(self, event_id: str, invitee: object, *, deadline: float) -> ProviderEvent:
        """The event of an invitee that is known already, as after booking."""
        response = self._account.get(path_of("scheduled_events", event_id), use=Use.CARE, deadline=deadline)
        found = self._account.resource(response, what=refusals.EVENT)
        email = replies.text(invitee, "email")
        return replies.event_of(found, tag=self.own_tag(invitee), email=email, moved_to=None, name=self._name)

    def successor(self, event_id: str, *, deadline: float) -> str | None:
        """The event its invitee rescheduled it to; None when there is none.

        Only Calendly's own link counts, not our tag: whoever removes a duplicate must not remove the real one with it.
        """
        try:
            invitee = self._invitee(self._invitees(event_id, {}, deadline=deadline))
        except RefusedError:
            return None
        return replies.event_key(replies.text(invitee, "new_invitee"))

    def tagged(self, tag: str, email: str, *, not_before: int, deadline: float) -> list[ProviderEvent]:
        """Live events of an invitee that carry the tag and begin, at the earliest, a day before this minute."""
        query = self._account.owner(deadline=deadline) | {
            "invitee_email": email,
            "status": "active",
            "min_start_time": utc_iso(not_before - MINUTES_A_DAY),
            "sort": "start_time:asc",
        }
        found = []
        for entry in self._account.pages("/scheduled_events", query, use=Use.CARE, deadline=deadline):
            key = replies.key_of(replies.text(entry, "uri")) or ""
            for invitee in self._invitees(key, {"email": email, "status": "active"}, deadline=deadline):
                if self._tag(invitee, deadline=deadline) == tag:
                    shown = replies.text(invitee, "email")
                    found.append(replies.event_of(entry, tag=tag, email=shown, moved_to=None, name=self._name))
                    break
        return [event for event in found if event.status == "accepted"]

    def overlapping(self, window: Interval, *, deadline: float) -> tuple[ProviderEvent, ...]:
        """Live events that lie in the window or reach into it."""
        query = self._account.owner(deadline=deadline) | {
            "status": "active",
            "min_start_time": utc_iso(window.start - LONGEST_EVENT),
            "max_start_time": utc_iso(window.end),
            "sort": "start_time:asc",
        }
        found = []
        for entry in self._account.pages("/scheduled_events", query, use=Use.QUESTION, deadline=deadline):
            if not replies.span_of(entry, name=self._name).overlaps(window):
                continue
            key = replies.key_of(replies.text(entry, "uri")) or ""
            tag = self._remembered_tag(key, deadline=deadline)
            try:
                event = replies.event_of(entry, tag=tag, email=None, moved_to=None, name=self._name)
            except NotExecutedError:
                if tag is not None:
                    raise
                continue  # somebody else's, in a shape we do not know: it hides nothing of ours
            if event.status == "accepted":
                found.append(event)
        return tuple(found)

    def _remembered_tag(self, key: str, *, deadline: float) -> str | None:
        if key not in self._tags:
            invitee = self._invitee(self._invitees(key, {}, deadline=deadline, use=Use.QUESTION))
            if len(self._tags) >= MOST_TAGS:
                self._tags.clear()
            self._tags[key] = self._tag(invitee, deadline=deadline)
        return self._tags[key]

    def _tag(self, invitee: object, *, deadline: float) -> str | None:
        """The invitee's tag. It is not known whether one that rescheduled keeps it, so that of the older one counts."""
        for _ in range(LONGEST_CHAIN):
            tag, older = self.own_tag(invitee), replies.text(invitee, "old_invitee")
            event, key = replies.event_key(older), replies.key_of(older)
            if tag is not None or event is None or key is None:
                return tag
            path = path_of("scheduled_events", event, "invitees", key)
            response = self._account.get(path, use=Use.CARE, deadline=deadline)
            try:
                invitee = self._account.resource(response, what=refusals.EVENT)
            except RefusedError:
                return None
        return None

    def _invitee(self, invitees: list[object]) -> object:
        """The one that carries a tag, else the first that is left."""
        ours = (invitee for invitee in invitees if self.own_tag(invitee) is not None)
        return next(ours, invitees[0] if invitees else None)

    def _invitees(
        self, event_id: str, query: Mapping[str, str | int], *, deadline: float, use: Use = Use.CARE
    ) -> list[object]:
        path = path_of("scheduled_events", event_id, "invitees")
        return list(self._account.pages(path, query, use=use, deadline=deadline))

    def _now(self) -> int:
        return int(self._account.clock.now() // 60)
