"""A booking, its states, and the rules that say which transition may happen when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from slotline.domain.time import Interval

HOLD_SECONDS = 120
"""How long a hold keeps a slot before anybody may take it."""

SKEW_SECONDS = 2
"""Fairness margin for clocks; safety never rests on it."""

AUDIT_DELAYS_SECONDS = (600, 3600, 86_400)
"""When a booking that ever was in doubt is compared with the provider again."""

APPROVAL_LOOK_SECONDS = 300.0
"""How often a request that awaits the host's approval is looked at."""

MAX_ATTEMPTS = 6
GIVE_UP_SECONDS = 600
"""After so many attempts, or so long after the first, a booking that cannot be made is given up."""


GIVING_WAY = "giving_way"
"""The reason of a booking whose event is being removed because somebody else's lies under it."""


class State(StrEnum):
    """HELD → BOOKING → BOOKED ⇄ RESCHEDULING, any live one → CANCELLING → CANCELLED; EXPIRED and REJECTED end too."""

    HELD = "held"
    BOOKING = "booking"
    BOOKED = "booked"
    RESCHEDULING = "rescheduling"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_terminal(self) -> bool:
        return self in {State.CANCELLED, State.EXPIRED, State.REJECTED}

    @property
    def is_unfinished(self) -> bool:
        """A provider effect is wanted and not yet known to have happened."""
        return self in {State.BOOKING, State.RESCHEDULING, State.CANCELLING}


@dataclass(frozen=True, slots=True)
class Contact:
    """Personal data of the person the appointment is for; stored encrypted, never logged."""

    name: str = ""
    phone: str | None = None  # E.164
    email: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """When an appointment is, and what it blocks on every calendar of record (buffers included)."""

    span: Interval
    blocked: Interval

    @classmethod
    def of(cls, start: int, *, minutes: int, before: int = 0, after: int = 0) -> Times:
        span = Interval(start, start + minutes)
        return cls(span, span.widened(before=before, after=after))

    def shifted(self, span: Interval) -> Times:
        """Another span with the buffers of these times."""
        before, after = self.span.start - self.blocked.start, self.blocked.end - self.span.end
        return Times(span, span.widened(before=before, after=after))

    def following(self, span: Interval) -> Times:
        """Where the provider put it; what is blocked stays as it is unless the event reaches out of it."""
        if self.blocked.start <= span.start and span.end <= self.blocked.end:
            return replace(self, span=span)
        return self.shifted(span)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The one process that may act for the booking now; after `deadline` (epoch seconds) it is dead."""

    number: int
    id: str
    deadline: float


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking as the table knows it. `rv` rises with every write and fences every writer who read an older one."""

    id: str
    rv: int
    state: State
    service: str
    calendar: str  # name of the connection that holds the event of record
    resources: tuple[str, ...]  # resource ids whose day documents carry the lock
    times: Times
    caller: str  # keyed hash of who may see and change it
    intent: str  # key of the wish: the same wish again finds this booking
    agent: str
    contact: Contact = field(default_factory=Contact)
    staff: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()  # names of further staff's connections that hold a copy of the event
    cancel_wanted: bool = False
    held_until: float | None = None  # epoch seconds
    held_by: str | None = None  # scope of the call that was last told of the hold: its end lets it go
    generation: int = 0  # rises only when a deleted event is created anew
    provider_id: str | None = None
    etag: str | None = None
    link: str | None = None
    host: str | None = None  # who the provider says will serve
    needs_approval: bool = False  # the provider took it as a request
    attempt: Attempt | None = None
    sends: int = 0  # attempts that may have reached the provider
    quiet_from: float = 0.0  # epoch seconds: the latest moment any sending attempt was alive
    first_sent: float | None = None
    in_doubt: bool = False  # an attempt ended without an answer
    moving_to: Times | None = None
    audits: tuple[float, ...] = ()
    due: float | None = None  # epoch seconds: when the reconciler must look
    reason: str | None = None  # why it ended, a stable word
    nonce: str = ""

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Everything this booking blocks now: its time, and the time it is moving to."""
        if self.moving_to is None:
            return (self.times.blocked,)
        return (self.times.blocked, self.moving_to.blocked)

    def hold_has_lapsed(self, now: float) -> bool:
        return self.state is State.HELD and self.held_until is not None and self.held_until + SKEW_SECONDS <= now

    def attempt_is_alive(self, now: float) -> bool:
        return self.attempt is not None and now < self.attempt.deadline

    def is_quiet(self, now: float, *, quiescence: float) -> bool:
        """Whether nothing we ever sent can still be executed, so that "it is not there" may be believed."""
        return now >= self.quiet_from + quiescence

    def has_ended_unheard(self, now: float) -> bool:
        """Whether an attempt died with its process: what it sent may yet be executed. Cancelling twice harms nobody."""
        dead = self.attempt is not None and not self.attempt_is_alive(now)
        return dead and self.state is not State.CANCELLING

    def audits_after(self, now: float) -> tuple[float, ...]:
        """What ever was in doubt is compared with the provider again, however the booking goes on."""
        if self.audits and not self.state.is_unfinished:
            return self.audits
        in_doubt = self.in_doubt or self.sends > 1 or self.has_ended_unheard(now)
        fresh = [now + delay for delay in AUDIT_DELAYS_SECONDS] if in_doubt else []
        return tuple(sorted({*self.audits, *fresh}))

    @property
    def once_it_stands(self) -> State:
        """An event that is found after its caller cancelled is recorded, so that it can be cancelled."""
        return State.CANCELLING if self.cancel_wanted else State.BOOKED


def next_look(audits: tuple[float, ...], *, requested: bool, now: float) -> float | None:
    """When the reconciler looks at a booking that stands: at its next audit, and often while a host must approve."""
    looks = [*audits[:1], *([now + APPROVAL_LOOK_SECONDS] if requested else [])]
    return min(looks, default=None)


class EntryKind(StrEnum):
    """What an entry of a day document is."""

    HOLD = "H"  # expires
    PIN = "P"  # stays until released
    EXTERNAL = "X"  # somebody else's event


@dataclass(frozen=True, slots=True)
class Entry:
    """One blocked interval in a day document. `until` (epoch seconds) is set for holds only."""

    owner: str  # booking id, with a + behind it for the interval it is moving to
    interval: Interval
    kind: EntryKind
    until: float | None = None

    @property
    def booking(self) -> str:
        """The id of the booking it belongs to."""
        return self.owner.removesuffix("+")

    def is_live(self, now: float) -> bool:
        return self.kind is not EntryKind.HOLD or self.until is None or now < self.until + SKEW_SECONDS


@dataclass(frozen=True, slots=True)
class DayDocument:
    """All that blocks one resource on one UTC day. Its version is the lock (version 0: not written yet)."""

    resource: str
    day: str
    version: int = 0
    entries: tuple[Entry, ...] = ()

    def blockers(self, interval: Interval, *, now: float, ignoring: str | None = None) -> tuple[Entry, ...]:
        """Live entries of others that overlap the interval."""
        own = {ignoring, f"{ignoring}+"}
        return tuple(e for e in self.entries if e.owner not in own and e.is_live(now) and e.interval.overlaps(interval))

    def lapsed(self, interval: Interval, *, now: float) -> tuple[Entry, ...]:
        """Dead holds that overlap the interval: whoever writes over them removes them."""
        return tuple(e for e in self.entries if not e.is_live(now) and e.interval.overlaps(interval))

    def has_room(self, interval: Interval, *, capacity: int, now: float, ignoring: str | None = None) -> bool:
        """Whether one more booking fits in without ever exceeding the capacity at any minute."""
        taken = seats_taken(self.blockers(interval, now=now, ignoring=ignoring))
        edges = sorted([(max(seat.start, interval.start), 1) for seat in taken] + [(seat.end, -1) for seat in taken])
        load = 0
        for _, step in edges:
            load += step
            if load >= capacity:
                return False
        return True


def seats_taken(entries: Iterable[Entry]) -> list[Interval]:
    """When the bookings behind the entries take a seat, in order of start: each takes one at any minute, never two.

    Whether a move in doubt ends at the old time or at the new one, it needs its seat at both until then; where the two
    overlap it is the same seat.
    """
    by_booking: defaultdict[str, list[Interval]] = defaultdict(list)
    for entry in sorted(entries, key=lambda e: e.interval.start):
        seats = by_booking[entry.booking]
        if seats and entry.interval.start <= seats[-1].end:
            seats[-1] = Interval(seats[-1].start, max(seats[-1].end, entry.interval.end))
        else:
            seats.append(entry.interval)
    return sorted(seat for seats in by_booking.values() for seat in seats)
