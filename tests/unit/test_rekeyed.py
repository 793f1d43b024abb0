"""A rotated key is found out in mid-call, and a wrong one is not asked about twice."""

from __future__ import annotations

from typing import cast

import pytest

from slotline.adapters.calendars.rekeyed import RekeyedCalendar
from slotline.domain.errors import CredentialError, InDoubtError
from slotline.domain.time import Interval
from slotline.ports import CalendarProvider, EventWish, ProviderEvent

WISH = cast("EventWish", None)
EVENT = ProviderEvent("e1", None, Interval(0, 30), "accepted")


class Locked:
    """A calendar that refuses the first so many requests."""

    def __init__(self, *, refusals: int, error: type[Exception] = CredentialError) -> None:
        self.refusals = refusals
        self.error = error
        self.asked = 0

    def create(self, wish: EventWish, *, deadline: float) -> ProviderEvent:
        self.asked += 1
        if self.asked <= self.refusals:
            raise self.error("no")
        return EVENT

    def cancel(self, event_id: str, *, reason: str, deadline: float) -> None:
        self.asked += 1
        if self.asked <= self.refusals:
            raise self.error("no")


def rekeyed(inner: Locked, *, renewed: bool) -> RekeyedCalendar:
    return RekeyedCalendar(cast("CalendarProvider", inner), renewed=lambda: renewed)


def test_a_refused_key_is_replaced_and_the_request_sent_again() -> None:
    inner = Locked(refusals=1)

    assert rekeyed(inner, renewed=True).create(WISH, deadline=0) is EVENT
    assert inner.asked == 2


def test_without_a_newer_key_nothing_is_sent_twice() -> None:
    inner = Locked(refusals=1)

    with pytest.raises(CredentialError):
        rekeyed(inner, renewed=False).create(WISH, deadline=0)
    assert inner.asked == 1


def test_a_newer_key_that_is_refused_too_ends_it() -> None:
    inner = Locked(refusals=9)

    with pytest.raises(CredentialError):
        rekeyed(inner, renewed=True).cancel("e", reason="r", deadline=0)
    assert inner.asked == 2


def test_a_request_that_may_have_been_executed_is_never_sent_again() -> None:
    inner = Locked(refusals=1, error=InDoubtError)

    with pytest.raises(InDoubtError):
        rekeyed(inner, renewed=True).create(WISH, deadline=0)
    assert inner.asked == 1
