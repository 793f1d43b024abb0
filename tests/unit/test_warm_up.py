"""A call begins: what a tool function reads before it is asked, and that nothing that fails is raised."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from functions.availability import handler as availability
from functions.booking import handler as booking
from slotline.bootstrap import warm_up as module
from slotline.bootstrap.warm_up import MOST_LOOKS, warm_up
from slotline.domain.errors import AccessError, NotExecutedError, StoreUnavailableError
from tests.unit.front_desk import HARBOR, FrontDesk, failing

if TYPE_CHECKING:
    from slotline.bootstrap import House
    from slotline.domain.business import Agent, Business

EVENT = {"warm": {"business": "harbor", "agent": "front"}}


@dataclass
class SmallHouse:
    """As much of the house as warming up takes."""

    front: FrontDesk = field(default_factory=FrontDesk)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.clock, self.config = self.front.clock, self

    def business(self, key: str) -> Business:
        if self.failure:
            raise self.failure
        if key != "harbor":
            raise AccessError(404, "unknown_business", "no")
        return self.front.business

    def desk(self, business: Business, agent: Agent, *, process_ends: float) -> Any:
        return self.front.desk()

    def warm(self, event: dict[str, Any] | None = None, *, every: bool = True, seconds: float = 12.0) -> int:
        ends = self.clock.now() + seconds
        return warm_up(cast("House", self), event or EVENT, ends=ends, every_service=every)["looked"]


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(module, "note", lambda name, **_: names.append(name))
    return names


def test_the_whole_window_of_every_service_is_looked_at(house: SmallHouse) -> None:
    assert house.warm() == 3
    assert house.front.calendar.count("look") == 2  # the third service is on built-in calendars


def test_each_calendar_is_spoken_to_once_where_times_are_not_asked_for(house: SmallHouse) -> None:
    twin = replace(HARBOR.services["visit"], key="twin", name="Twin")
    agent = replace(HARBOR.agents["front"], services=("visit", "twin"))
    house.front.business = replace(HARBOR, services={**HARBOR.services, "twin": twin}, agents={"front": agent})

    assert (house.warm(every=False), house.warm(every=True)) == (1, 2)


def test_one_calendar_that_does_not_answer_keeps_no_other_waiting(house: SmallHouse, noted: list[str]) -> None:
    house.front.calendar.plan("look", failing(NotExecutedError("no connection")))

    assert house.warm() == 3
    assert noted == ["warm_up_failed"]


@pytest.mark.parametrize("failure", [StoreUnavailableError("gone"), AccessError(404, "unknown_business", "no")])
def test_nothing_is_raised(house: SmallHouse, noted: list[str], failure: Exception) -> None:
    house.failure = failure

    assert house.warm() == 0
    assert noted == ["warm_up_failed"]


def test_an_agent_that_is_gone_warms_nothing(house: SmallHouse) -> None:
    assert house.warm({"warm": {"business": "harbor", "agent": "gone"}}) == 0


def test_it_ends_before_its_process_does_and_looks_at_so_many_services_at_most(house: SmallHouse) -> None:
    many = {f"s{n}": replace(HARBOR.services["visit"], key=f"s{n}") for n in range(20)}
    agent = replace(HARBOR.agents["front"], services=tuple(many))
    house.front.business = replace(HARBOR, services=many, agents={"front": agent})

    assert house.warm(seconds=1.0) == 0
    assert house.warm() == MOST_LOOKS


@pytest.mark.parametrize(("handler", "every"), [(availability, True), (booking, False)])
def test_the_functions_warm_up_when_they_are_told_to(
    handler: Any, every: bool, monkeypatch: pytest.MonkeyPatch, house: SmallHouse
) -> None:
    asked: list[tuple[object, bool]] = []
    monkeypatch.setattr(handler.bootstrap, "house", lambda: house)

    def warm(here: object, event: object, *, ends: float, every_service: bool) -> dict[str, int]:
        asked.append((event, every_service))
        return {"looked": int(ends - house.clock.now())}

    monkeypatch.setattr(module, "warm_up", warm)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 12_000)

    assert handler.lambda_handler(EVENT, context) == {"looked": 12}
    assert asked == [(EVENT, every)]
