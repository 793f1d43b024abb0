"""The businesses of the simulated world, and the same told to the checker in plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slotline.domain.business import (
    Agent,
    Auth,
    Business,
    Calendar,
    OfferShape,
    OpeningHours,
    Service,
    Sms,
    StaffMember,
    StaffRule,
)
from tests.simulation.accounts import ACCOUNTS
from tests.simulation.calcom_account import CalcomAccount
from tests.simulation.providers import CalendarServer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulation.accounts.account import Account
    from tests.simulation.process import Universe

ALWAYS = OpeningHours(tuple(((0, 1440),) for _ in range(7)))
QUIESCENCE = 120
PROVIDERS = {"own": "builtin", "a": "calcom", "b": "google", "calcom": "calcom"} | {kind: kind for kind in ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Style:
    """How calendars behave. `kinds`: own, a, b, calcom or a provider, for c1, c2, c3 (the room) and c4 (two seats)."""

    kinds: tuple[str, str, str, str] = ("a", "a", "a", "a")
    refuses_overlap: bool = False  # a provider that checks would hide overlaps of ours
    new_object: bool = True  # a move makes a new event, as at Cal.com
    approval: bool = False
    hands_out_earlier: bool = False  # a success may be somebody's earlier event
    pick: str = "priority"


def business(key: str, style: Style) -> Business:
    """Three people's calendars and a group's; services of different length and buffers that share them."""
    shape = OfferShape(days_ahead=1, min_notice_minutes=0, step_minutes=15)
    calendars = {
        name: Calendar(
            name=name,
            provider=PROVIDERS[kind],
            hours=ALWAYS,
            capacity=2 if name == "c4" else 1,
            quiescence_seconds=QUIESCENCE,
        )
        for name, kind in zip(("c1", "c2", "c3", "c4"), style.kinds, strict=True)
    }
    pool = ("ana", "ben")
    # Calendly books nobody without an address, and these callers give none.
    address = "desk@shop.example" if "calendly" in style.kinds else None
    services = (
        Service("short", "Short", 30, calendar="c1", event_type="1", offer=shape, email_fallback=address),
        Service(
            "long", "Long", 60, calendar="c1", event_type="2", offer=shape, email_fallback=address,
            before_minutes=5, after_minutes=15,
        ),
        Service("pool", "Pool", 45, staff=StaffRule(pool, (), style.pick), event_type="3", offer=shape),
        Service(
            "duo", "Duo", 30, staff=StaffRule(pool, ("room",), style.pick), event_type="4", offer=shape,
            before_minutes=10,
        ),
        Service("group", "Group", 30, calendar="c4", event_type="5", offer=shape, email_fallback=address),
    )  # fmt: skip
    staff = (StaffMember("ana", "Ana", "c1"), StaffMember("ben", "Ben", "c2"), StaffMember("room", "Room", "c3"))
    return Business(
        key=key,
        name=key.title(),
        time_zone="UTC",
        locale="en-US",
        calendars=calendars,
        services={service.key: service for service in services},
        agents={"desk": Agent("desk", "generic", tuple(s.key for s in services), Auth("bearer"))},
        staff={member.key: member for member in staff},
        sms=Sms(),
        transfer_to="+15550009999",
    )


def servers(universe: Universe, key: str, style: Style) -> dict[str, CalendarServer]:
    """The truth behind each calendar that has a provider."""
    found = {}
    for name, kind in zip(("c1", "c2", "c3", "c4"), style.kinds, strict=True):
        if kind in {"a", "b"}:
            found[f"{key}/{name}"] = CalendarServer(
                universe,
                f"{key}/{name}",
                kind="a" if kind == "a" else "b",
                refuses_overlap=style.refuses_overlap and kind == "a",
                capacity=2 if name == "c4" else 1,
                new_object=style.new_object and kind == "a",
                approval=style.approval and kind == "a",
                hands_out_earlier=style.hands_out_earlier and kind == "a",
            )
    return found


def accounts(universe: Universe, of: Business, style: Style) -> dict[str, CalcomAccount | Account]:
    """The accounts at real providers, reached by their adapters."""
    kinds: Mapping[str, type[CalcomAccount] | type[Account]] = {"calcom": CalcomAccount, **ACCOUNTS}
    made = [
        kinds[kind](universe, of, name, approval=style.approval)
        for name, kind in zip(("c1", "c2", "c3", "c4"), style.kinds, strict=True)
        if kind in kinds
    ]
    return {account.full_name: account for account in made}


def told_to_the_checker(businesses: Mapping[str, Business], styles: Mapping[str, Style]) -> dict[str, Any]:
    """What the owner configured, without any of the product's types."""
    return {
        key: {
            "calendars": {
                name: {
                    "kind": _kind_of(kind),
                    "capacity": business.calendars[name].capacity,
                    "moves_by_two": kind == "calendly",
                    "lists_late": kind in ACCOUNTS,
                }
                for name, kind in zip(("c1", "c2", "c3", "c4"), styles[key].kinds, strict=True)
            },
            "services": {
                s.key: {
                    "minutes": s.minutes,
                    "before": s.before_minutes,
                    "after": s.after_minutes,
                    "calendar": s.calendar,
                    "pool": [business.staff[m].calendar for m in s.staff.pool] if s.staff else [],
                    "fixed": [business.staff[m].calendar for m in s.staff.fixed] if s.staff else [],
                }
                for s in business.services.values()
            },
        }
        for key, business in businesses.items()
    }


def _kind_of(kind: str) -> str:
    """What the checker must know of it: whether the lock is the calendar, and whether busy times are read."""
    return "b" if kind in ACCOUNTS and ACCOUNTS[kind].is_b else kind
