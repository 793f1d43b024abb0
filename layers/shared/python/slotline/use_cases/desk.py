"""The desk: one business as one agent sees it during one tool call, with everything a use case may touch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache

from slotline.domain.bookings import Booking, Times
from slotline.domain.business import Agent, Business, IdentityLevel, Service
from slotline.domain.calls import Status, ToolCall, ToolReply
from slotline.domain.errors import UnclearError
from slotline.domain.proofs import DeskKeys, intent_key
from slotline.domain.seating import Seating, pool_of, who_serves
from slotline.domain.speech import attended, grouped_offers, listed, say
from slotline.domain.time import iso, local, local_day, resolve_local
from slotline.ports import BookingStore, Calendars, Clock, Ids, Operation, PhoneNumbers, SpokenTimes
from slotline.use_cases.drive import Driver
from slotline.use_cases.openings import Opening, Openings
from slotline.use_cases.slot_reading import SlotReading

_CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)
_ATTESTED = frozenset({"US", "CA"})  # where carriers must sign; elsewhere, +1 or not, their word is not asked for
_PLAIN_DAY = date(2026, 1, 15)  # arbitrary, and far from every change of clocks


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is on the line, as a keyed hash. `proved` is what the platform vouched for."""

    key: str
    proved: bool
    scope: str | None  # where this call's deliveries and handles are filed
    number: str | None = None  # E.164
    attested: bool = False  # by the carrier, in a country where carriers must


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one tool call needs; made anew for each, cheap to make."""

    business: Business
    agent: Agent
    store: BookingStore
    calendars: Calendars
    openings: Openings
    driver: Driver
    clock: Clock
    ids: Ids
    keys: DeskKeys
    times: SpokenTimes
    phones: PhoneNumbers
    texts_codes: bool = True  # whether a code can be sent without anybody reading it in a log
    unwanted: set[str] = field(default_factory=set)  # keyed hashes of numbers found to want no texts

    # --- who ---------------------------------------------------------------------------------------------------------

    def caller(self, call: ToolCall, *, claim: str | None = None) -> Caller:
        """The caller by number, else by call, else by what they claim to be, else the agent itself.

        Only the first two are proof; a claim merely lets the same wish be recognised when it is said again.
        """
        context = call.context
        scope = f"{context.platform}#{context.call_id}" if context.call_id else None
        if context.caller:
            key = self.keys.caller(context.caller)
            scope = scope or f"{context.platform}#caller:{key}"
            attested = context.attested and self.phones.country(context.caller) in _ATTESTED
            return Caller(key, scope=scope, number=context.caller, proved=True, attested=attested)
        if context.call_id:
            key = self.keys.caller(f"call:{context.platform}:{context.call_id}")
            return Caller(key, scope=scope, proved=True)
        return Caller(
            self.keys.caller(f"claim:{claim}" if claim else f"agent:{self.agent.key}"), scope=None, proved=False
        )

    def may(self, caller: Caller, level: IdentityLevel) -> bool:
        """Whether what the platform says of this caller is proof enough; see `verification` for the rest."""
        return caller.proved and level is IdentityLevel.CALLER_ID

    def operation(self, call: ToolCall, caller: Caller) -> Operation | None:
        """The transport key of this delivery; None when the platform gave it no id."""
        if call.id is None:
            return None
        return Operation(caller.scope or f"{call.context.platform}#{self.agent.key}", call.id, call.fingerprint())

    def intent(self, caller: Caller, service: Service, start: int) -> str:
        return intent_key(caller.key, service=service.key, start=start)

    # --- what --------------------------------------------------------------------------------------------------------

    def services(self) -> tuple[Service, ...]:
        return tuple(self.business.services[key] for key in self.agent.services)

    def service(self, said: str | None) -> Service:
        """The service meant by key or name; the only one when none is said. Raises UnclearError otherwise."""
        services = self.services()
        if said is None and len(services) == 1:
            return services[0]
        wanted = _folded(said or "")
        exact = [s for s in services if wanted in {_folded(s.key), _folded(s.name)}]
        near = exact or [s for s in services if wanted and (wanted in _folded(s.name) or _folded(s.key) in wanted)]
        if len(near) == 1:
            return near[0]
        names = listed(self.business.locale, [s.name for s in services], joiner="or")
        raise UnclearError("clarify_service", services=names)

    def opening(
        self,
        service: Service,
        *,
        crew: tuple[str, ...] = (),
        deadline: float,
        fresh: bool = False,
        moving: Booking | None = None,
    ) -> Opening:
        """Free starts of the service; those of `moving` itself count as free. Raises ProviderError."""
        return self.openings.find(
            self.business,
            service,
            crew=crew,
            store=self.store,
            calendars=self.calendars,
            deadline=deadline,
            fresh=fresh,
            moving=moving.provider_id if moving else None,
            own=moving.id if moving else None,
        )

    def still_free(
        self,
        service: Service,
        way: Seating,
        times: Times,
        *,
        deadline: float,
        only_way: bool = True,
        moving: Booking | None = None,
    ) -> bool:
        """Whether an offered slot is free yet, as far as the calendars can tell. Raises ProviderError."""
        reading = SlotReading(
            self.business,
            service,
            way,
            times,
            store=self.store,
            calendars=self.calendars,
            side_by_side=self.openings.side_by_side,
            now=self.clock.now(),
            deadline=deadline,
            moving=moving.provider_id if moving else None,
            own=moving.id if moving else None,
        )
        return reading.is_free(only_way=only_way)

    def region(self) -> str:
        """The country whose way of writing phone numbers is meant when a caller says one."""
        return self.phones.region(locale=self.business.locale, known=self.business.transfer_to)

    # --- words -------------------------------------------------------------------------------------------------------

    def now_local(self) -> datetime:
        return local(int(self.clock.now() // 60), self.business.zone)

    def moment(self, minute: int) -> str:
        return self.times.moment(minute, zone=self.business.zone, locale=self.business.locale)

    def moment_of(self, booking: Booking) -> str:
        """When the booking is, and with whom where somebody was chosen."""
        time, staff = self.moment(booking.times.span.start), self.staff_name(booking)
        return attended(self.business.locale, time, staff=staff) if staff else time

    def say(self, phrase: str, **values: str) -> str:
        return say(self.business.locale, phrase, **values)

    def reply(
        self, status: Status, phrase: str, fields: Mapping[str, object] | None = None, /, **values: str
    ) -> ToolReply:
        return ToolReply(status, self.say(phrase, **values), fields or {})

    def with_text(self, phrase: str, booking: Booking) -> str:
        """The phrase that promises a text, or its twin that does not, when none can or may be sent."""
        phone = booking.contact.phone
        return phrase if phone and self.keys.caller(phone) not in self.unwanted else f"{phrase}_no_text"

    def no_texts_to(self, phone: str | None) -> None:
        """Remember, for what is said in this tool call, that this number asked not to be texted."""
        if phone:
            self.unwanted.add(self.keys.caller(phone))

    def reply_transfer(self, status: Status, phrase: str, **values: str) -> ToolReply:
        """The same with the number of a person, where the business has one."""
        number = self.business.transfer_to
        if number is None:
            return self.reply(status, phrase, **values)
        fields = {"transfer_to": number}
        return self.reply(status, f"{phrase}_transfer", fields, **values, transfer=number)

    def unclear(
        self, unclear: UnclearError, *, status: Status = Status.CLARIFY, fields: Mapping[str, object] | None = None
    ) -> ToolReply:
        """Ask again in the words that belong to what was unclear."""
        return self.reply(status, unclear.phrase, fields, **{k: self._said(v) for k, v in unclear.values.items()})

    def _said(self, value: str) -> str:
        """An ISO date or a clock time as people say it; anything else as it is."""
        zone = self.business.zone
        try:
            if _CLOCK.fullmatch(value):
                # Said of no day in particular: any day whose clocks do not change then will do.
                shown = resolve_local(_PLAIN_DAY, time.fromisoformat(value), zone)
                return value if shown is None else self.times.clock(shown, zone=zone, locale=self.business.locale)
            return self.day(date.fromisoformat(value))
        except ValueError:
            return value

    def day(self, day: date) -> str:
        """Weekday and date, as people say them."""
        zone = self.business.zone
        return self.times.day(local_day(day, zone).start, zone=zone, locale=self.business.locale)

    def offers(self, starts: Sequence[int]) -> str:
        zone, locale = self.business.zone, self.business.locale
        pairs = [
            (self.times.day(s, zone=zone, locale=locale), self.times.clock(s, zone=zone, locale=locale)) for s in starts
        ]
        return grouped_offers(locale, pairs)

    def slots(self, service: Service, starts: Sequence[int], *, member: str | None) -> list[dict[str, str]]:
        """Offered times as the model gets them: an id that proves the offer, the ISO start, and how to say it."""
        seats = pool_of(service)
        return [
            {
                "slot_id": self.keys.slot_id(service=service.key, start=start, staff=member, seats=seats),
                "start": iso(start, self.business.zone),
                "say": self.moment(start),
            }
            | ({"staff": self.business.staff[member].name} if member else {})
            for start in starts
        ]

    def service_name(self, booking: Booking) -> str:
        """What the booking is for; a booking may outlive its service in the configuration."""
        service = self.business.services.get(booking.service)
        return service.name if service else booking.service

    def staff_name(self, booking: Booking) -> str | None:
        """Who serves, as the caller hears it."""
        names = who_serves(self.business, booking)
        return listed(self.business.locale, names, joiner="and") if names else None


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
