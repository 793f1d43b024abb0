"""The end of a call: what was promised against what stands, whatever order the events come in and whatever breaks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

import pytest

from slotline.adapters.dynamodb.call_log import DynamoCallLog
from slotline.adapters.dynamodb.ledger import DynamoLedger
from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.adapters.language.spoken_times import BabelSpokenTimes
from slotline.adapters.sms.console import ConsoleSender
from slotline.domain.bookings import State
from slotline.domain.call_events import CallOutcome, CallRef, word
from slotline.domain.calls import CallContext, Status, ToolCall, ToolReply
from slotline.domain.errors import InDoubtError, NotExecutedError, Refusal, RefusedError, StoreUnavailableError
from slotline.domain.time import iso
from slotline.ports import Delivery
from slotline.use_cases.appointments import find_appointments
from slotline.use_cases.call_end import CallEnd
from slotline.use_cases.messages import MessageDesk
from tests.unit.front_desk import (
    BUDGET_SECONDS,
    BUSINESS,
    HARBOR,
    QUIESCENCE,
    TOMORROW,
    Caller,
    FrontDesk,
    answer_lost,
    failing,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slotline.domain.bookings import Booking
    from slotline.ports import OutboxKind

CALL = CallRef("generic", "c1", "front")
HOUR = 60
LOST = InDoubtError("no answer")
DEAF = NotExecutedError("no connection")


class Log(DynamoCallLog):
    """The real one, with what happens before the next outcomes are written."""

    def __init__(self, front: FrontDesk) -> None:
        super().__init__(front.table, business=BUSINESS)
        self.before_close: list[Any] = []

    def close(
        self, call: CallRef, outcome: CallOutcome, *, tasks: Sequence[Booking], nameless: bool, now: float
    ) -> None:
        if self.before_close:
            self.before_close.pop(0)()
        super().close(call, outcome, tasks=tasks, nameless=nameless, now=now)


@dataclass
class Desk:
    """A front desk whose answers go into the ledger, as they do behind HTTP."""

    front: FrontDesk = field(default_factory=FrontDesk)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    counted: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = Log(self.front)
        self._ledger = DynamoLedger(self.front.table, business=BUSINESS, clock=self.front.clock, ids=self.front.ids)

    def end(self) -> CallEnd:
        return CallEnd(
            store=self.front.store,
            log=self.log,
            clock=self.front.clock,
            hashed=self.front.keys.caller,
            notify=self._tell,
            count=lambda name, value: self.counted.append((name, value)),
        )

    def _tell(self, event: str, /, **fields: str | int) -> None:
        self.told.append((event, fields))

    def say(self, tool: str, reply: ToolReply, call: CallRef = CALL, **args: str) -> ToolReply:
        """One answer, with its line in the ledger."""
        self.front.clock.sleep(1)
        self._ledger.record({
            "tool": tool,
            "agent": call.agent,
            "platform": call.platform,
            "call": call.id,
            "status": reply.status.value,
            "start": reply.fields.get("start"),
            "appointment": reply.fields.get("appointment"),
            **({"args": args} if args else {}),
        })  # fmt: skip
        self.front.clock.sleep(1)
        return reply

    def settle(self, call: CallRef = CALL) -> CallOutcome:
        """The worker of the outbox is quick."""
        outcome = self.end().settle(call, reason="hangup")
        self.deliver()
        return outcome

    def deliver(self) -> None:
        """Tell the owner what waits in the outbox."""
        front = self.front
        desk = MessageDesk(
            store=front.store,
            outbox=DynamoOutbox(front.table, business=BUSINESS, hashed=front.keys.caller),
            sender=ConsoleSender(StringIO()),
            business=HARBOR,
            times=BabelSpokenTimes(),
            clock=front.clock,
            notify=self._tell,
        )
        for pk, sk in front.rows():
            if sk.endswith(("#broken_promise", "#doubt_left")):
                _, rv, kind = sk.split("#")
                desk.carry_out(pk.split("#", 3)[3], rv=int(rv), kind=cast("OutboxKind", kind))

    def persons_told(self) -> list[dict[str, Any]]:
        return [fields for event, fields in self.told if event == "human_task"]

    def tasks(self) -> list[str]:
        return [b.id for b in self.front.bookings() for kind in self.front.effects(b.id) if kind == "broken_promise"]

    def only(self) -> Booking:
        (booking,) = self.front.bookings()
        return booking


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def ada(desk: Desk) -> Caller:
    return Caller(desk.front)


def in_doubt(desk: Desk, caller: Caller) -> None:
    """The calendar never got it; nobody could look."""
    desk.front.calendar.plan("create", failing(LOST))
    desk.front.calendar.plan("find", failing(DEAF))
    assert desk.say("book_appointment", caller.book(TOMORROW)).status is Status.PENDING


def answer(status: Status, **fields: object) -> ToolReply:
    return ToolReply(status, "words", fields)


# --- promises --------------------------------------------------------------------------------------------------------


def test_a_pending_booking_is_a_promise_that_can_still_be_kept(desk: Desk, ada: Caller) -> None:
    in_doubt(desk, ada)

    first = desk.settle()
    desk.front.after(QUIESCENCE + 600)
    second = desk.settle()

    assert (first.bookings, second.bookings) == ({desk.only().id: "booking"}, {desk.only().id: "booked"})
    assert (first.broken, second.broken, desk.tasks()) == ((), (), [])
    assert second.version == 2


@pytest.mark.parametrize(("number", "tasks"), [("+14155550155", 0), (None, 1)])
def test_a_pending_booking_that_came_to_nothing_needs_a_person_where_no_text_tells(
    desk: Desk, number: str | None, tasks: int
) -> None:
    in_doubt(desk, Caller(desk.front, number=number))
    desk.front.calendar.plan("create", failing(RefusedError(Refusal.TAKEN)))
    desk.front.after(QUIESCENCE + 600)
    assert desk.only().state is State.REJECTED

    outcome = desk.settle()

    assert outcome.bookings == {desk.only().id: "rejected"}
    assert len(desk.tasks()) == tasks


def test_a_text_to_somebody_who_wants_none_tells_nothing(desk: Desk, ada: Caller) -> None:
    in_doubt(desk, ada)
    desk.front.calendar.plan("create", failing(RefusedError(Refusal.TAKEN)))
    desk.front.after(QUIESCENCE + 600)
    outbox = DynamoOutbox(desk.front.table, business=BUSINESS, hashed=desk.front.keys.caller)
    outbox.opt_out("+14155550155", now=desk.front.clock.now())

    desk.settle()

    assert desk.tasks() == [desk.only().id]


def test_a_text_that_was_given_up_tells_nothing(desk: Desk, ada: Caller) -> None:
    in_doubt(desk, ada)
    desk.front.calendar.plan("create", failing(RefusedError(Refusal.TAKEN)))
    desk.front.after(QUIESCENCE + 600)
    outbox = DynamoOutbox(desk.front.table, business=BUSINESS, hashed=desk.front.keys.caller)
    (rv,) = [int(sk.split("#")[1]) for _, sk in desk.front.rows() if sk.endswith("#sms_failed")]
    item = outbox.claim(desk.only().id, rv=rv, kind="sms_failed", now=desk.front.clock.now(), lease=60)
    outbox.give_up(item, reason="landline", now=desk.front.clock.now())

    desk.settle()

    assert desk.tasks() == [desk.only().id]


def test_confirmed_before_it_was_written_is_broken(desk: Desk, ada: Caller) -> None:
    in_doubt(desk, ada)
    desk.say("book_appointment", answer(Status.CONFIRMED, appointment="appt_1", start=iso(TOMORROW, HARBOR.zone)))

    assert desk.settle().broken == (desk.only().id,)


def test_a_move_that_was_promised_and_never_made_is_broken(desk: Desk, ada: Caller) -> None:
    desk.say("book_appointment", ada.book(TOMORROW))
    moved = answer(Status.CONFIRMED, appointment="appt_1", start=iso(TOMORROW + HOUR, HARBOR.zone))
    desk.say("reschedule_appointment", moved)

    assert desk.settle().broken == (desk.only().id,)
    assert desk.tasks() == [desk.only().id]


def test_a_move_that_was_made_is_kept(desk: Desk, ada: Caller) -> None:
    desk.say("book_appointment", ada.book(TOMORROW))
    assert desk.say("reschedule_appointment", ada.move(TOMORROW + HOUR)).status is Status.CONFIRMED

    outcome = desk.settle()

    assert (outcome.broken, outcome.replies) == ((), {"confirmed": 2})


def test_a_cancellation_that_was_promised_and_never_made_is_broken(desk: Desk, ada: Caller) -> None:
    desk.say("book_appointment", ada.book(TOMORROW))
    desk.say("cancel_appointment", answer(Status.CANCELLED, appointment="appt_1"))

    assert desk.settle().broken == (desk.only().id,)


def test_a_promise_without_a_handle_is_found_by_its_time(desk: Desk, ada: Caller) -> None:
    reply = ada.book(TOMORROW)
    desk.say("book_appointment", answer(reply.status, start=reply.fields["start"]))

    outcome = desk.settle()

    assert (outcome.bookings, outcome.unmatched) == ({desk.only().id: "booked"}, 0)


def test_a_doubt_that_names_no_booking_goes_to_a_person_once(desk: Desk) -> None:
    desk.say("book_appointment", answer(Status.PENDING))

    outcomes = [desk.settle(), desk.settle()]

    assert [each.unmatched for each in outcomes] == [1, 1]
    assert desk.persons_told() == [{"call": "c1", "agent": "front", "why": "broken_promise"}]
    assert desk.counted == [("PromisesBroken", 1)]


def test_a_confirmation_of_what_was_never_booked_goes_to_a_person(desk: Desk) -> None:
    start = iso(TOMORROW, HARBOR.zone)
    desk.say("book_appointment", answer(Status.CONFIRMED, appointment="appt_1", start=start))

    assert desk.settle().unmatched == 1


def test_the_answer_to_one_wish_leaves_the_doubt_about_another(desk: Desk, ada: Caller) -> None:
    desk.say("book_appointment", answer(Status.PENDING), slot_id="aaaa-aaaa-aaaa")
    desk.say("book_appointment", ada.book(TOMORROW), slot_id="bbbb-bbbb-bbbb")

    assert desk.settle().unmatched == 1
    assert len(desk.persons_told()) == 1


def test_the_answer_to_the_same_wish_ends_its_doubt(desk: Desk, ada: Caller) -> None:
    desk.say("book_appointment", answer(Status.PENDING), slot_id="aaaa-aaaa-aaaa")
    desk.say("book_appointment", ada.book(TOMORROW), slot_id="aaaa-aaaa-aaaa")

    assert desk.settle().unmatched == 0


def test_a_look_up_in_doubt_is_no_promise_and_says_so(desk: Desk, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.book(TOMORROW)

    def lost(*_: object, **__: object) -> None:
        raise StoreUnavailableError("no answer", in_doubt=True)

    monkeypatch.setattr(desk.front.store, "show", lost)
    call = ToolCall("find_appointments", {}, CallContext("generic", call_id="c9", caller=ada.number))
    reply = find_appointments(desk.front.desk(), call, deadline=desk.front.clock.now() + BUDGET_SECONDS)
    desk.say("find_appointments", reply)
    desk.say("find_appointments", answer(Status.PENDING))  # a line of an earlier version

    assert reply.status is Status.NOT_DONE
    assert (desk.settle().unmatched, desk.persons_told()) == (0, [])


# --- a later call ----------------------------------------------------------------------------------------------------

LATER = replace(CALL, id="c2")
NOWHERE = replace(CALL, id=cast("str", None))


def wants_no_texts(desk: Desk) -> None:
    outbox = DynamoOutbox(desk.front.table, business=BUSINESS, hashed=desk.front.keys.caller)
    outbox.opt_out("+14155550155", now=desk.front.clock.now())


def test_what_the_caller_moved_in_a_later_call_is_no_broken_promise(desk: Desk, ada: Caller) -> None:
    wants_no_texts(desk)
    desk.say("book_appointment", ada.book(TOMORROW))
    again = replace(ada, call="c2")
    assert desk.say("reschedule_appointment", again.move(TOMORROW + 2 * HOUR), LATER).status is Status.CONFIRMED

    desk.settle()

    assert desk.tasks() == []


def test_a_later_word_that_is_not_true_either_excuses_nothing(desk: Desk, ada: Caller) -> None:
    wants_no_texts(desk)
    desk.say("book_appointment", ada.book(TOMORROW))
    again = replace(ada, call="c2")
    desk.say("reschedule_appointment", again.move(TOMORROW + 2 * HOUR), LATER)
    desk.front.store.release(desk.only(), to=State.CANCELLED, reason="lost", now=desk.front.clock.now())

    desk.settle()

    assert desk.tasks() == [desk.only().id]


@pytest.mark.parametrize("said_of", ["appt_1", "appt_9"])
def test_a_later_word_about_another_booking_excuses_nothing(desk: Desk, ada: Caller, said_of: str) -> None:
    wants_no_texts(desk)
    desk.say("book_appointment", ada.book(TOMORROW))
    (first,) = desk.front.bookings()
    replace(ada, call="c2").book(TOMORROW + 2 * HOUR)
    desk.front.store.release(first, to=State.CANCELLED, reason="lost", now=desk.front.clock.now())
    desk.say("cancel_appointment", answer(Status.CANCELLED, appointment=said_of), LATER)

    desk.settle()

    assert desk.tasks() == [first.id]


def test_what_was_said_where_no_call_is_known_excuses_nothing_and_breaks_nothing(desk: Desk, ada: Caller) -> None:
    wants_no_texts(desk)
    desk.say("book_appointment", ada.book(TOMORROW))
    reply = replace(ada, call=None).move(TOMORROW + 2 * HOUR)
    assert (reply.status, "appointment" in reply.fields) == (Status.CONFIRMED, True)
    desk.say("reschedule_appointment", reply, NOWHERE)

    desk.settle()

    assert desk.tasks() == [desk.only().id]


def test_two_calls_that_were_promised_the_same_are_one_task_and_both_settled(desk: Desk, ada: Caller) -> None:
    wants_no_texts(desk)
    desk.say("book_appointment", ada.book(TOMORROW))
    assert desk.say("book_appointment", replace(ada, call="c2").book(TOMORROW), LATER).status is Status.CONFIRMED
    desk.front.store.release(desk.only(), to=State.CANCELLED, reason="lost", now=desk.front.clock.now())

    outcomes = [desk.settle(call) for call in (CALL, LATER)]

    assert [outcome.broken for outcome in outcomes] == [(desk.only().id,)] * 2
    assert (desk.tasks(), len(desk.persons_told())) == ([desk.only().id], 1)


# --- whose -----------------------------------------------------------------------------------------------------------


def test_what_the_tools_did_over_mcp_belongs_to_the_call_of_its_platform(desk: Desk) -> None:
    over_mcp = CallRef("mcp", "c1", "front")
    desk.say("book_appointment", answer(Status.PENDING), over_mcp)

    assert desk.settle().unmatched == 1


@pytest.mark.parametrize(
    "other", [replace(CALL, agent="back"), replace(CALL, id="c2"), replace(CALL, platform="vapi")], ids=str
)
def test_another_call_hears_and_changes_nothing_of_it(desk: Desk, ada: Caller, other: CallRef) -> None:
    desk.say("book_appointment", answer(Status.PENDING))
    ada.hold(TOMORROW)
    before = desk.front.rows()

    outcome = desk.settle(other)

    assert (outcome.replies, outcome.bookings, outcome.unmatched) == ({}, {}, 0)
    added = {key: row for key, row in desk.front.rows().items() if before.get(key) != row}
    assert added.keys() == {(f"T#{BUSINESS}#O#{other.scope}", f"END#{other.agent}")}


def test_of_a_call_it_does_not_know_an_agent_records_nothing_where_several_may_be_meant(
    desk: Desk, ada: Caller
) -> None:
    desk.say("book_appointment", ada.book(TOMORROW))
    before = desk.front.rows()

    desk.end().settle(replace(CALL, agent="back"), reason="hangup", only_known=True)
    assert desk.front.rows() == before
    desk.end().settle(CALL, reason="hangup", only_known=True)

    assert desk.log.outcome(CALL).bookings == {desk.only().id: "booked"}


@pytest.mark.parametrize("call", [CALL, CallRef("mcp", "a#b#", "front"), CallRef("vapi", "#", "back")], ids=str)
def test_a_task_about_a_call_leads_back_to_it(call: CallRef) -> None:
    assert CallRef.of_owner(call.owner) == call


# --- holds -----------------------------------------------------------------------------------------------------------


def test_a_hold_ends_with_its_call_and_its_time_is_free(desk: Desk, ada: Caller) -> None:
    ada.hold(TOMORROW)

    released = [desk.end().release(CALL), desk.end().release(CALL)]

    assert released == [1, 0]
    assert desk.front.locks() == {}
    assert Caller(desk.front, "+14155550199", call="c9").book(TOMORROW).status is Status.CONFIRMED


def test_a_hold_that_was_made_while_the_end_was_on_its_way_ends_too(desk: Desk, ada: Caller) -> None:
    desk.end().release(CALL)
    ada.hold(TOMORROW)

    desk.settle()

    assert desk.only().state is State.EXPIRED


def test_a_hold_that_is_being_booked_meanwhile_stays(desk: Desk, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.hold(TOMORROW)
    release = desk.front.store.release

    def booked_first(booking: Booking, **how: Any) -> Booking:
        monkeypatch.setattr(desk.front.store, "release", release)
        assert ada.book(TOMORROW).status is Status.CONFIRMED
        return release(booking, **how)

    monkeypatch.setattr(desk.front.store, "release", booked_first)

    assert desk.end().release(CALL) == 0
    assert desk.only().state is State.BOOKED


# --- twice, at once, cut off -----------------------------------------------------------------------------------------


def broken(desk: Desk, ada: Caller) -> str:
    in_doubt(desk, ada)
    desk.say("book_appointment", answer(Status.CONFIRMED, appointment="appt_1", start=iso(TOMORROW, HARBOR.zone)))
    return desk.only().id


def test_two_ends_at_once_cause_one_task(desk: Desk, ada: Caller) -> None:
    booking = broken(desk, ada)

    def other() -> None:
        desk.front.clock.sleep(1)
        desk.settle()

    desk.log.before_close = [other]

    outcome = desk.settle()

    assert (outcome.broken, outcome.version, desk.tasks()) == ((booking,), 1, [booking])
    assert desk.counted == [("PromisesBroken", 1)]


def test_two_ends_at_once_tell_once_of_a_doubt_without_a_booking(desk: Desk) -> None:
    desk.say("book_appointment", answer(Status.PENDING))

    def other() -> None:
        desk.front.clock.sleep(1)
        desk.settle()

    desk.log.before_close = [other]

    desk.settle()

    assert len(desk.persons_told()) == 1
    assert desk.counted == [("PromisesBroken", 1)]


def test_a_doubt_is_told_of_though_the_process_ends_with_its_record(desk: Desk) -> None:
    desk.say("book_appointment", answer(Status.PENDING))

    desk.end().settle(CALL, reason="hangup")
    assert desk.persons_told() == []
    for _ in range(2):
        desk.deliver()

    assert desk.persons_told() == [{"call": "c1", "agent": "front", "why": "broken_promise"}]


def test_an_end_that_is_cut_off_has_told_nobody_and_is_done_again(desk: Desk, ada: Caller) -> None:
    booking = broken(desk, ada)

    def cut_off() -> None:
        raise StoreUnavailableError("gone")

    desk.log.before_close = [cut_off]
    with pytest.raises(StoreUnavailableError):
        desk.settle()
    assert (desk.tasks(), desk.counted, desk.log.outcome(CALL).version) == ([], [], 0)

    desk.settle()

    assert desk.tasks() == [booking]


def test_a_booking_that_changes_between_two_ends_is_told_of_once(desk: Desk, ada: Caller) -> None:
    booking = broken(desk, ada)
    desk.settle()
    desk.front.store.postpone(desk.only(), due=None, now=desk.front.clock.now())
    desk.say("check_availability", answer(Status.NONE_AVAILABLE))

    again = desk.settle()

    assert (again.version, desk.tasks()) == (2, [booking])
    assert desk.counted == [("PromisesBroken", 1)]


def test_a_promise_that_came_true_after_all_stays_on_record_and_is_not_told_of_again(desk: Desk, ada: Caller) -> None:
    booking = broken(desk, ada)
    desk.settle()
    desk.front.after(QUIESCENCE + 600)
    assert desk.only().state is State.BOOKED

    outcome = desk.settle()
    desk.front.store.release(desk.only(), to=State.CANCELLED, reason="lost", now=desk.front.clock.now())
    desk.settle()

    assert (outcome.bookings, outcome.broken) == ({booking: "booked"}, (booking,))
    assert desk.tasks() == [booking]


def test_a_doubt_is_told_of_once_however_often_the_call_is_settled(desk: Desk) -> None:
    desk.say("book_appointment", answer(Status.PENDING))
    desk.settle()
    desk.say("check_availability", answer(Status.NONE_AVAILABLE))

    assert (desk.settle().version, desk.counted) == (2, [("PromisesBroken", 1)])


def test_what_the_caller_cancelled_since_is_theirs_though_no_text_may_tell(desk: Desk, ada: Caller) -> None:
    outbox = DynamoOutbox(desk.front.table, business=BUSINESS, hashed=desk.front.keys.caller)
    outbox.opt_out("+14155550155", now=desk.front.clock.now())
    desk.say("book_appointment", ada.book(TOMORROW))
    store, booking = desk.front.store, desk.only()
    now = desk.front.clock.now()
    wanted = store.want_cancel(booking, caller=booking.caller, attempt=None, delivery=Delivery(), now=now)
    store.release(wanted, to=State.CANCELLED, reason="caller", now=now)

    assert desk.settle().bookings == {booking.id: "cancelled"}
    assert desk.tasks() == []


def test_the_first_reason_stays(desk: Desk) -> None:
    desk.end().settle(CALL, reason=None)
    desk.end().settle(CALL, reason="hangup")
    desk.end().settle(CALL, reason="analysed")

    assert desk.log.outcome(CALL).reason == "hangup"


def test_calls_around_midnight_are_found_on_both_days(desk: Desk, ada: Caller) -> None:
    desk.front.clock.time += 12 * 3600 - 61  # a minute before midnight
    desk.say("book_appointment", ada.book(TOMORROW + HOUR))
    desk.front.clock.sleep(120)
    desk.say("cancel_appointment", ada.cancel())

    assert desk.settle().replies.keys() >= {"confirmed"}
    assert sum(desk.settle().replies.values()) == 2


def test_an_answer_lost_on_its_way_is_looked_for_like_any_other(desk: Desk, ada: Caller) -> None:
    desk.front.calendar.plan("create", answer_lost(LOST))
    reply = desk.say("book_appointment", ada.book(TOMORROW))

    outcome = desk.settle()

    assert outcome.replies == {reply.status.value: 1}
    assert desk.tasks() == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("customer-ended-call", True), ("call.in-progress.error-x", True), ("user_hangup", True), ("hangup", True),
        ("pipeline-error-openai-500-server-error", True), ("Maria.Smith", False), ("maria.smith", False),
        ("Maria", False), ("call.maria.smith.jones", False), ("call.smith", False), ("-", False), ("a-", False),
        ("Client disconnected: 1000", False), ("ada@example.com", False), ("14155550155", False),
        ("x14155550155", False), ("", False), ("a" * 81, False), (None, False), (5, False), ("é", False),
    ],
)  # fmt: skip
def test_only_a_single_word_of_the_platforms_is_kept_as_a_reason(said: object, kept: bool) -> None:
    assert word(said) == (said if kept else None)
