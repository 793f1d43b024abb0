"""Time inside Slotline: half-open intervals of whole minutes since 1970 UTC. Zones exist only at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """[start, end) in epoch minutes UTC."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"an interval must end after it starts: {self.start}..{self.end}")

    @property
    def minutes(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end

    def widened(self, *, before: int, after: int) -> Interval:
        return Interval(self.start - before, self.end + after)

    def utc_days(self) -> tuple[str, ...]:
        """Every UTC day the interval touches, as yyyy-mm-dd."""
        first, last = self.start // MINUTES_A_DAY, (self.end - 1) // MINUTES_A_DAY
        return tuple(_iso_day(day) for day in range(first, last + 1))


def utc_day(minute: int) -> str:
    """The UTC day of an epoch minute, as yyyy-mm-dd."""
    return _iso_day(minute // MINUTES_A_DAY)


@lru_cache(maxsize=512)
def _iso_day(number: int) -> str:
    """The UTC day that lies so many days after 1970-01-01."""
    return date.fromordinal(719163 + number).isoformat()


def minute_of(moment: datetime) -> int:
    """The epoch minute of an aware datetime; seconds are cut off."""
    return int(moment.timestamp() // 60)


def local(minute: int, zone: ZoneInfo) -> datetime:
    """The local datetime of an epoch minute."""
    return datetime.fromtimestamp(minute * 60, zone)


def iso(minute: int, zone: ZoneInfo) -> str:
    """ISO 8601 with the zone's offset at that moment, such as 2026-11-20T09:00:00-08:00."""
    return local(minute, zone).isoformat(timespec="seconds")


def utc_iso(minute: int) -> str:
    """ISO 8601 in UTC with a Z, as providers want it."""
    return datetime.fromtimestamp(minute * 60, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def resolve_local(day: date, clock_time: time, zone: ZoneInfo) -> int | None:
    """The epoch minute of a local wall time; None when that time does not exist (a DST gap).

    A wall time that happens twice (DST ends) means the first of the two, as people do.
    """
    moment = datetime.combine(day, clock_time, zone)
    back = datetime.fromtimestamp(moment.timestamp(), zone)
    return minute_of(moment) if back.replace(tzinfo=None, fold=0) == moment.replace(tzinfo=None, fold=0) else None


def local_day_start(day: date, zone: ZoneInfo) -> int:
    """The first minute of a local day; in zones that skip midnight, the first minute that exists."""
    moment = datetime.combine(day, time(), zone)
    return minute_of(datetime.fromtimestamp(moment.timestamp(), UTC))


def local_day(day: date, zone: ZoneInfo) -> Interval:
    """The whole local day as an interval (23, 24 or 25 hours long)."""
    return Interval(local_day_start(day, zone), local_day_start(day + timedelta(days=1), zone))
