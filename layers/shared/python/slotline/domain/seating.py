"""Who can serve: the calendars one booking of a service would occupy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from slotline.domain.bookings import Booking
from slotline.domain.business import Business, Calendar, Service
from slotline.domain.errors import UnclearError
from slotline.domain.proofs import resource_id
from slotline.domain.speech import listed


@dataclass(frozen=True, slots=True)
class Seating:
    """One way to serve a booking. Everybody in it is locked together; the first calendar holds the event of record.

    `staff` names those chosen, one of each group, before those who are always there; `chosen` says how many they are.
    `watched` are further calendars in which somebody may be busy; nothing is ever written there.
    """

    calendars: tuple[Calendar, ...]
    resources: tuple[str, ...]
    staff: tuple[str, ...] = ()
    chosen: int = 0
    watched: tuple[Calendar, ...] = ()


def seatings(business: Business, service: Service, *, crew: tuple[str, ...] = ()) -> tuple[Seating, ...]:
    """Every way to serve with everybody of `crew` in it, in the order of the config file."""
    if service.staff is None:
        calendar = business.calendar(service.calendar or "")
        return (Seating((calendar,), (resource_id(business.key, calendar.name),)),)
    ways = []
    for chosen in product(*service.staff.choices):
        keys = tuple(dict.fromkeys((*chosen, *service.staff.fixed)))
        names = dict.fromkeys(business.staff[key].calendar for key in keys)
        if len(set(chosen)) == len(chosen) and set(crew) <= set(keys):
            ways.append(
                Seating(
                    calendars=tuple(business.calendar(name) for name in names),
                    resources=tuple(resource_id(business.key, name) for name in names),
                    staff=keys,
                    chosen=len(chosen),
                    watched=_watched(business, keys, besides=names),
                )
            )
    return tuple(ways)


def _watched(business: Business, keys: tuple[str, ...], *, besides: dict[str, None]) -> tuple[Calendar, ...]:
    names = dict.fromkeys(name for key in keys for name in business.staff[key].also_busy)
    return tuple(business.calendar(name) for name in names if name not in besides)


def who_serves(business: Business, booking: Booking) -> list[str]:
    """Names as the caller hears and reads them: whom the provider named, else those who were chosen."""
    if booking.host:
        return [booking.host]
    service = business.services.get(booking.service)  # a booking may outlive it
    chosen = len(service.staff.choices) if service and service.staff else 0
    return [business.staff[key].name for key in booking.staff[: max(chosen, 1)] if key in business.staff]


def pool_of(service: Service) -> tuple[str, ...]:
    """The staff keys a caller may choose between."""
    return tuple(dict.fromkeys(key for group in service.staff.choices for key in group)) if service.staff else ()


def member_named(business: Business, service: Service, said: str | None) -> str | None:
    """The pool member a caller means by name; None when they do not mind. Raises UnclearError for anybody else."""
    if said is None or _folded(said) in {"", "any", "anyone", "anybody", "noone", "nopreference"}:
        return None
    pool = pool_of(service)
    for key in pool:
        if _folded(said) in {_folded(key), _folded(business.staff[key].name)}:
            return key
    if not pool:
        return None  # nobody to choose between: the wish cannot be refused, and does no harm
    names = listed(business.locale, [business.staff[key].name for key in pool], joiner="or")
    raise UnclearError("clarify_staff", staff=names)


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
