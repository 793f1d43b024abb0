"""The contract of check_availability."""

from __future__ import annotations

from pydantic import Field

from slotline.runtime.tools import Arguments


class CheckAvailability(Arguments):
    """Find free times for a service."""

    service: str | None = Field(None, description="Which service, by name")
    when: str | None = Field(
        None, description="The caller's own words for the day, such as 'next Tuesday morning', or a date YYYY-MM-DD"
    )
    part_of_day: str | None = Field(None, description="morning, afternoon, evening or any")
    staff: str | None = Field(None, description="Name of the person the caller wants to see, if they named one")
    after: str | None = Field(None, description="Only later than this: an offer's start, or a local time")
    more: bool | None = Field(None, description="True when the caller wants other times than those just offered")
