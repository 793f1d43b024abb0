"""A code by SMS: who may read it back, how often, for how long, and what nobody learns on the way."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from slotline.adapters.dynamodb.outbox import DynamoOutbox
from slotline.domain.bookings import State
from slotline.domain.business import Business, IdentityLevel, Sms
from slotline.domain.calls import CallContext, Status, ToolCall, ToolReply
from slotline.domain.catalogue import LANGUAGES
from slotline.domain.deliveries import DeliveryReport, DeliveryStatus
from slotline.domain.errors import MessageInDoubtError, MessageNotSentError, MessageRefusedError
from slotline.domain.gsm import gsm_segments
from slotline.domain.message_texts import code_text
from slotline.domain.proofs import DeskKeys
from slotline.domain.verification import (
    CODE_SECONDS,
    MOST_CODES_PER_BUSINESS,
    MOST_CODES_PER_NUMBER,
    digits_of,
)
from slotline.ports import Message, MessageReceipt
from slotline.use_cases.appointments import find_appointments
from slotline.use_cases.cancel import cancel_appointment
from slotline.use_cases.code_texts import CodeDesk
from slotline.use_cases.reschedule import reschedule_appointment
from slotline.use_cases.text_sending import Outcome
from tests.unit.front_desk import BUDGET_SECONDS, BUSINESS, HARBOR, TOMORROW, Caller, FrontDesk

ADA, BOB = "+14155550155", "+14155550199"
EARLY, LATE = TOMORROW, TOMORROW + 180
STRICT = replace(HARBOR, look_up=IdentityLevel.SMS_CODE, change=IdentityLevel.SMS_CODE, transfer_to="+14155550100")
TOOLS: dict[str, Callable[..., ToolReply]] = {
    "find_appointments": find_appointments,
    "cancel_appointment": cancel_appointment,
    "reschedule_appointment": reschedule_appointment,
}


@dataclass
class Phone:
    """ports.SmsSender; texts meet the planned faults."""

    texts: list[Message] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    finds: bool = False

    def send(self, message: Message, *, deadline: float) -> MessageReceipt:
        if self.faults:
            raise self.faults.pop(0)
        self.texts.append(message)
        return MessageReceipt(f"m{len(self.texts)}", "sent")

    def find(self, message: Message, *, since: float, deadline: float) -> MessageReceipt | None:
        return MessageReceipt("found", "sent") if self.finds else None


@dataclass
class Clinic(FrontDesk):
    """A desk that asks for codes, with the worker that sends them."""

    business: Business = STRICT
    texts_codes: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.phone = Phone()
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.outbox = DynamoOutbox(self.table, business=BUSINESS, hashed=self.keys.caller)

    def desk(self) -> Any:
        return replace(super().desk(), texts_codes=self.texts_codes)

    def codes(self, *, can_send: bool = True) -> CodeDesk:
        return CodeDesk(
            store=self.store, outbox=self.outbox, sender=self.phone, business=self.business, code=self.keys.code,
            can_send=can_send, clock=self.clock, notify=self.tell,
        )  # fmt: skip

    def tell(self, event: str, /, **fields: str | int) -> None:
        self.told.append((event, fields))

    def waiting(self) -> list[str]:
        return [pk.split("#", 3)[3] for (pk, sk), item in self.rows().items() if sk.endswith("#sms_code")]

    def deliver(self, *, can_send: bool = True) -> list[Outcome]:
        desk = self.codes(can_send=can_send)
        return [desk.carry_out(challenge, rv=1, kind="sms_code") for challenge in self.waiting()]

    def code(self) -> str:
        """What the last text says."""
        self.deliver()
        (code,) = re.findall(r"\b\d{6}\b", self.phone.texts[-1].body)
        return str(code)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def ask(
    front: FrontDesk, tool: str = "find_appointments", *, number: str | None = ADA, call: str | None = "c1",
    delivery: str | None = None, attested: bool = False, **args: Any,
) -> ToolReply:  # fmt: skip
    context = CallContext("generic", call_id=call, caller=number, attested=attested)
    deadline = front.clock.now() + BUDGET_SECONDS
    return TOOLS[tool](front.desk(), ToolCall(tool, args, context, id=delivery), deadline=deadline, **args)


def _sure(tool: str) -> dict[str, Any]:
    return {"confirm": True} if tool == "cancel_appointment" else {}


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06d}"


def booked(clinic: Clinic, *, number: str = ADA, start: int = EARLY) -> None:
    assert Caller(clinic, number=number, call="earlier").book(start).status is Status.CONFIRMED


# --- the way it should go --------------------------------------------------------------------------------------------


def test_who_reads_the_code_back_hears_moves_and_cancels(clinic: Clinic) -> None:
    booked(clinic)

    asked = ask(clinic)
    assert (asked.status, asked.fields) == (Status.NEEDS_VERIFICATION, {"field": "code"})
    assert "six-digit code" in asked.message

    found = ask(clinic, code=clinic.code())
    assert found.status is Status.FOUND
    assert ask(clinic).status is Status.FOUND  # known for the rest of the call
    moved = ask(clinic, "reschedule_appointment", appointment="appt_1", slot_id=clinic.slot(LATE))
    assert moved.status is Status.CONFIRMED
    assert ask(clinic, "cancel_appointment").status is Status.NEEDS_CONFIRMATION
    assert ask(clinic, "cancel_appointment", confirm=True).status is Status.CANCELLED
    assert len(clinic.phone.texts) == 1


def test_the_text_goes_to_the_number_of_the_call_and_says_whose_it_is(clinic: Clinic) -> None:
    ask(clinic)
    assert clinic.deliver() == [Outcome.SENT]

    (text,) = clinic.phone.texts
    assert text.to == ADA
    assert text.body.startswith("Harbor Clinic: your code is ")
    assert clinic.deliver() == [Outcome.NOT_OURS]


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_every_tool_asks_in_the_same_words_whether_or_not_there_is_an_appointment(tool: str) -> None:
    def heard(front: Clinic) -> list[tuple[Status, str, object]]:
        replies = [ask(front, tool), ask(front, tool)]
        code = front.code()
        replies += [ask(front, tool, code=wrong(code, by)) for by in (1, 2, 3, 4)]
        return [(reply.status, reply.message, reply.fields) for reply in replies]

    with_one, without = Clinic(), Clinic()
    booked(with_one)

    assert heard(with_one) == heard(without)


@pytest.mark.parametrize("tool", ["cancel_appointment", "reschedule_appointment"])
def test_a_handle_proves_nothing(clinic: Clinic, tool: str) -> None:
    booked(clinic)

    reply = ask(clinic, tool, appointment="appt_1", **_sure(tool))
    assert reply.fields == {"field": "code"}
    assert [b.state for b in clinic.bookings()] == [State.BOOKED]


def test_nobody_unknown_is_texted_the_details_of_an_earlier_booking(clinic: Clinic) -> None:
    booked(clinic)
    ada = Caller(clinic, call="now")

    assert ada.ask_for_text().status is Status.NEEDS_VERIFICATION
    assert ada.ask_for_text("appt_1").status is Status.NEEDS_VERIFICATION
    ask(clinic, call="now")
    ask(clinic, call="now", code=clinic.code())
    assert ada.ask_for_text().status is Status.SENT


@pytest.mark.parametrize("look_up", IdentityLevel)
@pytest.mark.parametrize("handle", [None, "appt_1"])
def test_whoever_is_unknown_hears_no_false_word_of_what_could_be_texted(
    look_up: IdentityLevel, handle: str | None
) -> None:
    """Nor whether there is an appointment; where a look-up takes less, it was just read out."""
    replies = []
    for has_one in (True, False):
        clinic = Clinic(replace(STRICT, look_up=look_up))
        if has_one:
            booked(clinic)
        ask(clinic)
        replies.append(Caller(clinic).ask_for_text(handle))

    assert replies[0] == replies[1]
    assert (replies[0].status, replies[0].fields) == (Status.NEEDS_VERIFICATION, {"transfer_to": "+14155550100"})


def test_the_details_of_what_was_booked_in_this_call_take_no_code(clinic: Clinic) -> None:
    ada = Caller(clinic)
    ada.book(EARLY)

    assert ada.ask_for_text().status is Status.SENT
    assert clinic.waiting() == []


def test_booking_takes_no_code(clinic: Clinic) -> None:
    assert Caller(clinic).book(EARLY).status is Status.CONFIRMED
    assert Caller(clinic, number=None, call="web").book(LATE).status is Status.CONFIRMED
    assert clinic.waiting() == []


@pytest.mark.parametrize(("look_up", "change", "codes"), [("sms_code", "caller_id", 1), ("caller_id", "sms_code", 0)])
def test_a_change_takes_no_less_than_a_look_up(look_up: str, change: str, codes: int) -> None:
    clinic = Clinic(replace(HARBOR, look_up=IdentityLevel(look_up), change=IdentityLevel(change)))
    booked(clinic)

    ask(clinic)
    assert len(clinic.waiting()) == codes
    assert ask(clinic, "cancel_appointment").fields == {"field": "code"}


@pytest.mark.parametrize(
    "said",
    ["{}", " {} ", "it is {}", "{0[0]} {0[1]} {0[2]} {0[3]} {0[4]} {0[5]}", "{0[0]}-{0[1]}{0[2]}{0[3]}{0[4]}{0[5]}."],
)
def test_a_code_is_understood_however_it_is_written(clinic: Clinic, said: str) -> None:
    ask(clinic)

    assert ask(clinic, code=said.format(clinic.code())).status is Status.NONE_FOUND


def test_digits_of_every_script_count_and_nothing_else() -> None:
    assert digits_of("١٢٣٤٥٦") == digits_of("１２３456") == "123456"
    assert [digits_of(text) for text in ("", "12345", "1234567", "²23456", "one two three")] == [None] * 5


# --- who may not -----------------------------------------------------------------------------------------------------


def test_three_wrong_codes_end_it_for_this_call(clinic: Clinic) -> None:
    booked(clinic)
    ask(clinic)
    code = clinic.code()

    replies = [ask(clinic, code=wrong(code, by)) for by in (1, 2, 3)]
    assert [reply.fields for reply in replies[:2]] == [{"field": "code"}] * 2
    assert replies[2].fields == {"transfer_to": "+14155550100"}
    attempts: list[dict[str, Any]] = [{"code": code}, {}, {"code": wrong(code)}]
    for said in attempts:
        assert ask(clinic, **said).message == replies[2].message
    clinic.clock.sleep(CODE_SECONDS)
    assert ask(clinic).message == replies[2].message  # no new code, no new tries
    assert len(clinic.waiting()) == 1


def test_the_third_try_may_be_right(clinic: Clinic) -> None:
    ask(clinic)
    code = clinic.code()
    for by in (1, 2):
        ask(clinic, code=wrong(code, by))

    assert ask(clinic, code=code).status is Status.NONE_FOUND


def test_tries_outlive_the_code(clinic: Clinic) -> None:
    ask(clinic)
    first = clinic.code()
    for by in (1, 2):
        ask(clinic, code=wrong(first, by))
    clinic.clock.sleep(CODE_SECONDS)
    ask(clinic)

    assert "transfer_to" in ask(clinic, code=wrong(clinic.code())).fields


@pytest.mark.parametrize(("waited", "status"), [(-1, Status.NONE_FOUND), (0, Status.NEEDS_VERIFICATION)])
def test_a_code_is_good_for_five_minutes(clinic: Clinic, waited: int, status: Status) -> None:
    ask(clinic)
    code = clinic.code()
    clinic.clock.sleep(CODE_SECONDS + waited)

    assert ask(clinic, code=code).status is status


def test_a_code_that_ran_out_is_followed_by_one_other_and_no_third(clinic: Clinic) -> None:
    ask(clinic)
    first = clinic.code()
    clinic.clock.sleep(CODE_SECONDS)

    again = ask(clinic, code=first)
    assert "no longer good" in again.message
    second = clinic.code()
    assert second != first
    assert ask(clinic, code=first).fields == {"field": "code"}
    clinic.clock.sleep(CODE_SECONDS)
    assert "transfer_to" in ask(clinic, code=second).fields
    assert len(clinic.phone.texts) == 2


@pytest.mark.parametrize("other", [{"call": "c2"}, {"number": BOB}, {"call": "c2", "number": BOB}])
def test_a_code_is_worth_nothing_elsewhere(clinic: Clinic, other: dict[str, Any]) -> None:
    booked(clinic)
    booked(clinic, number=BOB, start=LATE)
    ask(clinic)
    code = clinic.code()
    ask(clinic, **other)  # has a code of its own

    assert ask(clinic, code=code, **other).status is Status.NEEDS_VERIFICATION
    assert ask(clinic, code=code).status is (Status.NEEDS_VERIFICATION if other == {"number": BOB} else Status.FOUND)


def test_a_code_used_once_opens_no_other_call_and_no_other_number(clinic: Clinic) -> None:
    booked(clinic)
    booked(clinic, number=BOB, start=LATE)
    ask(clinic)
    code = clinic.code()
    assert ask(clinic, code=code).status is Status.FOUND

    assert ask(clinic, call="c2", code=code).status is Status.NEEDS_VERIFICATION
    assert ask(clinic, number=BOB, code=code).status is Status.NEEDS_VERIFICATION  # another number in the same call


def test_another_business_has_other_codes() -> None:
    here, there = (DeskKeys(root.encode()) for root in ("one root", "another root"))

    assert not there.is_code("a-challenge", here.code("a-challenge"))
    assert here.is_code("a-challenge", here.code("a-challenge"))
    assert len({here.code(f"challenge-{n}") for n in range(200)}) > 190


def test_a_code_survives_being_passed_on_as_a_number() -> None:
    codes = [DeskKeys(b"root").code(f"challenge-{n}") for n in range(2000)]

    assert [digits_of(str(int(code))) for code in codes] == codes
    assert {code[0] for code in codes} == set("123456789")


@pytest.mark.parametrize("who", [{"number": None}, {"call": None}, {"number": None, "call": None}])
@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_without_a_vouched_number_or_a_call_nobody_is_texted(clinic: Clinic, tool: str, who: dict[str, Any]) -> None:
    reply = ask(clinic, tool, code="123456", **who)

    assert (reply.status, reply.fields) == (Status.NEEDS_VERIFICATION, {"transfer_to": "+14155550100"})
    assert clinic.waiting() == []


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("+14155550155", True),
        ("+12045550123", True),  # Manitoba
        ("+18765550123", False),  # Jamaica
        ("+18095550123", False),  # the Dominican Republic
        ("+442079460155", False),
    ],
)
def test_the_carriers_word_counts_where_carriers_must_give_it(clinic: Clinic, number: str, counts: bool) -> None:
    booked(clinic, number=number)

    reply = ask(clinic, number=number, attested=True)
    assert reply.status is (Status.FOUND if counts else Status.NEEDS_VERIFICATION)


# --- at once, twice, late --------------------------------------------------------------------------------------------


def test_of_two_wrong_codes_at_once_both_are_counted(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(clinic)
    code = clinic.code()
    put, inner = clinic.dynamodb.client.transact_write_items, list[ToolReply | None]()

    def raced(**request: Any) -> Any:
        if not inner:
            inner.append(None)
            inner[0] = ask(clinic, code=wrong(code, 1))
        return put(**request)

    monkeypatch.setattr(clinic.table._client, "transact_write_items", raced)  # the other one writes first
    ask(clinic, code=wrong(code, 2))

    assert tries(clinic) == 2


def tries(clinic: Clinic) -> int:
    (item,) = (item for (_, sk), item in clinic.rows().items() if sk == "CALL" and "chal" in item)
    count: int = item["chal"]["n"]
    return count


def test_one_delivery_is_one_try_however_often_it_comes(clinic: Clinic) -> None:
    ask(clinic)
    code = clinic.code()

    replies = [ask(clinic, code=wrong(code), delivery="d1") for _ in range(5)]
    assert len({reply.message for reply in replies}) == 1
    assert tries(clinic) == 1
    assert ask(clinic, code=wrong(code, 2), delivery="d1").fields == {"field": "code"}  # other digits, another try
    assert tries(clinic) == 2


def test_the_same_wrong_digits_are_one_try_whatever_comes_between(clinic: Clinic) -> None:
    booked(clinic)
    ask(clinic)
    code = clinic.code()
    for _ in range(3):
        ask(clinic, delivery="d1", code=wrong(code))
        ask(clinic, "cancel_appointment", delivery="d2", code=wrong(code, 2))
        ask(clinic, code=wrong(code))  # and without a name
    assert tries(clinic) == 2

    assert ask(clinic, delivery="d3", code=code).status is Status.FOUND


def test_asking_again_sends_no_second_code(clinic: Clinic) -> None:
    replies = [ask(clinic, tool) for tool in (*TOOLS, *TOOLS)]

    assert len({reply.message for reply in replies}) == 1
    assert len(clinic.waiting()) == 1


def test_what_is_no_code_is_no_try(clinic: Clinic) -> None:
    ask(clinic)

    for said in ("yes", "12345", "1234567", "I have no idea"):
        assert ask(clinic, code=said).fields == {"field": "code"}
    assert tries(clinic) == 0


def test_a_text_that_did_not_go_out_is_tried_again_until_it_is_worth_nothing(clinic: Clinic) -> None:
    ask(clinic)
    clinic.phone.faults = [MessageNotSentError("busy")] * 99

    outcomes = []
    for _ in range(40):
        outcomes += clinic.deliver()
        clinic.clock.sleep(15)
    assert Outcome.POSTPONED in outcomes
    assert outcomes.count(Outcome.GAVE_UP) == 1
    assert clinic.phone.texts == []


@pytest.mark.parametrize("finds", [True, False])
def test_a_text_whose_answer_was_lost_is_looked_for_first(clinic: Clinic, finds: bool) -> None:
    ask(clinic)
    clinic.phone.faults, clinic.phone.finds = [MessageInDoubtError("lost")], finds
    assert clinic.deliver() == [Outcome.POSTPONED]
    clinic.clock.sleep(60)

    assert clinic.deliver() == [Outcome.FOUND if finds else Outcome.SENT]
    assert len(clinic.phone.texts) == (0 if finds else 1)


# --- what it may cost, and what cannot be sent -----------------------------------------------------------------------


def test_a_number_gets_so_many_codes_a_day(clinic: Clinic) -> None:
    for n in range(MOST_CODES_PER_NUMBER):
        assert ask(clinic, call=f"call-{n}").fields == {"field": "code"}

    refused = ask(clinic, call="one more")
    assert refused.fields == {"transfer_to": "+14155550100"}
    assert "can't send another code" in refused.message
    assert len(clinic.waiting()) == MOST_CODES_PER_NUMBER
    assert ask(clinic, number=BOB, call="bob's").fields == {"field": "code"}
    clinic.clock.sleep(86_400)
    assert ask(clinic, call="tomorrow").fields == {"field": "code"}


def test_a_business_sends_so_many_codes_a_day(clinic: Clinic) -> None:
    for n in range(MOST_CODES_PER_BUSINESS):
        assert ask(clinic, number=f"+1415555{n:04d}", call=f"call-{n}").fields == {"field": "code"}

    assert "transfer_to" in ask(clinic, number=BOB, call="one more").fields
    assert len(clinic.waiting()) == MOST_CODES_PER_BUSINESS


def test_a_number_that_wants_no_texts_gets_none_and_is_told_so(clinic: Clinic) -> None:
    clinic.outbox.opt_out(ADA, now=clinic.clock.now())

    reply = ask(clinic)
    assert reply.fields == {"transfer_to": "+14155550100"}
    assert "can't send texts to it" in reply.message
    assert clinic.waiting() == []


def test_a_number_that_opts_out_before_the_text_goes_gets_none(clinic: Clinic) -> None:
    ask(clinic)
    clinic.outbox.opt_out(ADA, now=clinic.clock.now())

    assert clinic.deliver() == [Outcome.GAVE_UP]


def test_who_is_found_to_have_opted_out_is_remembered(clinic: Clinic) -> None:
    ask(clinic)
    clinic.phone.faults = [MessageRefusedError("opted_out")]

    assert clinic.deliver() == [Outcome.GAVE_UP]
    assert clinic.outbox.opted_out(ADA)


@pytest.mark.parametrize("reason", ["landline", "opted_out"])
@pytest.mark.parametrize("waited", [0, CODE_SECONDS])
def test_a_text_that_was_given_up_is_not_said_to_be_on_its_way(clinic: Clinic, reason: str, waited: int) -> None:
    ask(clinic)
    clinic.phone.faults = [MessageRefusedError(reason)]
    clinic.deliver()
    clinic.clock.sleep(waited)

    reply = ask(clinic)
    assert reply.fields == {"transfer_to": "+14155550100"}
    assert "can't send texts to it" in reply.message
    assert len(clinic.waiting()) == 1


def test_a_text_that_is_reported_undelivered_is_not_said_to_be_on_its_way(clinic: Clinic) -> None:
    ask(clinic)
    clinic.deliver()
    (challenge,) = clinic.waiting()
    report = DeliveryReport("m1", DeliveryStatus.UNDELIVERED, 30006, "landline")
    clinic.outbox.report(challenge, rv=1, kind="sms_code", report=report, now=clinic.clock.now())

    assert "can't send texts to it" in ask(clinic).message


def test_who_asks_for_no_texts_while_one_waits_is_told_so(clinic: Clinic) -> None:
    ask(clinic)
    clinic.outbox.opt_out(ADA, now=clinic.clock.now())

    assert "can't send texts to it" in ask(clinic).message


def test_who_asks_for_no_more_texts_may_read_out_the_one_they_have(clinic: Clinic) -> None:
    ask(clinic)
    code = clinic.code()
    clinic.outbox.opt_out(ADA, now=clinic.clock.now())

    assert ask(clinic).fields == {"field": "code"}
    assert ask(clinic, code=code).status is Status.NONE_FOUND


def test_a_text_that_came_too_late_is_followed_by_another(clinic: Clinic) -> None:
    ask(clinic)
    clinic.clock.sleep(CODE_SECONDS)
    assert clinic.deliver() == [Outcome.GAVE_UP]

    assert ask(clinic).fields == {"field": "code"}
    assert len(clinic.waiting()) == 2


@pytest.mark.parametrize("transfer_to", ["+14155550100", None])
def test_where_no_text_can_be_sent_nothing_else_is_said(transfer_to: str | None) -> None:
    clinic = Clinic(replace(STRICT, transfer_to=transfer_to, sms=Sms(provider="twilio")), texts_codes=False)

    reply = ask(clinic)
    assert "can't send texts" in reply.message
    assert ("transfer_to" in reply.fields) is (transfer_to is not None)
    assert clinic.waiting() == []


def test_where_a_log_would_show_it_no_code_is_sent(clinic: Clinic) -> None:
    ask(clinic)

    assert clinic.deliver(can_send=False) == [Outcome.GAVE_UP]
    assert clinic.phone.texts == []


# --- what nobody learns ----------------------------------------------------------------------------------------------


def test_neither_code_nor_number_stands_in_the_table_or_in_what_the_owner_is_told(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(clinic, delivery="d1")
        code = clinic.code()
        ask(clinic, delivery="d2", code=wrong(code))
        ask(clinic, delivery="d3", code=code)

    sinks = [repr(clinic.rows()), repr(clinic.told), caplog.text]
    for secret in (code, wrong(code), ADA, ADA.lstrip("+")):
        assert all(secret not in sink for sink in sinks)
    assert len(clinic.told) == 1


def test_the_number_of_a_code_is_sealed_to_it(clinic: Clinic) -> None:
    ask(clinic)
    (challenge,) = clinic.waiting()
    assert clinic.store.number_of_code(challenge) == ADA


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_text_is_one_part(language: str) -> None:
    said = code_text("123456", business="Bright Smile Dental", locale=language)

    assert said.count("123456") == 1
    assert gsm_segments(said).count == 1
    assert "{" not in said
