"""Times of calendar objects: recurrences over DST changes, zones, and text that nobody can read."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from slotline.adapters.calendars.caldav.times import UnreadableError, occurrences, parsed, zone_of
from slotline.domain.time import Interval, utc_iso

if TYPE_CHECKING:
    from datetime import tzinfo

NEW_YORK = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""


def whole(*events: str, zones: str = "", behind: str = "") -> str:
    bodies = "".join(f"BEGIN:VEVENT\nUID:a\nDTSTAMP:20200101T000000Z\n{e.strip()}\nEND:VEVENT\n" for e in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{zones}{bodies}{behind}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def custom_zone(name: str, offset: str) -> str:
    standard = f"BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\nEND:STANDARD\n"
    return f"BEGIN:VTIMEZONE\nTZID:{name}\n{standard}END:VTIMEZONE\n"


def starts(text: str, first: str, last: str, *, zone: tzinfo = UTC) -> list[str]:
    """Starts of all instances between two UTC days, as ISO times without seconds."""
    window = Interval(
        *(int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() // 60) for day in (first, last))
    )
    found = occurrences(parsed(text), window=window, zone=lambda: zone)
    return sorted(utc_iso(one.span.start)[:16] for one in found)


MOVED = """DTSTART;TZID=America/New_York:20261102T170000
DTEND;TZID=America/New_York:20261102T180000
RECURRENCE-ID;TZID=America/New_York:20261102T110000"""
DAILY = """DTSTART;TZID=America/New_York:20261029T110000
DTEND;TZID=America/New_York:20261029T120000
RRULE:FREQ=DAILY;COUNT=7"""


@pytest.mark.parametrize("zones", [NEW_YORK, ""])
def test_a_daily_event_keeps_its_clock_time_over_the_end_of_dst_and_a_moved_instance_leaves_its_place(
    zones: str,
) -> None:
    """Radicale 3.9.0 expands this very object wrongly, in reports and in free-busy."""
    assert starts(whole(DAILY, MOVED, zones=zones), "2026-10-31", "2026-11-04") == [
        "2026-10-31T15:00",
        "2026-11-01T16:00",
        "2026-11-02T22:00",
        "2026-11-03T16:00",
    ]


def test_exceptions_additions_and_overrides() -> None:
    text = whole(
        """DTSTART:20260105T100000Z
DTEND:20260105T110000Z
RRULE:FREQ=DAILY;UNTIL=20260110T100000Z
EXDATE:20260106T100000Z,20260108T100000Z
RDATE:20260120T080000Z""",
        "DTSTART:20260109T150000Z\nDTEND:20260109T160000Z\nRECURRENCE-ID:20260109T100000Z",
    )
    days = ["2026-01-05T10:00", "2026-01-07T10:00", "2026-01-09T15:00", "2026-01-10T10:00", "2026-01-20T08:00"]
    assert starts(text, "2026-01-01", "2026-02-01") == days


def test_an_instance_moved_into_the_window_is_seen_and_one_without_its_master_too() -> None:
    alone = "DTSTART:20260301T150000Z\nDTEND:20260301T160000Z\nRECURRENCE-ID:20260101T100000Z"
    daily = "DTSTART:20260101T100000Z\nDTEND:20260101T110000Z\nRRULE:FREQ=DAILY;COUNT=2"
    assert starts(whole(alone), "2026-03-01", "2026-03-02") == ["2026-03-01T15:00"]
    assert starts(whole(daily, alone), "2026-03-01", "2026-03-02") == ["2026-03-01T15:00"]
    assert starts(whole(daily, alone), "2026-01-01", "2026-01-03") == ["2026-01-02T10:00"]


def test_an_event_that_began_long_before_the_window_is_seen() -> None:
    text = whole("DTSTART:20260101T000000Z\nDTEND:20260301T000000Z")
    assert starts(text, "2026-02-01", "2026-02-02") == ["2026-01-01T00:00"]


@pytest.mark.parametrize(
    "tzid",
    ["America/New_York", "Eastern Standard Time", "/freeassociation.sourceforge.net/America/New_York"],
)
def test_zones_are_known_by_iana_windows_and_vendor_names(tzid: str) -> None:
    """What an object defines itself under such a name is not needed, and may be out of date."""
    event = f'DTSTART;TZID="{tzid}":20260706T110000\nDURATION:PT1H'
    stale = custom_zone(tzid, "+0900")
    assert starts(whole(event), "2026-07-06", "2026-07-07") == ["2026-07-06T15:00"]
    assert starts(whole(event, zones=stale), "2026-07-06", "2026-07-07") == ["2026-07-06T15:00"]


def test_zones_of_the_same_name_in_two_objects_do_not_mix() -> None:
    event = "DTSTART;TZID=Customized Time Zone:20260706T110000\nDURATION:PT1H"
    for offset, start in (("+0900", "02:00"), ("-0300", "14:00"), ("+0900", "02:00")):
        zone = custom_zone("Customized Time Zone", offset)
        assert starts(whole(event, zones=zone), "2026-07-06", "2026-07-07") == [f"2026-07-06T{start}"]
        assert starts(whole(event, behind=zone), "2026-07-06", "2026-07-07") == [f"2026-07-06T{start}"]
    with pytest.raises(UnreadableError):
        starts(whole(event), "2026-07-06", "2026-07-07")


def test_floating_times_and_whole_days_follow_the_given_zone_and_its_dst() -> None:
    zone = ZoneInfo("America/New_York")
    assert starts(whole("DTSTART:20260308T100000\nDTEND:20260308T110000"), "2026-03-08", "2026-03-09", zone=zone) == [
        "2026-03-08T14:00"
    ]
    text = whole("DTSTART;VALUE=DATE:20260307\nRRULE:FREQ=DAILY;COUNT=3")
    window = Interval(int(datetime(2026, 3, 1, tzinfo=UTC).timestamp() // 60), 29_600_000)
    spans = [one.span.minutes for one in occurrences(parsed(text), window=window, zone=lambda: zone)]
    assert spans == [1440, 1380, 1440]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
        "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=3",
        "FREQ=YEARLY;BYHOUR=0,1,2,3,4;BYMINUTE=0,1,2,3,4,5,6,7,8,9",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
    ],
)
def test_rules_that_would_keep_us_busy_are_refused_at_once(rule: str) -> None:
    text = whole(f"DTSTART:20260105T100000Z\nDTEND:20260105T110000Z\nRRULE:{rule}")
    begun = time.monotonic()
    with pytest.raises(UnreadableError):
        starts(text, "2026-01-05", "2026-02-05")
    assert time.monotonic() - begun < 0.5


def test_ordinary_rules_are_not_refused() -> None:
    for rule, number in {
        "FREQ=WEEKLY;BYDAY=MO,WE,FR": 14,
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1": 1,
        "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=12": 1,
        "FREQ=HOURLY;COUNT=5": 5,
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260120": 5,
    }.items():
        text = whole(f"DTSTART:20260105T100000Z\nDTEND:20260105T101500Z\nRRULE:{rule}")
        assert len(starts(text, "2026-01-05", "2026-02-05")) in {number, number + 1}, rule


def test_the_zone_of_a_calendar_is_read_from_any_form() -> None:
    assert zone_of("Europe/Rome") == ZoneInfo("Europe/Rome")
    assert zone_of(whole(zones=NEW_YORK)) == ZoneInfo("America/New_York")
    own = zone_of(whole(zones=custom_zone("Ours", "+0900")))
    assert own is not None
    assert datetime(2026, 1, 1, tzinfo=own).utcoffset() == timedelta(hours=9)
    assert zone_of("Nowhere/None") is None
    assert zone_of("BEGIN:VCALENDAR\r\nEND:VCALENDAR") is None
    assert zone_of("BEGIN:VCALENDAR junk") is None


def test_mutated_objects_are_read_or_refused_and_nothing_else() -> None:
    generator = random.Random(11)
    seeds = [
        whole(DAILY, MOVED, zones=NEW_YORK),
        whole("DTSTART;VALUE=DATE:20261101\nRRULE:FREQ=WEEKLY;BYDAY=SU\nEXDATE;VALUE=DATE:20261108"),
        whole(
            "DTSTART;TZID=Eastern Standard Time:20261101T100000\nDURATION:PT90M\n"
            "RDATE;VALUE=PERIOD:20261103T100000Z/PT1H"
        ),
    ]
    words = [
        "\r\n",
        ";",
        ":",
        "=",
        "T",
        "Z",
        "-",
        "9",
        "99999999",
        "RRULE:",
        "VALUE=DATE",
        "BEGIN:VEVENT\r\n",
        "END:VEVENT\r\n",
        "\x00",
        "é",
        ",",
    ]
    read = refused = 0
    begun = time.monotonic()
    for _ in range(1500):
        text = generator.choice(seeds)
        for _ in range(generator.randrange(1, 4)):
            cut = generator.randrange(len(text))
            text = text[:cut] + generator.choice([*words, ""]) + text[cut + generator.randrange(6) :]
        try:
            starts(text, "2026-10-31", "2026-11-15")
            read += 1
        except UnreadableError:
            refused += 1
    assert read > 150
    assert refused > 150
    assert time.monotonic() - begun < 60
