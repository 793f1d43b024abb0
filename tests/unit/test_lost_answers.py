"""What every provider's adapter says of a create whose answer did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from slotline.domain.errors import InDoubtError
from tests.unit import calcom_rig, caldav_rig, calendly_rig, gohighlevel_rig, google_rig, microsoft_rig

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.rigs import CalendarRig

RIGS: dict[str, Callable[[], CalendarRig[Any, Any]]] = {
    "calcom": calcom_rig.rig,
    "caldav": caldav_rig.rig,
    "calendly": calendly_rig.rig,
    "gohighlevel": gohighlevel_rig.rig,
    "google": google_rig.rig,
    "microsoft": microsoft_rig.rig,
}


@pytest.fixture(params=sorted(RIGS))
def r(request: pytest.FixtureRequest) -> CalendarRig[Any, Any]:
    return RIGS[request.param]()


def test_a_late_create_is_not_there_and_then_it_is(r: CalendarRig[Any, Any]) -> None:
    r.api.fault("late", seconds=60)

    with pytest.raises(InDoubtError):
        r.create()
    assert r.find() == ()

    r.clock.sleep(60)
    assert [event.tag for event in r.find()] == ["tag-1"]


@pytest.mark.parametrize("fault", ["stall", "error_after", "drop_after"])
def test_a_create_whose_answer_was_lost_is_found_by_its_tag(r: CalendarRig[Any, Any], fault: str) -> None:
    r.api.fault(fault, seconds=30)

    with pytest.raises(InDoubtError):
        r.create()
    assert [event.tag for event in r.find()] == ["tag-1"]


@pytest.mark.parametrize("fault", ["error_before", "drop_before"])
def test_a_create_that_never_happened_is_in_doubt_too_and_is_not_found(r: CalendarRig[Any, Any], fault: str) -> None:
    r.api.fault(fault)

    with pytest.raises(InDoubtError):
        r.create()
    assert r.find() == ()
