"""A call begins: this process reads what its first tool call will need, and opens the connections it will use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from slotline.domain.errors import SlotlineError
from slotline.domain.seating import seatings
from slotline.runtime.observability import note

if TYPE_CHECKING:
    from slotline.bootstrap import House
    from slotline.domain.business import Agent, Business, Service

BUDGET_SECONDS = 6.0
MOST_LOOKS = 8


def warm_up(here: House, event: Mapping[str, Any], *, ends: float, every_service: bool) -> dict[str, int]:
    """Look at the whole booking window of the agent's services; how many were looked at.

    Every service where they are asked for, else as many as it takes to speak to each calendar once. What fails now
    may work when it is needed: it is noted, and nothing is raised. `ends` (epoch seconds) is when this process is dead.
    """
    looked = 0
    try:
        business = here.config.business(event["warm"]["business"])
        agent = business.agent(event["warm"]["agent"])
        desk = here.desk(business, agent, process_ends=ends)
        deadline = min(here.clock.now() + BUDGET_SECONDS, ends - 1.0)
        for service in _services(business, agent, every_service=every_service):
            if looked == MOST_LOOKS or here.clock.now() >= deadline:
                break
            looked += 1
            try:
                desk.opening(service, deadline=deadline)
            except SlotlineError as error:
                note("warm_up_failed", service=service.key, error=type(error).__name__)
    except SlotlineError as error:
        note("warm_up_failed", error=type(error).__name__)
    return {"looked": looked}


def _services(business: Business, agent: Agent, *, every_service: bool) -> Iterator[Service]:
    """The agent's services; without `every_service` those that lead to a calendar not spoken to yet."""
    reached: set[str] = set()
    for key in agent.services:
        service = business.service(key)
        if every_service:
            yield service
            continue
        calendars = {c.name for way in seatings(business, service) for c in (*way.calendars, *way.watched)}
        if not calendars <= reached:
            reached |= calendars
            yield service
