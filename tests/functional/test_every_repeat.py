"""A wish that comes again while its first call still runs, on every channel: one booking, and everybody hears of it.

Barge-in makes a model ask anew, a platform delivers twice, a connection breaks before the answer is there. Cal.com is
slow here, so that the first call is still on its way when the next arrives. The stories mostly wait: they are played
side by side, each at a time of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine import new_table
from tests.functional.book import bookings_in, check_book
from tests.functional.calendar_lines import RunningClock
from tests.functional.channels import CHANNELS, KNOWING, Channel, all_agents
from tests.functional.in_process import in_process
from tests.servers.calcom import API_KEY, CalcomApi, CalcomServer
from tests.servers.calcom_desk import EventType, Host

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from ops.local.engine import Engine
    from slotline.domain.bookings import Booking
    from tests.functional.caller import Reply
    from tests.functional.in_process import InProcess

pytestmark = pytest.mark.engine

MORNINGS = EventType(1, hosts=(Host(1, "Ada Host", week=((("09:00", "11:00"),),) * 7),))
SLOW_SECONDS = 0.4
SIDE_BY_SIDE = 6
LONGEST_WAIT_SECONDS = 10.0

DESK = """\
business: harbor
name: Harbor Clinic
time_zone: Etc/UTC
locale: en-US
calendars:
  main: {provider: calcom, api_key: "${CAL_KEY}", base_url: "URL"}
services:
  visit:
    name: Visit
    calendar: main
    event_type: 1
    minutes: 30
    email: {fallback: desk@harbor.example}
    offer: {days_ahead: 90}
agents:
  front: {platform: generic, services: [visit], deadline_seconds: 8, auth: {bearer: "${DESK_KEY}"}}
"""


@dataclass(slots=True)
class Story:
    """One caller on one channel, with a day to themselves; what they did at Cal.com is told by its time."""

    desk: InProcess
    api: CalcomApi
    who: Channel
    day: str
    offers: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.offers = self.who.say("check_availability", "look", service="visit", when=self.day)["slots"]

    @property
    def wish(self) -> dict[str, object]:
        return {"service": "visit", "slot_id": self.offers[0]["slot_id"], "name": "Ada Low"}

    def in_flight(self, operation: str, call: Callable[[], Reply], then: Callable[[], Reply]) -> tuple[Reply, Reply]:
        """The replies of a call, and of another that begins once the first one's request has reached Cal.com."""
        before = self._asked(operation)
        with ThreadPoolExecutor(1) as other:
            first = other.submit(call)
            ends = time.monotonic() + LONGEST_WAIT_SECONDS
            while self._asked(operation) == before and time.monotonic() < ends:
                time.sleep(0.02)
            assert self._asked(operation) > before, first.result()
            assert not first.done()
            second = then()
            return first.result(), second

    def _asked(self, operation: str) -> int:
        """How often Cal.com was asked to do this about the times of this story."""
        method, ending = {"create": ("POST", "/bookings"), "reschedule": ("POST", "/reschedule")}[operation]
        asked = [r for r in self.api.seen if (r.method, r.path.endswith(ending)) == (method, True)]
        return sum(self.day in str(request.body.get("start")) for request in asked)

    def records(self) -> list[Booking]:
        return [b for b in bookings_in(self.desk.items()) if _day_of(b) == self.day]

    def check_one(self, start: str, *texts: str) -> None:
        """One booking with us and at Cal.com, at that time, with these texts."""
        (record,) = self.records()
        assert record.state.value == "booked"
        assert datetime.fromtimestamp(record.times.span.start * 60, UTC) == datetime.fromisoformat(start)
        live = [b for b in self.api.bookings() if self.day in b["start"] and b["status"] == "accepted"]
        assert [datetime.fromisoformat(b["start"]) for b in live] == [datetime.fromisoformat(start)]
        effects = [i["kind"] for i in self.desk.items() if i["sk"].startswith("X#") and record.id in i["pk"]]
        assert effects == list(texts)


def _day_of(booking: Booking) -> str:
    return datetime.fromtimestamp(booking.times.span.start * 60, UTC).date().isoformat()


def told(*replies: Reply) -> list[tuple[object, object, object]]:
    return [(reply["status"], reply.get("start"), reply.get("replay")) for reply in replies]


# --- the stories -----------------------------------------------------------------------------------------------------


def barge_in(story: Story) -> None:
    """The same wish under a new id, while the first is still being worked on."""
    start = story.offers[0]["start"]
    first, again = story.in_flight(
        "create",
        lambda: story.who.say("book_appointment", "one", **story.wish),
        lambda: story.who.say("book_appointment", "two", **story.wish),
    )

    assert told(first, again) == [("confirmed", start, False), ("confirmed", start, True)]
    story.check_one(start, "sms_booked")


def double_delivery(story: Story) -> None:
    """One delivery twice, the second while the first still runs, and once more when all is done."""
    start = story.offers[0]["start"]

    def call() -> Reply:
        return story.who.say("book_appointment", "one", **story.wish)

    replies = (*story.in_flight("create", call, call), call())
    assert told(*replies) == [("confirmed", start, False), ("confirmed", start, True), ("confirmed", start, True)]
    story.check_one(start, "sms_booked")


def thrown_away(story: Story) -> None:
    """Nobody hears the first answer: the platform hangs up, and asks again in words of its own, without the offer."""
    start = story.offers[0]["start"]
    moment = datetime.fromisoformat(start)
    in_words = {"service": "visit", "date": story.day, "time": f"{moment:%H:%M}", "name": "Ada Low"}
    _, again = story.in_flight(
        "create",
        lambda: story.who.say("book_appointment", "one", **story.wish),
        lambda: story.who.say("book_appointment", "two", **in_words),
    )
    later = story.who.say("book_appointment", "three", **story.wish)

    assert told(again, later) == [("confirmed", start, True)] * 2
    story.check_one(start, "sms_booked")


def moved_twice(story: Story) -> None:
    """The same move under a new id, while the first is still being worked on."""
    old, new = (offer["start"] for offer in story.offers[:2])
    handle = story.who.say("book_appointment", "book", **story.wish).get("appointment", "appt_1")
    wish = {"appointment": handle, "slot_id": story.offers[1]["slot_id"]}
    first, again = story.in_flight(
        "reschedule",
        lambda: story.who.say("reschedule_appointment", "one", **wish),
        lambda: story.who.say("reschedule_appointment", "two", **wish),
    )

    assert old != new
    assert [(status, start) for status, start, _ in told(first, again)] == [("confirmed", new)] * 2
    story.check_one(new, "sms_booked", "sms_moved")


STORIES: dict[str, Callable[[Story], None]] = {
    "barge-in": barge_in,
    "double delivery": double_delivery,
    "thrown away": thrown_away,
    "moved twice": moved_twice,
}
CASES = [(story, name) for story in STORIES for name in (KNOWING if story == "moved twice" else CHANNELS)]


@pytest.fixture(scope="module")
def played(
    engine: Engine, engine_dynamodb: DynamoDBClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Future[None]]]:
    """Every story on every channel, begun; slow answers for all."""
    clock = RunningClock()
    api = CalcomApi(clock=clock.now, event_types=(MORNINGS,))
    with ExitStack() as stack:
        server = stack.enter_context(CalcomServer(api))
        agents = all_agents("visit").replace("[visit],", "[visit], deadline_seconds: 8,")
        desk = stack.enter_context(
            in_process(
                stack.enter_context(new_table(engine, engine_dynamodb)),
                DESK.replace("URL", server.base_url) + agents,
                tmp_path_factory.mktemp("repeats"),
                business="harbor",
                clock=clock,
                environ={"CAL_KEY": API_KEY},
            )
        )
        for operation in ("create", "reschedule"):
            api.fault("late", on=operation, seconds=SLOW_SECONDS, times=10_000)
        tomorrow = datetime.fromtimestamp(clock.now(), UTC).date() + timedelta(days=1)

        def play(number: int, story: str, name: str) -> None:
            day = (tomorrow + timedelta(days=number)).isoformat()
            STORIES[story](Story(desk, api, Channel(desk, name), day))

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            yield {case: pool.submit(play, number, *case) for number, case in enumerate(CASES)}
        check_book(desk.items())


@pytest.mark.parametrize(("story", "name"), CASES)
def test_one_wish_is_one_booking_however_often_it_comes(
    played: dict[tuple[str, str], Future[None]], story: str, name: str
) -> None:
    played[story, name].result()
