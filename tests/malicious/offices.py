"""The two businesses, said once in plain data: the product is configured from it, and the judge reads it.

The calendars open at different minutes, so that a time alone tells which calendar it belongs to: a caller who hears
the very minute of somebody else's appointment has heard of that appointment.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

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

Minutes = tuple[int, int]  # after local midnight

DAYS_AHEAD = 14
NOTICE_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent: its platform, and how a request proves that it comes from there."""

    key: str
    platform: str
    proof: str  # bearer | signature
    secret: str
    over_mcp: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """A business as its owner would describe it. Every calendar is open every day."""

    key: str
    name: str
    zone: str
    locale: str
    transfer_to: str
    hours: Mapping[str, Minutes]  # by calendar
    minutes: Mapping[str, int]  # by service
    served_in: Mapping[str, tuple[str, ...]]  # the calendars of a service: any one of them serves
    desks: Mapping[str, Desk]
    root: str

    @property
    def secrets(self) -> dict[str, str]:
        agents = {f"agents.{desk.key}.auth": desk.secret for desk in self.desks.values()}
        return {"desk_key": self.root, "calendars.main.api_key": "unused", **agents}


_MINUTES = {"consult": 30, "therapy": 30, "massage": 60, "cleaning": 30}
_SERVED_IN = {"consult": ("room",), "therapy": ("suite",), "massage": ("ana", "ben"), "cleaning": ("main",)}
_NAMES = {"consult": "Consultation", "therapy": "Therapy", "massage": "Massage", "cleaning": "Teeth cleaning"}


def _hours(hour: int) -> dict[str, Minutes]:
    """A different minute for each calendar; the step is half an hour."""
    minutes = {"room": 0, "suite": 10, "ana": 5, "ben": 15, "main": 20}
    lengths = {"main": 4}  # the fake Cal.com looks at every slot anew
    return {name: (hour * 60 + minute, (hour + lengths.get(name, 9)) * 60 + minute) for name, minute in minutes.items()}


def _root(seed: int) -> str:
    return base64.b64encode(Random(seed).randbytes(32)).decode()


OFFICES = {
    "harbor": Office(
        "harbor", "Harbor Clinic", "America/Los_Angeles", "en-US", "+14155550100", _hours(8), _MINUTES, _SERVED_IN,
        {
            "front": Desk("front", "generic", "bearer", "harbor-front-credential"),
            "line": Desk("line", "retell", "signature", "harbor-line-credential"),
        },
        _root(1),
    ),
    "quay": Office(
        "quay", "Praxis am Kai", "Europe/Berlin", "de-DE", "+493012345600", _hours(8), _MINUTES, _SERVED_IN,
        {
            "front": Desk("front", "vapi", "bearer", "quay-front-credential"),
            "line": Desk("line", "generic", "bearer", "quay-line-credential", over_mcp=True),
        },
        _root(2),
    ),
}  # fmt: skip


def business(office: Office) -> Business:
    """The same as the product keeps it."""
    shape = OfferShape(days_ahead=DAYS_AHEAD, min_notice_minutes=NOTICE_MINUTES, step_minutes=30)
    calendars = {
        name: Calendar(
            name,
            "calcom" if name == "main" else "builtin",
            hours=None if name == "main" else OpeningHours(week=((window,),) * 7),
        )
        for name, window in office.hours.items()
    }
    services = {
        key: Service(
            key,
            _NAMES[key],
            office.minutes[key],
            calendar=places[0] if len(places) == 1 else None,
            event_type="1" if key == "cleaning" else None,
            staff=StaffRule(pool=places) if len(places) > 1 else None,
            offer=shape,
        )
        for key, places in office.served_in.items()
    }
    return Business(
        key=office.key,
        name=office.name,
        time_zone=office.zone,
        locale=office.locale,
        calendars=calendars,
        services=services,
        agents={
            desk.key: Agent(desk.key, desk.platform, tuple(services), Auth(desk.proof))
            for desk in office.desks.values()
        },
        staff={name: StaffMember(name, name.title(), name) for name in ("ana", "ben")},
        sms=Sms(),
        transfer_to=office.transfer_to,
    )
