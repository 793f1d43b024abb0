"""Reports and replies about text messages: what they mean, and that telling them twice or late changes nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import get_args

import pytest

from slotline.adapters.sms.twilio import REASONS
from slotline.domain.business import Business, Sms
from slotline.domain.deliveries import DeliveryReport, DeliveryStatus, EffectKey
from slotline.domain.errors import StaleError
from slotline.domain.gsm import gsm_segments
from slotline.domain.opt_out import Meaning, help_text, meaning_of
from slotline.ports import OutboxKind
from slotline.use_cases.sms_events import SmsEvents, StatusReport, TextReply
from tests.fakes import FakeClock

BOOKING = "b" * 20
KEY = f"{BOOKING}.3.sms_booked"
SID, OTHER_SID = "SM" + "1" * 32, "SM" + "2" * 32
PHONE = "+14155550155"


@dataclass(slots=True)
class MemoryRecords:
    """ports.DeliveryRecords in memory, with one known effect."""

    known: dict[tuple[str, int, str], DeliveryReport | None] = field(
        default_factory=lambda: {(BOOKING, 3, "sms_booked"): None}
    )
    stopped: set[str] = field(default_factory=set)

    def report(self, booking: str, *, rv: int, kind: OutboxKind, report: DeliveryReport, now: float) -> bool:
        if (booking, rv, kind) not in self.known:
            raise StaleError("no such effect")
        before = self.known[booking, rv, kind]
        if before and report.status.rank <= before.status.rank:
            return False
        self.known[booking, rv, kind] = report
        return True

    def opt_out(self, phone: str, *, now: float) -> None:
        self.stopped.add(phone)

    def opt_in(self, phone: str, *, now: float) -> None:
        self.stopped.discard(phone)

    @property
    def last(self) -> DeliveryReport | None:
        return self.known[BOOKING, 3, "sms_booked"]


@dataclass(slots=True)
class MemoryInbox:
    """ports.Inbox in a dictionary. `cut_off` ends the process where the event would be marked."""

    events: dict[tuple[str, str], float] = field(default_factory=dict)
    cut_off: bool = False

    def done_at(self, event: str, *, source: str) -> float | None:
        return self.events.get((source, event))

    def mark_done(self, event: str, *, source: str, now: float) -> None:
        if self.cut_off:
            raise KeyboardInterrupt
        self.events[source, event] = now


class Stage:
    """The events of one business with everything around them."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.inbox = MemoryInbox()
        self.business = Business(
            "desk", "Bright & Smile", "America/Los_Angeles", "en-US",
            calendars={}, services={}, agents={}, sms=Sms("twilio", "+14155550111"), transfer_to="+14155550100",
        )  # fmt: skip
        self.told: list[tuple[str, dict[str, str | int]]] = []

    def events(self) -> SmsEvents:
        return SmsEvents(
            business=self.business, records=self.records, inbox=self.inbox, clock=FakeClock(), notify=self.notify,
            reasons=REASONS,
        )  # fmt: skip

    def notify(self, event: str, /, **fields: str | int) -> None:
        self.told.append((event, fields))

    def report(self, status: str, *, code: int | None = None, key: str = KEY) -> None:
        self.events().reported(StatusReport(key, SID, status, code, PHONE))

    def reply(self, text: str, *, sid: str = SID, sorted_as: Meaning | None = None) -> str | None:
        return self.events().received(TextReply(sid, PHONE, text, sorted_as))

    def names(self) -> list[str]:
        return [event for event, _ in self.told]


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- reports ---------------------------------------------------------------------------------------------------------


def test_a_delivery_is_kept_and_counted(stage: Stage) -> None:
    stage.report("delivered")

    assert stage.records.last == DeliveryReport(SID, DeliveryStatus.DELIVERED)
    assert stage.told == [("sms_delivered", {"booking": BOOKING})]


@pytest.mark.parametrize("order", [*itertools.permutations(["queued", "sending", "sent", "delivered"])])
def test_in_whatever_order_reports_come_the_furthest_stays_and_is_counted_once(
    stage: Stage, order: tuple[str, ...]
) -> None:
    for status in (*order, *order):
        stage.report(status)

    assert stage.records.last is not None
    assert stage.records.last.status is DeliveryStatus.DELIVERED
    assert stage.names() == ["sms_delivered"]


def test_the_stages_rank_as_a_message_passes_them() -> None:
    stages = ["accepted", "queued", "sending", "sent", "delivered"]
    ranks = [DeliveryStatus(stage).rank for stage in stages]

    assert ranks == sorted(set(ranks))
    assert {DeliveryStatus(end).rank for end in ("delivered", "undelivered", "failed", "canceled")} == {ranks[-1]}


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ("undelivered", 30003, "undelivered"),
        ("undelivered", 30006, "landline"),
        ("undelivered", 30005, "bad_number"),
        ("failed", 30450, "not_permitted"),
        ("failed", None, "failed"),
        ("failed", 99999, "failed"),
        ("canceled", None, "canceled"),
    ],
)
def test_a_failure_is_kept_with_its_code_and_reason(stage: Stage, status: str, code: int | None, reason: str) -> None:
    stage.report(status, code=code)

    assert stage.records.last == DeliveryReport(SID, DeliveryStatus(status), code, reason)
    assert stage.told == [
        ("sms_undelivered", {"booking": BOOKING, "status": status, "reason": reason, "code": code or 0})
    ]
    assert stage.records.stopped == set()


def test_a_number_whose_owner_stopped_our_texts_is_opted_out_here_too(stage: Stage) -> None:
    stage.report("failed", code=21610)

    assert stage.records.stopped == {PHONE}
    assert stage.names() == ["sms_opt_out", "sms_undelivered"]


def test_a_late_repetition_of_it_does_not_undo_an_opt_in(stage: Stage) -> None:
    stage.report("failed", code=21610)
    stage.reply("START")
    stage.report("failed", code=21610)

    assert stage.records.stopped == set()


def test_an_error_code_beside_a_success_says_nothing(stage: Stage) -> None:
    stage.report("delivered", code=21610)

    assert stage.records.last == DeliveryReport(SID, DeliveryStatus.DELIVERED)
    assert stage.records.stopped == set()


@pytest.mark.parametrize("code", [30007, 30034])
def test_a_failure_that_only_the_owner_can_mend_wakes_them(stage: Stage, code: int) -> None:
    stage.report("undelivered", code=code)

    assert ("sms_setup", {"booking": BOOKING, "problem": f"the sender reports error {code}"}) in stage.told


@pytest.mark.parametrize(
    "key", ["", "nonsense", f"{BOOKING}.3", f"{BOOKING}.9.sms_booked", f"{BOOKING}.3.sms_bogus", f"X#Y.3.{KEY}"]
)
def test_a_report_about_no_message_of_ours_is_noted_and_still_heeded(stage: Stage, key: str) -> None:
    stage.report("failed", code=21610, key=key)

    assert stage.records.last is None
    assert stage.records.stopped == {PHONE}
    assert stage.names()[0] == "sms_report_unmatched"


@pytest.mark.parametrize("status", ["partially_delivered", "receiving", "bogus"])
def test_a_status_nobody_has_told_us_about_changes_nothing(stage: Stage, status: str) -> None:
    stage.report(status)

    assert stage.records.last is None
    assert stage.told == [("sms_report_unknown", {"status": status})]


def test_the_key_in_the_address_reads_back() -> None:
    for kind in get_args(OutboxKind):
        key = EffectKey("0a" * 10, 29_460_000, kind)
        assert EffectKey.read(str(key)) == key


@pytest.mark.parametrize("text", ["a.-1.sms", "a.1.sms ", "a.1", "a#b.1.sms", "a.1.2.sms", "é.1.sms", "a.٣.sms", "."])
def test_nothing_else_is_a_key(text: str) -> None:
    assert EffectKey.read(text) is None


# --- replies ---------------------------------------------------------------------------------------------------------

STOP_WORDS = [
    "stop", "STOP", " Stop. ", "Stop!", '"STOP"', "STOP \N{OCTAGONAL SIGN}", "stopall", "Stop all", "unsubscribe",
    "Cancel", "END", "quit", "revoke", "optout", "opt out", "Opt-Out", "remove", "Please stop", "don't text me",
    "don’t text me!", "S T O P", "ＳＴＯＰ", "st\u200bop",
    "baja", "ALTO", "Parar", "cancelar", "no más mensajes", "Stopp", "abmelden", "Ende", "aufhören", "Keine SMS mehr!",
    "arrêt", "ARRET", "arrêtez", "Désabonner", "fin", "résilier",
]  # fmt: skip
OTHER_TEXTS = [
    "", " ", "🛑", "C", "1", "no", "thanks", "see you then", "please do not cancel", "Can we stop by earlier?",
    "cancel my 3 pm", "I can't make it, stop",
    "stops", "endorse", "quite", "removed", "yes please", "start at nine?", "helpful", "ok",
    "never stop", "the end",
]  # fmt: skip


@pytest.mark.parametrize("text", STOP_WORDS)
def test_a_word_that_stops_texts_is_heeded_and_not_answered(stage: Stage, text: str) -> None:
    assert stage.reply(text) is None
    assert stage.records.stopped == {PHONE}
    assert stage.told == [("sms_opt_out", {"source": "reply"}), ("sms_reply", {"meaning": "stop"})]


@pytest.mark.parametrize("text", ["START", "unstop", "Yes!", "opt in"])
def test_a_word_that_starts_them_again_withdraws_it(stage: Stage, text: str) -> None:
    stage.records.stopped.add(PHONE)

    assert stage.reply(text) is None
    assert stage.records.stopped == set()
    assert stage.told == [("sms_reply", {"meaning": "start"})]


@pytest.mark.parametrize("text", OTHER_TEXTS)
def test_anything_else_is_counted_and_changes_nothing(stage: Stage, text: str) -> None:
    stage.records.stopped.add("+14155550166")

    assert stage.reply(text) is None
    assert stage.records.stopped == {"+14155550166"}
    assert stage.told == [("sms_reply", {"meaning": "other"})]


@pytest.mark.parametrize("text", ["HELP", "info", "Help?", "ayuda", "Hilfe!", "aide"])
def test_help_names_the_business_and_whom_to_call(stage: Stage, text: str) -> None:
    answer = stage.reply(text)

    assert answer == (
        "Bright & Smile: we text about your appointments. Please call +14155550100. Reply STOP to get no more texts."
    )
    assert stage.records.stopped == set()


@pytest.mark.parametrize("locale", ["en-US", "es-MX", "de-DE", "fr-CA", "ja-JP"])
@pytest.mark.parametrize("transfer_to", ["+14155550100", None])
def test_help_is_one_plain_text_in_every_language(stage: Stage, locale: str, transfer_to: str | None) -> None:
    stage.business = replace(stage.business, locale=locale, transfer_to=transfer_to, name="Praxis „Müller“\n{transfer}")

    answer = stage.reply("help") or ""

    assert gsm_segments(answer).count == 1
    assert "\n" not in answer
    assert "STOP" in answer
    assert ("+14155550100" in answer) is (transfer_to is not None)


def test_no_answer_asks_for_a_word_that_would_stop_everything_by_surprise() -> None:
    for language in ("en", "es", "de", "fr"):
        said = help_text(language=language, business="B", transfer_to=None).replace("STOP", "")
        assert [word for word in said.split() if meaning_of(word) is Meaning.STOP] == []


@pytest.mark.parametrize(
    ("sorted_as", "stopped"), [(Meaning.STOP, {PHONE}), (Meaning.START, set()), (Meaning.HELP, set())]
)
def test_the_sender_s_own_reading_of_a_reply_wins(stage: Stage, sorted_as: Meaning, stopped: set[str]) -> None:
    stage.reply("genug", sorted_as=sorted_as)

    assert stage.records.stopped == stopped
    assert stage.told[-1] == ("sms_reply", {"meaning": sorted_as.value})


def test_a_late_repetition_of_stop_does_not_undo_a_start(stage: Stage) -> None:
    stage.reply("STOP", sid=SID)
    stage.reply("START", sid=OTHER_SID)
    told = list(stage.told)

    stage.reply("STOP", sid=SID)

    assert stage.records.stopped == set()
    assert stage.told == told


def test_a_repeated_question_is_answered_again(stage: Stage) -> None:
    first, again = stage.reply("help"), stage.reply("help")

    assert first
    assert again == first
    assert stage.names() == ["sms_reply"]


def test_a_stop_that_was_cut_off_is_done_when_it_comes_again(stage: Stage) -> None:
    stage.inbox.cut_off = True
    with pytest.raises(KeyboardInterrupt):
        stage.reply("STOP")
    stage.inbox.cut_off = False

    stage.reply("STOP")

    assert stage.records.stopped == {PHONE}
    assert set(stage.inbox.events) == {("twilio", SID)}


def test_nothing_that_is_told_names_a_person(stage: Stage) -> None:
    for number, text in enumerate(["STOP", "START", "HELP", "it is Ana, call +14155550166"]):
        stage.reply(text, sid=f"SM{number}")
    for status in ("sent", "failed"):
        stage.report(status, code=21610)
        stage.report(status, code=21610, key="x")

    told = str(stage.told)
    assert len(stage.told) > 6
    assert [word for word in (PHONE, "Ana", "5550166", SID) if word in told] == []
