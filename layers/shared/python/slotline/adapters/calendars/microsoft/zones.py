"""Time zones by the names Outlook uses: IANA names, and Windows names such as "Pacific Standard Time".

We ask for every answer in UTC, so that only mailbox settings, all-day events and servers that ignore the preference
need this. The table of Windows names is icalendar's (from CLDR), imported when the first of them is met.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

_UTC = ZoneInfo("UTC")
_UTC_NAMES = frozenset({"", "utc", "etc/utc", "etc/gmt", "gmt", "z", "tzone://microsoft/utc"})


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone; UTC when there is no name, None when the name is unknown, as for tzone://Microsoft/Custom."""
    wanted = (name or "").strip()
    if wanted.lower() in _UTC_NAMES:
        return _UTC
    if "/" in wanted:
        return _iana(wanted)
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    known = WINDOWS_TO_OLSON.get(wanted)
    return _iana(known or wanted)


def _iana(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, no name of a zone, the name of a directory
        return None
