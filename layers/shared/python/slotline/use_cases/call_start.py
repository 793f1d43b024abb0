"""A call begins: what its agent may know about the business, about today, and about whoever is on the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.domain.bookings import Booking, State
from slotline.domain.business import IdentityLevel
from slotline.domain.call_events import Welcome
from slotline.domain.errors import StaleError
from slotline.domain.seating import who_serves
from slotline.domain.speech import described, listed, say
from slotline.domain.time import local

if TYPE_CHECKING:
    from slotline.domain.business import Agent, Business
    from slotline.domain.calls import CallContext
    from slotline.domain.proofs import DeskKeys
    from slotline.ports import BookingStore, Clock, SpokenTimes

LOOKED_AT = 5
"""Lines of the caller index that are looked at for the next appointment."""

YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStart:
    """What one agent may know when a call begins. Nothing here writes."""

    business: Business
    agent: Agent
    times: SpokenTimes
    clock: Clock

    def neutral(self) -> Welcome:
        """What is true whoever calls, known without asking anybody."""
        return self._welcome(has=UNKNOWN, sentence="")

    def welcome(self, context: CallContext, *, store: BookingStore, keys: DeskKeys) -> Welcome:
        """The same with the caller's next appointment. Raises StoreError.

        Only a number that the platform vouches for is somebody, and only where a number is proof enough. Who may not
        be told hears what a caller without appointments could hear too.
        """
        if context.caller is None or self.business.look_up is not IdentityLevel.CALLER_ID:
            return self.neutral()
        coming = self._next(keys.caller(context.caller), store)
        if coming is None:
            return self._welcome(has=NO, sentence="")
        return self._welcome(has=YES, sentence=self._sentence(coming))

    def _next(self, caller: str, store: BookingStore) -> Booking | None:
        now = int(self.clock.now() // 60)
        for line in store.of_caller(caller, not_before=now)[:LOOKED_AT]:
            try:
                booking = store.read(line.booking)
            except StaleError:
                continue  # over, and forgotten
            if booking.state in {State.BOOKED, State.RESCHEDULING} and booking.caller == caller:
                return booking
        return None

    def _sentence(self, booking: Booking) -> str:
        """Time, service and member of staff, as find_appointments says them; never a name, a note or an address."""
        business = self.business
        service = business.services.get(booking.service)
        staff = who_serves(business, booking)
        appointment = described(
            business.locale,
            service=service.name if service else booking.service,
            time=self.times.moment(booking.times.span.start, zone=business.zone, locale=business.locale),
            staff=listed(business.locale, staff, joiner="and") if staff else None,
            settled=not (booking.needs_approval or booking.state.is_unfinished),
        )
        return say(business.locale, "found_one", appointment=appointment)

    def _welcome(self, *, has: str, sentence: str) -> Welcome:
        business, minute = self.business, int(self.clock.now() // 60)
        zone, locale = business.zone, business.locale
        services = [business.services[key].name for key in self.agent.services if key in business.services]
        variables: Mapping[str, str] = {
            "business_name": business.name,
            "time_zone": business.time_zone,
            "today": self.times.day(minute, zone=zone, locale=locale),
            "today_date": local(minute, zone).date().isoformat(),
            "time_now": self.times.clock(minute, zone=zone, locale=locale),
            "services": listed(locale, services, joiner="and") if services else "",
            "transfer_to": business.transfer_to or "",
            "has_appointment": has,
            "next_appointment": sentence,
        }
        return Welcome(variables, assistant=self.agent.assistant_id, transfer_to=business.transfer_to)
