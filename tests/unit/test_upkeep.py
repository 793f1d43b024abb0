"""The upkeep of connections: one that fails keeps no other waiting, and no news is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from slotline.domain.errors import ConfigError, NotExecutedError, SetupError
from slotline.domain.hints import Subscription
from slotline.use_cases.upkeep import BUDGET_SECONDS, Connection, Upkeep
from tests.fakes import FakeClock

URL = "https://desk.example/v1/webhooks/harbor/main"
ORDERED = Subscription("order-1", 1000.0, {"resource": "r1"})


@dataclass
class Book:
    """ports.SubscriptionStore in a dict."""

    kept: dict[str, Subscription | None] = field(default_factory=dict)
    writes: int = 0

    def read(self, connection: str) -> Subscription | None:
        return self.kept.get(connection)

    def write(self, connection: str, subscription: Subscription | None) -> None:
        self.writes += 1
        self.kept[connection] = subscription


@dataclass
class Orders:
    """ports.Subscriptions that gives what it is told to."""

    gives: Subscription = ORDERED
    failure: Exception | None = None
    asked: list[tuple[Subscription | None, str, str]] = field(default_factory=list)
    removed: list[Subscription] = field(default_factory=list)

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        if self.failure:
            raise self.failure
        self.asked.append((known, callback_url, secret))
        return self.gives

    def remove(self, known: Subscription, *, deadline: float) -> None:
        if self.failure:
            raise self.failure
        self.removed.append(known)


@dataclass
class Feed:
    """ports.ChangeFeed: the cursor is how many changes there were."""

    changes: int = 0

    def changed(self, cursor: str | None, *, deadline: float) -> tuple[bool, str]:
        return cursor is None or int(cursor) != self.changes, str(self.changes)


@dataclass
class Desk:
    """The upkeep with everything it tells."""

    book: Book = field(default_factory=Book)
    clock: FakeClock = field(default_factory=FakeClock)
    counted: dict[str, float] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def upkeep(self) -> Upkeep:
        def note(event: str, *, calendar: str, **_: Any) -> None:
            self.notes.append((event, calendar))

        return Upkeep(store=self.book, clock=self.clock, count=self.counted.__setitem__, note=note)


def connection(name: str = "main", *, probe: Callable[[float], object] = lambda _: None, **parts: Any) -> Connection:
    given: dict[str, Any] = {"callback_url": URL, "secret": lambda: "hush"} | parts
    return Connection(name, probe=probe, **given)


def refusing(error: Exception) -> Callable[[float], object]:
    def probe(_deadline: float) -> object:
        raise error

    return probe


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- orders ----------------------------------------------------------------------------------------------------------


def test_a_new_order_is_kept_and_known_the_next_time(desk: Desk) -> None:
    orders = Orders()

    assert desk.upkeep.keep(connection(orders=orders))
    assert desk.upkeep.keep(connection(orders=orders))

    assert orders.asked == [(None, URL, "hush"), (ORDERED, URL, "hush")]
    assert (desk.book.kept, desk.book.writes) == ({"main": ORDERED}, 1)


def test_a_renewed_order_replaces_the_old_one(desk: Desk) -> None:
    desk.book.kept["main"] = ORDERED
    renewed = Subscription("order-1", 2000.0, {"resource": "r1"})

    desk.upkeep.keep(connection(orders=Orders(gives=renewed)))

    assert desk.book.kept["main"] == renewed


@pytest.mark.parametrize("missing", ["orders", "callback_url", "secret"])
def test_nothing_is_ordered_that_could_not_arrive(desk: Desk, missing: str) -> None:
    orders = Orders()

    parts: dict[str, Any] = {"orders": orders, missing: None}

    assert desk.upkeep.keep(connection(**parts))

    assert (orders.asked, desk.book.writes) == ([], 0)


def test_an_order_is_ended_once(desk: Desk) -> None:
    orders, here = Orders(), connection
    desk.book.kept["main"] = ORDERED

    desk.upkeep.unsubscribe(here(orders=orders), deadline=0)
    desk.upkeep.unsubscribe(here(orders=orders), deadline=0)

    assert (orders.removed, desk.book.kept) == ([ORDERED], {"main": None})


def test_an_order_that_could_not_be_ended_is_not_forgotten(desk: Desk) -> None:
    desk.book.kept["main"] = ORDERED

    with pytest.raises(NotExecutedError):
        desk.upkeep.unsubscribe(connection(orders=Orders(failure=NotExecutedError("429"))), deadline=0)

    assert desk.book.kept == {"main": ORDERED}


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [SetupError("401"), NotExecutedError("down"), ConfigError("no such secret")])
def test_one_that_fails_keeps_no_other_waiting(desk: Desk, error: Exception) -> None:
    orders = Orders()
    connections = (connection("dead", probe=refusing(error), orders=orders), connection("main", orders=orders))

    failed = desk.upkeep.run(connections, ends=desk.clock.now() + 60)

    assert (failed, desk.counted) == (1, {"ConnectionsFailed": 1})
    assert desk.notes == [("connection_failed", "dead")]
    assert desk.book.kept == {"main": ORDERED}


def test_an_order_that_fails_is_a_connection_that_fails(desk: Desk) -> None:
    assert not desk.upkeep.keep(connection(orders=Orders(failure=SetupError("403"))))


def test_a_secret_that_is_missing_is_a_connection_that_fails(desk: Desk) -> None:
    def missing() -> str:
        raise ConfigError("calendars.main.webhook_secret")

    assert not desk.upkeep.keep(connection(orders=Orders(), secret=missing))


def test_all_well_is_said_too(desk: Desk) -> None:
    """Silence would look the same as an upkeep that never ran."""
    assert desk.upkeep.run((connection(),), ends=desk.clock.now() + 60) == 0
    assert desk.counted == {"ConnectionsFailed": 0}


def test_nothing_is_begun_that_cannot_be_finished(desk: Desk) -> None:
    def slow(_deadline: float) -> object:
        desk.clock.sleep(BUDGET_SECONDS)
        return None

    names = [connection(name, probe=slow) for name in ("a", "b", "c")]

    desk.upkeep.run(tuple(names), ends=desk.clock.now() + 2 * BUDGET_SECONDS)

    assert desk.notes == [("upkeep_cut_short", "c")]


# --- calendars that are asked ----------------------------------------------------------------------------------------


def asked(desk: Desk, feed: Feed, scanned: list[str]) -> bool:
    return desk.upkeep.heed_news(connection(feed=feed), scan=scanned.append)


def test_a_change_is_scanned_for_once(desk: Desk) -> None:
    feed, scanned = Feed(), list[str]()
    assert [asked(desk, feed, scanned) for _ in range(2)] == [False, False]
    feed.changes += 1

    assert [asked(desk, feed, scanned) for _ in range(3)] == [True, False, False]
    assert scanned == ["main"]
    assert desk.book.writes == 2


def test_news_whose_scan_failed_are_news_again(desk: Desk) -> None:
    feed, scanned = Feed(), list[str]()
    asked(desk, feed, scanned)
    feed.changes += 1

    def failing(_calendar: str) -> None:
        raise NotExecutedError("down")

    with pytest.raises(NotExecutedError):
        desk.upkeep.heed_news(connection(feed=feed), scan=failing)

    assert asked(desk, feed, scanned)
    assert scanned == ["main"]


def test_a_calendar_that_tells_by_itself_is_not_asked(desk: Desk) -> None:
    assert not desk.upkeep.heed_news(connection(orders=Orders()), scan=lambda _: None)
    assert desk.book.writes == 0
