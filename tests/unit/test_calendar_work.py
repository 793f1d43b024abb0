"""From a proved webhook to the queue, and from the queue to the booking; and the work that the clock starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from functions.reconcile import handler as reconcile
from functions.webhook import handler as webhook
from slotline import bootstrap
from slotline.bootstrap import House, calendar_work
from slotline.bootstrap.calendar_work import CalendarWork, every_business
from slotline.bootstrap.connections import Connected
from slotline.domain.bookings import Booking
from slotline.domain.business import Business, Calendar
from slotline.domain.calls import HttpRequest, HttpResponse
from slotline.domain.errors import AccessError, ConfigError, NotExecutedError, SetupError, StaleError
from slotline.domain.hints import Hint, Received, Subscription
from slotline.runtime import hint_queue
from slotline.runtime.hint_queue import SETTLE_SECONDS, queue_hint, work_off_hints
from tests.unit.busy_desk import EARLY, LATE, BusyDesk, shift
from tests.unit.front_desk import BUSINESS, QUIESCENCE, Caller, failing

QUEUE_URL = "https://sqs.example/hints"
LIFE = 60.0


@dataclass
class Reader:
    """ports.HintReader: the body is the proof, and the hints are what a test wants."""

    hints: tuple[Hint, ...] = (Hint("h1", event="event-1", tag="t1"),)
    refusal: AccessError | None = None
    proofs: list[list[str]] = field(default_factory=list)

    def receive(self, request: HttpRequest, *, secrets: Sequence[str], now: float) -> Received:
        self.proofs.append([*secrets])
        if self.refusal:
            raise self.refusal
        if request.body.decode() not in secrets:
            raise AccessError(401, "bad_signature", "no")
        return Received(self.hints, HttpResponse(202, "taken", {}))


@dataclass
class Secrets:
    """ports.SecretStore with a cache that only `refresh` empties."""

    stored: dict[str, str] = field(default_factory=lambda: {"calendars.main.webhook_secret": "new"})
    refreshed: int = 0

    def __post_init__(self) -> None:
        self.cached = dict(self.stored)

    def value(self, business: str, name: str) -> str:
        if business != BUSINESS or name not in self.cached:
            raise ConfigError(name)
        return self.cached[name]

    def refresh(self, business: str) -> None:
        self.refreshed += 1
        self.cached = dict(self.stored)


class Queue:
    """SQS as far as it is used."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)

    def records(self) -> dict[str, Any]:
        """What the queue brings to the worker."""
        return {"Records": [{"messageId": f"m{n}", "body": m["MessageBody"]} for n, m in enumerate(self.sent)]}


@dataclass
class SmallHouse:
    """As much of the house as the work for calendars takes, with a desk of its own in it."""

    front: BusyDesk = field(default_factory=BusyDesk)
    reader: Reader | None = field(default_factory=Reader)
    orders: Any = None
    feeds: dict[str, Any] = field(default_factory=dict)
    tokens: Any = None

    def __post_init__(self) -> None:
        self.clock, self.table = self.front.clock, self.front.table
        self.secrets, self.queue = Secrets(), Queue()
        self.settings = SimpleNamespace(hints_queue=QUEUE_URL, public_url="https://desk.example/")
        self.config = self
        self.known = [BUSINESS]

    def business(self, key: str) -> Business:
        if key not in self.known:
            raise AccessError(404, "unknown_business", "no such business")
        return self.front.business

    def businesses(self) -> tuple[str, ...]:
        return (*self.known,)

    def connect(self, business: Business, calendar: Calendar) -> Connected:
        provider = self.front.of(calendar.name)
        feed = self.feeds.get(calendar.name)
        return Connected(provider, hints=self.reader, orders=self.orders, feed=feed, tokens=self.tokens)

    def driver(self, business: Business, *, process_ends: float, caller_waits: bool) -> Any:
        assert not caller_waits
        return self.front.driver(caller_waits=False)

    def drift_scan(self, business_key: str) -> Any:
        return self.front.scan()

    def work(self) -> CalendarWork:
        return CalendarWork(cast("House", self), self.clock.now() + LIFE)

    def receive(self, body: str = "new", *, business: str = BUSINESS, calendar: str = "main") -> Received:
        parameters = {"business": business, "calendar": calendar}
        request = HttpRequest("POST", "/v1/webhooks", {}, body.encode(), parameters=parameters)
        return self.work().receive(request)

    def deliver(self) -> dict[str, Any]:
        return work_off_hints(self.queue.records(), desk=self.work().hint_desk)


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything noted and counted, by name."""
    names: list[str] = []

    def keep(name: str, *_: object, **__: object) -> None:
        names.append(name)

    for module in (calendar_work, hint_queue):
        monkeypatch.setattr(module, "count", keep)
    monkeypatch.setattr(calendar_work, "note", keep)
    monkeypatch.setattr(hint_queue, "note_crash", keep)
    return names


def booked(house: SmallHouse) -> Booking:
    Caller(house.front).book(EARLY)
    house.clock.sleep(QUIESCENCE + 30)
    return house.front.only()


# --- proof -----------------------------------------------------------------------------------------------------------


def test_what_is_proved_is_queued_and_answered(house: SmallHouse) -> None:
    answer = house.receive()

    assert answer.response.body == "taken"
    (message,) = house.queue.sent
    assert message["QueueUrl"] == QUEUE_URL
    assert json.loads(message["MessageBody"]) == {
        "business": BUSINESS, "calendar": "main", "received": house.clock.now(),
        "id": "h1", "event": "event-1", "tag": "t1", "resubscribe": False,
    }  # fmt: skip


def test_what_is_not_proved_is_not_queued(house: SmallHouse) -> None:
    with pytest.raises(AccessError) as refused:
        house.receive("forged")

    assert (refused.value.status, house.queue.sent) == (401, [])


def test_both_secrets_prove_during_a_rotation(house: SmallHouse) -> None:
    house.secrets.cached["calendars.main.webhook_secret_before"] = "old"

    house.receive("old")
    house.receive("new")

    assert house.secrets.refreshed == 0


def test_a_secret_that_was_just_replaced_is_read_anew_once(house: SmallHouse) -> None:
    house.secrets.stored["calendars.main.webhook_secret"] = "newest"

    house.receive("newest")

    assert (house.secrets.refreshed, len(house.queue.sent)) == (1, 1)


def test_a_body_that_cannot_be_read_is_no_reason_to_read_secrets(house: SmallHouse) -> None:
    house.reader = Reader(refusal=AccessError(400, "bad_body", "no"))

    with pytest.raises(AccessError):
        house.receive()

    assert (house.secrets.refreshed, len(house.reader.proofs)) == (0, 1)


def test_a_secret_of_one_calendar_proves_nothing_for_another(house: SmallHouse) -> None:
    with pytest.raises(AccessError) as refused:
        house.receive("new", calendar="room")

    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("business", "calendar", "code"), [("nobody", "main", "unknown_business"), (BUSINESS, "attic", "unknown_calendar")]
)
def test_what_belongs_nowhere_is_not_found(house: SmallHouse, business: str, calendar: str, code: str) -> None:
    with pytest.raises(AccessError) as refused:
        house.receive(business=business, calendar=calendar)

    assert (refused.value.status, refused.value.code) == (404, code)


def test_a_calendar_without_webhooks_takes_none(house: SmallHouse) -> None:
    house.reader = None

    with pytest.raises(AccessError) as refused:
        house.receive()

    assert refused.value.status == 404


# --- the queue -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hint", "delay"), [(Hint("h"), SETTLE_SECONDS), (Hint("h", event="e"), 0), (Hint("h", tag="t"), 0)]
)
def test_hints_about_nothing_in_particular_wait_for_their_like(hint: Hint, delay: int) -> None:
    queue = Queue()

    queue_hint(hint, business="b", calendar="c", received=1.0, queue=queue, queue_url=QUEUE_URL)

    assert queue.sent[0]["DelaySeconds"] == delay


def test_a_queue_that_is_not_configured_is_named(house: SmallHouse) -> None:
    house.settings.hints_queue = None

    with pytest.raises(ConfigError, match="SLOTLINE_HINTS_QUEUE"):
        house.receive()


def test_a_hint_arrives_as_it_was_sent() -> None:
    queue, heard = Queue(), list[tuple[str, str, Hint, float]]()
    hint = Hint("h1", event="e1", tag="t1", resubscribe=True)
    queue_hint(hint, business="b", calendar="c", received=17.5, queue=queue, queue_url=QUEUE_URL)

    class Desk:
        def __init__(self, business: str) -> None:
            self.business = business

        def heed(self, calendar: str, hint: Hint, *, received: float) -> None:
            heard.append((self.business, calendar, hint, received))

    assert work_off_hints(queue.records(), desk=Desk) == {"batchItemFailures": []}
    assert heard == [("b", "c", hint, 17.5)]


def test_only_what_failed_comes_back(house: SmallHouse, told: list[str]) -> None:
    booked(house)
    house.reader = Reader(hints=(Hint("h1", event="event-1"), Hint("h2"), Hint("h3", event="event-1")))
    house.receive()
    house.front.calendar.plan("events", failing(NotExecutedError("down")))

    assert house.deliver() == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert "HintsFailed" in told
    assert house.deliver() == {"batchItemFailures": []}


def test_a_business_that_is_gone_keeps_no_other_hint_from_being_heeded(house: SmallHouse) -> None:
    booking = booked(house)
    shift(house.front.calendar, "event-1", to=LATE)
    for business in ("gone", BUSINESS):
        queue_hint(
            Hint("h1", event="event-1"),
            business=business,
            calendar="main",
            received=0.0,
            queue=house.queue,
            queue_url=QUEUE_URL,
        )

    assert house.deliver() == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert house.front.store.read(booking.id).times.span.start == LATE


@pytest.mark.parametrize("hint", [Hint("h1", event="event-1"), Hint("h1")])
def test_a_webhook_moves_the_booking(house: SmallHouse, hint: Hint) -> None:
    booking = booked(house)
    shift(house.front.calendar, "event-1", to=LATE)
    house.reader = Reader(hints=(hint,))

    house.receive()
    house.deliver()

    assert house.front.store.read(booking.id).times.span.start == LATE


class Orders:
    """ports.Subscriptions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ensure(
        self, known: Subscription | None, *, callback_url: str, secret: str, now: float, deadline: float
    ) -> Subscription:
        self.asked.append(f"{callback_url} {secret}")
        return Subscription("s1")

    def remove(self, known: Subscription, *, deadline: float) -> None:
        self.asked.append(f"end {known.id}")


def test_a_lost_subscription_is_ordered_anew(house: SmallHouse) -> None:
    house.orders = Orders()
    house.reader = Reader(hints=(Hint("h1", resubscribe=True),))
    house.receive()

    assert house.deliver() == {"batchItemFailures": []}
    assert house.orders.asked == ["https://desk.example/v1/webhooks/harbor/main new"]


@pytest.mark.parametrize(
    ("public", "base", "arrives"),
    [
        ("https://desk.example", None, True),
        ("http://127.0.0.1:8080", None, False),
        ("http://127.0.0.1:8080", "http://127.0.0.1:9000", True),
        (None, "http://127.0.0.1:9000", False),
        ("", None, False),
    ],
)
def test_webhooks_are_ordered_only_where_they_can_arrive(
    house: SmallHouse, public: str | None, base: str | None, arrives: bool
) -> None:
    house.orders = Orders()
    house.settings.public_url = public
    calendar = replace(house.front.business.calendar("main"), base_url=base)

    house.work().subscribe(house.front.business, calendar)
    house.work().unsubscribe(house.front.business, calendar)

    assert house.orders.asked == ([f"{public}/v1/webhooks/harbor/main new", "end s1"] if arrives else [])


# --- what the clock starts -------------------------------------------------------------------------------------------


class Feed:
    """ports.ChangeFeed that always has news."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure, self.asked = failure, 0

    def changed(self, cursor: str | None, *, deadline: float) -> tuple[bool, str]:
        self.asked += 1
        if self.failure:
            raise self.failure
        return True, str(self.asked)


def test_calendars_that_tell_nothing_are_asked_and_followed(house: SmallHouse) -> None:
    booking = booked(house)
    house.feeds["main"] = Feed()
    assert house.work().poll(BUSINESS) == 0  # the first time nothing is known to compare with
    shift(house.front.calendar, "event-1", to=LATE)

    assert house.work().poll(BUSINESS) == 1
    assert house.front.store.read(booking.id).times.span.start == LATE


def test_one_calendar_that_is_down_keeps_no_other_from_being_asked(house: SmallHouse, told: list[str]) -> None:
    house.feeds = {"main": Feed(NotExecutedError("down")), "room": Feed()}

    house.work().poll(BUSINESS)

    assert house.feeds["room"].asked == 1
    assert told == ["poll_failed"]


def test_access_that_soon_ends_is_renewed_in_between(house: SmallHouse) -> None:
    renewed: list[dict[str, float]] = []
    house.tokens = SimpleNamespace(keep_fresh=lambda **margin: renewed.append(margin))

    house.work().poll(BUSINESS)
    assert renewed == [{}] * len(house.front.business.calendars)

    house.work().keep_up(BUSINESS)
    assert renewed[-1] == {"margin": float("inf")}


def test_a_poll_ends_in_time(house: SmallHouse, told: list[str]) -> None:
    house.feeds["main"] = Feed()

    CalendarWork(cast("House", house), house.clock.now() + 5).poll(BUSINESS)

    assert (told, house.feeds["main"].asked) == (["poll_cut_short"], 0)


def test_the_number_of_connections_that_need_their_owner(house: SmallHouse, told: list[str]) -> None:
    def revoked(**_: float) -> None:
        raise SetupError("401")

    house.tokens = SimpleNamespace(keep_fresh=revoked)

    assert house.work().keep_up(BUSINESS) == len(house.front.business.calendars)
    assert "ConnectionsFailed" in told


def test_the_nightly_scan_lets_bookings_follow(house: SmallHouse) -> None:
    booking = booked(house)
    shift(house.front.calendar, "event-1", to=LATE)

    assert house.work().scan(BUSINESS) == 1
    assert house.front.store.read(booking.id).times.span.start == LATE
    assert house.work().scan(BUSINESS) == 0


@pytest.mark.parametrize(
    "error", [NotExecutedError("down"), ConfigError("secret"), StaleError("moved"), AccessError(404, "gone", "gone")]
)
def test_a_business_that_fails_stops_no_other(house: SmallHouse, told: list[str], error: Exception) -> None:
    house.known = ["a", "b", "c"]

    def work(business: str) -> int:
        if business == "b":
            raise error
        return 2

    assert every_business(cast("House", house), work) == 4
    assert told == ["business_skipped"]


# --- the functions ---------------------------------------------------------------------------------------------------


class Context:
    """As much of a Lambda context as is asked."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture
def deployed(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> SmallHouse:
    monkeypatch.setattr(bootstrap, "house", lambda: house)
    return house


def test_the_reconcile_function_works_hints_off(deployed: SmallHouse) -> None:
    booking = booked(deployed)
    shift(deployed.front.calendar, "event-1", to=LATE)
    deployed.receive()

    assert reconcile.lambda_handler(deployed.queue.records(), Context()) == {"batchItemFailures": []}
    assert deployed.front.store.read(booking.id).times.span.start == LATE


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        ({"work": "drift-scan"}, {"found": 1}),
        ({"work": "upkeep"}, {"failed": 0}),
        ({"work": "poll"}, {"changed": 0}),
        ({}, {"looked_at": 7}),
        ({"source": "aws.events"}, {"looked_at": 7}),
    ],
)
def test_each_schedule_starts_its_own_work(
    deployed: SmallHouse, event: dict[str, Any], answer: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(deployed)
    shift(deployed.front.calendar, "event-1", to=LATE)
    ends: list[float] = []

    def reconciler(*, process_ends: float) -> Any:
        ends.append(process_ends)
        return SimpleNamespace(run=lambda *, ends: 7)

    monkeypatch.setattr(deployed, "reconciler", reconciler, raising=False)

    assert reconcile.lambda_handler(event, Context()) == answer
    assert ends == ([deployed.clock.now() + 30] if "looked_at" in answer else [])


def test_the_webhook_function_takes_a_hint(deployed: SmallHouse) -> None:
    request = HttpRequest("POST", "/", {}, b"new", parameters={"business": BUSINESS, "calendar": "main"})
    hook = webhook.HOOKS["POST /v1/webhooks/{business}/{calendar}"]
    answer: Callable[..., HttpResponse] = hook.answer

    assert answer(deployed, request).status == 202
    assert len(deployed.queue.sent) == 1
    assert hook.largest_body == 262_144
