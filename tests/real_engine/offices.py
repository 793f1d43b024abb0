"""The business of the tests: its desk file, its Cal.com account, and the same told to the checker in plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.servers.calcom_desk import EventType, Host
from tests.servers.twilio import ACCOUNT_SID, GOOD_SENDER

BUSINESS = "north"
CALCOM = "c1"
QUIESCENCE_SECONDS = 120
AGENTS = {"calm": 5.0, "brisk": 1.75}
"""How long each platform waits for an answer, in seconds."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One service."""

    key: str
    minutes: int
    calendar: str | None
    event_type: int | None = None
    before: int = 0
    after: int = 0
    pool: tuple[str, ...] = ()


SERVICES = (
    Offered("short", 30, "c1", event_type=1),
    Offered("long", 60, "c1", event_type=2, before=5, after=15),
    Offered("walk", 30, "c2"),
    Offered("stay", 60, "c2", before=5, after=15),
    Offered("pool", 45, None, pool=("ana", "ben")),
    Offered("group", 30, "c4"),
)
STAFF = {"ana": "c2", "ben": "c3"}
CAPACITY = {"c1": 1, "c2": 1, "c3": 1, "c4": 2}
_OPEN = '{mon-sun: ["00:00-24:00"]}'


def desk_file(*, calcom_url: str, sms_url: str) -> str:
    """The business as its owner writes it."""
    lines = [
        f"business: {BUSINESS}",
        "name: North",
        "time_zone: Etc/UTC",
        "locale: en-US",
        'transfer_to: "+14155550999"',
        "calendars:",
        f"  c1: {{provider: calcom, api_key: '${{CAL_KEY}}', base_url: '{calcom_url}', timeout_seconds: 1,"
        f" quiescence_seconds: {QUIESCENCE_SECONDS}}}",
        *(f"  {c}: {{provider: builtin, hours: {_OPEN}, capacity: {CAPACITY[c]}}}" for c in ("c2", "c3", "c4")),
        "staff:",
        *(f"  {key}: {{name: {key.title()}, calendar: {calendar}}}" for key, calendar in STAFF.items()),
        "services:",
        *(_service(s) for s in SERVICES),
        "agents:",
        *(
            f"  {name}: {{platform: generic, auth: {{bearer: '${{DESK_KEY}}'}}, deadline_seconds: {seconds:g},"
            f" services: [{', '.join(s.key for s in SERVICES)}]}}"
            for name, seconds in AGENTS.items()
        ),
        f"sms: {{provider: twilio, account_sid: {ACCOUNT_SID}, auth_token: '${{SMS_TOKEN}}', from: '{GOOD_SENDER}',"
        f" base_url: '{sms_url}'}}",
    ]
    return "\n".join(lines) + "\n"


def _service(s: Offered) -> str:
    where = f"calendar: {s.calendar}" if s.calendar else f"staff: {{pool: [{', '.join(s.pool)}], pick: least_recent}}"
    event_type = f", event_type: {s.event_type}" if s.event_type else ""
    buffers = f", buffers: {{before_minutes: {s.before}, after_minutes: {s.after}}}" if s.before or s.after else ""
    offer = "offer: {days_ahead: 30, step_minutes: 15, min_notice_minutes: 0}"
    return f"  {s.key}: {{name: {s.key.title()}, minutes: {s.minutes}, {where}{event_type}{buffers}, {offer}}}"


def event_types() -> tuple[EventType, ...]:
    """What Cal.com offers of it."""
    host = Host(1, "Host One", week=((("00:00", "24:00"),),) * 7)
    return tuple(
        EventType(
            s.event_type,
            minutes=s.minutes,
            hosts=(host,),
            slot_interval=15,
            before_minutes=s.before,
            after_minutes=s.after,
            email_required=False,
        )
        for s in SERVICES
        if s.event_type
    )


def told_to_the_checker() -> dict[str, Any]:
    """What the owner configured, in plain data."""
    return {
        BUSINESS: {
            "calendars": {
                name: {"kind": "calcom" if name == CALCOM else "own", "capacity": capacity}
                for name, capacity in CAPACITY.items()
            },
            "services": {
                s.key: {
                    "minutes": s.minutes,
                    "before": s.before,
                    "after": s.after,
                    "calendar": s.calendar,
                    "pool": [STAFF[member] for member in s.pool],
                    "fixed": [],
                }
                for s in SERVICES
            },
        }
    }
