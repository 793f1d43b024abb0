"""Who can serve: the calendars one booking of a service would occupy."""

from __future__ import annotations

from dataclasses import dataclass

from slotline.domain.business import Business, Calendar, Service
from slotline.domain.errors import UnclearError
from slotline.domain.proofs import resource_id
from slotline.domain.speech import listed


@dataclass(frozen=True, slots=True)
class Seating:
    """One way to serve a booking. Everybody in it is locked together; the first calendar holds the event of record."""

    calendars: tuple[Calendar, ...]
    resources: tuple[str, ...]
    staff: tuple[str, ...] = ()

    @property
    def member(self) -> str | None:
        """The one chosen from the pool."""
        return self.staff[0] if self.staff else None


def seatings(business: Business, service: Service, *, member: str | None = None) -> tuple[Seating, ...]:
    """Every way to serve, in the order of the config file; only those of one pool member when one was asked for."""
    if service.staff is None:
        calendar = business.calendar(service.calendar or "")
        return (Seating((calendar,), (resource_id(business.key, calendar.name),)),)
    pool = service.staff.pool or (None,)
    found = []
    for chosen in pool:
        if member is not None and chosen != member:
            continue
        keys = (*((chosen,) if chosen else ()), *(key for key in service.staff.fixed if key != chosen))
        calendars = tuple(business.calendar(business.staff[key].calendar) for key in keys)
        found.append(Seating(calendars, tuple(resource_id(business.key, c.name) for c in calendars), keys))
    return tuple(found)


def pool_of(service: Service) -> tuple[str, ...]:
    """The staff keys a caller may choose between."""
    return service.staff.pool if service.staff else ()


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
