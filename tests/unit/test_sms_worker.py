"""The worker behind the outbox: one true message per effect, whatever is delivered twice, late, or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from slotline.adapters.sms.console import ConsoleSender
from slotline.domain.bookings import Booking, Contact, State, Times
from slotline.domain.business import Business, Service, Sms
from slotline.domain.errors import (
    ConfigError,
    MessageInDoubtError,
    MessageNotSentError,
    MessageRefusedError,
    SlotlineError,
    StaleError,
    StoreUnavailableError,
)
from slotline.ports import BookingStore, DueWork, Message, MessageReceipt, OutboxItem, OutboxKind, WishView
from slotline.use_cases.messages import DOUBT_SECONDS, SETTLE_SECONDS, TURN_SECONDS, MessageDesk
from slotline.use_cases.text_sending import LEASE_SECONDS, Outcome
from tests.fakes import FakeClock

ID = "b" * 20
NEXT_ID = "c" * 20
PHONE = "+14155550155"
OTHER_PHONE = "+14155550166"
DAY = 1440  # minutes

type Key = tuple[str, int, OutboxKind]


@dataclass(slots=True)
class Bookings:
    """The three methods of the store that the worker may use."""

    known: dict[str, Booking] = field(default_factory=dict)
    wishes: dict[str, str] = field(default_factory=dict)  # the booking that lives for each
    asked: list[str] = field(default_factory=list)

    def view(self, *, intents: Iterable[str]) -> WishView:
        asked = list(intents)
        self.asked += asked
        return WishView(None, {key: self.wishes[key] for key in asked if key in self.wishes}, {}, None)

    def read(self, booking_id: str) -> Booking:
        try:
            return self.known[booking_id]
        except KeyError:
            raise StaleError("no such booking") from None

    def number_named(self, item: OutboxItem) -> str | None:
        return item.to.decode() if item.to else None


@dataclass(slots=True)
class MemoryOutbox:
    """ports.Outbox in a dict; every write checks that the writer still owns the item."""

    items: dict[Key, OutboxItem] = field(default_factory=dict)
    reasons: dict[Key, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    lose_next_sent: bool = False

    def add(self, kind: OutboxKind, *, rv: int, to: str | None = None, caused: float = 0.0) -> None:
        self.items[ID, rv, kind] = OutboxItem(ID, rv, kind, to=to.encode() if to else None, caused=caused)

    def claim(self, booking: str, *, rv: int, kind: OutboxKind, now: float, lease: float) -> OutboxItem:
        item = self.items.get((booking, rv, kind))
        if item is None or item.status in {"sent", "gave_up"} or now < item.deadline:
            raise StaleError("not to be had")
        return self._put(replace(item, status="claimed", sends=item.sends + 1, deadline=now + lease))

    def sent(self, item: OutboxItem, *, provider_id: str, now: float) -> None:
        if self.lose_next_sent:
            self.lose_next_sent = False
            raise StoreUnavailableError("no answer")
        self._own(item)
        self._put(replace(item, status="sent", provider_id=provider_id))

    def postpone(self, item: OutboxItem, *, until: float, sent_nothing: bool) -> None:
        self._own(item)
        self._put(replace(item, status="new", deadline=until, sends=item.sends - sent_nothing))

    def give_up(self, item: OutboxItem, *, reason: str, now: float) -> None:
        self._own(item)
        self._put(replace(item, status="gave_up"))
        self.reasons[item.booking, item.rv, item.kind] = reason

    def other_texts(self, item: OutboxItem) -> Sequence[OutboxItem]:
        others = [other for other in self.items.values() if other.booking == item.booking and other != item]
        return [other for other in others if other.kind.startswith("sms_")]

    def opted_out(self, phone: str) -> bool:
        return phone in self.stopped

    def opt_out(self, phone: str, *, now: float) -> None:
        self.stopped.add(phone)

    def _own(self, item: OutboxItem) -> None:
        if self.items[item.booking, item.rv, item.kind] != item:
            raise StaleError("the lease ran out")

    def _put(self, item: OutboxItem) -> OutboxItem:
        self.items[item.booking, item.rv, item.kind] = item
        return item


@dataclass(slots=True)
class ScriptedSender:
    """Fails as told; `delivered` is what really went out, `visible` what a search shows."""

    failures: list[SlotlineError | None] = field(default_factory=list)
    look_failures: list[SlotlineError] = field(default_factory=list)
    delivered: list[Message] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    went_out_anyway: bool = False  # a send that fails in doubt did happen
    on_send: Callable[[], None] = lambda: None

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self.went_out_anyway:
            self.delivered.append(message)
        self.on_send()
        if failure:
            raise failure
        return MessageReceipt(f"SM{len(self.delivered)}", "queued")

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        self.looks.append(since)
        if self.look_failures:
            raise self.look_failures.pop(0)
        same = [other for other in self.delivered if (other.to, other.body) == (message.to, message.body)]
        return MessageReceipt("SM-found", "sent") if same else None


class PlainTimes:
    """Times by their epoch minute, so that a text shows which one it names."""

    def moment(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return f"minute {minute}"

    def day(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return f"day {minute // DAY}"

    def clock(self, minute: int, *, zone: ZoneInfo, locale: str) -> str:
        return f"{minute % DAY // 60}:{minute % 60:02}"


class Stage:
    """A desk with everything around it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.start = int(self.clock.now() // 60) + DAY
        self.bookings = Bookings()
        self.outbox = MemoryOutbox()
        self.sender = ScriptedSender()
        self.events: list[tuple[str, dict[str, str | int]]] = []
        self.business = Business(
            "desk", "Bright Smile", "America/Los_Angeles", "en-US",
            calendars={}, services={"cleaning": Service("cleaning", "Teeth cleaning", 30)}, agents={},
        )  # fmt: skip
        self.public_url: str | None = None
        self.booking(rv=3)

    def booking(self, **changes: Any) -> None:
        before = self.bookings.known.get(ID) or Booking(
            id=ID, rv=3, state=State.BOOKED, service="cleaning", calendar="chair", resources=("chair",),
            times=Times.of(self.start, minutes=30), caller="hash", intent="wish", agent="desk",
            contact=Contact(name="John Smith", phone=PHONE),
        )  # fmt: skip
        self.bookings.known[ID] = replace(before, **changes)

    def booked_again(self, **changes: Any) -> None:
        """The same wish has a later booking."""
        before = self.bookings.known.get(NEXT_ID) or replace(self.bookings.known[ID], id=NEXT_ID, rv=2)
        self.bookings.known[NEXT_ID] = replace(before, **changes)
        self.bookings.wishes["wish"] = NEXT_ID

    def moved(self, *, rv: int, minutes: int = 60) -> None:
        self.booking(rv=rv, times=Times.of(self.start + minutes, minutes=30))

    def desk(self) -> MessageDesk:
        return MessageDesk(
            store=cast("BookingStore", self.bookings), outbox=self.outbox, sender=self.sender, business=self.business,
            times=PlainTimes(), clock=self.clock, notify=self.notify, public_url=self.public_url,
        )  # fmt: skip

    def notify(self, event: str, /, **fields: str | int) -> None:
        self.events.append((event, fields))

    def carry_out(self, kind: OutboxKind, *, rv: int) -> Outcome:
        return self.desk().carry_out(ID, rv=rv, kind=kind)

    def item(self, kind: OutboxKind, *, rv: int) -> OutboxItem:
        return self.outbox.items[ID, rv, kind]

    def reason(self, kind: OutboxKind, *, rv: int) -> str | None:
        return self.outbox.reasons.get((ID, rv, kind))

    def reported(self, kind: OutboxKind, *, rv: int) -> None:
        """The sender says by itself that the message went out."""
        self.outbox.items[ID, rv, kind] = replace(self.item(kind, rv=rv), reported="SM-reported")

    @property
    def texts(self) -> list[str]:
        return [message.body for message in self.sender.delivered]

    def when(self, minutes: int = 0) -> str:
        minute = self.start + minutes
        return f"day {minute // DAY} at {minute % DAY // 60}:{minute % 60:02}"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.outbox.add("sms_booked", rv=3)
    return stage


# --- the ordinary way ------------------------------------------------------------------------------------------------


def test_a_confirmation_is_rendered_sent_and_recorded(stage: Stage) -> None:
    outcome = stage.carry_out("sms_booked", rv=3)

    assert outcome is Outcome.SENT
    assert stage.sender.delivered == [
        Message(
            key=f"{ID}-3-sms_booked",
            to=PHONE,
            body=f"Bright Smile: your appointment is booked. Teeth cleaning, {stage.when()}.",
        )
    ]
    assert stage.item("sms_booked", rv=3).status == "sent"
    assert stage.item("sms_booked", rv=3).provider_id == "SM1"
    assert stage.events == [("sms_sent", {"kind": "sms_booked", "booking": ID, "encoding": "GSM-7", "segments": 1})]
    assert stage.sender.looks == []


def test_a_second_delivery_of_the_same_effect_does_nothing(stage: Stage) -> None:
    stage.carry_out("sms_booked", rv=3)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.NOT_OURS
    assert stage.desk().carry_out(ID, rv=99, kind="sms_booked") is Outcome.NOT_OURS
    assert len(stage.sender.delivered) == 1


def test_a_delivery_while_another_worker_sends_does_nothing(stage: Stage) -> None:
    inner: list[Outcome] = []
    stage.sender.on_send = lambda: inner.append(stage.carry_out("sms_booked", rv=3))

    stage.carry_out("sms_booked", rv=3)

    assert inner == [Outcome.NOT_OURS]
    assert len(stage.sender.delivered) == 1


def test_the_senders_number_and_the_status_address_travel_along(stage: Stage) -> None:
    stage.business = replace(stage.business, sms=Sms("twilio", "+14155550111"))
    stage.public_url = "https://api.example.com/"

    stage.carry_out("sms_booked", rv=3)

    assert stage.sender.delivered[0].sender == "+14155550111"
    assert stage.sender.delivered[0].status_url == f"https://api.example.com/v1/sms/desk/status?key={ID}.3.sms_booked"


def test_no_status_address_is_given_that_a_sender_cannot_reach(stage: Stage) -> None:
    stage.public_url = "http://127.0.0.1:8080"

    stage.carry_out("sms_booked", rv=3)

    assert stage.sender.delivered[0].status_url is None


def test_a_stand_in_for_the_sender_on_this_machine_may_report_in_the_clear(stage: Stage) -> None:
    stage.business = replace(stage.business, sms=Sms("twilio", "+14155550111", base_url="http://127.0.0.1:8091"))
    stage.public_url = "http://127.0.0.1:8080"

    stage.carry_out("sms_booked", rv=3)

    assert stage.sender.delivered[0].status_url == f"http://127.0.0.1:8080/v1/sms/desk/status?key={ID}.3.sms_booked"


def test_a_message_asked_for_goes_to_the_number_the_caller_named(stage: Stage) -> None:
    stage.outbox.add("sms_asked", rv=29_000_000, to=OTHER_PHONE)

    assert stage.carry_out("sms_asked", rv=29_000_000) is Outcome.SENT
    assert stage.sender.delivered[0].to == OTHER_PHONE


def test_the_sweep_carries_out_what_is_due_and_only_ours(stage: Stage) -> None:
    stage.outbox.add("sms_asked", rv=7)
    due = [
        DueWork("desk", ID, (3, "sms_booked")),
        DueWork("desk", ID, None),  # a booking, not an effect
        DueWork("other-desk", ID, (7, "sms_asked")),
        DueWork("desk", ID, (3, "sms_booked")),
    ]

    assert stage.desk().sweep(due) == (Outcome.SENT, Outcome.NOT_OURS)
    assert stage.item("sms_asked", rv=7).status == "new"


# --- nothing to send, nobody to send to ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda s: s.booking(contact=Contact("John")), "no_phone"),
        (lambda s: s.bookings.known.clear(), "no_booking"),
        (lambda s: s.outbox.opt_out(PHONE, now=0), "opted_out"),
        (lambda s: setattr(s, "business", replace(s.business, sms=Sms("twilio"))), "not_configured"),
        (lambda s: s.booking(state=State.CANCELLED, rv=6), "superseded"),
        (lambda s: s.booking(state=State.CANCELLING, cancel_wanted=True, rv=5), "superseded"),
        (lambda s: s.booking(state=State.REJECTED, rv=6), "superseded"),
    ],
)
def test_a_message_that_cannot_or_must_not_go_out_is_given_up_with_its_reason(
    stage: Stage, prepare: Callable[[Stage], None], reason: str
) -> None:
    prepare(stage)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.GAVE_UP
    assert stage.reason("sms_booked", rv=3) == reason
    assert stage.events == [("sms_given_up", {"kind": "sms_booked", "booking": ID, "reason": reason})]
    assert stage.sender.delivered == []


def test_a_messaging_service_is_a_sender_too(stage: Stage) -> None:
    stage.business = replace(stage.business, sms=Sms("twilio", options={"messaging_service_sid": "MG1"}))

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT


# --- the truth moved on ----------------------------------------------------------------------------------------------


def test_while_a_booking_is_being_moved_its_confirmation_waits(stage: Stage) -> None:
    stage.booking(state=State.RESCHEDULING, rv=4)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.item("sms_booked", rv=3).sends == 0
    assert stage.item("sms_booked", rv=3).deadline == stage.clock.now() + SETTLE_SECONDS

    stage.moved(rv=5)
    stage.booking(state=State.BOOKED)
    stage.clock.sleep(SETTLE_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert stage.when(60) in stage.texts[0]


def test_a_confirmation_overtaken_by_a_move_names_the_new_time_and_the_move_says_nothing(stage: Stage) -> None:
    stage.moved(rv=5)
    stage.outbox.add("sms_moved", rv=5)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert stage.carry_out("sms_moved", rv=5) is Outcome.NOT_OURS
    assert stage.reason("sms_moved", rv=5) == "coalesced"
    assert stage.texts == [f"Bright Smile: your appointment is booked. Teeth cleaning, {stage.when(60)}."]


@pytest.mark.parametrize("tries_before", [0, 1])
def test_what_took_over_a_move_is_looked_for_among_the_texts_since_the_move(stage: Stage, tries_before: int) -> None:
    """Before it, the same words were about another booking of the caller's, which stood at that time."""
    stage.sender.failures = [MessageInDoubtError("no answer")] * (1 + tries_before)
    if not tries_before:
        stage.carry_out("sms_booked", rv=3)
        stage.clock.sleep(DOUBT_SECONDS)
    moved = stage.clock.now()
    stage.moved(rv=5)
    stage.outbox.add("sms_moved", rv=5, caused=moved)
    if tries_before:
        stage.carry_out("sms_booked", rv=3)
        assert stage.reason("sms_moved", rv=5) == "coalesced"
        stage.clock.sleep(DOUBT_SECONDS)

    stage.carry_out("sms_booked", rv=3)

    assert stage.sender.looks == [moved]


def test_a_move_whose_confirmation_nobody_sent_yet_takes_it_over(stage: Stage) -> None:
    stage.moved(rv=5)
    stage.outbox.add("sms_moved", rv=5)

    assert stage.carry_out("sms_moved", rv=5) is Outcome.SENT
    assert stage.carry_out("sms_booked", rv=3) is Outcome.NOT_OURS
    assert stage.reason("sms_booked", rv=3) == "coalesced"
    assert stage.texts == [f"Bright Smile: your appointment has moved. Teeth cleaning, now {stage.when(60)}."]


def test_a_move_after_a_sent_confirmation_is_told(stage: Stage) -> None:
    stage.carry_out("sms_booked", rv=3)
    stage.moved(rv=5)
    stage.outbox.add("sms_moved", rv=5)

    assert stage.carry_out("sms_moved", rv=5) is Outcome.SENT
    assert len(stage.texts) == 2


def test_two_moves_in_a_row_are_told_once_with_the_last_time(stage: Stage) -> None:
    stage.carry_out("sms_booked", rv=3)
    stage.moved(rv=7, minutes=120)
    stage.outbox.add("sms_moved", rv=5)
    stage.outbox.add("sms_moved", rv=7)

    outcomes = [stage.carry_out("sms_moved", rv=5), stage.carry_out("sms_moved", rv=7)]

    assert outcomes == [Outcome.SENT, Outcome.NOT_OURS]
    assert stage.texts[1:] == [f"Bright Smile: your appointment has moved. Teeth cleaning, now {stage.when(120)}."]


def test_a_request_approved_meanwhile_is_told_as_booked_once(stage: Stage) -> None:
    stage.outbox.items.clear()
    stage.outbox.add("sms_requested", rv=3)
    stage.outbox.add("sms_booked", rv=4)
    stage.booking(rv=4)

    outcomes = [stage.carry_out("sms_requested", rv=3), stage.carry_out("sms_booked", rv=4)]

    assert outcomes == [Outcome.SENT, Outcome.NOT_OURS]
    assert "is booked" in stage.texts[0]


def test_a_failed_move_followed_by_one_that_went_through_is_told_as_moved(stage: Stage) -> None:
    stage.outbox.items.clear()
    stage.outbox.add("sms_failed", rv=5)
    stage.outbox.add("sms_moved", rv=7)
    stage.moved(rv=7)

    assert stage.carry_out("sms_failed", rv=5) is Outcome.SENT
    assert stage.texts == [f"Bright Smile: your appointment has moved. Teeth cleaning, now {stage.when(60)}."]


def test_a_failed_move_says_that_the_appointment_stands(stage: Stage) -> None:
    stage.outbox.add("sms_failed", rv=5)
    stage.booking(rv=5)

    assert stage.carry_out("sms_failed", rv=5) is Outcome.SENT
    assert f"It stands as before, Teeth cleaning, {stage.when()}." in stage.texts[0]


def test_a_message_asked_for_is_never_merged(stage: Stage) -> None:
    stage.outbox.add("sms_asked", rv=29_000_000)

    stage.carry_out("sms_asked", rv=29_000_000)

    assert stage.item("sms_booked", rv=3).status == "new"


def test_a_cancelled_booking_gets_one_text_and_it_says_so(stage: Stage) -> None:
    stage.booking(rv=5, state=State.CANCELLED, cancel_wanted=True)
    stage.outbox.add("sms_cancelled", rv=5)

    outcomes = [stage.carry_out("sms_booked", rv=3), stage.carry_out("sms_cancelled", rv=5)]

    assert outcomes == [Outcome.GAVE_UP, Outcome.SENT]
    assert stage.texts == [f"Bright Smile: your appointment is cancelled. Teeth cleaning, {stage.when()}."]


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_a_text_waits_for_another_one_about_the_same_booking(stage: Stage) -> None:
    """The booking is cancelled while its confirmation is on its way: the confirmation must not arrive last."""
    inner: list[Outcome] = []

    def cancelled_meanwhile() -> None:
        stage.booking(rv=5, state=State.CANCELLED, cancel_wanted=True)
        stage.outbox.add("sms_cancelled", rv=5)
        stage.sender.on_send = lambda: None
        inner.append(stage.carry_out("sms_cancelled", rv=5))

    stage.sender.on_send = cancelled_meanwhile
    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert inner == [Outcome.POSTPONED]
    assert len(stage.texts) == 1
    waiting = stage.item("sms_cancelled", rv=5)
    assert (waiting.status, waiting.sends, waiting.deadline) == ("new", 0, stage.clock.now() + TURN_SECONDS)

    stage.clock.sleep(TURN_SECONDS)
    assert stage.carry_out("sms_cancelled", rv=5) is Outcome.SENT
    assert "is cancelled" in stage.texts[1]


@pytest.mark.parametrize(("kind", "rv"), [("sms_moved", 5), ("sms_asked", 29_000_000), ("sms_booked", 2)])
def test_it_waits_whichever_was_caused_first(stage: Stage, kind: OutboxKind, rv: int) -> None:
    """What a text says is as new as its claim, not as what caused it."""
    stage.outbox.add(kind, rv=rv)
    stage.outbox.claim(ID, rv=rv, kind=kind, now=stage.clock.now(), lease=LEASE_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.sender.delivered == []


def test_nobody_waits_for_a_text_whose_worker_has_died(stage: Stage) -> None:
    stage.outbox.add("sms_asked", rv=29_000_000)
    stage.outbox.claim(ID, rv=29_000_000, kind="sms_asked", now=stage.clock.now(), lease=LEASE_SECONDS)
    stage.clock.sleep(LEASE_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT


def test_nobody_waits_for_a_text_that_only_waits_itself(stage: Stage) -> None:
    stage.outbox.add("sms_asked", rv=29_000_000)
    stage.sender.failures = [MessageInDoubtError("no answer")]
    stage.carry_out("sms_asked", rv=29_000_000)

    assert stage.item("sms_asked", rv=29_000_000).status == "new"
    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT


def test_a_human_task_waits_for_no_text(stage: Stage) -> None:
    stage.outbox.add("human_task", rv=3)
    stage.outbox.claim(ID, rv=3, kind="sms_booked", now=stage.clock.now(), lease=LEASE_SECONDS)

    assert stage.carry_out("human_task", rv=3) is Outcome.NOTED


def test_no_text_waits_for_a_human_task(stage: Stage) -> None:
    stage.outbox.add("human_task", rv=3)
    stage.outbox.claim(ID, rv=3, kind="human_task", now=stage.clock.now(), lease=LEASE_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT


# --- the same booked again -------------------------------------------------------------------------------------------

ENDED: dict[OutboxKind, dict[str, Any]] = {
    "sms_cancelled": {"state": State.CANCELLED, "cancel_wanted": True},
    "sms_failed": {"state": State.REJECTED, "cancel_wanted": False},
    "sms_asked": {"state": State.CANCELLED, "cancel_wanted": True},
}
STANDS: dict[str, Any] = {"state": State.BOOKED, "cancel_wanted": False}


@pytest.fixture(params=ENDED)
def end(request: pytest.FixtureRequest, stage: Stage) -> OutboxKind:
    """A text that has to tell of an end."""
    kind: OutboxKind = request.param
    stage.booking(rv=5, **ENDED[kind])
    stage.outbox.items.clear()
    stage.outbox.add(kind, rv=5)
    return kind


def test_an_end_is_not_told_to_who_has_booked_the_same_again(stage: Stage, end: OutboxKind) -> None:
    stage.booked_again(**STANDS)

    assert stage.carry_out(end, rv=5) is Outcome.GAVE_UP
    assert stage.reason(end, rv=5) == "superseded"
    assert stage.texts == []


def test_a_lost_text_about_an_end_is_not_repeated_after_the_next_booking(stage: Stage, end: OutboxKind) -> None:
    stage.sender.failures = [MessageInDoubtError("lost")]
    assert stage.carry_out(end, rv=5) is Outcome.POSTPONED
    stage.clock.sleep(DOUBT_SECONDS)
    stage.booked_again(**STANDS)

    assert stage.carry_out(end, rv=5) is Outcome.GAVE_UP
    assert (stage.texts, stage.sender.looks) == ([], [])


def test_a_request_for_the_same_that_awaits_approval_tells_its_own_truth(stage: Stage, end: OutboxKind) -> None:
    stage.booked_again(**STANDS, needs_approval=True)

    assert stage.carry_out(end, rv=5) is Outcome.GAVE_UP


@pytest.mark.parametrize(
    "unfinished",
    [
        {"state": State.BOOKING, "cancel_wanted": False},
        {"state": State.RESCHEDULING, "cancel_wanted": False},  # away from this time, or to it
        {"state": State.CANCELLING, "cancel_wanted": True},
        {"state": State.BOOKING, "cancel_wanted": True},
        {"state": State.BOOKED, "cancel_wanted": True},
    ],
)
@pytest.mark.parametrize("ends", [State.REJECTED, State.CANCELLED])
def test_while_the_next_booking_is_unfinished_the_end_waits_and_is_told_when_that_ends_too(
    stage: Stage, end: OutboxKind, unfinished: dict[str, Any], ends: State
) -> None:
    """The next one may end without a text of its own: this one is still owed."""
    stage.booked_again(**unfinished)

    assert stage.carry_out(end, rv=5) is Outcome.POSTPONED
    waiting = stage.item(end, rv=5)
    assert (waiting.status, waiting.sends, waiting.deadline) == ("new", 0, stage.clock.now() + SETTLE_SECONDS)

    stage.booked_again(state=ends)
    stage.bookings.wishes.clear()
    stage.clock.sleep(SETTLE_SECONDS)
    assert stage.carry_out(end, rv=5) is Outcome.SENT
    assert stage.when() in stage.texts[0]


def test_an_end_that_waited_is_not_told_once_the_next_booking_stands(stage: Stage, end: OutboxKind) -> None:
    stage.booked_again(state=State.BOOKING, cancel_wanted=False)
    stage.carry_out(end, rv=5)
    stage.booked_again(**STANDS)
    stage.clock.sleep(SETTLE_SECONDS)

    assert stage.carry_out(end, rv=5) is Outcome.GAVE_UP


def test_a_next_booking_that_stands_elsewhere_tells_nothing_of_the_end(stage: Stage, end: OutboxKind) -> None:
    """A person moved it in the calendar, and it still goes by the wish that it came from."""
    stage.booked_again(**STANDS, times=Times.of(stage.start + 60, minutes=30))

    assert stage.carry_out(end, rv=5) is Outcome.SENT


@pytest.mark.parametrize("state", [State.HELD, State.EXPIRED, State.REJECTED, State.CANCELLED])
def test_a_hold_and_what_has_ended_meanwhile_keep_nobody_from_the_end(
    stage: Stage, end: OutboxKind, state: State
) -> None:
    stage.booked_again(state=state)

    assert stage.carry_out(end, rv=5) is Outcome.SENT


def test_a_wish_that_still_names_its_ended_booking_or_a_forgotten_one_keeps_nobody_from_the_end(
    stage: Stage, end: OutboxKind
) -> None:
    stage.outbox.add(end, rv=7)
    stage.bookings.wishes["wish"] = ID
    assert stage.carry_out(end, rv=5) is Outcome.SENT

    stage.bookings.wishes["wish"] = NEXT_ID
    assert stage.carry_out(end, rv=7) is Outcome.SENT


@pytest.mark.parametrize("kind", ["sms_booked", "sms_requested", "sms_moved", "sms_failed", "sms_asked"])
def test_only_a_text_about_an_end_asks_what_lives_for_the_wish(stage: Stage, kind: OutboxKind) -> None:
    stage.outbox.items.clear()
    stage.outbox.add(kind, rv=3)

    assert stage.carry_out(kind, rv=3) is Outcome.SENT
    assert stage.bookings.asked == []


# --- failures --------------------------------------------------------------------------------------------------------


def test_what_was_certainly_not_sent_does_not_count_and_is_tried_again(stage: Stage) -> None:
    stage.sender.failures = [MessageNotSentError("429", retry_after=45), MessageNotSentError("down", retry_after=1)]

    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.item("sms_booked", rv=3).deadline == stage.clock.now() + 45
    assert stage.carry_out("sms_booked", rv=3) is Outcome.NOT_OURS  # not before its time
    stage.clock.sleep(45)
    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.item("sms_booked", rv=3).deadline == stage.clock.now() + 30  # never a hot loop
    stage.clock.sleep(30)
    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert stage.item("sms_booked", rv=3).sends == 1
    assert stage.sender.looks == []


def test_a_lost_answer_is_looked_for_and_not_sent_again_when_it_went_out(stage: Stage) -> None:
    stage.sender.failures, stage.sender.went_out_anyway = [MessageInDoubtError("lost")], True

    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.item("sms_booked", rv=3).deadline == stage.clock.now() + DOUBT_SECONDS
    stage.clock.sleep(DOUBT_SECONDS)
    assert stage.carry_out("sms_booked", rv=3) is Outcome.FOUND

    assert len(stage.sender.delivered) == 1
    assert stage.sender.looks[0] <= stage.clock.now() - DOUBT_SECONDS
    assert stage.item("sms_booked", rv=3).provider_id == "SM-found"


def test_a_lost_answer_that_the_sender_has_since_reported_on_needs_no_looking(stage: Stage) -> None:
    stage.sender.failures = [MessageInDoubtError("lost")]
    stage.carry_out("sms_booked", rv=3)
    stage.reported("sms_booked", rv=3)
    stage.clock.sleep(DOUBT_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.FOUND
    assert (stage.sender.looks, stage.sender.delivered) == ([], [])
    assert stage.item("sms_booked", rv=3).provider_id == "SM-reported"


def test_a_reported_message_whose_truth_has_passed_is_corrected_all_the_same(stage: Stage) -> None:
    stage.sender.failures = [MessageInDoubtError("lost")]
    stage.carry_out("sms_booked", rv=3)
    stage.reported("sms_booked", rv=3)
    stage.moved(rv=5)
    stage.clock.sleep(DOUBT_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert stage.when(60) in stage.texts[0]


def test_a_lost_answer_of_a_message_that_is_not_there_is_sent_a_second_time_and_never_a_third(stage: Stage) -> None:
    lost = MessageInDoubtError("lost")
    stage.sender.failures = [lost, lost, lost]
    tried = []
    stage.sender.on_send = lambda: tried.append(stage.clock.now())
    outcomes = []

    for _ in range(5):
        outcomes.append(stage.carry_out("sms_booked", rv=3))
        stage.clock.sleep(DOUBT_SECONDS)

    assert outcomes == [Outcome.POSTPONED, Outcome.POSTPONED, Outcome.GAVE_UP, Outcome.NOT_OURS, Outcome.NOT_OURS]
    assert len(tried) == 2
    assert stage.reason("sms_booked", rv=3) == "in_doubt"


def test_a_second_send_in_doubt_is_still_looked_for(stage: Stage) -> None:
    stage.sender.failures = [MessageInDoubtError("lost"), MessageInDoubtError("lost")]
    stage.carry_out("sms_booked", rv=3)
    stage.clock.sleep(DOUBT_SECONDS)
    stage.sender.went_out_anyway = True
    stage.carry_out("sms_booked", rv=3)
    stage.clock.sleep(DOUBT_SECONDS)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.FOUND
    assert len(stage.sender.delivered) == 1


@pytest.mark.parametrize("failure", [MessageNotSentError("busy"), ConfigError("sms.auth_token: not there")])
def test_a_look_that_failed_sends_nothing_and_is_repeated(stage: Stage, failure: SlotlineError) -> None:
    stage.sender.failures = [MessageInDoubtError("lost")]
    stage.carry_out("sms_booked", rv=3)
    stage.sender.look_failures = [failure, failure]

    for _ in range(2):
        stage.clock.sleep(1000)
        assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
        assert stage.item("sms_booked", rv=3).sends == 1
    stage.clock.sleep(1000)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT
    assert len(stage.sender.delivered) == 1


def test_a_worker_that_died_after_sending_is_followed_by_one_that_finds_the_message(stage: Stage) -> None:
    stage.outbox.lose_next_sent = True
    with pytest.raises(StoreUnavailableError):
        stage.carry_out("sms_booked", rv=3)

    assert stage.carry_out("sms_booked", rv=3) is Outcome.NOT_OURS  # the claim still holds
    stage.clock.sleep(LEASE_SECONDS)
    assert stage.carry_out("sms_booked", rv=3) is Outcome.FOUND
    assert len(stage.sender.delivered) == 1


def test_a_worker_that_outlives_its_lease_leaves_the_item_to_the_next(stage: Stage) -> None:
    def another_takes_over() -> None:
        stage.sender.on_send = lambda: None
        stage.clock.sleep(LEASE_SECONDS)
        assert stage.carry_out("sms_booked", rv=3) is Outcome.FOUND

    stage.sender.on_send = another_takes_over

    assert stage.carry_out("sms_booked", rv=3) is Outcome.NOT_OURS
    assert stage.item("sms_booked", rv=3).provider_id == "SM-found"
    assert len(stage.sender.delivered) == 1


@pytest.mark.parametrize("reason", ["opted_out", "bad_number", "landline", "not_permitted", "setup"])
def test_a_refused_message_is_given_up_with_the_senders_reason(stage: Stage, reason: str) -> None:
    stage.sender.failures = [MessageRefusedError(reason)]

    assert stage.carry_out("sms_booked", rv=3) is Outcome.GAVE_UP
    assert stage.reason("sms_booked", rv=3) == reason
    assert stage.outbox.opted_out(PHONE) is (reason == "opted_out")


def test_a_missing_secret_keeps_the_message_until_it_is_there(stage: Stage) -> None:
    stage.sender.failures = [ConfigError("sms.auth_token: not there")]

    assert stage.carry_out("sms_booked", rv=3) is Outcome.POSTPONED
    assert stage.events[0] == ("sms_setup", {"booking": ID, "problem": "sms.auth_token: not there"})
    stage.clock.sleep(1000)
    assert stage.carry_out("sms_booked", rv=3) is Outcome.SENT


def test_nothing_is_tried_for_longer_than_the_appointment_lasts(stage: Stage) -> None:
    stage.sender.failures = [MessageNotSentError("down")] * 1000
    outcomes = []
    while Outcome.GAVE_UP not in outcomes:
        outcomes.append(stage.carry_out("sms_booked", rv=3))
        stage.clock.sleep(600)

    assert stage.reason("sms_booked", rv=3) == "too_late"
    assert stage.clock.now() <= (stage.start + 30) * 60 + 600


def test_a_table_that_does_not_answer_is_not_taken_for_success(stage: Stage) -> None:
    stage.outbox.lose_next_sent = True

    with pytest.raises(StoreUnavailableError):
        stage.carry_out("sms_booked", rv=3)


# --- what is not a text ----------------------------------------------------------------------------------------------


def test_a_human_task_is_told_to_the_owner_without_personal_data(stage: Stage) -> None:
    stage.outbox.add("human_task", rv=6)
    stage.booking(rv=6, state=State.REJECTED, reason="gave_up")

    assert stage.carry_out("human_task", rv=6) is Outcome.NOTED
    assert stage.carry_out("human_task", rv=6) is Outcome.NOT_OURS
    assert stage.events == [
        ("human_task", {"booking": ID, "service": "cleaning", "state": "rejected", "why": "gave_up"})
    ]
    assert stage.sender.delivered == []


def test_a_conflict_is_told_to_the_owner_and_texted_to_nobody(stage: Stage) -> None:
    stage.outbox.add("conflict", rv=3)
    stage.booking(rv=3)

    assert stage.carry_out("conflict", rv=3) is Outcome.NOTED
    assert stage.events == [
        ("human_task", {"booking": ID, "service": "cleaning", "state": "booked", "why": "conflict"})
    ]
    assert stage.sender.delivered == []


def test_a_conflict_and_the_text_beside_it_do_not_wait_for_one_another(stage: Stage) -> None:
    for kind in ("conflict", "sms_moved"):
        stage.outbox.add(kind, rv=3)
    stage.outbox.claim(ID, rv=3, kind="conflict", now=stage.clock.now(), lease=LEASE_SECONDS)

    assert stage.carry_out("sms_moved", rv=3) is Outcome.SENT
    assert stage.outbox.items[ID, 3, "conflict"].status == "claimed"


def test_no_event_ever_carries_a_name_or_a_number(stage: Stage) -> None:
    stage.sender.failures = [MessageNotSentError("down"), MessageInDoubtError("lost"), MessageRefusedError("opted_out")]
    for _ in range(3):
        stage.carry_out("sms_booked", rv=3)
        stage.clock.sleep(1000)

    told = repr(stage.events)
    assert {event for event, _ in stage.events} == {"sms_postponed", "sms_given_up"}
    assert "John" not in told
    assert PHONE not in told


# --- the console -----------------------------------------------------------------------------------------------------


def test_the_console_prints_one_line_with_the_number_masked() -> None:
    stream = io.StringIO()
    sender = ConsoleSender(stream)
    message = Message("key-1", PHONE, "Bright Smile: booked.\nSee you")

    receipt = sender.send(message, deadline=0)

    assert stream.getvalue() == "SMS to +1••••••55: Bright Smile: booked. / See you\n"
    assert receipt.provider_id == "console:key-1"
    assert sender.find(message, since=0, deadline=0) == receipt
    assert sender.find(replace(message, key="key-2"), since=0, deadline=0) is None
