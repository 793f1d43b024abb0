"""A business and all that its owner configured: parsed and checked by `slotline apply`, plain values here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from slotline.domain.errors import AccessError, ConfigError

Window = tuple[int, int]  # minutes after local midnight, half-open; 1440 is the next midnight


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekly windows, Monday first, in the business's zone, and local days and times at which nothing is open."""

    week: tuple[tuple[Window, ...], ...]
    closed: tuple[date, ...] = ()
    blocked: tuple[tuple[datetime, datetime], ...] = ()  # from and until, local and without a zone, half-open


@dataclass(frozen=True, slots=True)
class Calendar:
    """A connection to one provider account (or the built-in calendar), by its name in the config file."""

    name: str
    provider: str
    base_url: str | None = None
    hours: OpeningHours | None = None
    capacity: int = 1  # appointments that may overlap: hosts behind a pooled event type, seats in a class
    timeout_seconds: float = 5.0
    quiescence_seconds: int = 120
    options: Mapping[str, str] = field(default_factory=dict)  # what only this provider needs, never a secret


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person or room with a calendar of record."""

    key: str
    name: str
    calendar: str
    weight: int = 100
    priority: int = 0
    also_busy: tuple[str, ...] = ()  # further calendars that are only looked at


@dataclass(frozen=True, slots=True)
class StaffRule:
    """Who serves: everybody in `fixed`, one of `pool`, and one of each of `groups`, chosen by `pick`."""

    pool: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    pick: str = "priority"  # priority | weighted | least_recent
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """The groups of which one each is chosen, the pool first."""
        return (*((self.pool,) if self.pool else ()), *self.groups)


@dataclass(frozen=True, slots=True)
class OfferShape:
    """How times are proposed; hours and minutes as whole numbers."""

    days_ahead: int = 14
    slots_per_day: int = 3
    hours_between: float = 1
    earliest_date: date | None = None
    min_notice_minutes: int = 60
    step_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Where:
    """The place: in_person, phone, or a meeting platform; `detail` is the address, number or link."""

    kind: str = "unspecified"
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What can be booked."""

    key: str
    name: str
    minutes: int
    calendar: str | None = None  # the calendar of record when no staff rule is given
    event_type: str | None = None  # slots-kind providers only
    staff: StaffRule | None = None
    offer: OfferShape = field(default_factory=OfferShape)
    before_minutes: int = 0
    after_minutes: int = 0
    where: Where = field(default_factory=Where)
    email_fallback: str | None = None


INVOCATION = "invocation"
"""The proof of an agent that an AWS service brings: its right to invoke our function, which IAM has checked."""


@dataclass(frozen=True, slots=True)
class Auth:
    """How an agent proves itself; secrets are named here and kept in Secrets Manager."""

    kind: str  # bearer | header | basic | hmac | signature | invocation
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice agent: its dialect, its credential and the services it may sell."""

    key: str
    platform: str
    services: tuple[str, ...]
    auth: Auth
    deadline_seconds: float | None = None
    payload: str | None = None  # full | args_only: what the platform is set to send; None: what it usually sends
    assistant_id: str | None = None  # the platform's own id of it, where an answer to an event must name it


@dataclass(frozen=True, slots=True)
class Sms:
    """The sender of text messages and what it sends."""

    provider: str = "console"
    sender: str | None = None
    confirmation: str | None = None
    reminders_hours_before: tuple[int, ...] = ()
    base_url: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_configured(self) -> bool:
        """Whether texts can be sent at all."""
        return self.provider == "console" or bool(self.sender or self.options.get("messaging_service_sid"))


class IdentityLevel(StrEnum):
    """How a caller must prove who they are before a look-up or a change."""

    CALLER_ID = "caller_id"
    SMS_CODE = "sms_code"


@dataclass(frozen=True, slots=True)
class Business:
    """The tenant: everything one call needs to know, read as one item."""

    key: str
    name: str
    time_zone: str
    locale: str
    calendars: Mapping[str, Calendar]
    services: Mapping[str, Service]
    agents: Mapping[str, Agent]
    staff: Mapping[str, StaffMember] = field(default_factory=dict)
    sms: Sms = field(default_factory=Sms)
    transfer_to: str | None = None
    look_up: IdentityLevel = IdentityLevel.CALLER_ID
    change: IdentityLevel = IdentityLevel.CALLER_ID

    @property
    def to_change(self) -> IdentityLevel:
        """What a change takes: no less than a look-up, for it tells when the appointment is."""
        return IdentityLevel.SMS_CODE if IdentityLevel.SMS_CODE in {self.look_up, self.change} else self.change

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def agent(self, key: str) -> Agent:
        try:
            return self.agents[key]
        except KeyError:
            raise AccessError(404, "unknown_agent", "no such agent") from None

    def service(self, key: str) -> Service:
        """The service; ConfigError when it was taken out of the configuration, which a live booking may outlive."""
        try:
            return self.services[key]
        except KeyError:
            raise ConfigError(f"services.{key}: not configured") from None

    def calendar(self, name: str) -> Calendar:
        try:
            return self.calendars[name]
        except KeyError:
            raise ConfigError(f"calendars.{name}: not configured") from None
